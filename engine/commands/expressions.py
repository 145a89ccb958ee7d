"""`pathways feel`, `decide` and `prove`: FEEL and DMN on their own, for a stranger as for an analyst."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from engine.calendars import england_calendar
from engine.clock import LONDON, SystemClock
from engine.dmn import analyse, read_model
from engine.errors import EngineError, Unreadable
from engine.feel import Environment, compile_expression, to_json, to_text
from engine.working_days import EXTENSIONS


def _context(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        read = json.loads(file.read_text("utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError, OSError) as error:
        raise Unreadable(f"{file.name} is not a JSON file that can be read ({error}).") from error
    if not isinstance(read, dict):
        raise Unreadable(f'{file.name} does not hold a JSON object. Write names and values: {{"age": 16}}.')
    return read


def _environment(now: str | None) -> Environment:
    try:
        at = datetime.fromisoformat(now) if now else SystemClock().now()
    except ValueError:
        raise Unreadable(f"{now[:60] if now else ''} is no time. Write 2026-03-02T09:00:00.") from None
    return Environment(now=at if at.tzinfo else at.replace(tzinfo=LONDON), extras={"calendar": england_calendar()})


_context_option = click.option(
    "--context", "context_file", type=click.Path(path_type=Path), help="A JSON file with the values of the names."
)
_now_option = click.option("--now", help="The time that now() and today() give; the machine's own by default.")


@click.command()
@click.argument("expression")
@_context_option
@_now_option
def feel(expression: str, context_file: Path | None, now: str | None) -> None:
    """Evaluate a FEEL EXPRESSION and print its value; what it had to say goes to standard error."""
    context = _context(context_file)
    outcome = compile_expression(expression, names=context.keys(), extensions=EXTENSIONS).evaluate(
        context, _environment(now)
    )
    for diagnostic in outcome.diagnostics:
        click.echo(f"{diagnostic.kind}: {diagnostic.message}", err=True)
    click.echo(to_text(outcome.value))


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("decision")
@_context_option
@_now_option
@click.option("--json", "as_json", is_flag=True, help="Print value, rules and inputs as JSON.")
def decide(file: Path, decision: str, context_file: Path | None, now: str | None, as_json: bool) -> None:
    """Decide DECISION of a DMN FILE and print the result, and which rules matched on which inputs."""
    model = read_model(_read(file), file.name, extensions=EXTENSIONS)
    outcome = model.evaluate(decision, _context(context_file), _environment(now))
    rules: list[dict[str, Any]] = [
        {"decision": rule.decision, "row": rule.row, "rule": rule.rule_id, "annotations": list(rule.annotations)}
        for rule in outcome.rules
    ]
    if as_json:
        inputs = {
            table: {asked: _json(value) for asked, value in given.items()} for table, given in outcome.inputs.items()
        }
        said = [{"kind": d.kind, "message": d.message} for d in outcome.diagnostics]
        found = {"value": _json(outcome.value), "rules": rules, "inputs": inputs, "diagnostics": said}
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        click.echo(to_text(outcome.value))
        for table, given in outcome.inputs.items():
            click.echo(f"  {table}: " + ", ".join(f"{asked} = {to_text(value)}" for asked, value in given.items()))
        for rule in rules:
            noted = "; ".join(str(note) for note in rule["annotations"] if note)
            click.echo(f"  {rule['decision']}: row {rule['row']} matched" + (f" ({noted})" if noted else ""))
        for diagnostic in outcome.diagnostics:
            click.echo(f"  {diagnostic.kind}: {diagnostic.message}", err=True)
    if any(d.kind in ("no rule", "several rules") for d in outcome.diagnostics):
        sys.exit(1)


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def prove(files: tuple[Path, ...]) -> None:
    """Prove each table of DMN FILES: every gap, forbidden overlap and rule that can never fire, with an example."""
    bad = 0
    for file in files:
        model = read_model(_read(file), file.name, extensions=EXTENSIONS)
        for proof in analyse.prove_all(model):
            bad += not proof.sound
            verdict = "proved" if proof.sound else "NOT PROVED"
            click.echo(f"{verdict}  {proof.place}")
            for finding in proof.findings:
                click.echo(f"    {finding.severity}: {finding.message} {finding.mend}")
    sys.exit(1 if bad else 0)


def _json(value: object) -> Any:
    """A value as JSON; what JSON cannot hold as FEEL writes it."""
    try:
        return to_json(value)
    except EngineError:
        return to_text(value)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Unreadable(f"{file.name} cannot be read. Check the name.") from error


COMMANDS = (feel, decide, prove)
