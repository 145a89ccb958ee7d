"""Why a scenario failed, in words: which step on which day, what was expected, and what came instead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from engine.clock import LONDON
from engine.scenarios import Result, Scenario
from webhooks import diagrams, facts
from webhooks.words import a_date, said

#: What a step of a scenario does, as people say it.
_DOES = {
    "complete": "completing",
    "message": "the message",
    "event": "the life event",
    "record": "recording facts",
    "start": "starting",
    "reinstate": "making the plan active again",
    "fail_job": "a step of the service that fails",
    "advance": "letting time pass",
}
_STEP = re.compile(r"step (?P<number>\d+)(?: \((?P<does>\w+) ?(?P<what>[^)]*)\))?(?P<rest>.*)", re.DOTALL)
_PAIR = re.compile(
    r"(?P<what>[^:;]+): expected (?P<want>.+?), (?:is|reached|raised|there are) (?P<found>.+)", re.DOTALL
)
_LACK = re.compile(r"(?P<what>[a-z ]+): \[(?P<want>.*?)\] missing; there are \[(?P<found>.*)\]", re.DOTALL)
_THERE = re.compile(r"(?P<what>[a-z ]+): \[(?P<found>.*?)\] should not be there", re.DOTALL)
_RAISED = re.compile(r"an incident was raised at (?P<where>[^:]+): (?P<why>.+)", re.DOTALL)
_LIST = re.compile(r"\[(?:'[^'\[\]]*'(?:, )?)*\]|(?<=; open are )\w+(?:, \w+)*")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WHEN = re.compile(r"^\w{3} (\d{2} \w{3} \d{4}) \d{2}:\d{2} ")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
#: What is looked at when a scenario is over, as people say it.
_ENDS = {
    "outcomes": "Outcomes",
    "outcome": "Outcomes",
    "plan_status": "The plan",
    "open task": "Open steps",
    "waiting message": "Waited for",
    "letter sent": "Letters sent",
    "due dates": "Due",
    "escalations": "Told",
    "incidents": "Steps that stopped",
    "rule": "Rows of tables",
    "facts": "Known of the child",
}


def why_failed(result: Result, scenario: Scenario, names: Mapping[str, str]) -> list[str]:
    """Each reason of a failed scenario as a sentence.

    names  element id to what the diagrams call it
    """
    return [one for problem in result.problems for one in _reason(problem, result, scenario, names)]


def _reason(problem: str, result: Result, scenario: Scenario, names: Mapping[str, str]) -> Iterator[str]:
    step = _STEP.match(problem)
    if step is not None:
        yield _of_step(step, result, scenario, names)
        return
    stopped = _RAISED.fullmatch(problem)
    if stopped is not None:
        where = stopped["where"]
        yield f"A step stopped, “{_named(where, names)}” ({where}): {_worded(stopped['why'], names)}"
        return
    end = f"At its end, after step {len(scenario.whens)}"
    area, _, rest = problem.partition(": ")
    parts = rest.split("; ") if area in ("due dates", "facts") else [problem]  # others are of one thing each
    for part in parts:
        found = _PAIR.fullmatch(part) or _LACK.fullmatch(part) or _THERE.fullmatch(part)
        if found is None:
            yield f"{end}: {_worded(part, names)}"
            continue
        what = found["what"].strip()
        of_what = _named(what, names) if area == "due dates" else facts.label(what)
        called = _ENDS.get(what) or f"{_ENDS.get(area, area)}: {of_what}"
        want = found.groupdict().get("want")
        expected = "expected that these are not there" if want is None else f"expected {_values(want, names)}"
        yield f"{end}: {called}: {expected}; found {_values(found['found'], names)}."


def _of_step(step: re.Match[str], result: Result, scenario: Scenario, names: Mapping[str, str]) -> str:
    number = int(step["number"])
    when = next((one for one in scenario.whens if one.position == number), None)
    does, what = (when.does, when.what) if when is not None else (step["does"] or "", step["what"] or "")
    day = _day(result, does, what)
    words = f"Step {number}{f' on {day}' if day else ''}, {_DOES.get(does, does)}"
    if what:
        words += f" “{_named(what, names)}” ({what})"
    rest = step["rest"].strip().lstrip(":").strip()
    if rest.startswith("was refused:"):
        why = rest.removeprefix("was refused:").strip()
        return f"{words}: expected that it can be done; found that it is refused: {_worded(why, names)}"
    if rest == "was to be refused and was not.":
        return f"{words}: expected that it is refused; found that it was done."
    return f"{words}: {_worded(rest, names)}"


def _day(result: Result, does: str, what: str) -> str:
    """The day of the story's last line about a step, '' where it never came so far."""
    for line in reversed(result.story):
        at = _WHEN.match(line)
        if at is not None and f" {does} {what}" in line:
            return a_date(datetime.strptime(at[1], "%d %b %Y").replace(tzinfo=LONDON).date().isoformat())
    return ""


def _named(identity: str, names: Mapping[str, str]) -> str:
    return names.get(identity) or facts.LIFE_EVENTS.get(identity, (diagrams.in_words(identity),))[0]


def _values(text: str, names: Mapping[str, str]) -> str:
    """What an engine's list or value says, in words: ids as the diagrams call them, dates as people write them."""
    inner = text.strip().removeprefix("[").removesuffix("]").strip()
    if inner in ("", "None"):
        return "none" if inner == "" else "not known"
    return ", ".join(_one(part.strip().strip("'\""), names) for part in inner.split(", "))


def _one(text: str, names: Mapping[str, str]) -> str:
    if text in ("True", "False"):
        return "yes" if text == "True" else "no"
    if _DAY.fullmatch(text):
        return a_date(text)
    if _ID.fullmatch(text) and ("_" in text or text in names or text.isupper()):
        return f"{names[text]} ({text})" if text in names else _named(text, names)
    return said(text)


def _worded(text: str, names: Mapping[str, str]) -> str:
    """A sentence of the engine's, each id in it with what the diagrams call it, and its lists as words."""

    def called(found: re.Match[str]) -> str:
        identity = found[0]
        return f"“{names[identity]}” ({identity})" if "_" in identity and identity in names else identity

    parts, last = [], 0
    for found in _LIST.finditer(text):
        parts += [_ID.sub(called, text[last : found.start()]), _values(found[0], names)]
        last = found.end()
    return "".join([*parts, _ID.sub(called, text[last:])])
