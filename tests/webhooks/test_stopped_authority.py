"""Settings that were changed behind the store stop their own authority, and nobody of any other."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from engine.casework import Casework, Shelf
from engine.store.tables import SETTINGS
from tests.support.house import MONDAY, PASSWORD, House
from tests.support.office import AREA, small_authority
from tests.support.visitor import Page, Visitor
from webhooks.set_up.people import appoint

CASE = "CAM-2026-0417"


@pytest.fixture
def stopped(app: Flask, house: House) -> dict[str, str]:
    """Camden's settings changed behind the store; who signs in at the other authority, by role."""
    house.open_case()
    house.start(CASE)
    house.shelf.put_in_force(small_authority(), at=MONDAY, by="tests", why="for tests")
    staff = appoint(house.store, small_authority(), PASSWORD, at=MONDAY - timedelta(days=400))
    with house.store.database.writing() as session:
        changed = sa.func.replace(sa.cast(SETTINGS.c.body, sa.Text), "Camden", "Hamden")
        session.run(
            sa.update(SETTINGS).where(SETTINGS.c.authority == "camden").values(body=sa.cast(changed, sa.LargeBinary)),
            {},
        )
    # As a process sees it that has read nothing yet.
    app.extensions["casework"] = Casework(house.store, Shelf(house.store), house.clock)
    return {one.role: one.sign_in for one in staff}


def enter(app: Flask, authority: str, login: str, status: int = 200) -> tuple[Visitor, Page]:
    """Somebody signs in at an authority."""
    visitor = Visitor(app)
    form = visitor.get("/").form()
    page = visitor.send(form, {"authority": authority, "login": login, "password": PASSWORD}, status=status)
    return visitor, page


def test_people_of_every_other_authority_sign_in_and_work(app: Flask, stopped: dict[str, str]) -> None:
    """The sign-in page says where nobody can work and what is done about it, and takes everybody else."""
    page = Visitor(app).get("/sign-in")
    assert "Nobody can work in Camden now: its settings were changed outside the service" in page.text
    assert ["", AREA, "camden"] == page.root.xpath("//select[@name='authority']/option/@value")

    visitor, page = enter(app, AREA, stopped["social_worker"])

    assert "/tasks" == page.path
    visitor.get("/cases")


@pytest.mark.parametrize("role", ["auditor", "system_admin", "head_of_quality_assurance"])
def test_whoever_verifies_reaches_the_certificate_of_the_stopped_authority(
    app: Flask, house: House, stopped: dict[str, str], role: str
) -> None:
    """What was changed is found by those who look for it, and they work on nothing else."""
    visitor, page = enter(app, "camden", house.login(role))
    assert "/audit" == page.path

    page = visitor.send(page.form("/audit/verify"))
    while "Go on" in page.text:
        page = visitor.send(page.form())

    assert "Differs" in page.text and "settings" in page.text
    if role == "auditor":
        refused = visitor.get("/audit/find", status=409)
        assert "What stands as settings" in refused.text and "Audit" in refused.links()


def test_nobody_works_in_the_stopped_authority(app: Flask, house: House, stopped: dict[str, str]) -> None:
    """Whoever would decide a case under changed settings is told why they cannot and whom to tell."""
    _, page = enter(app, "camden", house.login("social_worker"), status=403)

    assert "Nobody can work in camden now: its settings were changed outside the service." in page.text
    assert "Tell an auditor" in page.text


def test_whoever_was_signed_in_works_no_further(app: Flask, house: House, stopped: dict[str, str]) -> None:
    """A session of before opens no task and says whom to tell."""
    broken, visitor = app.extensions["casework"], Visitor(app)
    app.extensions["casework"] = house.casework
    visitor.send(
        visitor.get("/").form(),
        {"authority": "camden", "login": house.login("social_worker"), "password": PASSWORD},
    )
    task = house.task(CASE, "raise_discharge_ground")
    app.extensions["casework"] = broken

    for page in ("/tasks", f"/cases/{CASE}/tasks/{task}", f"/cases/{CASE}"):
        assert "Tell an auditor: Audit says where it was changed" in visitor.get(page, status=409).text
