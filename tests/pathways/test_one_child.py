"""One and the same child under all five policies: what each does with the same facts, and where they part."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.scenarios import Result, Scenario, Stage, read_scenario
from engine.scenarios.files import When
from tests.pathways.conftest import PROCESSES, authorities

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
#: At home, and everybody whom any of the five policies asks for is known.
CHILD: dict[str, Any] = {
    "dob": "2016-05-04",
    "plan_start_date": "2025-06-02",
    "icpc_date": "2025-06-02",
    "reviews_held": 1,
    "legal_status": "none",
    "placement": "home",
    "plo_active": False,
    "care_proceedings": False,
    "parents": ["The mother"],
    "current_agencies": ["Primary school", "CAMHS"],
    "icpc_invitees": ["Primary school", "Health visiting service", "Metropolitan Police"],
    "cprc_parties": ["Primary school", "CAMHS", "The mother"],
    "core_group": ["Primary school", "CAMHS", "The mother"],
    "next_review_conference_date": "2026-04-20",
}
#: What changes from one situation to the next.
AWAY = {"placement": "away_foster", "cla_start_date": "2026-01-12"}
SECTION_20 = {**AWAY, "legal_status": "s20"}
SECTION_20_STABLE = {**SECTION_20, "s20_stable": True}
SECTION_20_PLO = {**SECTION_20, "plo_active": True}
SECTION_20_IN_COURT = {**SECTION_20, "care_proceedings": True}
INTERIM_ORDER = {**AWAY, "legal_status": "ico", "care_proceedings": True, "care_planning_arrangements": True}
INTERIM_ORDER_AT_HOME = {**INTERIM_ORDER, "placement": "home"}
CARE_ORDER = {**AWAY, "legal_status": "co", "care_planning_arrangements": True}
MOVED = {"moved_out_of_area": True, "living_outside_area": True}

#: The whole way to an ending by a conference, where the policy knows one.
CONFERENCE = {
    "camden": "camden_review_conference/scenarios/ends",
    "darlington": "darlington_cprc/scenarios/ends",
    "southwark": "shared/southwark_review_conference/scenarios/ends_by_itself",
    "dorset": "dorset_review_conference/scenarios/ends",
    "sussex": "sussex_review_conference/scenarios/ends",
}
ENDED_BY_CONFERENCE = {
    "camden": "PLAN_ENDED_CONFERENCE",
    "darlington": "PLAN_ENDED_CPRC",
    "southwark": "PLAN_ENDED_CPRC",
    "dorset": "PLAN_ENDED_CPRC",
    "sussex": "PLAN_ENDED_REVIEW_CONFERENCE",
}


def way(authority: str, name: str) -> Scenario:
    """A shipped scenario: only what people do on its way is taken from it, never its child."""
    file = PROCESSES / authority / f"{name}.toml"
    return read_scenario(file.read_bytes(), str(file))


def goes(stage: Stage, authority: str, name: str, child: dict[str, Any], last: str = "", **then: Any) -> Result:
    """The same child goes a shipped way, up to a last step where one is named; what follows is as `then` says."""
    scenario = way(authority, name)
    steps = [when.what for when in scenario.whens]
    whens = scenario.whens[: steps.index(last) + 1] if last else scenario.whens
    return play(stage, replace(scenario, facts={**CHILD, **child}, whens=whens, then=then))


def happens(stage: Stage, authority: str, event: str, child: dict[str, Any], says: Any = None, **then: Any) -> Result:
    """Something happens to the same child, with nothing under way; what follows is as `then` says."""
    when = When(1, "event", event, None, None, None, {}, says or {}, None, {}, None, "failed")
    facts = {**CHILD, **child}
    return play(stage, fresh(authority, None, facts, (when,), then))


def starts(stage: Stage, authority: str, pathway: str, child: dict[str, Any], **then: Any) -> Result:
    """A pathway starts for the same child, and nobody has done anything yet."""
    facts = {**CHILD, **child}
    return play(stage, fresh(authority, pathway, facts, (), then))


def fresh(
    authority: str, pathway: str | None, facts: dict[str, Any], whens: tuple[When, ...], then: dict[str, Any]
) -> Scenario:
    """A scenario that no file tells."""
    return Scenario(pathway or "", "one child", (), authority, pathway, BEGIN, facts, whens, then, case_id="ONE")


def play(stage: Stage, scenario: Scenario) -> Result:
    """Play it; everything must be as its expectations say."""
    result = stage.play(scenario, certify=False)
    assert result.problems == ()
    return result


def without(stage: Stage, authority: str, step: str, child: dict[str, Any], **then: Any) -> Result:
    """The way to a conference's ending on which one step was given nothing."""
    scenario = way(authority, CONFERENCE[authority])
    whens = tuple(
        replace(when, answers={}) if when.what == step else when for when in scenario.whens if when.what != "close_plan"
    )
    assert whens != scenario.whens[: len(whens)]
    return play(stage, replace(scenario, facts={**CHILD, **child}, whens=whens, then=then))


# ------------------------------------------------------------------ no longer at risk


@pytest.mark.parametrize("authority", ["camden", "darlington", "dorset"])
def test_a_child_at_home_and_no_longer_at_risk_needs_a_conference(sqlite_stage: Stage, authority: str) -> None:
    """CAM-1.3, DAR-4.1, DOR-2.143b: at home only a conference ends the plan, and there it does."""
    result = goes(
        sqlite_stage, authority, CONFERENCE[authority], {}, outcomes=[ENDED_BY_CONFERENCE[authority]],
        plan_status="ENDED",
    )  # fmt: skip

    assert "hold_review_conference" in result.visited


def test_southwark_and_sussex_end_no_plan_of_a_child_who_is_not_looked_after(sqlite_stage: Stage) -> None:
    """SOU-3.1, SUS-3.1: their texts speak of looked-after children; at home the plan stays and others' rules decide."""
    scenario = way("southwark", CONFERENCE["southwark"])
    refused = replace(scenario.whens[0], refused="not looked after")
    then = {"outcomes": [], "plan_status": "ACTIVE"}

    play(sqlite_stage, replace(scenario, facts=CHILD, whens=(refused,), then=then))
    goes(sqlite_stage, "sussex", CONFERENCE["sussex"], {}, "hold_review_conference",
         outcomes=["REFER_PARENT_PROCEDURES"], plan_status="ACTIVE")  # fmt: skip
    for authority in ("southwark", "sussex"):
        goes(sqlite_stage, authority, CONFERENCE[authority], SECTION_20, outcomes=[ENDED_BY_CONFERENCE[authority]])


def test_only_dorset_bars_the_first_review(sqlite_stage: Stage) -> None:
    """DOR-F1: at the first review the same finding ends a plan everywhere but in Dorset."""
    first = {"reviews_held": 0}
    for authority in ("camden", "darlington"):
        goes(sqlite_stage, authority, CONFERENCE[authority], first, plan_status="ENDED")
    for authority in ("southwark", "sussex"):
        goes(sqlite_stage, authority, CONFERENCE[authority], {**SECTION_20, **first}, plan_status="ENDED")
    goes(sqlite_stage, "dorset", CONFERENCE["dorset"], first, "hold_review_conference",
         outcomes=["PLAN_CONTINUES_FIRST_REVIEW"], plan_status="ACTIVE")  # fmt: skip


def test_only_dorset_asks_for_the_childs_own_views_and_an_assessment_first(sqlite_stage: Stage) -> None:
    """DOR-N1, DOR-N3: without either the plan stays; no other policy has such a step before its conference."""
    for step in ("record_childs_views", "complete_core_assessment"):
        without(sqlite_stage, "dorset", step, {}, outcomes=["PLAN_CONTINUES_PRECONDITION_MISSING"],
                plan_status="ACTIVE")  # fmt: skip
        for authority in ("camden", "darlington", "southwark", "sussex"):
            assert step not in {when.what for when in way(authority, CONFERENCE[authority]).whens}


def test_only_darlington_asks_for_a_plan_of_continuing_support_first(sqlite_stage: Stage) -> None:
    """DAR-4.8a: a Core Group that submits no plan keeps the child's plan; Camden's conference asks for none."""
    scenario = way("darlington", CONFERENCE["darlington"])
    whens = tuple(
        replace(when, answers={"recommend_end": True}) if when.what == "consider_continuing_support" else when
        for when in scenario.whens[:2]
    )
    stopped = replace(scenario.whens[2], refused="decision")
    then = {"outcomes": [], "plan_status": "ACTIVE"}

    play(sqlite_stage, replace(scenario, facts=CHILD, whens=(*whens, stopped), then=then))
    assert "consider_continuing_support" not in {when.what for when in way("camden", CONFERENCE["camden"]).whens}


def test_only_southwark_asks_for_a_contingency_plan(sqlite_stage: Stage) -> None:
    """SOU-8.5: after a conference under section 20 the plan does not end before a contingency plan stands."""
    scenario = way("southwark", CONFERENCE["southwark"])
    child = {**CHILD, **SECTION_20}
    then = {"plan_status": "ACTIVE", "open_tasks": ["plan_contingency"]}

    play(sqlite_stage, replace(scenario, facts=child, whens=scenario.whens[:1], then=then))
    for authority in ("darlington", "dorset", "sussex"):
        assert "plan_contingency" not in {when.what for when in way(authority, CONFERENCE[authority]).whens}


# ------------------------------------------------------------------ section 20


def test_pre_proceedings_allow_a_removal_in_camden_and_bar_it_in_darlington(sqlite_stage: Stage) -> None:
    """CAM-2.1d, DAR-8.10: section 20, away, in pre-proceedings."""
    goes(sqlite_stage, "camden", "camden_admin_removal/scenarios/s20_plo", SECTION_20_PLO,
         outcomes=["PLAN_ENDED_ADMIN_S20_AWAY"], plan_status="ENDED")  # fmt: skip
    starts(sqlite_stage, "darlington", "darlington_double_protection", SECTION_20_PLO,
           outcomes=["DOUBLE_PROTECTION_BARRED_PLO"], plan_status="ACTIVE")  # fmt: skip


def test_proceedings_let_camden_and_darlington_remove_a_plan_under_section_20(sqlite_stage: Stage) -> None:
    """CAM-2.1d, CAM-2.2, DAR-8.1, DAR-8.6: each by another decision-maker, without a conference."""
    removed = goes(sqlite_stage, "camden", "camden_admin_removal/scenarios/s20_plo", SECTION_20_IN_COURT,
                   outcomes=["PLAN_ENDED_ADMIN_S20_AWAY"])  # fmt: skip
    protected = goes(sqlite_stage, "darlington", "darlington_double_protection/scenarios/section_20_agreed",
                     SECTION_20_IN_COURT, outcomes=["PLAN_ENDED_DOUBLE_PROTECTION"])  # fmt: skip

    assert {"agree_s20_removal", "decide_admin_removal"} <= removed.visited
    assert {"give_core_group_view", "decide_removal"} <= protected.visited
    assert "hold_review_conference" not in removed.visited | protected.visited


def test_section_20_without_an_order_is_no_executive_decision_in_southwark(sqlite_stage: Stage) -> None:
    """SOU-9.3: the same child in proceedings, but without an order, goes to a conference."""
    goes(
        sqlite_stage, "southwark", "southwark_executive_decision/scenarios/no_order", SECTION_20_IN_COURT,
        outcomes=["EXEC_DECISION_NOT_AVAILABLE"], plan_status="ACTIVE", open_tasks=["hold_review_conference"],
    )  # fmt: skip


def test_stability_alone_counts_in_camden_and_one_dissenting_member_in_darlington(sqlite_stage: Stage) -> None:
    """CAM-2.1d: a stable section 20 suffices. DAR-8.4: one member of the Core Group stops the request."""
    goes(sqlite_stage, "camden", "camden_admin_removal/scenarios/s20_plo", SECTION_20_STABLE,
         outcomes=["PLAN_ENDED_ADMIN_S20_AWAY"])  # fmt: skip
    goes(sqlite_stage, "darlington", "darlington_double_protection/scenarios/one_member_disagrees", SECTION_20_STABLE,
         outcomes=["DOUBLE_PROTECTION_NO_AGREEMENT"], plan_status="ACTIVE")  # fmt: skip


@pytest.mark.parametrize("authority", ["dorset", "sussex"])
@pytest.mark.parametrize("child", [SECTION_20_IN_COURT, SECTION_20_PLO, INTERIM_ORDER, CARE_ORDER])
def test_dorset_and_sussex_know_no_way_round_the_conference(
    sqlite_stage: Stage, authority: str, child: dict[str, Any]
) -> None:
    """DOR-2.143b, SUS-3.1a: whatever the legal status, a conference is prepared and nothing else."""
    result = happens(
        sqlite_stage, authority, "LegalStatusChanged", child, {"legal_status": child["legal_status"]}, outcomes=[],
        plan_status="ACTIVE",
    )  # fmt: skip

    assert (
        result.open_tasks
        == {
            "dorset": ("complete_core_assessment", "record_childs_views", "seek_views", "write_report"),
            "sussex": ("arrange_meetings",),
        }[authority]
    )


def test_a_parent_takes_the_child_out_of_section_20(sqlite_stage: Stage) -> None:
    """SUS-2.10: only Sussex must convene at once. DAR-6.4: a section 47 decision. Others: the usual conference."""
    first = {
        "camden": ["report_to_conference"],
        "darlington": ["decide_s47", "consider_continuing_support"],
        "southwark": [],
        "dorset": ["record_childs_views", "complete_core_assessment", "write_report", "seek_views"],
        "sussex": ["convene_rcpc"],
    }
    for authority, tasks in first.items():
        happens(sqlite_stage, authority, "RemovedFromS20", SECTION_20, outcomes=[], plan_status="ACTIVE",
                open_tasks=tasks)  # fmt: skip
    # Nothing in its guidance speaks of a removal while the plan stands: the Head is told.
    happens(sqlite_stage, "southwark", "RemovedFromS20", SECTION_20, escalations=["change_the_guidance_is_silent_on"])


# ------------------------------------------------------------------ orders


def test_an_interim_order_away_is_decided_by_others_in_each(sqlite_stage: Stage) -> None:
    """CAM-2.2: one manager. SOU-9.7, SOU-9.10: two agree and a unit ends it. DAR-8.4, DAR-8.6: all agree first."""
    camden = goes(sqlite_stage, "camden", "camden_admin_removal/scenarios/order_away", INTERIM_ORDER,
                  outcomes=["PLAN_ENDED_ADMIN_ORDER_AWAY"])  # fmt: skip
    southwark = goes(sqlite_stage, "southwark", "southwark_executive_decision/scenarios/t01_exactly_25_working_days",
                     INTERIM_ORDER, outcomes=["PLAN_ENDED_EXECUTIVE_DECISION"])  # fmt: skip
    darlington = goes(sqlite_stage, "darlington", "darlington_double_protection/scenarios/proceedings_agreed",
                      INTERIM_ORDER, outcomes=["PLAN_ENDED_DOUBLE_PROTECTION"])  # fmt: skip

    assert "agree_s20_removal" not in camden.visited
    assert {"agree_as_cpc", "agree_as_iro", "discontinue_plan"} <= southwark.visited
    assert {"give_core_group_view", "decide_removal"} <= darlington.visited


def test_silence_is_consent_in_southwark_alone(sqlite_stage: Stage) -> None:
    """SOU-9.9: ten working days without an objection end the plan. DAR-8.4: without an answer nothing is requested."""
    scenario = way("darlington", "darlington_double_protection/scenarios/section_20_agreed")
    silent = (
        replace(scenario.whens[0], at=None),
        replace(scenario.whens[0], does="advance", what="", at="2026-03-17T10:00:00", by=None, answers={}),
    )

    play(sqlite_stage, replace(scenario, facts={**CHILD, **INTERIM_ORDER}, whens=silent,
                               then={"plan_status": "ACTIVE", "closed_tasks": ["request_removal"]}))  # fmt: skip
    goes(sqlite_stage, "southwark", "southwark_executive_decision/scenarios/silence_is_no_objection", INTERIM_ORDER,
         outcomes=["PLAN_ENDED_EXECUTIVE_DECISION"])  # fmt: skip


def test_an_interim_order_at_home(sqlite_stage: Stage) -> None:
    """CAM-2.1c, SOU-9.3, SUS-2.2: no removal and the plan goes on. DAR-8.1b: literally eligible, so it may be asked."""
    starts(sqlite_stage, "camden", "camden_admin_removal", INTERIM_ORDER_AT_HOME,
           outcomes=["ADMIN_REMOVAL_NOT_ELIGIBLE"], plan_status="ACTIVE")  # fmt: skip
    starts(sqlite_stage, "darlington", "darlington_double_protection", INTERIM_ORDER_AT_HOME, outcomes=[],
           open_tasks=["advise_core_group"])  # fmt: skip
    goes(sqlite_stage, "southwark", "southwark_executive_decision/scenarios/not_removed", INTERIM_ORDER_AT_HOME,
         outcomes=["EXEC_DECISION_NOT_AVAILABLE"], plan_status="ACTIVE")  # fmt: skip
    goes(sqlite_stage, "sussex", "sussex_review_conference/scenarios/ico_at_home", INTERIM_ORDER_AT_HOME,
         outcomes=["PLAN_CONTINUES_REVIEW_CONFERENCE"], plan_status="ACTIVE")  # fmt: skip


def test_a_full_care_order_once_the_court_is_done(sqlite_stage: Stage) -> None:
    """CAM-2.1c: removed by a manager. DAR-8.1, SOU-9.3: a conference. SUS-3.1b: the conference ends it on the order."""
    goes(sqlite_stage, "camden", "camden_admin_removal/scenarios/order_away", CARE_ORDER,
         outcomes=["PLAN_ENDED_ADMIN_ORDER_AWAY"])  # fmt: skip
    starts(sqlite_stage, "darlington", "darlington_double_protection", CARE_ORDER, outcomes=["NOT_DOUBLY_PROTECTED"],
           plan_status="ACTIVE")  # fmt: skip
    goes(sqlite_stage, "southwark", "southwark_executive_decision/scenarios/not_in_court", CARE_ORDER,
         outcomes=["EXEC_DECISION_NOT_AVAILABLE"], plan_status="ACTIVE")  # fmt: skip
    goes(sqlite_stage, "sussex", "sussex_review_conference/scenarios/care_order", CARE_ORDER,
         outcomes=["PLAN_ENDED_REVIEW_CONFERENCE"], plan_status="ENDED")  # fmt: skip


# ------------------------------------------------------------------ moved, left, grown up, dead, unborn


def test_what_unlocks_an_ending_after_a_move(sqlite_stage: Stage) -> None:
    """CAM-3.2: held is not enough, responsibility must be accepted in writing. DAR-4.2b, DOR-2.143e: held is enough."""
    goes(sqlite_stage, "darlington", "darlington_transfer/scenarios/held_and_ends", MOVED,
         outcomes=["PLAN_ENDED_TRANSFERRED"])  # fmt: skip
    goes(sqlite_stage, "dorset", "dorset_transfer/scenarios/ends", MOVED, outcomes=["PLAN_ENDED_TRANSFERRED"])
    scenario = way("camden", "camden_transfer_out/scenarios/t15_transferred")
    payload = {"conference_held_on": "2026-03-18", "document_ref": "LDS-1"}
    whens = (scenario.whens[0], replace(scenario.whens[1], payload=payload))

    play(sqlite_stage, replace(scenario, facts={**CHILD, **MOVED}, whens=whens,
                               then={"outcomes": [], "plan_status": "ACTIVE"}))  # fmt: skip
    goes(sqlite_stage, "camden", "camden_transfer_out/scenarios/t15_transferred", MOVED,
         outcomes=["PLAN_ENDED_TRANSFERRED"])  # fmt: skip


@pytest.mark.parametrize("authority", authorities())
@pytest.mark.parametrize(
    ("event", "first"),
    [
        ("MovedOutOfArea", {"camden": "notify_receiving_authority", "darlington": "notify_receiving_authority",
                            "dorset": "notify_receiving_authority"}),
        ("LeftUK", {"camden": "ask_embassies", "darlington": "record_fact", "dorset": "record_fact"}),
        ("ChildDied", {"camden": "decide_admin_removal", "darlington": "record_fact", "dorset": "record_fact"}),
    ],
)  # fmt: skip
def test_southwark_and_sussex_are_silent_and_refer_out(
    sqlite_stage: Stage, authority: str, event: str, first: dict[str, str]
) -> None:
    """SOU-1.1, SUS-3.1: where the text says nothing no other policy's rule is borrowed; elsewhere people begin."""
    refers = {"southwark": "REFER_LONDON_PROCEDURES", "sussex": "REFER_PARENT_PROCEDURES"}
    result = happens(sqlite_stage, authority, event, {}, outcomes=[refers[authority]] if authority in refers else [],
                     plan_status="ACTIVE")  # fmt: skip

    assert authority in refers or first[authority] in result.open_tasks
    assert authority not in refers or result.open_tasks == ()


def test_only_camden_asks_embassies_before_a_conference_on_a_departure(sqlite_stage: Stage) -> None:
    """CAM-4.1 to 4.3, DAR-4.3c, DOR-2.143h: a conference in Camden and Darlington, the preconditions in Dorset."""
    gone = {"left_uk": True}
    camden = goes(sqlite_stage, "camden", "camden_left_uk/scenarios/t20_left_for_good", gone,
                  outcomes=["PLAN_ENDED_LEFT_UK"])  # fmt: skip
    darlington = goes(sqlite_stage, "darlington", "darlington_fact_based/scenarios/left_uk_for_good", gone,
                      outcomes=["PLAN_ENDED_LEFT_UK"])  # fmt: skip
    dorset = goes(sqlite_stage, "dorset", "dorset_fact_based/scenarios/left_uk", gone,
                  outcomes=["PLAN_ENDED_LEFT_UK"])  # fmt: skip

    assert {"ask_embassies", "hold_left_uk_conference"} <= camden.visited
    assert "hold_review_conference" in darlington.visited
    assert "record_childs_views" in dorset.visited


def test_the_eighteenth_birthday(sqlite_stage: Stage) -> None:
    """CAM-2.2: a manager decides. DAR-4.3a, DOR-2.143f: the plan ends that day. SOU-1.1, SUS-3.1: referred out."""
    grown = {"dob": "2008-03-02"}
    happens(sqlite_stage, "camden", "ChildTurned18", grown, outcomes=[], open_tasks=["decide_admin_removal"])
    happens(sqlite_stage, "darlington", "ChildTurned18", grown, outcomes=["PLAN_ENDED_AGE18"], plan_status="ENDED")
    happens(sqlite_stage, "dorset", "ChildTurned18", grown, outcomes=["PLAN_ENDED_AGE18"], plan_status="ENDED")
    happens(sqlite_stage, "southwark", "ChildTurned18", grown, outcomes=["REFER_LONDON_PROCEDURES"])
    happens(sqlite_stage, "sussex", "ChildTurned18", grown, outcomes=["REFER_PARENT_PROCEDURES"])


def test_only_camden_tells_named_officers_of_a_death_at_once(sqlite_stage: Stage) -> None:
    """CAM-2.6: chair and social worker each tell three officers, before anything is decided."""
    happens(
        sqlite_stage, "camden", "ChildDied", {}, plan_status="ACTIVE",
        open_tasks=["decide_admin_removal", "notify_death_as_chair", "notify_death_as_social_worker"],
    )  # fmt: skip
    for authority in ("darlington", "dorset"):
        happens(sqlite_stage, authority, "ChildDied", {}, plan_status="ACTIVE", open_tasks=["record_fact"])


@pytest.mark.parametrize("authority", authorities())
def test_an_unborn_child_has_no_birthday_under_any_policy(sqlite_stage: Stage, authority: str) -> None:
    """X4: without a birth date no age is counted, and nothing says that an unborn child has turned 18."""
    unborn = {"dob": None, "unborn": True, "edd": "2026-05-01"}
    told = When(1, "event", "ChildTurned18", None, None, None, {}, {}, None, {}, "unborn", "failed")
    passes = When(2, "advance", "", "2045-01-01T00:00:00", None, None, {}, {}, None, {}, None, "failed")
    facts = {**CHILD, **unborn}

    then = {"outcomes": [], "plan_status": "ACTIVE", "facts": {"turned_18": None}}
    play(sqlite_stage, fresh(authority, None, facts, (told, passes), then))


def test_only_southwark_may_agree_before_the_birth(sqlite_stage: Stage) -> None:
    """SOU-9.1: a conference on an unborn child may agree ahead of an order; that is not yet a decision."""
    starts(sqlite_stage, "southwark", "southwark_conditional_agreement", {"dob": None, "unborn": True}, outcomes=[],
           plan_status="ACTIVE", open_tasks=["seek_conditional_agreement"])  # fmt: skip
    assert [path.parent.parent.name for path in PROCESSES.glob("*/*conditional*/pathway.bpmn")] == ["southwark"]


# ------------------------------------------------------------------ afterwards


def test_what_follows_an_ending_differs(sqlite_stage: Stage) -> None:
    """CAM-2.5: the next CLA review. DAR-4.9a: a meeting is considered. DAR-8.9: one within six weeks."""
    goes(sqlite_stage, "camden", "camden_admin_removal/scenarios/order_away", INTERIM_ORDER,
         waiting_messages=["CLAReviewHeld"], open_tasks=[])  # fmt: skip
    goes(sqlite_stage, "darlington", CONFERENCE["darlington"], {}, open_tasks=["consider_meeting"],
         due={"consider_meeting": "2026-03-12"})  # fmt: skip
    goes(
        sqlite_stage, "darlington", "darlington_double_protection/scenarios/section_20_agreed", SECTION_20,
        open_tasks=["hold_multi_professional_meeting"], due={"hold_multi_professional_meeting": "2026-04-13"},
    )  # fmt: skip
    goes(sqlite_stage, "southwark", CONFERENCE["southwark"], SECTION_20, open_tasks=["notify_after_conference"])


def test_whom_each_policy_tells(sqlite_stage: Stage) -> None:
    """DAR-3.3, DAR-4.4: the family and all invited at the beginning. SOU-9.11: those agencies, by the unit."""
    goes(sqlite_stage, "darlington", CONFERENCE["darlington"], {}, letters=["conference_decision", "plan_ended"])
    goes(sqlite_stage, "darlington", "darlington_double_protection/scenarios/section_20_agreed", SECTION_20,
         letters=["plan_ceased", "plan_ended"], not_letters=["conference_decision"])  # fmt: skip
    goes(sqlite_stage, "southwark", "southwark_executive_decision/scenarios/t01_exactly_25_working_days", INTERIM_ORDER,
         letters=["consultation", "formal_notification"])  # fmt: skip
    goes(sqlite_stage, "camden", CONFERENCE["camden"], {}, letters=["conference_decision"])
