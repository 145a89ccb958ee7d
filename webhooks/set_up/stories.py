"""How far each demonstration case has gone: its steps are taken by the people who would take them, in the past.

A story is data: which children, from how many days ago, which answers differ from the usual ones, and where it stops.
Everything goes through casework, so that a demonstration's history is a real one and replays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.history import JSON

Answers = dict[str, JSON]
Facts = Mapping[str, JSON]
#: What people usually answer at a step, given the case's facts and the time.
Usual = Callable[[Facts, datetime], Answers]

#: In a story's own answers: the day on which the step is taken.
TODAY = "today"


@dataclass(frozen=True, slots=True)
class Story:
    """One way a case has gone.

    kind      of child: 'home', 's20', 'ico', 'co', 'in court', 'unborn' or 'nearly eighteen'
    pathway   what was started; None: the case only exists
    until     the step at which it stopped and now waits; None: as far as people can take it
    started   working days ago
    answers   what was answered otherwise than usual, by step
    event     a life event before the first step: its name and payload
    """

    kind: str
    started: int
    pathway: str | None = None
    until: str | None = None
    answers: Mapping[str, Answers] = field(default_factory=dict)
    event: tuple[str, Answers] | None = None


def usual_answers(element: str, facts: Facts, now: datetime) -> Answers | None:
    """What people usually answer at a step; None where nobody would know."""
    usual = USUAL.get(element)
    return None if usual is None else usual(facts, now)


def _day(now: datetime) -> str:
    return now.date().isoformat()


def _minute(now: datetime) -> str:
    return now.replace(microsecond=0, tzinfo=None).isoformat()


USUAL: dict[str, Usual] = {
    "raise_discharge_ground": lambda facts, now: {
        "ground": "became_looked_after" if facts.get("cla_start_date") else "no_longer_at_risk",
        "evidence": "Core group of last week: attendance is up, the home has been safe at every visit, and the school "
        "and the health visitor report no new concern. The family has taken up the parenting programme.",
    },
    "notify_looked_after": lambda facts, now: {
        "cla_start_date": facts["cla_start_date"],
        "legal_status": facts["legal_status"],
        "placement": facts["placement"],
        "care_planning_arrangements": True,
        "s20_stable": True,
        "plo_active": facts.get("plo_active"),
        "care_proceedings": facts.get("care_proceedings"),
        "notified_irosm_at": _minute(now),
        "notified_chair_at": _minute(now),
    },
    "give_chair_view": lambda facts, now: {
        "view": "The child protection plan adds nothing to the care plan any more.",
        "reasons": "The carers protect well, contact is supervised, and both plans now name the same actions.",
    },
    "give_iro_view": lambda facts, now: {
        "view": "I agree that one plan is enough, provided that contact stays supervised.",
        "reasons": "The last review found the placement settled and the child says they feel safe there.",
    },
    "weigh_risk": lambda facts, now: {
        "child_status": "Settled with the present carers; school attendance 97 per cent.",
        "likelihood_remain_or_return": "Likely to remain in this placement for the next year at least.",
        "risk_continues": False,
        "expected_duration": "Twelve months or more",
        "at_risk_in_placement": False,
        "s20_proceedings_high_removal_risk": False,
        "mother_baby_unit_concerns": False,
        "extra_familial_harm": False,
        "care_arrangements_fully_protect": True,
        "arrangements_finalised": True,
        "likely_return_home": False,
    },
    "decide_cla_plan": lambda facts, now: {
        "decision": "discontinue",
        "differs_from_recommendation": False,
        "reasons": "The care plan fully protects, and both the chair and the IRO agree.",
    },
    "agree_care_plan_addition": lambda facts, now: {
        "actions": ["Contact stays supervised until the next review", "School to report any absence"],
        "agreed_chair": True,
        "agreed_iro": True,
    },
    "agree_s20_removal": lambda facts, now: {
        "no_longer_at_risk": True,
        "plan_no_longer_required": True,
        "agree": True,
        "reasons": "The placement is stable and the parents work with it.",
    },
    "check_fact": lambda facts, now: {"fact_established": True, "evidence": "Seen in the casework record."},
    "decide_admin_removal": lambda facts, now: {
        "decision": "discharge",
        "reasons": "The conditions of the policy are met and recorded.",
        "decided_on": _day(now),
    },
    "draft_removal_letter": lambda facts, now: {
        "network_recipients": list(facts.get("current_agencies") or ["Health visiting service"]),
        "parent_recipients": list(facts.get("parents") or ["Parent"]),
        "bereavement_checked": True,
    },
    "end_cp_episode": lambda facts, now: {
        "episode_ref": "CPE-" + str(facts.get("child_ref") or "1"),
        "end_date": _day(now),
        "end_reason": "Administrative removal",
    },
    "send_removal_letter": lambda facts, now: {
        "sent_on": _day(now),
        "channel": "post",
        "recipients_confirmed": True,
    },
    "report_to_conference": lambda facts, now: {
        "ground": "no_longer_at_risk",
        "current_risk": "The risks that led to the plan have been brought down; no new harm in six months.",
        "legal_proceedings": False,
        "placed_at_home": True,
        "view": "The plan has done its work. A child in need plan would keep the support going.",
    },
    "agree_joint_meeting": lambda facts, now: {
        "merge": True,
        "cp_deadline": facts["next_review_conference_date"],
        "cla_deadline": facts["next_cla_review_date"],
        "basis": "next_cla_review",
        "date": min(str(facts["next_review_conference_date"]), str(facts["next_cla_review_date"])),
    },
    "list_invitees": lambda facts, now: {
        "professionals": list(facts.get("current_agencies") or ["School"]),
        "parents": list(facts.get("parents") or ["Parent"]),
    },
}


def camden_stories() -> tuple[Story, ...]:
    """Camden's caseload: every step of the looked-after pathways has somebody waiting at it, some of them late."""
    route = "camden_route"
    risk_remains: Mapping[str, Answers] = {
        "weigh_risk": {"extra_familial_harm": True, "likely_return_home": True, "risk_continues": True},
        "decide_cla_plan": {
            "decision": "continue",
            "reasons": "There is harm outside the family that the care plan does not reach.",
        },
    }
    died: tuple[str, Answers] = ("ChildDied", {})
    return (
        Story("s20", 1, route, "raise_discharge_ground"),
        Story("home", 2, route, "raise_discharge_ground"),
        Story("s20", 5, route, "raise_discharge_ground"),
        Story("ico", 2, route, "notify_looked_after"),
        Story("s20", 4, route, "notify_looked_after"),
        Story("s20", 3, route, "give_chair_view"),
        Story("ico", 4, route, "give_chair_view"),
        Story("co", 6, route, "give_iro_view"),
        Story("s20", 5, route, "weigh_risk"),
        Story("ico", 13, route, "weigh_risk"),
        Story("s20", 7, route, "decide_cla_plan"),
        Story("s20", 7, route, "agree_care_plan_addition"),
        Story("co", 10, route, "agree_care_plan_addition"),
        Story("s20", 9, route, "agree_s20_removal"),
        Story("s20", 18, route, "agree_s20_removal"),
        Story("ico", 8, route, "decide_admin_removal"),
        Story("s20", 12, route, "decide_admin_removal"),
        Story("co", 9, route, "draft_removal_letter"),
        Story("s20", 11, route, "draft_removal_letter"),
        Story("ico", 11, route, "end_cp_episode"),
        Story("s20", 12, route, "send_removal_letter"),
        Story("co", 24, route),
        Story("s20", 26, route),
        Story("ico", 8, route, "agree_joint_meeting", risk_remains),
        Story("s20", 10, route, "list_invitees", risk_remains),
        Story("ico", 16, route, None, risk_remains),
        Story("home", 2, route, "report_to_conference"),
        Story("home", 5, route, "hold_review_conference"),
        Story("home", 12, route, "hold_review_conference"),
        Story("home", 1, None, event=died),
        Story("nearly eighteen", 20),
        Story("unborn", 21),
        Story("home", 40),
        Story("home", 50),
        Story("s20", 14),
        Story("home", 60),
    )


#: What an authority without stories of its own shows: cases, some of them with a pathway just begun.
def plain_stories(startable: tuple[str, ...]) -> tuple[Story, ...]:
    """A few cases of any authority; the first pathway that may be started has begun in some."""
    begun = startable[0] if startable else None
    return (
        Story("ico", 3, begun, ""),
        Story("s20", 6, begun, ""),
        Story("home", 9, begun, ""),
        Story("home", 40),
        Story("co", 55),
        Story("unborn", 20),
        Story("nearly eighteen", 30),
        Story("home", 80),
    )
