"""Which engine this is: one hash over every file of it that decides what a diagram may do and what it then does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

import engine

#: The parts of the engine that read, check and run pathways.
PARTS = ("execution", "pathways", "forms", "dmn", "feel")


@cache
def edition() -> str:
    """The hash of this engine's files: what one edition found sound, the next one looks at again."""
    home = str(Path(engine.__file__).parent)
    files = [*_modules(home, deep=False), *(file for part in PARTS for file in _modules(f"{home}/{part}"))]
    whole = sha256()
    for file in sorted(files):
        content = Path(file).read_bytes()
        whole.update(f"{file[len(home) + 1 :]} {len(content)}\n".encode())
        whole.update(content)
    return whole.hexdigest()


def _modules(folder: str, *, deep: bool = True) -> Iterator[str]:
    """Every Python file of a folder, and of those in it."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                yield entry.path
            elif deep and entry.is_dir():
                yield from _modules(entry.path)
