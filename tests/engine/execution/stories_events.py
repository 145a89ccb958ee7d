"""Stories of events: timers, messages, boundary events, event subprocesses, escalations, errors and starts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.errors import Incident
from engine.execution import DeliverMessage, FireTimer, NotAwaited, NotDue
from tests.engine.execution.diagrams import (
    arrows,
    boundary,
    call,
    catch,
    diagram,
    end,
    error,
    escalation,
    event_gateway,
    job,
    mapping,
    message,
    of,
    parallel,
    process,
    properties,
    receive,
    release,
    script,
    signal,
    start,
    sub,
    tag,
    throw,
    timer,
    user,
    xor,
)
from tests.engine.execution.story import Run, story


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                user("u"),
                boundary("t", "u", timer("P5D")),
                user("late"),
                end(),
                end("e2"),
                arrows("s > u > e", "t > late > e2"),
            )
        )
    )
)
def an_interrupting_timer_takes_the_task_away(run: Run) -> None:
    """The task is withdrawn in the same step, and cannot be completed any more."""
    wait = run.waits.timers[0]
    assert (wait.element, wait.at) == ("t", "2026-01-10T09:00:00.000000Z")
    with pytest.raises(NotDue):
        run.tell(FireTimer(wait.task))
    run.log.pop()
    run.fire("t")
    assert run.open == ["late"] and run.timers == []
    assert run.kinds("TimerFired", "TaskWithdrawn", "TaskOpened")[1:] == [
        ("TimerFired", "t"),
        ("TaskWithdrawn", "u"),
        ("TaskOpened", "late"),
    ]
    with pytest.raises(NotAwaited):
        run.tell(FireTimer(wait.task))
    run.log.pop()


REMIND = diagram(
    process(
        "p",
        start(),
        user("u"),
        boundary("t", "u", timer("P5D"), False),
        user("remind"),
        end(),
        end("e2"),
        arrows("s > u > e", "t > remind > e2"),
    )
)


@story(release(REMIND))
def a_timer_beside_a_task_runs_once_beside_it(run: Run) -> None:
    """It happens once; the task stays; the pathway ends when both ways have."""
    run.fire("t")
    assert run.open == ["remind", "u"] and run.timers == []
    run.do("u")
    assert not run.ended
    run.do("remind")
    assert run.ended


@story(release(REMIND))
def a_timer_is_cleared_with_its_task(run: Run) -> None:
    """A task done in time clears its timer."""
    run.do("u")
    assert run.ended and run.kinds("TimerCleared") == [("TimerCleared", "t")]


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                user("u"),
                boundary("t", "u", timer("R3/P1D", "Cycle"), False),
                script("n", "=count + 1", "count"),
                end(),
                end("e2"),
                arrows("s > u > e", "t > n > e2"),
            )
        )
    ),
    {"count": 0},
)
def a_repeating_timer_keeps_its_beat(run: Run) -> None:
    """R3/P1D happens three times, each a day after the one before, however late it was fired; then no more."""
    first = run.waits.timers[0]
    run.now = datetime(2026, 1, 20, tzinfo=UTC)
    run.fire("t")
    assert run.waits.timers[0].at == "2026-01-07T09:00:00.000000Z" and run.waits.timers[0].task == first.task
    run.fire("t")
    run.fire("t")
    assert run.timers == [] and run.values["count"] == 3
    run.do("u")
    assert run.ended


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                user("u"),
                boundary("t", "u", timer("R/2026-02-01T10:00:00Z/P1M", "Cycle"), False),
                end(),
                end("e2"),
                arrows("s > u > e", "t > e2"),
            )
        )
    )
)
def an_endless_timer_ends_with_its_task(run: Run) -> None:
    """R without a number goes on; months keep the day."""
    seen = []
    for _ in range(4):
        seen.append(run.waits.timers[0].at[:10])
        run.fire("t")
    assert seen == ["2026-02-01", "2026-03-01", "2026-04-01", "2026-05-01"]
    run.do("u")
    assert run.ended


@story(
    release(
        diagram(process("p", start(), catch("c", timer("=day", "Date")), user("a"), end(), arrows("s > c > a > e")))
    ),
    {"day": "2026-03-29"},
)
def a_date_is_kept_until_its_london_day_is_over(run: Run) -> None:
    """A date alone falls at midnight of London's clock, across the change of the clocks too."""
    assert run.waits.timers[0].at == "2026-03-29T23:00:00.000000Z"
    run.fire("c")
    assert run.open == ["a"]


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                catch("c", timer('=working days after(date("2026-03-30"), 10)', "Date")),
                end(),
                arrows("s > c > e"),
            )
        )
    )
)
def a_timer_in_working_days_says_why(run: Run) -> None:
    """The date's explanation is recorded where the timer is set."""
    assert run.waits.timers[0].at == "2026-04-15T23:00:00.000000Z"
    why = run.bodies("TimerSet")[0]["due"]["explanation"]
    assert why["count"] == 10 and {"2026-04-03", "2026-04-06"} <= {str(each["date"]) for each in why["skipped"]} | {
        "2026-04-03",
        "2026-04-06",
    }


WAIT = diagram(
    process("p", start(), catch("c", of("message", "reply")), user("a"), end(), arrows("s > c > a > e")),
    message("reply"),
)


@story(release(WAIT), {"ref": 7})
def a_message_meets_its_name_and_key(run: Run) -> None:
    """The key is kept as text; another name is refused; the payload becomes variables."""
    wait = run.waits.messages[0]
    assert (wait.name, wait.key, wait.depth) == ("reply", "7", 0)
    with pytest.raises(NotAwaited):
        run.tell(DeliverMessage(wait.task, "other", {}))
    run.log.pop()
    run.send("reply", "7", report="ok")
    assert run.values == {"ref": 7, "report": "ok"} and run.open == ["a"]


@story(release(WAIT, by_task=True), {"ref": "R"})
def a_message_by_task_is_one_context(run: Run) -> None:
    """Where answers are kept by task, so are payloads: under the event's id."""
    run.send("reply", "R", report="ok")
    assert run.values["c"] == {"report": "ok"}


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                receive("r", "reply"),
                boundary("t", "r", timer("P2D")),
                user("a"),
                user("b"),
                end(),
                end("e2"),
                arrows("s > r > a > e", "t > b > e2"),
            ),
            message("reply"),
        )
    ),
    {"ref": "R"},
)
def a_receive_task_waits_for_its_message(run: Run) -> None:
    """A receive task is a task: its boundary events run, and are cleared when the message comes."""
    assert run.messages == ["r"] and run.timers == ["t"]
    run.send("reply", "R")
    assert run.open == ["a"] and run.timers == []


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                user("u"),
                boundary("m", "u", of("message", "news"), False),
                user("read"),
                end(),
                end("e2"),
                arrows("s > u > e", "m > read > e2"),
            ),
            message("news"),
        )
    ),
    {"ref": "R"},
)
def a_message_beside_a_task_comes_as_often_as_it_comes(run: Run) -> None:
    """A message event that does not interrupt goes on waiting under the same number."""
    task = run.waits.messages[0].task
    run.send("news", "R", n=1)
    run.send("news", "R", n=2)
    assert run.waits.messages[0].task == task and run.open == ["read", "read", "u"]
    run.do("read")
    run.do("u")
    assert run.messages == []
    run.do("read")
    assert run.ended and run.values["n"] == 2


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                user("u", mapping({"mine": "=ref"})),
                boundary("m", "u", of("message", "news")),
                user("read"),
                end(),
                end("e2"),
                arrows("s > u > e", "m > read > e2"),
            ),
            message("news", "=mine"),
        )
    ),
    {"ref": "R"},
)
def a_boundary_event_reads_its_activitys_own_names(run: Run) -> None:
    """The key of a boundary event may rest on the activity's input mapping; its payload goes to the process."""
    run.send("news", "R", n=1)
    assert run.open == ["read"] and run.values == {"ref": "R", "n": 1}


def _escalating(interrupting: bool) -> str:
    return diagram(
        process(
            "p",
            start(),
            sub(
                "sp",
                start("s2"),
                user("a"),
                tag(
                    "bpmn:intermediateThrowEvent",
                    tag("bpmn:extensionElements", properties(escalation="head", clauses="SOU-9.13"))
                    + of("escalation", "X"),
                    id="up",
                ),
                user("b"),
                end("e3"),
                arrows("s2 > a > up > b > e3"),
            ),
            boundary("caught", "sp", of("escalation", "X"), interrupting),
            user("mgr"),
            user("w"),
            end(),
            end("e2"),
            arrows("s > sp > w > e", "caught > mgr > e2"),
        ),
        escalation("X", "TO_HEAD"),
    )


@story(release(_escalating(False)))
def an_escalation_beside_a_subprocess_lets_it_go_on(run: Run) -> None:
    """Both ways run; the escalation says to whom, for which clauses, and what caught it."""
    run.do("a")
    assert run.open == ["b", "mgr"]
    assert run.bodies("Escalated") == [
        {
            "element": "up",
            "code": "TO_HEAD",
            "name": "escalation X",
            "caught_by": "caught",
            "role": "head",
            "clauses": "SOU-9.13",
            "instance": 7,
        }
    ]
    run.do("b")
    run.do("mgr")
    run.do("w")
    assert run.ended


@story(release(_escalating(True)))
def an_escalation_can_interrupt_its_subprocess(run: Run) -> None:
    """Nothing of the interrupted subprocess goes on."""
    run.do("a")
    assert run.open == ["mgr"]
    run.do("mgr")
    assert run.ended


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                xor("m"),
                sub(
                    "sp",
                    start("s2"),
                    xor("m2"),
                    user("a"),
                    throw("up", of("escalation", "X")),
                    xor("x2", "m2"),
                    end("e3"),
                    arrows("s2 > m2 > a > up > x2 > m2", "x2 > e3", when={"x2_e3": "=stop"}),
                ),
                boundary("caught", "sp", of("escalation", "X"), False),
                user("mgr"),
                end(),
                end("e2"),
                arrows("s > m > sp > e", "caught > mgr > e2"),
            ),
            escalation("X"),
        )
    ),
    {"stop": False},
)
def an_escalation_event_hears_every_escalation(run: Run) -> None:
    """An escalation event that does not interrupt hears the second escalation as it heard the first."""
    run.do("a")
    run.do("a", stop=True)
    assert run.open == ["mgr", "mgr"]


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                parallel("g"),
                sub("sa", start("s2"), user("ia"), end("ea"), arrows("s2 > ia > ea")),
                boundary("ba", "sa", of("escalation", "X")),
                sub("sb", start("s3"), user("ib"), end("eb", of("escalation", "X")), arrows("s3 > ib > eb")),
                user("wrong"),
                xor("m"),
                parallel("j"),
                end(),
                arrows("s > g", "g > sa > m > j", "g > sb > j", "j > e", "ba > wrong > m"),
            ),
            escalation("X"),
        )
    )
)
def an_escalation_is_not_heard_next_door(run: Run) -> None:
    """Only events on activities that contain the thrower hear it; uncaught, it is still recorded."""
    run.do("ib")
    assert run.open == ["ia"]
    assert run.bodies("Escalated")[0]["caught_by"] is None
    run.do("ia")
    assert run.ended


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                sub(
                    "sp",
                    start("s2"),
                    user("a"),
                    end("bad", of("error", "E")),
                    end("good"),
                    xor("x", "good"),
                    arrows("s2 > a > x > good", "x > bad", when={"x_bad": "=fails"}),
                ),
                boundary("caught", "sp", of("error", "E")),
                user("fix"),
                user("w"),
                end(),
                end("e2"),
                arrows("s > sp > w > e", "caught > fix > e2"),
            ),
            error("E"),
        )
    )
)
def an_error_end_ends_its_subprocess_by_the_boundary(run: Run) -> None:
    """The subprocess does not also go on by its own arrow."""
    run.do("a", fails=True)
    assert run.open == ["fix"]
    run.do("fix")
    assert run.ended


@story(
    release(diagram(process("p", start(), user("a"), end("bad", of("error", "E")), arrows("s > a > bad")), error("E")))
)
def an_error_end_that_nothing_catches_is_an_incident(run: Run) -> None:
    """The pathway says so instead of ending."""
    with pytest.raises(Incident, match="bad: error E is not caught anywhere"):
        run.do("a")
    run.log.pop()


CHILD_FAILS = diagram(process("child", start("s9"), job("jj"), end("e9"), arrows("s9 > jj > e9")))


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                call("c", "child"),
                boundary("b", "c", of("error", "E")),
                user("fix"),
                end(),
                end("e2"),
                arrows("s > c > e", "b > fix > e2"),
            ),
            error("E"),
        ),
        CHILD_FAILS,
    )
)
def an_error_leaves_a_called_process(run: Run) -> None:
    """An error in a called process is caught on the call, with what it brought."""
    run.fail("jj", "E", why="x")
    assert run.open == ["fix"] and run.values == {"why": "x"}


def _handler(trigger: str, interrupting: bool, *content: str) -> str:
    return diagram(
        process(
            "p",
            start(),
            user("a"),
            end(),
            sub(
                "handler",
                start("begun", trigger, interrupting=interrupting),
                user("h"),
                end("handled"),
                arrows("begun > h > handled"),
                event=True,
            ),
            arrows("s > a > e"),
        ),
        *content,
    )


@story(release(_handler(of("message", "news"), False, message("news")), by_task=True), {"ref": "R"})
def a_message_begins_an_event_subprocess_beside_the_process(run: Run) -> None:
    """It may begin as often as the message comes; the process ends when all of it has."""
    run.send("news", "R", n=1)
    run.send("news", "R", n=2)
    assert run.open == ["a", "h", "h"] and run.messages == ["begun"]
    run.do("a")
    assert not run.ended
    run.do("h")
    assert run.messages == ["begun"]
    run.do("h")
    assert run.ended and run.messages == []
    assert "begun" not in run.values


@story(release(_handler(of("message", "news"), True, message("news"))), {"ref": "R"})
def a_message_begins_an_event_subprocess_instead_of_the_process(run: Run) -> None:
    """An interrupting start takes everything else in its process away, and happens once."""
    run.send("news", "R", n=1)
    assert run.open == ["h"] and run.messages == []
    run.do("h")
    assert run.ended


@story(release(_handler(of("message", "news"), True, message("news"))), {"ref": "R"})
def an_event_subprocess_that_never_began_holds_nothing_open(run: Run) -> None:
    """The process ends without it."""
    run.do("a")
    assert run.ended and run.kinds("MessageNoLongerAwaited") == [("MessageNoLongerAwaited", "begun")]


@story(release(_handler(timer("P10D"), False)))
def a_timer_begins_an_event_subprocess(run: Run) -> None:
    """A timer start that does not interrupt runs once beside the process."""
    run.fire("begun")
    assert run.open == ["a", "h"] and run.timers == []


@story(release(_handler(timer("R2/P1D", "Cycle"), False)))
def a_repeating_timer_begins_an_event_subprocess_again(run: Run) -> None:
    """R2 begins it twice."""
    run.fire("begun")
    run.fire("begun")
    assert run.open == ["a", "h", "h"] and run.timers == []


@story(release(_handler(of("signal", "go"), False, signal("go"))))
def a_signal_begins_an_event_subprocess(run: Run) -> None:
    """A signal from another pathway of the case is delivered as a message is."""
    run.tell(DeliverMessage(run.waits.messages[0].task, "go", {}))
    assert run.open == ["a", "h"]


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                job("j"),
                parallel("g"),
                user("a"),
                user("b"),
                end(),
                end("e2"),
                sub(
                    "handler",
                    start("begun", of("error", "E")),
                    user("h"),
                    end("handled"),
                    arrows("begun > h > handled"),
                    event=True,
                ),
                arrows("s > j > g", "g > a > e", "g > b > e2"),
            ),
            error("E"),
        ),
        by_task=True,
    )
)
def an_error_begins_an_event_subprocess(run: Run) -> None:
    """What the error brought is readable inside it."""
    run.fail("j", "E", why="x")
    assert run.open == ["h"]
    run.do("h")
    assert run.ended


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                sub(
                    "sp",
                    start("s2"),
                    user("a"),
                    throw("up", of("escalation", "X")),
                    user("b"),
                    end("e3"),
                    sub(
                        "inner",
                        start("near", of("escalation", "X"), interrupting=False),
                        user("h"),
                        end("e4"),
                        arrows("near > h > e4"),
                        event=True,
                    ),
                    arrows("s2 > a > up > b > e3"),
                ),
                boundary("far", "sp", of("escalation", "X"), False),
                user("never"),
                end(),
                end("e2"),
                arrows("s > sp > e", "far > never > e2"),
            ),
            escalation("X"),
        )
    )
)
def the_nearest_event_hears_an_escalation(run: Run) -> None:
    """An event subprocess inside comes before the boundary event outside."""
    run.do("a")
    assert run.open == ["b", "h"]
    assert run.bodies("Escalated")[0]["caught_by"] == "near"


LIFE = diagram(
    process(
        "p",
        start(),
        sub("main", start("s2"), user("a"), call("c", "child"), end("e3"), arrows("s2 > a > c > e3")),
        boundary("life_event", "main", of("message", "life")),
        user("decide"),
        end(),
        end("e2"),
        arrows("s > main > e", "life_event > decide > e2"),
    ),
    message("life", "=case.case_id", "LifeEvent"),
)
LIFE_CHILD = diagram(
    process(
        "child",
        start("s9"),
        sub("inner", start("s8"), user("v"), end("e8"), arrows("s8 > v > e8")),
        boundary("life_inside", "inner", of("message", "life")),
        end("e9"),
        end("e7"),
        arrows("s9 > inner > e9", "life_inside > e7"),
    ),
    message("life", "=case.case_id", "LifeEvent"),
)


@story(release(LIFE, LIFE_CHILD, by_task=True))
def a_life_event_says_how_deep_it_is_awaited(run: Run) -> None:
    """The caller can choose the outermost; what it interrupts is withdrawn, called processes included."""
    run.do("a")
    assert sorted((each.element, each.key, each.depth) for each in run.waits.messages) == [
        ("life_event", "C1", 0),
        ("life_inside", "C1", 2),
    ]
    outermost = min(run.waits.messages, key=lambda each: each.depth)
    run.tell(DeliverMessage(outermost.task, "LifeEvent", {"name": "ChildDied", "received_on": "2026-01-05"}))
    assert run.open == ["decide"] and run.messages == []
    assert run.values["life_event"] == {"name": "ChildDied", "received_on": "2026-01-05"}
    assert run.kinds("TaskWithdrawn") == [("TaskWithdrawn", "v")]


STARTS = diagram(
    process(
        "p",
        start(),
        start("told", of("message", "begin")),
        start("heard", of("signal", "go")),
        xor("m"),
        user("a"),
        end(),
        arrows("s > m", "told > m", "heard > m", "m > a > e"),
    ),
    message("begin", None),
    signal("go"),
)


@story(release(STARTS), {"x": 1})
def a_plain_start_is_the_usual_one(run: Run) -> None:
    """Where nothing is named, the plain start event begins."""
    assert ("StepEntered", "s") in run.kinds("StepEntered") and run.values == {"x": 1}


@story(release(STARTS, by_task=True), {"x": 1}, begin="told")
def a_message_can_begin_a_pathway(run: Run) -> None:
    """Its payload is kept as any message's is."""
    assert ("StepEntered", "told") in run.kinds("StepEntered") and run.values == {"told": {"x": 1}}


@story(release(STARTS), {"x": 1}, begin="heard")
def a_signal_can_begin_a_pathway(run: Run) -> None:
    """As a message does."""
    assert ("StepEntered", "heard") in run.kinds("StepEntered") and run.values == {"x": 1}


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                sub(
                    "sp",
                    start("s2"),
                    sub(
                        "sq",
                        start("s3"),
                        user("u"),
                        boundary("bt", "u", timer("P9D"), False),
                        user("x"),
                        end("e3"),
                        end("e4"),
                        arrows("s3 > u > e3", "bt > x > e4"),
                    ),
                    end("e5"),
                    arrows("s2 > sq > e5"),
                ),
                boundary("t", "sp", timer("P2D")),
                user("late"),
                end(),
                end("e2"),
                arrows("s > sp > e", "t > late > e2"),
            )
        )
    )
)
def a_timer_takes_everything_inside_away(run: Run) -> None:
    """Tasks, timers and subprocesses of the interrupted activity, however deep."""
    assert run.timers == ["bt", "t"]
    run.fire("t")
    assert run.open == ["late"] and run.timers == []
    assert run.kinds("TaskWithdrawn", "TimerCleared") == [("TaskWithdrawn", "u"), ("TimerCleared", "bt")]


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                parallel("g"),
                user("a"),
                user("b"),
                end("stop", of("signal", "go")),
                end("e2"),
                boundary("heard", "b", of("signal", "go")),
                user("c"),
                end("e3"),
                arrows("s > g", "g > a > stop", "g > b > e2", "heard > c > e3"),
            ),
            signal("go"),
        )
    )
)
def a_signal_end_is_heard_at_once(run: Run) -> None:
    """A signal end event throws and then is an end."""
    run.do("a")
    assert run.open == ["c"] and run.signals == ["go"]


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                sub(
                    "sp",
                    start("s2"),
                    event_gateway("g"),
                    catch("came", of("message", "reply")),
                    catch("late", timer("P3D")),
                    xor("m"),
                    end("e3"),
                    sub(
                        "handler",
                        start("begun", of("message", "news"), interrupting=True),
                        user("h"),
                        end("e4"),
                        arrows("begun > h > e4"),
                        event=True,
                    ),
                    arrows("s2 > g", "g > came > m", "g > late > m", "m > e3"),
                ),
                user("w"),
                end(),
                arrows("s > sp > w > e"),
            ),
            message("reply"),
            message("news"),
        )
    ),
    {"ref": "R"},
)
def an_interrupted_subprocess_goes_on_after_its_handler(run: Run) -> None:
    """The handler takes the place of what ran inside; then the subprocess is done, and the process goes on."""
    assert run.messages == ["begun", "came"] and run.timers == ["late"]
    run.send("news", "R")
    assert run.open == ["h"] and run.messages == [] and run.timers == []
    run.do("h")
    assert run.open == ["w"]
    run.do("w")
    assert run.ended


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                user("a"),
                end(),
                sub(
                    "handler",
                    start("begun", of("message", "news"), interrupting=False),
                    parallel("g"),
                    user("h"),
                    user("i"),
                    end("stop", of("terminate")),
                    end("e4"),
                    arrows("begun > g", "g > h > stop", "g > i > e4"),
                    event=True,
                ),
                arrows("s > a > e"),
            ),
            message("news"),
        )
    ),
    {"ref": "R"},
)
def terminate_ends_only_the_subprocess_it_stands_in(run: Run) -> None:
    """The process around it, and another round of the same handler, go on."""
    run.send("news", "R")
    run.send("news", "R")
    assert run.open == ["a", "h", "h", "i", "i"]
    run.do("h")
    assert run.open == ["a", "h", "i"]
    run.do("a")
    run.do("h")
    assert run.ended


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                parallel("f"),
                user("a"),
                throw("now", of("signal", "go"), mapping({"level": "=a.level"})),
                end(),
                event_gateway("g"),
                catch("heard", of("signal", "go")),
                catch("late", timer("P3D")),
                user("b"),
                user("c"),
                end("e2"),
                end("e3"),
                sub(
                    "handler",
                    start("begun", of("signal", "go"), interrupting=False),
                    user("h", mapping({"seen": "=begun.level"})),
                    end("e4"),
                    arrows("begun > h > e4"),
                    event=True,
                ),
                arrows("s > f", "f > a > now > e", "f > g", "g > heard > b > e2", "g > late > c > e3"),
            ),
            signal("go"),
        ),
        by_task=True,
    )
)
def a_signal_brings_what_its_input_mappings_say(run: Run) -> None:
    """Everything that waits hears it, with what the throwing event mapped in, and nothing else."""
    run.do("a", level=3, private=1)
    assert run.open == ["b", "h"] and run.timers == []
    assert run.values["heard"] == {"level": 3}
    assert [each["payload"] for each in run.bodies("MessageReceived")] == [{"level": 3}, {"level": 3}]
    run.do("h")
    run.do("b")
    assert run.ended
