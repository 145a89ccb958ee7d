"""Cuts a text into tokens, and finds the names in it: FEEL names hold spaces, signs and even keywords (10.3.1.4).

Tokens are cut without knowing names. Where a name may stand, `Words.name` looks again at the raw text: the longest
name in scope wins; else neighbouring words make one name, because two names side by side mean nothing in FEEL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

_START = r"[^\W\d]|\?"
_WORD = r"(?:[^\W\d]|[\U0001F000-\U000EFFFF])(?:\w|[\u00B7\u203F-\u2040]|[\U0001F000-\U000EFFFF])*"
_TOKEN = re.compile(
    r"(?P<space>(?:\s|[\u180E\uFEFF\u200B]|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)+)"
    rf"|(?P<word>{_WORD})"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)"
    r'|(?P<string>"(?:[^"\\\n]|\\.|\\?\n)*")'
    r'|(?P<at>@\s*"(?:[^"\\\n]|\\.)*")'
    r"|(?P<sign>\.\.|\*\*|->|<=|>=|!=|[-+*/=<>()\[\]{},:.?])"
    r"|(?P<bad>[\s\S])"
)

KEYWORDS = frozenset({"and", "or", "in", "between", "instance", "then", "else", "return", "satisfies"})
LITERALS = frozenset({"true", "false", "null"})
OPENERS = frozenset({"if", "for", "some", "every", "function"})


class Token(NamedTuple):
    """kind is word, number, string, at, sign, bad or end; start and end are places in the text."""

    kind: str
    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """Every token of the text but space and comments, closed by one of kind 'end'. Never raises."""
    found = [
        Token(match.lastgroup or "bad", match.group(), match.start(), match.end())
        for match in _TOKEN.finditer(text)
        if match.lastgroup != "space"
    ]
    found.append(Token("end", "", len(text), len(text)))
    return found


def normal(name: str) -> str:
    """A name with its parts one space apart."""
    return " ".join(name.split())


class Vocabulary:
    """Names in scope, ready for longest match; names of plain words need none of their own."""

    __slots__ = ("_special", "names")

    def __init__(self, names: Iterable[str]) -> None:
        self.names = frozenset(map(normal, names))
        self._special: dict[str, list[tuple[str, Callable[[str, int], re.Match[str] | None]]]] = {}
        for name in sorted(self.names, key=len, reverse=True):
            if not _plain(name):
                first = _FIRST.match(name)
                if first is not None:
                    self._special.setdefault(first.group(), []).append((name, _pattern(name)))

    def longest(self, text: str, start: int, first: str) -> tuple[str, int]:
        """The longest special name that stands in the text at start, and where it ends; '' and start where none."""
        for name, match in self._special.get(first, ()):
            found = match(text, start)
            if found is not None:
                return name, found.end()
        return "", start


_FIRST = re.compile(_WORD)
_ONE_WORD = re.compile(_WORD)
_PART = re.compile(r"\d+\Z")
_OPENING = OPENERS | KEYWORDS | LITERALS | {"not"}


def _plain(name: str) -> bool:
    """Whether a name is only words and digits with spaces between, no word of it having a meaning of its own."""
    words = name.split(" ")
    return (
        _ONE_WORD.fullmatch(words[0]) is not None
        and words[0] not in _OPENING
        and all(
            (_ONE_WORD.fullmatch(word) is not None and word not in KEYWORDS) or _PART.match(word) for word in words[1:]
        )
    )


@lru_cache(maxsize=4096)
def _pattern(name: str) -> Callable[[str, int], re.Match[str] | None]:
    """Matches the name where it ends at the end of a word; space within it may be any space."""
    body = r"\s+".join(re.escape(part) for part in name.split(" "))
    closing = r"(?!\w)" if re.match(r"\w", name[-1]) else ""
    return re.compile(body + closing).match


@lru_cache(maxsize=512)
def vocabulary(names: frozenset[str]) -> Vocabulary:
    """The vocabulary of these names, remembered: every expression of a model shares one."""
    return Vocabulary(names)


class Scope:
    """The names known at one place of a text: those given, and those that the text itself has brought in."""

    __slots__ = ("_counts", "_entered", "_special", "given")

    def __init__(self, given: Vocabulary) -> None:
        self.given = given
        self._entered: list[str] = []
        self._counts: dict[str, int] = {}
        self._special: list[str] = []

    def enter(self, name: str) -> None:
        """Bring a name in: a loop variable, a parameter, an entry of a context."""
        self._entered.append(name)
        self._counts[name] = self._counts.get(name, 0) + 1
        if not _plain(name):
            self._special.append(name)

    def leave(self, count: int = 1) -> None:
        """Forget the names brought in last."""
        for _ in range(count):
            name = self._entered.pop()
            self._counts[name] -= 1
            if self._special and self._special[-1] == name:
                self._special.pop()

    def __contains__(self, name: str) -> bool:
        return name in self.given.names or self._counts.get(name, 0) > 0

    def longest(self, text: str, start: int, first: str) -> tuple[str, int]:
        """The longest special name in scope that stands in the text at start, and where it ends."""
        best = self.given.longest(text, start, first)
        for name in self._special:
            if name.startswith(first):
                found = _pattern(name)(text, start)
                if found is not None and found.end() > best[1]:
                    best = name, found.end()
        return best


def run_of_words(stream: list[Token], index: int, stops: Collection[str] = KEYWORDS) -> int:
    """The index after the words (and digits) that stand side by side from index on and make one name."""
    index += 1
    while True:
        token = stream[index]
        if (token.kind == "word" and token.text not in stops) or (
            token.kind == "number" and token.text.isdigit() and stream[index - 1].end < token.start
        ):
            index += 1
        else:
            return index
