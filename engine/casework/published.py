"""The pathways of an authority as they stand: which release, since when and why, what its checks say, its clauses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from engine.casework.shelf import Shelf
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


def published(store: Store, shelf: Shelf, authority: str) -> list[PublishedPathway]:
    """Every deployed pathway of an authority, by title."""
    known = frozenset(shelf.clauses(authority))
    deployed = shelf.deployments(authority)
    latest = {line.pathway: line for line in store.library.deployments(authority) if line.pathway in deployed}
    found = []
    for pathway, line in latest.items():
        release = shelf.release(authority, line.release)
        refusals, advice = _checked(release)
        named = tuple(sorted(_clauses(release) & known))
        found.append(
            PublishedPathway(
                pathway,
                release.title,
                release.purpose,
                release.version,
                release.hash,
                line.at,
                line.by,
                line.why,
                refusals,
                advice,
                named,
                len(known),
            )
        )
    return sorted(found, key=lambda one: (one.title, one.pathway))


@lru_cache(maxsize=256)
def _checked(release: Release) -> tuple[int, int]:
    """How many refusals and how much advice; a release never changes, so that it is checked once in a process."""
    findings = check_release(release)
    refusals = sum(finding.severity == "refusal" for finding in findings)
    return refusals, len(findings) - refusals


@lru_cache(maxsize=256)
def _clauses(release: Release) -> frozenset[str]:
    own = release.processes[release.pathway].rpartition("/")[0] + "/"
    files = (content for path, content in release.files.items() if path.startswith(own))
    return frozenset(found.decode() for content in files for found in _CLAUSE.findall(content))
