"""From folders to a release: a pathway's own files, and those of everything it calls, cycles included.

A release holds what executes or says how: pathway.toml, *.bpmn, *.dmn, *.form and letters/*.md. Scenarios are never
executed and stay outside, as does every other file. What a diagram calls is looked for in its own folder, then in
'<authority>/<id>/', '<authority>/shared/<id>/' and 'common/<id>/'; a form, decision or letter that no folder of the
release holds, in the forms, decisions and letters of '<authority>/shared/' and 'common/'.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath

from engine.errors import Finding, PathwayRefused
from engine.forms import form_id
from engine.pathways.limits import FILE_BYTES, FILES, check_path, check_sizes, refuse
from engine.pathways.references import Diagram, read_decisions, read_diagram
from engine.pathways.release import MANIFEST, Release, release_from_files

_ID = re.compile(r"^[A-Za-z_][\w.\-]{0,99}$")
#: An authority's code, as its settings, its pages and its addresses name it.
_AUTHORITY = re.compile(r"^[a-z][a-z0-9_]{0,63}$")


def read_release(processes: Path, authority: str, pathway: str) -> Release:
    """The release of processes/<authority>/<pathway>/ (or shared/<pathway>/) as it stands on disk.

    Raises PathwayRefused with every finding that keeps it from being one.
    """
    for name in (authority, pathway):
        if not _ID.match(name):
            refuse(ascii(name[:80]).strip("'"), "is no id of a folder.", "Use letters, digits and _.")
    gathering = _Gathering(processes, authority)
    homes = (f"{authority}/{pathway}", f"{authority}/shared/{pathway}")
    home = next((home for home in homes if (processes / home).is_dir()), None)
    if home is None:
        refuse(homes[0], "is no folder.", "Correct the authority's or the pathway's id.")
    else:
        gathering.take_folder(home)
    gathering.take_everything_called()
    return release_from_files(gathering.files, authority=authority, pathway=pathway)


def read_folder(folder: Path, *, authority: str = "local", pathway: str | None = None) -> Release:
    """The release of any folder: one below processes/<authority>/, or a bare one by whoever wrote it.

    A bare folder's main process is the executable one that no other calls; `pathway` names it where several are left.
    Raises PathwayRefused.
    """
    folder = folder.resolve()
    above = folder.parent.parent if folder.parent.name == "shared" else folder.parent
    if (above / "authority.toml").is_file() and (folder / MANIFEST).is_file():
        return read_release(above.parent, above.name, folder.name)
    loose = dict(_files_of(folder, folder))
    candidates = main_processes({path: content for path, content in loose.items() if path.endswith(".bpmn")})
    if pathway is None:
        if len(candidates) != 1:
            raise PathwayRefused([_no_single_main(folder.name, candidates)])
        pathway = candidates[0]
    elif len(candidates) > 1:
        loose = _only_of(loose, pathway)
    if not _AUTHORITY.match(authority):
        refuse(
            folder.name,
            f"{authority[:80]!a} is no code of an authority.",
            "Use a to z, digits and _, as in pan_dorset.",
        )
    if not _ID.match(pathway):
        refuse(folder.name, f"The process id {pathway[:80]!a} is no id.", "Use letters, digits and _.")
    files = {f"{authority}/{pathway}/{path}": content for path, content in loose.items()}
    return release_from_files(files, authority=authority, pathway=pathway)


def find_releases(folder: Path) -> list[Release]:
    """Every release below a folder: of processes/, of one authority, of one pathway, or of a bare folder's processes.

    Raises PathwayRefused with the findings of all of them together.
    """
    releases, findings = look_for_releases(folder)
    if findings:
        raise PathwayRefused(findings)
    return releases


def look_for_releases(folder: Path) -> tuple[list[Release], list[Finding]]:
    """Every release below a folder that can be read, and what stands against the others."""
    folder = folder.resolve()
    authorities = [folder] if (folder / "authority.toml").is_file() else []
    authorities += sorted(path.parent for path in folder.glob("*/authority.toml"))
    reads: list[Callable[[], Release]] = []
    for authority in authorities:
        manifests = sorted([*authority.glob(f"*/{MANIFEST}"), *authority.glob(f"shared/*/{MANIFEST}")])
        reads.extend(partial(read_release, authority.parent, authority.name, path.parent.name) for path in manifests)
    if not authorities and (folder / MANIFEST).is_file():
        reads.append(partial(read_folder, folder))
    elif not authorities:
        reads.extend(partial(read_folder, folder, pathway=pathway) for pathway in pathways_in(folder))
        reads = reads or [partial(read_folder, folder)]
    releases: list[Release] = []
    findings: list[Finding] = []
    for authority in authorities:
        findings.extend(_without_manifest(authority))
    for read in reads:
        try:
            releases.append(read())
        except PathwayRefused as refused:
            findings.extend(refused.findings)
    return releases, list(dict.fromkeys(findings))


def _without_manifest(authority: Path) -> Iterator[Finding]:
    """The folders of an authority that hold a diagram and would be passed over."""
    drawn = {path.parent for path in [*authority.glob("*/*.bpmn"), *authority.glob("shared/*/*.bpmn")]}
    for place in sorted(drawn):
        if not (place / MANIFEST).is_file():
            yield Finding(
                "refusal",
                f"{authority.name}/{place.relative_to(authority).as_posix()}",
                None,
                None,
                f"A diagram stands here, and no {MANIFEST} that makes a pathway of it.",
                f'Add {MANIFEST} beside it, with title = "..." and version = "...".',
            )


def loose_diagrams(folder: Path) -> dict[str, bytes]:
    """The diagrams of a bare folder, by path below it."""
    folder = folder.resolve()
    return {path: content for path, content in _files_of(folder, folder) if path.endswith(".bpmn")}


def _only_of(files: dict[str, bytes], pathway: str) -> dict[str, bytes]:
    """The files of a folder without the diagrams that one of its pathways does not come to by calling."""
    drawn = {path: read_diagram(content) for path, content in files.items() if path.endswith(".bpmn")}
    homes = {process: path for path, diagram in drawn.items() for process, _name, _version in diagram.processes}
    kept: set[str] = set()
    wanted = {pathway}
    while wanted:
        reached = {homes[process] for process in wanted if process in homes} - kept
        kept |= reached
        wanted = {call.process for path in reached for call in drawn[path].calls}
    return {path: content for path, content in files.items() if path not in drawn or path in kept}


def pathways_in(folder: Path) -> tuple[str, ...]:
    """The processes of a bare folder that could each be a pathway: executable, and called by no other."""
    loose = dict(_files_of(folder.resolve(), folder.resolve()))
    return main_processes({path: content for path, content in loose.items() if path.endswith(".bpmn")})


def main_processes(diagrams: dict[str, bytes]) -> tuple[str, ...]:
    """The executable processes that no other process of these diagrams calls; all of them, where each is called."""
    read = [read_diagram(content) for content in diagrams.values()]
    drawn = sorted({process for diagram in read for process, _name, _version in diagram.processes})
    called = {call.process for diagram in read for call in diagram.calls}
    return tuple(process for process in drawn if process not in called) or tuple(drawn)


class _Gathering:
    """The files found so far, and where to look for more."""

    def __init__(self, processes: Path, authority: str) -> None:
        self.processes, self.authority = processes.resolve(), authority
        self.files: dict[str, bytes] = {}
        self._folders: set[str] = set()

    def take_folder(self, home: str) -> None:
        """Take every file of one folder below processes/."""
        self._folders.add(home)
        for path, content in _files_of(self.processes / home, self.processes):
            self.files[f"{home}/{path}"] = content
        check_sizes({path: len(content) for path, content in self.files.items()})

    def take_everything_called(self) -> None:
        """Take called processes, and shared forms, decisions and letters, until nothing new is found."""
        before = -1
        while before != len(self.files):
            before = len(self.files)
            diagrams = [read_diagram(content) for path, content in self.files.items() if path.endswith(".bpmn")]
            self._take_processes(diagrams)
            self._take_shared(diagrams)
            self._take_imports()

    def _take_processes(self, diagrams: list[Diagram]) -> None:
        drawn = {process for diagram in diagrams for process, _name, _version in diagram.processes}
        for called in sorted({call.process for diagram in diagrams for call in diagram.calls} - drawn):
            for home in (f"{self.authority}/{called}", f"{self.authority}/shared/{called}", f"common/{called}"):
                if _ID.match(called) and home not in self._folders and (self.processes / home).is_dir():
                    self.take_folder(home)
                    break

    def _take_shared(self, diagrams: list[Diagram]) -> None:
        wanted_forms = frozenset[str]().union(*(diagram.forms for diagram in diagrams))
        wanted_decisions = frozenset[str]().union(*(diagram.decisions for diagram in diagrams))
        wanted_letters = frozenset[str]().union(*(diagram.letters for diagram in diagrams))
        self._take_where("forms", ".form", wanted_forms, lambda path, content: {form_id(content, path)})
        self._take_where("decisions", ".dmn", wanted_decisions, lambda path, content: read_decisions(content).decisions)
        self._take_where("letters", ".md", wanted_letters, lambda path, content: {PurePosixPath(path).stem})

    def _take_imports(self) -> None:
        read = [read_decisions(content) for path, content in self.files.items() if path.endswith(".dmn")]
        wanted = frozenset[str]().union(*(decisions.imports for decisions in read))
        self._take_where("decisions", ".dmn", wanted, lambda path, content: {read_decisions(content).namespace})

    def _take_where(
        self, kind: str, suffix: str, wanted: frozenset[str], defines: Callable[[str, bytes], set[str] | frozenset[str]]
    ) -> None:
        """Take the shared files that define what is wanted and not yet there."""
        have: set[str] = set()
        for path, content in self.files.items():
            if path.endswith(suffix):
                have |= defines(path, content)
        for shared in (f"{self.authority}/shared/{kind}", f"common/{kind}"):
            folder = self.processes / shared
            if wanted <= have or not folder.is_dir():
                continue
            for path, content in _files_of(folder, self.processes, kind):
                found = defines(path, content) if path.endswith(suffix) else set()
                if (found & wanted) - have:
                    self.files[f"{shared}/{path}"] = content
                    have |= found


def _files_of(folder: Path, within: Path, kind: str = "") -> Iterator[tuple[str, bytes]]:
    """Path relative to the folder and content of every file a release holds. Links may not lead out of `within`."""
    if not folder.is_dir():
        refuse(folder.name, "is no folder.", "Name the folder that holds the diagrams.")
    count = 0
    for path in _walk(folder):
        relative = path.relative_to(folder)
        if not _held(PurePosixPath(kind, relative.as_posix())):
            continue
        if not path.resolve().is_relative_to(within):
            refuse(relative.as_posix(), "is a link to a file outside its folder.", "Put the file itself there.")
        check_path(relative.as_posix())
        count += 1
        if count > FILES:
            refuse(folder.name, f"has more than {FILES} files.", "Name the folder of one pathway.")
        if path.stat().st_size > FILE_BYTES:
            check_sizes({relative.as_posix(): path.stat().st_size})
        yield relative.as_posix(), path.read_bytes()


def _walk(folder: Path) -> Iterator[Path]:
    """The files of a folder in order of name, without hidden ones, scenarios and other pathways below it."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if not path.is_dir():
            yield path
        elif path.name != "scenarios" and not (path / MANIFEST).is_file() and not path.is_symlink():
            yield from _walk(path)


def _held(path: PurePosixPath) -> bool:
    if path.suffix == ".md":
        return path.parent.name == "letters"
    return path.suffix in (".bpmn", ".dmn", ".form") or path.as_posix() == MANIFEST


def _no_single_main(folder: str, candidates: tuple[str, ...]) -> Finding:
    if not candidates:
        message, mend = "No diagram here draws an executable process.", "Add a .bpmn file, and tick Executable in it."
    else:
        message = f"Several processes here could be the pathway: {', '.join(candidates[:10])}."
        mend = "Deploy one of them with --pathway, or put each into a folder of its own."
    return Finding("refusal", folder, None, None, message, mend)
