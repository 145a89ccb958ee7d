"""`pathways check`, `describe`, `scenarios`, `coverage`, `tidy` and `deploy`: a pathway from drawing to running."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import click

from engine.authorities import Authority, Overdue, strange_clauses
from engine.calendars import england_calendar
from engine.casework import Shelf
from engine.casework.people import CASE_ROLES
from engine.casework.strange_facts import strange_facts
from engine.clock import SystemClock
from engine.commands.opening import database_options, open_office
from engine.coverage import Coverage, cover
from engine.errors import EngineError, Finding, NotFound, PathwayRefused
from engine.execution import describe as describe_pathway
from engine.execution import prepare
from engine.layout import tidy as tidy_diagram
from engine.pathways import Release, pathways_in, read_folder, read_release
from engine.policy_book import written
from engine.publication import check_folder, prove_tables
from engine.scenarios import (
    Result,
    Scenario,
    ScenarioUnreadable,
    Stage,
    explain,
    find_scenarios,
    read_scenario,
    temporary_store,
)

PROCESSES = Path("processes")
#: The pathways of the clone that these commands are installed from, where they are.
_BESIDE_THE_ENGINE = Path(__file__).resolve().parents[2] / PROCESSES


def _nearest(_context: click.Context, _option: click.Parameter, said: Path) -> Path:
    """The pathways: where nobody says which, those of the folder that somebody stands in or of one around it.

    Where there are none either, those that stand beside the engine; which ones is said.
    """
    if said != PROCESSES or said.is_dir():
        return said
    here = Path.cwd()
    around = (found for place in (here, *here.parents) for found in (place, place / PROCESSES))
    found = next((found for found in around if next(found.glob("*/authority.toml"), None)), None)
    if found is None and next(_BESIDE_THE_ENGINE.glob("*/authority.toml"), None):
        found = _BESIDE_THE_ENGINE
        click.echo(f"There are no pathways here: those of {found} are used.", err=True)
    return found or said


_PROCESSES = click.option(
    "--processes", type=click.Path(path_type=Path), default=PROCESSES, show_default=True, callback=_nearest
)
NOTHING = "The scenario expects nothing, so that it proves nothing. Write a [then], or a step that is refused."


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=PROCESSES, callback=_nearest)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(folder: Path, as_json: bool) -> None:
    """Check every pathway below FOLDER, or one .bpmn file: it runs as drawn, tables are proved, conventions kept."""
    if folder.exists():
        count, findings = check_folder(folder)
    else:
        missing = Finding("refusal", str(folder), None, None, "It does not exist.", "Name a folder, or a .bpmn file.")
        count, findings = 0, [missing]
    if as_json:
        click.echo(json.dumps([as_entry(f) for f in findings], indent=2, ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(f"{finding.severity}: {finding}")
        refusals = sum(f.severity == "refusal" for f in findings)
        click.echo(f"{count} pathways checked: {refusals} refusals, {len(findings) - refusals} advice")
    sys.exit(1 if any(f.severity == "refusal" for f in findings) or not count else 0)


def as_entry(finding: Finding) -> dict[str, str | None]:
    """One finding as it stands in JSON."""
    return {name: getattr(finding, name) for name in ("severity", "file", "place", "name", "message", "mend")}


def _find(pathway: str, processes: Path) -> Release:
    """A pathway by id or by folder."""
    folder = Path(pathway)
    if pathway.strip() and folder.is_dir():
        return read_folder(folder)
    for authority in sorted(processes.glob("*/authority.toml")) if pathway.strip() else ():
        for place in (authority.parent / pathway, authority.parent / "shared" / pathway):
            if place.is_dir():
                return read_release(processes, authority.parent.name, pathway)
    raise NotFound(f"Pathway {pathway} is not below {processes}. Name its folder or its process id.")


@click.command()
@click.argument("pathway")
@_PROCESSES
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def describe(pathway: str, processes: Path, as_json: bool) -> None:
    """Every id of PATHWAY that a scenario or a form may use: tasks, fields, messages, ends, roles, parameters."""
    release = _find(pathway, processes)
    described = {"release": release.hash, **describe_pathway(prepare(release))}
    described["parameters"] = {
        name: {"type": p.type, "default": p.default, "label": p.label} for name, p in release.parameters.items()
    }
    if as_json:
        click.echo(json.dumps(described, indent=2, ensure_ascii=False, default=str))
        return
    click.echo(f"{release.pathway}: {release.title}")
    for part, content in described.items():
        click.echo(f"{part}:")
        items = (
            content.items()
            if isinstance(content, dict)
            else enumerate(content if isinstance(content, list) else [content])
        )
        for name, item in items:
            click.echo(f"  {name}: {json.dumps(item, ensure_ascii=False, default=str)}")


@click.command()
@click.argument("places", nargs=-1, required=True, type=click.Path(path_type=Path))
@_PROCESSES
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--story", is_flag=True, help="Tell each step.")
def scenarios(places: tuple[Path, ...], processes: Path, as_json: bool, story: bool) -> None:
    """Run scenario files, from anywhere, on the pathways of --processes; each is certified by replay."""
    if not processes.is_dir():
        raise NotFound(
            f"There is no folder {processes} here. Run this in the project’s folder or name it with --processes."
        )
    results: list[Result] = []
    notes: dict[str, tuple[str, ...]] = {}
    with temporary_store() as store:
        stage, deployed = Stage(store, Shelf(store)), set[str]()
        for file in _scenario_files(places, results):
            try:
                scenario = read_scenario(file.read_bytes(), str(file))
                if scenario.authority not in deployed:
                    stage.shelf.deploy_authority(
                        processes / scenario.authority, at=scenario.now, by="scenarios", why="to run scenarios"
                    )
                    deployed.add(scenario.authority)
                result = stage.play(scenario)
                notes[result.file] = (
                    *strange_facts(stage.shelf, scenario.authority, scenario.records),
                    *(" ".join(said) for said in _strange_clauses(stage, scenario)),
                )
            except (EngineError, OSError) as error:
                results.append(_unplayed(file, error))
            else:
                results.append(result if scenario.expects else replace(result, problems=(*result.problems, NOTHING)))
    if as_json:
        click.echo(
            json.dumps(
                [
                    {
                        "file": r.file,
                        "title": r.title,
                        "clauses": r.clauses,
                        "passed": r.passed,
                        "problems": r.problems,
                        "outcomes": r.outcomes,
                        "plan_status": r.plan_status,
                        "open_tasks": r.open_tasks,
                        "certified": r.replay.certified if r.replay else False,
                        "notes": notes.get(r.file, ()),
                    }
                    for r in results
                ],
                indent=2,
                ensure_ascii=False,
            )
        )
    else:
        for r in results:
            click.echo(f"{'passed' if r.passed else 'FAILED'}  {r.title}  ({r.file})")
            for line in r.story if story else ():
                click.echo(f"    {line}")
            for problem in r.problems:
                click.echo(f"    {problem}")
            for note in notes.get(r.file, ()):
                click.echo(f"    note: {note}")
        click.echo(f"{sum(r.passed for r in results)} of {len(results)} scenarios passed")
    sys.exit(0 if results and all(r.passed for r in results) else 1)


def _strange_clauses(stage: Stage, scenario: Scenario) -> tuple[tuple[str, str], ...]:
    """The clauses that a scenario names and its policy does not have; none where no clauses are listed."""
    known = stage.shelf.clauses(scenario.authority)
    return strange_clauses(scenario.clauses, known) if known else ()


def _scenario_files(places: tuple[Path, ...], results: list[Result]) -> list[Path]:
    """The scenario files of all places; what is no place is a result that failed."""
    files: list[Path] = []
    for place in places:
        try:
            files += find_scenarios(place)
        except ScenarioUnreadable as error:
            results.append(_unplayed(place, error))
    return files


def _unplayed(file: Path, error: Exception) -> Result:
    """One file that cannot be played keeps none of the others from it."""
    words = explain(error) if isinstance(error, EngineError) else f"{file} cannot be read ({type(error).__name__})."
    return Result(str(file), file.stem, (), (words,), (), "", (), frozenset())


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@database_options
@click.option("--authority", default="local", show_default=True, help="Whose a bare folder's pathway is.")
@click.option("--pathway", help="Which process of a bare folder is the pathway, where several could be.")
@click.option("--why", default="deployed from a folder", show_default=True)
@click.option("--by", default="deployer", show_default=True)
def deploy(folder: Path, database: str, keys: Path, authority: str, pathway: str | None, why: str, by: str) -> None:
    """Publish FOLDER: an authority's folder with everything below it, or one pathway's, whoever wrote it.

    New cases take the new release; running ones stay on theirs. Nothing is published that `pathways check` refuses.
    """
    office = open_office(database, keys)
    now = SystemClock().now()
    if (folder / "authority.toml").exists():
        if pathway is not None:
            raise NotFound(f"{folder} is an authority's folder. Name {folder / pathway} instead of --pathway.")
        _must_pass(folder)
        hashes = office.shelf.deploy_authority(folder, at=now, by=by, why=why)
    else:
        release = _guest(folder, authority, pathway)
        prepared = prepare(release)
        _must_pass(folder, release)
        in_force = office.store.library.in_force(release.authority)
        settings = office.shelf.terms(release.authority).authority if in_force is not None else None
        if settings is None or settings == _plain_authority(release.authority, dict(settings.roles)):
            known = dict(settings.roles) if settings is not None else {}
            drawn = {role: title.replace("_", " ") for role, title in prepared.roles.items()}
            wanted = _plain_authority(release.authority, {**drawn, **known})
            if wanted != settings:
                office.shelf.put_in_force(wanted, at=now, by=by, why=why)
        office.shelf.make_ready(release, office.shelf.terms(release.authority).authority.roles)
        hashes = [office.shelf.publish(release, at=now, by=by, why=why)]
    for hash_ in hashes:
        click.echo(hash_)


def _must_pass(folder: Path, guest: Release | None = None) -> None:
    """Hold a folder against everything that `pathways check` asks of it. Raises PathwayRefused.

    guest  the folder's release where no authority keeps it: a gap or overlap in a table of others is told and published
           all the same, for a case that comes to it stops there with an incident
    """
    refused = [finding for finding in check_folder(folder)[1] if finding.severity == "refusal"]
    borne = {(each.place, each.message) for each in prove_tables(guest)} if guest is not None else set()
    for finding in refused:
        if (finding.place, finding.message) in borne:
            click.echo(f"warning: {finding} A case that comes to it stops there with an incident.", err=True)
    refused = [finding for finding in refused if (finding.place, finding.message) not in borne]
    if refused:
        raise PathwayRefused(refused)


def _guest(folder: Path, authority: str, pathway: str | None) -> Release:
    drawn = pathways_in(folder) if pathway is not None and folder.is_dir() else ()
    if pathway is not None and pathway not in drawn:
        choices = f"It holds {', '.join(drawn[:10])}. Correct --pathway." if drawn else "Leave --pathway out."
        raise NotFound(f"{folder} holds no pathway {pathway}. {choices}")
    try:
        return read_folder(folder, authority=authority, pathway=pathway)
    except PathwayRefused:
        count, found = check_folder(folder) if folder.is_dir() else (1, [])
        if count or not found:
            raise
        # That nothing here can be a pathway has a reason in each file.
        raise PathwayRefused(found) from None


def _plain_authority(name: str, roles: dict[str, str]) -> Authority:
    """Settings for an authority that has no folder of its own: what tasks are for as roles, England's calendar."""
    held = {**{role: role.replace("_", " ") for role in CASE_ROLES}, **roles}
    return Authority(name, name.replace("_", " ").title(), held, england_calendar(), Overdue(), life_event_pathway="")


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Place every shape anew, also those placed by a person.")
def tidy(files: tuple[Path, ...], everything: bool) -> None:
    """Lay diagrams out left to right within their lanes; what a person placed stays where it is."""
    for file in files:
        if not file.exists():
            raise NotFound(f"{file} does not exist. Name a .bpmn file, or a folder of them.")
        for diagram in sorted(file.rglob("*.bpmn")) if file.is_dir() else [file]:
            before = diagram.read_bytes()
            after = tidy_diagram(before, everything=everything)
            if after != before:
                diagram.write_bytes(after)
            click.echo(f"{diagram}: {'laid out' if after != before else 'unchanged'}")


@click.command()
@_PROCESSES
@click.option("--authority", "authorities", multiple=True, help="Only this authority; may be given several times.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def coverage(processes: Path, authorities: tuple[str, ...], as_json: bool) -> None:
    """Show where each clause is carried out and which scenarios exercise it; gaps make the command fail."""
    folders = [one for one in _authorities(processes) if not authorities or one.name in authorities]
    missing = sorted(set(authorities) - {one.name for one in folders})
    if missing:
        raise NotFound(f"There is no authority {', '.join(missing)} below {processes}. Correct --authority.")
    found = []
    with temporary_store() as store:
        stage = Stage(store, Shelf(store))
        for folder in folders:
            stage.shelf.deploy_authority(folder, at=SystemClock().now(), by="coverage", why="to measure coverage")
            results = [
                stage.play(read_scenario(file.read_bytes(), str(file)), certify=False)
                for file in find_scenarios(folder)
            ]
            hashes = stage.shelf.deployments(folder.name).values()
            releases = [stage.shelf.release(folder.name, hash_) for hash_ in hashes]
            found.append(cover(processes, folder.name, releases, results))
    if as_json:
        click.echo(json.dumps([_covered(each) for each in found], indent=2, ensure_ascii=False))
    for each in found if not as_json else ():
        wanted = [entry for entry in each.clauses if not entry.clause.context_only]
        done = sum(entry.carried_out for entry in wanted)
        tried = sum(entry.exercised for entry in wanted)
        click.echo(f"{each.authority}: {len(wanted)} clauses to carry out, {done} carried out, {tried} exercised")
        for gap in each.gaps:
            click.echo(f"  {gap}")
    sys.exit(1 if not found or any(each.gaps for each in found) else 0)


def _authorities(processes: Path) -> list[Path]:
    folders = sorted(path.parent for path in processes.glob("*/authority.toml"))
    if not folders:
        raise NotFound(f"No authority has its folder below {processes}. Correct --processes.")
    return folders


def _covered(found: Coverage) -> dict[str, object]:
    return {
        "authority": found.authority,
        "clauses": [
            {
                "id": entry.clause.id,
                "summary": entry.clause.summary,
                "context_only": entry.clause.context_only,
                "places": [
                    {"kind": place.kind, "in": place.pathway, "id": place.id, "label": place.label}
                    for place in entry.places
                ],
                "scenarios": entry.scenarios,
            }
            for entry in found.clauses
        ],
        "gaps": found.gaps,
    }


@click.command()
@_PROCESSES
@click.option("--write", type=click.Path(path_type=Path), help="Write it into this file instead of printing it.")
def policies(processes: Path, write: Path | None) -> None:
    """Write every pathway down for readers: its picture, purpose, people, dates, letters and outcomes."""
    if write is not None and not write.parent.is_dir():
        raise NotFound(f"There is no folder {write.parent} to write into.")
    _authorities(processes)
    text = written(processes)
    if write is None:
        click.echo(text, nl=False)
    else:
        write.write_text(text, encoding="utf-8")


COMMANDS = (policies, check, describe, scenarios, coverage, deploy, tidy)
