"""Looks at cases told once for each sitting: every look stays recorded, and the list says how often and how long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.store.readings import Reading

#: Whoever looks again within this time still sits before the same.
PAUSE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Sitting:
    """Somebody looked at the same in the same case and role, once or several times on end."""

    case_id: str
    person: str
    role: str | None
    what: str
    first: str
    last: str
    times: int

    @property
    def title(self) -> str:
        """At what, as people call it."""
        return titled(self.what)


def sittings(looks: Iterable[Reading]) -> list[Sitting]:
    """Looks, the latest first, as sittings, the one that ended last first; a pause of half an hour begins another."""
    found: list[Sitting] = []
    newest: dict[tuple[str, str, str | None, str], int] = {}
    for look in looks:
        key = (look.case_id, look.person, look.role, look.what)
        place = newest.get(key)
        if place is not None and _moment(found[place].first) - _moment(look.at) <= PAUSE:
            one = found[place]
            found[place] = replace(one, first=look.at, times=one.times + 1)
            continue
        newest[key] = len(found)
        found.append(Sitting(look.case_id, look.person, look.role, look.what, look.at, look.at, 1))
    return found


#: What a look at a case as a whole was through, by the page, in the words of its heading.
_CASE_PAGES = {
    "": "Case",
    "show": "Case",
    "history": "History",
    "steps": "Steps",
    "letters": "Letters",
    "life event": "Record a life event",
    "start": "Start a pathway",
    "allocation": "Who works on this case",
    "allocate": "Who works on this case",
    "confidential": "Confidential facts",
    "mark": "Confidential facts",
    "restriction": "Who may see this case",
    "restrict": "Who may see this case",
    "deadlines": "Due dates",
    "ended plan": "A plan that was ended in error",
    "birth": "Record the birth",
    "siblings": "Brothers’ and sisters’ cases",
}
#: Looks of other kinds whose page says more than they do.
_OTHERS = {"film (film table)": "Film, as a table", "register (register csv)": "Register, as a file"}


def titled(what: str) -> str:
    """At what somebody looked, as a page's title: a look is kept with the name of the call that it came through."""
    said, _, through = what.partition(" (")
    through = through.removesuffix(")")
    if said == "case":
        return _CASE_PAGES.get(through, f"Case: {through}")
    return _OTHERS.get(what, said[:1].upper() + said[1:])


def _moment(at: str) -> datetime:
    return datetime.fromisoformat(at)
