"""Days in an address: as people write them, and as computers do."""

from __future__ import annotations

from datetime import date

from flask import request

#: No day before this year is asked for: a year of two figures was meant for one of ours.
_EARLIEST = 1900


def day_asked(name: str, problems: list[dict[str, str]]) -> date | None:
    """A day in the address: as a browser sends it, or as people write it (27/3/2026). None where nothing stands."""
    text = request.args.get(name, "").strip()
    if not text:
        return None
    parts = text.replace(".", "/").split("/")
    if len(parts) != 3:
        parts = text.split("-")[::-1]
    problem = "Write the day as in 27/3/2026."
    if len(parts) == 3 and all(part.strip().isascii() and part.strip().isdigit() for part in parts):
        day, month, year = (int(part) if len(part.strip()) < 5 else 0 for part in parts)
        try:
            if year >= _EARLIEST:
                return date(year, month, day)
            problem = "Write the year with four figures, as in 27/3/2026."
        except ValueError:
            problem = f"There is no day {day}/{month}/{year}. Write one that is in the calendar."
    problems.append({"text": problem, "href": f"#{name}"})
    return None
