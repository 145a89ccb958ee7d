"""What an expression may cost: the fixed limits that hold against a hostile or mistaken text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one expression; going past one is an error when it is compiled, a 'limit' diagnostic when it runs.

    text     characters of the expression
    depth    how deep expressions may nest, brackets and chains of operators together
    steps    loop rounds and function calls of one evaluation
    calls    functions calling functions
    items    items of one list, and rounds of one range
    letters  characters of one string
    pattern  characters of one regular expression
    seconds  time that the regular expressions of one evaluation may search, together
    """

    text: int = 10_000
    depth: int = 80
    steps: int = 250_000
    calls: int = 100
    items: int = 100_000
    letters: int = 1_000_000
    pattern: int = 1_000
    seconds: float = 0.5


LIMITS = Limits()
