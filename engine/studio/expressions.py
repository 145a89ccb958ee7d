"""An expression as somebody writes it in an editor: what the engine cannot read in it, and what it may call."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from lxml import etree

from engine.case.unknown_facts import facts_given, facts_in, facts_written, said_of
from engine.feel import FeelError, compile_expression, compile_unary_tests
from engine.feel.builtins import BUILTINS
from engine.frozen import frozen
from engine.history import JSON
from engine.studio.canonical import read_xml
from engine.studio.workspace import kind_of
from engine.working_days import DESCRIPTIONS, EXTENSIONS

_WORD = re.compile(r"\w+|\S")


@frozen
class Remark:
    """What there is to say of a place in an expression; start and end count characters from 0."""

    start: int
    end: int
    message: str
    mend: str
    severity: str = "refusal"


def remarks_on(text: str, path: str, files: Mapping[str, bytes], *, tests: bool = False) -> list[Remark]:
    """What there is to say of an expression of a draft: that it cannot be read, or what it reads in vain."""
    names = names_of(path, files.get(path, b""))
    refused = read_as_written(text, tests=tests, names=names)
    if refused is not None:
        return [refused]
    compiled = (compile_unary_tests if tests else compile_expression)(text, names=names, extensions=EXTENSIONS)
    reads = list(dict.fromkeys(facts_in([compiled])))
    known = facts_written(files) if reads else frozenset()
    if not known.issuperset(reads):
        known |= facts_given(files)
    return [_in_vain(text, fact, known) for fact in reads if fact not in known]


def _in_vain(text: str, fact: str, known: Collection[str]) -> Remark:
    said = re.search(rf"\bcase\s*\.\s*{re.escape(fact)}\b", text)
    return Remark(*(said.span() if said else (0, len(text))), *said_of(fact, known), "advice")


def read_as_written(text: str, *, tests: bool = False, names: Collection[str] = ()) -> Remark | None:
    """Why the engine cannot read an expression, at the place where it stops making sense; None where it can.

    tests  a cell of a table is read as tests of its input (DMN 1.5, grammar rule 12), `-` among them
    names  names that hold spaces, as tables give them
    """
    try:
        (compile_unary_tests if tests else compile_expression)(text, names=names, extensions=EXTENSIONS)
    except FeelError as error:
        return Remark(*_place(text, error.position), error.message, error.mend)
    return None


def _place(text: str, position: int) -> tuple[int, int]:
    """The word at a position; at the end of the text its last sign, so that there is something to mark."""
    word = _WORD.search(text, position)
    if word is None or word.start() > position + 1:
        last = len(text.rstrip())
        return max(0, last - 1), last
    return word.span()


def names_of(path: str, body: bytes) -> frozenset[str]:
    """Every name that a table gives to what its expressions read, whether or not it holds spaces."""
    if kind_of(path) != "table":
        return frozenset()
    try:
        root = read_xml(body)
    except (ValueError, etree.XMLSyntaxError):
        return frozenset()
    return frozenset(str(node.get("name")) for node in root.iter("*") if node.get("name"))


def functions() -> list[JSON]:
    """Every function that an expression may call: {name, params, info}, info being '' for those of FEEL itself."""
    own = {name: list(function.parameters) for name, function in EXTENSIONS.items()}
    known = {name: [each.name for each in builtin.forms[0].parameters] for name, builtin in BUILTINS.items()} | own
    return [
        {
            "name": name,
            "params": [{"name": each} for each in parameters],
            "info": " ".join(DESCRIPTIONS.get(name, ())[:1]),
        }
        for name, parameters in sorted(known.items())
    ]
