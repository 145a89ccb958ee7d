"""What must not be seen: facts kept from somebody, cases kept to a few people, and what each reader sees of a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.case import disclosure
from engine.case.confidential import Mark, Party, Reader, Sight
from engine.case.state import CaseState
from engine.case.withholding import texts_said
from engine.casework.actions import Actions
from engine.casework.door import Asked, Done
from engine.casework.people import AUDITOR, CASE_ROLES, HEAD, SUPERVISING_ROLES, Practitioner
from engine.clock import london_date
from engine.errors import Forbidden, Refused
from engine.history import JSON
from engine.replay import recorded_events
from engine.store.readings import Reading as ReadingRow


class Discretion(Actions):
    """Marks and restrictions, and the one question every outlet asks: what may this reader see of this case."""

    # ------------------------------------------------------------------ what a reader sees

    def sight(self, by: Practitioner, case_id: str) -> Sight:
        """What a member of staff may see of a case; asks nothing about whether they may see the case at all."""
        return self.sight_of(self.load(by.authority, case_id), Reader.person(by.id, by.roles))

    def sight_of(self, case: CaseState, reader: Reader) -> Sight:
        """What any reader may see of a case: staff, a letter's recipient, or another system."""
        return Sight.of(case.marks.values(), reader)

    def sight_of_recipients(self, case: CaseState, recipients: Iterable[Mapping[str, JSON]]) -> Sight:
        """What may stand in something that goes to all of these: [{'list': ..., 'to': ...}, ...] as letters hold it."""
        return disclosure.sight_of_recipients(case, recipients)

    def check_discloses_nothing(self, case: CaseState, text: str, recipients: Iterable[Mapping[str, JSON]]) -> None:
        """Raise WouldDisclose where a text would tell one of its recipients what is kept from them."""
        disclosure.check_discloses_nothing(case, text, recipients)

    # ------------------------------------------------------------------ marks

    def mark_confidential(
        self,
        case_id: str,
        fact: str,
        kept_from: Iterable[Party],
        why: str,
        *,
        by: Practitioner,
        command_id: str,
        entry: str | None = None,
        also: Iterable[str] = (),
    ) -> Done:
        """Keep a fact, or one entry of a list, from some parties from now on.

        fact  a fact's name ('placement_address'), or 'element.field' for an answer of a task
        also  other texts that would give it away, such as a short form of an address
        What the fact was earlier in the case's history is kept from them as well.
        """
        role = by.must_hold(*CASE_ROLES)
        parties = [[party.kind, party.who.strip()] for party in kept_from]
        if not why.strip():
            raise Refused("Say why the fact is kept from somebody. The reason stays with the case.")
        earlier = [] if entry else self._texts_so_far(by.authority, case_id, fact)
        texts = list(dict.fromkeys([*earlier, *(text.strip() for text in also if text.strip())]))
        body = {"fact": fact, "entry": entry, "kept_from": parties, "texts": texts, "why": why.strip()}
        return self._ask(by, case_id, Asked(command_id, "mark_confidential", body, by.id, role))

    def unmark_confidential(self, case_id: str, mark: int, why: str, *, by: Practitioner, command_id: str) -> Done:
        """Lift a mark: only somebody who supervises, and never one from whom the fact is kept."""
        role = by.must_hold(*SUPERVISING_ROLES)
        if not why.strip():
            raise Refused("Say why the fact need no longer be kept from them.")

        def prepare(case: CaseState) -> Asked:
            found = case.marks.get(mark)
            if found is not None and found.bars(Reader.person(by.id, by.roles)):
                raise Forbidden(f"Mark {mark} of case {case_id} keeps something from {by.id}, who cannot lift it.")
            return Asked(command_id, "unmark_confidential", {"mark": mark, "why": why.strip()}, by.id, role)

        return self._change(by, case_id, prepare)

    def marks(self, by: Practitioner, case_id: str) -> tuple[Mark, ...]:
        """The marks of a case as this person may see them, the newest first."""
        case = self._look(by, case_id, "confidential facts")
        sight = self.sight_of(case, Reader.person(by.id, by.roles))
        return tuple(sight.of_value(mark) for mark in reversed(case.marks.values()))

    # ------------------------------------------------------------------ who looked

    def looks(
        self, by: Practitioner, case_id: str, *, most: int = 50, skipping: int = 0
    ) -> tuple[str, list[ReadingRow]]:
        """What the case is called and who looked at it, the latest first, for those who supervise or check.

        Whoever asks is recorded as every other reader is.
        """
        by.must_hold(AUDITOR, *SUPERVISING_ROLES)
        self._look(by, case_id, "who looked")
        line = self._store.lists.case(by.authority, case_id)
        found = self._store.readings.of_case(by.authority, case_id)
        found.reverse()
        return (line.label if line is not None and line.label else case_id), found[skipping : skipping + most]

    def _texts_so_far(self, authority: str, case_id: str, fact: str) -> list[str]:
        events = (event for entry in self._store.history(authority, case_id) for event in recorded_events(entry))
        return texts_said(fact, events)

    # ------------------------------------------------------------------ restrictions

    def restrict_case(
        self, case_id: str, people: Iterable[str], why: str, *, by: Practitioner, command_id: str
    ) -> Done:
        """Open a case to these people and nobody else. One of them must be somebody whom escalations reach."""
        role = by.must_hold(*SUPERVISING_ROLES)
        named = list(dict.fromkeys(people))
        if not why.strip():
            raise Refused("Say why the case is restricted. The reason stays with the case.")
        for person in named:
            if self.practitioner(by.authority, person) is None:
                raise Refused(f"{person} is nobody of {by.authority} today. Name somebody who is.")
        if not any(self._is_head(by.authority, person) for person in named):
            raise Refused(
                "Name somebody who holds the role of Head of Quality Assurance too: an escalation of this case must "
                "be seen by somebody."
            )
        body: dict[str, JSON] = {"people": named, "why": why.strip()}
        return self._ask(by, case_id, Asked(command_id, "restrict_case", body, by.id, role))

    def lift_restriction(self, case_id: str, why: str, *, by: Practitioner, command_id: str) -> Done:
        """Show a case as every other case again."""
        role = by.must_hold(*SUPERVISING_ROLES)
        if not why.strip():
            raise Refused("Say why the case need no longer be restricted.")
        return self._ask(by, case_id, Asked(command_id, "lift_restriction", {"why": why.strip()}, by.id, role))

    def _is_head(self, authority: str, person: str) -> bool:
        return HEAD in self._store.people.roles(authority, person, london_date(self._clock.now()))
