"""No text of a diagram, table, form, letter or scenario ever becomes Python, except through the FEEL compiler."""

from __future__ import annotations

from pathlib import Path

from engine.authorities import read_authority
from engine.casework import Shelf
from engine.letters import letter_html, letter_pdf
from engine.pathways import read_release
from engine.scenarios import Stage, find_scenarios, read_scenario, temporary_store
from tests.support.audit import only_known_compilers

PROCESSES = Path(__file__).resolve().parents[2] / "processes"
AUTHORITIES = sorted(path.parent.name for path in PROCESSES.glob("*/authority.toml"))


def test_shipped_pathways_run_without_making_code():
    """Reading, checking, deploying and playing a scenario of every pathway, replay included, passes the guard.

    The others are played under the same guard in tests/pathways/test_scenarios.py.
    """
    played = []
    with only_known_compilers(), temporary_store() as store:
        stage = Stage(store, Shelf(store))
        for authority in AUTHORITIES:
            first = {file.parent: file for file in reversed(find_scenarios(PROCESSES / authority))}
            files = list(first.values())
            scenarios = [read_scenario(file.read_bytes(), file.name) for file in files]
            stage.shelf.deploy_authority(
                PROCESSES / authority, at=min(each.now for each in scenarios), by="tests", why="to hold the guard"
            )
            played += [stage.play(scenario).case_id for scenario in scenarios]

    assert AUTHORITIES
    assert all(played)


def test_shipped_letters_are_set_without_making_code():
    """A letter's text becomes a page and a PDF without becoming code, whatever somebody wrote into it."""
    text = "Dear {{ reader }},\n\n- {% for x in y %}\n- eval('os')\n\n= {= 1 + 1 }"
    letters = 0
    with only_known_compilers():
        for authority in AUTHORITIES:
            settings = read_authority(PROCESSES / authority)
            for manifest in sorted((PROCESSES / authority).glob("*/pathway.toml")):
                for template in read_release(PROCESSES, authority, manifest.parent.name).letters.values():
                    assert "eval('os')" in letter_html(text)
                    assert letter_pdf(template, text, ("A reader",), settings, sent_on="2026-07-01").startswith(b"%PDF")
                    letters += 1
    assert letters
