"""Home: my tasks and my team's, what is overdue first; taking one, giving it back, and handing it to a colleague."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import TaskView, WorkItem
from engine.casework.listing import COUNTED, Wanted
from engine.errors import EngineError, FieldProblem, Refused
from webhooks import asking, questions
from webhooks.access import Audience, allows, onward, practitioner
from webhooks.desk import casework, posted_key
from webhooks.errors import ask_again
from webhooks.pages import Page, page_asked_for
from webhooks.questions import Choice, Question
from webhooks.surroundings import role_title

tasks = Blueprint("tasks", __name__)

#: Tasks on one page of a list.
ON_A_PAGE = 25
#: No list is paged through further than this; it is narrowed instead.
MOST_PAGES = 40
#: What the tabs above a list narrow it to, and what they are called.
DUE = (("", "All"), ("overdue", "Overdue"), ("week", "Due this week"))


class NobodyChosen(Refused):
    """A task was to be handed over, and not said to whom or why."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__("The task was not handed over.")
        self.problems = tuple(problems)


@tasks.get("/tasks")
@allows(Audience.CASEWORKERS)
def mine() -> ResponseReturnValue:
    """What I have to do, the most urgent first."""
    return _list_page("mine")


@tasks.get("/tasks/team")
@allows(Audience.CASEWORKERS)
def team() -> ResponseReturnValue:
    """What waits for anybody who holds one of my roles, or one that I manage."""
    return _list_page("team")


@tasks.post("/tasks/find")
@allows(Audience.CASEWORKERS)
def find() -> ResponseReturnValue:
    """Tasks by a child's name or a reference; the words travel in the form, never in an address or a log."""
    words = request.form.get("words", "").strip()[:100]
    if not words:
        return redirect(url_for("tasks.team"), 303)
    found = casework().find_tasks(practitioner(), words)
    return render_template("tasks/found.html", items=found.items, unread=found.unread, words=words)


@tasks.post("/cases/<case_id>/tasks/<int:task>/claim")
@allows(Audience.CASEWORKERS)
def claim(case_id: str, task: int) -> ResponseReturnValue:
    """Take a task from the team's list."""
    casework().claim_task(case_id, task, by=practitioner(), command_id=posted_key())
    flash("The task is yours.")
    return redirect(onward(request) or url_for("tasks.show", case_id=case_id, task=task), 303)


@tasks.post("/cases/<case_id>/tasks/<int:task>/release")
@allows(Audience.CASEWORKERS)
def release(case_id: str, task: int) -> ResponseReturnValue:
    """Put a task back on the team's list."""
    casework().release_task(case_id, task, by=practitioner(), command_id=posted_key())
    flash("The task is back with the team.")
    return redirect(onward(request) or url_for("tasks.mine"), 303)


@tasks.get("/cases/<case_id>/tasks/<int:task>/hand-over")
@allows(Audience.CASEWORKERS)
def hand_over(case_id: str, task: int) -> ResponseReturnValue:
    """The page that gives a task to a colleague who holds its role."""
    view = casework().task(practitioner(), case_id, task)
    return _hand_over_page(view, {})


@tasks.post("/cases/<case_id>/tasks/<int:task>/hand-over")
@allows(Audience.CASEWORKERS)
def give(case_id: str, task: int) -> ResponseReturnValue:
    """Give a task to a colleague, and say why."""
    view = casework().task(practitioner(), case_id, task)
    asked = _hand_over_questions(view)
    typed = questions.read(asked, request.form)
    ask_again(lambda refusal: _hand_over_page(view, typed.texts, refusal))
    asking.refuse_unclear(typed)
    to, why = typed.answers["to"], typed.answers["why"]
    offered = {choice.value for choice in asked[0].choices}
    problems = []
    if to not in offered:
        problems.append(FieldProblem("to", "Choose who the task goes to."))
    if not why:
        problems.append(FieldProblem("why", "Say why you hand the task over."))
    if problems:
        raise NobodyChosen(problems)
    casework().hand_over_task(case_id, task, str(to), by=practitioner(), command_id=posted_key(), why=str(why))
    name = next(choice.label for choice in asked[0].choices if choice.value == to)
    flash(f"The task is now with {name}.")
    return redirect(url_for("tasks.mine"), 303)


def wanted_asked_for() -> Wanted:
    """What the address narrows a list to; nonsense narrows nothing."""
    given = request.args
    due = given.get("due", "")
    return Wanted(
        role=given.get("role", "")[:64],
        pathway=given.get("pathway", "")[:100],
        person=given.get("person", "")[:100],
        due=due if due in {value for value, _ in DUE} else "",
        unclaimed=given.get("unclaimed") == "yes",
    )


def _list_page(whose: str) -> str:
    wanted, number = wanted_asked_for(), min(page_asked_for(request), MOST_PAGES)
    if whose == "mine":
        wanted = replace(wanted, person="", unclaimed=False)
    work, person = casework(), practitioner()
    items: Sequence[WorkItem] = work.worklist(
        person, whose, wanted=wanted, limit=ON_A_PAGE + 1, offset=ON_A_PAGE * (number - 1)
    )
    page = Page(number, items, ON_A_PAGE)
    count = work.count_work(person, whose, wanted=replace(wanted, due=""))
    counts = {"": count.all, "overdue": count.overdue, "week": count.this_week}
    roles = person.roles if whose == "mine" else work.team_roles(person)
    offered = {
        "role": [(role, role_title(role)) for role in work.authority(person.authority).roles if role in roles],
        "pathway": work.pathways(person.authority),
        "person": work.colleagues(person.authority, roles) if whose == "team" else [],
    }
    return render_template(
        "tasks/list.html",
        whose=whose,
        items=page.shown,
        pages=page.links(lambda to: _address(whose, wanted, page=to if to > 1 else None)),
        number=number,
        counted={due: f"{COUNTED}+" if found > COUNTED else str(found) for due, found in counts.items()},
        late=count.overdue,
        wanted=wanted,
        tabs=[
            {"text": text, "due": due, "href": _address(whose, replace(wanted, due=due)), "here": due == wanted.due}
            for due, text in DUE
        ],
        filters=_filters(offered, wanted),
        removals=_removals(whose, offered, wanted),
        clear=_address(whose, Wanted(due=wanted.due)),
    )


def _address(whose: str, wanted: Wanted, *, page: int | None = None) -> str:
    """A list's address with what narrows it: it can be kept as a bookmark and sent to a colleague."""
    named = {name: getattr(wanted, name) or None for name in ("due", "role", "pathway", "person")}
    return url_for(f"tasks.{whose}", **named, unclaimed="yes" if wanted.unclaimed else None, page=page)


#: What a list may be narrowed to: by name, each value and what it is called.
Offered = Mapping[str, Sequence[tuple[str, str]]]
_CALLED = {"role": "Role", "pathway": "Pathway", "person": "With"}


def _filters(offered: Offered, wanted: Wanted) -> list[dict[str, Any]]:
    """The lists to choose from, as the Design System's selects take them."""
    return [
        {
            "id": name,
            "name": name,
            "label": {"text": _CALLED[name]},
            "items": [
                {"value": "", "text": "Any"},
                *(
                    {"value": value, "text": text, "selected": value == getattr(wanted, name)}
                    for value, text in options
                ),
            ],
        }
        for name, options in offered.items()
        if len(options) > 1 or getattr(wanted, name)
    ]


def _removals(whose: str, offered: Offered, wanted: Wanted) -> list[dict[str, str]]:
    """What narrows the list, each with the address without it."""
    chosen = {name: getattr(wanted, name) for name in offered}
    titles = {name: dict(offered[name]).get(value, value) for name, value in chosen.items() if value}
    if wanted.unclaimed:
        titles["unclaimed"] = "With nobody yet"
    empty = Wanted()
    return [
        {"text": title, "href": _address(whose, replace(wanted, **{name: getattr(empty, name)}))}
        for name, title in titles.items()
    ]


def _hand_over_questions(view: TaskView) -> tuple[Question, Question]:
    people = casework().colleagues(practitioner().authority, view.roles)
    kept = view.apart.free if view.apart is not None else None
    offered = [one for one in people if one[0] != view.assignee and (kept is None or one[1] in kept)]
    choices = tuple(Choice(person, name) for person, name in offered)
    kind = "one" if len(choices) <= 12 else "listed"
    return (
        Question("to", kind, "Who takes it on?", hint=f"Those who hold the role: {view.role_title}.", choices=choices),
        Question("why", "long text", "Why?", hint="It is kept in the case’s history.", longest=500),
    )


def _hand_over_page(view: TaskView, texts: Mapping[str, Any], refusal: EngineError | None = None) -> str:
    problems = getattr(refusal, "problems", ()) if refusal is not None else ()
    shown = questions.shown_again(_hand_over_questions(view), texts, problems)
    return render_template(
        "tasks/hand_over.html",
        task=view,
        questions=shown,
        nobody=not shown[0].choices,
        problems=questions.summary(shown, problems),
        refusal=None if problems or refusal is None else str(refusal),
    )
