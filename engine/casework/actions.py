"""What people may do: one method for each, checked first, carried out once, written last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import orjson

from engine.case import facts as case_facts
from engine.case.disclosure import check_letter
from engine.case.handling import HeldByIncident, live
from engine.case.life_events import LIFE_EVENT
from engine.case.state import CaseState
from engine.case.telling import OWN_MESSAGES
from engine.casework.contradictions import check_life_event, day_received, with_what_follows
from engine.casework.correlation import is_meant
from engine.casework.doers import check_apart
from engine.casework.door import Asked, Done, Prepare
from engine.casework.listing import OpenTask
from engine.casework.people import CASE_ROLES, HEAD, SUPERVISING_ROLES, SYSTEM_ADMIN, Practitioner, roles_of
from engine.casework.permissions import TaskOfOthers, admit, check_allocation, check_sees, is_theirs, may_have_task
from engine.casework.reading import Reading
from engine.casework.references import check_no_page
from engine.casework.repeating import known_before
from engine.clock import london_date
from engine.errors import Forbidden, NotFound, Refused
from engine.execution import MessageWait, waits
from engine.history import JSON, WORKER, Event
from engine.letters import check_complete, fill_in
from engine.replay import recorded_events
from engine.store.rows import Claim, InboundRow


class MessageUnmatched(Refused):
    """A message met no step that waits for it, or more than one; a person must look at it."""


class Actions(Reading):
    """The verbs of casework. `command_id` is the caller's idempotency key: the same one twice is refused."""

    def open_case(
        self,
        case_id: str,
        facts: Mapping[str, JSON],
        *,
        by: Practitioner,
        command_id: str,
        roles: Mapping[str, str] | None = None,
        pathway: str | None = None,
        variables: Mapping[str, JSON] | None = None,
        known_as: Mapping[str, JSON] | None = None,
        inbound: InboundRow | None = None,
    ) -> Done:
        """Open a child's case with the facts as known, and start a pathway in it where one is named.

        known_as  {"cases", "why"}: cases that look like the same child's, and why this one is opened all the same
        Nobody is warned of such cases here: pages, messages and imports ask `enter_case`.
        Raises CaseExists, FactsRefused, Forbidden.
        """
        role = by.must_hold(*CASE_ROLES, SYSTEM_ADMIN) if inbound is None else None
        check_no_page(case_id)
        check_allocation(self.authority(by.authority), roles or {})
        body: dict[str, JSON] = {"facts": dict(facts), "roles": dict(roles or {})}
        if known_as is not None:
            body["known_as"] = dict(known_as)
        if case_facts.of_age(facts, now=self._clock.now()):
            body |= self._door.life_event_pathways(by.authority)
        if pathway is not None:
            release = self._shelf.deployed(by.authority, pathway)
            body["start"] = {"pathway": pathway, "release": release, "variables": dict(variables or {})}
        return self._door.open(
            by.authority, case_id, Asked(command_id, "open_case", body, by.id, role, inbound=inbound)
        )

    def record_facts(
        self, case_id: str, facts: Mapping[str, JSON], why: str, *, by: Practitioner, command_id: str
    ) -> Done:
        """Record or put right facts of a case; never the plan's status."""
        role = by.must_hold(*CASE_ROLES)
        check_sees(self._store, by, case_id)

        def prepare(case: CaseState) -> Asked:
            right = with_what_follows(facts, case.facts, london_date(self._clock.now()))
            body = {"facts": right, "why": why, **self._door.where_recorded(case, right)}
            return Asked(command_id, "record_facts", body, by.id, role)

        return self._change(by, case_id, prepare)

    def allocate_role(self, case_id: str, role: str, person: str | None, *, by: Practitioner, command_id: str) -> Done:
        """Give a role of the case to a person, or back to its queue (None)."""
        acting = by.must_hold(*SUPERVISING_ROLES, SYSTEM_ADMIN)
        check_sees(self._store, by, case_id)

        def prepare(case: CaseState) -> Asked:
            if person is not None:
                check_allocation(self.authority(by.authority), {**case.roles, role: person})
                if case.restriction is not None and person not in case.restriction.people:
                    raise Refused(f"Case {case_id} is restricted and {person} is not named in it. Name them first.")
            return Asked(command_id, "allocate_role", {"role": role, "person": person}, by.id, acting)

        return self._change(by, case_id, prepare)

    def add_note(self, case_id: str, text: str, *, by: Practitioner, command_id: str) -> Done:
        """Write a note on the case."""
        asked = Asked(command_id, "add_note", {"text": text}, by.id, by.must_hold(*CASE_ROLES))
        return self._ask(by, case_id, asked)

    def start_pathway(
        self,
        case_id: str,
        pathway: str,
        *,
        by: Practitioner,
        command_id: str,
        variables: Mapping[str, JSON] | None = None,
    ) -> Done:
        """Start a pathway on the release deployed now. Raises Refused where it runs already."""
        role = by.must_hold(*CASE_ROLES)
        check_sees(self._store, by, case_id)

        def prepare(case: CaseState) -> Asked:
            for running in case.running.values():
                if running.pathway == pathway and running.state == "running":
                    raise Refused(f"Pathway {pathway} already runs in case {case_id}. Work on that one.")
            self._refuse_second_ending(case, pathway)
            release = self._shelf.deployed(by.authority, pathway)
            body = {"pathway": pathway, "release": release, "variables": dict(variables or {})}
            return Asked(command_id, "start_pathway", body, by.id, role)

        return self._change(by, case_id, prepare)

    def _refuse_second_ending(self, case: CaseState, pathway: str) -> None:
        """A child who is 18 has one pathway to the plan's end: the one that the birthday started by itself."""
        settings = self.authority(case.authority).life_event_pathway
        under_way = any(r.state == "running" and r.pathway == settings for r in case.running.values())
        if under_way and case_facts.of_age(case.facts, now=self._clock.now()):
            raise Refused(
                f"The child of case {case.case_id} is 18, and {settings} is under way because of that. Work on that "
                f"one; a manager may withdraw it where {pathway} is needed instead."
            )

    def record_life_event(
        self,
        case_id: str,
        name: str,
        payload: Mapping[str, JSON],
        *,
        received_on: str | None,
        by: Practitioner,
        command_id: str,
        inbound: InboundRow | None = None,
        minding: str | None = None,
    ) -> Done:
        """Record what happened to the child, and interrupt what is running (SH-4). Raises Contradicts.

        `minding` is the role of somebody who passes on a message that found no case by itself (letterbox.py).
        """
        role = minding
        if by.id != WORKER and inbound is None and minding is None:
            role = by.must_hold(*CASE_ROLES)
            check_sees(self._store, by, case_id)
        day = day_received(received_on, today := london_date(self._clock.now()))
        payload = case_facts.as_told(name, payload)

        def prepare(case: CaseState) -> Asked:
            check_life_event(name, payload, day, case.facts, today)
            body: dict[str, JSON] = {
                "name": name,
                "payload": case_facts.with_its_day(name, payload),
                "received_on": day,
                **self._door.life_event_pathways(case.authority),
                **known_before(name, payload, day, list(self._recorded_events(case))),
            }
            return Asked(command_id, "record_life_event", body, by.id, role, inbound=inbound)

        return self._change(by, case_id, prepare, from_outside=inbound is not None)

    def _recorded_events(self, case: CaseState) -> Iterator[Event]:
        """Everything that has happened in a case, in order."""
        for entry in self._store.history(case.authority, case.case_id):
            yield from recorded_events(entry)

    # ------------------------------------------------------------------ tasks

    def claim_task(self, case_id: str, task: int, *, by: Practitioner, command_id: str) -> Done:
        """Take a task from the queue of a role the person holds."""

        def prepare(case: CaseState) -> Asked:
            role = self._acting_role(case, task, by)
            return Asked(command_id, "claim_task", {"task": task}, by.id, role)

        return self._change(by, case_id, prepare)

    def release_task(self, case_id: str, task: int, *, by: Practitioner, command_id: str) -> Done:
        """Put a task back into its role's queue: its holder, or somebody who supervises."""

        def prepare(case: CaseState) -> Asked:
            role = self._holder_or_supervisor(case, task, by)
            return Asked(command_id, "release_task", {"task": task}, by.id, role)

        return self._change(by, case_id, prepare)

    def hand_over_task(
        self, case_id: str, task: int, to: str, *, by: Practitioner, command_id: str, why: str = ""
    ) -> Done:
        """Give a task to another person who holds its role, and say why."""

        def prepare(case: CaseState) -> Asked:
            role = self._holder_or_supervisor(case, task, by)
            opened = self._open_task(case, task)
            holder = self.practitioner(by.authority, to)
            if holder is None or not holder.roles & roles_of(opened.wait):
                raise Refused(f"{to} does not hold the role of task {task}. Choose somebody who does.")
            check_apart(self._doers(case, opened), to, case_id, task)
            body: dict[str, JSON] = {"task": task, "to": to, **({"why": why} if why else {})}
            return Asked(command_id, "hand_over_task", body, by.id, role)

        return self._change(by, case_id, prepare)

    def complete_task(
        self, case_id: str, task: int, answers: Mapping[str, JSON], *, by: Practitioner, command_id: str
    ) -> Done:
        """Complete a user task and move the case to its next stop.

        Raises TaskNotOpen, Forbidden (wrong role, somebody else's task, the same person twice) and AnswersRefused.
        """

        def prepare(case: CaseState) -> Asked:
            opened = self._open_task(case, task)
            role = self._acting_role(case, task, by, opened)
            desk = case.desks[task]
            if not any(may_have_task(by, desk.assignee, one) for one in by.roles & roles_of(opened.wait)):
                raise Forbidden(f"Task {task} of case {case_id} belongs to somebody else. Ask them to release it.")
            checked = self.check_answers(case, task, answers, opened)
            body: dict[str, JSON] = {"task": task, "answers": checked}
            if desk.assignee not in (None, by.id):
                body["covering"] = desk.assignee
            return Asked(command_id, "complete_task", body, by.id, role)

        return self._change(by, case_id, prepare)

    def check_answers(
        self, case: CaseState, task: int, answers: Mapping[str, JSON], opened: OpenTask | None = None
    ) -> dict[str, JSON]:
        """The answers as they will be kept. Raises AnswersRefused."""
        wait, running, pathway = opened or self._open_task(case, task)
        properties, checked = pathway.properties_of(wait.element, wait.process), dict(answers)
        if wait.form is not None:
            form = self._shelf.release(case.authority, running.release).forms[wait.form]
            checked = form.check(answers, known := self.scope_of(case, task), now := self.environment(case.authority))
        if "casework:letter" in properties:
            if wait.form is not None and checked.get("text") is not None:
                checked["text"] = fill_in(str(checked["text"]), checked, form.initial(known, now))
                # A letter with a blank goes no further (design: a null blocks approval).
                check_complete(properties["casework:letter"], str(checked["text"]))
            check_letter(case, running, properties["casework:letter"], checked)
        return checked

    def _acting_role(self, case: CaseState, task: int, by: Practitioner, opened: OpenTask | None = None) -> str:
        opened = opened or self._open_task(case, task)
        role = self._role_of_task(case, task, by, opened)
        check_apart(self._doers(case, opened), by.id, case.case_id, task)
        return role

    def _role_of_task(self, case: CaseState, task: int, by: Practitioner, opened: OpenTask) -> str:
        if task in case.held_tasks():
            raise HeldByIncident(case.case_id, task)
        roles = sorted(roles_of(opened.wait))
        if (role := by.may_act_as(roles)) is None:
            raise TaskOfOthers(case.case_id, task, roles, self.authority(case.authority))
        return role

    def _holder_or_supervisor(self, case: CaseState, task: int, by: Practitioner) -> str:
        opened = self._open_task(case, task)
        if is_theirs(by, case.desks[task].assignee, by.roles & roles_of(opened.wait)):
            return self._role_of_task(case, task, by, opened)  # Whom a rule keeps from it may give it away.
        return by.must_hold(*SUPERVISING_ROLES)

    def save_draft(self, case_id: str, task: int, answers: Mapping[str, JSON], *, by: Practitioner) -> None:
        """Keep what a person has typed into a task so far; nothing is checked and history knows nothing of it."""
        case = self.load(by.authority, case_id)
        self._acting_role(case, task, by)
        body = orjson.dumps(dict(answers))
        self._store.papers.save_draft(by.authority, case_id, task, by.id, body, at=self._clock.now())

    # ------------------------------------------------------------------ time, messages and jobs

    def fire_timers(self, authority: str, case_id: str, *, settles: Claim | None = None) -> int:
        """Fire every timer of a case that is due, in order; how many fired."""
        return self._door.fire(authority, case_id, settles)

    def receive_message(
        self,
        case_id: str,
        name: str,
        payload: Mapping[str, JSON],
        *,
        received_on: str | None,
        by: Practitioner,
        command_id: str,
        inbound: InboundRow | None = None,
        minding: str | None = None,
    ) -> Done:
        """Hand a message to the one step that waits for it; a life event goes to the case.

        Where none waits, it begins the pathway that the authority's settings name for it. Raises MessageUnmatched.
        """
        if name in case_facts.LIFE_EVENTS:
            return self.record_life_event(
                case_id, name, payload, received_on=received_on, by=by, command_id=command_id, inbound=inbound,
                minding=minding,
            )  # fmt: skip
        if name in OWN_MESSAGES:
            raise MessageUnmatched(f"{name} {OWN_MESSAGES[name]}, and by nobody else.")
        day = day_received(received_on, london_date(self._clock.now()))

        def prepare(case: CaseState) -> Asked:
            found: list[tuple[int, MessageWait]] = []
            for number, running in case.running.items():
                drawn = self._shelf.pathway(case.authority, running.release)
                if running.state == "running" and (state := live(running, drawn)) is not None:
                    named = (m for m in waits(state).messages if m.name == name != LIFE_EVENT)
                    found.extend((number, m) for m in named if is_meant(m, payload, case_id, drawn))
            if any(wait.signal for _, wait in found) and self._shelf.throws(
                case.authority, name, (running.release for running in case.running.values())
            ):
                raise MessageUnmatched(f"{name[:80]} is what a pathway says to another, and nobody else says it.")
            begins = self.authority(case.authority).message_pathways.get(name)
            told: dict[str, JSON] = {"name": name, "payload": dict(payload), "received_on": day}
            if not found and begins is not None:
                told["start"] = {"pathway": begins, "release": self._shelf.deployed(case.authority, begins)}
                return Asked(command_id, "receive_message", told, by.id, minding, inbound=inbound)
            if len(found) != 1:
                raise MessageUnmatched(
                    f"Message {name[:80]} meets {len(found) or 'no'} waiting step{'s' if len(found) > 1 else ''} "
                    f"of case {case_id}. Look at the case and record it there."
                )
            number, wait = found[0]
            body = {"instance": number, "task": wait.task, **told}
            return Asked(command_id, "receive_message", body, by.id, minding, inbound=inbound)

        return self._change(by, case_id, prepare, from_outside=inbound is not None)

    def finish_job(
        self,
        authority: str,
        case_id: str,
        job: int,
        result: Mapping[str, JSON],
        *,
        command_id: str,
        settles: Claim | None,
    ) -> Done:
        """Bring a job's result back to its pathway."""
        asked = Asked(command_id, "finish_job", {"job": job, "result": dict(result)}, WORKER, settles=settles)
        return self._door.change(authority, case_id, lambda case: asked)

    def fail_job(
        self, authority: str, case_id: str, job: int, code: str, message: str, *, command_id: str, settles: Claim | None
    ) -> Done:
        """Tell the pathway that a job failed for good."""
        body = {"job": job, "code": code, "message": message}
        return self._door.change(
            authority, case_id, lambda _: Asked(command_id, "fail_job", body, WORKER, settles=settles)
        )

    # ------------------------------------------------------------------ incidents and escalations

    def retry_incident(self, case_id: str, incident: int, *, by: Practitioner, command_id: str) -> Done:
        """Carry out what an incident holds, once its cause is mended."""
        role = by.must_hold(SYSTEM_ADMIN, HEAD)
        return self._ask(by, case_id, Asked(command_id, "retry_incident", {"incident": incident}, by.id, role))

    def answer_escalation(
        self, case_id: str, escalation: int, answer: str | None, *, by: Practitioner, command_id: str
    ) -> Done:
        """Acknowledge an escalation (no answer) or answer it; only the role it was put before may."""

        def prepare(case: CaseState) -> Asked:
            raised = case.escalations.get(escalation)
            if raised is None:
                raise NotFound(f"Case {case_id} has no escalation {escalation}.")
            role = by.must_hold(raised.to)
            body = {"escalation": escalation, "answer": answer}
            return Asked(command_id, "answer_escalation", body, by.id, role)

        return self._change(by, case_id, prepare)

    def _change(self, by: Practitioner, case_id: str, prepare: Prepare, *, from_outside: bool = False) -> Done:
        """Carry out a command for somebody whom the case admits, before anything of it could be told to them."""

        def admitted(case: CaseState) -> Asked:
            admit(case, by.id, from_outside=from_outside)
            return prepare(case)

        return self._door.change(by.authority, case_id, admitted)

    def _ask(self, by: Practitioner, case_id: str, asked: Asked) -> Done:
        check_sees(self._store, by, case_id)
        return self._change(by, case_id, lambda case: asked)
