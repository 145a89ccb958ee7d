"""What kind of value each built-in function gives, so that `instance of function<...> -> T` can answer for it."""

from __future__ import annotations

from engine.feel.types import ANY, ListType, Simple, Type

_GIVEN: dict[str, str] = {
    "boolean": """
        not, contains, starts with, ends with, matches, list contains, all, any, odd, even, before, after, meets,
        met by, overlaps, overlaps before, overlaps after, finishes, finished by, includes, during, starts, started by,
        coincides, is
    """,
    "number": """
        number, string length, decimal, floor, ceiling, round up, round down, round half up, round half down, abs,
        modulo, sqrt, log, exp, count, product, median, stddev, day of year, week of year
    """,
    "string": """
        string, substring, upper case, lower case, substring before, substring after, replace, string join,
        day of week, month of year
    """,
    "date": "date, today",
    "time": "time",
    "date and time": "date and time, now",
    "years and months duration": "years and months duration",
    "context": "context, context put, context merge",
    "range": "range",
}
_LISTS: dict[str, Type] = {
    "split": Simple("string"),
    "mode": Simple("number"),
    "index of": Simple("number"),
    "get entries": Simple("context"),
}
_ANYTHING = """
    sublist, append, concatenate, insert before, remove, list replace, reverse, union, distinct values, flatten, sort
"""

#: The type of the result by the name of the function; where it depends on the arguments there is none.
RESULTS: dict[str, Type] = {
    **{" ".join(name.split()): Simple(kind) for kind, names in _GIVEN.items() for name in names.split(",")},
    **{" ".join(name.split()): ListType(ANY) for name in _ANYTHING.split(",")},
    **{name: ListType(kind) for name, kind in _LISTS.items()},
}

_TAKEN: dict[str, Type] = {"any": ANY, "list": ListType(ANY)}


def taken(kind: str) -> Type:
    """The type of a parameter of this kind."""
    return _TAKEN.get(kind) or Simple(kind)
