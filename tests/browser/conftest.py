"""Pages in a real browser, as a caseworker in London sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support import browser as browsers
from tests.support import service as services

#: Milliseconds that a page may take on a machine that has much else to do: it ends a hang, and judges no speed.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[services.Service]:
    """The whole service with its demonstration cases, started once as `make run` starts it; tests share it."""
    with services.running(tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture
def sign_in(service: services.Service, new_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """A page of somebody's own browser, signed in: sign_in("iro_service_manager")."""

    def enter(role: str, authority: str = "camden", number: int = 0, **more: Any) -> Page:
        page = new_context(**more).new_page()
        page.goto(service.url)
        expect(page.get_by_label("User name")).to_be_visible()
        if page.get_by_label("Authority").count():
            page.get_by_label("Authority").select_option(authority)
        page.get_by_label("User name").fill(service.sign_in_of(role, authority, number))
        page.get_by_label("Password", exact=True).fill(service.password)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign out").wait_for()
        return page

    return enter


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Open a browser of a person's own (cookies and all); keyword arguments are Playwright's.

    Whatever page it shows: a script that fails, something the content security policy refuses, or an answer that says
    the service is at fault fails the test.
    """
    opened: list[BrowserContext] = []
    trouble: list[str] = []

    def open_one(**more: Any) -> BrowserContext:
        context = browser.new_context(**{**browsers.SURROUNDINGS, **more})
        context.set_default_timeout(PATIENCE)
        context.on("weberror", lambda error: trouble.append(str(error.error)))
        context.on("console", lambda said: trouble.append(said.text) if "Content Security" in said.text else None)
        context.on(
            "response", lambda answer: trouble.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None
        )
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()
    assert [] == trouble


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """A fresh page."""
    return new_context().new_page()


@pytest.fixture
def screenshot() -> Callable[[Page, str], Path]:
    """Keep a picture of a whole page in var/screenshots under a name."""
    return browsers.screenshot


@pytest.fixture
def accessible() -> Callable[..., None]:
    """Assert that axe finds nothing against WCAG 2.2 AA on a page, leaving out the places named by CSS selector."""

    def check(page: Page, *leaving_out: str) -> None:
        assert [] == browsers.breaches(page, leaving_out=leaving_out)

    return check
