"""A case as a film: every command is a frame, with what was known before and after it and the tables that decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from engine.case.confidential import Sight, holds_withheld
from engine.casework.calling import Place, callers, calls
from engine.casework.marks import choices, marks
from engine.casework.naming import tables_in
from engine.casework.views import CaseView, Entry
from engine.casework.weighing import note_of
from engine.dmn import Model
from engine.dmn.model import Rule
from engine.execution import Pathway
from engine.history import JSON, Event
from engine.replay import Replay
from engine.store.checkpoint_faults import Fault


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was known otherwise before a command: a fact of the case, or a variable of a pathway."""

    name: str
    before: JSON
    after: JSON


@dataclass(frozen=True, slots=True)
class RowShown:
    """One row of a table as it was asked: its tests, what it answers, what is written beside it, if it matched.

    clauses, label  which clauses it carries out, and whose rule it is
    """

    row: int
    tests: tuple[str, ...]
    answers: tuple[str, ...]
    said: str
    matched: bool
    clauses: tuple[str, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class TableShown:
    """One table as it was asked: the value of each input, and every row.

    columns  title and value of each input, in the table's order
    kept     whether an input is kept from the reader: then no row is shown as matched, for it would tell the input
    """

    decision: str
    title: str
    hit_policy: str
    columns: tuple[tuple[str, JSON], ...]
    outputs: tuple[str, ...]
    rows: tuple[RowShown, ...]
    kept: bool = False

    @property
    def matched(self) -> tuple[int, ...]:
        """The rows that matched."""
        return tuple(row.row for row in self.rows if row.matched)


@dataclass(frozen=True, slots=True)
class StepShown:
    """A step that a command opened, did or left: what it is called, whose rule it is, which clauses it carries out."""

    element: str
    title: str
    what: str  # opened, done, withdrawn, corrected, soon, late
    clauses: tuple[str, ...]
    label: str
    due: Mapping[str, JSON] | None = None
    #: How its due date is written in the diagram, FEEL.
    due_as_drawn: str = ""


@dataclass(frozen=True, slots=True)
class LetterShown:
    """A letter as a command left it ('drafted', 'approved', 'sent', 'withdrawn'): its words, and who it goes to."""

    number: int
    letter: str
    did: str
    text: str
    recipients: tuple[Mapping[str, JSON], ...]
    channel: str
    sent_on: str | None


@dataclass(frozen=True, slots=True)
class Frame:
    """One command of the case and everything it did.

    number    from 1
    touched   element ids by process that the command moved through, or that it reminded somebody of
    instances the pathways it moved
    reminds   whether it moved nothing and only told that a step is soon due or late
    asked     the tasks it completed, each with the keys of the questions that were asked; one that is not here is
              known by its answers alone
    """

    number: int
    entry: Entry
    changes: tuple[Change, ...]
    steps: tuple[StepShown, ...]
    tables: tuple[TableShown, ...]
    letters: tuple[LetterShown, ...]
    instances: tuple[int, ...]
    touched: Mapping[str, frozenset[str]] = field(repr=False)
    reminds: bool = False
    asked: Mapping[int, frozenset[str]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Reel:
    """One pathway of the case, as the film draws it: its title and release, and which file draws which process."""

    instance: int
    title: str
    release: str
    version: str
    processes: Mapping[str, str]
    diagrams: Mapping[str, bytes] = field(repr=False)
    #: The steps that call a process, each with the id of what it calls.
    calls: Mapping[Place, str] = field(default_factory=dict, repr=False)
    #: What those steps are called.
    titles: Mapping[Place, str] = field(default_factory=dict, repr=False)
    #: Its event-based gateways, each with the events after it.
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Film:
    """A case from its first command to its last, as it was replayed just now."""

    case: CaseView
    frames: tuple[Frame, ...]
    reels: Mapping[int, Reel]
    replayed: Replay
    #: What signed checkpoints that cover the case say against its history.
    faults: tuple[Fault, ...] = ()

    @property
    def certified(self) -> bool:
        """Whether every step came out as recorded and no signed checkpoint of the case disagrees."""
        return self.replayed.certified and not self.faults

    def marks(self, number: int, instance: int) -> dict[str, dict[str, str]]:
        """What stands open and what is done on a pathway's diagrams after a frame, by process and element."""
        told = (event for frame in self.frames[:number] for event in frame.entry.events)
        return marks(told, instance, self.reels[instance].choices)

    def callers(self, number: int, instance: int) -> dict[str, tuple[Place, ...]]:
        """By process that a pathway called: the steps whose call of it a frame moved, else its last call until then."""
        before = (event for frame in self.frames[: number - 1] for event in frame.entry.events)
        during = self.frames[number - 1].entry.events if number else ()
        return callers(before, during, instance, self.reels[instance].calls)


def frames(
    told: tuple[Entry, ...],
    states: Mapping[int, Mapping[str, JSON]],
    pathways: Mapping[int, Pathway],
    sight: Sight,
    asked: Mapping[int, frozenset[str]] = MappingProxyType({}),
) -> Iterator[Frame]:
    """The frames of a case.

    states  by revision, what was known after the command; a revision that replay did not reach is missing
    asked   by task, the keys of the questions that its form asked when it was completed, likewise
    """
    before: Mapping[str, JSON] = {}
    written: dict[int, str] = {}
    opened: dict[int, Mapping[str, Any]] = {}
    for number, entry in enumerate(told, 1):
        after = states.get(entry.revision, before)
        touched: dict[str, set[str]] = {}
        for event in entry.events:
            if event.kind in ("StepEntered", "TaskOpened"):
                opened[event.body["task"]] = {**opened.get(event.body["task"], {}), **event.body}
            about = _about(event, opened)
            place = about.get("element") or about.get("flow")
            if place and about.get("process"):
                touched.setdefault(str(about["process"]), set()).add(str(place))
        numbers = (_about(event, opened).get("instance") for event in entry.events)
        instances = tuple(dict.fromkeys(one for one in numbers if isinstance(one, int) and one in pathways))
        completed = {event.body["task"] for event in entry.events if event.kind == "TaskCompleted"}
        yield Frame(
            number,
            entry,
            tuple(_changes(before, after, sight)),
            tuple(_steps(entry, pathways, opened)),
            tuple(_tables(entry.events, pathways)),
            tuple(_letters(entry.events, written)),
            instances,
            {process: frozenset(ids) for process, ids in touched.items()},
            any(event.kind == "OverdueReached" for event in entry.events),
            {task: keys for task, keys in asked.items() if task in completed},
        )
        before = after


def _about(event: Event, opened: Mapping[int, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Where an event happened; of a reminder or a correction, the step that it is about."""
    if event.kind == "OverdueReached":
        return opened.get(event.body["task"], {})
    if event.kind == "StepCorrected":
        return {**opened.get(event.body["task"], {}), **event.body, "due": None}
    return event.body


def reel(instance: int, pathway: Pathway) -> Reel:
    """A pathway of the case as the film draws it."""
    release = pathway.release
    called = calls(pathway)
    titles = {
        (process.id, element.id): element.name or element.id.replace("_", " ")
        for process in pathway.processes.values()
        for element in process.elements.values()
        if (process.id, element.id) in called
    }
    return Reel(
        instance,
        release.title,
        release.hash,
        release.version,
        release.processes,
        release.diagrams,
        called,
        titles,
        choices(pathway),
    )


def _changes(before: Mapping[str, JSON], after: Mapping[str, JSON], sight: Sight) -> Iterator[Change]:
    for name in sorted({*before, *after}):
        was, now = before.get(name), after.get(name)
        if was != now:
            # A fact is kept from somebody by its own name, whatever it is known under here.
            *within, last = name.split(".")
            shown = [sight.of_value({last: value}, tuple(within))[last] for value in (was, now)]
            yield Change(name, *shown)


_LETTERS = {
    "LetterDrafted": "drafted",
    "LetterApproved": "approved",
    "LetterSent": "sent",
    "LetterWithdrawn": "withdrawn",
}


def _letters(events: tuple[Event, ...], written: dict[int, str]) -> Iterator[LetterShown]:
    """What was done with letters; `written` holds the words of each as they were last."""
    for event in events:
        did, body = _LETTERS.get(event.kind), event.body
        if did is None:
            continue
        written[body["number"]] = body.get("text") or written.get(body["number"], "")
        yield LetterShown(
            body["number"],
            str(body.get("letter") or ""),
            did,
            written[body["number"]],
            tuple(body.get("recipients") or ()),
            str(body.get("channel") or ""),
            body.get("sent_on"),
        )


_STEPS = {
    "TaskOpened": "opened",
    "JobOpened": "opened",
    "TaskCompleted": "done",
    "JobFinished": "done",
    "TimerFired": "done",
    "MessageReceived": "done",
    "PlanEnded": "done",
    "EndingHeld": "done",
    "EndReached": "done",
    "TaskWithdrawn": "withdrawn",
    "JobWithdrawn": "withdrawn",
    "StepCorrected": "corrected",
}


def _steps(
    entry: Entry, pathways: Mapping[int, Pathway], opened: Mapping[int, Mapping[str, Any]]
) -> Iterator[StepShown]:
    for event, place in entry.placed():
        what, body = _STEPS.get(event.kind), _about(event, opened)
        if event.kind == "OverdueReached":
            what = "soon" if event.body["rung"] == "remind" else "late"
        element, pathway = body.get("element"), pathways.get(body.get("instance", 0))
        if what is None or element is None or pathway is None:
            continue
        # What only reminds of a step, or corrects one, is told with the step that was opened.
        process = str(body.get("process") or place)
        properties, found = pathway.properties_of(element, process), pathway.element(element, process)
        drawn = found.work.due if found is not None and found.work is not None else None
        yield StepShown(
            element,
            pathway.title_of(element, process),
            what,
            tuple(properties.get("casework:clauses", "").split()),
            properties.get("casework:label", ""),
            body.get("due"),
            drawn.text if drawn is not None and body.get("due") else "",
        )


def _tables(events: tuple[Event, ...], pathways: Mapping[int, Pathway]) -> Iterator[TableShown]:
    for event in events:
        pathway = pathways.get(event.body.get("instance", 0))
        if event.kind != "DecisionMade" or pathway is None or event.body["decision"] not in pathway.models:
            continue
        yield from _asked(pathway.models[event.body["decision"]], event.body)


def _asked(model: Model, body: Mapping[str, Any]) -> Iterator[TableShown]:
    """The tables that a decision asked, the last asked first: that one gave the answer."""
    found = {table.id: table for logic in model.logic for table in model.tables(logic.id)}
    called = tables_in(model)
    for table_id in reversed(list(body["inputs"])):
        table = found.get(table_id)
        if table is None:
            continue
        values = body["inputs"][table_id]
        kept = holds_withheld(values)
        matched = set() if kept else {rule["row"] for rule in body["rules"] if rule["table"] == table_id}
        yield TableShown(
            table.element,
            called[table_id],
            table.facts.hit_policy,
            tuple((clause.title, values.get(clause.text)) for clause in table.facts.inputs),
            tuple(clause.title for clause in table.facts.outputs),
            tuple(_row(rule, rule.row in matched) for rule in table.facts.rules),
            kept,
        )


def _row(rule: Rule, matched: bool) -> RowShown:
    note = note_of(rule)
    return RowShown(
        rule.row,
        rule.tests,
        tuple(entry.text for entry in rule.entries),
        note.words,
        matched,
        note.clauses,
        note.label,
    )
