"""A colleague who uses the keyboard alone: Tab, Enter, Space, arrows and letters, and never a mouse."""

from __future__ import annotations

from collections.abc import Mapping

from playwright.sync_api import Page, expect

from tests.support.colleague import asked
from tests.support.house import PASSWORD

#: More stops than any page has before its main button.
STOPS = 120


class Typist:
    """Somebody at a browser of their own, without a mouse."""

    def __init__(self, page: Page, site: str, login: str) -> None:
        self.page, self._site, self._login = page, site, login

    def sign_in(self) -> None:
        """Sign in: the name, the password, Enter."""
        self.page.goto(f"{self._site}/sign-in")
        self.reach("#login")
        self.page.keyboard.type(self._login)
        self.reach("#password")
        self.page.keyboard.type(PASSWORD)
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def do(self, case_id: str, title: str, answers: Mapping[str, str]) -> None:
        """From the case page to the task, through its questions, past the answers once more, to what was done."""
        page = self.page
        page.goto(f"{self._site}/cases/{case_id}")
        self.press(title)
        expect(page.locator("h1")).to_have_text(title)
        for name, value in answers.items():
            self.answer(name, value)
        self.press("Continue")
        expect(page.locator("h1")).to_have_text("Check your answers")
        self.press("Complete the task")
        expect(page.get_by_text(f"Done: {title}.")).to_be_visible()

    def press(self, words: str) -> None:
        """Tab to the link or button that says so in the page's main part, and press Enter."""
        for _ in range(STOPS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(_SAYS, words):
                self.page.keyboard.press("Enter")
                return
        raise AssertionError(f"‘{words}’ cannot be reached with Tab")

    def reach(self, selector: str) -> None:
        """Tab until the focus is on the element, once the page shows it: some questions come with an answer."""
        expect(self.page.locator(selector).first).to_be_visible()
        for _ in range(STOPS):
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{selector} cannot be reached with Tab")

    def answer(self, name: str, value: str) -> None:
        """Answer one question: letters for texts and dates, arrows for a choice, Space for a box."""
        page = self.page
        asked(page, name)
        if page.locator(f"#{name}-day").count():
            on, _, at = value.partition(" ")
            for part, typed in zip(("day", "month", "year"), reversed(on.split("-")), strict=True):
                self.reach(f"#{name}-{part}")
                self.type(str(int(typed)))
            if at:
                self.reach(f"#{name}-time")
                self.type(at)
        elif page.locator(f"select#{name}").count():
            self.reach(f"#{name}")
            self._arrow(value)
        elif page.locator(f"input[name='{name}'][type=radio]").count():
            self.reach(f"input[name='{name}'][type=radio]")
            page.keyboard.press("Space")
            self._arrow(value)
        elif page.locator(f"input[name='{name}'][type=checkbox]").count():
            self.reach(f"input[name='{name}'][value='{value}']")
            page.keyboard.press("Space")
        else:
            self.reach(f"#{name}")
            self.type(value)

    def type(self, text: str) -> None:
        """Write over whatever stands in the field."""
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def _arrow(self, value: str) -> None:
        """Press Down until the choice has the focus, or the list shows it."""
        for _ in range(STOPS):
            if self.page.evaluate("() => document.activeElement.value") == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{value} is not among the choices")


_SAYS = """words => {
  const at = document.activeElement;
  return at.closest('main') && (at.textContent.trim() === words || at.value === words);
}"""
