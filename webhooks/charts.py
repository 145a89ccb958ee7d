"""Bars and columns as SVG made here: no script, no style attribute, text that keeps its size on every screen."""

from __future__ import annotations

from collections.abc import Sequence
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
