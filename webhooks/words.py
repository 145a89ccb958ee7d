"""How dates, moments and counts are said to people, in one place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from engine.calendars import LONDON, explain, spoken
from engine.case.confidential import holds_withheld, is_withheld, legible
from engine.casework.timeliness import clauses_in_order
from engine.forms import shown
from webhooks.diagrams import in_words

#: Help texts and letters are Markdown without raw HTML and without pictures: nothing in them can run or call out.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "html_inline", "html_block"])


#: What tables answer in capitals, or in words joined by _; three capitals are an order's or an office's, but for verbs.
_CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]{4,}|ASK|END|[a-z]+(?:_[a-z0-9]+)+")
#: Why a date is that date, where the day it was counted from is kept from its reader.
KEPT_REASON = "It was counted from a day that is kept from you."
_SPOKEN_HOURS = {(0, 0): "midnight", (12, 0): "midday"}


def a_date(value: date | datetime | str | None) -> str:
    """'2 March 2026' for a date, an instant or their ISO text; 'not recorded' where there is none."""
    if value is None or value == "":
        return "not recorded"
    if is_withheld(value):
        return "kept from you"
    on = _read(value)
    return spoken(on.astimezone(LONDON).date() if isinstance(on, datetime) else on)


def a_moment(value: datetime | str) -> str:
    """'2 March 2026 at 9:05am', London time."""
    if is_withheld(value):
        return "kept from you"
    at = _read(value)
    if not isinstance(at, datetime):
        return spoken(at)
    local = at.astimezone(LONDON)
    if (local.hour, local.minute) in _SPOKEN_HOURS:
        return f"{spoken(local.date())} at {_SPOKEN_HOURS[local.hour, local.minute]}"
    clock = f"{local.hour % 12 or 12}:{local.minute:02d}{'am' if local.hour < 12 else 'pm'}"
    return f"{spoken(local.date())} at {clock}"


def clause_ids(clauses: str | None) -> Markup:
    """Clause ids that a step names, in the order of their numbers; none is broken at its hyphen."""
    named = clauses_in_order(clauses or "").split()
    return Markup(" ").join(Markup('<span class="app-clause-id">{}</span>').format(one) for one in named)


def whole(value: Any) -> Markup:
    """A reference, a clause's id or a day that stands in one piece wherever the page is wide."""
    return Markup('<span class="app-whole">{}</span>').format(value)


def an_address(value: Any) -> Markup:
    """A mail address that breaks where it does least harm, behind its @ and its dots, and not within a word."""
    return Markup(re.sub(r"([@.])", r"\1<wbr>", str(escape(one_said(value)))))  # noqa: S704 - escaped before


def step_moment(value: datetime | str) -> Markup:
    """When a step was taken, as no fact of the child: whatever day is kept from its reader, it is shown."""
    if is_withheld(value):
        return Markup("kept from you")
    at = _read(value)
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), a_moment(value))


def step_day(value: date | datetime | str | None) -> Markup:
    """The day on which a step was taken, as no fact of the child: such as that on which a letter went out."""
    if value is None or is_withheld(value):
        return escape(a_date(value))
    on = _read(value)
    day = on.astimezone(LONDON).date() if isinstance(on, datetime) else on
    return Markup('<time data-step datetime="{}">{}</time>').format(day.isoformat(), a_date(day))


def why_this_date(on: date | str | None, explanation: Mapping[str, Any] | None) -> str:
    """A due date's explanation in one sentence; empty where none was recorded."""
    if on is None or not explanation or "rule" not in explanation:
        return ""
    if is_withheld(on) or holds_withheld(explanation):
        return KEPT_REASON
    read = _read(on)
    return explain(read.astimezone(LONDON).date() if isinstance(read, datetime) else read, explanation)


def counted(count: int, thing: str, things: str | None = None) -> str:
    """'1 task', '2 tasks', 'no tasks'."""
    return f"{count or 'no'} {thing if count == 1 else things or thing + 's'}"


def either(names: Sequence[str]) -> str:
    """'A', 'A or B', 'A, B or C'."""
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def said(value: Any) -> str:
    """A recorded answer as people read it: 2 March 2026, Yes, a list with commas; null is 'not known'."""
    return legible(shown(value))


def one_said(value: Any) -> str:
    """A recorded value as people read it; 'kept from you' where it is withheld from the reader."""
    return "kept from you" if is_withheld(value) else legible(shown(value))


def coded(value: Any) -> Any:
    """A table's answer as words: 'NOT_YET' and 'not_yet' are 'Not yet', also in a list; everything else as it is."""
    if isinstance(value, list):
        return [coded(one) for one in value]
    if isinstance(value, str) and _CODE.fullmatch(value):
        return in_words(value)
    return value


def markdown(text: str | None, *, top: bool = False) -> Markup:
    """Markdown as HTML with the Design System's classes; raw HTML in it is shown as text.

    `top` keeps its first heading as the page's own; everywhere else the page has one already.
    """
    html = _MARKDOWN.render(text or "")
    for level in () if top else (3, 2, 1):
        html = html.replace(f"<h{level}>", f"<h{level + 1}>").replace(f"</h{level}>", f"</h{level + 1}>")
    for tag, css in _CLASSES:
        html = html.replace(f"<{tag}>", f'<{tag} class="{css}">')
    return Markup(html)  # noqa: S704 - markdown-it escaped everything that was not Markdown


_CLASSES = (
    ("h1", "govuk-heading-l"),
    ("h2", "govuk-heading-m"),
    ("h3", "govuk-heading-s"),
    ("h4", "govuk-heading-s"),
    ("p", "govuk-body"),
    ("ul", "govuk-list govuk-list--bullet"),
    ("ol", "govuk-list govuk-list--number"),
    ("table", "govuk-table"),
)


def _read(value: date | datetime | str) -> date | datetime:
    if not isinstance(value, str):
        return value
    if len(value) == 10:
        return date.fromisoformat(value)
    return datetime.fromisoformat(value)
