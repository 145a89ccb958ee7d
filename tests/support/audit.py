"""The guard on compile and exec: while pathways, forms and letters run, only three parties may make code.

An audit hook cannot be taken away again, so one is set for the whole process, and it asks only inside a block of
`only_known_compilers`.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType

ROOT = Path(__file__).resolve().parents[2]

#: A module that is being imported may make code: Python compiles its source, and dataclasses write their methods.
IMPORTS = frozenset({"<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>"})

#: Who may turn text into code besides: the template engine, and our FEEL compiler. The caller itself must be one of
#: these; standing somewhere below a template is not enough.
FEEL_COMPILER = str(ROOT / "engine" / "feel" / "compiler.py")
TEMPLATE_ENGINE = "/site-packages/jinja2/"

_lock = threading.Lock()
_installed = False
_open_blocks: list[list[str]] = []


class CodeMade(AssertionError):
    """Something other than an import, the template engine or the FEEL compiler made code."""


@contextmanager
def only_known_compilers() -> Iterator[None]:
    """Inside this block any other compile or exec is an error, at once and, if something swallowed it, at the end."""
    global _installed
    seen: list[str] = []
    with _lock:
        if not _installed:
            sys.addaudithook(_ask)
            _installed = True
        _open_blocks.append(seen)
    try:
        yield
    finally:
        with _lock:
            _open_blocks.remove(seen)
    if seen:
        raise CodeMade("\n".join(seen))


def _ask(event: str, arguments: tuple[object, ...]) -> None:
    if not _open_blocks or event not in ("compile", "exec"):
        return
    caller = sys._getframe(1)
    if caller.f_code.co_filename == FEEL_COMPILER or TEMPLATE_ENGINE in caller.f_code.co_filename:
        return
    frame: FrameType | None = caller
    passed: list[str] = []
    while frame is not None:
        if frame.f_code.co_filename in IMPORTS:
            return
        passed.append(f"{frame.f_code.co_filename}:{frame.f_lineno}")
        frame = frame.f_back
    words = (
        f"{event} of {_what(arguments)} outside imports, templates and FEEL, called by {' < '.join(passed[:6])}. "
        "No text of a diagram, table, form or letter may become Python: give it to engine.feel."
    )
    for seen in _open_blocks:
        seen.append(words)
    raise CodeMade(words)


def _what(arguments: tuple[object, ...]) -> str:
    first = arguments[0] if arguments else None
    if isinstance(first, CodeType):
        return f"code {first.co_name} of {first.co_filename}"
    return repr(first)[:80]
