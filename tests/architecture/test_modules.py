"""One module, one idea: each says it, and none grows past what one idea needs."""

from __future__ import annotations

import ast
import re

from tests.architecture.tree import modules, parsed, short

LONGEST = 400

#: Modules that are longer, and why the idea cannot be split.
LONG = {
    "engine/store/database.py": "reading, looking and writing share a thread's one connection and its errors",
    "engine/dmn/evaluate.py": "what a file must be and how it is asked read the same compiled graph",
}

#: Words that say nothing about what a thing does for a case.
EMPTY_WORDS = re.compile(r"(Manager|Helper|Util|Utils|Processor|Wrapper|Misc)s?$")
EMPTY_MODULES = {"utils", "util", "helpers", "helper", "misc", "common", "base", "core", "data", "manager"}

#: Where a clock or chance is allowed inside the engine, and why.
OUTSIDE_WORLD = {
    "engine/clock.py": "the one clock",
    "engine/commands/opening.py": "the outermost edge: a command typed in a terminal gets its id there",
    "engine/store/sealing.py": "nonces of sealed payloads; nothing that a case's state depends on",
}

CLOCKS_AND_CHANCE = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns", "time.localtime",
    "uuid.uuid1", "uuid.uuid4", "uuid4", "uuid1", "os.urandom", "urandom",
}  # fmt: skip


def test_a_module_says_its_idea():
    """The docstring of a module begins with one sentence, in its first paragraph."""
    silent = [
        short(path)
        for path in modules("engine", "webhooks", "tests/support")
        if not (ast.get_docstring(parsed(path)) or "").split("\n\n")[0].rstrip().endswith((".", ":"))
    ]
    assert [] == silent


def test_a_module_stays_within_one_idea():
    """A module of more than 400 lines is split, or listed here with the reason why not."""
    lengths = {
        short(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules("engine", "webhooks")
    }
    long = {name for name, lines in lengths.items() if lines > LONGEST and "/migrations/" not in name}

    assert set() == long - set(LONG), "Split these, or say in LONG why not."
    assert set(LONG) <= set(lengths), "These are gone: take them out of LONG."


def test_names_say_what_a_thing_is():
    """No class is a Manager or a Helper, and no module is called utils."""
    empty = [
        f"{short(path)}: {node.name}"
        for path in modules("engine", "webhooks")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef) and EMPTY_WORDS.search(node.name)
    ]
    empty += [short(path) for path in modules("engine", "webhooks") if path.stem in EMPTY_MODULES]
    assert [] == empty


def test_time_and_chance_are_handed_in():
    """Inside the engine nothing asks the clock or rolls dice, except the modules named here with their reason."""
    asked = {
        short(path): [f"line {node.lineno}: {ast.unparse(node.func)}" for node in ast.walk(parsed(path)) if _asks(node)]
        for path in modules("engine")
    }
    assert {} == {name: lines for name, lines in asked.items() if lines and name not in OUTSIDE_WORLD}


def test_no_text_becomes_python():
    """Only the FEEL compiler calls compile, exec or eval; nothing unpickles."""
    found = [
        f"{short(path)}:{node.lineno}"
        for path in modules("engine", "webhooks")
        for node in ast.walk(parsed(path))
        if _makes_code(node) and short(path) != "engine/feel/compiler.py"
    ]
    assert [] == found


def test_an_ignored_warning_names_its_code_and_reason():
    """`# type: ignore` and `# noqa` name the rule they switch off."""
    bare = re.compile(r"#\s*(type:\s*ignore(?!\[)|noqa(?!:))")
    found = [
        f"{short(path)}:{number}"
        for path in modules("engine", "webhooks")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if bare.search(line)
    ]
    assert [] == found


def _asks(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    words = ast.unparse(node.func)
    last_two = ".".join(words.split(".")[-2:])
    return last_two in CLOCKS_AND_CHANCE or words.split(".")[0] in {"random", "secrets"}


def _makes_code(node: ast.AST) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
        return bool({"pickle", "marshal", "shelve", "dill"} & {name.split(".")[0] for name in names})
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"compile", "exec", "eval"}
    )
