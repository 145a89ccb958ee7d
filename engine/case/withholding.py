"""What must not be seen, decided on the record: facts kept from somebody, and a case kept to a few people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from engine.case.confidential import PARTY_KINDS, Mark, Restriction, texts_in
from engine.errors import AboutPeople, NotFound, Refused
from engine.history import JSON, Event

if TYPE_CHECKING:
    from engine.case.handling import Handling
    from engine.case.state import CaseState

#: Lists and searches are made of these: whoever must not know them must not see the case at all.
SHOWN_IN_LISTS = frozenset({"name", "child_ref", "case_id"})


class LeftOut(AboutPeople):
    """A case would be kept from people who work on it."""

    def __init__(self, case_id: str, people: Sequence[str]) -> None:
        self.case_id, self.people = case_id, tuple(people)
        super().__init__(self.naming(str))

    def naming(self, name: Callable[[str], str]) -> str:
        """The sentence, with people as `name` calls them."""
        *before, last = map(name, self.people)
        who = f"{', '.join(before)} and {last} work" if before else f"{last} works"
        return f"{who} on case {self.case_id}. Name them too, or give their roles and tasks to somebody who is named."


class KeptAlready(Refused):
    """A fact, or one entry of it, is kept from exactly these parties already."""

    def __init__(self, fact: str, entry: str | None) -> None:
        super().__init__(f"{fact} is kept from these already.")
        self.fact, self.entry = fact, entry


def mark_confidential(handling: Handling) -> None:
    """A fact is kept from some parties from now on; what it was until now is kept from them too."""
    body, case = handling.command.body, handling.case
    fact, entry, kept_from = body["fact"], body.get("entry"), body["kept_from"]
    if fact in SHOWN_IN_LISTS:
        raise Refused(f"{fact} stands in every list and cannot be kept from one person. Restrict the case instead.")
    if not kept_from or any(len(one) != 2 or one[0] not in PARTY_KINDS or not one[1] for one in kept_from):
        raise Refused("Say from whom the fact is kept: " + ", ".join(PARTY_KINDS) + ", each with who it is.")
    if any(one.lifted is None and (one.fact, one.entry, one.kept_from) == (fact, entry, kept_from)
           for one in case.marks.values()):  # fmt: skip
        raise KeptAlready(fact, entry)
    texts = [*body.get("texts", []), *([entry] if entry else texts_of(case, fact))]
    mark = Mark(
        case.take_number(),
        fact,
        entry,
        [list(one) for one in kept_from],
        list(dict.fromkeys(texts)),
        body["why"],
        handling.command.by,
        handling.at,
    )
    case.marks[mark.number] = mark
    handling.note(
        "FactMarked",
        number=mark.number,
        fact=fact,
        entry=entry,
        kept_from=mark.kept_from,
        texts=list(mark.texts),
        why=mark.why,
    )


def unmark_confidential(handling: Handling) -> None:
    """A fact is no longer kept from anybody under this mark."""
    body = handling.command.body
    mark = handling.case.marks.get(body["mark"])
    if mark is None:
        raise NotFound(f"Case {handling.case.case_id} has no mark {body['mark']}.")
    if mark.lifted is not None:
        raise Refused(f"Mark {mark.number} of case {handling.case.case_id} was lifted already.")
    mark.lifted = handling.at
    handling.note("FactUnmarked", number=mark.number, fact=mark.fact, kept_from=mark.kept_from, why=body["why"])


def restrict_case(handling: Handling) -> None:
    """The case is open to these people and nobody else; said again, to these instead."""
    body, case = handling.command.body, handling.case
    people = list(dict.fromkeys(body["people"]))
    if not people:
        raise Refused(f"Name who may see case {case.case_id}. A case that nobody sees protects nobody.")
    left_out = sorted({*case.roles.values(), *(desk.assignee for desk in case.desks.values() if desk.assignee)})
    left_out = [person for person in left_out if person not in people]
    if left_out:
        raise LeftOut(case.case_id, left_out)
    case.restriction = Restriction(people, body["why"], handling.command.by, handling.at)
    handling.note("CaseRestricted", people=people, why=body["why"])


def lift_restriction(handling: Handling) -> None:
    """The case is shown as every other case again."""
    case = handling.case
    if case.restriction is None:
        raise Refused(f"Case {case.case_id} is not restricted.")
    case.restriction = None
    handling.note("RestrictionLifted", why=handling.command.body["why"])


COMMANDS: dict[str, Callable[[Handling], None]] = {
    "mark_confidential": mark_confidential,
    "unmark_confidential": unmark_confidential,
    "restrict_case": restrict_case,
    "lift_restriction": lift_restriction,
}


def remember(handling: Handling) -> None:
    """Whatever a marked fact has become is withheld as it was before."""
    for mark in handling.case.marks.values():
        if mark.lifted is not None or mark.entry is not None:
            continue
        now = [*texts_of(handling.case, mark.fact), *texts_said(mark.fact, handling.events)]
        mark.texts.extend(text for text in dict.fromkeys(now) if text not in mark.texts)


def texts_of(case: CaseState, fact: str) -> list[str]:
    """The texts of a fact as the case holds it now."""
    value: JSON = case.facts
    for name in fact.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return [] if fact in CODED else list(dict.fromkeys(texts_in(value)))


def texts_said(fact: str, events: Iterable[Event]) -> list[str]:
    """The texts that a fact, or an answer `element.field`, had in what happened."""
    found: list[str] = []
    *before, last = fact.split(".")
    for event in events:
        for key in ("facts", "payload", "answers", "result", "values"):
            held = event.body.get(key)
            if isinstance(held, Mapping):
                answered = event.body.get("element") == before[-1] and key in ("answers", "result") if before else False
                if answered or (not before and last not in CODED):
                    found.extend(texts_in(held.get(last)))
                inner = held.get(before[-1]) if before else None
                if isinstance(inner, Mapping):
                    found.extend(texts_in(inner.get(last)))
    return list(dict.fromkeys(found))


#: Facts whose values are words of the product and stand in many sentences: withheld as facts, never searched for.
CODED = frozenset({"legal_status", "placement", "plan_status", "policy", "policy_version", "plan_end_outcome"})
