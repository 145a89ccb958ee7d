"""Days in an address: as people write them, and as computers do."""

from __future__ import annotations

from datetime import date

from flask import request


def day_asked(name: str, problems: list[dict[str, str]]) -> date | None:
    """A day in the address: as a browser sends it, or as people write it (27/3/2026). None where nothing stands."""
    text = request.args.get(name, "").strip()
    if not text:
        return None
    parts = text.replace(".", "/").split("/")
    try:
        if len(parts) == 3:
            return date(int(parts[2]), int(parts[1]), int(parts[0]))
        return date.fromisoformat(text)
    except ValueError:
        problems.append({"text": "Write the day as in 27/3/2026.", "href": f"#{name}"})
        return None
