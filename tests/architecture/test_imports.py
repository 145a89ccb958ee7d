"""Imports only go down, and every module has its place."""

from __future__ import annotations

import ast
import tomllib

from importlinter.cli import lint_imports

from tests.architecture.tree import ROOT, modules, parsed, short

#: Libraries that one room alone may know, beside the three that the import contract names.
ROOMS = {
    "psycopg": ("engine/store/",),
    "cryptography": ("engine/store/",),
    "zstandard": ("engine/store/", "engine/execution/"),
    "lxml": (
        "engine/execution/",
        "engine/dmn/",
        "engine/pathways/",
        "engine/layout/",
        "engine/layout.py",
        "engine/studio/",
        "webhooks/diagrams.py",
    ),
    "holidays": ("engine/calendars.py",),
    "typst": ("engine/letters/", "engine/letters.py", "webhooks/"),
    "standardwebhooks": ("webhooks/",),
    "cloudevents": ("webhooks/",),
    "argon2": ("engine/casework/sign_in.py",),
    "werkzeug": ("webhooks/",),
    "flask_wtf": ("webhooks/",),
    "authlib": ("webhooks/",),
    "gunicorn": ("webhooks/",),
    "jinja2": ("webhooks/",),
}


def test_imports_only_go_down():
    """The import contract of pyproject.toml holds; its own words say which import breaks it."""
    assert 0 == lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)


def test_every_module_of_the_engine_has_a_place_in_the_contract():
    """A new module is given its place in pyproject.toml, so that it cannot be imported from everywhere meanwhile."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    placed = {name.strip("() ") for layer in contract["layers"] for name in layer.split("|")}
    there = {
        f"engine.{path.stem}"
        for path in (ROOT / "engine").iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.stem != "__init__"
    }
    assert set() == there - placed, "Give these a layer in pyproject.toml, [[tool.importlinter.contracts]] 'down'."


def test_a_library_is_known_in_its_own_room_only():
    """A library that can be swapped is imported where it is used and nowhere else."""
    strays = [
        f"{short(path)}:{node.lineno} imports {name}"
        for path in modules("engine", "webhooks")
        for node in ast.walk(parsed(path))
        for name in _imported(node)
        if name in ROOMS and not short(path).startswith(ROOMS[name])
    ]
    assert [] == strays


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.split(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module.split(".")[0]]
    return []
