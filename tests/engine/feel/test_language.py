"""The language, line by line: an expression, and the value the specification gives it."""

import pytest

from engine.feel import FeelFunction, compile_expression, interpreter
from engine.feel.builtins.times import identical

CONTEXT = {
    "a": 5,
    "b": 2.5,
    "name": "Ada",
    "flag": True,
    "nothing": None,
    "numbers": [3, 1, 2],
    "people": [{"name": "Ada", "age": 17}, {"name": "Ben", "age": 3}],
    "plan": {"status": "ACTIVE", "review": {"due": "2026-12-01"}},
    "first-name": "Grace",
    "days in care": 12,
    "Child in need": True,
    "a+b": 99,
}
NAMES = tuple(CONTEXT)

ARITHMETIC = """
1 + 2 * 3 == 7
(1 + 2) * 3 == 9
10 - 2 - 3 == 5
2 * 3 / 4 == 1.5
3 ** 4 ** 5 == 3486784401
-3 ** 2 == 9
-(3) ** 2 == 9
2 ** -1 == 0.5
0.1 + 0.2 == 0.3
1 / 3 == 0.3333333333333333333333333333333333
9007199254740993 + 0 == 9007199254740993
1.23e3 == 1230
.5 + .5 == 1
1 / 0 == null
10 ** 7000 == null
(-8) ** 0.5 == null
0 ** 0 == 1
"a" + "b" == "ab"
"a" + 1 == null
"a" - 1 == null
"a" / 2 == null
"a" ** 2 == null
1 + null == null
null + @"P1D" == null
-"x" == null
-null == null
--2 == 2
a + b == 7.5
true + 1 == null
[1] * 2 == null
"""

LOGIC = """
true and true == true
true and null == null
false and null == false
null and false == false
null and null == null
1 and true == null
false and "x" == false
true or null == true
null or true == true
false or null == null
false or false == false
"x" or false == null
not(true) == false
not(null) == null
not("x") == null
true and true and true and false == false
1 = 1 and 2 = 2 or false == true
"""

COMPARISON = """
1 < 2 == true
2 <= 2 == true
"a" < "b" == true
1 < "b" == null
1 < null == null
true < false == null
a > 2.5 == true
b > 2.5 == false
null = null == true
null != null == false
1 = null == false
null != 1 == true
1 = "1" == null
1.0 = 1.00 == true
5 > 3 = true == true
[1, 2] = [1, 2] == true
[1, 2] = [2, 1] == false
[1, "a"] = ["a", 1] == false
{x: 1} = {x: 1} == true
{x: 1, y: 2} = {y: 2, x: 1} == true
{x: 1} = {x: 2} == false
{x: 1} = {y: 1} == false
[1..3] = [1..3] == true
[1..3] = [1..4] == false
[1..3[ = [1..3) == true
[1..3[ and true == null
1 in [0..2[ == true
"x" in ["a".."z"[ == true
count = sum == false
[1] = [1, 2] == false
[[1], {x: [2]}] = [[1], {x: [2]}] == true
[[1], 2] = [[2], 2] == false
[[1]] = [{x: 1}] == false
{p: [1], r: [p] = [p]}.r == true
(< 5) = (< 5) == true
(< 5) = (null..5) == false
(= 5) = [5..5] == false
5 between 1 and 10 == true
1 between 5 and 10 == false
5 between 1 and null == null
0 between 1 and null == false
3 < 5 == true
3 = a == false
a = 5 == true
flag = true == true
true = flag == true
name = "Ada" == true
"Ada" != name == false
false = null == false
(function(x) x) = 1 == null
"""

MEMBERSHIP = """
5 in (1, 5) == true
5 in (1, 2) == false
5 in [1..5] == true
5 in [1..5) == false
5 in ]5..9] == false
5 in (> 3, < 1) == true
5 in > 3 == true
5 in != 5 == false
null in null == true
5 in null == false
null in (1, 2) == false
"b" in ["a".."c"] == true
5 in [[1..3], [4..6]] == true
5 in [1, 2, 3] == false
3 in [(< 5)] == true
"x" in [[1..3]] == null
[1, 2] in [[1, 2], [3]] == true
5 in "x" == null
null in [1..3] == null
5 in (? > 3) == true
5 in (? > 3 and ? < 4) == false
5 in (1..9) == true
2 in (1 + 1) == true
1 in [1..null] == null
5 in a == true
5 in (numbers) == false
3 in numbers == true
@"2026-11-22" in [@"2026-11-01"..@"2026-11-30"] == true
[1..3] in [1..3] == true
2 in (= 2) == true
2 in (!= 2) == false
[5] in 5 == true
"""

CONDITIONS = """
if true then 1 else 2 == 1
if null then 1 else 2 == 2
if "x" then 1 else 2 == 2
if 1 = 2 then 1 else if 2 = 2 then 3 else 4 == 3
if a > 3 then "big" else "small" == "big"
"""

LOOPS = """
for i in [1, 2, 3] return i * 2 == [2, 4, 6]
for i in 1..3 return i == [1, 2, 3]
for i in 3..1 return i == [3, 2, 1]
for i in [1..3] return i == [1, 2, 3]
for i in (1..3) return i == [2]
for i in [3..1] return i == null
for i in ["a".."c"] return i == null
for i in (< 3) return i == null
for i in 1.5..3 return i == null
for i in "a".."c" return i == null
for i in null return i == null
for i in 5 return i == [5]
for i in [] return i == []
for i in @"2026-12-30"..@"2027-01-02" return i.day == [30, 31, 1, 2]
for i in [1, 2], j in [i, 10] return i * j == [1, 10, 4, 20]
for i in 1..4 return if i = 1 then 1 else partial[-1] * i == [1, 2, 6, 24]
for i in 1..2, j in 1..2 return count(partial) == [0, 1, 2, 3]
for i in [1, 2], j in null return i == null
for i in [1, 2], j in null return partial == null
for i in [1, 2], j in (if i = 1 then [1] else null) return j == null
for i in [1, 2, 3], j in (if i = 2 then null else [1]) return j == null
some i in [1, 2, 3], j in (if i = 2 then null else [1]) satisfies j > 1 == null
for partial in [1, 2] return partial == [1, 2]
some x in [1, 2] satisfies x > 1 == true
some x in [] satisfies x > 1 == false
some x in [1, null] satisfies x > 1 == null
some x in null satisfies true == null
every x in [1, 2] satisfies x > 0 == true
every x in [] satisfies x > 0 == true
every x in [1, null] satisfies x > 0 == null
every x in [1, 2] satisfies x > 1 == false
every x in [1, 2] satisfies "x" == null
some x in [1, 2], y in [2, 3] satisfies x = y == true
"""

PATHS = """
plan.status == "ACTIVE"
plan.review.due == "2026-12-01"
plan.missing == null
people.name == ["Ada", "Ben"]
nothing.x == null
{x: {y: 1}}.x.y == 1
[{x: 1}, {y: 2}].x == [1, null]
[1..5].start == 1
[1..5].middle == null
[1..5).end included == false
(< 5).start == null
(< 5).end == 5
(>= 5).start included == true
(= 5).start == 5
@"2026-11-22".weekday == 7
@"2026-11-22".hour == null
@"P1Y2M".months == 2
@"-P1Y2M".years == -1
@"P1D".months == null
@"P1Y".days == null
@"-P1DT2H".hours == -2
@"10:30:15Z".time offset == @"PT0S"
@"10:30:15".time offset == null
@"10:30:15@Europe/London".timezone == "Europe/London"
@"2026-07-01T10:30:15@Europe/London".time offset == @"PT1H"
@"2026-07-01T10:30:15.5".second == 15
@"10:30:15".year == null
5.5.x == null
"""

FILTERS = """
[1, 2, 3][2] == 2
[1, 2, 3][-1] == 3
[1, 2, 3][0] == null
[1, 2, 3][4] == null
[1, 2, 3][item > 1] == [2, 3]
[1, 2, 3][a - 3] == 2
[][1] == null
[][a] == null
[][item > 1] == []
people[age > 10].name == ["Ada"]
people[item.age > 10][1].name == "Ada"
[{item: 1}, {item: 2}][item > 1] == [{item: 2}]
people[name = "Ben"].age == [3]
people[missing > 1] == []
5[1] == 5
5[true] == [5]
5[2] == null
null[1] == null
null[true] == null
[1, 2]["x"] == []
[[1, 2], [3]][1][2] == 2
people[[1, 2][item = age] = [2]] == []
"""

CONTAINERS = """
{x: 1, y: x + 1}.y == 2
{x: 1, x: 2} == null
{"a b": 1}.a b == 1
{"": 1} == {"": 1}
{first-name: 1}.first-name == 1
{a+b: 1, c: a+b}.c == 1
[] == []
[1, [2, 3]] == [1, [2, 3]]
[null] == [null]
{x: 5, z: [1..9][item > x]}.z == []
"""

FUNCTIONS = """
(function(x) x + 1)(2) == 3
(function(x: number) x + 1)("2") == null
(function(x: number) x + 1)([2]) == 3
(function(x: list<number>) count(x))(2) == 1
(function(x: date and time) x.hour)(@"2026-11-22") == 0
(function(x) function(y) x + y)(1)(2) == 3
(function() 7)() == 7
(function(x) x)() == null
(function(x, y: number) y)(1, 2) == 2
(function(x) x)(1, 2) == null
{add: function(x, y) x - y, r: add(y: 1, x: 5)}.r == 4
{add: function(x, y) x - y, r: add(z: 1, x: 5)}.r == null
{add: function(x, y) x - y, r: add(x: 5)}.r == null
{fact: function(n) if n = 0 then 1 else n * fact(n - 1), r: fact(5)}.r == 120
{f: [function(x) x + 1], r: f[1](2)}.r == 3
(function(x) external {java: {class: "X"}})(1) == null
nobody(1) == null
"abs"(-1) == null
123() == null
{min: function(x) "mine", r: min(1)}.r == "mine"
count == count
{f: count, r: f([1, 2])}.r == 2
sort([3, 1, 2], function(x, y) x > y) == [3, 2, 1]
"""

TYPES = """
1 instance of number == true
"x" instance of string == true
true instance of boolean == true
null instance of Null == true
null instance of number == false
null instance of Any == false
1 instance of Any == true
-1 instance of number == true
[1, 2] instance of list<number> == true
[1, "x"] instance of list<number> == false
[1, null] instance of list<number> == true
1 instance of list<number> == false
{x: 1, y: "z"} instance of context<x: number> == true
{y: "z"} instance of context<x: number> == false
{x: "z"} instance of context<x: number> == false
{} instance of context == true
[1..3] instance of range<number> == true
["a".."c"] instance of range<number> == false
(< 3) instance of range<number> == true
3 instance of range<number> == false
@"2026-11-22" instance of date == true
@"2026-11-22T10:00:00" instance of date and time == true
@"10:00:00" instance of time == true
@"P1D" instance of days and time duration == true
@"P1Y" instance of years and months duration == true
@"P1Y" instance of days and time duration == false
(function(x: number) x) instance of function<number> -> Any == true
(function(x: number) "y") instance of function<number> -> string == true
(function(x: number) x + 1) instance of function<number> -> number == true
(function(x: number) x) instance of function<string> -> Any == false
(function(x) x) instance of function<number, number> -> Any == false
(function(x) x) instance of function == true
abs instance of function == true
abs instance of function<number> -> number == true
abs instance of function<number> -> string == false
count instance of function<list<Any>> -> number == true
split instance of function<string, string> -> list<string> == true
time instance of function<string> -> time == true
max instance of function<list<number>> -> number == false
3 instance of function<number> -> number == false
1 instance of tNobody == null
1 instance of some.model.type == null
{} instance of context<> == true
(function() 1) instance of function<> -> number == true
(function(x: number) -x) instance of function<number> -> number == true
(function(x) -x) instance of function<Any> -> number == false
(function(x: number) x + "a") instance of function<number> -> Any == true
(function(x: string) x + "a") instance of function<string> -> string == true
(function(x: string) x - "a") instance of function<string> -> string == false
(function() if true then 1 else 2) instance of function<> -> number == true
(function() if true then 1 else "a") instance of function<> -> number == false
(function() [1, 2]) instance of function<> -> list<number> == true
(function() [1, "a"]) instance of function<> -> list<number> == false
(function() @"P1D") instance of function<> -> days and time duration == true
(function() @"soon") instance of function<> -> date == false
(function() true) instance of function<> -> boolean == true
(function() 1 = 1 and 2 = 2) instance of function<> -> boolean == true
(function() null) instance of function<> -> Any == true
[1] instance of list<number>= true == true
{f: 1} instance of context<f: list<number>> == false
"""

TEMPORAL = """
@"2026-01-31" + @"P1M" == @"2026-02-28"
@"2024-02-29" + @"P1Y" == @"2025-02-28"
@"2026-11-22" + @"PT36H" == @"2026-11-23"
@"2026-11-22" - @"PT1H" == @"2026-11-21"
@"P1M" + @"2026-01-31" == @"2026-02-28"
@"2026-11-22" - @"2026-11-20" == @"P2D"
@"2026-11-22T10:00:00" - @"2026-11-22T09:30:00" == @"PT30M"
@"2026-11-22T10:00:00Z" - @"2026-11-22" == @"PT10H"
@"2026-11-22T10:00:00" - @"2026-11-22" == null
@"2026-11-22T10:00:00Z" - @"2026-11-22T10:00:00" == null
@"10:00:00" - @"09:00:00" == @"PT1H"
@"10:00:00+02:00" - @"09:00:00Z" == @"-PT1H"
@"10:00:00" - @"09:00:00Z" == null
@"23:30:00" + @"PT1H" == @"00:30:00"
@"10:00:00" + @"P1Y" == null
@"2026-11-22T23:30:00" + @"PT1H" == @"2026-11-23T00:30:00"
@"2026-03-29T00:30:00@Europe/London" + @"PT1H" == @"2026-03-29T02:30:00@Europe/London"
@"2026-11-22T10:00:00+05:30" - @"PT1H" == @"2026-11-22T09:00:00+05:30"
@"P1Y" + @"P2M" == @"P1Y2M"
@"P1D" + @"PT2H" == @"P1DT2H"
@"P1D" + @"P1M" == null
@"P1Y" - @"P2M" == @"P10M"
@"P1D" - @"PT2H" == @"PT22H"
@"P1D" * 2 == @"P2D"
1.5 * @"P1D" == @"P1DT12H"
@"P1M" * 1.5 == @"P1M"
@"P1Y" / 2 == @"P6M"
@"P1D" / 2 == @"PT12H"
@"P1Y" / @"P6M" == 2
@"P1D" / @"PT0S" == null
@"P1D" / 0 == null
-@"P1D" == @"-P1D"
-@"P1Y" == @"-P1Y"
@"P1D" = @"PT24H" == true
@"P1Y" = @"P12M" == true
@"P1Y" = @"P365D" == null
@"P1D" < @"P2D" == true
@"2026-11-22" < @"2026-11-23" == true
@"2026-11-22" < @"2026-11-22T10:00:00" == null
@"10:00:00Z" = @"11:00:00+01:00" == true
@"10:00:00Z" = @"10:00:00" == false
@"10:00:00Z" < @"10:00:00" == null
@"10:00:00.001" = @"10:00:00.002" == true
@"2026-11-22T24:00:00" == @"2026-11-23T00:00:00"
@"foo" == null
@"999999999-12-31" + @"P1D" == null
@"-0044-03-15".year == -44
@"P1D" * 99999999999999 == null
@"P1D" * 1e60 == null
@"10:30:15@Europe/London" - @"10:30:15Z" == @"PT0S"
"""

NAMING = """
first-name == "Grace"
days in care > 10 == true
Child in need and true == true
a+b == 99
a + b == 7.5
days  in   care == 12
days in care in [1..20] == true
for a-b in [1] return name == ["Ada"]
for each one in [1, 2] return each one + 1 == [2, 3]
{due date: 5, x: due date + 1}.x == 6
1 /* two */ + 2 // three == 3
"""

TEXT = r"""
"\u00e9" == "é"
"\U01F40E" == "🐎"
"\uD83D\uDC0E" == "🐎"
"a\"b" == "a\"b"
"a\tb\nc\rd\\e\'f" == "a\tb\nc\rd\\e'f"
"\s" == "\\s"
"""


def _lines(*tables: str) -> list[tuple[str, str]]:
    pairs = []
    for table in tables:
        for line in table.strip().splitlines():
            text, _, wanted = line.rpartition(" == ")
            pairs.append((text, wanted))
    return pairs


EVERY = _lines(
    ARITHMETIC, LOGIC, COMPARISON, MEMBERSHIP, CONDITIONS, LOOPS, PATHS, FILTERS, CONTAINERS, FUNCTIONS, TYPES,
    TEMPORAL, NAMING, TEXT,
)  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), EVERY, ids=[text for text, _ in EVERY])
def test_an_expression_gives_what_the_specification_says(text, wanted):
    """Each line holds compiled, compiled without diagnostics, and interpreted (DMN 1.5, chapter 10)."""
    expected = compile_expression(wanted).evaluate({}).value
    compiled = compile_expression(text, names=NAMES)

    for value in (
        compiled.evaluate(CONTEXT).value,
        compiled.value(CONTEXT),
        interpreter.evaluate(text, CONTEXT, names=NAMES).value,
    ):
        assert identical(expected, value) or (isinstance(value, FeelFunction) and value is expected)
