"""What a scenario expects, held against the case it left: each expectation that is not met, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.case.state import CaseState
from engine.execution import TaskWait
from engine.history import JSON


@dataclass(frozen=True, slots=True)
class Seen:
    """What can be seen of a case when its scenario is over; `other` gives the facts of another child's case."""

    case: CaseState
    tasks: tuple[TaskWait, ...]
    messages: tuple[str, ...]
    visited: frozenset[str]
    other: Callable[[str], Mapping[str, JSON]]


def unmet(then: Mapping[str, Any], seen: Seen) -> list[str]:
    """Every expectation of `[then]` that is not met. An incident that nothing expects is one."""
    problems = [problem for key, want in then.items() if (problem := _CHECKS[key](want, seen))]
    if "incidents" not in then:
        problems += raised(seen.case)
    return problems


def raised(case: CaseState) -> list[str]:
    """Every step of a case that stopped and still stands, with the reason."""
    return [
        f"an incident was raised at {held.element}: {held.message}"
        for held in case.held.values()
        if held.state == "open"
    ]


def _outcomes(want: Any, seen: Seen) -> str | None:
    """Each expected outcome was reached, and no ending of the plan that is not expected."""
    wanted, outcomes = _listed(want), _reached(seen)
    missing = [outcome for outcome in wanted if outcome not in outcomes]
    surprising = [outcome for outcome in outcomes if outcome.startswith("PLAN_ENDED") and outcome not in wanted]
    if missing or surprising or (not wanted and outcomes):
        return f"outcomes: expected {wanted}, reached {outcomes}"
    return None


def _due(want: Mapping[str, Any], seen: Seen) -> str | None:
    due = {task.element: (task.due or {}).get("on") or (task.due or {}).get("at") for task in seen.tasks}
    wrong = [f"{task}: expected {day}, is {due.get(task)}" for task, day in want.items() if due.get(task) != day]
    return f"due dates: {'; '.join(wrong)}" if wrong else None


def _escalations(want: Any, seen: Seen) -> str | None:
    raised = [
        {"to": each.to, "code": each.code, "source": each.source, "element": each.element}
        for each in seen.case.escalations.values()
    ]
    wanted = want if isinstance(want, list) else [want]
    for item in wanted:
        parts = [{"code": item}, {"to": item}] if isinstance(item, str) else [dict(item)]
        if not any(all(found.get(k) == v for k, v in part.items()) for part in parts for found in raised):
            return f"escalations: expected {item}, raised {raised}"
    return f"escalations: expected none, raised {raised}" if not wanted and raised else None


def _others(want: Mapping[str, Mapping[str, Any]], seen: Seen) -> str | None:
    for name, expected in want.items():
        problem = _facts(expected, seen.other(name))
        if problem:
            return f"{name}: {problem}"
    return None


def _facts(want: Mapping[str, Any], facts: Mapping[str, Any]) -> str | None:
    wrong = [
        f"{name}: expected {value!r}, is {facts.get(name)!r}"
        for name, value in want.items()
        if facts.get(name) != value
    ]
    return f"facts: {'; '.join(wrong)}" if wrong else None


def _open(seen: Seen) -> list[str]:
    return sorted(task.element for task in seen.tasks)


def _reached(seen: Seen) -> list[str]:
    return [outcome for running in seen.case.running.values() for outcome in running.outcomes]


def _sent(seen: Seen) -> list[str]:
    return [letter.letter for letter in seen.case.letters.values() if letter.state == "sent"]


def _listed(want: Any) -> list[str]:
    return [want] if isinstance(want, str) else list(want)


def _all_of(what: str, want: Any, found: Sequence[str]) -> str | None:
    wanted = _listed(want)
    missing = [item for item in wanted if item not in found]
    if missing:
        return f"{what}: {missing} missing; there are {list(found)}"
    return f"{what}: expected none, there are {list(found)}" if not wanted and found else None


def _none_of(what: str, want: Any, found: Sequence[str]) -> str | None:
    there = [item for item in _listed(want) if item in found]
    return f"{what}: {there} should not be there" if there else None


def _same(what: str, want: Any, found: Any) -> str | None:
    return None if want == found else f"{what}: expected {want!r}, is {found!r}"


_CHECKS: dict[str, Callable[[Any, Seen], str | None]] = {
    "outcomes": _outcomes,
    "not_outcomes": lambda want, seen: _none_of("outcome", want, _reached(seen)),
    "plan_status": lambda want, seen: _same("plan_status", want, seen.case.facts["plan_status"]),
    "open_tasks": lambda want, seen: _all_of("open task", want, _open(seen)),
    "closed_tasks": lambda want, seen: _none_of("open task", want, _open(seen)),
    "waiting_messages": lambda want, seen: _all_of("waiting message", want, seen.messages),
    "letters": lambda want, seen: _all_of("letter sent", want, _sent(seen)),
    "not_letters": lambda want, seen: _none_of("letter sent", want, _sent(seen)),
    "due": _due,
    "escalations": _escalations,
    "facts": lambda want, seen: _facts(want, seen.case.facts),
    "incidents": lambda want, seen: _same(
        "incidents", want, sum(held.state == "open" for held in seen.case.held.values())
    ),
    "rules": lambda want, seen: _all_of("rule", want, sorted(seen.visited)),
    "others": _others,
}
