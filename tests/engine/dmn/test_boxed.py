"""Every boxed expression, and what it says when its parts are not what they should be (DMN 1.5, 7.3)."""

from decimal import Decimal

import pytest

from tests.engine.dmn.files import ask, decision, item, knowledge, literal, model_of, said, table, text


def entry(name: str, logic: str, type_ref: str = "") -> str:
    typed = f' typeRef="{type_ref}"' if type_ref else ""
    return f'<contextEntry><variable name="{name}"{typed}/>{logic}</contextEntry>'


def context(*entries: str) -> str:
    return f"<context>{''.join(entries)}</context>"


def result(logic: str) -> str:
    return f"<contextEntry>{logic}</contextEntry>"


def function(parameters: str, body: str, kind: str = "FEEL") -> str:
    formal = "".join(f'<formalParameter name="{name}"/>' for name in parameters.split())
    return f'<functionDefinition kind="{kind}">{formal}{body}</functionDefinition>'


def invocation(called: str, **arguments: str) -> str:
    bindings = "".join(
        f'<binding><parameter name="{name}"/>{literal(value)}</binding>' for name, value in arguments.items()
    )
    return f"<invocation>{literal(called)}{bindings}</invocation>"


def loop(kind: str, source: str, body: str, variable: str = "x") -> str:
    inner = "return" if kind == "for" else "satisfies"
    return (
        f'<{kind} iteratorVariable="{variable}"><in>{literal(source)}</in><{inner}>{literal(body)}</{inner}></{kind}>'
    )


def filtered(source: str, match: str) -> str:
    return f"<filter><in>{literal(source)}</in><match>{literal(match)}</match></filter>"


def conditional(condition: str) -> str:
    branches = f"<then>{literal('1')}</then><else>{literal('2')}</else>"
    return f"<conditional><if>{literal(condition)}</if>{branches}</conditional>"


@pytest.mark.parametrize(
    ("logic", "value"),
    [
        (literal("1 + 2"), 3),
        (literal("  "), None),
        (context(entry("a", literal("1")), entry("b", literal("a + 1"))), {"a": 1, "b": 2}),
        (context(entry("a", literal("1")), result(literal("a + 1"))), 2),
        (context(entry("a", context(entry("b c", literal("1"))), ""), result(literal("a.b c"))), 1),
        (context(entry("f", function("n", literal("n * 2"))), result(literal("f(4)"))), 8),
        (
            context(entry("k", literal("3")), entry("f", function("n", literal("n * k"))), result(literal("f(n: 4)"))),
            12,
        ),
        (context(entry("f", function("a b", literal("a - b"))), result(invocation("f", b="1", a="5"))), 4),
        (invocation("sum", list="[1, 2]"), 3),
        (f"<list>{literal('1')}{literal('true')}<list>{literal('2')}</list></list>", [1, True, [2]]),
        (
            (
                f'<relation><column name="a"/><column name="b"/><row>{literal("1")}{literal("2")}</row>'
                f"<row>{literal('3')}{literal('4')}</row></relation>"
            ),
            [{"a": 1, "b": 2}, {"a": 3, "b": 4}],
        ),
        (conditional("1 < 2"), 1),
        (conditional("1 > 2"), 2),
        (filtered("[1, 2, 3]", "item > 1"), [2, 3]),
        (filtered("[{a: 1}, {a: 2}]", "a > 1"), [{"a": 2}]),
        (filtered("[{item: 1}, {item: 2}]", "item.item > 1"), [{"item": 2}]),
        (filtered("[5, 6, 7]", "2"), 6),
        (filtered("[5, 6, 7]", "-1"), 7),
        (filtered("[5, 6, 7]", "4"), None),
        (filtered("null", "true"), None),
        (filtered("5", "item = 5"), [5]),
        (filtered("[1, null]", "item > 0"), [1]),
        (loop("for", "[1, 2]", "x * 2"), [2, 4]),
        (loop("for", "[2..4]", "x"), [2, 3, 4]),
        (loop("for", "(2..4)", "x"), [3]),
        (loop("for", '[@"2026-01-31"..@"2026-02-01"]', "x.month"), [1, 2]),
        (loop("for", "[1, 2]", "for y in [x] return count(partial)"), [[0], [0]]),
        (loop("for", "[1, 2, 3]", "x + count(partial)"), [1, 3, 5]),
        (loop("for", "5", "x"), [5]),
        (loop("for", "null", "x"), None),
        (loop("some", "[1, 2]", "x > 1"), True),
        (loop("some", "[]", "x > 1"), False),
        (loop("every", "[1, 2]", "x > 1"), False),
        (loop("every", "[]", "x > 1"), True),
        (loop("every", "null", "true"), None),
        (
            context(
                entry("t", table(["1"], ["r"], ("1", '"one"'), ("-", '"other"'), policy="FIRST")), result(literal("t"))
            ),
            "one",
        ),
    ],
)
def test_a_boxed_expression_gives_its_value(logic, value):
    """Each kind of box means what its FEEL equivalent means (10.2.2)."""
    assert value == ask(logic).value


def test_a_boxed_conditional_on_null_takes_else_as_feel_does_and_says_so():
    """The box stands for an `if`: whatever is not true is else (10.3.2.13, 10.4.2), and nothing of it is silent."""
    outcome = ask(conditional("null"))

    assert outcome.value == 2
    assert 'test.dmn: "d", if: The condition is null, so `else` was taken.' in said(outcome)


@pytest.mark.parametrize(
    ("logic", "words"),
    [
        (conditional('"yes"'), 'test.dmn: "d", if: The condition is string, not true or false.'),
        (
            loop("some", "[1, 2]", 'if x = 1 then true else "no"'),
            'test.dmn: "d", satisfies: An answer is string, not true or false.',
        ),
        (loop("every", "[1]", "null"), 'test.dmn: "d", satisfies: An answer is null, not true or false.'),
        (loop("for", "null", "x"), 'test.dmn: "d", in: `in` goes through null.'),
        (filtered("[1]", '"x"'), 'test.dmn: "d", match: The match is string, not true or false.'),
        (invocation("3", a="1"), 'test.dmn: "d": What is invoked is a number, not a function.'),
        (
            context(entry("f", function("a", literal("a"), kind="Java")), result(literal("f(1)"))),
            'test.dmn: "d", entry "f": A Java function was called, which gives null here.',
        ),
    ],
)
def test_a_part_that_does_not_fit_gives_null_and_words(logic, words):
    """Nothing is silently taken for false or for an empty list."""
    outcome = ask(logic)

    assert outcome.value is None
    assert words in said(outcome)


def test_a_type_on_a_box_is_kept():
    """A boxed context's entry that is not of its type is null, and says so."""
    outcome = ask(context(entry("a", literal('"x"'), "number"), entry("b", literal("[3]"), "number")))

    assert {"a": None, "b": 3} == outcome.value
    assert ['test.dmn: "d", entry "a": The result should be number, and it is a string.'] == said(outcome)


def test_java_and_pmml_functions_are_refused_when_read():
    """Nothing outside FEEL is run, and the author is told before publishing."""
    model = model_of(
        decision("d", literal("f(1)"), "knowledge:f"),
        knowledge("f", [("a", "")], context(), kind="Java"),
        decision("e", function("a", context(), kind="P")),
    )

    assert [
        (
            'test.dmn: "e": The function is not written in FEEL, and nothing else is ever run here. '
            "Write it in FEEL, or hand its result in as an input."
        ),
        (
            'test.dmn: "f": The function is not written in FEEL, and nothing else is ever run here. '
            "Write it in FEEL, or hand its result in as an input."
        ),
    ] == sorted(str(error) for error in model.errors)
    outcome = model.evaluate("d", {})
    assert outcome.value is None
    assert ['test.dmn: "f": A Java function was called, which gives null here.'] == said(outcome)


def test_a_relation_row_of_the_wrong_width_is_told():
    """Every row of a relation has a cell per column."""
    model = model_of(decision("d", f'<relation><column name="a"/><row>{literal("1")}{literal("2")}</row></relation>'))

    assert ['test.dmn: "d", row 1: The row has 2 cells for 1 columns. Fill every cell.'] == list(map(str, model.errors))


def test_a_filter_knows_the_entries_of_a_typed_list():
    """Names with signs in them are read whole where the list's type declares them."""
    people = item(
        "tPeople",
        collection=True,
        components='<itemComponent name="first-name"><typeRef>string</typeRef></itemComponent>',
    )
    model = model_of(
        people,
        '<inputData id="people" name="people"><variable name="people" typeRef="tPeople"/></inputData>',
        decision("d", filtered("people", 'first-name = "Ada"'), "people"),
    )

    assert ("people",) == tuple(given.name for given in model.inputs)
    assert [{"first-name": "Ada"}] == model.evaluate(
        "d", {"people": [{"first-name": "Ada"}, {"first-name": "B"}]}
    ).value


def test_a_range_too_long_to_go_through_is_stopped():
    """A loop over a huge range ends with a limit, not with the memory."""
    outcome = ask(loop("for", "[1..100000000]", "x"))

    assert outcome.value is None
    assert ["limit"] == [remark.kind for remark in outcome.diagnostics]


def test_a_function_that_never_ends_is_stopped():
    """Recursion is allowed and limited."""
    endless = model_of(decision("d", literal("f(1)"), "knowledge:f"), knowledge("f", [("n", "")], literal("f(n + 1)")))
    counting = model_of(
        decision("d", literal("f(5)"), "knowledge:f"),
        knowledge("f", [("n", "number")], literal("if n <= 1 then 1 else n * f(n - 1)")),
    )

    assert Decimal(120) == counting.evaluate("d", {}).value
    outcome = endless.evaluate("d", {})
    assert outcome.value is None
    assert ["limit"] == [remark.kind for remark in outcome.diagnostics]


def test_a_table_in_a_loop_is_recorded_for_each_round_up_to_a_limit():
    """The record of a table says what it saw each time, and does not grow without end."""
    rounds = loop("for", "[1..1100]", "t(x)")
    model = model_of(
        decision("d", rounds, "knowledge:t"),
        knowledge("t", [("n", "number")], table([("n", "number")], ["r"], ("> 0", "n"))),
    )

    outcome = model.evaluate("d", {})

    assert 1100 == len(outcome.value)
    assert 1000 == len(outcome.tables)
    assert ({"n": Decimal(1)}, 1) == (outcome.tables[0].inputs, outcome.tables[0].rules[0].row)


def test_text_helper_escapes():
    """The builder writes what an editor writes."""
    assert "<text>&lt; 3</text>" == text("< 3")


def test_an_external_function_in_a_text_is_refused_when_read():
    """FEEL can name functions of other languages; they are found inside any expression."""
    text_ = 'function(a) external {java: {class: "Math", "method signature": "abs(int)"}}'
    model = model_of(decision("d", literal(f"[({text_})]")), decision("e", literal('"external"')))

    assert ["d"] == [error.place.element for error in model.errors]


def test_a_long_loop_is_no_limit():
    """Ten thousand rounds are usual; only `partial` makes each round dearer."""
    assert 10_000 == len(ask(loop("for", "[1..10000]", "x")).value)
    assert ask(loop("for", "[1..100000]", "count(partial)")).value is None


@pytest.mark.parametrize(
    ("logic", "what"),
    [
        (context(entry("a", literal("1")), entry("a", literal("2"))), 'entry "a"'),
        (table(["1"], ["o", "o"], ("-", '"a"', '"b"')), 'output column "o"'),
        (
            f'<relation><column name="n"/><column name="n"/><row>{literal("1")}{literal("2")}</row></relation>',
            'column "n"',
        ),
        (
            f"<invocation>{literal('f')}"
            + f'<binding><parameter name="n"/>{literal("1")}</binding>' * 2
            + "</invocation>",
            'argument "n"',
        ),
    ],
)
def test_a_name_that_stands_twice_is_refused(logic: str, what: str) -> None:
    """Of two values by one name one would be lost in silence (10.3.2.6: the keys of a context are distinct)."""
    (finding,) = model_of(decision("d", logic)).findings

    assert ("refusal", f"The {what} is there twice.") == (finding.severity, finding.message)


def test_a_result_that_is_not_the_last_entry_is_refused() -> None:
    """The entry without a name is the last (7.3.1): one before others reads as if those came after it."""
    (finding,) = model_of(decision("d", context(result(literal("9")), entry("a", literal("2"))))).findings

    assert "not the last entry" in finding.message
