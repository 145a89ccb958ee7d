"""What is made of the answers to a form while only some of them are known: equal rests come out equal."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from engine.feel import Environment, Expression
from tests.walks.joint import Rows
from tests.walks.partly import Rest, Rule
from tests.walks.probes import compiled, entries_of
from tests.walks.reading import is_date
from tests.walks.trees import free, passes, print_once


class Watch(Protocol):
    """Something that is made of the answers; equal rests come out equal."""

    fields: frozenset[str]

    def rest(self, known: Mapping[str, Any]) -> Rest: ...


#: What is left where a question's own check refuses the answers.
REFUSED = -1


class Once:
    """Something that is made of the answers; rests are numbered.

    Where rests are equal, so is what follows: what is left after one more answer is worked out once for each rest.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch, self.fields = watch, watch.fields
        self._numbers: dict[Rest, int] = {("is", "refused"): REFUSED}
        self.first = self._number({})
        #: By question, what is left before it and the answer, as a text: what is left after it.
        self.after: dict[str, dict[tuple[int, str], int]] = {name: {} for name in sorted(watch.fields)}

    def work_out(self, key: str, before: int, text: str, known: Mapping[str, Any]) -> int:
        """The number of what is left after an answer.

        known  the answers, this one with them
        """
        found = self.after[key][before, text] = self._number(known)
        return found

    def _number(self, known: Mapping[str, Any]) -> int:
        return self._numbers.setdefault(self._watch.rest(known), len(self._numbers))


class Plain:
    """An answer that is read as it is."""

    def __init__(self, key: str) -> None:
        self._key, self.fields = key, frozenset({key})

    def rest(self, known: Mapping[str, Any]) -> Rest:
        return ("is", seen(known[self._key], None)) if self._key in known else ("open",)


class Value:
    """What an expression makes of the answers."""

    def __init__(self, rule: Rule, today: str) -> None:
        self._rule, self.fields = rule, rule.fields
        self._today = None if passes(rule.tree) else today

    def rest(self, known: Mapping[str, Any]) -> Rest:
        rest = self._rule.rest(known)
        return ("is", seen(rest[1], self._today)) if rest[0] == "is" else rest


class Joined:
    """The rows of a table that the answers leave, beside what is known of the case."""

    def __init__(self, table: Rows, given: Sequence[Rule | None], environment: Environment) -> None:
        self._table, self._given, self._environment = table, given, environment
        self.fields = frozenset().union(*(rule.fields for rule in given if rule is not None))
        self._met: dict[tuple[int, str], int] = {}

    def rest(self, known: Mapping[str, Any]) -> Rest:
        masks: list[int | None] = []
        still = []
        for number, rule in enumerate(self._given):
            rest = rule.rest(known) if rule is not None else None
            if rest is None or rest[0] != "is":
                masks.append(None)
                still += [(number, rest)] if rest is not None else []
                continue
            key = (number, repr(rest[1]))
            if key not in self._met:
                column = self._table.columns[number]
                assert column is not None
                self._met[key] = column.rows(rest[1], self._environment)
            masks.append(self._met[key])
        rows = self._table.met(masks)
        left = [row for row in range(rows.bit_length()) if rows >> row & 1]
        # A column of which every row that is left takes any value tells nothing apart any more.
        told = [one for one in still if any(self._table.rows[row][one[0]].tree.tests for row in left)]
        return ("rows", rows, tuple(told)) if told else ("is", rows)


class Asked:
    """Whether a question is asked, until it is: what hides it tells answers apart before it."""

    def __init__(self, key: str, hides: Sequence[Rule]) -> None:
        self._key, self._hides = key, hides
        self.fields = frozenset({key}).union(*(rule.fields for rule in hides))

    def rest(self, known: Mapping[str, Any]) -> Rest:
        return ("is", "over") if self._key in known else _hidden(self._hides, known)


class Check:
    """A question's own check: answers that it refuses lead nowhere."""

    def __init__(self, key: str, rule: Rule, hides: Sequence[Rule]) -> None:
        self._key, self._rule, self._hides = key, rule, hides
        self.fields = (rule.fields | {key}).union(*(each.fields for each in hides))

    def rest(self, known: Mapping[str, Any]) -> Rest:
        hidden, rest = _hidden(self._hides, known), self._rule.rest(known)
        if hidden == ("is", True) or rest == ("is", True):
            return ("is", "taken")
        if rest[0] == hidden[0] == "is" and self._key in known:
            return ("is", "refused")
        return ("asked", hidden, rest if rest[0] != "is" else "refused")


def _hidden(hides: Sequence[Rule], known: Mapping[str, Any]) -> Rest:
    """Whether any of some rules hides a question, or what that still hangs on."""
    rests = [rule.rest(known) for rule in hides]
    if ("is", True) in rests:
        return ("is", True)
    still = tuple(rest for rest in rests if rest[0] != "is")
    return ("hidden", still) if still else ("is", False)


def of_answers(
    rule: Expression, head: str, fields: frozenset[str], environment: Environment, scope: Mapping[str, Any]
) -> Rule:
    """A rule that reads the answers as one variable, and perhaps others that are known."""

    def asks(node: Any, known: Mapping[str, Any]) -> Any:
        seen = {name: scope.get(name) for name in rule.names}
        return compiled(print_once(node)).value({**seen, head: known}, environment)

    return Rule(rule.tree, fields, head, lambda node: entries_of(node, head), asks)


def own(rule: Expression, fields: frozenset[str], scope: Mapping[str, Any], environment: Environment) -> Rule:
    """A rule of the form itself, which reads the answers by their own names."""

    def asks(node: Any, known: Mapping[str, Any]) -> Any:
        return compiled(print_once(node)).value(ChainMap(dict(known), dict(scope)), environment)

    return Rule(rule.tree, fields, "", lambda node: free(node, rule.names) & fields, asks)


def seen(value: Any, today: str | None) -> str:
    """A value as far as answers are told apart by it: of a date whether it is to come.

    today  None where nothing compares it: a date is a date then
    """
    if hasattr(value, "isoformat"):
        value = value.isoformat()
    if isinstance(value, str) and is_date(value):
        if today is None:
            return "date"
        return "to come" if value[:10] > today else "here"
    return repr(value)
