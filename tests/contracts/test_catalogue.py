"""What cases are found by is kept whole, answered alike on every database, and told to nobody who may not know."""

from __future__ import annotations

from dataclasses import replace

from engine.store import AccessRow, Rows, Store
from engine.store.catalogue import Catalogued, Mention, Passage, Stay
from engine.store.finds import Period, Sought, StayQuery
from engine.store.visibility import Viewer
from tests.contracts.building import CAMDEN, NINE, an_entry, at

AUDITOR = Viewer("bea", frozenset({"bea"}), every_case=True)
ALWAYS = Period()
KEYS = frozenset({"person:bea", "role:auditor"})
TODAY = "2026-03-10"
RELEASE = "sha256:" + "a" * 64
ROLE, ROW, CLAUSE = Sought(("role",), "iro"), Sought(("row",), "route 7"), Sought(("clause", "row_clause"), "X-1.2")
LATE, OPEN = Sought(("register",), "late", at_least=3), Sought(("open",))
STAY = Stay(
    1, "task", "route", RELEASE, "route", "decide", "iro", "X-1.2 X-1.10", at(1), 1, "2026-03-06", True, at(3), 3,
    "done", "haroon", 2, 4,
)  # fmt: skip
WAITING = replace(
    STAY, number=2, element="agree", ended_at=None, ended=None, ending="", person="", days=None, late=None
)
ENTRIES = Catalogued(
    (
        Mention("clause", "X-1.2", 3, at(3), "decide"),
        Mention("person", "haroon", 3, at(3)),
        Mention("register", "late", 3, at(3), "decide", 4),
        Mention("role", "iro", 2, at(2)),
        Mention("role", "iro", 3, at(3)),
        Mention("row", "route 7", 2, at(2), "choose"),
        Mention("row_clause", "X-1.2", 2, at(2), "choose"),
    ),
    (STAY, WAITING),
    (Passage(1, "route", RELEASE, at(1), {"2026-03-02": {"route decide": 2, "route agree": 1}}),),
)


def filled(store: Store) -> Store:
    """Three cases alike; the second keeps something from auditors, the third is restricted to somebody else."""
    mark = Mention("kept", "role:auditor", 2, at(2))
    for case, entries in (("CAM-1", ENTRIES), ("CAM-2", with_mark(mark)), ("CAM-3", ENTRIES)):
        rows = Rows(access={("amira", "iro"): AccessRow("amira", "iro")})
        store.append(an_entry(case, restricted=case == "CAM-3", rows_after=rows))
        assert store.catalogue.keep(CAMDEN, case, 1, 1, entries)
    return store


def with_mark(mark: Mention) -> Catalogued:
    """The entries with one more mention, in their order."""
    mentions = sorted([*ENTRIES.mentions, mark], key=lambda one: (one.kind, one.word, one.revision, one.element))
    return replace(ENTRIES, mentions=tuple(mentions))


def found(store: Store, *sought: Sought, one_step: bool = False, period: Period = ALWAYS) -> list[tuple[str, int]]:
    """Case and step of every hit."""
    hits = store.finds.cases(
        CAMDEN, sought, AUDITOR, today=TODAY, keys=KEYS, period=period, one_step=one_step
    )  # fmt: skip
    return [(hit.case_id, hit.revision) for hit in hits]


def test_entries_are_read_as_they_were_kept_and_replaced_whole(store: Store) -> None:
    """A case's entries are those of one revision by one edition, never a mixture of two."""
    filled(store)
    assert (1, 1, ENTRIES) == store.catalogue.of_case(CAMDEN, "CAM-1")
    assert store.catalogue.keep(CAMDEN, "CAM-1", 1, 2, Catalogued())
    assert (1, 2, Catalogued()) == store.catalogue.of_case(CAMDEN, "CAM-1")
    assert ["CAM-2", "CAM-3"] == store.catalogue.behind(CAMDEN, 2)
    assert ["CAM-3"] == store.catalogue.behind(CAMDEN, 2, after="CAM-2")
    assert 2 == store.catalogue.count_behind(CAMDEN, 2)
    store.catalogue.forget(CAMDEN)
    assert store.catalogue.of_case(CAMDEN, "CAM-2") is None


def test_cases_are_found_by_everything_together(store: Store) -> None:
    """Each thing sought somewhere in the case, or all of it in one step; rows tell nothing that is kept."""
    filled(store)
    assert [("CAM-1", 3), ("CAM-2", 3)] == found(store, ROLE)
    assert [("CAM-1", 2)] == found(store, ROW)
    assert [("CAM-1", 3), ("CAM-2", 3)] == found(store, CLAUSE)
    assert [("CAM-1", 3), ("CAM-2", 3)] == found(store, LATE, ROLE)
    assert [] == found(store, replace(LATE, at_least=5))
    assert [("CAM-1", 3)] == found(store, ROW, LATE)
    assert [] == found(store, ROW, LATE, one_step=True)
    assert [("CAM-1", 2)] == found(store, ROW, ROLE, one_step=True)
    assert [("CAM-1", 1), ("CAM-2", 1)] == found(store, OPEN)
    assert [("CAM-1", 2), ("CAM-2", 2)] == found(store, ROLE, period=Period(until=at(3)))
    assert [] == found(store, ROLE, period=Period(since=at(4)))
    assert {"CAM-1", "CAM-2"} == {case for case, _ in found(store)}
    steps = store.finds.steps_of(CAMDEN, ["CAM-1"], [ROLE, OPEN], today=TODAY, keys=KEYS, period=Period())
    assert [(0, 3), (0, 2), (1, 1)] == [(one.sought, one.revision) for one in steps]


def test_counts_and_lists_leave_out_what_may_not_be_seen(store: Store) -> None:
    """Words, steps, figures, passages, releases and the register all pass through the one filter."""
    filled(store)
    finds, asked = store.finds, StayQuery(clause="X-1.2", with_due_date=True, today=TODAY)
    assert ["haroon"] == finds.words(CAMDEN, "person", AUDITOR)
    assert [] == finds.words(CAMDEN, "person", Viewer("zoe", frozenset({"zoe"})))
    assert ["CAM-1", "CAM-2"] == sorted({one.case_id for one in finds.stays(CAMDEN, asked, AUDITOR)})
    assert [STAY] == [one.stay for one in finds.stays(CAMDEN, replace(asked, result="late"), AUDITOR, most=1)]
    overdue = finds.stays(CAMDEN, replace(asked, result="overdue"), AUDITOR)
    assert [WAITING, WAITING] == [one.stay for one in overdue]
    assert [] == finds.stays(CAMDEN, replace(asked, clause="X-1"), AUDITOR)
    assert 4 == len(finds.figures(CAMDEN, asked, AUDITOR))
    assert 2 == len(finds.passages(CAMDEN, "route", RELEASE, AUDITOR))
    assert [("route", RELEASE, 2)] == finds.releases(CAMDEN, AUDITOR)
    lines = finds.register(CAMDEN, "late", AUDITOR, period=Period())
    assert [("CAM-1", 4), ("CAM-2", 4)] == [(one.case_id, one.days) for one in lines]
    amira = Viewer("amira", frozenset({"amira"}), every_case=True)
    assert 3 == len(finds.register(CAMDEN, None, amira, period=Period()))


def test_looks_are_listed_by_person_as_far_as_their_cases_may_be_seen(store: Store) -> None:
    """A look at a restricted case, and how many there were, is told only to people named in it."""
    filled(store)
    store.readings.record_all(CAMDEN, ["", "CAM-1", "CAM-3"], person="haroon", role="iro", what="list", at=NINE)
    assert ["", "CAM-1"] == [one.case_id for one in store.readings.by_person(CAMDEN, "haroon", AUDITOR)]
    assert [("haroon", 2, at())] == store.readings.people(CAMDEN, AUDITOR)
    assert all(store.verify_readings(CAMDEN, case).ok for case in ("", "CAM-1", "CAM-3"))
