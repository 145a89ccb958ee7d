"""Worklists, in-trays and case lists: the right lines, in the right order, for the right people."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.store import AccessRow, CaseLine, EscalationRow, IncidentRow, MessageRow, Rows, Store, TaskRow
from engine.store.worklists import MANY_CASES
from tests.contracts.building import CAMDEN, a_task, an_entry, at, tasks

IROSM = "iro_service_manager"
DAY = 60 * 24


def lines(
    store: Store, person: str = "amira", roles: tuple[str, ...] = (IROSM,), **asked: Any
) -> list[tuple[str, int]]:
    """The cases and tasks of a worklist's first page."""
    return [(line.case_id, line.task.task) for line in store.lists.worklist(CAMDEN, person, roles, **asked).lines]


@pytest.fixture
def three_cases(store: Store) -> Store:
    """Tasks of several people and roles: some assigned, some open to a role, some to two roles, one without a date."""
    store.append(
        an_entry(
            "CAM-1",
            rows_after=tasks(
                a_task(1, due_at=at(3 * DAY)),
                a_task(2, due_at=at(1 * DAY), assignee="amira"),
                a_task(3, due_at=None, due_on=None),
            ),
        )
    )
    store.append(
        an_entry(
            "CAM-2",
            rows_after=tasks(
                a_task(1, due_at=at(2 * DAY), role=None, candidates=(IROSM, "chair")),
                a_task(2, due_at=at(2 * DAY), role="chair"),
                a_task(3, due_at=at(4 * DAY), assignee="ben", element="record_view", pathway="camden_route"),
            ),
        )
    )
    store.append(an_entry("CAM-3", rows_after=tasks(a_task(1, due_at=at(2 * DAY), assignee="amira", role="chair"))))
    return store


def test_a_worklist_holds_what_is_mine_and_what_my_roles_may_take(three_cases: Store) -> None:
    """The soonest due comes first, and what has no due date comes last."""
    assert lines(three_cases) == [("CAM-1", 2), ("CAM-2", 1), ("CAM-3", 1), ("CAM-1", 1), ("CAM-1", 3)]


def test_mine_the_queue_and_the_team_are_told_apart(three_cases: Store) -> None:
    """A manager sees the team's tasks, whoever has them; a person their own."""
    assert lines(three_cases, whose="mine") == [("CAM-1", 2), ("CAM-3", 1)]
    assert lines(three_cases, whose="queue") == [("CAM-2", 1), ("CAM-1", 1), ("CAM-1", 3)]
    assert lines(three_cases, "carla", whose="team") == [
        ("CAM-1", 2), ("CAM-2", 1), ("CAM-1", 1), ("CAM-2", 3), ("CAM-1", 3),
    ]  # fmt: skip
    assert lines(three_cases, "carla", ()) == []


def test_a_task_open_to_two_of_my_roles_is_listed_once(three_cases: Store) -> None:
    """Holding both roles of a lane does not double its tasks."""
    assert lines(three_cases, "carla", (IROSM, "chair"), whose="queue") == [
        ("CAM-2", 1), ("CAM-2", 2), ("CAM-1", 1), ("CAM-1", 3),
    ]  # fmt: skip


def test_a_team_list_can_be_one_persons_part_of_it(three_cases: Store) -> None:
    """Whoever supervises sees what one colleague has, within the roles they share."""
    assert lines(three_cases, "carla", whose="team", held_by="ben") == [("CAM-2", 3)]
    assert lines(three_cases, "carla", ("chair",), whose="team", held_by="amira") == [("CAM-3", 1)]
    assert lines(three_cases, "carla", whose="team", held_by="nobody") == []


def test_a_colleagues_task_is_listed_where_its_case_may_be_opened(three_cases: Store) -> None:
    """Their own, what they may take, and every task of their role in a case on which they work; each once."""
    own = Rows(tasks={1: a_task(1, assignee="ben")}, access={("amira", IROSM): AccessRow("amira", IROSM)})
    three_cases.append(an_entry("CAM-4", rows_after=own))

    assert ("CAM-2", 3) in lines(three_cases, whose="team")
    assert ("CAM-2", 3) not in lines(three_cases, whose="seen")
    assert ("CAM-4", 1) in lines(three_cases, whose="seen")
    assert ("CAM-4", 1) not in lines(three_cases, "carla", whose="seen")
    assert lines(three_cases, whose="team", held_by="amira") == lines(three_cases, whose="seen", held_by="amira")


def test_whoever_works_on_very_many_cases_is_shown_the_same_tasks_of_the_team(three_cases: Store) -> None:
    """From MANY_CASES own cases on the list is put together another way; it holds the same, restricted cases too."""
    before = lines(three_cases, whose="seen")
    mine = {("amira", "team_manager"): AccessRow("amira", "team_manager")}
    others = tasks(a_task(1, due_at=at(2 * DAY + 2), assignee="ben"), a_task(2, due_at=at(2 * DAY + 3), role="chair"))
    own = ("CAM-50", an_entry("CAM-50", rows_after=replace(others, access=mine), restricted=True))
    not_own = ("CAM-51", an_entry("CAM-51", rows_after=others))
    many = [
        (case, an_entry(case, rows_after=Rows(access=mine), index=()))
        for case in (f"CAM-1{number:05d}" for number in range(MANY_CASES))
    ]
    three_cases.append_all([entry for _, entry in (own, not_own, *many)])
    shown = lines(three_cases, whose="seen")
    assert [line for line in shown if line[0] != "CAM-50"] == before
    assert [line for line in shown if line[0] == "CAM-50"] == [("CAM-50", 1)]
    assert shown.index(("CAM-50", 1)) == shown.index(("CAM-2", 1)) + 1
    assert ("CAM-50", 1) not in lines(three_cases, "carla", whose="seen")
    assert three_cases.lists.count_work(CAMDEN, "amira", (IROSM,), whose="seen") == len(shown)


def test_a_count_is_what_its_list_would_hold(three_cases: Store) -> None:
    """Counts are of tasks, each once, however many roles may take it; a long list is counted no further than asked."""
    both = (IROSM, "chair")
    for whose in ("mine", "queue", "both", "team", "seen"):
        held = lines(three_cases, roles=both, whose=whose)
        assert three_cases.lists.count_work(CAMDEN, "amira", both, whose=whose) == len(held)
        due = lines(three_cases, roles=both, whose=whose, due_before=at(2 * DAY + 1))
        assert three_cases.lists.count_work(CAMDEN, "amira", both, whose=whose, due_before=at(2 * DAY + 1)) == len(due)
    assert three_cases.lists.count_work(CAMDEN, "carla", both, whose="team", held_by="ben") == 1
    assert three_cases.lists.count_work(CAMDEN, "carla", both, whose="team", after=(at(2 * DAY + 1), "", 0)) == 3
    assert three_cases.lists.count_work(CAMDEN, "carla", both, whose="team", most=2) == 3


def test_an_assigned_task_leaves_the_queue(three_cases: Store) -> None:
    """A task that somebody claimed is no longer offered to others, whether its lane is one role or two."""
    was = a_task(1, due_at=at(2 * DAY), role=None, candidates=(IROSM, "chair"))
    now = a_task(1, due_at=at(2 * DAY), role=None, candidates=(IROSM, "chair"), assignee="ben")
    three_cases.append(an_entry("CAM-2", 1, rows_before=tasks(was), rows_after=tasks(now)))

    assert ("CAM-2", 1) not in lines(three_cases, whose="queue")
    assert ("CAM-2", 1) in lines(three_cases, whose="team")
    assert ("CAM-2", 1) in lines(three_cases, "ben", ())


def test_filters_narrow_a_worklist(three_cases: Store) -> None:
    """By pathway, by step, and by what is overdue at a moment."""
    assert lines(three_cases, whose="team", pathway="camden_route") == [("CAM-2", 3)]
    assert lines(three_cases, whose="team", element="record_view") == [("CAM-2", 3)]
    assert lines(three_cases, due_before=at(2 * DAY)) == [("CAM-1", 2)]


def test_pages_follow_each_other_without_gap_or_repeat(three_cases: Store) -> None:
    """Paging by the last line's mark shows every line once, also where dates are equal or missing."""
    for size in (1, 2, 3, 5):
        found: list[tuple[str, int]] = []
        mark = None
        while True:
            page = three_cases.lists.worklist(CAMDEN, "amira", (IROSM, "chair"), after=mark, most=size)
            found += [(line.case_id, line.task.task) for line in page.lines]
            mark = page.following
            if mark is None:
                break
        assert found == lines(three_cases, roles=(IROSM, "chair"))


def test_a_line_carries_the_whole_task_and_what_the_case_is_called(three_cases: Store) -> None:
    """A list needs no second read to show a line."""
    (line,) = three_cases.lists.worklist(CAMDEN, "amira", (), whose="mine", most=1).lines

    assert line.task == a_task(2, due_at=at(1 * DAY), assignee="amira")
    assert (line.label, line.plan_status, line.restricted) == ("Child CAM-1", "ACTIVE", False)


def test_a_restricted_case_is_listed_only_for_those_who_work_on_it(store: Store) -> None:
    """A role alone does not open a restricted case's line."""
    shown = Rows(tasks={1: a_task(1)}, access={("amira", "chair"): AccessRow("amira", "chair")})
    store.append(an_entry(rows_after=shown, restricted=True))

    assert lines(store, "ben") == []
    assert lines(store, "amira") == [("CAM-1", 1)]
    assert store.lists.cases(CAMDEN, person="ben") == []
    assert [line.case_id for line in store.lists.cases(CAMDEN, person="amira")] == ["CAM-1"]
    assert store.lists.roles_on(CAMDEN, "CAM-1", "amira") == ["chair"]
    assert store.lists.roles_on(CAMDEN, "CAM-1", "ben") == []


def test_only_my_own_cases_can_be_asked_for(store: Store) -> None:
    """Supervisors see more; a caseworker's lists hold the cases they work on."""
    store.append(an_entry("CAM-1", rows_after=tasks(a_task(1))))
    shown = Rows(tasks={1: a_task(1)}, access={("amira", IROSM): AccessRow("amira", IROSM)})
    store.append(an_entry("CAM-2", rows_after=shown))

    assert lines(store, own_cases=True) == [("CAM-2", 1)]
    assert [line.case_id for line in store.lists.cases(CAMDEN, person="amira", own_cases=True)] == ["CAM-2"]
    assert store.people.on_case(CAMDEN, "CAM-2") == [("amira", IROSM)]
    assert store.people.cases_of(CAMDEN, ["amira", "ben"]) == ["CAM-2"]


def test_cases_are_listed_by_reference_and_page_by_page(store: Store) -> None:
    """A list of cases filters by status and goes on after the last reference."""
    for n in range(4):
        store.append(
            an_entry(f"CAM-{n}", status="CLOSED" if n == 3 else "OPEN", plan_status="ENDED" if n > 1 else "ACTIVE")
        )

    assert [line.case_id for line in store.lists.cases(CAMDEN, most=2)] == ["CAM-0", "CAM-1"]
    assert [line.case_id for line in store.lists.cases(CAMDEN, after="CAM-1")] == ["CAM-2", "CAM-3"]
    assert [line.case_id for line in store.lists.cases(CAMDEN, status="OPEN", plan_status="ENDED")] == ["CAM-2"]
    assert store.lists.case(CAMDEN, "CAM-3") == CaseLine(
        "CAM-3", "Child CAM-3", "CLOSED", "ENDED", False, 1, at(), at()
    )
    assert store.lists.case(CAMDEN, "CAM-9") is None


def test_cases_are_found_by_every_word_of_a_name(store: Store) -> None:
    """Case, accents and the order of words do not matter; a word must be whole."""
    store.append(an_entry("CAM-1", index=(("name", "Zoë O'Brien-Smith"), ("birth date", "2015-04-03"))))
    store.append(an_entry("CAM-2", index=(("name", "Zoe Jones"),)))

    assert store.lists.search(CAMDEN, "name", "ZOE") == ["CAM-1", "CAM-2"]
    assert store.lists.search(CAMDEN, "name", "obrien-smith zoe") == ["CAM-1"]
    assert store.lists.search(CAMDEN, "birth date", "2015-04-03") == ["CAM-1"]
    assert store.lists.search(CAMDEN, "name", "zo") == []
    assert store.lists.search(CAMDEN, "name", " ") == []


def test_a_renamed_case_is_found_by_its_new_words_only(store: Store) -> None:
    """The index says what the case says now."""
    store.append(an_entry(index=(("name", "Sam"),)))
    store.append(an_entry(revision=1, label="Alex", index=(("name", "Alex"),)))

    assert store.lists.search(CAMDEN, "name", "sam") == []
    assert store.lists.search(CAMDEN, "name", "alex") == ["CAM-1"]
    line = store.lists.case(CAMDEN, "CAM-1")
    assert line is not None
    assert line.label == "Alex"


def test_a_renamed_case_loses_its_own_words_and_nobody_elses(store: Store) -> None:
    """Who says under which words the case was found spares a long look; words that stay, stay."""
    was, now = (("name", "Sam Jones"),), (("name", "Alex Jones"), ("birth date", "2015-04-03"))
    store.append(an_entry("CAM-1", index=was))
    store.append(an_entry("CAM-2", index=was))
    store.append(an_entry("CAM-1", revision=1, index=now, index_before=was))

    assert store.lists.search(CAMDEN, "name", "sam") == ["CAM-2"]
    assert store.lists.search(CAMDEN, "name", "alex") == ["CAM-1"]
    assert store.lists.search(CAMDEN, "name", "jones") == ["CAM-1", "CAM-2"]
    assert store.lists.search(CAMDEN, "birth date", "2015-04-03") == ["CAM-1"]


def test_the_in_tray_holds_what_is_open_for_a_role(store: Store) -> None:
    """Answered escalations leave the tray; the oldest is on top."""
    late = EscalationRow(2, "overdue", "head_of_qa", "decide_cla", 7, None, "CAM-2.2", at(5))
    early = EscalationRow(1, "diagram", "head_of_qa", "refuse", None, "REFUSED", "CAM-2.3", at(1))
    other = EscalationRow(3, "incident", "manager", None, None, None, "", at(2))
    answered = EscalationRow(4, "incident", "head_of_qa", None, None, None, "", at(0), "answered")
    store.append(an_entry(rows_after=Rows(escalations={row.number: row for row in (late, early, other, answered)})))

    tray = store.lists.in_tray(CAMDEN, ("head_of_qa", "chair"))

    assert [line.row for line in tray] == [early, late]
    assert (tray[0].case_id, tray[0].label) == ("CAM-1", "Child CAM-1")
    assert [line.row for line in store.lists.in_tray(CAMDEN, ("head_of_qa",), states=("answered",))] == [answered]


def test_open_incidents_are_listed_until_they_are_resolved(store: Store) -> None:
    """An incident stays in sight until somebody mends it."""
    first = IncidentRow(1, 1, "decide_cla", "No rule matched.", at(1))
    mended = IncidentRow(2, None, None, "Held.", at(0), "resolved")
    store.append(an_entry(rows_after=Rows(incidents={1: first, 2: mended})))

    assert [(line.case_id, line.row) for line in store.lists.incidents(CAMDEN)] == [("CAM-1", first)]
    assert [line.row for line in store.lists.incidents(CAMDEN, state="resolved")] == [mended]


def test_a_message_finds_who_waits_for_it_by_name_and_key(store: Store) -> None:
    """A correlation key is kept as a token, and still finds its subscription."""
    row = MessageRow(4, 1, "wait_objection", "WrittenObjection", "OBJ-1", 1)
    store.append(an_entry(rows_after=Rows(messages={4: row})))

    assert store.lists.awaiting(CAMDEN, "WrittenObjection", "OBJ-1") == [("CAM-1", row)]
    assert store.lists.awaiting(CAMDEN, "WrittenObjection", "OBJ-2") == []
    moved = MessageRow(4, 1, "wait_objection", "WrittenObjection", "OBJ-2", 1)
    store.append(an_entry(revision=1, rows_before=Rows(messages={4: row}), rows_after=Rows(messages={4: moved})))
    assert store.lists.awaiting(CAMDEN, "WrittenObjection", "OBJ-2") == [("CAM-1", moved)]


def test_a_task_is_given_back_as_it_was_written(store: Store) -> None:
    """Every field of a row survives the table."""
    row = TaskRow(5, 2, "p", "e", "T", "user", None, ("a", "b"), None, at(), None, None, None, True)
    store.append(an_entry(rows_after=tasks(row)))

    (line,) = store.lists.worklist(CAMDEN, "x", ("a", "b")).lines
    assert line.task == row
