"""What the proof says of a table: every gap, forbidden overlap and dead rule, each with example and sentence."""

import pytest

from engine.dmn import NoSuchDecision
from engine.dmn.analyse import Proof, prove, prove_all
from tests.engine.dmn.files import component, decision, given, item, knowledge, literal, model_of, table


def proof(logic: str, *elements: str, needs: tuple[str, ...] = (), **options: int) -> Proof:
    model = model_of(*elements, decision("d", logic, *needs))
    return prove(model, "d", **options)


def gaps(logic: str, *elements: str, needs: tuple[str, ...] = ()) -> list[str]:
    return [gap.sentence for gap in proof(logic, *elements, needs=needs).gaps]


def one_column(type_ref: str, *cells: str, policy: str = "UNIQUE", values: str = "") -> str:
    return table([("x", type_ref, values)], ["r"], *((cell, f"{row}") for row, cell in enumerate(cells)), policy=policy)


@pytest.mark.parametrize(
    ("type_ref", "cells", "found"),
    [
        ("number", ["< 18", "> 18", "null"], ["x 18: no rule applies."]),
        ("number", ["<= 17", ">= 18", "null"], ["x 17.5: no rule applies."]),
        ("integer", ["<= 17", ">= 18", "null"], []),
        ("number", ["< 18", ">= 18"], ["x unknown: no rule applies."]),
        ("number", ["[0..5]", "(5..10]", "> 10", "null"], ["x -1: no rule applies."]),
        ("number", ["[3..5]", "7"], [f"x {value}: no rule applies." for value in (2, 6, 8, "unknown")]),
        ("string", ["null"], ['x "something else": no rule applies.']),
        ("number", ["null"], ["x 0: no rule applies."]),
        ("number", ["< 0.1", "> 0.1000001", "[0.1..0.1]", "null"], ["x 0.1000001: no rule applies."]),
        ("number", ["not(3)", "null"], ["x 3: no rule applies."]),
        ("number", ["? < 3 or ? > 5", "null"], ["x 3: no rule applies."]),
        ("boolean", ["true"], ["not x: no rule applies.", "x unknown: no rule applies."]),
        ("boolean", ["true", "false", "null"], []),
        ("boolean", ["not(true)", "true", "null"], []),
        ("boolean", ["?", "null"], ["not x: no rule applies."]),
        ("number", ["? in (1, 2)", "not(? in (1, 2))"], []),
        ("number", ["? >= 3 and not(? > 4)", "< 3", "> 4", "null"], []),
        ("string", ['"a"', '"b"', "null"], ['x "something else": no rule applies.']),
        ("string", ['"a"', 'not("a")', "null"], []),
        ("string", ['< "b"', '> "b"', "null"], ['x "b": no rule applies.']),
        ("string", ['"something else"', "null"], ['x "something else again": no rule applies.']),
        ("date", ['< @"2026-01-01"', '> @"2026-01-01"', "null"], ["x 2026-01-01: no rule applies."]),
        (
            "date",
            ['[@"2026-01-01"..@"2026-01-31"]', '>= @"2026-02-02"', '< @"2026-01-01"', "null"],
            ["x 2026-02-01: no rule applies."],
        ),
        ("date", ['<= @"2026-01-31"', '>= @"2026-02-01"', "null"], []),
        (
            "time",
            ['< @"12:00:00"', '> @"12:00:00"', "null"],
            [f"x {x}: no rule applies." for x in ("12:00:00", "12:00:00Z")],
        ),
        ("time", ['>= @"00:00:00"', "null"], ["x 12:00:00Z: no rule applies."]),
        (
            "time",
            ['>= @"00:00:00"', '[@"00:00:00Z"..@"23:59:59Z"]', "null"],
            ["x 00:00:00+01:00: no rule applies.", "x 23:59:59-01:00: no rule applies."],
        ),
        (
            "dateTime",
            ['< @"2026-01-01T00:00:00Z"', '> @"2026-01-01T00:00:00Z"', "null"],
            ["x 2026-01-01T00:00:00Z: no rule applies.", "x 2026-01-01T00:00:00: no rule applies."],
        ),
        ("dayTimeDuration", ['< @"P1D"', '> @"P1D"', "null"], ["x P1D: no rule applies."]),
        ("yearMonthDuration", ['<= @"P1Y"', '> @"P13M"', "null"], ["x P1Y1M: no rule applies."]),
        ("yearMonthDuration", ['<= @"P1Y"', '>= @"P13M"', "null"], []),
        ("", ["< 18", ">= 18", "null"], []),
        ("", ["-"], []),
    ],
)
def test_a_gap_is_found_exactly_where_it_is(type_ref, cells, found):
    """Points, single days and null count; between whole numbers, days and months there is nothing."""
    assert found == gaps(one_column(type_ref, *cells))


def test_a_gap_over_several_inputs_is_told_in_words():
    """The sentence names the inputs that matter and leaves out those that do not; the example names all."""
    logic = table(
        [("age", "number"), ("legal status", "string", '"s20", "ico"'), ("stable", "boolean"), ("placed", "boolean")],
        ["r"],
        ("< 16", "-", "-", "-", "1"),
        (">= 18", "-", "-", "-", "2"),
        ("[16..18)", '"ico"', "-", "-", "3"),
        ("[16..18)", '"s20"', "true", "-", "4"),
        ("[16..18)", "null", "-", "-", "5"),
        ("null", "-", "-", "-", "6"),
        ("[16..18)", '"s20"', "null", "-", "7"),
    )
    names = [given("legal status"), given("age"), given("stable"), given("placed")]
    found = proof(logic, *names, needs=("legal status", "age", "stable", "placed"))

    assert found.complete is False
    (gap,) = found.gaps
    assert 'age 16, legal status "s20", not stable: no rule applies.' == gap.sentence
    assert {"age": 16, "legal status": "s20", "stable": False, "placed": False} == gap.example
    assert not found.sound


def test_a_default_closes_every_gap():
    """A default output is a result for every input."""
    found = proof(table([("x", "number")], [("r", "", "", "0")], ("< 3", "1")))

    assert (True, (), True) == (found.complete, found.gaps, found.sound)


def test_no_rules_at_all_leave_everything_open():
    """An empty table decides nothing."""
    assert ["Whatever the inputs: no rule applies."] == gaps(table([("x", "number")], ["r"]))


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["< 18", "<= 18"], [((1, 2), {"x": 17}, "x 17: rules 1 and 2 both apply, and hit policy UNIQUE allows one.")]),
        (
            ["<= 18", ">= 18"],
            [((1, 2), {"x": 18}, "x 18: rules 1 and 2 both apply, and hit policy UNIQUE allows one.")],
        ),
        (["< 18", ">= 18"], []),
        (
            ["null", "not(3)"],
            [((1, 2), {"x": None}, "x unknown: rules 1 and 2 both apply, and hit policy UNIQUE allows one.")],
        ),
        (
            ["-", "null"],
            [((1, 2), {"x": None}, "x unknown: rules 1 and 2 both apply, and hit policy UNIQUE allows one.")],
        ),
    ],
)
def test_overlaps_under_unique(cells, found):
    """Two rules that share one value are told with that value."""
    told = proof(one_column("number", *cells)).overlaps

    assert found == [(overlap.rules, dict(overlap.example), overlap.sentence) for overlap in told]


def test_overlaps_under_any_matter_only_where_results_differ():
    """ANY allows rules that agree; results written alike agree whatever they come to."""
    logic = table(
        [("x", "number")], ["r"], ("< 5", "1"), ("< 4", "1"), ("< 3", "2"), ("< 2", "y"), ("< 1", "y"), policy="ANY"
    )
    found = proof(logic)

    assert [(1, 3), (2, 3)] == [overlap.rules for overlap in found.overlaps]
    assert "x 1: rules 1 and 3 both apply, with different results." == found.overlaps[0].sentence
    unsure = proof(table([("x", "number")], ["r"], ("< 5", "1"), (">= 4", "y"), ("null", "0"), policy="ANY"))
    assert "Whether rules that overlap agree depends on results that are not constant." == unsure.undecided_reason


@pytest.mark.parametrize("policy", ["FIRST", "RULE ORDER", "COLLECT", "PRIORITY", "OUTPUT ORDER"])
def test_other_policies_allow_overlaps(policy):
    """Only UNIQUE and ANY forbid several hits."""
    logic = table([("x", "number")], [("r", "number", "1, 2")], ("< 5", "1"), ("-", "2"), policy=policy)

    assert () == proof(logic).overlaps


def test_a_rule_under_first_that_the_rows_above_cover():
    """A rule is dead when several rows above it cover it together."""
    found = proof(one_column("number", "< 10", ">= 10", "[5..15]", "null", policy="FIRST"))

    (dead,) = found.unreachable
    assert (3, (1, 2), {"x": 5}) == (dead.rule, dead.by, dead.example)
    assert "Rule 3 can never apply: rules 1 and 2 above it decide every case it names." == dead.sentence


def test_a_rule_under_first_that_one_row_above_covers():
    """One row is named alone, and rows that share nothing with the dead rule are not named."""
    found = proof(one_column("number", "null", "< 10", "< 5", "-", policy="FIRST"))

    assert ["Rule 3 can never apply: rule 2 above it decides every case it names."] == [
        dead.sentence for dead in found.unreachable
    ]


def test_a_last_row_that_asks_nothing_is_a_safeguard():
    """Under FIRST many end each table with such a row: it is told of and stands against nothing; any other does."""
    safeguard = proof(one_column("number", "< 2", ">= 2", "null", "-", policy="FIRST"))
    misplaced = proof(one_column("number", "-", "-", "< 2", policy="FIRST"))
    unneeded = proof(one_column("number", "< 2", ">= 2", "null", "> 5", policy="FIRST"))

    assert safeguard.sound
    assert ["advice"] == [finding.severity for finding in safeguard.findings]
    assert [4] == [dead.rule for dead in safeguard.unreachable]
    assert not misplaced.sound
    assert {"refusal"} == {finding.severity for finding in misplaced.findings}
    assert not unneeded.sound


def test_a_rule_under_priority_that_higher_results_cover():
    """Under PRIORITY the order of the output values masks, not that of the rows."""
    logic = table(
        [("x", "number")], [("r", "string", '"high", "low"')], ("< 5", '"low"'), ("< 10", '"high"'), policy="PRIORITY"
    )

    assert ["Rule 1 can never apply: rule 2 of higher priority decides every case it names."] == [
        dead.sentence for dead in proof(logic).unreachable
    ]


def test_priority_between_results_that_have_the_same_rank_is_an_overlap():
    """What the output values do not order cannot be decided by priority."""
    logic = table([("x", "number")], ["r"], ("< 5", '"a"'), ("-", '"b"'), policy="PRIORITY")

    assert ["x 4: rules 1 and 2 both apply, with different results of the same priority."] == [
        overlap.sentence for overlap in proof(logic).overlaps
    ]


def test_priority_of_results_that_are_not_constant_is_undecided():
    """Which rule wins cannot be told before its result is known."""
    logic = table([("x", "number")], [("r", "number", "1, 2")], ("< 5", "y"), ("-", "2"), policy="PRIORITY")

    assert "Which rule has priority depends on results that are not constant." == proof(logic).undecided_reason


@pytest.mark.parametrize("policy", ["UNIQUE", "FIRST", "COLLECT"])
def test_a_rule_that_nothing_meets_is_dead(policy):
    """A cell may contradict itself, or name a value that the input cannot have."""
    empty = proof(one_column("number", "? < 3 and ? > 5", "-", policy=policy))
    foreign = proof(one_column("string", '"c"', "-", policy=policy, values='"a", "b"'))

    assert ['Rule 1 can never apply: no value of "x" meets ? < 3 and ? > 5.'] == [d.sentence for d in empty.unreachable]
    assert ['Rule 1 can never apply: no value of "x" meets "c".'] == [d.sentence for d in foreign.unreachable]
    assert [None] == [dead.example for dead in empty.unreachable]


def test_lists_may_be_empty_so_their_gaps_are_advice():
    """A table that collects gives an empty list where no rule applies; sums of nothing are still forbidden."""
    collecting = proof(one_column("number", "< 3", policy="COLLECT"))
    summing = proof(table([("x", "number")], ["r"], ("< 3", "1"), policy="COLLECT", aggregation="SUM"))

    assert (False, True) == (collecting.complete, collecting.sound)
    assert {"advice"} == {finding.severity for finding in collecting.findings}
    assert (False, False) == (summing.complete, summing.sound)


def test_allowed_values_of_the_input_bound_the_space():
    """What an input may have is said by its type, its variable's type or the column's input values."""
    status = item("tStatus", "string", allowed='"s20", "ico"')
    person = item("tPerson", components=component("status", "tStatus"))
    cells = [('"s20"', "1"), ('"ico"', "2"), ("null", "3")]

    for column, need in (
        (("status", "tStatus"), given("status")),
        (("status", "string"), given("status", "tStatus")),
        (("status", ""), given("status", "tStatus")),
        (("status", "string", '"s20", "ico"'), given("status")),
        (("person.status", "string"), given("person", "tPerson")),
    ):
        name = column[0].partition(".")[0]
        assert [] == gaps(table([column], ["r"], *cells), status, person, need, needs=(name,))


def test_a_bounded_number_has_no_gap_outside_its_bounds():
    """Allowed values of numbers are pieces too."""
    age = item("tAge", "number", allowed="[0..18]")

    assert [] == gaps(table([("x", "tAge")], ["r"], ("[0..10]", "1"), ("> 10", "2"), ("null", "3")), age)


def test_rows_in_parameters_of_knowledge_models_are_proved():
    """A table in a knowledge model is proved like any other."""
    model = model_of(knowledge("k", [("x", "boolean")], table([("x", "boolean")], ["r"], ("true", "1"))))

    assert ["not x: no rule applies.", "x unknown: no rule applies."] == [
        gap.sentence for gap in prove(model, "k").gaps
    ]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("< other", 'Row 1, column "x", depends on the variable other, so it cannot be decided.'),
        ("< other.age", 'Row 1, column "x", depends on another variable, so it cannot be decided.'),
        ("? + 1 > 3", 'Row 1, column "x", depends on a computation with +, so it cannot be decided.'),
        ("odd(?)", 'Row 1, column "x", depends on the function odd, so it cannot be decided.'),
        ("< abs(3)", 'Row 1, column "x", depends on the function abs, so it cannot be decided.'),
        ("? > ?", 'Row 1, column "x", depends on the input as a whole, so it cannot be decided.'),
        ("? > 1 and odd(?)", 'Row 1, column "x", depends on the function odd, so it cannot be decided.'),
        (
            '< @"2026-02-30"',
            'Row 1, column "x", depends on a date, time or duration that does not exist, so it cannot be decided.',
        ),
        (
            "? instance of number",
            'Row 1, column "x", depends on an expression that is no constant, so it cannot be decided.',
        ),
        (
            "? < if true then 1 else 2",
            'Row 1, column "x", depends on an expression that is no constant, so it cannot be decided.',
        ),
    ],
)
def test_a_cell_that_is_no_constant_leaves_the_table_undecided(cell, reason):
    """The proof says which cell stands in its way, and the table cannot be published."""
    found = proof(one_column("number", cell, ">= 3", "null"))

    assert (None, reason, False) == (found.complete, found.undecided_reason, found.sound)
    assert [reason] == [finding.message for finding in found.findings]


def test_what_is_certain_is_told_in_spite_of_cells_that_are_no_constants():
    """A gap that no reading of the open cell closes is a gap; a table that is complete without it is complete."""
    open_cell = table(
        [("x", "number"), ("y", "boolean")], ["r"], ("< other", "true", "1"), ("-", "null", "2"), policy="FIRST"
    )
    complete = one_column("number", "< other", "-", policy="FIRST")

    assert ["not y: no rule applies."] == gaps(open_cell)
    assert (True, None) == (proof(complete).complete, proof(complete).undecided_reason)


def test_columns_that_look_at_the_same_input_are_one():
    """The same expression twice is one input."""
    logic = table(
        [("x", "number"), ("x", "number")], ["r"], ("< 3", "-", "1"), ("-", ">= 3", "2"), ("null", "null", "3")
    )

    assert (True, ()) == (proof(logic).complete, proof(logic).overlaps)


def test_columns_that_depend_on_each_other_leave_gaps_undecided():
    """Between an age and whether it is under 18 there are cases that cannot be."""
    logic = table(
        [("age", "number"), ("age < 18", "boolean")],
        ["r"],
        ("< 18", "true", "1"),
        (">= 18", "false", "2"),
        ("null", "-", "3"),
    )
    found = proof(logic)

    assert found.complete is None
    assert (
        'The columns "age" and "age < 18" look at the same input, so what is open between them cannot be decided.'
    ) == found.undecided_reason


def test_entries_of_one_context_do_not_depend_on_each_other():
    """Two entries of a context are two inputs; a context and its entry are not."""
    apart = table([("p.a", "boolean"), ("p.b", "boolean")], ["r"], ("true", "true", "1"))
    within = table([("p.a", "boolean"), ("p.a.c", "boolean")], ["r"], ("true", "true", "1"))

    assert proof(apart).complete is False
    assert proof(within).complete is None


@pytest.mark.parametrize(
    ("column", "elements", "reason"),
    [
        (
            ("x", "tText"),
            (item("tText", "string", constraint="string length(?) > 3"),),
            'Which values "x" may have is not a list of constants.',
        ),
        (("x", "string", 'starts with(?, "a")'), (), 'Which values "x" may have depends on the function starts with.'),
        (
            ("x", "tList"),
            (item("tList", "string", collection=True),),
            'Row 1, column "x", looks into a list or context, so it cannot be decided.',
        ),
    ],
)
def test_inputs_whose_values_are_not_known_are_undecided(column, elements, reason):
    """Allowed values that are no constants, and lists, are not cut into pieces."""
    found = proof(table([column], ["r"], ('"abcd"', "1")), *elements)

    assert (None, reason) == (found.complete, found.undecided_reason)


def test_a_table_that_is_not_feel_is_undecided():
    """What cannot be read cannot be proved."""
    model = model_of(decision("d", table(["1 +"], ["r"], ("-", "1"), ("<", "2"))))

    assert 'What "1 +" looks at is not FEEL.' == prove(model, "d").undecided_reason


def test_a_table_too_large_says_so():
    """The proof has a limit, and admits it."""
    found = proof(one_column("number", "< 3", "[5..6]"), fuel=0)

    assert (None, "The table is too large to decide: 1 inputs, 2 rules.") == (found.complete, found.undecided_reason)


def test_more_gaps_than_are_told():
    """Fifty findings of a kind are enough for an author."""
    holes = one_column("number", *(f"[{2 * row}..{2 * row + 1})" for row in range(60)), "null")
    crowd = one_column("number", *["< 5"] * 12)

    assert (50, True) == (len(proof(holes).gaps), proof(holes).more)
    assert (50, True) == (len(proof(crowd).overlaps), proof(crowd).more)


def test_a_decision_without_a_table_has_nothing_to_prove():
    """Literal decisions are not tables; unknown ones are an error."""
    model = model_of(decision("d", literal("1")))

    assert "There is no decision table to prove." == prove(model, "d").undecided_reason
    assert () == prove_all(model)
    with pytest.raises(NoSuchDecision):
        prove(model, "nope")


def test_a_decision_with_several_tables_is_proved_as_a_whole():
    """Tables in the entries of a context are proved one by one and told together."""
    good, bad = one_column("boolean", "true", "false", "null"), one_column("boolean", "true")
    entries = "".join(
        f'<contextEntry><variable name="{name}"/>{logic}</contextEntry>' for name, logic in (("a", good), ("b", bad))
    )
    model = model_of(decision("d", f"<context>{entries}</context>"))

    found = prove(model, "d")

    assert (False, 2) == (found.complete, len(found.gaps))
    assert [(True, True), (False, False)] == [(proved.complete, proved.sound) for proved in prove_all(model)]
    assert ['entry "a"', 'entry "b"'] == [proved.place.inside for proved in prove_all(model)]
    assert {"test.dmn"} == {finding.file for finding in found.findings}


def test_a_column_too_large_for_a_fast_way_is_decided_the_slow_way(monkeypatch):
    """A huge column is decided cell by cell, with the same result."""
    monkeypatch.setattr("engine.dmn.columns.MOST_EFFORT", 3)
    model = model_of(decision("d", one_column("number", "< 3", "[3..5]", "> 5", "null")))

    assert [0, 1, 2, 3] == [model.evaluate("d", {"x": value}).value for value in (2, 5, 6, None)]


def test_a_hostile_table_is_given_up_soon():
    """Rules that cross over in every input end the proof by its limit, not by the patience of the author."""
    rows = [
        (*(f"[{row * step % 1_000}..{row * step % 1_000 + 200}]" for step in (1, 7_919, 104_729)), f"{row}")
        for row in range(1_000)
    ]
    logic = table([("x", "number"), ("y", "number"), ("z", "number")], ["r"], *rows, policy="FIRST")
    needs = ("x", "y", "z")
    model = model_of(*map(given, needs), decision("d", logic, *needs))

    assert "The table is too large to decide: 3 inputs, 1000 rules." == prove(model, "d").undecided_reason
    assert 0 == model.evaluate("d", {"x": 0, "y": 0, "z": 0}).value


def test_a_long_table_of_one_input_is_decided():
    """Thousands of rows that each name a value of their own are as easily told as a few."""
    rows = [(f"{row}", f"{row}") for row in range(1_000)]
    whole = proof(table([("x", "number")], ["r"], *rows, ("-", "0"), policy="FIRST"))
    twice = proof(table([("x", "number")], ["r"], *rows, ("999", "0"), ("-", "0"), policy="FIRST"))

    assert (True, True) == (whole.complete, whole.sound)
    assert ["Rule 1001 can never apply: rule 1000 above it decides every case it names."] == [
        dead.sentence for dead in twice.unreachable
    ]
