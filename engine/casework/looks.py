"""What a reader has before them, told by the outlet that shows it, so that the record of looks can name the page."""

from __future__ import annotations

from contextvars import ContextVar

#: The page, document or call through which whoever acts now looks; '' where the outlet says nothing.
LOOKING_THROUGH: ContextVar[str] = ContextVar("looking_through", default="")


def look_at(what: str) -> str:
    """What the record of a look says."""
    through = LOOKING_THROUGH.get()
    return f"{what} ({through})" if through not in ("", what) else what
