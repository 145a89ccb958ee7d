"""Workers: due timers, jobs, notices and checkpoints, each exactly once in effect."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.case.commands import handle
from engine.history import Command
from engine.store import Notice
from engine.store.checkpoint_file import CheckpointFile
from engine.work import HandFailed, JobOrder, Work
from tests.casework import drawn
from tests.support.office import AREA, MANAGER, OPERATOR, WORKER, TestOffice


class Hand:
    """A job hand of the tests: fails as often as it is told to, and remembers its orders."""

    def __init__(self, fails: int = 0, code: str = "bounce", again: bool = True) -> None:
        self.fails, self.code, self.again = fails, code, again
        self.orders: list[JobOrder] = []

    def __call__(self, order: JobOrder) -> Mapping[str, Any]:
        self.orders.append(order)
        if len(self.orders) <= self.fails:
            raise HandFailed(self.code, "the address does not exist", again=self.again)
        return {"sent": True}


class Post:
    """A notice hand of the tests."""

    def __init__(self, fails: int = 0) -> None:
        self.fails = fails
        self.sent: list[Notice] = []

    def __call__(self, notice: Notice) -> None:
        if self.fails:
            self.fails -= 1
            raise HandFailed("refused", "the receiver is down")
        self.sent.append(notice)


def worker(office: TestOffice, hand: Hand | None = None, post: Post | None = None) -> Work:
    """A worker on the office's store and clock."""
    return Work(
        office.store,
        office.casework,
        office.clock,
        name="worker-1",
        job_hands={"mail": hand or Hand()},
        notice_hands={"webhook": post or Post(), "document": post or Post()},
    )


def test_due_timers_fire_once_whoever_goes_round(each_office: TestOffice) -> None:
    """Two workers may go round at once; what is due fires once."""
    each_office.publish(drawn.waiting())
    each_office.case()
    each_office.clock.advance_by(timedelta(days=3, seconds=1))
    first, second = worker(each_office), worker(each_office)

    first.fire_timers()
    second.fire_timers()

    fired = [kind for kind in each_office.history() if kind == "fire_timer"]
    drawn_timers = [e for e in each_office.now().escalations.values() if e.source == "diagram"]
    assert 1 == len(drawn_timers)
    assert len(set(fired)) <= 1 <= len(fired)


def test_a_job_is_done_and_its_pathway_goes_on(each_office: TestOffice) -> None:
    """A job's result comes back as a command, and the same order has one key at every try."""
    each_office.publish(drawn.jobs())
    each_office.case()
    hand = Hand()

    assert 1 == worker(each_office, hand).do_jobs()

    assert {"done_task"} == set(each_office.open_tasks())
    (order,) = hand.orders
    assert f"area:C1:{order.job.task}" == order.key


def test_a_job_that_fails_is_tried_again_later(each_office: TestOffice) -> None:
    """A failed try waits; the next one, when it is due, succeeds."""
    each_office.publish(drawn.jobs())
    each_office.case()
    hand = Hand(fails=1)
    work = worker(each_office, hand)

    work.do_jobs()
    work.do_jobs()
    assert 1 == len(hand.orders)
    each_office.clock.advance_by(timedelta(seconds=6))
    work.do_jobs()

    assert 2 == len(hand.orders)
    assert {"done_task"} == set(each_office.open_tasks())


def test_a_job_that_fails_for_good_raises_its_error_in_the_diagram(each_office: TestOffice) -> None:
    """After its tries, or where trying again cannot help, the error goes to whoever the diagram says."""
    each_office.publish(drawn.jobs())
    each_office.case()

    worker(each_office, Hand(fails=9, again=False)).do_jobs()

    assert {"mend"} == set(each_office.open_tasks())


def test_a_failure_the_diagram_does_not_catch_is_an_incident(each_office: TestOffice) -> None:
    """An uncaught error is held; retried, the job waits for its worker again."""
    each_office.publish(drawn.jobs())
    case = each_office.case()
    hand = Hand(fails=1, code="mailbox full", again=False)
    work = worker(each_office, hand)

    work.do_jobs()
    (number,) = each_office.now().held
    each_office.casework.retry_incident(case, number, by=OPERATOR, command_id=each_office.key())
    work.do_jobs()

    assert {"done_task"} == set(each_office.open_tasks())
    assert each_office.casework.verify(AREA, case).certified


def test_a_notice_that_cannot_be_sent_is_tried_again_and_at_last_shown(each_office: TestOffice) -> None:
    """The outbox loses nothing: a notice is put off with a growing wait, and ends as a dead letter a person sees."""
    each_office.publish(drawn.ending())
    each_office.case(placement="away_foster")
    each_office.complete("decide", {"on": "2026-03-02"}, by=MANAGER)
    post = Post(fails=10_000)
    work = worker(each_office, post=post)
    for _ in range(40):
        work.send_notices()
        each_office.clock.advance_by(timedelta(hours=1))

    assert [] == post.sent
    assert ["EndReached", "PlanEnded"] == sorted(line.topic for line in each_office.store.upkeep.notices(AREA))


def test_what_breaks_one_hand_stops_neither_the_others_nor_the_round(each_office: TestOffice) -> None:
    """A fault that a hand does not foresee is its own failure: listed, tried again, and the rest goes out."""
    each_office.publish(drawn.ending())
    case = each_office.case(placement="away_foster")
    each_office.complete("decide", {"on": "2026-03-02"}, by=MANAGER)
    sent: list[str] = []
    broken = True

    def breaks(notice: Notice) -> None:
        if broken and notice.topic == "EndReached":
            raise PermissionError(13, "Permission denied")
        sent.append(notice.topic)

    hands = {"webhook": breaks, "document": Post()}
    work = Work(each_office.store, each_office.casework, each_office.clock, name="w", job_hands={}, notice_hands=hands)

    work.round()
    listed = {line.topic: line.problem for line in each_office.store.upkeep.of_case(AREA, case, "webhook")}
    assert (["PlanEnded"], "broke") == (sent, listed["EndReached"])

    broken = False
    each_office.clock.advance_by(timedelta(minutes=1))
    work.round()
    assert ["PlanEnded", "EndReached"] == sent


def test_heads_are_signed_at_most_once_a_minute(each_office: TestOffice) -> None:
    """A worker writes checkpoints; a cut tail is found by them though the chain is whole."""
    each_office.publish(drawn.two_steps())
    each_office.case()
    work = worker(each_office)

    work.checkpoint()
    work.checkpoint()

    report = each_office.store.verify_checkpoints(AREA)
    assert (True, 1) == (report.ok, report.checkpoints)


def test_a_file_of_checkpoints_that_cannot_be_written_keeps_no_worker_from_the_rest(
    office: TestOffice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told in the log with what to do; what is due fires, and the checkpoint is appended once the file can be."""
    office.publish(drawn.waiting())
    office.case()
    path = tmp_path / "outside" / "checkpoints.jsonl"
    work = Work(
        office.store,
        office.casework,
        office.clock,
        name="worker-1",
        job_hands={},
        notice_hands={"webhook": Post(), "document": Post()},
        checkpoint_file=CheckpointFile(path),
    )

    work.round()
    assert "could not be added to" in capsys.readouterr().out
    assert office.store.verify_checkpoints(AREA).checkpoints == 1
    path.parent.mkdir()
    office.clock.advance_by(timedelta(minutes=1))
    work.round()

    assert office.store.verify_checkpoints(AREA, exported=path).ok


def test_a_pathway_that_would_wait_for_nothing_stops_before_that(each_office: TestOffice) -> None:
    """No plan is left where nobody has a task, no date comes and no message can: an operator and the Head are told."""
    each_office.publish(drawn.never_joined())
    case = each_office.case()
    each_office.complete("one")
    task = each_office.open_tasks()["other"]

    each_office.complete("other")

    (held,) = each_office.now().held.values()
    assert "join" == held.element
    assert "stand still for ever" in held.message
    assert {"other": task} == each_office.open_tasks()
    assert each_office.casework.verify(AREA, case).certified


def test_a_history_in_which_a_pathway_was_left_standing_replays_as_it_was(office: TestOffice) -> None:
    """Whoever recorded it was not asked to stop: what happened is not made to have happened otherwise."""
    office.publish(drawn.never_joined())
    case = office.case()
    office.complete("one")
    terms, state = office.shelf.terms(AREA), office.now()
    task = office.open_tasks()["other"]
    at = office.clock.now()
    body = {"task": task, "answers": {}}

    recorded = handle(state, Command("k", "complete_task", at, WORKER.id, "social_worker", "1", body), terms)

    assert "IncidentRaised" not in {event.kind for event in recorded.events}
    assert {} == state.desks
    assert case == state.case_id
