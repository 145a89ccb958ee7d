"""A TOML file that people write, read key by key, so that every mistake is named with its line and its mend."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from engine.errors import Finding, PathwayRefused

_AT = re.compile(r"^(?P<what>.*?) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_HEADER = re.compile(r"^\s*\[\[?\s*(?P<path>[^\]]+?)\s*\]\]?")


class TomlFile:
    """One file: its root table, and what was found wrong while it was read.

    `first_line` is where the TOML stands in a larger file (a letter's head). Raises PathwayRefused from `root` when
    the text is no TOML at all, and from `finish` when anything in it was refused.
    """

    def __init__(self, content: bytes, filename: str, *, first_line: int = 1) -> None:
        self.filename, self.findings, self._shift = filename, list[Finding](), first_line - 1
        try:
            self.text = content.decode("utf-8")
        except UnicodeDecodeError:
            raise PathwayRefused([self._finding(None, "is not UTF-8 text.", "Save it as UTF-8.")]) from None
        self.root = Table(self, (), self._parsed())

    def _parsed(self) -> Mapping[str, Any]:
        try:
            return tomllib.loads(self.text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            place = _AT.match(str(error))
            what = place["what"] if place else "It is nested too deeply"
            at = ""
            if place is not None and place["line"]:
                at = f" at line {int(place['line']) + self._shift}, column {place['column']}"
            elif place is not None:
                at = " at its end"
            finding = self._finding(None, f"is not TOML{at}: {what}.", "Write key = value, texts in double quotes.")
            raise PathwayRefused([finding]) from None

    def say(self, path: Sequence[str], message: str, mend: str, *, nth: int = 1) -> None:
        """Note that the value at this path is refused; `nth` tells apart tables of one list."""
        line = self._line_of(path, nth)
        where = f"Line {line}: " if line else ""
        self.findings.append(self._finding(".".join(path) or None, where + message, mend))

    def finish(self) -> None:
        """Raise PathwayRefused with everything found so far, if anything was."""
        if self.findings:
            raise PathwayRefused(self.findings)

    def _finding(self, place: str | None, message: str, mend: str) -> Finding:
        return Finding("refusal", self.filename, place, None, message, mend)

    def _line_of(self, path: Sequence[str], nth: int) -> int | None:
        """The line that gives this path, or its nearest table, as plain TOML writes it."""
        here: tuple[str, ...] = ()
        seen: Counter[tuple[str, ...]] = Counter()
        best: int | None = None
        for number, line in enumerate(self.text.splitlines(), 1 + self._shift):
            header = _HEADER.match(line)
            if header is not None:
                here = tuple(part.strip(" \"'") for part in header["path"].split("."))
                seen[here] += 1
            above = here == tuple(path[: len(here)]) and (len(here) < len(path) - 1 or seen[here] in (0, nth))
            if header is not None:
                best = number if above else best
                if here == tuple(path) and above:
                    return number
            elif above and len(here) < len(path):
                key = line.split("=", 1)[0].strip(" \"'")
                if key and key in (path[len(here)], ".".join(path[len(here) :])):
                    return number
        return best


class Table:
    """One table of a TOML file; each accessor gives the value or notes why it is refused and gives the default."""

    def __init__(self, file: TomlFile, path: tuple[str, ...], values: Mapping[str, Any], nth: int = 1) -> None:
        self.file, self.path, self.values, self.nth, self._read = file, path, values, nth, set[str]()

    def say(self, key: str | None, message: str, mend: str) -> None:
        """Note that the value of a key (None: the table itself) is refused."""
        self.file.say((*self.path, key) if key is not None else self.path, message, mend, nth=self.nth)

    def text(self, key: str, default: str = "", *, required: bool = False, longest: int = 2000) -> str:
        """A text of at most `longest` characters."""
        value = self._get(key, required, "a text in double quotes")
        if value is None:
            return default
        if not isinstance(value, str):
            self.say(key, f"{key} is not a text.", "Write it in double quotes.")
            return default
        if len(value) > longest or (required and not value.strip()):
            self.say(key, f"{key} has {len(value)} characters.", f"Write from 1 to {longest}.")
            return default
        return value

    def choice(self, key: str, options: Iterable[str], default: str = "", *, required: bool = False) -> str:
        """A text that is one of the options."""
        options = tuple(options)
        value = self.text(key, default, required=required)
        if value != default and value not in options:
            self.say(key, f"{key} is '{value[:60]}'.", f"Write one of: {', '.join(options)}.")
            return default
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty when the key is not there."""
        value = self._get(key, False, "")
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.say(key, f"{key} is not a list of texts.", 'Write ["one", "two"].')
            return ()
        return tuple(value)

    def whole(self, key: str, *, lowest: int = 0, highest: int = 10_000) -> int | None:
        """A whole number within bounds; None when the key is not there."""
        value = self._get(key, False, "")
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            self.say(
                key,
                f"{key} is not a whole number from {lowest} to {highest}.",
                f"Write a number from {lowest} to {highest}.",
            )
            return None
        return value

    def day(self, key: str) -> date | None:
        """A date, written as TOML dates are (2026-12-29) or in quotes; it is not left out."""
        value = self._get(key, True, "a date such as 2026-12-29")
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        try:
            return date.fromisoformat(value)
        except (ValueError, TypeError):
            self.say(key, f"{key} is not a date.", "Write year-month-day, such as 2026-12-29.")
            return None

    def any(self, key: str) -> Any:
        """The value of a key as TOML gives it, None when it is not there."""
        return self._get(key, False, "")

    def table(self, key: str) -> Table:
        """A table under this one; empty when the key is not there."""
        value = self._get(key, False, "")
        if value is not None and not isinstance(value, Mapping):
            self.say(key, f"{key} is not a table.", f"Write [{'.'.join((*self.path, key))}] and its keys below.")
            value = None
        return Table(self.file, (*self.path, key), value or {})

    def tables(self, key: str) -> list[Table]:
        """A list of tables; empty when the key is not there."""
        value = self._get(key, False, "")
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            self.say(key, f"{key} is not a list of tables.", f"Write [[{'.'.join((*self.path, key))}]] before each.")
            return []
        return [Table(self.file, (*self.path, key), item, nth) for nth, item in enumerate(value, 1)]

    def names(self) -> tuple[str, ...]:
        """The keys of a table whose names the author chooses."""
        self._read.update(self.values)
        return tuple(self.values)

    def done(self) -> None:
        """Note every key that nobody asked for: a misspelt key would otherwise be silently ignored."""
        for key in self.values:
            if key not in self._read:
                near = get_close_matches(key, self._read, 1)
                mend = f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(sorted(self._read))}."
                self.say(key, f"{key[:60]} is not known here.", mend)

    def _get(self, key: str, required: bool, what: str) -> Any:
        self._read.add(key)
        value = self.values.get(key)
        if value is None and required:
            self.say(key, f"{key} is missing.", f"Add {key} = {what}.")
        return value
