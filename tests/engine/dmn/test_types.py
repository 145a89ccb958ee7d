"""Item definitions: components, allowed values, constraints, lists, functions, aliases (DMN 1.5, 7.3.2)."""

import pytest

from engine.dmn import read_model
from engine.feel.types import simple
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


def test_the_type_of_a_function_entry_may_be_the_type_of_its_result():
    """Editors write either; a function that gives another type than declared gives null."""
    entry = '<contextEntry><variable name="f" typeRef="{kind}"/>{function}</contextEntry>'
    shape = (
        '<itemDefinition name="tF"><functionItem outputTypeRef="number"><parameters name="a" typeRef="number"/>'
        "</functionItem></itemDefinition>"
    )
    body = f'<formalParameter name="a" typeRef="number"/>{literal("a")}'

    def call(kind: str, logic: str) -> object:
        context = (
            f"<context>{entry.format(kind=kind, function=f'<functionDefinition>{logic}</functionDefinition>')}"
            f"<contextEntry>{literal('f(3)')}</contextEntry></context>"
        )
        return model_of(shape, decision("d", context)).evaluate("d", {}).value

    assert [3, 3, 3, None] == [call(kind, body) for kind in ("tF", "number", "Any", "string")]
    assert call("tF", literal("1")) is None


def test_instance_of_asks_a_function_for_its_declared_types():
    """A function without types is used as a tF, but is not an instance of it."""
    shape = (
        '<itemDefinition name="tF"><functionItem outputTypeRef="Any"><parameters name="a" typeRef="number"/>'
        "</functionItem></itemDefinition>"
    )
    model = model_of(
        shape,
        decision("typed", literal("(function(a: number) a) instance of tF")),
        decision("other", literal("(function(a: string) a) instance of tF")),
        decision("number", literal("3 instance of tF")),
    )

    assert [True, False, False] == [model.evaluate(name, {}).value for name in ("typed", "other", "number")]


def test_types_conform_to_types():
    """What may stand for what: a narrower structure, a whole number for a number, anything for Any (10.3.2.9.2)."""
    person, wide = (
        item("tP", components=component("a", "number")),
        item("tW", components=component("a", "integer") + component("b", "string")),
    )
    types = model_of(person, wide, item("tI", "integer")).types.known
    number, any_type = simple("number"), simple("Any")

    assert types["tW"].conforms_to(types["tP"])
    assert not types["tP"].conforms_to(types["tW"])
    assert types["tP"].conforms_to(any_type)
    assert not types["tP"].conforms_to(number)
    assert types["tI"].conforms_to(number)
    assert not types["tI"].conforms_to(simple("string"))
    assert "whole number" == str(types["tI"])


def test_imported_types_of_dmn_1_1_are_read_by_their_prefix():
    """A prefix that stands for an imported file's namespace is that import."""
    base = read_model(file_of(item("tA", "string", allowed='"a"'), own="urn:base"), "base.dmn")
    for name in ("base", ""):
        model = read_model(
            file_of(
                f'<import name="{name}" namespace="urn:base"/>',
                given("x", "b:tA"),
                given("y", "base.nope"),
                decision("d", literal("x"), "x"),
                attributes='xmlns:b="urn:base"',
            ),
            "main.dmn",
            {"urn:base": base},
        )
        assert ["y"] == [error.place.element for error in model.errors]
        assert "a" == model.evaluate("d", {"x": "a"}).value
        assert model.evaluate("d", {"x": "b"}).value is None


def test_a_type_that_holds_itself_shows_its_name():
    """Messages about recursive types name the type."""
    tree = item("tT", components=component("kids", "tT"))
    model = model_of(tree, given("x", "tT"), decision("d", literal("x"), "x"))

    assert model.evaluate("d", {"x": {"kids": {"kids": None}}}).diagnostics == ()
    assert "tT" == str(model.types.known["tT"].components["kids"])


def test_a_remark_knows_its_decision():
    """Whoever shows a remark can group it by decision."""
    model = model_of(decision("d", literal("1 / 0")))

    assert ["d"] == [remark.decision for remark in model.evaluate("d", {}).diagnostics]


def test_the_logic_of_a_knowledge_model_may_say_the_type_of_its_result():
    """Where the model's own variable has no type, the type on its logic counts."""
    model = model_of(
        '<businessKnowledgeModel id="k" name="k"><encapsulatedLogic typeRef="string"><formalParameter name="a"/>'
        "<literalExpression><text>a</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>"
    )

    assert "x" == model.invoke("k", {"a": "x"}).value
    assert model.invoke("k", {"a": 1}).value is None


def test_a_type_that_is_only_itself_is_a_problem():
    """A circle of names defines nothing; it is told and constrains nothing."""
    model = model_of(
        item("tA", "tB"), item("tB", "tA", allowed='"x"'), given("x", "tA"), decision("d", literal("x"), "x")
    )

    assert ['test.dmn: "tA": The type is defined by itself alone. Say what it is.'] == list(map(str, model.errors))
    assert 1 == model.evaluate("d", {"x": 1}).value
