"""The built-in functions, line by line: a call and its value, or the refusal it notes."""

from datetime import UTC, datetime

import pytest

from engine.feel import Environment, FeelFunction, compile_expression, interpreter
from engine.feel.builtins import BUILTINS
from engine.feel.builtins.times import identical

NOW = Environment(now=datetime(2026, 11, 22, 9, 30, tzinfo=UTC))

VALUES = r"""
substring("foobar", 3) == "obar"
substring("foobar", 3, 3) == "oba"
substring("foobar", -2, 1) == "a"
substring("foobar", 3, 99) == "obar"
substring("foobar", 3, null) == "obar"
substring("\U01F40Eab", 2) == "ab"
string length("foo") == 3
upper case("aß") == "ASS"
lower case("ABC") == "abc"
substring before("foobar", "bar") == "foo"
substring before("foobar", "x") == ""
substring before("foobar", "") == ""
substring after("foobar", "ob") == "ar"
substring after("foobar", "x") == ""
substring after("foobar", "") == "foobar"
contains("foobar", "ob") == true
contains(["foobar"], "x") == false
starts with("foobar", "foo") == true
ends with("foobar", "r") == true
matches("foobar", "^fo*b") == true
matches("foobar", "^Fo*B", "i") == true
matches("foo\nbar", "o.b", "s") == true
matches("foo\nbar", "^bar", "m") == true
matches("foobar", "f o o", "x") == true
matches("f.o", "f.o", "q") == true
matches("fxo", "f.o", "q") == false
replace("banana", "a", "o") == "bonono"
replace("abcd", "(ab)|(a)", "[1=$1][2=$2]") == "[1=ab][2=]cd"
replace("a.b", ".", "$", "q") == "a$b"
replace("abc", "b", "\\$") == "a$c"
split("a;b;;c", ";") == ["a", "b", "", "c"]
split("John Doe", "\\s") == ["John", "Doe"]
string join(["a", "b"], ", ") == "a, b"
string join(["a", null, "b"]) == "ab"
string join([], "x") == ""
decimal(1/3, 2) == 0.33
decimal(2.5, 0) == 2
decimal(1234, -2) == 1200
decimal(0, 3) == 0
floor(1.5) == 1
floor(-1.5) == -2
floor(-1.56, 1) == -1.6
ceiling(1.5) == 2
ceiling(-1.56, 1) == -1.5
round up(5.5, 0) == 6
round up(-5.5, 0) == -6
round up(0.0001, 2) == 0.01
round up(1, -2) == 100
round down(-5.5, 0) == -5
round half up(5.5, 0) == 6
round half up(-1.126, 2) == -1.13
round half down(5.5, 0) == 5
round half down(-2.5, 0) == -2
abs(-3) == 3
abs(@"-P1D") == @"P1D"
abs(@"-P1Y") == @"P1Y"
modulo(12, 5) == 2
modulo(-12, 5) == 3
modulo(12, -5) == -3
modulo(-12, -5) == -2
modulo(10.1, 4.5) == 1.1
sqrt(16) == 4
decimal(log(4), 8) == 1.38629436
decimal(exp(5), 3) == 148.413
odd(5) == true
odd(-2) == false
even(5) == false
even(0) == true
list contains([1, 2, null], null) == true
list contains([1, 2], "1") == false
count([1, 2, 3]) == 3
count(1, 2) == 2
count([]) == 0
min([3, 1, 2]) == 1
min("b", "a") == "a"
min(@"P2D", @"P1D") == @"P1D"
max(1, 2, 3) == 3
sum([1, 2]) == 3
sum(@"P1D", @"PT1H") == @"P1DT1H"
sum(@"P1Y", @"P1M") == @"P1Y1M"
mean(1, 2, 6) == 3
mean([@"P1D", @"P3D"]) == @"P2D"
product([2, 3, 4]) == 24
median(8, 2, 5, 3, 4) == 4
median([6, 1, 2, 3]) == 2.5
median([]) == null
decimal(stddev(2, 4, 7, 5), 6) == 2.081666
mode(6, 3, 9, 6, 6) == [6]
mode([6, 1, 9, 6, 1]) == [1, 6]
mode([]) == []
all([true, false, null]) == false
all([true, true]) == true
all([]) == true
all([true, null]) == null
all(true, true) == true
any([false, true, null]) == true
any([]) == false
any([false, null]) == null
any(["x", true]) == true
sublist([4, 5, 6], 1, 2) == [4, 5]
sublist([4, 5, 6], 2) == [5, 6]
sublist([4, 5, 6], -2, 1) == [5]
append([1], 2, 3) == [1, 2, 3]
append(1, 2) == [1, 2]
append([1], null) == [1, null]
concatenate([1, 2], [3]) == [1, 2, 3]
concatenate([[1]], [2]) == [[1], 2]
concatenate(1, [2]) == [1, 2]
insert before([1, 3], 1, 2) == [2, 1, 3]
insert before([1, 3], -1, 2) == [1, 2, 3]
insert before([1], 2, 2) == [1, 2]
remove([1, 2, 3], 2) == [1, 3]
remove([1, 2, 3], -1) == [1, 2]
list replace([2, 4, 7, 8], 3, 6) == [2, 4, 6, 8]
list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5) == [5, 5, 7, 8]
reverse([1, 2, 3]) == [3, 2, 1]
index of([1, 2, 3, 2], 2) == [2, 4]
index of([null], null) == [1]
union([1, 2], [2, 3]) == [1, 2, 3]
distinct values([1, 2, 3, 2, 1]) == [1, 2, 3]
distinct values([[1], [1], {x: 1}, {x: 1}, null, null, true, 1]) == [[1], {x: 1}, null, true, 1]
flatten([[1, 2], [[3]], 4]) == [1, 2, 3, 4]
sort([3, 1, 4, 5, 2], function(x, y) x < y) == [1, 2, 3, 4, 5]
sort([3, 1, 2]) == [1, 2, 3]
sort([3, 3, 1]) == [1, 3, 3]
sort(["b", "a"], starts with) == ["b", "a"]
get value({key1: "value1"}, "key1") == "value1"
get entries({a: 1, b: 2}) == [{key: "a", value: 1}, {key: "b", value: 2}]
context([{key: "a", value: 1}, {key: "b", value: null}]) == {a: 1, b: null}
context put({x: 1}, "y", 2) == {x: 1, y: 2}
context put({x: 1, y: 0}, "y", 2) == {x: 1, y: 2}
context put({x: 1, y: {a: 0}}, ["y", "a"], 2) == {x: 1, y: {a: 2}}
context merge([{x: 1}, {y: 2, x: 3}]) == {x: 3, y: 2}
not([true]) == false
date("2012-12-25") == @"2012-12-25"
date(2012, 12, 25) == @"2012-12-25"
date(date and time("2012-12-25T11:00:00Z")) == @"2012-12-25"
date(@"2012-12-25") == @"2012-12-25"
date and time("2012-12-24T23:59:00") == @"2012-12-24T23:59:00"
date and time(date("2012-12-24"), time("23:59:00")) == @"2012-12-24T23:59:00"
date and time(@"2012-12-24T01:00:00", time("23:59:00Z")) == @"2012-12-24T23:59:00Z"
date and time(2012, 12, 24, 23, 59, 1) == @"2012-12-24T23:59:01"
date and time(2012, 12, 24, 23, 59, 1, @"PT1H") == @"2012-12-24T23:59:01+01:00"
date and time(2012, 12, 24, 23, 59, 1, "Europe/London") == @"2012-12-24T23:59:01@Europe/London"
date and time(@"2026-07-01T10:00:00Z", "Europe/London") == @"2026-07-01T11:00:00@Europe/London"
time("23:59:00Z") == @"23:59:00Z"
time(23, 59, 1.5) == @"23:59:01.5"
time(23, 59, 0, @"-PT5H") == @"23:59:00-05:00"
time(@"2012-12-24T23:59:00Z") == @"23:59:00Z"
time(@"2012-12-24") == @"00:00:00Z"
time(@"10:00:00") == @"10:00:00"
duration("P1DT2H") == @"P1DT2H"
duration(@"P1Y") == @"P1Y"
years and months duration(@"2011-12-22", @"2013-08-24") == @"P1Y8M"
years and months duration(@"2013-08-24", @"2011-12-25") == @"-P1Y7M"
years and months duration(@"2011-12-25", @"2013-08-24") == @"P1Y7M"
overlaps before((< 5), [1..9]) == true
overlaps after([1..9], (< 5)) == true
starts((< 3), (< 5)) == true
starts([1..3], (< 5)) == false
matches("a", "\\C") == false
not(negand: true) == false
number(from: "1", decimal separator: ",") == 1
replace("aaaaaaaaaaaab", "(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)", "$12$3x") == "aaxb"
replace("ab", "(a)", "$2-") == "-b"
date and time(date: @"2026-07-01T10:00:00Z", timezone: "Europe/London") == @"2026-07-01T11:00:00@Europe/London"
date and time(date: [@"2026-07-01T10:00:00Z"], timezone: "Etc/UTC") == @"2026-07-01T10:00:00@Etc/UTC"
string(count) == "function(list)"
range("[\"a\"..\"b\"]") == ["a".."b"]
range("[time(\"10:00:00\")..@\"11:00:00\"]") == [@"10:00:00"..@"11:00:00"]
years and months duration(@"2011-12-22T10:00:00", @"2011-12-22") == @"P0M"
number("1 000.5", " ", ".") == 1000.5
number("1.000,5", ".", ",") == 1000.5
number("-12") == -12
number("1e2") == 100
string(1.5) == "1.5"
string(true) == "true"
string("x") == "x"
string(null) == null
string([1, "a", null]) == "[1, \"a\", null]"
string({a: 1, "b-c": "x"}) == "{a: 1, \"b-c\": \"x\"}"
string(@"2026-11-22") == "2026-11-22"
string([1..3]) == "[1..3]"
string((1..3)) == "(1..3)"
string((>= @"2026-11-22")) == "(>= @\"2026-11-22\")"
string((< 3)) == "(< 3)"
string(function(x) x) == "function(x)"
string(1e100) == "1e100"
string(0.10) == "0.10"
string(0e5) == "0"
range("[1..3]") == [1..3]
range("(1..3[") == (1..3)
range("[@\"2026-01-01\"..date(\"2026-02-01\")]") == [@"2026-01-01"..@"2026-02-01"]
range("[1..)") == (>= 1)
range("(..1]") == (<= 1)
range("(..1)") == (< 1)
before(1, 10) == true
before(1, [1..10]) == false
before([1..10), 10) == true
before([1..10), [10..20]) == true
after(10, 1) == true
after([5..10], [1..5)) == true
after((5..10], [1..5)) == true
before((< 5), 7) == true
before((< 5), (> 3)) == false
meets([1..5], [5..10]) == true
meets([1..5), [5..10]) == false
met by([5..10], [1..5]) == true
overlaps([1..5], [3..8]) == true
overlaps([1..5), [5..8]) == false
overlaps((< 5), (> 3)) == true
overlaps before([1..5], [3..8]) == true
overlaps before([1..5), (3..5]) == true
overlaps after([3..8], [1..5]) == true
finishes(10, [1..10]) == true
finishes(10, [1..10)) == false
finishes([5..10], [1..10]) == true
finished by([1..10], 10) == true
includes([1..10], 5) == true
includes([1..10], [4..6]) == true
includes((1..10), [1..10]) == false
includes((> 3), (> 5)) == true
during(5, [1..10]) == true
during([4..6], [1..10]) == true
starts(1, [1..10]) == true
starts([1..5], [1..10]) == true
started by([1..10], 1) == true
coincides(5, 5) == true
coincides([1..5], [1..5]) == true
coincides([1..5), [1..5]) == false
day of year(@"2019-09-17") == 260
day of week(@"2019-09-17T10:00:00") == "Tuesday"
month of year(@"2019-09-17") == "September"
week of year(@"2005-01-01") == 53
week of year(@"2003-12-29") == 1
now() == @"2026-11-22T09:30:00Z"
today() == @"2026-11-22"
is(@"2012-12-25", @"2012-12-25T23:00:50") == false
is(@"23:00:50z", @"23:00:50") == false
is(@"23:00:50z", @"23:00:50+00:00") == true
is(@"2012-12-25T10:00:00Z", @"2012-12-25T10:00:00Z") == true
is([1, {a: 2}], [1, {a: 2}]) == true
is([1..2], [1..2]) == true
is({a: 1}, {b: 1}) == false
substring(string: "foobar", start position: 3) == "obar"
min(list: [1, 2]) == 1
date and time(date: @"2012-12-24", time: @"10:00:00") == @"2012-12-24T10:00:00"
number(from: "1,5", grouping separator: null, decimal separator: ",") == 1.5
context put(context: {}, keys: ["a"], value: 1) == {a: 1}
list replace(list: [1], position: 1, newItem: 2) == [2]
"""

REFUSALS = r"""
substring("foobar", 0) == substring: start position must not be 0.
substring("foobar", -9) == substring: start position lies before the string.
substring("foobar", 9) == substring: start position lies behind the string.
substring("foobar", 1, 0) == substring: length must be at least 1.
substring(null, 1) == substring: string is null.
substring(5, 1) == substring: string must be a string, not number.
substring("a") == substring: It takes 2 or 3 arguments and was given 1.
substring(text: "a") == substring: It has no form with the arguments text.
substring(string: "a") == substring: It has no form with the arguments string.
matches("a", "(") == matches: pattern has a `(` that is never closed.
matches("a", "a", "g") == matches: flags may hold s, m, i, x and q.
replace("a", "", "b") == replace: pattern matches a string of no characters.
replace("a", "a", "$") == replace: replacement has a `$` without the number of a group.
replace("a", "a", "\\x") == replace: replacement has a backslash before something other than `\` or `$`.
split("a", "") == split: delimiter matches a string of no characters.
string join([1]) == string join: list must hold strings.
decimal(1, 9999) == decimal: scale must lie between -6111 and 6176.
abs(@"2026-11-22") == abs: n must be a number or a duration.
modulo(1, 0) == modulo: divisor is zero.
sqrt(-1) == sqrt: number is negative.
log(0) == log: number is not positive.
exp(99999) == exp: the result cannot be computed.
odd(1.5) == odd: number must be whole.
min([]) == min: list is empty.
min(1, "a") == min: list must hold values of one kind that has an order.
min(null) == min: list is null.
sum([]) == sum: list is empty.
sum("a", "b") == sum: list must hold numbers or durations.
sum(1, @"P1D") == sum: list must hold numbers or durations of one kind.
product([]) == product: list is empty.
product("a") == product: list must hold numbers.
stddev(1) == stddev: list must hold at least two numbers.
all("x") == all: list must hold true and false.
count() == count: It takes 1 argument and was given 0.
sublist([1], 2) == sublist: position lies outside the list.
sublist([1], 1, 5) == sublist: length goes past the list.
sublist([1], 1, -1) == sublist: length goes past the list.
remove([1], 0) == remove: position lies outside the list.
concatenate([1], null) == concatenate: a list is null.
list replace([1], function(x) true, 2) == list replace: match must take an item and the new item.
list replace([1], function(x, y) 1, 2) == list replace: match must give true or false.
sort([1, 2], function(x) true) == sort: precedes must take two items.
sort([1, 2], function(x, y) 1) == sort: precedes must give true or false.
sort([1, "a"]) == sort: list must hold values of one kind that has an order.
get value({a: 1}, "b") == get value: There is no entry b.
context([{key: "a", value: 1}, {key: "a", value: 1}]) == context: the key a stands twice.
context([1]) == context: entries must be contexts with key and value.
context([{key: 1, value: 1}]) == context: every key must be a string.
context put({}, [], 1) == context put: keys is empty.
context put({}, [1], 1) == context put: keys must be strings.
context put({x: 1}, ["x", "y"], 1) == context put: the entry x is not a context.
context merge([1]) == context merge: contexts must be contexts.
not(1) == not: negand must be true or false.
date("2012-13-01") == date: the text is not a date.
date(2012, 13, 1) == date: there is no such date or time.
date(2012, 1.5, 1) == date: the parts of a date or time must be whole.
date and time(@"2026-07-01", "Nowhere/Town") == date and time: there is no such zone.
min(list: null) == min: list is null.
min(items: [1]) == min: It has no form with the arguments items.
contains(string: "a", match: 1) == contains: match must be a string, not number.
range(from: 5) == range: from must be a string, not number.
range("[1 +..2]") == range: the text is not a range with literal ends in order.
date and time("x") == date and time: the text is not a date and time.
date and time(@"2026-07-01T10:00:00", "Europe/London") == date and time: the date and time has no zone to begin with.
date and time(@"2026-07-01T10:00:00Z", "Nowhere/Town") == date and time: there is no such zone.
date and time(2012, 12, 24, 23, 59, 1, "Nowhere/Town") == date and time: there is no such date or time.
time("x") == time: the text is not a time.
time(25, 0, 0) == time: there is no such date or time.
time(1, 0, 60) == time: there is no such date or time.
time(1, 0, 0, @"PT0.5S") == time: offset must be in whole seconds.
duration("P1Y1D") == duration: the text is not a duration.
duration(@"2026-11-22") == duration: from must be a string.
number("x") == number: the text is not a number.
number(5) == number: from must be a string, not number.
number("1", "x") == number: grouping separator must be a space, a comma or a point.
number("1", null, "x") == number: decimal separator must be a comma or a point.
number("1", ",", ",") == number: the two separators are the same.
number("1.5", null, ",") == number: the text is not a number.
range("[3..1]") == range: the text is not a range with literal ends in order.
range("x") == range: the text is not a range with literal ends in order.
range("[..1]") == range: the text is not a range with literal ends in order.
range("[1..]") == range: the text is not a range with literal ends in order.
range("(..)") == range: the text is not a range with literal ends in order.
range("[1..a]") == range: the text is not a range with literal ends in order.
range("[1..)x(") == range: the text is not a range with literal ends in order.
range("[@\"x\"..@\"y\"]") == range: the text is not a range with literal ends in order.
before(1, "a") == before: the values have no order.
before(true, [1..2]) == before: the values have no order.
includes([1..2], "a") == includes: the values have no order.
overlaps((!= 5), [1..2]) == overlaps: a range of everything but one value has no ends.
coincides(1, [1..2]) == coincides: both must be points, or both ranges.
coincides(null, 1) == coincides: a point is null.
day of week("x") == day of week: date must be a date, not string.
date and time(1, @"10:00:00") == date and time: date must be a date, not number.
now(1) == now: It takes no arguments and was given 1.
"""


def _lines(table: str) -> list[tuple[str, str]]:
    return [(text, wanted) for text, _, wanted in (line.rpartition(" == ") for line in table.strip().splitlines())]


@pytest.mark.parametrize(("text", "wanted"), _lines(VALUES), ids=[text for text, _ in _lines(VALUES)])
def test_a_function_gives_what_the_specification_says(text, wanted):
    """Each call gives its value, compiled and interpreted alike, and says nothing more (DMN 1.5, 10.3.4)."""
    expected = compile_expression(wanted).evaluate({}).value
    outcome = compile_expression(text).evaluate({}, NOW)

    assert identical(expected, outcome.value), outcome
    assert identical(expected, interpreter.evaluate(text, {}, NOW).value)
    assert () == outcome.diagnostics


@pytest.mark.parametrize(("text", "words"), _lines(REFUSALS), ids=[text for text, _ in _lines(REFUSALS)])
def test_a_function_says_why_it_refuses(text, words):
    """A refused call is null, and the first diagnostic tells why in these words."""
    outcome = compile_expression(text).evaluate({}, NOW)

    assert outcome.value is None
    assert words == outcome.diagnostics[0].message


def test_the_clock_is_never_asked():
    """Without a time handed in, now() and today() are null and say so."""
    for text in ("now()", "today()"):
        outcome = compile_expression(text).evaluate({})
        assert (None, f"{text[:-2]}: no time was handed in.") == (outcome.value, outcome.diagnostics[0].message)


def test_every_built_in_function_is_there():
    """DMN 1.5 names these functions, and no others are built in."""
    names = """
        not, date, date and time, time, duration, years and months duration, number, string, range, substring,
        string length, upper case, lower case, substring before, substring after, contains, starts with, ends with,
        matches, replace, split, string join, decimal, floor, ceiling, round up, round down, round half up,
        round half down, abs, modulo, sqrt, log, exp, odd, even, list contains, count, min, max, sum, mean, all, any,
        sublist, append, concatenate, insert before, remove, list replace, reverse, index of, union, distinct values,
        flatten, product, median, stddev, mode, sort, get value, get entries, context, context put, context merge,
        before, after, meets, met by, overlaps, overlaps before, overlaps after, finishes, finished by, includes,
        during, starts, started by, coincides, day of year, day of week, month of year, week of year, now, today, is
    """
    assert {" ".join(name.split()) for name in names.split(",")} == set(BUILTINS)


def test_a_built_in_function_is_a_value():
    """A function may be handed on; two of them are the same only if they are one."""
    assert isinstance(compile_expression("count").value({}), FeelFunction)
    assert BUILTINS["count"] == BUILTINS["count"] != BUILTINS["sum"]
    assert {BUILTINS["count"]: 1}[BUILTINS["count"]] == 1
