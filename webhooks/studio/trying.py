"""Try it: a draft played on a made-up child with the real forms, with time and messages, kept as a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.case.facts import LIFE_EVENTS
from engine.casework import Casework
from engine.clock import LONDON
from engine.errors import EngineError, NotFound, Refused
from engine.history import JSON
from engine.scenarios import Scenario
from engine.studio.trying import OpenTask, Tried
from webhooks import diagrams, facts, film, questions, story
from webhooks.access import allows, practitioner
from webhooks.errors import ask_again
from webhooks.form_pages import questions_of
from webhooks.questions import Question
from webhooks.studio.room import DRAWING, Room, enter, studio, the_studio
from webhooks.words import coded, said

#: Messages that no person sends: the engine tells of them by itself.
OF_THE_ENGINE = ("LifeEvent", "PlanEnded", "FactsRecorded")
#: How far one step lets time pass, and what people call it.
LATER = ("+1 day", "+1 working day", "+5 working days", "+10 working days", "+1 month", "+3 months")


@studio.get("/drafts/<int:number>/<pathway>/trials")
@allows(*DRAWING)
def trials(number: int, pathway: str) -> ResponseReturnValue:
    """The trials of a pathway of a draft, and the form that begins one."""
    return _trials(enter(number, pathway))


def _trials(room: Room, error: EngineError | None = None) -> str:
    found = [one for one in the_studio().trials(room.by, room.opened.draft.number) if one.pathway == room.pathway]
    return room.page(
        "trials",
        "trials",
        trials=found,
        samples=_samples(room),
        refusal=room.reasons(error),
    )


def _samples(room: Room) -> dict[str, Scenario]:
    """Scenarios whose child a trial can begin with: those of this pathway first."""
    found = room.opened.workspace.scenarios[0]
    own = {path: one for path, one in found.items() if one.pathway == room.pathway}
    return own or found


@studio.post("/drafts/<int:number>/<pathway>/trials")
@allows(*DRAWING)
def begin_trial(number: int, pathway: str) -> ResponseReturnValue:
    """Begin a trial with the child of a scenario."""
    room = enter(number, pathway)
    ask_again(lambda error: _trials(room, error))
    sample = _samples(room).get(request.form.get("sample", ""))
    if sample is None:
        raise Refused("Choose whose facts the made-up child has.")
    made = the_studio().begin_trial(room.by, number, pathway, sample.now, sample.facts)
    return redirect(url_for("studio.trial", number=number, pathway=pathway, trial=made.number), 303)


@studio.get("/drafts/<int:number>/<pathway>/trials/<int:trial>")
@allows(*DRAWING)
def trial(number: int, pathway: str, trial: int) -> ResponseReturnValue:
    """Where a trial stands: open tasks, what it waits for, which rows fired, and what was done."""
    return _trial(enter(number, pathway), trial)


def _trial(room: Room, trial: int, error: EngineError | None = None) -> str:
    tried = the_studio().look(room.by, room.opened.draft.number, str(trial), lambda found, _: found)
    role_title = room.opened.workspace.settings.role_title
    names = story.names_of(tried.told, lambda role: role_title(role) if role else "anybody who works on the case")
    return room.page(
        "trial",
        "trials",
        tried=tried,
        chapters=list(reversed(story.told(tried.told, names))),
        outcomes=[names.element(one) for one in tried.outcomes],
        gave=_gave,
        later=LATER,
        happens={name: _called(name) for name in (*LIFE_EVENTS, *tried.messages) if name not in OF_THE_ENGINE},
        called=_called,
        item=film.value,
        refusal=room.reasons(error),
        typed=request.form,
    )


def _called(name: str) -> str:
    """What a message or a life event is called."""
    return facts.LIFE_EVENTS.get(name, (diagrams.in_words(name), ()))[0]


def _gave(result: JSON) -> str:
    """What a table answered, in words."""
    if isinstance(result, Mapping):
        return "; ".join(f"{diagrams.in_words(name)}: {said(coded(value))}" for name, value in result.items())
    return said(coded(result))


@studio.get("/drafts/<int:number>/<pathway>/trials/<int:trial>/<element>")
@allows(*DRAWING)
def trial_task(number: int, pathway: str, trial: int, element: str) -> ResponseReturnValue:
    """A task of a trial with its real form."""
    room = enter(number, pathway)
    return the_studio().look(room.by, number, str(trial), lambda found, work: _task(room, found, work, element))


@studio.post("/drafts/<int:number>/<pathway>/trials/<int:trial>/<element>")
@allows(*DRAWING)
def complete_in_trial(number: int, pathway: str, trial: int, element: str) -> ResponseReturnValue:
    """Answer a task of a trial as the person whose task it is."""
    room = enter(number, pathway)
    again = room.by, number, str(trial)
    ask_again(lambda error: the_studio().look(*again, lambda found, work: _task(room, found, work, element, error)))
    step = the_studio().look(*again, lambda found, work: _answered(room, found, work, element))
    the_studio().take_step(*again, step)
    flash("Done. Here is what follows.", "success")
    return _back(number, pathway, trial)


@studio.post("/drafts/<int:number>/<pathway>/trials/<int:trial>")
@allows(*DRAWING)
def go_on_in_trial(number: int, pathway: str, trial: int) -> ResponseReturnValue:
    """Let time pass, send a message or a life event, take the last step back, keep the trial, or end it."""
    room, do = enter(number, pathway), request.form.get("do", "")
    ask_again(lambda error: _trial(room, trial, error))
    by, name = practitioner(), str(trial)
    if do == "back":
        the_studio().step_back(by, number, name)
    elif do == "end":
        the_studio().end_trial(by, number, name)
        return redirect(url_for("studio.trials", number=number, pathway=pathway), 303)
    elif do == "keep":
        kept = the_studio().keep_trial(by, number, name, request.form.get("title", ""))
        flash("Kept as a scenario. Look at what it expects, and confirm or correct it.", "success")
        return redirect(url_for("studio.scenario", number=number, pathway=pathway, path=kept.path), 303)
    else:
        the_studio().take_step(by, number, name, _step(do))
    return _back(number, pathway, trial)


def _step(do: str) -> dict[str, Any]:
    """What the page asked for, as a step of a scenario. Raises Refused."""
    if do == "later" and request.form.get("later") in LATER:
        return {"does": "advance", "what": "", "at": request.form["later"]}
    if do == "until":
        try:
            day = datetime.fromisoformat(request.form.get("until", "")).date()
        except ValueError:
            raise Refused("Write the day as year-month-day, such as 2026-03-17.") from None
        return {"does": "advance", "what": "", "at": datetime.combine(day, time(9), LONDON).isoformat()}
    what = "".join(request.form.get("name", "").split())
    if do in ("message", "event") and what.isidentifier():
        return {"does": do, "what": what, "by": "social_worker", "payload": _payload(request.form.get("payload", ""))}
    raise Refused("Say what happens: a name of letters, such as ChildDied.")


def _payload(text: str) -> dict[str, JSON]:
    """Lines of name = value: true, false and numbers as such, everything else a text."""
    found: dict[str, JSON] = {}
    for line in text.splitlines():
        name, _, value = (part.strip() for part in line.partition("="))
        if name:
            found[name] = {"true": True, "false": False}.get(value, int(value) if value.isdecimal() else value)
    return found


def _one(tried: Tried, element: str) -> OpenTask:
    """The open task that the address names: by its step and, where that stands open several times, its number."""
    number = request.values.get("item", "")
    for one in tried.tasks:
        if one.view.element == element and number in ("", str(one.number)):
            return one
    raise NotFound("That task is not open in this trial.")


def _asked(tried: Tried, work: Casework, element: str, answers: Mapping[str, JSON] | None) -> tuple[Question, ...]:
    return questions_of(_one(tried, element).view, work.environment(practitioner().authority), answers)


def _answered(room: Room, tried: Tried, work: Casework, element: str) -> dict[str, Any]:
    one = _one(tried, element)
    typed = questions.read(_asked(tried, work, element, None), request.form)
    case = work.load(room.by.authority, one.view.case_id)
    answers = work.check_answers(case, one.view.task, typed.answers)
    numbered = {} if one.number is None else {"number": one.number}
    return {"does": "complete", "what": element, **numbered, "by": one.by, "answers": answers}


def _task(room: Room, tried: Tried, work: Casework, element: str, error: EngineError | None = None) -> str:
    one = _one(tried, element)
    asked = _asked(tried, work, element, None)
    problems = getattr(error, "problems", ())
    if error is not None:
        typed = questions.read(asked, request.form)
        asked = questions.shown_again(_asked(tried, work, element, typed.answers), dict(typed.texts), problems)
    return room.page(
        "trial_task",
        "trials",
        tried=tried,
        one=one,
        item=film.value,
        questions=asked,
        problems=questions.summary(asked, problems),
        refusal=None if problems else room.reasons(error),
    )


def _back(number: int, pathway: str, trial: int) -> ResponseReturnValue:
    return redirect(url_for("studio.trial", number=number, pathway=pathway, trial=trial), 303)
