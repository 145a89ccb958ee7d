"""What a verification found is told in words, also where an earlier version wrote it into its certificate."""

from __future__ import annotations

import pytest

from engine.store.verifications import Found
from webhooks.verdicts import what_differs


@pytest.mark.parametrize(
    ("what", "message", "told"),
    [
        ("chain", "row changed", "The history itself: this step was changed outside the service."),
        ("chain", "tail cut", "The history itself: from this step on, steps were cut off outside the service."),
        ("looks", "reading 1: row removed", "The record of who looked: look 1 was taken away outside the service."),
        (
            "looks",
            "reading 7: tail cut",
            "The record of who looked: from look 7 on, the end was cut off outside the service.",
        ),
        ("looks", "something new", "The record of who looked: something new"),
        (
            "shown",
            "What people see of date overdue:34 is not what the history says.",
            "What people work by: The date after which task 34 counts as overdue is not as in the history.",
        ),
        (
            "shown",
            "What people see of date 12 is not what the history says.",
            "What people work by: The date of task 12 is not as in the history.",
        ),
        (
            "shown",
            "What people see of date birthday is not what the history says.",
            "What people work by: The date of the child’s 18th birthday is not as in the history.",
        ),
        (
            "shown",
            "What people see of in-tray entry 2 is not what the history says.",
            "What people work by: The in-tray entry 2 is not as in the history.",
        ),
        (
            "shown",
            "The open task ‘Report’ is not as in the history: when it is due; the history says 2026-03-04.",
            ("What people work by: The open task ‘Report’ is not as in the history: when it is due; "
            "the history says 4 March 2026."),
        ),
        (
            "catalogue",
            "What the case is found by is not what its history says up to step 3.",
            "What the case is found by is not what its history says up to step 3.",
        ),
        (
            "events",
            "Event 2 was DecisionMade at choose by row 7 of camden_route and would now be TaskOpened at report.",
            (
                "Something else happens: Event 2 was “Decision made” at “Choose” by row 7 of “Camden route” and would "
                "now be “Task opened” at “Report”."
            ),
        ),
        ("unread", "The label does not open.", "This case cannot be read: The label does not open."),
    ],
)  # fmt: skip
def test_what_differs_is_told_without_codes(what: str, message: str, told: str) -> None:
    """Whoever reads a certificate has to know what to look at, not how the database calls it."""
    assert told == what_differs(Found("CAM-1", 3, "", what, message))
