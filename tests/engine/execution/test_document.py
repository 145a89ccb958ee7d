"""What analysts are told runs is what runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.execution.allowed import NODES

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "drawing-pathways.md").read_text()


@pytest.mark.parametrize("element", sorted(NODES))
def test_every_element_that_runs_is_in_the_document(element: str) -> None:
    """docs/drawing-pathways.md has a row for each, and for no other."""
    rows = DOCUMENT.partition("## What runs")[2].partition("\n## ")[0]

    assert f"`{element}`" in rows
    assert set(re.findall(r"`([a-z]+(?:Task|Event|Gateway|Activity|Process|task))`", rows)) <= NODES


def test_every_property_of_ours_is_in_the_document() -> None:
    """Each casework: property that the code or a shipped diagram uses is explained."""
    sources = [
        *(ROOT / "engine").rglob("*.py"),
        *(ROOT / "webhooks").rglob("*.py"),
        *(ROOT / "processes").rglob("*.bpmn"),
    ]
    used = {name for path in sources for name in re.findall(r"casework:([a-z]+(?:_[a-z]+)*)", path.read_text())}

    assert {name for name in used if f"`casework:{name}`" not in DOCUMENT} == set()
