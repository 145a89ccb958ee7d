"""Plays the tokens of each process through, without its data: joins that starve or overflow, branches that collide.

A marking is the arrows that hold a token. Every marking that the arrows allow is looked at, up to a limit; what stands
beyond it is left unsaid. Data may rule some ways out, so only what is drawn to go wrong is a refusal.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from engine.errors import Finding
from engine.execution.elements import Element, Process
from engine.execution.names import written
from engine.forms import Form

MOST_MARKINGS = 3_000
#: How much looking one process is worth: each marking costs the square of its tokens.
MOST_EFFORT = 1_500_000
#: A way into an inclusive gateway that has more arrows out than this is taken by all of them only.
MOST_CHOICES = 5

#: One token: the arrow it is on, and the boundary events that already happened beside the activity it leads to.
Place = tuple[str, frozenset[str]]
Marking = tuple[Place, ...]
FRESH: frozenset[str] = frozenset()


def check_soundness(processes: Iterable[Process], forms: Mapping[str, Form], *, by_task: bool) -> list[Finding]:
    """What the arrows alone show to go wrong."""
    processes = list(processes)
    writers = _writers(processes, forms, by_task=by_task)
    found: list[Finding] = []
    for process in processes:
        for scope in [process.id, *(each.id for each in process.elements.values() if each.kind == "subProcess")]:
            found.extend(Game(process, scope, writers).play())
        for element in process.elements.values():
            found.extend(_instances(process, element))
    return found


class Game:
    """One process or subprocess, and every marking its tokens can come to."""

    def __init__(self, process: Process, scope: str, writers: Mapping[tuple[str, str], frozenset[str]]) -> None:
        self.process, self.writers = process, writers
        self.held = {each.id: each for each in process.elements.values() if each.scope == scope}
        flows = [flow for flow in process.flows if flow.source in self.held]
        self.target = {flow.id: flow.target for flow in flows}
        self.out: dict[str, list[str]] = defaultdict(list)
        self.into: dict[str, list[str]] = defaultdict(list)
        for flow in flows:
            self.out[flow.source].append(flow.id)
            self.into[flow.target].append(flow.id)
        self.edge: dict[str, list[Element]] = defaultdict(list)
        for element in self.held.values():
            if element.kind == "boundaryEvent" and element.attached_to is not None:
                self.edge[element.attached_to].append(element)
            elif element.kind == "intermediateThrowEvent" and _is_link(element):
                self.out[element.id] = [flow for each in self._catches(element) for flow in self.out[each.id]]
        self.found: dict[tuple[str, ...], Finding] = {}
        self.passed: set[str] = set()
        self.starved: dict[str, Element] = {}

    def play(self) -> list[Finding]:
        """Every marking from every start, as far as it is worth looking."""
        seen: set[Marking] = set()
        effort = 0
        waiting: deque[Marking] = deque()
        for element in self.held.values():
            if element.kind == "startEvent":
                waiting.append(_marking((flow, FRESH) for flow in self.out[element.id]))
        while waiting:
            marking = waiting.popleft()
            if marking in seen:
                continue
            seen.add(marking)
            effort += len(marking) ** 2
            if len(seen) > MOST_MARKINGS or effort > MOST_EFFORT:
                self.passed |= self.starved.keys()  # what was not looked at may pass them
                break
            if self._overflows(marking):
                continue
            self._collisions(marking)
            following = list(self._steps(marking))
            if not following and marking:
                self._starves(marking)
            waiting.extend(following)
        self._say_what_starves()
        return list(self.found.values())

    # ------------------------------------------------------------------ steps

    def _steps(self, marking: Marking) -> Iterator[Marking]:
        for place in dict.fromkeys(marking):
            flow, happened = place
            element = self.held[self.target[flow]]
            rest = list(marking)
            rest.remove(place)
            if element.kind in ("parallelGateway", "inclusiveGateway") and len(self.into[element.id]) > 1:
                yield from self._joins(element, marking)
                continue
            if _terminates(element):
                yield ()
                continue
            for taken in self._ways(element):
                yield _marking([*rest, *((each, FRESH) for each in taken)])
            for event in self.edge[element.id]:
                beyond = [(each, FRESH) for each in self.out[event.id]]
                if event.interrupting:
                    yield _marking([*rest, *beyond])
                elif event.id not in happened:
                    yield _marking([*rest, (flow, happened | {event.id}), *beyond])

    def _ways(self, element: Element) -> Iterator[tuple[str, ...]]:
        out = self.out[element.id]
        if element.kind in ("exclusiveGateway", "eventBasedGateway"):
            yield from ((each,) for each in out)
        elif element.kind == "inclusiveGateway" and len(out) <= MOST_CHOICES:
            for count in range(1, len(out) + 1):
                yield from combinations(out, count)
        else:
            yield tuple(out)

    def _joins(self, element: Element, marking: Marking) -> Iterator[Marking]:
        present = [flow for flow in self.into[element.id] if (flow, FRESH) in marking]
        empty = [flow for flow in self.into[element.id] if flow not in present]
        if empty and element.kind == "parallelGateway":
            return
        if empty and self._may_still_come(element.id, present, empty, marking):
            return
        self.passed.add(element.id)
        rest = list(marking)
        for flow in present:
            rest.remove((flow, FRESH))
        for taken in self._ways(element):
            yield _marking([*rest, *((each, FRESH) for each in taken)])

    def _may_still_come(self, gateway: str, present: list[str], empty: list[str], marking: Marking) -> bool:
        """Whether a token elsewhere can reach an empty arrow of an inclusive gateway, and none that has one."""
        for flow, _ in marking:
            if self.target[flow] == gateway:
                continue
            reached = self._reach(self.target[flow], gateway)
            if any(each in reached for each in empty) and not any(each in reached for each in present):
                return True
        return False

    def _reach(self, start: str, without: str) -> set[str]:
        """The arrows that a token at `start` can come to without passing one gateway."""
        arrows: set[str] = set()
        stack = [start]
        visited = set()
        while stack:
            place = stack.pop()
            if place in visited or place == without:
                continue
            visited.add(place)
            for each in [place, *(event.id for event in self.edge[place])]:
                arrows.update(self.out[each])
                stack.extend(self.target[flow] for flow in self.out[each])
        return arrows

    # ------------------------------------------------------------------ what goes wrong

    def _overflows(self, marking: Marking) -> bool:
        flows = [flow for flow, _ in marking]
        for flow in dict.fromkeys(flows):
            element = self.held[self.target[flow]]
            joins = element.kind == "parallelGateway" and len(self.into[element.id]) > 1
            if flows.count(flow) > 1 and joins:
                self._say(
                    "refusal",
                    element,
                    "Two tokens can come to this gateway by the same arrow, so one would be left over and the case "
                    "could never end.",
                    "Bring branches together with a gateway of the kind that split them, before they come here.",
                )
            if flows.count(flow) > 1:
                return True
        return False

    def _starves(self, marking: Marking) -> None:
        for flow, _ in marking:
            element = self.held[self.target[flow]]
            self.starved[element.id] = element

    def _say_what_starves(self) -> None:
        """A join that no way passes is a refusal; where data may keep to the ways that do pass it, advice."""
        for element in self.starved.values():
            if element.id in self.passed:
                message = "Some ways through the diagram leave this gateway waiting for ever."
                mend = "Lead every branch of the split here, or end the other ways with a terminate end event."
                self._say("advice", element, message, mend)
            else:
                message = "No way through the diagram brings this gateway what it waits for: it would wait for ever."
                mend = "Bring branches together with a gateway of the kind that split them."
                self._say("refusal", element, message, mend)

    def _collisions(self, marking: Marking) -> None:
        places = sorted({self.target[flow] for flow, _ in marking})
        for one, other in combinations(places, 2):
            shared = self.writers.get((self.process.id, one), FRESH) & self.writers.get((self.process.id, other), FRESH)
            if shared:
                name = min(shared)
                self._say(
                    "refusal",
                    self.held[one],
                    f"It writes {name}, and so does {self.held[other].label} ({other}) on a parallel branch: "
                    "whichever comes last would win.",
                    "Give one of them another name.",
                )

    def _say(self, severity: str, element: Element, message: str, mend: str) -> None:
        finding = Finding(severity, element.file, element.id, element.name, message, mend)
        self.found.setdefault((element.id, severity, message), finding)

    def _catches(self, element: Element) -> list[Element]:
        return [
            each
            for each in self.held.values()
            if each.kind == "intermediateCatchEvent"
            and _is_link(each)
            and each.trigger is not None
            and element.trigger is not None
            and each.trigger.name == element.trigger.name
        ]


def _marking(places: Iterable[Place]) -> Marking:
    return tuple(sorted(places, key=lambda place: (place[0], sorted(place[1]))))


def _is_link(element: Element) -> bool:
    return element.trigger is not None and element.trigger.kind == "link"


def _terminates(element: Element) -> bool:
    return element.kind == "endEvent" and element.trigger is not None and element.trigger.kind == "terminate"


def _writers(
    processes: list[Process], forms: Mapping[str, Form], *, by_task: bool
) -> dict[tuple[str, str], frozenset[str]]:
    """The names that each element writes, a subprocess's inside and a call's results included."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    whole: dict[str, frozenset[str]] = {}
    by_id = {process.id: process for process in processes}

    def of_process(process: str, chain: tuple[str, ...]) -> frozenset[str]:
        if process not in whole and process in by_id and process not in chain:
            names = [of_element(each, (*chain, process)) for each in by_id[process].elements.values()]
            whole[process] = frozenset[str]().union(*names)
        return whole.get(process, frozenset())

    def of_element(element: Element, chain: tuple[str, ...]) -> frozenset[str]:
        names = written(element, forms, by_task=by_task)
        if element.called is not None and element.called.all_out and not element.outputs and element.loop is None:
            names |= of_process(element.called.process, chain)
        return names

    for process in processes:
        for element in process.elements.values():
            found[process.id, element.id] = of_element(element, (process.id,))
        for element in _inside_out(process):
            own = {line.target[0] for line in element.inputs} | ({element.loop.item} if element.loop else set())
            inner = [found[process.id, each.id] for each in process.elements.values() if each.scope == element.id]
            found[process.id, element.id] |= frozenset[str]().union(*inner) - own
    return found


def _inside_out(process: Process) -> list[Element]:
    """The subprocesses, inner ones first."""
    found: list[Element] = []
    level = [process.id]
    while level:
        inner = [each for each in process.elements.values() if each.kind == "subProcess" and each.scope in level]
        found = [*inner, *found]
        level = [each.id for each in inner]
    return found


def _instances(process: Process, element: Element) -> Iterator[Finding]:
    """Parallel instances that would overwrite each other's value."""
    loop = element.loop
    if loop is None or loop.sequential:
        return
    own = {line.target[0] for line in element.inputs} | {loop.item}
    if loop.output_item is not None:
        own.add(loop.output_item.text.strip().lstrip("= "))
    for line in element.outputs:
        if line.target[0] not in own:
            yield Finding(
                "refusal",
                process.file,
                element.id,
                element.name,
                f"All its parallel instances write {line.target[0]}: whichever comes last would win.",
                "Gather the values with an output collection and an output element.",
            )
