"""Item definitions: components, allowed values, constraints, lists, functions, aliases (DMN 1.5, 7.3.2)."""

import pytest

from engine.dmn import read_model
from tests.engine.dmn.files import component, decision, file_of, given, item, literal, model_of, said


def takes(value: object, type_ref: str, *types: str) -> bool:
    model = model_of(*types, given("x", type_ref), decision("d", literal("x"), "x"))
    assert () == model.errors
    return () == model.evaluate("d", {"x": value}).diagnostics


PERSON = item("tPerson", components=component("name", "string") + component("age", "number"))


@pytest.mark.parametrize(
    ("type_ref", "types", "good", "bad"),
    [
        ("number", (), [1, 1.5, None, [3]], ["1", True, [1, 2]]),
        ("integer", (), [1, 2.0, None], [1.5, "1", True]),
        ("long", (), [7], [7.5]),
        ("double", (), [7.5], ["7.5"]),
        ("boolean", (), [True], [1, "true"]),
        ("string", (), ["a", ""], [1]),
        ("date", (), ["2026-01-01"], ["2026-13-01", 5]),
        ("dateTime", (), ["2026-01-01T10:00:00Z"], ["x"]),
        ("date and time", (), ["2026-01-01T10:00:00"], [True]),
        ("time", (), ["10:00:00"], ["10"]),
        ("dayTimeDuration", (), ["P1D"], ["P1Y"]),
        ("yearMonthDuration", (), ["P1Y"], ["P1D"]),
        ("Any", (), [1, "a", [1], {"a": 1}], []),
        ("<Undefined>".replace("<", "&lt;").replace(">", "&gt;"), (), [1, "a"], []),
        ("tStatus", (item("tStatus", "string", allowed='"s20", "ico"'),), ["s20", None], ["co", 1]),
        ("tAge", (item("tAge", "number", allowed="[0..18)"),), [0, 17], [18, -1]),
        ("tOdd", (item("tOdd", "number", constraint="odd(?)"),), [1], [2]),
        ("tAges", (item("tAges", "number", allowed="[0..18)", collection=True),), [[1, 2], [], 3], [[1, 18], ["a"]]),
        (
            "tFew",
            (item("tFew", "number", constraint="count(?) &lt; 3".replace("&lt;", "<"), collection=True),),
            [[1, 2]],
            [[1, 2, 3]],
        ),
        (
            "tPerson",
            (PERSON,),
            [{"name": "A", "age": 1}, {"name": None, "age": 1, "x": 2}],
            [{"name": "A"}, {"name": 1, "age": 1}, "A"],
        ),
        (
            "tPeople",
            (PERSON, item("tPeople", "tPerson", collection=True)),
            [[{"name": "A", "age": 1}]],
            [[{"name": "A"}]],
        ),
        ("tAlias", (item("tAlias", "tStatus"), item("tStatus", "string", allowed='"a"')), ["a"], ["b"]),
        (
            "tTree",
            (
                item("tTree", components=component("name", "string") + component("kids", "tTrees")),
                item("tTrees", "tTree", collection=True),
            ),
            [{"name": "a", "kids": [{"name": "b", "kids": []}]}],
            [{"name": "a", "kids": [{"name": "b"}]}],
        ),
    ],
)
def test_a_type_takes_its_values_and_no_others(type_ref, types, good, bad):
    """Null belongs to every type; a list of one stands for its item and an item for a list of one (10.3.2.9.4)."""
    assert good == [value for value in good if takes(value, type_ref, *types)]
    assert [] == [value for value in bad if takes(value, type_ref, *types)]


def test_components_are_coerced():
    """A list of one in a component becomes its item, and a list of one person the person."""
    model = model_of(PERSON, given("p", "tPerson"), decision("d", literal("p.age + 1"), "p"))

    assert 4 == model.evaluate("d", {"p": [{"name": ["A"], "age": [3]}]}).value


def test_a_result_must_fit_the_type_of_the_decision():
    """A decision that gives another type than it declares gives null and says which."""
    model = model_of(
        item("tStatus", "string", allowed='"a", "b"'),
        decision("wrong", literal("1"), type_ref="string"),
        decision("outside", literal('"c"'), type_ref="tStatus"),
        decision("single", literal("[1]"), type_ref="number"),
        decision("midnight", literal('date("2026-01-01")'), type_ref="dateTime"),
    )

    assert ['test.dmn: "wrong": The result should be string, and it is a number.'] == said(model.evaluate("wrong", {}))
    assert [
        'test.dmn: "outside": The result should be tStatus, and it is a string that tStatus does not allow.'
    ] == said(model.evaluate("outside", {}))
    assert 1 == model.evaluate("single", {}).value
    assert "2026-01-01T00:00:00Z" == str(model.evaluate("midnight", {}).value)


def test_function_types():
    """A function item says what a function takes and gives."""
    definition = (
        '<itemDefinition name="tF"><functionItem outputTypeRef="number"><parameters name="a" typeRef="number"/>'
        "</functionItem></itemDefinition>"
    )
    model = model_of(
        definition,
        decision("good", literal("function(a: number) a + 1"), type_ref="tF"),
        decision("bad", literal("5"), type_ref="tF"),
    )

    assert model.evaluate("good", {}).value.parameters == ("a",)
    assert model.evaluate("bad", {}).value is None


def test_an_unknown_type_is_a_problem_and_constrains_nothing():
    """The author reads which types there are."""
    model = model_of(PERSON, given("x", "tPresent"), decision("d", literal("x"), "x"))

    assert ['test.dmn: "x": The type "tPresent" is not defined. Use a FEEL type or one of: tPerson.'] == list(
        map(str, model.errors)
    )
    assert 1 == model.evaluate("d", {"x": 1}).value


def test_allowed_values_that_are_not_feel_are_a_problem():
    """A type's own tests are placed like a table's."""
    model = model_of(
        item("tA", "string", allowed='"a" "b"', constraint="1 +"), given("x", "tA"), decision("d", literal("x"), "x")
    )

    assert [("tA", "allowed values"), ("tA", "type constraint")] == [
        (error.place.element, error.place.inside) for error in model.errors
    ]
    assert "z" == model.evaluate("d", {"x": "z"}).value


def test_prefixed_type_names_of_dmn_1_1_are_read():
    """`feel:string`, `xsd:date` and the file's own prefix are what later versions write without one."""
    content = file_of(
        item("tA", "feel:string", allowed='"a"'),
        given("x", "own:tA"),
        given("y", "feel:number"),
        given("z", "xsd:date"),
        given("w", "other:tB"),
        decision("d", literal("x"), "x", "y", "z"),
        namespace="http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        attributes='xmlns:feel="http://www.omg.org/spec/FEEL/20140401" xmlns:own="urn:test" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:other="urn:other"',
    )
    model = read_model(content, "test.dmn")

    assert ["w"] == [error.place.element for error in model.errors]
    assert "a" == model.evaluate("d", {"x": "a", "y": 1, "z": "2026-01-01"}).value


def test_types_are_known_to_feel():
    """`instance of` may name a type of the file."""
    model = model_of(PERSON, decision("d", literal('{name: "A", age: 3} instance of tPerson')))

    assert model.evaluate("d", {}).value is True


def test_a_knowledge_model_checks_its_arguments():
    """An argument that is not of its parameter's type is told, and the call gives null."""
    model = model_of(
        PERSON,
        '<businessKnowledgeModel id="k" name="k"><variable name="k" typeRef="string"/><encapsulatedLogic>'
        '<formalParameter name="p" typeRef="tPerson"/><literalExpression><text>p.age</text></literalExpression>'
        "</encapsulatedLogic></businessKnowledgeModel>",
        decision("d", literal('k({name: "A"})'), "knowledge:k"),
        decision("e", literal('k({name: "A", age: 3})'), "knowledge:k"),
    )

    assert model.evaluate("d", {}).value is None
    assert model.evaluate("e", {}).value is None
    assert ["argument", "type"] == [model.evaluate(name, {}).diagnostics[0].kind for name in "de"]
