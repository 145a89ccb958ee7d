"""The `pathways` command: check, try, publish and run pathways; decide and prove tables; replay cases."""

from __future__ import annotations

import sys

import click

from engine.commands import cases, expressions, keys, pathways, people, stories
from engine.errors import EngineError


class _Commands(click.Group):
    """Says every refusal of the engine in its own words and exits with 1; a traceback is a fault to report."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except EngineError as error:
            for line in (str(error), *(f"  {p.field}: {p.message}" for p in getattr(error, "problems", ()))):
                click.echo(line, err=True)
            sys.exit(1)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def main() -> None:
    """Discharge Pathways: policies for ending a child protection plan, as diagrams that run."""


for room in (pathways, expressions, cases, people, keys, stories):
    for command in room.COMMANDS:
        main.add_command(command)
