"""A case's whole history as one JSON document that proves itself, for a court or an auditor.

`engine/store/offline.py` verifies it anywhere. The document holds what was said: it is as confidential as the case.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from engine.history import instant
from engine.store.cases import Cases
from engine.store.checkpoints import Checkpoint, Head, tree_proof
from engine.store.database import Database, Session
from engine.store.statements import of
from engine.store.tables import CHECKPOINT, CHECKPOINT_HEAD

_LAST_HEAD: Final = (
    sa.select(CHECKPOINT_HEAD.c.checkpoint)
    .where(
        of(CHECKPOINT_HEAD.c.authority),
        of(CHECKPOINT_HEAD.c.case_id),
        CHECKPOINT_HEAD.c.chain == sa.literal_column("'history'"),
    )
    .order_by(CHECKPOINT_HEAD.c.checkpoint.desc())
    .limit(1)
)
_HEADS: Final = (
    sa.select(CHECKPOINT_HEAD.c.chain, CHECKPOINT_HEAD.c.case_id, CHECKPOINT_HEAD.c.place, CHECKPOINT_HEAD.c.head)
    .where(of(CHECKPOINT_HEAD.c.authority), of(CHECKPOINT_HEAD.c.checkpoint))
    .order_by(CHECKPOINT_HEAD.c.chain, CHECKPOINT_HEAD.c.case_id)
)
_CHECKPOINT: Final = sa.select(*CHECKPOINT.c).where(of(CHECKPOINT.c.authority), of(CHECKPOINT.c.number))


def export_case(database: Database, cases: Cases, authority: str, case_id: str) -> dict[str, Any]:
    """The document: rows with their payloads, the key that checks commitments, and the newest checkpoint's proof.

    The key only checks: it opens nothing. Raises CaseUnknown, CaseErased and Undecipherable.
    """
    rows = [
        {
            "revision": entry.revision,
            "command": entry.command.id,
            "at": instant(entry.command.at),
            "kind": entry.command.kind,
            "by": entry.command.by,
            "role": entry.command.role,
            "settings": entry.command.settings,
            "payload": entry.payload.decode(),
            "events": entry.events.decode(),
            "commitment": entry.commitment.hex(),
            "state": entry.state.hex(),
            "hash": entry.hash.hex(),
        }
        for entry in cases.history(authority, case_id)
    ]
    with database.looking() as session:
        shown = _shown(session, authority, case_id)
    return {
        "export": 1,
        "authority": authority,
        "case_id": case_id,
        "rows": rows,
        "commitment_keys": cases.key(authority, case_id).checking_keys(),
        "checkpoint": shown,
    }


def _shown(session: Session, authority: str, case_id: str) -> dict[str, Any] | None:
    """The newest checkpoint that covers the case, with the proof that it does."""
    found = session.one(_LAST_HEAD, {"authority": authority, "case_id": case_id})
    if found is None:
        return None
    row = session.one(_CHECKPOINT, {"authority": authority, "number": found[0]})
    if row is None:
        return None
    heads = sorted(Head(*one) for one in session.all(_HEADS, {"authority": authority, "checkpoint": found[0]}))
    index = next(n for n, head in enumerate(heads) if (head.chain, head.case_id) == ("history", case_id))
    made = Checkpoint(*row)
    return {
        "number": made.number,
        "at": made.at,
        "previous": made.previous.hex(),
        "cases": made.cases,
        "rows": made.rows,
        "heads": made.heads,
        "root": made.root.hex(),
        "signer": made.signer,
        "hash": made.hash.hex(),
        "signature": made.signature.hex(),
        "place": heads[index].place,
        "index": index,
        "proof": [one.hex() for one in tree_proof([head.leaf() for head in heads], index)],
    }
