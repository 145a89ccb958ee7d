"""What an author reads when a text is not FEEL: the words, the place and the mend."""

import pytest

from engine.feel import FeelError, Limits, compile_expression, compile_unary_tests

WORDS = r"""
a == 3 | 3 | `==` is not FEEL. Write `=` to compare.
a != = 3 | 6 | `=` stands where a value should.
a !== 3 | 3 | `!==` is not FEEL. Write `!=`.
a && b | 3 | `&&` is not FEEL. Write `and`.
a & b | 3 | `&` is not FEEL. Write `and`.
a || b | 3 | `||` is not FEEL. Write `or`.
!a | 1 | `!` is not FEEL. Write `not(...)`.
a = 'text' | 5 | Text in single quotes is not FEEL. Write "text" with double quotes.
a = "text | 5 | The text in quotes is never closed. Write `"` where it ends. A quote inside it is written \".
a = “text” | 5 | These are typographic quotes. Write straight double quotes: "text".
a <> b | 3 | `<>` is not FEEL. Write `!=`.
a => b | 3 | `=>` is not FEEL. Write `>=`.
a =) b | 4 | `)` stands where a value should.
a =< b | 3 | `=<` is not FEEL. Write `<=`.
a ≤ b | 3 | `≤` is not FEEL. Write `<=`.
10 % 3 | 4 | `%` is not FEEL. Write `modulo(a, b)`; for a percentage divide by 100.
2 ^ 3 | 3 | `^` is not FEEL. Write `**` for a power.
2 × 3 | 3 | `×` is not FEEL. Write `*`.
6 ÷ 3 | 3 | `÷` is not FEEL. Write `/`.
a – b | 3 | This dash is not a minus sign. Write `-`.
a is None | 3 | `is` between values is Python. Write `=`; for null write `x = null`.
a is not null | 3 | `is` between values is Python. Write `=`; for null write `x = null`.
a not in b | 3 | `not in` is not FEEL. Write `not(x in y)`.
not a | 1 | `not` is a function. Write `not(...)` with brackets.
None | 1 | `None` is Python. Write `null`.
True | 1 | `True` is Python. Write `true`.
FALSE | 1 | `FALSE` is not FEEL. Write `false`.
NULL | 1 | `NULL` is SQL. Write `null`.
a AND b | 3 | `AND` must be small letters. Write `and`.
= a + 1 | 1 | The `=` in front marks an expression elsewhere. Write the expression without it.
> 3 | 1 | Nothing stands before `>`. Write `x > ...`; only a cell leaves it out.
a ? b : c | 3 | `a ? b : c` is not FEEL. Write `if a then b else c`.
a += 1 | 3 | FEEL changes no values. Use a context entry with a new name.
a++ | 2 | FEEL changes no values. Use a context entry with a new name.
lambda x: x | 1 | `lambda` is Python. Write `function(x) ...`.
if a then 1 elif b then 2 else 3 | 13 | `elif` is not FEEL. Write `else if ... then ... else ...`.
if a then b | 1 | This `if` has no `else`. Write what it gives otherwise: `else null`.
if a then b, c | 12 | `,` stands where `else` should.
if a b | 6 | `b` stands where `then`, after the condition of `if`, should.
if a > 3 1 else 2 | 10 | `1` stands where `then`, after the condition of `if`, should.
(1 + 2 | 1 | The `(` is never closed. Write `)` where it should end.
[1, 2 | 1 | The `[` is never closed. Write `]` where it should end.
[1, 2) | 1 | The `[` is never closed. Write `]` where it should end.
{a: 1 | 1 | The `{` is never closed. Write `}` where it should end.
f(1, 2 | 2 | The `(` is never closed. Write `)` where it should end.
f(x: 1 | 2 | The `(` is never closed. Write `)` where it should end.
x[1 | 2 | The `[` is never closed. Write `]` where it should end.
(< 5 | 1 | The `(` is never closed. Write `)` where it should end.
a in (1, 2 | 6 | The `(` is never closed. Write `)` where it should end.
[1..3 | 1 | The `[` of the range is never closed. Write `]` or `)`.
[1..3} | 6 | `}` stands where the bracket that closes the range should.
]1 | 3 | The text ends where `..`, between the ends of a range, should stand.
1 + 2) | 6 | The `)` closes nothing. Remove it, or open it before.
1 2 | 3 | `2` follows `1` without an operator between them. Write an operator, or check the spelling of the name.
"a" "b" | 5 | `"b"` follows `"a"` without an operator between them. Write an operator, or check the spelling of the name.
1, 2 | 2 | `,` cannot stand here. An expression was complete before it.
1 + | 4 | The text ends where a value should stand.
[1 2] | 4 | `2` stands where `]` or an operator should.
x. | 3 | The text ends where a name, after the dot, should stand.
for i [1] return i | 7 | `[` stands where `in`, after the name of `for`, should.
for [1] return i | 5 | `[` stands where a name, after `for`, should.
for i in [1], 2 return i | 15 | `2` stands where a name, after `,`, should.
for i in [1, 2] i | 17 | `i` stands where `return`, which `for` needs, should.
some x in y | 12 | The text ends where `satisfies`, which `some` needs, should stand.
a between 1 | 12 | The text ends where `and`, between the two ends of `between`, should stand.
a instance number | 12 | `number` stands where `of`, after `instance`, should.
a instance of 3 | 15 | `3` stands where the name of a type should.
a instance of list<number | 26 | The text ends where `>`, which closes the type, should stand.
a instance of function<number> | 31 | The text ends where `->` and the type of the result should stand.
a instance of context<1: x> | 23 | `1` stands where the name of an entry should.
function(a, a) a | 14 | The parameter a is declared twice. Rename one.
function(1) a | 10 | `1` stands where the name of a parameter should.
{a 1} | 2 | `a` stands where the name of an entry and `:` should.
{"a" 1} | 6 | `1` stands where `:`, after the entry a, should.
f(a: 1, a: 2) | 12 | The argument a is given twice. Give it once.
f(a: 1, 2) | 9 | `2` stands where the name of an argument should.
"\uD800" | 1 | A \u escape is half a character. Write \U and six digits.
"\U110000" | 1 | \U110000 is no character. Unicode ends at \U10FFFF.
1e99999 | 1 | The number is too large. 34 digits are kept.
1e99999999999999999999 | 1 | The number is too large. 34 digits are kept.
# note | 1 | `#` is not FEEL. Write a comment as `// ...` or `/* ... */`.
/* note | 1 | The comment is never closed. Write `*/` where it ends.
a; b | 2 | `;` ends nothing in FEEL. An expression is one value; separate items with `,`.
@2026 | 1 | `@` needs a text in double quotes. Write @"2026-11-22".
$a | 1 | `$` is not FEEL. Write the name alone.
`a` | 1 | A backtick is not FEEL. Write the name as it is.
a ~ b | 3 | The character '~' means nothing here. Remove it.
and b | 1 | `and` stands where a value should.
"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" 1 | 44 | `1` follows `"aaaaaaaaaaaaaaaaaaaaaaaaaaaa…` without an operator between them. Write an operator, or check the spelling of the name.
"""  # noqa: E501 - a line of the table is a line


def _lines() -> list[tuple[str, int, str]]:
    rows = [line.rsplit(" | ", 2) for line in WORDS.strip().splitlines()]
    return [(text, int(column), words) for text, column, words in rows]


@pytest.mark.parametrize(("text", "column", "words"), _lines(), ids=[row[0] for row in _lines()])
def test_a_text_that_is_not_feel_is_told_what_to_write(text, column, words):
    """The error names the place, what is wrong and the mend, in these words."""
    with pytest.raises(FeelError) as told:
        compile_expression(text, names=("a", "b", "c", "f", "x"))

    assert (words, 1, column) == (f"{told.value.message} {told.value.mend}".strip(), told.value.line, told.value.column)


def test_the_place_is_drawn_with_a_caret():
    """The picture shows the author's own line, and the caret stands under the place, also in a later line."""
    with pytest.raises(FeelError) as told:
        compile_expression("if age > 3\nthen 1\nelse\t1 ==  2")

    assert (3, 8) == (told.value.line, told.value.column)
    assert "else 1 ==  2\n       ^" == told.value.caret
    assert "`==` is not FEEL. Write `=` to compare. (line 3, column 8)\nelse 1 ==  2\n       ^" == str(told.value)


def test_a_long_line_is_cut_around_the_place():
    """The picture is never wider than a hundred characters, and the caret keeps its place."""
    text = "1 + " * 60 + "== 2" + " + 1" * 60
    with pytest.raises(FeelError) as told:
        compile_expression(text)
    line, caret = told.value.caret.split("\n")

    assert 100 == len(line)
    assert "=" == line[caret.index("^")]


def test_a_name_that_is_known_ends_where_a_stranger_follows():
    """Where names are known, `age limit` with only age known is a slip and not a new name."""
    with pytest.raises(FeelError) as told:
        compile_expression("age limit > 3", names=("age",))

    assert "`limit` follows `age` without an operator between them." == told.value.message


CELLS = r"""
 | 1 | The cell is empty. Write `-` where any value will do.
1, | 3 | The text ends where a value should stand.
not(1 | 4 | The `(` is never closed. Write `)` where it should end.
== 3 | 1 | `==` is not FEEL. Write `=` to compare.
'open' | 1 | Text in single quotes is not FEEL. Write "text" with double quotes.
< | 2 | The text ends where a value should stand.
- 3 - | 6 | The text ends where a value should stand.
not x | 1 | `not` is a function. Write `not(...)` with brackets.
"""


@pytest.mark.parametrize(
    ("text", "column", "words"), [line.rsplit(" | ", 2) for line in CELLS[1:].rstrip("\n").splitlines()]
)
def test_a_cell_that_is_not_feel_is_told_what_to_write(text, column, words):
    """The cells of a decision table are told in the same way."""
    with pytest.raises(FeelError) as told:
        compile_unary_tests(text)

    assert (words, int(column)) == (f"{told.value.message} {told.value.mend}".strip(), told.value.column)


DEEP = {
    "brackets": "(" * 500 + "1" + ")" * 500,
    "lists": "[" * 500 + "]" * 500,
    "a long sum": "1" + " + 1" * 500,
    "signs": "-" * 500 + "a",
    "choices": "if a then 1 else " * 200 + "1",
    "a long path": "a" + ".b" * 500,
    "types": "a instance of " + "list<" * 500 + "number" + ">" * 500,
    "functions": "function(x) " * 500 + "x",
    "contexts": "{a: " * 500 + "1" + "}" * 500,
    "tests": "a in (" * 300 + "1" + ")" * 300,
    "filters": "a" + "[b" * 300 + "]" * 300,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_a_text_that_nests_too_deep_is_refused(text):
    """Depth is limited, brackets and chains of operators together."""
    with pytest.raises(FeelError) as told:
        compile_expression(text)

    assert "The expression nests more than 80 deep." == told.value.message


def test_a_text_that_is_too_long_is_refused():
    """Length is limited before a single character is read."""
    with pytest.raises(FeelError) as told:
        compile_expression("1" * 10_001)
    with pytest.raises(FeelError):
        compile_unary_tests("1, 2", limits=Limits(text=3))

    assert "The expression has 10001 characters; 10000 are allowed." == told.value.message


@pytest.mark.parametrize("deep", ["(" * 79 + "1" + ")" * 79, "1" + " + 1" * 78, "a" + ".b" * 78, "[" * 79 + "]" * 79])
def test_what_is_just_deep_enough_is_read(deep):
    """The limit itself is allowed, and what it allows can be compiled and evaluated."""
    assert compile_expression(deep).evaluate({"a": None})


def test_many_conditions_are_not_deep():
    """`and` and `or` join as many conditions as the text has room for."""
    text = " and ".join(f"a > {number}" for number in range(800))

    assert compile_expression(text).value({"a": 1000}) is True
