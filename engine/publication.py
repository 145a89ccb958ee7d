"""What must be true before a pathway is published: it runs as drawn, and its tables are proved."""

from __future__ import annotations

from engine.dmn import Model, analyse
from engine.errors import Finding
from engine.execution import check
from engine.execution.pathway import read_models
from engine.pathways import Release


def check_release(release: Release, *, conventions: bool = True) -> list[Finding]:
    """Everything that stands against publishing a release; with `conventions`, what the house asks of its own too."""
    return [*check(release, conventions=conventions), *prove_tables(release)]


def prove_tables(release: Release) -> list[Finding]:
    """Every gap, forbidden overlap and dead rule of a release's tables, and every table that cannot be proved."""
    return [
        finding
        for model in dict.fromkeys(models_of(release).values())
        for proof in analyse.prove_all(model)
        for finding in proof.findings
    ]


def models_of(release: Release) -> dict[str, Model]:
    """Every decision model of a release, by decision; those that cannot be read are the reader's to refuse."""
    found: list[Finding] = []
    return read_models(release, found)
