"""A letter as an analyst writes it: a TOML head, and Markdown with values and conditional paragraphs.

+++
title = "A child protection plan ends"
sender = "social_worker"
recipients = ["network_recipients", "parent_recipients"]
clauses = "CAM-2.3 CAM-2.4"
label = "policy"
+++

The plan for {= case.name} ends on {= end_cp_episode.end_date}.

{? eligibility.reason_code = "AGE18"} {= case.name} has reached the age of 18.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from engine.authorities.parameters import LABELS
from engine.authorities.toml_file import Table, TomlFile
from engine.errors import Finding, PathwayRefused
from engine.feel import Expression, FeelError, compile_expression
from engine.forms.words import ExpressionUnclosed, closing
from engine.working_days import EXTENSIONS

FENCE = "+++"

_OPENING = re.compile(r"\{[=?]")
_ID = re.compile(r"^[a-z][a-z0-9_]{0,63}$")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A block of Markdown between blank lines; where there is a condition, it stands only where that is true."""

    condition: Expression | None
    parts: tuple[str | Expression, ...]


@dataclass(frozen=True, slots=True)
class LetterTemplate:
    """One letter as it was published.

    id          what a task's `casework:letter` names: the file's name without its ending
    sender      the role that sends it
    recipients  the lists it goes to, each the name of an answer of the task that drafts it; never merged
    clauses     which clauses ask for it; label is 'policy', 'reading' or 'product'
    """

    id: str
    filename: str
    title: str
    sender: str
    recipients: tuple[str, ...]
    clauses: tuple[str, ...]
    label: str
    paragraphs: tuple[Paragraph, ...]

    @property
    def names(self) -> frozenset[str]:
        """The names that its values and conditions read."""
        expressions = [part for paragraph in self.paragraphs for part in paragraph.parts if not isinstance(part, str)]
        expressions += [paragraph.condition for paragraph in self.paragraphs if paragraph.condition is not None]
        return frozenset[str]().union(*(expression.names for expression in expressions))


def read_letter(content: bytes, filename: str) -> LetterTemplate:
    """The letter that a file describes. Raises PathwayRefused naming the line of each mistake and its mend."""
    try:
        text = content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise PathwayRefused([_finding(filename, None, "is not UTF-8 text.", "Save it as UTF-8.")]) from None
    lines = text.split("\n")
    ends = [number for number, line in enumerate(lines) if line.rstrip() == FENCE]
    if not ends or ends[0] != 0 or len(ends) < 2:
        message = "It has no head."
        raise PathwayRefused([_finding(filename, None, message, f"Begin with a line {FENCE}, TOML, and {FENCE}.")])
    head = TomlFile("\n".join(lines[1 : ends[1]]).encode(), filename, first_line=2)
    reader = _Body(filename, head.findings)
    paragraphs = reader.paragraphs(lines[ends[1] + 1 :], ends[1] + 2)
    template = _headed(head.root, PurePosixPath(filename).stem, filename, paragraphs)
    if not paragraphs:
        reader.say(ends[1] + 1, "The letter says nothing.", "Write it below the head.")
    head.finish()
    return template


def _headed(root: Table, letter: str, filename: str, paragraphs: tuple[Paragraph, ...]) -> LetterTemplate:
    clauses = root.any("clauses")
    if isinstance(clauses, list) and all(isinstance(clause, str) for clause in clauses):
        clauses = " ".join(clauses)
    if clauses is not None and not isinstance(clauses, str):
        root.say("clauses", "clauses is no text.", 'Write "CAM-2.3 CAM-2.4".')
        clauses = ""
    template = LetterTemplate(
        id=letter,
        filename=filename,
        title=root.text("title", required=True, longest=200),
        sender=root.text("sender", required=True),
        recipients=root.texts("recipients"),
        clauses=tuple((clauses or "").split()),
        label=root.choice("label", LABELS, required=True),
        paragraphs=paragraphs,
    )
    for key, name in (("sender", template.sender), *(("recipients", name) for name in template.recipients)):
        if name and not _ID.match(name):
            root.say(key, f"{name[:60]} is no id.", "Use lower-case words joined by underscores.")
    if not template.recipients:
        root.say("recipients", "recipients names nobody.", 'Write the lists it goes to: ["parent_recipients"].')
    if template.label and template.label != "product" and not template.clauses:
        root.say("clauses", "clauses is missing.", "Name the clauses that ask for the letter, or label it product.")
    root.done()
    return template


class _Body:
    """The Markdown below the head, read block by block."""

    def __init__(self, filename: str, findings: list[Finding]) -> None:
        self.filename, self.findings = filename, findings

    def say(self, line: int, message: str, mend: str) -> None:
        self.findings.append(_finding(self.filename, f"line {line}", message, mend))

    def paragraphs(self, lines: list[str], first: int) -> tuple[Paragraph, ...]:
        found: list[Paragraph] = []
        block: list[str] = []
        for number, line in enumerate([*lines, ""], first):
            if line.strip():
                block.append(line.rstrip())
            elif block:
                found.append(self._paragraph("\n".join(block), number - len(block)))
                block = []
        return tuple(found)

    def _paragraph(self, text: str, line: int) -> Paragraph:
        condition = None
        if text.startswith("{?"):
            end = self._closing(text, 0, line)
            condition = self._expression(text[2 : end - 1], line)
            text = text[end:].lstrip(" ")
            if not text.strip():
                self.say(line, "A condition stands alone.", "Write it at the start of its paragraph, on the same line.")
        parts: list[str | Expression] = []
        position = 0
        while (opening := _OPENING.search(text, position)) is not None:
            start = opening.start()
            at = line + text.count("\n", 0, start)
            if start > position:
                parts.append(text[position:start])
            end = self._closing(text, start, at)
            if text[start + 1] == "?":
                self.say(at, "A condition stands inside a paragraph.", "Put it at the start of a paragraph of its own.")
            else:
                expression = self._expression(text[start + 2 : end - 1], at)
                if expression is not None:
                    parts.append(expression)
            position = end
        parts.append(text[position:])
        return Paragraph(condition, tuple(part for part in parts if part != ""))

    def _closing(self, text: str, start: int, line: int) -> int:
        try:
            return closing(text, start)
        except ExpressionUnclosed:
            self.say(line, "An expression is opened and not closed.", "Close it with }.")
            return len(text)

    def _expression(self, text: str, line: int) -> Expression | None:
        try:
            return compile_expression(text.strip(), extensions=EXTENSIONS)
        except FeelError as error:
            self.say(line, f"An expression cannot be read: {error.message}\n{error.caret}\n", error.mend)
            return None


def _finding(file: str, place: str | None, message: str, mend: str) -> Finding:
    return Finding("refusal", file, place, None, message, mend)
