"""One measured figure, beside what the design allows it to be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """What was measured, how much of which unit, and the budget: at least or at most so much, where there is one."""

    name: str
    value: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None
    detail: str = ""

    @property
    def kept(self) -> bool:
        """Whether the budget is kept; a figure without one always is."""
        return (self.at_least is None or self.value >= self.at_least) and (
            self.at_most is None or self.value <= self.at_most
        )

    def line(self) -> dict[str, object]:
        """The figure as one JSON object, without what it does not have."""
        return {
            key: value
            for key, value in {
                "name": self.name,
                "value": round(self.value, 6),
                "unit": self.unit,
                "at_least": self.at_least,
                "at_most": self.at_most,
                "kept": self.kept if self.at_least is not None or self.at_most is not None else None,
                "detail": self.detail or None,
            }.items()
            if value is not None
        }
