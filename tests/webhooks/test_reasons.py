"""Why a scenario failed is told to analysts in words: which step on which day, what was expected, what came instead."""

from __future__ import annotations

import pytest

from engine.scenarios import Result, read_scenario
from webhooks.studio.reasons import why_failed

SCENARIO = read_scenario(
    b"""
title = "Silence"
[given]
authority = "southwark"
pathway = "southwark_executive_decision"
now = 2026-03-02T09:30:00Z
[given.case]
dob = "2019-05-04"
[[when]]
complete = "write_to_agencies"
[[when]]
complete = "discontinue_plan"
at = "2026-03-17"
[then]
plan_status = "ENDED"
""",
    "southwark/southwark_executive_decision/scenarios/silence.toml",
)
NAMES = {"discontinue_plan": "End the plan", "weigh": "Weigh the objection", "PLAN_ENDED_EXECUTIVE_DECISION": "Ended"}
STORY = (
    "Mon 02 Mar 2026 09:30 conference_chair complete write_to_agencies",
    "Tue 17 Mar 2026 09:30 qa_unit complete discontinue_plan: refused: Too early.",
)


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (
            "step 2 (complete discontinue_plan) was refused: Too early.",
            (
                "Step 2 on 17 March 2026, completing “End the plan” (discontinue_plan): "
                "expected that it can be done; found that it is refused: Too early."
            ),
        ),
        (
            "step 2 (complete discontinue_plan) was to be refused and was not.",
            (
                "Step 2 on 17 March 2026, completing “End the plan” (discontinue_plan): "
                "expected that it is refused; found that it was done."
            ),
        ),
        (
            "outcomes: expected ['PLAN_ENDED_EXECUTIVE_DECISION'], reached []",
            "At its end, after step 2: Outcomes: expected Ended (PLAN_ENDED_EXECUTIVE_DECISION); found none.",
        ),
        (
            "plan_status: expected 'ENDED', is 'ACTIVE'",
            "At its end, after step 2: The plan: expected Ended; found Active.",
        ),
        (
            "due dates: discontinue_plan: expected 2026-03-17, is 2026-03-19",
            "At its end, after step 2: Due: End the plan: expected 17 March 2026; found 19 March 2026.",
        ),
        (
            "open task: ['weigh'] missing; there are ['discontinue_plan']",
            (
                "At its end, after step 2: Open steps: expected Weigh the objection (weigh); "
                "found End the plan (discontinue_plan)."
            ),
        ),
        (
            "open task: ['weigh'] should not be there",
            (
                "At its end, after step 2: Open steps: expected that these are not there; "
                "found Weigh the objection (weigh)."
            ),
        ),
        (
            "facts: next_review_conference_date: expected '2026-04-20', is None",
            (
                "At its end, after step 2: Known of the child: Next review conference: "
                "expected 20 April 2026; found not known."
            ),
        ),
        (
            "step 2 (complete discontinue_plan): task discontinue_plan is not open; open are ['hold_visit', 'weigh'].",
            (
                "Step 2 on 17 March 2026, completing “End the plan” (discontinue_plan): task “End the plan” "
                "(discontinue_plan) is not open; open are Hold visit, Weigh the objection (weigh)."
            ),
        ),
        (
            "step 2 (complete discontinue_plan) was refused: task discontinue_plan is not open; open are weigh, x_y.",
            (
                "Step 2 on 17 March 2026, completing “End the plan” (discontinue_plan): expected that it can be done; "
                "found that it is refused: task “End the plan” (discontinue_plan) is not open; "
                "open are Weigh the objection (weigh), X y."
            ),
        ),
        (
            "an incident was raised at weigh: weigh: =case.nam + 1 could not be worked out (null: an operator).",
            (
                "A step stopped, “Weigh the objection” (weigh): weigh: =case.nam + 1 could not be worked out "
                "(null: an operator)."
            ),
        ),
        ("the case could not be set up: No.", "At its end, after step 2: the case could not be set up: No."),
    ],
)
def test_a_reason_names_step_day_expected_and_found(problem: str, words: str):
    """Whoever changed a pathway reads what their change did, without knowing how scenarios are checked."""
    result = Result(SCENARIO.file, SCENARIO.title, (), (problem,), (), "ACTIVE", (), frozenset(), story=STORY)

    assert why_failed(result, SCENARIO, NAMES) == [words]


def test_several_facts_are_a_reason_each():
    """One line for each thing that is otherwise."""
    problem = "facts: unborn: expected True, is False; dob: expected '2019-05-04', is None"
    result = Result(SCENARIO.file, SCENARIO.title, (), (problem,), (), "ACTIVE", (), frozenset(), story=STORY)

    assert len(why_failed(result, SCENARIO, NAMES)) == 2
