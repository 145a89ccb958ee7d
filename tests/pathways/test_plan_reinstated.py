"""A plan ended in error: each authority tells those it had told, list by list, and reviews what stopped."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.case.confidential import EVERYONE, LIST, Party, Reader
from engine.case.state import CaseState
from engine.casework import Casework, Practitioner
from engine.clock import SettableClock
from engine.scenarios import Stage, read_scenario
from tests.pathways.conftest import PROCESSES, authorities

#: An ending of each authority after which somebody has been told.
ENDINGS = {
    "camden": "camden_admin_removal/scenarios/order_away",
    "darlington": "darlington_double_protection/scenarios/section_20_agreed",
    "dorset": "dorset_review_conference/scenarios/ends_after_letter",
    "southwark": "southwark_executive_decision/scenarios/t01_exactly_25_working_days",
    "sussex": "sussex_review_conference/scenarios/ends_after_letter",
}


def somebody(role: str, authority: str) -> Practitioner:
    return Practitioner(f"{role}_1", authority, role, frozenset({role}))


class Reinstated:
    """A case of an authority whose plan was ended, told of, and made active again."""

    def __init__(self, stage: Stage, authority: str) -> None:
        file = PROCESSES / authority / f"{ENDINGS[authority]}.toml"
        read = read_scenario(file.read_bytes(), str(file))
        result = stage.play(read)
        assert result.problems == ()
        last = list(stage.store.history(authority, result.case_id))[-1].command.at
        self.clock = SettableClock(last + timedelta(minutes=1))
        self.casework = Casework(stage.store, stage.shelf, self.clock)
        self.authority, self.case_id = authority, result.case_id
        head = somebody("head_of_quality_assurance", authority)
        self.done = self.casework.reinstate_plan(
            self.case_id, "The wrong child's file.", effective_on=None, by=head, command_id=f"reinstate-{self.case_id}"
        )

    def now(self) -> CaseState:
        return self.casework.load(self.authority, self.case_id)


@pytest.fixture
def reinstated(sqlite_stage: Stage, authority: str) -> Reinstated:
    return Reinstated(sqlite_stage, authority)


@pytest.mark.parametrize("authority", authorities())
def test_everybody_who_had_been_told_is_to_be_told_otherwise(reinstated: Reinstated, authority: str) -> None:
    """Each list of every recalled letter stands once, whole and apart; nothing is left to the Head's in-tray."""
    now = reinstated.now()
    recalled = [event.body for event in reinstated.done.events if event.kind == "NoticeRecalled"]
    lists = {entry["list"] for body in recalled for entry in body["recipients"]}
    tasks = {desk.element: number for number, desk in now.desks.items()}
    assert recalled
    assert {"draft_recall", "review_what_stopped"} <= set(tasks)
    scope = reinstated.casework.scope_of(now, tasks["draft_recall"])

    notices = scope["reinstated"]["notices"]

    assert lists == {notice["list"] for notice in notices}
    assert len(lists) == len(notices)
    for notice in notices:
        told = {entry["to"] for body in recalled for entry in body["recipients"] if entry["list"] == notice["list"]}
        assert told == set(notice["recipients"])
    assert scope["notice"] == notices[0]
    assert not [one for one in now.escalations.values() if one.source == "reinstatement"]
    assert reinstated.casework.verify(authority, reinstated.case_id).certified


def test_an_ending_that_is_right_takes_the_recall_back(sqlite_stage: Stage) -> None:
    """Where the plan ends meanwhile, nobody is told that it goes on: the child has died, and the removal follows."""
    camden = Reinstated(sqlite_stage, "camden")
    by = somebody("social_worker", "camden")
    camden.casework.record_life_event(camden.case_id, "ChildDied", {}, received_on=None, by=by, command_id="died")
    today = camden.clock.now().date().isoformat()
    for element, role, answers in (
        ("decide_admin_removal", "iro_service_manager", {"decision": "discharge", "reasons": "x", "decided_on": today}),
        (
            "draft_removal_letter",
            "conference_chair",
            {
                "reason_code": "DIED",
                "network_recipients": ["School"],
                "parent_recipients": ["The mother"],
                "bereavement_checked": True,
                "text": "We are very sorry.",
            },
        ),
        ("end_cp_episode", "conference_chair", {"episode_ref": "CP-2", "end_date": today, "end_reason": "Died"}),
    ):
        tasks = {desk.element: number for number, desk in camden.now().desks.items()}
        assert "draft_recall" in tasks
        camden.casework.complete_task(
            camden.case_id, tasks[element], answers, by=somebody(role, "camden"), command_id=f"then-{element}"
        )

    assert camden.now().facts["plan_status"] == "ENDED"
    assert not {"draft_recall", "review_what_stopped"} & {desk.element for desk in camden.now().desks.values()}


def test_what_is_kept_from_any_list_is_kept_from_everybody_who_had_been_told() -> None:
    """A recall goes to people of any list, so that a fact kept from one list is kept from the letter."""
    (party,) = [one for one in Reader.list_of("told_recipients").parties if one.kind == LIST]

    assert party == Party(LIST, EVERYONE)
    assert party.same(Party(LIST, "parent_recipients"))
