"""The answers to a form, one for each way in which they can matter: split where the rules that read them split them.

Answer by answer, sets of answers of which every rule that is still to come makes the same become one.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, Protocol

from engine.errors import AnswersRefused
from engine.feel import Environment, Expression, to_json
from engine.forms import Field, Form
from engine.forms.answers import AnswerRefused, read_answer
from engine.forms.fields import CHOOSING, fields_of
from tests.walks.joint import Rows, names_apart, split_of
from tests.walks.partly import Rule
from tests.walks.probes import MARK, Joint, Probe, Probes
from tests.walks.reading import Names, of_field
from tests.walks.watching import REFUSED, Asked, Check, Joined, Once, Plain, Value, Watch, of_answers, own

#: Sets of answers that are held apart while one form is gone through: beyond, it is said that not all were.
MOST_SETS = 5_000
#: Sets of answers beside which those that are written into the facts are given in each way.
ONCE = 12


class Worth(Protocol):
    """The values of a question that are worth trying, what stands there at first before others."""

    def __call__(
        self, field: Field, stands: Any, offered: Sequence[Any] | None, environment: Environment
    ) -> list[Any]: ...


class Found:
    """Sets of answers to a form, and whether there is one for each way in which answers matter.

    sets      those that every question takes; the form itself is asked about those alone that are given
    every     whether there is one for each way, as far as is known by now
    check     what the form keeps of a set; AnswersRefused where it takes none of it
    recorded  some of the sets with each answer that is written into the facts given in each way
    beside    what is read beside the answers
    """

    def __init__(
        self,
        sets: Sequence[Mapping[str, Any]],
        every: bool,
        check: Callable[[Mapping[str, Any]], Mapping[str, Any]],
        recorded: Callable[[Sequence[Mapping[str, Any]]], Iterable[Mapping[str, Any]]],
        beside: tuple[str, ...] = (),
    ) -> None:
        self.sets, self.every, self._check, self._recorded = sets, every, check, recorded
        self.beside = beside
        self._taken: dict[int, Mapping[str, Any] | None] = {}

    def taken(self, sets: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """Of its own sets those that the form takes, as it keeps them."""
        for each in sets:
            if id(each) not in self._taken:
                try:
                    self._taken[id(each)] = self._check(each)
                except AnswersRefused:
                    self._taken[id(each)], self.every = None, False
            kept = self._taken[id(each)]
            if kept is not None:
                yield kept

    @cached_property
    def recorded(self) -> tuple[Mapping[str, Any], ...]:
        """The first sets with each answer that is written into the facts given in each way, one at a time."""
        return tuple(self._recorded([*islice(self.taken(self.sets), ONCE)]))


class Answers:
    """The answers to the form of one step.

    live      what is read of the answers once they are given
    recorded  what is read to write it into the facts: each such answer is given once in each way
    kinds     the facts of each kind of child that some names tell apart
    facts     what the form's own rules read of the facts
    """

    def __init__(
        self,
        form: Form,
        element: str,
        live: Names,
        recorded: Names,
        probes: Probes,
        worth: Worth,
        words: frozenset[str],
        kinds: Callable[[Names], Sequence[Mapping[str, Any]]],
    ) -> None:
        self._kinds = kinds
        self.form, self.element, self._probes, self._worth, self._words = form, element, probes, worth, words
        alone, self._beside = names_apart(probes, live)
        self._beside = {number: heads for number, heads in self._beside.items() if element in heads}
        self._alone = frozenset(name for name in alone if name.split(".")[0] == element)
        split = (probes.joints[number].split for number in self._beside)
        every, rules = self._entries(self._alone.union(*split))
        self.steering = [key for key in form.fields if key in every or any(_reads(rule, key) for rule in rules)]
        self._hides = {field.key: conditions for field, conditions in fields_of(form.layout) if conditions}
        self._order = self._in_order()
        own = [rule for field in form.fields.values() for rule in of_field(field)]
        own += [rule for conditions in self._hides.values() for rule in conditions]
        plain, beside = names_apart(probes, frozenset().union(*(probes.names(rule) for rule in own)))
        split = (probes.joints[number].split for number in beside)
        read = {name for name in plain.union(*split) if name.split(".")[0] not in {*form.fields, "parameters"}}
        for number, heads in self._beside.items():
            wanted = heads - {element, "case"}
            read |= {name for name in probes.joints[number].split if name.split(".")[0] in wanted}
        #: What is read beside the answers, and of which variables it counts whether they are there.
        self._asked = sorted(read)
        self._there = sorted({head for heads in self._beside.values() for head in heads} - {element})
        self.facts = frozenset().union(
            *(frozenset(name for name in probes.names(rule) if name[:5] == "case.") for rule in own)
        )
        self._written = self._of_facts(recorded) - {*self.steering}
        self._known: dict[tuple[str, ...], Found] = {}

    def _of_facts(self, recorded: Names) -> frozenset[str]:
        """The questions whose answers are written into the facts."""
        plain, joints = names_apart(self._probes, recorded)
        split = (self._probes.joints[number].split for number, heads in joints.items() if self.element in heads)
        every, rules = self._entries(plain.union(*split))
        return every | {key for key in self.form.fields if any(_reads(rule, key) for rule in rules)}

    def _entries(self, names: Iterable[str]) -> tuple[frozenset[str], list[Probe]]:
        """Of what is read of the answers: single ones, and what rules make of them."""
        entries = {name.partition(".")[2] for name in names if name.split(".")[0] == self.element}
        plain = entries if "" not in entries else {*entries, *(self._words & self.form.fields.keys())}
        rules = [self._probes[entry] for entry in sorted(entries) if entry[:1] == MARK]
        return frozenset(plain & self.form.fields.keys()), rules

    def beside(self, scope: Mapping[str, Any], today: str) -> tuple[str, ...]:
        """What is read beside the answers in one case: where that is the same, so are the answers."""
        read = [f"{name} {self._read(name, scope)!r}" for name in self._asked]
        return (*read, *(f"{head} is missing" for head in self._there if scope.get(head) is None), today)

    def to(self, scope: Mapping[str, Any], environment: Environment, today: str) -> Found:
        """The answers in one case: worked out once for all cases of which the form's own rules read the same."""
        key = self.beside(scope, today)
        if key not in self._known:
            self._known[key] = self._work_out(scope, environment, today, key)
        return self._known[key]

    # ------------------------------------------------------------------ pieces

    def _read(self, name: str, scope: Mapping[str, Any]) -> Any:
        """What is read of something beside the answers, as the rules that read it make of it."""
        head, _, entry = name.partition(".")
        value = scope.get(head)
        if entry[:1] == MARK:
            return self._probes.of(entry, value)
        return value.get(entry) if entry and isinstance(value, Mapping) else value

    def _work_out(
        self, scope: Mapping[str, Any], environment: Environment, today: str, beside: tuple[str, ...]
    ) -> Found:
        form = self.form
        watches = [*self._watched(scope, environment, today)]
        watches += self._whether_asked(watches, scope, environment)
        watched = [Once(watch) for watch in watches]
        stands = form.initial(scope, environment)
        # What is left of everything that is made of the answers, with the first answers that leave it, and as texts.
        sets: dict[tuple[int, ...], tuple[dict[str, Any], dict[str, str]]] = {
            tuple(watch.first for watch in watched): ({}, {})
        }
        every = True
        for key in self._order:
            field = form.fields[key]
            offered = None
            if field.type in CHOOSING:
                offered = [option.value for option in form.options(key, scope, environment)]
            values = self._worth(field, stands.get(key), offered, environment)
            touched = [(number, watch, watch.after[key]) for number, watch in enumerate(watched) if key in watch.fields]
            further: dict[tuple[int, ...], tuple[dict[str, Any], dict[str, str]]] = {}
            taken: dict[tuple[str | None, ...], list[tuple[Any, str]]] = {}
            rules = [*of_field(field), *self._hides.get(key, ())]
            reads = sorted({name for rule in rules for name in rule.names} & form.fields.keys())
            for rests, (known, said) in sets.items():
                asked = tuple(said.get(name) for name in reads)
                if asked not in taken:
                    may_be = self._may_be(field, values, known, scope, environment)
                    taken[asked] = [(value, repr(value)) for value in may_be]
                for value, text in taken[asked]:
                    after = [*rests]
                    for number, watch, made in touched:
                        rest = made.get((rests[number], text))
                        if rest is None:
                            rest = watch.work_out(key, rests[number], text, {**known, key: value})
                        if rest == REFUSED:
                            break
                        after[number] = rest
                    else:
                        now = tuple(after)
                        if now not in further:
                            further[now] = ({**known, key: value}, {**said, key: text})
            sets = further
            if len(sets) > MOST_SETS:
                every = False
                sets = dict(list(sets.items())[: MOST_SETS // 10])
        return Found(
            tuple(known for known, _ in sets.values()),
            every,
            lambda known: form.check(known, scope, environment),
            lambda found: self._recorded_once(found, stands, scope, environment),
            beside,
        )

    def _recorded_once(
        self,
        found: Sequence[Mapping[str, Any]],
        stands: Mapping[str, Any],
        scope: Mapping[str, Any],
        environment: Environment,
    ) -> Iterator[Mapping[str, Any]]:
        """The same answers with each one that is written into the facts given in each way, one at a time."""
        told: set[str] = set()
        for known in found:
            for key in sorted(self._written):
                field = self.form.fields[key]
                offered = None
                if field.type in CHOOSING:
                    offered = [option.value for option in self.form.options(key, scope, environment)]
                for value in self._worth(field, stands.get(key), offered, environment):
                    try:
                        other = self.form.check({**known, key: value}, scope, environment)
                    except AnswersRefused:
                        continue
                    said = repr(sorted(other.items()))
                    if other != known and said not in told:
                        told.add(said)
                        yield other

    def _may_be(
        self, field: Field, values: Sequence[Any], known: Mapping[str, Any], scope: Mapping[str, Any], env: Environment
    ) -> Iterator[Any]:
        """The values that the form takes for one question; nothing where it is not asked."""
        context = ChainMap({**dict.fromkeys(self.form.fields), **known}, dict(scope))
        if any(rule.value(context, env) is True for rule in self._hides.get(field.key, ())):
            yield None
            return
        if field.fixed:
            yield field.default if field.value is None else to_json(field.value.value(context, env))
            return
        options = self.form.options(field.key, scope, env) if field.type in CHOOSING else ()
        for value in values:
            try:
                yield read_answer(field, value, options, context, env)
            except AnswerRefused:
                continue

    def _watched(self, scope: Mapping[str, Any], environment: Environment, today: str) -> Iterator[Watch]:
        fields = frozenset(self.form.fields)
        names = set(self._alone)
        for number, heads in self._beside.items():
            joint = self._probes.joints[number]
            there = {head for head in heads if head == self.element or scope.get(head) is not None}
            if "case" in there:
                # The facts may be others by the time the rule is asked: alike is what is alike for every kind of child.
                yield from self._for_each_kind(joint, there, scope, environment, today)
                continue
            if not isinstance(joint.rule, Expression):
                given = [
                    of_answers(column.given, self.element, fields, environment, scope)
                    if column is not None and column.given.names <= there
                    else None
                    for column in joint.rule.columns
                ]
                yield Joined(joint.rule, given, environment)
                for column, rule in zip(joint.rule.columns, given, strict=True):
                    if column is not None and rule is None and self.element in column.given.names:
                        names |= split_of(self._probes, column)
            elif joint.heads <= there:
                yield Value(of_answers(joint.rule, self.element, fields, environment, scope), today)
            else:
                names |= joint.split
        names |= self._split_apart(scope)
        plain, rules = self._entries(names)
        for key in sorted(plain):
            yield Plain(key)
        for probe in rules:
            if isinstance(probe.rule, Expression):
                yield Value(of_answers(probe.rule, probe.name, fields, environment, {}), today)
            else:
                rows = tuple(zip(*(column.cells for column in probe.rule), strict=True))
                given = [of_answers(column.given, probe.name, fields, environment, {}) for column in probe.rule]
                yield Joined(Rows(probe.rule, rows, ""), given, environment)
        for key, field in self.form.fields.items():
            if field.check is not None:
                yield Check(key, own(field.check, fields, scope, environment), self._hidden_by(key, scope, environment))

    def _hidden_by(self, key: str, scope: Mapping[str, Any], environment: Environment) -> list[Rule]:
        fields = frozenset(self.form.fields)
        return [own(rule, fields, scope, environment) for rule in self._hides.get(key, ())]

    def _whether_asked(
        self, watches: Sequence[Watch], scope: Mapping[str, Any], environment: Environment
    ) -> Iterator[Watch]:
        """Whether each question is asked that something is made of, or that says whether such a one is asked."""
        read = frozenset().union(*(watch.fields for watch in watches))
        pending, told = [key for key in self._hides if key in read], set(read)
        while pending:
            key = pending.pop()
            watch = Asked(key, self._hidden_by(key, scope, environment))
            yield watch
            pending += [other for other in self._hides if other in watch.fields - told]
            told |= watch.fields

    def _split_apart(self, scope: Mapping[str, Any]) -> set[str]:
        """What rules that read the answers with facts, and with what is not known yet, read of the answers alone."""
        found: set[str] = set()
        for number, heads in self._beside.items():
            joint = self._probes.joints[number]
            there = {head for head in heads if head == self.element or scope.get(head) is not None}
            if "case" not in there:
                continue
            if isinstance(joint.rule, Expression):
                found |= set() if joint.heads <= there else joint.split
            else:
                for column in joint.rule.columns:
                    if column is not None and self.element in column.given.names and not column.given.names <= there:
                        found |= split_of(self._probes, column)
        return found

    def _for_each_kind(
        self, joint: Joint, there: set[str], scope: Mapping[str, Any], environment: Environment, today: str
    ) -> Iterator[Watch]:
        """A rule that reads answers and facts, for each kind of child that it tells apart."""
        fields = frozenset(self.form.fields)
        facts = frozenset(name for name in joint.split if name.split(".")[0] == "case")
        if isinstance(joint.rule, Expression):
            for each in self._kinds(facts) if joint.heads <= there else ():
                yield Value(of_answers(joint.rule, self.element, fields, environment, {**scope, "case": each}), today)
            return
        told: set[tuple[int | None, ...]] = set()
        for each in self._kinds(facts):
            known = {**scope, "case": each}
            alone = [
                self._probes.rows(column, {"case": each})
                if column is not None and column.given.names == {"case"}
                else None
                for column in joint.rule.columns
            ]
            both = any(column is not None and {"case"} < column.given.names for column in joint.rule.columns)
            if both or tuple(alone) not in told:
                told.add(tuple(alone))
                given = [
                    of_answers(column.given, self.element, fields, environment, known)
                    if column is not None and column.given.names <= there
                    else None
                    for column in joint.rule.columns
                ]
                yield Joined(joint.rule, given, environment)

    def _in_order(self) -> list[str]:
        """The questions, each after those that say whether it is asked."""
        order: list[str] = []
        pending = list(self.form.fields)
        while pending:
            free_ones = [
                key
                for key in pending
                if not any(name in pending and name != key for rule in self._hides.get(key, ()) for name in rule.names)
            ]
            nearest = (free_ones or pending)[0]
            order.append(nearest)
            pending.remove(nearest)
        return order


def _reads(probe: Probe, key: str) -> bool:
    return probe.entries is None or key in probe.entries
