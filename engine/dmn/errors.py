"""A decision file that cannot be read or would not mean what it shows: which place, why, and the mend."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.errors import Finding, NotFound, Unreadable
from engine.feel import FeelError


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a decision file something stands, in the words an author sees in the editor.

    element  name of the decision, business knowledge model, service, input or type
    parts    the way down from there, such as ('entry "rate"', 'row 3', 'column "age"')
    """

    file: str
    element: str | None = None
    parts: tuple[str, ...] = ()

    def within(self, *parts: str) -> Place:
        """Return the place one or more steps further down."""
        return replace(self, parts=(*self.parts, *parts))

    def of(self, element: str) -> Place:
        """Return the place of a whole element of this file."""
        return Place(self.file, element)

    @property
    def inside(self) -> str | None:
        """Return the way down within the element as one text, None for the element itself."""
        return ", ".join(self.parts) or None

    def __str__(self) -> str:
        named = [f'"{self.element}"'] if self.element is not None else []
        return ": ".join([self.file, ", ".join([*named, *self.parts])] if named or self.parts else [self.file])


class DmnError(Unreadable):
    """One fault of a decision file, told to its author; `place`, `reason`, `mend`, and the text with a caret.

    text and caret are None where the fault is not in a FEEL text; line and column count from 1 within text.
    """

    def __init__(self, place: Place, reason: str, mend: str, *, feel: FeelError | None = None) -> None:
        self.place, self.reason, self.mend = place, reason, mend
        self.text = feel.text if feel is not None else None
        self.line = feel.line if feel is not None else None
        self.column = feel.column if feel is not None else None
        self.caret = feel.caret if feel is not None else None
        picture = f"\n{self.caret}" if self.caret else ""
        super().__init__(f"{place}: {reason} {mend}{picture}")

    @classmethod
    def of_feel(cls, place: Place, error: FeelError) -> DmnError:
        """Put a FEEL text's own error at its place in the file."""
        return cls(place, error.message, error.mend or "Write it in FEEL:", feel=error)

    @property
    def finding(self) -> Finding:
        """Return the fault as a refusal to publish."""
        picture = f"\n{self.caret}" if self.caret else ""
        return Finding(
            "refusal", self.place.file, self.place.inside, self.place.element, self.reason, self.mend + picture
        )


class NoSuchDecision(NotFound):
    """The file holds no decision, knowledge model or service of that id or name."""

    def __init__(self, file: str, kind: str, wanted: str, present: tuple[str, ...]) -> None:
        has = ", ".join(present) or "none"
        super().__init__(f'{file} has no {kind} "{wanted}". It has: {has}.')
        self.file, self.kind, self.wanted, self.present = file, kind, wanted, present
