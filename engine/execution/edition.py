"""Which engine this is: one hash over every file of it that decides what a diagram may do and what it then does."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

import engine

#: The parts of the engine that read, check and run pathways.
PARTS = ("execution", "pathways", "forms", "dmn", "feel")


@cache
def edition() -> str:
    """The hash of this engine's files: what one edition found sound, the next one looks at again."""
    home = Path(engine.__file__).parent
    files = sorted([*home.glob("*.py"), *(file for part in PARTS for file in (home / part).rglob("*.py"))])
    whole = sha256()
    for file in files:
        content = file.read_bytes()
        whole.update(f"{file.relative_to(home).as_posix()} {len(content)}\n".encode())
        whole.update(content)
    return whole.hexdigest()
