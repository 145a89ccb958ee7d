"""Scenarios about something else keep the number of the policy that they were written for, when a draft changes it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

import orjson

from engine.casework.people import ANALYST, Practitioner
from engine.errors import EngineError, PathwayRefused, Refused
from engine.history import JSON
from engine.pathways.manifest import read_manifest
from engine.scenarios import Scenario, ScenarioUnreadable, Stage, read_scenario
from engine.store.drafts import DraftFile
from engine.studio.running import Running, Runs, depends_on, staged
from engine.studio.scenario_text import value_written
from engine.studio.studio import Open
from engine.studio.workspace import Workspace

#: What is kept beside a draft of scenarios that were tried with the former numbers.
FORMER = "former"
_HEADING = re.compile(r"^\s*\[", re.MULTILINE)
_PARAMETERS = re.compile(r"^[ \t]*\[[ \t]*given[ \t]*\.[ \t]*parameters[ \t]*\][^\n]*\n", re.MULTILINE)
_INLINE = re.compile(
    r"^[ \t]*parameters[ \t]*=[ \t]*\{(?P<inside>[ \t]*(?P<held>.*?)[ \t]*)\}[ \t]*(?:#.*)?$", re.MULTILINE
)
_GIVEN = re.compile(r"^[ \t]*\[[ \t]*given[ \t]*\][^\n]*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FormerValue:
    """A parameter whose default a draft changes: what it is called, and both values."""

    name: str
    label: str
    before: JSON
    after: JSON


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of the failed scenarios with the former values given to them.

    passing  by path, the values by which each passes; by_hand: likewise, where its text cannot be written by itself
    failing  those that fail all the same; own: those that say the number themselves; waiting: not tried yet
    """

    passing: Mapping[str, Mapping[str, JSON]] = field(default_factory=dict)
    by_hand: Mapping[str, Mapping[str, JSON]] = field(default_factory=dict)
    failing: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


class Pinning(Running):
    """Tries failed scenarios with the former values of a draft's parameters, and writes these into them."""

    def tried(self, opened: Open, runs: Runs | None = None) -> Tried:
        """What is known of the failed scenarios; it holds until something that they depend on changes."""
        former = former_values(opened.published, opened.workspace.files)
        if not former:
            return Tried()
        kept = self._drafts.notes(opened.draft.authority, opened.draft.number, FORMER)
        passing, by_hand = dict[str, Mapping[str, JSON]](), dict[str, Mapping[str, JSON]]()
        failing, own, waiting = list[str](), list[str](), list[str]()
        for path in (runs or self.runs(opened)).failed:
            key, values = orjson.loads(kept[path]) if path in kept else ("", None)
            if key != _key(opened.workspace, path, former):
                waiting.append(path)
            elif values is None:
                said = opened.workspace.scenarios[0][path].parameters
                (own if all(one.name in said for one in former) else failing).append(path)
            elif pinned(opened.workspace.files[path], path, values) is None:
                by_hand[path] = values
            else:
                passing[path] = values
        return Tried(passing, by_hand, tuple(failing), tuple(own), tuple(waiting))

    def try_former(self, by: Practitioner, number: int, *, time: Callable[[], float], seconds: float) -> Tried:
        """Try the failed scenarios that wait for it, for about so many seconds. Raises PathwayRefused."""
        by.must_hold(ANALYST)
        opened = self.open(by, number)
        waiting = self.tried(opened).waiting
        if not waiting:
            return self.tried(opened)
        former = former_values(opened.published, opened.workspace.files)
        end, kept = time() + seconds, dict[str, bytes | None]()
        with staged(opened.workspace, self._clock.now()) as stage:
            for path in waiting:
                if kept and time() >= end:
                    break
                values = _passes_by(stage, opened.workspace.scenarios[0][path], former)
                kept[path] = orjson.dumps([_key(opened.workspace, path, former), values])
        self._drafts.keep_notes(by.authority, number, FORMER, kept)
        return self.tried(opened)

    def keep_former(self, by: Practitioner, number: int, paths: Iterable[str]) -> list[DraftFile]:
        """Write the former values into scenarios that were seen to pass by them, all or none. Raises Refused."""
        by.must_hold(ANALYST)
        opened = self.open(by, number)
        passing, bodies = self.tried(opened).passing, dict[str, bytes | None]()
        for path in dict.fromkeys(paths):
            body = pinned(opened.workspace.files.get(path, b""), path, passing.get(path, {}))
            if body is None:
                raise Refused(
                    f"{path[:200]} was not seen to pass with the former number as it is now. "
                    "Nothing was changed: run the scenarios, try the former number again, and choose anew."
                )
            bodies[path] = body
        if not bodies:
            raise Refused("No scenario is ticked. Tick those that are to keep the former number.")
        return self.save_all(by, opened, bodies)


def former_values(published: Mapping[str, bytes], files: Mapping[str, bytes]) -> list[FormerValue]:
    """The parameters whose default differs from the published one, in the order of their files."""
    found: dict[str, FormerValue] = {}
    for path in sorted(files):
        if not path.endswith("/pathway.toml") or path not in published or files[path] == published[path]:
            continue
        with suppress(PathwayRefused):  # What cannot be read is refused by the checks, with its place.
            before = read_manifest(published[path], path).parameters
            for name, now in read_manifest(files[path], path).parameters.items():
                was = before.get(name)
                if was is not None and was.default is not None and was.default != now.default:
                    found[name] = FormerValue(name, now.label, was.default, now.default)
    return list(found.values())


def pinned(body: bytes, path: str, values: Mapping[str, JSON]) -> bytes | None:
    """A scenario's text with these values among its parameters; every other letter of it stays.

    They stand in its table [given.parameters], or between the braces of its `parameters = { … }`.

    None where nothing is to be added, or where the text is written in a way that nothing can be added to by itself.
    """
    try:
        text = body.decode("utf-8")
        before = read_scenario(body, path)
        new = {name: value for name, value in values.items() if name not in before.parameters}
        after = _added(text, new).encode("utf-8")
        held = replace(before, parameters={**before.parameters, **new})
        return after if new and read_scenario(after, path) == held else None
    except (ScenarioUnreadable, UnicodeDecodeError):
        return None


def _added(text: str, values: Mapping[str, JSON]) -> str:
    written = [f"{name} = {value_written(value)}" for name, value in values.items()]
    lines = "".join(f"{line}\n" for line in written)
    there, given = _PARAMETERS.search(text), _GIVEN.search(text)
    if there is not None:
        return text[: there.end()] + lines + text[there.end() :]
    following = _HEADING.search(text, given.end()) if given is not None else None
    if given is None or following is None:
        return text
    inline = _INLINE.search(text, given.end(), following.start())
    if inline is not None:
        first = ", ".join([*written, *([inline["held"]] if inline["held"] else [])])
        return f"{text[: inline.start('inside')]} {first} {text[inline.end('inside') :]}"
    return f"{text[: following.start()].rstrip()}\n\n[given.parameters]\n{lines}\n{text[following.start() :].lstrip()}"


def _passes_by(stage: Stage, scenario: Scenario, former: Iterable[FormerValue]) -> Mapping[str, JSON] | None:
    """The fewest former values by which a scenario passes: one of them, or all; None where it fails all the same.

    What it says itself is not changed, and it is played with the values whether or not its text can be written.
    """
    for values in _choices([one for one in former if one.name not in scenario.parameters]):
        try:
            if stage.play(replace(scenario, parameters={**scenario.parameters, **values})).passed:
                return values
        except EngineError:  # Such as a former value that the draft's own bounds do not allow any more.
            continue
    return None


def _choices(former: Iterable[FormerValue]) -> Iterator[Mapping[str, JSON]]:
    every = {one.name: one.before for one in former}
    yield from ({name: value} for name, value in every.items())
    if len(every) > 1:
        yield every


def _key(workspace: Workspace, path: str, former: Iterable[FormerValue]) -> str:
    tried = json.dumps([[one.name, one.before] for one in former])
    return f"{depends_on(workspace, path)} played {tried}"  # An earlier try that only wrote is tried again.
