"""The names of the built-in functions, and how names that are being given and strings are read from a text."""

from __future__ import annotations

import re

from engine.feel.diagnostics import FeelError
from engine.feel.lexer import Token

#: Built-in names that hold a keyword, by first word: only these need a look ahead when a name is read.
BUILTIN_NAMES: dict[str, tuple[str, ...]] = {
    "date": ("date and time",),
    "years": ("years and months duration",),
    "days": ("days and time duration",),
}

_DECLARED = re.compile(
    r"(?:[^\W\d]|[\U0001F000-\U000EFFFF])(?:[\w\s./'*+\-\u00B7\u203F-\u2040]|[\U0001F000-\U000EFFFF])*"
)
_LONGEST_NAME = 200


def read_declared(text: str, start: int, closing: str) -> tuple[str, int] | None:
    """The name that stands at start and is followed by one of the closing signs, and where it ends; else None."""
    match = _DECLARED.match(text, start)
    if match is None or text[match.end() : match.end() + 1] not in tuple(closing):
        return None
    name = match[0].rstrip()
    return None if ".." in name or len(name) > _LONGEST_NAME else (name, start + len(name))


_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{6}|[\s\S])")
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


def read_string(text: str, token: Token) -> str:
    r"""The content of a string token or an @"..." token; \n \r \t \" \' \\ \uXXXX and \UXXXXXX are escapes."""
    content = token.text[token.text.index('"') + 1 : -1]
    if "\\" not in content:
        return content

    def resolve(match: re.Match[str]) -> str:
        sign = match[1]
        if len(sign) > 1:
            code = int(sign[1:], 16)
            if code > 0x10FFFF:
                raise FeelError(text, token.start, f"\\{sign} is no character.", "Unicode ends at \\U10FFFF.")
            return chr(code)
        # A backslash before anything else is itself: regular expressions are written "\s" and "\\s" alike.
        return _PLAIN.get(sign, "\\" + sign)

    resolved = _ESCAPE.sub(resolve, content)
    if any("\ud800" <= letter <= "\udfff" for letter in resolved):
        resolved = _pairs(text, token, resolved)
    return resolved


def _pairs(text: str, token: Token, resolved: str) -> str:
    """Two escapes that make one character (\\uD83D\\uDC0E) joined."""
    try:
        return resolved.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError as error:
        raise FeelError(text, token.start, "A \\u escape is half a character.", "Write \\U and six digits.") from error
