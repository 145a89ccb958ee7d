"""Points and boxes on a page, and how much room words take."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

#: Everything stands on this grid; lines that run side by side are this far apart.
GRID = 20

#: How wide an external label may be before it wraps, its line height, and an average letter (Arial, 11 px).
LABEL_WIDTH, LABEL_LINE, LETTER = 90, 14, 5.7


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """A place on the page, in pixels from its top left."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with its sides parallel to the page."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x of its right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y of its lower side."""
        return self.y + self.height

    @property
    def centre(self) -> Point:
        """Its middle."""
        return Point(self.x + self.width / 2, self.y + self.height / 2)

    def grown(self, by: float) -> Box:
        """The box with a margin around it (or taken off it, where negative)."""
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def moved(self, dx: float, dy: float) -> Box:
        """The box elsewhere."""
        return Box(self.x + dx, self.y + dy, self.width, self.height)

    def overlaps(self, other: Box) -> bool:
        """Whether the two share an area, not just an edge."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def holds(self, other: Box) -> bool:
        """Whether the other lies wholly inside."""
        return self.x <= other.x and other.right <= self.right and self.y <= other.y and other.bottom <= self.bottom

    def crossed_by(self, a: Point, b: Point) -> bool:
        """Whether a level or upright line from a to b runs through the inside."""
        left, right = min(a.x, b.x), max(a.x, b.x)
        top, bottom = min(a.y, b.y), max(a.y, b.y)
        return left < self.right and right > self.x and top < self.bottom and bottom > self.y


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds them all."""
    every = list(boxes)
    x, y = min(box.x for box in every), min(box.y for box in every)
    return Box(x, y, max(box.right for box in every) - x, max(box.bottom for box in every) - y)


def snapped(value: float) -> int:
    """The nearest grid line."""
    return math.floor(value / GRID + 0.5) * GRID


def wrapped(text: str, width: float = LABEL_WIDTH) -> list[str]:
    """The lines a text takes in a given width, broken at spaces as browsers do."""
    most = max(1, math.floor(width / LETTER))
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def label_size(text: str) -> tuple[float, float]:
    """The width and height of a text as an external label."""
    lines = wrapped(text)
    longest = max((len(line) for line in lines), default=0)
    return float(math.ceil(min(LABEL_WIDTH, longest * LETTER + 4))), float(len(lines) * LABEL_LINE)


def segments(points: list[Point]) -> list[tuple[Point, Point]]:
    """The straight pieces of a line."""
    return list(pairwise(points))
