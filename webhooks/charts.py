"""Bars and columns as SVG made here: no script, no style attribute, text that keeps its size on every screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

#: Fills that differ from white, from each other and in grey; the newest or mildest first.
FILLS = ("#5694ca", "#1d70b8", "#f47738", "#912b88", "#00703c", "#6f72af", "#b58840", "#28a197")
#: A segment narrower than this many hundredths has no room for its number.
ROOM = 7.0
HEIGHT, DEEP = 26, 200


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar or column: its label, and a number for each series."""

    label: str
    numbers: tuple[int, ...]

    @property
    def total(self) -> int:
        """All series together."""
        return sum(self.numbers)


def fill(position: int) -> str:
    """The colour of a series."""
    return FILLS[position % len(FILLS)]


def bar(one: Bar, longest: int) -> Markup:
    """One horizontal bar, its series one after the other; as wide as its share of the longest."""
    parts: list[str] = []
    at = 0.0
    for position, number in enumerate(one.numbers):
        width = 100 * number / max(longest, 1)
        if number:
            parts.append(
                f'<rect x="{at:.3f}%" y="1" width="{width:.3f}%" height="{HEIGHT - 2}" fill="{fill(position)}" '
                f'stroke="#fff" stroke-width="1"/>'
            )
            if width >= ROOM:
                parts.append(
                    f'<text x="{at + width / 2:.3f}%" y="{HEIGHT * 0.7:.0f}" text-anchor="middle" '
                    f'font-size="15" font-weight="bold" fill="{_ink(position)}">{number}</text>'
                )
        at += width
    return Markup(  # noqa: S704  # numbers and colours of our own
        f'<svg class="app-chart__bar" width="100%" height="{HEIGHT}" aria-hidden="true" focusable="false">'
        f"{''.join(parts)}</svg>"
    )


def columns(bars: Sequence[Bar]) -> Markup:
    """Vertical columns side by side, their series on top of each other, the highest as high as the chart."""
    highest = max([1, *(one.total for one in bars)])
    each = 100 / max(len(bars), 1)
    parts = [f'<line x1="0" y1="{DEEP + 20}" x2="100%" y2="{DEEP + 20}" stroke="#505a5f" stroke-width="1"/>']
    for place, one in enumerate(bars):
        left, bottom = place * each, DEEP + 20.0
        for position, number in enumerate(one.numbers):
            tall = DEEP * number / highest
            bottom -= tall
            if number:
                parts.append(
                    f'<rect x="{left + each * 0.15:.3f}%" y="{bottom:.1f}" width="{each * 0.7:.3f}%" '
                    f'height="{tall:.1f}" fill="{fill(position)}" stroke="#fff" stroke-width="1"/>'
                )
        middle = left + each / 2
        if one.total:
            parts.append(
                f'<text x="{middle:.3f}%" y="{bottom - 5:.1f}" text-anchor="middle" font-size="14" '
                f'font-weight="bold" fill="#0b0c0c">{one.total}</text>'
            )
        # On a narrow screen there is room for the first letter alone.
        for length, words in (("long", one.label), ("short", one.label[:1])):
            parts.append(
                f'<text class="app-chart__{length}" x="{middle:.3f}%" y="{DEEP + 38}" text-anchor="middle" '
                f'font-size="14" fill="#0b0c0c">{escape(words)}</text>'
            )
    return Markup(  # noqa: S704  # numbers and colours of our own; labels are escaped
        f'<svg class="app-chart__columns" width="100%" height="{DEEP + 46}" aria-hidden="true" focusable="false">'
        f"{''.join(parts)}</svg>"
    )


def _ink(position: int) -> str:
    """Black or white, whichever stands out on a series' fill (WCAG 2.2, 1.4.3)."""
    colour = fill(position)
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000" if light > 0.179 else "#fff"


# ------------------------------------------------------------------------------------- shares, spreads and their axis

#: What became of steps with a due date, in the order of a bar, each told apart without colour: by how it is filled.
PATTERNS = {"in time": "in-time", "late": "late", "not done": "not-done", "overdue": "overdue"}
_TALL = 22
#: Days between two marks of an axis, the first that leaves few enough marks.
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_MARKS = 8


@dataclass(frozen=True, slots=True)
class Scale:
    """Days on a line, from the first to the last; 0 is the due date and always on it."""

    first: int
    last: int

    @classmethod
    def over(cls, days: Iterable[int | None]) -> Scale:
        """A line that holds all of these, with room at both ends."""
        known = [-3, 3, *(day for day in days if day is not None)]
        room = max(1, round((max(known) - min(known)) * 0.08))
        return cls(min(known) - room, max(known) + room)

    def at(self, day: float) -> float:
        """Where a day stands, in hundredths; at the edge where it lies beyond."""
        return min(max(100 * (day - self.first) / (self.last - self.first), 0.0), 100.0)

    def holds(self, day: float) -> bool:
        """Whether a day is on the line."""
        return self.first <= day <= self.last


def patterns() -> Markup:
    """What bars are filled with, once for a page."""
    stripes = 'width="6" height="6" patternUnits="userSpaceOnUse"'
    return Markup(  # noqa: S704  # patterns of our own
        '<svg width="0" height="0" aria-hidden="true" focusable="false" class="app-patterns"><defs>'
        f'<pattern id="fill-in-time" {stripes}><rect width="6" height="6" fill="#cce2d8"/></pattern>'
        f'<pattern id="fill-late" {stripes}><rect width="6" height="6" fill="#0b0c0c"/></pattern>'
        f'<pattern id="fill-not-done" {stripes} patternTransform="rotate(45)"><rect width="6" height="6" fill="#fff"/>'
        '<rect width="3" height="6" fill="#912b88"/></pattern>'
        f'<pattern id="fill-overdue" {stripes}><rect width="6" height="6" fill="#fff"/>'
        '<circle cx="3" cy="3" r="2" fill="#d4351c"/></pattern>'
        "</defs></svg>"
    )


def pattern_key(result: str) -> Markup:
    """A small square filled as the bar's part is."""
    return Markup(  # noqa: S704  # one of PATTERNS
        '<svg width="22" height="16" aria-hidden="true" focusable="false">'
        f'<rect x="1" y="1" width="20" height="14" fill="url(#fill-{PATTERNS[result]})" stroke="#0b0c0c"/></svg>'
    )


def share(counts: Sequence[tuple[str, int]]) -> Markup:
    """One bar of the whole width, its parts as wide as their share; nothing where nothing is counted."""
    whole = sum(number for _, number in counts)
    parts, at = [], 0.0
    for result, number in counts:
        width = 100 * number / max(whole, 1)
        if number:
            parts.append(
                f'<rect x="{at:.3f}%" y="1" width="{width:.3f}%" height="{_TALL - 2}" '
                f'fill="url(#fill-{PATTERNS[result]})" stroke="#0b0c0c"/>'
            )
        at += width
    return _line(parts)


def span(
    scale: Scale, least: int | None, quarter: int | None, median: float | None, three: int | None, most: int | None
) -> Markup:
    """How days are spread about the due date: a line from the first to the last, a box about the middle half."""
    due = scale.at(0)
    parts = [f'<line x1="{due:.3f}%" x2="{due:.3f}%" y1="0" y2="{_TALL}" stroke="#0b0c0c" stroke-width="2"/>']
    if least is not None and quarter is not None and median is not None and three is not None and most is not None:
        middle, left, right = _TALL / 2, scale.at(quarter), scale.at(three)
        parts.append(
            f'<line x1="{scale.at(least):.3f}%" x2="{scale.at(most):.3f}%" y1="{middle}" y2="{middle}" '
            'stroke="#505a5f" stroke-width="2"/>'
        )
        # What lies beyond an edge is told by a mark there; the table has the number.
        parts += [
            f'<text x="{edge}%" y="{middle + 6}" text-anchor="{side}" font-size="16" fill="#0b0c0c">{arrow}</text>'
            for day, edge, side, arrow in ((least, 0, "start", "◂"), (most, 100, "end", "▸"))
            if not scale.holds(day)
        ]
        parts.append(
            f'<rect x="{left:.3f}%" y="4" width="{max(right - left, 0.6):.3f}%" height="{_TALL - 8}" fill="#5694ca" '
            'stroke="#0b0c0c"/>'
        )
        parts.append(
            f'<line x1="{scale.at(median):.3f}%" x2="{scale.at(median):.3f}%" y1="1" y2="{_TALL - 1}" '
            'stroke="#0b0c0c" stroke-width="4"/>'
        )
    return _line(parts)


def axis(scale: Scale) -> Markup:
    """The days of a scale, in words: how many before or after the due date."""
    step = next((one for one in _STEPS if (scale.last - scale.first) / one <= _MARKS), _STEPS[-1])
    first = -(-scale.first // step) * step
    parts = []
    for day in range(first, scale.last + 1, step):
        at = scale.at(day)
        if not 4 <= at <= 96 and day:
            continue
        words = "due" if day == 0 else f"{day:+d}".replace("-", "−")
        parts.append(
            f'<line x1="{at:.3f}%" x2="{at:.3f}%" y1="16" y2="{_TALL}" stroke="#505a5f"/>'
            f'<text x="{at:.3f}%" y="13" text-anchor="middle" font-size="14" fill="#0b0c0c">{words}</text>'
        )
    return _line(parts)


def _line(parts: Sequence[str]) -> Markup:
    return Markup(  # noqa: S704  # numbers and colours of our own
        f'<svg class="app-chart__line" width="100%" height="{_TALL}" aria-hidden="true" focusable="false">'
        f"{''.join(parts)}</svg>"
    )
