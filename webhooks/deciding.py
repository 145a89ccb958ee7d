"""What tables decided in a case: each answer, the row that gave it, and what that row read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.casework import CaseView
from webhooks import diagrams, facts
from webhooks.story import Names
from webhooks.words import coded, said


@dataclass(frozen=True, slots=True)
class Line:
    """One answer of one table."""

    title: str
    at: datetime
    answer: str
    row: str
    clauses: tuple[tuple[str, str], ...]
    label: str
    read: tuple[tuple[str, str], ...]


def decisions(case: CaseView, instance: int, names: Names) -> list[Line]:
    """Every decision of a pathway, in the order they were made."""
    return [
        _line(event.body, process, entry.at, case, names)
        for entry in case.timeline
        for event, process in entry.placed()
        if event.kind == "DecisionMade" and event.body.get("instance") == instance
    ]


def _line(body: Mapping[str, Any], process: str, at: datetime, case: CaseView, names: Names) -> Line:
    rules = [rule for rule in body.get("rules") or () if rule.get("decision") == body["decision"]]
    notes = [note for rule in rules if (note := case.rows.get((rule["decision"], rule["row"]))) is not None]
    rows = ", ".join(f"row {rule['row']}" for rule in rules)
    words = "; ".join(note.words for note in notes if note.words)
    clauses = tuple({name: case.clauses.get(name, "") for note in notes for name in note.clauses}.items())
    read: dict[str, str] = {}
    for table in (body.get("inputs") or {}).values():
        read.update({_called(text): _value(text, value) for text, value in table.items()})
    return Line(
        names.element(body["element"], process),
        at,
        answer_in_words(body["result"]),
        f"{rows.capitalize()} of {diagrams.in_words(body['decision'])}{': ' + words if words else ''}" if rows else "",
        clauses,
        next((note.label for note in notes if note.label), ""),
        tuple(read.items()),
    )


def answer_in_words(result: Any) -> str:
    """What a table answered, without what it left empty."""
    if isinstance(result, Mapping):
        return "; ".join(
            f"{diagrams.in_words(name)}: {said(coded(value))}"
            for name, value in result.items()
            if value not in (None, "")
        )
    if isinstance(result, list):
        return "; ".join(answer_in_words(one) for one in result) or "Nothing"
    return said(coded(result))


def _called(text: str) -> str:
    """What an input expression is called: the fact's label where it is one, else its words."""
    name = text.strip().removeprefix("case.")
    return facts.label(name) if name in facts.FACTS else diagrams.in_words(name.replace(".", " "))


def _value(text: str, value: Any) -> str:
    name = text.strip().removeprefix("case.")
    if name in facts.FACTS and not isinstance(value, bool):
        return facts.say(name, value)
    return "Not known" if value is None else said(value)
