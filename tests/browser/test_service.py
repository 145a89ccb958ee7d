"""The service as one command starts it, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

ROLES = ["social_worker", "conference_chair", "iro", "iro_service_manager", "head_of_quality_assurance", "auditor"]


@pytest.mark.parametrize("role", ROLES)
def test_everybody_gets_in_and_reads_their_first_page(sign_in: Callable[..., Page], accessible, screenshot, role):
    """The sign-ins that the set-up prints open a page that nobody is shut out of (WCAG 2.2 AA)."""
    page = sign_in(role)

    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    accessible(page)
    screenshot(page, f"first page of {role}")
