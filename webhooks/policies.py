"""An authority's policy, clause by clause: where and how each is carried out. To read and to print."""

from __future__ import annotations

from functools import lru_cache

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.casework import Casework
from engine.clause_book import ClauseEntry, clause_book
from webhooks.access import Audience, allows, practitioner
from webhooks.desk import casework

policies = Blueprint("policies", __name__, url_prefix="/policy")


@policies.get("")
@allows(Audience.SIGNED_IN)
def index() -> ResponseReturnValue:
    """Every clause of the authority's policy; `section` shows one section of it."""
    authority = practitioner().authority
    deployed = tuple(release.hash for release in casework().in_force(authority))
    entries = _book(casework(), authority, deployed)
    sections = list(dict.fromkeys(entry.clause.section for entry in entries))
    wanted = request.args.get("section", "")
    shown = [entry for entry in entries if wanted not in sections or entry.clause.section == wanted]
    return render_template(
        "policies/index.html", entries=shown, sections=sections, section=wanted, today=casework().today()
    )


@lru_cache(maxsize=8)
def _book(found: Casework, authority: str, deployed: tuple[str, ...]) -> list[ClauseEntry]:
    """Made once for what is in force: it changes only when something is published."""
    return clause_book(found.clauses(authority), found.pathways_in_force(authority), found.folder(authority))
