"""What a verification found, in words: no code of the engine and no number that only a database knows.

Certificates are kept for ever, so that what earlier versions wrote into them is told in words here too.
"""

from __future__ import annotations

import re

from engine.replay import Difference
from engine.store.verifications import Found
from webhooks.diagrams import in_words
from webhooks.words import a_date

#: Which part of a case differs.
_PARTS = {
    "chain": "The history itself",
    "refused": "The command does not run now",
    "events": "Something else happens",
    "state": "The case is left otherwise",
    "release": "The pathway was changed",
    "looks": "The record of who looked",
    "catalogue": "What the case is found by",
    "shown": "What people work by",
    "unread": "This case cannot be read",
}
#: What was done to a row of a chain, of the history or of the record of looks; {} is 'this step' or 'look 3'.
_DONE = {
    "row changed": "{} was changed outside the service.",
    "row removed": "{} was taken away outside the service.",
    "tail cut": "from {} on, the end was cut off outside the service.",
    "payload changed": "what {} holds was changed outside the service.",
    "payload removed": "what {} holds was taken away outside the service.",
    "row added": "{} was added outside the service.",
    "format unknown": "{} is written in a way that this version does not know.",
}
_CHAIN = {name: words.format("this step") for name, words in _DONE.items()} | {
    "tail cut": "from this step on, steps were cut off outside the service.",
    "rows swapped": "steps were put in another order outside the service.",
    "case file changed": "the case’s own file was changed outside the service.",
    "key changed": (
        "The key of this case was changed outside the service, so that nothing it holds opens. "
        "Bring the key back from a backup of the database."
    ),
}
_LOOK = re.compile(r"reading (?P<number>\d+): (?P<what>.+)")
#: As versions wrote it that named a row by its number alone.
_NUMBERED = re.compile(r"What people see of (?P<what>[a-z’' -]+) (?P<key>\S+) is not what the history says\.")
_DATES = {"overdue": "The date after which task {} counts as overdue", "": "The date of task {}"}
_EVENT = re.compile(r"\b(?P<kind>(?:[A-Z][a-z]+){2,})(?: at (?P<place>\w+))?")
_TABLE = re.compile(r"\brow (?P<row>\d+) of (?P<table>\w+)")
_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")


def what_differs(one: Found | Difference) -> str:
    """What is not as it was recorded: which part of the case, and what of it."""
    part, said = _PARTS.get(one.what, one.what), _told(one)
    # What says by itself which part it is of is not told so twice.
    return said if said.startswith(part) else f"{part}: {said}"


def _told(one: Found | Difference) -> str:
    match one.what:
        case "looks":
            return _of_looks(one.message)
        case "shown":
            return _DAY.sub(lambda day: a_date(day[0]), _NUMBERED.sub(_numbered, one.message))
        case "events":
            said = _TABLE.sub(lambda found: f"row {found['row']} of “{in_words(found['table'])}”", one.message)
            return _EVENT.sub(_event, said)
    return _CHAIN.get(one.message, one.message)


def _of_looks(message: str) -> str:
    found = _LOOK.fullmatch(message)
    if found is None:
        return message
    look, what = f"look {found['number']}", found["what"]
    return _DONE[what].format(look) if what in _DONE else f"{look}: {_CHAIN.get(what, what)}"


def _numbered(found: re.Match[str]) -> str:
    """'date overdue:34' is the date after which task 34 counts as overdue."""
    kind, _, task = found["key"].rpartition(":")
    if found["what"] != "date":
        called = f"The {found['what']} {found['key']}"
    elif task == "birthday":
        called = "The date of the child’s 18th birthday"
    else:
        called = _DATES.get(kind, _DATES[""]).format(task)
    return f"{called} is not as in the history."


def _event(found: re.Match[str]) -> str:
    where = f" at “{in_words(found['place'])}”" if found["place"] else ""
    return f"“{in_words(found['kind'])}”{where}"
