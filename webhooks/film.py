"""A film's frames as pages show them: titles, answers and dates in words, and what to mark on which picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.casework.film import Change, Film, Frame, Reel
from engine.clock import london_date
from webhooks import diagrams, facts
from webhooks.words import said, why_this_date


@dataclass(frozen=True, slots=True)
class Picture:
    """One diagram with what stands open, what is done, and what this frame moved."""

    release: str
    path: str
    title: str
    marks: Mapping[str, list[str]]


def pictures(film: Film, frame: Frame) -> list[Picture]:
    """The diagrams that a frame moved through, else where the newest pathway stands: called pathways in their place."""
    numbers = frame.instances or tuple(sorted(film.reels)[-1:])
    shown: list[Picture] = []
    for number in numbers:
        reel = film.reels[number]
        marked = film.marks(frame.number, number)
        for path, content in reel.diagrams.items():
            processes = [process for process, drawn_in in reel.processes.items() if drawn_in == path]
            moved = {element for process in processes for element in frame.touched.get(process, ())}
            states = {element: state for process in processes for element, state in marked.get(process, {}).items()}
            if moved or (not frame.touched and states):
                shown.append(_picture(reel, path, content, states, moved))
    return shown


def _picture(reel: Reel, path: str, content: bytes, states: Mapping[str, str], moved: set[str]) -> Picture:
    ids = diagrams.ids_in(content) - diagrams.frames_in(content)
    steps = ids - diagrams.watches_in(content)
    marks = {
        "open": sorted(one for one, state in states.items() if state == "open" and one in steps),
        "done": sorted(one for one, state in states.items() if state == "done" and one in ids),
        "moved": sorted(moved & ids),
    }
    return Picture(reel.release, path, diagrams.title_in(content), marks)


def change(one: Change) -> tuple[str, str, str]:
    """What was known before and after: its name, and both values in words."""
    scope, _, name = one.name.partition(".")
    if scope == "case":
        return facts.label(name), facts.say(name, one.before), facts.say(name, one.after)
    return f"{diagrams.in_words(name)} ({scope})", value(one.before), value(one.after)


def value(anything: Any) -> str:
    """A recorded value in words, however it is built."""
    if isinstance(anything, Mapping):
        return (
            "; ".join(f"{diagrams.in_words(str(name))}: {value(held)}" for name, held in anything.items()) or "nothing"
        )
    if isinstance(anything, list):
        return ", ".join(value(item) for item in anything) or "none"
    return said(anything)


def due(anything: Mapping[str, Any] | None) -> str:
    """Why a date is that date, in one sentence; '' where none was set."""
    if not anything:
        return ""
    on = anything.get("on") or anything.get("at")
    return why_this_date(on, anything.get("explanation"))


def on_or_after(film: Film, day: date) -> int:
    """The number of the first frame of a day or later, else the last one."""
    found = (frame.number for frame in film.frames if london_date(frame.entry.at) >= day)
    return next(found, len(film.frames))
