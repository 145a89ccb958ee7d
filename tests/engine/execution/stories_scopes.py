"""Stories of variables: who sees which, and what crosses a subprocess's or a call's edge."""

from __future__ import annotations

import pytest

from engine.errors import Incident
from tests.engine.execution.diagrams import (
    arrows,
    call,
    diagram,
    end,
    lanes,
    mapping,
    parallel,
    process,
    release,
    script,
    start,
    sub,
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
                sub(
                    "sp",
                    start("s2"),
                    user("in"),
                    end("e3"),
                    arrows("s2 > in > e3"),
                    ext=mapping({"loc": "=k"}, {"res": "=loc"}),
                ),
                end(),
                arrows("s > sp > e"),
            )
        )
    ),
    {"k": 1},
)
def a_subprocess_keeps_its_own_names(run: Run) -> None:
    """A name that the subprocess took in stays inside; others go to the process; output mappings read both."""
    run.do("in", loc=9, new=5)
    assert run.values == {"k": 1, "res": 9, "new": 5}


CALLING = diagram(
    process(
        "p",
        start(),
        user("u"),
        call("c", "child", mapping({"who": "=name"}, {"answer": "=answer"})),
        user("w"),
        end(),
        arrows("s > u > c > w > e"),
    )
)
CHILD = diagram(
    process("child", start("s9"), user("v"), script("seen", "=who", "saw"), end("e9"), arrows("s9 > v > seen > e9"))
)


@story(release(CALLING, CHILD), {"name": "n-1", "secret": 1})
def a_called_process_sees_only_what_it_is_given(run: Run) -> None:
    """A call activity is a wall: in by input mappings, out by output mappings."""
    run.do("u")
    run.do("v", answer=42, private=1)
    assert run.open == ["w"] and run.values == {"name": "n-1", "secret": 1, "answer": 42}


@story(
    release(
        diagram(process("p", start(), call("c", "child", all_in=True, all_out=True), end(), arrows("s > c > e"))),
        diagram(
            process(
                "child",
                start("s9"),
                user("v"),
                script("sum", "=a + b", "total"),
                end("e9"),
                arrows("s9 > v > sum > e9"),
            )
        ),
    ),
    {"a": 1},
)
def a_call_can_pass_everything(run: Run) -> None:
    """With both propagate settings on, all variables cross in and back."""
    run.do("v", b=2)
    assert run.ended and run.values == {"a": 1, "b": 2, "total": 3}


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                call("c", "child"),
                xor("x", "e"),
                user("a"),
                end(),
                end("e2"),
                arrows("s > c > x > e", "x > a > e2", when={"x_a": '=c.outcome = "KEPT"'}),
            )
        ),
        diagram(
            process(
                "child",
                start("s9"),
                user("v"),
                xor("x", "OTHER"),
                end("KEPT"),
                end("OTHER"),
                arrows("s9 > v > x > OTHER", "x > KEPT", when={"x_KEPT": "=v.keep"}),
            )
        ),
        by_task=True,
    )
)
def a_call_says_which_end_it_reached(run: Run) -> None:
    """By task, the call's id holds the outcome; the pathway's own outcomes include it."""
    run.do("v", keep=True)
    assert run.open == ["a"] and run.values["c"] == {"outcome": "KEPT", "outcomes": ["KEPT"]}
    run.do("a")
    assert run.bodies("PathwayEnded")[0]["outcomes"] == ["KEPT"]


ROUND = diagram(
    process(
        "p",
        start(),
        user("a"),
        xor("x", "e"),
        call("again", "p", mapping({"left": "=left - 1"}, {"deep": "=deep"})),
        script("here", "=left", "deep"),
        xor("m"),
        end(),
        arrows("s > a > x > here > m > e", "x > again > m", when={"x_again": "=left > 0"}).replace(
            'id="x_here"', 'id="x_e"'
        ),
    )
)


@story(release(ROUND), {"left": 2})
def a_process_can_call_itself(run: Run) -> None:
    """Each round has variables of its own."""
    for _ in range(3):
        run.do("a")
    assert run.ended and run.values == {"left": 2, "deep": 0}


PING = diagram(process("p", start(), user("a"), call("c", "pong"), end(), arrows("s > a > c > e")))
PONG = diagram(
    process(
        "pong",
        start("s"),
        user("b"),
        xor("x", "e"),
        call("c", "p"),
        end(),
        end("e2"),
        arrows("s > b > x > e", "x > c > e2", when={"x_c": "=more"}),
    )
)


@story(release(PING, PONG))
def processes_can_call_each_other(run: Run) -> None:
    """Cycles between processes go as deep as the story does; element ids may be alike in both."""
    run.do("a")
    run.do("b", more=True)
    run.do("a")
    run.do("b", more=False)
    assert run.ended


@story(
    release(
        diagram(process("p", start(), user("a"), call("c", "p2"), end(), arrows("s > a > c > e"))),
        diagram(process("p2", start(), call("c", "p2"), end(), arrows("s > c > e"))),
    )
)
def calls_without_end_are_stopped(run: Run) -> None:
    """A process that calls itself at once is stopped and a person is told."""
    with pytest.raises(Incident, match="c: processes call each other more than 50 deep"):
        run.do("a")
    run.log.pop()


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                user("a"),
                xor("m"),
                script("n", "=1", "n"),
                xor("x", "m"),
                end(),
                arrows("s > a > m > n > x > m", "x > e", when={"x_e": "=false"}),
            )
        )
    )
)
def a_loop_without_a_stop_is_stopped(run: Run) -> None:
    """Ten thousand steps in one command are enough."""
    with pytest.raises(Incident, match="went round 10000 steps without a stop"):
        run.do("a")
    run.log.pop()


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                xor("x", "b"),
                user("a"),
                user("b"),
                end(),
                xor("m"),
                arrows("s > x > a > m > e", "x > b > m", when={"x_a": "=b = null"}),
            )
        ),
        by_task=True,
    )
)
def a_name_that_is_written_later_reads_as_null(run: Run) -> None:
    """b is a task of this process and not yet done: an explicit question for null is answered."""
    assert run.open == ["a"]


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                user("a"),
                xor("x", "c"),
                user("b"),
                user("c"),
                xor("m"),
                end(),
                arrows("s > a > x > b > m > e", "x > c > m", when={"x_b": "=nowhere = 1"}),
            )
        )
    )
)
def a_name_that_nothing_writes_is_an_incident(run: Run) -> None:
    """An unknown name never silently decides."""
    with pytest.raises(Incident, match="x: =nowhere = 1 could not be worked out") as caught:
        run.do("a")
    assert caught.value.element == "x"
    run.log.pop()


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                user("a"),
                xor("x", "c"),
                user("b"),
                user("c"),
                xor("m"),
                end(),
                arrows("s > a > x > b > m > e", "x > c > m", when={"x_b": "=answer"}),
            )
        )
    )
)
def a_condition_that_is_no_yes_or_no_is_an_incident(run: Run) -> None:
    """A text is not an answer to a question at a gateway."""
    with pytest.raises(Incident, match="x: the condition =answer gave string, not true or false"):
        run.do("a", answer="yes")
    run.log.pop()


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                user("a"),
                xor("x"),
                user("b"),
                user("c"),
                xor("m"),
                end(),
                arrows("s > a > x > b > m > e", "x > c > m", when={"x_b": "=n = 1", "x_c": "=n = 2"}),
            )
        )
    )
)
def a_question_without_a_default_can_be_an_incident(run: Run) -> None:
    """Without a default arrow, no true condition leaves the pathway where it is."""
    with pytest.raises(Incident, match="x: no arrow can be taken"):
        run.do("a", n=3)
    run.log.pop()


@story(release(diagram(process("p", start(), user("a"), end(), arrows("s > a > e")))))
def nobody_writes_the_case_itself(run: Run) -> None:
    """`case` and `parameters` are the case's own names."""
    with pytest.raises(Incident, match="a would write case, which only the case itself writes"):
        run.do("a", case={"plan_status": "ENDED"})
    run.log.pop()


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                parallel("g"),
                user("a"),
                user("b"),
                parallel("j"),
                end(),
                arrows("s > g", "g > a > j", "g > b > j", "j > e"),
            )
        )
    ),
    {"status": "open"},
)
def parallel_branches_see_each_others_writes(run: Run) -> None:
    """Variables live in scopes, not on tokens: a join merges nothing and loses nothing."""
    run.do("b", status="b", x=1)
    run.do("a", y=2)
    assert run.ended and run.values == {"status": "b", "x": 1, "y": 2}


@story(
    release(
        diagram(
            process("p", lanes(chair="c w"), start(), call("c", "child"), user("w"), end(), arrows("s > c > w > e"))
        ),
        diagram(process("child", start("s9"), user("v"), end("e9"), arrows("s9 > v > e9"))),
    )
)
def a_called_process_without_lanes_works_in_its_callers(run: Run) -> None:
    """The call's lane is the role of what has none of its own."""
    assert run.waits.tasks[0].role == "chair"


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                script("make", "={zebra: 1, apple: [{y: 1, x: 2}]}", "made"),
                user("a"),
                script("count", "=for each in get entries(made) return each.key", "keys"),
                script("given", "=for each in get entries(answer) return each.key", "answered"),
                end(),
                arrows("s > make > a > count > given > e"),
            )
        )
    )
)
def the_order_of_entries_is_that_of_their_names(run: Run) -> None:
    """An expression that goes through a context's entries finds them in the same order, kept or not."""
    run.do("a", answer={"q": 1, "b": 2})
    assert run.values["keys"] == ["apple", "zebra"] and run.values["answered"] == ["b", "q"]


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                call("c", "child", mapping({"who": "=name"}, {"name": "=who"})),
                end(),
                arrows("s > c > e"),
            )
        ),
        diagram(process("child", start(), user("v"), end(), arrows("s > v > e"))),
    ),
    {"name": "n-1"},
)
def an_output_mapping_reads_what_the_called_process_made_of_a_name(run: Run) -> None:
    """The called process's own value comes before the one that was handed in."""
    run.do("v", who="n-2")
    assert run.ended and run.values == {"name": "n-2"}


@story(
    release(
        diagram(
            process("p", start(), call("c", "child", all_in=True), user("later"), end(), arrows("s > c > later > e")),
        ),
        diagram(
            process(
                "child",
                start(),
                xor("x", "b"),
                user("a"),
                user("b"),
                xor("m"),
                end(),
                arrows("s > x > a > m > e", "x > b > m", when={"x_a": "=later = null"}),
            )
        ),
        by_task=True,
    )
)
def a_called_process_that_sees_everything_knows_its_callers_names(run: Run) -> None:
    """What the caller writes later reads as null in it, too."""
    assert run.open == ["a"]
