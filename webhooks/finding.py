"""What auditors find: cases by what happened in them, the register, and who looked; what is asked is in the address."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from itertools import count
from time import monotonic
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework.finding import MOST_IN_A_FILE, Choices, Found, Wanted
from engine.casework.naming import in_words
from engine.casework.people import HEAD
from engine.casework.registering import Entry
from engine.errors import NotFound
from engine.store.finds import Matched
from webhooks import diagrams, facts
from webhooks.access import Audience, allows, practitioner
from webhooks.days import day_asked
from webhooks.desk import casework
from webhooks.pages import Page, page_asked_for
from webhooks.sheets import moment, sheet
from webhooks.sittings import sittings
from webhooks.surroundings import person_name, role_title
from webhooks.words import a_date, counted

finds = Blueprint("finds", __name__, url_prefix="/audit")

READERS = (Audience.AUDITORS, Audience.HEAD)
ON_A_PAGE = 25
#: Looks are many and short: those of one sitting stand in one line.
LOOKS_ON_A_PAGE = 200
#: How long a question waits for the catalogue before it answers with what there is.
PATIENCE = 2.0
_LONGEST = 200

#: Everything that an address under /audit may ask.
_ASKABLE = frozenset(
    {"outcome", "clause", "table", "row", "role", "person", "late", "register", "escalation", "since", "until",
     "one_step", "what", "pathway", "release", "releases", "process", "element", "result", "due", "picture", "by"}
)  # fmt: skip

#: What each page reads of its address.
_PERIOD = ("since", "until")
_WORDS = ("outcome", "clause", "table", "row", "role", "person", "late", "register", "escalation")
FIND_BY = (*_WORDS, *_PERIOD, "one_step")
REGISTER_BY = ("what", *_PERIOD)

#: What the register lists, as people say it.
REGISTER = {
    "departure": "Decided against a recommendation",
    "override": "Set aside",
    "moved": "A date was moved",
    "late": "Done late",
    "not_done": "Not done by its date",
    "corrected": "Put right",
    "withdrawn": "A pathway was taken back",
    "reinstated": "A plan was made active again",
}
LATE = {
    "any": "A step was done late",
    "week": "A step was done more than five days late",
    "now": "A task is overdue now",
}
#: Why something was put before somebody: what history keeps of it, in words.
ESCALATIONS = {
    "manager": "A task was overdue, and put before whoever manages it",
    "correction": "Something decided on was put right",
    "PlanReinstated": "A plan was made active again",
    "incident": "Something was held and nobody took it",
}

#: What elements are called, by case and element id.
Titles = Mapping[tuple[str, str], str]


def escalated(code: str) -> str:
    """Why something was put before somebody, in words."""
    if code == "head":
        return f"A task was overdue, and put before the {role_title(HEAD)}"
    if code in facts.LIFE_EVENTS:
        return facts.LIFE_EVENTS[code][0]
    return ESCALATIONS.get(code) or diagrams.in_words(code)


# ------------------------------------------------------------------------------------------------------------ cases


@finds.get("/find")
@allows(*READERS)
def find() -> ResponseReturnValue:
    """Cases by what happened in them; what is asked is in the address, and every hit leads into the film."""
    by, wanted, problems = practitioner(), *_wanted()
    behind, number = caught_up(), page_asked_for(request)
    choices = casework().choices(by)
    read: list[Found] = []
    if not problems:
        read = casework().find(by, wanted, skipping=ON_A_PAGE * (number - 1), most=ON_A_PAGE + 1)
        problems += _unknown(wanted, choices) if not read else []
    page = Page(number, read, ON_A_PAGE)
    given, titles, tables = asked(), casework().named(by, page.shown), casework().tables(by, page.shown)
    return render_template(
        "audit/find.html",
        wanted=wanted,
        given=given,
        problems=problems,
        choices=_offered(choices),
        rows=[_row(one, titles, tables) for one in page.shown],
        filters=_said(wanted, choices),
        pages=page.links(lambda to: url_for("finds.find", **given, page=to)),
        behind=behind,
    )


@finds.get("/find.csv")
@allows(*READERS)
def find_csv() -> ResponseReturnValue:
    """The cases found, as a file; taking it out is recorded."""
    by, wanted, problems = practitioner(), *_wanted()
    if problems:
        return redirect(url_for("finds.find") + _query(), 303)
    caught_up()
    found = casework().find(by, wanted, most=MOST_IN_A_FILE + 1)
    casework().record_looks(by, [""], f"cases found, as a file of {counted(len(found), 'line')}")
    titles, tables = casework().named(by, found), casework().tables(by, found)
    rows = (
        (one.case_id, step.revision, moment(step.at), _matched(step, titles, tables))
        for one in found
        for step in one.steps or (Matched(one.case_id, 0, one.revision, one.at, "", "", "", None),)
    )
    return sheet("cases-found", ("Case", "Step", "When", "Found by"), rows)


def _wanted() -> tuple[Wanted, list[dict[str, str]]]:
    """What the address asks for, and what of it cannot be read."""
    problems: list[dict[str, str]] = []
    since, until = period_asked(problems)
    texts = {name: request.args.get(name, "").strip()[:_LONGEST] for name in _WORDS}
    if texts["row"] and not (texts["row"].isascii() and texts["row"].isdigit() and len(texts["row"]) < 6):
        problems.append({"text": "Write the number of the row, such as 3.", "href": "#row"})
    elif bool(texts["row"]) != bool(texts["table"]):
        problems.append({"text": "Choose a table and write the number of its row.", "href": "#table"})
    not_read(problems, FIND_BY, "#outcome")
    for name, known in (("late", LATE), ("register", REGISTER)):
        if texts[name] and texts[name] not in known:
            problems.append({"text": no_answer(texts[name]), "href": f"#{name}"})
            texts[name] = ""
    if texts["row"].isdigit():
        texts["row"] = texts["row"].lstrip("0") or "0"
    return Wanted(**texts, since=since, until=until, one_step=request.args.get("one_step") == "yes"), problems


def _offered(choices: Choices) -> dict[str, list[tuple[str, str]]]:
    return {
        "outcome": [(one, f"{words} ({diagrams.in_words(one)})") for one, words in choices.outcomes],
        "clause": [(one, f"{one}: {_short(words)}") for one, words in choices.clauses],
        "table": list(choices.tables),
        "role": list(choices.roles),
        "person": list(choices.people),
        "late": list(LATE.items()),
        "register": [(one, words) for one, words in REGISTER.items() if one not in ("late", "not_done")],
        "escalation": sorted(((one, escalated(one)) for one in choices.escalations), key=lambda one: one[1]),
    }


def _said(wanted: Wanted, choices: Choices) -> list[str]:
    """What was asked for, in words."""
    words = {name: dict(pairs) for name, pairs in _offered(choices).items()}
    said = [
        words[name].get(value, value)
        for name in ("outcome", "clause", "role", "person", "late", "register", "escalation")
        if (value := getattr(wanted, name))
    ]
    if wanted.table and wanted.row:
        table = words["table"].get(wanted.table) or in_words(wanted.table)
        said.append(f"Row {wanted.row} of “{table}”")
    return said


def _unknown(wanted: Wanted, choices: Choices) -> list[dict[str, str]]:
    """What was asked for by an answer that is not among those offered, where nothing was found by it."""
    offered = _offered(choices)
    return [
        {"text": no_answer(value), "href": f"#{name}"}
        for name in ("outcome", "clause", "table", "role", "person", "escalation")
        if (value := getattr(wanted, name)) and value not in dict(offered[name])
    ]


def _row(one: Found, titles: Titles, tables: Mapping[str, str]) -> dict[str, Any]:
    return {
        "case_id": one.case_id,
        "label": one.label,
        "at": one.at,
        "revision": one.revision,
        "steps": [
            {"revision": step.revision, "at": step.at, "words": _matched(step, titles, tables)} for step in one.steps
        ],
    }


def _matched(step: Matched, titles: Titles, tables: Mapping[str, str]) -> str:
    """Why a step was found, in words; an element as its diagram calls it, a table by its question."""
    where = f": {titles.get((step.case_id, step.element), step.element)}" if step.element else ""
    late = f" ({counted(step.days, 'day')} late)" if step.days else ""
    if step.kind == "row":
        table, _, row = step.word.rpartition(" ")
        return f"Row {row} of “{tables.get(table) or in_words(table)}” matched"
    if step.kind == "open":
        return f"Overdue since {a_date(step.word)}{where}"
    words = {
        "outcome": f"Outcome: {titles.get((step.case_id, step.element)) or diagrams.in_words(step.word)}",
        "clause": f"{step.word}{where}",
        "row_clause": f"{step.word}, by the row of a table{where}",
        "role": f"Done by {role_title(step.word)}",
        "person": f"Done by {person_name(step.word)}",
        "register": f"{REGISTER.get(step.word, step.word)}{late}{where}",
        "escalation": f"Escalated: {escalated(step.word)}{where}",
    }
    return words.get(step.kind, "")


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77].rsplit(" ", 1)[0] + " …"


# --------------------------------------------------------------------------------------------------------- register


@finds.get("/register")
@allows(*READERS)
def register() -> ResponseReturnValue:
    """Every decision against a recommendation, override, moved date and late step, with the reasons given."""
    problems: list[dict[str, str]] = []
    since, until = period_asked(problems)
    word = _register_word(problems)
    number, behind = page_asked_for(request), caught_up()
    read: list[Entry] = []
    if not problems:
        read = casework().register(
            practitioner(),
            word,
            since=since,
            until=until,
            skipping=ON_A_PAGE * (number - 1),
            most=ON_A_PAGE + 1,
        )
    page, given = Page(number, read, ON_A_PAGE), asked()
    return render_template(
        "audit/register.html",
        entries=page.shown,
        words=REGISTER,
        what=word,
        given=given,
        problems=problems,
        pages=page.links(lambda to: url_for("finds.register", **given, page=to)),
        behind=behind,
    )


@finds.get("/register.csv")
@allows(*READERS)
def register_csv() -> ResponseReturnValue:
    """The register as a file; the look at each of its cases is recorded, and taking it out is too."""
    by, problems = practitioner(), list[dict[str, str]]()
    since, until = period_asked(problems)
    word = _register_word(problems)
    if problems:
        return redirect(url_for("finds.register") + _query(), 303)
    caught_up()
    lines: list[Entry] = []
    for first in count(0, 500):
        if first > MOST_IN_A_FILE:
            break
        stretch = casework().register(by, word, since=since, until=until, skipping=first, most=500)
        lines.extend(stretch)
        if len(stretch) < 500:
            break
    casework().record_looks(by, [""], f"register, as a file of {counted(len(lines), 'line')}")
    rows = (
        (
            one.case_id,
            one.revision,
            moment(one.at),
            REGISTER.get(one.word, one.word),
            one.title,
            " ".join(one.clauses),
            one.by_name,
            role_title(one.role) if one.role else "",
            one.days,
            "\n".join(map(facts.moved_date, one.moved)),
            "\n".join(f"{question} {answer}" for question, answer in one.reasons),
        )
        for one in lines
    )
    head = ("Case", "Step", "When", "What", "Where", "Clauses", "By", "Role", "Days late", "Dates moved", "Reasons")
    return sheet("register", head, rows)


# ------------------------------------------------------------------------------------------------------- who looked


@finds.get("/looks")
@allows(*READERS)
def lookers() -> ResponseReturnValue:
    """Everybody who looked at a case: how often, and when last."""
    return render_template("audit/lookers.html", people=casework().lookers(practitioner()))


@finds.get("/looks/<person>")
@allows(*READERS)
def looks_of(person: str) -> ResponseReturnValue:
    """What one person looked at: which case, when, in what role, at which page; the latest first."""
    number = page_asked_for(request)
    first = LOOKS_ON_A_PAGE * (number - 1)
    read = casework().looked_at(practitioner(), person, skipping=first, most=LOOKS_ON_A_PAGE + 1)
    if not read and number == 1:
        raise NotFound("Nobody of that name has looked at a case that you may see.")
    page = Page(number, read, LOOKS_ON_A_PAGE)
    return render_template(
        "audit/looks_of.html",
        person=person,
        looks=sittings(page.shown),
        pages=page.links(lambda to: url_for("finds.looks_of", person=person, page=to)),
    )


# ----------------------------------------------------------------------------------------------------------- pieces


def caught_up() -> int:
    """Bring the catalogue up to now, as far as patience goes; how many cases it does not hold yet."""
    end = monotonic() + PATIENCE
    return casework().catch_up(practitioner().authority, until=lambda: monotonic() < end)


def not_read(problems: list[dict[str, str]], read: Collection[str], first: str) -> None:
    """Say what the address asks that its page does not know: nothing asked for is quietly left out.

    first  where the page's own questions begin, such as '#outcome'
    """
    for name in request.args:
        if name not in read and name != "page":
            text = f"The address asks for “{name[:40]}”, which this page does not know. Ask by what stands below."
            problems.append({"text": text, "href": first})


def period_asked(problems: list[dict[str, str]]) -> tuple[date | None, date | None]:
    """The period that the address asks for; one that ends before it begins is said to."""
    since, until = day_asked("since", problems), day_asked("until", problems)
    if since is not None and until is not None and until < since:
        text = f"The period ends on {a_date(until)}, before it begins on {a_date(since)}. Change one of the days."
        problems.append({"text": text, "href": "#until"})
    return since, until


def _register_word(problems: list[dict[str, str]]) -> str:
    not_read(problems, REGISTER_BY, "#what")
    word = request.args.get("what", "")
    if word and word not in REGISTER:
        problems.append({"text": no_answer(word), "href": "#what"})
        return ""
    return word


def no_answer(word: str) -> str:
    return f"“{word[:40]}” is none of the answers here. Choose one."


def _query() -> str:
    return f"?{request.query_string.decode('ascii', 'ignore')}"


def asked() -> dict[str, Any]:
    """What the address asks, without its page: for links to the same question. Names that are not ours are left out."""
    return {name: value[:_LONGEST] for name, value in request.args.items() if value and name in _ASKABLE}
