"""The hash chain of a case: how each history row is bound to the one before it, byte for byte.

The encoding is for ever (docs/adr/0003-history-format.md). A row's hash is

    sha256( format byte 1 | framed(previous hash, authority, case, revision, command id, at, kind, by, role,
                                   settings, commitment, state hash) )

and the row before the first one is a value that binds the authority and the case.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final, NamedTuple

from engine.store.sealing import framed, framed_hash, framed_often

FORMAT: Final = 1
_FORMAT_BYTE: Final = bytes([FORMAT])
_GENESIS: Final = b"Discharge Pathways case history\x00"
_READINGS: Final = b"Discharge Pathways readings\x00"
#: Three fields of less than 256 bytes each.
_OWN: Final = b"\0\0\0%c%b\0\0\0%c%b\0\0\0%c%b"
#: A row whose hashes have 32 bytes: the one before, the case, what was asked and when, by whom, commitment, state.
_USUAL: Final = _FORMAT_BYTE + b"\0\0\0\x20%b%b%b%b\0\0\0\x20%b\0\0\0\x20%b"


class HistoryRow(NamedTuple):
    """A row of history as its table holds it: everything but the payload is plain and under the hash."""

    authority: str
    case_id: str
    revision: int
    format: int
    command: str
    at: str
    kind: str
    by_whom: str
    role: str | None
    settings: str
    commitment: bytes
    state: bytes
    hash: bytes
    payload: bytes | None

    def hash_after(self, previous: bytes, revision: int | None = None) -> bytes:
        """The hash this row has behind another one, at its own or at another revision."""
        return link(
            previous,
            self.authority,
            self.case_id,
            self.revision if revision is None else revision,
            self.command,
            self.at,
            self.kind,
            self.by_whom,
            self.role,
            self.settings,
            self.commitment,
            self.state,
        )


def _asked(revision: int, command: str, at: str) -> bytes:
    """What is every row's own, as `framed` has it: in one step where it is text and short, as nearly all is."""
    try:
        number, asked, when = str(revision).encode(), command.encode(), at.encode()
        return _OWN % (len(number), number, len(asked), asked, len(when), when)
    except (AttributeError, OverflowError):
        # Longer, or of another kind in a row that somebody changed.
        return framed(revision, command, at)


def genesis(authority: str, case_id: str) -> bytes:
    """What stands before the first row of a case's history."""
    return sha256(_GENESIS + _FORMAT_BYTE + framed_often(authority, case_id)).digest()


def link(
    previous: bytes,
    authority: str,
    case_id: str,
    revision: int,
    command: str,
    at: str,
    kind: str,
    by: str,
    role: str | None,
    settings: str,
    commitment: bytes,
    state: bytes,
    place: bytes | None = None,
) -> bytes:
    """The hash of one history row: over the row before it and every plain column.

    place  authority and case framed already, where the caller has them
    """
    case, asked, who = (
        place or framed_often(authority, case_id),
        _asked(revision, command, at),
        framed_often(kind, by, role, settings),
    )
    if (
        type(previous) is type(commitment) is type(state) is bytes
        and len(previous) == len(commitment) == len(state) == 32
    ):
        # As below, in one step: so nearly all rows are.
        return sha256(_USUAL % (previous, case, asked, who, commitment, state)).digest()
    row = (_FORMAT_BYTE, framed_hash(previous), case, asked, who, framed_hash(commitment), framed_hash(state))
    return sha256(b"".join(row)).digest()


def readings_genesis(authority: str, case_id: str) -> bytes:
    """What stands before the first reading of a case."""
    return sha256(_READINGS + _FORMAT_BYTE + framed(authority, case_id)).digest()


def reading_link(
    previous: bytes, authority: str, case_id: str, number: int, at: str, person: str, role: str | None, what: str
) -> bytes:
    """The hash of one reading: who looked at what, when, bound to the reading before it."""
    return sha256(_FORMAT_BYTE + framed(previous, authority, case_id, number, at, person, role, what)).digest()
