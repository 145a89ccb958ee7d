"""The panel "Can this plan be ended?": each condition of the authority's guard in words, and who can clear it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.case.confidential import is_withheld
from engine.casework import CaseView
from engine.casework.endings import Condition, Ending, Way
from engine.casework.weighing import ANSWERED_BY
from engine.clock import london_date
from webhooks import diagrams, facts
from webhooks.story import names_of
from webhooks.surroundings import role_title
from webhooks.words import a_date, counted, said

STATES = {"met": "Met", "unmet": "Not met", "unknown": "Not known yet"}
#: The same of what must not be: it is said as it would stand against the ending.
BARS = {"met": "Does not apply", "unmet": "Applies", "unknown": "Not known yet"}
COLOURS = {"met": "govuk-tag--green", "unmet": "govuk-tag--red", "unknown": "govuk-tag--yellow"}
_COMPARED = re.compile(r"^(>=|<=|>|<)\s*(\S+)$")
_COMPARISONS = {">=": "{} or more", "<=": "{} or less", ">": "more than {}", "<": "less than {}"}


@dataclass(frozen=True, slots=True)
class Line:
    """One condition as the panel shows it."""

    says: str
    found: str
    state: str
    colour: str
    clauses: tuple[tuple[str, str], ...]
    label: str
    clears: str


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions under a heading; `counts` says how they stand, `open` whether they are shown at once."""

    heading: str
    intro: str
    clauses: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    counts: str = ""
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """The answer for one step that may end the plan: yes, no or not yet, why, and each condition."""

    answer: str
    colour: str
    why: str
    step: str
    groups: tuple[Group, ...]
    tasks: tuple[int, ...]
    awaited: tuple[str, ...]
    #: What the plan would end on, where several endings lie ahead, and whether it is shown only when asked for.
    heading: str = ""
    folded: bool = False


def panels(case: CaseView) -> list[Panel]:
    """One panel for each step that may end the plan, the nearest first, or one for the guard where none is ahead."""
    shown = [_panel(ending, case) for ending in case.endings]
    if len(shown) < 2:
        return shown
    headed = zip(case.endings, shown, strict=True)
    whole = 2 if len(shown) == 2 else 1
    return [
        replace(panel, heading=_heading(ending), folded=number >= whole)
        for number, (ending, panel) in enumerate(headed)
    ]


def _heading(ending: Ending) -> str:
    """What an ending is called beside others: its ground, or the part of the pathway that holds it."""
    if len(ending.ways) == 1 and (ending.ways[0].words or ending.ways[0].ground):
        return _ground(ending.ways[0])
    return _part(ending) or ending.title or "An ending"


def _part(ending: Ending) -> str:
    """The part of the pathway in which an ending stands, without the authority's name."""
    said = ending.part.partition(": ")[2] or ending.part
    return said[:1].upper() + said[1:]


def _panel(ending: Ending, case: CaseView) -> Panel:
    answer, colour, why = _answer(ending, case)
    if ending.under_way and ending.instance is not None:
        why += " Other steps that could end it lie behind something that would have to happen first."
    groups = []
    several = len(ending.ways) > 1
    if several:
        for way in ending.ways:
            lines = tuple(_line(one, case) for one in way.conditions)
            groups.append(
                Group(_ground(way), "", _texts(way.clauses, case), lines, _counts(way.conditions), folded=True)
            )
    else:
        for way in ending.ways:
            lines = tuple(_line(one, case) for one in way.conditions if not _against(one))
            ground = _ground(way) if way.ground else ""
            step = f"The step ‘{ending.title}’{_where(ending)}"
            intro = f"{step} would end the plan on this ground: {ground}." if ground else ""
            if lines or intro:
                groups.append(Group("What must be true", intro, _texts(way.clauses, case), lines))
    groups += _bars(ending, case)
    awaited = tuple(diagrams.in_words(_spaced(name)) for name in ending.awaited)
    return Panel(answer, colour, why, ending.title or "", tuple(groups), ending.tasks, awaited)


def _where(ending: Ending) -> str:
    return "" if ending.reached or not ending.part else f" of ‘{_part(ending)}’"


def _bars(ending: Ending, case: CaseView) -> list[Group]:
    """What stands against the ending, and apart from it, folded, what was looked at and does not."""
    against = [one for one in ending.bars if one.state != "met"]
    if len(ending.ways) == 1:
        against += [one for one in ending.ways[0].conditions if _against(one)]
    clear = [one for one in ending.bars if one.state == "met"]
    groups = []
    if against:
        lines = tuple(_line(one, case) for one in sorted(against, key=_urgency))
        stands = any(one.state == "unmet" for one in against)
        groups.append(Group(f"What {'stands' if stands else 'may stand'} against it", "", (), lines))
    if clear:
        lines = tuple(_line(one, case) for one in clear)
        heading = "Looked at, and does not stand against it"
        groups.append(Group(heading, "", (), lines, counted(len(clear), "condition"), folded=True))
    return groups


def _against(one: Condition) -> bool:
    """Whether a cell that must be 'no' is 'yes': it is told as what stands against the ending."""
    return one.state == "unmet" and one.wanted.strip() == "false" and one.value is True


def _answer(ending: Ending, case: CaseView) -> tuple[str, str, str]:
    unmet, unknown = ending.count("unmet"), ending.count("unknown")
    # Beside a death nobody reads that a plan goes on: it stands open until somebody ends it.
    continues = "The plan has not ended." if case.facts.get("deceased") is True else "The plan continues."
    if ending.instance is None:
        why = (
            "Nothing under way leads to a step that could end it, unless something in the child’s life changes."
            if ending.on_change
            else "Nothing under way could end it."
        )
        return "Not now", "govuk-tag--red", f"{why} {continues}"
    yet = "" if ending.reached else " The step that would end it has not been reached yet."
    if unmet:
        return (
            "No",
            "govuk-tag--red",
            f"{counted(unmet, 'condition').capitalize()} {_is(unmet)} not met.{yet} {continues}",
        )
    if unknown:
        open_ = f"{counted(unknown, 'condition').capitalize()} {_is(unknown)} not known or not decided yet."
        return "Not yet", "govuk-tag--yellow", f"{open_}{yet} {continues}"
    if not ending.reached:
        return "Not yet", "govuk-tag--yellow", f"{yet.strip()} {continues}"
    if not ending.may_end:
        return "Not yet", "govuk-tag--yellow", f"Something is not known or not decided yet. {continues}"
    return (
        "Yes, when the steps before it are done" if ending.tasks else "Yes",
        "govuk-tag--green",
        f"Every condition is met as the case stands now. The plan ends only at the step ‘{ending.title}’.",
    )


def _is(count: int) -> str:
    return "are" if count > 1 else "is"


def _urgency(condition: Condition) -> int:
    return {"unmet": 0, "unknown": 1, "met": 2}[condition.state]


def _counts(conditions: tuple[Condition, ...]) -> str:
    by_state = {state: sum(one.state == state for one in conditions) for state in STATES}
    return ", ".join(f"{count} {STATES[state].lower()}" for state, count in by_state.items() if count)


def _ground(way: Way) -> str:
    words = way.words or way.called or diagrams.in_words(way.ground.strip('"')) or "One way"
    return words[:1].upper() + words[1:]


def _line(one: Condition, case: CaseView) -> Line:
    clears = ", ".join(role_title(role) for role in one.clears)
    if not clears and one.facts and one.state != "met":
        known = any(fact in facts.FACTS for fact in one.facts)
        # Of facts that contradict one another somebody must put one right.
        clears = "Whoever records the fact" if known and (one.state == "unknown" or not one.wanted) else ""
        if not clears and "deceased" in one.facts and case.facts.get("deceased") is True:
            clears = "Nobody, unless the death was recorded in error"
    return Line(
        one.words or _wanted(one),
        _taken(one, case) if one.words and one.state == "met" else _why_not(one, case) or _found(one),
        (BARS if one.words or _against(one) else STATES)[one.state],
        COLOURS[one.state],
        _texts(one.clauses, case),
        one.label,
        clears,
    )


def _texts(clauses: tuple[str, ...], case: CaseView) -> tuple[tuple[str, str], ...]:
    return tuple((name, case.clauses.get(name, "")) for name in clauses)


def _wanted(one: Condition) -> str:
    """What a cell asks for: the column's title, and the value wanted where it is not simply yes."""
    if _against(one):
        return one.title
    wanted = in_words(one.wanted, one.facts)
    return one.title if wanted == "Yes" else f"{one.title}: {wanted[:1].lower() + wanted[1:]}"


def in_words(wanted: str, of: tuple[str, ...] = ()) -> str:
    """A cell's tests as people read them: yes, no, one of these, so much or more; anything else as it is written."""
    text = wanted.strip()
    if text in ("true", "false", "null"):
        return {"true": "Yes", "false": "No", "null": "Not recorded"}[text]
    compared = _COMPARED.match(text)
    if compared is not None:
        return _COMPARISONS[compared[1]].format(compared[2])
    values = re.fullmatch(r'\s*"[^"]*"(?:\s*,\s*"[^"]*")*\s*', text)
    if values is None:
        return text
    named = [_named(value, of) for value in re.findall(r'"([^"]*)"', text)]
    named[1:] = [value[:1].lower() + value[1:] for value in named[1:]]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} or {named[-1]}"


def _named(value: str, of: tuple[str, ...]) -> str:
    choices: Mapping[Any, str] = facts.FACTS[of[0]].choices or {} if len(of) == 1 and of[0] in facts.FACTS else {}
    return choices.get(value) or diagrams.in_words(value)


def _found(one: Condition) -> str:
    """What stands there now; a fact that is not recorded is named."""
    if is_withheld(one.value):
        return "Withheld from you"
    if one.state == "unknown":
        # What only a step of a pathway records has no name that people use: the condition says what it is.
        missing = ", ".join(facts.label(fact) for fact in one.facts if fact in facts.FACTS)
        return f"Not recorded: {missing}" if missing and not one.clears else "Not answered yet"
    if len(one.facts) == 1 and not isinstance(one.value, bool) and one.facts[0] in facts.FACTS:
        return facts.say(one.facts[0], one.value)
    return "Not recorded" if one.value is None else said(one.value)


def _taken(one: Condition, case: CaseView) -> str:
    """What a condition that does not apply rests on, where a fact is not recorded and another one answers it."""
    rests = [(facts.label(fact), ANSWERED_BY[fact]) for fact in one.taken]
    return "; ".join(
        f"Not recorded: {label}. Read as no, from ‘{facts.label(other)}: {facts.say(other, case.facts.get(other))}’"
        for label, other in rests
    )


def _why_not(one: Condition, case: CaseView) -> str:
    """What stands behind a condition that is not met: what came in and when, and since when a fact is so."""
    if one.state != "unmet" or is_withheld(one.value):
        return ""
    if case.facts.get("unborn") is True and {"age", "turned_18"} & set(one.facts):
        return "The child is not born yet"
    said_of = [f"Received on {a_date(day)}" for day in one.received]
    if one.since:
        about = f" ({_step(one.about, one.task, case)})" if one.about else ""
        about = f" (reported: ‘{facts.happened(one.reported)}’)" if one.reported else about
        said_of.append(f"open since {a_date(one.since)}{about}")
    for fact in one.facts:
        since = _since(fact, case) if case.facts.get(fact) is True and fact not in facts.FACTS else None
        if since is not None:
            step = _recorded_at(fact, case)
            said_of.append(f"recorded at the step ‘{step}’ on {a_date(since)}" if step else f"so since {a_date(since)}")
    words = "; ".join(said_of)
    return words[:1].upper() + words[1:]


def _step(element: str, task: int | None, case: CaseView) -> str:
    """What a step is called on the drawing of the process in which its task stands, else its id in words."""
    names = names_of(case, role_title)
    return names.element(*names.element_of.get(task or 0, (element, "")))


def _recorded_at(fact: str, case: CaseView) -> str:
    """What the step is called that records a fact of a pathway's own, '' where none is drawn."""
    drawn = (content for run in case.pathways for content in run.diagrams.values())
    return next((step for content in drawn if (step := diagrams.records_in(content).get(fact))), "")


def _since(fact: str, case: CaseView) -> str | None:
    """The day on which a fact was last recorded, None where no history tells it."""
    for entry in reversed(case.timeline):
        if any(fact in event.body.get("facts", {}) for event in entry.events):
            return london_date(entry.at).isoformat()
    return None


def _spaced(name: str) -> str:
    """A message's name as words: 'WrittenObjection' is 'Written objection'."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)


def ended(case: CaseView) -> str:
    """How a plan that has ended did so, in one sentence."""
    on, decided = a_date(case.facts.get("plan_end_date")), a_date(case.facts.get("plan_end_decided_on"))
    return f"The child protection plan ended on {on}, decided on {decided}."
