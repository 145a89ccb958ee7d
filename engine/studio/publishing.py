"""From a draft to what new cases start on: submitted by one person, approved by another, bound to one exact content."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from engine.authorities import Authority
from engine.authorities.authority import LocalValue
from engine.authorities.parameters import Parameter
from engine.casework.people import ANALYST, Practitioner
from engine.casework.permissions import check_approver
from engine.casework.published import sum_up
from engine.clock import london_date
from engine.coverage import Coverage
from engine.errors import Finding, PathwayRefused, Refused
from engine.history import JSON, read_instant
from engine.pathways import Release
from engine.store.drafts import APPROVED, OPEN, PUBLISHED, SENT_BACK, SUBMITTED, TAKEN_BACK, Submission
from engine.store.library import Deployment
from engine.studio.compare import Comparison, compare
from engine.studio.parameter_sheet import value_of
from engine.studio.pinning import Pinning
from engine.studio.running import Runs
from engine.studio.studio import MAY_LOOK, MAY_PUBLISH, BothChanged, Open
from engine.studio.workspace import Workspace

#: Letters of a reason that somebody else can judge.
SHORTEST_REASON = 10


class NotReady(Refused):
    """Something still stands against publishing a draft."""

    def __init__(self, number: int, reasons: tuple[str, ...]) -> None:
        super().__init__(f"Draft {number} cannot be submitted yet: {' '.join(reasons)}")
        self.reasons = reasons


class PublishedMoved(Refused):
    """What is published, or the draft itself, is no longer what was submitted."""

    def __init__(self, number: int, files: tuple[str, ...]) -> None:
        named = ", ".join(files[:10]) or "files of the draft"
        super().__init__(
            f"Submission {number} was checked on another state: {named} changed since. "
            "Send it back, so that it is checked on what is published now."
        )
        self.files = files


class DecidedAlready(Refused):
    """Somebody else decided first."""

    def __init__(self, number: int, state: str) -> None:
        super().__init__(f"Submission {number} is {state} already.")


@dataclass(frozen=True)
class Readiness:
    """What must be so before a draft is submitted, as it stands now."""

    findings: tuple[Finding, ...]
    runs: Runs
    coverage: Coverage | None
    changes: int
    both: tuple[str, ...]
    affected: tuple[str, ...]

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """Findings with which nothing is published."""
        return tuple(finding for finding in self.findings if finding.severity == "refusal")

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it cannot be submitted, a sentence each; empty where it can."""
        found = []
        if not self.changes:
            found.append("It changes nothing.")
        if self.both:
            found.append(f"Others published {', '.join(self.both[:5])} since it began.")
        if self.refusals:
            found.append(f"The checks and proofs refuse {_counted(self.refusals, 'thing')}.")
        if self.runs.unreadable:
            found.append(f"{_counted(self.runs.unreadable, 'scenario')} cannot be read.")
        if self.runs.waiting:
            verb = "is" if len(self.runs.waiting) == 1 else "are"
            of_all = "1 scenario" if self.runs.total == 1 else f"{self.runs.total} scenarios"
            found.append(f"{len(self.runs.waiting)} of {of_all} {verb} still to be run on it.")
        if self.runs.failed:
            comes = (
                "comes out otherwise than it says" if len(self.runs.failed) == 1 else "come out otherwise than they say"
            )
            found.append(f"{_counted(self.runs.failed, 'scenario')} {comes}.")
        if self.coverage is not None and not self.runs.waiting and self.coverage.gaps:
            found.append(f"Clauses are not covered: {' '.join(self.coverage.gaps[:5])}")
        return tuple(found)

    @property
    def found(self) -> dict[str, JSON]:
        """What an approver is shown of it, and what stays on record."""
        wanted = [] if self.coverage is None else [c for c in self.coverage.clauses if not c.clause.context_only]
        return {
            "advice": [str(finding) for finding in self.findings],
            "scenarios": self.runs.total,
            "clauses": len(wanted),
            "exercised": sum(clause.exercised for clause in wanted),
            "affected": list(self.affected),
        }


def _counted(things: Collection[object], thing: str) -> str:
    return f"{len(things)} {thing if len(things) == 1 else thing + 's'}"


@dataclass(frozen=True)
class Put:
    """A submission with the draft it is about and what it would change, or changed where it is decided."""

    submission: Submission
    opened: Open
    comparison: Comparison

    @property
    def moved(self) -> bool:
        """Whether it is no longer what was checked: other content, or over files that others published meanwhile."""
        return self.opened.workspace.content != self.submission.content or bool(self.opened.both)


class Studio(Pinning):
    """Everything those who draw, and those who approve, may do."""

    def readiness(self, opened: Open) -> Readiness:
        """What stands against submitting a draft."""
        findings = tuple(self.check_all(opened))
        refused = any(finding.severity == "refusal" for finding in findings)
        runs = self.runs(opened)
        coverage, affected = None, tuple[str, ...]()
        if not refused:
            coverage = self.coverage(opened, runs)
            affected = tuple(opened.workspace.affected(self._shelf.deployments(opened.draft.authority)))
        return Readiness(findings, runs, coverage, len(opened.workspace.changed), opened.both, affected)

    # ------------------------------------------------------------------ deciding

    def submit(self, by: Practitioner, number: int, why: str) -> Submission:
        """Put a draft before somebody who may publish it. Raises NotReady, BothChanged, Refused."""
        by.must_hold(ANALYST)
        if not why.strip():
            raise Refused("Say why this is to be published, so that whoever approves it can judge it.")
        if len(why.strip()) < SHORTEST_REASON:
            raise Refused(f"The reason is too short. Say in at least {SHORTEST_REASON} letters why this is published.")
        opened = self.open(by, number)
        if opened.both:
            raise BothChanged(number, opened.both)
        ready = self.readiness(opened)
        if ready.reasons:
            raise NotReady(number, ready.reasons)
        return self._drafts.submit(
            by.authority, number, opened.workspace.content, ready.found, why.strip(), by=by.id, at=self._clock.now()
        )

    def submissions(self, by: Practitioner, *states: str) -> list[Submission]:
        """What was submitted, the newest first."""
        by.must_hold(*MAY_LOOK)
        return self._drafts.submissions(by.authority, *states)

    def submission(self, by: Practitioner, number: int) -> Put:
        """One submission, with what it would change of what is published. Raises NotFound."""
        by.must_hold(*MAY_LOOK)
        found = self._drafts.submission(by.authority, number)
        opened = self.open(by, found.draft)
        return Put(
            found, opened, self.compare(opened) if found.state == SUBMITTED else self._changed_then(opened, found)
        )

    def _changed_then(self, opened: Open, decided: Submission) -> Comparison:
        """What a decided submission changed of what its draft stands on, with the files as they were put forward."""
        put_forward = read_instant(decided.at)
        files = {
            file.path: file.body
            for file in self._drafts.versions(decided.authority, decided.draft)
            if read_instant(file.at) <= put_forward
        }
        before = self._shelf.folder_of(decided.authority, opened.draft.base)
        return compare(before, Workspace.of(decided.authority, before, files).files)

    def authors(self, put: Put) -> frozenset[str]:
        """Who submitted it, and everybody who saved, brought back or took away any file of its draft.

        Also where somebody else saved the file after them: whether anything of theirs is left in it cannot be told.
        """
        saved = self._drafts.versions(put.submission.authority, put.submission.draft)
        return frozenset((put.submission.by, *(file.by for file in saved)))

    def approve(self, by: Practitioner, number: int, said: str) -> Submission:
        """Publish exactly what was submitted; new cases take it, running ones stay.

        Raises Forbidden where they may not, OwnWork where they had a hand in it, PublishedMoved, DecidedAlready.
        """
        by.must_hold(*MAY_PUBLISH)
        put = self._undecided(by, number)
        check_approver(self.authors(put), by.id, f"submission {number}")
        if put.moved:
            raise PublishedMoved(number, put.opened.moved)
        changes = self._ready(put)
        with self._store.together():
            # All of it at once: a crash on the way leaves what was published before, and the submission undecided.
            self._drafts.one_at_a_time(by.authority)
            if self._shelf.latest(by.authority) != put.opened.latest:
                raise PublishedMoved(number, put.opened.moved)
            decided = self._decide(by, put, APPROVED, PUBLISHED, said)
            self._publish(put, changes, by)
        sum_up(self._store, self._shelf, by.authority, (release.hash for release in changes[0].values()))
        return decided

    def send_back(self, by: Practitioner, number: int, said: str) -> Submission:
        """Give a submission back to be changed, with the reason. Raises Refused, DecidedAlready."""
        by.must_hold(*MAY_PUBLISH)
        if len(said.strip()) < 5:
            raise Refused("Say what is to be changed.")
        return self._decide(by, self._undecided(by, number), SENT_BACK, OPEN, said.strip())

    def take_back(self, by: Practitioner, number: int) -> Submission:
        """Withdraw a submission to go on drawing. Raises DecidedAlready."""
        by.must_hold(ANALYST)
        return self._decide(by, self._undecided(by, number), TAKEN_BACK, OPEN, "")

    def _undecided(self, by: Practitioner, number: int) -> Put:
        put = self.submission(by, number)
        if put.submission.state != SUBMITTED:
            raise DecidedAlready(number, put.submission.state)
        return put

    def _decide(self, by: Practitioner, put: Put, state: str, draft_state: str, said: str) -> Submission:
        number = put.submission.number
        if not self._drafts.decide(by.authority, number, state, draft_state, said, by=by.id, at=self._clock.now()):
            raise DecidedAlready(number, self._drafts.submission(by.authority, number).state)
        return self._drafts.submission(by.authority, number)

    def _ready(self, put: Put) -> tuple[Mapping[str, Release], Authority | None]:
        """The releases and settings that would change, prepared before anything is written. Raises PathwayRefused."""
        affected = put.opened.workspace.affected(self._shelf.deployments(put.submission.authority))
        refused: list[Finding] = []
        settings = self._settings(put.opened)
        roles = (settings or self._shelf.terms(put.submission.authority).authority).roles
        for release in affected.values():
            try:
                self._shelf.make_ready(release, roles)
            except PathwayRefused as error:
                refused += error.findings
        if refused:
            raise PathwayRefused(list(dict.fromkeys(refused)))
        return affected, settings

    def _publish(self, put: Put, changes: tuple[Mapping[str, Release], Authority | None], by: Practitioner) -> None:
        """Everything that changed: releases first, then what lists and settings say."""
        (affected, settings), workspace, authority = changes, put.opened.workspace, put.submission.authority
        at, why = self._clock.now(), f"{put.submission.why} (drawn by {put.submission.by})"
        for release in affected.values():
            self._shelf.publish(release, at=at, by=by.id, why=why)
        clauses = workspace.files.get(f"{authority}/clauses.csv")
        if clauses is not None:
            self._shelf.keep_clauses(authority, clauses, at=at, by=by.id, why=why)
        self._shelf.keep_sources(authority, workspace.sources, at=at, by=by.id, why=why)
        if settings is not None:
            self._shelf.put_in_force(settings, at=at, by=by.id, why=why)

    def _settings(self, opened: Open) -> Authority | None:
        """The settings as the draft writes them, with the local values in force that it does not touch."""
        path = f"{opened.draft.authority}/authority.toml"
        if opened.published.get(path) == opened.workspace.files.get(path):
            return None
        written = opened.workspace.settings
        was = Workspace.of(opened.draft.authority, opened.published, {}).settings
        in_force = self._shelf.terms(opened.draft.authority).authority
        kept = {
            name: values for name, values in in_force.values.items() if written.values.get(name) == was.values.get(name)
        }
        return replace(written, values={**written.values, **kept})

    # ------------------------------------------------------------------ local values

    def local_values(self, by: Practitioner) -> list[tuple[Parameter, tuple[LocalValue, ...]]]:
        """Every parameter that a deployed pathway declares, with the authority's own values of it by day."""
        by.must_hold(*MAY_LOOK)
        values = self._shelf.terms(by.authority).authority.values
        return [(parameter, values.get(name, ())) for name, parameter in sorted(self._declared(by).items())]

    def set_value(self, by: Practitioner, name: str, text: str, since: date, why: str) -> None:
        """Put a local value in force from a day on: a setting of the authority, no release. Raises ParameterRefused."""
        by.must_hold(*MAY_PUBLISH)
        parameter = self._declared(by).get(name)
        if parameter is None:
            raise Refused(f"No deployed pathway declares a parameter {name[:64]}.")
        if len(why.strip()) < SHORTEST_REASON:
            raise Refused(
                f"Say in at least {SHORTEST_REASON} letters why the value is changed: the reason is kept with it."
            )
        today = london_date(self._clock.now())
        if since < today:
            raise Refused("A value counts from today or a later day: dates already computed stay explained.")
        before = self._shelf.terms(by.authority).authority
        after = before.with_value(parameter, value_of(parameter, text), since, why.strip())
        self._shelf.put_in_force(after, at=self._clock.now(), by=by.id, why=why.strip())

    def _declared(self, by: Practitioner) -> dict[str, Parameter]:
        deployed = self._shelf.deployments(by.authority).values()
        return {
            name: parameter
            for release in deployed
            for name, parameter in self._shelf.release(by.authority, release).parameters.items()
        }

    # ------------------------------------------------------------------ what was published

    def history(self, by: Practitioner, pathway: str) -> list[Deployment]:
        """Who published which release of a pathway, when and why; the newest first."""
        by.must_hold(*MAY_LOOK)
        return self._store.library.deployments(by.authority, pathway)[::-1]

    def title_in_force(self, by: Practitioner, pathway: str) -> str:
        """What a pathway that new cases start on is called, '' where there is none of that id."""
        by.must_hold(*MAY_LOOK)
        release = self._shelf.deployments(by.authority).get(pathway)
        return "" if release is None else self._shelf.release(by.authority, release).title

    def between(self, by: Practitioner, before: str | None, after: str) -> Comparison:
        """What one release changed of another. Raises NotFound."""
        by.must_hold(*MAY_LOOK)
        old: Mapping[str, bytes] = {} if before is None else self._shelf.release(by.authority, before).files
        return compare(old, self._shelf.release(by.authority, after).files)


__all__ = ["DecidedAlready", "NotReady", "PublishedMoved", "Put", "Readiness", "Studio"]
