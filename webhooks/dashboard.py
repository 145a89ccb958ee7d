"""Figures for the Head of Quality Assurance: each a plot with its table, each number leading to its cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from engine.casework.dashboard import Dashboard, Figure
from webhooks import charts
from webhooks.access import Audience, allows, practitioner
from webhooks.charts import Bar
from webhooks.desk import casework

dashboard = Blueprint("dashboard", __name__)

#: Cases on one page behind a number.
ON_A_PAGE = 25


@dataclass(frozen=True, slots=True)
class Said:
    """What a figure is called, what it counts, and what its rows are."""

    title: str
    counts: str
    row: str
    empty: str
    upright: bool = False


SAID: dict[str, Said] = {
    "overdue": Said(
        "Overdue tasks",
        "Open tasks whose due date has passed, by the role they are for and how long ago they were due.",
        "Role",
        "No task is overdue.",
    ),
    "in_tray": Said(
        "Not answered yet",
        "What was put before a role and has no answer, by how long it has lain there.",
        "Before",
        "Everything that was put before somebody is answered.",
    ),
    "plans": Said(
        "Plans open",
        "Active plans by the pathway under way and how long it has been. A plan with two pathways counts in both rows.",
        "Pathway",
        "No plan is active.",
    ),
    "deadlines": Said(
        "Deadlines kept and missed",
        "Tasks completed in the last 12 months that had a due date, by the clause they serve.",
        "Clause",
        "No task with a due date was completed in the last 12 months.",
    ),
    "endings": Said(
        "Endings by month",
        "Plans ended in the last 12 months by outcome, and plans made active again.",
        "Month",
        "No plan ended in the last 12 months.",
        upright=True,
    ),
    "departures": Said(
        "Decisions against advice",
        "Steps in which somebody decided otherwise than was recommended, with their reasons, by month.",
        "Month",
        "Nobody decided against a recommendation in the last 12 months.",
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
    lines = casework().counted_cases(person, figure, row=row, column=column, after=after, most=ON_A_PAGE + 1)
    shown = lines[:ON_A_PAGE]
    further = None
    if len(lines) > ON_A_PAGE:
        further = url_for("dashboard.cases", figure=figure, row=row, column=column, after=shown[-1].case_id)
    counted = casework().dashboard(person).figures[figure]
    filters = [dict(counted.rows).get(row or ""), dict(counted.columns).get(column or "")]
    return render_template(
        "dashboard/cases.html",
        said=SAID.get(figure, SAID["in_tray"]),
        filters=[one for one in filters if one],
        cases=shown,
        further=further,
        started=bool(after),
    )


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
    counted = [(figure.of_row(row), words) for row, words in figure.rows]
    most = max(counted, default=(0, ""))
    if not figure.total:
        return said.empty
    return f"{said.title}: {figure.total} in all; the most, {most[0]}, for {most[1]}. The table has every number."
