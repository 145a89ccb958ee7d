"""What is encrypted and how: a key for each child, wrapped by a master key, and keyed commitments that go with it.

The format is for ever and is written down in docs/adr/0003-history-format.md. A sealed value is

    version byte 1 | 12 byte random nonce | AES-256-GCM ciphertext and tag

and its associated data says what it is and where it belongs, so that nothing sealed can be moved to another place.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections import OrderedDict
from hashlib import blake2b
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.store.errors import KeyMissing, Undecipherable
from engine.store.key_files import MasterKey
from engine.store.sealing import NONCE, SEALED, framed_often, framed_text, fresh

#: What a sealed value is: part of its associated data.
PAYLOAD: Final = b"payload"
SNAPSHOT: Final = b"snapshot"
LABEL: Final = b"label"
OUTBOX: Final = b"outbox"
DOCUMENT: Final = b"document"
DRAFT: Final = b"draft"
#: What lists say, behind its reference, of a case whose name or key was changed so that the name does not open.
UNREAD: Final = "cannot be read: verify this case"

#: The revisions of nearly all that is sealed, as text between two spaces, made once.
_NUMBERS: Final = tuple(b" %d " % revision for revision in range(256))

_PLAIN_WORDS: Final = re.compile(r"[a-z0-9-]+")


class CaseKey:
    """A child's key, opened: seals, opens and commits. It is never written and never shown."""

    __slots__ = ("_box", "_commit", "_state", "authority", "case_id", "place")

    def __init__(self, key: bytes, authority: str, case_id: str) -> None:
        self.authority, self.case_id = authority, case_id
        self.place = framed_often(authority, case_id)
        self._box = AESGCM(blake2b(key=key, digest_size=32, person=b"sealing").digest())
        self._commit = blake2b(key=key, digest_size=32, person=b"commitment").digest()
        self._state = blake2b(key=key, digest_size=32, person=b"state").digest()

    def seal(self, what: bytes, revision: int, plain: bytes) -> bytes:
        """Encrypt `plain` as the thing `what` of this case; what has no revision of its own uses 0."""
        nonce = fresh(NONCE)
        return SEALED + nonce + self._box.encrypt(nonce, plain, self._about(what, revision))

    def open(self, what: bytes, revision: int, sealed: bytes) -> bytes:
        """Decrypt; raises Undecipherable where a byte was changed or the value belongs elsewhere."""
        try:
            if sealed[:1] != SEALED:
                raise InvalidTag
            return self._box.decrypt(sealed[1:13], sealed[13:], self._about(what, revision))
        except (InvalidTag, ValueError, TypeError) as error:
            raise Undecipherable(what.decode(), self.authority, self.case_id, revision) from error

    def _about(self, what: bytes, revision: int) -> bytes:
        """What a sealed value is and where it belongs."""
        number = _NUMBERS[revision] if 0 <= revision < len(_NUMBERS) else b" %d " % revision
        return what + number + self.place

    def checking_keys(self) -> dict[str, str]:
        """The keys that check commitments and state hashes, in hexadecimal: they open nothing that is sealed."""
        return {"commitment": self._commit.hex(), "state": self._state.hex()}

    def commitment(self, plain: bytes) -> bytes:
        """What a history row says about its payload without giving anything to guess from once the key is gone."""
        return blake2b(plain, key=self._commit, digest_size=32).digest()

    def state_hash(self, state: bytes) -> bytes:
        """The keyed hash of a case's canonical state."""
        return blake2b(state, key=self._state, digest_size=32).digest()


class Vault:
    """Opens children's keys and keeps the recently used ones in memory."""

    def __init__(self, master: MasterKey, keep: int = 4096) -> None:
        self.master = master
        self._keep = keep
        self._open: OrderedDict[bytes, CaseKey] = OrderedDict()
        self._lock = threading.Lock()

    def new(self, authority: str, case_id: str) -> tuple[bytes, CaseKey]:
        """A fresh key for a child: as stored (wrapped by the current master key) and opened."""
        key = fresh(32)
        wrapped, opened = self.master.wrap(key, authority, case_id), CaseKey(key, authority, case_id)
        self._remember(wrapped, opened)
        return wrapped, opened

    def open(self, authority: str, case_id: str, key_id: str, wrapped: bytes) -> CaseKey:
        """The child's key, from memory where it was used lately."""
        found = self._open.get(wrapped)
        if found is None or found.case_id != case_id or found.authority != authority:
            found = CaseKey(self.master.unwrap(key_id, wrapped, authority, case_id), authority, case_id)
            self._remember(wrapped, found)
        return found

    def label(self, authority: str, case_id: str, key_id: str, wrapped: bytes, sealed: bytes) -> str:
        """What lists call a case by. Raises Undecipherable and KeyMissing."""
        return self.open(authority, case_id, key_id, wrapped).open(LABEL, 0, sealed).decode()

    def called(
        self, authority: str, case_id: str, key_id: str | None, wrapped: bytes | None, sealed: bytes | None
    ) -> str | None:
        """What a list of many cases calls one by, None where it was erased; one that does not open hides no other."""
        if sealed is None or wrapped is None or key_id is None:
            return None
        try:
            return self.label(authority, case_id, key_id, wrapped, sealed)
        except (Undecipherable, KeyMissing):
            return f"{case_id} {UNREAD}"

    def _remember(self, wrapped: bytes, key: CaseKey) -> None:
        with self._lock:
            self._open[wrapped] = key
            while len(self._open) > self._keep:
                self._open.popitem(last=False)


class BlindIndex:
    """Turns what people search for into tokens that tell nothing without the authority's index key."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = blake2b(key=key, digest_size=32, person=b"blind index").digest()

    def token(self, kind: str, text: str) -> bytes:
        """The token of one word or reference, exactly as written."""
        return blake2b(framed_often(kind) + framed_text(text), key=self._key, digest_size=16).digest()

    def tokens(self, kind: str, text: str) -> set[bytes]:
        """A token for each word of a text, folded as `words` does."""
        return {self.token(kind, word) for word in words(text)}


def words(text: str) -> list[str]:
    """The words of a text as people search for them: lower case, without accents, punctuation apart."""
    if text.isascii():
        # The same words as below, found at once.
        return _PLAIN_WORDS.findall(text.casefold().replace("'", ""))
    flat = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(
        c if c.isalnum() or c == "-" else " " for c in flat if not unicodedata.combining(c) and c not in "'’"
    )
    return kept.split()
