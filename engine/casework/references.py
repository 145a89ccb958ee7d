"""What a case may be called: a reference that stands in addresses and messages, and is no page's own word."""

from __future__ import annotations

import re
from typing import Final

from engine.case.facts import FactsRefused
from engine.errors import FieldProblem

_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,39}")
#: What an address can hold: a case of any other reference could be opened by no page, whoever made it.
_ADDRESSABLE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
#: Pages that stand where the page of a case does: a case of that reference could never be opened again.
TAKEN: Final = frozenset({"new", "find", "import"})


def fault_of(case_id: str) -> str | None:
    """Why this cannot be the reference of a case, as a sentence about it; None where it can."""
    if not _REFERENCE.fullmatch(case_id):
        return "must have 3 to 40 letters, digits, dots and dashes, such as CAM-2026-0417."
    taken = case_id.casefold() in TAKEN
    return "is the name of a page of this service. Give the child's own reference." if taken else None


def check_addressable(case_id: str) -> None:
    """Refuse a reference that no address holds, however short or long. Raises FactsRefused."""
    if not _ADDRESSABLE.fullmatch(case_id):
        raise FactsRefused([FieldProblem("case_id", fault_of(case_id) or "")])


def check_no_page(case_id: str) -> None:
    """Refuse the name of a page as a reference, wherever a case comes from. Raises FactsRefused."""
    if case_id.casefold() in TAKEN:
        raise FactsRefused([FieldProblem("case_id", fault_of(case_id) or "")])
