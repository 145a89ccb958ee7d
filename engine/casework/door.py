"""The one door: load the case, fire what is overdue, carry out one command, write everything in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from threading import Lock

from engine.case.clashes import contradictions
from engine.case.commands import handle
from engine.case.facts import check_names
from engine.case.handling import BY_PROCESS, COMES_AGAIN, MUST_GO_ON
from engine.case.life_events import BEFORE_IS_TOLD, DEATH_IS_TOLD, STOP_IS_TOLD
from engine.case.state import CaseState, decode, encode
from engine.case.telling import FOUND_IS_TOLD, TAKEN_BACK_IS_TOLD, comes_to_light, takes_back
from engine.case.timers import DueTimer, Turns, due_timers
from engine.casework.contradictions import refuse_contradictions, refuse_unfit
from engine.casework.filed import called, status_of
from engine.casework.milestones import COUNTED, milestones
from engine.casework.notices import TOLD, notices
from engine.casework.permissions import admit
from engine.casework.shelf import AuthorityTerms, Shelf
from engine.clock import Clock, london_date
from engine.errors import EngineError, Refused
from engine.frozen import frozen
from engine.history import JSON, WORKER, Command, Event, as_kept, canonical_own, instant, read_instant
from engine.store import Store
from engine.store.errors import CaseUnknown, StaleCase
from engine.store.rows import Claim, Entry, InboundRow, StoredCase

#: How often a command is tried again when another one on the same case was quicker.
TRIES = 4


@frozen
class Asked:
    """A command as it is asked for, before the case, the time and the settings are known."""

    id: str
    kind: str
    body: Mapping[str, JSON]
    by: str
    role: str | None = None
    settles: Claim | None = None
    inbound: InboundRow | None = None
    #: Whether another system tells it: what happened to a child is never kept out of a restricted case.
    from_outside: bool = False


@frozen
class Done:
    """What a command did: what happened in order, and the case after it."""

    events: tuple[Event, ...]
    revision: int
    snapshot: bytes = field(repr=False)

    @property
    def case(self) -> CaseState:
        """The case after the command, read anew: the one in memory goes on with the next command."""
        return decode(self.snapshot)


@dataclass(slots=True)
class Loaded:
    """A case in memory, and how the store found it or left it; `kept` where nobody has asked the store since."""

    case: CaseState
    stored: StoredCase | None = field(repr=False, default=None)
    kept: bool = False


#: Cases kept in memory between two commands; one takes some tens of kilobytes.
KEPT = 128

#: Looks at the loaded case before the command is made: may refuse, and may complete the command's body.
Prepare = Callable[[CaseState], Asked]


#: The revision that the asker saw, where they said so.
_EXPECTED: ContextVar[int | None] = ContextVar("expected revision", default=None)


class CaseMoved(Refused):
    """The case is no longer at the revision that the asker saw; nothing was changed."""

    def __init__(self, authority: str, case_id: str, expected: int) -> None:
        super().__init__(
            f"Case {case_id} of {authority} is no longer at revision {expected}. Read it again and decide afresh."
        )
        self.authority, self.case_id, self.expected = authority, case_id, expected


@contextmanager
def only_at(revision: int | None) -> Iterator[None]:
    """Commands in the block are carried out only on a case at this revision (None: at any). They raise CaseMoved."""
    before = _EXPECTED.set(revision)
    try:
        yield
    finally:
        _EXPECTED.reset(before)


class Door:
    """The only thing that changes a case."""

    def __init__(self, store: Store, shelf: Shelf, clock: Clock, rebuild: Callable[[str, str], CaseState]) -> None:
        self._store, self._shelf, self._clock, self._rebuild = store, shelf, clock, rebuild
        self._kept: dict[tuple[str, str], Loaded] = {}
        self._lock = Lock()

    def _take(self, authority: str, case_id: str) -> Loaded:
        """The case to be changed: as its last command left it in memory, else as stored.

        Whoever takes it has it alone. After whatever goes wrong it is not kept.
        """
        with self._lock:
            kept = self._kept.pop((authority, case_id), None)
        return self.load(authority, case_id) if kept is None else kept

    def _keep(self, case: CaseState, stored: StoredCase) -> None:
        with self._lock:
            self._kept[case.authority, case.case_id] = Loaded(case, stored, kept=True)
            while len(self._kept) > KEPT:
                del self._kept[next(iter(self._kept))]

    def _as_stored(self, loaded: Loaded) -> bool:
        """Whether nobody else changed the case meanwhile: what was refused is refused. Raises CaseErased."""
        if not loaded.kept or loaded.stored is None:
            return True
        case, known = loaded.case, loaded.stored.head
        stored = self._store.cases.load(case.authority, case.case_id, known=known)
        return stored is not None and stored.head == known

    def load(self, authority: str, case_id: str) -> Loaded:
        """The case as it stands; a lost or damaged snapshot is rebuilt from history. Raises CaseUnknown."""
        stored = self._store.load(authority, case_id)
        if stored is None:
            raise CaseUnknown(authority, case_id)
        return self._loaded(stored)

    def _loaded(self, stored: StoredCase) -> Loaded:
        authority, case_id = stored.authority, stored.case_id
        if stored.snapshot is None:
            case = self._rebuild(authority, case_id)
            self._store.cases.put_back(authority, case_id, case.revision, encode(case))
            return Loaded(case, stored)
        return Loaded(decode(stored.snapshot), stored)

    def open(self, authority: str, case_id: str, asked: Asked) -> Done:
        """Open a new case. Raises CaseExists and FactsRefused."""
        return self._carry_out(Loaded(CaseState(authority, case_id)), asked, self._shelf.terms(authority))

    def change(self, authority: str, case_id: str, prepare: Prepare) -> Done:
        """Carry out one command on a case; its overdue timers fire first, as commands of their own.

        `prepare` is asked again whenever somebody else changed the case first. Raises whatever it refuses. A case in
        memory that another process has changed may refuse wrongly, so a refusal asks the store; what it allows
        wrongly is never written, for the store takes a command only on the case as it stands.
        """
        for attempt in range(TRIES):
            loaded, terms = self._take(authority, case_id), self._shelf.terms(authority)
            try:
                loaded = self._fire_overdue(loaded, terms)
                expected = _EXPECTED.get()
                if expected is not None and loaded.case.revision != expected:
                    raise CaseMoved(authority, case_id, expected)
                asked = prepare(loaded.case)
                admit(loaded.case, asked.by, from_outside=asked.from_outside or asked.inbound is not None)
                return self._carry_out(loaded, asked, terms)
            except StaleCase:
                if attempt == TRIES - 1:
                    raise
            except EngineError:
                if attempt == TRIES - 1 or self._as_stored(loaded):
                    raise
        raise AssertionError("unreachable")

    def fire(self, authority: str, case_id: str, settles: Claim | None = None) -> int:
        """Fire every timer of a case that is due; how many fired."""
        for attempt in range(TRIES):
            loaded, terms = self.load(authority, case_id), self._shelf.terms(authority)
            before = loaded.case.revision
            try:
                return self._fire_overdue(loaded, terms, settles).case.revision - before
            except StaleCase:
                if attempt == TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    def _fire_overdue(self, loaded: Loaded, terms: AuthorityTerms, settles: Claim | None = None) -> Loaded:
        case = loaded.case
        turns: Turns | None = None
        while True:
            due = due_timers(case, terms, self._now(case))
            if not due:
                return loaded
            firing = self._firing(case, due[0], settles)
            turns = turns or Turns(instant(self._now(case)), due)
            if turns.without_rest(due[0]):
                firing = replace(firing, body={**firing.body, COMES_AGAIN: True})
            self._carry_out(loaded, firing, terms)
            settles = None
            loaded = self._take(case.authority, case.case_id)
            case = loaded.case

    def _firing(self, case: CaseState, due: DueTimer, settles: Claim | None) -> Asked:
        body: dict[str, JSON] = {"timer": due.timer, "instance": due.instance}
        if not due.instance:
            body |= self.life_event_pathways(case.authority)
        return Asked(f"{case.case_id}:{due.timer}:{due.at}", "fire_timer", body, WORKER, settles=settles)

    def life_event_pathways(self, authority: str) -> dict[str, JSON]:
        """The pathways that a life event starts where nothing runs, on their releases of today (SH-4).

        One while the plan is active, and one after it has ended where the authority has such; else the Head is told.
        """
        settings = self._shelf.terms(authority).authority
        return {
            "life_event_pathway": self._start_of(authority, settings.life_event_pathway),
            "life_event_pathway_after_end": self._start_of(authority, settings.life_event_pathway_after_end),
            DEATH_IS_TOLD: True,
            STOP_IS_TOLD: True,
            BEFORE_IS_TOLD: True,
        }

    def where_recorded(self, case: CaseState, facts: Mapping[str, JSON]) -> dict[str, JSON]:
        """What follows where recording these facts says, or takes back, that something happened to the child."""
        after = {**case.facts, **facts}
        found: dict[str, JSON] = {FOUND_IS_TOLD: True} if comes_to_light(case.facts, after) else {}
        if not takes_back(case.facts, after):
            return found
        pathway = self._shelf.terms(case.authority).authority.life_event_pathway
        known = pathway in self._shelf.deployments(case.authority)
        start = self._start_of(case.authority, pathway) if known else None
        return {"life_event_pathway": start, TAKEN_BACK_IS_TOLD: True, **found}

    def _start_of(self, authority: str, pathway: str) -> dict[str, JSON] | None:
        return {"pathway": pathway, "release": self._shelf.deployed(authority, pathway)} if pathway else None

    def _now(self, case: CaseState) -> datetime:
        """The time of the next command: the clock's, and never before the case's last command."""
        now = self._clock.now()
        # As texts, instants sort as times do; most commands come later than the last one.
        return read_instant(case.at) if case.at > instant(now) else now

    def _carry_out(self, loaded: Loaded, asked: Asked, terms: AuthorityTerms) -> Done:
        case, now = loaded.case, self._now(loaded.case)
        facts, today = dict(case.facts), london_date(now)
        # The engine sees exactly what history will hold, never the caller's own objects.
        payload, body = as_kept(_body(asked, facts, today))
        command = Command(asked.id, asked.kind, now, asked.by, asked.role, terms.authority.version, body)
        revision = case.revision
        handling = handle(case, command, terms, anew=True)
        if handling.stands_still and MUST_GO_ON not in asked.body:
            # Once more from the case as it was, and this time the step is held before that.
            as_it_was = (
                self.load(case.authority, case.case_id) if revision else Loaded(CaseState(case.authority, case.case_id))
            )
            return self._carry_out(as_it_was, replace(asked, body={**asked.body, MUST_GO_ON: True}), terms)
        if handling.looked_in_process:
            # Replay carries out a command that does not say so as it was carried out before any did.
            payload, body = as_kept({**body, BY_PROCESS: True})
            command = replace(command, body=body)
        if not handling.events:
            raise Refused(f"Command {asked.kind} changed nothing in case {case.case_id}.")
        if asked.kind == "receive_message":
            refuse_unfit(case.case_id, asked.body["name"], handling.events)
        changed = facts != case.facts
        if changed and asked.by != WORKER:
            check_names(case.facts, facts)
            refuse_contradictions(facts, case.facts, handling.events, today)
        happened = [(event.kind, event.body) for event in handling.events]
        kinds = dict(happened).keys()
        named = revision == 0 or (changed and _naming(facts) != _naming(case.facts))
        snapshot, before = encode(case), handling.rows_before()
        stored = self._store.cases.carry(
            Entry(
                authority=case.authority,
                case_id=case.case_id,
                expected_revision=revision,
                command=command,
                payload=payload,
                events=canonical_own(happened),
                snapshot=snapshot,
                status=status_of(case),
                plan_status=case.facts["plan_status"],
                restricted=case.restriction is not None,
                label=called(case) if named else None,
                rows_before=before,
                rows_after=handling.rows_after(),
                milestones=() if COUNTED.isdisjoint(kinds) else milestones(handling, handling.events, before),
                outbox=() if TOLD.isdisjoint(kinds) else notices(case, handling.events, handling.at),
                index=_index(case.case_id, case.facts) if named else None,
                index_before=_index(case.case_id, facts) if named and revision else None,
                settles=asked.settles,
                inbound=asked.inbound,
                loaded=loaded.stored,
            )
        )
        self._keep(case, stored)
        return Done(tuple(handling.events), case.revision, snapshot)


def _body(asked: Asked, facts: Mapping[str, JSON], today: date) -> dict[str, JSON]:
    """What a command says. Time and machines are told which facts contradict one another: they end no plan on them.

    Nobody can be refused there, so that the step is held until a person has put the facts right.
    """
    broken = contradictions(facts, today) if asked.by == WORKER else ()
    return {**asked.body, "contradicted": [rule.id for rule in broken]} if broken else dict(asked.body)


def _naming(facts: Mapping[str, JSON]) -> tuple[JSON, ...]:
    """The facts that a case is called and found by."""
    return facts.get("name"), facts.get("child_ref"), facts.get("dob")


def _index(case_id: str, facts: Mapping[str, JSON]) -> tuple[tuple[str, str], ...]:
    """The words a case is found by: the child's name, each part of it, and the reference."""
    words = {("reference", case_id.lower())}
    name = str(facts.get("name") or "").lower()
    if name:
        words.add(("name", name))
        words.update(("name", part) for part in name.replace("-", " ").split())
    if facts.get("child_ref"):
        words.add(("reference", str(facts["child_ref"]).lower()))
    if facts.get("dob"):
        words.add(("birth date", str(facts["dob"])))
    return tuple(sorted(words))
