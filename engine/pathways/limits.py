"""How much one pathway may hold, and which paths are safe to keep."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.errors import Finding, PathwayRefused

FILES = 400
FILE_BYTES = 4_000_000
ALL_BYTES = 20_000_000

_PART = re.compile(r"^(?!\.)[\w\-. ()+,&']{1,100}$")


def check_path(path: str) -> None:
    """Raise PathwayRefused for a path that could leave its folder or that not every system can keep."""
    parts = path.split("/")
    if len(path) > 300 or not all(_PART.match(part) and part == part.strip() for part in parts):
        refuse(
            ascii(path[:80]).strip("'"),
            "is no path that can be kept.",
            "Use letters, digits, _ - and . in the names of files and folders.",
        )


def check_sizes(sizes: Mapping[str, int]) -> None:
    """Raise PathwayRefused where there are too many files, or too large ones."""
    for path, size in sizes.items():
        if size > FILE_BYTES:
            refuse(
                path,
                f"has {size:,} bytes, and a file may have {FILE_BYTES:,}.",
                "Remove embedded pictures, or split the file.",
            )
    if len(sizes) > FILES:
        refuse("The pathway", f"has more than {FILES} files with all it calls.", "Split it into called pathways.")
    if sum(sizes.values()) > ALL_BYTES:
        refuse("The pathway", f"has more than {ALL_BYTES:,} bytes with all it calls.", "Split it.")


def refuse(file: str, message: str, mend: str) -> None:
    """Raise PathwayRefused with one finding about a file as a whole."""
    raise PathwayRefused([Finding("refusal", file, None, None, message, mend)])
