"""A child's case is entered: by hand, by message, by import or by birth; somebody known already is told of first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from engine.case import facts as case_facts
from engine.case.clashes import contradictions
from engine.case.confidential import Reader, Sight
from engine.case.facts import FactsRefused
from engine.case.state import CaseState
from engine.casework.contradictions import Contradicts
from engine.casework.corrections import Correcting
from engine.casework.door import Asked, Done
from engine.casework.people import CASE_ROLES, SYSTEM_ADMIN, Practitioner
from engine.casework.permissions import check_sees, is_kept_from, viewer_of
from engine.casework.references import fault_of
from engine.casework.strange_facts import strange_facts
from engine.clock import london_date
from engine.errors import EngineError, FieldProblem, Refused
from engine.history import JSON
from engine.store.errors import is_lasting
from engine.store.lists import CaseLine
from engine.store.rows import InboundRow
from engine.store.vault import UNREAD

#: What brothers and sisters born together share with the case that was kept for them before birth.
SHARED_AT_BIRTH = (
    *("plan_start_date", "icpc_date", "icpc_invitees", "cprc_parties", "current_agencies", "core_group", "parents"),
    *("next_review_conference_date", "last_review_conference_date", "reviews_held", "legal_status", "placement"),
    *("plo_active", "care_proceedings", "policy", "policy_version"),
)


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to be entered: its reference, the facts as known, who holds which role, and what starts at once."""

    case_id: str
    facts: Mapping[str, JSON] = field(repr=False)
    roles: Mapping[str, str] = field(default_factory=dict)
    pathway: str | None = None
    variables: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Newborn:
    """One of several children born together: the reference its case gets, and its name."""

    case_id: str
    name: str = field(repr=False)


class PossibleDuplicates(Refused):
    """A case looks like one that is there already; with a reason it can be opened all the same.

    hidden      how many more there are that whoever asks may not see
    uncompared  those of the named ones whose birth date is kept from the asker: it may be the same or another
    unread      those of the named ones that do not open, so that nobody can tell whose they are until they are verified
    """

    def __init__(
        self, cases: Sequence[str], hidden: int = 0, uncompared: Sequence[str] = (), unread: Sequence[str] = ()
    ) -> None:
        named = ", ".join(cases) + (" and " if cases and hidden else "")
        restricted = f"{hidden} that you may not see (ask the Head of Quality Assurance)" if hidden else ""
        kept = (
            f"The birth date in {', '.join(uncompared)} is kept from you and was not compared: "
            "ask somebody who may see it whether it is the same child. "
            if uncompared
            else ""
        )
        damaged = "".join(
            f"{one} {UNREAD}. Whether it is the same child could not be compared; ask an auditor first. "
            for one in unread
        )
        sentence = (
            f"This looks like a child who is known already: {named}{restricted}. {kept}{damaged}"
            f"{'Open that case, or say' if cases else 'Say'} why this is another child or another plan."
        )
        super().__init__(sentence)
        self.cases, self.hidden = tuple(cases), hidden
        self.problems = (FieldProblem("why_again", sentence),)


class Opening(Correcting):
    """The ways in which a case begins."""

    def legible(self, authority: str, case_id: str) -> CaseState | None:
        """The case as it stands, None where it was changed behind the store so that it does not open."""
        try:
            return self.load(authority, case_id)
        except EngineError as error:
            if not is_lasting(error):
                raise
            return None

    def duplicates(self, by: Practitioner, facts: Mapping[str, JSON], case_id: str = "") -> list[CaseLine]:
        """Cases of the authority that look like the same child's: by name with birth date, or by outside reference.

        A case without a birth date (an unborn child's) is compared by its name alone, and so is one whose birth date
        is kept from whoever asks: the answer would tell whether they had guessed it.
        """
        found: set[str] = set()
        name, birth, outside = (str(facts.get(fact) or "").strip() for fact in ("name", "dob", "child_ref"))
        search = self._store.lists.search
        if name:
            called = set(search(by.authority, "name", name.replace("-", " ")))
            born = set(search(by.authority, "birth date", birth)) if birth else called
            found |= {one for one in called if one in born or self._keeps_birth_from(by, one)}
        for reference in (outside, case_id):
            if reference:
                found |= set(search(by.authority, "reference", reference))
        lines = [self._store.lists.case(by.authority, one) for one in sorted(found - {case_id})]
        return [line for line in lines if line is not None]

    def _keeps_birth_from(self, by: Practitioner, case_id: str) -> bool:
        """Whether the birth date of a case is kept from somebody: by a mark, or since the case is restricted.

        So it is, too, where the case does not open: nobody knows what is kept in it, and nobody may take it for
        another child's on the word of an index.
        """
        if is_kept_from(self._store, by, case_id):
            return True
        case = self.legible(by.authority, case_id)
        return case is None or Sight.of(case.marks.values(), Reader.person(by.id, by.roles)).hides("dob")

    def alike(self, by: Practitioner, similar: Sequence[CaseLine]) -> PossibleDuplicates:
        """What is said of cases that look like the same child's, and no more than whoever asks may know of each."""
        viewer, lists = viewer_of(by), self._store.lists
        told = [line.case_id for line in similar if lists.sees(by.authority, line.case_id, viewer)]
        unread = [one for one in told if self.legible(by.authority, one) is None]
        uncompared = [one for one in told if one not in unread and self._keeps_birth_from(by, one)]
        return PossibleDuplicates(told, len(similar) - len(told), uncompared, unread)

    def enter_case(
        self,
        new: NewCase,
        *,
        by: Practitioner,
        command_id: str,
        why_again: str = "",
        inbound: InboundRow | None = None,
    ) -> Done:
        """Open a case after looking for the same child: with `why_again` it is opened beside what was found.

        Raises FactsRefused, PossibleDuplicates, CaseExists, Forbidden.
        """
        self.check_new(new, by=by)
        similar = self.duplicates(by, new.facts, new.case_id)
        # Whoever names a case that is there is told that alone: nothing is opened, and nothing can be tried out.
        if similar and not why_again.strip() and self._store.lists.case(by.authority, new.case_id) is None:
            raise self.alike(by, similar)
        known_as: dict[str, JSON] | None = None
        if similar and why_again.strip():
            known_as = {"cases": [line.case_id for line in similar], "why": why_again.strip()[:2000]}
        return self.open_case(
            new.case_id,
            new.facts,
            by=by,
            command_id=command_id,
            roles=new.roles,
            pathway=new.pathway,
            variables=new.variables,
            known_as=known_as,
            inbound=inbound,
        )

    def check_new(self, new: NewCase, *, by: Practitioner) -> None:
        """Whether a case could be opened as it is described. Raises FactsRefused with a sentence per fact."""
        problems = []
        if (fault := fault_of(new.case_id)) is not None:
            problems.append(FieldProblem("case_id", fault))
        facts, today = new.facts, london_date(self._clock.now())
        if not str(facts.get("name") or facts.get("child_ref") or "").strip():
            problems.append(FieldProblem("name", "must be given, or the name the unborn child is known by."))
        clashing: list[FieldProblem] = []
        try:
            case_facts.check_facts(facts, now=self._clock.now(), opening=True)
            case_facts.check_names(facts, {})
            clashing = [FieldProblem(rule.fact, rule.sentence) for rule in contradictions(facts, today)]
        except FactsRefused as refused:
            problems += [one for one in refused.problems if one.field not in {known.field for known in problems}]
        for role, person in new.roles.items():
            holder = self.practitioner(by.authority, person)
            if holder is None or role not in holder.roles:
                problems.append(FieldProblem(f"role:{role}", f"names {person[:60]}, who does not hold that role here."))
        if new.pathway is not None and new.pathway not in dict(self.startable(by.authority)):
            problems.append(FieldProblem("pathway", f"names {new.pathway[:60]}, which cannot be started here."))
        if problems:
            raise FactsRefused([*problems, *clashing])
        if clashing:
            raise Contradicts(clashing)

    def strange_facts(self, by: Practitioner, facts: Mapping[str, JSON]) -> tuple[str, ...]:
        """A sentence for each of these facts that no pathway of the person's authority reads or records."""
        return strange_facts(self._shelf, by.authority, facts)

    # ------------------------------------------------------------------ by message

    def open_by_message(
        self,
        case_id: str,
        payload: Mapping[str, JSON],
        *,
        by: Practitioner,
        command_id: str,
        inbound: InboundRow | None = None,
    ) -> Done:
        """Open the case that a message describes: `facts`, and where known `roles`, `pathway` and `why_again`.

        Raises FactsRefused for anything else in it, PossibleDuplicates for a child who is known.
        """
        unknown = sorted(set(payload) - {"facts", "roles", "pathway", "why_again"})
        facts, roles, pathway = payload.get("facts"), payload.get("roles") or {}, payload.get("pathway")
        problems = [FieldProblem(name[:64], "is not part of the message that opens a case.") for name in unknown]
        if not isinstance(facts, Mapping):
            problems.append(FieldProblem("facts", "must be an object of facts."))
        if not isinstance(roles, Mapping) or not all(isinstance(person, str) for person in roles.values()):
            problems.append(FieldProblem("roles", "must name a person for each role."))
        if pathway is not None and not isinstance(pathway, str):
            problems.append(FieldProblem("pathway", "must be the id of a pathway."))
        if not isinstance(payload.get("why_again", ""), str):
            problems.append(FieldProblem("why_again", "must be a text."))
        if isinstance(facts, Mapping):
            strange = sorted(set(facts) - set(case_facts.FACTS))
            problems += [FieldProblem(name[:64], "is not the name of a fact.") for name in strange]
            if facts.get("plan_status", case_facts.ACTIVE) != case_facts.ACTIVE:
                # That a plan is over already is for a person to say.
                problems.append(FieldProblem("plan_status", "must be ACTIVE in the message that opens a case."))
        if problems or not isinstance(facts, Mapping) or not isinstance(roles, Mapping):
            raise FactsRefused(problems)
        new = NewCase(case_id, dict(facts), dict(roles), pathway)
        return self.enter_case(
            new, by=by, command_id=command_id, why_again=str(payload.get("why_again", "")), inbound=inbound
        )

    # ------------------------------------------------------------------ brothers and sisters, and births

    def link_siblings(self, case_id: str, other: str, *, by: Practitioner, command_id: str) -> Done:
        """Say of two cases that they are brother's and sister's. Nothing decided in one is decided in the other.

        Both cases record it; linking what is linked already changes nothing there.
        """
        if case_id == other:
            raise Refused(f"Case {case_id} cannot be linked with itself. Give the other child's reference.")
        for one in (case_id, other):
            check_sees(self._store, by, one)
            # Neither names the other before both can: one that does not open leaves no half of a link.
            self.load(by.authority, one)
        here = self._link(case_id, other, by, command_id)
        there = self._link(other, case_id, by, f"{command_id}:back")
        done = here or there
        if done is None:
            raise Refused(f"Cases {case_id} and {other} are linked already.")
        return done

    def _link(self, case_id: str, other: str, by: Practitioner, command_id: str) -> Done | None:
        role = by.must_hold(*CASE_ROLES, SYSTEM_ADMIN)
        if other in (self.load(by.authority, case_id).facts.get("sibling_case_ids") or ()):
            return None

        def prepare(case: CaseState) -> Asked:
            known = list(case.facts.get("sibling_case_ids") or ())
            facts = {"sibling_case_ids": sorted({*known, other})}
            body = {"facts": facts, "why": f"Brother or sister: case {other}."}
            return Asked(command_id, "record_facts", body, by.id, role)

        return self._change(by, case_id, prepare)

    def record_birth(
        self,
        case_id: str,
        *,
        born_on: str,
        name: str,
        received_on: str | None,
        others: Sequence[Newborn] = (),
        by: Practitioner,
        command_id: str,
    ) -> Done:
        """An unborn child is born: the birthday becomes a timer. Each further child gets a linked case of its own.

        The further cases are opened first: should anything stop half way, the same request again does the rest.
        Raises Refused where the child was born already, FactsRefused for an absurd date.
        """
        case = self.load(by.authority, case_id)
        if not case.facts.get("unborn"):
            raise Refused(f"The child of case {case_id} is born already. Correct the facts if they are wrong.")
        case_facts.check_facts({"dob": born_on, "name": name}, now=self._clock.now())
        case_facts.check_names({"name": name}, case.facts)
        for other in others:
            facts = {fact: case.facts.get(fact) for fact in SHARED_AT_BIRTH}
            known = {fact: value for fact, value in facts.items() if value not in (None, [])}
            new = NewCase(other.case_id, {**known, "name": other.name, "dob": born_on}, dict(case.roles))
            key = sha256(f"birth:{case_id}:{other.case_id}:{born_on}".encode()).hexdigest()
            if self._store.lists.case(by.authority, other.case_id) is None:
                why = f"Born together with the child of case {case_id}."
                self.enter_case(new, by=by, command_id=key, why_again=why)
            self._link(case_id, other.case_id, by, f"{key}:1")
            self._link(other.case_id, case_id, by, f"{key}:2")
        born = {"dob": born_on, "name": name}
        return self.record_life_event(case_id, "ChildBorn", born, received_on=received_on, by=by, command_id=command_id)
