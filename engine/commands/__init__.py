"""The `pathways` command: check, try, publish and run pathways; decide and prove tables; replay cases."""

from __future__ import annotations

import json
import sys

import click

from engine.commands import cases, expressions, keys, pathways, people, stories
from engine.commands.pathways import as_entry
from engine.errors import EngineError, PathwayRefused, Unreadable


class _Commands(click.Group):
    """Says every refusal of the engine in its own words and exits with 1; a traceback is a fault to report.

    Who asked for --json reads one JSON document of it too: `error`, and the `findings` in a pathway's files.
    """

    def invoke(self, context: click.Context) -> object:
        as_json = "--json" in context.args
        try:
            return super().invoke(context)
        except EngineError as error:
            _say(error, as_json)
        except OSError as error:
            place = f"{error.filename} " if error.filename else ""
            _say(
                Unreadable(f"{place}cannot be read or written: {error.strerror}. Name another, or mend its rights."),
                as_json,
            )
        sys.exit(1)


def _say(error: EngineError, as_json: bool) -> None:
    for line in (str(error), *(f"  {p.field}: {p.message}" for p in getattr(error, "problems", ()))):
        click.echo(line, err=True)
    if as_json:
        findings = error.findings if isinstance(error, PathwayRefused) else ()
        click.echo(
            json.dumps(
                {"error": str(error), "findings": [as_entry(one) for one in findings]}, indent=2, ensure_ascii=False
            )
        )


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def main() -> None:
    """Discharge Pathways: policies for ending a child protection plan, as diagrams that run."""


for room in (pathways, expressions, cases, people, keys, stories):
    for command in room.COMMANDS:
        main.add_command(command)
