"""A plan's removal under section 20 by its five roles: what each is asked, and what they answer."""

from __future__ import annotations

CASE = "CAM-2026-0417"
#: Each step: who does it, what the page is called, and what they answer.
STEPS: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        "social_worker",
        "Say why the plan might end",
        {"ground": "became_looked_after", "evidence": "Placed with foster carers by agreement on Friday."},
    ),
    (
        "social_worker",
        "Tell the IRO service manager and the chair",
        {
            "cla_start_date": "2026-02-27",
            "legal_status": "s20",
            "placement": "away_foster",
            "care_planning_arrangements": "true",
            "s20_stable": "true",
            "plo_active": "false",
            "care_proceedings": "false",
            "notified_irosm_at": "2026-03-02 09:10",
            "notified_chair_at": "2026-03-02 09:15",
        },
    ),
    (
        "conference_chair",
        "Give the chair’s view",
        {"view": "The plan adds nothing now.", "reasons": "The carers protect well."},
    ),
    (
        "iro",
        "Give the IRO’s view",
        {"view": "One plan is enough.", "reasons": "The child says they feel safe."},
    ),
    (
        "iro_service_manager",
        "Weigh the child’s status and risk",
        {
            "child_status": "Settled.",
            "likelihood_remain_or_return": "Likely to remain.",
            "risk_continues": "false",
            "expected_duration": "A year or more",
            "at_risk_in_placement": "false",
            "s20_proceedings_high_removal_risk": "false",
            "mother_baby_unit_concerns": "false",
            "extra_familial_harm": "false",
            "care_arrangements_fully_protect": "true",
            "arrangements_finalised": "true",
            "likely_return_home": "false",
        },
    ),
    (
        "iro_service_manager",
        "Decide whether the plan continues",
        {"decision": "discontinue", "reasons": "The care plan protects."},
    ),
    (
        "conference_chair",
        "Agree the addition to the care and placement plan",
        {"actions": "Contact stays supervised\nSchool reports absence", "agreed_chair": "true", "agreed_iro": "true"},
    ),
    (
        "cp_service_manager",
        "Agree to the removal (section 20)",
        {
            "no_longer_at_risk": "true",
            "plan_no_longer_required": "true",
            "agree": "true",
            "reasons": "Both limbs are met.",
        },
    ),
    (
        "iro_service_manager",
        "Decide on the removal",
        {"decision": "discharge", "reasons": "The policy’s conditions are met.", "decided_on": "2026-03-02"},
    ),
    (
        "conference_chair",
        "Draft the letter to the network and the parents",
        {"network_recipients": "Kentish Town Primary School", "parent_recipients": "Mariana Sample"},
    ),
    (
        "conference_chair",
        "End the child protection episode on MOSAIC",
        {"episode_ref": "CPE-100", "end_date": "2026-03-02", "end_reason": "Administrative removal, section 20"},
    ),
    (
        "social_worker",
        "Send the letter",
        {"sent_on": "2026-03-02", "channel": "post", "recipients_confirmed": "yes"},
    ),
)
