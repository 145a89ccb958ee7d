"""How long things took: every pathway as a heat map, each clause's deadlines as a plot, and the steps behind both."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework.finding import MOST_IN_A_FILE, HeatMap, Wanted
from engine.casework.timeliness import ClauseTimes, ElementTimes
from engine.store.finds import CaseStay, StayQuery
from webhooks import charts, diagrams
from webhooks.access import allows, practitioner
from webhooks.desk import casework
from webhooks.finding import ON_A_PAGE, READERS, asked, caught_up, not_read, period_asked
from webhooks.pages import Page, page_asked_for
from webhooks.sheets import moment, sheet
from webhooks.surroundings import person_name
from webhooks.words import counted

times = Blueprint("times", __name__, url_prefix="/audit")

#: What became of a step that had a due date.
RESULTS = {
    "in time": "Done in time",
    "late": "Done late",
    "not done": "Date passed, then not needed",
    "not needed": "Not needed before its date",
    "overdue": "Overdue now",
    "still to come": "Still to come",
}
#: What else steps may be asked for by.
STATES = {"open": "Waiting now", "ended": "Done"}
#: What the pages read of their addresses.
PERIOD = ("since", "until")
HEAT_BY = (*PERIOD, "release", "releases", "picture", "by")
#: Shades of the heat map: the first for the least.
SHADES = 5


# ------------------------------------------------------------------------------------------------------- timeliness


@times.get("/timeliness")
@allows(*READERS)
def timeliness() -> ResponseReturnValue:
    """How the deadlines of each clause were kept, as a plot and as a table; each figure leads to its steps."""
    problems: list[dict[str, str]] = []
    since, until = period_asked(problems)
    not_read(problems, PERIOD, "#since")
    behind, summaries = caught_up(), casework().clauses(practitioner().authority)
    found = casework().timeliness(practitioner(), since=since, until=until)
    tagged = {one for one, clause in summaries.items() if "timer" in clause.tags}
    parts = [
        ("Clauses that set a time", [one for one in found if one.clause in tagged]),
        ("Other clauses whose steps have a due date", [one for one in found if one.clause not in tagged]),
    ]
    scale = charts.Scale.over(day for one in found for day in (one.spread.quarter, one.spread.ninety))
    return render_template(
        "audit/timeliness.html",
        parts=[(title, [_clause(one, summaries, scale) for one in ones]) for title, ones in parts if ones],
        axis=charts.axis(scale),
        keys=[(words, charts.pattern_key(result)) for result, words in RESULTS.items() if result in charts.PATTERNS],
        patterns=charts.patterns(),
        results=RESULTS,
        since=since,
        until=until,
        given=asked(),
        problems=problems,
        behind=behind,
    )


@times.get("/timeliness.csv")
@allows(*READERS)
def timeliness_csv() -> ResponseReturnValue:
    """How the deadlines of each clause were kept, as a file; taking it out is recorded."""
    by, (since, until) = practitioner(), period_asked([])
    caught_up()
    found = casework().timeliness(by, since=since, until=until)
    casework().record_looks(by, [""], "timeliness, as a file")
    head = ("Clause", *RESULTS.values(), "Counted in", "Earliest", "Half by", "Nine in ten by", "Latest")
    rows = (
        (
            one.clause or "No clause named",
            *(one.counts[result] for result in RESULTS),
            one.unit,
            one.spread.least,
            one.spread.median,
            one.spread.ninety,
            one.spread.most,
        )
        for one in found
    )
    return sheet("timeliness", head, rows)


def _clause(one: ClauseTimes, summaries: Any, scale: charts.Scale) -> dict[str, Any]:
    known, spread = summaries.get(one.clause), one.spread
    return {
        "id": one.clause,
        "summary": known.summary if known is not None else "",
        "counts": one.counts,
        "total": one.total,
        "unit": one.unit,
        "spread": spread,
        "said": {name: _about(getattr(spread, name)) for name in ("least", "median", "ninety", "most")},
        "share": charts.share([(result, one.counts[result]) for result in charts.PATTERNS]),
        "range": charts.span(scale, spread.least, spread.quarter, spread.median, spread.three_quarters, spread.most),
    }


def _about(days: float | None) -> str:
    """'2 before', 'on the day', '3 after'."""
    if days is None:
        return "–"
    if days == 0:
        return "on the day"
    return f"{abs(days):g} {'before' if days < 0 else 'after'}"


# ------------------------------------------------------------------------------------------------------------ steps


@times.get("/steps")
@allows(*READERS)
def steps() -> ResponseReturnValue:
    """The steps behind a figure, the newest first; each leads into the film of its case."""
    by, wanted, number = practitioner(), _stays(), page_asked_for(request)
    behind, given = caught_up(), asked()
    read = casework().steps(by, wanted, skipping=ON_A_PAGE * (number - 1), most=ON_A_PAGE + 1)
    page = Page(number, read, ON_A_PAGE)
    titles = casework().titles(by, {_place(one) for one in page.shown})
    return render_template(
        "audit/steps.html",
        filters=_said(wanted),
        rows=[{"case_id": one.case_id, "stay": one.stay, "title": _title(one, titles)} for one in page.shown],
        states=RESULTS | STATES,
        today=wanted.today,
        given=given,
        pages=page.links(lambda to: url_for("times.steps", **given, page=to)),
        behind=behind,
    )


@times.get("/steps.csv")
@allows(*READERS)
def steps_csv() -> ResponseReturnValue:
    """The steps behind a figure, as a file; taking it out is recorded."""
    by = practitioner()
    caught_up()
    found = casework().steps(by, _stays(), most=MOST_IN_A_FILE + 1)
    titles = casework().titles(by, {_place(one) for one in found})
    casework().record_looks(by, [""], f"steps, as a file of {counted(len(found), 'line')}")
    head = ("Case", "Step opened", "What", "Clauses", "Opened", "Due", "Ended", "By", "Days taken", "Days late", "Days")
    rows = (
        (
            one.case_id,
            one.stay.opened,
            _title(one, titles),
            one.stay.clauses,
            moment(one.stay.opened_at),
            one.stay.due_on,
            moment(one.stay.ended_at) if one.stay.ended_at else "",
            person_name(one.stay.person) if one.stay.person else "",
            one.stay.days,
            one.stay.late,
            "working days" if one.stay.in_working_days else "days",
        )
        for one in found
    )
    return sheet("steps", head, rows)


def _stays() -> StayQuery:
    given, problems = asked(), list[dict[str, str]]()
    since, until = period_asked(problems)
    today = casework().today().isoformat()
    result = given.get("result", "")
    return StayQuery(
        pathway=given.get("pathway", ""),
        release=given.get("release", ""),
        process=given.get("process", ""),
        element=given.get("element", ""),
        clause=given.get("clause", ""),
        result=result if result in RESULTS or result in STATES else "",
        with_due_date=given.get("due") == "yes" or result in RESULTS,
        period=Wanted(since=since, until=until).period(),
        today=today,
    )


def _said(wanted: StayQuery) -> list[str]:
    said = [wanted.clause, diagrams.in_words(wanted.element) if wanted.element else ""]
    return [one for one in (*said, (RESULTS | STATES).get(wanted.result, "")) if one]


def _place(one: CaseStay) -> tuple[str, str, str]:
    return one.stay.release, one.stay.process, one.stay.element


def _title(one: CaseStay, titles: dict[tuple[str, str, str], str]) -> str:
    return titles[_place(one)]


# --------------------------------------------------------------------------------------------------------- heat map


@times.get("/heat")
@allows(*READERS)
def heat() -> ResponseReturnValue:
    """Counts and waiting times of a pathway's elements, on its picture and as a table."""
    by, problems = practitioner(), list[dict[str, str]]()
    since, until = period_asked(problems)
    not_read(problems, HEAT_BY, "#by")
    behind, ran = caught_up(), casework().ran(practitioner())
    given = asked()
    chosen = given.get("release", "")
    at = next((one for one in ran if one[2] == chosen), None)
    if at is None:
        if chosen:
            text = "No case that you may see ran on the release that the address names. Choose one."
            problems.append({"text": text, "href": "#ran"})
        return render_template("audit/heat_choose.html", ran=ran, behind=behind, problems=problems)
    others = [one for one in ran if one[0] == at[0] and one[2] != at[2]]
    every = bool(others) and given.get("releases") == "all"
    found = casework().heat(by, at[0], at[2], since=since, until=until, every=every)
    pictures = _pictures(found)
    path = given.get("picture", "")
    picture = next((one for one in pictures if one["path"] == path), pictures[0] if pictures else None)
    by_wait = given.get("by") != "count"
    return render_template(
        "audit/heat.html",
        found=found,
        version=at[3],
        cases=at[4],
        others=others,
        most=max(others, key=lambda one: one[4], default=None),
        pictures=pictures,
        picture=picture,
        rows=[] if picture is None else _elements(found, picture["processes"]),
        marks={} if picture is None else _marks(found, picture["processes"], by_wait=by_wait),
        badges={} if picture is None else _badges(found, picture["processes"]),
        by_wait=by_wait,
        shades=SHADES,
        given=given,
        problems=problems,
        behind=behind,
    )


def _pictures(found: HeatMap) -> list[dict[str, Any]]:
    """The diagrams of the release that something went through, the pathway's own first."""
    passed: dict[str, int] = {}
    for one in found.elements:
        passed[one.process] = passed.get(one.process, 0) + one.passed
    own = found.release.processes[found.release.pathway]
    pictures = []
    for path, content in found.release.diagrams.items():
        processes = {process for process, drawn_in in found.release.processes.items() if drawn_in == path}
        if any(passed.get(process) for process in processes):
            pictures.append({"path": path, "title": diagrams.title_in(content), "processes": processes})
    return sorted(pictures, key=lambda one: (one["path"] != own, one["title"]))


def _elements(found: HeatMap, processes: set[str]) -> list[dict[str, Any]]:
    """The table's rows: waits first, the longest first."""
    rows = [
        {"one": one, "title": found.titles.get((one.process, one.element), diagrams.in_words(one.element))}
        for one in found.elements
        if one.process in processes
    ]
    return sorted(rows, key=lambda row: (row["one"].unit == "", -_heat(row["one"]), -row["one"].passed, row["title"]))


def _heat(one: ElementTimes) -> float:
    return -1.0 if one.spread.median is None else one.spread.median


def _marks(found: HeatMap, processes: set[str], *, by_wait: bool) -> dict[str, list[str]]:
    """Which shade each element has: by how long it took half of them, or by how often it was passed."""
    here = [one for one in found.elements if one.process in processes]
    numbers = {one.element: (_heat(one) if by_wait else one.passed) for one in here}
    highest = max([*numbers.values(), 1])
    shades: dict[str, list[str]] = {}
    for element, number in numbers.items():
        if number > 0:
            shade = min(int(SHADES * number / highest) + 1, SHADES)
            shades.setdefault(f"heat-{shade}", []).append(element)
    return shades


def _badges(found: HeatMap, processes: set[str]) -> dict[str, str]:
    """What stands on each element of the picture: how often, and how long half of them took."""
    badges = {}
    for one in found.elements:
        if one.process in processes and one.passed:
            unit = "wd" if one.unit == "working days" else "d"
            took = "" if one.spread.median is None else f" · {one.spread.median:g} {unit}"
            badges[one.element] = f"{one.passed}×{took}"
    return badges
