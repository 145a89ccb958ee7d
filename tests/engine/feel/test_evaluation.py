"""How expressions are evaluated: contexts, diagnostics, limits, extensions, and code that can do nothing else."""

import dis
import warnings
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from types import CodeType, MappingProxyType

import pytest

from engine.feel import (
    Diagnostic,
    Environment,
    Evaluation,
    ExtensionFunction,
    ExtensionRefusal,
    FeelFunction,
    LimitReached,
    Limits,
    Outcome,
    compile_expression,
    compile_unary_tests,
    interpreter,
    to_text,
)


def notes(text, context=MappingProxyType({}), **options):
    """The kind and words of every diagnostic, and the value as text."""
    outcome = compile_expression(text, **options).evaluate(context)
    return None if outcome.value is None else to_text(outcome.value), [str(note) for note in outcome.diagnostics]


def test_an_outcome_is_a_value_with_its_diagnostics():
    """A diagnostic has a kind, words with names but no values, and the place in the text."""
    outcome = compile_expression("1 + birth.year").evaluate({"birth": {"year": "secret"}})

    assert Outcome(None, (Diagnostic("type", "`+` does not work on number and string.", 2),)) == outcome


@pytest.mark.parametrize(
    ("text", "value", "words"),
    [
        ("nobody", None, ["unknown name: Nothing here is named nobody."]),
        ("nobody.x", None, ["unknown name: Nothing here is named nobody.", "null: x was asked of null."]),
        ("empty", None, []),
        ("empty.x", None, ["null: x was asked of null."]),
        ("case.x", None, ["missing entry: There is no entry x."]),
        ("case.x = null", "true", []),
        ("null != case.x", "false", []),
        ("case.x.y = null", "true", []),
        ("nobody = null", "true", ["unknown name: Nothing here is named nobody."]),
        ("{a: 1}.b.c = null", "true", []),
        ("count(case.x) = null", "true", ["missing entry: There is no entry x.", "argument: count: list is null."]),
        ("case.x in (null)", "true", ["missing entry: There is no entry x."]),
        ("case.when < 3", None, ["type: `<` does not work on string and number."]),
        ("empty > 3", None, ["null: The left side of `>` is null."]),
        ("3 > empty", None, ["null: The left side of `<` is null."]),
        ("if empty then 1 else 2", "2", ["null: The condition of `if` is null, so `else` was taken."]),
        ('if "x" then 1 else 2', "2", ["type: The condition of `if` is string, so `else` was taken."]),
        ("true and empty", None, ["null: `and` met null where true or false was needed."]),
        ("false or 3", None, ["type: `or` works on true and false, not on number."]),
        ("[{x: 1}, {}][x = null]", "[{}]", []),
        (
            "[{x: 1}, {}][x > 0]",
            "[{x: 1}]",
            ["missing entry: There is no entry x.", "null: The left side of `>` is null."],
        ),
        ("[{}][strange = 1]", "[]", ["conversion: FEEL has no value of type object."]),
        ("[1][5]", None, ["missing entry: There is no item 5 in a list of 1."]),
        ("null[5]", None, ["null: An item was asked of null."]),
        ("null[item > 5]", None, ["null: null was filtered."]),
        ('[1]["x"]', "[]", ["type: The condition of a filter is string, not true or false."]),
        ("1 / 0", None, ["arithmetic: `/` divides by zero."]),
        ("9 ** 9999", None, ["arithmetic: `**` goes past what can be computed."]),
        ("1e6144 * 1e6144", None, ["arithmetic: `*` goes past what can be computed."]),
        ("1e6144 / 1e-6000", None, ["arithmetic: `/` goes past what can be computed."]),
        ("9e6144 + 9e6144", None, ["arithmetic: `+` goes past what can be computed."]),
        ("-9e6144 - 9e6144", None, ["arithmetic: `-` goes past what can be computed."]),
        ("-null", None, ["null: `-` stands before null."]),
        ('-"x"', None, ["type: `-` does not work on string."]),
        (
            "nobody(1)",
            None,
            ["unknown name: Nothing here is named nobody.", "function: There is no function named nobody."],
        ),
        ("3(1)", None, ["function: A number was called as a function."]),
        ("null()", None, ["function: null was called as a function."]),
        ("(null)(a: 1)", None, ["function: null was called as a function."]),
        ('@"soon"', None, ["conversion: The text after @ is not a date, time, date and time or duration."]),
        ("1 instance of tPlan", None, ["unknown name: There is no type named tPlan."]),
        ("{a: 1, a: 2}", None, ["argument: The entry a stands twice in one context."]),
        ("(function(x) external {})(1)", None, ["function: External functions are not run."]),
        ("(function(x: number) x)(true)", None, ["argument: x of the function takes number and was given boolean."]),
        ("(function(x) x)()", None, ["argument: The function takes 1 argument and was given 0."]),
        ("(function(x, y) x)(1)", None, ["argument: The function takes 2 arguments and was given 1."]),
        ("(function(x) x)(y: 1)", None, ["argument: The function has no parameter y."]),
        ("(function(x, y) x)(x: 1)", None, ["argument: The function was not given y."]),
        ("for i in null return i", None, ["null: `in` goes through null."]),
        ("for i in (> 3) return i", None, ["type: `in` goes through a range without ends."]),
        ("for i in [3..1] return i", None, ["argument: The range ends before it starts."]),
        ("for i in 1..2.5 return i", None, ["argument: `..` of a loop goes through whole numbers."]),
        ('for i in 1.."b" return i', None, ["type: `..` does not work on number and string."]),
        (
            "some i in [null] satisfies i",
            None,
            ["null: `satisfies` gave neither true nor false for an item."],
        ),
        (
            "every i in [3] satisfies i",
            None,
            [
                "type: `satisfies` gave number, not true or false.",
                "null: `satisfies` gave neither true nor false for an item.",
            ],
        ),
        ('[1.."b"]', None, ["type: `..` does not work on number and string."]),
        ("1 in (< [1])", None, ["type: `<` does not work on number and list."]),
        ("[(< [1])]", "[null]", ["type: `<` does not work on list."]),
        ("[(< null)]", "[null]", ["null: `<` compares with null."]),
        ("@\"10:00:00Z\" < @\"10:00:00\"", None, ["type: `<` needs a time zone on both sides or on neither."]),
        ("@\"10:00:00Z\" - @\"10:00:00\"", None, ["type: `-` needs a time zone on both sides or on neither."]),
        ("strange", None, ["conversion: FEEL has no value of type object."]),
        ("case.strange", None, ["conversion: FEEL has no value of type object."]),
        ("infinite", None, ["conversion: A number is not finite."]),
        ("1.x", None, ["missing entry: A number has no x."]),
    ],
)  # fmt: skip
def test_every_null_has_a_reason(text, value, words):
    """What went wrong is said in these words; an explicit test for null is no reason to say anything."""
    context = {
        "empty": None,
        "case": {"when": "soon", "strange": object()},
        "strange": object(),
        "infinite": float("inf"),
    }
    assert (value, words) == notes(text, context)


def test_without_diagnostics_the_value_is_the_same():
    """What cannot come in, and what has no order, is null on the fast path too."""
    context = {"strange": object(), "x": "y", "s": "a"}

    for text in ("strange", "strange.x", "x < 3", "nobody", "nobody.x", "count = sum", "s * s"):
        assert compile_expression(text).value(context) is compile_expression(text).evaluate(context).value
    assert compile_expression("count = count").value({}) is True


def test_only_the_first_thousand_notes_are_kept():
    """A loop over bad data does not fill the memory with what it has to say."""
    assert 1000 == len(compile_expression("for i in 1..5000 return i.x").evaluate({}).diagnostics)


class Fallen(Mapping):
    """A mapping that is not a dict, as a running case's scope is."""

    def __init__(self, entries):
        self.entries = entries

    def __getitem__(self, name):
        return self.entries[name]

    def __iter__(self):
        return iter(self.entries)

    def __len__(self):
        return len(self.entries)


def test_a_context_may_be_any_mapping_and_hold_json_or_feel():
    """Numbers, dates and containers are converted as they are read; the context itself is never changed."""
    inner = {"x": [1, 2.5, {"y": 3}], "on": date(2026, 11, 22)}
    context = Fallen({"a": Fallen(inner), "n": Decimal("1.5"), "big": 2**70, "t": (1, 2)})

    assert "[1, 2.5, {y: 3}]" == to_text(compile_expression("a.x").value(context))
    assert compile_expression("a.x[3].y + n").value(context) == Decimal("4.5")
    assert compile_expression("a.on.day").value(context) == 22
    assert compile_expression("a").value(context)["on"].day == 22
    assert compile_expression("big - 1180591620717411303423").value(context) == 1
    assert compile_expression("t[2]").value(context) == 2
    assert {"x": [1, 2.5, {"y": 3}], "on": date(2026, 11, 22)} == inner


def test_the_names_read_are_known():
    """Names that the text itself brings in, and functions, are not among them."""
    expression = compile_expression(
        "if a.b > c and count(d) = 1 then for i in e return i + f else {x: 1, y: x, z: g}.y", names=("a", "count me")
    )
    assert {"a", "c", "d", "e", "f", "g"} == expression.names
    assert {"limit"} == compile_unary_tests("> limit, ? < 3").names


def test_a_name_in_the_context_comes_before_a_function():
    """A context may name something `count`; declared, it also hides the function where it is called."""
    mine = FeelFunction(("x",), lambda run, x: "mine", "count")

    assert compile_expression("count").value({"count": 5}) == 5
    assert compile_expression("count([1])").value({"count": mine}) == 1
    assert compile_expression("count([1])", names=("count",)).value({"count": mine}) == "mine"
    assert compile_expression("count(x: [1])", names=("count",)).value({"count": mine}) == "mine"
    assert compile_expression("f", names=("f",)).value({"f": compile_expression("sum").value({})}).name == "sum"
    assert compile_expression("? + 1").value({"?": 1}) == 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('date(date) = @"2026-03-02"', True),
        ("count(items) + count", Decimal(6)),
        ("for count in items return count(items)", [Decimal(2), Decimal(2)]),
        ('{date: "2026-03-02", day: date(date)}.day = @"2026-03-02"', True),
        ("(function(count) count(items))(7)", Decimal(2)),
        ("(function(count) count(items))(function(list) 9)", Decimal(9)),
        ("items[count(items) = 2]", [Decimal(1), Decimal(2)]),
    ],
)
def test_data_named_as_a_function_hides_no_function(text: str, value: object):
    """What is called is a function wherever one has the name: a question may be called `date`, an input `count`."""
    context = {"date": "2026-03-02", "count": 4, "items": [1, 2]}
    names = frozenset(context)

    assert value == compile_expression(text, names=names).evaluate(context).value
    assert value == compile_expression(text).evaluate(context).value
    assert value == interpreter.evaluate(text, context, names=names).value


def test_functions_are_supplied_in_the_context():
    """Business knowledge arrives as functions: they are called by position and by name, with checked results."""
    from engine.feel.types import Simple

    number = Simple("number")
    double = FeelFunction(("n",), lambda run, n: n * 2, "double", (number,), number)
    wrong = FeelFunction(("n",), lambda run, n: "x", "wrong", (), number)

    assert ("4", []) == notes("double(2)", {"double": double})
    assert ("4", []) == notes("double(n: 2)", {"double": double})
    assert (None, ["argument: n of double takes number and was given string."]) == notes(
        'double("a")', {"double": double}
    )
    assert (None, ["type: wrong did not give number."]) == notes("wrong(2)", {"wrong": wrong})
    assert (None, ["argument: double takes 1 argument and was given 0."]) == notes("double()", {"double": double})


def test_extension_functions_have_names_with_spaces():
    """An extension is handed the environment and FEEL values; what it gives is converted; it may explain or refuse."""

    def due(environment, start, count):
        if count < 0:
            raise ExtensionRefusal("count must not be negative.")
        environment.explanations.append({"rule": "due"})
        return {"on": date(2026, 12, int(count)), "extra": environment.extras["calendar"]}

    extensions = {"working days after": ExtensionFunction("working days after", ("from", "count"), due)}
    environment = Environment(now=datetime(2026, 11, 22, tzinfo=UTC), extras={"calendar": 7})
    expression = compile_expression("working days after(today(), 3).on.day", extensions=extensions)
    refused = compile_expression("working days after(count: -1, from: 1)", extensions=extensions)

    assert expression.evaluate({}, environment) == Outcome(Decimal(3))
    assert [{"rule": "due"}] == environment.explanations
    assert "argument: working days after: count must not be negative." == str(refused.evaluate({}).diagnostics[0])
    assert compile_expression("working days after", extensions=extensions).value({}).name == "working days after"
    assert compile_expression("working days after = 3", extensions=extensions).value({}) is None


def test_decisions_share_one_evaluation():
    """`within` adds to an evaluation under way, and lets it stop everything."""
    run = Evaluation(limits=Limits(steps=3))
    expression, cell = compile_expression("for i in 1..2 return i.x"), compile_unary_tests("> limit")

    assert [None, None] == expression.within({}, run)
    assert cell.within(1, {}, run) is None
    assert ["missing entry", "missing entry", "unknown name", "null"] == [note.kind for note in run.diagnostics]
    with pytest.raises(LimitReached):
        expression.within({}, run)
    assert 10 == Evaluation(limits=Limits(calls=10)).limits.calls


STOPPED = {
    "for i in 1..1000000 return i": "A list would have more than 100000 items.",
    "for i in [1..1000000] return i": "A list would have more than 100000 items.",
    "for i in 1..400, j in 1..400 return i": "A list would have more than 100000 items.",
    "every i in 1..600, j in 1..600 satisfies i > 0": "The evaluation was stopped after 250000 steps.",
    "{f: function(n) f(n + 1), r: f(1)}.r": "Functions call each other more than 100 deep.",
    '{s: for i in 1..17 return "0123456789", t: string join(s), u: string join(for i in 1..9999 return t)}.u': (
        "A string would have more than 1000000 characters."
    ),
    'sum(for i in 1..60 return if i = 1 then "x" else partial[-1] + partial[-1])[1]': (
        "A string would have more than 1000000 characters."
    ),
    'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "^((a|aa)+)+$")': (
        "Regular expressions searched for more than 0.5 seconds."
    ),
    f'matches("a", "{"a" * 1001}")': "A regular expression has more than 1000 characters.",
    "count(concatenate(for i in 1..60000 return 1, for i in 1..60000 return 1))": (
        "A list would have more than 100000 items."
    ),
    "count(flatten(for i in 1..400 return for j in 1..400 return j))": "A list would have more than 100000 items.",
    "count(distinct values(for i in 1..900 return [i]))": "The evaluation was stopped after 250000 steps.",
}


@pytest.mark.parametrize(("text", "words"), STOPPED.items(), ids=[text[:40] for text in STOPPED])
def test_an_evaluation_is_stopped_at_its_limits(text, words):
    """Loops, calls, lists, strings and patterns are bounded; the value is null and a 'limit' diagnostic tells which."""
    expression = compile_expression(text, limits=Limits())
    outcome = expression.evaluate({})

    assert (None, ("limit", words)) == (outcome.value, (outcome.diagnostics[-1].kind, outcome.diagnostics[-1].message))
    assert expression.value({}) is None


#: Contexts whose entries hold each other ten times over: few objects, and more paths through them than atoms.
LAUGHS = (
    "{a: [1,1], b: [a,a], c: [b,b], d: [c,c], e: [d,d], f: [e,e], g: [f,f], h: [g,g], i: [h,h], j: [i,i], k: [j,j],"
    " l: [k,k], m: [l,l], n: [m,m], o: [n,n], p: [o,o], q: [p,p], r: [q,q], s: [r,r], t: [s,s], u: [t,t], v: [u,u],"
    " w: [v,v], x: [w,w], y: [x,x], z: [y,y]}"
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("string(one.z)", "The text of a value would be too long."),
        ("count(flatten(one.z))", "A list would have more than 100000 items."),
        ("one.z = two.z", None),
        ("is(one.z, two.z)", None),
        ("one.z in [two.z]", None),
        ("distinct values([one.z, two.z])", None),
        ("one.z instance of " + "list<" * 26 + "number" + ">" * 26, None),
        ("one.z instance of context<a: number>", None),
        ("one instance of context<z: list<list<Any>>>", None),
        ("one.s.z", "The evaluation was stopped after 250000 steps."),
        ("for i in 1..250000 return sum(for j in 1..100 return 1)", "A list would have more than 100000 items."),
        ("for i in 1..99999 return count(flatten(one.m))", "The evaluation was stopped after 250000 steps."),
    ],
)
def test_a_value_that_holds_itself_many_times_costs_little(text, said):
    """What is shared is looked at once where it can be, and counted where it cannot."""
    one = compile_expression(LAUGHS).value({})
    two = compile_expression(LAUGHS).value({})
    outcome = compile_expression(text).evaluate({"one": one, "two": two})

    assert said == (outcome.diagnostics[-1].message if outcome.diagnostics else None)
    assert (outcome.value is None) is (said is not None)


def test_a_value_that_holds_itself_many_times_does_not_leave():
    """As JSON it would fill the memory, so it is refused."""
    from engine.feel import NotConvertible, to_json

    with pytest.raises(NotConvertible, match="more than 100000 items"):
        to_json(compile_expression(LAUGHS).value({}))


def test_a_replacement_does_not_grow_past_the_limit():
    """What replace() makes is measured while it grows, whatever the pattern costs."""
    small = Limits(letters=100, seconds=60)
    outcome = compile_expression('replace("aaaaaaaaaa", "a", "bbbbbbbbbbbbbbbbbbbbbb")', limits=small).evaluate({})

    assert "A string would have more than 100 characters." == outcome.diagnostics[-1].message


def test_a_cell_is_stopped_at_its_limits():
    """The cells of a table have the same limits."""
    cell = compile_unary_tests("count(for i in 1..1000000 return i) = ?")

    assert "limit" == cell.evaluate(1).diagnostics[-1].kind
    assert cell.matches(1) is None


def test_values_that_nest_without_end_are_stopped():
    """A list that holds itself, or one nested beyond Python's depth, is a diagnostic and not a crash."""
    deep: list = []
    for _ in range(5000):
        deep = [deep]

    assert (None, ["conversion: A value nests too deep."]) == notes("x", {"x": deep})


def test_a_function_that_never_ends_is_stopped():
    """A supplied function that calls itself in Python is stopped like one that FEEL calls."""

    def endless(run):
        return endless(run)

    context = {"f": FeelFunction((), endless), "x": 1}
    expression, cell = compile_expression("f()"), compile_unary_tests("f()")

    assert "The evaluation nests too deep." == expression.evaluate(context).diagnostics[0].message
    assert "The evaluation nests too deep." == cell.evaluate(1, context).diagnostics[0].message
    assert expression.value(context) is None
    assert cell.matches(1, context) is None


def test_a_number_that_is_not_finite_is_a_diagnostic():
    """A caller's Decimal NaN stops the comparison it meets, not the program."""
    broken = {"x": Decimal("NaN")}

    assert "arithmetic" == compile_expression("x > 1").evaluate(broken).diagnostics[0].kind
    assert compile_expression("x > 1").value(broken) is None
    assert "arithmetic" == compile_unary_tests("> 1").evaluate(Decimal("NaN")).diagnostics[0].kind
    assert compile_unary_tests("> 1").matches(Decimal("NaN")) is None


def _codes(code):
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


HOSTILE = [
    '__import__("os").system("x")',
    '"".__class__.__bases__',
    "ctx.__class__",
    '{"__class__": 1}.__class__',
    "lambda.x",
    '"\\"; import os; \\""',
    "for __builtins__ in [1] return __builtins__",
    'open("/etc/passwd")',
    "function(self) self.__globals__",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_compiled_code_can_do_nothing_else(text):
    """No author's name becomes a Python name: the code reads only names made by the compiler and one attribute, get."""
    expression = compile_expression(text, names=("lambda",))
    expression.value({})
    function = expression._made.code

    for code in _codes(function.__code__):
        loaded = {item.argval for item in dis.get_instructions(code) if item.opname in ("LOAD_ATTR", "LOAD_METHOD")}
        assert loaded <= {"get"}
        assert not {name for name in code.co_names if "__" in name or name in ("os", "open", "self")}
        assert not any(item.opname.startswith("IMPORT") for item in dis.get_instructions(code))
    assert {} == function.__globals__["__builtins__"]


@pytest.mark.parametrize(
    "text", ['"a" = null', '"a"(1)', '"a"[1]', '"a" in (null)', "1 = null", "null = null", "true[1]"]
)
def test_compiling_warns_of_nothing(text):
    """Python's own compiler has no reason to complain about what is made for it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compile_expression(text)


def test_an_expression_that_is_too_large_for_python_is_refused(monkeypatch):
    """Where Python cannot compile what was made, the author is told."""
    from engine.feel import FeelError, compiler

    def refuse(*arguments):
        raise RecursionError

    monkeypatch.setattr(compiler, "compile", refuse, raising=False)
    with pytest.raises(FeelError, match="The expression is too large"):
        compile_expression('"' + "a" * 300 + '"')
    short = compile_expression("1 + 1")
    assert "limit" == short.evaluate({}).diagnostics[0].kind
    assert short.value({}) is None


def test_the_interpreter_stops_at_limits_too():
    """The reference keeps the same limits, for expressions and for cells."""
    long = "count(for i in 1..1000000 return i)"

    assert "limit" == interpreter.evaluate(long, {}).diagnostics[-1].kind
    assert "limit" == interpreter.evaluate_unary_tests(long, 1, {}).diagnostics[-1].kind
    assert interpreter.evaluate_unary_tests("-", 1, {}).value is True
    assert interpreter.evaluate_unary_tests("not(1)", 2, {}).value is True
    with pytest.raises(TypeError, match="no meaning for Tests"):
        interpreter.walk(compile_unary_tests("1").tree, {})
