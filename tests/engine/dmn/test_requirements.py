"""Requirements, knowledge models, services and imports: who sees what, and what is worked out once (DMN 1.5, 6)."""

from decimal import Decimal

import pytest

from engine.dmn import DmnError, NoSuchDecision, read_model
from tests.engine.dmn.files import (
    component,
    decision,
    file_of,
    given,
    item,
    knowledge,
    literal,
    model_of,
    said,
    table,
)


def service(name: str, outputs: str, *, inputs: str = "", decisions: str = "", encapsulated: str = "") -> str:
    def references(tag: str, names: str) -> str:
        return "".join(f'<{tag} href="#{item_name}"/>' for item_name in names.split())

    return (
        f'<decisionService id="{name}" name="{name}">{references("outputDecision", outputs)}'
        f"{references('encapsulatedDecision', encapsulated)}{references('inputDecision', decisions)}"
        f"{references('inputData', inputs)}</decisionService>"
    )


def context(*entries: str) -> str:
    """A boxed context of names and their expressions in turn."""
    pairs = zip(entries[::2], entries[1::2], strict=True)
    rows = "".join(f"<contextEntry><variable name='{name}'/>{logic}</contextEntry>" for name, logic in pairs)
    return f"<context>{rows}</context>"


def function(parameter: str, body: str) -> str:
    """A boxed function of one parameter."""
    return f"<functionDefinition><formalParameter name='{parameter}'/>{literal(body)}</functionDefinition>"


def test_a_required_decision_is_worked_out_once_and_only_when_read():
    """Two decisions that read the same one share its value; one that nobody reads is not evaluated."""
    model = model_of(
        given("age", "number"),
        decision("band", table([("age", "number")], ["r"], ("< 18", '"child"'), (">= 18", '"adult"')), "age"),
        decision("unread", literal("1 / 0")),
        decision("left", literal('band + "!"'), "decision:band"),
        decision("both", literal("left + band"), "decision:left", "decision:band", "decision:unread"),
    )

    outcome = model.evaluate("both", {"age": 3})

    assert "child!child" == outcome.value
    assert 1 == len(outcome.tables)
    assert () == outcome.diagnostics


@pytest.mark.parametrize(
    ("elements", "inside", "called"),
    [
        ((decision("d", table(["age"], ["r"], ("nobody(1)", "1"), ("-", "2"))),), 'row 1, column "age"', "nobody"),
        (
            (decision("d", table(["age"], ["r"], ("System.exit(1)", "1"), ("-", "2"))),),
            'row 1, column "age"',
            "System.exit",
        ),
        ((decision("d", table(["mxa(age)"], ["r"], ("1", "1"))),), 'column "mxa(age)"', "mxa"),
        ((decision("d", table(["age"], ["r"], ("1", "uper(name)"))),), 'row 1, column "r"', "uper"),
        ((decision("d", literal("if age > 3 then nobody(age) else 1")),), None, "nobody"),
        ((decision("d", context("a", literal("nob(1)"))),), 'entry "a"', "nob"),
        ((decision("d", f"<invocation>{literal('nob')}</invocation>"),), "function", "nob"),
        ((knowledge("rate", [("n", "")], literal("nob(n)")),), None, "nob"),
    ],
)
def test_a_call_that_leads_to_no_function_stands_in_the_file_with_its_place(
    elements: tuple[str, ...], inside: str | None, called: str
):
    """Where values alone are handed in, such a call is never anything; the file itself can be read (10.3.2.13)."""
    model = model_of(*elements)

    assert [("refusal", inside, f"It calls {called}, and there is no function of that name.")] == [
        (finding.severity, finding.place, finding.message) for finding in model.strange_calls
    ]
    assert "refusal" not in {finding.severity for finding in model.findings}


def test_what_is_nearly_the_name_of_a_function_is_the_mend():
    """FEEL's own functions and the file's knowledge models are told; one without an arrow needs only that."""
    rate = knowledge("rate of pay", [("n", "")], literal("n"))
    model = model_of(
        rate,
        decision("a", literal("day of weak(x)")),
        decision("b", literal("rates of pay(1)")),
        decision("c", literal("rate of pay(1)")),
    )

    assert ["Write day of week, if that is meant.", "Write rate of pay, if that is meant.", "Draw the arrow."] == [
        finding.mend for finding in model.strange_calls
    ]


@pytest.mark.parametrize(
    "logic",
    [
        literal("rate(2)"),
        literal("for f in [rate] return f(1)"),
        literal("{f: function(x) x + 1, y: f(2)}.y"),
        literal("{in: {f: function(x) x}, y: in.f(2)}.y"),
        literal("[{f: function(x) x}][f(1) = 1]"),
        context("f", function("n", "if n < 1 then 0 else f(n - 1) + later(n)"), "later", function("g", "g(1)")),
        function("g", "g(1)"),
        f"<filter><in>{literal('anything')}</in><match>{literal('f(item) and g.h(1)')}</match></filter>",
        f"<for iteratorVariable='f'><in>{literal('[rate]')}</in><return>{literal('f(count(partial))')}</return></for>",
        f"<invocation>{literal('rate')}<binding><parameter name='n'/>{literal('1')}</binding></invocation>",
        f"<invocation>{literal('upper case')}<binding><parameter name='string'/>{literal('a')}</binding></invocation>",
        table(["age"], ["r"], ("max(?, 2) > 1, rate(?) = 1", "rate(3)")),
    ],
)
def test_what_may_be_a_function_is_let_through(logic: str):
    """Parameters, entries of contexts, iterated functions, knowledge models, and items whose type nobody declared."""
    model = model_of(knowledge("rate", [("n", "")], literal("rate(n - 1)")), decision("d", logic, "knowledge:rate"))

    assert () == model.strange_calls


def test_a_decision_sees_only_what_arrows_lead_to():
    """A name of the file without an arrow is null, and the author is advised to draw it."""
    model = model_of(given("age", "number"), decision("d", literal("age + 1")))

    outcome = model.evaluate("d", {"age": 3})

    assert outcome.value is None
    assert 'test.dmn: "d": Nothing here is named age.' == said(outcome)[0]
    assert [
        ("advice", "d", '"age" is read here, but no arrow leads from it to "d", so it is null.', "Draw the arrow.")
    ] == [(finding.severity, finding.name, finding.message, finding.mend) for finding in model.findings]


def test_a_name_the_file_does_not_know_comes_from_the_caller():
    """Editors let a table look at a variable that no input data is drawn for."""
    model = model_of(decision("d", literal("a + b.c")))

    assert Decimal(3) == model.evaluate("d", {"a": 1, "b": {"c": 2}, "unused": 5}).value
    assert frozenset({"a", "b"}) == model.reads("d")
    assert ['test.dmn: "d": Nothing here is named a.'] == said(model.evaluate("d", {"b": {"c": 2}}))[:1]


def test_an_input_that_is_not_given_is_told():
    """An input that is absent is not the same as one that is null."""
    model = model_of(given("age", "number"), decision("d", literal("age"), "age"))

    assert ['test.dmn: "age": The input age was not given.'] == said(model.evaluate("d", {}))
    assert [] == said(model.evaluate("d", {"age": None}))
    assert frozenset({"age"}) == model.reads("d")


def test_an_input_that_is_not_of_its_type_is_told():
    """A declared type is kept at the door."""
    model = model_of(given("age", "number"), decision("d", literal("age"), "age"))

    assert ['test.dmn: "age": The input should be number, and the string given is not.'] == said(
        model.evaluate("d", {"age": "3"})
    )
    assert ['test.dmn: "age": A number is not finite.'] == said(model.evaluate("d", {"age": float("nan")}))


def test_a_list_nested_too_deep_is_told():
    """Hostile input ends in a remark."""
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    model = model_of(given("x"), decision("d", literal("x"), "x"))

    assert ['test.dmn: "x": The value nests too deep.'] == said(model.evaluate("d", {"x": deep}))


def test_texts_of_case_data_become_dates_where_a_date_is_declared():
    """Case data are JSON, so dates come as ISO text; in components and lists too."""
    model = model_of(
        item("tVisit", components=component("on", "date")),
        item("tVisits", "tVisit", collection=True),
        given("visits", "tVisits"),
        given("born", "date"),
        decision("d", literal("born < visits[1].on"), "visits", "born"),
    )

    assert model.evaluate("d", {"born": "2020-01-01", "visits": [{"on": "2026-01-01"}]}).value is True
    assert model.evaluate("d", {"born": "not a date", "visits": []}).value is None


def test_decisions_are_found_by_id_and_by_name():
    """An unknown decision is an error that says what there is."""
    model = model_of(decision("The Route", literal("1")), knowledge("k", [], literal("2")))

    assert 1 == model.evaluate("The_Route", {}).value == model.evaluate("The Route", {}).value
    assert "The Route" == model.decision("The_Route").name
    assert ("k",) == tuple(item.name for item in model.knowledge)
    with pytest.raises(NoSuchDecision, match=r'^test.dmn has no decision "nope". It has: The Route.$'):
        model.evaluate("nope", {})
    with pytest.raises(NoSuchDecision, match=r'^test.dmn has no decision service "nope". It has: none.$'):
        model.evaluate_service("nope", {})


def test_a_decision_without_logic_takes_the_value_given_for_it():
    """People decide too: their decision is handed in by its name."""
    model = model_of(decision("view", ""), decision("d", literal("view"), "decision:view"))

    assert "agree" == model.evaluate("d", {"view": "agree"}).value
    assert ['test.dmn: "view": The decision has no logic and no value was given for it.'] == said(
        model.evaluate("d", {})
    )
    assert ["advice"] == [finding.severity for finding in model.findings]


def test_requirements_in_a_circle_are_refused():
    """A decision cannot rest on itself; the error names the way round."""
    with pytest.raises(DmnError) as caught:
        model_of(
            decision("a", literal("b"), "decision:b"),
            decision("b", literal("c"), "decision:c"),
            decision("c", literal("a"), "decision:a"),
        )

    assert (
        'test.dmn: "a": The requirements go in a circle: "a" requires "b" requires "c" requires "a". '
        "Remove one of the arrows."
    ) == str(caught.value)


def test_a_decision_that_requires_itself_is_refused():
    """The shortest circle is one arrow."""
    with pytest.raises(DmnError, match='"a" requires "a"'):
        model_of(decision("a", literal("a"), "decision:a"))


def test_an_arrow_from_nowhere_is_a_problem():
    """A reference to an element that is gone is told."""
    model = model_of(decision("d", literal("1"), "gone"))

    assert ['test.dmn: "d": It requires "gone", which is not there. Draw the arrow again.'] == list(
        map(str, model.errors)
    )


# --- knowledge models


def test_a_knowledge_model_is_a_function_that_sees_only_its_own():
    """Parameters and required knowledge are in scope, the caller's names are not."""
    model = model_of(
        given("k", "number"),
        knowledge("double", [("n", "number")], literal("n * 2")),
        knowledge("quadruple", [("n", "number")], literal("double(double(n))"), "knowledge:double"),
        knowledge("leaky", [("n", "number")], literal("n + k")),
        decision("d", literal("quadruple(k)"), "k", "knowledge:quadruple"),
        decision("e", literal("leaky(k)"), "k", "knowledge:leaky"),
    )

    assert 12 == model.evaluate("d", {"k": 3}).value
    assert model.evaluate("e", {"k": 3}).value is None


def test_a_knowledge_model_can_be_called_from_outside():
    """`invoke` takes arguments by parameter name."""
    model = model_of(
        knowledge("area", [("a", "number"), ("b", "number")], literal("a * b")), knowledge("empty", [], "")
    )

    assert 6 == model.invoke("area", {"a": 2, "b": 3}).value
    missing = model.invoke("area", {"a": 2})
    assert missing.value is None
    assert ['test.dmn: "area": area was not given b.'] == said(missing)
    assert model.invoke("empty", {}).value is None


def test_a_knowledge_model_without_logic_is_null():
    """An empty drawing is not a function."""
    model = model_of('<businessKnowledgeModel id="k" name="k"/>')

    assert model.invoke("k", {}).value is None


def test_a_table_as_the_body_of_a_knowledge_model_is_recorded_under_its_name():
    """The record says which element holds the table."""
    model = model_of(
        knowledge("band", [("age", "number")], table([("age", "number")], ["r"], ("< 18", '"child"'))),
        decision("d", literal("band(3)"), "knowledge:band"),
    )

    assert [("band", 1)] == [(rule.decision, rule.row) for rule in model.evaluate("d", {}).rules]
    assert 1 == len(model.tables("band"))


# --- services


SERVICES = (
    given("a", "number"),
    decision("start", literal("100")),
    decision("one", literal("start + a"), "decision:start", "a", type_ref="number"),
    decision("two", literal("one * 2"), "decision:one", type_ref="number"),
    service("single", "two", inputs="a", decisions="start", encapsulated="one"),
    service("double", "one two", inputs="a", decisions="start"),
    decision("caller", literal("single(1, 2)"), "knowledge:single"),
    decision("named", literal("double(start: 2, a: 1)"), "knowledge:double"),
    decision("wrong", literal("single(1)"), "knowledge:single"),
)


def test_a_service_gives_its_output_from_what_it_is_given():
    """Input decisions are given, not worked out (10.4)."""
    model = model_of(*SERVICES)

    assert 6 == model.evaluate_service("single", {"a": 1, "start": 2}).value
    assert {"one": 3, "two": 6} == model.evaluate_service("double", {"a": 1, "start": 2}).value
    assert 202 == model.evaluate("two", {"a": 1}).value
    assert ('test.dmn: "single": The input decision start was not given.',) == tuple(
        said(model.evaluate_service("single", {"a": 1}))[:1]
    )


def test_a_service_is_a_function_of_its_inputs_then_its_input_decisions():
    """Decisions call it by position or by name."""
    model = model_of(*SERVICES)

    assert 6 == model.evaluate("caller", {}).value
    assert {"one": 3, "two": 6} == model.evaluate("named", {}).value
    assert model.evaluate("wrong", {}).value is None
    assert ("single", "double") == tuple(item.name for item in model.services)


# --- imports


BASE = file_of(
    item("tPerson", components=component("name", "string") + component("age", "number")),
    given("Applicant", "tPerson"),
    knowledge("say hello", [("who", "tPerson")], literal('"Hello " + who.name')),
    decision("greeting", literal("say hello(Applicant)"), "Applicant", "knowledge:say hello"),
    own="urn:base",
)


def importing(*elements: str, name: str = "base", namespace: str = "urn:base", own: str = "urn:main") -> bytes:
    wanted = (
        f'<import name="{name}" namespace="{namespace}" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
    )
    return file_of(wanted, *elements, own=own)


def test_imported_elements_are_used_under_the_name_of_the_import():
    """Types, inputs, decisions and knowledge of another file are `import.name`."""
    base = read_model(BASE, "base.dmn")
    model = read_model(
        importing(
            given("Person", "base.tPerson"),
            decision("d", literal("base.say hello(Person)"), "Person", "knowledge:urn:base#say_hello"),
            decision("e", literal("base.greeting"), "decision:urn:base#greeting"),
            decision("f", literal("Person instance of base.tPerson"), "Person"),
        ),
        "main.dmn",
        {"urn:base": base},
    )

    assert () == model.errors
    person = {"name": "Ada", "age": 3}
    assert "Hello Ada" == model.evaluate("d", {"Person": person}).value
    assert model.evaluate("d", {"Person": {"name": "Ada"}}).value is None
    assert "Hello Ada" == model.evaluate("e", {"Applicant": person}).value
    assert "Hello Ada" == model.evaluate("e", {"base.Applicant": person}).value
    assert "Hello Ada" == model.evaluate("e", {"base": {"Applicant": person}}).value
    assert "Hello Ada" == model.evaluate("e", {"{urn:base}Applicant": person}).value
    assert model.evaluate("f", {"Person": person}).value is True


def test_imports_nest():
    """A file sees what its imports import, by the whole way."""
    base = read_model(BASE, "base.dmn")
    middle = read_model(importing(own="urn:middle"), "middle.dmn", {"urn:base": base})
    model = read_model(
        importing(
            decision("d", literal("middle.base.greeting"), "decision:urn:base#greeting"),
            given("P", "middle.base.tPerson"),
            name="middle",
            namespace="urn:middle",
        ),
        "main.dmn",
        {"urn:middle": middle},
    )

    assert () == model.errors
    assert "Hello Ada" == model.evaluate("d", {"Applicant": {"name": "Ada", "age": 3}}).value


def test_an_import_without_a_name_is_used_as_it_is():
    """DMN 1.5's default import needs no prefix."""
    model = read_model(
        importing(
            given("P", "tPerson"),
            decision("d", literal("say hello(P)"), "P", "knowledge:urn:base#say_hello"),
            name="",
        ),
        "main.dmn",
        {"urn:base": read_model(BASE, "base.dmn")},
    )

    assert "Hello Ada" == model.evaluate("d", {"P": {"name": "Ada", "age": 3}}).value


def test_faulty_imports_are_problems():
    """A missing file, a foreign kind and a double name are told."""
    base = read_model(BASE, "base.dmn")
    content = file_of(
        '<import name="a" namespace="urn:gone"/>',
        '<import name="b" namespace="urn:base" importType="http://www.dmg.org/PMML-4_2"/>',
        '<import name="c" namespace="urn:base"/>',
        '<import name="c" namespace="urn:base"/>',
    )

    assert [
        'main.dmn: import "a": The file of namespace "urn:gone" is missing. Put it beside this one.',
        'main.dmn: import "b": The import is of type "http://www.dmg.org/PMML-4_2", not DMN. Import DMN files only.',
        'main.dmn: import "c": Two imports have the same name. Give each its own name.',
    ] == list(map(str, read_model(content, "main.dmn", {"urn:base": base}).errors))


def test_references_within_the_file_may_be_written_with_its_namespace_or_file_name():
    """`#id`, `namespace#id` and `file#id` are the same element."""
    for href in ("#a", "urn:test#a", "other.dmn#a"):
        model = model_of(
            given("a"),
            f'<decision id="d" name="d"><informationRequirement><requiredInput href="{href}"/></informationRequirement>'
            f"{literal('a')}</decision>",
        )
        assert 1 == model.evaluate("d", {"a": 1}).value


def test_a_variable_may_be_called_otherwise_than_its_element():
    """Expressions use the variable's name, or the element's where no other has it; the caller may use either."""
    model = model_of(
        '<inputData id="i" name="Age of child"><variable name="age" typeRef="number"/></inputData>',
        '<decision id="b" name="Band of child"><variable name="band"/><informationRequirement>'
        f'<requiredInput href="#i"/></informationRequirement>{literal("age + 1")}</decision>',
        decision("d", literal("band * 2"), "decision:b"),
        decision("e", literal("Band of child * 2"), "decision:b"),
    )

    assert 8 == model.evaluate("d", {"Age of child": 3}).value == model.evaluate("d", {"age": 3}).value
    assert 8 == model.evaluate("e", {"age": 3}).value
    assert frozenset({"age"}) == model.reads("d")


def test_an_imported_input_is_not_mistaken_for_one_of_the_same_name():
    """Where both files have an input of one name, the plain name is the asking file's own."""
    content = importing(
        given("Applicant"),
        decision("d", literal("base.greeting"), "decision:urn:base#greeting", "Applicant"),
        decision("own", literal("Applicant"), "Applicant"),
    )
    model = read_model(content, "main.dmn", {"urn:base": read_model(BASE, "base.dmn")})
    person = {"name": "Ada", "age": 3}

    assert model.evaluate("d", {"Applicant": person}).value is None
    assert "Hello Ada" == model.evaluate("d", {"Applicant": 1, "base": {"Applicant": person}}).value
    assert person == model.evaluate("own", {"Applicant": person, "base": {"Applicant": 1}}).value


def test_a_context_that_happens_to_hold_the_name_is_no_input():
    """A missing input is told, even where some other value has an entry of its name."""
    model = model_of(given("age"), decision("d", literal("age"), "age"))

    assert model.evaluate("d", {"mother": {"age": 40}}).value is None


def test_an_imported_decision_service_is_a_function():
    """Services are imported like knowledge models."""
    base = read_model(file_of(*SERVICES, own="urn:base"), "base.dmn")
    content = importing(decision("d", literal("base.single(1, 2)"), "knowledge:urn:base#single"))

    assert 6 == read_model(content, "main.dmn", {"urn:base": base}).evaluate("d", {}).value


def test_a_service_gives_what_its_type_says():
    """A service's own type is kept, as a type of its result or as a function type."""
    typed = service("s", "d").replace('name="s">', 'name="s"><variable name="s" typeRef="string"/>')
    shaped = service("f", "d").replace('name="f">', 'name="f"><variable name="f" typeRef="tF"/>')
    function = '<itemDefinition name="tF"><functionItem outputTypeRef="number"/></itemDefinition>'
    model = model_of(function, decision("d", literal("1")), typed, shaped)

    assert ['test.dmn: "s": The result should be string, and it is a number.'] == said(model.evaluate_service("s", {}))
    assert 1 == model.evaluate_service("f", {}).value


def test_a_knowledge_model_is_told_of_names_it_cannot_see():
    """A name the file does not know is nobody's to give to a knowledge model; one it knows needs an arrow."""
    model = model_of(
        given("k"), knowledge("f", [], literal("k + stranger")), decision("d", literal("f()"), "knowledge:f")
    )

    assert [("f", '"k" is read here, but no arrow leads from it to "f", so it is null.')] == [
        (finding.name, finding.message) for finding in model.findings
    ]
    assert model.evaluate("d", {"k": 1, "stranger": 2}).value is None


def test_a_reference_with_a_foreign_namespace_is_not_taken_from_an_import_by_its_id_alone():
    """Two files may use the same id; the one that was meant is found."""
    base = read_model(file_of(given("a", "number"), own="urn:base"), "base.dmn")
    content = importing(
        given("a", "string"),
        '<decision id="d" name="d"><informationRequirement><requiredInput href="file.dmn#a"/></informationRequirement>'
        f"{literal('a')}</decision>",
    )
    model = read_model(content, "main.dmn", {"urn:base": base})

    assert () == model.errors
    assert "x" == model.evaluate("d", {"a": "x"}).value


def test_a_service_asked_from_outside_lends_the_callers_names():
    """Names the file does not know reach the decisions of a service, as they reach any decision."""
    model = model_of(decision("d", literal("undrawn + 1")), service("s", "d"))

    assert 2 == model.evaluate_service("s", {"undrawn": 1}).value
