"""What every page of the studio works with: the studio itself, the draft and pathway of the address, and the tabs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request, url_for

from engine.casework import Practitioner
from engine.errors import AboutPeople, EngineError, NotFound, PathwayRefused
from engine.pathways.manifest import read_manifest
from engine.store.drafts import OPEN, SavedByAnother
from engine.studio.making import Making as Studio
from engine.studio.screening import UPLOAD_BYTES
from engine.studio.studio import Open
from engine.studio.table_sheet import sheets
from engine.studio.workspace import kind_of
from webhooks import diagrams
from webhooks.access import Audience, practitioner
from webhooks.desk import casework
from webhooks.surroundings import person_name

studio = Blueprint("studio", __name__, url_prefix="/studio")


@studio.url_value_preprocessor
def uploads(endpoint: str | None, values: object) -> None:
    """Read larger requests than elsewhere: a folder of pathways comes in one file. Asked before anything is read."""
    request.max_content_length = request.max_form_memory_size = UPLOAD_BYTES


#: Who draws, and who may look at what was drawn and publish it.
DRAWING = (Audience.ANALYSTS,)
LOOKING = (Audience.ANALYSTS, Audience.APPROVERS)
DECIDING = (Audience.APPROVERS,)

#: The tabs of a pathway's workspace: the last part of the address, and what it is called.
TABS = (
    ("outline", "Outline"),
    ("diagram", "Diagram"),
    ("tables", "Tables"),
    ("forms", "Forms"),
    ("letters", "Letters"),
    ("parameters", "Parameters"),
    ("scenarios", "Scenarios"),
    ("checks", "Checks"),
    ("trials", "Try"),
    ("compare", "Compare"),
    ("submit", "Submit"),
)


def the_studio() -> Studio:
    """The studio over the casework that the application was given."""
    works_on = casework()
    return Studio(works_on.store, works_on.shelf, works_on.clock)


@dataclass(frozen=True)
class Room:
    """A draft opened at one of its pathways."""

    by: Practitioner
    opened: Open
    pathway: str

    @property
    def drawing(self) -> bool:
        """Whether whoever looks may change something here."""
        return self.opened.draft.state == OPEN and Audience.ANALYSTS.admits(self.by)

    def path(self, suffix: str) -> str:
        """The file that the address names. Raises NotFound where the pathway has no such file of that kind."""
        path = request.values.get("path", "")
        if not path.endswith(suffix) or path not in self.opened.workspace.files:
            raise NotFound(f"Draft {self.opened.draft.number} holds no such file.")
        return path

    def files(self, suffix: str) -> dict[str, bytes]:
        """The files of one kind that the pathway and what it calls hold."""
        held = self.opened.files_of(self.pathway)
        return {path: body for path, body in sorted(held.items()) if path.endswith(suffix)}

    def save(self, path: str, body: bytes) -> None:
        """Save a file as the version that the page was made from says."""
        the_studio().save(self.by, self.opened.draft.number, path, body, seen=seen(self.opened.version(path)))

    def reasons(self, error: EngineError | None) -> list[str | dict[str, str]] | None:
        """A refusal as sentences, with a link to what somebody else saved; None where nothing was refused."""
        if error is None:
            return None
        said: list[str | dict[str, str]] = [*reasons(error, self.opened.workspace.files)]
        if isinstance(error, SavedByAnother):
            place = url_for("studio.file", number=self.opened.draft.number, path=error.path)
            said.append({"text": "See what is saved now.", "href": place})
        return said

    def page(self, template: str, tab: str, **more: Any) -> str:
        """One tab of the workspace."""
        number = self.opened.draft.number
        tabs = [(name, url_for(f"studio.{end}", number=number, pathway=self.pathway), end == tab) for end, name in TABS]
        around: dict[str, Any] = {"room": self, "draft": self.opened.draft, "opened": self.opened, "tabs": tabs}
        around |= {"pathway": self.pathway, "title": title_of(self.opened, self.pathway), "tab": tab}
        around |= {"drawing": self.drawing, "refusal": None}
        return render_template(f"studio/{template}.html", **(around | more))


def enter(number: int, pathway: str) -> Room:
    """The room of an address. Raises NotFound."""
    by = practitioner()
    opened = the_studio().open(by, number)
    if pathway not in opened.workspace.pathways:
        raise NotFound(f"Draft {number} has no pathway {pathway[:80]}.")
    return Room(by, opened, pathway)


def seen(now: int) -> int:
    """The version that a form was made from; a form that does not say was made from what is there now."""
    text = request.form.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else now


def title_of(opened: Open, pathway: str) -> str:
    """What a pathway is called; its id in words where its settings cannot be read."""
    return _title(opened.workspace.files, opened.workspace.home(pathway))


def _title(files: Mapping[str, bytes], home: str) -> str:
    path = f"{home}/pathway.toml"
    try:
        return read_manifest(files[path], path).title
    except (KeyError, PathwayRefused):
        return diagrams.in_words(home.rpartition("/")[2])


def reasons(error: EngineError, files: Mapping[str, bytes] | None = None) -> list[str]:
    """A refusal as sentences; with the files of the draft, what somebody else saved has the name that its page has."""
    if isinstance(error, SavedByAnother):
        what, who = called(error.path, files or {}), person_name(error.by)
        return [f"{what} was saved by {who} since you opened it. Compare both before you save yours."]
    if isinstance(error, AboutPeople):
        return [error.naming(person_name)]
    if isinstance(error, PathwayRefused):
        return [f"{finding.message} {finding.mend}" for finding in error.findings]
    return [str(error)]


def called(path: str, files: Mapping[str, bytes]) -> str:
    """What a file is called on the pages that change it; its own name where it has no other."""
    kind, (home, _, name) = kind_of(path), path.rpartition("/")
    tables = sheets(files.get(path, b"")) if kind == "table" else []
    if kind in ("letter", "form"):
        return f"The {kind} “{diagrams.in_words(name.rpartition('.')[0])}”"
    if kind == "diagram":
        return f"The diagram of “{_title(files, home)}”"
    if tables:
        return (
            f"The table “{tables[0].question}”" if len(tables) == 1 else f"The file of the table “{tables[0].question}”"
        )
    return name


def short(path: str) -> str:
    """A path without the authority's folder."""
    return path.partition("/")[2]
