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


#: What a look at a case as a whole was through, by the last word of its route: a page by its heading, a deed by what
#: was done. A test holds them to the list of routes.
_CASE_PAGES = {
    "": "Case",
    "acknowledge": "Acknowledge an escalation",
    "allocate": "Who works on this case",
    "allocation": "Who works on this case",
    "answer": "Answer an escalation",
    "answer escalation": "Answer an escalation",
    "asked": "Task",
    "begin": "Start a pathway",
    "birth": "Record the birth",
    "born": "Record the birth",
    "case": "Case",
    "claim": "Take a task",
    "complete": "Complete a task",
    "confidential": "Confidential facts",
    "correct": "Put a step right",
    "deadlines": "Due dates",
    "draft": "Keep answers for later",
    "ended plan": "A plan that was ended in error",
    "film": "Film",
    "film table": "Film, as a table",
    "give": "Hand a task over",
    "hand over": "Hand a task over",
    "history": "History",
    "letter": "Letter",
    "letter pdf": "Letter, as a paper",
    "letter to mail": "Mail a letter",
    "letters": "Letters",
    "life event": "Record a life event",
    "lift mark": "Confidential facts",
    "lift restriction": "Who may see this case",
    "link": "Brothers’ and sisters’ cases",
    "looks": "Who looked",
    "mail again": "Mail a letter",
    "mail letter": "Mail a letter",
    "mark": "Confidential facts",
    "pathway": "Withdraw a pathway",
    "raise error": "Mend an incident",
    "record facts": "Record facts",
    "record life event": "Record a life event",
    "reinstate": "A plan that was ended in error",
    "release": "Put a task back",
    "restrict": "Who may see this case",
    "restriction": "Who may see this case",
    "retry": "Mend an incident",
    "retry incident": "Mend an incident",
    "save": "Keep answers for later",
    "show": "Case",
    "siblings": "Brothers’ and sisters’ cases",
    "skip": "Mend an incident",
    "skip notice": "Mend an incident",
    "start": "Start a pathway",
    "start pathway": "Start a pathway",
    "step": "Put a step right",
    "steps": "Steps",
    "supply fact": "Mend an incident",
    "task": "Task",
    "verify case": "Verify the case",
    "withdraw": "Withdraw a pathway",
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
