"""XPath regular expressions on Python's `regex`, with no chance to run for ever (XPath functions 5.6 and 7.6).

The pattern is read and checked by XPath's grammar and rewritten; what XPath does not have (look-around, named
groups, possessive repeats) is refused. Every search has a time limit, and pattern and text have a length limit.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

import regex  # type: ignore[import-untyped]  # it ships no types

from engine.feel.builtins.registry import Refusal
from engine.feel.diagnostics import LimitReached
from engine.feel.evaluation import Evaluation
from engine.feel.xpath import Translation, without_space


def search(run: Evaluation, text: str, pattern: str, flags: str) -> bool:
    """Whether the pattern matches somewhere. Raises Refusal for a bad pattern, LimitReached for a slow one."""
    return bool(_timed(run, compiled(run, pattern, flags).search, text))


def replace(run: Evaluation, text: str, pattern: str, replacement: str, flags: str) -> str:
    """Every match replaced. Raises Refusal for a bad pattern or replacement, or a pattern that matches nothing."""
    matcher = compiled(run, pattern, flags)
    if matcher.search(""):
        raise Refusal("pattern matches a string of no characters.")
    pieces: list[str | int] = [replacement] if "q" in flags else _replacement(replacement, matcher.groups)
    length = len(text)

    def expand(match: Any) -> str:
        nonlocal length
        made = "".join((match[piece] or "") if isinstance(piece, int) else piece for piece in pieces)
        length += len(made)
        run.check_letters(length)
        return made

    return str(_timed(run, lambda subject, timeout: matcher.sub(expand, subject, timeout=timeout), text))


def split(run: Evaluation, text: str, pattern: str) -> list[str]:
    """The parts between matches. Raises Refusal for a bad pattern, or one that matches nothing."""
    matcher = compiled(run, pattern, "")
    if matcher.search(""):
        raise Refusal("delimiter matches a string of no characters.")

    def cut(subject: str, timeout: float) -> list[str]:
        parts, last = [], 0
        for match in matcher.finditer(subject, timeout=timeout):
            parts.append(subject[last : match.start()])
            run.check_length(len(parts))
            last = match.end()
        return [*parts, subject[last:]]

    found: list[str] = _timed(run, cut, text)
    return found


def _timed(run: Evaluation, action: Any, text: str) -> Any:
    run.check_letters(len(text))
    began = time.perf_counter()  # spent, never seen: no value depends on it
    try:
        return action(text, timeout=max(run.seconds, 0.001))
    except TimeoutError as error:
        raise LimitReached(
            f"Regular expressions searched for more than {run.limits.seconds} seconds.", run.position
        ) from error
    finally:
        run.seconds -= time.perf_counter() - began


def compiled(run: Evaluation, pattern: str, flags: str) -> Any:
    """The pattern ready to search. Raises Refusal where XPath would not take it."""
    if len(pattern) > run.limits.pattern:
        raise LimitReached(f"A regular expression has more than {run.limits.pattern} characters.", run.position)
    return _compiled(pattern, "".join(sorted(set(flags))))


@lru_cache(maxsize=512)
def _compiled(pattern: str, flags: str) -> Any:
    for flag in flags:
        if flag not in "smixq":
            raise Refusal("flags may hold s, m, i, x and q.")
    python = regex.V1 | regex.UNICODE
    if "i" in flags:
        python |= regex.IGNORECASE
    if "m" in flags:
        python |= regex.MULTILINE
    if "q" in flags:
        return regex.compile(regex.escape(pattern), python)
    translated = Translation(without_space(pattern) if "x" in flags else pattern, "s" in flags, "m" in flags)
    try:
        return regex.compile(translated.whole(), python)
    except (regex.error, OverflowError, RecursionError) as error:
        raise Refusal("pattern is not a regular expression.") from error


def _replacement(text: str, groups: int) -> list[str | int]:
    """The pieces of a replacement: texts, and numbers of groups."""
    pieces: list[str | int] = []
    index = 0
    while index < len(text):
        letter = text[index]
        follow = text[index + 1 : index + 2]
        if letter == "\\":
            if follow not in ("\\", "$") or not follow:
                raise Refusal("replacement has a backslash before something other than `\\` or `$`.")
            pieces.append(follow)
            index += 2
        elif letter == "$":
            if not follow.isdigit():
                raise Refusal("replacement has a `$` without the number of a group.")
            number = int(follow)
            index += 2
            while text[index : index + 1].isdigit() and number * 10 + int(text[index]) <= groups:
                number = number * 10 + int(text[index])
                index += 1
            pieces.append(number if number <= groups else "")
        else:
            pieces.append(letter)
            index += 1
    return pieces
