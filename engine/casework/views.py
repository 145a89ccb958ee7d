"""What people see: worklists, a task with its form, a case with its steps, history and letters. Nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import repeat
from typing import Any

from engine.case.confidential import EVERYTHING, Sight
from engine.case.state import CaseState, Held, Letter, Raised
from engine.casework.dating import Taken, Worked
from engine.casework.doubting import Doubted
from engine.casework.endings import Ending
from engine.casework.marks import choices, marks
from engine.casework.weighing import Note, note_of
from engine.execution import Pathway
from engine.forms import Form
from engine.history import JSON, Event, read_instant
from engine.letters import Letterhead
from engine.pathways import Release


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A line of a worklist."""

    case_id: str
    label: str
    task: int
    title: str
    pathway: str
    pathway_title: str
    role: str
    assignee: str | None
    assignee_name: str | None
    due_on: date | None
    days_left: int | None
    overdue: bool
    held: bool
    mine: bool
    due_today: bool = False
    #: Every role that may take it.
    roles: frozenset[str] = frozenset()
    instance: int = 0


@dataclass(frozen=True, slots=True)
class KeptApart:
    """A rule that two steps are done by two people: who did which steps, and who is left for this one.

    did     each person with the titles of the steps they did; only whoever asks where it `blocks` them
    blocks  whether it keeps whoever asks from this step
    """

    did: tuple[tuple[str, tuple[str, ...]], ...]
    blocks: bool
    free: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a task: completed by somebody, or withdrawn by what somebody did; and what it had asked."""

    title: str
    completed: bool
    by: str
    at: datetime
    form: Form | None


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task as its page shows it. `scope` is what the form's questions may read; `prefill` what stands in it."""

    case_id: str
    label: str
    task: int
    element: str
    title: str
    pathway: str
    pathway_title: str
    help: str
    role: str
    role_title: str
    form: Form | None
    scope: Mapping[str, Any]
    prefill: Mapping[str, JSON]
    draft: Mapping[str, JSON] | None
    shown: tuple[tuple[str, str], ...]
    due_on: date | None
    due_explanation: Mapping[str, Any] | None
    no_due_date: str | None
    days_left: int | None
    clauses: tuple[str, ...]
    clause_texts: tuple[tuple[str, str], ...]
    source: str  # policy, reading, product
    assignee: str | None
    assignee_name: str | None
    held: bool
    letter: str | None
    letter_step: str | None
    may_complete: bool
    #: What whoever looks may see of the case: a page passes through it whatever it takes from elsewhere.
    sight: Sight = EVERYTHING
    may_move: bool = False
    due_today: bool = False
    overdue: bool = False
    roles: frozenset[str] = frozenset()
    apart: KeptApart | None = None
    draft_at: datetime | None = None
    #: Element id to what people call it, of everything the release holds; and by process and id.
    titles: Mapping[str, str] = field(default_factory=dict, repr=False)
    placed: Mapping[tuple[str, str], str] = field(default_factory=dict, repr=False)
    #: Letter id to what people call it, of everything the release holds.
    letter_titles: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: Whether the step that ends the plan comes right after this one.
    ending: bool = False
    #: What its due date is taken from, where it was not counted.
    due_from: Taken | None = None

    def title_of(self, element: str, process: str = "") -> str:
        """What people call an element of the release, of which process that is known; '' where it has no name."""
        return self.placed.get((process, element), self.titles.get(element, ""))


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step of a pathway as the table beside the diagram shows it."""

    instance: int
    element: str
    title: str
    kind: str
    role: str | None
    state: str  # open, done, withdrawn
    opened: datetime
    closed: datetime | None
    by: str | None
    clauses: str
    source: str
    task: int = 0
    #: Whether its answers were put right since.
    corrected: bool = False
    #: The process in which it stands.
    process: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One command of the case as its history page tells it."""

    revision: int
    at: datetime
    by: str
    by_name: str
    role: str | None
    kind: str
    events: tuple[Event, ...]
    #: The process in which each event's step stands, '' where it has none or that is not certain.
    processes: tuple[str, ...] = ()

    def placed(self) -> Iterator[tuple[Event, str]]:
        """Each event, with the process in which its step stands."""
        return zip(self.events, self.processes or repeat(""), strict=False)


@dataclass(frozen=True, slots=True)
class PathwayView:
    """A running or ended pathway: its release, its picture, and where it stands on it."""

    instance: int
    pathway: str
    title: str
    release: str
    state: str
    started: datetime
    outcomes: tuple[str, ...]
    diagrams: Mapping[str, bytes] = field(repr=False)
    diagram: str = ""
    #: process id to element and arrow ids, each 'open' or 'done': the pathway's own and everything it called.
    elements: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: process id to the path of the diagram that draws it.
    processes: Mapping[str, str] = field(default_factory=dict)
    #: Form id to form, of the pathway and of everything it calls: what the answers in its history were asked with.
    forms: Mapping[str, Form] = field(default_factory=dict, repr=False)
    #: Letter id to what people call it, of the pathway and of everything it calls.
    letters: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Sibling:
    """A linked case: its name only for whoever may see it, None for everybody else."""

    case_id: str
    label: str | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as its page shows it."""

    case_id: str
    label: str
    facts: Mapping[str, JSON]
    roles: Mapping[str, str]
    open_tasks: tuple[WorkItem, ...]
    steps: tuple[StepLine, ...]
    timeline: tuple[Entry, ...]
    letters: tuple[Letter, ...]
    pathways: tuple[PathwayView, ...]
    escalations: tuple[Raised, ...]
    incidents: tuple[Held, ...]
    revision: int
    #: The only people who may see the case, where it is restricted.
    restricted_to: tuple[str, ...] = ()
    sight: Sight = EVERYTHING
    #: Whether the plan can be ended, by every guard that might be asked.
    endings: tuple[Ending, ...] = ()
    #: The authority's clauses: id to our own summary of it.
    clauses: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: What stands beside the rows of tables that decided something here, by decision and row.
    rows: Mapping[tuple[str, int], Note] = field(default_factory=dict, repr=False)
    #: Brothers' and sisters' cases; one that is restricted to others is not even counted.
    siblings: tuple[Sibling, ...] = ()
    #: What the last verification of the case found, where that was not what is recorded.
    doubted: Doubted | None = None
    #: The days among its facts that a form worked out, by fact.
    worked: Mapping[str, Worked] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class LetterStep:
    """One thing that was done with a letter: 'drafted', 'approved', 'sent' or 'withdrawn'."""

    did: str
    by: str
    at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class LetterView:
    """A letter as it was kept."""

    case_id: str
    label: str
    letter: Letter
    title: str
    text: str
    html: str
    pdf: bytes | None
    #: What was done with it, in order, and by whom.
    done: tuple[LetterStep, ...] = ()
    #: What keeps it from being approved or sent: what is missing and what is withheld.
    blanks: tuple[str, ...] = ()
    clauses: tuple[tuple[str, str], ...] = ()
    source: str = ""
    sender: str = ""
    #: Who sent it in the sender's role; '' while nobody has.
    signed: str = ""
    head: Letterhead | None = None
    #: The open task that takes it further: its number, what it is called, its step, and who has it.
    ahead: tuple[int, str, str, str] | None = None


def letter_steps(told: tuple[Entry, ...], number: int) -> tuple[LetterStep, ...]:
    """What was done with one letter, in order."""
    return tuple(
        LetterStep(_LETTER_EVENTS[event.kind], entry.by_name, entry.at, str(event.body.get("why") or ""))
        for entry in told
        for event in entry.events
        if event.kind in _LETTER_EVENTS and event.body.get("number") == number
    )


_LETTER_EVENTS = {
    "LetterDrafted": "drafted",
    "LetterApproved": "approved",
    "LetterSent": "sent",
    "LetterWithdrawn": "withdrawn",
}


def steps(told: tuple[Entry, ...], case: CaseState, pathways: Mapping[int, Pathway]) -> tuple[StepLine, ...]:
    """The steps that people and machines took, in order of their opening; drawn from history, not from tokens."""
    lines: dict[tuple[int, int], StepLine] = {}
    for entry in told:
        for event, process in entry.placed():
            body = event.body
            if event.kind in ("TaskOpened", "JobOpened"):
                number = body["instance"]
                pathway = pathways[number]
                properties = pathway.properties_of(body["element"], process)
                lines[number, body["task"]] = StepLine(
                    number,
                    body["element"],
                    pathway.title_of(body["element"], process),
                    "task" if event.kind == "TaskOpened" else "job",
                    body.get("role"),
                    "open",
                    entry.at,
                    None,
                    None,
                    properties.get("casework:clauses", ""),
                    properties.get("casework:label", ""),
                    body["task"],
                    process=process,
                )
            elif event.kind == "StepCorrected":
                corrected = lines.get((body["instance"], body["task"]))
                if corrected is not None:
                    lines[corrected.instance, corrected.task] = replace(corrected, corrected=True)
            elif event.kind in _CLOSES:
                line = lines.get((body["instance"], body["task"]))
                if line is not None:
                    lines[line.instance, body["task"]] = StepLine(
                        line.instance,
                        line.element,
                        line.title,
                        line.kind,
                        line.role,
                        _CLOSES[event.kind],
                        line.opened,
                        entry.at,
                        entry.by_name,
                        line.clauses,
                        line.source,
                        line.task,
                        line.corrected,
                        line.process,
                    )
    return tuple(lines.values())


_CLOSES = {
    "TaskCompleted": "done",
    "JobFinished": "done",
    "TaskWithdrawn": "withdrawn",
    "JobWithdrawn": "withdrawn",
    "JobFailed": "withdrawn",
}


def row_notes(told: tuple[Entry, ...], pathways: Mapping[int, Pathway]) -> dict[tuple[str, int], Note]:
    """The notes beside the rows that decided something, by decision and row."""
    found: dict[tuple[str, int], Note] = {}
    for entry in told:
        for event in entry.events:
            for rule in event.body.get("rules") or () if event.kind == "DecisionMade" else ():
                model = pathways[event.body["instance"]].models.get(event.body["decision"])
                for table in model.tables(rule["decision"]) if model is not None else ():
                    found.update({(rule["decision"], one.row): note_of(one) for one in table.facts.rules})
    return found


def pathway_views(
    case: CaseState, told: tuple[Entry, ...], pathways: Mapping[int, Pathway], releases: Mapping[int, Release]
) -> tuple[PathwayView, ...]:
    """Every pathway of a case with its picture and where it stands on it, the newest first."""
    return tuple(
        PathwayView(
            number,
            running.pathway,
            releases[number].title,
            running.release,
            running.state,
            read_instant(running.started_at),
            tuple(running.outcomes),
            releases[number].diagrams,
            releases[number].processes[running.pathway],
            marks((event for entry in told for event in entry.events), number, choices(pathways[number])),
            releases[number].processes,
            releases[number].forms,
            {name: each.title for name, each in releases[number].letters.items()},
        )
        for number, running in reversed(case.running.items())
    )
