"""What must not be seen: confidential facts, cases kept to a few people, who looked; and a net under every page.

Casework gives each reader what they may see. The net looks once more at whatever an answer about a case holds on its
way out, wherever it came from, so that a page nobody thought of tells nobody what is kept from them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson
from flask import Blueprint, Flask, Response, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.case.confidential import (
    AGENCY,
    EVERYONE,
    LIST,
    PARENT,
    PERSON,
    ROLE,
    SYSTEM,
    Party,
    Sight,
    is_withheld,
    legible,
)
from engine.case.withholding import SHOWN_IN_LISTS, KeptAlready
from engine.casework import CaseView, Casework, Practitioner
from engine.casework.people import PRODUCT_ROLES
from engine.errors import EngineError, FieldProblem, NotFound
from engine.store.errors import CaseUnknown
from webhooks import asking, diagrams, errors, facts, questions, story
from webhooks.access import Audience, allows, practitioner
from webhooks.desk import casework, posted_key
from webhooks.errors import ask_again
from webhooks.film import asks
from webhooks.pages import Page, page_asked_for
from webhooks.questions import Choice, Question
from webhooks.sittings import sittings

discretion = Blueprint("discretion", __name__, url_prefix="/cases/<case_id>")

#: Facts that no pathway asks for and that are most often kept from somebody.
OFTEN_KEPT = {
    "placement_address": "Address of the placement",
    "parent_whereabouts": "Where a parent is",
    "carers": "Who cares for the child",
    "school": "Which school the child goes to",
    "other_fact": "Something else",
}
#: How a choice of one entry of a list is sent.
_ENTRY = "entry:"
ON_A_PAGE = 200


# ---------------------------------------------------------------------- confidential facts


@discretion.get("/confidential")
@allows(Audience.CASEWORKERS)
def confidential(case_id: str) -> ResponseReturnValue:
    """Which facts are kept from whom, and the form that marks another."""
    return _marks_page(case_id)


@discretion.post("/confidential")
@allows(Audience.CASEWORKERS)
def mark(case_id: str) -> ResponseReturnValue:
    """Keep a fact from somebody from now on."""
    case = casework().case(practitioner(), case_id)
    asked = _mark_questions(case)
    typed = questions.read(asked, request.form)
    ask_again(lambda refusal: _marks_page(case_id, typed.texts, refusal))
    asking.check_answered(asked, typed)
    kept_from = [Party(*str(one).split(":", 1)) for one in typed.answers.get("kept_from") or ()]
    kept_from += [
        Party(kind, who)
        for kind, who in ((ROLE, asking.text_of(typed, "kept_role")), (PERSON, asking.text_of(typed, "kept_person")))
        if who
    ]
    if not kept_from:
        raise asking.Unanswered(FieldProblem("kept_from", "Choose from whom it is kept."))
    chosen = asking.text_of(typed, "fact")
    fact, entry = _entry_of(chosen) if chosen.startswith(_ENTRY) else (chosen, None)
    casework().mark_confidential(
        case_id,
        fact,
        kept_from,
        asking.text_of(typed, "why"),
        by=practitioner(),
        command_id=posted_key(),
        entry=entry,
        also=typed.answers.get("also") or (),
    )
    flash("It is kept from them from now on.")
    return redirect(url_for("discretion.confidential", case_id=case_id), 303)


@discretion.post("/confidential/<int:number>/lift")
@allows(Audience.SUPERVISORS)
def lift_mark(case_id: str, number: int) -> ResponseReturnValue:
    """A fact need no longer be kept from somebody."""
    ask_again(lambda refusal: _marks_page(case_id, refusal=refusal))
    casework().unmark_confidential(
        case_id, number, request.form.get("why", ""), by=practitioner(), command_id=posted_key()
    )
    flash("It is no longer kept from them.")
    return redirect(url_for("discretion.confidential", case_id=case_id), 303)


# ---------------------------------------------------------------------- restricted cases


@discretion.get("/restriction")
@allows(Audience.SUPERVISORS)
def restriction(case_id: str) -> ResponseReturnValue:
    """Who may see the case, where it is not everybody who works there."""
    return _restriction_page(case_id)


@discretion.post("/restriction")
@allows(Audience.SUPERVISORS)
def restrict(case_id: str) -> ResponseReturnValue:
    """Show the case to the people named and to nobody else."""
    case = casework().case(practitioner(), case_id)
    asked = _restriction_questions(case)
    typed = questions.read(asked, request.form)
    ask_again(lambda refusal: _restriction_page(case_id, typed.texts, refusal))
    asking.check_answered(asked, typed)
    named = [str(one) for one in typed.answers["people"]]
    casework().restrict_case(case_id, named, asking.text_of(typed, "why"), by=practitioner(), command_id=posted_key())
    flash("Only the people named see this case from now on.")
    seen = practitioner().id in named
    return redirect(url_for("discretion.restriction", case_id=case_id) if seen else url_for("cases.index"), 303)


@discretion.post("/restriction/lift")
@allows(Audience.SUPERVISORS)
def lift_restriction(case_id: str) -> ResponseReturnValue:
    """Show the case as every other case again."""
    ask_again(lambda refusal: _restriction_page(case_id, refusal=refusal))
    casework().lift_restriction(case_id, request.form.get("why", ""), by=practitioner(), command_id=posted_key())
    flash("The case is shown as every other case again.")
    return redirect(url_for("discretion.restriction", case_id=case_id), 303)


# ---------------------------------------------------------------------- who looked


@discretion.get("/looks")
@allows(Audience.AUDITORS, Audience.SUPERVISORS)
def looks(case_id: str) -> ResponseReturnValue:
    """Who looked at this case, when, as what and at which page; the latest first."""
    by, number = practitioner(), page_asked_for(request)
    label, found = casework().looks(by, case_id, most=ON_A_PAGE + 1, skipping=ON_A_PAGE * (number - 1))
    page = Page(number, found, ON_A_PAGE)
    return render_template(
        "discretion/looks.html",
        case_id=case_id,
        label=label,
        looks=sittings(page.shown),
        pages=page.links(lambda to: url_for("discretion.looks", case_id=case_id, page=to)),
    )


# ---------------------------------------------------------------------- the net under every page


def install(app: Flask) -> None:
    """Look at every answer about a case on its way out."""

    @app.after_request
    def withhold(answer: Response) -> Response:
        case_id, person = (request.view_args or {}).get("case_id"), g.get("practitioner")
        if not isinstance(case_id, str) or person is None or answer.direct_passthrough or not answer.data:
            return answer
        kind = answer.mimetype or ""
        text = kind.startswith("text/") or "json" in kind or "xml" in kind
        return _withheld(answer, casework(), person, case_id) if text else answer


def _withheld(answer: Response, cases: Casework, person: Practitioner, case_id: str) -> Response:
    if "\0" in case_id:
        return answer  # No database holds such a reference: it was refused, and there is no case to keep back of.
    try:
        sight = cases.sight(person, case_id)
    except (CaseUnknown, NotFound):
        return answer
    except EngineError as error:
        if answer.status_code < 300:
            return make_response(errors.answer(error))
        return answer  # A case that does not open was refused, or what is asked next is: neither holds anything of it.
    if sight.whole:
        return answer
    if "json" in (answer.mimetype or ""):
        answer.set_data(orjson.dumps(sight.of_value(orjson.loads(answer.data))))
    else:
        answer.set_data(_page_without(sight, answer.get_data(as_text=True)))
    return answer


#: When a step was taken is no fact of the child, whatever day is kept from its reader: the whole element is shown or,
#: where that very moment is kept, none of it. What an author of pages marks as the day of a step is one as well.
_MOMENT = re.compile(
    r"(<time\b[^<>]*\bdatetime=\"(\d{4}-\d\d-\d\dT[^\"<>]*)\"[^<>]*>[^<>]*</time>"
    r"|<time data-step datetime=\"\d{4}-\d\d-\d\d\">[^<>]*</time>)"
)


def _page_without(sight: Sight, page: str) -> str:
    """A page with words in the place of everything that its reader must not see."""
    before, *moments = _MOMENT.split(page)
    seen = [sight.text(before)]
    for shown, moment, after in zip(moments[::3], moments[1::3], moments[2::3], strict=False):
        seen += [shown if moment is None or sight.text(moment) == moment else sight.text(shown), sight.text(after)]
    return legible("".join(seen))


# ---------------------------------------------------------------------- pages


def _marks_page(case_id: str, texts: Mapping[str, Any] | None = None, refusal: EngineError | None = None) -> str:
    case = casework().case(practitioner(), case_id)
    marks = [
        {
            "number": one.number,
            "what": _fact_words(case, one.fact, one.entry),
            "kept_from": [_party_words(kind, who) for kind, who in one.kept_from],
            "why": "Kept from you" if is_withheld(one.why) else one.why,
            "by": one.by,
            "at": one.at,
            "lifted": one.lifted,
        }
        for one in casework().marks(practitioner(), case_id)
    ]
    if isinstance(refusal, KeptAlready):
        what = _fact_words(case, refusal.fact, refusal.entry)
        refusal = asking.Unanswered(FieldProblem("fact", f"‘{what}’ is kept from these already."))
    page = asking.page_of(_mark_questions(case), texts, refusal)
    return render_template("discretion/marks.html", case=case, marks=marks, **page)


def _mark_questions(case: CaseView) -> tuple[Question, ...]:
    colleagues = casework().colleagues(practitioner().authority, _roles())
    parents = [str(one) for one in case.facts.get("parents") or () if not is_withheld(one)]
    agencies = dict.fromkeys(
        str(one)
        for name in ("current_agencies", "icpc_invitees", "cprc_parties", "core_group")
        for one in case.facts.get(name) or ()
        if not is_withheld(one)
    )
    whom = [
        *(Choice(f"{PARENT}:{one}", f"{legible(one)} (parent or carer)") for one in parents),
        Choice(f"{PARENT}:{EVERYONE}", "Every parent and carer"),
        Choice(f"{LIST}:child", "The child"),
        *(Choice(f"{AGENCY}:{one}", legible(one)) for one in agencies),
        Choice(f"{AGENCY}:{EVERYONE}", "Every agency"),
        Choice(f"{SYSTEM}:{EVERYONE}", "Every other computer system"),
    ]
    roles = tuple(Choice(role, _role(role)) for role in sorted(_roles(), key=_role))
    also = "Such as the whole address, or a short form of it. Write each on a line of its own."
    return (
        Question("fact", "listed", "What is confidential?", choices=tuple(_facts_to_keep(case))),
        Question("also", "lines", "What it says, in words that must not be told", hint=also, optional=True),
        Question(
            "kept_from",
            "several",
            "From whom is it kept?",
            hint="Choose all that apply, here or below.",
            choices=tuple(whom),
            optional=True,
        ),
        Question("kept_role", "listed", "From everybody in a role?", choices=roles, optional=True),
        Question(
            "kept_person",
            "listed",
            "From a colleague?",
            choices=tuple(Choice(p, n) for p, n in colleagues),
            optional=True,
        ),
        Question("why", "text", "Why?", hint="The reason stays with the case; they do not see it."),
    )


def _facts_to_keep(case: CaseView) -> list[Choice]:
    """What may be marked: facts that are known, entries of lists, and answers that tasks have had."""
    found = [Choice(name, words) for name, words in OFTEN_KEPT.items()]
    for name, value in case.facts.items():
        if name in SHOWN_IN_LISTS or name in OFTEN_KEPT or value in (None, [], False) or is_withheld(value):
            continue
        found.append(Choice(name, facts.label(name)))
        if isinstance(value, list):
            texts = [one for one in value if isinstance(one, str) and not is_withheld(one)]
            found.extend(Choice(f"{_ENTRY}{name}:{one}", f"{facts.label(name)}: {one}") for one in texts)
    answers, names = dict[str, str](), story.names_of(case, _role_of)
    for entry in case.timeline:
        for event in entry.events:
            if event.kind == "TaskCompleted":
                element = event.body["element"]
                for field, value in (event.body.get("answers") or {}).items():
                    if isinstance(value, str | list) and value and not is_withheld(value):
                        answers[f"{element}.{field}"] = _answer_words(names, element, field)
    return [*found, *(Choice(name, words) for name, words in answers.items())]


def _entry_of(chosen: str) -> tuple[str, str]:
    fact, _, entry = chosen.removeprefix(_ENTRY).partition(":")
    return fact, entry


def _restriction_page(case_id: str, texts: Mapping[str, Any] | None = None, refusal: EngineError | None = None) -> str:
    case = casework().case(practitioner(), case_id)
    page = asking.page_of(_restriction_questions(case), texts or {"people": list(case.restricted_to)}, refusal)
    return render_template("discretion/restriction.html", case=case, **page)


def _restriction_questions(case: CaseView) -> tuple[Question, ...]:
    colleagues = casework().colleagues(practitioner().authority, _roles() | {"auditor"})
    hint = (
        "Everybody who works on the case, their supervisors, and somebody who is Head of Quality Assurance. Nobody "
        "else finds the case in any list or search."
    )
    return (
        Question("people", "several", "Who may see this case?", hint=hint, choices=tuple(
            Choice(person, name) for person, name in colleagues)),
        Question("why", "text", "Why?", hint="For example, a colleague’s child. The reason stays with the case."),
    )  # fmt: skip


def _roles() -> frozenset[str]:
    return frozenset(casework().authority(practitioner().authority).roles) - PRODUCT_ROLES


def _role(role: str) -> str:
    return casework().authority(practitioner().authority).role_title(role)


def _role_of(role: str | None) -> str:
    return _role(role) if role else ""


def _fact_words(case: CaseView, fact: str, entry: str | None = None) -> str:
    if entry:
        return f"{_fact_words(case, fact)}: {entry}"
    if fact in OFTEN_KEPT:
        return OFTEN_KEPT[fact]
    element, dot, field = fact.partition(".")
    return _answer_words(story.names_of(case, _role_of), element, field) if dot else facts.label(fact)


def _answer_words(names: story.Names, element: str, field: str) -> str:
    """An answer by its task's title and its question; by ids in words only where the drawing has neither."""
    form = names.forms.get(names.form_of.get(element, ""))
    question = asks(form.fields[field]) if form is not None and field in form.fields else diagrams.in_words(field)
    return f"{names.element(element)}: {question}"


def _party_words(kind: str, who: str) -> str:
    everyone = {PARENT: "Every parent and carer", AGENCY: "Every agency", SYSTEM: "Every other computer system"}
    if who == EVERYONE:
        return everyone.get(kind, "Everybody")
    if kind == ROLE:
        return f"Everybody who is {_role(who)}"
    if kind == PERSON:
        found = casework().practitioner(practitioner().authority, who)
        return who if found is None else found.name
    return "The child" if (kind, who) == (LIST, "child") else who
