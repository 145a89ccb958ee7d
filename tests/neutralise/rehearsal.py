"""Where scenarios are played on pathways that nobody has checked: a store of their own for each place."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from engine.authorities import Authority
from engine.casework import Shelf
from engine.execution.edition import edition
from engine.pathways import Release
from engine.scenarios import Scenario, Stage
from engine.store import MasterKey, Store, open_store

PUBLISHED = datetime(2026, 1, 1, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Limits:
    """Processor time, in s: what one place may take, and after what a scenario does not come to rest."""

    place: int = 240
    rest: float = 5.0
    #: Or so many times what the scenario takes as things are, where that is more.
    usual: int = 30


@dataclass(frozen=True, slots=True)
class Usual:
    """What a scenario does on the pathways as they are; `seconds` of processor time."""

    passed: bool
    visited: frozenset[str]
    seconds: float


class NoRest(BaseException):
    """A scenario took many times as long as it does; nothing on its way may take this for an error of the case."""


class Rehearsal:
    """A store with an authority as it is, and a copy of it for each place. Leave it to have everything removed."""

    def __init__(self, authority: str, limits: Limits) -> None:
        self.authority, self.limits = authority, limits
        # In memory where there is room: what is written here is read once.
        memory = Path("/dev/shm")
        usable = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30
        self._folder = Path(tempfile.mkdtemp(prefix="neutralise-", dir=memory if usable else None))
        self._key = MasterKey.create(self._folder / "keys")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def set_up(self, authority: Authority, releases: Iterable[Release]) -> None:
        """Write the store that each place begins from."""
        with self._opened("as_it_is.db", create=True) as store:
            Shelf(store).put_in_force(authority, at=PUBLISHED, by="tests", why="to neutralise places of it")
            self._deploy(store, releases)

    def play_as_it_is(self, scenarios: Iterable[Scenario]) -> Iterator[tuple[str, Usual]]:
        """Play scenarios on the pathways as they are: file and what is usual of it."""
        with self._copy() as store:
            stage = Stage(store, Shelf(store))
            for scenario in scenarios:
                begun = time.process_time()
                result = stage.play(scenario, certify=False)
                yield scenario.file, Usual(result.passed, result.visited, time.process_time() - begun)

    @contextmanager
    def without(self, changed: Iterable[Release]) -> Iterator[Stage]:
        """A stage on which pathways are deployed that nobody has checked."""
        with self._copy() as store:
            self._deploy(store, changed)
            yield Stage(store, Shelf(store))

    def passes(self, stage: Stage, scenario: Scenario, usual: Usual) -> bool:
        """Whether a scenario passes. Raises NoRest; the stage is of no more use then."""

        def stop(*_: Any) -> None:
            raise NoRest(scenario.file)

        before = signal.signal(signal.SIGPROF, stop)
        signal.setitimer(signal.ITIMER_PROF, max(self.limits.rest, self.limits.usual * usual.seconds))
        try:
            return stage.play(scenario, certify=False).passed
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)

    @contextmanager
    def _copy(self) -> Iterator[Store]:
        for file in self._folder.glob("as_it_is.db*"):
            shutil.copy(file, self._folder / file.name.replace("as_it_is", "place"))
        try:
            with self._opened("place.db", create=False) as store:
                yield store
        finally:
            for file in self._folder.glob("place.db*"):
                file.unlink()

    @contextmanager
    def _opened(self, name: str, *, create: bool) -> Iterator[Store]:
        store = open_store(f"sqlite:///{self._folder / name}", master_key=self._key, create=create)
        try:
            yield store
        finally:
            store.close()

    def _deploy(self, store: Store, releases: Iterable[Release]) -> None:
        """Deploy releases, called sound without a look: looking takes longer than the scenarios that notice."""
        for release in releases:
            store.library.keep_release(
                self.authority, release.hash, release.files,
                pathway=release.pathway, title=release.title, version=release.version, at=PUBLISHED, by="tests",
            )  # fmt: skip
            store.library.call_sound(self.authority, release.hash, edition())
            store.library.deploy(
                self.authority, release.pathway, release.hash, at=PUBLISHED, by="tests", why="a place is taken out"
            )
