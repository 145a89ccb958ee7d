"""The facts of a case (policies' case file): their names, what they may hold, and what follows from them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from engine.calendars import age_on, eighteenth_birthday, london_date
from engine.errors import FieldProblem, Refused
from engine.history import JSON
from engine.one_line import NO_NAME, is_a_name

LEGAL_STATUSES = ("none", "s20", "police_protection", "epo", "ico", "co", "other_order")
PLACEMENTS = ("home", "away_foster", "away_kin", "away_residential", "parent_child_unit")
ACTIVE, ENDED = "ACTIVE", "ENDED"

#: A child in one of these is looked after by the authority (Children Act 1989, sections 20, 21, 22 and 31).
LOOKED_AFTER = frozenset({"s20", "police_protection", "epo", "ico", "co"})

#: Only the step that ends a plan and a recorded reinstatement write these.
PLAN_FACTS = frozenset({"plan_status", "plan_end_date", "plan_end_outcome", "plan_end_decided_on", "plan_end_reason"})

#: Follow from other facts and the command's time; nobody records them.
DERIVED = frozenset({"age", "looked_after", "correction_open", "report_open", "contradicted"})

LIFE_EVENTS = (
    "ChildDied",
    "ChildTurned18",
    "ChildBorn",
    "PlacementChanged",
    "LegalStatusChanged",
    "RemovedFromS20",
    "MovedOutOfArea",
    "LeftUK",
    "ReturnedToUK",
    "ReturnedToArea",
)

_NAME = re.compile(r"^[a-z][a-z0-9_]{0,63}$")
_EARLIEST = date(1990, 1, 1)


class FactsRefused(Refused):
    """Facts of a case were absurd or may not be written; each problem names its fact."""

    def __init__(self, problems: list[FieldProblem]) -> None:
        super().__init__("The facts were not accepted: " + " ".join(f"{p.field}: {p.message}" for p in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class _Kind:
    says: str
    holds: Callable[[JSON], bool]


def _is_date(value: JSON) -> bool:
    if not isinstance(value, str) or len(value) != 10:
        return False
    try:
        return date.fromisoformat(value) >= _EARLIEST
    except ValueError:
        return False


def _one_of(*options: str) -> _Kind:
    return _Kind("must be one of " + ", ".join(options) + ".", lambda value: value in options)


_DATE = _Kind("must be a real date, year-month-day, from 1990 on.", _is_date)
_YES_NO = _Kind("must be true or false.", lambda value: isinstance(value, bool))
_COUNT = _Kind("must be a whole number from 0.", lambda v: isinstance(v, int) and not isinstance(v, bool) and v >= 0)
_TEXT = _Kind("must be text of at most 500 characters.", lambda v: isinstance(v, str) and len(v) <= 500)
_TEXTS = _Kind(
    "must be a list of texts, each of at most 500 characters.",
    lambda v: isinstance(v, list) and len(v) <= 200 and all(isinstance(item, str) and len(item) <= 500 for item in v),
)

#: SH-1. Every fact may also be null: not known.
FACTS: dict[str, _Kind] = {
    "child_ref": _TEXT,
    "name": _TEXT,
    "dob": _DATE,
    "edd": _DATE,
    "unborn": _YES_NO,
    "sibling_case_ids": _TEXTS,
    "policy": _TEXT,
    "policy_version": _TEXT,
    "plan_start_date": _DATE,
    "icpc_date": _DATE,
    "icpc_invitees": _TEXTS,
    "cprc_parties": _TEXTS,
    "current_agencies": _TEXTS,
    "core_group": _TEXTS,
    "parents": _TEXTS,
    "next_review_conference_date": _DATE,
    "last_review_conference_date": _DATE,
    "next_cla_review_date": _DATE,
    "last_cla_review_date": _DATE,
    "reviews_held": _COUNT,
    "cla_start_date": _DATE,
    "cla_reviews_since_plan": _COUNT,
    "legal_status": _one_of(*LEGAL_STATUSES),
    "plo_active": _YES_NO,
    "care_proceedings": _YES_NO,
    "placement": _one_of(*PLACEMENTS),
    "plan_status": _one_of(ACTIVE, ENDED),
    "plan_end_date": _DATE,
    "plan_end_decided_on": _DATE,
    "deceased": _YES_NO,
    "date_of_death": _DATE,
    "left_uk": _YES_NO,
    "moved_out_of_area": _YES_NO,
    "living_outside_area": _YES_NO,
    "placed_outside_by_authority": _YES_NO,
    "care_planning_arrangements": _YES_NO,
    "s20_stable": _YES_NO,
    "turned_18": _YES_NO,
}

#: The facts a new case starts with; null is "not known", and unknown never ends a plan.
UNKNOWN_CASE: dict[str, JSON] = {
    **dict.fromkeys(FACTS),
    "plan_end_outcome": None,
    "plan_end_reason": None,
    "unborn": False,
    "deceased": False,
    "left_uk": False,
    "moved_out_of_area": False,
    "plan_status": ACTIVE,
    **{
        name: []
        for name in ("sibling_case_ids", "icpc_invitees", "cprc_parties", "current_agencies", "core_group", "parents")
    },
}


def check_names(changes: Mapping[str, JSON], known: Mapping[str, JSON]) -> None:
    """Raise FactsRefused where a name that is told anew holds a line break, a control or nothing that can be seen.

    Asked before a command is written, and never by history: what was recorded stays readable as it is.

    known  the facts as they stood before: what stands there already hinders no other change
    """
    problems = []
    for name, value in changes.items():
        kind = FACTS.get(name)
        if kind is _TEXT and isinstance(value, str) and value != known.get(name) and not is_a_name(value):
            problems.append(FieldProblem(name, NO_NAME))
        elif kind is _TEXTS and isinstance(value, list):
            before = known.get(name) or ()
            if not all(is_a_name(item) for item in value if isinstance(item, str) and item not in before):
                problems.append(FieldProblem(name, NO_NAME))
    if problems:
        raise FactsRefused(problems)


def check_facts(changes: Mapping[str, JSON], *, now: datetime, opening: bool = False) -> dict[str, JSON]:
    """The changes as they may be recorded. Raises FactsRefused for absurd values and facts nobody may write.

    opening  a new case: it may be taken over with a plan that ended before it came here
    """
    problems = []
    today = london_date(now)
    taken_over = opening and changes.get("plan_status") == ENDED
    for name, value in changes.items():
        kind = FACTS.get(name)
        if not _NAME.match(name):
            problems.append(FieldProblem(name[:64], "is not the name of a fact: use lower-case words."))
        elif name in DERIVED:
            problems.append(FieldProblem(name, "follows from other facts and cannot be recorded."))
        elif name in PLAN_FACTS and not (taken_over or (opening and name == "plan_status" and value == ACTIVE)):
            problems.append(FieldProblem(name, "is written only by the step that ends a plan."))
        elif value is not None and kind is not None and not kind.holds(value):
            problems.append(FieldProblem(name, kind.says))
        elif (
            name in ("dob", "date_of_death", "plan_end_date")
            and value is not None
            and date.fromisoformat(value) > today
        ):
            problems.append(FieldProblem(name, "lies in the future."))
    if problems:
        raise FactsRefused(problems)
    return dict(changes)


def _age(facts: Mapping[str, JSON], on: date) -> int | None:
    birth = facts.get("dob")
    return None if birth is None else _age_of(birth, on)


@lru_cache(maxsize=4096)
def _age_of(birth: str, on: date) -> int:
    """Every command on a case asks for the child's age on its day."""
    return age_on(date.fromisoformat(birth), on)


def looked_after(facts: Mapping[str, JSON]) -> bool | None:
    """Whether the authority looks after the child; None where the legal status does not say."""
    status = facts.get("legal_status")
    if status in LOOKED_AFTER:
        return True
    if status == "none":
        return False
    return True if facts.get("cla_start_date") else None


def view(facts: Mapping[str, JSON], *, now: datetime) -> dict[str, JSON]:
    """The facts as pathways read them (`case.<name>`): what was recorded and what follows at this time."""
    return {**facts, **derived(facts, now=now)}


def derived(facts: Mapping[str, JSON], *, now: datetime) -> dict[str, JSON]:
    """What follows from the facts at this time: the age, and whether the child is looked after."""
    age = _age(facts, london_date(now))
    if age is None and facts.get("turned_18"):
        age = 18
    return {"age": age, "looked_after": looked_after(facts)}


def refuse_impossible(event: str, facts: Mapping[str, JSON], *, now: datetime) -> None:
    """Raise Refused where a life event contradicts the recorded facts: they are corrected first."""
    if event not in LIFE_EVENTS:
        raise Refused(f"{event[:64]} is not a life event. Use one of: " + ", ".join(LIFE_EVENTS) + ".")
    age = _age(facts, london_date(now))
    if event == "ChildTurned18" and age is not None and age < 18:
        raise Refused("The recorded birth date says the child is under 18. Correct the birth date first.")
    if facts.get("unborn") and event in ("ChildTurned18", "RemovedFromS20"):
        raise Refused(f"{event} cannot happen to an unborn child. Record the birth first.")


def changed_by(event: str, payload: Mapping[str, JSON], received_on: str) -> dict[str, JSON]:
    """The facts that a life event changes (SH-4); the payload may carry the new values by their names."""
    given = {name: payload[name] for name in FACTS if name in payload and name not in PLAN_FACTS}
    match event:
        case "ChildDied":
            return {
                "deceased": True,
                "date_of_death": payload.get("date") or payload.get("date_of_death") or received_on,
            }
        case "ChildTurned18":
            return {"turned_18": True}
        case "ChildBorn":
            return {**given, "unborn": False}
        case "RemovedFromS20":
            return {"legal_status": "none", "placement": "home", **given}
        case "LeftUK":
            return {**given, "left_uk": True}
        case "ReturnedToUK":
            return {**given, "left_uk": False}
        case "MovedOutOfArea":
            return {"living_outside_area": True, **given, "moved_out_of_area": True}
        case "ReturnedToArea":
            return {"living_outside_area": False, **given, "moved_out_of_area": False}
    return given


#: What changed when a life event happened, and the facts of which one at least says to what.
_CHANGED = {
    "PlacementChanged": ("placement", ("placement",)),
    "LegalStatusChanged": ("legal_status", ("legal_status", "care_proceedings", "plo_active", "s20_stable")),
}


def as_told(event: str, payload: Mapping[str, JSON]) -> dict[str, JSON]:
    """What was told of a life event; where it does not say to what something changed, that is unknown from now on.

    The fact as it stood before is known to be out of date: no plan may end on it (first rule; SH-4, SH-6).
    """
    fact, says = _CHANGED.get(event, (None, ()))
    unsaid = fact is not None and not any(name in payload for name in says)
    return {**payload, fact: None} if unsaid and fact is not None else dict(payload)


def with_its_day(event: str, payload: Mapping[str, JSON]) -> dict[str, JSON]:
    """What was told of a life event, where a child died on the day that was told, by whichever name it was told."""
    day = next((payload[name] for name in ("date", "date_of_death", "occurred_on") if payload.get(name)), None)
    return {**payload, "date_of_death": day} if event == "ChildDied" and day is not None else dict(payload)


def of_age(facts: Mapping[str, JSON], *, now: datetime) -> bool:
    """Whether the recorded birth date says that a child who is born and alive is 18 or older."""
    birth = facts.get("dob")
    if not _is_date(birth) or facts.get("unborn") or facts.get("deceased"):
        return False
    return eighteenth_birthday(date.fromisoformat(str(birth))) <= london_date(now)


def birthday_timer(facts: Mapping[str, JSON]) -> date | None:
    """The day the child turns 18, where the child is born, alive and the plan is active."""
    over = facts.get("unborn") or facts.get("deceased") or facts.get("turned_18")
    if facts.get("dob") is None or over or facts.get("plan_status") != ACTIVE:
        return None
    return eighteenth_birthday(date.fromisoformat(facts["dob"]))
