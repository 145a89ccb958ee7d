"""Drafts of pathways: every version is kept, nobody saves over another unseen, and a submission is decided once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.store import Store
from engine.store.drafts import (
    APPROVED,
    OPEN,
    PUBLISHED,
    SENT_BACK,
    SUBMITTED,
    Draft,
    DraftNotOpen,
    DraftUnknown,
    SavedByAnother,
)

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
FORM = "area/p/forms/ask.form"


@pytest.fixture
def draft(store: Store) -> Draft:
    """A draft that changes nothing yet."""
    return store.pathway_drafts.open("area", "Longer window", {"p": "sha256:1"}, by="analyst", at=AT)


def save(store: Store, draft: Draft, body: bytes | None, seen: int, by: str = "analyst") -> int:
    """Save a version of the form; its number."""
    return store.pathway_drafts.save("area", draft.number, FORM, body, seen=seen, by=by, at=AT).version


def test_every_saved_version_is_kept_and_the_newest_counts(store, draft):
    """A draft's files are those saved last; what was saved before is still there."""
    assert save(store, draft, b"one", 0) == 1
    assert save(store, draft, b"two", 1) == 2
    assert save(store, draft, None, 2) == 3
    assert [file.body for file in store.pathway_drafts.versions("area", draft.number)] == [b"one", b"two", None]
    assert store.pathway_drafts.files("area", draft.number)[FORM].body is None


def test_nobody_saves_over_what_they_have_not_seen(store, draft):
    """The second of two who opened the same version is told who saved first, and nothing of theirs is kept."""
    save(store, draft, b"hers", 0, by="her")
    with pytest.raises(SavedByAnother) as refused:
        save(store, draft, b"his", 0, by="him")
    assert (refused.value.by, refused.value.version) == ("her", 1)
    assert store.pathway_drafts.files("area", draft.number)[FORM].body == b"hers"


def test_a_submitted_draft_does_not_change(store, draft):
    """What was put before somebody is what they decide on."""
    save(store, draft, b"one", 0)
    made = store.pathway_drafts.submit("area", draft.number, "sha256:c", {"scenarios": 3}, "why", by="analyst", at=AT)
    assert made == store.pathway_drafts.submission("area", made.number)
    with pytest.raises(DraftNotOpen):
        save(store, draft, b"two", 1)
    with pytest.raises(DraftNotOpen):
        store.pathway_drafts.submit("area", draft.number, "sha256:c", {}, "again", by="analyst", at=AT)


@pytest.mark.parametrize(("decision", "state"), [(APPROVED, PUBLISHED), (SENT_BACK, OPEN)])
def test_a_submission_is_decided_once(store, draft, decision, state):
    """The first decision counts; whoever comes second is told that it was taken."""
    drafts = store.pathway_drafts
    made = drafts.submit("area", draft.number, "sha256:c", {}, "why", by="analyst", at=AT)
    assert [each.number for each in drafts.submissions("area", SUBMITTED)] == [made.number]
    assert drafts.decide("area", made.number, decision, state, "as agreed", by="head", at=AT)
    assert not drafts.decide("area", made.number, APPROVED, PUBLISHED, "again", by="other", at=AT)
    decided = drafts.submission("area", made.number)
    assert (decided.state, decided.decided_by, decided.said) == (decision, "head", "as agreed")
    assert drafts.one("area", draft.number).state == state


def test_drafts_are_an_authoritys_own(store, draft):
    """Another authority neither sees nor changes a draft."""
    assert store.pathway_drafts.all("other") == []
    assert [each.number for each in store.pathway_drafts.all("area", OPEN)] == [draft.number]
    with pytest.raises(DraftUnknown):
        store.pathway_drafts.save("other", draft.number, FORM, b"x", seen=0, by="analyst", at=AT)


def test_notes_stand_beside_a_drafts_files(store, draft):
    """What scenarios said and the steps of trials are kept by kind and name, replaced, and taken away."""
    drafts = store.pathway_drafts
    drafts.keep_notes("area", draft.number, "result", {"a": b"1", "b": b"2"})
    drafts.keep_notes("area", draft.number, "trial", {"a": b"3"})
    drafts.keep_notes("area", draft.number, "result", {"a": b"4", "b": None})
    assert drafts.notes("area", draft.number, "result") == {"a": b"4"}
    assert drafts.notes("area", draft.number, "trial") == {"a": b"3"}
    assert drafts.notes("other", draft.number, "trial") == {}
    with pytest.raises(DraftUnknown):
        drafts.keep_notes("other", draft.number, "trial", {"a": b""})


def test_an_open_draft_can_begin_from_what_is_published_now(store, draft):
    """A draft says which releases it began from; once submitted that does not move."""
    drafts = store.pathway_drafts
    drafts.rebase("area", draft.number, {"route": "sha256:2"}, by="analyst", at=AT)
    assert drafts.one("area", draft.number).base == {"route": "sha256:2"}
    drafts.submit("area", draft.number, "sha256:c", {}, "why", by="analyst", at=AT)
    with pytest.raises(DraftNotOpen):
        drafts.rebase("area", draft.number, {}, by="analyst", at=AT)
