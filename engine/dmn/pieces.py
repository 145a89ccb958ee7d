"""A column's values cut into pieces at the constants its cells name: no cell can tell two values of a piece apart.

The same pieces find the rules that match at run time and prove the table before it is published. Order of pieces:
for each kind of value in turn its own pieces, then null.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, DecimalException
from itertools import accumulate
from operator import xor

from engine.feel.temporal import (
    DAY,
    SECOND,
    Date,
    DateTime,
    DayTimeDuration,
    Time,
    YearMonthDuration,
)
from engine.feel.values import NUMBERS, Value

Finder = Callable[[Value], int]


class Section(ABC):
    """The pieces of one kind of value. `samples` has one value per piece, None for a piece that holds no value."""

    samples: Sequence[Value]
    #: Whether pieces side by side are one stretch of values.
    flows = False

    @abstractmethod
    def finder(self, answers: Sequence[int]) -> Finder:
        """Return the function from a value to the answer of its piece; there is one answer per piece."""
        ...

    @abstractmethod
    def stretches(self, points: Sequence[Value]) -> Iterator[tuple[int, Sequence[int]]]:
        """Give the pieces that a test naming only these points cannot tell apart: their mask, and some of them."""
        ...


class Booleans(Section):
    """false and true."""

    samples = (False, True)

    def finder(self, answers: Sequence[int]) -> Finder:
        """Return the function from a value to the answer of its piece."""
        return tuple(answers).__getitem__

    def stretches(self, points: Sequence[Value]) -> Iterator[tuple[int, Sequence[int]]]:
        """Give each by itself."""
        yield 0b01, (0,)
        yield 0b10, (1,)


class Texts(Section):
    """Every text the cells name, and any other text: for columns whose cells only ask for equality."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        other = "something else"
        while other in self._places:
            other += " again"
        self.samples = (*self._places, other)

    def finder(self, answers: Sequence[int]) -> Finder:
        """Return the function from a value to the answer of its piece."""
        known = {text: answers[place] for text, place in self._places.items()}
        other = answers[len(known)]
        return lambda value: known.get(value, other)

    def stretches(self, points: Sequence[Value]) -> Iterator[tuple[int, Sequence[int]]]:
        """Give each text that is named, and all others together."""
        others = (1 << len(self.samples)) - 1
        for place in {self._places[text] for text in points}:
            others ^= 1 << place
            yield 1 << place, (place,)
        yield others, (len(self._places),)


class Ordered(Section):
    """The points the cells name and the gaps between them, for values that compare. Points are at odd places."""

    flows = True

    def __init__(self, points: Iterable[Value], order: Order) -> None:
        self._order = order
        self._points = sorted({order.key(point) for point in points})
        samples: list[Value] = []
        below = None
        for point in self._points:
            samples += [order.between(below, point), order.value(point)]
            below = point
        samples.append(order.between(below, None))
        self.samples = samples

    def finder(self, answers: Sequence[int]) -> Finder:
        """Return the function from a value to the answer of its piece."""
        points, end, key = self._points, len(self._points), self._order.key
        below, upon = answers[0::2], [*answers[1::2], 0]

        def find(value: Value) -> int:
            value = key(value)
            at = bisect_left(points, value)
            return upon[at] if at < end and points[at] == value else below[at]

        return find

    def stretches(self, points: Sequence[Value]) -> Iterator[tuple[int, Sequence[int]]]:
        """Give each point that is named, and all that lies between two of them together."""
        start = 0
        for key in sorted({self._order.key(point) for point in points}):
            place = 2 * bisect_left(self._points, key) + 1
            yield (1 << place) - (1 << start), range(start, place)
            yield 1 << place, (place,)
            start = place + 1
        yield (1 << len(self.samples)) - (1 << start), range(start, len(self.samples))


class Order:
    """How the values of one kind compare, and how one is found between two others. This one is for numbers."""

    def key(self, value: Value) -> Value:
        """Return what the value compares by."""
        return value

    def value(self, key: Value) -> Value:
        """Return a value that compares by the key."""
        return key

    def between(self, low: Value | None, high: Value | None) -> Value | None:
        """Return a value strictly between two keys, None when there is none; an end may be open."""
        try:
            for found in self._plain(low, high):
                if found.is_finite() and (low is None or low < found) and (high is None or found < high):
                    return found
        except DecimalException:
            pass  # past the last number there is
        return None

    def _plain(self, low: Decimal | None, high: Decimal | None) -> Iterator[Decimal]:
        """Give numbers that may lie between the ends, from the plainest to the closest."""
        if low is not None:
            yield NUMBERS.add(low.to_integral_value(ROUND_FLOOR), Decimal(1))
            if high is not None:
                middle = NUMBERS.divide(NUMBERS.add(low, high), Decimal(2))
                for places in range(1, 8):
                    yield NUMBERS.quantize(middle, Decimal(1).scaleb(-places)) if middle.adjusted() < 25 else middle
            yield NUMBERS.next_plus(low)
        elif high is not None:
            yield NUMBERS.subtract(high.to_integral_value(ROUND_CEILING), Decimal(1))
            yield NUMBERS.next_minus(high)
        else:
            yield Decimal(0)


class WholeOrder(Order):
    """Whole numbers: between 17 and 18 there is nothing."""

    def between(self, low: Value | None, high: Value | None) -> Value | None:
        """Return the whole number next to an end, if it lies between."""
        found = super().between(low, high)
        return found if found is None or found == found.to_integral_value() else None


class TextOrder(Order):
    """Strings in the order of their characters."""

    def between(self, low: Value | None, high: Value | None) -> Value | None:
        """Return a text that sorts strictly between two others."""
        if low is None:
            return None if high == "" else "" if high is not None else "something else"
        for longer in (f"{low} again", f"{low}\0"):
            if high is None or longer < high:
                return longer
        return None


class StepOrder(Order):
    """Dates, times and durations, which step: between the 1st and the 2nd of a month there is no date."""

    def __init__(self, sample: Value) -> None:
        self._sample, self._kind = sample, type(sample)
        self._zone = sample.time if isinstance(sample, DateTime) else sample

    def key(self, value: Value) -> int:
        """Return the count of steps: days, seconds, nanoseconds or months."""
        return int(value.value)

    def value(self, key: int) -> Value | None:
        """Return the value of so many steps, in the zone of the column; None past the end of the calendar or day."""
        try:
            if self._kind is Date:
                return Date.from_days(key)
            if self._kind is DayTimeDuration:
                return DayTimeDuration(key)
            if self._kind is YearMonthDuration:
                return YearMonthDuration(key)
            if self._kind is Time:
                return self._time(key)
            local = Time(0, 0, 0, 0, None if self._zone.local else self._zone.offset, self._zone.zone)
            return DateTime(Date(2000, 1, 1), local).at(key * SECOND)
        except (ValueError, OverflowError):
            return None

    def _time(self, key: int) -> Time | None:
        """Return the time of so many seconds; those before midnight UTC or after the day are times of other zones."""
        shown = key + (self._zone.offset_seconds or 0)
        if 0 <= shown < DAY:
            return self._zone.at(shown * SECOND)
        if self._zone.local:
            return None
        hours = -(key // 3600) if key < 0 else (DAY - 1 - key) // 3600
        return Time(0, 0, 0, 0, hours * 3600).at((key + hours * 3600) * SECOND)

    def between(self, low: int | None, high: int | None) -> Value | None:
        """Return the value a usual step away from an end: a day, an hour or a month, else the least step."""
        if low is None and high is None:
            return self._sample
        usual = {Time: 3600, DateTime: DAY, DayTimeDuration: DAY * SECOND}.get(self._kind, 1)
        for step in (usual, 1):
            key = low + step if low is not None else high - step if high is not None else 0
            if (high is None or key < high) and (found := self.value(key)) is not None:
                return found
        return None


_ORDERED_KINDS = (Date, DateTime, Time, DayTimeDuration, YearMonthDuration)


def kind_key(value: Value) -> object | None:
    """Return what values must share to be in one section: their type, and for times whether a zone is known."""
    kind = type(value)
    if kind in (bool, str, Decimal):
        return kind
    if kind in (Time, DateTime):
        return kind, value.local
    return kind if kind in _ORDERED_KINDS else None


#: One value of each kind that a type of the name has; times count as two kinds, with a zone and without.
SAMPLES: Mapping[str, tuple[Value, ...]] = {
    "boolean": (True,),
    "string": ("",),
    "number": (Decimal(0),),
    "date": (Date(2026, 1, 1),),
    "time": (Time(12, 0, 0), Time(12, 0, 0, 0, 0)),
    "date and time": (
        DateTime(Date(2026, 1, 1), Time(0, 0, 0)),
        DateTime(Date(2026, 1, 1), Time(0, 0, 0, 0, 0)),
    ),
    "days and time duration": (DayTimeDuration(DAY * SECOND),),
    "years and months duration": (YearMonthDuration(12),),
}


def bits(mask: int) -> list[int]:
    """Return the positions of a mask's bits, lowest first."""
    written = f"{mask:b}"[::-1]
    found = []
    place = written.find("1")
    while place >= 0:
        found.append(place)
        place = written.find("1", place + 1)
    return found


def holders(masks: Sequence[int], pieces: int) -> list[int]:
    """Return, per piece, which of the masks hold it, as a mask of their places."""
    owners: dict[int, int] = {}
    for place, mask in enumerate(masks):
        owners[mask] = owners.get(mask, 0) | 1 << place
    changes = [0] * (pieces + 1)
    for mask, those in owners.items():
        # A bit of this stands wherever a stretch of the mask begins, and where it is over.
        for edge in bits(mask ^ mask << 1):
            changes[edge] ^= those
    return list(accumulate(changes[:pieces], xor))


class Pieces:
    """The pieces of one column, of every constant and of every kind of value that a sample is given of.

    samples  one value per piece, the last is null; None elsewhere marks a piece that holds no value
    """

    __slots__ = ("_sections", "null", "samples")

    def __init__(
        self,
        constants: Iterable[Value],
        *,
        samples: Iterable[Value] = (),
        ordered_texts: bool = False,
        whole: bool = False,
    ) -> None:
        kinds: dict[object, tuple[Value, list[Value]]] = {}
        for constant in constants:
            if constant is not None:
                kinds.setdefault(kind_key(constant), (constant, []))[1].append(constant)
        for typical in samples:
            kinds.setdefault(kind_key(typical), (typical, []))
        self._sections: dict[object, tuple[int, Section]] = {}
        found: list[Value] = []
        for kind, (typical, points) in kinds.items():
            section = _section(typical, points, ordered_texts=ordered_texts, whole=whole)
            self._sections[kind] = len(found), section
            found += section.samples
        self.null = len(found)
        self.samples = (*found, None)

    def finders(self, answers: Sequence[int]) -> Mapping[object, Finder]:
        """Return per kind of value the function from a value to the answer of its piece; see kind_key."""
        null = answers[self.null]
        found: dict[object, Finder] = {type(None): lambda value: null}
        for kind, (offset, section) in self._sections.items():
            found[kind] = section.finder(answers[offset : offset + len(section.samples)])
        return found

    def where(self, constants: Iterable[Value], holds: Callable[[Value], bool | None]) -> int:
        """Return the pieces whose values pass, as a mask; it is asked about one value of each stretch.

        `holds` compares with these constants alone, so that it cannot tell values apart between which none of them is.
        """
        points: dict[object, list[Value]] = {}
        for constant in constants:
            points.setdefault(kind_key(constant), []).append(constant)
        mask = 1 << self.null if holds(None) else 0
        for kind, (offset, section) in self._sections.items():
            for stretch, places in section.stretches(points.get(kind, ())):
                sample = next((found for place in places if (found := section.samples[place]) is not None), None)
                if sample is not None and holds(sample):
                    mask |= stretch << offset
        return mask

    def runs(self, mask: int) -> list[int]:
        """Return the mask as stretches: neighbours on a scale together, every other piece by itself."""
        found = []
        for offset, section in self._sections.values():
            run = 0
            for piece in range(offset, offset + len(section.samples)):
                if mask >> piece & 1:
                    run |= 1 << piece
                if run and (not section.flows or (not mask >> piece & 1 and self.samples[piece] is not None)):
                    found.append(run)
                    run = 0
            if run:
                found.append(run)
        if mask >> self.null & 1:
            found.append(1 << self.null)
        return found

    @property
    def possible(self) -> int:
        """Return the pieces that hold a value, as a mask; null is one of them."""
        mask = 1 << self.null
        for place, sample in enumerate(self.samples):
            if sample is not None:
                mask |= 1 << place
        return mask


def _section(typical: Value, constants: Sequence[Value], *, ordered_texts: bool, whole: bool) -> Section:
    if isinstance(typical, bool):
        return Booleans()
    if isinstance(typical, str):
        return Ordered(constants, TextOrder()) if ordered_texts else Texts(constants)
    if isinstance(typical, Decimal):
        return Ordered(constants, WholeOrder() if whole else Order())
    return Ordered(constants, StepOrder(typical))
