"""A finished picture: where every shape, line and label of a diagram stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.layout.geometry import Box, Point


@dataclass(slots=True)
class Picture:
    """Boxes of shapes (pools, lanes, nodes), the points of lines, and the boxes of labels, by element id."""

    shapes: dict[str, Box] = field(default_factory=dict)
    lines: dict[str, list[Point]] = field(default_factory=dict)
    labels: dict[str, Box] = field(default_factory=dict)
