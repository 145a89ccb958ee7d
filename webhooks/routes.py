"""docs/routes.md: every route of the application, whom it is for and what it shows, written from the code itself.

Run `python -m webhooks.routes` after a route was added or changed; a test holds the document to the code.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

from flask import Flask

from engine.casework import Casework
from webhooks.access import audiences_of
from webhooks.app import create_app
from webhooks.settings import Settings

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "routes.md"

_HEAD = """# Who may open what

Every route of the application, from the code's own list: whom it is for, and what it shows or does. Whom a route is
for is decided before its view runs (`webhooks/access.py`). Within it, a case is shown only to those who work on it or
supervise it, a restricted case only to the people named in it, and a fact marked confidential to nobody it is kept
from (`engine/casework/permissions.py`, `engine/case/confidential.py`). Another authority's case does not exist.

This file is generated: `python -m webhooks.routes`.

| Route | For | What it shows or does |
| --- | --- | --- |
"""


def table(app: Flask) -> str:
    """The document as it should be."""
    lines = []
    for rule in app.url_map.iter_rules():
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        audiences = " or ".join(sorted(one.value for one in audiences_of(app, rule.endpoint)))
        said = (app.view_functions[rule.endpoint].__doc__ or "").strip().split("\n\n")[0]
        shown = " ".join(said.split()) or "Styles, scripts and pictures."
        place = rule.rule.replace("|", "\\|")
        lines.append(f"| `{' '.join(methods)} {place}` | {audiences} | {shown} |")
    ordered = sorted(lines, key=lambda line: (line.split("`")[1].split(" ", 1)[1], line))
    return _HEAD + "\n".join(ordered) + "\n"


def application() -> Flask:
    """An application that answers nothing and knows its routes."""
    return create_app(cast(Casework, None), Settings(secret=bytes(32), secure=False))


if __name__ == "__main__":
    DOCUMENT.write_text(table(application()), encoding="utf-8")
    print(f"{DOCUMENT} is written.")
