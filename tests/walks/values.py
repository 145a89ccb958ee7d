"""What is tried: the answers to a form and the facts of a child, split where the pathway's own rules split them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from engine.case.facts import LEGAL_STATUSES, PLACEMENTS
from engine.clock import LONDON
from engine.feel import Environment
from engine.forms import Field
from engine.forms.fields import CHOOSING_SEVERAL
from engine.history import JSON
from tests.walks.reading import Reading

#: Combinations of the answers to one form that are all tried.
CROSSED = 48

#: The facts that a policy's rules read as yes or no.
YES_NO = (
    "deceased", "left_uk", "moved_out_of_area", "living_outside_area", "placed_outside_by_authority",
    "care_planning_arrangements", "s20_stable", "plo_active", "care_proceedings",
)  # fmt: skip
#: Children as the policies know them; where a fact is read, each is tried with that fact changed and not known.
CHILDREN: tuple[dict[str, JSON], ...] = (
    {"legal_status": "none", "placement": "home"},
    {
        "legal_status": "s20", "placement": "away_foster", "s20_stable": True, "cla_start_date": "2026-02-02",
        "plo_active": False, "care_proceedings": False, "placed_outside_by_authority": True,
    },
    {
        "legal_status": "ico", "placement": "away_kin", "care_planning_arrangements": True, "care_proceedings": True,
        "cla_start_date": "2026-02-02", "placed_outside_by_authority": True,
    },
    {"legal_status": "co", "placement": "away_residential", "care_planning_arrangements": True},
    {"legal_status": "none", "placement": None, "unborn": True, "dob": None},
)  # fmt: skip


def children(now: datetime) -> Iterator[tuple[int, dict[str, JSON]]]:
    """Each kind of child with its number."""
    today = now.astimezone(LONDON).date()
    for number, child in enumerate(CHILDREN):
        yield (
            number,
            {
                "dob": (today - timedelta(days=3653)).isoformat(),
                "plan_start_date": (today - timedelta(days=200)).isoformat(),
                "icpc_date": (today - timedelta(days=200)).isoformat(),
                "next_review_conference_date": (today + timedelta(days=60)).isoformat(),
                "reviews_held": 1,
                "cla_reviews_since_plan": 1,
                "living_outside_area": False,
                "current_agencies": ["School", "Health visitor"],
                "icpc_invitees": ["School", "Police"],
                "cprc_parties": ["School", "General practitioner"],
                "core_group": ["School"],
                "parents": ["The mother"],
                **child,
            },
        )


def changes(fact: str, stands: JSON, reading: Reading) -> Iterator[JSON]:
    """What a fact may be instead, as the rules tell its values apart; not known is one of them."""
    found: Sequence[JSON] = ()
    if fact in YES_NO:
        found = (True, False, None)
    elif fact in ("legal_status", "placement"):
        all_ = LEGAL_STATUSES if fact == "legal_status" else PLACEMENTS
        found = (*_told_apart(all_, reading), None)
    elif fact in ("reviews_held", "cla_reviews_since_plan"):
        found = (0, 1, 2, None)
    elif fact == "turned_18":
        found = (True,)
    elif fact in ("dob", "cla_start_date", "next_review_conference_date"):
        found = (None,)
    elif isinstance(stands, list):
        found = ([],)
    yield from (value for value in found if value != stands)


def _told_apart(values: Sequence[Any], reading: Reading) -> list[Any]:
    """Of several values those that some rule names, and one of the rest."""
    named = [value for value in values if not isinstance(value, str) or value in reading.texts]
    return [*named, *[value for value in values if value not in named][:1]]


class Worth:
    """The values of a question that are worth trying, one for each way in which rules tell values apart."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def __call__(self, field: Field, stands: Any, offered: Sequence[Any] | None, environment: Environment) -> list[Any]:
        """What stands there at first, what may be answered, and not known."""
        found = [] if stands is None else [stands]
        found += list(self._usual(field, offered or (), environment))
        if not field.required:
            found.append(None)
        distinct: list[Any] = []
        unknown = False
        for value in found:
            if value is None or (field.unknown is not None and value == field.unknown):
                if unknown:
                    continue
                unknown = True
            if not any(value == other and type(value) is type(other) for other in distinct):
                distinct.append(value)
        return distinct

    def _usual(self, field: Field, offered: Sequence[Any], environment: Environment) -> Iterator[Any]:
        now = environment.now
        assert now is not None
        local, reading = now.astimezone(LONDON), self._reading
        if field.type in CHOOSING_SEVERAL:
            yield list(offered) if offered else ["School", "The mother"]
            yield from ([each] for each in _told_apart(offered, reading)) if len(offered) > 1 else ()
        elif offered:
            known = [value for value in offered if value != field.unknown]
            yield from _told_apart(known, reading) if field.options_from is None else known[:2]
            yield from [value for value in offered if value == field.unknown]
        elif field.type == "checkbox":
            yield from (True, False)
        elif field.type == "number":
            yield from (edge for number in (1, *sorted(reading.numbers)) for edge in (number, number + 1))
        elif field.subtype == "date":
            yield from ((local + timedelta(days=days)).date().isoformat() for days in (0, 14, -14, 60, -3653))
        elif field.subtype == "datetime":
            yield local.replace(microsecond=0).isoformat()
        elif field.subtype == "time":
            yield "10:00"
        elif field.as_list:
            yield ["School", "The mother"]
        else:
            yield "As recorded in the minutes."
            # A letter whose text must name the day by which it is to be answered.
            if field.check is not None and field.type == "textarea":
                days = ((local + timedelta(days=days)).date() for days in range(60))
                yield ", ".join(f"{day.day} {day:%B %Y}" for day in days)


#: What a message may say of facts whose values are words of the product.
_CODES: Mapping[str, Sequence[str]] = {"legal_status": tuple(LEGAL_STATUSES), "placement": tuple(PLACEMENTS)}


def payloads(
    element: str, given: Sequence[Mapping[str, Any]], reading: Reading, today: str, *, few: bool
) -> list[dict[str, Any]]:
    """What a message may say: each thing that is read of it as scenarios say it, as yes, as no, and not at all."""
    parts = reading.parts.get(element, set())
    said = {key for payload in given for key in payload}
    read = sorted(said & reading.words if parts is None else parts - {"received_on", "name"})
    values: dict[str, list[Any]] = {}
    for key in read:
        dated = key.endswith(("_on", "_date", "date"))
        said_so = [payload[key] for payload in given if payload.get(key) is not None and not dated]
        yes_or_no = all(isinstance(value, bool) for value in said_so)
        found: list[Any] = [today] if dated else [True, False] if yes_or_no else said_so[:1]
        found += _told_apart(_CODES[key], reading) if key in _CODES else []
        found += [value for value in said_so if isinstance(value, bool) or value in reading.texts]
        values[key] = []
        for value in [*found, None]:
            if not any(value == other and type(value) is type(other) for other in values[key]):
                values[key].append(value)
    ways = 1
    for each in values.values():
        ways *= len(each)
    if ways <= CROSSED and not few:
        return [dict(zip(read, chosen, strict=True)) for chosen in product(*values.values())]
    full = {key: each[0] for key, each in values.items()}
    bases = [full, *({**full, **{key: payload.get(key) for key in read}} for payload in given)]
    if few:
        return [*bases, {}]
    return [*bases, {}, *({**base, key: value} for base in bases for key in read for value in values[key])]
