"""The behaviour matrix: every element, and every way in which elements meet, as stories that hold four ways."""

from __future__ import annotations

from tests.engine.execution import stories_activities, stories_events, stories_gateways, stories_scopes

__all__ = ["stories_activities", "stories_events", "stories_gateways", "stories_scopes"]
