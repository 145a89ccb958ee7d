"""Every clause-tagged place of an authority in turn: what a scenario says of the policy without it."""

from __future__ import annotations

import gc
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from engine.authorities import read_authority
from engine.errors import EngineError
from engine.execution import prepare
from engine.execution.edition import edition
from engine.pathways import Release, find_releases, release_from_files
from engine.scenarios import Scenario, find_scenarios, read_scenario
from tests.neutralise.bypass import NotSeparable
from tests.neutralise.journal import Journal
from tests.neutralise.places import Place, neutralised, places
from tests.neutralise.rehearsal import Limits, NoRest, Rehearsal, Usual

#: How places are taken out: what was found by other means is sought anew.
_HOW = tuple(Path(__file__).with_name(name).read_bytes() for name in ("bypass.py", "places.py"))


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one place: killed (a scenario noticed), survived, not separable, or not finished in its time."""

    place: Place
    outcome: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which places are asked for: words in their name and in the path of their file, and their kind."""

    only: str = ""
    file: str = ""
    kind: str = ""

    def takes(self, place: Place) -> bool:
        """Whether a place is asked for."""
        return self.only in place.name and self.file in place.file and self.kind in ("", place.kind)


def survey(folder: Path, wanted: Wanted, journal: Journal, limits: Limits) -> Iterator[Finding]:
    """Neutralise every clause-tagged place of an authority's folder that is wanted.

    What stands in the journal is not sought again.
    """
    with Rehearsal(folder.name, limits) as rehearsal:
        yield from Survey(folder, rehearsal, journal).findings(wanted)


class Survey:
    """An authority's pathways and scenarios, what each scenario visits as they are, and the places in question."""

    def __init__(self, folder: Path, rehearsal: Rehearsal, journal: Journal) -> None:
        self.authority, self.rehearsal, self.journal = folder.name, rehearsal, journal
        self.releases = {release.pathway: release for release in find_releases(folder)}
        contents = {str(file.relative_to(folder.parent)): file.read_bytes() for file in find_scenarios(folder)}
        self.scenarios: dict[str, Scenario] = {file: read_scenario(content, file) for file, content in contents.items()}
        rehearsal.set_up(read_authority(folder), self.releases.values())
        settings = (folder / "authority.toml").read_bytes()
        whole = _mark(edition(), settings, *sorted(release.hash for release in self.releases.values()))
        #: A scenario as it reads; and as it plays on these pathways, settings and engine.
        self.texts = {file: _mark(content) for file, content in contents.items()}
        self.usual = self._usual(whole)

    def _usual(self, whole: str) -> dict[str, Usual]:
        """What each scenario that passes visits as things are, and how long it takes."""
        known = {file: self.journal.usual(_mark(whole, text)) for file, text in self.texts.items()}
        new = [file for file, usual in known.items() if usual is None]
        if new:
            for file, usual in self.rehearsal.play_as_it_is([self.scenarios[file] for file in new]):
                known[file] = usual
                self.journal.keep_usual(_mark(whole, self.texts[file]), usual)
        failing = sorted(file for file, usual in known.items() if usual is not None and not usual.passed)
        if failing:
            print(f"{self.authority}: do not pass as things are and count for nothing: {failing}", file=sys.stderr)
        return {file: usual for file, usual in known.items() if usual is not None and usual.passed}

    def findings(self, wanted: Wanted) -> Iterator[Finding]:
        """Each place once, in the order of the pathways."""
        found: dict[Place, None] = {}
        for release in self.releases.values():
            found.update(dict.fromkeys(places(release)))
        gc.collect()
        gc.freeze()
        for place in filter(wanted.takes, found):
            yield self._finding(place)

    def _finding(self, place: Place) -> Finding:
        visiting = self._visiting(place)
        touched = {name: release for name, release in self.releases.items() if place.file in release.files}
        here = (release.hash for release in touched.values())
        standing = _mark(edition(), *_HOW, place.name, place.file, *sorted(here))
        known = self.journal.finding(standing)
        if known is not None:
            outcome, by, seen = known
            if outcome != "not finished" and seen == self._seen(outcome, by, visiting):
                return Finding(place, outcome, by)
        outcome, by = in_a_child(lambda: self._outcome(place, touched, visiting), self.rehearsal.limits.place)
        self.journal.keep_finding(standing, outcome, by, self._seen(outcome, by, visiting))
        return Finding(place, outcome, by)

    def _visiting(self, place: Place) -> list[str]:
        """The scenarios that visit a place: those that name one of its clauses first, the quickest of them first."""
        visiting = [file for file, usual in self.usual.items() if place.visited_as in usual.visited]
        named = set(place.clauses)
        visiting.sort(key=lambda file: (not named & set(self.scenarios[file].clauses), self.usual[file].seconds))
        return visiting

    def _seen(self, outcome: str, by: str, visiting: list[str]) -> str:
        """The scenarios that a finding rests on: the one that noticed, or all that could have."""
        return _mark(*([self.texts[by]] if by in self.texts else sorted(self.texts[file] for file in visiting)))

    def _outcome(self, place: Place, touched: dict[str, Release], visiting: list[str]) -> tuple[str, str]:
        try:
            changed = [
                release_from_files(neutralised(release.files, place), authority=self.authority, pathway=pathway)
                for pathway, release in touched.items()
            ]
        except NotSeparable:
            return "not separable", ""
        except EngineError as error:
            # What is left is no pathway: the place cannot be forgotten.
            return "killed", str(error)[:120]
        try:
            with self.rehearsal.without(changed) as stage:
                for file in visiting:
                    try:
                        if not self.rehearsal.passes(stage, self.scenarios[file], self.usual[file]):
                            return "killed", file
                    except NoRest:
                        return "killed", file
        except Exception:
            # What the checker would refuse may go wrong in any way where it was not asked.
            refused = _refusal(changed)
            if refused is None:
                raise
            return "killed", refused
        refused = _refusal(changed)
        return ("survived", "") if refused is None else ("killed", refused)


def _refusal(changed: list[Release]) -> str | None:
    """What the checker has against pathways, None for nothing. It takes longer than most scenarios."""
    for release in changed:
        try:
            prepare(release)
        except EngineError as error:
            return str(error)[:120]
    return None


def in_a_child(work: Callable[[], tuple[str, str]], seconds: int) -> tuple[str, str]:
    """Do it in a process of its own, which takes along what is loaded and leaves nothing behind."""
    sys.stdout.flush()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
        code = 1
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(pickle.dumps(work()))
            code = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL):
        return "not finished", ""
    if status != 0:
        raise RuntimeError("A place could not be taken out; the words above say why.")
    outcome, by = pickle.loads(told)
    return str(outcome), str(by)


def _mark(*parts: str | bytes) -> str:
    whole = sha256()
    for part in parts:
        whole.update(part.encode() if isinstance(part, str) else part)
        whole.update(b"\0")
    return whole.hexdigest()
