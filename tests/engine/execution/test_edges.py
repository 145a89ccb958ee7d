"""What is asked of a pathway and does not fit, and what its diagrams say when nobody runs them."""

# ruff: noqa: E501, ISC004 - exact words and drawings are easier to read unbroken
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.errors import Incident, Unreadable
from engine.execution import (
    CompleteTask,
    DeliverMessage,
    FinishJob,
    FireTimer,
    NotAwaited,
    NotRunning,
    StartUnknown,
    StateUnreadable,
    apply,
    check,
    decode,
    describe,
    encode,
    prepare,
    scope,
    soundness,
    waits,
)
from engine.execution.scopes import Scope
from engine.pathways import read_release
from tests.engine.execution.diagrams import (
    arrows,
    boundary,
    catch,
    diagram,
    end,
    form,
    inclusive,
    job,
    lanes,
    link,
    many,
    mapping,
    message,
    of,
    parallel,
    plain,
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
from tests.engine.execution.story import Run

PROCESSES = Path(__file__).parents[3] / "processes"
SIMPLE = release(plain())


def advice(found: Any) -> list[str]:
    return [str(each) for each in check(found) if each.severity == "advice"]


# ------------------------------------------------------------------ instructions that do not fit


def test_a_start_that_is_not_drawn_is_refused() -> None:
    """The refusal names the starts there are."""
    several = release(
        diagram(
            process("p", start("one", of("message", "m")), start("two", of("message", "m")), xor("x"), user("a"), end(),
                    arrows("one > x", "two > x", "x > a > e")),
            message("m", None),
        )
    )  # fmt: skip
    with pytest.raises(StartUnknown) as unnamed:
        Run(several)
    assert str(unnamed.value) == "Pathway p has no single plain start. Name one of: one, two."
    with pytest.raises(StartUnknown, match="Pathway p has no start three. Name one of: one, two."):
        Run(several, begin="three")


def test_a_pathway_that_was_never_started_does_nothing() -> None:
    """Only a start begins one."""
    circumstances = Run(SIMPLE).log[0][1]
    with pytest.raises(NotRunning, match="Pathway p is not running"):
        apply(prepare(SIMPLE), None, CompleteTask(1), circumstances)


def test_a_task_is_no_timer_and_a_timer_is_no_message() -> None:
    """Each instruction fits one kind of waiting."""
    run = Run(release(plain(boundary("t", "a", timer("P1D")), arrows("t > e2"), end("e2"))))
    task, clock = run.task("a"), run.waits.timers[0].task
    for wrong in (FireTimer(task), DeliverMessage(clock, "m"), DeliverMessage(task, "m")):
        with pytest.raises(NotAwaited):
            run.tell(wrong)
    waiting = Run(
        release(
            diagram(
                process("p", start(), catch("c", of("message", "m")), end(), arrows("s > c > e")), message("m", "=1")
            )
        )
    )
    with pytest.raises(NotAwaited, match="does not wait for a timer"):
        waiting.tell(FireTimer(waiting.waits.messages[0].task))
    with pytest.raises(Exception, match="is not open"):
        run.tell(FinishJob(task))


def test_answers_that_cannot_be_kept_are_refused() -> None:
    """Not a number is no answer, and the task stays open."""
    run = Run(SIMPLE)
    with pytest.raises(Unreadable, match="A number is not finite"):
        run.do("a", n=float("nan"))
    assert run.open == ["a"]


def test_answers_that_nest_without_end_are_refused() -> None:
    """What is kept is read by others, who have limits of their own."""
    deep: Any = 1
    for _ in range(2_000):
        deep = [deep]
    run = Run(SIMPLE)
    with pytest.raises(Unreadable, match="A value nests more than 100 deep"):
        run.do("a", deep=deep)
    assert run.open == ["a"]


@pytest.mark.parametrize("name", ["case", "parameters"])
def test_a_pathway_cannot_be_started_over_the_cases_own_names(name: str) -> None:
    """Those are read from the case, never handed in."""
    with pytest.raises(Incident, match=f"cannot be started with a variable {name}"):
        Run(SIMPLE, {name: 1})


# ------------------------------------------------------------------ expressions that give no use


@pytest.mark.parametrize(
    ("drawn", "words"),
    [
        (
            user("a", tag("zeebe:priorityDefinition", priority="=200")),
            "a: the priority is not a whole number from 0 to 100",
        ),
        (user("a", tag("zeebe:assignmentDefinition", assignee="=5")), "a: the assignee is not a text"),
        (job("a", retries="=0"), "a: the number of tries is not a whole number"),
        (script("a", "=function(x) x", "f"), "a: =function(x) x gave what cannot be kept"),
        (catch("a", of("message", "m")), "a: the correlation key of message m is not a text or a whole number"),
        (user("a", marker=many('="x"')), 'a: the input collection ="x" is not a list'),
        (user("a", marker=many("=1..1001")), "a: the input collection has 1001 items; at most 1000 can be open"),
        (user("a", mapping({"x": "=nowhere"})), "a: =nowhere could not be worked out"),
    ],
)
def test_a_value_of_no_use_is_an_incident(drawn: str, words: str) -> None:
    """The element is named, and what to do about it."""
    content = drawn.replace("=1..1001", "=for n in 1..1001 return n")
    found = release(diagram(process("p", start(), content, end(), arrows("s > a > e")), message("m", "=null")))
    with pytest.raises(Incident, match=r"^" + words.replace("(", r"\(").replace(")", r"\)")):
        Run(found)


def test_candidate_groups_that_are_null_leave_the_lanes_role() -> None:
    """Nobody in particular is the lane's role."""
    drawn = diagram(
        process("p", lanes(chair="a"), start(), user("a", tag("zeebe:assignmentDefinition", candidateGroups="=who")), end(),
                arrows("s > a > e"), ext=properties(inputs="who"))
    )  # fmt: skip
    wait = Run(release(drawn)).waits.tasks[0]

    assert (wait.role, wait.candidates) == ("chair", ())


def test_groups_may_be_a_line_with_commas() -> None:
    """As the editor's panel writes them."""
    drawn = user("a", tag("zeebe:assignmentDefinition", candidateGroups="iro, chair"))
    wait = Run(release(diagram(process("p", start(), drawn, end(), arrows("s > a > e"))))).waits.tasks[0]

    assert (wait.role, wait.candidates) == (None, ("iro", "chair"))


# ------------------------------------------------------------------ what is kept


def test_a_state_of_another_release_or_version_is_not_read() -> None:
    """It says to rebuild it from history."""
    run = Run(SIMPLE)
    assert run.state is not None
    rows = encode(run.state)
    with pytest.raises(StateUnreadable, match="names a step that its release does not have"):
        decode(prepare(release(diagram(process("p", start(), user("b"), end(), arrows("s > b > e"))))), rows)
    with pytest.raises(StateUnreadable, match="is not of version 1"):
        decode(run.pathway, [2, *rows[1:]])
    with pytest.raises(StateUnreadable):
        decode(run.pathway, [])


def test_a_thousand_rounds_leave_the_state_as_small_as_one() -> None:
    """Finished tokens leave: what happened is in the history."""
    loop = release(
        diagram(
            process("p", start(), xor("m"), user("review"), boundary("t", "review", timer("P30D")), user("late"), xor("x", "m"),
                    end(), end("e2"), arrows("s > m > review > x > m", "x > e", "t > late > e2", when={"x_e": "=stop"}))
        )
    )  # fmt: skip
    run = Run(loop, {"stop": False})
    sizes = []
    for _ in range(300):
        run.do("review", stop=False)
        sizes.append(len(run.bytes[-1]))

    assert max(sizes) - min(sizes) < 40


# ------------------------------------------------------------------ what a diagram says of itself


def test_a_prepared_pathway_answers_for_its_elements() -> None:
    """Title, help, properties and role; an id nobody drew has its words and nothing else."""
    drawn = tag(
        "bpmn:userTask",
        "<bpmn:documentation>Write <b/>why.</bpmn:documentation>"
        f"<bpmn:extensionElements>{properties(clauses='CAM-1.1')}</bpmn:extensionElements>",
        id="a",
        name="Say why",
    )
    pathway = prepare(
        release(diagram(process("p", lanes(chair="a"), start(), drawn, user("b_c"), end(), arrows("s > a > b_c > e"))))
    )

    assert (
        pathway.title_of("a") == "Say why"
        and pathway.title_of("b_c") == "b c"
        and pathway.title_of("not_drawn") == "not drawn"
    )
    assert pathway.help_of("a") == "Write why." and pathway.help_of("x") == ""
    assert pathway.properties_of("a") == {"casework:clauses": "CAM-1.1"} and pathway.properties_of("x") == {}
    drawn = pathway.element("a", "p")
    assert drawn is not None and drawn.lane == "chair" and pathway.element("x") is None


def test_an_open_task_sees_its_variables_by_name() -> None:
    """What is written later is there as null; a task that is not open sees nothing."""
    run = Run(
        release(
            diagram(
                process("p", start(), user("a", mapping({"own": "=1"})), user("b"), end(), arrows("s > a > b > e"))
            ),
            by_task=True,
        ),
        {"x": 2},
    )
    assert run.state is not None

    assert scope(run.state, run.task("a")) == {"a": None, "b": None, "own": 1, "x": 2}
    assert scope(run.state, 999) == {}


def test_a_shipped_pathway_describes_everything_a_scenario_may_use() -> None:
    """Elements, tasks with fields, decisions with rows, letters, messages, ends, roles and clauses."""
    told = describe(prepare(read_release(PROCESSES, "camden", "camden_admin_removal")))

    ends = {each["outcome"] for each in told["ends"]}
    assert {"PLAN_ENDED_ADMIN_DIED", "ADMIN_REMOVAL_REFUSED", "ADMIN_REMOVAL_NOT_ELIGIBLE"} <= ends
    assert "CAM-2.1" in told["clauses"] and told["answers"] == "by task"
    assert all(each["rows"] for each in told["decisions"] if each["id"] == "camden_admin_eligibility")
    assert {"id", "task", "fields"} == set(told["forms"][0])
    assert all(isinstance(each["clauses"], str) for each in (*told["elements"], *told["letters"]))
    assert {each["element"] for each in told["tasks"]} <= {each["id"] for each in told["elements"]}


@pytest.mark.parametrize("pathway", sorted(each.parent.name for each in PROCESSES.glob("camden/*/pathway.toml")))
def test_every_shipped_pathway_keeps_every_convention(pathway: str) -> None:
    """Our own diagrams take no advice."""
    assert [str(each) for each in check(read_release(PROCESSES, "camden", pathway), conventions=True)] == []


# ------------------------------------------------------------------ advice


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (release(diagram(process("p", lanes(Lane_1="a"), start(), user("a"), end(), arrows("s > a > e")))),
         "area/p/d0.bpmn: p: The lane Lane_1 has the id Lane_1. Give it the id of its role in authority.toml."),
        (release(diagram(process("p", start(), user("Activity_1"), end(), arrows("s > Activity_1 > e")))),
         "area/p/d0.bpmn: Activity_1: The id Activity_1 is no word. Write lower-case words, such as decide_removal."),
        (SIMPLE, "area/p/d0.bpmn: a: It has no name that people could read. Write what is done, asked or reached."),
        (SIMPLE, "area/p/d0.bpmn: a: It stands in no lane, so it has no role. Put it in the lane of its role."),
        (SIMPLE, "area/p/d0.bpmn: a: It has no due date and does not say why. Write its due date, or why it has no "
                 "due date (casework:no_due_date)."),
        (SIMPLE, "area/p/d0.bpmn: a: It does not say whose rule it is. Choose its label: policy, reading or product "
                 "(casework:label)."),
        (release(diagram(process("p", start(), user("a", properties(label="policy")), end(), arrows("s > a > e")))),
         "area/p/d0.bpmn: a: It names no clause of the policy. Name its clauses, such as CAM-2.3 (casework:clauses)."),
        (release(diagram(process("p", start(), xor("x"), end(), end("e2"), arrows("s > x > e", "x > e2",
                                                                              when={"x_e": "=n = 1", "x_e2": "=n = 2"})))),
         "area/p/d0.bpmn: x: This question has no default answer. Make the arrow that keeps the plan the default."),
        (release(diagram(process("p", start(), xor("x", "e"), end(), end("e2"), arrows("s > x > e", "x > e2",
                                                                              when={"x_e2": "=n = 1"})))),
         "area/p/d0.bpmn: x: Its condition of x_e2 reads n, which nothing in the diagram writes. Correct the name, map it "
         "in, or name it in the process's property casework:inputs."),
        (release(diagram(process("p", start(), rule("r", "d", "out"), end(), arrows("s > r > e"))),
                 tables={"d": table("d", ["age"], ["x"], [(["-"], ["1"])])}),
         "area/p/d0.bpmn: r: Its decision d reads age, which nothing in the diagram writes. Correct the name, map it in, "
         "or name it in the process's property casework:inputs."),
        (release(diagram(process("p", start(), tag("bpmn:manualTask", id="a"), end(), arrows("s > a > e")))),
         "area/p/d0.bpmn: a: It is passed at once: nobody is asked, and nothing is kept. Make it a user task, if it is work."),
        (release(diagram(process("p", start(), user("a"), arrows("s > a")))),
         "area/p/d0.bpmn: a: No arrow leaves it, so the way ends here without an end event. Draw an arrow to an end event."),
        (release(diagram(process("p", start("s", of("message", "m")), user("a"), end(), arrows("s > a > e")), message("m", None))),
         "area/p/d0.bpmn: s: Its message or signal begins nothing by itself: people and other pathways begin this one. To let "
         "a message begin it, draw a plain start event and a step that waits for the message behind it, and name both under "
         "[messages] in authority.toml."),
        (release(diagram(process("p", start(), user("a"), arrows("s > a")))),
         "area/p/d0.bpmn: p: The process has no end event. Draw one, and name its outcome."),
        (release(diagram(process("p", start(), parallel("g"), user("a"), user("b"), xor("x", "j"), parallel("j"), end(), end("e2"),
                                 arrows("s > g", "g > a > x > j", "g > b > j", "j > e", "x > e2", when={"x_e2": "=leave"})))),
         "area/p/d0.bpmn: j: Some ways through the diagram leave this gateway waiting for ever. Lead every branch of the "
         "split here, or end the other ways with a terminate end event."),
    ],
)  # fmt: skip
def test_advice_says_what_would_be_read_better(found: Any, words: str) -> None:
    """Advice stops nobody's diagram from running."""
    assert words in advice(found)
    prepare(found)


def test_names_that_are_handed_in_are_known() -> None:
    """The property casework:inputs of a process says what it is started or called with."""
    drawn = process("p", start(), xor("x", "e"), end(), end("e2"), arrows("s > x > e", "x > e2", when={"x_e2": "=n = 1"}),
                    ext=properties(inputs="n"))  # fmt: skip
    assert not [each for each in advice(release(diagram(drawn))) if "which nothing in the diagram writes" in each]
    run = Run(release(diagram(drawn)))
    assert run.ended


# ------------------------------------------------------------------ playing the tokens through


SOUND = [
    process("p", start(), inclusive("g", "b"), user("a"), user("b"), inclusive("j"), end(),
            arrows("s > g", "g > a > j", "g > b > j", "j > e", when={"g_a": "=true"})),
    process("p", start(), parallel("g"), user("a"), user("b"), end("e", of("terminate")), end("e2"),
            arrows("s > g", "g > a > e", "g > b > e2")),
    process("p", start(), user("a"), throw("t", link("far")), catch("c", link("far")), user("b"), end(), arrows("s > a > t", "c > b > e")),
    process("p", start(), xor("m"), parallel("g"), user("a"), user("b"), parallel("j"), xor("x", "e"), end(),
            arrows("s > m > g", "g > a > j", "g > b > j", "j > x > e", "x > m", when={"x_m": "=true"})),
    process("p", start(), parallel("g"), sub("one", start("s2"), script("x", "=1", "n"), end("e2"), arrows("s2 > x > e2"),
                                             ext=mapping({"n": "=0"})),
            script("y", "=1", "n"), parallel("j"), end(), arrows("s > g", "g > one > j", "g > y > j", "j > e")),
]  # fmt: skip


@pytest.mark.parametrize("drawn", SOUND)
def test_sound_diagrams_are_left_in_peace(drawn: str) -> None:
    """No join overflows, none starves, and no branches collide."""
    assert not [
        each for each in map(str, check(release(diagram(drawn)))) if "gateway" in each or "parallel branch" in each
    ]


def test_a_subprocess_and_a_task_beside_it_may_not_write_the_same_name() -> None:
    """What is written inside a subprocess is written in the process, unless the subprocess took the name in."""
    drawn = process(
        "p", start(), parallel("g"), sub("one", start("s2"), script("x", "=1", "n"), end("e2"), arrows("s2 > x > e2")),
        script("y", "=1", "n"), parallel("j"), end(), arrows("s > g", "g > one > j", "g > y > j", "j > e"),
    )  # fmt: skip
    refusals = [str(each) for each in check(release(diagram(drawn))) if each.severity == "refusal"]

    assert refusals == [
        "area/p/d0.bpmn: one: It writes n, and so does y (y) on a parallel branch: whichever comes last would win. "
        "Give one of them another name."
    ]


def test_a_reminder_that_comes_back_into_its_branch_is_refused() -> None:
    """An event beside a task makes a second token; brought back before a join, it would be left over there."""
    drawn = process(
        "p", start(), parallel("g"), user("a"), boundary("t", "a", timer("P1D"), False), user("remind"), user("b"), xor("m"),
        parallel("j"), end(), arrows("s > g", "g > a > m > j", "t > remind > m", "g > b > j", "j > e"),
    )  # fmt: skip
    refusals = [str(each) for each in check(release(diagram(drawn))) if each.severity == "refusal"]

    assert len(refusals) == 1
    assert refusals[0].startswith("area/p/d0.bpmn: j: Two tokens can come to this gateway by the same arrow")


def test_a_join_that_no_way_passes_is_refused() -> None:
    """A question takes one arrow, so a parallel gateway after it would wait for the other one for ever."""
    drawn = process("p", start(), xor("x", "b"), user("a"), user("b"), parallel("j"), end(),
                    arrows("s > x > a > j", "x > b > j", "j > e", when={"x_a": "=n = 1"}))  # fmt: skip
    refusals = [str(each) for each in check(release(diagram(drawn))) if each.severity == "refusal"]

    assert refusals == [
        "area/p/d0.bpmn: j: No way through the diagram brings this gateway what it waits for: it would wait for ever. "
        "Bring branches together with a gateway of the kind that split them."
    ]


@pytest.mark.parametrize(
    ("listed", "reached"), [("x_a x_b x_e", "a"), ("x_b x_a x_e", "b"), ("x_b x_a", "a"), ("", "a")]
)
def test_conditions_are_asked_in_the_order_in_which_the_gateway_lists_its_arrows(listed: str, reached: str) -> None:
    """BPMN 2.0.2, 13.4.2: in order; where the list is not of the drawn arrows, in the order of these."""
    gateway = tag(
        "bpmn:exclusiveGateway", "".join(tag("bpmn:outgoing", each) for each in listed.split()), id="x", default="x_e"
    )
    drawn = process("p", start(), gateway, user("a"), user("b"), end(), end("e2"), end("e3"),
                    arrows("s > x > a > e2", "x > b > e3", "x > e", when={"x_a": "=true", "x_b": "=true"}))  # fmt: skip
    run = Run(release(diagram(drawn)))

    assert run.state is not None
    assert [reached] == [task.element for task in waits(run.state).tasks]


def test_two_calls_of_one_process_at_once_may_not_return_everything() -> None:
    """Whatever the called process writes would come back twice."""
    called = '<zeebe:calledElement processId="child"/>'
    calls = "".join(
        tag("bpmn:callActivity", f"<bpmn:extensionElements>{called}</bpmn:extensionElements>", id=each) for each in "ab"
    )
    found = release(
        diagram(
            process(
                "p",
                start(),
                parallel("g"),
                calls,
                parallel("j"),
                end(),
                arrows("s > g", "g > a > j", "g > b > j", "j > e"),
            )
        ),
        diagram(process("child", start(), script("x", "=1", "n"), end(), arrows("s > x > e"))),
    )

    assert "It writes n, and so does b" in str(check(found)[0])


@pytest.mark.parametrize(("limit", "value"), [("MOST_MARKINGS", 1), ("MOST_EFFORT", 4)])
def test_a_diagram_is_played_through_only_so_far(monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    """What stands beyond the limit is left unsaid; a check never takes for ever."""
    monkeypatch.setattr(soundness, limit, value)
    drawn = process("p", start(), parallel("g"), script("a", "=1", "n"), script("b", "=1", "n"), parallel("j"), end(),
                    arrows("s > g", "g > a > j", "g > b > j", "j > e"))  # fmt: skip

    assert [each for each in check(release(diagram(drawn))) if each.severity == "refusal"] == []


def test_a_table_that_cannot_be_read_is_refused_with_its_diagram() -> None:
    """A release is its tables too."""
    drawn = diagram(process("p", start(), rule("r", "d", "out"), end(), arrows("s > r > e")))
    broken = table("d", ["1 +"], ["x"], [(["-"], ["1"])])
    refusals = [each for each in check(release(drawn, tables={"d": broken})) if each.severity == "refusal"]

    assert refusals and all(each.file == "area/p/decisions/d.dmn" for each in refusals)


def test_a_form_that_cannot_be_read_is_refused_with_its_diagram() -> None:
    """A release is its forms too."""
    drawn = diagram(
        process("p", start(), user("a", tag("zeebe:formDefinition", formId="f")), end(), arrows("s > a > e"))
    )
    broken = form("f", "x").replace("textfield", "hologram")
    refusals = [each for each in check(release(drawn, forms={"f": broken})) if each.severity == "refusal"]

    assert refusals[0].file == "area/p/forms/f.form"


def test_a_scope_is_a_mapping_of_what_can_be_read() -> None:
    """Roots come first, inner frames hide outer ones, declared names read as null, and others are not there."""
    seen = Scope([{"a": 1}, {"a": 2, "b": 3, "case": 4}], {"case": {"x": 1}}, frozenset({"later"}))

    assert (seen["a"], seen["b"], seen["case"], seen["later"]) == (1, 3, {"x": 1}, None)
    assert "later" in seen and "never" not in seen and seen.get("never", 9) == 9
    assert list(seen) == ["case", "a", "b"] and len(seen) == 3
    with pytest.raises(KeyError):
        seen["never"]


def test_an_element_may_have_any_name() -> None:
    """Even those that SpiffWorkflow gives to parts of its own."""
    drawn = process(
        "p", start("Start"), user("Root"), boundary("b", "Root", timer("P1D")), user("Root.BoundaryEventSplit"), end("End"),
        end("p.EndJoin"), arrows("Start > Root > End", "b > Root.BoundaryEventSplit > p.EndJoin"),
    )  # fmt: skip
    run = Run(release(diagram(drawn)))
    run.fire("b")
    run.do("Root.BoundaryEventSplit")

    assert run.ended


def test_what_editors_note_about_themselves_is_left_alone() -> None:
    """The modeler's own attributes and elements say nothing about the process."""
    note = '<m:template xmlns:m="http://camunda.org/schema/modeler/1.0" id="t"/>'
    drawn = (
        '<bpmn:userTask id="a" zeebe:modelerTemplate="x"><bpmn:extensionElements>'
        + note
        + "</bpmn:extensionElements></bpmn:userTask>"
    )

    prepare(release(diagram(process("p", start(), drawn, end(), arrows("s > a > e")))))


def test_a_plan_that_has_ended_is_not_ended_again() -> None:
    """The ending is held, and says that the plan has already ended."""
    ending = job(
        "end_it", "end_plan",
        mapping({"outcome": '="X"', "decided_on": '="2026-01-05"', "effective_on": '="2026-01-05"', "reason": '="r"'}),
        tag("zeebe:taskHeaders", tag("zeebe:header", key="guard", value="g")),
    )  # fmt: skip
    found = release(
        diagram(process("p", start(), ending, end(), arrows("s > end_it > e"))),
        tables={"g": table("g", ["1"], ["may_end", "blocker"], [(["-"], ["true", "null"])])},
    )
    run = Run(found, case={"case_id": "C1", "plan_status": "ENDED"})

    assert run.bodies("PlanEnded") == [] and run.bodies("EndingHeld")[0]["blockers"] == ["the plan has already ended"]


def test_a_decision_may_read_what_history_cannot_keep() -> None:
    """A range that a table read is recorded by its kind."""
    drawn = diagram(process("p", start(), rule("r", "d", "out"), end(), arrows("s > r > e")))
    run = Run(release(drawn, tables={"d": table("d", ["[1..5]"], ["x"], [(["-"], ["1"])])}))

    assert list(run.bodies("DecisionMade")[0]["inputs"]["d"].values()) == ["range"]
    broken = release(drawn, tables={"d": table("d", ["1"], ["x"], [(["-"], ["[1..5]"])])})
    with pytest.raises(Incident, match="r: a decision gave what cannot be kept"):
        Run(broken)
