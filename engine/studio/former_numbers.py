"""Words that still say a number which the draft changed: a help, a letter or a label that would be wrong."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.errors import Finding
from engine.studio.canonical import local, read_xml
from engine.studio.compare import Change, Comparison
from engine.studio.workspace import kind_of

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
)
_WORDS = dict(enumerate([*_SMALL.split(), "eighteen", "nineteen"]))
_TENS = {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty", 60: "sixty", 70: "seventy", 80: "eighty", 90: "ninety"}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12}
_NUMBER = re.compile(r"(?<![\w.])\d{1,4}(?![\w.]*\w)|(?<=P)\d{1,4}(?=[DMYW])|(?<=PT)\d{1,4}(?=[HM])")
#: What is counted in words that a person reads; a number beside anything else is not looked at.
_UNIT = r"[\s-]+(?:more\s+|full\s+|clear\s+)?(?:working[\s-]+|calendar[\s-]+)?(?:day|week|month|year|hour|time)s?\b"
#: What of a form's question a person reads, and what computes.
_READ = ("label", "description", "text", "content", "message", "value", "check")


@dataclass(frozen=True, slots=True)
class Changed:
    """A number that a draft changed, and what it is called there."""

    file: str
    title: str
    before: int
    after: str


def former_numbers(comparison: Comparison, files: Mapping[str, bytes]) -> list[Finding]:
    """Advice for each place of some files whose words still give a number that a draft changed in one of them."""
    changed = [one for one in _changed(comparison) if one.file in files]
    found = []
    for number in {one.before: one for one in reversed(changed)}.values():
        said = "|".join(map(re.escape, _said(number.before)))
        counted = rf"(?:days|weeks|months|years) (?:after|before)\([^,]*,\s*{number.before}\s*\)"
        pattern = re.compile(rf"\b(?:(?:{said}){_UNIT}|(?:working )?{counted})", re.IGNORECASE)
        for path, body in files.items():
            for place, name, words in _words(path, body):
                hit = pattern.search(words)
                if hit is not None:
                    now = f"{number.title} was {number.before} and is {number.after} in this draft."
                    message = f"It says “{' '.join(hit[0].split())}”; {now}"
                    found.append(Finding("advice", path, place, name, message, _mend(path)))
    return found


def _mend(path: str) -> str:
    kind = kind_of(path)
    if kind == "form":
        return "If it speaks of that, write the new number, or {{ parameters.… }}, which follows by itself."
    if kind == "letter":
        return "If it speaks of that, write the new number, or {= parameters.…}, which follows by itself."
    return "If it speaks of that, write the new number."


def _changed(comparison: Comparison) -> Iterator[Changed]:
    """Where a value or an expression differs from the published one in nothing but its numbers."""
    for change in comparison.changes:
        for aspect in change.aspects:
            if aspect.name in ("min", "max", "Place among the rows that stay", "version"):
                continue
            was, now = (_NUMBER.findall(text) for text in (aspect.before, aspect.after))
            same = _NUMBER.sub("#", aspect.before) == _NUMBER.sub("#", aspect.after)
            if same and _runs(change, aspect.name):
                for before, after in zip(was, now, strict=True):
                    if int(before) != int(after):
                        yield Changed(change.file, f"“{change.title}”", int(before), after)


def _runs(change: Change, aspect: str) -> bool:
    """Whether what changed is computed with, rather than read."""
    if change.what == "question":
        return aspect in ("Value", "Check", "Earliest", "Latest", "Hidden where")
    return aspect not in ("Name", "Help", "Said of it", "Heading", "label", "reason", "title", "purpose")


def _said(number: int) -> list[str]:
    """A number as people write it: 12, twelve, 12th, twelfth."""
    found = [str(number)]
    word = _WORDS.get(number) or _TENS.get(number)
    if word is None and 20 < number < 100:
        word = f"{_TENS[number // 10 * 10]}-{_WORDS[number % 10]}"
        found.append(word.replace("-", " "))
    if word is not None:
        ordinal = next((name for name, one in _ORDINALS.items() if one == number), None)
        found += [word, ordinal or (f"{word[:-1]}ieth" if word.endswith("y") else f"{word}th")]
    return [*found, f"{number}th", f"{number}st", f"{number}nd", f"{number}rd"]


def _words(path: str, body: bytes) -> Iterator[tuple[str | None, str | None, str]]:
    """The words of a file that people read: where they stand, what that is called, and the words."""
    kind = kind_of(path)
    try:
        if kind == "form":
            yield from _form_words(json.loads(body))
        elif kind == "letter":
            yield from ((None, None, line) for line in body.decode("utf-8").splitlines())
        elif kind == "diagram":
            yield from _diagram_words(body)
        elif kind == "table":
            yield from _table_words(body)
        elif kind == "settings":
            document = tomllib.loads(body.decode("utf-8"))
            yield from ((key, None, str(document.get(key, ""))) for key in ("title", "purpose"))
            for name, one in document.get("parameters", {}).items():
                yield f"parameters.{name}", None, f"{one.get('label', '')}"
    except (ValueError, AttributeError):
        return  # What cannot be read is refused by the checks, with its place.


def _form_words(component: object) -> Iterator[tuple[str | None, str | None, str]]:
    if isinstance(component, dict):
        own = component.get("properties")
        for part in (component, own if isinstance(own, dict) else {}):
            for name in _READ:
                if isinstance(part.get(name), str):
                    yield component.get("key") or component.get("id"), None, part[name]
        for option in component.get("values") or ():
            if isinstance(option, dict):
                yield component.get("key"), None, str(option.get("label", ""))
        for inner in component.get("components") or ():
            yield from _form_words(inner)


def _diagram_words(body: bytes) -> Iterator[tuple[str | None, str | None, str]]:
    for element in read_xml(body).iter("*"):
        owner = element if local(element) not in ("documentation", "text") else element.getparent()
        words = element.get("name", "") if owner is element else element.text or ""
        if words and owner is not None:
            yield owner.get("id"), owner.get("name"), words


def _table_words(body: bytes) -> Iterator[tuple[str | None, str | None, str]]:
    for element in read_xml(body).iter("*"):
        if local(element) in ("input", "output", "decision"):
            yield element.get("id"), None, element.get("label") or element.get("name") or ""
