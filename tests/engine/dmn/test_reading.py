"""What is read, what is refused, and in which words (DMN 1.1 to 1.5)."""

import pytest

from engine.dmn import DmnError, read_model
from engine.dmn.markup import MAX_BYTES, MODEL_NAMESPACES
from engine.dmn.reader import read_definitions
from tests.engine.dmn.files import ask, decision, file_of, given, item, knowledge, literal, model_of, table


def refusal(content: bytes) -> str:
    with pytest.raises(DmnError) as caught:
        read_model(content, "test.dmn")
    return str(caught.value)


def errors(*elements: str) -> list[str]:
    return [str(error) for error in model_of(*elements).errors]


@pytest.mark.parametrize("namespace", sorted(MODEL_NAMESPACES))
def test_every_version_of_dmn_is_read(namespace):
    """Files say which version they are by their namespace; all mean the same here."""
    content = file_of(given("a"), decision("d", literal("a + 1"), "a"), namespace=namespace)

    assert 2 == read_model(content, "test.dmn").evaluate("d", {"a": 1}).value


def test_a_file_of_dmn_js_is_read():
    """Editors leave out variables and types, and write empty cells and foreign elements."""
    content = b"""<?xml version="1.0" encoding="UTF-8"?>
    <definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"
        xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/"
        xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" xmlns:x="urn:x" id="Definitions_1" name="DRD"
        namespace="http://camunda.org/schema/1.0/dmn">
      <inputData id="InputData_1" name="age"/>
      <decision id="Decision_1" name="Decision 1">
        <!-- drawn by hand -->
        <extensionElements><x:note x:of="me"/></extensionElements>
        <informationRequirement id="r1"><requiredInput href="#InputData_1"/></informationRequirement>
        <decisionTable id="DecisionTable_1" hitPolicy="UNIQUE">
          <input id="Input_1" label="the age">
            <inputExpression id="e1" typeRef="number"><text>age</text></inputExpression></input>
          <input id="Input_2"><inputExpression id="e2" typeRef="string"><text>status</text></inputExpression></input>
          <output id="Output_1" label="route" name="route" typeRef="string" biodi:width="192" xmlns:biodi="urn:b"/>
          <rule id="Rule_1"><description>seen by a person</description>
            <inputEntry id="u1"><text>&lt; 18</text></inputEntry><inputEntry id="u2"><text></text></inputEntry>
            <outputEntry id="l1"><text>"child"</text></outputEntry></rule>
          <rule id="Rule_2">
            <inputEntry id="u3"><text>&gt;= 18</text></inputEntry><inputEntry id="u4"><text></text></inputEntry>
            <outputEntry id="l2"><text>"adult"</text></outputEntry></rule>
        </decisionTable>
      </decision>
      <dmndi:DMNDI><dmndi:DMNDiagram><dmndi:DMNShape dmnElementRef="Decision_1"><dc:Bounds x="1" y="1"/>
      </dmndi:DMNShape></dmndi:DMNDiagram></dmndi:DMNDI>
    </definitions>"""
    model = read_model(content, "test.dmn")

    assert () == model.findings
    outcome = model.evaluate("Decision_1", {"age": 3, "status": None})
    assert "child" == outcome.value
    assert [("Decision 1", "DecisionTable_1", 1, "Rule_1")] == [
        (rule.decision, rule.table, rule.row, rule.rule_id) for rule in outcome.rules
    ]
    assert "seen by a person" == read_definitions(content, "f").elements[1].logic.rules[0].description


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not xml", "test.dmn: The file is not well-formed XML at line 1. Export it again from the editor."),
        (b"", "test.dmn: The file is not well-formed XML at line 1. Export it again from the editor."),
        (
            b"<definitions/>",
            (
                'test.dmn: The file starts with <definitions> of "", not with DMN <definitions>. '
                "Save it as DMN 1.1 to 1.5."
            ),
        ),
        (
            b'<!DOCTYPE d [<!ENTITY x "y">]>' + file_of(),
            "test.dmn: The file declares a document type, which could pull in other files. Remove it.",
        ),
        (b" " * (MAX_BYTES + 1), "test.dmn: The file is larger than 4,000,000 bytes. Split it and import the parts."),
        (file_of("<decision/>"), "test.dmn: A <decision> has neither a name nor an id. Give it a name."),
        (
            file_of('<decision name="d"><informationRequirement><requiredInput/></informationRequirement></decision>'),
            'test.dmn: "d": A <requiredInput> does not say what it refers to. Draw the arrow again.',
        ),
        (
            file_of(decision("d", table(["x"], ["r"], policy="BEST"))),
            (
                'test.dmn: "d": The hit policy "BEST" does not exist. '
                "Use one of UNIQUE, ANY, PRIORITY, FIRST, RULE ORDER, OUTPUT ORDER, COLLECT."
            ),
        ),
        (
            file_of(decision("d", table(["x"], ["r"], policy="COLLECT", aggregation="AVERAGE"))),
            (
                'test.dmn: "d": The hit policy "COLLECT AVERAGE" does not exist. '
                "Use one of UNIQUE, ANY, PRIORITY, FIRST, RULE ORDER, OUTPUT ORDER, COLLECT."
            ),
        ),
        (
            file_of(decision("d", table([" "], ["r"]))),
            'test.dmn: "d": The input column "" has no expression. Write what the column looks at.',
        ),
        (
            file_of(decision("d", table(["x"], []))),
            'test.dmn: "d": The decision table has no output column. Add an output column.',
        ),
        (
            file_of(decision("d", table(["x"], ["r"], ("1",)))),
            (
                'test.dmn: "d", row 1: The row has 0 output cells where the table has 1 output columns. '
                "Add the row again in the editor."
            ),
        ),
        (
            file_of(decision("d", table(["x", "y"], ["r"], ("1",)))),
            (
                'test.dmn: "d", row 1: The row has 1 input cells where the table has 2 input columns. '
                "Add the row again in the editor."
            ),
        ),
        (
            file_of(decision("d", "<literalExpression><importedValues/></literalExpression>")),
            'test.dmn: "d": A literal expression takes its text from another file. Write the expression here.',
        ),
        (
            file_of(decision("d", "<invocation><binding/></invocation>")),
            'test.dmn: "d": A binding names no parameter. Name the parameter it gives a value to.',
        ),
        (
            file_of(decision("d", "<for><in/></for>")),
            'test.dmn: "d": A boxed for has no iterator variable. Name the variable.',
        ),
    ],
)
def test_a_file_that_is_no_decision_file_is_refused(content, words):
    """The author reads which file, which place, what is wrong and what to do."""
    assert words == refusal(content)


def test_a_cell_that_is_not_feel_is_shown_with_a_caret():
    """File, decision, row, column, the text, the place in it, and the mend."""
    model = model_of(
        decision("route", table([("age", "number")], ["r"], ("< 18", "1"), ("18 <=", "2"), policy="FIRST"))
    )

    (error,) = model.errors
    assert str(error).startswith('test.dmn: "route", row 2, column "age": The text ends where a value should stand.')
    assert ("row 2", 'column "age"') == error.place.parts
    assert ("18 <=", 1, 6, "18 <=\n     ^") == (error.text, error.line, error.column, error.caret)
    assert error.caret in str(error)
    (finding,) = model.findings
    assert ("refusal", "test.dmn", 'row 2, column "age"', "route") == (
        finding.severity,
        finding.file,
        finding.place,
        finding.name,
    )
    assert finding.mend.endswith("18 <=\n     ^")
    outcome = model.evaluate("route", {"age": 20})
    assert outcome.value is None
    assert ['test.dmn: "route", row 2, column "age": The cell is not FEEL, so its rule does not apply.'] == [
        str(remark) for remark in outcome.diagnostics[:1]
    ]


def test_other_texts_that_are_not_feel_are_placed_as_well():
    """Columns, results, defaults and literals each say where they stand, and give null when run."""
    model = model_of(
        decision("a", table([("1 +", "")], ["r"], ("-", "1"))),
        decision("b", table([("1", "")], [("r", "", "1 +", "2 +")], ("-", "3 +"))),
        decision("c", literal("4 +")),
    )

    assert [
        ("a", 'column "1 +"'),
        ("b", 'column "r", allowed values'),
        ("b", 'column "r", allowed values'),
        ("b", 'default, column "r"'),
        ("b", 'row 1, column "r"'),
        ("c", None),
    ] == [(error.place.element, error.place.inside) for error in model.errors]
    for name in "abc":
        outcome = model.evaluate(name, {})
        assert outcome.value is None
        assert "The text is not FEEL." in [remark.message for remark in outcome.diagnostics]


def test_other_languages_than_feel_are_refused():
    """An expression in another language is a problem, and null."""
    javascript = '<literalExpression expressionLanguage="javascript"><text>1</text></literalExpression>'

    assert ['test.dmn: "d": The expression language "javascript" is not FEEL. Write the expression in FEEL.'] == errors(
        decision("d", javascript)
    )
    assert ask(javascript).value is None
    feel = '<literalExpression expressionLanguage="https://www.omg.org/spec/DMN/20191111/FEEL/"><text>1</text></literalExpression>'
    assert 1 == ask(feel).value
    whole = read_model(
        file_of(decision("d", table(["1"], ["r"], ("-", "1"))), attributes='expressionLanguage="urn:other"'), "test.dmn"
    )
    assert whole.evaluate("d", {}).value is None
    assert 3 == len(whole.errors)


def test_a_cell_in_another_language_is_a_problem():
    """What Camunda 7 modellers write on a single cell is no FEEL either, and the row then matches nothing."""
    cells = table(["a"], ["r"], ("1", "1")).replace("<inputEntry>", '<inputEntry expressionLanguage="juel">')

    assert [
        'test.dmn: "d", row 1, column "a": The expression language "juel" is not FEEL. Write the expression in FEEL.'
    ] == errors(decision("d", cells))


def test_an_empty_result_is_a_problem():
    """What a rule gives is written, if only null."""
    assert ['test.dmn: "d", row 1, column "r": The cell is empty. Write what the rule gives, or `null`.'] == errors(
        decision("d", table(["1"], ["r"], ("-", "")))
    )
    assert ["The cell is empty."] == [remark.message for remark in ask(table(["1"], ["r"], ("-", ""))).diagnostics]
    assert ["There is no expression."] == [remark.message for remark in ask(literal("")).diagnostics]


def test_a_constant_result_that_is_not_allowed_is_a_problem():
    """A result that its column does not have is found when the file is read, and null when it runs."""
    logic = table(["1"], [("r", "string", '"a", "b"')], ("-", '"c"'))

    assert [
        (
            'test.dmn: "d", row 1, column "r": The result is not of the type or not one of the values of its column. '
            'Use "a", "b".'
        )
    ] == errors(decision("d", logic))
    assert ['test.dmn: "d", row 1, column "r": The result is not one of the values of its column.'] == [
        str(remark) for remark in ask(logic).diagnostics
    ]
    typed = table(["1"], [("r", "number")], ("-", '"c"'))
    assert ["Use a number."] == [error.mend for error in model_of(decision("d", typed)).errors]
    assert ['test.dmn: "d", row 1, column "r": The result should be number, and it is a string.'] == [
        str(remark) for remark in ask(typed).diagnostics
    ]


def test_a_result_worked_out_is_checked_when_it_runs():
    """Output values hold for computed results and for lists of them."""
    logic = table(["1"], [("r", "", '"a", "b"')], ("-", "x"))

    assert "a" == ask(logic, {"x": "a"}).value
    assert ["a", "b"] == ask(logic, {"x": ["a", "b"]}).value
    assert ask(logic, {"x": "c"}).value is None


def test_the_original_is_not_changed_by_two_files_with_the_same_types():
    """Models are independent."""
    first = model_of(item("tA", "string", allowed='"x"'), given("a", "tA"), decision("d", literal("a"), "a"))
    second = model_of(item("tA", "number"), given("a", "tA"), decision("d", literal("a"), "a"))

    assert "x" == first.evaluate("d", {"a": "x"}).value
    assert 3 == second.evaluate("d", {"a": 3}).value


def test_boxes_without_parts_are_read():
    """A drawing that is not finished is read, and says what is missing when it runs."""
    for unfinished in (
        '<for iteratorVariable="x"/>',
        "<conditional/>",
        "<filter/>",
        "<invocation/>",
        "<functionDefinition/>",
    ):
        model = model_of(decision("d", unfinished), decision("e", "<list><description>none</description></list>"))

        outcome = model.evaluate("d", {})
        assert outcome.value in (None, []) or hasattr(outcome.value, "parameters")
        assert [] == model.evaluate("e", {}).value


def test_boxes_nested_past_any_sense_are_refused():
    """Depth is limited by the reader of XML, and by ours."""
    nested = "<list>" * 600 + "</list>" * 600

    assert "test.dmn: The file is not well-formed XML at line 1." in refusal(file_of(decision("d", nested)))


def test_functions_that_nest_too_deep_are_stopped():
    """Nesting of boxes times nesting of calls is limited as well."""
    deep = literal("k(n + 1)")
    for _ in range(60):
        deep = f"<list>{deep}</list>"
    model = model_of(knowledge("k", [("n", "")], deep, "knowledge:k"))

    outcome = model.invoke("k", {"n": 1})
    assert outcome.value is None
    assert "limit" in [remark.kind for remark in outcome.diagnostics]


def test_no_more_remarks_are_kept_than_a_person_reads():
    """A loop that goes wrong each time does not fill the memory."""
    loop = f'<for iteratorVariable="x"><in>{literal("1..2000")}</in><return>{literal("[1, x].a")}</return></for>'
    loop = loop.replace("1..2000", "[1..2000]")

    assert 1_000 >= len(ask(loop).diagnostics) > 900


def test_a_decision_read_twice_is_seen_once():
    """What a decision takes from the caller is listed once, over all ways."""
    model = model_of(
        given("a"),
        decision("b", literal("a"), "a"),
        decision("c", literal("a + b"), "a", "decision:b"),
        decision("d", literal("b + c + s()"), "decision:b", "decision:c", "knowledge:s"),
        '<decisionService id="s" name="s"><outputDecision href="#c"/></decisionService>',
    )

    assert frozenset({"a"}) == model.reads("d")


def test_a_file_read_with_little_room_left_is_refused_and_not_a_crash():
    """Boxes that nest deeper than the caller's stack allows are a fault of the file."""
    content = file_of(decision("d", "<list>" * 100 + "</list>" * 100))

    def deeper(levels: int) -> str:
        return deeper(levels - 1) if levels else refusal(content)

    assert "test.dmn: The boxes of the file nest too deep. Split it into decisions." == deeper(700)


@pytest.mark.parametrize("policy", ["PRIORITY", "OUTPUT ORDER"])
def test_an_order_of_results_must_be_written_down(policy):
    """A policy that orders results needs the order."""
    logic = table([("x", "number")], ["r"], ("< 3", "1"), ("-", "2"), policy=policy)

    assert [
        (
            'test.dmn: "d": The hit policy orders results, and no output column says in which order. '
            "List the output values of a column, the most important first."
        )
    ] == errors(decision("d", logic))


def test_names_with_signs_or_keywords_are_read_whole():
    """An entry, a column, an output or a parameter may be called almost anything."""
    entry = f'<contextEntry><variable name="a-b"/>{literal("1")}</contextEntry>'
    row = f'<relation><column name="date and place"/><row>{literal("2")}</row></relation>'
    model = model_of(
        decision("c", f"<context>{entry}</context>"),
        decision("r", row),
        decision("t", table(["1"], ["yes/no", "why"], ("-", "3", "4"))),
        decision("d", literal("c.a-b + r[1].date and place + t.yes/no"), "decision:c", "decision:r", "decision:t"),
    )

    assert () == model.errors
    assert 6 == model.evaluate("d", {}).value


def test_an_id_used_twice_is_a_problem_and_belongs_to_the_first():
    """The file is read, so that its author sees it, and cannot be published."""
    same_id = [
        f'<decision id="x" name="{name}">{literal(value)}</decision>' for name, value in (("a", "1"), ("b", "2"))
    ]
    model = model_of(*same_id, decision("d", literal("a"), "decision:x"))

    assert ['test.dmn: "b": The id "x" is used twice. Give each its own id.'] == list(map(str, model.errors))
    assert [1, 1, 2] == [model.evaluate(name, {}).value for name in ("d", "x", "b")]
