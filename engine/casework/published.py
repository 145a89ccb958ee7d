"""The pathways of an authority as they stand: which release, since when and why, what its checks say, its clauses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import orjson

from engine.casework.shelf import Shelf
from engine.errors import Finding, PathwayRefused
from engine.execution.edition import edition
from engine.pathways import Release
from engine.publication import check_release
from engine.store import Store

_CLAUSE = re.compile(rb"\b[A-Z]{3}-[A-Z]?\d+(?:\.\d+)*[a-z]?\d?\b")


@dataclass(frozen=True, slots=True)
class PublishedPathway:
    """One deployed pathway.

    refusals, advice  what today's checks say of the release: its diagrams and its proved tables
    clauses           the authority's clauses that it names itself, not what it calls; and how many the authority has
    """

    pathway: str
    title: str
    purpose: str
    version: str
    release: str
    since: str
    by: str
    why: str
    refusals: int
    advice: int
    clauses: tuple[str, ...]
    of: int


@dataclass(frozen=True, slots=True)
class _Summary:
    """What lists say of a release. It never changes, so that it is found once by each edition of the engine."""

    title: str
    purpose: str
    version: str
    refusals: int
    advice: int
    clauses: tuple[str, ...]


def published(store: Store, shelf: Shelf, authority: str) -> list[PublishedPathway]:
    """Every deployed pathway of an authority, by title."""
    known = frozenset(shelf.clauses(authority))
    deployed = shelf.deployments(authority)
    latest = {line.pathway: line for line in store.library.deployments(authority) if line.pathway in deployed}
    found = []
    for pathway, line in latest.items():
        said = _kept(store, authority, line.release) or _found(store, shelf, authority, line.release)
        named = tuple(clause for clause in said.clauses if clause in known)
        found.append(
            PublishedPathway(
                pathway,
                said.title,
                said.purpose,
                said.version,
                line.release,
                line.at,
                line.by,
                line.why,
                said.refusals,
                said.advice,
                named,
                len(known),
            )
        )
    return sorted(found, key=lambda one: (one.title, one.pathway))


def sum_up_one(store: Store, shelf: Shelf) -> bool:
    """Sum up one deployed release that nobody summed up yet, so that no page waits for it; False where none is left.

    It is prepared too: after a new edition of the engine nobody waits while it is checked.
    """
    for authority in store.library.authorities():
        for release in shelf.deployments(authority).values():
            if _kept(store, authority, release) is None:
                _found(store, shelf, authority, release)
                with suppress(PathwayRefused):
                    shelf.pathway(authority, release)
                return True
    return False


def sum_up(store: Store, shelf: Shelf, authority: str, releases: Iterable[str]) -> None:
    """Sum up releases that were just published, so that whoever opens the list next does not wait for it."""
    for release in releases:
        if _kept(store, authority, release) is None:
            _found(store, shelf, authority, release)


@lru_cache(maxsize=256)
def findings_of(release: Release, roles: frozenset[str] | None = None) -> tuple[Finding, ...]:
    """What the checks and proofs say of a release for an authority with these roles, where they are known.

    It never changes, so that they say it once in a process.
    """
    return tuple(check_release(release, roles=roles))


def _kept(store: Store, authority: str, release: str) -> _Summary | None:
    said = store.library.summary(authority, release, edition())
    if said is None:
        return None
    title, purpose, version, refusals, advice, clauses = orjson.loads(said)
    return _Summary(title, purpose, version, refusals, advice, tuple(clauses))


def _found(store: Store, shelf: Shelf, authority: str, hash_: str) -> _Summary:
    """Check a release, and keep what was found."""
    said = _checked(shelf.release(authority, hash_))
    body = [said.title, said.purpose, said.version, said.refusals, said.advice, said.clauses]
    store.library.sum_up(authority, hash_, edition(), orjson.dumps(body).decode("utf-8"))
    return said


@lru_cache(maxsize=256)
def _checked(release: Release) -> _Summary:
    """A release never changes, so that it is summed up once in a process, in whichever store it stands."""
    findings = findings_of(release)
    refusals = sum(finding.severity == "refusal" for finding in findings)
    clauses = tuple(sorted(_clauses(release)))
    return _Summary(release.title, release.purpose, release.version, refusals, len(findings) - refusals, clauses)


def _clauses(release: Release) -> frozenset[str]:
    own = release.processes[release.pathway].rpartition("/")[0] + "/"
    files = (content for path, content in release.files.items() if path.startswith(own))
    return frozenset(found.decode() for content in files for found in _CLAUSE.findall(content))
