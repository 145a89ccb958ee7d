"""What must be true before a pathway is published: it runs as drawn, and its tables are proved."""

from __future__ import annotations

from engine.dmn import analyse, read_model
from engine.errors import Finding, PathwayRefused
from engine.execution import check
from engine.pathways import Release
from engine.working_days import EXTENSIONS


def check_release(release: Release, *, conventions: bool = True) -> list[Finding]:
    """Everything that stands against publishing a release; with `conventions`, what the house asks of its own too."""
    return [*check(release, conventions=conventions), *prove_tables(release)]


def prove_tables(release: Release) -> list[Finding]:
    """Every gap, forbidden overlap and dead rule of a release's tables, and every table that cannot be proved."""
    findings = []
    for path, content in release.decision_files.items():
        try:
            model = read_model(content, path, extensions=EXTENSIONS)
        except PathwayRefused as refused:
            findings.extend(refused.findings)
            continue
        for decision in model.decisions:
            proof = analyse.prove(model, decision.id)
            if proof is None or proof.sound:
                continue
            for sentence in proof.sentences:
                findings.append(
                    Finding("refusal", path, decision.id, decision.name, sentence, "Change the table's rows so that it is complete.")
                )
    return findings
