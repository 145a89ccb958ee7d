"""What commands are carried out under in a walk: an authority, its pathways made ready, and no store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.authorities import Authority
from engine.case.facts import view as facts_view
from engine.case.state import CaseState
from engine.execution import Pathway
from engine.history import JSON, read_instant
from engine.pathways import Release


class Settings:
    """What commands are carried out under, without a store (engine.case.handling.Terms)."""

    def __init__(self, authority: Authority, releases: Mapping[str, Release], prepared: Mapping[str, Pathway]) -> None:
        self.authority = authority
        self._releases = {release.hash: release for release in releases.values()}
        self.prepared = prepared

    def pathway(self, release: str) -> Pathway:
        """The prepared pathway of a release."""
        return self.prepared[release]

    def release(self, release: str) -> Release:
        """The release of that hash."""
        return self._releases[release]

    def parameters(self, release: str, on: date) -> Mapping[str, JSON]:
        """The values of its local parameters on a day."""
        return self.authority.parameters_for(self._releases[release], on)

    def given(self, case: CaseState, release: str, variables: Mapping[str, JSON]) -> dict[str, Any]:
        """What the rules of a form read on a case: variables, facts and parameters."""
        now = read_instant(case.at)
        return {
            **variables,
            "case": {"case_id": case.case_id, "authority": case.authority, **facts_view(case.facts, now=now)},
            "parameters": self.parameters(release, now.date()),
        }
