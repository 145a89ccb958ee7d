"""The facts of a case in the words of those who work with it: labels, values, and how they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.case.confidential import is_withheld, legible
from engine.case.facts import DERIVED, PLAN_FACTS
from engine.casework.registering import Moved
from engine.forms import shown
from webhooks.diagrams import in_words
from webhooks.words import a_date

LEGAL_STATUSES = {
    "none": "No legal status (not looked after)",
    "s20": "Accommodated by agreement (section 20)",
    "police_protection": "Police protection",
    "epo": "Emergency protection order",
    "ico": "Interim care order",
    "co": "Care order",
    "other_order": "Another order",
}
PLACEMENTS = {
    "home": "At home",
    "away_foster": "Foster placement",
    "away_kin": "With family or friends (kinship placement)",
    "away_residential": "Residential placement",
    "parent_child_unit": "Parent and child unit",
}
YES_NO = {True: "Yes", False: "No"}


@dataclass(frozen=True, slots=True)
class FactWords:
    """One fact: what it is called, what kind of answer it takes ('date', 'yes or no', 'choice', 'text', 'list')."""

    label: str
    kind: str = "text"
    choices: Mapping[Any, str] | None = None
    hint: str | None = None
    short: str | None = None

    def say(self, value: Any) -> str:
        """A recorded value in words; unknown is said to be unknown."""
        if is_withheld(value):
            return "Kept from you"
        if value is None or value == "":
            return "Not known"
        if isinstance(value, list):
            return legible("; ".join(str(item) for item in value)) or "None recorded"
        if self.kind == "date":
            return a_date(str(value))
        if isinstance(value, bool):
            return YES_NO[value]
        return (self.choices or {}).get(value, legible(str(value)))


def _date(label: str, hint: str | None = None) -> FactWords:
    return FactWords(label, "date", hint=hint)


def _yes_no(question: str, short: str) -> FactWords:
    return FactWords(question, "yes or no", {True: "Yes", False: "No", None: "Not known"}, short=short)


def _choice(label: str, choices: Mapping[Any, str]) -> FactWords:
    return FactWords(label, "choice", {**choices, None: "Not known"})


def _list(label: str) -> FactWords:
    return FactWords(label, "list", hint="Write each on a line of its own.")


FACTS: dict[str, FactWords] = {
    "name": FactWords("Child’s name"),
    "child_ref": FactWords("Reference in the casework record"),
    "dob": _date("Date of birth"),
    "unborn": _yes_no("Is the child unborn?", "Unborn"),
    "edd": _date("Expected date of birth"),
    "plan_start_date": _date("Plan started on"),
    "icpc_date": _date("Initial child protection conference"),
    "last_review_conference_date": _date("Last review conference"),
    "next_review_conference_date": _date("Next review conference"),
    "reviews_held": FactWords("Review conferences held", "number"),
    "legal_status": _choice("Legal status", LEGAL_STATUSES),
    "cla_start_date": _date("Looked after since"),
    "last_cla_review_date": _date("Last review as a looked-after child"),
    "next_cla_review_date": _date("Next review as a looked-after child"),
    "cla_reviews_since_plan": FactWords("Looked-after reviews since the plan began", "number"),
    "placement": _choice("Placement", PLACEMENTS),
    "care_planning_arrangements": _yes_no("Are care planning arrangements in place?", "Care planning arrangements"),
    "s20_stable": _yes_no("Is the section 20 arrangement stable?", "Stable under section 20"),
    "plo_active": _yes_no("Is pre-proceedings work (PLO) under way?", "Pre-proceedings (PLO)"),
    "care_proceedings": _yes_no("Are care proceedings under way?", "Care proceedings"),
    "deceased": _yes_no("Has the child died?", "Died"),
    "date_of_death": _date("Date of death"),
    "turned_18": _yes_no("Has the child turned 18?", "Turned 18"),
    "left_uk": _yes_no("Has the child left the United Kingdom?", "Left the United Kingdom"),
    "moved_out_of_area": _yes_no("Has the family moved out of the area?", "Moved out of the area"),
    "living_outside_area": _yes_no("Does the child live outside the area?", "Lives outside the area"),
    "placed_outside_by_authority": _yes_no("Did the authority place the child outside it?", "Placed outside the area"),
    "parents": _list("Parents and carers"),
    "current_agencies": _list("Agencies involved now"),
    "icpc_invitees": _list("Agencies invited to the initial conference"),
    "cprc_parties": _list("Parties to the review conference"),
    "core_group": _list("Core group"),
    "sibling_case_ids": _list("Brothers’ and sisters’ cases"),
    "plan_status": FactWords("Plan", choices={"ACTIVE": "Active", "ENDED": "Ended"}),
    "plan_end_date": _date("Plan ended on"),
    "plan_end_decided_on": _date("Ending decided on"),
}

#: Days that the plan alone gave: once it has ended nothing falls on them.
ENDS_WITH_PLAN = frozenset({"next_review_conference_date", "objection_deadline"})

#: What no child has before birth: nobody need find it out.
AFTER_BIRTH = ("turned_18", "cla_start_date", "last_cla_review_date", "next_cla_review_date", "cla_reviews_since_plan")

#: Facts that somebody who mends an incident may supply.
SUPPLIED = tuple(name for name in FACTS if name not in PLAN_FACTS | DERIVED)

#: What the opening page asks; the rest is recorded as it becomes known.
ASKED_AT_OPENING = (
    "name",
    "child_ref",
    "dob",
    "unborn",
    "edd",
    "plan_start_date",
    "icpc_date",
    "next_review_conference_date",
    "legal_status",
    "cla_start_date",
    "placement",
    "care_planning_arrangements",
    "s20_stable",
    "plo_active",
    "care_proceedings",
    "parents",
    "current_agencies",
    "icpc_invitees",
)

#: What happened to the child (SH-4), in words, and which facts a person is asked for with it.
LIFE_EVENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "ChildDied": ("The child died", ("date_of_death",)),
    "ChildTurned18": ("The child turned 18", ()),
    "ChildBorn": ("The child was born", ("dob", "name")),
    "PlacementChanged": ("The placement changed", ("placement",)),
    "LegalStatusChanged": ("The legal status changed", ("legal_status",)),
    "RemovedFromS20": ("A parent removed the child from section 20 accommodation", ()),
    "MovedOutOfArea": ("The family moved out of the area", ()),
    "LeftUK": ("The child left the United Kingdom", ()),
    "ReturnedToUK": ("The child returned to the United Kingdom", ()),
    "ReturnedToArea": ("The family returned to the area", ()),
}


def say(name: str, value: Any) -> str:
    """A fact's value in words, whatever the fact."""
    if name not in FACTS and isinstance(value, str) and not is_withheld(value):
        # What only a pathway records: a day or a moment is said as one.
        value = shown(value)
    return FACTS.get(name, FactWords(name)).say(value)


def happened(name: str) -> str:
    """What a message tells, in words: a life event as it is asked for, any other by its name."""
    return LIFE_EVENTS[name][0] if name in LIFE_EVENTS else in_words(name)


def label(name: str) -> str:
    """A fact's name in words."""
    if name not in FACTS:
        return name.replace("_", " ").capitalize()
    return FACTS[name].short or FACTS[name].label


def moved_date(one: Moved) -> str:
    """'Next review conference: from 15 June 2026 to 22 June 2026'."""
    if is_withheld(one.before) or is_withheld(one.after):
        return f"{label(one.fact)}: from when to when is kept from you"
    return f"{label(one.fact)}: from {a_date(one.before)} to {a_date(one.after)}"


#: Facts whose 'no' is the ordinary case and says nothing.
_ORDINARILY_NOT = frozenset(
    {
        "unborn",
        "deceased",
        "turned_18",
        "left_uk",
        "moved_out_of_area",
        "living_outside_area",
        "placed_outside_by_authority",
    }
)


def is_plain(name: str, value: Any) -> bool:
    """Whether a fact says nothing that needs showing: an empty list, or the ordinary 'no'."""
    return value in (None, []) or (value is False and name in _ORDINARILY_NOT)
