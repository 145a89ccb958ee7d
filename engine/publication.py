"""What must be true before a pathway is published: it runs as drawn, and its tables are proved."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from engine.authorities import read_authority, read_clauses, strange_clauses
from engine.case.unknown_facts import strange_to_scenarios, unknown_facts
from engine.dmn import Model, analyse
from engine.errors import Finding, PathwayRefused
from engine.execution import check, check_alone
from engine.execution.pathway import read_models
from engine.pathways import Release, look_for_releases, loose_diagrams
from engine.pathways.references import read_diagram
from engine.pathways.written import user_tasks

#: How the files of a bare folder are named within a release.
_GUEST = re.compile(r"^local/[^/]+/")


def check_release(
    release: Release,
    *,
    conventions: bool = True,
    roles: Collection[str] | None = None,
    tasks: Collection[str] | None = None,
) -> list[Finding]:
    """Everything that stands against publishing a release; with `conventions`, what the house asks of its own too.

    roles  those of its authority, where they are known: each task is for one of them
    tasks  the user tasks of all its authority's pathways, where they are known
    """
    return [*check(release, conventions=conventions, roles=roles, tasks=tasks), *prove_tables(release)]


def check_folder(folder: Path) -> tuple[int, list[Finding]]:
    """How many pathways lie below a folder, or in one .bpmn file, and everything that stands against them.

    What an authority's folder holds is asked for the house's conventions too. Other people's diagrams are named by
    their own paths, and one that cannot be read keeps none of the others from being looked at.
    """
    only = None
    if folder.is_file() and folder.suffix == ".bpmn":
        folder, only = folder.parent, folder.name
    ours = bool(list(folder.glob("*/authority.toml"))) or any(
        (place / "authority.toml").exists() for place in (folder, folder.resolve().parent)
    )
    releases, found = look_for_releases(folder)
    if not ours:
        found = _of_strangers(folder, releases, found)
    if only is not None:
        releases = [one for one in releases if PurePosixPath(one.processes[one.pathway]).name == only]
    roles = _roles(folder, found) if ours else {}
    clauses = _clauses(folder, found) if ours else {}
    whole = {path: body for release in releases for path, body in release.files.items()} | _folders(folder)
    for release in releases:
        own = {path: body for path, body in whole.items() if path.startswith(f"{release.authority}/")}
        tasks = _tasks(own) if ours else None
        said = check_release(release, conventions=ours, roles=roles.get(release.authority), tasks=tasks)
        for finding in [*said, *unknown_facts(release.files, own)]:
            home = f"{release.authority}/{release.pathway}/"
            found.append(finding if ours else replace(finding, file=finding.file.removeprefix(home)))
    for authority in dict.fromkeys(release.authority for release in releases) if ours else ():
        own = {path: body for path, body in whole.items() if path.startswith(f"{authority}/")}
        found += [*strange_to_scenarios(own), *_strange_to_policy(own, clauses.get(authority, frozenset()))]
    if only is not None:
        found = [finding for finding in found if PurePosixPath(finding.file).name == only]
    return len(releases), list(dict.fromkeys(found))


def _around(folder: Path) -> list[Path]:
    """The folder of each authority that a folder belongs to or holds."""
    here = folder.resolve()
    around = [place for place in (here, *here.parents[:2]) if (place / "authority.toml").is_file()]
    return around or [path.parent for path in here.glob("*/authority.toml")]


def _roles(folder: Path, found: list[Finding]) -> dict[str, frozenset[str]]:
    """The roles of each authority; what is wrong with settings that cannot be read is added to what was found."""
    roles: dict[str, frozenset[str]] = {}
    for place in _around(folder):
        try:
            roles[place.name] = frozenset(read_authority(place).roles)
        except PathwayRefused as refused:
            found.extend(refused.findings)
    return roles


def _clauses(folder: Path, found: list[Finding]) -> dict[str, frozenset[str]]:
    """The clauses of each authority that lists them; what is wrong with a list is added to what was found."""
    clauses: dict[str, frozenset[str]] = {}
    for place in _around(folder):
        if (place / "clauses.csv").is_file():
            try:
                clauses[place.name] = frozenset(read_clauses(place))
            except PathwayRefused as refused:
                found.extend(refused.findings)
    return clauses


def _strange_to_policy(files: Mapping[str, bytes], known: Collection[str]) -> Iterator[Finding]:
    """Advice for each clause that a scenario says it is about, and that its policy does not have."""
    for path, body in files.items():
        if known and "/scenarios/" in path and path.endswith(".toml"):
            try:
                named = tomllib.loads(body.decode("utf-8")).get("clauses", ())
            except (ValueError, RecursionError):
                continue  # What cannot be read is said when it is run.
            for message, mend in strange_clauses(named if isinstance(named, list) else (), known):
                yield Finding("advice", path, None, None, message, mend)


def _tasks(files: Mapping[str, bytes]) -> frozenset[str]:
    """Everything that people do in the pathways of one authority."""
    return frozenset[str]().union(*(user_tasks(body) for path, body in files.items() if path.endswith(".bpmn")))


def _folders(folder: Path) -> dict[str, bytes]:
    """The diagrams and scenarios of each authority that a folder belongs to or holds."""
    found: dict[str, bytes] = {}
    for place in _around(folder):
        for path in [*place.glob("**/*.bpmn"), *place.glob("**/scenarios/*.toml")]:
            found[f"{place.name}/{path.relative_to(place).as_posix()}"] = path.read_bytes()
    return found


def _of_strangers(folder: Path, releases: list[Release], found: list[Finding]) -> list[Finding]:
    """The findings of a bare folder: its files by their own paths, and the diagrams that no pathway holds."""
    held = {path.split("/", 2)[2] for release in releases for path in release.files}
    drawn = loose_diagrams(folder)
    left = {
        path: content for path, content in drawn.items() if path not in held and not read_diagram(content).processes
    }
    alone = [finding for path, content in left.items() for finding in check_alone(path, content)]
    if alone and not releases:
        found = [finding for finding in found if finding.file != folder.resolve().name]
    return [replace(finding, file=_GUEST.sub("", finding.file)) for finding in found] + alone


def prove_tables(release: Release) -> list[Finding]:
    """Every gap, forbidden overlap and dead rule of a release's tables, and every table that cannot be proved."""
    return [
        finding
        for model in dict.fromkeys(models_of(release).values())
        for proof in analyse.prove_all(model)
        for finding in proof.findings
    ]


def models_of(release: Release) -> dict[str, Model]:
    """Every decision model of a release, by decision; those that cannot be read are the reader's to refuse."""
    found: list[Finding] = []
    return read_models(release, found)
