"""Scenarios that fail because a draft changed a number of the policy: several keep the former number in one step."""

from __future__ import annotations

import re
from collections.abc import Mapping
from time import monotonic

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import EngineError
from engine.history import JSON
from engine.studio.pinning import former_values
from engine.studio.scenario_text import value_written
from webhooks.access import allows, practitioner
from webhooks.errors import ask_again
from webhooks.studio.checking import STRETCH
from webhooks.studio.room import DRAWING, LOOKING, Room, enter, studio, the_studio
from webhooks.studio.texts import reasons_by_path
from webhooks.words import counted

#: What differs between two scenarios that fail for the same reason: the day, and how far they had come.
_OF_ONE = re.compile(r"\b(?:[Ss]tep \d+|\d{1,2} [A-Z][a-z]+ \d{4})\b")


@studio.get("/drafts/<int:number>/<pathway>/former")
@allows(*LOOKING)
def former(number: int, pathway: str) -> ResponseReturnValue:
    """The scenarios that failed, by what differs, and which of them pass where they keep the former number."""
    return _page(enter(number, pathway))


@studio.post("/drafts/<int:number>/<pathway>/former/try")
@allows(*DRAWING)
def try_former(number: int, pathway: str) -> ResponseReturnValue:
    """Try the next stretch of failed scenarios with the former number; the page asks for one after the other."""
    room = enter(number, pathway)
    ask_again(lambda error: _page(room, error))
    tried = the_studio().try_former(practitioner(), number, time=monotonic, seconds=STRETCH)
    going = "on" if tried.waiting else None
    return redirect(url_for("studio.former", number=number, pathway=pathway, going=going), 303)


@studio.post("/drafts/<int:number>/<pathway>/former")
@allows(*DRAWING)
def keep_former(number: int, pathway: str) -> ResponseReturnValue:
    """Write the former number into the ticked scenarios."""
    room = enter(number, pathway)
    ask_again(lambda error: _page(room, error, frozenset(request.form.getlist("keep"))))
    kept = the_studio().keep_former(practitioner(), number, request.form.getlist("keep"))
    flash(f"{counted(len(kept), 'scenario')} now {'keeps' if len(kept) == 1 else 'keep'} the former number.", "success")
    return redirect(url_for("studio.scenarios", number=number, pathway=pathway), 303)


def _page(room: Room, error: EngineError | None = None, ticked: frozenset[str] | None = None) -> str:
    runs = the_studio().runs(room.opened)
    tried = the_studio().tried(room.opened, runs)
    why = reasons_by_path(room, runs)
    return room.page(
        "former",
        "scenarios",
        runs=runs,
        scenarios=room.opened.workspace.scenarios[0],
        former=former_values(room.opened.published, room.opened.workspace.files),
        tried=tried,
        by_hand={path: _written(values) for path, values in tried.by_hand.items()},
        why=why,
        groups=_groups(why),
        ticked=frozenset(tried.passing) if ticked is None else ticked,
        going=bool(tried.waiting) and request.args.get("going") == "on",
        refusal=room.reasons(error),
    )


def _written(values: Mapping[str, JSON]) -> list[str]:
    """The values as lines of a scenario."""
    return [f"{name} = {value_written(value)}" for name, value in values.items()]


def _groups(why: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Failed scenarios by their first reason, whatever its day; the largest group first."""
    found: dict[str, list[str]] = {}
    for path, said in why.items():
        found.setdefault(_OF_ONE.sub("…", said[0]) if said else "", []).append(path)
    return dict(sorted(found.items(), key=lambda one: -len(one[1])))
