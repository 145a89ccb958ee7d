"""Facts that are given by a name which no pathway of the authority knows: taken, and told to whoever gives them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache

from engine.case.facts import FACTS
from engine.case.unknown_facts import ALWAYS, facts_known, nearest
from engine.casework.shelf import Shelf
from engine.pathways import Release

_CATALOGUE = ALWAYS | frozenset(FACTS)


def strange_facts(shelf: Shelf, authority: str, names: Iterable[str]) -> tuple[str, ...]:
    """A sentence for each fact that no deployed pathway of an authority reads or records: kept, and nothing follows.

    A misspelt `deceasd` would otherwise be taken for the answer to a question that stays open.
    """
    left = [name for name in names if name not in _CATALOGUE]
    if not left:
        return ()
    releases = shelf.deployments(authority).values()
    known = _CATALOGUE.union(*(_known(shelf.release(authority, hash_)) for hash_ in releases))
    return tuple(_sentence(name, known) for name in left if name not in known)


@lru_cache(maxsize=256)
def _known(release: Release) -> frozenset[str]:
    return facts_known(release.files)


def _sentence(name: str, known: Collection[str]) -> str:
    near = nearest(name, known)
    meant = f" Is {near} meant? Then record that." if near else ""
    return f"No pathway here reads or records the fact {name[:64]}: it is kept, and nothing follows from it.{meant}"
