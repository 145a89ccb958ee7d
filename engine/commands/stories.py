"""`pathways demo`: one removal from first notice to last letter, told from its history and certified by replay."""

from __future__ import annotations

import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import click

from engine.calendars import explain, spoken
from engine.casework import Shelf
from engine.clock import LONDON
from engine.errors import NotFound
from engine.execution import Pathway, Whereabouts
from engine.history import Event
from engine.replay import ReplayedStep, replay
from engine.scenarios import Stage, read_scenario, temporary_store

STORY = "camden/camden_route/scenarios/section_20_over_easter.toml"
WIDTH = 100


@click.command()
@click.option("--processes", type=click.Path(path_type=Path), default=Path("processes"), show_default=True)
@click.option("--story", help="Another scenario file to tell.", type=click.Path(path_type=Path))
def demo(processes: Path, story: Path | None) -> None:
    """Tell a Camden section 20 removal: every step, every date and why, the letter, and the proof."""
    began = time.perf_counter()
    file = story or processes / STORY
    if not file.is_file():
        raise NotFound(f"{file} is not there. Name a scenario file with --story.")
    scenario = read_scenario(file.read_bytes(), file.name)
    with temporary_store() as store:
        stage = Stage(store, Shelf(store))
        stage.shelf.deploy_authority(
            processes / scenario.authority, at=scenario.now, by="demonstration", why="to tell a story"
        )
        result = stage.play(scenario, certify=False)
        click.secho(f"{scenario.title}", bold=True)
        click.echo(f"{stage.shelf.terms(scenario.authority).authority.name}; a made-up child.\n")
        places = Whereabouts()
        certificate = replay(
            store,
            stage.shelf,
            scenario.authority,
            result.case_id,
            watch=lambda step: _tell(stage.shelf, scenario.authority, step, places),
        )
    for problem in result.problems:
        click.echo(f"! {problem}")
    if certificate.difference is not None:
        click.echo(f"! replay differs at revision {certificate.difference.revision}: {certificate.difference.message}")
    else:
        click.secho("\nCertified by replay.", bold=True)
        click.echo(
            f"{certificate.commands} commands were executed again on the pinned release; the chain is whole, and every "
            f"event and state came out the same. Plan: {result.plan_status}. Outcomes: {', '.join(result.outcomes)}."
        )
    click.echo(f"Told in {time.perf_counter() - began:.1f} s.")
    sys.exit(0 if result.passed and certificate.certified else 1)


def _tell(shelf: Shelf, authority: str, step: ReplayedStep, places: Whereabouts) -> None:
    command = step.entry.command
    terms = shelf.terms(authority, command.settings)
    pathways = {n: terms.pathway(running.release) for n, running in step.case.running.items()}
    who = terms.authority.role_title(command.role) if command.role else command.by
    click.secho(f"{_when(command.at)}  {who}: {command.kind.replace('_', ' ')}", fg="cyan")
    for event, process in zip(step.events, places.take(step.events), strict=True):
        pathway = pathways.get(event.body.get("instance", 0))
        for line in _words(event, pathway, process, terms.authority.role_title):
            click.echo(textwrap.fill(line, WIDTH, initial_indent="    ", subsequent_indent="      "))


def _words(event: Event, pathway: Pathway | None, process: str, role_title: Callable[[str], str]) -> Iterator[str]:
    body = event.body
    title = pathway.title_of(body["element"], process) if pathway is not None and body.get("element") else ""
    match event.kind:
        case "TaskOpened":
            assert pathway is not None
            clauses = pathway.properties_of(body["element"], process).get("casework:clauses", "")
            label = pathway.properties_of(body["element"], process).get("casework:label", "product")
            roles = [body["role"]] if body["role"] else list(body["candidates"])
            for_whom = " or ".join(role_title(role) for role in roles)
            yield f"To do: {title} ({for_whom}) [{label}{' ' + clauses if clauses else ''}]"
            due = body.get("due")
            if due and due.get("on"):
                on = date.fromisoformat(due["on"])
                why = due.get("explanation")
                yield f"  due {spoken(on)}: {explain(on, why) if why else 'the same day'}"
            elif body.get("no_due_date"):
                yield f"  no due date: {body['no_due_date']}"
        case "TaskCompleted":
            yield f"Done: {title}"
        case "TaskWithdrawn":
            yield f"Withdrawn: {title}"
        case "DecisionMade":
            rows = ", ".join(f"row {rule['row']}" for rule in body["rules"])
            yield f"Table {body['decision']}: {rows} gives {_short(body['result'])}"
        case "TimerFired":
            yield f"Time reached: {title}"
        case "PlanEnded":
            yield f"THE PLAN HAS ENDED: {body['outcome']}, effective {spoken(date.fromisoformat(body['effective_on']))}"
        case "EndingHeld":
            yield f"The plan was NOT ended: {_short(body['blockers'])}"
        case "OverdueReached":
            yield f"Overdue ladder: {body['rung']}"
        case "EscalationRaised":
            yield f"Put before {body['to'].replace('_', ' ')}: {body['code']}"
        case "LetterSent":
            yield f"Letter {body['letter']} sent to {', '.join(str(r['to']) for r in body['recipients'])}:"
            for paragraph in str(body["text"]).split("\n"):
                yield f"  | {paragraph}"
        case "EndReached":
            if body["outcome"]:
                yield f"Outcome: {body['outcome']}"


def _short(value: object) -> str:
    text = ", ".join(f"{k}: {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
    return text if len(text) <= 160 else text[:157] + "..."


def _when(at: datetime) -> str:
    return at.astimezone(LONDON).strftime("%a %d %b %Y %H:%M")


COMMANDS = (demo,)
