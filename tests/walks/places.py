"""The places of a release: what may still be read from each, what the next step reads, and where nothing follows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from typing import Any

from engine.case.facts import FACTS, LIFE_EVENTS
from engine.execution import PLAN_ENDED, Pathway
from engine.execution.diagram import ENGINE_STEPS
from engine.execution.elements import Assignment, Element, Process
from engine.execution.names import written
from engine.execution.throwing import outcome_of
from engine.pathways import BUILT_IN_JOBS
from tests.walks.decisions import names_of_decision
from tests.walks.probes import BESIDE, MARK, Probes
from tests.walks.reading import NOTHING, Names, facts_behind, names_in, of_field, steering, without

#: Passed without a question and without a trace.
_PASSED = ("parallelGateway", "exclusiveGateway", "inclusiveGateway", "task", "manualTask", "endEvent")
#: What the end of a plan keeps and nothing asks.
_KEPT = ("decided_on", "effective_on", "reason")
#: The step that writes facts.
WRITES = "record_facts"
#: Where tokens wait.
_WAITS = ("userTask", "receiveTask", "intermediateCatchEvent", "boundaryEvent")


class Places:
    """The places of one release."""

    def __init__(self, pathway: Pathway, probes: Probes) -> None:
        self.pathway, self.probes = pathway, probes
        self._own: dict[tuple[str, str], Names] = {}
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

    @cache  # noqa: B019 - as long-lived as the release
    def still_read(self, process: str, element: str, *, inside: bool) -> Names:
        """The names that may be read from here on; inside, an activity that has begun and is not over."""
        if not inside:
            return self._into[process].get(element, NOTHING)
        found = self.pathway.processes[process].elements[element]
        after = self._out[process].get(element, NOTHING)
        back = self._across(found.outputs, after)
        looped = self._steered(found, "own") if found.loop else NOTHING
        outcomes = {name for name in after if name.split(".")[0] == element}
        return without(after, self._writes(found)) | back | looped | outcomes

    def read_after(self, process: str, element: str) -> Names:
        """The names that may be read once an element is done, its own mappings included."""
        found = self.pathway.processes[process].elements[element]
        after = self._out[process][element]
        if found.loop is not None:
            return after | self._steered(found, "own")
        return after | self._across(found.outputs, after)

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
        """What of the case may be read before the next wait, once this place is left."""
        passed, waits = self._until_wait(process, element)
        found = names_in(self._reads(each) | self._handed(each) for each in passed)
        found |= names_in(self._steered(each, "in", "own") for each in waits)
        return frozenset(name for name in found if name.startswith("case."))

    def reads(self, process: str, element: str) -> Names:
        """What of the case one element reads."""
        found = self.pathway.processes[process].elements[element]
        return frozenset(name for name in self._reads(found) | self._handed(found) if name[:5] == "case.")

    @cached_property
    def recorded(self) -> Names:
        """What is read to write it into the facts."""
        return names_in(
            self._steered(element, "in")
            for _, process in self._each()
            for element in process.elements.values()
            if element.job is not None and element.job.type == WRITES
        )

    def read_at_start(self) -> Names:
        """What of the case may be read before the first wait."""
        own = self.pathway.processes[self.pathway.id]
        starts = (x.id for x in own.elements.values() if x.kind == "startEvent" and x.scope == own.id)
        return names_in(self.read_next(own.id, start) for start in starts)

    def _until_wait(self, process: str, element: str) -> tuple[list[Element], list[Element]]:
        """The elements that may be passed before the next wait, and those that then wait or catch."""
        passed: list[Element] = []
        waits: list[Element] = []
        pending: list[tuple[str, str]] = [(process, element)]
        seen: set[tuple[str, str]] = set()
        while pending:
            where = pending.pop()
            if where in seen:
                continue
            seen.add(where)
            drawn = self.pathway.processes[where[0]]
            each = drawn.elements[where[1]]
            job = each.job is not None and each.job.type not in BUILT_IN_JOBS and each.job.type not in ENGINE_STEPS
            waits += (x for x in drawn.elements.values() if x.attached_to == each.id)
            if where != (process, element) and (each.kind in _WAITS or job):
                waits.append(each)
                continue
            passed.append(each)
            pending += self._onward(drawn, each)
            if each.job is not None and each.job.headers.get("guard", "").strip():
                pending += self._told_of_end
        return passed, waits

    @cached_property
    def _told_of_end(self) -> list[tuple[str, str]]:
        """What hears in the same command that the plan has ended."""
        return [
            (process, element.id)
            for process, drawn in self._each()
            for element in drawn.elements.values()
            if element.trigger is not None and element.trigger.name == PLAN_ENDED
        ]

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

    @cached_property
    def guarded(self) -> Names:
        """The facts that some guard of an ending reads."""
        found: set[str] = set()
        for _, process in self._each():
            for element in process.elements.values():
                if element.job is not None and element.job.headers.get("guard", "").strip():
                    read = (name for name in self._reads(element) if name[:5] == "case.")
                    found |= facts_in(read, self.probes)
        return frozenset(found)

    # ------------------------------------------------------------------ worked out once

    def _each(self) -> Iterator[tuple[str, Process]]:
        yield from self.pathway.processes.items()

    def _work_out(self, process: Process) -> bool:
        elements, into, out = process.elements, self._into[process.id], self._out[process.id]
        back = names_in(self._back(caller) for caller in self._callers[process.id])
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
            # What is read is read backwards: the last that is drawn first.
            for each in reversed([*elements.values()]):
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
                    first = self._first(called)
                    mine |= {name for name in first if name[:5] == "case."} | self._handed(each)
                    mine |= first if each.called.all_in else NOTHING
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
            after |= into[flow.target] | (self.probes.names(asked) if asked is not None else NOTHING)
        if not flows and each.trigger is not None and each.trigger.kind == "link":
            linked = (x for x in elements.values() if x.trigger is not None and x.trigger.kind == "link")
            after |= names_in(into[x.id] for x in linked)
        if not flows:
            after |= self._out[process.id][each.scope] if each.scope in elements else back
        return frozenset(after)

    def _first(self, called: Process) -> Names:
        """What a process that is called may read."""
        return names_in(self._into[called.id][x.id] for x in called.elements.values() if x.kind == "startEvent")

    def _handed(self, caller: Element) -> Names:
        """What is read to hand it to a process that is called."""
        if caller.called is None:
            return NOTHING
        return self._across(caller.inputs, self._first(self.pathway.processes[caller.called.process]))

    def _writes(self, element: Element) -> Names:
        return written(element, {}, by_task=True)

    def _back(self, caller: Element) -> Names:
        """What is read, after a process that is called has ended, of its variables."""
        assert caller.called is not None
        after = self._out[caller.process].get(caller.id, NOTHING)
        if caller.outputs:
            return self._across(caller.outputs, after)
        return after if caller.called.all_out else NOTHING

    def _across(self, lines: Iterable[Assignment], live: Names) -> Names:
        """What some mappings read, so far as what they write is read."""
        found: set[str] = set()
        for line in lines:
            source, head = line.source.expression, line.target[0]
            wanted = {name for name in live if name.split(".")[0] == head}
            if not wanted or source is None:
                continue
            if len(line.target) == 1:
                found = found.union(*(self.probes.carried(name, source) for name in wanted))
            else:
                found |= self.probes.names(source)
        return frozenset(found)

    def _steered(self, element: Element, *wanted: str) -> Names:
        return names_in(self.probes.names(each) for which, each in steering(element) if which in wanted)

    def _reads(self, element: Element) -> Names:
        key = (element.process, element.id)
        if key not in self._own:
            self._own[key] = self._reads_itself(element)
        back = self._across(element.outputs, self._out[element.process].get(element.id, NOTHING))
        given = frozenset(line.target[0] for line in element.inputs)
        return self._own[key] | without(back, given | {element.id})

    def _reads_itself(self, element: Element) -> Names:
        """What an element reads, whatever follows it."""
        given = {line.target[0]: line.source for line in element.inputs}
        own: set[str] = set()
        if element.work is not None and element.work.form is not None:
            form = self.pathway.release.forms[element.work.form]
            read = names_in(self.probes.names(rule) for field in form.fields.values() for rule in of_field(field))
            own |= without(read, frozenset(form.fields))
        own |= self._steered(element, "own")
        decision = element.decision.decision if element.decision is not None else None
        guard = (element.job.headers.get("guard", "").strip() or None) if element.job is not None else None
        first: set[str] = set()
        asked = decision or guard
        if asked and asked in self.pathway.models:
            first |= names_in(names_of_decision(self.probes, self.pathway.models[asked], asked, given))
        writes = element.job is not None and element.job.type == WRITES
        for line in element.inputs if not decision and element.called is None else ():
            source, name = line.source.expression, line.target[0]
            # Facts that are written are tried anew wherever they are read.
            if writes:
                continue
            if source is not None and guard is not None and name in _KEPT:
                first |= self.probes.there(source)
            elif source is not None and (guard is None or name == "outcome"):
                first |= self.probes.names(source)
        flows = self._after[element.process].get(element.id, ())
        ways = names_in(
            self.probes.names(x.condition.expression) for x in flows if x.condition and x.condition.expression
        )
        facts = {name for name in ways if name[:5] == "case."}
        return without(frozenset(own), frozenset(given)) | first | facts


def facts_in(names: Iterable[str], probes: Probes) -> frozenset[str]:
    """The facts that names of the case read, those that others follow from included."""
    found: set[str] = set()
    for name in names:
        entry = name[5:]
        if entry[:1] == BESIDE:
            found |= facts_in((each for each in probes.split(name) if each[:5] == "case."), probes)
            continue
        entries = probes[entry].entries if entry[:1] == MARK else frozenset({entry})
        found = found.union(*map(facts_behind, FACTS if entries is None else entries))
    return frozenset(found - {""})


def _of_life(event: Element) -> bool:
    """Whether something that happens to the child makes this happen: it is tried where it may, with its own facts."""
    return event.trigger is not None and event.trigger.name in (*LIFE_EVENTS, "LifeEvent")
