"""The pathways written down for readers: each one's picture, purpose, who works in it, dates, letters and outcomes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from engine.authorities import Authority, read_authority
from engine.execution import Pathway, prepare
from engine.execution.elements import Element, Process
from engine.execution.throwing import outcome_of
from engine.pathways import Release, find_releases
from engine.pathways.references import arrow_names

#: Shapes of the Mermaid flowchart by kind of element; a task is a plain box.
_SHAPES = {"Gateway": ('{{"', '"}}'), "Event": ('(["', '"])'), "callActivity": ('[["', '"]]')}
_NO_WORDS = re.compile(r"[\"<>{}\[\]|#;`]")


@dataclass(frozen=True, slots=True)
class Chapter:
    """One authority with its pathways, in the order of their titles, shared pieces last."""

    authority: Authority
    pathways: tuple[Pathway, ...]


def chapters(processes: Path) -> list[Chapter]:
    """Every authority below a folder. Raises PathwayRefused."""
    found = []
    for folder in sorted(path.parent for path in processes.glob("*/authority.toml")):
        prepared = [prepare(release) for release in find_releases(folder)]
        prepared.sort(key=lambda each: (_is_shared(each.release), each.release.title))
        found.append(Chapter(read_authority(folder), tuple(prepared)))
    return found


def written(processes: Path) -> str:
    """docs/policies.md: every authority's pathways, as they stand in their files."""
    book = chapters(processes)
    lines = [
        "# The pathways of the five policies",
        "",
        "Written from the files under [processes/](../processes) by `pathways policies`; change those, not this page.",
        "What each policy says, how it was read and where its texts disagree stands in [policies/](policies).",
        "",
    ]
    lines += [f"- [{chapter.authority.name}](#{_anchor(chapter.authority.name)})" for chapter in book]
    for chapter in book:
        lines += ["", f"## {chapter.authority.name}"]
        for pathway in chapter.pathways:
            lines += ["", *_pathway(pathway, chapter.authority)]
    return "\n".join(lines) + "\n"


def _pathway(pathway: Pathway, authority: Authority) -> Iterator[str]:
    release, process = pathway.release, pathway.processes[pathway.id]
    shared = " (shared by several pathways)" if _is_shared(release) else ""
    yield f"### {release.title}{shared}"
    yield ""
    yield f"`{pathway.id}`, version {release.version}. {release.purpose}"
    yield ""
    yield from _picture(process, release.files[process.file])
    yield ""
    yield from _table(("who", "what they do", "by when", "clauses"), _tasks(process, authority))
    yield from _bullets("Dates and waits", _waits(process))
    yield from _bullets("Calls", _calls(process, pathway))
    yield from _bullets("Outcomes", _outcomes(process))
    yield from _bullets("Letters", _letters(pathway, process))
    yield from _bullets("An authority may change", _parameters(release, process))


def _picture(process: Process, diagram: bytes) -> Iterator[str]:
    """The diagram as a Mermaid flowchart: the steps in their lanes, the answers on the arrows."""
    yield "```mermaid"
    yield "flowchart LR"
    lanes: dict[str, list[Element]] = {}
    for element in process.elements.values():
        if element.kind != "boundaryEvent" or element.name:
            lanes.setdefault(element.lane or "", []).append(element)
    for number, (lane, elements) in enumerate(lanes.items(), 1):
        if lane:
            yield f'  subgraph lane_{number}["{_words(process.lanes.get(lane, lane))}"]'
        for element in elements:
            opening, closing = next((s for kind, s in _SHAPES.items() if element.kind.endswith(kind)), ('["', '"]'))
            name = _words(element.name or ("" if element.kind.endswith("Gateway") else element.id.replace("_", " ")))
            yield f"    {element.id}{opening}{name or ' '}{closing}"
        if lane:
            yield "  end"
    answers = arrow_names(diagram)
    for flow in process.flows:
        answer = _words(answers.get(flow.id, ""))
        yield f'  {flow.source} -->|"{answer}"| {flow.target}' if answer else f"  {flow.source} --> {flow.target}"
    for element in process.elements.values():
        if element.kind == "boundaryEvent" and element.name and element.attached_to:
            yield f"  {element.attached_to} -.- {element.id}"
    yield "```"


def _tasks(process: Process, authority: Authority) -> Iterator[tuple[str, ...]]:
    for element in process.elements.values():
        if element.work is None:
            continue
        due = element.work.due.text if element.work.due is not None else ""
        when = f"`{due}`" if due else element.properties.get("casework:no_due_date", "")
        role = authority.role_title(element.lane) if element.lane else ""
        yield role, _words(element.name or element.id), when, _law(element)


def _waits(process: Process) -> Iterator[str]:
    for element in process.elements.values():
        trigger = element.trigger
        if trigger is None or trigger.kind not in ("timer", "message"):
            continue
        what = (
            f"the message `{trigger.name}`"
            if trigger.kind == "message"
            else f"`{trigger.when.text if trigger.when else ''}`"
        )
        yield f"{_words(element.name or element.id)}: {what}{_in_brackets(_law(element))}"


def _calls(process: Process, pathway: Pathway) -> Iterator[str]:
    for element in process.elements.values():
        if element.called is not None:
            called = pathway.processes.get(element.called.process)
            name = called.name if called is not None and called.name else element.called.process
            yield f"{_words(element.name or element.id)}: {name} (`{element.called.process}`)"


def _outcomes(process: Process) -> Iterator[str]:
    for element in process.elements.values():
        if element.kind == "endEvent" and outcome_of(element.id) is not None:
            yield f"`{element.id}`: {_words(element.name or '')}{_in_brackets(_law(element))}"


def _letters(pathway: Pathway, process: Process) -> Iterator[str]:
    named = {element.properties.get("casework:letter") for element in process.elements.values()}
    for letter in pathway.release.letters.values():
        if letter.id in named:
            law = " ".join(filter(None, [f"[{letter.label}]" if letter.label else "", *letter.clauses]))
            yield f"`{letter.id}`: {letter.title}{_in_brackets(law)}"


def _parameters(release: Release, process: Process) -> Iterator[str]:
    home = PurePosixPath(process.file).parent.as_posix()
    own = release.files.get(f"{home}/pathway.toml", b"")
    for name, parameter in release.parameters.items():
        if f"[parameters.{name}]".encode() in own:
            changed = "unless changed" if parameter.local else "until a release changes it"
            yield f"`{name}`: {parameter.label}; {_shown(parameter.default)} {changed}. {parameter.reason}"


def _law(element: Element) -> str:
    label = element.properties.get("casework:label", "")
    return " ".join(filter(None, [f"[{label}]" if label else "", element.properties.get("casework:clauses", "")]))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    listed = list(rows)
    if listed:
        yield f"| {' | '.join(head)} |"
        yield f"|{' --- |' * len(head)}"
        yield from (f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in listed)
        yield ""


def _bullets(title: str, items: Iterable[str]) -> Iterator[str]:
    listed = list(items)
    if listed:
        yield f"{title}:"
        yield ""
        yield from (f"- {item}" for item in listed)
        yield ""


def _in_brackets(text: str) -> str:
    return f" ({text})" if text else ""


def _shown(value: object) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _words(text: str) -> str:
    return " ".join(_NO_WORDS.sub(" ", text).split())


def _anchor(title: str) -> str:
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def _is_shared(release: Release) -> bool:
    return "/shared/" in release.processes[release.pathway]
