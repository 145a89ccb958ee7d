"""The blueprint of a case's pages, and who may read them: cases, letters and beginnings add their routes to it."""

from __future__ import annotations

from flask import Blueprint

from webhooks.access import Audience

cases = Blueprint("cases", __name__)

READERS = (Audience.CASEWORKERS, Audience.AUDITORS)
