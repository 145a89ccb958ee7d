"""The places of a release: what may still be read from each, what the next step reads, and where nothing follows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

from engine.case.facts import LIFE_EVENTS
from engine.execution import Pathway
from engine.execution.elements import Element, Process
from engine.execution.names import written
from engine.execution.throwing import outcome_of
from engine.pathways import BUILT_IN_JOBS
from tests.walks.reading import NOTHING, Names, asked_of, facts_in, names_in, names_of, steering, without

#: Passed without a question and without a trace.
_PASSED = ("parallelGateway", "exclusiveGateway", "inclusiveGateway", "task", "manualTask", "endEvent")
#: What the end of a plan keeps and nothing asks.
_KEPT = ("decided_on", "effective_on", "reason")
#: Where tokens wait.
_WAITS = ("userTask", "receiveTask", "intermediateCatchEvent", "boundaryEvent")


class Places:
    """The places of one release."""

    def __init__(self, pathway: Pathway) -> None:
        self.pathway = pathway
        self._after: dict[str, dict[str, list[Any]]] = {}
        self._callers: dict[str, list[Element]] = defaultdict(list)
        for process in pathway.processes.values():
            mine = self._after[process.id] = defaultdict(list)
            for flow in process.flows:
                mine[flow.source].append(flow)
            for element in process.elements.values():
                if element.called is not None:
                    self._callers[element.called.process].append(element)
        self._into: dict[str, dict[str, Names]] = {p: dict.fromkeys(x.elements, NOTHING) for p, x in self._each()}
        self._out: dict[str, dict[str, Names]] = {p: dict.fromkeys(x.elements, NOTHING) for p, x in self._each()}
        while any(self._work_out(process) for _, process in self._each()):
            pass

    def still_read(self, process: str, element: str, *, inside: bool) -> Names:
        """The names that may be read from here on; inside, an activity that has begun and is not over."""
        if not inside:
            return self._into[process].get(element, NOTHING)
        found = self.pathway.processes[process].elements[element]
        after = self._out[process].get(element, NOTHING)
        back = names_in(names_of(line.source.expression) for line in found.outputs if line.source.expression)
        looped = (
            names_in(names_of(each) for which, each in steering(found) if which == "own") if found.loop else NOTHING
        )
        outcomes = {name for name in after if name.split(".")[0] == element}
        return without(after, self._writes(found)) | back | looped | outcomes

    def over_after(self, process: str, element: str) -> bool:
        """Whether a process just ends after this element: nothing is asked, written, reached or read."""
        drawn, known = self.pathway.processes[process], self._after[process]
        pending, seen = [flow.target for flow in known.get(element, ())], set()
        while pending:
            each = drawn.elements[pending.pop()]
            if each.id in seen:
                continue
            seen.add(each.id)
            onward = known.get(each.id, ())
            event = each.trigger is not None and each.trigger.kind != "none"
            if each.kind not in _PASSED or event or outcome_of(each.id) is not None:
                return False
            if any(flow.condition is not None for flow in onward) or each.scope != process:
                return False
            pending += [flow.target for flow in onward]
        return drawn.elements[element].scope == process

    @cache  # noqa: B019 - as long-lived as the release
    def read_next(self, process: str, element: str) -> Names:
        """The facts that may be read before the next wait, once this place is left."""
        found: set[str] = set()
        pending: list[tuple[str, str]] = [(process, element)]
        seen: set[tuple[str, str]] = set()
        while pending:
            where = pending.pop()
            if where in seen:
                continue
            seen.add(where)
            drawn = self.pathway.processes[where[0]]
            each = drawn.elements[where[1]]
            job = each.job is not None and each.job.type not in BUILT_IN_JOBS
            if where != (process, element) and (each.kind in _WAITS or job):
                found |= names_in(names_of(x) for which, x in steering(each) if which in ("in", "own"))
                continue
            found |= self._reads(each)
            pending += self._onward(drawn, each)
        return frozenset(name for name in found if name.startswith("case."))

    def _onward(self, drawn: Process, each: Element) -> Iterator[tuple[str, str]]:
        into: list[Element] = []
        if each.called is not None:
            called = self.pathway.processes[each.called.process]
            yield from ((called.id, x.id) for x in called.elements.values() if x.kind == "startEvent")
        if each.kind == "subProcess":
            into = [x for x in drawn.elements.values() if x.scope == each.id and x.kind == "startEvent"]
        yield from ((drawn.id, x.id) for x in into)
        flows = self._after[drawn.id].get(each.id, ())
        yield from ((drawn.id, flow.target) for flow in flows)
        if each.kind == "endEvent" and each.scope in drawn.elements:
            yield from ((drawn.id, flow.target) for flow in self._after[drawn.id].get(each.scope, ()))
            around = (each.scope,)
            yield from ((drawn.id, x.id) for x in drawn.elements.values() if x.attached_to in around)
        elif each.kind == "endEvent":
            for caller in self._callers[drawn.id]:
                yield from ((caller.process, flow.target) for flow in self._after[caller.process].get(caller.id, ()))

    # ------------------------------------------------------------------ worked out once

    def _each(self) -> Iterator[tuple[str, Process]]:
        yield from self.pathway.processes.items()

    def _work_out(self, process: Process) -> bool:
        elements, into, out = process.elements, self._into[process.id], self._out[process.id]
        back = names_in(
            names_of(line.source.expression)
            for caller in self._callers[process.id]
            for line in caller.outputs
            if line.source.expression is not None
        )
        caught: dict[str, list[Element]] = defaultdict(list)
        starts: dict[str, list[Element]] = defaultdict(list)
        for each in elements.values():
            if each.attached_to:
                caught[each.attached_to].append(each)
            if each.kind == "startEvent":
                around = elements.get(each.scope)
                starts[each.scope].append(each)
                if around is not None and around.event:
                    caught[around.scope].append(each)
        changed, moving = False, True
        while moving:
            moving = False
            for each in elements.values():
                after = self._behind(process, each, back)
                beside: set[str] = set()
                scope: str = each.id
                while True:
                    for event in caught.get(scope, ()):
                        beside |= {name for name in into[event.id] if not (_of_life(event) and name[:5] == "case.")}
                    if scope not in elements:
                        break
                    scope = elements[scope].scope
                mine = without(after, self._writes(each)) | self._reads(each) | beside
                mine = mine.union(*(into[start.id] for start in starts.get(each.id, ())))
                if each.called is not None:
                    called = self.pathway.processes[each.called.process]
                    first = (self._into[called.id][x.id] for x in called.elements.values() if x.kind == "startEvent")
                    mine |= {name for names in first for name in names if name[:5] == "case."}
                if mine != into[each.id] or after | beside != out[each.id]:
                    into[each.id], out[each.id], moving, changed = (
                        frozenset(mine),
                        frozenset(after | beside),
                        True,
                        True,
                    )
        return changed

    def _behind(self, process: Process, each: Element, back: Names) -> frozenset[str]:
        """What is read after an element."""
        into, elements = self._into[process.id], process.elements
        after: set[str] = set()
        flows = self._after[process.id].get(each.id, ())
        for flow in flows:
            asked = flow.condition.expression if flow.condition is not None else None
            after |= into[flow.target] | (names_of(asked) if asked is not None else NOTHING)
        if not flows and each.trigger is not None and each.trigger.kind == "link":
            linked = (x for x in elements.values() if x.trigger is not None and x.trigger.kind == "link")
            after |= names_in(into[x.id] for x in linked)
        if not flows:
            after |= self._out[process.id][each.scope] if each.scope in elements else back
        return frozenset(after)

    def _writes(self, element: Element) -> Names:
        return written(element, {}, by_task=True)

    def _reads(self, element: Element) -> Names:
        given = frozenset(line.target[0] for line in element.inputs)
        own: set[str] = set()
        if element.work is not None and element.work.form is not None:
            own |= asked_of(self.pathway.release.forms[element.work.form])
        guard = element.job.headers.get("guard") if element.job is not None else None
        for decision in (guard, element.decision.decision if element.decision is not None else None):
            if decision is not None and decision in self.pathway.models:
                read = self.pathway.models[decision].reads(decision)
                content = self.pathway.release.decision_files[self.pathway.release.decisions[decision]]
                own |= (read - {"case"}) | facts_in(content.decode(), read)
        kept = element.job is not None and element.job.type == "end_plan"
        first = names_in(
            names_of(line.source.expression)
            for line in element.inputs
            if line.source.expression is not None and not (kept and line.target[0] in _KEPT)
        )
        own |= names_in(names_of(each) for which, each in steering(element) if which == "own")
        back = names_in(names_of(each) for which, each in steering(element) if which == "out")
        flows = self._after[element.process].get(element.id, ())
        asked = names_in(names_of(x.condition.expression) for x in flows if x.condition and x.condition.expression)
        facts = {name for name in asked if name[:5] == "case."}
        return without(frozenset(own), given) | first | without(back, given | {element.id}) | facts


def _of_life(event: Element) -> bool:
    """Whether something that happens to the child makes this happen: it is tried where it may, with its own facts."""
    return event.trigger is not None and event.trigger.name in (*LIFE_EVENTS, "LifeEvent")
