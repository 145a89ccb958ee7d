"""What is committed is fit to be read by anyone: no secrets, no machine's own paths, no addresses of registries."""

from __future__ import annotations

import json
import re

from tests.architecture.tree import ROOT, short, tracked

PLACES = re.compile(
    "|".join(
        [
            r"(?<![\w.])/(?:" + "work|root|home" + r")/\w",
            r"registry\.(?:npmjs|yarnpkg)",
            r"(?:pypi|pythonhosted|debian)\.org\b",
        ]
    )
)
SECRETS = re.compile(
    "|".join(
        [
            "-----BEGIN " + r"(?:[A-Z]+ )*PRIVATE KEY-----\n",
            r"\bAKIA" + r"[0-9A-Z]{16}\b",
            r"\bgh[pousr]_" + r"[A-Za-z0-9]{36}\b",
            r"\bwhsec_" + r"[A-Za-z0-9+/]{24,}={0,2}",
            r"\bxox[abp]-" + r"[A-Za-z0-9-]{10,}",
        ]
    )
)
LARGEST = 1024 * 1024


def test_no_file_names_a_machine_or_a_registry():
    """The tree says what it needs by package name; where packages come from is each machine's own matter."""
    assert [] == _found(PLACES)


def test_no_file_holds_a_secret():
    """Keys and tokens are made where the service runs and never committed, not even those of tests."""
    assert [] == _found(SECRETS)


def test_the_front_end_lock_holds_no_addresses():
    """Packages are fetched from the registry that the machine is set up for, and checked by their hash."""
    packages = json.loads((ROOT / "webhooks/frontend/package-lock.json").read_text())["packages"]

    assert [] == [name for name, package in packages.items() if "resolved" in package]
    assert [] == [name for name, package in packages.items() if name and "integrity" not in package]


def test_nothing_that_is_built_is_committed():
    """Built files, data, environments and packages are made again, never kept in the tree."""
    built = re.compile(
        r"(^|/)(node_modules|static/build|\.venv|var|__pycache__|\.hypothesis)/|\.(db|sqlite3?|pyc|pem|key)$"
    )
    assert [] == [short(path) for path in tracked() if built.search(short(path))]


def test_no_file_is_too_large_to_read():
    """A file that nobody can read in a review does not belong in the tree."""
    assert [] == [short(path) for path in tracked() if path.stat().st_size > LARGEST]


def test_every_python_version_is_exact():
    """What was proved is what runs: pyproject.toml and constraints.txt name exact versions, and agree."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    pinned = dict(
        line.lower().replace("_", "-").split("==")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if line
    )
    loose = [
        each
        for each in wanted
        if "==" not in each
        or pinned.get(re.sub(r"\[.*\]", "", each.split("==")[0]).lower().replace("_", "-")) != each.split("==")[1]
    ]
    assert [] == loose


def _found(pattern: re.Pattern[str]) -> list[str]:
    hits = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        hits += [f"{short(path)}: {match.group()}" for match in pattern.finditer(text)]
    return hits
