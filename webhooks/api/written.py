"""docs/api.md's table of what may be asked, written from the API's own list: `python -m webhooks.api.written`."""

from __future__ import annotations

from pathlib import Path

from webhooks.api import api
from webhooks.api.described import OPERATIONS

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "api.md"
BEGIN, END = "<!-- begin: written by webhooks/api/written.py -->", "<!-- end -->"


def table() -> str:
    """Every operation: how it is asked, what for, the scope it needs, and in whose roles."""
    rows = [
        f"| `{one.method} {api.url_prefix}{one.path}` | {one.summary} | `{one.scope}` | "
        f"{' or '.join(sorted(whom.value for whom in one.whom))} |"
        for one in sorted(OPERATIONS, key=lambda one: (one.path, one.method))
    ]
    return "\n".join(["| request | what it does | scope | in whose roles |", "| --- | --- | --- | --- |", *rows])


def written(text: str) -> str:
    """The document with its table as the API is now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text("utf-8")), "utf-8")
