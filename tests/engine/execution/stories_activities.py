"""Stories of tasks: people, workers, decisions, calculations, multi-instances, and the engine's own two steps."""

from __future__ import annotations

import pytest

from engine.errors import Incident
from engine.execution import CompleteTask, FinishJob, NotOpen, NotRunning
from tests.engine.execution.diagrams import (
    arrows,
    boundary,
    call,
    diagram,
    end,
    error,
    form,
    job,
    lanes,
    many,
    mapping,
    of,
    parallel,
    process,
    properties,
    release,
    rule,
    script,
    start,
    sub,
    table,
    tag,
    throw,
    timer,
    user,
    xor,
)
from tests.engine.execution.story import Run, story

ASSIGNED = diagram(
    process(
        "p",
        lanes(chair="a inner", worker="b"),
        start(),
        user(
            "a",
            tag("zeebe:taskSchedule", dueDate='=working days after(date("2026-04-02"), 2)'),
            tag("zeebe:priorityDefinition", priority="80"),
            tag("zeebe:formDefinition", formId="opinion"),
            name="Say",
        ),
        sub(
            "inner",
            start("s2"),
            user("c", properties(no_due_date="the meeting decides")),
            end("e2"),
            arrows("s2 > c > e2"),
        ),
        user(
            "b",
            tag("zeebe:assignmentDefinition", candidateGroups='=["iro", "chair"]', assignee="=who"),
            tag("zeebe:taskSchedule", dueDate="2026-02-01T10:00:00Z"),
        ),
        end(),
        arrows("s > a > inner > b > e"),
    )
)


@story(release(ASSIGNED, forms={"opinion": form("opinion", "view")}), {"who": "p-17"})
def a_task_says_who_by_when_and_on_which_form(run: Run) -> None:
    """The lane is the role, candidate groups replace it, and a date is kept until its London day is over."""
    first = run.waits.tasks[0]
    assert (first.role, first.candidates, first.form, first.priority) == ("chair", (), "opinion", 80)
    assert first.due is not None
    assert (first.due["on"], first.due["at"]) == ("2026-04-08", "2026-04-08T23:00:00.000000Z")
    assert first.due["explanation"]["rule"] == "working days after"
    opened = run.bodies("TaskOpened")[0]
    assert opened["due"] == first.due and opened["role"] == "chair" and opened["no_due_date"] is None
    run.do("a", view="yes")
    assert run.waits.tasks[0].role == "chair"
    assert run.bodies("TaskOpened")[1]["no_due_date"] == "the meeting decides"
    run.do("c")
    last = run.waits.tasks[0]
    assert (last.role, last.candidates, last.assignee) == (None, ("iro", "chair"), "p-17")
    assert last.due == {"on": None, "at": "2026-02-01T10:00:00.000000Z", "explanation": None}


@story(release(diagram(process("p", start(), user("a"), end(), arrows("s > a > e"))), by_task=True))
def answers_by_task_are_one_context(run: Run) -> None:
    """Where answers are kept by task, parallel tasks never collide."""
    run.do("a", reasons="r", decision="end")
    assert run.values == {"a": {"reasons": "r", "decision": "end"}}
    assert run.bodies("TaskCompleted")[0]["answers"] == {"reasons": "r", "decision": "end"}
    assert run.bodies("VariablesWritten") == [
        {"scope": "p", "values": {"a": {"reasons": "r", "decision": "end"}}, "instance": 7}
    ]


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                user("a", mapping(outputs={"why": "=a.reasons", "kept.deep": "=a.decision"})),
                end(),
                arrows("s > a > e"),
            )
        ),
        by_task=True,
    ),
    {"kept": {"other": 1}},
)
def an_output_mapping_lifts_a_value(run: Run) -> None:
    """The context stays, the mapped value stands beside it, and a dotted target keeps what was there."""
    run.do("a", reasons="r", decision="end")
    assert run.values == {
        "kept": {"other": 1, "deep": "end"},
        "a": {"reasons": "r", "decision": "end"},
        "why": "r",
    }


@story(
    release(diagram(process("p", start(), user("a", mapping(outputs={"why": "=reasons"})), end(), arrows("s > a > e"))))
)
def merged_answers_pass_only_their_mapping(run: Run) -> None:
    """With output mappings, nothing else leaves the task."""
    run.do("a", reasons="r", decision="end")
    assert run.values == {"why": "r"}


@story(release(diagram(process("p", start(), user("a"), user("b"), end(), arrows("s > a > b > e")))))
def a_second_completion_is_refused(run: Run) -> None:
    """A task is completed once; the refusal leaves everything as it was."""
    task = run.task("a")
    run.do("a")
    before = list(run.bytes)
    for again in (CompleteTask(task), FinishJob(task), CompleteTask(999)):
        with pytest.raises(NotOpen):
            run.tell(again)
        run.log.pop()
    run.do("b")
    assert run.bytes[: len(before)] == before
    with pytest.raises(NotRunning):
        run.tell(CompleteTask(task))
    run.log.pop()


JOB = diagram(
    process(
        "p",
        start(),
        job(
            "j",
            "mail",
            mapping({"to": "=address", "box.size": "=1"}, {"sent": "=receipt"}),
            tag("zeebe:taskHeaders", tag("zeebe:header", key="template", value="t1")),
            retries="2",
        ),
        boundary("bounced", "j", of("error", "BOUNCED")),
        boundary("any", "j", of("error")),
        user("ok"),
        user("fix"),
        user("look"),
        end(),
        end("e2"),
        end("e3"),
        arrows("s > j > ok > e", "bounced > fix > e2", "any > look > e3"),
    ),
    error("BOUNCED"),
)


@story(release(JOB), {"address": "a-1"})
def a_worker_does_a_job(run: Run) -> None:
    """A job waits with its type, headers, mapped input and tries; its result passes the output mappings."""
    wait = run.waits.jobs[0]
    assert (wait.type, wait.headers, wait.retries) == ("mail", {"template": "t1"}, 2)
    assert wait.input == {"to": "a-1", "box": {"size": 1}}
    run.finish("j", receipt="r9", more=1)
    assert run.open == ["ok"] and run.values == {"address": "a-1", "sent": "r9"}


@story(release(JOB), {"address": "a-1"})
def a_failed_job_stays_with_one_try_less(run: Run) -> None:
    """A failure without a code is for the worker to try again and for a person to see."""
    run.fail("j")
    assert run.waits.jobs[0].retries == 1
    run.fail("j")
    run.fail("j")
    assert run.waits.jobs[0].retries == 0
    assert [each["code"] for each in run.bodies("JobFailed")] == [None, None, None]
    run.finish("j", receipt="r")
    assert run.open == ["ok"]


@story(release(JOB), {"address": "a-1"})
def a_jobs_error_is_caught_by_its_code(run: Run) -> None:
    """The event with the exact code comes before the one that catches all; what came with the error is kept."""
    run.fail("j", "BOUNCED", why="no address")
    assert run.open == ["fix"] and run.values["why"] == "no address"
    assert run.bodies("ErrorCaught") == [{"element": "bounced", "code": "BOUNCED", "instance": 7}]
    assert run.kinds("JobWithdrawn") == [("JobWithdrawn", "j")]


@story(release(JOB), {"address": "a-1"})
def an_unknown_error_is_caught_by_the_event_that_catches_all(run: Run) -> None:
    """An error event without a code catches every code."""
    run.fail("j", "OTHER")
    assert run.open == ["look"]


TWO_JOBS = diagram(
    process(
        "p",
        start(),
        parallel("g"),
        job("j1"),
        job("j2"),
        boundary("b1", "j1", of("error", "E")),
        boundary("b2", "j2", of("error", "E")),
        user("f1"),
        user("f2"),
        xor("m1"),
        xor("m2"),
        parallel("j"),
        end(),
        arrows("s > g", "g > j1 > m1 > j", "g > j2 > m2 > j", "j > e", "b1 > f1 > m1", "b2 > f2 > m2"),
    ),
    error("E"),
)


@story(release(TWO_JOBS))
def an_error_is_caught_on_its_own_job_only(run: Run) -> None:
    """Another job's error event of the same code hears nothing."""
    run.fail("j2", "E")
    assert run.open == ["f2", "j1"]
    run.do("f2")
    run.finish("j1")
    assert run.ended


@story(release(diagram(process("p", start(), job("j"), end(), arrows("s > j > e")))))
def an_error_that_nothing_catches_is_an_incident(run: Run) -> None:
    """The job's failure names the element, and nothing has moved for the caller that decodes again."""
    with pytest.raises(Incident, match="j: the job failed with LOST, which nothing in the diagram catches") as caught:
        run.fail("j", "LOST")
    assert caught.value.element == "j" and caught.value.instance == 7
    run.log.pop()


ROUTE = table(
    "route",
    ["ground"],
    ["process", "reason"],
    [
        (['"died"'], ['"removal"', '"DIED"']),
        (["-"], ['"conference"', "null"]),
    ],
)


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                rule("r", "route", "way"),
                xor("x", "b"),
                user("a"),
                user("b"),
                end(),
                xor("m"),
                arrows("s > r > x > a > m > e", "x > b > m", when={"x_a": '=way.process = "removal"'}),
            )
        ),
        tables={"route": ROUTE},
    ),
    {"ground": "died"},
)
def a_decision_is_asked_and_recorded(run: Run) -> None:
    """The answer is written under its name; which row matched on what is recorded."""
    assert run.open == ["a"]
    made = run.bodies("DecisionMade")[0]
    assert made["result"] == {"process": "removal", "reason": "DIED"}
    assert (made["rules"][0]["decision"], made["rules"][0]["row"]) == ("route", 1)
    assert list(made["inputs"].values()) == [{"ground": "died"}]


@story(
    release(
        diagram(process("p", start(), user("a"), rule("r", "only", "way"), end(), arrows("s > a > r > e"))),
        tables={"only": table("only", ["n"], ["out"], [(["1"], ['"one"'])], "UNIQUE")},
    )
)
def a_decision_without_an_answer_is_an_incident(run: Run) -> None:
    """No rule is never taken for an answer."""
    with pytest.raises(Incident, match="r: decision only gave no answer"):
        run.do("a", n=2)
    run.log.pop()


@story(
    release(diagram(process("p", start(), script("c", "=[a, {b: a + 0.5}]", "out"), end(), arrows("s > c > e")))),
    {"a": 1},
)
def a_calculation_gives_what_can_be_kept(run: Run) -> None:
    """Whole numbers come back whole, dates as text."""
    assert run.ended and run.values["out"] == [1, {"b": 1.5}]


def _mi(sequential: bool, until: str | None = None) -> str:
    marker = many("=l", "i", "o", "=r", until, sequential)
    return diagram(process("p", start(), user("u", marker=marker), user("z"), end(), arrows("s > u > z > e")))


@story(release(_mi(False)), {"l": [1, None, 3]})
def parallel_instances_keep_the_lists_order(run: Run) -> None:
    """One instance for each item, null included; the output list has the input's order, whoever is first."""
    assert run.open == ["u", "u", "u"]
    run.do("u", 2, r="third")
    run.do("u", 0, r="first")
    run.do("u", r="second")
    assert run.values["o"] == ["first", "second", "third"] and run.open == ["z"]
    assert "r" not in run.values and "i" not in run.values


@story(release(_mi(True)), {"l": [1, None, 3]})
def sequential_instances_come_one_by_one(run: Run) -> None:
    """The next opens when the last is done, past a null item too."""
    for answer in ("x", "y", "z"):
        assert run.open == ["u"]
        run.do("u", r=answer)
    assert run.values["o"] == ["x", "y", "z"] and run.open == ["z"]


for _sequential in (True, False):
    _name = "sequential" if _sequential else "parallel"

    def _early(run: Run) -> None:
        """The completion condition ends a multi-instance early; those not done give null."""
        run.do("u", r="stop")
        assert run.open == ["z"] and run.values["o"] == ["stop", None, None]

    _early.__name__ = f"{_name}_instances_end_early_on_their_condition"
    story(release(_mi(_sequential, '=r = "stop" and numberOfCompletedInstances = 1')), {"l": [1, 2, 3]})(_early)

    def _empty(run: Run) -> None:
        """An empty list has no instances and gives an empty list."""
        assert run.open == ["z"] and run.values["o"] == []

    _empty.__name__ = f"{_name}_instances_of_an_empty_list_are_passed"
    story(release(_mi(_sequential)), {"l": []})(_empty)

    def _timed(run: Run) -> None:
        """An interrupting event on a multi-instance takes every instance away."""
        run.do("u", r="x")
        run.fire("t")
        assert run.open == ["late"] and run.timers == []
        run.do("late")
        assert run.ended and "o" not in run.values

    _timed.__name__ = f"{_name}_instances_are_interrupted_together"
    story(
        release(
            diagram(
                process(
                    "p",
                    start(),
                    user("u", marker=many("=l", "i", "o", "=r", sequential=_sequential)),
                    boundary("t", "u", timer("P2D")),
                    user("z"),
                    user("late"),
                    end(),
                    end("e2"),
                    arrows("s > u > z > e", "t > late > e2"),
                )
            )
        ),
        {"l": [1, 2]},
    )(_timed)


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                parallel("g"),
                user("u", marker=many("=l", "i", "o", "=r")),
                user("other"),
                parallel("j"),
                user("z"),
                end(),
                arrows("s > g", "g > u > j", "g > other > j", "j > z > e"),
            )
        )
    ),
    {"l": [1, 2]},
)
def the_list_is_fixed_when_the_instances_open(run: Run) -> None:
    """What another branch writes to the list later does not move it."""
    run.do("other", l=[9])
    run.do("u", r="x")
    run.do("u", r="y")
    assert run.values["o"] == ["x", "y"]


@story(
    release(
        diagram(
            process("p", start(), user("u", marker=many("=l", "i", "views", "=u.view")), end(), arrows("s > u > e"))
        ),
        by_task=True,
    ),
    {"l": ["x", "y"]},
)
def instances_by_task_keep_their_answers_to_themselves(run: Run) -> None:
    """The output element reads the instance's own answers; nothing else leaves it."""
    run.do("u", 1, view="b")
    run.do("u", view="a")
    assert run.ended and run.values == {"l": ["x", "y"], "views": ["a", "b"]}


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                sub(
                    "each",
                    start("s2"),
                    user("a"),
                    user("b"),
                    end("e2"),
                    arrows("s2 > a > b > e2"),
                    ext=mapping({"local": "=i"}),
                    marker=many("=l", "i", "o", "=i + loopCounter"),
                ),
                user("z"),
                end(),
                arrows("s > each > z > e"),
            )
        )
    ),
    {"l": [10, 20]},
)
def a_subprocess_can_be_many(run: Run) -> None:
    """Each instance runs its own tasks; all are gathered in order."""
    run.do("a", 1)
    assert run.open == ["a", "b"]
    run.do("b")
    run.do("a")
    run.do("b")
    assert run.open == ["z"] and run.values["o"] == [11, 22]


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                call("c", "child", mapping({"who": "=i"}, {"r": "=answer"}), marker=many("=l", "i", "o", "=r")),
                end(),
                arrows("s > c > e"),
            ),
        ),
        diagram(process("child", start("s9"), user("v"), end("e9"), arrows("s9 > v > e9"))),
    ),
    {"l": ["x", "y"]},
)
def a_call_can_be_many(run: Run) -> None:
    """Each call has variables of its own, and its mapped result is gathered."""
    run.do("v", 1, answer="second")
    run.do("v", answer="first")
    assert run.ended and run.values["o"] == ["first", "second"]
    assert "answer" not in run.values


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                job("j", marker=many("=l", "i")),
                boundary("b", "j", of("error", "E")),
                user("fix"),
                end(),
                end("e2"),
                arrows("s > j > e", "b > fix > e2"),
            ),
            error("E"),
        )
    ),
    {"l": [1, 2, 3]},
)
def one_instances_error_interrupts_them_all(run: Run) -> None:
    """The error event sits on the multi-instance as a whole."""
    run.finish("j")
    run.fail("j", "E")
    assert run.open == ["fix"]


GUARD = table(
    "may_end",
    ["case.harm", "case.plan_status"],
    ["may_end", "blocker"],
    [
        (["false", '"ACTIVE"'], ["true", "null"]),
        (["-", "-"], ["false", '"harm is not ruled out"']),
    ],
)
ENDING = diagram(
    process(
        "p",
        start(),
        user("decide"),
        job(
            "end_it",
            "end_plan",
            mapping(
                {
                    "outcome": '="PLAN_ENDED"',
                    "decided_on": "=decide.on",
                    "effective_on": "=decide.on",
                    "reason": "=decide.why",
                }
            ),
            tag("zeebe:taskHeaders", tag("zeebe:header", key="guard", value="may_end")),
        ),
        xor("x", "decide"),
        script("after", "=case.plan_status", "status"),
        end("PLAN_ENDED"),
        xor("m"),
        arrows("s > m > decide > end_it > x > m", "x > after > PLAN_ENDED", when={"x_after": "=end_it.ended"}),
    ).replace('default="x_decide"', 'default="x_m"')
)


@story(release(ENDING, by_task=True, tables={"may_end": GUARD}), case={"harm": False})
def a_plan_ends_when_its_guard_lets_it(run: Run) -> None:
    """The guard runs in the same command; the case reads ENDED from then on (SH-6)."""
    run.do("decide", on="2026-01-05", why="no longer at risk")
    assert run.ended and run.values["status"] == "ENDED"
    assert run.values["end_it"] == {"ended": True, "blockers": []}
    assert run.bodies("PlanEnded") == [
        {
            "element": "end_it",
            "guard": "may_end",
            "outcome": "PLAN_ENDED",
            "decided_on": "2026-01-05",
            "effective_on": "2026-01-05",
            "reason": "no longer at risk",
            "instance": 7,
        }
    ]
    assert run.bodies("PathwayEnded")[0]["outcomes"] == ["PLAN_ENDED"]


@story(release(ENDING, by_task=True, tables={"may_end": GUARD}), case={"harm": None})
def a_plan_stays_where_the_guard_does_not_know(run: Run) -> None:
    """Unknown never ends a plan: the ending is held, with the reason, and the diagram goes back to the decision."""
    run.do("decide", on="2026-01-05", why="w")
    assert run.open == ["decide"] and run.bodies("PlanEnded") == []
    assert run.bodies("EndingHeld")[0]["blockers"] == ["harm is not ruled out"]
    run.case["harm"] = False
    run.do("decide", on="2026-01-06", why="w")
    assert run.ended


@story(release(ENDING, by_task=True, tables={"may_end": GUARD}), case={"harm": False})
def a_plan_is_not_ended_without_a_date(run: Run) -> None:
    """What the law of the ending needs must be recorded first."""
    with pytest.raises(Incident, match="end_it: a plan cannot be ended without effective_on|decided_on"):
        run.do("decide", on="", why="w")
    run.log.pop()


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                user("a"),
                job("keep", "record_facts", mapping({"legal_status": "=a.status"})),
                script("read", "=case.legal_status", "seen"),
                end(),
                arrows("s > a > keep > read > e"),
            ),
        ),
        by_task=True,
    ),
    case={"legal_status": "none"},
)
def facts_are_recorded_and_read_at_once(run: Run) -> None:
    """What the step records, the rest of the same command reads."""
    run.do("a", status="ico")
    assert run.values["seen"] == "ico"
    assert run.bodies("FactsChanged") == [{"element": "keep", "facts": {"legal_status": "ico"}, "instance": 7}]


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                user("a"),
                job("keep", "record_facts", mapping({"plan_status": '="ENDED"'})),
                end(),
                arrows("s > a > keep > e"),
            )
        )
    )
)
def recording_facts_cannot_end_a_plan(run: Run) -> None:
    """Only the step that ends the plan writes its status."""
    with pytest.raises(Incident, match="keep: plan_status is written by the step that ends the plan"):
        run.do("a")
    run.log.pop()


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                user("a"),
                end("e", of("message", "m"), tag("zeebe:taskDefinition", type="webhook")),
                arrows("s > a > e"),
            ),
            tag("bpmn:message", id="m", name="told"),
        )
    )
)
def a_message_end_is_a_job_and_then_the_end(run: Run) -> None:
    """The end is reached when the worker has sent the message."""
    run.do("a")
    assert run.open == ["e"] and run.bodies("EndReached") == []
    run.finish("e")
    assert run.ended and run.bodies("EndReached")[0]["element"] == "e"


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                tag("bpmn:task", id="t"),
                tag("bpmn:manualTask", id="h"),
                throw("nothing"),
                user("a"),
                end(),
                arrows("s > t > h > nothing > a > e"),
            )
        )
    )
)
def what_nobody_has_to_do_is_passed(run: Run) -> None:
    """Undefined and manual tasks and plain throw events are for the reader."""
    assert run.open == ["a"]
    assert ("StepCompleted", "h") in run.kinds("StepCompleted")


@story(
    release(
        diagram(process("p", start(), user("a"), user("b"), end(), arrows("s > a > b > e"))),
    ),
)
def a_pathway_can_be_taken_back(run: Run) -> None:
    """Withdrawing closes everything that was open and says why."""
    run.do("a")
    run.withdraw("wrong case")
    assert run.ended and run.open == []
    assert run.state is not None and run.state.withdrawn == "wrong case"
    assert run.kinds("TaskWithdrawn", "PathwayWithdrawn") == [("PathwayWithdrawn", None), ("TaskWithdrawn", "b")]


@story(
    release(
        ENDING,
        by_task=True,
        tables={"may_end": table("may_end", ["case.harm"], ["may_end", "blocker"], [(["-"], ['"true"', "null"])])},
    ),
    case={"harm": False},
)
def a_guard_that_says_true_in_words_ends_nothing(run: Run) -> None:
    """Only the value true ends a plan; a text that looks like it does not."""
    run.do("decide", on="2026-01-05", why="w")
    assert run.open == ["decide"] and run.bodies("PlanEnded") == []
    assert run.bodies("EndingHeld")[0]["blockers"] == ["the guard did not say that the plan may end"]
