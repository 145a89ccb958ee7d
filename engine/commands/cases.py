"""`pathways init`, `case` and `replay`: cases from the command line, by people who hold the role, and their proof."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from engine.casework import Practitioner
from engine.casework.importing import ImportRow
from engine.casework.references import check_addressable
from engine.commands.opening import Office, command_id, create_office, database_options, open_office
from engine.errors import AnswersRefused, FieldProblem, Forbidden, Unreadable
from engine.history import JSON
from engine.replay import Difference, Replay
from engine.store import CaseUnknown, Fault
from engine.store.checkpoint_file import read_checkpoint_file
from engine.store.errors import KeyMissing, Undecipherable


@click.command()
@database_options
def init(database: str, keys: Path) -> None:
    """Make the keys and the database's tables, or bring an older database up to date."""
    create_office(database, keys).store.close()
    click.echo("The database is ready.")


@click.group()
def case() -> None:
    """Open, read and work cases; --by names a person of the authority who holds the role that is needed."""


def _options(command: Any) -> Any:
    for option in (
        click.option("--authority", required=True, help="The authority's id."),
        click.option("--by", "person", required=True, help="The id of the person who acts."),
    ):
        command = option(command)
    return database_options(command)


def _who(office: Office, authority: str, person: str) -> Practitioner:
    found = office.casework.practitioner(authority, person)
    if found is None:
        raise Forbidden(f"{person} is nobody of {authority}. Name a person who has an account there.")
    return found


def _object(text: str) -> dict[str, JSON]:
    """A JSON object from the command line, or from a file after '@'."""
    source = Path(text[1:]).read_text("utf-8") if text.startswith("@") else text
    try:
        read = json.loads(source)
    except json.JSONDecodeError as error:
        raise Unreadable(f"This is not JSON: {error}. Write an object, or @FILE.") from error
    if not isinstance(read, dict):
        raise Unreadable('This is JSON, but not an object. Write names and values: {"name": 1}.')
    return read


@case.command("open")
@_options
@click.argument("case_id")
@click.option("--facts", default="{}", help="Facts as a JSON object, or @FILE.")
@click.option("--pathway", help="A pathway to start at once.")
def open_(
    database: str, keys: Path, person: str, authority: str, case_id: str, facts: str, pathway: str | None
) -> None:
    """Open CASE_ID with its facts as known."""
    check_addressable(case_id)
    office = open_office(database, keys)
    by, known = _who(office, authority, person), _object(facts)
    office.casework.open_case(case_id, known, by=by, command_id=command_id())
    for strange in office.casework.strange_facts(by, known):
        click.echo(f"warning: {strange}", err=True)
    if pathway:
        office.casework.start_pathway(case_id, pathway, by=by, command_id=command_id())
    _show(office, by, case_id)


@case.command("import")
@_options
@click.argument("table", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--run", "seal", help="Open the cases of exactly the rows that a check with this seal found ready.")
def import_(database: str, keys: Path, person: str, authority: str, table: Path, seal: str | None) -> None:
    """Check TABLE of plans that are running already (CSV), and with --run open their cases.

    Without --run nothing is changed: every refused row is named with its reasons, and the seal that --run asks for.
    """
    office = open_office(database, keys)
    by = _who(office, authority, person)
    content = table.read_bytes()
    if seal is None:
        rehearsal = office.casework.rehearse_import(content, by=by)
        rows: Iterable[ImportRow] = rehearsal.rows
    else:
        rows = office.casework.run_import(content, seal, by=by)
    count = {"ready": 0, "refused": 0, "done": 0}
    for row in rows:
        count[row.state] += 1
        for said in [*(f"{problem.field} {problem.message}" for problem in row.problems), *row.notes]:
            click.echo(f"line {row.line}, {row.case_id or 'no reference'}: {said}")
    click.echo(f"{count['ready']} ready, {count['refused']} refused, {count['done']} open already.")
    if seal is None:
        click.echo(f"Nothing was changed. To open the cases: --run {rehearsal.seal}")
    sys.exit(1 if count["refused"] else 0)


@case.command()
@_options
@click.argument("case_id")
@click.argument("pathway")
def start(database: str, keys: Path, person: str, authority: str, case_id: str, pathway: str) -> None:
    """Start PATHWAY in CASE_ID on the release deployed now."""
    office = open_office(database, keys)
    by = _who(office, authority, person)
    office.casework.start_pathway(case_id, pathway, by=by, command_id=command_id())
    _show(office, by, case_id)


@case.command()
@_options
@click.argument("case_id")
def show(database: str, keys: Path, person: str, authority: str, case_id: str) -> None:
    """Print CASE_ID: facts, open tasks with their due dates, letters, and what happened."""
    office = open_office(database, keys)
    _show(office, _who(office, authority, person), case_id)


@case.command()
@_options
@click.argument("case_id")
@click.argument("task", type=int)
@click.option("--answers", default="{}", help="Answers as a JSON object, or @FILE.")
def complete(database: str, keys: Path, person: str, authority: str, case_id: str, task: int, answers: str) -> None:
    """Complete TASK of CASE_ID with its form's answers."""
    office = open_office(database, keys)
    by = _who(office, authority, person)
    try:
        office.casework.complete_task(case_id, task, _object(answers), by=by, command_id=command_id())
    except AnswersRefused as refused:
        form = office.casework.task(by, case_id, task).form
        fields = {} if form is None else form.fields
        told = [problem if problem.field in fields else _not_asked(problem, fields) for problem in refused.problems]
        for problem in told:
            asked = fields.get(problem.field)
            label = problem.field if asked is None else f"{asked.title} ({problem.field})"
            click.echo(f"{label}: {problem.message}", err=True)
        raise AnswersRefused(refused.form, told) from refused
    _show(office, by, case_id)


def _not_asked(problem: FieldProblem, fields: Iterable[str]) -> FieldProblem:
    """What is said of an answer to no question of the form: here are no pages to reload."""
    return FieldProblem(problem.field, f"This form has no such question. It asks {', '.join(fields) or 'nothing'}.")


@case.command()
@_options
@click.argument("case_id")
@click.argument("name")
@click.option("--payload", default="{}", help="What the message says, as a JSON object, or @FILE.")
@click.option("--received-on", help="The day it was received (year-month-day); today where left out.")
def message(
    database: str,
    keys: Path,
    person: str,
    authority: str,
    case_id: str,
    name: str,
    payload: str,
    received_on: str | None,
) -> None:
    """Hand message or life event NAME to CASE_ID."""
    office = open_office(database, keys)
    by = _who(office, authority, person)
    office.casework.receive_message(
        case_id, name, _object(payload), received_on=received_on, by=by, command_id=command_id()
    )
    _show(office, by, case_id)


def _show(office: Office, by: Practitioner, case_id: str) -> None:
    view = office.casework.case(by, case_id)
    click.echo(f"{view.case_id}: plan {view.facts['plan_status']}, revision {view.revision}")
    for task in view.open_tasks:
        due = f", due {task.due_on}" if task.due_on else ""
        click.echo(f"  open task {task.task}: {task.title} ({task.role}{due})")
    for letter in view.letters:
        click.echo(f"  letter {letter.number}: {letter.letter} {letter.state}")
    for incident in view.incidents:
        click.echo(f"  incident {incident.number} at {incident.element}: {incident.message}")
    for entry in view.timeline:
        happened = ", ".join(event.kind for event in entry.events if event.kind in _TOLD)
        click.echo(f"  {entry.at:%Y-%m-%d %H:%M} {entry.kind} by {entry.by}" + (f": {happened}" if happened else ""))


_TOLD = {"TaskOpened", "DecisionMade", "PlanEnded", "EndingHeld", "LetterDrafted", "LetterSent", "EscalationRaised"}


@click.command()
@database_options
@click.argument("cases", nargs=-1)
@click.option("--authority", help="Only this authority's cases.")
@click.option("--all", "everything", is_flag=True, help="Every case of every authority.")
@click.option(
    "--checkpoints",
    "file",
    type=click.Path(path_type=Path),
    help="Hold the database's checkpoints against this file, which workers append to.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def replay(
    database: str,
    keys: Path,
    cases: tuple[str, ...],
    authority: str | None,
    everything: bool,
    file: Path | None,
    as_json: bool,
) -> None:
    """Execute CASES again from their commands and compare every step; checkpoints are checked too."""
    office = open_office(database, keys)
    authorities = [authority] if authority else office.store.library.authorities()
    results: list[Replay] = []
    problems: list[str] = []
    faults: dict[tuple[str, str], list[Fault]] = {}
    if file is not None:
        problems += _of_file(office, file, authority, authorities)
    for name in authorities:
        results += _replayed(office, name, cases or (_every(office, name) if everything else ()))
        for fault in office.store.verify_checkpoints(name, exported=file).problems:
            problems.append(f"{name}: {fault}")
            if fault.case_id:
                faults.setdefault((name, fault.case_id), []).append(fault)
    for case_id in sorted({*cases} - {result.case_id for result in results}):
        # One that is gone and was signed once is no slip of the pen.
        gone = [Replay(name, case_id, 0) for name in authorities if (name, case_id) in faults]
        if not gone:
            raise CaseUnknown(authority or "any authority here", case_id)
        results += gone
    # What history says now is not what was signed: that it carries itself out certifies nothing.
    failed = [r for r in results if not r.certified or (r.authority, r.case_id) in faults]
    told = [
        (r, difference)
        for r in failed
        for difference in ([r.difference] if r.difference is not None else [])
        + [_signed_otherwise(fault) for fault in faults.get((r.authority, r.case_id), ())]
    ]
    if as_json:
        found = {
            "cases": len(results),
            "commands": sum(r.commands for r in results),
            "certified": len(results) - len(failed),
            "differences": [
                {
                    "authority": r.authority,
                    "case": r.case_id,
                    "revision": difference.revision,
                    "command": difference.command,
                    "what": difference.what,
                    "message": difference.message,
                }
                for r, difference in told
            ],
            "notes": [{"authority": r.authority, "case": r.case_id, "note": note} for r in failed for note in r.notes],
            "checkpoints": problems,
        }
        click.echo(json.dumps(found, indent=2))
    else:
        for result, d in told:
            which = ", ".join(word for word in (d.command, d.what) if word)
            click.echo(f"{result.case_id}: differs at revision {d.revision} ({which}): {d.message}")
        for result in failed:
            for note in result.notes:
                click.echo(f"{result.case_id}: {note}")
        for problem in problems:
            click.echo(problem)
        commands = sum(r.commands for r in results)
        click.echo(
            f"{len(results) - len(failed)} of {len(results)} cases certified, {commands} commands executed again"
        )
        click.echo(
            "Lists, dates, letters and who looked are not compared here: under Audit, ‘Verify every case’ does that."
        )
    if not results and everything:
        whose = f"of {authority} " if authority else ""
        click.echo(f"No case {whose}is in this database, so that nothing was executed again.", err=True)
    elif not results:
        click.echo("No case was named. Name cases, or use --all.", err=True)
    sys.exit(1 if failed or problems or not results else 0)


def _replayed(office: Office, authority: str, cases: Iterable[str]) -> Iterator[Replay]:
    """Each case carried out again; one that this authority does not have is left to the others."""
    for case_id in cases:
        with suppress(CaseUnknown):
            found = office.casework.verify(authority, case_id)
            yield _with_its_label(office, found) if found.certified else found


def _with_its_label(office: Office, found: Replay) -> Replay:
    """A replay that came out the same; it differs where the name that lists call the case by does not open."""
    try:
        office.store.lists.open_label(found.authority, found.case_id)
    except (Undecipherable, KeyMissing) as error:
        return replace(found, difference=Difference(0, "", "label", str(error)))
    return found


def _signed_otherwise(fault: Fault) -> Difference:
    """What a signed checkpoint remembers otherwise, told as a difference of its case."""
    what = fault.what if fault.chain == "history" else f"{fault.what} in the record of who looked"
    return Difference(fault.place or 0, "", "checkpoint", f"{what}, as signed checkpoint {fault.checkpoint} shows.")


def _of_file(office: Office, file: Path, authority: str | None, known: Iterable[str]) -> list[str]:
    """What a file of checkpoints shows beside what its checkpoints say of the authorities that are known here."""
    kept = read_checkpoint_file(file)
    problems = [f"{file}: line {number} is no checkpoint, or breaks off." for number in kept.unread]
    strange = {one.authority for one in kept.checkpoints} - {*known} if authority is None else set()
    for name in sorted(strange):
        report = office.store.verify_checkpoints(name, exported=file)
        problems += [f"{name}: {problem}" for problem in report.problems]
    return problems


@case.command()
@database_options
@click.option("--authority", help="Only this authority's cases.")
@click.option("--anew", is_flag=True, help="Throw what there is away first.")
def catalogue(database: str, keys: Path, authority: str | None, anew: bool) -> None:
    """Make what auditors find cases by from the histories of all cases (docs/adr/0006-catalogue.md)."""
    office = open_office(database, keys)
    left = 0
    for name in [authority] if authority else office.store.library.authorities():
        if anew:
            office.casework.forget_catalogue(name)
        behind = office.casework.catch_up(name, most=sys.maxsize)
        taken = f"all but {behind} {'case is' if behind == 1 else 'cases are'}" if behind else "every case is"
        click.echo(f"{name}: {taken} catalogued")
        left += behind
    if left:
        click.echo("A case whose history cannot be read is left out: replay it to see where it differs.", err=True)
    sys.exit(1 if left else 0)


def _every(office: Office, authority: str) -> list[str]:
    found: list[str] = []
    while True:
        page = office.store.verifications.cases(authority, found[-1] if found else "")
        if not page:
            return found
        found.extend(page)


COMMANDS = (init, case, replay)
