"""A release: the files of one pathway and of everything it calls, immutable and named by the hash of their content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TypeVar

from engine.authorities.parameters import Parameter
from engine.errors import Finding, PathwayRefused
from engine.forms import Form, read_form
from engine.letters import LetterTemplate, read_letter
from engine.pathways.limits import check_path, check_sizes
from engine.pathways.manifest import BY_TASK, MERGED, Manifest, read_manifest
from engine.pathways.references import Diagram, read_decisions, read_diagram

MANIFEST = "pathway.toml"

Named = TypeVar("Named", Form, LetterTemplate)


@dataclass(frozen=True)
class Release:
    """One pathway as it was published, with everything it calls. It never changes.

    authority   whose pathway it is
    pathway     the id of its main process
    hash        'sha256:' and the digest of the main process's id and of every path and content
    files       path relative to processes/ to content, in order of path
    title, purpose, version  as pathway.toml says them; of a bare folder, the process's name and version tag
    answers     'by task': a task's answers are one context named after the task; 'merged': each is a variable
    parameters  every local parameter that it or anything it calls declares, by name
    jobs        the job types it declares beside the built-in ones
    processes   process id to the path of the diagram that draws it
    """

    authority: str
    pathway: str
    hash: str
    files: Mapping[str, bytes] = field(repr=False)
    title: str
    purpose: str
    version: str
    answers: str
    parameters: Mapping[str, Parameter] = field(repr=False)
    jobs: frozenset[str]
    processes: Mapping[str, str] = field(repr=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Release) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, str, str]:
        return (self.authority, self.pathway, self.hash)

    @cached_property
    def diagrams(self) -> Mapping[str, bytes]:
        """The .bpmn files, by path."""
        return self._ending(".bpmn")

    @cached_property
    def decision_files(self) -> Mapping[str, bytes]:
        """The .dmn files, by path."""
        return self._ending(".dmn")

    @cached_property
    def letters(self) -> Mapping[str, LetterTemplate]:
        """The letters by id, read. Raises PathwayRefused naming the line of every mistake in them."""
        letters = {path: text for path, text in self._ending(".md").items() if "/letters/" in path}
        return self._read(letters, read_letter, "letter")

    @cached_property
    def decisions(self) -> Mapping[str, str]:
        """Decision id to the path of its file. Raises PathwayRefused where two files define the same decision."""
        found: dict[str, str] = {}
        twice = []
        for path, content in self.decision_files.items():
            for decision in sorted(read_decisions(content).decisions):
                if decision in found and self.files[found[decision]] != content:
                    twice.append(_twice(path, decision, "decision", found[decision]))
                found.setdefault(decision, path)
        if twice:
            raise PathwayRefused(twice)
        return MappingProxyType(found)

    @cached_property
    def forms(self) -> Mapping[str, Form]:
        """The forms by id, read. Raises PathwayRefused naming every field that would not behave as written."""
        return self._read(self._ending(".form"), read_form, "form")

    def _ending(self, suffix: str) -> Mapping[str, bytes]:
        return MappingProxyType({path: content for path, content in self.files.items() if path.endswith(suffix)})

    def _read(self, files: Mapping[str, bytes], read: Callable[[bytes, str], Named], what: str) -> Mapping[str, Named]:
        """What each file holds, by id; the same content may stand in two files, other content may not."""
        found: dict[str, Named] = {}
        first: dict[str, str] = {}
        findings: list[Finding] = []
        for path, content in files.items():
            try:
                one = read(content, path)
            except PathwayRefused as refused:
                findings.extend(refused.findings)
                continue
            if one.id in first and self.files[first[one.id]] != content:
                findings.append(_twice(path, one.id, what, first[one.id]))
            first.setdefault(one.id, path)
            found.setdefault(one.id, one)
        if findings:
            raise PathwayRefused(findings)
        return MappingProxyType(found)


def content_hash(files: Mapping[str, bytes], pathway: str) -> str:
    """The name of a release: 'sha256:' over its main process and one line of path and content hash for each file.

    The main process belongs to the name, because pathways that call each other in a circle consist of the same files.
    """
    lines = (f"{path}\0{sha256(content).hexdigest()}\n" for path, content in sorted(files.items()))
    named = f"{pathway}\0\n" + "".join(lines)
    return f"sha256:{sha256(named.encode('utf-8')).hexdigest()}"


def release_from_files(files: Mapping[str, bytes], *, authority: str, pathway: str) -> Release:
    """The release that these files are: what a folder held, or what the store kept.

    Paths are relative to processes/; the pathway's own stand below '<authority>/<pathway>/', or below
    '<authority>/shared/<pathway>/'.
    Raises PathwayRefused where a path is unsafe, a limit is passed, pathway.toml cannot be read, the main process or a
    called one is missing, or two files draw the same process.
    """
    for path in files:
        check_path(path)
    check_sizes({path: len(content) for path, content in files.items()})
    ordered = MappingProxyType(dict(sorted(files.items())))
    diagrams = {path: read_diagram(content) for path, content in ordered.items() if path.endswith(".bpmn")}
    processes = _processes(diagrams)
    home = own_folder(processes, authority, pathway)
    _check_calls(diagrams, processes)
    manifests = {
        str(PurePosixPath(path).parent): read_manifest(content, path)
        for path, content in ordered.items()
        if PurePosixPath(path).name == MANIFEST
    }
    named = next(item for item in diagrams[processes[pathway]].processes if item[0] == pathway)
    own = manifests.get(home) or Manifest(title=named[1] or pathway, version=named[2])
    _check_answers(own, manifests, home)
    return Release(
        authority=authority,
        pathway=pathway,
        hash=content_hash(ordered, pathway),
        files=ordered,
        title=own.title,
        purpose=own.purpose,
        version=own.version,
        answers=own.answers,
        parameters=_parameters(manifests),
        jobs=frozenset[str]().union(*(manifest.jobs for manifest in manifests.values())),
        processes=MappingProxyType(processes),
    )


def own_folder(processes: Mapping[str, str], authority: str, pathway: str) -> str:
    """The folder of a pathway's own files. Raises PathwayRefused where they do not draw it."""
    homes = [f"{authority}/{pathway}", f"{authority}/shared/{pathway}"]
    path = processes.get(pathway)
    for home in homes:
        if path is not None and path.startswith(f"{home}/"):
            return home
    raise PathwayRefused(
        [
            Finding(
                "refusal",
                homes[0],
                None,
                None,
                f"No diagram in this folder draws an executable process with the id {pathway}.",
                "Give the process this id (or the folder the process's id) and tick Executable.",
            )
        ]
    )


def _processes(diagrams: Mapping[str, Diagram]) -> dict[str, str]:
    found: dict[str, str] = {}
    twice = []
    for path, diagram in diagrams.items():
        for process, _name, _version in diagram.processes:
            if process in found:
                twice.append(_twice(path, process, "process", found[process]))
            found.setdefault(process, path)
    if twice:
        raise PathwayRefused(twice)
    return found


def _check_calls(diagrams: Mapping[str, Diagram], processes: Mapping[str, str]) -> None:
    missing = [
        Finding(
            "refusal",
            path,
            call.element,
            call.name,
            f"It calls the process {call.process}, which no folder draws.",
            "Correct the called process's id, or add its folder beside this one, under shared/ or under common/.",
        )
        for path, diagram in diagrams.items()
        for call in diagram.calls
        if call.process not in processes
    ]
    if missing:
        raise PathwayRefused(missing)


def _check_answers(own: Manifest, manifests: Mapping[str, Manifest], home: str) -> None:
    differing = [folder for folder, manifest in manifests.items() if manifest.answers != own.answers]
    if not differing:
        return
    theirs = manifests[differing[0]].answers
    if len(differing) == 1:
        where, mend = differing[0], "Write the same in both."
        message = f"Its answers are '{theirs}', and {home}, which calls it, has '{own.answers}'."
    else:
        where, mend = home, f"Write '{theirs}' here, or call none of them."
        more = f" and {len(differing) - 3} more" if len(differing) > 3 else ""
        message = (
            f"Its answers are '{own.answers}', and {len(differing)} pathways that it calls, itself or through others, "
            f"have '{theirs}': {', '.join(differing[:3])}{more}."
        )
    raise PathwayRefused([Finding("refusal", f"{where}/{MANIFEST}", "answers", None, message, mend)])


def _parameters(manifests: Mapping[str, Manifest]) -> Mapping[str, Parameter]:
    declared: dict[str, tuple[Parameter, str]] = {}
    differing = []
    for folder, manifest in manifests.items():
        for name, parameter in manifest.parameters.items():
            first, where = declared.setdefault(name, (parameter, folder))
            if first != parameter:
                differing.append(
                    Finding(
                        "refusal",
                        f"{folder}/{MANIFEST}",
                        f"parameters.{name}",
                        None,
                        f"{where}/{MANIFEST} declares {name} differently.",
                        "Declare it alike in both, or give one of them another name.",
                    )
                )
    if differing:
        raise PathwayRefused(differing)
    return MappingProxyType({name: parameter for name, (parameter, _) in sorted(declared.items())})


def _twice(path: str, name: str, what: str, first: str) -> Finding:
    return Finding(
        "refusal",
        path,
        name,
        None,
        f"The {what} {name} is also in {first}, with other content.",
        "Give one another id.",
    )


__all__ = ["BY_TASK", "MERGED", "Release", "content_hash", "own_folder", "release_from_files"]
