"""Senders, receivers, tokens, what was done about them, and where notices go: on every database the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.store import OutboxRow, Store
from engine.store.answered import Answered
from engine.store.deliveries import Unaddressed
from engine.store.errors import ClaimLost
from engine.store.partners import Partner, PartnerEnded, PartnerExists, PartnerUnknown
from engine.store.tokens import TokenUnknown
from tests.contracts.building import CAMDEN, NINE, an_entry, at
from tests.contracts.looking import everything

HOUR = timedelta(hours=1)
MOSAIC = Partner("sender", "mosaic", "Mosaic")


def test_a_key_is_told_once_and_kept_sealed(store: Store) -> None:
    """Whoever holds a copy of the database cannot sign in a sender's name."""
    secret = store.partners.add(CAMDEN, MOSAIC, at=NINE, by="ann")

    assert secret.startswith("whsec_")
    assert store.partners.secrets(CAMDEN, "sender", "mosaic", NINE) == [secret]
    assert secret not in repr(everything(store))
    assert secret.removeprefix("whsec_").encode() not in repr(everything(store)).encode()
    (found,) = store.partners.all(CAMDEN, "sender")
    assert (found.title, found.recorded_by, found.ended_at) == ("Mosaic", "ann", None)
    assert store.partners.all("southwark", "sender") == store.partners.all(CAMDEN, "receiver") == []


def test_two_keys_are_valid_while_one_is_changed_for_the_other(store: Store) -> None:
    """The old key works until the hour agreed, the new one at once."""
    old = store.partners.add(CAMDEN, MOSAIC, at=NINE, by="ann")

    new = store.partners.rotate(CAMDEN, "sender", "mosaic", at=NINE + HOUR, old_until=NINE + 2 * HOUR, by="bob")

    assert store.partners.secrets(CAMDEN, "sender", "mosaic", NINE) == [old]
    assert store.partners.secrets(CAMDEN, "sender", "mosaic", NINE + HOUR) == [new, old]
    assert store.partners.secrets(CAMDEN, "sender", "mosaic", NINE + 2 * HOUR) == [new]
    assert [(key.number, key.made_by) for key in store.partners.keys(CAMDEN, "sender", "mosaic")] == [
        (1, "ann"),
        (2, "bob"),
    ]


def test_a_partner_that_ended_has_no_key_and_its_name_is_not_used_again(store: Store) -> None:
    """Ending takes effect at once, and history's names stay one system's."""
    store.partners.add(CAMDEN, MOSAIC, at=NINE, by="ann")
    store.partners.end(CAMDEN, "sender", "mosaic", at=NINE + HOUR, by="bob")

    assert store.partners.secrets(CAMDEN, "sender", "mosaic", NINE + HOUR) == []
    with pytest.raises(PartnerExists):
        store.partners.add(CAMDEN, MOSAIC, at=NINE + HOUR, by="ann")
    with pytest.raises(PartnerEnded):
        store.partners.end(CAMDEN, "sender", "mosaic", at=NINE + HOUR, by="ann")
    with pytest.raises(PartnerEnded):
        store.partners.rotate(CAMDEN, "sender", "mosaic", at=NINE, old_until=NINE, by="ann")
    with pytest.raises(PartnerUnknown):
        store.partners.rotate(CAMDEN, "sender", "nobody", at=NINE, old_until=NINE, by="ann")
    with pytest.raises(PartnerUnknown):
        store.partners.end(CAMDEN, "receiver", "mosaic", at=NINE, by="ann")


def test_a_token_opens_until_it_expires_or_is_ended(store: Store) -> None:
    """What is kept is a digest; what is shown must be the whole token."""
    given = {"holder": "system", "name": "reports", "roles": ("auditor",), "scopes": ("cases:read",)}
    text, token = store.tokens.issue(CAMDEN, **given, at=NINE, until=NINE + HOUR, by="ann")  # type: ignore[arg-type]

    assert store.tokens.shown(text, NINE) == (CAMDEN, token)
    assert store.tokens.shown(text, NINE + HOUR) is None
    assert store.tokens.shown(text[:-1] + ("a" if text[-1] != "a" else "b"), NINE) is None
    assert store.tokens.shown(text.replace(CAMDEN, "southwark"), NINE) is None
    assert store.tokens.shown("dp.camden", NINE) is None
    assert text.rpartition(".")[2] not in repr(everything(store))

    store.tokens.end(CAMDEN, token.token, at=NINE, by="bob")

    assert store.tokens.shown(text, NINE) is None
    (ended,) = store.tokens.all(CAMDEN)
    assert (ended.ended_at, ended.ended_by) == (at(), "bob")
    with pytest.raises(TokenUnknown):
        store.tokens.end(CAMDEN, token.token, at=NINE, by="bob")


def test_what_was_done_outside_cases_is_numbered_and_its_reason_sealed(store: Store) -> None:
    """Who, when, what and why; a reason may name somebody and is not plain in the database."""
    for number in (1, 2):
        store.duties.record(
            CAMDEN, "dismissed", f"m-{number}", at=NINE, by="ann", role="system_admin", why=f"Zebedee {number}"
        )

    assert [(d.number, d.about, d.why) for d in store.duties.latest(CAMDEN)] == [
        (2, "m-2", "Zebedee 2"),
        (1, "m-1", "Zebedee 1"),
    ]
    assert b"Zebedee" not in repr(everything(store)).encode()
    assert store.duties.latest("southwark") == []


def test_an_answer_is_remembered_under_its_key_for_a_while(store: Store) -> None:
    """The first one stays; a digest tells whether a second request is the same."""
    digest = store.answered.digest(CAMDEN, b"content")
    assert digest == store.answered.digest(CAMDEN, b"content") != store.answered.digest("southwark", b"content")
    first = Answered(digest, "CAM-1", 3)

    store.answered.keep(CAMDEN, "k", first, at=NINE)
    store.answered.keep(CAMDEN, "k", Answered(digest, "CAM-2", 9), at=NINE)

    assert store.answered.find(CAMDEN, "k") == first
    assert store.answered.find("southwark", "k") is None
    assert store.answered.forget(NINE) == 0
    assert store.answered.forget(NINE + HOUR) == 1
    assert store.answered.find(CAMDEN, "k") is None


def notice(key: str) -> OutboxRow:
    return OutboxRow("webhook", key, "PlanEnded", b'{"case": "CAM-1"}', at())


def test_a_notice_goes_to_each_receiver_by_itself(store: Store) -> None:
    """One that is down is tried again alone; the others are not told twice."""
    store.append(an_entry(outbox=(notice("n-1"),)))
    (claimed,) = store.claims.notices(NINE, most=5)

    store.deliveries.pass_on(claimed.claim, ["finance", "mosaic"], NINE)

    deliveries = store.claims.notices(NINE, most=5)
    assert [(d.claim.key, d.kind, d.topic, d.body) for d in deliveries] == [
        ("n-1>finance", "delivery", "PlanEnded", b'{"case": "CAM-1"}'),
        ("n-1>mosaic", "delivery", "PlanEnded", b'{"case": "CAM-1"}'),
    ]
    with pytest.raises(ClaimLost):
        store.deliveries.pass_on(claimed.claim, ["finance"], NINE)
    store.claims.give_up(deliveries[0].claim, NINE, "receiver_gone")
    assert store.deliveries.dismiss(CAMDEN, "n-1>finance", at=NINE)
    assert not store.deliveries.dismiss(CAMDEN, "n-1>mosaic", at=NINE)


def test_a_notice_for_nobody_is_set_apart_until_a_person_says_what_becomes_of_it(store: Store) -> None:
    """It is not marked as sent; it goes out once there is somebody, or a person says that nobody need be told."""
    store.append(an_entry(outbox=(notice("n-1"), notice("n-2"))))
    claimed = store.claims.notices(NINE, most=5)
    for one in claimed:
        store.deliveries.set_apart(one.claim, NINE)
    with pytest.raises(ClaimLost):
        store.deliveries.set_apart(claimed[0].claim, NINE)

    assert store.deliveries.unaddressed(CAMDEN) == [Unaddressed("PlanEnded", 2, at())]
    assert store.claims.notices(NINE, most=5) == []
    assert store.deliveries.send_unaddressed(CAMDEN, "PlanEnded", at=NINE) == 2
    again = store.claims.notices(NINE, most=5)
    assert [one.claim.key for one in again] == ["n-1", "n-2"]
    for one in again:
        store.deliveries.set_apart(one.claim, NINE)
    assert store.deliveries.dismiss_unaddressed(CAMDEN, "PlanEnded", at=NINE) == 2
    assert store.deliveries.unaddressed(CAMDEN) == []


def test_who_was_told_is_remembered_while_the_others_are_tried(store: Store) -> None:
    """A job that tells several tells nobody twice because one of them was away."""
    store.append(an_entry())
    assert not store.deliveries.told(CAMDEN, "job-1", "finance")

    store.deliveries.remember(CAMDEN, "CAM-1", "job-1", "finance", "SeriousIncident", NINE)

    assert store.deliveries.told(CAMDEN, "job-1", "finance")
    assert not store.deliveries.told(CAMDEN, "job-1", "mosaic")
    assert store.claims.notices(NINE, most=5) == []
