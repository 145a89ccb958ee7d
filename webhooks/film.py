"""A film's frames as pages show them: titles, answers and dates in words, and what to mark on which picture."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.case.confidential import is_withheld
from engine.casework import CaseView
from engine.casework.calling import Place
from engine.casework.dating import Worked
from engine.casework.film import Film, Frame, Reel, StepShown
from engine.clock import london_date
from engine.forms import Field
from webhooks import diagrams, facts
from webhooks.dates import AT_ONCE, why_worked
from webhooks.words import a_date, said, why_this_date

#: A fact of the case in an expression.
_FACT = re.compile(r"\bcase\.([a-z][a-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Picture:
    """One diagram with what stands open, what is done, and what this frame moved.

    inside  the step that called it, which it opens up, or two that called it at once; none for a pathway of its own
    """

    release: str
    path: str
    title: str
    marks: Mapping[str, list[str]]
    inside: tuple[str, ...] = ()


def pictures(film: Film, frame: Frame) -> list[Picture]:
    """The diagrams that a frame moved through, called ones below their callers; else where the newest pathway is."""
    numbers = frame.instances or tuple(sorted(film.reels)[-1:])
    shown: list[Picture] = []
    for number in numbers:
        reel = film.reels[number]
        marked, here = film.marks(frame.number, number), list[tuple[int, Picture]]()
        callers = film.callers(frame.number, number)
        for path, content in reel.diagrams.items():
            processes = [process for process, drawn_in in reel.processes.items() if drawn_in == path]
            moved = {element for process in processes for element in frame.touched.get(process, ())}
            states = {element: state for process in processes for element, state in marked.get(process, {}).items()}
            if moved or (not frame.touched and states):
                depth, inside = _called(reel, callers, processes)
                here.append((depth, _picture(reel, path, content, states, moved, inside)))
        shown += [picture for _, picture in sorted(here, key=lambda one: one[0])]
    return shown


def _called(reel: Reel, callers: Mapping[str, tuple[Place, ...]], processes: list[str]) -> tuple[int, tuple[str, ...]]:
    """How many calls deep a diagram's process stands, and the steps that called it."""
    process = next((one for one in processes if one in callers), "")
    inside, depth, seen = tuple(reel.titles[place] for place in callers.get(process, ())), 0, set[str]()
    while process in callers and process not in seen:
        seen.add(process)
        process, depth = callers[process][0][0], depth + 1
    return depth, tuple(dict.fromkeys(inside))


def _picture(
    reel: Reel, path: str, content: bytes, states: Mapping[str, str], moved: set[str], inside: tuple[str, ...]
) -> Picture:
    ids = diagrams.ids_in(content) - diagrams.frames_in(content)
    steps = ids - diagrams.watches_in(content)
    marks = {
        "open": sorted(one for one, state in states.items() if state == "open" and one in steps),
        "done": sorted(one for one, state in states.items() if state == "done" and one in ids),
        "moved": sorted(moved & ids),
    }
    return Picture(reel.release, path, diagrams.title_in(content), marks, inside)


def is_blank(answer: Any) -> bool:
    """Whether an answer says nothing."""
    return answer in (None, "", [])


def value(anything: Any) -> str:
    """A recorded value in words, however it is built."""
    if isinstance(anything, Mapping):
        return (
            "; ".join(f"{diagrams.in_words(str(name))}: {value(held)}" for name, held in anything.items()) or "nothing"
        )
    if isinstance(anything, list):
        return ", ".join(value(item) for item in anything) or "none"
    return said(anything)


def due(case: CaseView, step: StepShown) -> str:
    """Why a step is due on its date, in one sentence; '' where none was set."""
    if not step.due:
        return ""
    on = step.due.get("on") or step.due.get("at")
    why = why_this_date(on, step.due.get("explanation"))
    if why or not step.due.get("on") or is_withheld(on):
        return why
    drawn = step.due_as_drawn.removeprefix("=").strip()
    if drawn.replace(" ", "") == "today()":
        return f"Due {a_date(on)}. {AT_ONCE}"
    read_of = dict.fromkeys(_FACT.findall(drawn))
    for worked in (case.worked.get(name) for name in read_of):
        if isinstance(worked, Worked) and worked.explanation is not None and worked.explanation.get("on") == on:
            return f"Due {a_date(on)}. {why_worked(on, worked)}"
    labels = " and ".join(f"‘{facts.label(name)}’" for name in read_of)
    read = f" from {labels}" if labels else ""
    return f"Due {a_date(on)}. It is taken{read} as the diagram says: {drawn}" if drawn else f"Due {a_date(on)}."


def skipped(anything: Mapping[str, Any] | None) -> list[str]:
    """The days that were left out in counting a date, each with why; empty where none were."""
    explanation = (anything or {}).get("explanation") or {}
    found = []
    for one in explanation.get("skipped") or ():
        first, last = one["date"], one.get("to", one["date"])
        days = a_date(first) if first == last else f"{a_date(first)} to {a_date(last)}"
        found.append(f"{days} ({one['why']})")
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a task as it was asked, what helped to answer it, and the answer given."""

    question: str
    help: str
    answer: str


def asked(case: CaseView, frame: Frame) -> list[tuple[str, list[Asked]]]:
    """Each task that a command completed: the questions that were asked, and the answers; an empty one is said.

    A question that was hidden from whoever answered is left out, unless an answer of it is kept all the same.
    """
    forms = {name: form for pathway in case.pathways for name, form in pathway.forms.items()}
    opened = {
        event.body["task"]: event.body.get("form")
        for one in case.timeline
        for event in one.events
        if event.kind == "TaskOpened"
    }
    anywhere = diagrams.names({path: content for one in case.pathways for path, content in one.diagrams.items()})
    titles = {
        name: diagrams.names_in(one.diagrams[path]) for one in case.pathways for name, path in one.processes.items()
    }
    tasks = []
    for event, process in frame.entry.placed():
        form = forms.get(opened.get(event.body.get("task")) or "") if event.kind == "TaskCompleted" else None
        if form is not None:
            element, answers = event.body["element"], event.body["answers"]
            keys = frame.asked.get(event.body["task"], frozenset())
            given = ((key, field, answers.get(key)) for key, field in form.fields.items())
            lines = [_asked(field, answer) for key, field, answer in given if key in keys or not is_blank(answer)]
            tasks.append((titles.get(process, anywhere).get(element) or diagrams.in_words(element), lines))
    return tasks


def _asked(field: Field, answer: Any) -> Asked:
    return Asked(asks(field), field.help.source if field.help.plain else "", answered(field, answer))


def asks(field: Field) -> str:
    """What a question of a form asks; its id in words where that differs from case to case."""
    return field.label.source if field.label.plain else diagrams.in_words(field.key)


def answered(field: Field, answer: Any, empty: str = "Not answered") -> str:
    """An answer in the words of its question's options; `empty` where there is none."""
    if is_blank(answer):
        return empty
    options = {str(option.value): option.label for option in field.options}
    given = answer if isinstance(answer, list) else [answer]
    return ", ".join(options.get(str(one)) or value(one) for one in given) or empty


def nothing_since(film: Film, day: date) -> bool:
    """Whether nothing happened on a day or after it."""
    return all(london_date(frame.entry.at) < day for frame in film.frames)


def on_or_after(film: Film, day: date) -> int:
    """The number of the first frame of a day or later, else the last one."""
    found = (frame.number for frame in film.frames if london_date(frame.entry.at) >= day)
    return next(found, len(film.frames))
