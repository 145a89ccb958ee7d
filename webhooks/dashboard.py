"""Figures for the Head of Quality Assurance: each a plot with its table, each number leading to its cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from engine.casework.dashboard import REINSTATED, Counted, Dashboard, Figure
from webhooks import charts
from webhooks.access import Audience, allows, practitioner
from webhooks.charts import Bar
from webhooks.desk import casework
from webhooks.words import counted

dashboard = Blueprint("dashboard", __name__)

#: Cases on one page behind a number.
ON_A_PAGE = 25


@dataclass(frozen=True, slots=True)
class Said:
    """What a figure is called, what it counts, what its rows are, and what one and several of what it counts are."""

    title: str
    counts: str
    row: str
    empty: str
    things: tuple[str, str]
    upright: bool = False


SAID: dict[str, Said] = {
    "overdue": Said(
        "Overdue tasks",
        "Open tasks whose due date has passed, by the role they are for and how long ago they were due.",
        "Role",
        "No task is overdue.",
        ("task", "tasks"),
    ),
    "in_tray": Said(
        "Not answered yet",
        "What was put before a role and has no answer, by how long it has lain there.",
        "Before",
        "Everything that was put before somebody is answered.",
        ("matter", "matters"),
    ),
    "plans": Said(
        "Plans open",
        "Active plans by the pathway under way and how long it has been. A plan with two pathways counts in both rows.",
        "Pathway",
        "No plan is active.",
        ("pathway under way", "pathways under way"),
    ),
    "deadlines": Said(
        "Deadlines kept and missed",
        "Tasks completed in the last 12 months that had a due date, by the clause they serve.",
        "Clause",
        "No task with a due date was completed in the last 12 months.",
        ("task", "tasks"),
    ),
    "endings": Said(
        "Endings by month",
        "Plans ended in the last 12 months by outcome, and plans made active again.",
        "Month",
        "No plan ended in the last 12 months.",
        ("ending or plan made active again", "endings and plans made active again"),
        upright=True,
    ),
    "departures": Said(
        "Decisions against advice",
        "Steps in which somebody decided otherwise than was recommended, with their reasons, by month.",
        "Month",
        "Nobody decided against a recommendation in the last 12 months.",
        ("decision", "decisions"),
        upright=True,
    ),
}


@dashboard.get("/dashboard")
@allows(Audience.SUPERVISORS)
def show() -> ResponseReturnValue:
    """Every figure, counted now."""
    found = casework().dashboard(practitioner())
    return render_template(
        "dashboard/show.html", on=found.on, figures=[_shown(found, name) for name in SAID], answering=found.answering
    )


@dashboard.get("/dashboard/cases")
@allows(Audience.SUPERVISORS)
def cases() -> ResponseReturnValue:
    """The cases behind a number; which number stands in the address."""
    figure, row, column = request.args.get("figure", ""), request.args.get("row"), request.args.get("column")
    after = request.args.get("after", "")[:60]
    person = practitioner()
    found = casework().counted_cases(person, figure, row=row, column=column, after=after, most=ON_A_PAGE + 1)
    shown = found.lines[:ON_A_PAGE]
    further = None
    if len(found.lines) > ON_A_PAGE:
        further = url_for("dashboard.cases", figure=figure, row=row, column=column, after=shown[-1][0].case_id)
    whole = casework().dashboard(person).figures[figure]
    filters = [dict(whole.rows).get(row or ""), dict(whole.columns).get(column or "")]
    return render_template(
        "dashboard/cases.html",
        title=SAID[figure].title if figure in SAID else "Answers given in the last 12 months",
        tally=_tally(found, _things(figure, row, column)) if found.things else "",
        several=found.things > found.cases,
        ended_before=figure == "endings",
        filters=[one for one in filters if one],
        cases=shown,
        further=further,
        started=bool(after),
    )


def _things(figure: str, row: str | None, column: str | None) -> tuple[str, str]:
    """What one and several of what a number counts are called."""
    if figure == "answers":
        return "answer", "answers"
    if figure == "plans" and row == "":
        return "plan", "plans"
    if figure == "endings" and column is not None:
        return ("plan made active again", "plans made active again") if column == REINSTATED else ("ending", "endings")
    return SAID[figure].things


def _tally(found: Counted, things: tuple[str, str]) -> str:
    """'13 tasks in 11 cases': the number that led here, and how many cases that makes."""
    return f"{counted(found.things, *things)} in {counted(found.cases, 'case')}"


def _shown(found: Dashboard, name: str) -> dict[str, Any]:
    figure, said = found.figures[name], SAID[name]
    columns = list(figure.columns)
    # The mildest age first on the bar, as it reads from left to right.
    if name in ("overdue", "in_tray", "plans"):
        columns.reverse()
    bars = [
        Bar(words, tuple(figure.numbers.get((row, column), 0) for column, _ in columns)) for row, words in figure.rows
    ]
    longest = max([1, *(one.total for one in bars)])
    return {
        "id": name,
        "said": said,
        "total": figure.total,
        "summary": _summary(figure, said),
        "columns": [
            {"id": column, "words": words, "fill": charts.fill(at)} for at, (column, words) in enumerate(columns)
        ],
        "rows": [
            {"id": row, "words": words, "numbers": one.numbers, "total": one.total, "bar": charts.bar(one, longest)}
            for (row, words), one in zip(figure.rows, bars, strict=True)
        ],
        "plot": _upright(bars) if said.upright and figure.total else None,
    }


def _upright(bars: list[Bar]) -> Markup:
    """Months from left to right, each by the beginning of its name."""
    return charts.columns([Bar(one.label[:3], one.numbers) for one in reversed(bars)])


def _summary(figure: Figure, said: Said) -> str:
    """The plot in one sentence, for those who hear it."""
    by_row = [(figure.of_row(row), words) for row, words in figure.rows]
    most = max(by_row, default=(0, ""))
    if not figure.total:
        return said.empty
    return f"{said.title}: {figure.total} in all; the most, {most[0]}, for {most[1]}. The table has every number."
