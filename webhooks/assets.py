"""Where a page finds its built styles and scripts: the name with the content hash for the plain name."""

from __future__ import annotations

import json
from pathlib import Path

from engine.errors import NotFound

BUILT = Path(__file__).parent / "static" / "build"


class AssetsNotBuilt(NotFound):
    """The front end was never built here, or a page names a file that the build does not make."""


class Assets:
    """The built files of one folder; `name` turns "style.css" into "style-CUBUJYED.css"."""

    def __init__(self, folder: Path = BUILT) -> None:
        self.folder = folder
        try:
            self._names: dict[str, str] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        except FileNotFoundError as missing:
            raise AssetsNotBuilt("The pages' styles and scripts are not built. Run: make assets") from missing

    def name(self, plain: str) -> str:
        """The current file name for a plain one; it changes with the content, so browsers may keep it for ever."""
        try:
            return self._names[plain]
        except KeyError:
            raise AssetsNotBuilt(f"The build makes no {plain}. It makes: {', '.join(sorted(self._names))}.") from None

    def names(self) -> frozenset[str]:
        """Every current file name of the entry points."""
        return frozenset(self._names.values())
