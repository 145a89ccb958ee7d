"""An expression as somebody writes it in an editor: what the engine cannot read in it, and what it may call."""

from __future__ import annotations

import re
from collections.abc import Collection

from lxml import etree

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
