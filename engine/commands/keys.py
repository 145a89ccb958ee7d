"""`pathways keys`: back up, rehearse, change and restore keys, and erase a child; see docs/operations-keys.md."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import orjson

from engine.clock import SystemClock
from engine.commands.opening import database_options
from engine.store import MasterKey, SigningKey, open_store
from engine.store.custody import back_up_keys, rehearse, restore_keys, rotate
from engine.store.store import open_database


@click.group()
def keys() -> None:
    """Back up, rehearse, change and restore keys, and erase a child."""


@keys.command()
@database_options
def show(database: str, keys: Path) -> None:
    """Print the ids of the master keys and the public key that auditors trust."""
    click.echo(f"master keys: {', '.join(MasterKey.read(keys).ids)}")
    click.echo(f"public key: {SigningKey.read(keys).signer}")


@keys.command(name="rehearse")
@database_options
def rehearse_(database: str, keys: Path) -> None:
    """Try the key folder on every key of the database; nothing is changed."""
    with open_database(database) as found:
        custody = rehearse(found, MasterKey.read(keys))
    for name in custody.unopened:
        click.echo(f"{name} did not open")
    click.echo(f"{custody.keys - len(custody.unopened)} of {custody.keys} keys opened")
    sys.exit(0 if custody.ok else 1)


@keys.command()
@database_options
@click.argument("file", type=click.Path(path_type=Path))
def backup(database: str, keys: Path, file: Path) -> None:
    """Write every wrapped key to a new FILE."""
    with open_database(database) as found:
        click.echo(f"{back_up_keys(found, file)} keys written")


@keys.command()
@database_options
@click.argument("file", type=click.Path(exists=True, path_type=Path))
def restore(database: str, keys: Path, file: Path) -> None:
    """Put back the keys of FILE that the database has lost; erased children stay erased."""
    with open_database(database) as found:
        click.echo(f"{restore_keys(found, file)} keys put back")


@keys.command()
@database_options
def add(database: str, keys: Path) -> None:
    """Begin a change of the master key: put a new one first."""
    click.echo(f"master keys: {', '.join(MasterKey.add(keys).ids)}. Restart every process, then rotate.")


@keys.command(name="rotate")
@database_options
def rotate_(database: str, keys: Path) -> None:
    """Wrap every key anew under the newest master key, while everybody works."""
    with open_database(database) as found:
        click.echo(f"{rotate(found, MasterKey.read(keys))} keys wrapped anew")


@keys.command(name="drop-older")
@database_options
def drop_older(database: str, keys: Path) -> None:
    """End a change of the master key: keep only the newest, if nothing in the database needs another."""
    both = MasterKey.read(keys)
    with open_database(database) as found:
        left = rehearse(found, both.newest())
    if not left.ok:
        click.echo(f"{len(left.unopened)} keys still need an older master key. Rotate first.", err=True)
        sys.exit(1)
    click.echo(f"master key: {MasterKey.drop_older(keys).id}. Restart every process.")


@keys.command()
@database_options
@click.argument("case_id")
@click.option("--authority", required=True, help="The authority's id.")
@click.option("--by", "person", required=True, help="The id of the person who answers for it.")
@click.option("--why", required=True, help="The rule or order that says so: a reference, not a sentence.")
@click.confirmation_option(prompt="This cannot be undone. Erase the case?")
def erase(database: str, keys: Path, case_id: str, authority: str, person: str, why: str) -> None:
    """Destroy the key of a closed CASE_ID and everything that names the child."""
    store = open_store(database, keys=keys)
    try:
        store.erase(authority, case_id, at=SystemClock().now(), by=person, why=why)
    finally:
        store.close()
    click.echo(f"Case {case_id} is erased. Its chain still verifies.")


@click.command()
@database_options
@click.argument("case_id")
@click.option("--authority", required=True, help="The authority's id.")
@click.option("--by", "person", required=True, help="The id of the person who takes it and answers for it.")
@click.argument("file", type=click.Path(path_type=Path))
def export(database: str, keys: Path, case_id: str, authority: str, person: str, file: Path) -> None:
    """Write the whole history of CASE_ID to FILE, so that it proves itself anywhere.

    It is the whole file, with what is kept confidential from some people: who takes it is recorded with the case.
    """
    store = open_store(database, keys=keys)
    try:
        if store.people.find(authority, person) is None:
            raise click.ClickException(f"Nobody of the id {person[:40]} works for {authority[:40]}. Say who takes it.")
        document = store.export_case(authority, case_id)
        if file.exists():
            raise click.ClickException(f"{file.name} exists. Name a new file.")
        at = SystemClock().now()
        store.readings.record(authority, case_id, at=at, person=person, role="system_admin", what="export")
    finally:
        store.close()
    try:
        with file.open("xb") as target:
            target.write(orjson.dumps(document, option=orjson.OPT_INDENT_2))
    except FileExistsError as error:
        raise click.ClickException(f"{file.name} exists. Name a new file.") from error
    click.echo(f"{len(document['rows'])} rows written, nothing left out: keep the file as confidential as the case.")
    click.echo(f"Verify them anywhere: python engine/store/offline.py {file.name}")


COMMANDS = (keys, export)
