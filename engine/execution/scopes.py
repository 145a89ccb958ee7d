"""Processes under way, and who sees which variables: process, subprocess and single elements, as in Camunda 8."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow

from engine.clock import london_time
from engine.errors import Incident
from engine.execution.elements import Assignment, Element
from engine.execution.instructions import Circumstances
from engine.execution.tokens import READY, STARTED, WAITING, Token
from engine.feel import Environment
from engine.history import JSON, Event

if TYPE_CHECKING:
    from engine.execution.pathway import Pathway
    from engine.execution.steps import Step

#: What is being carried out between two instructions.
NOTHING_UNDER_WAY = cast("Turn", None)
NO_TOKEN, NO_STATE = cast("Token", None), cast("State", None)
#: What one instruction may do before it is stopped: a loop drawn without a stop never ends by itself.
MOST_STEPS = 10_000
#: How deep processes may call each other.
DEEPEST_CALL = 50
#: Names that no diagram, form or message can write.
ROOT_NAMES = ("case", "parameters")
_ROOTS = frozenset(ROOT_NAMES)
ABSENT = object()


class Turn:
    """One instruction being carried out: its circumstances, what happened so far and what is ready to go on."""

    __slots__ = (
        *("_environment", "circumstances", "events", "instance", "next_id", "ready", "roots", "signals", "steps"),
        "told",
    )

    def __init__(self, circumstances: Circumstances) -> None:
        self.circumstances, self.instance = circumstances, circumstances.instance
        self.events: list[Event] = []
        self.signals: list[str] = []
        #: Tokens beside the step that ended the plan, which wait to be told so.
        self.told: tuple[int, ...] = ()
        self.next_id = circumstances.next_id
        self.ready: deque[Token] = deque()
        self.steps = 0
        self.roots: dict[str, JSON] = {"case": circumstances.case, "parameters": circumstances.parameters}
        self._environment: Environment | None = None

    @property
    def environment(self) -> Environment:
        """What expressions know of the world; many an instruction works nothing out."""
        found = self._environment
        if found is None:
            here = self.circumstances
            found = Environment(london_time(here.now), {"calendar": here.calendar}, [])
            self._environment = found
        return found

    def say(self, kind: str, **body: JSON) -> None:
        """Note what happened."""
        body["instance"] = self.instance
        self.events.append(Event(kind, body))

    def passed(self, kind: str, element: Element, token: Token) -> None:
        """Note that a token reached or left an element: most of what happens."""
        body = {"process": element.process, "element": element.id, "task": token.id, "instance": self.instance}
        self.events.append(Event(kind, body))

    def went(self, process: str, flow: str) -> None:
        """Note that a token took an arrow."""
        self.events.append(Event("FlowTaken", {"process": process, "flow": flow, "instance": self.instance}))

    def change_case(self, facts: Mapping[str, JSON]) -> None:
        """Let the rest of this instruction read the case as these facts have made it."""
        self.roots["case"] = self.circumstances.derive({**self.roots["case"], **facts})


class PathwaySpec(BpmnProcessSpec):
    """A process or subprocess as SpiffWorkflow's graph, with what its parts may read and where it starts.

    id        of the process or subprocess element
    declared  names that something in the process writes: not yet written, they read as null
    starts    start events by id; plain_start the one without a trigger
    triggers  the start events of its event subprocesses
    """

    id: str
    by_task: bool
    declared: frozenset[str]
    starts: dict[str, Step]
    plain_start: Step | None
    triggers: list[Step]

    @cached_property
    def rechecks(self) -> bool:
        """Whether a waiting token somewhere in it must look again when others have moved."""
        return any(step.rechecks for step in self.task_specs.values())


class Scope(Mapping[str, object]):
    """The names one token can read: roots first, then from the innermost frame outward."""

    __slots__ = ("_declared", "_frames", "_roots")

    def __init__(self, frames: list[Mapping[str, JSON]], roots: Mapping[str, JSON], declared: frozenset[str]) -> None:
        self._frames, self._roots, self._declared = frames, roots, declared

    def get(self, name: str, default: Any = None) -> Any:
        if name in self._roots:
            return self._roots[name]
        for frame in self._frames:
            if name in frame:
                return frame[name]
        return None if name in self._declared else default

    def __getitem__(self, name: str) -> object:
        value = self.get(name, ABSENT)
        if value is ABSENT:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        return self.get(cast("str", name), ABSENT) is not ABSENT

    def flat(self) -> dict[str, JSON]:
        """Every variable with the value seen here; roots and unwritten names left out."""
        seen: dict[str, JSON] = {}
        for frame in reversed(self._frames):
            seen.update(frame)
        return seen

    def __iter__(self) -> Iterator[str]:
        yield from self._roots
        yield from (name for name in self.flat() if name not in self._roots)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def frames(token: Token) -> list[tuple[str, dict[str, JSON]]]:
    """The frames a token sees, innermost first, each with the element it belongs to. A call activity is a wall."""
    found: list[tuple[str, dict[str, JSON]]] = []
    while True:
        workflow = token.workflow
        if (local := token.internal_data.get("local")) is not None:
            found.append((token.task_spec.bpmn_id, local))
        parent = workflow.tasks.get(token._parent or 0)
        if parent is not None and (local := parent.internal_data.get("local")) is not None:
            found.append((parent.task_spec.bpmn_id, local))
        if workflow.variables is not None:
            found.append((workflow.spec.id, workflow.variables))
            return found
        token = workflow.parent_token


def scope(token: Token, *first: Mapping[str, JSON]) -> Scope:
    """What `token` can read, with further frames before its own."""
    seen: list[Mapping[str, JSON]] = [*first]
    workflow = token.workflow
    top = workflow.top_workflow
    if workflow is top and token._parent == workflow.task_tree.id and "local" not in token.internal_data:
        # Mostly there is but the process to read.
        seen.append(top.variables)
    else:
        seen += [frame for _, frame in frames(token)]
    return Scope(seen, top.turn.roots, token.task_spec.readable)


def write(token: Token, values: Mapping[str, JSON], *, outside: bool = False) -> None:
    """Write each value where its name is already known, else in the process; `outside` skips the token's own frame."""
    workflow, local = token.workflow, "local" in token.internal_data
    turn = workflow.top_workflow.turn
    if not _ROOTS.isdisjoint(values):
        name = next(name for name in ROOT_NAMES if name in values)
        raise Incident(
            f"{token.task_spec.bpmn_id} would write {name}, which only the case itself writes. "
            "Give the variable another name.",
            element=token.task_spec.bpmn_id,
        )
    if workflow is workflow.top_workflow and token._parent == workflow.task_tree.id and (outside or not local):
        # Mostly there is but the process to write to.
        chain = [(workflow.spec.id, workflow.top_workflow.variables)]
    else:
        chain = frames(token)[1 if outside and local else 0 :]
    if len(chain) == 1 and values:
        owner, frame = chain[0]
        frame.update(values)
        turn.say("VariablesWritten", scope=owner, values=dict(values))
        return
    written: dict[str, dict[str, JSON]] = {}
    for name, value in values.items():
        owner, frame = next((pair for pair in chain if name in pair[1]), chain[-1])
        frame[name] = value
        written.setdefault(owner, {})[name] = value
    for owner, changed in written.items():
        turn.say("VariablesWritten", scope=owner, values=changed)


def assign(root: dict[str, JSON], path: tuple[str, ...], value: JSON) -> None:
    """Write at a path of names, copying each level: a value that others hold is never changed in place."""
    for name in path[:-1]:
        inner = root.get(name)
        root[name] = root = dict(inner) if isinstance(inner, dict) else {}
    root[path[-1]] = value


def mapped(assignments: tuple[Assignment, ...], seen: Scope, token: Token) -> dict[str, JSON]:
    """What input or output mappings come to, each reading what the ones before it wrote."""
    return results(assignments, seen, token.workflow.top_workflow.turn.environment, token.task_spec.bpmn_id)


def results(
    assignments: tuple[Assignment, ...], seen: Scope, environment: Environment, element: str
) -> dict[str, JSON]:
    """What the mappings of an element come to where no token stands on it."""
    values: dict[str, JSON] = {}
    reading = Scope([values, *seen._frames], seen._roots, seen._declared)
    for line in assignments:
        value = line.source.json(reading, environment, element)
        head = line.target[0]
        if len(line.target) > 1 and head not in values:
            known = seen.get(head)
            values[head] = known if isinstance(known, dict) else {}
        assign(values, line.target, value)
    return values


class Running:
    """What a process and a subprocess under way have in common: tokens that come, stay and go."""

    spec: PathwaySpec
    top_workflow: State
    tasks: dict[int, Token]
    task_tree: Token
    completed: bool
    variables: dict[str, JSON] | None
    outcomes: list[str]
    parent_token: Token
    #: How many processes there are around it.
    level: int

    def begin(self, start: Step) -> Token:
        """Put the first tokens down: the root, the triggers of event subprocesses, and the start event's."""
        self.task_tree = root = Token(self, self.spec.start, None, STARTED)
        for trigger in self.spec.triggers:
            trigger._update(Token(self, trigger, root))
        return Token(self, start, root)

    def drop(self, token: Token) -> None:
        """Forget a finished token: what happened is in the history."""
        if self.tasks.pop(token.id, None) is not None and (parent := token.parent) is not None:
            parent._children.remove(token.id)

    def _task_completed_notify(self, token: Token) -> None:
        """A token has gone: the process ends when none is left that holds it open."""
        tasks = self.tasks
        if tasks.pop(token.id, None) is not None and (parent := tasks.get(token._parent or 0)) is not None:
            parent._children.remove(token.id)
        if self.completed:
            return
        # The newest token is mostly the one that goes on.
        for other in reversed(tasks.values()):
            if other.task_spec.holds or other.task_spec.holds_open(other):
                return
        self.completed = True
        self.clear()
        self.over()

    def clear(self) -> None:
        """Take every token away."""
        for token in list(self.tasks.values()):
            if token.id in self.tasks and token is not self.task_tree:
                token.cancel()
        self.tasks.clear()

    def over(self) -> None:
        """What follows when the last token has gone."""
        raise NotImplementedError


class Inner(Running, BpmnSubWorkflow):
    """A subprocess or called process under way; only a called process has variables of its own."""

    def __init__(self, spec: PathwaySpec, parent: Token, variables: dict[str, JSON] | None) -> None:
        self.spec, self.parent_token, self.parent_task_id = spec, parent, parent.id
        self.top_workflow = parent.workflow.top_workflow
        self.tasks, self.completed, self.success = {}, False, True
        self.variables, self.outcomes = variables, []
        self.level = parent.workflow.level + 1

    def over(self) -> None:
        """Tell the activity that holds it."""
        del self.top_workflow.subprocesses[self.parent_task_id]
        self.parent_token.task_spec.inner_over(self.parent_token, self)

    def cancel(self, success: bool = False) -> list[Token]:
        """Stop at once, because the activity that holds it was stopped."""
        self.completed = True
        self.clear()
        self.top_workflow.subprocesses.pop(self.parent_task_id, None)
        return []


class State(Running, BpmnWorkflow):
    """A running pathway: tokens, variables, and the processes running inside it.

    `withdrawn` holds the reason once somebody took the pathway back.
    """

    #: An attribute, where SpiffWorkflow has a property.
    top_workflow: State = cast("State", None)
    level = 0
    variables: dict[str, JSON]
    subprocesses: dict[int, Inner]

    def __init__(self, pathway: Pathway) -> None:
        self.pathway, self.spec, self.subprocess_specs = pathway, pathway.spec, pathway.inner
        self.top_workflow = self
        self.tasks, self.subprocesses = {}, {}
        self.completed, self.success = False, True
        self.variables, self.outcomes = {}, []
        self.withdrawn: str | None = None
        #: What it waits for (engine.execution.waits), once somebody asked.
        self.waiting: Any = None
        #: What the case last showed of it, for who has it in memory to compare with.
        self.shown: Any = None
        self.turn: Turn = NOTHING_UNDER_WAY

    @property
    def ended(self) -> bool:
        """Whether nothing more can happen."""
        return bool(self.completed)

    def everywhere(self) -> Iterator[Running]:
        """The pathway's own process and every one running inside it, in the order they began."""
        yield self
        yield from self.subprocesses.values()

    def tokens(self) -> Collection[Token]:
        """Every token of the pathway and of what runs inside it, process by process."""
        if not self.subprocesses:
            return self.tasks.values()
        return [token for running in self.everywhere() for token in running.tasks.values()]

    def find(self, task: int) -> Token | None:
        """The token with this id, wherever it stands."""
        found = self.tasks.get(task)
        if found is not None:
            return found
        for workflow in self.subprocesses.values():
            if task in workflow.tasks:
                return workflow.tasks[task]
        return None

    def settle(self) -> None:
        """Move every token as far as it goes by itself. Raises Incident where a loop has no stop."""
        turn = self.turn
        while True:
            while turn.ready:
                token = turn.ready.popleft()
                if token._state == READY:
                    turn.steps += 1
                    if turn.steps > MOST_STEPS:
                        raise Incident(
                            f"{token.task_spec.bpmn_id}: this pathway went round {MOST_STEPS} steps without a stop. "
                            "Draw a task, timer or message into the loop.",
                            element=token.task_spec.bpmn_id,
                        )
                    token.run()
            if not self.subprocesses and not self.spec.rechecks:
                return
            for workflow in [each for each in self.everywhere() if each.spec.rechecks]:
                for token in list(workflow.tasks.values()):
                    if token._state == WAITING and token.task_spec.rechecks:
                        token.task_spec._update(token)
            if not turn.ready:
                return

    def let_go(self) -> None:
        """Nobody goes on with it: it no longer holds itself in memory, so that it is forgotten at once."""
        self.task_tree, self.top_workflow = NO_TOKEN, NO_STATE

    def over(self) -> None:
        """The pathway has ended."""
        self.turn.say("PathwayEnded", outcomes=list(self.outcomes))


__all__ = ["Inner", "PathwaySpec", "Running", "Scope", "State", "Turn", "assign", "frames", "mapped", "scope", "write"]
