"""Stories of gateways: sequence, choice, fork and join, inclusive ways, and loops around them."""

from __future__ import annotations

from tests.engine.execution.diagrams import (
    arrows,
    boundary,
    catch,
    diagram,
    end,
    event_gateway,
    inclusive,
    link,
    message,
    of,
    parallel,
    process,
    release,
    script,
    signal,
    start,
    throw,
    timer,
    user,
    xor,
)
from tests.engine.execution.story import Run, story

FORK = "s > g", "g > a > j", "g > b > j", "j > z > e"


@story(release(diagram(process("p", start(), user("a"), user("b"), end(), arrows("s > a > b > e")))))
def tasks_follow_each_other(run: Run) -> None:
    """A token moves along the arrows, one element at a time."""
    assert run.open == ["a"]
    run.do("a", x=1)
    assert run.open == ["b"]
    run.do("b", y=2)
    assert run.ended and run.values == {"x": 1, "y": 2}
    assert run.kinds("StepEntered", "StepCompleted", "EndReached", "PathwayEnded") == [
        ("StepEntered", "s"),
        ("StepCompleted", "s"),
        ("StepEntered", "a"),
        ("StepCompleted", "a"),
        ("StepEntered", "b"),
        ("StepCompleted", "b"),
        ("StepEntered", "e"),
        ("EndReached", "e"),
        ("StepCompleted", "e"),
        ("PathwayEnded", None),
    ]
    assert [each["flow"] for each in run.bodies("FlowTaken")] == ["s_a", "a_b", "b_e"]


CHOICE = diagram(
    process(
        "p",
        start(),
        xor("x", "c"),
        user("a"),
        user("b"),
        user("c"),
        end(),
        xor("m"),
        arrows("s > x", "x > a > m", "x > b > m", "x > c > m", "m > e", when={"x_a": "=n > 10", "x_b": "=n > 5"}),
    )
)


@story(release(CHOICE), {"n": 20})
def the_first_true_arrow_is_taken(run: Run) -> None:
    """An exclusive gateway takes the first arrow whose condition is true, in the order they are drawn."""
    assert run.open == ["a"]


@story(release(CHOICE), {"n": 7})
def a_later_arrow_is_taken_where_the_first_is_false(run: Run) -> None:
    """An exclusive gateway goes on asking until one is true."""
    assert run.open == ["b"]
    run.do("b")
    assert run.ended


@story(release(CHOICE), {"n": 1})
def the_default_arrow_is_taken_where_none_is_true(run: Run) -> None:
    """The default arrow has no condition."""
    assert run.open == ["c"]


@story(
    release(
        diagram(
            process("p", start(), parallel("g"), user("a"), user("b"), parallel("j"), user("z"), end(), arrows(*FORK))
        )
    )
)
def a_join_waits_for_every_branch(run: Run) -> None:
    """A parallel join is passed once a token has come by each arrow; nothing written on a branch is lost."""
    run.do("b", y=2, log=["b"])
    assert run.open == ["a"]
    run.do("a", x=1)
    assert run.open == ["z"]
    assert run.values == {"x": 1, "y": 2, "log": ["b"]}
    run.do("z")
    assert run.ended


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                xor("m"),
                parallel("g"),
                user("a"),
                user("b"),
                parallel("j"),
                user("again"),
                xor("x", "m"),
                end(),
                arrows("s > m > g", "g > a > j", "g > b > j", "j > again > x > m", "x > e", when={"x_e": "=stop"}),
            )
        )
    ),
    {"stop": False},
)
def a_join_in_a_loop_waits_again_each_round(run: Run) -> None:
    """A finished round's tokens never count for the next round."""
    run.do("a")
    run.do("b")
    run.do("again")
    run.do("b")
    assert run.open == ["a"]
    run.do("a")
    run.do("again", stop=True)
    assert run.ended


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
                user("f"),
                end(),
                end("e2"),
                boundary("late", "a", timer("P2D")),
                arrows("s > g", "g > a > j", "g > b > j", "j > e", "late > f > e2"),
            )
        )
    )
)
def a_branch_that_ends_elsewhere_leaves_its_join_waiting(run: Run) -> None:
    """Drawn is executed: the join waits for ever, and the pathway stays open for a person to see."""
    run.fire("late")
    run.do("f")
    run.do("b")
    assert run.open == [] and not run.ended


OR = diagram(
    process(
        "p",
        start(),
        inclusive("g", "c"),
        user("a"),
        user("b"),
        user("c"),
        inclusive("j"),
        user("z"),
        end(),
        arrows("s > g", "g > a > j", "g > b > j", "g > c > j", "j > z > e", when={"g_a": "=pick_a", "g_b": "=pick_b"}),
    )
)


@story(release(OR), {"pick_a": True, "pick_b": True})
def an_inclusive_join_waits_for_the_ways_that_were_taken(run: Run) -> None:
    """It waits for both branches that were opened, and not for the third."""
    assert run.open == ["a", "b"]
    run.do("b")
    assert run.open == ["a"]
    run.do("a")
    assert run.open == ["z"]


@story(release(OR), {"pick_a": True, "pick_b": False})
def an_inclusive_join_passes_a_single_way(run: Run) -> None:
    """One way taken is one token to wait for."""
    assert run.open == ["a"]
    run.do("a")
    assert run.open == ["z"]


@story(release(OR), {"pick_a": False, "pick_b": False})
def an_inclusive_gateway_takes_its_default(run: Run) -> None:
    """Where no condition is true the default arrow is taken."""
    assert run.open == ["c"]
    run.do("c")
    run.do("z")
    assert run.ended


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                inclusive("g", "b"),
                user("a"),
                user("b"),
                inclusive("j"),
                user("z"),
                end(),
                end("e2"),
                boundary("t", "a", timer("P2D")),
                user("late"),
                xor("x", "j"),
                arrows(
                    "s > g",
                    "g > a > j",
                    "g > b > j",
                    "j > z > e",
                    "t > late > x > j",
                    "x > e2",
                    when={"g_a": "=true", "g_b_": "=true", "x_e2": "=leave"},
                ),
            )
        )
    ),
    {"leave": False},
)
def an_inclusive_join_knows_that_a_late_way_can_still_come(run: Run) -> None:
    """While a token on a boundary event's way can still reach the join, the join waits; then it is passed."""
    run.fire("t")
    assert run.open == ["late"]
    run.do("late", leave=False)
    assert run.open == ["z"]


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                inclusive("g", "b"),
                user("a"),
                user("b"),
                inclusive("j"),
                user("z"),
                end(),
                end("e2"),
                xor("x", "j"),
                arrows(
                    "s > g",
                    "g > a > x > j",
                    "g > b > j",
                    "j > z > e",
                    "x > e2",
                    when={"g_a": "=true", "x_e2": "=leave"},
                ),
            )
        )
    ),
    {"leave": True},
)
def an_inclusive_join_opens_when_the_other_way_ends_elsewhere(run: Run) -> None:
    """A token that can no longer come is no longer waited for."""
    run.do("a", leave=True)
    assert run.ended


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                parallel("g"),
                user("a"),
                user("b"),
                inclusive("j"),
                user("z"),
                end(),
                end("e2"),
                xor("x", "j"),
                arrows("s > g", "g > a > j", "g > b > x > j", "x > e2", "j > z > e", when={"x_e2": "=leave"}),
            )
        )
    )
)
def an_inclusive_join_waits_and_then_passes_without_the_branch_that_left(run: Run) -> None:
    """The join waits while b may come, and is passed in the same step in which b goes elsewhere."""
    run.do("a")
    assert run.open == ["b"]
    run.do("b", leave=True)
    assert run.open == ["z"]
    run.do("z")
    assert run.ended


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                xor("m"),
                inclusive("g", "b"),
                user("a"),
                user("b"),
                inclusive("j"),
                xor("x", "m"),
                end(),
                arrows(
                    "s > m > g", "g > a > j", "g > b > j", "j > x > m", "x > e", when={"g_a": "=n = 1", "x_e": "=n > 1"}
                ),
            )
        )
    ),
    {"n": 1},
)
def an_inclusive_join_works_in_a_loop(run: Run) -> None:
    """Every path back to the join leads through the join itself, so nothing is waited for."""
    run.do("a", n=0)
    assert run.open == ["b"]
    run.do("b", n=2)
    assert run.ended


EVENTS = diagram(
    process(
        "p",
        start(),
        event_gateway("g"),
        catch("came", of("message", "reply")),
        catch("late", timer("P3D")),
        catch("later", timer("P5D")),
        user("a"),
        user("b"),
        user("c"),
        end(),
        xor("m"),
        arrows("s > g", "g > came > a > m", "g > late > b > m", "g > later > c > m", "m > e"),
    ),
    message("reply"),
)


@story(release(EVENTS), {"ref": "R1"})
def the_message_decides_at_an_event_gateway(run: Run) -> None:
    """The first event is the way on; the others are no longer waited for; the payload becomes variables."""
    assert run.timers == ["late", "later"] and run.messages == ["came"]
    run.send("reply", "R1", report="ok")
    assert run.open == ["a"] and run.timers == [] and run.messages == []
    assert run.values["report"] == "ok"
    assert run.kinds("TimerCleared", "MessageReceived") == [
        ("TimerCleared", "late"),
        ("TimerCleared", "later"),
        ("MessageReceived", "came"),
    ]
    assert "g_came" in [each["flow"] for each in run.bodies("FlowTaken")]


@story(release(EVENTS), {"ref": "R1"})
def two_timers_at_an_event_gateway_are_two_timers(run: Run) -> None:
    """Each timer has its own instant, and the earlier one decides."""
    assert [each.at for each in run.waits.timers] == ["2026-01-08T09:00:00.000000Z", "2026-01-10T09:00:00.000000Z"]
    run.fire("late")
    assert run.open == ["b"] and run.timers == []


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                xor("m"),
                event_gateway("g"),
                catch("came", of("message", "reply")),
                catch("late", timer("P3D")),
                user("a"),
                end(),
                arrows("s > m > g", "g > came > a > e", "g > late > m"),
            ),
            message("reply"),
        )
    ),
    {"ref": 5},
)
def an_event_gateway_in_a_loop_waits_anew(run: Run) -> None:
    """Each round sets a new timer and awaits the message anew."""
    run.fire("late")
    run.fire("late")
    run.send("reply", "5")
    assert run.open == ["a"]
    run.do("a")
    assert run.ended


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                user("a"),
                throw("out", link("far")),
                catch("in", link("far")),
                user("b"),
                end(),
                arrows("s > a > out", "in > b > e"),
            )
        )
    )
)
def a_link_leads_to_its_catch_event(run: Run) -> None:
    """A link is an arrow that is not drawn."""
    run.do("a")
    assert run.open == ["b"]
    run.do("b")
    assert run.ended


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                parallel("g"),
                user("a"),
                user("b"),
                end("DONE"),
                end("LEFT_OVER"),
                end("other"),
                xor("x", "DONE"),
                arrows("s > g", "g > a > x > DONE", "x > LEFT_OVER", "g > b > other", when={"x_LEFT_OVER": "=left"}),
            )
        )
    ),
    {"left": True},
)
def every_end_that_is_reached_is_named(run: Run) -> None:
    """An end event in capitals is an outcome; the pathway ends when its last token has."""
    run.do("a")
    assert not run.ended
    run.do("b")
    assert run.ended
    assert [(each["element"], each["outcome"]) for each in run.bodies("EndReached")] == [
        ("LEFT_OVER", "LEFT_OVER"),
        ("other", None),
    ]
    assert run.bodies("PathwayEnded") == [{"outcomes": ["LEFT_OVER"], "instance": 7}]


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                parallel("g"),
                user("a"),
                user("b"),
                end("e", of("terminate")),
                end("e2"),
                arrows("s > g", "g > a > e", "g > b > e2"),
            )
        )
    )
)
def terminate_ends_everything_at_once(run: Run) -> None:
    """A terminate end event takes every other token of its process away."""
    run.do("a", k=1)
    assert run.ended and run.open == []
    assert run.kinds("TaskWithdrawn") == [("TaskWithdrawn", "b")]


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                script("one", "=1", "n"),
                xor("m"),
                script("more", "=n + 1", "n"),
                xor("x", "m"),
                user("a"),
                end(),
                arrows("s > one > m > more > x > m", "x > a > e", when={"x_a": "=n >= 40"}),
            )
        )
    )
)
def calculations_go_round_by_themselves(run: Run) -> None:
    """A loop without a person runs to its end in one step."""
    assert run.open == ["a"] and run.values["n"] == 40


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                parallel("g"),
                user("a"),
                throw("now", of("signal", "go")),
                catch("wait", of("signal", "go")),
                user("b"),
                end(),
                end("e2"),
                arrows("s > g", "g > a > now > e", "g > wait > b > e2"),
            ),
            signal("go"),
        )
    )
)
def a_signal_reaches_what_waits_for_it_now(run: Run) -> None:
    """A signal is heard by everything in the pathway that waits for it, and told to the caller for other pathways."""
    assert [(each.element, each.signal) for each in run.waits.messages] == [("wait", True)]
    run.do("a")
    assert run.open == ["b"] and run.signals == ["go"]
    run.do("b")
    assert run.ended


@story(
    release(
        diagram(
            process(
                "p",
                start(),
                parallel("g"),
                user("a"),
                user("b"),
                user("c"),
                parallel("j"),
                end("SECOND"),
                end("FIRST"),
                user("d"),
                parallel("h"),
                arrows("s > h", "h > g", "g > a > j", "g > b > j", "g > c > j", "j > SECOND", "h > d > FIRST"),
            )
        )
    )
)
def a_join_of_three_waits_for_three_and_ends_are_told_in_order(run: Run) -> None:
    """Two of three branches are not enough; outcomes stand in the order in which they were reached."""
    run.do("a")
    run.do("d")
    run.do("c")
    assert run.open == ["b"]
    run.do("b")
    assert run.ended and run.bodies("PathwayEnded")[0]["outcomes"] == ["FIRST", "SECOND"]
