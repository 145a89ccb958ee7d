"""Being signed in: known to the database, over for every process at once, and never more than what was proved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher
from flask import Flask

from engine.store.failed_sign_ins import FREE
from tests.support.house import PASSWORD, House
from tests.support.visitor import Visitor

Visit = Callable[..., Visitor]
NEW = "three words apart here"


def is_in(visitor: Visitor) -> bool:
    """Whether this browser is signed in."""
    return "/sign-in" not in visitor.client.get("/account").headers.get("Location", "")


def test_signing_out_ends_the_session_for_whoever_kept_its_cookie(visit: Visit, house: House, app: Flask) -> None:
    """A cookie copied before signing out opens nothing after it, in this process or another."""
    visitor, thief = visit("iro"), Visitor(app)
    cookie = visitor.client.get_cookie("discharge")
    assert cookie is not None
    thief.client.set_cookie("discharge", cookie.value)
    assert is_in(thief)

    visitor.send(visitor.get("/account").form("/sign-out"))

    assert not is_in(thief)
    other = Visitor(house.app())
    other.client.set_cookie("discharge", cookie.value)
    assert not is_in(other)


def test_a_person_sees_and_ends_their_own_sessions(visit: Visit) -> None:
    """Every session is listed with where it is; another can be ended from here, and so can all others."""
    here, there, third = visit("iro"), visit("iro"), visit("iro")
    page = here.get("/account")
    assert 3 == page.text.count("End the session of")
    other = next(
        form for form in page.root.forms
        if "/account/sessions/" in (form.get("action") or "") and "This browser" not in form.getparent().text_content()
    )  # fmt: skip

    here.send(other)
    assert [False, True] == sorted((is_in(there), is_in(third)))
    here.send(here.get("/account").form("/end-others"))
    assert (True, False, False) == (is_in(here), is_in(there), is_in(third))


def test_nobody_ends_another_persons_session(visit: Visit, house: House) -> None:
    """A session is named by its owner: another's name in the address ends nothing."""
    mine, theirs = visit("iro"), visit("conference_chair")
    person = house.person("conference_chair").id
    (session,) = [one for one in house.store.sessions.of_person("camden", person) if one.ended_at is None]
    form = mine.get("/account").form("/end-others")

    mine.send(form, to=f"/account/sessions/{session.session}/end")

    assert is_in(theirs)


def test_letting_a_person_go_signs_them_out_at_once(visit: Visit, house: House) -> None:
    """Deactivation ends every session, and neither password nor provider lets them in again."""
    gone, admin = visit("iro"), visit("system_admin")
    person = house.person("iro").id

    admin.send(admin.get(f"/people/{person}").form("/deactivate"), {"why": "Left the council"})

    assert not is_in(gone)
    again = Visitor(gone.app)
    again.send(again.get("/sign-in").form(), {"login": house.login("iro"), "password": PASSWORD}, status=403)


def test_a_password_somebody_else_gave_is_changed_before_anything_else(visit: Visit, house: House) -> None:
    """Until then every page leads to the one that changes it; afterwards the old one opens nothing."""
    admin, person, login = visit("system_admin"), house.person("iro").id, house.login("iro")
    admin.send(admin.get(f"/people/{person}").form("/password"), {"password": "given by the administrator"})
    visitor = Visitor(admin.app)
    page = visitor.send(visitor.get("/sign-in").form(), {"login": login, "password": "given by the administrator"})
    assert "Choose a password of your own" == page.heading
    assert "Choose a password of your own" == visitor.get("/tasks").heading

    typed = {"old": "given by the administrator", "new": NEW, "again": NEW}
    assert "Type the new one twice" in visitor.send(page.form("/password"), {**typed, "again": "x"}, status=409).text
    short = visitor.send(page.form("/password"), {**typed, "new": "short", "again": "short"}, status=409)
    assert ["The password has fewer than 12 characters. Choose a longer one."] == short.problems()
    wrong = visitor.send(page.form("/password"), {**typed, "old": "not this one"}, status=409)
    assert ["This is not your password now. Type the one you signed in with."] == wrong.problems()
    visitor.send(page.form("/password"), typed)

    assert "Choose a password" not in visitor.get("/tasks").heading
    stranger = Visitor(admin.app)
    stranger.send(
        stranger.get("/sign-in").form(), {"login": login, "password": "given by the administrator"}, status=403
    )
    assert "You could not" not in stranger.sign_in(login, NEW).heading


def test_failures_are_counted_for_every_process_and_an_operator_lifts_the_wait(
    visit: Visit, house: House, app: Flask
) -> None:
    """Two applications on one database make the same next try wait; a stranger's name waits exactly as long."""
    apps, login = (app, house.app()), house.login("iro")
    said = {}
    for name in (login, "nobody.at.all"):
        for number in range(FREE["account"]):
            visitor = Visitor(apps[number % 2])
            visitor.send(visitor.get("/sign-in").form(), {"login": name, "password": "wrong"}, status=403)
        late = Visitor(apps[1])
        page = late.send(late.get("/sign-in").form(), {"login": name, "password": PASSWORD}, status=429)
        said[name] = (page.heading, page.problems())
    assert said[login] == said["nobody.at.all"]

    admin = visit("system_admin")
    admin.send(admin.get(f"/people/{house.person('iro').id}").form("/lift-wait"))

    assert is_in_after(Visitor(apps[1]), login)


def is_in_after(visitor: Visitor, login: str) -> bool:
    """Whether signing in works."""
    visitor.sign_in(login)
    return is_in(visitor)


def test_a_password_kept_under_weaker_parameters_is_kept_anew(house: House, app: Flask) -> None:
    """When the parameters were made stronger, the next sign-in keeps the password under the new ones."""
    person = house.store.people.find("camden", house.person("iro").id)
    assert person is not None
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    house.store.people.put("camden", replace(person, secret=weak), at=datetime.now(UTC))

    assert is_in_after(Visitor(app), house.login("iro"))

    after = house.store.people.find("camden", person.person)
    assert after is not None
    assert after.secret != weak
    assert not PasswordHasher().check_needs_rehash(after.secret or "")


def test_a_password_is_never_shown_again(visit: Visit) -> None:
    """A form that could not be taken shows what was typed, except where a password was in it."""
    visitor = visit("iro")
    form = visitor.get("/account/password").form("/password")
    secret = "a very long password that nobody sees"
    with_token = {"old": secret, "new": secret, "again": secret, "csrf_token": "stale"}

    answer = visitor.client.post(str(form.get("action")), data=with_token)

    assert 400 == answer.status_code
    assert secret not in answer.text


@pytest.mark.parametrize("secure", [True, False])
def test_the_cookie_names_its_host_wherever_there_is_https(house: House, secure: bool) -> None:
    """Over HTTPS the cookie can be set for this host only and by nobody else."""
    from webhooks.app import create_app
    from webhooks.settings import Settings

    app = create_app(house.casework, Settings(secret=b"s" * 32, secure=secure))
    cookie = app.test_client().get("/sign-in", base_url="https://pathways.example").headers["Set-Cookie"]

    assert secure is cookie.startswith("__Host-discharge=")
    assert secure is ("Secure" in cookie)
