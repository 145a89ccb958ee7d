"""What cases run on and who may act: kept once, never changed, and found again."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.store import (
    ClockRefused,
    DeadLetterUnknown,
    DocumentRow,
    DocumentUnknown,
    DuplicateMessage,
    Holding,
    InboundRow,
    Person,
    PersonUnknown,
    ReleaseChanged,
    ReleaseUnknown,
    SettingsChanged,
    SignInTaken,
    Store,
    StoreRefused,
    migrate,
)
from engine.store.inbox import Received
from engine.store.library import FRESH, Library
from engine.store.tables import CONTENT, SETTINGS
from tests.contracts.building import CAMDEN, NINE, an_entry, at, shows_at
from tests.contracts.conftest import opened
from tests.contracts.looking import change, everything

RELEASE = "sha256:" + "a" * 64
FILES = {"camden/camden_route/pathway.bpmn": b"<bpmn/>", "camden/camden_route/decisions/route.dmn": b"<dmn/>"}
DAY = timedelta(days=1)


def keep(store: Store, release: str = RELEASE, files: dict[str, bytes] = FILES) -> bool:
    """Keep a release of Camden's route."""
    return store.library.keep_release(
        CAMDEN, release, files, pathway="camden_route", title="Route", version="1.0", at=NINE, by="ann"
    )


def test_a_release_is_kept_once_and_read_back_file_by_file(store: Store) -> None:
    """A release is for ever; keeping it again changes nothing."""
    assert keep(store)
    before = everything(store)
    assert not keep(store)

    assert everything(store) == before
    assert store.library.release_files(CAMDEN, RELEASE) == FILES
    assert [line.release for line in store.library.releases(CAMDEN, "camden_route")] == [RELEASE]
    assert store.library.release(CAMDEN, RELEASE).title == "Route"
    with pytest.raises(ReleaseUnknown, match="Deploy its folder first"):
        store.library.release_files("sussex", RELEASE)


def test_files_that_releases_share_are_kept_once(store: Store) -> None:
    """Content is kept by its hash."""
    keep(store)
    keep(store, "sha256:" + "b" * 64, {**FILES, "extra.form": b"{}"})

    assert len(everything(store)["content"]) == 3


def test_a_file_changed_behind_the_stores_back_is_named(store: Store) -> None:
    """No case runs on a changed release; replay alone may look at it."""
    keep(store)
    change(store, sa.update(CONTENT).where(CONTENT.c.body == b"<dmn/>").values(body=b"<other/>"))

    with pytest.raises(ReleaseChanged, match=r"File camden/camden_route/decisions/route\.dmn of release"):
        store.library.release_files(CAMDEN, RELEASE)
    assert b"<other/>" in store.library.release_files(CAMDEN, RELEASE, check=False).values()
    change(store, sa.delete(CONTENT))
    with pytest.raises(ReleaseChanged):
        store.library.release_files(CAMDEN, RELEASE, check=False)


def test_new_cases_take_the_release_that_was_deployed_last(store: Store) -> None:
    """Deployments are a record: who, when and why; going back is another deployment."""
    keep(store)
    other = "sha256:" + "b" * 64
    keep(store, other)

    assert store.library.deployed(CAMDEN, "camden_route") is None
    numbers = [
        store.library.deploy(CAMDEN, "camden_route", release, at=NINE + n * DAY, by="ann", why="because")
        for n, release in enumerate((RELEASE, other, RELEASE))
    ]

    assert numbers == [1, 2, 3]
    assert store.library.deployed(CAMDEN, "camden_route") == RELEASE
    assert [(line.number, line.release) for line in store.library.deployments(CAMDEN, "camden_route")] == [
        (1, RELEASE), (2, other), (3, RELEASE),
    ]  # fmt: skip
    with pytest.raises(ReleaseUnknown):
        store.library.deploy(CAMDEN, "camden_route", "sha256:none", at=NINE, by="ann", why="because")


def test_who_deploys_sees_it_at_once_and_other_processes_a_second_later(store: Store) -> None:
    """An opening does not ask the database each time which release is the newest, and never goes by an older one."""
    keep(store)
    other = "sha256:" + "b" * 64
    keep(store, other)
    now = 100.0
    elsewhere = Library(store.database, store.authority_keys, lambda: now)

    assert elsewhere.deployed_lately(CAMDEN, "camden_route") is None
    store.library.deploy(CAMDEN, "camden_route", RELEASE, at=NINE, by="ann", why="because")
    assert elsewhere.deployed_lately(CAMDEN, "camden_route") == RELEASE
    assert store.library.deployed_lately(CAMDEN, "camden_route") == RELEASE
    store.library.deploy(CAMDEN, "camden_route", other, at=NINE, by="ann", why="mended")

    assert store.library.deployed_lately(CAMDEN, "camden_route") == other
    now += FRESH
    assert elsewhere.deployed_lately(CAMDEN, "camden_route") == RELEASE
    now += 0.01
    assert elsewhere.deployed_lately(CAMDEN, "camden_route") == other


def test_a_deployment_that_was_taken_back_is_gone(store: Store) -> None:
    """What was to be committed together and failed leaves nothing behind, in memory neither."""
    keep(store)
    with pytest.raises(ZeroDivisionError), store.together():
        store.library.deploy(CAMDEN, "camden_route", RELEASE, at=NINE, by="ann", why="because")
        assert store.library.deployed_lately(CAMDEN, "camden_route") == RELEASE
        raise ZeroDivisionError

    assert store.library.deployed_lately(CAMDEN, "camden_route") is None


def version_of(body: bytes) -> str:
    """The hash that settings are kept under."""
    return f"sha256:{sha256(body).hexdigest()}"


def test_settings_are_kept_by_version_and_one_is_in_force(store: Store) -> None:
    """Every command names the settings it was decided under, so every version stays readable."""
    assert store.library.in_force(CAMDEN) is None
    first, second = version_of(b"v1"), version_of(b"v2")
    for body in (b"v1", b"v2", b"v2", b"v1"):
        store.library.put_in_force(CAMDEN, version_of(body), body, at=NINE, by="ann", why="because")

    assert store.library.in_force(CAMDEN) == first
    assert store.library.settings(CAMDEN, second) == b"v2"
    assert store.library.settings(CAMDEN, version_of(b"v3")) is None
    assert [row[1:3] for row in everything(store)["in_force"]] == [(1, first), (2, second), (3, first)]
    assert store.library.authorities() == [CAMDEN]


def test_settings_changed_behind_the_stores_back_are_named(store: Store) -> None:
    """No case runs under changed settings; replay alone may look at them."""
    store.library.put_in_force(CAMDEN, version_of(b"v1"), b"v1", at=NINE, by="ann", why="because")
    change(store, sa.update(SETTINGS).values(body=b"other"))

    with pytest.raises(SettingsChanged, match="no case may run under them"):
        store.library.settings(CAMDEN, version_of(b"v1"))
    assert b"other" == store.library.settings(CAMDEN, version_of(b"v1"), check=False)


def test_content_is_found_by_its_hash(store: Store) -> None:
    """Anything may be kept beside releases."""
    hashed = store.library.keep(CAMDEN, b"a calendar")

    assert store.library.keep(CAMDEN, b"a calendar") == hashed
    assert store.library.content(CAMDEN, hashed) == b"a calendar"
    assert store.library.content("sussex", hashed) is None


def test_a_person_is_found_by_id_and_by_sign_in(store: Store) -> None:
    """Details change; the id stays."""
    ann = Person("p-1", "ann", "Ann Archer", "ann@example.org", "hash", True)
    store.people.put(CAMDEN, ann, at=NINE)
    away = Person("p-1", "ann.archer", "Ann Archer", None, None, False)
    store.people.put(CAMDEN, away, at=NINE)

    assert store.people.find(CAMDEN, "p-1") == away
    assert store.people.by_sign_in(CAMDEN, "ann.archer") == away
    assert store.people.by_sign_in(CAMDEN, "ann") is None
    assert store.people.find("sussex", "p-1") is None
    assert store.people.all(CAMDEN) == [away]
    with pytest.raises(SignInTaken, match="The sign-in of person p-2 of camden is taken"):
        store.people.put(CAMDEN, Person("p-2", "ann.archer", "Bob"), at=NINE)


def test_roles_are_held_from_a_day_until_a_day(store: Store) -> None:
    """A role counts on its first day and on its last, and cover names whom it is for."""
    store.people.put(CAMDEN, Person("p-1", "ann", "Ann"), at=NINE)
    chair = Holding("p-1", "chair", "2026-03-01")
    cover = Holding("p-1", "head_of_qa", "2026-03-10", "2026-03-12", covers="p-9")
    for holding in (chair, cover):
        assert store.people.hold(CAMDEN, holding, at=NINE, by="ann", why="appointed")
        assert not store.people.hold(CAMDEN, holding, at=NINE, by="ann", why="appointed")

    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 10), date(2026, 3, 12), date(2026, 3, 13)]
    assert [store.people.roles(CAMDEN, "p-1", day) for day in days] == [
        (), ("chair",), ("chair", "head_of_qa"), ("chair", "head_of_qa"), ("chair",),
    ]  # fmt: skip
    assert store.people.holdings(CAMDEN, role="head_of_qa") == [cover]
    assert store.people.end_holding(CAMDEN, chair, date(2026, 3, 11))
    assert store.people.roles(CAMDEN, "p-1", date(2026, 3, 12)) == ("head_of_qa",)
    assert not store.people.end_holding(CAMDEN, Holding("p-2", "chair", "2026-03-01"), date(2026, 3, 11))
    with pytest.raises(PersonUnknown):
        store.people.hold(CAMDEN, Holding("p-2", "chair", "2026-03-01"), at=NINE, by="ann", why="appointed")


def test_a_draft_belongs_to_its_person_and_goes_with_its_task(store: Store) -> None:
    """Drafts are outside history and do not outlive the task."""
    store.append(an_entry(rows_after=shows_at(1)))
    for body in (b"first", b"second"):
        store.papers.save_draft(CAMDEN, "CAM-1", 1, "amira", body, at=NINE)
    store.papers.save_draft(CAMDEN, "CAM-1", 1000, "amira", b"other", at=NINE + DAY)

    assert store.papers.draft(CAMDEN, "CAM-1", 1, "amira") == (at(), b"second")
    assert store.papers.draft(CAMDEN, "CAM-1", 1, "ben") is None
    assert [line[:2] for line in store.papers.drafts_of(CAMDEN, "amira")] == [("CAM-1", 1000), ("CAM-1", 1)]

    store.append(an_entry(revision=1, rows_before=shows_at(1), rows_after=shows_at(2)))
    assert store.papers.draft(CAMDEN, "CAM-1", 1, "amira") is None
    store.papers.drop_draft(CAMDEN, "CAM-1", 1000, "amira")
    assert store.papers.drafts_of(CAMDEN, "amira") == []


def test_a_document_made_after_its_command_is_kept_once(store: Store) -> None:
    """A letter's PDF is never replaced by another."""
    store.append(an_entry())
    paper = DocumentRow("letter-1.pdf", "application/pdf", at(), b"%PDF")
    store.papers.keep(CAMDEN, "CAM-1", paper)

    with pytest.raises(StoreRefused):
        store.papers.keep(CAMDEN, "CAM-1", DocumentRow("letter-1.pdf", "application/pdf", at(), b"other"))
    assert store.papers.read(CAMDEN, "CAM-1", "letter-1.pdf") == paper
    with pytest.raises(DocumentUnknown, match=r"Document letter-2\.pdf of case CAM-1"):
        store.papers.read(CAMDEN, "CAM-1", "letter-2.pdf")


def test_a_message_nobody_waits_for_is_a_dead_letter_until_a_person_settles_it(store: Store) -> None:
    """Nothing that arrives is lost, and the same message does not arrive twice."""
    inbound = InboundRow("mosaic", "m-1", at())
    store.inbox.set_aside(CAMDEN, inbound, type="WrittenObjection", reason="nobody waits", body=b"from Zebedee")

    with pytest.raises(DuplicateMessage):
        store.inbox.set_aside(CAMDEN, inbound, type="WrittenObjection", reason="nobody waits", body=b"again")
    (letter,) = store.inbox.dead_letters(CAMDEN)
    assert (letter.source, letter.message, letter.reason, letter.body) == (
        "mosaic",
        "m-1",
        "nobody waits",
        b"from Zebedee",
    )
    assert b"Zebedee" not in repr(everything(store)).encode()
    assert store.inbox.received(CAMDEN, "mosaic", "m-1") == Received(at(), None, None)

    store.inbox.settle(CAMDEN, "mosaic", "m-1", "delivered", at=NINE, by="ann")

    assert store.inbox.dead_letters(CAMDEN) == []
    settled = store.inbox.dead_letter(CAMDEN, "mosaic", "m-1")
    assert settled is not None
    assert (settled.state, settled.settled_by, settled.settled_at) == ("delivered", "ann", at())
    assert store.inbox.clear(NINE) == 0
    assert store.inbox.clear(NINE + DAY) == 1
    cleared = store.inbox.dead_letter(CAMDEN, "mosaic", "m-1")
    assert cleared is not None
    assert (cleared.state, cleared.body) == ("delivered", None)
    assert store.inbox.dead_letter(CAMDEN, "mosaic", "m-2") is None
    with pytest.raises(DeadLetterUnknown):
        store.inbox.settle(CAMDEN, "mosaic", "m-1", "dismissed", at=NINE, by="ann")


def test_workers_show_that_they_are_alive(store: Store) -> None:
    """A worker that stopped is seen by its last sign of life, and forgotten later."""
    store.upkeep.beat("w-1", started=NINE, at=NINE, doing="timers")
    store.upkeep.beat("w-2", started=NINE, at=NINE + DAY, doing="starting")
    store.upkeep.beat("w-2", started=NINE, at=NINE + 2 * DAY, doing="jobs")

    assert [(line.worker, line.doing) for line in store.upkeep.workers()] == [("w-2", "jobs"), ("w-1", "timers")]
    assert store.upkeep.forget_workers(NINE + DAY) == 1
    assert [line.worker for line in store.upkeep.workers()] == ["w-2"]


def test_only_a_demonstration_can_be_advanced_and_only_forward(store: Store) -> None:
    """A real database's time is the world's."""
    with pytest.raises(ClockRefused, match="Only a database created as a demonstration"):
        store.upkeep.advance_clock(NINE, NINE + DAY, by="ann")
    assert (store.upkeep.is_demonstration(), store.upkeep.clock_offset()) == (False, timedelta(0))

    store.upkeep.make_demonstration()

    assert store.upkeep.is_demonstration()
    assert store.upkeep.advance_clock(NINE, NINE + DAY, by="ann") == DAY
    assert store.upkeep.advance_clock(NINE + DAY, NINE + 3 * DAY, by="ann") == 3 * DAY
    assert store.upkeep.clock_offset() == 3 * DAY
    assert [row[1:] for row in everything(store)["clock_advance"]] == [
        (1, at(), at(60 * 24), "ann"), (2, at(60 * 24), at(60 * 24 * 3), "ann"),
    ]  # fmt: skip
    for to in (NINE, NINE - DAY):
        with pytest.raises(ClockRefused, match="only goes forward"):
            store.upkeep.advance_clock(NINE, to, by="ann")
    with pytest.raises(ClockRefused, match="is a demonstration already"):
        store.upkeep.make_demonstration()


def test_what_was_changed_by_hand_and_became_text_is_named(tmp_path: Path) -> None:
    """SQLite's shell writes text where bytes stood; that is found as every other change is, and no type is wrong."""
    migrate(f"sqlite:///{tmp_path / 'cases.db'}")
    store = opened(f"sqlite:///{tmp_path / 'cases.db'}")
    keep(store)
    store.library.put_in_force(CAMDEN, version_of(b"v1"), b"v1", at=NINE, by="ann", why="because")
    with store.database.engine.begin() as connection:
        for table, was, now in (("content", "bpmn", "bpmm"), ("settings", "v", "w")):
            connection.exec_driver_sql(f"update {table} set body = replace(body, '{was}', '{now}')")

    with pytest.raises(ReleaseChanged):
        store.library.release_files(CAMDEN, RELEASE)
    with pytest.raises(SettingsChanged):
        store.library.settings(CAMDEN, version_of(b"v1"))
    assert b"<bpmm/>" in store.library.release_files(CAMDEN, RELEASE, check=False).values()
    assert b"w1" == store.library.settings(CAMDEN, version_of(b"v1"), check=False)
    store.close()
