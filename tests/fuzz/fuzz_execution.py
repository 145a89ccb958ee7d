"""Random diagrams and random instructions: our execution beside SpiffWorkflow's own stepping, in one process.

After every instruction both must have the same tasks open, the same timers and messages awaited, and agree on whether
the pathway has ended. Beside that our own side is read back at random and told again at the end.

Left out are the places where SpiffWorkflow's stepping is known to differ from the picture (docs/adr/0002): a parallel
join or an inclusive gateway inside a loop, a second message to the same boundary event, two errors or escalations of
one code side by side, timers at an event-based gateway. The stories hold those.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import EventBasedGateway
from SpiffWorkflow.util.task import TaskState

from engine.calendars import Calendar
from engine.execution import (
    Circumstances,
    CompleteTask,
    DeliverMessage,
    FinishJob,
    FireTimer,
    Instruction,
    Pathway,
    Start,
    State,
    apply,
    decode,
    encode,
    prepare,
    waits,
)
from engine.history import read_instant
from engine.pathways import release_from_files

BPMN = 'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
CALENDAR = Calendar("england", {})
#: Far enough that the machine's own clock, which SpiffWorkflow reads, never comes to it.
FAR = "P9000D"


@dataclass
class Drawing:
    """A process in the making: nodes with what only one side needs, and arrows with a question of (name, value)."""

    ours: list[str] = field(default_factory=list)
    stock: list[str] = field(default_factory=list)

    def both(self, text: str) -> None:
        self.ours.append(text)
        self.stock.append(text)

    def arrow(self, source: str, target: str, question: tuple[str, str] | None = None) -> None:
        head = f'<bpmn:sequenceFlow id="{source}__{target}" sourceRef="{source}" targetRef="{target}">'
        ours = stock = ""
        if question is not None:
            name, value = question
            ours = f"<bpmn:conditionExpression>={name} = {value}</bpmn:conditionExpression>"
            stock = f"<bpmn:conditionExpression>{name} == {value.title()}</bpmn:conditionExpression>"
        self.ours.append(f"{head}{ours}</bpmn:sequenceFlow>")
        self.stock.append(f"{head}{stock}</bpmn:sequenceFlow>")

    def add(self, other: Drawing) -> None:
        self.ours += other.ours
        self.stock += other.stock


class Maker:
    """Draws one random release, block within block."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.count = 0
        self.heads: list[str] = []
        self.called: list[Drawing] = []
        self.catches: dict[str, str] = {}

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def process(self, depth: int, name: str) -> Drawing:
        drawing = Drawing()
        first, last = self.block(depth, drawing, looping=False, inside=name != "p")
        begin, finish = self.name("s"), self.name("e")
        drawing.both(f'<bpmn:startEvent id="{begin}"/><bpmn:endEvent id="{finish}"/>')
        drawing.arrow(begin, first)
        drawing.arrow(last, finish)
        return drawing

    def block(self, depth: int, into: Drawing, *, looping: bool, inside: bool) -> tuple[str, str]:
        """Draw a block; the ids of its first and its last element."""
        kinds = ["sequence", "sequence", "choice", "subprocess", "loop", "call", "events", "escalating", "failing"]
        kinds += [] if looping else ["fork", "fork", "fork", "inclusive"]
        if depth <= 1:
            kinds += ["timed", "told", "many", "task", "job", "awaited", "signal"]
        kind = self.chance.choice(kinds if depth > 0 else ["task", "task", "timed", "told", "job", "awaited"])
        make: Any = getattr(self, f"draw_{kind}")
        made: tuple[str, str] = make(depth, into, looping, inside)
        return made

    def draw_task(self, depth: int, into: Drawing, looping: bool, inside: bool) -> tuple[str, str]:
        task = self.name("u")
        into.both(f'<bpmn:userTask id="{task}"/>')
        return task, task

    def draw_sequence(self, depth: int, into: Drawing, looping: bool, inside: bool) -> tuple[str, str]:
        one = self.block(depth - 1, into, looping=looping, inside=inside)
        two = self.block(depth - 1, into, looping=looping, inside=inside)
        into.arrow(one[1], two[0])
        return one[0], two[1]

    def branches(self, depth: int, into: Drawing, looping: bool, inside: bool) -> list[tuple[str, str]]:
        count = self.chance.choice([2, 2, 3])
        return [self.block(depth - 1, into, looping=looping, inside=inside) for _ in range(count)]

    def draw_fork(self, depth: int, into: Drawing, looping: bool, inside: bool) -> tuple[str, str]:
        split, join = self.name("g"), self.name("j")
        into.both(f'<bpmn:parallelGateway id="{split}"/><bpmn:parallelGateway id="{join}"/>')
        for first, last in self.branches(depth, into, looping, inside):
            into.arrow(split, first)
            into.arrow(last, join)
        return split, join

    def draw_choice(self, depth: int, into: Drawing, looping: bool, inside: bool) -> tuple[str, str]:
        return self.ways("exclusiveGateway", depth, into, looping, inside)

    def draw_inclusive(self, depth: int, into: Drawing, looping: bool, inside: bool) -> tuple[str, str]:
        return self.ways("inclusiveGateway", depth, into, looping, inside)

    def ways(self, kind: str, depth: int, into: Drawing, looping: bool, inside: bool) -> tuple[str, str]:
        split, join = self.name("x"), self.name("m")
        ways = self.branches(depth, into, looping, inside)
        into.both(f'<bpmn:{kind} id="{split}" default="{split}__{ways[0][0]}"/><bpmn:{kind} id="{join}"/>')
        for number, (first, last) in enumerate(ways):
            question = (f"pick{self.chance.randrange(3)}", str(self.chance.randrange(3))) if number else None
            into.arrow(split, first, question)
            into.arrow(last, join)
        return split, join

    def draw_loop(self, depth: int, into: Drawing, looping: bool, inside: bool) -> tuple[str, str]:
        merge, split, task = self.name("m"), self.name("x"), self.name("again")
        first, last = self.block(depth - 1, into, looping=True, inside=inside)
        into.both(f'<bpmn:exclusiveGateway id="{merge}"/><bpmn:userTask id="{task}"/>')
        leave = self.name("u")
        into.both(f'<bpmn:userTask id="{leave}"/>')
        into.both(f'<bpmn:exclusiveGateway id="{split}" default="{split}__{leave}"/>')
        into.arrow(merge, first)
        into.arrow(last, task)
        into.arrow(task, split)
        into.arrow(split, leave)
        into.arrow(split, merge, ("again", "true"))
        return merge, leave

    def draw_subprocess(self, depth: int, into: Drawing, looping: bool, inside: bool) -> tuple[str, str]:
        name = self.name("sp")
        self.wrap(name, self.process(depth - 1, name), into)
        if self.chance.random() < 0.5:
            return name, name
        return self.edged(name, into)

    def wrap(self, name: str, inner: Drawing, into: Drawing) -> None:
        into.ours.append(f'<bpmn:subProcess id="{name}">{"".join(inner.ours)}</bpmn:subProcess>')
        into.stock.append(f'<bpmn:subProcess id="{name}">{"".join(inner.stock)}</bpmn:subProcess>')

    def draw_call(self, depth: int, into: Drawing, looping: bool, inside: bool) -> tuple[str, str]:
        call, process = self.name("c"), self.name("called")
        drawing = self.process(depth - 1, process)
        drawing.ours = [f'<bpmn:process id="{process}" isExecutable="true">{"".join(drawing.ours)}</bpmn:process>']
        drawing.stock = [f'<bpmn:process id="{process}" isExecutable="true">{"".join(drawing.stock)}</bpmn:process>']
        self.called.append(drawing)
        into.ours.append(
            f'<bpmn:callActivity id="{call}"><bpmn:extensionElements><zeebe:calledElement processId="{process}"/>'
            "</bpmn:extensionElements></bpmn:callActivity>"
        )
        into.stock.append(f'<bpmn:callActivity id="{call}" calledElement="{process}"/>')
        return (call, call) if self.chance.random() < 0.5 else self.edged(call, into)

    def draw_many(self, depth: int, into: Drawing, looping: bool, inside: bool) -> tuple[str, str]:
        task, count = self.name("u"), self.chance.randrange(4)
        marker = f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(self.chance.random() < 0.5).lower()}">'
        items = f"=[{', '.join(str(each) for each in range(count))}]"
        into.ours.append(
            f'<bpmn:userTask id="{task}">{marker}<bpmn:extensionElements><zeebe:loopCharacteristics '
            f'inputCollection="{items}"/></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>'
            "</bpmn:userTask>"
        )
        into.stock.append(
            f'<bpmn:userTask id="{task}">{marker}<bpmn:loopCardinality>{count}</bpmn:loopCardinality>'
            "</bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>"
        )
        return task, task

    def draw_job(self, depth: int, into: Drawing, looping: bool, inside: bool) -> tuple[str, str]:
        """A job; in SpiffWorkflow's own words a user task, since both wait for somebody."""
        name = self.name("job")
        into.ours.append(
            f'<bpmn:serviceTask id="{name}"><bpmn:extensionElements><zeebe:taskDefinition type="mail"/>'
            "</bpmn:extensionElements></bpmn:serviceTask>"
        )
        into.stock.append(f'<bpmn:userTask id="{name}"/>')
        return name, name

    def edged(self, name: str, into: Drawing, *, told: bool = False) -> tuple[str, str]:
        """A timer or message on an activity's edge, which interrupts it or runs beside it."""
        edge, late, finish = self.name("b"), self.name("u"), self.name("e")
        beside = self.chance.random() < 0.5
        into.both(f'<bpmn:userTask id="{late}"/>')
        head = f'<bpmn:boundaryEvent id="{edge}" attachedToRef="{name}" cancelActivity="{str(not beside).lower()}">'
        if told:
            trigger = self.message(edge)
            into.both(f"{head}{trigger}</bpmn:boundaryEvent>")
        else:
            self.timer(head, "</bpmn:boundaryEvent>", into)
        into.arrow(edge, late)
        if beside or self.chance.random() < 0.3:
            into.both(f'<bpmn:endEvent id="{finish}"/>')
            into.arrow(late, finish)
            return name, name
        merge = self.name("m")
        into.both(f'<bpmn:exclusiveGateway id="{merge}"/>')
        into.arrow(name, merge)
        into.arrow(late, merge)
        return name, merge

    def timer(self, head: str, tail: str, into: Drawing) -> None:
        for side, text in ((into.ours, FAR), (into.stock, f"'{FAR}'")):
            side.append(
                f"{head}<bpmn:timerEventDefinition><bpmn:timeDuration>{text}</bpmn:timeDuration>"
                f"</bpmn:timerEventDefinition>{tail}"
            )

    def message(self, place: str) -> str:
        name = f"msg_{place}"
        self.heads.append(
            f'<bpmn:message id="{name}" name="{name}"><bpmn:extensionElements><zeebe:subscription '
            f'correlationKey="=case.case_id"/></bpmn:extensionElements></bpmn:message>'
        )
        return f'<bpmn:messageEventDefinition messageRef="{name}"/>'

    def draw_timed(self, depth: int, into: Drawing, looping: bool, inside: bool) -> tuple[str, str]:
        task, _ = self.draw_task(depth, into, looping, inside)
        return self.edged(task, into)

    def draw_told(self, depth: int, into: Drawing, looping: bool, inside: bool) -> tuple[str, str]:
        task, _ = self.draw_task(depth, into, looping, inside)
        return self.edged(task, into, told=True)

    def draw_awaited(self, depth: int, into: Drawing, looping: bool, inside: bool) -> tuple[str, str]:
        name = self.name("c")
        head, tail = f'<bpmn:intermediateCatchEvent id="{name}">', "</bpmn:intermediateCatchEvent>"
        if self.chance.random() < 0.5:
            self.timer(head, tail, into)
        else:
            into.both(f"{head}{self.message(name)}{tail}")
        return name, name

    def draw_events(self, depth: int, into: Drawing, looping: bool, inside: bool) -> tuple[str, str]:
        gateway, merge = self.name("eg"), self.name("m")
        into.both(f'<bpmn:eventBasedGateway id="{gateway}"/><bpmn:exclusiveGateway id="{merge}"/>')
        for _ in range(2):
            event = self.name("c")
            self.catches[event] = gateway
            into.both(f'<bpmn:intermediateCatchEvent id="{event}">{self.message(event)}</bpmn:intermediateCatchEvent>')
            task, last = self.block(0, into, looping=looping, inside=inside)
            into.arrow(gateway, event)
            into.arrow(event, task)
            into.arrow(last, merge)
        return gateway, merge

    def draw_signal(self, depth: int, into: Drawing, looping: bool, inside: bool) -> tuple[str, str]:
        """A task that a signal thrown beside it interrupts."""
        name = self.name("sig")
        self.heads.append(f'<bpmn:signal id="{name}" name="{name}"/>')
        task, edge, merge, throw = self.name("u"), self.name("b"), self.name("m"), self.name("th")
        thrower, split, finish = self.name("u"), self.name("g"), self.name("e")
        trigger = f'<bpmn:signalEventDefinition signalRef="{name}"/>'
        into.both(
            f'<bpmn:parallelGateway id="{split}"/><bpmn:userTask id="{task}"/><bpmn:userTask id="{thrower}"/>'
            f'<bpmn:boundaryEvent id="{edge}" attachedToRef="{task}" cancelActivity="true">{trigger}'
            "</bpmn:boundaryEvent>"
            f'<bpmn:exclusiveGateway id="{merge}"/><bpmn:endEvent id="{finish}"/>'
            f'<bpmn:intermediateThrowEvent id="{throw}">{trigger}</bpmn:intermediateThrowEvent>'
        )
        for source, target in (
            (split, task),
            (split, thrower),
            (thrower, throw),
            (throw, finish),
            (task, merge),
            (edge, merge),
        ):
            into.arrow(source, target)
        return split, merge

    def draw_escalating(self, depth: int, into: Drawing, looping: bool, inside: bool) -> tuple[str, str]:
        return self.thrown("escalation", depth, into)

    def draw_failing(self, depth: int, into: Drawing, looping: bool, inside: bool) -> tuple[str, str]:
        return self.thrown("error", depth, into)

    def thrown(self, kind: str, depth: int, into: Drawing) -> tuple[str, str]:
        """A subprocess that ends by throwing, or plainly, and who catches it on its edge."""
        code, name, edge, caught = self.name("code"), self.name("sp"), self.name("b"), self.name("u")
        self.heads.append(f'<bpmn:{kind} id="{code}" name="{code}" {kind}Code="{code}"/>')
        trigger = f'<bpmn:{kind}EventDefinition {kind}Ref="{code}"/>'
        inner = Drawing()
        first, last = self.block(depth - 1, inner, looping=False, inside=True)
        begin, split, thrown, plain = self.name("s"), self.name("x"), self.name("e"), self.name("e")
        inner.both(
            f'<bpmn:startEvent id="{begin}"/><bpmn:exclusiveGateway id="{split}" default="{split}__{plain}"/>'
            f'<bpmn:endEvent id="{thrown}">{trigger}</bpmn:endEvent><bpmn:endEvent id="{plain}"/>'
        )
        inner.arrow(begin, first)
        inner.arrow(last, split)
        inner.arrow(split, plain)
        inner.arrow(split, thrown, (f"pick{self.chance.randrange(3)}", str(self.chance.randrange(3))))
        self.wrap(name, inner, into)
        beside = kind == "escalation" and self.chance.random() < 0.5
        into.both(
            f'<bpmn:boundaryEvent id="{edge}" attachedToRef="{name}" '
            f'cancelActivity="{str(not beside).lower()}">{trigger}'
            f'</bpmn:boundaryEvent><bpmn:userTask id="{caught}"/>'
        )
        into.arrow(edge, caught)
        if beside:
            finish = self.name("e")
            into.both(f'<bpmn:endEvent id="{finish}"/>')
            into.arrow(caught, finish)
            return name, name
        merge = self.name("m")
        into.both(f'<bpmn:exclusiveGateway id="{merge}"/>')
        into.arrow(caught, merge)
        into.arrow(name, merge)
        return name, merge


@dataclass(frozen=True)
class Drawn:
    """One random release in both words."""

    ours: str
    stock: str
    catches: dict[str, str]


def draw(chance: random.Random, depth: int = 3) -> Drawn:
    """A random release."""
    maker = Maker(chance)
    main = maker.process(depth, "p")
    ours, stock = ("".join(side) for side in (main.ours, main.stock))
    documents = []
    for body, side in ((ours, "ours"), (stock, "stock")):
        called = "".join("".join(getattr(each, side)) for each in maker.called)
        process = f'<bpmn:process id="p" isExecutable="true">{body}</bpmn:process>'
        documents.append(
            f'<bpmn:definitions {BPMN} id="d" targetNamespace="t">{process}{called}{"".join(maker.heads)}'
            "</bpmn:definitions>"
        )
    return Drawn(documents[0], documents[1], maker.catches)


# ---------------------------------------------------------------------------------------------------- the two sides

#: Open tasks, timers and messages awaited, by name, and whether the pathway has ended.
Look = tuple[list[str], list[str], list[str], bool]


class Stock:
    """SpiffWorkflow as it comes: its parser, its classes, its stepping."""

    def __init__(self, drawn: Drawn, variables: dict[str, Any]) -> None:
        parser = BpmnParser()
        parser.add_bpmn_str(drawn.stock.encode())
        self.workflow = BpmnWorkflow(parser.get_spec("p"), parser.get_subprocess_specs("p"))
        self.workflow.task_tree.data.update(variables)
        self.catches = drawn.catches
        self.workflow.do_engine_steps()

    def all(self, state: int) -> list[Any]:
        return [
            task
            for workflow in (self.workflow, *self.workflow.subprocesses.values())
            for task in workflow.tasks.values()
            if task.state == state
        ]

    def ready(self) -> list[Any]:
        return [task for task in self.all(TaskState.READY) if task.task_spec.manual]

    def waiting(self, kind: type) -> list[Any]:
        found = []
        for task in self.all(TaskState.WAITING):
            spec = task.task_spec
            if isinstance(spec, EventBasedGateway):
                if kind is MessageEventDefinition:
                    found.append(task)
            elif isinstance(spec, CatchingEvent) and isinstance(spec.event_definition, kind):
                found.append(task)
        return found

    def look(self) -> Look:
        names: Any = lambda tasks: sorted(task.task_spec.name.split(" ")[0] for task in tasks)  # noqa: E731
        return (
            names(self.ready()),
            names(self.waiting(TimerEventDefinition)),
            names(self.waiting(MessageEventDefinition)),
            bool(self.workflow.completed),
        )

    def complete(self, name: str, answers: dict[str, Any]) -> None:
        task = next(task for task in self.ready() if task.task_spec.name.split(" ")[0] == name)
        task.data.update(answers)
        task.run()
        self.workflow.do_engine_steps()

    def fire(self, name: str) -> None:
        task = next(task for task in self.waiting(TimerEventDefinition) if task.task_spec.name == name)
        task._set_internal_data(event_fired=True)
        task.task_spec._update(task)
        self.workflow.do_engine_steps()

    def send(self, name: str) -> None:
        self.workflow.send_event(BpmnEvent(MessageEventDefinition(name), payload={}))
        self.workflow.do_engine_steps()


class Ours:
    """The same release on our execution, read back at random."""

    def __init__(self, drawn: Drawn, variables: dict[str, Any], chance: random.Random) -> None:
        files = {"area/p/d.bpmn": drawn.ours.encode()}
        self.release = release_from_files(files, authority="area", pathway="p")
        self.pathway: Pathway = prepare(self.release)
        self.state: State | None = None
        self.catches, self.chance = drawn.catches, chance
        self.next_id, self.now = 1, datetime(2026, 1, 5, 9, tzinfo=UTC)
        self.log: list[tuple[Instruction, Circumstances, bytes]] = []
        self.tell(Start(dict(variables)))

    def tell(self, instruction: Instruction) -> None:
        circumstances = Circumstances(self.now, {"case_id": "C"}, {}, CALENDAR, self.next_id, 1, "fuzz")
        step = apply(self.pathway, self.state, instruction, circumstances)
        kept = orjson.dumps(encode(step.state))
        self.log.append((instruction, circumstances, kept))
        self.state, self.next_id = step.state, step.next_id
        if self.chance.random() < 0.5:
            self.state = decode(self.pathway, orjson.loads(kept))
            assert orjson.dumps(encode(self.state)) == kept, "what was read back differs"

    def look(self) -> Look:
        assert self.state is not None
        now = waits(self.state)
        messages = Counter(self.catches.get(each.element, each.element) for each in now.messages if not each.signal)
        gateways = set(self.catches.values())
        return (
            sorted(each.element for each in (*now.tasks, *now.jobs)),
            sorted(each.element for each in now.timers),
            sorted(name for name, count in messages.items() for _ in range(count // 2 if name in gateways else count)),
            self.state.ended,
        )

    def complete(self, name: str, answers: dict[str, Any]) -> None:
        assert self.state is not None
        now = waits(self.state)
        self.now += timedelta(minutes=1)
        task = next((each.task for each in now.tasks if each.element == name), None)
        if task is not None:
            self.tell(CompleteTask(task, answers))
        else:
            self.tell(FinishJob(next(each.task for each in now.jobs if each.element == name), answers))

    def fire(self, name: str) -> None:
        assert self.state is not None
        wait = next(each for each in waits(self.state).timers if each.element == name)
        self.now = max(self.now, read_instant(wait.at))
        self.tell(FireTimer(wait.task))

    def send(self, name: str) -> None:
        assert self.state is not None
        wait = next(each for each in waits(self.state).messages if each.name == name)
        self.tell(DeliverMessage(wait.task, name, {}))

    def replay(self) -> None:
        pathway, state = prepare(self.release), None
        for instruction, circumstances, kept in self.log:
            state = apply(pathway, state, instruction, circumstances).state
            assert orjson.dumps(encode(state)) == kept, "told again it differs"


def _first_messages(look: Look, sent: set[str]) -> Look:
    """Without the events whose message came already: SpiffWorkflow hears it once, as drawn it is heard each time."""
    tasks, timers, messages, ended = look
    return tasks, timers, [each for each in messages if f"msg_{each}" not in sent], ended


def play(seed: int) -> tuple[str, int, str]:
    """One random release: how it came out ('ended', 'stuck', 'cut', 'differs'), how many instructions, and where."""
    chance = random.Random(seed)
    drawn = draw(chance, chance.choice([3, 4, 5]))
    variables = {f"pick{number}": chance.randrange(3) for number in range(3)} | {"again": False}
    stock = Stock(drawn, variables)
    ours = Ours(drawn, variables, chance)
    sent: set[str] = set()
    for step in range(50):
        one, other = (_first_messages(side.look(), sent) for side in (stock, ours))
        if one != other:
            return "differs", step, f"seed {seed}, step {step}: stock {one}, ours {other}"
        tasks, timers, messages, ended = other
        if ended:
            ours.replay()
            return "ended", step, ""
        assert ours.state is not None
        names = sorted({each.name for each in waits(ours.state).messages if not each.signal} - sent)
        unique = [name for name in names if sum(1 for m in waits(ours.state).messages if m.name == name) == 1]
        choices = [("complete", name) for name in tasks] * 2
        choices += [("fire", name) for name in dict.fromkeys(timers) if timers.count(name) == 1]
        choices += [("send", name) for name in unique]
        if not choices:
            ours.replay()
            return ("cut" if timers or messages else "stuck"), step, ""
        kind, name = chance.choice(choices)
        if kind == "complete":
            answers = {"again": chance.random() < 0.4} if name.startswith("again") else {}
            stock.complete(name, answers)
            ours.complete(name, answers)
        elif kind == "fire":
            stock.fire(name)
            ours.fire(name)
        else:
            sent.add(name)
            stock.send(name)
            ours.send(name)
    ours.replay()
    return "cut", 50, ""


def walk(count: int, seed: int = 0) -> dict[str, Any]:
    """Play `count` random releases from `seed` on; what came out, and every disagreement with its seed."""
    outcomes: Counter[str] = Counter()
    steps = 0
    differing: list[str] = []
    for number in range(seed, seed + count):
        outcome, told, where = play(number)
        outcomes[outcome] += 1
        steps += told
        if where:
            differing.append(where)
    return {"diagrams": count, "instructions": steps, **outcomes, "disagreements": differing}


def run(seconds: float, seed: int) -> str:
    """Walk for about so many seconds; what was walked through, in one line. Raises where a walk came out wrong."""
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        wrong = walk(20, seed + count)["disagreements"]
        assert [] == wrong, "\n".join(wrong)
        count += 20
    return f"{count} random diagrams run as SpiffWorkflow runs them, and again after save, load and replay"


if __name__ == "__main__":
    import json
    import sys

    first, many = (int(each) for each in [*sys.argv[1:], "0", "200"][:2])
    print(json.dumps(walk(many, first), indent=2))
