"""A policy's clauses: what each asks for, in our own words, so that tasks and letters can say which they serve."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from engine.errors import Finding, PathwayRefused

TAGS = frozenset(
    {
        "context-only",
        "decision-criterion",
        "escalation",
        "exception",
        "follow-up",
        "notification",
        "pathway",
        "precondition",
        "record",
        "timer",
        "user-task",
    }
)
REQUIRED, OPTIONAL = ("id", "tag", "summary"), ("section",)

_ID = re.compile(r"^[A-Z]{3}-(?P<section>[A-Z]?\.?[0-9][0-9.]*)[a-z]{0,2}[0-9]?$")


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: `tags` say what it asks of the product, `summary` what it asks for, in our own words."""

    id: str
    section: str
    tags: tuple[str, ...]
    summary: str

    @property
    def context_only(self) -> bool:
        """Whether nothing has to be built for it."""
        return self.tags == ("context-only",)


def read_clauses(folder: Path) -> dict[str, Clause]:
    """The clauses in <folder>/clauses.csv, by id. Raises PathwayRefused naming each row that cannot be read."""
    path = folder / "clauses.csv"
    name = f"{folder.name}/clauses.csv"
    if not path.is_file():
        raise PathwayRefused([_finding(name, None, "There is no such file.", "Add clauses.csv with id, tag, summary.")])
    return clauses_from_csv(path.read_bytes(), name)


def clauses_from_csv(content: bytes, filename: str) -> dict[str, Clause]:
    """The clauses that a file's content lists: columns id, tag, summary and, if wanted, section."""
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise PathwayRefused([_finding(filename, None, "is no CSV in UTF-8.", "Save it as CSV UTF-8.")]) from error
    header = rows[0] if rows else []
    if not set(REQUIRED) <= set(header) or not set(header) <= {*REQUIRED, *OPTIONAL}:
        message = f"Its columns are {', '.join(header) or 'none'}."
        raise PathwayRefused([_finding(filename, "row 1", message, "Name them id, section, tag, summary.")])
    clauses: dict[str, Clause] = {}
    findings = []
    for number, row in enumerate(rows[1:], 2):
        if not row:
            continue
        wrong, clause = _clause(
            dict(zip(header, (cell.strip() for cell in row), strict=False)), len(row) == len(header)
        )
        if clause.id in clauses:
            wrong = (f"{clause.id} is listed twice.", "Keep one of them.")
        if wrong is not None:
            findings.append(_finding(filename, f"row {number}", *wrong))
        clauses[clause.id] = clause
    if findings:
        raise PathwayRefused(findings)
    return clauses


def strange_clauses(named: Iterable[str], known: Collection[str]) -> tuple[tuple[str, str], ...]:
    """What is wrong with each clause that a scenario names and its policy does not have, and the mend."""
    found = []
    for clause in dict.fromkeys(named):
        if clause not in known:
            near = get_close_matches(str(clause), sorted(known), n=1, cutoff=0.7)
            mend = f"Write {near[0]}, if that is meant." if near else "Correct it, or add it to clauses.csv."
            found.append((f"It names the clause {str(clause)[:40]}, which clauses.csv does not list.", mend))
    return tuple(found)


def _clause(cells: dict[str, str], whole: bool) -> tuple[tuple[str, str] | None, Clause]:
    tags = tuple(tag.strip() for tag in cells.get("tag", "").split(",") if tag.strip())
    name = cells.get("id", "")
    known = _ID.match(name)
    section = cells.get("section") or (known["section"] if known else "")
    clause = Clause(name, section, tags, cells.get("summary", ""))
    wrong = None
    if not whole:
        wrong = ("It has more or fewer cells than there are columns.", "Put a text that holds a comma in quotes.")
    elif known is None:
        wrong = (f"{name[:40] or 'An empty cell'} is no clause id.", "Write it as CAM-2.3a.")
    elif not tags or not set(tags) <= TAGS:
        wrong = (f"Its tag is {cells['tag'][:60] or 'empty'}.", f"Use one or more of: {', '.join(sorted(TAGS))}.")
    elif not clause.summary:
        wrong = ("It has no summary.", "Say in your own words what the clause asks for.")
    return wrong, clause


def _finding(file: str, place: str | None, message: str, mend: str) -> Finding:
    return Finding("refusal", file, place, None, message, mend)
