"""What may go to whom: a letter, a mail or a message is held against what its recipients must not learn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.case.confidential import AGENCY, PARENT, Party, Reader, Sight
from engine.case.letters import UNSENT, recipients
from engine.case.state import CaseState, Running
from engine.errors import Refused
from engine.history import JSON


class WouldDisclose(Refused):
    """A text would tell somebody a fact that is kept from them."""

    def __init__(self, case_id: str, found: Iterable[tuple[int, str]], *, sent: bool = False) -> None:
        said = sorted({f"mark {number} ({fact})" for number, fact in found})
        mend = (
            "It was sent before that was marked and cannot be changed any more. It does not go to them again."
            if sent
            else "Take it out of the text, or take that recipient off."
        )
        # Who writes may not know every fact that is marked: which one it is stands on the page of confidential facts.
        super().__init__(f"This holds something that is kept from somebody it goes to. {mend}")
        self.case_id, self.marks = case_id, tuple(said)


def known_parties(case: CaseState) -> dict[str, list[str]]:
    """The parents and agencies that the case's own lists name."""
    facts = case.facts
    agencies = ("current_agencies", "icpc_invitees", "cprc_parties", "core_group")
    return {
        PARENT: [str(one) for one in facts.get("parents") or ()],
        AGENCY: [str(one) for name in agencies for one in facts.get(name) or ()],
    }


def sight_of_recipients(case: CaseState, recipients: Iterable[Mapping[str, JSON]]) -> Sight:
    """What may stand in something that goes to all of these."""
    known, marks = known_parties(case), tuple(case.marks.values())
    parties: dict[Party, None] = {}
    for one in recipients if marks else ():
        reader = Reader.recipient(str(one.get("to") or ""), str(one.get("list") or ""), known, marks)
        parties.update(dict.fromkeys(reader.parties))
    return Sight.of(marks, Reader(tuple(parties)))


def check_discloses_nothing(
    case: CaseState, text: str, recipients: Iterable[Mapping[str, JSON]], *, sent: bool = False
) -> None:
    """Raise WouldDisclose where a text would tell one of its recipients what is kept from them.

    sent  it has gone out before and says what it says: nobody can take anything out of it
    """
    found = sight_of_recipients(case, recipients).disclosed_by(text)
    if found:
        raise WouldDisclose(case.case_id, [(mark.number, mark.fact) for mark in found], sent=sent)


def check_letter(case: CaseState, running: Running, letter: str, answers: Mapping[str, JSON]) -> None:
    """Raise WouldDisclose where this step of a letter would tell a recipient what is kept from them.

    What the step does not say stands in the letter as it was drafted.
    """
    unsent = [x for x in case.letters.values() if (x.instance, x.letter) == (running.number, letter)]
    waiting = next((x for x in reversed(unsent) if x.state in UNSENT), None)
    text = str(answers.get("text") or (waiting.text if waiting else ""))
    to = recipients(answers) or (waiting.recipients if waiting else [])
    check_discloses_nothing(case, text, to)


def sight_of_lists(case: CaseState, lists: Iterable[str]) -> Sight:
    """What may stand in a letter before its recipients are chosen: what everybody on its lists may learn."""
    parties = [party for name in lists for party in Reader.list_of(name).parties]
    return Sight.of(case.marks.values(), Reader(tuple(dict.fromkeys(parties))))


def withheld_lists(case: CaseState, lists: Iterable[str]) -> dict[str, frozenset[str]]:
    """Fact to the recipient lists from which it is kept, as a letter's template is drafted with it."""
    found: dict[str, set[str]] = {}
    for name in lists:
        for mark in Sight.of(case.marks.values(), Reader.list_of(name)).marks:
            fact = mark.fact if "." in mark.fact else f"case.{mark.fact}"
            found.setdefault(fact, set()).add(name)
    return {fact: frozenset(names) for fact, names in found.items()}
