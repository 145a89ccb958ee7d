"""Releases and settings as cases use them: published once, read for ever, prepared once in a process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from threading import Lock

from engine.authorities import Authority, read_authority
from engine.errors import NotFound, PathwayRefused
from engine.execution import Pathway, check, prepare
from engine.history import JSON
from engine.pathways import Release, read_release
from engine.store import Store

#: Prepared releases kept in memory; one takes about a megabyte.
KEPT = 64


@dataclass(frozen=True, slots=True)
class AuthorityTerms:
    """The settings of an authority in force, and its releases prepared to run (engine.case.handling.Terms)."""

    authority: Authority
    shelf: Shelf

    def pathway(self, release: str) -> Pathway:
        """The prepared pathway of a release."""
        return self.shelf.pathway(self.authority.id, release)

    def parameters(self, release: str, on: date) -> Mapping[str, JSON]:
        """The values of a release's local parameters on a date: the authority's own, else the release's defaults."""
        return self.authority.parameters_for(self.shelf.release(self.authority.id, release), on)


class Shelf:
    """What is published, by authority. Thread-safe; `verify=False` reads what the store holds, changed or not."""

    def __init__(self, store: Store, *, verify: bool = True) -> None:
        self._store, self._verify = store, verify
        self._releases: OrderedDict[tuple[str, str], tuple[Release, Pathway]] = OrderedDict()
        self._settings: dict[tuple[str, str], AuthorityTerms] = {}
        self._lock = Lock()

    # ------------------------------------------------------------------ reading

    def release(self, authority: str, release: str) -> Release:
        """The release of that hash. Raises NotFound."""
        return self._prepared(authority, release)[0]

    def pathway(self, authority: str, release: str) -> Pathway:
        """The release of that hash, prepared to run."""
        return self._prepared(authority, release)[1]

    def _prepared(self, authority: str, release: str) -> tuple[Release, Pathway]:
        key = (authority, release)
        with self._lock:
            found = self._releases.get(key)
            if found is not None:
                self._releases.move_to_end(key)
                return found
        read = self._store.release(authority, release, verify=self._verify)
        found = (read, prepare(read))
        with self._lock:
            self._releases[key] = found
            while len(self._releases) > KEPT:
                self._releases.popitem(last=False)
        return found

    def terms(self, authority: str, version: str | None = None) -> AuthorityTerms:
        """The settings of that version, or those in force now."""
        version = version or self._store.settings_in_force(authority)
        if version is None:
            raise NotFound(f"No settings are deployed for {authority}. Deploy its folder first.")
        key = (authority, version)
        found = self._settings.get(key)
        if found is None:
            document = self._store.settings(authority, version)
            found = self._settings[key] = AuthorityTerms(Authority.from_document(document), self)
        return found

    def deployed(self, authority: str, pathway: str) -> str:
        """The release that new instances of a pathway start on."""
        release = self._store.deployed(authority, pathway)
        if release is None:
            raise NotFound(f"Pathway {pathway[:80]} is not deployed for {authority}.")
        return release

    def deployments(self, authority: str) -> dict[str, str]:
        """Every deployed pathway of an authority and its release."""
        return self._store.deployments(authority)

    # ------------------------------------------------------------------ publishing

    def deploy_authority(self, folder: Path, *, at: datetime, by: str, why: str) -> list[str]:
        """Publish an authority's settings and every pathway of its folder; the hashes of the releases.

        Nothing is published where anything is refused. Raises PathwayRefused.
        """
        authority = read_authority(folder)
        releases = [
            read_release(folder.parent, authority.id, path.parent.name) for path in sorted(folder.glob("*/pathway.toml"))
        ]
        findings = [f for release in releases for f in check(release) if f.severity == "refusal"]
        if findings:
            raise PathwayRefused(findings)
        self._store.put_settings(authority.id, authority.version, authority.document(), at=at, by=by)
        for release in releases:
            self.publish(release, at=at, by=by, why=why)
        return [release.hash for release in releases]

    def publish(self, release: Release, *, at: datetime, by: str, why: str) -> str:
        """Keep a release for ever and let new instances start on it; running ones stay on theirs."""
        prepare(release)
        self._store.put_release(release, at=at, by=by)
        self._store.deploy(release.authority, release.pathway, release.hash, at=at, by=by, why=why)
        return release.hash
