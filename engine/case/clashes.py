"""Facts of a case that cannot all be true: a list of rules, each with its reason and its mend ([product])."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

from engine.calendars import eighteenth_birthday
from engine.case.facts import LOOKED_AFTER
from engine.history import JSON

Facts = Mapping[str, Any]

#: Longer than any pregnancy, counted generously from its first day.
PREGNANCY: Final = timedelta(weeks=45)
#: A plan that began longer before a birth is a slip of the year. Anything nearer hurts nobody.
SLIP: Final = timedelta(weeks=104)
#: A birth further from the expected day than this is a slip of the month or year.
TOO_EARLY, TOO_LATE = timedelta(weeks=20), timedelta(weeks=8)


@dataclass(frozen=True, slots=True)
class Rule:
    """Facts that cannot all be true. `fact` is the one named first; `clash` answers only where all it needs is known.

    says  why, and mend  what to do now, without a value of any fact
    """

    id: str
    fact: str
    others: tuple[str, ...]
    clash: Callable[[Facts, date], bool]
    says: str
    mend: str

    @property
    def facts(self) -> frozenset[str]:
        """Every fact that the rule compares."""
        return frozenset((self.fact, *self.others))

    @property
    def sentence(self) -> str:
        """What is said beside the fact."""
        return f"{self.says} {self.mend}"


# ---------------------------------------------------------------------- how facts are compared


def _before(one: str, other: str) -> Callable[[Facts, date], bool]:
    """One day lies before another; days are kept as year-month-day, which compare as text."""
    return lambda facts, _: bool(facts.get(one)) and bool(facts.get(other)) and facts[one] < facts[other]


def _yet_to_come(fact: str) -> Callable[[Facts, date], bool]:
    return lambda facts, today: bool(facts.get(fact)) and str(facts[fact]) > today.isoformat()


def _both(one: str, other: str) -> Callable[[Facts, date], bool]:
    return lambda facts, _: facts.get(one) is True and facts.get(other) is True


def _unborn_with(fact: str) -> Callable[[Facts, date], bool]:
    return lambda facts, _: facts.get("unborn") is True and facts.get(fact) is not None


def _unborn_in_care(facts: Facts, today: date) -> bool:
    return facts.get("unborn") is True and facts.get("legal_status") in LOOKED_AFTER


def _grown_up_by(fact: str) -> Callable[[Facts, date], bool]:
    """The birth date and another day say that the child was 18 on that day."""

    def clash(facts: Facts, _: date) -> bool:
        born, day = day_of(facts.get("dob")), day_of(facts.get(fact))
        return born is not None and day is not None and eighteenth_birthday(born) <= day

    return clash


def _turned_18_too_young(facts: Facts, today: date) -> bool:
    born = day_of(facts.get("dob"))
    return facts.get("turned_18") is True and born is not None and eighteenth_birthday(born) > today


def _before_conception(birth: str, fact: str) -> Callable[[Facts, date], bool]:
    def clash(facts: Facts, _: date) -> bool:
        born, day = day_of(facts.get(birth)), day_of(facts.get(fact))
        return born is not None and day is not None and day < born - SLIP

    return clash


def _expected_too_late(facts: Facts, today: date) -> bool:
    expected = day_of(facts.get("edd"))
    return facts.get("unborn") is True and expected is not None and expected > today + PREGNANCY


def _not_when_expected(facts: Facts, _: date) -> bool:
    born, expected = day_of(facts.get("dob")), day_of(facts.get("edd"))
    if born is None or expected is None:
        return False
    return not expected - TOO_EARLY <= born <= expected + TOO_LATE


def _dead_alive(facts: Facts, _: date) -> bool:
    return facts.get("deceased") is not True and facts.get("date_of_death") is not None


def _reviewed_never(facts: Facts, _: date) -> bool:
    return facts.get("reviews_held") == 0 and bool(facts.get("last_review_conference_date"))


def day_of(value: JSON) -> date | None:
    """The day that a text names, None where it names none."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


_CORRECT = "Look which of them is right, and put the other right in the same step."
_BORN = "Record the birth first, or say that the child is born."

#: Every pair of facts that the product knows to exclude each other. Where a fact is not known nothing clashes; one fact
#: by itself, such as a birth to come, is engine.case.facts' to refuse.
RULES: Final = (
    Rule(
        "unborn_with_birth_date", "dob", ("unborn",), _unborn_with("dob"), "An unborn child has no birth date.", _BORN
    ),
    Rule("unborn_and_18", "turned_18", ("unborn",), _both("unborn", "turned_18"), "An unborn child is not 18.", _BORN),
    Rule(
        "unborn_in_care",
        "legal_status",
        ("unborn",),
        _unborn_in_care,
        "An unborn child is neither accommodated nor under an order.",
        _BORN,
    ),
    Rule(
        "unborn_in_care_since",
        "cla_start_date",
        ("unborn",),
        _unborn_with("cla_start_date"),
        "An unborn child is not looked after.",
        _BORN,
    ),
    Rule(
        "expected_too_late",
        "edd",
        ("unborn",),
        _expected_too_late,
        "lies further ahead than a pregnancy lasts.",
        "Give the day on which the child is expected.",
    ),
    Rule(
        "not_when_expected",
        "dob",
        ("edd",),
        _not_when_expected,
        "lies months away from the day on which the child was expected.",
        _CORRECT,
    ),
    Rule(
        "18_too_young",
        "turned_18",
        ("dob",),
        _turned_18_too_young,
        "The birth date says that the child is under 18.",
        "Correct the birth date first.",
    ),
    Rule(
        "plan_before_conception",
        "plan_start_date",
        ("dob",),
        _before_conception("dob", "plan_start_date"),
        "lies before the child can have been expected.",
        _CORRECT,
    ),
    Rule(
        "plan_before_pregnancy",
        "plan_start_date",
        ("edd",),
        _before_conception("edd", "plan_start_date"),
        "lies before the child can have been expected.",
        _CORRECT,
    ),
    Rule(
        "conference_before_conception",
        "icpc_date",
        ("dob",),
        _before_conception("dob", "icpc_date"),
        "lies before the child can have been expected.",
        _CORRECT,
    ),
    Rule(
        "plan_for_an_adult",
        "plan_start_date",
        ("dob",),
        _grown_up_by("plan_start_date"),
        "A plan is made for nobody who is 18.",
        _CORRECT,
    ),
    Rule(
        "conference_for_an_adult",
        "icpc_date",
        ("dob",),
        _grown_up_by("icpc_date"),
        "A conference is held for nobody who is 18.",
        _CORRECT,
    ),
    Rule(
        "care_before_birth",
        "cla_start_date",
        ("dob",),
        _before("cla_start_date", "dob"),
        "lies before the birth.",
        _CORRECT,
    ),
    Rule(
        "dead_and_alive",
        "date_of_death",
        ("deceased",),
        _dead_alive,
        "A day of death is given of a child who is not said to have died.",
        "Say that the child has died, or leave the day out.",
    ),
    Rule(
        "death_before_birth",
        "date_of_death",
        ("dob",),
        _before("date_of_death", "dob"),
        "lies before the birth.",
        _CORRECT,
    ),
    Rule(
        "plan_after_death",
        "plan_start_date",
        ("date_of_death",),
        _before("date_of_death", "plan_start_date"),
        "A plan is made for no child who has died before.",
        _CORRECT,
    ),
    Rule(
        "plan_to_come",
        "plan_start_date",
        (),
        _yet_to_come("plan_start_date"),
        "lies in the future.",
        "Give the day on which the plan began.",
    ),
    Rule(
        "conference_to_come",
        "icpc_date",
        (),
        _yet_to_come("icpc_date"),
        "lies in the future, and the plan is running.",
        "Give the day on which the conference was held.",
    ),
    Rule(
        "last_review_to_come",
        "last_review_conference_date",
        (),
        _yet_to_come("last_review_conference_date"),
        "lies in the future.",
        "Give the day of the last conference that was held.",
    ),
    Rule(
        "last_care_review_to_come",
        "last_cla_review_date",
        (),
        _yet_to_come("last_cla_review_date"),
        "lies in the future.",
        "Give the day of the last review that was held.",
    ),
    Rule(
        "review_before_plan",
        "last_review_conference_date",
        ("plan_start_date",),
        _before("last_review_conference_date", "plan_start_date"),
        "lies before the plan began.",
        _CORRECT,
    ),
    Rule(
        "next_review_before_plan",
        "next_review_conference_date",
        ("plan_start_date",),
        _before("next_review_conference_date", "plan_start_date"),
        "lies before the plan began.",
        _CORRECT,
    ),
    Rule(
        "reviewed_never",
        "reviews_held",
        ("last_review_conference_date",),
        _reviewed_never,
        "None was held, and yet the day of the last one is given.",
        _CORRECT,
    ),
    Rule(
        "ended_before_plan",
        "plan_end_date",
        ("plan_start_date",),
        _before("plan_end_date", "plan_start_date"),
        "The plan would end before it began.",
        "Give the right day of the end, or put the day on which the plan began right first.",
    ),
    Rule(
        "decided_before_plan",
        "plan_end_decided_on",
        ("plan_start_date",),
        _before("plan_end_decided_on", "plan_start_date"),
        "The end would be decided before the plan began.",
        "Give the right day of the decision, or put the day on which the plan began right first.",
    ),
)


#: Every fact that some rule compares, in a fixed order.
_COMPARED: Final = tuple(sorted(frozenset[str]().union(*(rule.facts for rule in RULES))))


def contradictions(facts: Facts, today: date) -> tuple[Rule, ...]:
    """The rules that these facts break on a day."""
    return _broken(tuple(facts.get(name) for name in _COMPARED), today)


@lru_cache(maxsize=4096)
def _broken(compared: tuple[Any, ...], today: date) -> tuple[Rule, ...]:
    facts = dict(zip(_COMPARED, compared, strict=True))
    return tuple(rule for rule in RULES if rule.clash(facts, today))
