"""Made-up children: names, ages and facts that vary as a real caseload does. Nobody here exists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from engine.calendars import birthday
from engine.history import JSON
from webhooks.set_up.agencies import agencies_of
from webhooks.set_up.people import TURNED

_GIVEN = (
    "Ada", "Bilal", "Chloe-Mae", "Dominik", "Esi", "Finley", "Gurpreet", "Hanna", "Idris", "Jasmine", "Kofi", "Leila",
    "Maximilian", "Niamh", "Oscar", "Priya", "Quincy", "Reuben", "Safiya", "Theo", "Uma", "Violet", "Wiktor", "Xanthe",
    "Yara", "Zachary", "Aaliyah", "Benedict", "Carys", "Delroy", "Eszter", "Fatima", "George", "Hiba", "Isaac", "Joy",
    "Kieran", "Lottie", "Mohammed-Amin", "Nell",
)  # fmt: skip
_FAMILY = (
    "Abernathy", "Begum", "Castellanos-Whitfield", "Doyle", "Eriksen", "Fofanah", "Gallagher", "Hussain", "Ivanova",
    "Jeffries", "Kaplan", "Lambert", "Mbeki-Thornton", "Nguyen", "Okonkwo", "Pereira", "Quayle", "Rahimi", "Stevenson",
    "Tran", "Underhill", "Vasquez", "Wetherby", "Yilmaz",
)  # fmt: skip
_PLACEMENTS = ("away_foster", "away_kin", "away_residential")


@dataclass(frozen=True, slots=True)
class Child:
    """One child as their case begins."""

    case_id: str
    facts: dict[str, JSON]


def children(authority: str, today: date, count: int) -> Iterator[Child]:
    """So many children of an authority, the same for the same day."""
    turned = TURNED.get(authority, 0)
    for number in range(count):
        family = _FAMILY[(number * 7 + number // 24 + turned) % len(_FAMILY)]
        name = f"{_GIVEN[(number + turned) % len(_GIVEN)]} {family}"
        reference = f"{authority[:3].upper()}-{today.year}-{1041 + number * 17:04d}"
        yield Child(reference, _facts(number, name, agencies_of(authority), today))


def _facts(number: int, name: str, agencies: tuple[str, ...], today: date) -> dict[str, JSON]:
    started = today - timedelta(days=90 + (number * 37) % 420)
    family = name.rsplit(" ", 1)[1]
    # A case may be entered months back: a conference had been held by then, or none had.
    held = number % 4 if today - started > timedelta(days=200) else 0
    last = (started + timedelta(days=80)).isoformat() if held else None
    facts: dict[str, JSON] = {
        "name": name,
        "child_ref": f"MOS{700211 + number * 313}",
        "dob": _birth(number, today).isoformat(),
        "unborn": False,
        "plan_start_date": started.isoformat(),
        "icpc_date": started.isoformat(),
        "reviews_held": held,
        "last_review_conference_date": last,
        "next_review_conference_date": _working(today + timedelta(days=12 + (number * 11) % 120)).isoformat(),
        "parents": [f"{parent} {family}" for parent in ("Mariana", "Joseph")[: 1 + number % 2]],
        "current_agencies": [agencies[(number + step) % len(agencies)] for step in range(2 + number % 6)],
        "icpc_invitees": [agencies[(number + step * 5) % len(agencies)] for step in range(3 + number % 4)],
        "living_outside_area": False,
        "placed_outside_by_authority": False,
        "left_uk": False,
        "plo_active": number % 5 == 2,
        "care_proceedings": number % 5 == 3,
        "legal_status": "none",
        "placement": "home",
    }
    return facts


def looked_after(child: Child, status: str, number: int, started: date) -> Child:
    """The same child, looked after since a day or two before their story starts."""
    since = started - timedelta(days=number % 3)
    more: dict[str, JSON] = {
        "legal_status": status,
        "placement": _PLACEMENTS[number % len(_PLACEMENTS)],
        "cla_start_date": since.isoformat(),
        "next_cla_review_date": _working(since + timedelta(days=91)).isoformat(),
        "care_planning_arrangements": True,
        "s20_stable": True if status == "s20" else None,
    }
    return Child(child.case_id, child.facts | more)


def in_court(child: Child, number: int, started: date) -> Child:
    """The same child, removed under an interim care order, with the next conference well over 25 working days away."""
    child = looked_after(child, "ico", number, started)
    conference = _working(started + timedelta(days=52 + number % 9)).isoformat()
    more: dict[str, JSON] = {"care_proceedings": True, "next_review_conference_date": conference}
    return Child(child.case_id, child.facts | more)


def unborn(child: Child, today: date) -> Child:
    """The same child before birth."""
    started = (today - timedelta(days=60)).isoformat()
    more: dict[str, JSON] = {
        "unborn": True,
        "dob": None,
        "edd": (today + timedelta(days=44)).isoformat(),
        "plan_start_date": started,
        "icpc_date": started,
        "reviews_held": 0,
        "last_review_conference_date": None,
    }
    return Child(child.case_id, child.facts | more | {"name": "Baby " + str(child.facts["name"]).rsplit(" ", 1)[1]})


def nearly_eighteen(child: Child, today: date) -> Child:
    """The same child a fortnight before turning 18."""
    return Child(child.case_id, child.facts | {"dob": birthday(today + timedelta(days=14), -18).isoformat()})


def _birth(number: int, today: date) -> date:
    return today - timedelta(days=200 + (number * 397) % 5900)


def _working(on: date) -> date:
    return on + timedelta(days=(7 - on.weekday()) % 7 if on.weekday() > 4 else 0)
