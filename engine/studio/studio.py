"""The one door for those who draw pathways: drafts opened, read, saved, checked, compared, and put back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePosixPath

from engine.case.unknown_facts import unknown_facts
from engine.casework.people import ANALYST, APPROVER, HEAD, Practitioner
from engine.casework.published import findings_of
from engine.casework.shelf import Shelf
from engine.clock import Clock
from engine.dmn.analyse import Proof, prove
from engine.errors import EngineError, Finding, NotFound, PathwayRefused, Refused
from engine.pathways import Release
from engine.publication import models_of
from engine.store import Store
from engine.store.drafts import DISCARDED, OPEN, SUBMITTED, Draft, DraftFile, Submission
from engine.studio.arriving import judged
from engine.studio.compare import Comparison, compare
from engine.studio.former_numbers import former_numbers
from engine.studio.screening import screen, screen_all, screen_path
from engine.studio.workspace import Workspace, kind_of

#: Those who may look at a draft: who draws, and who may publish.
MAY_LOOK = (ANALYST, APPROVER, HEAD)
#: Those who may publish what somebody else drew.
MAY_PUBLISH = (APPROVER, HEAD)
#: Tables proved in this process; a release never changes.
KEPT = 256


class BothChanged(Refused):
    """What a draft changed was published by somebody else meanwhile."""

    def __init__(self, number: int, files: Iterable[str]) -> None:
        named = ", ".join(list(files)[:10])
        super().__init__(
            f"Draft {number} began from an older state, and these files were published since: {named}. "
            "Look at the comparison, then take the draft up to what is published."
        )


@dataclass(frozen=True)
class Open:
    """A draft with its files and the folder it makes.

    latest     everything that is published now, by name and release; published: every file of it
    moved      files published by others since the draft began; both: those among them that the draft changes too
    """

    draft: Draft
    files: Mapping[str, DraftFile]
    latest: Mapping[str, str]
    published: Mapping[str, bytes]
    workspace: Workspace
    moved: tuple[str, ...]

    @property
    def both(self) -> tuple[str, ...]:
        """Files that the draft changes and others published since it began."""
        return tuple(path for path in self.moved if path in self.files)

    def version(self, path: str) -> int:
        """The version of a file that somebody who opens it now sees: 0 is the published one."""
        file = self.files.get(path)
        return 0 if file is None else file.version

    def body(self, path: str) -> bytes:
        """A file as the draft has it. Raises NotFound."""
        body = self.workspace.files.get(path)
        if body is None:
            raise NotFound(f"Draft {self.draft.number} holds no file {path[:120]}.")
        return body

    def files_of(self, pathway: str) -> dict[str, bytes]:
        """The files of a pathway and of what it calls; where it cannot be read as one, its own and the shared ones."""
        workspace = self.workspace
        home = workspace.home(pathway)
        own = {path: body for path, body in workspace.files.items() if path.startswith(f"{home}/")}
        try:
            held = dict(workspace.release(pathway).files)
        except EngineError:
            shared = f"{workspace.authority}/shared/"
            held = {p: b for p, b in workspace.files.items() if p.startswith(shared) and kind_of(p) != "scenario"}
        return {**own, **held}


class Drawing:
    """What those who draw may do with a draft."""

    def __init__(self, store: Store, shelf: Shelf, clock: Clock) -> None:
        self._store, self._shelf, self._clock = store, shelf, clock
        self._drafts = store.pathway_drafts

    # ------------------------------------------------------------------ reading

    def drafts(self, by: Practitioner, *states: str) -> list[Draft]:
        """The authority's drafts in these states, those being drawn or decided on where none is named."""
        by.must_hold(*MAY_LOOK)
        return self._drafts.all(by.authority, *(states or (OPEN, SUBMITTED)))

    def open(self, by: Practitioner, number: int) -> Open:
        """A draft with everything in it. Raises DraftUnknown."""
        by.must_hold(*MAY_LOOK)
        draft = self._drafts.one(by.authority, number)
        files = self._drafts.files(by.authority, number)
        latest = self._shelf.latest(by.authority)
        published = self._shelf.folder_of(by.authority, latest)
        bodies = {path: file.body for path, file in files.items()}
        workspace = Workspace.of(by.authority, published, bodies)
        return Open(draft, files, latest, published, workspace, self._moved(draft, latest, published))

    def _moved(self, draft: Draft, latest: Mapping[str, str], published: Mapping[str, bytes]) -> tuple[str, ...]:
        if dict(draft.base) == dict(latest):
            return ()
        before = self._shelf.folder_of(draft.authority, draft.base)
        return tuple(path for path in sorted({*before, *published}) if before.get(path) != published.get(path))

    def published(self, by: Practitioner) -> Workspace:
        """The folder as it is published, as a draft that changes nothing."""
        by.must_hold(*MAY_LOOK)
        return Workspace.of(by.authority, self._shelf.folder(by.authority), {})

    def versions(self, by: Practitioner, number: int, path: str) -> list[DraftFile]:
        """Every saved version of one file of a draft, the newest first."""
        by.must_hold(*MAY_LOOK)
        found = [file for file in self._drafts.versions(by.authority, number) if file.path == path]
        return found[::-1]

    # ------------------------------------------------------------------ drawing

    def begin(self, by: Practitioner, title: str) -> Draft:
        """A new draft on what is published now. Raises Refused where it is given no name."""
        by.must_hold(ANALYST)
        title = " ".join(title.split())
        if not 3 <= len(title) <= 120:
            raise Refused("Say in 3 to 120 characters what the draft is to change.")
        return self._drafts.open(by.authority, title, self._shelf.latest(by.authority), by=by.id, at=self._clock.now())

    def save(self, by: Practitioner, number: int, path: str, body: bytes, *, seen: int) -> DraftFile:
        """Keep a new version of a file. Raises PathwayRefused for what no draft keeps, SavedByAnother, DraftNotOpen.

        `seen` is the version that was edited: 0 for the published one.
        """
        by.must_hold(ANALYST)
        screen(by.authority, path, body)
        opened = self.open(by, number)
        screen_all({**opened.workspace.files, path: body})
        return self._drafts.save(by.authority, number, path, body, seen=seen, by=by.id, at=self._clock.now())

    def save_all(self, by: Practitioner, opened: Open, bodies: Mapping[str, bytes | None]) -> list[DraftFile]:
        """Keep a new version of several files at once, all of them or none; None takes a file away.

        Raises what `save` raises.
        """
        by.must_hold(ANALYST)
        for path, body in bodies.items():
            screen_path(by.authority, path) if body is None else screen(by.authority, path, body)
        after = {**opened.workspace.files, **bodies}
        screen_all({path: body for path, body in after.items() if body is not None})
        number, at = opened.draft.number, self._clock.now()
        with self._store.together():
            return [
                self._drafts.save(by.authority, number, path, body, seen=opened.version(path), by=by.id, at=at)
                for path, body in bodies.items()
            ]

    def remove(self, by: Practitioner, number: int, path: str, *, seen: int) -> DraftFile:
        """Take a file away. Raises Refused for what makes a published pathway one."""
        by.must_hold(ANALYST)
        screen_path(by.authority, path)
        opened = self.open(by, number)
        opened.body(path)
        if kind_of(path) in ("settings", "clauses") and path in opened.published:
            raise Refused(f"{path} cannot be taken away: published pathways and settings stay for the cases on them.")
        return self._drafts.save(by.authority, number, path, None, seen=seen, by=by.id, at=self._clock.now())

    def restore(self, by: Practitioner, number: int, path: str, version: int, *, seen: int) -> DraftFile:
        """Make an earlier version of a file the newest one; 0 is the published one. Raises NotFound."""
        by.must_hold(ANALYST)
        if version == 0:
            body = self.open(by, number).published.get(path)
        else:
            found = [file for file in self.versions(by, number, path) if file.version == version]
            if not found:
                raise NotFound(f"Draft {number} has no version {version} of that file.")
            body = found[0].body
        return self._drafts.save(by.authority, number, path, body, seen=seen, by=by.id, at=self._clock.now())

    def discard(self, by: Practitioner, number: int) -> None:
        """Close a draft without publishing it; its versions stay on record. Raises Refused where it is submitted."""
        by.must_hold(ANALYST)
        draft = self._drafts.one(by.authority, number)
        if draft.state != OPEN:
            raise Refused(f"Draft {number} is {draft.state}. Take it back first.")
        self._drafts.change_state(by.authority, number, DISCARDED, by=by.id, at=self._clock.now())

    def take_up(self, by: Practitioner, number: int) -> None:
        """Let a draft stand on what is published now, once its author has looked at what others changed."""
        by.must_hold(ANALYST)
        latest = self._shelf.latest(by.authority)
        self._drafts.rebase(by.authority, number, latest, by=by.id, at=self._clock.now())

    # ------------------------------------------------------------------ checking

    def check(self, opened: Open, pathway: str) -> list[Finding]:
        """Everything that the checks and the prover say of a pathway of a draft and of what it calls.

        Advice where its words still say a number that the draft changed is among it.
        """
        return self._check(opened, pathway, self.compare(opened))

    def _check(self, opened: Open, pathway: str, comparison: Comparison) -> list[Finding]:
        try:
            release = opened.workspace.release(pathway)
            unknown = unknown_facts(release.files, opened.workspace.files)
            return [*findings_of(release, opened.workspace.roles), *unknown, *former_numbers(comparison, release.files)]
        except PathwayRefused as refused:
            path = f"{opened.workspace.home(pathway)}/pathway.bpmn"
            if path not in opened.workspace.files:
                return list(refused.findings)
            return judged(opened.workspace, pathway, path, conventions=True)
        except EngineError:
            return opened.workspace.check(pathway)

    def check_all(self, opened: Open) -> list[Finding]:
        """Everything that stands against the whole folder: every pathway, the settings, the clauses, the scenarios."""
        pathways, comparison = opened.workspace.pathways, self.compare(opened)
        found = [finding for pathway in pathways for finding in self._check(opened, pathway, comparison)]
        for path in opened.workspace.files:
            # A diagram without settings beside it is no pathway yet: nothing else would look at it.
            # What is common to all is no authority's own, and is checked as part of what calls it.
            own = path.startswith(f"{opened.workspace.authority}/") and path.endswith(".bpmn")
            if own and (alone := PurePosixPath(path).parent.name) not in pathways:
                found += judged(opened.workspace, alone, path)
        found += opened.workspace.scenarios[1]
        found += opened.workspace.check_settings()
        return list(dict.fromkeys(found))

    def judge_folder(self, opened: Open, changed: Mapping[str, bytes]) -> tuple[Workspace, tuple[Finding, ...]]:
        """The folder with these files, and what the checks refuse of it that they do not refuse of the draft as it is.

        Raises PathwayRefused where the folder would be too large.
        """
        screen_all({**opened.workspace.files, **changed})
        after = Workspace.of(opened.workspace.authority, {**opened.workspace.files, **changed}, {})
        there = replace(opened, workspace=after)
        known = set(self.check_all(opened))
        found = [one for one in self.check_all(there) if one.severity == "refusal" and one not in known]
        return after, tuple(found)

    def proof(self, opened: Open, pathway: str, decision: str) -> Proof | None:
        """What the prover says of one table; None where its file, or a cell in it, cannot be read yet."""
        try:
            return _proved(opened.workspace.release(pathway), decision)
        except EngineError:
            return None

    def compare(self, opened: Open) -> Comparison:
        """What a draft would change of what is published, in words."""
        return compare(opened.published, opened.workspace.files)


@lru_cache(maxsize=KEPT)
def _proved(release: Release, decision: str) -> Proof | None:
    model = models_of(release).get(decision)
    # A cell that cannot be read fits nothing and gives nothing: what is proved of the others would be taken for all.
    return None if model is None or model.errors or model.strange_calls else prove(model, decision)


__all__ = ["MAY_LOOK", "MAY_PUBLISH", "BothChanged", "Drawing", "Open", "Submission"]
