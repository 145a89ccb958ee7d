"""Documents say what the code does: each is checked against it."""

from __future__ import annotations

import dataclasses
import re
import tomllib

from engine.policy_book import written
from tests.architecture.tree import ROOT, modules, short, tracked

GLOSSARY = ROOT / "docs" / "glossary.md"


def _rows(text: str) -> list[list[str]]:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return rows[2:]


def test_the_glossary_is_in_order_and_says_each_word_once():
    """A reader finds a word by its letter."""
    words = [row[0] for row in _rows(GLOSSARY.read_text())]

    assert sorted(set(words), key=str.lower) == words


def test_every_meaning_in_the_glossary_is_one_sentence():
    """One sentence a word: more belongs in a document of its own."""
    long = [row[0] for row in _rows(GLOSSARY.read_text()) if not row[1].endswith(".") or ". " in row[1]]
    assert [] == long


def test_every_word_of_the_glossary_is_used():
    """A word that neither the code nor a diagram uses any more is taken out."""
    text = "\n".join(
        path.read_text(encoding="utf-8").lower().replace("_", " ").replace("\n", " ")
        for path in tracked()
        if path.suffix in {".py", ".bpmn", ".dmn", ".form", ".toml", ".html", ".md"} and path != GLOSSARY
    )
    text += " ".join(
        re.sub(r"(?<!^)(?=[A-Z])", " ", word).lower() for word in set(re.findall(r"\b[A-Z]\w+[a-z]\b", text))
    )
    unused = [
        row[0]
        for row in _rows(GLOSSARY.read_text())
        if not all(word[:6] in text for word in re.findall(r"[a-z]+", row[0].lower()))
    ]
    assert [] == unused


def test_every_link_leads_somewhere():
    """A link to a file of the tree names a file that is there; letters hold expressions, not links."""
    missing = [
        f"{short(document)}: {link}"
        for document in tracked()
        if document.suffix == ".md" and not short(document).startswith("processes/")
        for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
        if "://" not in link and not (document.parent / link).exists()
    ]
    assert [] == missing


def test_every_document_is_listed():
    """docs/README.md leads to every document."""
    index = (ROOT / "docs" / "README.md").read_text()
    documents = [path for path in tracked() if short(path).startswith("docs/") and path.suffix == ".md"]
    unlisted = [
        short(path)
        for path in documents
        if path.name != "README.md"
        and path.parent.name != "adr"
        and f"({path.relative_to(ROOT / 'docs').as_posix()})" not in index
    ]
    assert [] == unlisted


def test_decisions_are_numbered_and_say_context_choice_and_cost():
    """One page for a choice that is hard to undo: context, choice, cost."""
    pages = sorted(path for path in tracked() if path.parent == ROOT / "docs" / "adr")

    assert [f"{number:04}" for number in range(1, len(pages) + 1)] == [page.name[:4] for page in pages]
    for page in pages:
        assert ["## Context", "## Choice", "## Cost"] == re.findall(r"^## .*$", page.read_text(), re.MULTILINE), short(
            page
        )


def test_every_setting_is_documented():
    """docs/settings.md names every field of Settings and every variable that is read from the environment."""
    from webhooks.settings import Settings

    document = (ROOT / "docs" / "settings.md").read_text()
    named = set(re.findall(r"^\| `(\w+)` \|", document, re.MULTILINE))
    fields = {field.name for field in dataclasses.fields(Settings)}
    texts = [path.read_text(encoding="utf-8") for path in modules("engine", "webhooks")]
    environment = {name for text in texts for name in re.findall(r"\bPATHWAYS_[A-Z]+(?:_[A-Z]+)*\b", text)}
    environment |= {f"PATHWAYS_{name}" for text in texts for name in re.findall(r"\bsaid\(\"([A-Z_]+)\"", text)}
    assert fields | environment <= named
    assert {"CHROMIUM", "TEST_DATABASE_URL"} == named - fields - environment


def test_make_help_lists_every_target():
    """Every target that people call has a sentence after ##."""
    makefile = (ROOT / "Makefile").read_text()
    phony = next(line for line in makefile.splitlines() if line.startswith(".PHONY:")).split()[1:]

    assert sorted(phony) == sorted(re.findall(r"^([a-z]+):.*?## ", makefile, re.MULTILINE))


def test_every_make_target_in_a_document_exists():
    """A command that a document tells people to type is one that make knows."""
    makefile = (ROOT / "Makefile").read_text()
    known = set(re.findall(r"^([a-z]+):.*?## ", makefile, re.MULTILINE))
    told = {
        word
        for path in tracked()
        if path.suffix == ".md"
        for word in re.findall(r"(?:`|^    )make ([a-z]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert set() == told - known


def test_the_change_log_is_for_councils():
    """The version in pyproject.toml has its heading, and entries are sentences."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    log = (ROOT / "CHANGELOG.md").read_text()

    assert f"## {version}" in log
    entries = re.findall(r"^- (.*(?:\n  .*)*)", log, re.MULTILINE)
    assert [] == [entry for entry in entries if not entry.rstrip().endswith(".")]


def test_every_command_in_a_document_exists():
    """A `pathways` command that a document tells people to type is one that the program knows."""
    from engine.commands import main

    told = {
        word
        for path in tracked()
        if path.suffix == ".md"
        for word in re.findall(r"(?:`|^    |/)pathways ([a-z]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert set() == told - set(main.commands)


def test_every_ring_of_tests_is_described():
    """docs/testing.md has a row for each folder of tests."""
    folders = {path.relative_to(ROOT).parts[1] for path in (ROOT / "tests").rglob("test_*.py")}
    described = set(re.findall(r"\| tests/(\w+) \|", (ROOT / "docs" / "testing.md").read_text()))

    assert set() == folders - described


def test_the_pathways_are_written_down_as_they_stand():
    """docs/policies.md is what `pathways policies --write docs/policies.md` writes."""
    assert (ROOT / "docs" / "policies.md").read_text(encoding="utf-8") == written(ROOT / "processes")
