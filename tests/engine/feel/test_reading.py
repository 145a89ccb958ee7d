"""Reading and printing: names with spaces and signs, trees printed and read again, patterns, random walks."""

from decimal import Decimal

import pytest

from engine.feel import FeelError, compile_expression, interpreter, nodes, to_text
from engine.feel.lexer import tokens
from engine.feel.parser import parse_expression, parse_unary_tests
from engine.feel.printer import print_tree
from tests.engine.feel.test_language import EVERY, NAMES
from tests.fuzz import fuzz_feel


@pytest.mark.parametrize(
    ("text", "names", "tree"),
    [
        ("days in care", ("days in care",), nodes.Name("days in care")),
        ("days  in\n care", ("days in care",), nodes.Name("days in care")),
        ("days in care", (), nodes.In(nodes.Name("days"), (nodes.Name("care"),))),
        ("a-b", ("a-b", "a", "b"), nodes.Name("a-b")),
        ("a - b", ("a-b", "a", "b"), nodes.Arithmetic("-", nodes.Name("a"), nodes.Name("b"))),
        ("a-b", ("a",), nodes.Arithmetic("-", nodes.Name("a"), nodes.Name("b"))),
        ("a-bc", ("a-b",), nodes.Arithmetic("-", nodes.Name("a"), nodes.Name("bc"))),
        ("profit and loss", ("profit", "loss", "profit and loss"), nodes.Name("profit and loss")),
        ("if needed then 1 else 2", ("if needed",), None),
        ("if needed", ("if needed",), nodes.Name("if needed")),
        ("in care", ("in care",), nodes.Name("in care")),
        ("not yet", ("not yet",), nodes.Name("not yet")),
        ("true story", ("true story",), nodes.Name("true story")),
        ("true story", (), nodes.Name("true story")),
        ("a**b", ("a*", "a", "b"), nodes.Arithmetic("**", nodes.Name("a"), nodes.Name("b"))),
        ("a", ("+a", ""), nodes.Name("a")),
        ("address 2", (), nodes.Name("address 2")),
        ("date of birth", (), nodes.Name("date of birth")),
        ("date and time", (), nodes.And((nodes.Name("date"), nodes.Name("time")))),
        ("x.first-name", ("first-name",), nodes.Path(nodes.Name("x"), "first-name")),
        ("x.a b.c", (), nodes.Path(nodes.Path(nodes.Name("x"), "a b"), "c")),
        ("é🐎", (), nodes.Name("é🐎")),
        ("_x1", (), nodes.Name("_x1")),
        ("some thing", ("some thing",), nodes.Name("some thing")),
        ("function x", ("function x",), nodes.Name("function x")),
        ("A/B testing", ("A/B testing",), nodes.Name("A/B testing")),
        ("O'Neill", ("O'Neill",), nodes.Name("O'Neill")),
        ("x 2 in y", ("x 2",), nodes.In(nodes.Name("x 2"), (nodes.Name("y"),))),
    ],
)
def test_the_longest_name_in_scope_is_read(text, names, tree):
    """Names may hold spaces, signs and keywords; without knowing them, words side by side make one (10.3.1.4)."""
    if tree is None:
        with pytest.raises(FeelError):
            parse_expression(text, names)
    else:
        assert tree == parse_expression(text, names)


def test_names_that_the_text_brings_in_are_known():
    """Loop variables, parameters and entries may have names that hold signs and keywords, and are forgotten after."""
    assert "[3]" == to_text(compile_expression("for a-b in [1] return a-b + 2").value({}))
    assert "5" == to_text(compile_expression("(function(days in care) days in care + 1)(4)").value({}))
    assert "3" == to_text(compile_expression("{x+y: 1, z: x+y + 2}.z").value({}))
    assert "[1, 0]" == to_text(
        compile_expression("[{a-b: 1, c: a-b}.c, a-b]", names=("a", "b")).value({"a": 2, "b": 2})
    )


def test_a_token_knows_its_place():
    """Comments and space are passed over; what means nothing is kept, to be complained of where it is met."""
    found = tokens('a /* x */ <= "b" // end\n ~')

    assert [("word", 0), ("sign", 10), ("string", 13), ("bad", 25), ("end", 26)] == [(t.kind, t.start) for t in found]


@pytest.mark.parametrize("text", [text for text, _ in EVERY])
def test_a_printed_tree_reads_as_the_same_tree(text):
    """Printing loses nothing: reading it again gives an equal tree."""
    tree = parse_expression(text, NAMES)

    assert tree == parse_expression(print_tree(tree), NAMES)


@pytest.mark.parametrize(
    "text", ["-", "1, 2", "not(1, [2..3))", "< 5", '? > 3, "x"', "not(not(true))", "-1", "(= 3), null"]
)
def test_printed_tests_read_as_the_same_tests(text):
    """So do the cells of tables."""
    tree = parse_unary_tests(text)

    assert tree == parse_unary_tests(print_tree(tree))


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (nodes.Negate(nodes.Number(Decimal(1))), "-(1)"),
        (
            nodes.Arithmetic("*", nodes.Arithmetic("+", nodes.Name("a"), nodes.Name("b")), nodes.Name("c")),
            "(a + b) * c",
        ),
        (nodes.Path(nodes.Number(Decimal(-1)), "x"), "-1.x"),
        (nodes.String('a"\n'), '"a\\"\\n"'),
        (nodes.Number(Decimal("1e100")), "1e100"),
        (nodes.Number(Decimal("1e-100")), "1e-100"),
        (nodes.Number(Decimal("0.00")), "0.00"),
    ],
)
def test_a_tree_is_printed_with_the_brackets_it_needs(tree, text):
    """Brackets stand where reading would otherwise bind differently, and nowhere else."""
    assert text == print_tree(tree)
    assert tree == parse_expression(text)


def test_only_trees_are_printed():
    """What is no expression has no text."""
    with pytest.raises(TypeError, match="no text for Iterator"):
        print_tree(nodes.Iterator("x", nodes.Null()))


PATTERNS = r"""
a.c | a\nc |  | false
a.c | abc |  | true
^a$ | a |  | true
^b$ | a\nb |  | false
^b$ | a\nb | m | true
[a-c]+ | xbx |  | true
[^a-c] | abc |  | false
[a-z-[aeiou]] | e |  | false
[a-z-[aeiou]] | b |  | true
[A-Z-[OI]] | x | i | true
[A-Z-[OI]] | o | i | false
\\d{3} | 123 |  | true
\\d{2,} | 1 |  | false
\\d{2,3}? | 12 |  | true
\\D | 1 |  | false
\\s | \t |  | true
\\S | a |  | true
\\w | _ |  | false
\\W | - |  | true
\\i\\c* | a:b |  | true
\\I | 1 |  | true
\\C | ! |  | true
\\p{Lu} | A |  | true
\\P{Lu} | A |  | false
\\p{IsBasicLatin} | a |  | true
\\P{IsBasicLatin} | a |  | false
(a)\\1 | aa |  | true
(a)\\1 | aA | i | true
(?:ab)+ | abab |  | true
a|b | b |  | true
a b | ab | x | true
a[ ]b | a b | x | true
a\\ sb | a b | x | true
\\n | \n |  | true
[\\n\\t] | \t |  | true
[\\d\\-x] | - |  | true
[\\]] | ] |  | true
\\. | . |  | true
[a-] | - |  | true
[-a] | - |  | true
a+? | aaa |  | true
(((((((((((a)))))))))))\\11 | aa |  | true
(a)\\10 | aa0 |  | true
"""

BAD_PATTERNS = r"""
( | pattern has a `(` that is never closed.
) | pattern has a `)` that closes nothing.
[a | pattern has a `[` that is never closed.
[a-[b | pattern has a `[` that is never closed.
[a-[b]c] | pattern has a `[` that is never closed.
[] | pattern has a bracket inside `[ ]` that needs a backslash.
* | pattern has a `*` out of place.
a** | pattern repeats a repeat.
a{2 | pattern has a `{` that counts nothing.
a{x} | pattern has a `{` that counts nothing.
a{3,2} | pattern has a `{` that counts backwards.
a{99999} | pattern has a `{` that counts nothing.
(?=a) | pattern uses a kind of group that XPath does not have.
(?<n>a) | pattern uses a kind of group that XPath does not have.
\\b | pattern has `\b`, which XPath does not have.
\\ | pattern has `\`, which XPath does not have.
\\1 | pattern refers to group 1, which is not there.
(a\\1) | pattern refers to group 1, which is not there.
(a)[\\1] | pattern refers to a group inside `[ ]`.
[z-a] | pattern has a range that goes backwards.
[a-\\d] | pattern has a range that goes backwards.
(a{999}){999} | pattern repeats too much.
\\p{Xx} | pattern names a category that is not there.
\\px | pattern has a `\p` without a category.
"""


@pytest.mark.parametrize("row", PATTERNS.strip("\n").splitlines())
def test_a_pattern_matches_as_in_xpath(row):
    """Regular expressions are XPath's, with its flags, classes, categories, subtraction and back references."""
    pattern, subject, flags, wanted = (
        row.split(" | ") if row.count(" | ") == 3 else row.replace("a|b", "a|b").split(" | ")
    )

    assert wanted == to_text(compile_expression(f'matches("{subject}", "{pattern}", "{flags.strip()}")').value({}))


@pytest.mark.parametrize("row", BAD_PATTERNS.strip().splitlines())
def test_a_pattern_that_xpath_does_not_know_is_refused(row):
    """The refusal names what is wrong; nothing reaches Python's own dialect."""
    pattern, words = row.split(" | ")

    assert f"matches: {words}" == compile_expression(f'matches("a", "{pattern}")').evaluate({}).diagnostics[0].message


def test_a_pattern_that_nests_too_deep_is_refused():
    """Groups nest at most fifty deep."""
    outcome = compile_expression(f'matches("a", "{"(" * 60 + ")" * 60}")').evaluate({})

    assert "matches: pattern nests too deep." == outcome.diagnostics[0].message


def test_a_pattern_that_python_will_not_have_is_refused(monkeypatch):
    """Should Python's matcher not take what was made of a pattern, the call is refused like any other."""
    from engine.feel import patterns

    def refuse(*arguments):
        raise patterns.regex.error("no")

    monkeypatch.setattr(patterns.regex, "compile", refuse)
    outcome = compile_expression('matches("a", "never seen before")').evaluate({})

    assert "matches: pattern is not a regular expression." == outcome.diagnostics[0].message


def test_each_part_of_the_reader_and_writer_leaves_the_rest_to_the_next():
    """Clauses and literals are read and written by parts that do not know whole expressions."""
    from engine.feel.clauses import ClauseParser
    from engine.feel.writer import Writer

    with pytest.raises(NotImplementedError):
        ClauseParser("1").expression()
    for part in (Writer(frozenset(), {}, {}, {}).code, Writer(frozenset(), {}, {}, {}).folded):
        with pytest.raises(NotImplementedError):
            part(nodes.Null())


def test_random_walks_find_nothing():
    """Compiled equals interpreted, printed trees read the same, mutated texts are read or refused: 2,000 of each."""
    found = fuzz_feel.walk(2000, seed=2026)

    assert 2000 == found["expressions"]
    assert found["refused"] > 1000
    assert "expressions compiled and interpreted alike" in fuzz_feel.run(0.01, 1)


def test_the_interpreter_reads_like_the_compiler():
    """The reference raises the same errors for a text that is not FEEL."""
    with pytest.raises(FeelError):
        interpreter.evaluate("1 +", {})
