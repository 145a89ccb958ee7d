"""A folder carried out and in as a zip of processes/<authority>/...: every file judged before any is kept."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import Finding, PathwayRefused
from engine.pathways.limits import FILE_BYTES
from engine.studio.screening import ALL_BYTES, FILES, screen

#: Every file of an archive is dated so: the same folder gives the same archive.
_DATED = (1980, 1, 1, 0, 0, 0)
_LINK = 0o120000
_OF_ALL = (
    "Every authority shares it, and it is not as it is here.",
    "Leave it out, or ask whoever keeps the service to change it for all.",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of one file of an archive: taken, or why not and the mend."""

    path: str
    taken: bool
    why: str = ""
    mend: str = ""


def packed(files: Mapping[str, bytes]) -> bytes:
    """The files as a zip below processes/, in order of path."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, body in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(f"processes/{path}", _DATED), body, zipfile.ZIP_DEFLATED)
    return whole.getvalue()


def unpacked(
    authority: str, content: bytes, there: Mapping[str, bytes] | None = None
) -> tuple[dict[str, bytes], list[Verdict]]:
    """The files of a zip that a draft would keep, and a verdict on each. Raises PathwayRefused for the zip as a whole.

    there  the folder as it is: a file that all authorities share is carried out with it, and is taken as long as it
           is unchanged, but no draft keeps it
    Nothing is written anywhere; no more is read of a file than a file may have, whatever the zip says of its size.
    """
    taken, shared = dict[str, bytes](), _shared(authority, there or {})
    verdicts: list[Verdict] = []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir()]
            if len(entries) > FILES or sum(one.file_size for one in entries) > ALL_BYTES:
                raise _refusal(
                    f"The zip holds more than {FILES:,} files or {ALL_BYTES:,} bytes.", "Carry in less at once."
                )
            left = ALL_BYTES
            for entry in entries:
                path = entry.filename.removeprefix("processes/")
                if (entry.external_attr >> 16) & 0o170000 == _LINK:
                    verdicts.append(Verdict(path, False, "It is a link.", "Put the file itself there."))
                    continue
                if path in taken:
                    verdicts.append(Verdict(path, False, "It stands in the zip twice.", "Keep one of them."))
                    continue
                with archive.open(entry) as file:
                    body = file.read(FILE_BYTES + 1)
                left -= len(body)
                if left < 0:
                    raise _refusal(f"The zip holds more than {ALL_BYTES:,} bytes.", "Carry in less at once.")
                if path in shared:
                    same = body == shared[path]
                    verdicts.append(Verdict(path, True) if same else Verdict(path, False, *_OF_ALL))
                    continue
                verdict = _judged(authority, path, body)
                verdicts.append(verdict)
                if verdict.taken:
                    taken[path] = body
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise _refusal("The file cannot be read as a zip.", "Pack the folder again, without a password.") from error
    return taken, verdicts


def _shared(authority: str, there: Mapping[str, bytes]) -> dict[str, bytes]:
    return {path: body for path, body in there.items() if not path.startswith(f"{authority}/")}


def _judged(authority: str, path: str, body: bytes) -> Verdict:
    try:
        screen(authority, path, body)
    except PathwayRefused as refused:
        first = refused.findings[0]
        return Verdict(ascii(path[:120]).strip("'"), False, first.message, first.mend)
    return Verdict(path, True)


def _refusal(message: str, mend: str) -> PathwayRefused:
    return PathwayRefused([Finding("refusal", "The zip", None, None, message, mend)])
