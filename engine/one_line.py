"""What a name may be written with: one line that can be seen, and that turns nothing around it."""

from __future__ import annotations

import re
import unicodedata

#: Controls, line breaks of every kind, lone surrogates, what turns the direction of all that follows it (Unicode
#: Standard Annex 9: embeddings, overrides and isolates), and spaces and hyphens without width, by which one name would
#: pass for two. Joiners and direction marks belong to real names.
_NOT_IN_A_NAME = re.compile(
    r"[\x00-\x08\x0a-\x1f\x7f-\x9f\xad\u200b\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)
#: Letters that are drawn as nothing: the fillers of Hangul, and the empty Braille pattern.
_DRAWN_AS_NOTHING = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")

NO_NAME = "holds characters that a name cannot have: a line break, or one that cannot be seen. Type it again."


def turns_or_breaks(text: str) -> bool:
    """Whether a text holds a control, a line break, or a mark that turns the direction of what follows."""
    return _NOT_IN_A_NAME.search(text) is not None


def cannot_be_seen(text: str) -> bool:
    """Whether a text that is not empty shows nothing at all."""
    return bool(text.strip()) and all(
        char in _DRAWN_AS_NOTHING or unicodedata.category(char) in ("Cf", "Cc", "Zs", "Cn") or char in "\ufe0e\ufe0f"
        for char in text
    )


def is_a_name(text: str) -> bool:
    """Whether a text can stand as a name in a line; an empty one is not judged here."""
    return not (turns_or_breaks(text) or cannot_be_seen(text))
