"""Somebody who visits the pages without a browser: follows links, sends forms, and looks at every page closely."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from lxml import html
from werkzeug.test import TestResponse

from tests.support.house import PASSWORD

Fields = Mapping[str, str | Sequence[str]]
_POLICY_NONCE = re.compile(r"script-src 'self' 'nonce-([\w-]{20,})'")


class Page:
    """One page that came back, already looked at."""

    def __init__(self, answer: TestResponse) -> None:
        self.status, self.headers, self.path = answer.status_code, answer.headers, answer.request.path
        self.source = answer.get_data(as_text=True)
        self.root = html.document_fromstring(self.source)
        self._look()

    @property
    def text(self) -> str:
        """What a person reads, with single spaces."""
        main = self.root.xpath("//main")[0]
        return " ".join(main.text_content().split())

    @property
    def heading(self) -> str:
        """The page's first heading."""
        return " ".join(self.root.xpath("//h1")[0].text_content().split())

    def problems(self) -> list[str]:
        """The error summary's lines."""
        return [
            " ".join(li.text_content().split())
            for li in self.root.xpath("//*[contains(@class,'govuk-error-summary__list')]/li")
        ]

    def form(self, action_ends: str = "") -> html.FormElement:
        """The form whose address ends so; the first in the page's main part where nothing is said."""
        forms = [form for form in self.root.forms if (form.get("action") or "").endswith(action_ends)]
        inside = [
            form for form in forms if form.iterancestors("main") and next(form.iterancestors("main"), None) is not None
        ]
        return (inside or forms)[0]

    def links(self) -> dict[str, str]:
        """Text to address of every link."""
        return {" ".join(a.text_content().split()): a.get("href") for a in self.root.xpath("//a[@href]")}

    def _look(self) -> None:
        """What every page must have, whatever it says."""
        root = self.root
        assert "en" == root.get("lang")
        title = root.findtext(".//title") or ""
        assert title.endswith("– Discharge Pathways"), title
        assert len(title) > len("– Discharge Pathways") + 2
        assert 1 == len(root.xpath("//h1")), f"{self.path}: one first heading"
        assert self.heading in title or title.startswith("Error: ") or self.heading, title
        for landmark in ("main", "header", "footer"):
            assert 1 == len(root.xpath(f"//{landmark}")), f"{self.path}: one {landmark}"
        assert 1 == len(root.xpath("//a[@href='#main-content']"))
        ids = [element.get("id") for element in root.xpath("//*[@id]")]
        assert len(ids) == len(set(ids)), f"{self.path}: {sorted({i for i in ids if ids.count(i) > 1})} twice"
        self._look_at_scripts()
        for form in root.forms:
            self._look_at_form(form)

    def _look_at_scripts(self) -> None:
        found = _POLICY_NONCE.search(self.headers["Content-Security-Policy"])
        assert found is not None
        for element in self.root.xpath("//script | //style"):
            assert found[1] == element.get("nonce"), f"{self.path}: a script or style without the answer's nonce"
        assert [] == self.root.xpath("//*[@style]"), f"{self.path}: a style attribute, which the policy refuses"
        handlers = [name for element in self.root.iter() for name in element.attrib if name.startswith("on")]
        assert [] == handlers

    def _look_at_form(self, form: html.FormElement) -> None:
        action = form.get("action") or ""
        assert action.startswith("/"), f"{self.path}: a form that leads elsewhere: {action}"
        if (form.get("method") or "get").lower() == "post":
            assert 1 == len(form.xpath(".//input[@name='csrf_token']")), f"{self.path}: {action} without its token"
        labelled = {label.get("for") for label in self.root.xpath("//label[@for]")}
        for field in form.xpath(".//input[not(@type='hidden')] | .//select | .//textarea"):
            assert field.get("id") in labelled, f"{self.path}: {field.get('name')} has no label"
        for group in form.xpath(".//fieldset"):
            assert (group.findtext("legend") or group.xpath("string(legend)")).strip(), f"{self.path}: no legend"


class Visitor:
    """A browser of a person's own, without scripts."""

    def __init__(self, app: Flask) -> None:
        self.app, self.client = app, app.test_client()

    def get(self, address: str, status: int = 200) -> Page:
        """Open a page, following where it leads."""
        answer = self.client.get(address, follow_redirects=True)
        assert status == answer.status_code, (address, answer.status_code, Page(answer).text)
        return Page(answer)

    def sign_in(self, login: str, password: str = PASSWORD) -> Page:
        """Sign in as somebody."""
        return self.send(self.get("/sign-in").form(), {"login": login, "password": password})

    def send(
        self, form: html.FormElement, fields: Fields | None = None, *, to: str | None = None, status: int = 200
    ) -> Page:
        """Fill a form in and send it."""
        answer = self.client.post(to or str(form.get("action")), data=filled(form, fields or {}), follow_redirects=True)
        assert status == answer.status_code, (answer.request.path, answer.status_code, Page(answer).text)
        return Page(answer)

    def complete(self, form: html.FormElement, fields: Fields | None = None, *, status: int = 200) -> Page:
        """Answer a task's questions, look at the answers once more, and complete it."""
        page = self.send(form, fields)
        assert "Check your answers" == page.heading, page.text
        return self.send(page.form(), status=status)


def filled(form: html.FormElement, fields: Fields) -> dict[str, Any]:
    """What a browser would send: what stands in the form, with these fields filled in."""
    data: dict[str, Any] = {}
    for name, value in form.form_values():
        data.setdefault(name, []).append(value)
    known = {field.name for field in form.inputs if field.name}
    for name, value in fields.items():
        assert name in known, f"The page does not ask {name}; it asks {sorted(known)}"
        data[name] = [value] if isinstance(value, str) else list(value)
    return data


def date_typed(name: str, iso: str) -> dict[str, str]:
    """A date as its three inputs hold it."""
    year, month, day = iso.split("-")
    return {f"{name}-day": str(int(day)), f"{name}-month": str(int(month)), f"{name}-year": year}


def path_of(address: str) -> str:
    """The path of an address."""
    return urlsplit(address).path
