"""Verifies an exported case file on any machine: no database, no key file, nothing else of this software.

Only Python's own library is needed; the `cryptography` package, where it is installed, also checks the signatures.
Run it as `python offline.py FILE [PUBLIC_KEY ...]`. What the bytes mean is in docs/adr/0003-history-format.md.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any

Document = dict[str, Any]


def verify_export(document: Document, trusted: Sequence[str] = ()) -> list[str]:
    """What is wrong with an exported case, in sentences; [] where all of it holds together.

    `trusted` are the public keys (hexadecimal) that may have signed; without any, it is not asked whose they are.
    """
    if document.get("export") != 1:
        return ["This is not an exported case of a format that is known here."]
    try:
        return [*_chain(document), *_checkpoint(document, trusted)]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        return [f"The file is damaged: {type(error).__name__} at {error}."]


def _framed(*fields: str | bytes | int | None) -> bytes:
    parts = []
    for item in fields:
        raw = None if item is None else item if isinstance(item, bytes) else str(item).encode()
        parts.append(b"\xff\xff\xff\xff" if raw is None else len(raw).to_bytes(4, "big") + raw)
    return b"".join(parts)


def _chain(document: Document) -> list[str]:
    authority, case_id = document["authority"], document["case_id"]
    keys = document["commitment_keys"]
    previous = sha256(b"Discharge Pathways case history\0\x01" + _framed(authority, case_id)).digest()
    problems: list[str] = []
    for expected, row in enumerate(document["rows"], 1):
        revision = row["revision"]
        if revision != expected:
            return [*problems, f"Revision {expected} is missing."]
        fields = (row[name] for name in ("command", "at", "kind", "by", "role", "settings"))
        commitment, state = bytes.fromhex(row["commitment"]), bytes.fromhex(row["state"])
        hashed = sha256(b"\x01" + _framed(previous, authority, case_id, revision, *fields, commitment, state)).digest()
        if hashed.hex() != row["hash"]:
            return [*problems, f"Revision {revision} is not what its hash says."]
        if keys is not None:
            body, events = row["payload"].encode(), row["events"].encode()
            plain = len(body).to_bytes(4, "big") + body + events
            key = bytes.fromhex(keys["commitment"])
            if blake2b(plain, key=key, digest_size=32).hexdigest() != row["commitment"]:
                problems.append(f"What revision {revision} says is not what was committed to.")
        previous = hashed
    return problems


def _checkpoint(document: Document, trusted: Sequence[str]) -> list[str]:
    shown = document["checkpoint"]
    if shown is None:
        return ["No checkpoint covers this case yet: its newest rows rest on the chain alone."]
    place, rows = shown["place"], document["rows"]
    if not 1 <= place <= len(rows):
        return [f"The checkpoint covers revision {place}, which is not in the file."]
    leaf = sha256(
        b"\0" + _framed("history", document["case_id"], place, bytes.fromhex(rows[place - 1]["hash"]))
    ).digest()
    proof = [bytes.fromhex(one) for one in shown["proof"]]
    problems = []
    if _root(leaf, shown["index"], shown["heads"], proof) != bytes.fromhex(shown["root"]):
        problems.append(f"Checkpoint {shown['number']} does not cover revision {place} as it is in the file.")
    numbers = (shown["number"], shown["at"], shown["cases"], shown["rows"], shown["heads"])
    previous, root = bytes.fromhex(shown["previous"]), bytes.fromhex(shown["root"])
    fields = (previous, document["authority"], *numbers, root, shown["signer"])
    hashed = sha256(b"\x01" + _framed(*fields)).digest()
    if hashed.hex() != shown["hash"]:
        problems.append(f"Checkpoint {shown['number']} is not what its hash says.")
    if trusted and shown["signer"] not in trusted:
        problems.append(f"Checkpoint {shown['number']} was signed by a key that is not trusted.")
    if not _signed(shown["signer"], shown["signature"], hashed):
        problems.append(f"The signature of checkpoint {shown['number']} is wrong.")
    return problems


def _root(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes | None:
    """The root of a tree of that size that a leaf and its proof give (RFC 6962, section 2.1.1)."""
    if size <= 1:
        return leaf if size == 1 and not proof else None
    if not proof:
        return None
    half = 1 << (size - 1).bit_length() - 1
    left = index < half
    inner = _root(leaf, index if left else index - half, half if left else size - half, proof[:-1])
    if inner is None:
        return None
    return sha256(b"\x01" + (inner + proof[-1] if left else proof[-1] + inner)).digest()


def _signed(signer: str, signature: str, hashed: bytes) -> bool:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        sys.stderr.write("The signature was not checked: the package cryptography is not installed.\n")
        return True
    try:
        message = b"Discharge Pathways checkpoint\0" + hashed
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(signer)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def main(arguments: Sequence[str]) -> int:
    """Verify a file and say what was found."""
    if not arguments:
        sys.stderr.write("Name the exported file, and the public keys that you trust.\n")
        return 2
    document = json.loads(Path(arguments[0]).read_bytes())
    problems = verify_export(document, arguments[1:])
    for problem in problems:
        sys.stdout.write(problem + "\n")
    if not problems:
        sys.stdout.write(f"Case {document['case_id']}: {len(document['rows'])} rows, whole and covered.\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
