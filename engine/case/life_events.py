"""A child enters, and what happens to the child: always recorded, and delivered once to everything that runs (SH-4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from engine.calendars import eighteenth_birthday, london_date
from engine.case import facts as case_facts
from engine.case import letters
from engine.case.handling import HEAD, Handling
from engine.case.state import CaseState
from engine.execution import DeliverMessage
from engine.history import JSON

LIFE_EVENT = "LifeEvent"
#: A command that says so lets no death after the end go by unseen; recorded ones without it replay as they were.
DEATH_IS_TOLD = "death_is_told"
#: A command that says so lets no life event stop a pathway without anybody knowing; recorded ones replay as they were.
STOP_IS_TOLD = "stop_is_told"
#: A command that says so lets a pathway read what the facts were before; recorded ones without it replay as they were.
BEFORE_IS_TOLD = "before_is_told"


def open_case(handling: Handling) -> None:
    """A child's plan enters: its facts as known, unknown ones null, and who holds which role.

    A child who is 18 already has turned 18: the pathway asked for reads that, and where none was asked for the
    authority's life-event pathway starts in this very command, so that no birthday follows that would start another.
    """
    body, case = handling.command.body, handling.case
    facts = case_facts.check_facts(body["facts"], now=handling.command.at, opening=True)
    case.facts.update(facts)
    handling.note("CaseOpened", facts=facts)
    for role, person in body.get("roles", {}).items():
        case.roles[role] = person
        handling.note("RoleAllocated", role=role, person=person)
    again = body.get("known_as")
    if again is not None:
        handling.note("DuplicateConsidered", cases=again["cases"], why=again["why"])
    birthday = _past_birthday(handling) if "life_event_pathway" in body else None
    start = body.get("start")
    if birthday is not None and start is None:
        happened(handling, "ChildTurned18", {}, birthday.isoformat())
    elif birthday is not None:
        case.facts["turned_18"] = True
        handling.note(
            "LifeEventRecorded",
            name="ChildTurned18",
            payload={"turned_18": True},
            received_on=birthday.isoformat(),
            delivered_to=[],
        )
    if start is not None:
        handling.start(start["pathway"], start["release"], start.get("variables", {}))


def _past_birthday(handling: Handling) -> date | None:
    """The eighteenth birthday of a living child who has had it."""
    facts = handling.case.facts
    if facts.get("dob") is None or facts.get("unborn") or facts.get("deceased") or facts.get("turned_18"):
        return None
    birthday = eighteenth_birthday(date.fromisoformat(facts["dob"]))
    return birthday if birthday <= london_date(handling.command.at) else None


def record_life_event(handling: Handling) -> None:
    """Something happened to the child: always recorded, and delivered once to everything that runs (SH-4)."""
    body = handling.command.body
    case_facts.refuse_impossible(body["name"], handling.case.facts, now=handling.command.at)
    if body.get("told_before"):
        _told_before(handling, body["name"], body["payload"], body["received_on"])
    else:
        happened(handling, body["name"], body["payload"], body["received_on"])


def report_life_event(handling: Handling) -> None:
    """Something was reported that contradicts the record: it is kept as reported, no fact changes, and people know.

    Until the Head has said which is right no plan of the case ends. Of a death the manager of overdue steps knows too.
    """
    body = handling.command.body
    handling.note("LifeEventReported", **{key: body[key] for key in ("name", "payload", "received_on", "why")})
    handling.escalate("report", HEAD, None, None, body["name"], "")
    manager = handling.terms.authority.overdue.manager_of("social_worker")
    if body["name"] == "ChildDied" and manager != HEAD:
        handling.escalate("report", manager, None, None, body["name"], "")


def _told_before(handling: Handling, name: str, payload: dict[str, JSON], received_on: str) -> None:
    """What can happen once only is told of once: reported again it is recorded, and moves nothing.

    Where the second report says something else than the first, a person is told and the first one stands.
    """
    handling.note("LifeEventRecorded", name=name, payload=dict(payload), received_on=received_on, delivered_to=[])
    facts = handling.case.facts
    said = case_facts.changed_by(name, payload, received_on)
    own = {"ChildDied": "date" in payload or "date_of_death" in payload}.get(name, True)
    if own and any(facts.get(fact) != value for fact, value in said.items()):
        handling.escalate("life_event", HEAD, None, None, name, "")


def happened(handling: Handling, name: str, payload: dict[str, JSON], received_on: str) -> None:
    """Change the facts, and interrupt what runs; where nothing listens the policy's own pathway starts.

    After the plan has ended that is the pathway of what follows an ending, where the authority has one. What is told
    says, as `before`, what each fact was that changes: a child who was not in care has not left it (SUS-2.10).
    """
    case = handling.case
    changes = case_facts.check_facts(case_facts.changed_by(name, payload, received_on), now=handling.command.at)
    # What happened later stays true, whenever the earlier is told of.
    overtaken = handling.command.body.get("overtaken", {})
    changes = {fact: value for fact, value in changes.items() if fact not in overtaken}
    before = {fact: case.facts.get(fact) for fact in changes}
    case.facts.update(changes)
    catchers = []
    for number, running in case.running.items():
        waiting = handling.waiting(number) if running.state == "running" else None
        messages = [m for m in waiting.messages if m.name in (name, LIFE_EVENT)] if waiting else []
        if messages:
            outermost = min(messages, key=lambda m: (m.depth, m.name == LIFE_EVENT, m.task))
            catchers.append((number, outermost))
    delivered = [number for number, _ in catchers]
    handling.note(
        "LifeEventRecorded", name=name, payload={**payload, **changes}, received_on=received_on, delivered_to=delivered
    )
    told = {**payload, "name": name, "received_on": received_on}
    if BEFORE_IS_TOLD in handling.command.body:
        told["before"] = before
    active = case.facts.get("plan_status") == case_facts.ACTIVE
    reached = {number: len(case.running[number].outcomes) for number in delivered}
    for number, message in catchers:
        waiting = handling.waiting(number)
        if waiting is None or all(each.task != message.task for each in waiting.messages):
            continue  # The event ended the plan in one pathway, and this one heard of that and stopped.
        letters.after_life_event(handling, number)
        handling.step(number, DeliverMessage(message.task, message.name, told), message.task)
    body = handling.command.body
    if catchers and not (STOP_IS_TOLD in body and _only_stopped(handling, reached, active)):
        if name == "ChildDied" and not active and DEATH_IS_TOLD in body and not _somebody_knows(handling):
            # What follows an ending stops at the child's death: a person hears of it (X6), not the diagram alone.
            handling.escalate("life_event", HEAD, None, None, name, "")
        return
    if catchers and active:
        # What was under way stopped at the event and nothing came of it: a person decides what does (A17).
        handling.escalate("life_event", HEAD, None, None, name, "")
        return
    if not active and name == "ChildDied" and "life_event_pathway_after_end" not in body:
        return  # As it was when this was recorded: nobody was told of a death after the end.
    start = body["life_event_pathway"] if active else body.get("life_event_pathway_after_end")
    # What is followed already and does not hear of this: a person sees to both.
    followed = _running(case) | {case.running[number].pathway for number in delivered}
    if start is not None and (active or start["pathway"] not in followed):
        handling.start(start["pathway"], start["release"], {"life_event": told})
    else:
        # A17: where the policy is silent, as after the plan has ended, a person is told.
        handling.escalate("life_event", HEAD, None, None, name, "")


def _somebody_knows(handling: Handling) -> bool:
    """Whether what just happened came before a person: a task opened on it, or it was escalated."""
    return any(event.kind in ("TaskOpened", "EscalationRaised") for event in handling.events)


def _only_stopped(handling: Handling, reached: Mapping[int, int], active: bool) -> bool:
    """Whether a pathway stopped at the event and nothing came of it: no task, no escalation, no end of the plan.

    `reached` has how many outcomes each had before. One that stopped at an outcome was drawn to do so.
    """
    heard = [(handling.case.running[number], before) for number, before in reached.items()]
    still_so = (handling.case.facts.get("plan_status") == case_facts.ACTIVE) is active
    stopped = any(each.state != "running" and len(each.outcomes) == before for each, before in heard)
    return stopped and still_so and not _somebody_knows(handling)


def _running(case: CaseState) -> set[str]:
    return {running.pathway for running in case.running.values() if running.state == "running"}


COMMANDS: dict[str, Callable[[Handling], None]] = {
    "open_case": open_case,
    "record_life_event": record_life_event,
    "report_life_event": report_life_event,
}
