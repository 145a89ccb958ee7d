"""Which steps that end a plan lie ahead of where a pathway stands: along its arrows, and into what it calls.

Nothing is answered beforehand: every arrow counts, whatever its condition. Of each step the nearest way is kept, that
which stays with what is under way and asks least of people. A way is longer where something else must happen first (an
event at the edge of a step, a message, a fault), and longest where it begins with a change in the child's life, which
every case may have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from heapq import heappop, heappush

from engine.case.life_events import LIFE_EVENT
from engine.case.telling import OWN_MESSAGES
from engine.execution import Pathway, State, Waits, around
from engine.execution.elements import Element

#: How far a step is: changes in the child's life, other events, borders of processes, steps of people, elements.
Cost = tuple[int, int, int, int, int]
#: An element by process and id.
Place = tuple[str, str]

_HERE: Cost = (0, 0, 0, 0, 0)
#: What it counts to enter a called process or to go on after it, and to begin where nobody has a task.
_BORDER: Cost = (0, 0, 1, 0, 0)
#: Messages that every case waits for.
NEVER_A_STOP = frozenset({LIFE_EVENT, *OWN_MESSAGES})
_ACTIVITIES = frozenset({"subProcess", "callActivity"})


@dataclass(frozen=True, slots=True)
class Found:
    """A step ahead: how far it is, the token it is reached from, and the activities entered on the way to it."""

    element: Element
    cost: Cost
    token: int
    entered: tuple[Element, ...]

    @property
    def by_itself(self) -> bool:
        """Whether nothing needs to change in the child's life for it."""
        return self.cost[0] == 0

    @property
    def straight(self) -> bool:
        """Whether no event needs to come in between."""
        return self.cost[:2] == (0, 0)

    @property
    def reached(self) -> bool:
        """Whether the process that it stands in runs already."""
        return not any(one.called is not None for one in self.entered)


def ahead(pathway: Pathway, state: State, waiting: Waits, wanted: Iterable[Element]) -> list[Found]:
    """Those of the wanted steps that can be reached from where the pathway stands, the nearest first."""
    of = {(one.process, one.id): one for one in wanted}
    drawn = _drawn(pathway)
    seen: set[Place] = set()
    queue: list[tuple[Cost, int, Place, int, tuple[Element, ...]]] = []
    holders: dict[str, list[tuple[Place, int]]] = {}
    count = 0
    for task, cost in _begun(waiting, state):
        stands, *held = around(state, task)
        heappush(queue, (cost, count, (stands[1].process, stands[1].id), task, ()))
        count += 1
        inside = stands[1].process
        for token, holder in held:
            if holder.called is not None:
                holders.setdefault(inside, []).append(((holder.process, holder.id), token))
                inside = holder.process
            for place, far in drawn.faults(holder):
                heappush(queue, (far, count, place, token, ()))
                count += 1
    found: list[Found] = []
    while queue:
        cost, _, place, token, entered = heappop(queue)
        if place in seen:
            continue
        seen.add(place)
        element = drawn.elements[place]
        if place in of:
            found.append(Found(element, cost, token, entered))
        follow = [(one, far, token, entered) for one, far in drawn.arrows(place)]
        if element.kind in _ACTIVITIES:
            inside = element.id if element.called is None else element.called.process
            border = _HERE if element.called is None else _BORDER
            follow += [(one, _sum(border, far), token, (*entered, element)) for one, far in drawn.starts(inside)]
        if drawn.ends(element):
            if element.scope != element.process:
                held_by = (element.process, element.scope)
                left = entered[:-1] if entered and entered[-1].id == element.scope else entered
                after = [(held_by, _HERE)] if drawn.elements[held_by].event else drawn.arrows(held_by)
                follow += [(one, far, token, left) for one, far in after]
            elif not entered:
                for held_by, outside in holders.get(element.process, ()):
                    follow += [(one, _sum(_BORDER, far), outside, ()) for one, far in drawn.arrows(held_by)]
        for one, far, by, inner in follow:
            if one not in seen:
                heappush(queue, (_sum(cost, far), count, one, by, inner))
                count += 1
    return found


def needed(pathway: Pathway, state: State, waiting: Waits, wanted: Element) -> tuple[int, ...]:
    """The open tasks that are done before this step can be; one whose branch ends beside the way to it is not.

    A branch is beside the way where it cannot come to the step without leaving what holds both, and another one that
    goes on by itself can, or can end all that is held there. Where that cannot be shown, the task counts as needed.
    """
    drawn, aim = _drawn(pathway), (wanted.process, wanted.id)
    tokens = [
        *(one.task for kind in (waiting.tasks, waiting.jobs) for one in kind),
        *(one.task for kind in (waiting.timers, waiting.messages) for one in kind if _goes_on(state, one.task)),
    ]
    chains = {task: around(state, task) for task in tokens}

    def leads(task: int) -> bool:
        for level, (token, stands) in enumerate(chains[task]):
            if drawn.leads((stands.process, stands.id), aim):
                return True
            holder = chains[task][level + 1 : level + 2]
            for other in chains.values():
                for far, (beside, at) in enumerate(other):
                    together = beside != token and other[far + 1 : far + 2] == holder
                    if together and drawn.leads((at.process, at.id), aim, or_ends=bool(holder)):
                        return False
        return True

    return tuple(one.task for one in waiting.tasks if leads(one.task))


def _goes_on(state: State, task: int) -> bool:
    """Whether a wait is a step of its way, and not an event that may or may not happen beside one."""
    return _of_event(around(state, task)[0][1])[:2] == (0, 0)


def _begun(waiting: Waits, state: State) -> Iterator[tuple[int, Cost]]:
    """Every token that waits, and how far it is from going on."""
    yield from ((one.task, _HERE) for one in waiting.tasks)
    yield from ((one.task, _HERE) for one in waiting.jobs)
    for task in (*(one.task for one in waiting.timers), *(one.task for one in waiting.messages)):
        yield task, _sum(_BORDER, _of_event(around(state, task)[0][1]))


def _of_event(element: Element) -> Cost:
    """What it takes that an event happens: a change in the child's life, something else, or time and people alone."""
    trigger = element.trigger
    if trigger is not None and trigger.kind == "message" and trigger.name in NEVER_A_STOP:
        return (1, 0, 0, 0, 1)
    if element.attached_to is not None or element.kind == "startEvent":
        return (0, 1, 0, 0, 1)
    return (0, 0, 0, 1 if trigger is not None and trigger.kind in ("message", "signal") else 0, 1)


def _sum(one: Cost, other: Cost) -> Cost:
    return (one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3], one[4] + other[4])


@lru_cache(maxsize=256)
def _drawn(pathway: Pathway) -> _Drawn:
    """What never changes of a release, worked out once."""
    return _Drawn(pathway)


class _Drawn:
    """The arrows of a release between elements, each with what its end asks."""

    def __init__(self, pathway: Pathway) -> None:
        self.elements: Mapping[Place, Element] = {
            (process.id, one.id): one for process in pathway.processes.values() for one in process.elements.values()
        }
        self._next: dict[Place, list[Place]] = {}
        self._edges: dict[Place, list[Place]] = {}
        self._inside: dict[str, list[Place]] = {}
        self._through: dict[str, int | None] = {}
        catching: dict[tuple[str, str], list[Place]] = {}
        for place, one in self.elements.items():
            if one.attached_to is not None:
                self._edges.setdefault((one.process, one.attached_to), []).append(place)
            if one.kind == "startEvent" or one.event:
                self._inside.setdefault(one.scope, []).append(place)
            elif one.trigger is not None and one.trigger.kind == "link" and one.kind == "intermediateCatchEvent":
                catching.setdefault((one.scope, one.trigger.name), []).append(place)
        for process in pathway.processes.values():
            for flow in process.flows:
                self._next.setdefault((process.id, flow.source), []).append((process.id, flow.target))
        for place, one in self.elements.items():
            if one.trigger is not None and one.trigger.kind == "link" and one.kind == "intermediateThrowEvent":
                self._next.setdefault(place, []).extend(catching.get((one.scope, one.trigger.name), ()))

    def arrows(self, place: Place) -> Iterator[tuple[Place, Cost]]:
        """Where it goes on from an element, what a called process asks before that included, and its edge's events."""
        element = self.elements[place]
        people = int(element.work is not None)
        if element.called is not None:
            people = self._people_in(element.called.process)
        yield from ((one, _sum((0, 0, 0, people, 1), self._before(one))) for one in self._next.get(place, ()))
        yield from self.faults(element)

    def faults(self, element: Element) -> Iterator[tuple[Place, Cost]]:
        """The events at the edge of an activity."""
        for place in self._edges.get((element.process, element.id), ()):
            yield place, _of_event(self.elements[place])

    def starts(self, scope: str) -> Iterator[tuple[Place, Cost]]:
        """Where a process or subprocess begins, its event subprocesses included."""
        for place in self._inside.get(scope, ()):
            if not self.elements[place].event:
                yield place, (0, 0, 0, 0, 1)
                continue
            for start in self._inside.get(place[1], ()):
                yield start, _of_event(self.elements[start])

    def ends(self, element: Element) -> bool:
        """Whether what holds the element may go on once it is done."""
        return not self._next.get((element.process, element.id))

    def leads(self, place: Place, aim: Place, *, or_ends: bool = False) -> bool:
        """Whether an element leads to another along arrows and into what they enter, without leaving what holds it.

        or_ends  or to an end that ends everything beside the element, too
        """
        queue, seen, scope = [place], set[Place](), self.elements[place].scope
        while queue:
            here = queue.pop()
            if here in seen:
                continue
            seen.add(here)
            element = self.elements[here]
            ends = element.trigger is not None and element.trigger.kind == "terminate" and element.scope == scope
            if here == aim or (or_ends and ends):
                return True
            after = list(self.arrows(here))
            if element.kind in _ACTIVITIES:
                after += self.starts(element.id if element.called is None else element.called.process)
            queue += [one for one, far in after if far[:2] == (0, 0)]
        return False

    def _before(self, place: Place) -> Cost:
        element = self.elements[place]
        return _of_event(element) if element.kind == "intermediateCatchEvent" else _HERE

    def _people_in(self, process: str) -> int:
        """The fewest steps of people from the start of a process to an end of it."""
        known = self._through.get(process)
        if known is not None:
            return known
        if process in self._through:
            return 0
        self._through[process] = None
        queue: list[tuple[Cost, Place]] = sorted((far, place) for place, far in self.starts(process))
        seen: set[Place] = set()
        while queue:
            cost, place = heappop(queue)
            if place in seen:
                continue
            seen.add(place)
            element = self.elements[place]
            if element.scope == process and element.kind == "endEvent":
                self._through[process] = cost[3]
                return cost[3]
            follow = [] if element.kind == "subProcess" else list(self.arrows(place))
            if element.kind == "subProcess":
                follow = [*self.starts(element.id), *self.faults(element)]
            if element.kind == "endEvent":
                follow = list(self.arrows((element.process, element.scope)))
            for one, far in follow:
                heappush(queue, (_sum(cost, far), one))
        self._through[process] = 0
        return 0
