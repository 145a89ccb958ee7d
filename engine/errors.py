"""Every way the engine says no: which, why and what now, with ids only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


class EngineError(Exception):
    """The base of every refusal; its text is safe to show and to log (ids, never personal data)."""


class Refused(EngineError):
    """What was asked does not fit the state of things; nothing was changed."""


class AboutPeople(Refused):
    """A refusal that is about people: by their ids where it is logged, and by name on a page."""

    def naming(self, name: Callable[[str], str]) -> str:
        """The sentence, with people as `name` calls them."""
        raise NotImplementedError


class NotFound(EngineError):
    """What was named does not exist, or not for this authority."""


class Forbidden(EngineError):
    """This person, in these roles, may not do this."""


class Unreadable(EngineError):
    """A file, message or upload cannot be read as what it claims to be; nothing was stored."""


class Incident(EngineError):
    """A case cannot go on by itself: nothing was decided, the plan stays active and a person is told.

    `element` is the diagram element that stopped (or None), `instance` the running pathway.
    """

    def __init__(self, message: str, *, element: str | None = None, instance: int | None = None) -> None:
        super().__init__(message)
        self.element, self.instance = element, instance


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One answer that was refused: the field's key and the sentence shown beside it."""

    field: str
    message: str


class AnswersRefused(Refused):
    """A form's answers were missing or absurd; each problem names its field. Nothing was stored."""

    def __init__(self, form: str, problems: Sequence[FieldProblem]) -> None:
        fields = ", ".join(problem.field for problem in problems)
        super().__init__(f"Form {form} was not accepted: look at {fields}.")
        self.form, self.problems = form, tuple(problems)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check of a pathway has to say about one place: where, what, and the mend.

    severity is 'refusal' (it cannot run as drawn, so it cannot be published) or 'advice'.
    place is an element id, a rule row ('row 3'), a field key, or None for the file as a whole.
    """

    severity: str
    file: str
    place: str | None
    name: str | None
    message: str
    mend: str

    def __str__(self) -> str:
        where = f"{self.name} ({self.place})" if self.name and self.place else self.place
        return f"{self.file}: {f'{where}: ' if where else ''}{self.message} {self.mend}".strip()


class PathwayRefused(Unreadable):
    """A pathway's files would not execute as drawn; every finding names its place and the mend."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = tuple(findings)
