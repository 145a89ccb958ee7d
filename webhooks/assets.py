"""Where a page finds its built styles and scripts: the name with the content hash for the plain name."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path

from flask import Flask, url_for

from engine.errors import NotFound


class AssetsNotBuilt(NotFound):
    """The front end was never built here, or a page names a file that the build does not make."""


class Assets:
    """The built files of one folder, as its manifest.json names them; the manifest is read at the first question."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def _names(self) -> dict[str, str]:
        try:
            names: dict[str, str] = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        except FileNotFoundError as missing:
            raise AssetsNotBuilt("The pages' styles and scripts are not built. Run: make assets") from missing
        return names

    def name(self, plain: str) -> str:
        """ "style-CUBUJYED.css" for "style.css"; it changes with the content, so browsers may keep it for ever."""
        try:
            return self._names[plain]
        except KeyError:
            raise AssetsNotBuilt(f"The build makes no {plain}. It makes: {', '.join(sorted(self._names))}.") from None


def install(app: Flask, folder: Path) -> None:
    """Give templates `asset('style.css')`: the address of a built file."""
    assets = Assets(folder)

    def asset(plain: str) -> str:
        return url_for("static", filename=f"build/{assets.name(plain)}")

    app.jinja_env.globals["asset"] = asset
