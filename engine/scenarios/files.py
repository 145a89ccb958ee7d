"""Scenarios: given a case, when people and time do this, then that; read from TOML and run on the real engine.

A file has a title and clauses; `[given]` authority, pathway, now, `[given.case]` facts and, where wanted,
`[given.parameters]`; ordered `[[when]]`, each with an optional `at` (a time, or '+10 working days 17:00') and one of
`complete` (a task, `by` a role, with `answers` and, where it stands open for each item of a list, the item's `number`),
`message` or `event` (with `payload` and `received_on`), `record` (why facts are put right, with the facts as
`payload`), `start` (a pathway), `reinstate` (why a plan that ended is active again), `fail_job` (a step, with `code`),
`advance`; optionally `refused`, words that the refusal must hold; and
`[then]` outcomes, not_outcomes, plan_status, open_tasks, closed_tasks, waiting_messages, letters, not_letters, due,
escalations, facts, incidents, rules, others.
`[given.others.<case>]` are facts of other children's cases.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from engine.calendars import Calendar
from engine.clock import LONDON, aware
from engine.errors import EngineError, Unreadable

_RELATIVE = re.compile(
    r"^\+\s*(\d+)\s*(working days?|days?|weeks?|months?|hours?|minutes?|seconds?)"
    r"(?:\s+(?:at\s+)?(\d{1,2}:\d{2}(?::\d{2})?))?$"
)
_ACTIONS = ("complete", "message", "event", "record", "start", "reinstate", "fail_job", "advance")
#: What may stand beside each action, besides who does it, when, and whether it is to be refused.
_WITH = {
    "complete": {"answers", "number"},
    "message": {"payload", "received_on"},
    "event": {"payload", "received_on"},
    "record": {"payload"},
    "start": {"variables"},
    "fail_job": {"code"},
}
_GIVEN = {"authority", "pathway", "now", "case", "roles", "parameters", "variables", "case_id", "others"}
_FILE = {"title", "id", "name", "clauses", "reading", "source", "description", "notes", "given", "when", "then"}
#: Expectations that are tables of names and values.
_TABLES = {"due", "facts", "others"}
_THEN = {
    "outcomes",
    "not_outcomes",
    "plan_status",
    "open_tasks",
    "closed_tasks",
    "waiting_messages",
    "letters",
    "not_letters",
    "due",
    "escalations",
    "facts",
    "incidents",
    "rules",
    "others",
}


#: Other words that people write for the same thing.
_SAME = {"outcome": "outcomes", "due_dates": "due", "due_date": "due", "letter": "letters"}


class ScenarioUnreadable(Unreadable):
    """A scenario file does not say what the runner can understand; the message names the file and the place."""


@dataclass(frozen=True, slots=True)
class When:
    """One step of a scenario."""

    position: int
    does: str  # one of complete, message, event, record, start, reinstate, fail_job, advance
    what: str
    at: str | datetime | None
    by: str | None
    person: str | None
    answers: Mapping[str, Any]
    payload: Mapping[str, Any]
    received_on: str | None
    variables: Mapping[str, Any]
    refused: str | None
    code: str
    #: Of a task that stands open once for each item of a list: which of them, counted from 1.
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario as read; `then` holds only the expectations that the file states."""

    file: str
    title: str
    clauses: tuple[str, ...]
    authority: str
    pathway: str | None
    now: datetime
    facts: Mapping[str, Any]
    whens: tuple[When, ...]
    then: Mapping[str, Any]
    roles: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    case_id: str = "SCENARIO-1"
    others: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def records(self) -> tuple[str, ...]:
        """The names of the facts that the case is opened with, and of those that people record as the story goes."""
        steps = (when.payload for when in self.whens if when.does == "record" and when.refused is None)
        return tuple(dict.fromkeys(name for facts in (self.facts, *self.others.values(), *steps) for name in facts))

    @property
    def expects(self) -> bool:
        """Whether anything could fail it: an expectation, or a step that must be refused."""
        return bool(self.then) or any(when.refused is not None for when in self.whens)


def read_scenario(content: bytes, file: str) -> Scenario:
    """Read one scenario. Raises ScenarioUnreadable with the file and the place."""
    try:
        document = tomllib.loads(content.decode("utf-8"))
    except RecursionError as error:
        raise ScenarioUnreadable(f"{file}: nested too deeply to be read. Write it flatter.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioUnreadable(f"{file}: not a TOML file that can be read ({error}).") from error
    _only(file, "the file", document, _FILE)
    given = document.get("given")
    if not isinstance(given, dict):
        raise ScenarioUnreadable(f"{file}: a scenario needs a [given] table with authority, pathway, now and case.")
    given = _by_one_name(given)
    _only(file, "[given]", given, _GIVEN)
    then = _by_one_name(document.get("then", {}))
    _only(file, "[then]", then, _THEN)
    _of_their_kind(file, then)
    for key in ("authority", "now"):
        if key not in given:
            raise ScenarioUnreadable(f"{file}: [given] needs {key}.")
    whens = document.get("when", [])
    if not isinstance(whens, list):
        raise ScenarioUnreadable(f"{file}: steps are written [[when]], with two brackets.")
    return Scenario(
        file=file,
        title=document.get("title", Path(file).stem),
        clauses=tuple(document.get("clauses", ())),
        authority=given["authority"],
        pathway=given.get("pathway"),
        now=_instant(file, given["now"]),
        facts=_plain(given.get("case", {})),
        whens=tuple(_when(file, position, step) for position, step in enumerate(whens, 1)),
        then=_plain(then),
        roles=given.get("roles", {}),
        parameters=_plain(given.get("parameters", {})),
        variables=_plain(given.get("variables", {})),
        case_id=str(given.get("case_id", "SCENARIO-1")),
        others=_plain(given.get("others", {})),
    )


def find_scenarios(*places: Path) -> list[Path]:
    """Scenario files: the files named, and every scenarios/*.toml (else every *.toml) below the folders named."""
    found: list[Path] = []
    for place in places:
        if place.is_file():
            found.append(place)
        elif place.is_dir():
            below = sorted(place.rglob("scenarios/*.toml"))
            found.extend(below or sorted(file for file in place.rglob("*.toml") if not _is_manifest(file)))
        else:
            raise ScenarioUnreadable(f"{place.name}: no such file or folder.")
    return found


def _is_manifest(file: Path) -> bool:
    """Whether a file describes an authority or a pathway: where no scenario is written yet, neither is one."""
    return file.name == "authority.toml" or (file.name == "pathway.toml" and any(file.parent.glob("*.bpmn")))


def moment(text: str | datetime | date, clock: datetime, calendar: Calendar, file: str = "") -> datetime:
    """The instant a scenario means: absolute, or from the clock on ('+10 working days 23:30'). London time."""
    if not isinstance(text, str):
        return _instant(file, text)
    match = _RELATIVE.match(text.strip())
    if match is None:
        return _instant(file, text)
    count, unit, hour = int(match[1]), match[2].rstrip("s"), match[3]
    local = clock.astimezone(LONDON)
    if unit in ("hour", "minute", "second"):
        return clock + timedelta(**{f"{unit}s": count})
    today = local.date()
    on = {
        "working day": lambda: calendar.working_days_after(today, count).on,
        "day": lambda: today + timedelta(days=count),
        "week": lambda: today + timedelta(weeks=count),
        "month": lambda: calendar.months_after(today, count).on,
    }[unit]()
    at = time.fromisoformat(hour if len(hour) > 4 else f"0{hour}") if hour else local.time()
    return datetime.combine(on, at, LONDON)


def _instant(file: str, value: Any) -> datetime:
    if isinstance(value, datetime):
        return aware(value if value.tzinfo else value.replace(tzinfo=LONDON))
    if isinstance(value, date):
        return aware(datetime.combine(value, time(9), LONDON))
    try:
        read = datetime.fromisoformat(str(value))
    except ValueError:
        raise ScenarioUnreadable(
            f"{file}: {str(value)[:60]!r} is not a time. Write 2026-03-02T09:00:00 or '+10 working days'."
        ) from None
    if len(str(value)) == 10:
        read = read.replace(hour=9)
    return aware(read if read.tzinfo else read.replace(tzinfo=LONDON))


def _when(file: str, position: int, step: Any) -> When:
    if not isinstance(step, dict):
        raise ScenarioUnreadable(f"{file}: step {position} is not a table.")
    does = [action for action in _ACTIONS if action in step]
    if len(does) != 1:
        raise ScenarioUnreadable(f"{file}: step {position} needs exactly one of {', '.join(_ACTIONS)}.")
    action = does[0]
    _only(file, f"step {position}", step, {action, "at", "by", "person", "refused", *_WITH.get(action, ())})
    refused = step.get("refused")
    return When(
        position=position,
        does=action,
        what=str(step[action]),
        at=step.get("at") if action != "advance" else _until(file, position, step),
        by=step.get("by"),
        person=step.get("person"),
        answers=_plain(step.get("answers", {})),
        payload=_plain(step.get("payload", {})),
        received_on=_received_on(step),
        variables=_plain(step.get("variables", {})),
        refused="" if refused is True else refused if isinstance(refused, str) else None,
        code=str(step.get("code", "failed")),
        number=_number(file, position, step),
    )


def _number(file: str, position: int, step: Mapping[str, Any]) -> int | None:
    number = step.get("number")
    if number is not None and (not isinstance(number, int) or isinstance(number, bool) or number < 1):
        raise ScenarioUnreadable(f"{file}: step {position} needs a whole number from 1 as number, such as number = 2.")
    return number


def _until(file: str, position: int, step: Mapping[str, Any]) -> Any:
    """The time to which the clock is advanced: it stands behind `advance`, or in `at` beside `advance = true`."""
    if step["advance"] is not True and "at" not in step:
        return step["advance"]
    if step["advance"] is True and "at" in step:
        return step["at"]
    raise ScenarioUnreadable(
        f'{file}: step {position} needs one time to advance to. Write advance = "2026-03-02T09:00:00", '
        'advance = "+10 working days", or at = "..." beside advance = true.'
    )


def _received_on(step: Mapping[str, Any]) -> str | None:
    """The day a message or event was received: the step says it, or its payload, as an inbound message may."""
    said = step.get("received_on")
    if said is None and isinstance(step.get("payload"), dict):
        said = step["payload"].get("received_on")
    if isinstance(said, datetime):
        said = said.astimezone(LONDON).date() if said.tzinfo else said.date()
    return None if said is None else str(said)


def _of_their_kind(file: str, then: Mapping[str, Any]) -> None:
    for key, value in then.items():
        if key in _TABLES:
            fits = isinstance(value, dict)
        elif key == "incidents":
            fits = isinstance(value, int) and not isinstance(value, bool)
        elif key == "escalations":
            fits = isinstance(value, str | dict) or (
                isinstance(value, list) and all(isinstance(each, str | dict) for each in value)
            )
        else:
            fits = isinstance(value, str) or (
                key != "plan_status" and isinstance(value, list) and all(isinstance(each, str) for each in value)
            )
        if not fits:
            raise ScenarioUnreadable(f"{file}: [then] {key} is not written as docs/writing-scenarios.md shows it.")


def _by_one_name(table: Any) -> Any:
    if not isinstance(table, dict):
        return table
    return {_SAME.get(key, key): value for key, value in table.items()}


def _only(file: str, place: str, table: Any, allowed: set[str]) -> None:
    if not isinstance(table, dict):
        raise ScenarioUnreadable(f"{file}: {place} is not a table.")
    for key in table:
        if key not in allowed:
            raise ScenarioUnreadable(
                f"{file}: {place} has {key!r}, which nothing reads. Use: {', '.join(sorted(allowed))}."
            )


def _plain(value: Any) -> Any:
    """TOML values as JSON: dates and times become ISO text; the text 'null' stands for no answer."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return None if value == "null" else value


def explain(error: EngineError) -> str:
    """A refusal in words, with its fields' messages and the ids of its roles where it does not say them itself."""
    said = str(error)
    of_fields = (f"{problem.field}: {problem.message}" for problem in getattr(error, "problems", ()))
    roles = [f"({', '.join(named)})"] if (named := getattr(error, "roles", ())) else []
    return " ".join([said, *(one for one in (*of_fields, *roles) if one not in said)])
