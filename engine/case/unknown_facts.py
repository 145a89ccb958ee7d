"""Facts that a pathway reads and nothing ever writes: a misspelt name stands for ever empty, and nobody is told."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from engine.case.facts import DERIVED, PLAN_FACTS, UNKNOWN_CASE
from engine.errors import EngineError, Finding
from engine.execution.formulas import read_formula
from engine.feel import Expression, UnaryTests, compile_expression, compile_unary_tests
from engine.forms.words import read_words
from engine.letters import read_letter
from engine.letters.rendering import facts_read
from engine.pathways.written import cells, conditions, formulas_drawn, lists_gone_through, recorded
from engine.working_days import EXTENSIONS

#: What every case says, whatever is recorded of it.
ALWAYS = frozenset(UNKNOWN_CASE) | DERIVED | PLAN_FACTS | {"case_id", "authority"}
_CASE = "case."
#: A list of the case as it stands, or some of it.
_WHOLE_LIST = re.compile(r"\s*=\s*case\s*\.\s*(\w+)\s*(?:\[.*\]\s*)?$", re.DOTALL)
_MEND = "Correct the name, or let a step record it: a service task of type record_facts with an input of that name."


@dataclass(frozen=True, slots=True)
class Reading:
    """A fact that one place of a file reads: the place's id or line, and its name where it has one."""

    fact: str
    place: str | None = None
    name: str | None = None


def facts_written(files: Mapping[str, bytes]) -> frozenset[str]:
    """Every fact that a case may come to hold: the catalogue's own, and what a step of these files records."""
    return ALWAYS.union(*(_recorded(path, body) for path, body in files.items() if path.endswith(".bpmn")))


def facts_given(folder: Mapping[str, bytes]) -> frozenset[str]:
    """The facts with which the scenarios of a folder open their cases: somebody outside the pathways records them."""
    return frozenset[str]().union(
        *(_given(body) for path, body in folder.items() if "/scenarios/" in path and path.endswith(".toml"))
    )


def unknown_facts(files: Mapping[str, bytes], folder: Mapping[str, bytes]) -> list[Finding]:
    """Advice for each place of these files that reads a fact which nothing in the authority's whole folder knows."""
    written = facts_written({**folder, **files})
    found = [(path, one) for path, body in files.items() for one in facts_of(path, body) if one.fact not in written]
    if found:
        written |= facts_given(folder)
    strange = [
        Finding("advice", path, one.place, one.name, *said_of(one.fact, written))
        for path, one in found
        if one.fact not in written
    ]
    return strange + [
        each for path, body in files.items() if path.endswith(".bpmn") for each in _never_asked(path, body)
    ]


def _never_asked(path: str, body: bytes) -> Iterator[Finding]:
    """Advice where something is done for each of a list that reads as empty both where there is none and unrecorded.

    No case says which of the two it is (docs/adr/0003-history-format.md: what was recorded keeps its form), so that the
    diagram has to ask; where an arrow of it reads the list, it does.
    """
    for text, place, name in lists_gone_through(body):
        whole = _WHOLE_LIST.match(text)
        if whole is None or UNKNOWN_CASE.get(whole[1]) != []:
            continue
        if any(re.search(rf"\bcase\s*\.\s*{whole[1]}\b", condition) for condition in conditions(body)):
            continue
        message = (
            f"It is done for each of case.{whole[1]}; where nobody recorded any, it is passed by and nobody is told."
        )
        mend = f"Ask before it whether count(case.{whole[1]}) = 0, and let somebody look there."
        yield Finding("advice", path, place, name, message, mend)


def said_of(fact: str, written: Collection[str]) -> tuple[str, str]:
    """What is wrong with a fact that nothing writes, and the mend."""
    near = nearest(fact, written)
    message = f"It reads case.{fact}, which is no fact of a case and which no step of any pathway here records."
    return message, f"{f'Is case.{near} meant? ' if near else ''}{_MEND}"


def nearest(fact: str, known: Collection[str]) -> str | None:
    """The known name that a fact's name may be meant as, None where none is near."""
    return next(iter(get_close_matches(fact, sorted(known), n=1, cutoff=0.7)), None)


def facts_known(files: Mapping[str, bytes]) -> frozenset[str]:
    """Every fact that something in these files reads or records, and what every case says."""
    return facts_written(files).union(one.fact for path, body in files.items() for one in facts_of(path, body))


def strange_to_scenarios(folder: Mapping[str, bytes]) -> list[Finding]:
    """Advice for each fact that a scenario of a folder gives its case, and that nothing in that folder knows."""
    given = {path: facts for path, body in folder.items() if "/scenarios/" in path and (facts := _given(body) - ALWAYS)}
    known = facts_known({path: body for path, body in folder.items() if path not in given}) if given else ALWAYS
    return [
        Finding("advice", path, None, None, *_said_of_given(fact, known))
        for path, facts in given.items()
        for fact in sorted(facts - known)
    ]


def _said_of_given(fact: str, known: Collection[str]) -> tuple[str, str]:
    near = nearest(fact, known)
    message = f"It gives its case the fact {fact}, which no pathway here reads or records, so that it says nothing."
    return message, f"Write {near}, if that is meant." if near else "Correct the name, or leave it out."


@lru_cache(maxsize=4_096)
def _given(scenario: bytes) -> frozenset[str]:
    try:
        facts = tomllib.loads(scenario.decode("utf-8"))["given"]["case"]
    except (ValueError, KeyError, TypeError):
        return frozenset()
    return frozenset(facts) if isinstance(facts, dict) else frozenset()


@lru_cache(maxsize=4_096)
def facts_of(path: str, body: bytes) -> tuple[Reading, ...]:
    """The facts of the case that a diagram, table, form or letter reads; none where it cannot be read."""
    reader = _READERS.get(path.rpartition(".")[2])
    return () if reader is None else tuple(dict.fromkeys(reader(path, body)))


def facts_in(expressions: Iterable[Expression | UnaryTests | None]) -> Iterator[str]:
    """The facts that some expressions read, by their names below `case`."""
    for expression in expressions:
        for read in sorted(facts_read(expression)) if expression is not None else ():
            if read.startswith(_CASE):
                yield read.removeprefix(_CASE).partition(".")[0]


@lru_cache(maxsize=1_024)
def _recorded(path: str, body: bytes) -> frozenset[str]:
    return recorded(body)


def _in_diagram(path: str, body: bytes) -> Iterator[Reading]:
    for text, place, name in formulas_drawn(body):
        try:
            expression = read_formula(text).expression
        except EngineError:
            continue  # What cannot be read is refused by the checks, with its place.
        for fact in facts_in([expression]):
            yield Reading(fact, place, name)


def _in_table(path: str, body: bytes) -> Iterator[Reading]:
    for text, is_entry, decision in cells(body):
        compiled = compile_unary_tests if is_entry else compile_expression
        try:
            expression = compiled(text, extensions=EXTENSIONS)
        except EngineError:
            continue
        for fact in facts_in([expression]):
            yield Reading(fact, decision)


def _in_form(path: str, body: bytes) -> Iterator[Reading]:
    try:
        yield from _in_component(json.loads(body), None)
    except (ValueError, RecursionError):
        return


def _in_component(part: Any, key: str | None) -> Iterator[Reading]:
    if isinstance(part, dict):
        own = part.get("key") or part.get("id") or key
        for inner in part.values():
            yield from _in_component(inner, own if isinstance(own, str) else key)
    elif isinstance(part, list):
        for inner in part:
            yield from _in_component(inner, key)
    elif isinstance(part, str) and _CASE in part:
        try:
            if part.startswith("="):
                expressions = [compile_expression(part[1:].strip(), extensions=EXTENSIONS)]
            else:
                expressions = [each for each in read_words(part).parts if not isinstance(each, str)]
        except EngineError:
            return
        for fact in facts_in(expressions):
            yield Reading(fact, key)


def _in_letter(path: str, body: bytes) -> Iterator[Reading]:
    try:
        letter = read_letter(body, path)
    except EngineError:
        return
    lines = body.decode("utf-8").splitlines()
    for paragraph in letter.paragraphs:
        parts = [paragraph.condition, *(part for part in paragraph.parts if not isinstance(part, str))]
        for fact in facts_in(parts):
            said = re.compile(rf"\bcase\s*\.\s*{re.escape(fact)}\b")
            line = next((number for number, text in enumerate(lines, 1) if said.search(text)), None)
            yield Reading(fact, None if line is None else f"line {line}")


_READERS = {"bpmn": _in_diagram, "dmn": _in_table, "form": _in_form, "md": _in_letter}
