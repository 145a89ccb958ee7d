"""Built-in functions of strings (DMN 1.5, 10.3.4.3). Positions count characters (code points) from 1."""

from __future__ import annotations

from decimal import Decimal

from engine.feel import patterns
from engine.feel.builtins.registry import Refusal, builtin
from engine.feel.evaluation import Evaluation
from engine.feel.values import Value


@builtin("substring", "string, start position: number, length: number=~")
def substring(text: str, start: Decimal, length: Decimal | None = None) -> Value:
    """The characters from a position (counted from the end where negative) on, or so many of them."""
    begin = int(start)
    if begin == 0:
        raise Refusal("start position must not be 0.")
    if begin < 0:
        if -begin > len(text):
            raise Refusal("start position lies before the string.")
        begin += len(text)
    else:
        if begin > len(text):
            raise Refusal("start position lies behind the string.")
        begin -= 1
    if length is None:
        return text[begin:]
    if length < 1:
        raise Refusal("length must be at least 1.")
    return text[begin : begin + int(length)]


@builtin("string length", "string")
def string_length(text: str) -> Value:
    """How many characters the string has."""
    return Decimal(len(text))


@builtin("upper case", "string", run=True)
def upper_case(run: Evaluation, text: str) -> Value:
    """The string in capital letters."""
    run.check_letters(len(text) * 3)
    return text.upper()


@builtin("lower case", "string", run=True)
def lower_case(run: Evaluation, text: str) -> Value:
    """The string in small letters."""
    run.check_letters(len(text) * 3)
    return text.lower()


@builtin("substring before", "string, match: string")
def substring_before(text: str, match: str) -> Value:
    """What stands before the first match, or "" where there is none."""
    before, found, _ = text.partition(match) if match else ("", "", "")
    return before if found else ""


@builtin("substring after", "string, match: string")
def substring_after(text: str, match: str) -> Value:
    """What stands after the first match, or "" where there is none."""
    if not match:
        return text
    _, found, after = text.partition(match)
    return after if found else ""


@builtin("contains", "string, match: string")
def contains(text: str, match: str) -> Value:
    """Whether the match stands in the string."""
    return match in text


@builtin("starts with", "string, match: string")
def starts_with(text: str, match: str) -> Value:
    """Whether the string starts with the match."""
    return text.startswith(match)


@builtin("ends with", "string, match: string")
def ends_with(text: str, match: str) -> Value:
    """Whether the string ends with the match."""
    return text.endswith(match)


@builtin("matches", "input: string, pattern: string, flags: string=~", run=True)
def matches(run: Evaluation, text: str, pattern: str, flags: str | None = None) -> Value:
    """Whether the pattern matches somewhere in the string; flags are XPath's s, m, i, x and q."""
    return patterns.search(run, text, pattern, flags or "")


@builtin("replace", "input: string, pattern: string, replacement: string, flags: string=~", run=True)
def replace(run: Evaluation, text: str, pattern: str, replacement: str, flags: str | None = None) -> Value:
    """Every match of the pattern replaced; $1 stands for what the first group matched."""
    return patterns.replace(run, text, pattern, replacement, flags or "")


@builtin("split", "string, delimiter: string", run=True)
def split(run: Evaluation, text: str, delimiter: str) -> Value:
    """The parts of the string between matches of the delimiter, which is a pattern."""
    return patterns.split(run, text, delimiter)


@builtin("string join", "list, delimiter: string=~", run=True)
def string_join(run: Evaluation, items: list[Value], delimiter: str | None = None) -> Value:
    """The strings of a list in one, with the delimiter between; nulls are left out."""
    parts = [item for item in items if item is not None]
    if any(type(part) is not str for part in parts):
        raise Refusal("list must hold strings.")
    between = delimiter or ""
    run.check_letters(sum(map(len, parts)) + len(between) * len(parts))
    return between.join(parts)
