"""Two processes that a pathway calls may use one element id: each step is what its own process draws."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from engine.authorities import Clause, Overdue
from engine.case.commands import handle
from engine.case.handling import BY_PROCESS
from engine.case.state import CaseState
from engine.casework.correlation import is_meant
from engine.casework.finding import Wanted
from engine.clause_book import clause_book
from engine.coverage import cover
from engine.execution import MessageWait, Whereabouts, prepare
from engine.history import Command, Event
from engine.pathways import Release, release_from_files
from engine.replay import replay
from engine.scenarios import Stage, read_scenario
from tests.engine.execution.diagrams import (
    arrows,
    boundary,
    call,
    catch,
    diagram,
    end,
    form,
    lanes,
    message,
    of,
    process,
    properties,
    release,
    start,
    tag,
    timer,
    user,
    xor,
)
from tests.support.office import AREA, CHAIR, HEAD, WORKER, TestOffice

DUE = tag("zeebe:taskSchedule", dueDate="=working days after(today(), 2)")
AUDITOR = replace(HEAD, roles=HEAD.roles | {"auditor"})

#: A question that carries a clause of its own.
CLAUSED = b'"key": "moved", "properties": {"clauses": "TST-3.3", "label": "policy"}'
REVIEWED = b"""
title = "Only the review is called"
[given]
authority = "area"
pathway = "p"
now = 2026-03-02T09:00:00
[[when]]
complete = "ask"
answers = { to = "review" }
[[when]]
complete = "close"
answers = { said = "yes" }
[then]
open_tasks = []
"""


def called(name: str, lane: str, clause: str, label: str, *more: str) -> str:
    """A process with a step `close` of its own: what it is called, whose it is and which clause it serves."""
    facts = properties(clauses=clause, label=label, **dict(one.split("=") for one in more))
    body = [
        start(f"s_{name}"),
        user("close", DUE, facts, tag("zeebe:formDefinition", formId=name), name=f"Close {name}"),
    ]
    held = lanes(**{lane: f"s_{name} close e_{name}"})
    drawn = process(name, held, *body, end(f"e_{name}"), arrows(f"s_{name} > close > e_{name}"))
    return diagram(drawn.replace(f'id="{name}"', f'id="{name}" name="Area: {name}"', 1))


def asked_twice(*of_review: str) -> Release:
    """The main process asks which of two it calls; both have a step `close`, and the one called last is drawn last.

    of_review  more properties of the review's step
    """
    body = [
        lanes(social_worker="s ask which to_review to_moving e"),
        start(),
        user("ask", tag("zeebe:formDefinition", formId="ask"), name="Ask"),
        xor("which", "to_moving"),
        call("to_review", "review"),
        call("to_moving", "moving"),
        end(),
        arrows("s > ask > which > to_review > e", "which > to_moving > e", when={"which_to_review": '=to = "review"'}),
    ]
    return release(
        diagram(process("p", *body)),
        called("review", "conference_chair", "TST-1.1", "policy", *of_review),
        called("moving", "social_worker", "TST-2.2", "reading", "not_same_person_as=ask"),
        forms={"ask": form("ask", "to"), "review": form("review", "said", "text"), "moving": form("moving", "moved")},
    )


@pytest.fixture
def closing(office: TestOffice) -> TestOffice:
    """A case in which the review was called, and its step `close` waits."""
    settings = replace(
        office.casework.authority(AREA),
        overdue=Overdue(
            remind=None,
            manager=1,
            head=None,
            manager_role="system_admin",
            managers={"conference_chair": "iro_service_manager"},
        ),
    )
    office.shelf.put_in_force(settings, at=office.clock.now(), by="tests", why="who is told")
    office.publish(asked_twice())
    office.case()
    office.complete("ask", {"to": "review"})
    return office


def test_a_task_is_called_and_serves_what_its_own_process_says(closing: TestOffice) -> None:
    """Title, pathway, clauses, label, form and rule of separation come from the process in which the step stands."""
    view = closing.casework.task(CHAIR, "C1", closing.open_tasks()["close"])

    assert ("Close review", "Area: review", ("TST-1.1",), "policy") == (
        view.title,
        view.pathway_title,
        view.clauses,
        view.source,
    )
    assert ("conference_chair", None) == (view.role, view.apart)
    assert view.form is not None and ["said", "text"] == list(view.form.fields)
    assert "Close moving" == view.title_of("close", "moving")
    assert "Close review / Close moving" == view.title_of("close")


def test_the_lists_name_the_pathway_that_was_called(closing: TestOffice) -> None:
    """A worklist names the called process of a step whose id several use, and so does the case's own list."""
    (line,) = closing.casework.worklist(CHAIR, "team")
    (own,) = closing.casework.tasks_of(CHAIR, "C1")

    assert [("Close review", "Area: review")] * 2 == [(one.title, one.pathway_title) for one in (line, own)]


def test_history_film_and_catalogue_tell_a_step_as_its_own_process_draws_it(closing: TestOffice) -> None:
    """The table of steps, the film and what cases are found by name the title and clauses of the step that was done."""
    closing.complete("close", {"said": "yes"}, by=CHAIR)

    (_, step) = closing.casework.case(WORKER, "C1").steps
    assert ("Close review", "TST-1.1", "policy", "review") == (step.title, step.clauses, step.source, step.process)
    film = closing.casework.film(AUDITOR, "C1")
    shown = {
        (one.title, one.clauses, one.label) for frame in film.frames for one in frame.steps if one.element == "close"
    }
    assert {("Close review", ("TST-1.1",), "policy")} == shown
    assert film.certified
    closing.casework.catch_up(AREA, most=10)
    catalogued = closing.store.catalogue.of_case(AREA, "C1")
    assert catalogued is not None
    entries = catalogued[2]
    assert {"TST-1.1"} == {one.word for one in entries.mentions if one.kind == "clause"}
    assert {"TST-1.1"} == {one.clauses for one in entries.stays if one.element == "close"}


def test_a_step_is_about_the_letter_that_its_own_process_says(office: TestOffice) -> None:
    """What is written at a step is kept as its process's letter, also where a namesake elsewhere is about none."""
    office.publish(asked_twice("letter=notice"))
    office.case()
    office.complete("ask", {"to": "review"})

    office.complete("close", {"said": "yes", "text": "The review was held."}, by=CHAIR)

    drafted = [(one.letter, one.state, one.text) for one in office.now().letters.values()]
    assert [("notice", "drafted", "The review was held.")] == drafted


def test_who_is_late_is_put_before_the_manager_of_the_steps_own_lane(closing: TestOffice) -> None:
    """The overdue ladder tells the manager of the lane in which the step stands, with the clauses of that step."""
    closing.clock.advance_by(timedelta(days=5))
    closing.casework.fire_timers(AREA, "C1")

    (raised,) = closing.now().escalations.values()
    assert ("iro_service_manager", "TST-1.1") == (raised.to, raised.clauses)
    fired = list(closing.store.history(AREA, "C1"))[-1].command
    assert True is fired.body[BY_PROCESS]
    assert replay(closing.store, closing.shelf, AREA, "C1").certified


def test_a_command_recorded_before_replays_as_it_was_carried_out(closing: TestOffice) -> None:
    """A ladder's step recorded before steps were looked up in their process is replayed on the one taken then."""
    closing.clock.advance_by(timedelta(days=5))
    case: CaseState = closing.casework.load(AREA, "C1")
    timer_id = f"overdue:{closing.open_tasks()['close']}"
    at, version = closing.clock.now(), closing.casework.authority(AREA).version
    command = Command("k", "fire_timer", at, "worker", None, version, {"timer": timer_id, "instance": 1})

    handle(case, command, closing.shelf.terms(AREA), shown=False)

    (raised,) = case.escalations.values()
    assert ("system_admin", "TST-2.2") == (raised.to, raised.clauses)


def test_a_correction_names_the_process_of_its_step(closing: TestOffice) -> None:
    """What was decided on a wrong answer is put before somebody with the clauses of the step that was corrected."""
    closing.complete("close", {"said": "yes"}, by=CHAIR)
    step = closing.casework.completed_step(
        HEAD, "C1", next(one.task for one in closing.casework.case(HEAD, "C1").steps if one.element == "close")
    )

    closing.casework.correct_step("C1", step.task, {"said": "no"}, "Misheard.", by=HEAD, command_id=closing.key())

    assert "Close review" == step.title
    assert "review" == list(closing.store.history(AREA, "C1"))[-1].command.body["process"]
    assert replay(closing.store, closing.shelf, AREA, "C1").certified


def test_of_an_id_whose_process_is_not_known_only_what_all_agree_on_is_said() -> None:
    """Without its process a step has all its names, and no clause, lane or form that another process denies."""
    pathway = prepare(asked_twice())

    assert frozenset({"close"}) == pathway.shared
    assert "Close review / Close moving" == pathway.title_of("close")
    assert {} == pathway.properties_of("close")
    together = pathway.element("close")
    assert together is not None and together.work is not None
    assert (None, None) == (together.lane, together.work.form)
    assert DUE.split('"')[1] == together.work.due.text if together.work.due is not None else ""
    assert {"casework:clauses": "TST-1.1", "casework:label": "policy"} == pathway.properties_of("close", "review")
    assert ("Ask", "which") == (pathway.title_of("ask"), pathway.title_of("which", "elsewhere"))
    assert ("ask",) == pathway.apart_from("close") == pathway.apart_from("close", "moving")
    assert () == pathway.apart_from("close", "review")
    assert pathway.element("nowhere") is None and pathway.taken_before("nowhere") is None


def test_a_scenario_exercises_the_clause_of_the_process_it_visits_and_not_a_namesakes(
    office: TestOffice, tmp_path: Path
) -> None:
    """A step that no scenario visits stays a gap where another process has a step of that name; so do its questions."""
    asking = asked_twice()
    forms = {path: body.replace(b'"key": "moved"', CLAUSED) for path, body in asking.files.items()}
    ask = release_from_files(forms, authority=AREA, pathway="p")
    office.publish(ask)
    (tmp_path / AREA).mkdir()
    listed = "".join(f"{clause},user-task,What is to be done\n" for clause in ("TST-1.1", "TST-2.2", "TST-3.3"))
    (tmp_path / AREA / "clauses.csv").write_text(f"id,tag,summary\n{listed}", encoding="utf-8")
    scenario = read_scenario(REVIEWED, "reviewed.toml")

    result = Stage(office.store, office.shelf).play(scenario)
    found = cover(tmp_path, AREA, [ask], [result])

    met = {"close", "review/close", "moving/close"} & result.visited
    assert ((), {"close", "review/close"}) == (result.problems, met)
    assert {"TST-1.1": True, "TST-2.2": False, "TST-3.3": False} == {
        entry.clause.id: entry.exercised for entry in found.clauses
    }
    assert ["TST-2.2", "TST-3.3"] == [gap.split()[0] for gap in found.gaps]


def test_a_message_is_matched_by_the_key_of_the_step_that_waits() -> None:
    """Two processes wait under one id, each by a key of its own: the waiting step's key counts."""

    def waiting(name: str, key: str) -> str:
        awaited = message(f"m_{name}", key=key, name="news")
        body = [start(f"s_{name}"), catch("wait", of("message", f"m_{name}")), end(f"e_{name}")]
        return diagram(awaited, process(name, *body, arrows(f"s_{name} > wait > e_{name}")))

    body = [start(), call("one", "first"), call("two", "second"), end(), arrows("s > one > two > e")]
    pathway = prepare(release(diagram(process("p", *body)), waiting("first", "=number"), waiting("second", "=place")))

    wait = MessageWait(7, "wait", "news", "B12", 1, process="first")
    assert is_meant(wait, {"number": "B12"}, "C1", pathway)
    assert not is_meant(replace(wait, process="second"), {"number": "B12"}, "C1", pathway)
    assert not is_meant(replace(wait, process=""), {"number": "B12"}, "C1", pathway)


def test_where_a_step_stands_is_read_from_events() -> None:
    """A task's process is known for ever; an event without a task is where its element stands, if that is certain."""

    def entered(where: str, task: int) -> Event:
        return Event("StepEntered", {"instance": 1, "process": where, "element": "decide", "task": task})

    decided = Event("DecisionMade", {"instance": 1, "element": "decide"})
    left = Event("StepCompleted", {"instance": 1, "process": "one", "element": "decide", "task": 4})
    told, places = Event("TaskCompleted", {"instance": 1, "element": "decide", "task": 4}), Whereabouts()

    assert ("one", "one", "one") == places.take([entered("one", 4), decided, told])
    assert ("two", "") == places.take([entered("two", 5), decided])
    assert ("one", "two") == places.take([left, decided])
    assert ("", "") == places.take([Event("NoteAdded", {"text": "x"}), Event("TimerSet", {"element": "t", "task": 9})])
    places.know({9: "two"})
    assert ("two",) == places.take([Event("TimerCleared", {"instance": 1, "element": "t", "task": 9})])
    assert ("one", "") == (places.of_task(4), places.of_task(None))


def test_a_day_on_the_border_of_a_step_is_called_what_its_process_calls_it(office: TestOffice) -> None:
    """History does not say in which process a border event waits; where it waits now, its token does."""

    def late(name: str, days: int) -> str:
        body = [start(f"s_{name}"), user("work"), boundary("late", "work", timer(f"P{days}D")), end(f"e_{name}")]
        held = lanes(social_worker=f"s_{name} work late e_{name}")
        drawn = process(name, held, *body, arrows(f"s_{name} > work > e_{name}", f"late > e_{name}"))
        return diagram(drawn.replace('id="late"', f'id="late" name="Late in {name}"'))

    body = [lanes(social_worker="s one two e"), start(), call("one", "first"), call("two", "second"), end()]
    office.publish(
        release(diagram(process("p", *body, arrows("s > one > two > e"))), late("first", 3), late("second", 5))
    )
    office.case()

    told = [
        (event.body["element"], place)
        for entry in office.casework.case(WORKER, "C1").timeline
        for event, place in entry.placed()
        if event.kind == "TimerSet"
    ]

    assert [("late", "first")] == told


def test_the_clause_book_names_the_step_that_serves_the_clause() -> None:
    """Each clause is carried out by the step of its own process, under that process's title, and by no namesake."""
    clauses = {name: Clause(name, "1", ("service",), "") for name in ("TST-1.1", "TST-2.2")}

    told = {one.clause.id: one.places for one in clause_book(clauses, [prepare(asked_twice())], {})}

    assert [("Close review", "Area: review")] == [(one.name, one.pathway) for one in told["TST-1.1"]]
    assert [("Close moving", "Area: moving")] == [(one.name, one.pathway) for one in told["TST-2.2"]]


def test_a_case_is_found_by_a_step_under_the_name_that_its_own_process_gives_it(closing: TestOffice) -> None:
    """What a case was found by is called as the process draws it that the case went through, not as a namesake."""
    closing.complete("close", {"said": "yes"}, by=CHAIR)
    closing.casework.catch_up(AREA, most=10)

    found = closing.casework.find(AUDITOR, Wanted(clause="TST-1.1"))

    assert {("C1", "close"): "Close review"} == closing.casework.named(AUDITOR, found)
