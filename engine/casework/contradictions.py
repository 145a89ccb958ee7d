"""What is told is held against the case before a command is written, whoever it comes from ([product]).

A command that would leave facts behind that cannot all be true is refused with the reason and the mend, and nothing is
changed: on a page and in the API whoever typed it is told, a row of an import is refused, and a signed message becomes
a dead letter that a person sees. Facts that contradicted one another before the check was there end no plan until they
are put right. History is never asked: what was recorded replays for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from engine.calendars import eighteenth_birthday
from engine.case.clashes import Facts, contradictions, day_of
from engine.case.facts import ENDED, FactsRefused
from engine.casework.ordering import OCCURRED, occurred_on
from engine.errors import FieldProblem, Refused
from engine.execution import DeliverMessage
from engine.history import JSON, Event

_EARLIEST: Final = date(1990, 1, 1)


class Contradicts(FactsRefused):
    """What was told cannot all be true; nothing was changed, and each problem names its fact and the mend."""


def refuse_contradictions(before: Facts, after: Facts, events: Iterable[Event], today: date) -> None:
    """Raise Contradicts where a command would leave facts that it wrote in contradiction, or end a plan on any such.

    What contradicted itself before, and was not touched, hinders nothing else: somebody has to be able to mend it.
    """
    if before == after:
        return
    broken = contradictions(after, today)
    ends = after.get("plan_status") == ENDED and any(event.kind == "PlanEnded" for event in events)
    written = [rule for rule in broken if ends or any(before.get(fact) != after.get(fact) for fact in rule.facts)]
    if written:
        raise Contradicts([FieldProblem(rule.fact, rule.sentence) for rule in written])


class Unfit(Refused):
    """A message says what the step that waits for it cannot go on with; nothing was changed, and the step waits on."""


def refuse_unfit(case_id: str, name: JSON, events: Iterable[Event]) -> None:
    """Raise Unfit where a message would stop the step that it reached, so that the right one may still come."""
    for event in events:
        if event.kind == "IncidentRaised" and event.body["held"][0] == DeliverMessage.__name__:
            raise Unfit(
                f"Message {name} does not fit the step of case {case_id} that waits for it: {event.body['message']} "
                "The step goes on waiting. Send it with values that can be read."
            )


def check_life_event(name: str, payload: Mapping[str, JSON], received_on: str, facts: Facts, today: date) -> None:
    """Raise Contradicts where something cannot have happened on that day, or not to this child as recorded.

    What it would change is compared with the other facts by `refuse_contradictions`.
    """
    problems = _impossible_days({each: payload.get(each) for each in OCCURRED}, today)
    day = occurred_on(name, payload, received_on)
    unforeseen = {"ChildDied": day, "ChildBorn": payload.get("dob")}.get(name)
    if not problems and isinstance(unforeseen, str) and unforeseen > received_on:
        # A move may be told of before it happens; a death or a birth is not.
        problems.append(
            FieldProblem("received_on", "lies before the day on which it happened. Look which of the two is right.")
        )
    died = facts.get("date_of_death")
    if facts.get("deceased") is True and name != "ChildDied" and (died is None or day > died):
        problems.append(
            FieldProblem(
                "deceased",
                "The record says that the child had died by then. If that is wrong, put it right first; "
                "if this happened before the death, say on which day.",
            )
        )
    known, said = facts.get("dob"), payload.get("dob")
    if name == "ChildBorn" and facts.get("unborn") is not True and known is not None and said not in (None, known):
        problems.append(
            FieldProblem(
                "dob", "The record says that the child was born on another day. Put that right if it is wrong."
            )
        )
    if problems:
        raise Contradicts(problems)


def day_received(received_on: str | None, today: date) -> str:
    """The day on which something counts as received: today where nobody says. Raises Contradicts."""
    if received_on is None:
        return today.isoformat()
    problems = _impossible_days({"received_on": received_on}, today)
    if problems:
        raise Contradicts(problems)
    return received_on


def _impossible_days(said: Mapping[str, JSON], today: date) -> list[FieldProblem]:
    problems = []
    for name, value in said.items():
        if value is None:
            continue
        day = day_of(value) if isinstance(value, str) and len(value) == 10 else None
        if day is None or day < _EARLIEST:
            problems.append(FieldProblem(name, "must be a real date, year-month-day, from 1990 on."))
        elif day > today:
            problems.append(FieldProblem(name, "lies in the future. Record it once it has happened."))
    return problems


def with_what_follows(facts: Mapping[str, JSON], known: Facts, today: date) -> dict[str, JSON]:
    """The facts to be recorded and what follows from them.

    A death that is taken back takes its day with it; a birth date that makes the child younger than 18 takes back that
    the child turned 18; one that is known no more leaves open whether the child did.
    """
    right = dict(facts)
    if facts.get("deceased") is False and known.get("date_of_death") is not None:
        right.setdefault("date_of_death", None)
    born = day_of(facts.get("dob"))
    if known.get("turned_18") is True and born is not None and eighteenth_birthday(born) > today:
        right.setdefault("turned_18", False)
    elif known.get("turned_18") is True and known.get("dob") is not None and facts.get("dob", ...) is None:
        right.setdefault("turned_18", None)
    return right
