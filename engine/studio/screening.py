"""What may be kept in a draft at all: looked at before anything is stored."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import PurePosixPath

from lxml import etree

from engine.errors import Finding, PathwayRefused
from engine.execution.reader import Findings, read_xml
from engine.pathways.limits import FILE_BYTES, check_path
from engine.studio.workspace import kind_of

#: How many files a draft's folder may hold, scenarios included, and how many bytes altogether.
FILES, ALL_BYTES = 2_000, 40_000_000
#: How many bytes one upload to the studio may have: a zip of everything, or a file as text in a form.
UPLOAD_BYTES = 8_000_000
#: How many XML elements a table may have before nobody could read it; a diagram's limits are its reader's.
ELEMENTS = 60_000
_DECLARES = (b"<!DOCTYPE", b"<!ENTITY", b"<!doctype", b"<!entity")


def screen(authority: str, path: str, body: bytes) -> None:
    """Raise PathwayRefused for a file that no draft of the authority keeps: where it stands, how large, what it is."""
    screen_path(authority, path)
    if len(body) > FILE_BYTES:
        mend = "Remove embedded pictures, or split the file."
        _refuse(path, f"has {len(body):,} bytes, and a file may have {FILE_BYTES:,}.", mend)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        _refuse(path, "is not UTF-8 text.", "Save it as UTF-8.")
        return
    if "\x00" in text:
        _refuse(path, "holds characters that no text has.", "Save it as UTF-8 text.")
    if path.endswith((".bpmn", ".dmn")):
        _screen_xml(path, body)
    elif path.endswith(".form"):
        try:
            json.loads(text)
        except (ValueError, RecursionError) as error:
            where = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
            _refuse(path, f"is not JSON{where}.", "Save the form from the form editor again.")
    elif path.endswith(".toml"):
        try:
            tomllib.loads(text)
        except RecursionError:
            _refuse(path, "is nested deeper than anybody could read.", "Write it flatter.")
        except tomllib.TOMLDecodeError:
            # Half-written settings and scenarios are kept to be mended: the checks say where they cannot be read.
            return


def screen_path(authority: str, path: str) -> None:
    """Raise PathwayRefused for a path that is not one of the authority's own files, or of no known kind."""
    check_path(path)
    if not path.startswith(f"{authority}/") or len(PurePosixPath(path).parts) > 8:
        _refuse(path, f"stands outside the folder of {authority}.", f"Begin its path with {authority}/.")
    if kind_of(path) is None:
        _refuse(
            path,
            "is of no kind that a pathway has.",
            "Use .bpmn, .dmn, .form, letters/*.md, scenarios/*.toml, pathway.toml or clauses.csv.",
        )


def screen_all(files: Mapping[str, bytes]) -> None:
    """Raise PathwayRefused where a folder is too large altogether."""
    if len(files) > FILES:
        _refuse("The folder", f"has more than {FILES:,} files.", "Take away what nothing uses.")
    if sum(map(len, files.values())) > ALL_BYTES:
        _refuse("The folder", f"has more than {ALL_BYTES:,} bytes.", "Take away what nothing uses.")


def _screen_xml(path: str, body: bytes) -> None:
    # Looked for in the bytes: a parser that met them would have begun to expand them.
    if any(word in body for word in _DECLARES):
        _refuse(path, "declares a document type or entities.", "Remove the DOCTYPE; a diagram needs none.")
    if body.count(b"<") > 4 * ELEMENTS:
        _refuse(path, "has more elements than anybody could read.", "Split it.")
    if path.endswith(".bpmn"):
        findings = Findings(path)
        if read_xml(body, findings) is None:
            raise PathwayRefused(findings.found)
        return
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        where = f" (line {line})" if line else ""
        _refuse(path, f"is no XML that can be read{where}.", "Save it from the editor again.")
        return
    if sum(1 for _ in root.iter()) > ELEMENTS:
        _refuse(path, f"has more than {ELEMENTS:,} elements.", "Split it.")


def _refuse(file: str, message: str, mend: str) -> None:
    raise PathwayRefused([Finding("refusal", file, None, None, message, mend)])
