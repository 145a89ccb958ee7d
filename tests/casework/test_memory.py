"""A case goes on in memory from one command to the next, and nobody can tell: memory never says more than the store."""

from __future__ import annotations

import gc
import weakref

import pytest

from engine.case.handling import TaskNotOpen
from engine.case.state import encode
from engine.casework import Casework, Shelf, door
from engine.errors import Refused
from tests.casework import drawn
from tests.casework.test_replay import a_worked_case
from tests.support.office import AREA, CHAIR, WORKER, TestOffice, somebody


def another(office: TestOffice) -> Casework:
    """Another process on the same store: nothing of this one's memory is there."""
    return Casework(office.store, Shelf(office.store), office.clock)


def test_a_case_in_memory_is_the_case_as_stored(each_office: TestOffice) -> None:
    """After every command the kept case, the snapshot and the replay are the same bytes."""
    case = a_worked_case(each_office)
    kept = each_office.casework._door._kept[AREA, case].case

    loaded = each_office.store.load(AREA, case)

    assert loaded is not None
    assert encode(kept) == loaded.snapshot == encode(another(each_office).load(AREA, case))
    assert each_office.casework.verify(AREA, case).certified


def test_what_another_process_did_is_seen_by_the_next_command(each_office: TestOffice) -> None:
    """The case in memory counts only while the newest hash is its own: nobody is refused for what was true before."""
    each_office.publish(drawn.two_steps())
    case = each_office.case()
    task = each_office.open_tasks()["report"]
    each_office.casework.claim_task(case, task, by=WORKER, command_id="here-1")
    another(each_office).release_task(case, task, by=WORKER, command_id="there-1")

    colleague = somebody("social_worker", "colleague")
    done = each_office.casework.complete_task(case, task, {}, by=colleague, command_id="here-2")

    assert each_office.history() == ["open_case", "start_pathway", "claim_task", "release_task", "complete_task"]
    assert done.revision == 5
    assert each_office.casework.verify(AREA, case).certified


def test_what_memory_would_allow_wrongly_is_never_written(each_office: TestOffice) -> None:
    """A command is written only on the case as it stands; on a case that moved on it is asked anew and refused."""
    each_office.publish(drawn.two_steps())
    case = each_office.case()
    task = each_office.open_tasks()["report"]
    another(each_office).complete_task(case, task, {}, by=WORKER, command_id="there-1")

    with pytest.raises(TaskNotOpen):
        each_office.casework.complete_task(case, task, {}, by=WORKER, command_id="here-1")

    assert each_office.history() == ["open_case", "start_pathway", "complete_task"]
    assert each_office.casework.add_note(case, "and on", by=WORKER, command_id="here-2").revision == 4
    assert each_office.casework.verify(AREA, case).certified


def test_a_refused_command_leaves_nothing_in_memory(office: TestOffice) -> None:
    """A refusal may come when the case in memory has begun to change: the next command starts from the store."""
    office.publish(drawn.two_steps())
    case = office.case()
    task = office.open_tasks()["report"]
    office.casework.claim_task(case, task, by=WORKER, command_id=office.key())
    before = encode(office.now())
    with pytest.raises(Refused, match="claimed by somebody else"):
        office.casework.claim_task(case, task, by=somebody("social_worker", "other"), command_id=office.key())

    assert encode(office.now()) == before
    assert office.casework.add_note(case, "and on", by=WORKER, command_id=office.key()).revision == 4
    assert office.casework.verify(AREA, case).certified


def test_what_a_command_gave_back_stays_as_it_was(office: TestOffice) -> None:
    """The case after a command is its own copy: later commands do not reach into it."""
    office.publish(drawn.two_steps())
    first = office.casework.open_case("C1", {}, by=WORKER, command_id="1", pathway="p")
    after_first = encode(first.case)
    office.complete("report")
    office.complete("check", by=CHAIR)

    assert encode(first.case) == after_first
    assert next(iter(first.case.running.values())).state == "running"


def test_only_so_many_cases_are_kept(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """The case that was changed longest ago goes first; changing it again loads it."""
    monkeypatch.setattr(door, "KEPT", 2)
    office.publish(drawn.two_steps())
    for case in ("C1", "C2", "C3"):
        office.case(case_id=case)

    assert [case for _, case in office.casework._door._kept] == ["C2", "C3"]
    for case in ("C1", "C3"):
        office.casework.add_note(case, "a note", by=WORKER, command_id=office.key())
    assert [case for _, case in office.casework._door._kept] == ["C1", "C3"]
    assert office.casework.verify(AREA, "C1").certified


def test_a_pathway_that_has_ended_is_forgotten_at_once(office: TestOffice) -> None:
    """Nothing of it waits in memory until somebody looks for what can be forgotten."""
    office.publish(drawn.two_steps())
    case = office.case()
    office.complete("report", by=WORKER)
    kept = office.casework._door._kept[AREA, case].case
    (running,) = kept.running.values()
    state = weakref.ref(running.live)
    assert state() is not None

    gc.disable()
    try:
        office.complete(next(iter(office.open_tasks())), by=CHAIR)
        assert running.state == "ended"
        assert state() is None
    finally:
        gc.enable()
