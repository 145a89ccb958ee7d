"""A colleague at a browser of their own: signs in, opens pages, answers questions as a person would."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.house import PASSWORD

Accessible = Callable[..., None]


class Colleague:
    """Somebody at their own browser."""

    def __init__(
        self, page: Page, site: str, login: str, accessible: Accessible, looked_at: set[str] | None = None
    ) -> None:
        """`looked_at` is shared by colleagues whose pages are the same: each heading is looked at once among them."""
        self.page, self._site, self._login, self._accessible = page, site, login, accessible
        self._looked_at: set[str] = set() if looked_at is None else looked_at

    def open(self, path: str) -> Page:
        """Open a page, and let axe look at it."""
        self.page.goto(self._site + path)
        self.look()
        return self.page

    def look(self) -> None:
        """Let axe look at the page as it stands, once for each heading."""
        first = self.page.locator("h1").first
        expect(first).to_be_visible()
        heading = first.inner_text()
        if heading not in self._looked_at:
            self._looked_at.add(heading)
            self._accessible(self.page)

    def sign_in(self) -> None:
        """Sign in."""
        page = self.open("/sign-in")
        page.get_by_label("User name").fill(self._login)
        page.locator("#password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        self.look()

    def do(self, case_id: str, title: str, answers: dict[str, str], *, says: str = "") -> None:
        """Find the open task on the case page, answer it, look at the answers once more, complete it, and be told."""
        page = self.open(f"/cases/{case_id}")
        page.get_by_role("link", name=title).click()
        expect(page.locator("h1")).to_have_text(title)
        self.look()
        for name, value in answers.items():
            answer(page, name, value)
        page.get_by_role("button", name="Continue").click()
        expect(page.locator("h1")).to_have_text("Check your answers")
        self.look()
        page.get_by_role("button", name="Complete the task").click()
        expect(page.get_by_text(f"Done: {title}.")).to_be_visible()
        expect(page.locator("body")).to_contain_text(says)
        self.look()


def asked(page: Page, name: str) -> None:
    """Wait until the page asks the question: what was pressed before may still be on its way to this page."""
    expect(page.locator(f"[name='{name}'], #{name}-day").first).to_be_attached()


def answer(page: Page, name: str, value: str) -> None:
    """Answer one question as a person would, whatever kind it is, once the page that asks it is there."""
    asked(page, name)
    if page.locator(f"#{name}-day").count():
        on, _, at = value.partition(" ")
        for part, typed in zip(("year", "month", "day"), on.split("-"), strict=True):
            page.locator(f"#{name}-{part}").fill(str(int(typed)))
        if at:
            page.locator(f"#{name}-time").fill(at)
    elif page.locator(f"select#{name}").count():
        page.locator(f"#{name}").select_option(value)
    elif page.locator(f"input[name='{name}'][type=radio], input[name='{name}'][type=checkbox]").count():
        page.locator(f"input[name='{name}'][value='{value}']").check()
    else:
        page.locator(f"#{name}").fill(value)
