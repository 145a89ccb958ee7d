"""What was done matters as long as an ending that asks for it can still be reached without its being done again.

Worked out backwards over the diagrams, as for variables (tests.walks.places): an ending reads the steps and letters
that it asks for, a step and a letter's sending write themselves. What a process that is called does on every way
through it is done again whenever it is called.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Protocol

from engine.execution import Pathway, State
from engine.execution.elements import Element, Process
from engine.execution.scopes import Running
from engine.feel import nodes
from tests.walks.reading import NOTHING, Names, names_in
from tests.walks.standing import drawn

#: What does not write itself: it is passed, or only holds what is drawn inside.
_HOLDS = ("subProcess", "callActivity")


class Endings(Protocol):
    """The steps and letters that endings ask for, per outcome; "a|b" is one of them."""

    @property
    def decided_in(self) -> Mapping[str, tuple[str, ...]]: ...
    @property
    def told_by(self) -> Mapping[str, tuple[str, ...]]: ...
    @property
    def at_last(self) -> Mapping[str, tuple[str, ...]]: ...


class Marks:
    """Of the steps and letters that endings ask for those that still count, per place of an authority's diagrams."""

    def __init__(self, pathways: Iterable[Pathway], endings: Endings) -> None:
        self._endings = endings
        self._decided = {
            outcome: named((*endings.decided_in.get(outcome, ()), *endings.at_last.get(outcome, ())))
            for outcome in {*endings.decided_in, *endings.at_last}
        }
        self._told = {outcome: named(steps) for outcome, steps in endings.told_by.items()}
        self._every = names_in([*self._decided.values(), *self._told.values()])
        self.processes: dict[str, Process] = {}
        for pathway in pathways:
            self.processes.update(pathway.processes)
        self._onward: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._starts: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._beside: dict[tuple[str, str], list[str]] = defaultdict(list)
        for process in self.processes.values():
            self._read(process)
        #: What counts on entering a place, until its process ends; and what may be left undone from there to its end.
        self._live: dict[tuple[str, str], Names] = defaultdict(frozenset)
        self._open: dict[tuple[str, str], Names] = defaultdict(frozenset)
        while self._work_out():
            pass

    def at_start(self, process: str) -> Names:
        """What counts when a process begins."""
        return names_in(self._live[process, start] for start in self._starts[process, process])

    def of(self, states: Iterable[State]) -> Names:
        """What still counts where some pathways stand."""
        return names_in(self._within(state, state)[0] for state in states)

    # ------------------------------------------------------------------ one state

    def _within(self, state: State, running: Running) -> tuple[Names, Names]:
        """What counts inside a process, and what may be left undone until it ends."""
        live: set[str] = set()
        left: set[str] = set()
        for token in drawn(running):
            element, inner = token.task_spec.element, state.subprocesses.get(token.id)
            where = (element.process, element.id)
            if inner is None:
                live |= self._live[where]
                left |= self._open[where]
                continue
            within, undone = self._within(state, inner)
            live |= within | (self._live_after(where) & undone) | self._all(self._live, self._beside_of(where))
            left |= (self._open_after(where) & undone) | self._all(self._open, self._beside_of(where))
        return frozenset(live), frozenset(left)

    # ------------------------------------------------------------------ worked out once

    def _read(self, process: Process) -> None:
        linked = [each.id for each in process.elements.values() if each.trigger and each.trigger.kind == "link"]
        for flow in process.flows:
            self._onward[process.id, flow.source].append(flow.target)
        for each in process.elements.values():
            if each.id in linked and not self._onward[process.id, each.id]:
                self._onward[process.id, each.id] += [other for other in linked if other != each.id]
            if each.attached_to:
                self._beside[process.id, each.attached_to].append(each.id)
            if each.kind == "startEvent":
                around = process.elements.get(each.scope)
                if around is not None and around.event:
                    self._beside[process.id, around.scope].append(each.id)
                else:
                    self._starts[process.id, each.scope].append(each.id)

    def _beside_of(self, where: tuple[str, str]) -> Iterator[tuple[str, str]]:
        """What may happen while something is done: on its edge, or in a process or subprocess around it."""
        process, element = where
        yield from ((process, each) for each in self._beside[where])
        scope = self.processes[process].elements[element].scope
        yield from ((process, each) for each in self._beside[process, scope])

    def _work_out(self) -> bool:
        changed = False
        for process in self.processes.values():
            for each in reversed([*process.elements.values()]):
                where = (process.id, each.id)
                live, left = self._entering(each, where)
                beside = [*self._beside_of(where)]
                live |= self._all(self._live, beside)
                left |= self._all(self._open, beside)
                if live != self._live[where] or left != self._open[where]:
                    self._live[where], self._open[where], changed = live, left, True
        return changed

    def _entering(self, each: Element, where: tuple[str, str]) -> tuple[Names, Names]:
        after, undone = self._live_after(where), self._open_after(where)
        live, left = after - self._done_in(each) | self._asked_by(each), undone - self._done_in(each)
        if each.kind in _HOLDS:
            called = each.called
            starts = [(each.process, one) for one in self._starts[where]]
            if called is not None:
                starts = [(called.process, one) for one in self._starts[called.process, called.process]]
                passed = self._all(self._open, starts)
                live, left = self._all(self._live, starts) | (after & passed), undone & passed
            else:
                live, left = self._all(self._live, starts), self._all(self._open, starts)
        if each.loop is not None:
            # There may be nothing in the list.
            live, left = live | after, left | undone
        return live, left

    def _live_after(self, where: tuple[str, str]) -> Names:
        process, element = where
        onward, scope = self._onward[where], self.processes[process].elements[element].scope
        if onward:
            return self._all(self._live, ((process, each) for each in onward))
        return NOTHING if scope == process else self._live_after((process, scope))

    def _open_after(self, where: tuple[str, str]) -> Names:
        process, element = where
        onward, scope = self._onward[where], self.processes[process].elements[element].scope
        if onward:
            return self._all(self._open, ((process, each) for each in onward))
        return self._every if scope == process else self._open_after((process, scope))

    @staticmethod
    def _all(known: Mapping[tuple[str, str], Names], places: Iterable[tuple[str, str]]) -> Names:
        return names_in(known[place] for place in places)

    def _done_in(self, each: Element) -> Names:
        """What is done once an element is."""
        sends = each.properties.get("casework:letter_step") == "send"
        letter = {each.properties.get("casework:letter", "")} if sends else set()
        return self._every & {each.id, *letter} if each.kind not in _HOLDS else NOTHING

    def _asked_by(self, each: Element) -> Names:
        """What an ending asks for that an element reaches."""
        if each.kind == "endEvent":
            return self._told.get(each.id, NOTHING)
        if each.job is None or not each.job.headers.get("guard", "").strip():
            return NOTHING
        outcome = next((line.source.expression for line in each.inputs if line.target == ("outcome",)), None)
        if outcome is not None and isinstance(outcome.tree, nodes.String):
            return self._decided.get(outcome.tree.value, NOTHING)
        return names_in(self._decided.values())


@cache
def named(steps: tuple[str, ...]) -> Names:
    """The single steps that lines of "a|b" name."""
    return frozenset(step for each in steps for step in each.split("|"))
