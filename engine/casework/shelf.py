"""Releases and settings as cases use them: published once, read for ever, prepared once in a process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

import orjson

from engine.authorities import Authority, Clause, clauses_from_csv, read_authority
from engine.errors import NotFound, PathwayRefused, Unreadable
from engine.execution import Pathway, prepare
from engine.execution.edition import edition
from engine.execution.selftest import verify as verify_execution
from engine.history import JSON, canonical
from engine.pathways import Release, content_hash, read_release, release_from_files
from engine.store import ReleaseChanged, SettingsChanged, Store
from engine.store.library import FRESH

#: Releases kept in memory, prepared or not; a prepared one takes one to three megabytes.
KEPT = 256
Kept = TypeVar("Kept", Release, Pathway)
Key = tuple[str, str]
#: An authority's clauses are kept and deployed as its pathways are, under this name.
CLAUSES = "clauses"
#: So are the other files of its folder, which execute nothing: the settings as they were written, and the scenarios.
SOURCES = "sources"


@dataclass(frozen=True, slots=True)
class AuthorityTerms:
    """The settings of an authority in force, and its releases prepared to run (engine.case.handling.Terms)."""

    authority: Authority
    shelf: Shelf
    _known: dict[tuple[str, date], Mapping[str, JSON]] = field(default_factory=dict, compare=False, repr=False)

    def pathway(self, release: str) -> Pathway:
        """The prepared pathway of a release."""
        return self.shelf.pathway(self.authority.id, release)

    def parameters(self, release: str, on: date) -> Mapping[str, JSON]:
        """The values of a release's local parameters on a date: the authority's own, else the release's defaults."""
        found = self._known.get((release, on))
        if found is None:
            if len(self._known) > KEPT:
                self._known.clear()
            found = self.authority.parameters_for(self.shelf.release(self.authority.id, release), on)
            self._known[release, on] = found
        return found


class Recent(Generic[Kept]):
    """The last KEPT that were asked for, by authority and hash. Thread-safe."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> Kept | None:
        """The one of that key, where it is kept."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
        return found

    def put(self, key: Key, one: Kept) -> None:
        """Keep one; the one that was not asked for longest goes."""
        with self._lock:
            self._kept[key] = one
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)


#: What this process found sound, by the hash of its files: every shelf of the process shares it.
_PREPARED: Recent[Pathway] = Recent()


class Shelf:
    """What is published, by authority. Thread-safe; `verify=False` reads what the store holds, changed or not."""

    def __init__(self, store: Store, *, verify: bool = True) -> None:
        # No pathway runs on a SpiffWorkflow that is not the one this engine was proved on.
        verify_execution()
        self._store, self._verify = store, verify
        self._releases: Recent[Release] = Recent()
        self._pathways: Recent[Pathway] = Recent()
        self._settings: dict[tuple[str, str], AuthorityTerms] = {}
        self._latest: dict[str, tuple[float, str | None]] = {}
        self._clauses: dict[tuple[str, str], Mapping[str, Clause]] = {}
        #: The one that was asked for last, which is mostly the one asked for next.
        self._newest: tuple[Key, Pathway] | None = None

    # ------------------------------------------------------------------ reading

    def release(self, authority: str, release: str) -> Release:
        """The release of that hash. Raises NotFound."""
        key = (authority, release)
        found = self._releases.get(key)
        if found is None:
            files = self._store.library.release_files(authority, release, check=self._verify)
            pathway = self._store.library.release(authority, release).pathway
            found = release_from_files(files, authority=authority, pathway=pathway)
            if not self._verify:
                # Replay executes what the store holds now under the name it was released by, so that a changed file
                # shows at the step where it first matters.
                found = replace(found, hash=release)
            elif found.hash != release:
                raise ReleaseChanged(authority, release, None)
            self._releases.put(key, found)
        return found

    def pathway(self, authority: str, release: str) -> Pathway:
        """The release of that hash, prepared to run. Raises NotFound."""
        key, newest = (authority, release), self._newest
        if newest is not None and newest[0] == key:
            return newest[1]
        found = self._pathways.get(key)
        if found is None:
            found = self._prepare(self.release(authority, release))
            self._pathways.put(key, found)
        self._newest = (key, found)
        return found

    def legible(self, authority: str, release: str) -> Pathway | None:
        """The release of that hash, None where it was changed behind the store: a list of many cases goes on without.

        For names alone: what runs a case asks for `pathway`, which refuses.
        """
        try:
            return self.pathway(authority, release)
        except ReleaseChanged:
            return None

    def changed(self, authority: str, release: str) -> str | None:
        """What is wrong with a kept release, None where every file is as it was released."""
        try:
            files = self._store.library.release_files(authority, release)
        except ReleaseChanged as changed:
            return str(changed)
        pathway = self._store.library.release(authority, release).pathway
        if release_from_files(files, authority=authority, pathway=pathway).hash != release:
            return str(ReleaseChanged(authority, release, None))
        return None

    def changed_settings(self, authority: str, version: str) -> str | None:
        """What is wrong with kept settings, None where they are as they were put in force."""
        try:
            self._store.library.settings(authority, version)
        except SettingsChanged as changed:
            return str(changed)
        return None

    def _prepare(self, release: Release) -> Pathway:
        if not self._verify:
            return prepare(release)
        # By the hash of the files themselves, whatever name they stand under.
        key, library = (release.authority, release.hash), self._store.library
        sound = library.is_sound(release.authority, release.hash, edition())
        found = _PREPARED.get(key)
        if found is None:
            found = prepare(release, sound=sound)
            _PREPARED.put(key, found)
        if not sound:
            library.call_sound(release.authority, release.hash, edition())
        return found

    def _remember(self, release: Release) -> Pathway:
        """Prepare a release that is about to be published, unless this process did. Raises PathwayRefused."""
        key = (release.authority, release.hash)
        found = _PREPARED.get(key)
        if found is None:
            found = prepare(release)
            _PREPARED.put(key, found)
        self._releases.put(key, release)
        self._pathways.put(key, found)
        return found

    def terms(self, authority: str, version: str | None = None) -> AuthorityTerms:
        """The settings of that version, or those in force now. Raises NotFound and SettingsChanged."""
        version = version or self._in_force(authority)
        if version is None:
            raise NotFound(f"No settings are deployed for {authority[:80]}. Deploy its folder first.")
        key = (authority, version)
        found = self._settings.get(key)
        if found is None:
            document = self._store.library.settings(authority, version, check=self._verify)
            if document is None:
                raise NotFound(f"Settings {version} of {authority} are not in the store. Bring it back from a backup.")
            try:
                read = orjson.loads(document)
            except orjson.JSONDecodeError as error:
                raise Unreadable(f"Settings {version} of {authority} cannot be read.") from error
            found = self._settings[key] = AuthorityTerms(Authority.from_document(read), self)
        return found

    def _in_force(self, authority: str) -> str | None:
        """The version in force, asked for at most once a second: what another process changed is seen by then."""
        seen, version = self._latest.get(authority, (0.0, None))
        now = monotonic()
        if version is None or now - seen > FRESH:
            version = self._store.library.in_force(authority)
            self._latest[authority] = (now, version)
        return version

    def deployed(self, authority: str, pathway: str) -> str:
        """The release that new instances of a pathway start on, asked for at most once a second."""
        release = self._store.library.deployed_lately(authority, pathway)
        if release is None:
            raise NotFound(f"Pathway {pathway[:80]} is not deployed for {authority}.")
        return release

    def deployments(self, authority: str) -> dict[str, str]:
        """Every deployed pathway of an authority and its release of today."""
        lines = self._store.library.deployments(authority)
        return {line.pathway: line.release for line in lines if line.pathway not in (CLAUSES, SOURCES)}

    def throws(self, authority: str, signal: str, running: Iterable[str]) -> bool:
        """Whether a deployed pathway of an authority, or one that runs, throws this signal: nobody else may."""
        releases = dict.fromkeys((*running, *self.deployments(authority).values()))
        return any(signal in self.pathway(authority, hash_).thrown for hash_ in releases)

    def titles(self, authority: str) -> dict[str, str]:
        """Every deployed pathway of an authority and what it is called."""
        called = {line.release: line.title for line in self._store.library.releases(authority)}
        return {name: called[release] for name, release in self.deployments(authority).items()}

    def startable(self, authority: str) -> list[tuple[str, str]]:
        """The pathways a person may start, id and title; first those that no other starts: they lead to the rest."""
        whole = {name: self.legible(authority, hash_) for name, hash_ in self.deployments(authority).items()}
        releases = {name: pathway.release for name, pathway in whole.items() if pathway is not None}
        called = {name for pathway, release in releases.items() for name in release.processes if name != pathway}
        own = [name for name, release in releases.items() if "/shared/" not in release.processes[name]]
        return [(name, releases[name].title) for name in sorted(own, key=lambda name: (name in called, name))]

    def clauses(self, authority: str) -> Mapping[str, Clause]:
        """The authority's clauses as published with its pathways; empty where none were."""
        release = self._store.library.deployed(authority, CLAUSES)
        if release is None:
            return {}
        found = self._clauses.get((authority, release))
        if found is None:
            ((path, content),) = self._store.library.release_files(authority, release).items()
            found = self._clauses[authority, release] = clauses_from_csv(content, path)
        return found

    # ------------------------------------------------------------------ publishing

    def deploy_authority(self, folder: Path, *, at: datetime, by: str, why: str) -> list[str]:
        """Publish an authority's settings, clauses and every pathway of its folder; the hashes of the releases.

        Nothing is published where anything is refused. Raises PathwayRefused.
        """
        authority = read_authority(folder)
        found = sorted([*folder.glob("*/pathway.toml"), *folder.glob("shared/*/pathway.toml")])
        releases = [read_release(folder.parent, authority.id, path.parent.name) for path in found]
        declared = {name: parameter for release in releases for name, parameter in release.parameters.items()}
        findings = dict.fromkeys(f for f in authority.check_parameters(declared) if f.severity == "refusal")
        for release in releases:
            try:
                pathway = self._remember(release)
            except PathwayRefused as refused:
                findings.update(dict.fromkeys(refused.findings))
            else:
                findings.update(dict.fromkeys(pathway.unstaffed(authority.roles)))
                findings.update(dict.fromkeys(pathway.apart_from_nobody()))
        if findings:
            raise PathwayRefused(list(findings))
        self.put_in_force(authority, at=at, by=by, why=why)
        if (folder / "clauses.csv").is_file():
            self.keep_clauses(authority.id, (folder / "clauses.csv").read_bytes(), at=at, by=by, why=why)
        self.keep_sources(authority.id, _sources(folder), at=at, by=by, why=why)
        for release in releases:
            self.publish(release, at=at, by=by, why=why)
        return [release.hash for release in releases]

    def keep_clauses(self, authority: str, content: bytes, *, at: datetime, by: str, why: str) -> None:
        """Keep the clauses of an authority's policy as clauses.csv gives them. Raises PathwayRefused."""
        clauses_from_csv(content, f"{authority}/clauses.csv")
        files = {f"{authority}/clauses.csv": content}
        self._keep(authority, CLAUSES, content_hash(files, CLAUSES), files, "Clauses", "", at=at, by=by, why=why)

    def keep_sources(self, authority: str, files: Mapping[str, bytes], *, at: datetime, by: str, why: str) -> None:
        """Keep the files of an authority's folder that execute nothing: its settings as written, and scenarios."""
        self._keep(authority, SOURCES, content_hash(files, SOURCES), files, "Sources", "", at=at, by=by, why=why)

    def folder(self, authority: str) -> dict[str, bytes]:
        """Every file of an authority as it was last published, by its path below processes/."""
        return self.folder_of(authority, self.latest(authority))

    def latest(self, authority: str) -> dict[str, str]:
        """Everything published of an authority by name, clauses and sources included, as its newest release."""
        return {line.pathway: line.release for line in self._store.library.deployments(authority)}

    def folder_of(self, authority: str, releases: Mapping[str, str]) -> dict[str, bytes]:
        """Every file that these releases hold, by its path below processes/."""
        found: dict[str, bytes] = {}
        for release in releases.values():
            found.update(self._store.library.release_files(authority, release))
        return dict(sorted(found.items()))

    def put_in_force(self, authority: Authority, *, at: datetime, by: str, why: str) -> None:
        """Keep an authority's settings under their version; commands from now on are carried out under them."""
        document = canonical(authority.document())
        self._store.library.put_in_force(authority.id, authority.version, document, at=at, by=by, why=why)
        self._latest.pop(authority.id, None)

    def make_ready(self, release: Release, roles: Collection[str] | None = None) -> None:
        """Prepare a release that is about to be published, before anything is written. Raises PathwayRefused.

        roles  those that the authority will have, where they are known: each task is for one of them
        """
        found = self._pathways.get((release.authority, release.hash)) or self._remember(release)
        amiss = [*(found.unstaffed(roles) if roles is not None else ()), *found.apart_from_nobody()]
        if amiss:
            raise PathwayRefused(amiss)

    def publish(self, release: Release, *, at: datetime, by: str, why: str) -> str:
        """Keep a release for ever and let new instances start on it; running ones stay on theirs."""
        self.make_ready(release)
        self._keep(
            release.authority,
            release.pathway,
            release.hash,
            release.files,
            release.title,
            release.version,
            at=at,
            by=by,
            why=why,
        )
        if self._verify:
            self._store.library.call_sound(release.authority, release.hash, edition())
        return release.hash

    def _keep(
        self,
        authority: str,
        pathway: str,
        hash_: str,
        files: Mapping[str, bytes],
        title: str,
        version: str,
        *,
        at: datetime,
        by: str,
        why: str,
    ) -> None:
        library = self._store.library
        library.keep_release(authority, hash_, files, pathway=pathway, title=title, version=version, at=at, by=by)
        if library.deployed(authority, pathway) != hash_:
            library.deploy(authority, pathway, hash_, at=at, by=by, why=why)


def _sources(folder: Path) -> dict[str, bytes]:
    files = [folder / "authority.toml", *sorted(folder.rglob("scenarios/*.toml"))]
    return {path.relative_to(folder.parent).as_posix(): path.read_bytes() for path in files}
