"""What is begun, brought in, renamed and taken away in a draft: whole pieces, each with what names it."""

from __future__ import annotations

from dataclasses import replace

from engine.casework.people import ANALYST, Practitioner
from engine.errors import PathwayRefused, Refused
from engine.store.drafts import DraftFile
from engine.studio.arriving import Arrival, arrival
from engine.studio.naming import Called, called, given_id, naming, recalled
from engine.studio.new_pieces import PIECES, new_pathway, new_piece
from engine.studio.referring import Reference, named_by, references, renamed
from engine.studio.studio import Open
from engine.studio.trying import TRIAL, Trying
from engine.studio.workspace import kind_of


class Making(Trying):
    """Everything those who draw, and those who approve, may do, whole pieces included."""

    def judge(self, opened: Open, body: bytes, *, name: str = "", into: str = "") -> Arrival:
        """The verdict on a diagram drawn elsewhere, with nothing kept. Raises PathwayRefused."""
        return arrival(opened.workspace, body, name=name, into=into)

    def bring_in(self, by: Practitioner, opened: Open, found: Arrival, *, to_mend: bool) -> list[DraftFile]:
        """Keep a diagram that was judged; one that would not run only `to_mend`. Raises PathwayRefused."""
        by.must_hold(ANALYST)
        if not found.runs and not to_mend:
            refusals = [finding for one in found.refused for finding in one.refused]
            raise PathwayRefused([*refusals, *(one for one in found.whole if one.severity == "refusal")])
        return self.save_all(by, opened, found.files)

    def begin_piece(self, by: Practitioner, number: int, pathway: str, kind: str, name: str, title: str) -> str:
        """Begin a form, letter, table or scenario, the smallest that passes the checks; its path. Raises Refused."""
        by.must_hold(ANALYST)
        opened = self.open(by, number)
        if kind not in PIECES:
            raise Refused("Choose a form, a letter, a table or a scenario.")
        path, body = new_piece(opened.workspace, pathway, kind, name.strip(), title)
        self.save_all(by, opened, {path: body})
        return path

    def begin_pathway(self, by: Practitioner, number: int, name: str, title: str, role: str) -> str:
        """Begin a pathway of one task and its form; its id. Raises Refused."""
        by.must_hold(ANALYST)
        opened = self.open(by, number)
        self.save_all(by, opened, dict(new_pathway(opened.workspace, name, title, role)))
        return name.strip()

    def references(self, opened: Open, path: str) -> list[Reference]:
        """Every place of a draft that names what a file defines."""
        return references(opened.workspace, path)

    def rename(self, by: Practitioner, number: int, path: str, name: str) -> tuple[str, list[str]]:
        """Give a form, letter, table or scenario another id, and everything that names it with it.

        Its new path, and the files that changed with it. Raises Refused.
        """
        by.must_hold(ANALYST)
        opened = self.open(by, number)
        changed = renamed(opened.workspace, path, name.strip())
        self.save_all(by, opened, changed)
        target = next(one for one in changed if one not in opened.workspace.files)
        return target, sorted(set(changed) - {path, target})

    def called(self, opened: Open, pathway: str) -> Called:
        """What a pathway of a draft is called."""
        return called(opened.workspace, pathway)

    def naming(self, opened: Open, pathway: str) -> list[Reference]:
        """Every place outside a pathway's own folder that names it."""
        return naming(opened.workspace, pathway)

    def is_published(self, opened: Open, pathway: str) -> bool:
        """Whether cases may run on a pathway: then it keeps its id, and is not taken away."""
        return f"{opened.workspace.home(pathway)}/pathway.toml" in opened.published

    def call_otherwise(self, by: Practitioner, number: int, pathway: str, wanted: Called) -> list[str]:
        """Change what a pathway is called, and never its id; the files that changed. Raises Refused."""
        by.must_hold(ANALYST)
        opened = self.open(by, number)
        changed = recalled(opened.workspace, pathway, wanted)
        self.save_all(by, opened, changed)
        return sorted(changed)

    def give_id(self, by: Practitioner, number: int, pathway: str, name: str) -> tuple[str, list[str]]:
        """Give a pathway that only this draft has another id, and everything that names it with it.

        Its new id, and the files of others that changed with it. Raises Refused: a published pathway keeps its id.
        """
        by.must_hold(ANALYST)
        opened = self.open(by, number)
        if self.is_published(opened, pathway):
            raise Refused(
                f"{pathway[:80]} is published and keeps its id: running cases and other systems know it by that. "
                "Change its title, or begin a pathway with the other id."
            )
        changed = given_id(opened.workspace, pathway, name)
        kept = self.trials(by, number)
        self.save_all(by, opened, changed)
        tried = {one.number: replace(one, pathway=name.strip()).body for one in kept if one.pathway == pathway}
        self._drafts.keep_notes(by.authority, number, TRIAL, tried)
        homes = {one.rpartition("/pathway.toml")[0] for one in changed if one.endswith("/pathway.toml")}
        return name.strip(), sorted(one for one in changed if not one.startswith(tuple(f"{home}/" for home in homes)))

    def remove_pathway(self, by: Practitioner, number: int, pathway: str) -> None:
        """Take away a pathway that this draft began. Raises Refused where it is published, or something names it."""
        by.must_hold(ANALYST)
        opened = self.open(by, number)
        home = opened.workspace.home(pathway)
        own = [path for path in opened.workspace.files if path.startswith(f"{home}/")]
        if not own or self.is_published(opened, pathway):
            raise Refused(
                f"{pathway[:80]} is published: its pathway stays for the cases on it. Restore its files instead."
            )
        named = [
            one
            for path in own
            if kind_of(path) == "diagram"
            for one in references(opened.workspace, path)
            if not one.file.startswith(f"{home}/")
        ]
        if named:
            places = ", ".join(f"{one.file}{f' ({one.place})' if one.place else ''}" for one in named[:5])
            raise Refused(f"{pathway} is named by {places}. Change those first.")
        self.save_all(by, opened, dict.fromkeys(own))


__all__ = ["Making", "Reference", "named_by"]
