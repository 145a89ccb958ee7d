"""Finds a text that is kept from somebody inside other text, however it is spaced, punctuated or shortened.

A withheld address is found by its postcode or its first line alone; a telephone number by its digits; a date however
it is written. Text is searched as words, so that line breaks, capitals and HTML tags between them hide nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

#: What may stand between two words of a withheld text: anything that is no word, a tag or an entity of a page.
_BETWEEN = r"(?>&\#?\w{1,8};|<[^<>]{0,300}>|[\W_])*+"
_WORDS = re.compile(r"[^\W_]+")
_POSTCODE = re.compile(r"\b[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}\b", re.IGNORECASE)
_TELEPHONE = re.compile(r"\+?\d[\d\s().-]{6,}\d")
_ISO_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_LINES = re.compile(r"[,;\n]+")
#: Shorter texts stand in too many sentences to be searched for.
SHORTEST = 4

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip

#: Words of an address that are written in several ways.
_ALIKE: dict[str, tuple[str, ...]] = {
    word: group
    for group in (
        ("avenue", "ave", "av"),
        ("street", "st", "str", "saint"),
        ("road", "rd"),
        ("lane", "ln"),
        ("close", "cl"),
        ("court", "ct", "crt"),
        ("drive", "dr"),
        ("crescent", "cres", "cresc"),
        ("gardens", "gdns", "garden"),
        ("place", "pl"),
        ("square", "sq"),
        ("terrace", "ter", "terr"),
        ("house", "hse", "ho"),
        ("flat", "apartment", "apt"),
    )
    for word in group
}


def searchable(text: str) -> bool:
    """Whether a text is long enough to be told from ordinary words."""
    return any(True for _ in _forms(text))


def pattern(texts: Iterable[str]) -> re.Pattern[str] | None:
    """What finds any of the texts, the longest first; None where none can be searched for."""
    return _pattern(tuple(sorted(set(texts))))


@lru_cache(maxsize=2048)
def _pattern(texts: tuple[str, ...]) -> re.Pattern[str] | None:
    forms = {form for text in texts for form in _forms(text)}
    if not forms:
        return None
    ways = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile(r"(?<![^\W_])(?:" + "|".join(ways) + r")(?![^\W_])", re.IGNORECASE)


def _forms(text: str) -> Iterator[str]:
    """The ways in which a text may stand in another, each as a regular expression."""
    text = unicodedata.normalize("NFC", text).strip()
    if _ISO_DATE.match(text):
        yield from _dates(text)
        return
    words = _WORDS.findall(text)
    if sum(map(len, words)) >= SHORTEST:
        yield _in_order(words)
    for found in _POSTCODE.findall(text):
        yield _in_order(_WORDS.findall(found))
    for found in _TELEPHONE.findall(text):
        yield from _telephones(found)
    for line in _LINES.split(text):
        words = _WORDS.findall(line)
        if len(words) >= 2 and any(character.isdigit() for character in line) and sum(map(len, words)) > SHORTEST:
            yield _in_order(words)


def _in_order(words: Iterable[str]) -> str:
    return _BETWEEN.join(_word(word) for word in words)


def _word(word: str) -> str:
    alike = _ALIKE.get(word.lower())
    if alike is not None:
        return "(?:" + "|".join(sorted(alike, key=len, reverse=True)) + ")"
    return "".join(_letter(letter) for letter in word)


def _letter(letter: str) -> str:
    """A letter, also without its accent or with it written apart."""
    apart = unicodedata.normalize("NFD", letter)
    if len(apart) == 1:
        return re.escape(letter)
    return f"(?:{re.escape(letter)}|{re.escape(apart[0])}[\\u0300-\\u036f]*)"


def _telephones(found: str) -> Iterator[str]:
    digits = re.sub(r"\D", "", found)
    for number in {digits, "0" + digits[2:] if digits.startswith("44") else digits}:
        yield _BETWEEN.join(number)
        if number.startswith("0"):
            yield _BETWEEN.join("44" + number[1:])


def _dates(text: str) -> Iterator[str]:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return
    month = _MONTHS[day.month - 1]
    name = f"(?:{month}|{month[:3]})"
    year = f"(?:{day.year}|{day.year % 100:02})"
    yield _in_order([f"{day.year}", f"{day.month:02}", f"{day.day:02}"])
    yield _BETWEEN.join((f"0?{day.day}(?:st|nd|rd|th)?", f"(?:of{_BETWEEN})?{name}", year))
    yield _BETWEEN.join((name, f"0?{day.day}(?:st|nd|rd|th)?", year))
    yield rf"0?{day.day}[./\- ]{{1,2}}0?{day.month}[./\- ]{{1,2}}{year}"
