"""The pathways of an authority, for those who draw them: release in force, state of the checks, clauses named."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webhooks.access import Audience, allows, practitioner
from webhooks.desk import casework

pathways = Blueprint("pathways", __name__, url_prefix="/pathways")


@pathways.get("")
@allows(Audience.ANALYSTS, Audience.AUDITORS, Audience.OPERATORS)
def index() -> ResponseReturnValue:
    """Every deployed pathway: which release new cases start on, since when, and what its tables and clauses say."""
    return render_template("pathways/index.html", pathways=casework().published(practitioner().authority))
