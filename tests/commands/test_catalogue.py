"""`pathways case catalogue`: what auditors find cases by is made from history, and a case that is missing is said."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from engine.commands.opening import open_office
from engine.store.tables import HISTORY
from tests.casework import drawn
from tests.commands.test_commands import folder_of, run


def test_the_catalogue_is_made_anew_and_says_which_authority_lacks_a_case(tmp_path: Path) -> None:
    """It can be thrown away at any time; a history that cannot be read is told and is no success."""
    place = ("--database", f"sqlite:///{tmp_path / 'cases.db'}", "--keys", str(tmp_path / "keys"))
    run("init", *place)
    folder = folder_of(drawn.two_steps(), tmp_path / "stranger")
    (folder / "pathway.toml").unlink()
    run("deploy", str(folder), *place)
    run("person", "add", *place, "local", "kim", "--name", "Kim", "--role", "social_worker")
    run("case", "open", *place, "--authority", "local", "--by", "kim", "C1", "--facts", '{"name": "Sam"}')
    assert run("case", "catalogue", *place).stdout == "local: every case is catalogued\n"
    assert run("case", "catalogue", *place, "--anew").stdout == "local: every case is catalogued\n"

    store = open_office(place[1], Path(place[3])).store
    with store.database.writing() as session:
        session.run(sa.update(HISTORY).values(payload=b"nonsense"), {})
    refused = run("case", "catalogue", *place, "--authority", "local", "--anew", exits=1)
    assert "local: all but 1 case is catalogued\n" in refused.stdout
    assert "replay it to see where it differs" in refused.stderr
