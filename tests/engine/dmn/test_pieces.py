"""Pieces: between two constants there is a value or there is none, and every value is in exactly one piece."""

from decimal import Decimal

import pytest

from engine.dmn.pieces import Order, Pieces, TextOrder, WholeOrder, kind_key
from engine.feel.temporal import read_temporal

MOST = Decimal("9.999999999999999999999999999999999E+6144")


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        (None, None, "0"),
        (None, "18", "17"),
        (None, "17.5", "17"),
        ("18", None, "19"),
        ("17.5", None, "18"),
        ("17", "19", "18"),
        ("17", "18", "17.5"),
        ("0.1", "0.2", "0.15"),
        ("0.12345678", "0.12345679", "1.234567800000000000000000000000001E-1"),
        ("1E40", None, "1.000000000000000000000000000000001E+40"),
        (None, "1E40", "9.999999999999999999999999999999999E+39"),
        ("1E40", "2E40", "1.5E+40"),
        (str(MOST), None, None),
        (None, str(-MOST), None),
        ("1", "1.000000000000000000000000000000001", None),
    ],
)
def test_a_number_between_two_numbers(low, high, found):
    """The plainest number is taken, and the 34 digits end somewhere."""
    value = Order().between(Decimal(low) if low else None, Decimal(high) if high else None)

    assert (Decimal(found) if found else None) == value


@pytest.mark.parametrize(("low", "high", "found"), [("17", "18", None), ("17.5", "18.5", "18"), (None, "0", "-1")])
def test_a_whole_number_between_two_numbers(low, high, found):
    """Whole numbers have nothing between neighbours."""
    value = WholeOrder().between(Decimal(low) if low else None, Decimal(high))

    assert (Decimal(found) if found else None) == value


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        (None, None, "something else"),
        (None, "", None),
        (None, "b", ""),
        ("b", None, "b again"),
        ("b", "b again", "b\0"),
        ("b", "b\0", None),
    ],
)
def test_a_text_between_two_texts(low, high, found):
    """A text is followed at once by itself and the least character."""
    assert found == TextOrder().between(low, high)


@pytest.mark.parametrize(
    ("text", "samples"),
    [
        ("2026-01-01", ["2025-12-31", "2026-01-01", "2026-01-02"]),
        ("999999999-12-31", ["999999999-12-30", "999999999-12-31", "None"]),
        ("P1D", ["P0D", "P1D", "P2D"]),
        ("P1Y", ["P11M", "P1Y", "P1Y1M"]),
        ("00:00:00", ["None", "00:00:00", "01:00:00"]),
        ("23:59:59", ["22:59:59", "23:59:59", "None"]),
        ("23:59:30", ["22:59:30", "23:59:30", "23:59:31"]),
        ("00:00:00Z", ["00:00:00+01:00", "00:00:00Z", "01:00:00Z"]),
        ("2026-01-01T10:00:00", ["2025-12-31T10:00:00", "2026-01-01T10:00:00", "2026-01-02T10:00:00"]),
        (
            "2026-03-29T00:30:00@Europe/London",
            [
                "2026-03-28T00:30:00@Europe/London",
                "2026-03-29T00:30:00@Europe/London",
                "2026-03-30T01:30:00@Europe/London",
            ],
        ),
    ],
)
def test_pieces_around_a_date_time_or_duration(text, samples):
    """There is a value on each side of a constant, except where the calendar or the day ends."""
    found = [str(sample).replace("PT0S", "P0D") for sample in Pieces([read_temporal(text)]).samples]

    assert [*samples, "None"] == found


def test_every_sample_is_found_in_its_own_piece():
    """Constants of several kinds make several sections, and null has the last piece."""
    constants = [Decimal(3), Decimal(5), "a", "b", True, read_temporal("P1D"), read_temporal("10:00:00Z"), None]
    pieces = Pieces(constants)
    finders = pieces.finders(list(range(len(pieces.samples))))

    places = [(finders.get(type(sample)) or finders[kind_key(sample)])(sample) for sample in pieces.samples]
    assert list(range(len(pieces.samples))) == places
    assert (1 << len(pieces.samples)) - 1 == pieces.possible
    assert len(pieces.samples) - 1 == pieces.null
