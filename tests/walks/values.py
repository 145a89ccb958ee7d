"""What is tried: the answers to a form and the facts of a child, split where the pathway's own rules split them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice, product
from typing import Any

from engine.case.facts import LEGAL_STATUSES, PLACEMENTS
from engine.clock import LONDON
from engine.errors import AnswersRefused
from engine.execution import Pathway
from engine.feel import Environment
from engine.forms import Field, Form
from engine.history import JSON
from engine.pathways import Release

_FEEL_TEXT = re.compile(rb">\s*=([^<]*)<|=\"=([^\"]*)\"|<text>([^<]*)</text>")
_WORD = re.compile(r"[A-Za-z_]\w*")
_NUMBER = re.compile(r"(?<![\w.\"])\d+(?![\w.\"])")
#: Answers to one form that are tried from one place; where its questions allow more, a fixed choice of them.
CROSSED = 48
#: Sets of answers that are guessed until the form takes one with a certain answer in it.
GUESSES = 120

#: The facts that a policy's rules read as yes or no.
YES_NO = (
    "deceased", "left_uk", "moved_out_of_area", "living_outside_area", "placed_outside_by_authority",
    "care_planning_arrangements", "s20_stable", "plo_active", "care_proceedings", "unborn",
)  # fmt: skip
#: Children as the policies know them; each is tried with every single fact changed and unknown.
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


@dataclass(frozen=True)
class Vocabulary:
    """The words and numbers that diagrams and tables read: what is not read steers nothing.

    diagrams  the pathway's own, and those of pieces that are nothing without it
    """

    release: Release
    diagrams: tuple[str, ...]

    @cached_property
    def _texts(self) -> str:
        drawn = [self.release.diagrams[path] for path in self.diagrams]
        asked = {path for name, path in self.release.decisions.items() if any(name.encode() in each for each in drawn)}
        contents = [*drawn, *(self.release.decision_files[path] for path in sorted(asked))]
        found = [b" ".join(match) for content in contents for match in _FEEL_TEXT.findall(content)]
        return b"\n".join(found).decode("utf-8", "replace")

    @cached_property
    def words(self) -> frozenset[str]:
        """Every name that an expression or a cell mentions."""
        return frozenset(_WORD.findall(self._texts))

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """Every whole number that an expression or a cell compares with, below a thousand."""
        return tuple(sorted({int(number) for number in _NUMBER.findall(self._texts) if len(number) < 4}))


def children(vocabulary: Vocabulary, now: datetime) -> Iterator[tuple[int, dict[str, JSON]]]:
    """Each kind of child with its number, and each with one fact that the pathway reads changed, or not known."""
    today = now.astimezone(LONDON).date()
    seen = []
    for number, child in enumerate(CHILDREN):
        base: dict[str, JSON] = {
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
        }
        for changed in ({}, *_changes(vocabulary.words, today.isoformat())):
            facts = {**base, **changed}
            if facts not in seen:
                seen.append(facts)
                yield number, facts


def _changes(words: frozenset[str], today: str) -> Iterator[dict[str, JSON]]:
    for name in YES_NO:
        if name in words:
            yield from ({name: value} for value in (True, False, None) if not (name == "unborn" and value))
    if "legal_status" in words:
        yield from ({"legal_status": status} for status in (*LEGAL_STATUSES, None))
    if "placement" in words:
        yield from ({"placement": placement} for placement in (*PLACEMENTS, None))
    if "age" in words or "turned_18" in words:
        yield {"dob": None}
        yield {"turned_18": True}
    for name in ("reviews_held", "cla_reviews_since_plan"):
        if name in words:
            yield from ({name: value} for value in (0, 2, None))
    for name in ("icpc_invitees", "cprc_parties", "current_agencies", "core_group", "parents"):
        if name in words:
            yield {name: []}


class Answers:
    """The answers to one form that are worth trying, in a fixed order."""

    def __init__(self, form: Form, vocabulary: Vocabulary, pathway: Pathway) -> None:
        self.form, self.vocabulary, self.pathway = form, vocabulary, pathway
        own = {name for field in form.fields.values() for name in _read_by(field)}
        self.steering = [key for key in form.fields if key in vocabulary.words or key in own]

    def taken(
        self, scope: Mapping[str, Any], environment: Environment, *, few: bool = False
    ) -> Iterator[dict[str, Any]]:
        """Sets of answers that the form takes, as it keeps them; each answer that it ever takes is in one."""
        met: set[tuple[str, str]] = set()
        values: dict[str, list[Any]] = {}
        for tried in self._tried(scope, environment, values, few=few):
            checked = self._checked(tried, scope, environment)
            if checked is not None:
                met.update((key, repr(checked[key])) for key in self.steering)
                yield checked
        draw = random.Random(self.form.id)
        for key in self.steering:
            for value in values[key]:
                for _ in range(0 if (key, repr(value)) in met else GUESSES):
                    guess = {name: draw.choice(found) for name, found in values.items()}
                    checked = self._checked({**guess, key: value}, scope, environment)
                    if checked is not None and checked[key] == value:
                        met.update((name, repr(checked[name])) for name in self.steering)
                        yield checked
                        break

    def _checked(
        self, tried: Mapping[str, Any], scope: Mapping[str, Any], environment: Environment
    ) -> dict[str, Any] | None:
        try:
            return self.form.check(tried, scope, environment)
        except AnswersRefused:
            return None

    def _tried(
        self,
        scope: Mapping[str, Any],
        environment: Environment,
        values: dict[str, list[Any]],
        *,
        few: bool,
    ) -> Iterator[dict[str, Any]]:
        """Sets of answers, the plain ones first; the form itself still says which it takes.

        few  only the plain ones, all yes, all no, and each single change of the plain ones
        """
        now = environment.now
        assert now is not None
        offered = {
            key: [option.value for option in self.form.options(key, scope, environment)] for key in self.form.fields
        }
        stands = self.form.initial(scope, environment)
        values |= {
            key: self._values(field, offered[key], stands.get(key), now) for key, field in self.form.fields.items()
        }
        plain = {key: found[0] for key, found in values.items()}
        steering = [key for key in self.steering if len(values[key]) > 1]
        ways = 1
        for key in steering:
            ways *= len(values[key])
        yield plain
        if few:
            yield from _single(plain, steering, values)
        elif ways <= CROSSED:
            for chosen in islice(product(*(values[key] for key in steering)), 1, None):
                yield {**plain, **dict(zip(steering, chosen, strict=True))}
        else:
            yield from _chosen(plain, steering, values)
        for key, field in self.form.fields.items():
            if key not in steering and not field.required:
                yield {**plain, key: None}

    def _values(self, field: Field, offered: Sequence[Any], stands: Any, now: datetime) -> list[Any]:
        found = [] if stands is None else [stands]
        found += list(self._usual(field, offered, now))
        if not field.required:
            found.append(None)
        distinct: list[Any] = []
        for value in found:
            if not any(value == other and type(value) is type(other) for other in distinct):
                distinct.append(value)
        return distinct

    def _usual(self, field: Field, offered: Sequence[Any], now: datetime) -> Iterator[Any]:
        local = now.astimezone(LONDON)
        if field.type in ("checklist", "taglist"):
            yield list(offered) if offered else ["School", "The mother"]
            yield from ([offered[0]] for _ in offered[1:2])
        elif offered:
            yield from offered
        elif field.type == "checkbox":
            yield from (True, False)
        elif field.type == "number":
            yield from (edge for number in (1, *self.vocabulary.numbers) for edge in (number, number + 1))
        elif field.subtype == "date":
            yield from ((local + timedelta(days=days)).date().isoformat() for days in (0, 14, -14, 60))
        elif field.subtype == "datetime":
            yield local.replace(microsecond=0).isoformat()
        elif field.subtype == "time":
            yield "10:00"
        elif field.as_list:
            yield ["School", "The mother"]
        else:
            yield "As recorded in the minutes."


def _single(
    plain: Mapping[str, Any], steering: Sequence[str], values: Mapping[str, Sequence[Any]]
) -> Iterator[dict[str, Any]]:
    yield {**plain, **{key: True for key in steering if True in values[key]}}
    yield {**plain, **{key: False for key in steering if False in values[key]}}
    for key in steering:
        yield from ({**plain, key: value} for value in values[key][1:])


def _chosen(
    plain: Mapping[str, Any], steering: Sequence[str], values: Mapping[str, Sequence[Any]]
) -> Iterator[dict[str, Any]]:
    """Every single change, every change with all yes and with all no, and a fixed draw of the rest."""
    yes = {key: True if True in values[key] else values[key][0] for key in steering}
    no = {key: False if False in values[key] else values[key][-1] for key in steering}
    bases = [dict(plain), {**plain, **yes}, {**plain, **no}]
    for base in bases:
        yield base
        for key in steering:
            yield from ({**base, key: value} for value in values[key] if value != base[key] or value is False)
    draw = random.Random(" ".join(steering))
    for _ in range(CROSSED):
        yield {**plain, **{key: draw.choice(list(values[key])) for key in steering}}


def _read_by(field: Field) -> frozenset[str]:
    read = (field.check, field.hide, field.value, field.earliest, field.latest, field.options_from)
    return frozenset(name for expression in read if expression is not None for name in expression.names)
