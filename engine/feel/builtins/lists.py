"""Built-in functions of lists (DMN 1.5, 10.3.4.4). Positions count from 1, or from the end where negative."""

from __future__ import annotations

from decimal import Decimal
from functools import cmp_to_key

from engine.feel import operators
from engine.feel.builtins.registry import Refusal, builtin
from engine.feel.evaluation import Evaluation
from engine.feel.operators import same
from engine.feel.values import NUMBERS, ZERO, FeelFunction, Value


def _numbers(items: list[Value]) -> list[Decimal]:
    if any(type(item) is not Decimal for item in items):
        raise Refusal("list must hold numbers.")
    return items


@builtin("list contains", "list, element: any")
def list_contains(items: list[Value], element: Value) -> Value:
    """Whether an item equals the element."""
    return any(same(item, element) for item in items)


@builtin("count", "list...")
def count(items: list[Value]) -> Value:
    """How many items there are."""
    return Decimal(len(items))


def _extreme(items: list[Value], sign: str) -> Value:
    if not items:
        raise Refusal("list is empty.")
    best = items[0]
    for item in items:
        before = operators.COMPARISONS[sign](item, best, None, 0)
        if before is None:
            raise Refusal("list must hold values of one kind that has an order.")
        best = item if before else best
    return best


@builtin("min", "list...")
def least(items: list[Value]) -> Value:
    """The least item."""
    return _extreme(items, "<")


@builtin("max", "list...")
def greatest(items: list[Value]) -> Value:
    """The greatest item."""
    return _extreme(items, ">")


def _total(items: list[Value]) -> Value:
    if not items:
        raise Refusal("list is empty.")
    total = items[0]
    if operators.add(total, total, None, 0) is None or type(total) is str:
        raise Refusal("list must hold numbers or durations.")
    for item in items[1:]:
        if type(item) is not type(total):
            raise Refusal("list must hold numbers or durations of one kind.")
        total = operators.add(total, item, None, 0)
    return total


@builtin("sum", "list...")
def total(items: list[Value]) -> Value:
    """The sum of numbers, or of durations of one kind."""
    return _total(items)


@builtin("mean", "list...")
def mean(items: list[Value]) -> Value:
    """The sum divided by the count."""
    return operators.divide(_total(items), Decimal(len(items)), None, 0)


@builtin("product", "list...")
def product(items: list[Value]) -> Value:
    """The product of numbers."""
    if not items:
        raise Refusal("list is empty.")
    result = Decimal(1)
    for number in _numbers(items):
        result = NUMBERS.multiply(result, number)
    return result


@builtin("median", "list...")
def median(items: list[Value]) -> Value:
    """The number in the middle, or the mean of the two there; null for none."""
    ordered = sorted(_numbers(items))
    if not ordered:
        return None
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return NUMBERS.divide(NUMBERS.add(ordered[middle - 1], ordered[middle]), Decimal(2))


@builtin("stddev", "list...")
def stddev(items: list[Value]) -> Value:
    """The sample standard deviation of at least two numbers."""
    numbers = _numbers(items)
    if len(numbers) < 2:
        raise Refusal("list must hold at least two numbers.")
    middle = NUMBERS.divide(_total(numbers), Decimal(len(numbers)))
    squares = ZERO
    for number in numbers:
        apart = NUMBERS.subtract(number, middle)
        squares = NUMBERS.add(squares, NUMBERS.multiply(apart, apart))
    return NUMBERS.sqrt(NUMBERS.divide(squares, Decimal(len(numbers) - 1)))


@builtin("mode", "list...")
def mode(items: list[Value]) -> Value:
    """The numbers that stand most often, in ascending order."""
    counts: dict[Decimal, int] = {}
    for number in _numbers(items):
        counts[number] = counts.get(number, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(number for number, times in counts.items() if times == most)


@builtin("all", "list...")
def every(items: list[Value]) -> Value:
    """false if an item is false, else null if one is not true, else true."""
    return _three_valued(items, False)


@builtin("any", "list...")
def some(items: list[Value]) -> Value:
    """true if an item is true, else null if one is not false, else false."""
    return _three_valued(items, True)


def _three_valued(items: list[Value], deciding: bool) -> Value:
    if any(item is deciding for item in items):
        return deciding
    if any(item is not None and type(item) is not bool for item in items):
        raise Refusal("list must hold true and false.")
    return None if None in items else not deciding


def _index(items: list[Value], position: Decimal, longest: int) -> int:
    """A position as Python counts."""
    index = int(position) if abs(position) < 10**9 else 0
    if index == 0 or index > longest or -index > len(items):
        raise Refusal("position lies outside the list.")
    return index - 1 if index > 0 else len(items) + index


@builtin("sublist", "list, start position: number, length: number=")
def sublist(items: list[Value], start: Decimal, length: Decimal | None = None) -> Value:
    """The items from a position on, or so many of them."""
    begin = _index(items, start, len(items))
    if length is None:
        return items[begin:]
    size = int(length)
    if size < 0 or begin + size > len(items):
        raise Refusal("length goes past the list.")
    return items[begin : begin + size]


@builtin("append", "list, item: any*", run=True)
def append(run: Evaluation, items: list[Value], more: list[Value]) -> Value:
    """The list with more items at its end."""
    run.check_length(len(items) + len(more))
    return [*items, *more]


@builtin("concatenate", "list: any*", run=True)
def concatenate(run: Evaluation, lists: list[Value]) -> Value:
    """The items of the lists, one list after the other."""
    return _joined(run, lists)


def _joined(run: Evaluation, lists: list[Value]) -> list[Value]:
    if any(item is None for item in lists):
        raise Refusal("a list is null.")
    run.check_length(sum(len(one) if type(one) is list else 1 for one in lists))
    return [item for one in lists for item in (one if type(one) is list else [one])]


@builtin("insert before", "list, position: number, newItem: any", run=True)
def insert_before(run: Evaluation, items: list[Value], position: Decimal, item: Value) -> Value:
    """The list with an item put in before a position."""
    run.check_length(len(items) + 1)
    index = _index(items, position, len(items) + 1)
    return [*items[:index], item, *items[index:]]


@builtin("remove", "list, position: number")
def remove(items: list[Value], position: Decimal) -> Value:
    """The list without the item at a position."""
    index = _index(items, position, len(items))
    return [*items[:index], *items[index + 1 :]]


@builtin("list replace", "list, position: number, newItem: any")
def list_replace(items: list[Value], position: Decimal, item: Value) -> Value:
    """The list with another item at a position."""
    index = _index(items, position, len(items))
    return [*items[:index], item, *items[index + 1 :]]


@builtin("list replace", "list, match: function, newItem: any", run=True)
def list_replace_matching(run: Evaluation, items: list[Value], match: FeelFunction, item: Value) -> Value:
    """The list with another item wherever match(item, newItem) is true."""
    if len(match.parameters) != 2:
        raise Refusal("match must take an item and the new item.")
    made = []
    for old in items:
        verdict = match.invoke(run, (old, item))
        if type(verdict) is not bool:
            raise Refusal("match must give true or false.")
        made.append(item if verdict else old)
    return made


@builtin("reverse", "list")
def reverse(items: list[Value]) -> Value:
    """The items from last to first."""
    return items[::-1]


@builtin("index of", "list, match: any")
def index_of(items: list[Value], match: Value) -> Value:
    """The positions of the items that equal the match."""
    return [Decimal(number) for number, item in enumerate(items, 1) if same(item, match)]


def _distinct(run: Evaluation, items: list[Value]) -> list[Value]:
    kept: list[Value] = []
    seen: set[tuple[type, Value]] = set()
    for item in items:
        if type(item) in (Decimal, str, bool, type(None)):
            if (type(item), item) not in seen:
                seen.add((type(item), item))
                kept.append(item)
        else:
            run.spend(len(kept))
            if not any(same(item, other) for other in kept):
                kept.append(item)
    return kept


@builtin("union", "list: any*", run=True)
def union(run: Evaluation, lists: list[Value]) -> Value:
    """The items of all lists, each once."""
    return _distinct(run, _joined(run, lists))


@builtin("distinct values", "list", run=True)
def distinct_values(run: Evaluation, items: list[Value]) -> Value:
    """Every item once, where it stands first."""
    return _distinct(run, items)


@builtin("flatten", "list", run=True)
def flatten(run: Evaluation, items: list[Value]) -> Value:
    """The items of all lists within lists, in order."""
    made: list[Value] = []
    stack = [iter(items)]
    while stack:
        for item in stack[-1]:
            if type(item) is list:
                run.spend(1)
                stack.append(iter(item))
                break
            made.append(item)
            if len(made) % 1024 == 0:
                run.check_length(len(made))
        else:
            stack.pop()
    run.check_length(len(made))
    return made


@builtin("sort", "list, precedes: function", run=True)
def sort(run: Evaluation, items: list[Value], precedes: FeelFunction) -> Value:
    """The items in the order that precedes(a, b) tells."""
    if len(precedes.parameters) != 2 and not hasattr(precedes, "forms"):
        raise Refusal("precedes must take two items.")

    def order(left: Value, right: Value) -> int:
        first = precedes.invoke(run, (left, right))
        if type(first) is not bool:
            raise Refusal("precedes must give true or false.")
        return -1 if first else 1 if precedes.invoke(run, (right, left)) is True else 0

    return sorted(items, key=cmp_to_key(order))


@builtin("sort", "list")
def sort_ascending(items: list[Value]) -> Value:
    """The items in ascending order, where they have one."""

    def order(left: Value, right: Value) -> int:
        before = operators.less(left, right, None, 0)
        if before is None:
            raise Refusal("list must hold values of one kind that has an order.")
        return -1 if before else int(not same(left, right))

    return sorted(items, key=cmp_to_key(order))
