"""The geometry of a proof: what is worked out by stretches and by columns is what asking one by one comes to."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.dmn.analyse.cover import Box, Crossing, Fuel, meet, uncovered
from engine.dmn.cells import constants_of
from engine.dmn.pieces import SAMPLES, Pieces, bits, holders
from engine.feel import compile_unary_tests
from engine.feel.values import Value

WIDTH = 6
CELL = st.integers(0, 2**WIDTH - 1)

TIMES = ('@"08:00:00"', '@"12:30:00"', '@"12:30:00Z"', '@"23:59:59+01:00"')
DATES = ('@"2026-01-31"', '@"2026-02-01"', '@"2026-03-29T01:30:00Z"', '@"2026-03-29T01:30:00"')
OTHERS = ('@"P1D"', '@"PT36H"', '@"P13M"', "true", "false", "null", '"s20"', '"ico"', '""', "3", "3.5", "-7", "100")
CONSTANT = st.sampled_from(TIMES + DATES + OTHERS)
TEST = st.one_of(
    CONSTANT,
    st.builds("{} {}".format, st.sampled_from(("<", "<=", ">", ">=")), CONSTANT),
    st.builds("not({})".format, CONSTANT),
    st.builds("[{}..{})".format, CONSTANT, CONSTANT),
    st.builds("? != {} and ? >= {}".format, CONSTANT, CONSTANT),
    st.builds("{}, {}".format, CONSTANT, CONSTANT),
)


def boxes(columns: int) -> st.SearchStrategy[list[Box]]:
    return st.lists(st.tuples(*[CELL] * columns), max_size=8)


def named(*texts: str) -> list[Value]:
    """The constants that some cells name."""
    return [value for text in texts for value in constants_of(compile_unary_tests(text).tree).values]


@given(TEST, st.lists(TEST, max_size=4), st.booleans(), st.booleans())
def test_a_cell_asked_about_each_stretch_answers_as_for_each_piece(
    cell: str, others: list[str], ordered_texts: bool, whole: bool
) -> None:
    """However finely other cells cut a column, a cell answers alike between its own constants."""
    tests = compile_unary_tests(cell)
    ordered = ordered_texts or any(
        constants_of(compile_unary_tests(text).tree).ordered_texts for text in (cell, *others)
    )
    every = [sample for samples in SAMPLES.values() for sample in samples]
    pieces = Pieces(named(cell, *others), samples=every, ordered_texts=ordered, whole=whole)

    found = pieces.where(named(cell), tests.matches) & pieces.possible

    one_by_one = [piece for piece in bits(pieces.possible) if tests.matches(pieces.samples[piece])]
    assert one_by_one == bits(found)


@given(st.integers(0, 2**200))
def test_the_bits_of_a_mask_are_the_powers_it_is_the_sum_of(mask: int) -> None:
    """They come lowest first."""
    found = bits(mask)

    assert (mask, sorted(found)) == (sum(2**place for place in found), found)


@given(st.lists(CELL, max_size=8))
def test_every_piece_knows_who_holds_it(cells: list[int]) -> None:
    """A mask holds the pieces whose bits it has."""
    found = holders(cells, WIDTH)

    assert found == [sum(1 << at for at, cell in enumerate(cells) if cell >> piece & 1) for piece in range(WIDTH)]


@given(st.integers(0, 3).flatmap(lambda columns: st.tuples(boxes(columns), st.tuples(*[CELL] * columns))))
def test_what_crosses_a_box_is_what_meets_it(asked: tuple[list[Box], Box]) -> None:
    """Two boxes cross where they share a piece in every column."""
    others, box = asked
    crossing = Crossing(others, Fuel(1_000))

    expected = [at for at, other in enumerate(others) if meet(box, other) is not None]
    assert expected == bits(crossing(box)) == bits(crossing(box))


@given(st.integers(1, 3).flatmap(lambda columns: st.tuples(st.tuples(*[CELL.filter(bool)] * columns), boxes(columns))))
def test_what_is_left_uncovered_is_every_point_that_no_box_holds(asked: tuple[Box, list[Box]]) -> None:
    """The boxes told do not overlap, and together are the space less all boxes."""
    space, covering = asked
    found = uncovered(space, covering, Fuel(100_000), most=10**6)

    def points(box: Box) -> list[tuple[int, ...]]:
        whole: list[tuple[int, ...]] = [()]
        for cell in box:
            whole = [(*point, piece) for point in whole for piece in bits(cell)]
        return whole

    covered = {point for box in covering for point in points(box)}
    told = [point for box in found for point in points(box)]
    assert sorted(told) == sorted(point for point in points(space) if point not in covered)


def test_a_number_is_cut_at_the_points_of_its_own_cells_alone() -> None:
    """However many rows the table has, a cell is asked about its own points, once between them, and about null."""
    asked: list[Value] = []
    pieces = Pieces([Decimal(point) for point in range(1_000)], samples=SAMPLES["number"])

    pieces.where([Decimal(10), Decimal(20)], lambda value: asked.append(value))

    assert [None, Decimal(-1), Decimal(10), Decimal("10.5"), Decimal(20), Decimal("20.5")] == asked
