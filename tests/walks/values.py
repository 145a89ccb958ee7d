"""What is tried: the answers to a form and the facts of a child, split where the pathway's own rules split them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice, product
from typing import Any

from engine.case.facts import LEGAL_STATUSES, PLACEMENTS
from engine.clock import LONDON
from engine.errors import AnswersRefused
from engine.feel import Environment
from engine.forms import Field, Form
from engine.forms.fields import CHOOSING, CHOOSING_SEVERAL
from engine.history import JSON
from tests.walks.reading import Reading, of_field

#: Combinations of the answers to one form that are all tried.
CROSSED = 48

#: Ways in which answers that a form refuses are tried otherwise.
MENDS = 300

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


class Answers:
    """The answers to one form that are worth trying.

    element  the step that asks
    given    sets of answers that scenarios give to it
    crossed  whether every answer is tried with every other; else each set that scenarios give, and each of them, and
             whatever comes out differently, with every single answer changed
    """

    def __init__(self, form: Form, element: str, reading: Reading, given: Sequence[Mapping[str, Any]]) -> None:
        self.form, self.reading, self._given = form, reading, given
        own = {name for field in form.fields.values() for each in of_field(field) for name in each.names}
        self.steering = [key for key in form.fields if key in own or reading.reads(element, key)]
        self.crossed = True

    def ready(self, scope: Mapping[str, Any], environment: Environment) -> Try:
        """The answers in one case."""
        return Try(self, scope, environment)


class Try:
    """The answers to one form in one case: first sets of answers, and single changes of those that matter."""

    def __init__(self, answers: Answers, scope: Mapping[str, Any], environment: Environment) -> None:
        self._of, self._scope, self._environment = answers, scope, environment
        self._met: set[str] = set()
        form = answers.form
        stands = form.initial(scope, environment)
        self._values = {key: self._worth(field, stands.get(key)) for key, field in form.fields.items()}
        self._plain = {key: found[0] for key, found in self._values.items()}
        self._steering = [key for key in answers.steering if len(self._values[key]) > 1]
        ways = 1
        for key in self._steering:
            ways *= len(self._values[key])
        self.crossed = ways <= CROSSED

    def first(self, *, few: bool) -> Iterator[dict[str, Any]]:
        """Every combination where there are few; else what scenarios give, the plain answers, all yes and all no.

        few  only those, also where there are few combinations
        """
        if self.crossed and not few:
            for chosen in product(*(self._values[key] for key in self._steering)):
                yield from self._taken({**self._plain, **dict(zip(self._steering, chosen, strict=True))})
            if self._met:
                return
        self._of.crossed = self._of.crossed and self.crossed
        yield from self._taken(self._plain, mend=True)
        for answer in (True, False):
            yield from self._taken({**self._plain, **{k: answer for k in self._steering if answer in self._values[k]}})
        for given in self._of._given:
            yield from self._taken(
                {**self._plain, **{key: self._near(key, value) for key, value in given.items()}}, mend=True
            )

    def changed(self, answers: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The same answers, each of them changed or not known."""
        if self.crossed:
            return
        for key in self._steering:
            for value in self._values[key]:
                if value != answers[key] or type(value) is not type(answers[key]):
                    yield from self._taken({**answers, key: value})

    def steers(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Of some answers, those that something reads."""
        return {key: answers[key] for key in self._of.steering}

    # ------------------------------------------------------------------ pieces

    def _taken(self, tried: Mapping[str, Any], *, mend: bool = False) -> Iterator[dict[str, Any]]:
        """The answers as the form keeps them, where it takes them.

        mend  whether what it refuses is answered otherwise, with what the refused questions' rules read
        """
        for _ in range(len(self._values) if mend else 1):
            try:
                checked = self._of.form.check(tried, self._scope, self._environment)
            except AnswersRefused as refused:
                if not mend:
                    return
                better = self._mended(tried, {problem.field for problem in refused.problems})
                if better is None:
                    return
                tried = better
                continue
            told = repr(self.steers(checked))
            if told not in self._met:
                self._met.add(told)
                yield checked
            return

    def _mended(self, tried: Mapping[str, Any], refused: set[str]) -> Mapping[str, Any] | None:
        """The same answers, with as few as possible changed, of which the form refuses fewer."""
        fields = self._of.form.fields
        asked = [key for key in fields if key in refused]
        read = {name for key in asked for each in of_field(fields[key]) for name in each.names} & fields.keys()
        near = [*asked, *sorted(read - refused)][:5]
        for chosen in islice(product(*([tried.get(key), *self._values[key]] for key in near)), MENDS):
            better = {**tried, **dict(zip(near, chosen, strict=True))}
            try:
                self._of.form.check(better, self._scope, self._environment)
            except AnswersRefused as still:
                if not {problem.field for problem in still.problems} < refused:
                    continue
            return better
        return None

    def _near(self, key: str, value: Any) -> Any:
        """What a scenario answers, as it may be answered here: its dates are not today's."""
        field = self._of.form.fields.get(key)
        if field is None or value is None:
            return value
        if field.type == "datetime" or field.fixed:
            return self._plain[key]
        return value

    def _worth(self, field: Field, stands: Any) -> list[Any]:
        found = [] if stands is None else [stands]
        found += list(self._usual(field))
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

    def _usual(self, field: Field) -> Iterator[Any]:
        now = self._environment.now
        assert now is not None
        local, reading = now.astimezone(LONDON), self._of.reading
        offered: Sequence[Any] = ()
        if field.type in CHOOSING:
            offered = [option.value for option in self._of.form.options(field.key, self._scope, self._environment)]
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
            yield from ((local + timedelta(days=days)).date().isoformat() for days in (0, 14, -14, 60))
        elif field.subtype == "datetime":
            yield local.replace(microsecond=0).isoformat()
        elif field.subtype == "time":
            yield "10:00"
        elif field.as_list:
            yield ["School", "The mother"]
        else:
            yield "As recorded in the minutes."


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
        found = [today] if dated else [True, False]
        found += [payload[key] for payload in given if key in payload and not dated and payload[key] in reading.texts]
        values[key] = [None]
        for value in found:
            if not any(value == other and type(value) is type(other) for other in values[key]):
                values[key].append(value)
    ways = 1
    for each in values.values():
        ways *= len(each)
    if ways <= CROSSED and not few:
        return [dict(zip(read, chosen, strict=True)) for chosen in product(*values.values())]
    full = {key: each[1] for key, each in values.items()}
    bases = [full, *({**full, **{key: payload.get(key) for key in read}} for payload in given)]
    if few:
        return [{}, *bases]
    return [{}, *bases, *({**base, key: value} for base in bases for key in read for value in values[key])]
