"""`pathways person`: accounts and roles, kept by whoever runs the service; there is no other way to make the first."""

from __future__ import annotations

from pathlib import Path

import click

from engine.casework import kept_password
from engine.clock import london_date
from engine.commands.opening import database_options, open_office
from engine.errors import NotFound
from engine.store import Holding, Person


@click.group()
def person() -> None:
    """Add people, give them roles from today on, and see who holds what."""


@person.command()
@database_options
@click.argument("authority")
@click.argument("person_id")
@click.option("--name", required=True, help="What colleagues call them.")
@click.option("--role", "roles", multiple=True, required=True, help="A role they hold; may be given several times.")
@click.option("--sign-in", help="The name they sign in with; their id where left out.")
@click.option("--email", help="Where the service writes to them.")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path),
    help="A file whose first line is their password, of 12 characters or more. Without it they cannot sign in.",
)
@click.option("--why", default="added at the command line", show_default=True)
def add(
    database: str,
    keys: Path,
    authority: str,
    person_id: str,
    name: str,
    roles: tuple[str, ...],
    sign_in: str | None,
    email: str | None,
    password_file: Path | None,
    why: str,
) -> None:
    """Add PERSON_ID to AUTHORITY, or change their details, and give them roles."""
    office = open_office(database, keys)
    known = office.casework.authority(authority).roles
    for role in roles:
        if role not in known:
            raise NotFound(f"{role} is no role of {authority}. Use one of: {', '.join(sorted(known))}.")
    before = office.store.people.find(authority, person_id)
    secret = before.secret if before is not None else None
    if password_file is not None:
        secret = kept_password((password_file.read_text("utf-8").splitlines() or [""])[0])
    now = office.clock.now()
    login = (sign_in or person_id).lower()
    office.store.people.put(authority, Person(person_id, login, name, email, secret), at=now)
    for role in roles:
        holding = Holding(person_id, role, london_date(now).isoformat())
        office.store.people.hold(authority, holding, at=now, by="command line", why=why)
    click.echo(f"{person_id}: {', '.join(roles)}")


@person.command("list")
@database_options
@click.argument("authority")
def list_(database: str, keys: Path, authority: str) -> None:
    """List the people of AUTHORITY with the roles they hold today."""
    office = open_office(database, keys)
    on = london_date(office.clock.now())
    for one in office.store.people.all(authority):
        held = ", ".join(office.store.people.roles(authority, one.person, on)) or "no role"
        click.echo(f"{one.person}  {one.name}  {held}" + ("" if one.active else "  (no longer active)"))


COMMANDS = (person,)
