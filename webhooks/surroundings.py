"""What stands around every page: the council's name and colour, the way about, and the demonstration's banner."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, g, request, url_for
from flask_wtf.csrf import generate_csrf

from engine.authorities import Authority
from engine.casework.people import CASE_ROLES
from webhooks import access, desk, diagrams, facts, verdicts, words
from webhooks.questions import PARTS, Question

HERE = Path(__file__).parent / "static"
_COLOUR = re.compile(r"^#[0-9a-fA-F]{6}$")
#: Dark enough for white letters at any size; used where an authority names no colour.
PLAIN_COLOUR = "#1d3c5c"


@dataclass(frozen=True, slots=True)
class Way:
    """One entry of the service's navigation."""

    text: str
    endpoint: str
    #: Pages whose endpoint starts with one of these stand under this entry.
    covers: tuple[str, ...]


WAYS = (
    Way("My tasks", "tasks.mine", ("tasks.mine", "tasks.show", "tasks.complete")),
    Way("My team’s tasks", "tasks.team", ("tasks.team",)),
    Way("Cases", "cases.index", ("cases.",)),
    Way("In-tray", "escalations.in_tray", ("escalations.",)),
    Way("Figures", "dashboard.show", ("dashboard.",)),
    Way("Audit", "audit.home", ("audit.", "finds.", "times.")),
    Way("Pathways", "pathways.index", ("pathways.",)),
    Way("Policy", "policies.index", ("policies.",)),
    Way("Studio", "studio.index", ("studio.",)),
    Way("People", "people.index", ("people.",)),
    Way("Incidents", "incidents.index", ("incidents.",)),
    Way("Dead letters", "dead_letters.index", ("dead_letters.",)),
    Way("Systems", "notices_out.index", ("partners.", "notices_out.")),
    Way("Clock", "operations.clock", ("operations.clock", "operations.advance")),
)


def navigation() -> list[dict[str, Any]]:
    """The entries that lead somewhere this person may go."""
    person = g.get("practitioner")
    if person is None:
        return []
    here = request.endpoint or ""
    entries = []
    for way in WAYS:
        if way.endpoint == "operations.clock" and desk.demonstration() is None:
            continue
        if not access.may_open(way.endpoint):
            continue
        entries.append(
            {
                "text": way.text,
                "href": url_for(way.endpoint),
                "current": here == way.endpoint,
                "active": here.startswith(way.covers),
            }
        )
    return entries


def authority_here() -> Authority | None:
    """The authority of whoever is signed in; None where its settings were changed, so that it has no name or colour."""
    person = g.get("practitioner")
    return None if person is None else desk.casework().readable(person.authority)


def colour_of(authority: Authority | None) -> str:
    """The council's own colour, if it is a colour and nothing else."""
    colour = getattr(authority, "colour", None) or ""
    return colour if _COLOUR.match(colour) else PLAIN_COLOUR


def role_title(role: str | None) -> str:
    """What a role is called in this authority."""
    if not role:
        return "anybody who works on the case"
    authority = authority_here()
    return authority.role_title(role) if authority is not None else diagrams.in_words(role)


def roles_title(roles: Iterable[str | None]) -> str:
    """What the roles are called that may take a task, each of them; anybody, where it is for every role of a case."""
    named = sorted({role for role in roles if role})
    anybody = not named or set(CASE_ROLES) <= set(named)
    return role_title(None) if anybody else words.either([role_title(one) for one in named])


def person_name(person: str) -> str:
    """What a colleague of whoever is signed in is called."""
    me = g.get("practitioner")
    found = None if me is None else desk.casework().practitioner(me.authority, person)
    return person if found is None else found.name


def recipients(listed: Sequence[Any]) -> list[tuple[str, list[str]]]:
    """Who a letter goes to: each list's name ('' for the only one) and the people and agencies on it."""
    lists: dict[str, list[str]] = {}
    for one in listed:
        lists.setdefault(one["list"], []).append(words.one_said(one["to"]))
    return [(_list_title(name), people) for name, people in lists.items()]


def _list_title(name: str) -> str:
    """A list of the case by what its page calls it, another by its own name."""
    return "" if name == "recipients" else facts.label(name) if name in facts.FACTS else diagrams.in_words(name)


def date_parts(question: Question) -> list[dict[str, Any]]:
    """The inputs of a date: day, month and year."""
    typed = question.typed or {}
    wrong = " govuk-input--error" if question.error else ""
    return [
        {
            "id": f"{question.name}-{part}",
            "name": f"{question.name}-{part}",
            "label": part.capitalize(),
            "classes": f"govuk-input--width-{4 if part == 'year' else 2}{wrong}",
            "value": typed.get(part, ""),
        }
        for part in PARTS
    ]


def _own_files() -> Callable[[str], str]:
    """`own('pages.css')`: the address of a file that needs no building, under its content's hash."""
    hashes = {path.name: sha256(path.read_bytes()).hexdigest()[:12] for path in HERE.glob("*.*")}
    return lambda name: url_for("static", filename=name, v=hashes[name])


def install(app: Flask) -> None:
    """Give every template its surroundings and its words."""
    app.jinja_env.filters.update(
        a_date=words.a_date,
        a_moment=words.a_moment,
        step_moment=words.step_moment,
        step_day=words.step_day,
        an_address=words.an_address,
        clause_ids=words.clause_ids,
        whole=words.whole,
        one_said=words.one_said,
        markdown=words.markdown,
        counted=words.counted,
        fact=lambda value, name: facts.say(name, value),
        fact_label=facts.label,
        moved_date=facts.moved_date,
        role_title=role_title,
        roles_title=roles_title,
        person_name=person_name,
        in_words=diagrams.in_words,
        what_differs=verdicts.what_differs,
        recipients=recipients,
    )
    app.jinja_env.globals.update(
        csrf=generate_csrf,
        form_key=desk.form_key,
        why_this_date=words.why_this_date,
        date_parts=date_parts,
        own=_own_files(),
        may=access.may_open,
    )

    @app.context_processor
    def surroundings() -> dict[str, Any]:
        authority, on_show = authority_here(), desk.demonstration()
        return {
            "me": g.get("practitioner"),
            "authority": authority,
            "council_colour": colour_of(authority),
            "navigation": navigation(),
            "demonstration_now": on_show.clock.now() if on_show is not None else None,
            "may": access.may_open,
        }
