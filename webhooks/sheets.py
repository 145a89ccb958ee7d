"""Lists as files for a spreadsheet: no cell can run as a formula, and taking one out is recorded."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from flask import Response

from engine.calendars import LONDON
from engine.casework.finding import MOST_IN_A_FILE

#: What a spreadsheet would take as the beginning of a formula, or what it leaves out before one.
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def sheet(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A file of comma-separated values. A list that is longer than a file may be ends with a line that says so."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(head)
    for number, row in enumerate(rows, 1):
        if number > MOST_IN_A_FILE:
            writer.writerow([f"There are more than {MOST_IN_A_FILE} lines. Ask for a shorter period."])
            break
        writer.writerow([cell(value) for value in row])
    # A mark at the beginning lets spreadsheets read names with accents as they are.
    answer = Response("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def moment(at: str) -> str:
    """'2026-03-02 09:05', London time: a moment as every cell of a file writes it, that it can be sorted."""
    return datetime.fromisoformat(at).astimezone(LONDON).strftime("%Y-%m-%d %H:%M")


def cell(value: object) -> str | int | float:
    """A value as a cell: numbers as numbers, texts so that they stay texts (OWASP, CSV injection)."""
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    said = str(value)
    return f"'{said}" if said.lstrip(" ").startswith(_RUNS) or said.startswith(_RUNS) else said
