"""Signing in with the council's own account, against a real OpenID Connect provider on this machine."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask

from engine.authorities import Provider, SignInWays
from engine.casework.sign_in import NoLocalAccounts
from tests.support.house import PASSWORD, SECRET, House
from tests.support.visitor import Page, Visitor
from webhooks.app import create_app
from webhooks.settings import Settings

with warnings.catch_warnings():
    # The provider for tests still calls its own library by names that are to go.
    warnings.simplefilter("ignore")
    import oidc_provider_mock

pytestmark = [
    pytest.mark.filterwarnings("ignore::authlib.deprecate.AuthlibDeprecationWarning"),
    pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning"),
]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider on a port of its own, which insists on a nonce."""
    with oidc_provider_mock.run_server_in_thread(require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def council(house: House, issuer: str, tmp_path: Path) -> Flask:
    """Camden, whose people sign in with the council's provider, or with a password as before."""
    (tmp_path / "providers").mkdir()
    (tmp_path / "providers" / "camden.secret").write_text("the client's secret\n")
    settle(house, issuer)
    return create_app(house.casework, Settings(secret=SECRET, secure=False, secrets=tmp_path / "providers"))


def settle(house: House, issuer: str, *, local: bool = True) -> None:
    """Put settings in force that name the provider."""
    authority = house.shelf.terms("camden").authority
    ways = SignInWays(local, Provider(issuer, "discharge-pathways", "camden.secret"))
    house.shelf.put_in_force(replace(authority, sign_in=ways), at=house.clock.now(), by="tests", why="for a test")


def known_to_the_provider(issuer: str, sub: str, **claims: str) -> None:
    """Tell the provider who somebody is."""
    requests.put(f"{issuer}/users/{sub}", json=claims, timeout=5).raise_for_status()


def vouch(visitor: Visitor, sub: str, start: str = "/sign-in/council/camden") -> tuple[int, str, str]:
    """Go to the provider, say who one is there, and come back: the status, the page reached and its text."""
    away = visitor.client.get(start)
    assert 302 == away.status_code, away.text
    back = requests.post(away.headers["Location"], data={"sub": sub}, allow_redirects=False, timeout=5)
    return come_back(visitor, back.headers["Location"])


def come_back(visitor: Visitor, address: str) -> tuple[int, str, str]:
    """Follow the provider's answer into the service."""
    parts = urlsplit(address)
    answer = visitor.client.get(f"{parts.path}?{parts.query}", follow_redirects=True)
    return answer.status_code, answer.request.path, Page(answer).text


def test_a_person_whom_the_provider_names_is_signed_in_with_the_roles_held_here(
    council: Flask, house: House, issuer: str
) -> None:
    """The provider says who it is; roles are this service's, and the session is one like any other."""
    known_to_the_provider(issuer, "0017", preferred_username=house.login("iro").upper(), roles="system_admin")
    visitor = Visitor(council)

    status, reached, text = vouch(visitor, "0017")

    assert (200, "/tasks") == (status, reached)
    assert house.person("iro").name in visitor.get("/account").source
    visitor.get("/people", status=403)
    assert "You could not" not in text


def test_the_way_there_carries_state_nonce_and_a_challenge(council: Flask) -> None:
    """Code flow with PKCE (S256): a code that is stolen on its way back is worth nothing to the thief."""
    location = Visitor(council).client.get("/sign-in/council/camden").headers["Location"]
    asked = parse_qs(urlsplit(location).query)

    assert ["code"] == asked["response_type"]
    assert ["S256"] == asked["code_challenge_method"]
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    assert ["http://localhost/sign-in/council/camden/back"] == asked["redirect_uri"]


def test_somebody_unknown_is_refused_in_words(council: Flask, issuer: str) -> None:
    """The council's account is good, and nobody here has that name: nothing is opened, and who may help is said."""
    known_to_the_provider(issuer, "9", preferred_username="somebody.else")
    visitor = Visitor(council)

    status, _, text = vouch(visitor, "9")

    assert 403 == status
    assert "Your account is not known to this service for camden. Ask your system administrator to add you." in text
    assert "/sign-in" in visitor.client.get("/account").headers["Location"]


def test_a_user_name_given_to_somebody_else_lets_nobody_in_as_its_last_holder(
    council: Flask, house: House, issuer: str
) -> None:
    """What the provider calls a person for good is kept at the first sign-in, and must be the same ever after."""
    login = house.login("iro")
    known_to_the_provider(issuer, "first", preferred_username=login)
    known_to_the_provider(issuer, "second", preferred_username=login)

    assert 200 == vouch(Visitor(council), "first")[0]
    assert 403 == vouch(Visitor(council), "second")[0]
    assert 200 == vouch(Visitor(council), "first")[0]


def test_an_answer_meant_for_another_browser_lets_nobody_in(council: Flask, house: House, issuer: str) -> None:
    """Somebody led to the provider's answer of another person's browser is not signed in as them."""
    known_to_the_provider(issuer, "0017", preferred_username=house.login("iro"))
    attacker, victim = Visitor(council), Visitor(council)
    away = attacker.client.get("/sign-in/council/camden")
    back = requests.post(away.headers["Location"], data={"sub": "0017"}, allow_redirects=False, timeout=5)

    status, _, text = come_back(victim, back.headers["Location"])

    assert 403 == status
    assert "did not succeed" in text
    forged = come_back(attacker, back.headers["Location"].replace("code=", "code=x"))
    assert 403 == forged[0]


def test_a_person_who_was_let_go_is_not_let_in_by_the_provider(council: Flask, house: House, issuer: str) -> None:
    """The provider may still know them; this service does not."""
    known_to_the_provider(issuer, "0017", preferred_username=house.login("iro"))
    person = house.store.people.find("camden", house.person("iro").id)
    assert person is not None
    house.store.people.put("camden", replace(person, active=False), at=house.clock.now())

    assert 403 == vouch(Visitor(council), "0017")[0]


def test_the_page_asked_for_is_reached_after_the_provider(council: Flask, house: House, issuer: str) -> None:
    """Where somebody was going survives the way through the provider; another site does not."""
    known_to_the_provider(issuer, "0017", preferred_username=house.login("iro"))

    assert "/cases" == vouch(Visitor(council), "0017", "/sign-in/council/camden?next=/cases")[1]
    assert "/tasks" == vouch(Visitor(council), "0017", "/sign-in/council/camden?next=//evil.example")[1]


def test_local_accounts_can_be_switched_off(council: Flask, house: House, issuer: str) -> None:
    """Then no password opens anything, right or wrong, and the page offers the council's sign-in only."""
    settle(house, issuer, local=False)
    visitor = Visitor(council)

    page = visitor.get("/sign-in")
    assert not page.root.xpath("//input[@type='password']")
    assert any("/sign-in/council/camden" in to for to in page.links().values())
    with pytest.raises(NoLocalAccounts):
        house.casework.sign_in("camden", house.login("iro"), PASSWORD, at=house.clock.now())


def test_a_provider_that_is_not_the_one_named_is_not_believed(council: Flask, house: House, issuer: str) -> None:
    """A document that names another issuer, or no answer at all, ends in words and not in a session."""
    settle(house, issuer.replace("localhost", "127.0.0.1"))
    assert 200 == Visitor(council).client.get("/sign-in").status_code
    settle(house, "http://127.0.0.1:9")
    answer = Visitor(council).client.get("/sign-in/council/camden")

    assert 403 == answer.status_code
    assert "does not answer" in answer.text


def test_an_authority_without_a_provider_has_no_such_door(house: House) -> None:
    """Neither an authority without one nor one that does not exist leads anywhere."""
    visitor = Visitor(house.app())

    visitor.get("/sign-in/council/camden", status=404)
    visitor.get("/sign-in/council/nowhere", status=404)
