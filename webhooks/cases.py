"""Cases: the list, one case's overview, steps, letters and history, and what may be started or recorded in it."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import CaseView
from engine.casework.views import PathwayView
from engine.clock import london_date
from webhooks import allocating, beginnings, dates, deciding, diagrams, facts, letters, standing, story, waits
from webhooks.access import allows, may_open, practitioner
from webhooks.case_blueprint import READERS, cases
from webhooks.desk import casework
from webhooks.pages import Page, page_asked_for
from webhooks.surroundings import role_title, roles_title

__all__ = ["allocating", "beginnings", "cases", "letters"]

#: Cases on one page of the list.
ON_A_PAGE = 25


# ------------------------------------------------------------------------------------------------------------ lists


@cases.get("/cases")
@allows(*READERS)
def index() -> ResponseReturnValue:
    """The cases a person works on or supervises."""
    number = page_asked_for(request)
    found = casework().cases(practitioner(), limit=ON_A_PAGE * number + 1)
    page = Page(number, found[ON_A_PAGE * (number - 1) :], ON_A_PAGE)
    return render_template(
        "cases/index.html", cases=page.shown, pages=page.links(lambda to: url_for("cases.index", page=to))
    )


@cases.post("/cases/find")
@allows(*READERS)
def find() -> ResponseReturnValue:
    """Cases by a child's name or a reference; the words travel in the form, never in an address or a log."""
    words = request.form.get("words", "").strip()[:100]
    if not words:
        return redirect(url_for("cases.index"), 303)
    found = casework().cases(practitioner(), words=words, limit=50)
    return render_template("cases/index.html", cases=found, words=words, pages=None)


# --------------------------------------------------------------------------------------------------------- one case


@cases.get("/cases/<case_id>")
@allows(*READERS)
def show(case_id: str) -> ResponseReturnValue:
    """A case at a glance: the plan, what is to be done and until when, who works on it, what is known."""
    case = casework().case(practitioner(), case_id)
    names = story.names_of(case, role_title)
    return render_template(
        "cases/overview.html",
        case=case,
        waits=[
            (run.title, names.element(one.element, one.process), one)
            for run in case.pathways
            for one in waits.waits(case, run)
        ],
        explanations=dates.due_explanations(case),
        panels=standing.panels(case),
        plan_ended=standing.ended(case) if case.facts["plan_status"] == "ENDED" else None,
        dates=dates.lines(case, names, london_date(casework().clock.now())),
        conference_over=dates.no_longer_counts(case),
        fact_names=[name for name in facts.FACTS if name not in _AT_A_GLANCE and not _is_over(name, case)],
        fact_is_plain=facts.is_plain,
        after_birth=[name for name in facts.AFTER_BIRTH if _is_over(name, case)],
        can_start=may_open("cases.start") and case.facts["plan_status"] == "ACTIVE",
    )


@cases.get("/cases/<case_id>/steps")
@allows(*READERS)
def steps(case_id: str) -> ResponseReturnValue:
    """Where the case stands: each pathway's diagram, and beside it the same as a table."""
    case = casework().case(practitioner(), case_id)
    names = story.names_of(case, role_title)
    return render_template(
        "cases/steps.html",
        case=case,
        names=names,
        whose={step: roles_title(roles) for step, roles in story.roles_of_steps(case).items()},
        pictures={run.instance: _pictures(run, case) for run in case.pathways},
        waits={run.instance: waits.waits(case, run) for run in case.pathways},
        standings={run.instance: waits.standing(case, run) for run in case.pathways},
        decisions={run.instance: deciding.decisions(case, run.instance, names) for run in case.pathways},
    )


@cases.get("/cases/<case_id>/history")
@allows(*READERS)
def history(case_id: str) -> ResponseReturnValue:
    """Everything that was done in the case, in plain words."""
    case = casework().case(practitioner(), case_id)
    chapters = story.told(case, story.names_of(case, role_title))
    number = page_asked_for(request)
    page = Page(number, chapters[ON_A_PAGE * (number - 1) : ON_A_PAGE * number + 1], ON_A_PAGE)
    return render_template(
        "cases/history.html",
        case=case,
        chapters=page.shown,
        pages=page.links(lambda to: url_for("cases.history", case_id=case_id, page=to)),
    )


@cases.get("/diagrams/<release>/<path:file>")
@allows(*READERS)
def diagram(release: str, file: str) -> ResponseReturnValue:
    """One diagram as its release holds it."""
    content = casework().diagram(practitioner(), release, file)
    return Response(content, content_type="application/xml; charset=utf-8")


# ------------------------------------------------------------------------------------------------------------- pages

_AT_A_GLANCE = frozenset(
    {"name", "dob", "plan_status", "plan_start_date", "legal_status", "placement", "sibling_case_ids"}
)


def _is_over(name: str, case: CaseView) -> bool:
    """Whether a fact says nothing: the expected day, after the birth; what only the born have, before it."""
    unborn = case.facts.get("unborn") is True and case.facts.get("dob") is None
    return (name == "edd" and case.facts.get("dob") is not None) or (
        unborn and name in facts.AFTER_BIRTH and not case.facts.get(name)
    )


def _places(case: CaseView) -> dict[int, str]:
    """The process in which each step of the case that was entered stands, by task."""
    placed = (one for entry in case.timeline for one in entry.placed())
    return {event.body["task"]: process for event, process in placed if process and "task" in event.body}


def _pictures(run: PathwayView, case: CaseView) -> list[dict[str, Any]]:
    """The pathway's own diagram, then each it called into, with what to mark on them."""
    held = [one for one in case.incidents if one.instance == run.instance and one.element]
    places = _places(case) if held else {}
    pictures = []
    for path, content in run.diagrams.items():
        states = {
            element: state
            for process, drawn_in in run.processes.items()
            if drawn_in == path
            for element, state in run.elements.get(process, {}).items()
        }
        ids = diagrams.ids_in(content) - diagrams.frames_in(content)
        steps = ids - diagrams.watches_in(content)
        # Another process may use the id: a step is stopped where its task stands, if history tells where that is.
        stopped = {one.element for one in held if run.processes.get(places.get(one.task or 0, ""), path) == path}
        marked = {
            "open": [e for e, state in states.items() if state == "open" and e in steps - stopped],
            "done": [e for e, state in states.items() if state == "done" and e in ids],
            "stopped": sorted(one for one in stopped if one and one in ids and one in states),
        }
        if path == run.diagram or states:
            pictures.append({"path": path, "title": diagrams.title_in(content), "marks": marked})
    return sorted(pictures, key=lambda picture: picture["path"] != run.diagram)
