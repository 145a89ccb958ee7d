"""Long lists, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Request


def page_asked_for(asked: Request) -> int:
    """The number in ?page=, 1 where there is none or nonsense."""
    text = asked.args.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 6 and int(text) else 1


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list of which one line more than shown was read, to know whether another page follows."""

    number: int
    read: Sequence[Any]
    size: int

    @property
    def shown(self) -> Sequence[Any]:
        """The lines of this page."""
        return self.read[: self.size]

    def links(self, to: Callable[[int], str]) -> dict[str, Any] | None:
        """What the pagination component takes; None where one page is all there is."""
        links: dict[str, Any] = {}
        if self.number > 1:
            links["previous"] = {"href": to(self.number - 1)}
        if len(self.read) > self.size:
            links["next"] = {"href": to(self.number + 1)}
        return links or None
