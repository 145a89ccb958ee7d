"""XPath's regular expressions rewritten as Python's `regex` reads them (XPath functions 5.6)."""

from __future__ import annotations

import regex  # type: ignore[import-untyped]  # it ships no types

from engine.feel.builtins.registry import Refusal

_BLOCKS = {
    "BasicLatin": r"\x00-\x7f",
    "Latin-1Supplement": r"\x80-\xff",
    "LatinExtended-A": r"\u0100-\u017f",
    "LatinExtended-B": r"\u0180-\u024f",
    "IPAExtensions": r"\u0250-\u02af",
    "Greek": r"\u0370-\u03ff",
    "GreekandCoptic": r"\u0370-\u03ff",
    "Cyrillic": r"\u0400-\u04ff",
    "Hebrew": r"\u0590-\u05ff",
    "Arabic": r"\u0600-\u06ff",
    "GeneralPunctuation": r"\u2000-\u206f",
    "CurrencySymbols": r"\u20a0-\u20cf",
    "Arrows": r"\u2190-\u21ff",
    "MathematicalOperators": r"\u2200-\u22ff",
    "Hiragana": r"\u3040-\u309f",
    "Katakana": r"\u30a0-\u30ff",
}
_CATEGORIES = frozenset(
    [
        "L",
        "Lu",
        "Ll",
        "Lt",
        "Lm",
        "Lo",
        "M",
        "Mn",
        "Mc",
        "Me",
        "N",
        "Nd",
        "Nl",
        "No",
        "P",
        "Pc",
        "Pd",
        "Ps",
        "Pe",
        "Pi",
        "Pf",
        "Po",
        "Z",
        "Zs",
        "Zl",
        "Zp",
        "S",
        "Sm",
        "Sc",
        "Sk",
        "So",
        "C",
        "Cc",
        "Cf",
        "Co",
        "Cn",
    ]
)
_NAME_START = r":A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D"
_NAME_START += r"\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
_NAME = _NAME_START + r"\-.0-9\u00B7\u0300-\u036F\u203F-\u2040"
_CLASSES = {
    "d": r"\p{Nd}",
    "D": r"\P{Nd}",
    "s": r"[ \t\n\r]",
    "S": r"[^ \t\n\r]",
    "w": r"[^\p{P}\p{Z}\p{C}]",
    "W": r"[\p{P}\p{Z}\p{C}]",
    "i": f"[{_NAME_START}]",
    "I": f"[^{_NAME_START}]",
    "c": f"[{_NAME}]",
    "C": f"[^{_NAME}]",
}
_ESCAPES = {"n": r"\n", "r": r"\r", "t": r"\t"}
_ESCAPED = frozenset(r"\|.?*+(){}-[]^$")


#: Python's matcher spells repeats out, one in another: this many pieces are compiled in milliseconds.
_LARGEST = 20_000


def without_space(pattern: str) -> str:
    """The pattern as flag x reads it: space outside [ ] means nothing."""
    kept, depth, index = [], 0, 0
    while index < len(pattern):
        letter = pattern[index]
        if letter == "\\" and index + 1 < len(pattern):
            follow = index + 1
            while not depth and follow < len(pattern) and pattern[follow] in " \t\n\r":
                follow += 1
            kept.append("\\" + pattern[follow : follow + 1])
            index = follow + 1
            continue
        depth += (letter == "[") - (letter == "]" and depth > 0)
        if depth or letter not in " \t\n\r":
            kept.append(letter)
        index += 1
    return "".join(kept)


class Translation:
    """One pattern read by XPath's grammar."""

    def __init__(self, pattern: str, dotall: bool, multiline: bool) -> None:
        self.pattern, self.dotall, self.multiline = pattern, dotall, multiline
        self.index = 0
        self.groups = 0
        self.size = 0  # of the atom read last, with everything that its repeats spell out
        self.times = 1  # how often the repeat read last spells it out
        self.closed: set[int] = set()

    def whole(self) -> str:
        made = self._branches(0)
        if self.index < len(self.pattern):
            raise Refusal("pattern has a `)` that closes nothing.")
        return made

    def _peek(self) -> str:
        return self.pattern[self.index : self.index + 1]

    def _branches(self, depth: int) -> str:
        if depth > 50:
            raise Refusal("pattern nests too deep.")
        made: list[str] = []
        size = 1
        while (letter := self._peek()) and letter != ")":
            if letter == "|":
                self.index += 1
                made.append("|")
                continue
            self.size = 1
            made.append(self._atom(letter, depth))
            self.times = 1
            made.append(self._repeat())
            size += self.size * self.times
            if size > _LARGEST:
                raise Refusal("pattern repeats too much.")
        self.size = size
        return "".join(made)

    def _atom(self, letter: str, depth: int) -> str:
        self.index += 1
        if letter == "(":
            return self._group(depth)
        if letter == "[":
            return self._class()
        if letter == "\\":
            return self._escape()
        if letter == ".":
            return r"[\s\S]" if self.dotall else r"[^\n\r]"
        if letter == "^":
            return "^" if self.multiline else r"\A"
        if letter == "$":
            return "$" if self.multiline else r"\Z"
        if letter in "?*+{}]":
            raise Refusal(f"pattern has a `{letter}` out of place.")
        return str(regex.escape(letter))

    def _group(self, depth: int) -> str:
        opening, number = "(", 0
        if self._peek() == "?":
            if self.pattern[self.index + 1 : self.index + 2] != ":":
                raise Refusal("pattern uses a kind of group that XPath does not have.")
            self.index += 2
            opening = "(?:"
        else:
            self.groups += 1
            number = self.groups
        inside = self._branches(depth + 1)
        if self._peek() != ")":
            raise Refusal("pattern has a `(` that is never closed.")
        self.index += 1
        self.closed.add(number)
        return f"{opening}{inside})"

    def _repeat(self) -> str:
        letter = self._peek()
        if letter == "" or letter not in "?*+{":
            return ""
        if letter == "{":
            end = self.pattern.find("}", self.index)
            low, comma, high = self.pattern[self.index + 1 : max(end, self.index + 1)].partition(",")
            if end < 0 or not low.isdigit() or (high and not high.isdigit()) or len(low) > 4 or len(high) > 4:
                raise Refusal("pattern has a `{` that counts nothing.")
            if high and int(high) < int(low):
                raise Refusal("pattern has a `{` that counts backwards.")
            made = f"{{{low}{comma}{high}}}"
            self.times = int(low) + 1
            self.index = end + 1
        else:
            made = letter
            self.times = 2 if letter == "+" else 1
            self.index += 1
        if self._peek() == "?":
            self.index += 1
            made += "?"
        if self._peek() != "" and self._peek() in "?*+{":
            raise Refusal("pattern repeats a repeat.")
        return made

    def _escape(self) -> str:
        letter = self._peek()
        self.index += 1
        if letter.isdigit():
            return self._reference(letter)
        if letter in ("p", "P"):
            return self._property(letter)
        if letter in _CLASSES and letter:
            return _CLASSES[letter]
        if letter in _ESCAPES and letter:
            return _ESCAPES[letter]
        if letter in _ESCAPED and letter:
            return str(regex.escape(letter))
        raise Refusal(f"pattern has `\\{letter}`, which XPath does not have.")

    def _reference(self, digit: str) -> str:
        number = int(digit)
        while self._peek().isdigit() and number * 10 + int(self._peek()) <= self.groups:
            number = number * 10 + int(self._peek())
            self.index += 1
        if number == 0 or number not in self.closed:
            raise Refusal(f"pattern refers to group {number}, which is not there.")
        return rf"(?:\{number})"

    def _property(self, letter: str) -> str:
        end = self.pattern.find("}", self.index)
        if self._peek() != "{" or end < 0:
            raise Refusal("pattern has a `\\p` without a category.")
        name = self.pattern[self.index + 1 : end]
        self.index = end + 1
        if name in _CATEGORIES:
            return f"\\{letter}{{{name}}}"
        if name.startswith("Is") and name[2:] in _BLOCKS:
            return f"[{'^' if letter == 'P' else ''}{_BLOCKS[name[2:]]}]"
        raise Refusal("pattern names a category that is not there.")

    def _class(self) -> str:
        """A character class, with subtraction [A-Z-[OI]] written as set difference."""
        negated = self._peek() == "^"
        self.index += negated
        parts: list[str] = []
        minus = ""
        while True:
            letter = self._peek()
            if letter == "":
                raise Refusal("pattern has a `[` that is never closed.")
            if letter == "]" and parts:
                self.index += 1
                break
            if letter == "-" and self.pattern[self.index + 1 : self.index + 2] == "[" and parts:
                self.index += 2
                minus = self._class()
                if self._peek() != "]":
                    raise Refusal("pattern has a `[` that is never closed.")
                self.index += 1
                break
            parts.append(self._member())
        made = f"[{'^' if negated else ''}{''.join(parts)}]"
        return f"[{made}--{minus}]" if minus else made

    def _member(self) -> str:
        first, single = self._single()
        if single and self._peek() == "-" and self.pattern[self.index + 1 : self.index + 2] not in ("]", "[", ""):
            self.index += 1
            last, ends = self._single()
            if not ends or _code(last) < _code(first):
                raise Refusal("pattern has a range that goes backwards.")
            return f"{first}-{last}"
        return first

    def _single(self) -> tuple[str, bool]:
        """One character of a class as Python writes it, and whether it is a single one."""
        letter = self._peek()
        self.index += 1
        if letter == "[" or letter == "]":
            raise Refusal("pattern has a bracket inside `[ ]` that needs a backslash.")
        if letter != "\\":
            return _literal(letter), True
        follow = self._peek()
        if follow.isdigit():
            raise Refusal("pattern refers to a group inside `[ ]`.")
        made = self._escape()
        if follow in _ESCAPES or (follow in _ESCAPED and follow):
            return _literal({"n": "\n", "r": "\r", "t": "\t"}.get(follow, follow)), True
        return made, False


def _literal(letter: str) -> str:
    return f"\\U{ord(letter):08x}"


def _code(literal: str) -> int:
    return int(literal[2:], 16)
