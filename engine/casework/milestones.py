"""What a command adds to the figures: deadlines kept or missed, endings, answers given, decisions against advice."""

from __future__ import annotations

from collections.abc import Iterable

from engine.case.handling import Handling
from engine.casework.timeliness import clauses_in_order
from engine.clock import london_date
from engine.history import Event
from engine.store.rows import MilestoneRow, Rows

#: Answers that say, when true, that somebody decided otherwise than was recommended or asked for.
DEPARTURES = ("differs_from_recommendation", "override", "overridden")
#: The events that may add to the figures.
COUNTED = frozenset({"TaskCompleted", "PlanEnded", "PlanReinstated", "EscalationAnswered"})


def milestones(handling: Handling, events: Iterable[Event], before: Rows) -> tuple[MilestoneRow, ...]:
    """The rows that a command adds; ids, roles, dates and clauses, and nothing of what was answered."""
    case, command = handling.case, handling.command
    rows: list[MilestoneRow] = []

    def add(
        kind: str, what: str, *, pathway: str = "", role: str = "", clauses: str = "", since: str = "", result: str = ""
    ) -> None:
        position, month = len(rows), london_date(command.at).isoformat()[:7]
        rows.append(MilestoneRow(position, kind, handling.at, month, what, pathway, role, clauses, since, result))

    for event in events:
        if event.kind not in COUNTED:
            continue
        body = event.body
        if event.kind == "TaskCompleted":
            task = before.tasks.get(body["task"])
            if task is None or (task.due_on is None and True not in body["answers"].values()):
                continue
            release = case.running[body["instance"]].release
            properties = handling.terms.pathway(release).properties_of(task.element, handling.process_of(task.task))
            clauses = clauses_in_order(properties.get("casework:clauses", ""))
            if task.due_on is not None:
                kept = "in time" if london_date(command.at).isoformat() <= task.due_on else "late"
                add(
                    *("task", task.element),
                    pathway=task.pathway,
                    role=task.role or "",
                    clauses=clauses,
                    since=task.due_on,
                    result=kept,
                )
            for name, value in body["answers"].items():
                if value is True and name.startswith(DEPARTURES):
                    add("departure", task.element, pathway=task.pathway, role=command.role or "", clauses=clauses)
        elif event.kind == "PlanEnded":
            pathway = case.running[body["instance"]].pathway
            add("ending", body["outcome"], pathway=pathway, role=command.role or "", since=body["effective_on"])
        elif event.kind == "PlanReinstated":
            add("ending", "PLAN_REINSTATED", role=command.role or "", since=body["effective_on"])
        elif event.kind == "EscalationAnswered" and body["answer"]:
            raised = case.escalations[body["number"]]
            add(
                *("answer", raised.code or raised.source),
                role=raised.to,
                clauses=clauses_in_order(raised.clauses),
                since=raised.raised_at,
                result=raised.source,
            )
    return tuple(rows)
