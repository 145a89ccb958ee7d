"""The guides for analysts say what happens: every example in them is run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from engine.calendars import england_calendar
from engine.errors import AnswersRefused
from engine.feel import Environment
from engine.forms import Form, read_form
from engine.letters import LetterTemplate, read_letter, render
from engine.working_days import DESCRIPTIONS, EXTENSIONS

DOCS = Path(__file__).parents[2] / "docs"
NOW = Environment(now=datetime(2026, 3, 2, 12, tzinfo=UTC), extras={"calendar": england_calendar()})


def blocks(document: str) -> Iterator[tuple[str, str]]:
    """The fenced blocks of a document: the words after the fence, and what stands inside."""
    text = (DOCS / document).read_text(encoding="utf-8")
    yield from re.findall(r"^```(\w[^\n]*)\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL)


def test_every_example_of_a_form_is_true():
    """docs/writing-forms.md: what it says is kept is kept, and what it says is refused is refused in those words."""
    form: Form | None = None
    scope: Mapping[str, Any] = {}
    told: list[str] = []
    ran = 0
    for kind, content in blocks("writing-forms.md"):
        if kind == "json form":
            form, scope = read_form(content.encode(), "guide.form"), {}
        elif kind == "json case":
            case = orjson.loads(content)
            scope = {"case": case, "parameters": case.get("parameters", {}), **case.get("variables", {})}
        elif kind == "json answers":
            assert form is not None
            try:
                told = [orjson.dumps(form.check(orjson.loads(content), scope, NOW)).decode()]
            except AnswersRefused as refused:
                told = [f"{problem.field}: {problem.message}" for problem in refused.problems]
        elif kind == "json kept":
            assert [orjson.loads(line) for line in told] == [orjson.loads(content)]
            ran += 1
        else:
            assert kind == "text refused"
            assert told == content.splitlines()
            ran += 1
    assert ran == 6


def test_every_example_of_a_letter_is_true():
    """docs/writing-letters.md: each case gives the draft that stands below it."""
    letter: LetterTemplate | None = None
    scope: Mapping[str, Any] = {}
    withheld: dict[str, frozenset[str]] = {}
    ran = 0
    for kind, content in blocks("writing-letters.md"):
        if kind == "letter":
            letter = read_letter(f"{content}\n".encode(), "guide.md")
        elif kind == "json withheld":
            withheld = {fact: frozenset(lists) for fact, lists in orjson.loads(content).items()}
        elif kind == "json scope":
            scope = orjson.loads(content)
        else:
            assert kind == "markdown draft" and letter is not None
            assert render(letter, scope, NOW, withheld).text == content
            ran += 1
    assert ran == 3


def test_every_calendar_function_is_in_the_guide():
    """docs/counting-days.md lists each function as it is, and its examples are those that the tests run."""
    rows = [
        f"| `{name}({', '.join(EXTENSIONS[name].parameters)})` | {use} | `{example}` | `{gives}` |"
        for name, (use, example, gives) in DESCRIPTIONS.items()
    ]
    text = (DOCS / "counting-days.md").read_text(encoding="utf-8")

    assert [line for line in text.splitlines() if line.startswith("| `")] == rows
