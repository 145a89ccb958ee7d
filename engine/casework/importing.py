"""Plans that are running already come in from a table: every row is checked first, and exactly what was seen is run.

A table is comma-separated text with a heading line. `case_id` and facts by their names; `role:<role>` names a person;
`pathway` starts one; `why_again` says why a child who is known is entered all the same. Lists are separated by ';',
dates are 2026-03-27 or 27/03/2026, yes and no may be written as words.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from typing import Final, Literal

from engine.case import facts as case_facts
from engine.case.facts import FactsRefused
from engine.casework.opening import NewCase, Opening
from engine.casework.people import HEAD, SYSTEM_ADMIN, Practitioner
from engine.errors import EngineError, FieldProblem, Unreadable
from engine.history import JSON, canonical
from engine.store.errors import CaseExists, DuplicateCommand, is_lasting
from engine.store.vault import UNREAD

#: What one table may hold: more is handed in as several.
MOST_ROWS, MOST_BYTES = 1_000, 2_000_000
LISTS: Final = frozenset(
    {"sibling_case_ids", "icpc_invitees", "cprc_parties", "current_agencies", "core_group", "parents"}
)
YES_NO: Final = frozenset(
    {
        *("unborn", "plo_active", "care_proceedings", "deceased", "left_uk", "moved_out_of_area"),
        *(
            "living_outside_area",
            "placed_outside_by_authority",
            "care_planning_arrangements",
            "s20_stable",
            "turned_18",
        ),
    }
)
COUNTS: Final = frozenset({"reviews_held", "cla_reviews_since_plan"})
_BRITISH = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_SAID = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row as it was read and checked. `line` is its line in the table; `digest` names its content."""

    line: int
    case_id: str
    state: Literal["ready", "refused", "done"]
    problems: tuple[FieldProblem, ...] = ()
    digest: str = ""
    new: NewCase | None = field(default=None, repr=False)
    why_again: str = field(default="", repr=False)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What an import would do. `seal` names exactly the rows that are ready and what they say: the run asks for it."""

    rows: tuple[ImportRow, ...]
    seal: str

    def of(self, state: str) -> tuple[ImportRow, ...]:
        """The rows in a state."""
        return tuple(row for row in self.rows if row.state == state)


class NotAsSeen(EngineError):
    """The table, the cases or the settings have changed since the rehearsal: it is looked at again first."""

    def __init__(self) -> None:
        super().__init__("What would be imported is no longer what you saw. Look at the check again, then import.")


class Importing(Opening):
    """The checked import."""

    def rehearse_import(self, table: bytes, *, by: Practitioner) -> Rehearsal:
        """Read and check every row; nothing is changed. Raises Unreadable where it is no table at all."""
        by.must_hold(SYSTEM_ADMIN, HEAD)
        rows: list[ImportRow] = []
        lines: dict[str, int] = {}
        children: dict[tuple[str, str], int] = {}
        for line, cells in _cells(table):
            row = self._row(line, cells, by)
            twice = lines.setdefault(row.case_id.lower(), line)
            facts = row.new.facts if row.new is not None else {}
            child = (str(facts.get("name") or "").lower(), str(facts.get("dob") or ""))
            again = children.setdefault(child, line) if all(child) else line
            problems = list(row.problems)
            if twice != line:
                problems.append(FieldProblem("case_id", f"is on line {twice} already."))
            elif again != line and not row.why_again:
                problems.append(FieldProblem("name", f"with this birth date is on line {again} already."))
            rows.append(row if len(problems) == len(row.problems) else _refused(row, problems))
        ready = [[row.line, row.case_id, row.digest] for row in rows if row.state == "ready"]
        return Rehearsal(tuple(rows), sha256(canonical([by.authority, ready])).hexdigest())

    def run_import(self, table: bytes, seal: str, *, by: Practitioner) -> Iterator[ImportRow]:
        """Open the cases of exactly the rows that a rehearsal found ready, one after the other, each in one commit.

        A run that was stopped is run again with a fresh rehearsal: rows that were opened are told as done and not
        opened twice. Raises NotAsSeen, before anything is opened, where the rehearsal is not what it was.
        """
        rehearsal = self.rehearse_import(table, by=by)
        if rehearsal.seal != seal:
            raise NotAsSeen
        for row in rehearsal.of("ready"):
            yield self._run_row(row, by)

    def _run_row(self, row: ImportRow, by: Practitioner) -> ImportRow:
        assert row.new is not None
        try:
            self.enter_case(row.new, by=by, command_id=_key(row), why_again=row.why_again)
        except (CaseExists, DuplicateCommand):
            # Somebody else runs the same table at the same time.
            return self._as_it_stands(row, by)
        except EngineError as refused:
            return _refused(row, [FieldProblem("case_id", str(refused))])
        return ImportRow(row.line, row.case_id, "done", digest=row.digest)

    def _row(self, line: int, cells: Mapping[str, str], by: Practitioner) -> ImportRow:
        new, problems = _read(cells)
        why = cells.get("why_again", "").strip()
        row = ImportRow(line, new.case_id, "ready", tuple(problems), _digest(new, why), new, why)
        if self._store.lists.case(by.authority, new.case_id) is not None:
            return self._as_it_stands(row, by)
        try:
            self.check_new(new, by=by)
        except FactsRefused as refused:
            problems += [one for one in refused.problems if one.field not in {known.field for known in problems}]
        started = new.facts.get("plan_start_date")
        if started is None and "plan_start_date" not in {one.field for one in problems}:
            problems.append(FieldProblem("plan_start_date", "must be given: the plan is running already."))
        if not new.facts.get("dob") and not new.facts.get("unborn") and "dob" not in {one.field for one in problems}:
            problems.append(FieldProblem("dob", "must be given, or unborn said to be yes."))
        notes: tuple[str, ...] = ()
        if case_facts.of_age(new.facts, now=self._clock.now()):
            notes = ("The child is 18 already: what follows from that starts by itself.",)
            if new.pathway is not None:
                problems.append(FieldProblem("pathway", "must be left out: the child is 18, and that starts its own."))
        if not problems:
            similar = self.duplicates(by, new.facts, new.case_id)
            if similar and not why:
                problems.append(FieldProblem("why_again", f"is needed. {self.alike(by, similar)}"))
        return _refused(row, problems) if problems else replace(row, notes=notes)

    def _as_it_stands(self, row: ImportRow, by: Practitioner) -> ImportRow:
        """A row whose case is there: done where this very row opened it, refused where something else did."""
        try:
            first = next(iter(self._store.history(by.authority, row.case_id)), None)
        except EngineError as error:
            if not is_lasting(error):
                raise
            return _refused(row, [FieldProblem("case_id", f"is open already, and {UNREAD}.")])
        if first is not None and first.command.id == _key(row):
            return ImportRow(row.line, row.case_id, "done", digest=row.digest)
        return _refused(row, [FieldProblem("case_id", "is open already, and was not opened by this row.")])


def _refused(row: ImportRow, problems: list[FieldProblem]) -> ImportRow:
    return ImportRow(row.line, row.case_id, "refused", tuple(problems), row.digest)


def _key(row: ImportRow) -> str:
    """The row's command id: the same content is never opened twice, whatever table it stands in."""
    return f"import:{row.digest[:40]}"


def _digest(new: NewCase, why: str) -> str:
    said = [new.case_id, dict(new.facts), dict(new.roles), new.pathway, why]
    return sha256(canonical(said)).hexdigest()


def _cells(table: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row's line and its cells by heading. Raises Unreadable."""
    if len(table) > MOST_BYTES:
        raise Unreadable(f"The table is larger than {MOST_BYTES // 1_000_000} MB. Hand it in as several.")
    try:
        text = table.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("The table is not UTF-8 text. Save it as ‘CSV UTF-8’.") from error
    if "\x00" in text:
        raise Unreadable("The table is not text. Save it as ‘CSV UTF-8’.")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        heading = [name.strip() for name in next(reader, [])]
        _check_heading(heading)
        for count, cells in enumerate(reader, 1):
            if not any(cell.strip() for cell in cells):
                continue
            if count > MOST_ROWS:
                raise Unreadable(f"The table has more than {MOST_ROWS} rows. Hand it in as several.")
            if len(cells) != len(heading):
                raise Unreadable(
                    f"Line {reader.line_num} has {len(cells)} cells, and the heading {len(heading)}. "
                    "Put cells with commas in quotation marks."
                )
            yield reader.line_num, dict(zip(heading, cells, strict=True))
    except csv.Error as error:
        raise Unreadable(f"Line {reader.line_num} of the table cannot be read: {error}.") from error


def _check_heading(heading: list[str]) -> None:
    known = {"case_id", "pathway", "why_again", *(set(case_facts.FACTS) - case_facts.PLAN_FACTS)}
    unknown = [name for name in heading if name not in known and not re.match(r"^role:[a-z][a-z0-9_]{0,63}$", name)]
    twice = sorted({name for name in heading if heading.count(name) > 1})
    if "case_id" not in heading:
        raise Unreadable("The table has no column case_id. Its first line must name the columns.")
    if unknown or twice:
        named = ", ".join(repr(name[:40]) for name in (*unknown, *twice)[:10])
        raise Unreadable(f"These columns are not known, or are there twice: {named}. Name case_id and facts.")


def _read(cells: Mapping[str, str]) -> tuple[NewCase, list[FieldProblem]]:
    facts: dict[str, JSON] = {}
    roles: dict[str, str] = {}
    problems: list[FieldProblem] = []
    for name, cell in cells.items():
        said = cell.strip()
        if not said or name in ("case_id", "pathway", "why_again"):
            continue
        if name.startswith("role:"):
            roles[name.removeprefix("role:")] = said
            continue
        value, problem = _value(name, said)
        if problem is not None:
            problems.append(FieldProblem(name, problem))
        else:
            facts[name] = value
    new = NewCase(cells["case_id"].strip(), facts, roles, cells.get("pathway", "").strip() or None)
    return new, problems


def _value(name: str, said: str) -> tuple[JSON, str | None]:
    """A cell as the fact that it is, or what is wrong with it."""
    if name in LISTS:
        return [one.strip() for one in said.split(";") if one.strip()], None
    if name in YES_NO:
        known = _SAID.get(said.lower())
        return known, None if known is not None else "must be yes or no, or left out where it is not known."
    if name in COUNTS:
        return (int(said), None) if said.isdecimal() and len(said) < 6 else (None, "must be a whole number.")
    british = _BRITISH.match(said)
    if british and (name.endswith("_date") or name in ("dob", "edd", "date_of_death")):
        try:
            return date(int(british[3]), int(british[2]), int(british[1])).isoformat(), None
        except ValueError:
            return None, "must be a real date, such as 27/03/2026."
    return said, None
