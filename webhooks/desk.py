"""What every view works with: casework, settings, the demonstration if it is one, and a fresh key per form."""

from __future__ import annotations

import secrets
from typing import cast

from flask import current_app, request

from engine.casework import Casework
from engine.errors import Unreadable
from webhooks.demonstration import Demonstration
from webhooks.settings import Settings


def casework() -> Casework:
    """The one door to cases, as handed to create_app."""
    return cast(Casework, current_app.extensions["casework"])


def settings() -> Settings:
    """The settings handed to create_app."""
    return cast(Settings, current_app.extensions["settings"])


def demonstration() -> Demonstration | None:
    """What a demonstration can do; None where the database is no demonstration."""
    return cast(Demonstration | None, current_app.extensions["demonstration"])


def form_key() -> str:
    """A fresh idempotency key for a page with a form: the same form posted twice is refused the second time."""
    return secrets.token_urlsafe(18)


def posted_key() -> str:
    """The key of the form that was posted. Raises Unreadable where the page did not send one."""
    key = request.form.get("form_key", "")
    if not 16 <= len(key) <= 64 or not key.replace("-", "").replace("_", "").isalnum():
        raise Unreadable("The form came without its key. Open the page again and send it from there.")
    return key
