"""The JSON API under /api/v1: the same casework as the pages, for programs that show a token."""

from __future__ import annotations

from webhooks.api import cases, overseeing, tasks
from webhooks.api.described import api

__all__ = ["api", "cases", "overseeing", "tasks"]
