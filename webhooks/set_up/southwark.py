"""Southwark's caseload: executive decisions at every step, in the window, objected to, before the Head, and ended."""

from __future__ import annotations

from collections.abc import Mapping

from engine.history import JSON
from webhooks.set_up.stories import TODAY, USUAL, Answers, Story

USUAL.update(
    {
        "request_executive_decision": lambda facts, now: {
            "safeguarding_plan": "Placed with foster carers under an interim care order; contact is supervised.",
            "why_discontinue": "The care plan before the court covers everything that the child protection plan did.",
            "order": "Interim care order",
            "contacted_on": now.date().isoformat(),
        },
        "agree_as_cpc": lambda facts, now: {
            "agree": True,
            "reasons": "The order and the placement keep the child safe, and the core group has nothing left to do.",
        },
        "discuss_with_iro": lambda facts, now: {
            "discussed_on": now.date().isoformat(),
            "note": "Both files were read together.",
        },
        "agree_as_iro": lambda facts, now: {
            "agree": True,
            "reasons": "The care plan is sound and is reviewed in June.",
        },
        "outline_care_plan": lambda facts, now: {
            "care_plan_outline": "Foster care, supervised contact twice a week, final hearing in June.",
        },
        "write_to_agencies": lambda facts, now: {
            "agencies": facts["current_agencies"],
            "agencies_recipients": facts["current_agencies"],
            "sent_on": now.date().isoformat(),
            "channel": "secure_email",
        },
        "plan_contingency": lambda facts, now: {
            "triggers": ["The interim care order is discharged", "The child returns home"],
            "who": "The Child Protection Coordinator",
        },
        "refer_to_head": lambda facts, now: {
            "parties": ["Rye Lane Primary School", "Child Protection Coordinator"],
            "issue": "Whether the review conference is held.",
            "objection_ref": "Rye Lane Primary School",
        },
        "decide_dispute": lambda facts, now: {
            "decision": "proceed_executive",
            "reasons": "The care plan before the court answers what the school raised.",
            "decided_on": now.date().isoformat(),
        },
        "discontinue_plan": lambda facts, now: {"end_date": now.date().isoformat()},
        "notify_icpc_agencies": lambda facts, now: {
            "icpc_invitees_recipients": facts["icpc_invitees"],
            "sent_on": now.date().isoformat(),
            "channel": "secure_email",
        },
    }
)


def southwark_stories() -> tuple[Story, ...]:
    """Somebody waits at every step of an executive decision, some of them late; beside them conferences and changes."""
    way = "southwark_executive_decision"
    objection: Mapping[str, JSON] = {
        "from": "Rye Lane Primary School",
        "received_on": TODAY,
        "received_by": "Quality Assurance Unit",
        "text": "The school has not been heard on contact, which still unsettles the child every Monday.",
        "in_writing": True,
        "addressed_to_cpc": True,
    }
    objected: Mapping[str, Answers] = {"record_objection": dict(objection)}
    spoken: Mapping[str, Answers] = {"record_objection": {**objection, "in_writing": False}}
    disputed: Mapping[str, Answers] = {
        **objected,
        "view_objection": {
            "cpc_view_hold": True,
            "disputed": True,
            "reasons": "The school asks to be heard; the team manager disputes that a conference would add anything.",
        },
    }
    held: Mapping[str, Answers] = {
        **objected,
        "view_objection": {"cpc_view_hold": True, "disputed": False, "reasons": "The school is to be heard."},
    }
    apart: Mapping[str, Answers] = {
        "agree_as_iro": {"agree": False, "reasons": "The placement was made three weeks ago; it is too early to say."}
    }
    return (
        Story("in court", 1, way, "request_executive_decision"),
        Story("in court", 6, way, "request_executive_decision"),
        Story("in court", 2, way, "agree_as_cpc"),
        Story("in court", 9, way, "agree_as_cpc"),
        Story("in court", 3, way, "discuss_with_iro"),
        Story("in court", 4, way, "agree_as_iro"),
        Story("in court", 5, way, "outline_care_plan"),
        Story("in court", 6, way, "write_to_agencies"),
        Story("in court", 12, way, "write_to_agencies"),
        Story("in court", 9, way, "record_objection"),
        Story("in court", 13, way, "record_objection"),
        Story("in court", 20, way, "discontinue_plan"),
        Story("in court", 24, way, "discontinue_plan"),
        Story("in court", 11, way, "view_objection", objected),
        Story("in court", 10, way, "invite_to_write", spoken),
        Story("in court", 12, way, "refer_to_head", disputed),
        Story("in court", 13, way, "decide_dispute", disputed),
        Story("in court", 21, way, "decide_dispute", disputed),
        Story("in court", 24, way, None, held),
        Story("in court", 7, way, None, apart),
        Story("in court", 26, way),
        Story("in court", 28, way, "notify_icpc_agencies"),
        Story("s20", 4, "southwark_first_cprc_after_cla", ""),
        Story("ico", 9, "southwark_first_cprc_after_cla", ""),
        Story("ico", 3, "southwark_conditional_agreement", ""),
        Story("home", 30),
        Story("home", 45),
        Story("unborn", 20),
        Story("nearly eighteen", 30),
    )
