"""What a table gives when no rule, one rule or several match (DMN 1.5, 8.2.8)."""

from decimal import Decimal

import pytest

from engine.dmn import MatchedRule
from tests.engine.dmn.files import ask, component, decision, item, model_of, said, table


def ages(*rules: tuple[str, str], policy: str, output: str | tuple[str, ...] = "result", **options: str) -> str:
    return table([("age", "number")], [output], *rules, policy=policy, **options)


def test_unique_gives_the_one_rule_that_matches():
    """One hit under UNIQUE is the result."""
    logic = ages(("< 18", '"child"'), (">= 18", '"adult"'), policy="UNIQUE")

    outcome = ask(logic, {"age": 17})

    assert "child" == outcome.value
    assert (MatchedRule("d", "the_table", 1, "rule1"),) == outcome.rules
    assert {"the_table": {"age": Decimal(17)}} == outcome.inputs
    assert () == outcome.diagnostics


def test_unique_with_two_hits_gives_null_and_names_the_rules():
    """Two hits under UNIQUE are never resolved by taking the first."""
    outcome = ask(ages(("< 18", '"a"'), ("< 20", '"b"'), policy="UNIQUE"), {"age": 17})

    assert outcome.value is None
    assert [1, 2] == [rule.row for rule in outcome.rules]
    assert ["several rules"] == [remark.kind for remark in outcome.diagnostics]
    assert ['test.dmn: "d": Rules 1, 2 all match, and hit policy UNIQUE allows one.'] == said(outcome)


@pytest.mark.parametrize("policy", ["UNIQUE", "ANY", "PRIORITY", "FIRST"])
def test_no_hit_without_a_default_gives_null_and_says_so(policy):
    """A gap in a table is told, not passed over."""
    outcome = ask(ages(("< 18", '"a"'), policy=policy, output=("result", "string", '"a"')), {"age": 18})

    assert outcome.value is None
    assert () == outcome.rules
    assert ["no rule"] == [remark.kind for remark in outcome.diagnostics]
    assert ['test.dmn: "d": No rule matches and there is no default.'] == said(outcome)


@pytest.mark.parametrize("policy", ["UNIQUE", "ANY", "PRIORITY", "FIRST"])
def test_no_hit_with_a_default_gives_the_default(policy):
    """A default output stands for every input that no rule names (8.2.5)."""
    outcome = ask(ages(("< 18", '"a"'), policy=policy, output=("result", "string", '"a", "z"', '"z"')), {"age": 18})

    assert "z" == outcome.value
    assert () == outcome.diagnostics


def test_any_allows_several_rules_that_agree():
    """ANY takes overlapping rules with equal results."""
    assert "a" == ask(ages(("< 18", '"a"'), ("< 20", '"a"'), policy="ANY"), {"age": 17}).value


def test_any_with_different_results_gives_null_and_names_the_rules():
    """ANY refuses to choose between different results."""
    outcome = ask(ages(("< 18", '"a"'), ("< 20", '"b"'), policy="ANY"), {"age": 17})

    assert outcome.value is None
    assert ['test.dmn: "d": Rules 1, 2 all match with different results, and hit policy ANY allows one.'] == said(
        outcome
    )


def test_priority_takes_the_result_that_stands_first_in_the_output_values():
    """PRIORITY follows the order of the output values, not of the rows."""
    logic = ages(("< 18", '"low"'), ("< 20", '"high"'), policy="PRIORITY", output=("r", "string", '"high", "low"'))

    assert "high" == ask(logic, {"age": 17}).value
    assert "high" == ask(logic, {"age": 19}).value


def test_priority_between_equal_ranks_with_different_results_is_not_resolved():
    """Results that the output values do not order are no priority."""
    logic = ages(("< 18", '"a"'), ("< 20", '"b"'), policy="PRIORITY")
    outcome = ask(logic, {"age": 17})

    assert outcome.value is None
    assert ['test.dmn: "d": Rules 1, 2 all match with different results of the same priority.'] == said(outcome)


def test_priority_compares_several_outputs_from_the_left():
    """With several outputs the first column with output values weighs most."""
    logic = table(
        [("age", "number")],
        [("one", "string", '"x", "y"'), ("two", "number", "1, 2")],
        ("< 18", '"y"', "1"),
        ("< 19", '"x"', "2"),
        ("< 20", '"x"', "1"),
        policy="PRIORITY",
    )

    assert {"one": "x", "two": Decimal(1)} == ask(logic, {"age": 17}).value


def test_first_reads_no_further_than_the_first_row_that_matches():
    """FIRST decides by the order of the rows; the record names the one that decided, and no row below it."""
    outcome = ask(ages(("< 18", '"a"'), ("< 20", '"b"'), policy="FIRST"), {"age": 17})

    assert "a" == outcome.value
    assert [1] == [rule.row for rule in outcome.rules]


def test_rule_order_lists_results_in_the_order_of_the_rows():
    """RULE ORDER gives a list."""
    logic = ages(("< 18", '"b"'), ("< 20", '"a"'), policy="RULE ORDER")

    assert ["b", "a"] == ask(logic, {"age": 17}).value
    assert [] == ask(logic, {"age": 20}).value


def test_output_order_lists_results_in_the_order_of_the_output_values():
    """OUTPUT ORDER gives a list in order of priority."""
    logic = ages(
        ("< 18", '"c"'),
        ("< 19", '"a"'),
        ("< 20", '"b"'),
        policy="OUTPUT ORDER",
        output=("r", "string", '"a", "b", "c"'),
    )

    assert ["a", "b", "c"] == ask(logic, {"age": 17}).value
    assert [] == ask(logic, {"age": 20}).value


@pytest.mark.parametrize(("aggregation", "value"), [("", [1, 5, 3]), ("SUM", 9), ("MIN", 1), ("MAX", 5), ("COUNT", 3)])
def test_collect_lists_or_aggregates(aggregation, value):
    """COLLECT gives all results, or their sum, least, greatest or number."""
    logic = ages(("< 18", "1"), ("< 19", "5"), ("< 20", "3"), policy="COLLECT", aggregation=aggregation)

    assert value == ask(logic, {"age": 17}).value


@pytest.mark.parametrize(("aggregation", "value"), [("", []), ("COUNT", 0), ("SUM", None), ("MIN", None)])
def test_collect_without_a_hit(aggregation, value):
    """No hit is an empty list, or a count of nought; there is no sum or least of nothing."""
    outcome = ask(ages(("< 18", "1"), policy="COLLECT", aggregation=aggregation), {"age": 18})

    assert value == outcome.value
    assert (["no rule"] if value is None else []) == [remark.kind for remark in outcome.diagnostics]


@pytest.mark.parametrize(("aggregation", "value"), [("", ["z"]), ("SUM", "z"), ("COUNT", "z")])
def test_collect_without_a_hit_gives_the_default(aggregation, value):
    """A default stands for no hit under COLLECT as well, as a list where a list is due."""
    logic = ages(("< 18", '"a"'), policy="COLLECT", aggregation=aggregation, output=("r", "", "", '"z"'))

    assert value == ask(logic, {"age": 18}).value


def test_collect_aggregates_each_of_several_outputs():
    """With several outputs each is aggregated by itself."""
    logic = table(
        [("age", "number")], ["a", "b"], ("< 18", "1", "10"), ("< 19", "2", "20"), policy="COLLECT", aggregation="SUM"
    )

    assert {"a": 3, "b": 30} == ask(logic, {"age": 1}).value


def test_results_that_cannot_be_aggregated_are_told():
    """A text and a number have no sum."""
    outcome = ask(ages(("< 18", "1"), ("< 19", '"x"'), policy="COLLECT", aggregation="SUM"), {"age": 1})

    assert outcome.value is None
    assert ['test.dmn: "d": The results cannot be aggregated with +.'] == said(outcome)


@pytest.mark.parametrize(
    "results", [['"a"', '"b"'], ['"a"', "null"], ['date("2026-03-02")', 'duration("P1D")'], ["true"]]
)
def test_only_numbers_and_durations_have_a_sum(results):
    """SUM is the sum of numbers (10.3.4.4): texts one behind the other, or a day moved on, would be a wrong answer."""
    rules = [("-", each) for each in results]
    outcome = ask(ages(*rules, policy="COLLECT", aggregation="SUM"), {"age": 1})

    assert outcome.value is None
    assert ['test.dmn: "d": The results cannot be aggregated with +.'] == said(outcome)


def test_durations_have_a_sum():
    """Two periods one behind the other are a period."""
    rules = [("-", 'duration("P1D")'), ("-", 'duration("PT12H")')]
    outcome = ask(ages(*rules, policy="COLLECT", aggregation="SUM"), {"age": 1})

    assert "P1DT12H" == str(outcome.value)


def test_several_outputs_make_a_context():
    """Each output is an entry by its name; annotations stay with the rule (8.2.6)."""
    logic = table(
        [("age", "number")],
        ["route", "reason"],
        ("< 18", '"admin"', 'if age < 1 then "unborn" else "child"'),
        (">= 18", '"end"', '"AGE18"'),
        annotations=["clause", "why"],
        notes=[("CAM-2.1", "read so"), ("CAM-2.2", "")],
    )
    outcome = ask(logic, {"age": 0})

    assert {"route": "admin", "reason": "unborn"} == outcome.value
    assert [{"clause": "CAM-2.1", "why": "read so"}] == [dict(rule.annotations) for rule in outcome.rules]


def test_a_default_of_one_output_leaves_the_others_null():
    """Outputs without a default are null where no rule matches."""
    logic = table([("age", "number")], [("a", "", "", '"z"'), "b"], ("< 18", '"x"', '"y"'))

    assert {"a": "z", "b": None} == ask(logic, {"age": 18}).value


def test_a_constant_result_belongs_to_the_caller():
    """Changing a result does not change the next one."""
    logic = table([("age", "number")], ["a", "b"], ("-", "1", "2"))
    model_value = ask(logic, {"age": 1})
    model_value.value["a"] = "changed"

    assert {"a": 1, "b": 2} == ask(logic, {"age": 1}).value


def test_priority_may_follow_the_allowed_values_of_the_type():
    """Without output values the order of the type's allowed values counts, of a single output or of an entry."""
    levels = item("tLevel", "string", allowed='"high", "low"')
    entry = item("tBoth", components=component("level", "tLevel") + component("why", "string"))
    single = [("r", "tLevel")]
    rules = ("< 18", '"low"'), ("< 20", '"high"')

    typed = model_of(levels, decision("d", table([("age", "number")], single, *rules, policy="PRIORITY")))
    by_result = model_of(
        levels, decision("d", table([("age", "number")], ["r"], *rules, policy="PRIORITY"), type_ref="tLevel")
    )
    several = model_of(
        levels,
        entry,
        decision(
            "d",
            table([("age", "number")], ["level", "why"], *((*rule, '"x"') for rule in rules), policy="PRIORITY"),
            type_ref="tBoth",
        ),
    )
    assert "high" == typed.evaluate("d", {"age": 3}).value == by_result.evaluate("d", {"age": 3}).value
    assert {"level": "high", "why": "x"} == several.evaluate("d", {"age": 3}).value


def test_results_that_no_output_value_names_come_last():
    """OUTPUT ORDER puts what its order does not name at the end."""
    logic = table([("age", "number")], [("r", "", "")], ("-", '"b"'), ("-", "other"), policy="OUTPUT ORDER")
    ranked = table([("age", "number")], [("r", "string", "> 3, 1")], ("-", "1"), ("-", "5"), policy="OUTPUT ORDER")

    assert ["b", "z"] == ask(logic, {"age": 1, "other": "z"}).value
    assert [None, None] == ask(ranked, {"age": 1}).value
