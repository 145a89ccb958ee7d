"""How the store says no; each is one of the engine's own refusals, with ids only."""

from __future__ import annotations

from engine.errors import EngineError, NotFound, Refused


class StaleCase(Refused):
    """Somebody else changed the case first; nothing was written."""

    def __init__(self, authority: str, case_id: str, expected: int) -> None:
        super().__init__(
            f"Case {case_id} of {authority} is no longer at revision {expected}. Load it again and decide afresh."
        )
        self.authority, self.case_id, self.expected = authority, case_id, expected


class DuplicateCommand(Refused):
    """This command id was carried out before; nothing was written a second time.

    `case_id` and `revision` say where it stands in history.
    """

    def __init__(self, authority: str, command: str, case_id: str | None = None, revision: int | None = None) -> None:
        where = f" as revision {revision} of case {case_id}" if case_id is not None else ""
        super().__init__(f"Command {command} of {authority} was already carried out{where}. Do not send it again.")
        self.authority, self.command, self.case_id, self.revision = authority, command, case_id, revision


class DuplicateMessage(Refused):
    """This message from outside was already received."""

    def __init__(self, authority: str, source: str, message: str) -> None:
        super().__init__(f"Message {message} from {source} was already received by {authority}. Nothing was changed.")
        self.authority, self.source, self.message = authority, source, message


class DuplicateNotice(Refused):
    """An outgoing notice with this idempotency key is already queued or sent; nothing was written."""

    def __init__(self, authority: str, case_id: str) -> None:
        super().__init__(
            f"A notice of case {case_id} of {authority} repeats an idempotency key. Give each notice its own."
        )
        self.authority, self.case_id = authority, case_id


class CaseExists(Refused):
    """A new case was given a reference that is taken; nothing was written."""

    def __init__(self, authority: str, case_id: str) -> None:
        super().__init__(f"Case {case_id} of {authority} exists already. Choose another reference or open that one.")
        self.authority, self.case_id = authority, case_id


class ClaimLost(Refused):
    """The lease ran out and the row went to another worker, or is settled; nothing was written."""

    def __init__(self, kind: str, case_id: str, key: str) -> None:
        super().__init__(
            f"The claim on {kind} {key} of case {case_id} is no longer held. Drop the work: it is done or with another."
        )
        self.kind, self.case_id, self.key = kind, case_id, key


class CaseUnknown(NotFound):
    """There is no such case for this authority."""

    def __init__(self, authority: str, case_id: str) -> None:
        super().__init__(f"Case {case_id} does not exist for {authority}. Check the reference.")
        self.authority, self.case_id = authority, case_id


class CaseErased(Refused):
    """The child's key was destroyed: the chain still verifies, but nothing can be read or added."""

    def __init__(self, authority: str, case_id: str) -> None:
        super().__init__(f"Case {case_id} of {authority} was erased. Only its chain can still be verified.")
        self.authority, self.case_id = authority, case_id


class ChildKeyLost(EngineError):
    """The wrapped key of a case that was not erased is not in its table."""

    def __init__(self, authority: str, case_id: str) -> None:
        super().__init__(
            f"The key of case {case_id} of {authority} is not in the database. Restore the backup of the wrapped keys."
        )
        self.authority, self.case_id = authority, case_id


class CaseStillOpen(Refused):
    """An open case cannot be erased."""

    def __init__(self, authority: str, case_id: str) -> None:
        super().__init__(f"Case {case_id} of {authority} is open. Close it before it is erased.")
        self.authority, self.case_id = authority, case_id


class StoreUnavailable(EngineError):
    """The database cannot be reached, is locked or full; the transaction was rolled back."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The database did not answer ({why}). Nothing was stored; try again, then look at the server."
        )
        self.why = why

    @property
    def is_damage(self) -> bool:
        """Whether what was asked for is broken where it is kept, so that asking again brings the same answer."""
        return self.why.startswith(("SQLITE_CORRUPT", "DataCorrupted", "IndexCorrupted"))


def is_lasting(error: EngineError) -> bool:
    """Whether a case that did not open with this error is damaged; False where asking again may bring an answer."""
    return not isinstance(error, StoreUnavailable) or error.is_damage


class StoreRefused(EngineError):
    """The database refused a row that the engine thought sound; the transaction was rolled back."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The database refused a row ({why}). Nothing was stored; this is a fault to report.")
        self.why = why


class SchemaDiffers(EngineError):
    """The database was made by another release of this software."""

    def __init__(self, found: str | None, wanted: str) -> None:
        super().__init__(
            f"The database is at schema {found or 'none'} and this release needs {wanted}. "
            "Run pathways init first: it brings an older database up to date and keeps what is in it."
        )
        self.found, self.wanted = found, wanted


class KeyMissing(EngineError):
    """The master key that the database was written with is not in the key file."""

    def __init__(self, wanted: str, held: tuple[str, ...]) -> None:
        super().__init__(
            f"The database needs master key {wanted}; the key file holds {', '.join(held) or 'none'}. "
            "Bring the key file back from its own backup. Do not make a new one."
        )
        self.wanted, self.held = wanted, held


class KeyFileRefused(Refused):
    """A key file is missing, unsafe or would be overwritten."""


class Undecipherable(EngineError):
    """Something encrypted was changed or belongs elsewhere: it does not open under the child's key."""

    def __init__(self, what: str, authority: str, case_id: str, revision: int | None = None) -> None:
        at = f" at revision {revision}" if revision is not None else ""
        super().__init__(
            f"The {what} of case {case_id} of {authority}{at} does not open. Verify the case before it is used."
        )
        self.what, self.authority, self.case_id, self.revision = what, authority, case_id, revision


class CheckpointFileRefused(EngineError):
    """The file of checkpoints outside the database could not be added to; the database has them all the same."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The file of checkpoints could not be added to: {why}. Look whether its folder is there and whether the "
            "worker can read it and add to it. Nothing is lost: what is missing is appended as soon as it can be."
        )
