"""A real browser for the tests: the one that was named, the machine's own, or the one from a package."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
FRONTEND = ROOT / "webhooks" / "frontend"
UNPACKED = ROOT / "var" / "browser"
SCREENSHOTS = ROOT / "var" / "screenshots"
AXE = FRONTEND / "node_modules" / "axe-core" / "axe.min.js"

#: The tests' browser runs as whoever runs the tests, often root, and speaks to this machine only.
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--proxy-server=direct://",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]

#: A caseworker's own surroundings: dates in forms and times on pages follow them.
SURROUNDINGS: dict[str, Any] = {
    "locale": "en-GB",
    "timezone_id": "Europe/London",
    "viewport": {"width": 1280, "height": 900},
}

#: WCAG 2.2 AA, as axe names its parts.
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


class NoBrowser(RuntimeError):
    """The tests need a real browser and none can be started here; they do not go on without it."""


@dataclass(frozen=True)
class Chromium:
    """Where the browser lies, where it came from, and what it needs in its environment."""

    executable: Path
    origin: str
    environment: dict[str, str]


@dataclass(frozen=True)
class Breach:
    """One accessibility rule that a page breaks: axe's rule, how bad, and the elements that break it."""

    rule: str
    impact: str
    help: str
    elements: tuple[str, ...]


def find() -> Chromium:
    """$CHROMIUM, else a Chromium of the machine's own, else the packaged one, unpacked once into var/."""
    named = os.environ.get("CHROMIUM")
    if named:
        return Chromium(Path(named), "CHROMIUM", {})
    for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return Chromium(Path(found), "the machine's own", {})
    return _packaged()


@contextmanager
def running() -> Iterator[Browser]:
    """The browser for one test session."""
    chromium = find()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.executable, args=SWITCHES, env={**os.environ, **chromium.environment}
        )
        try:
            yield browser
        finally:
            browser.close()


def screenshot(page: Page, name: str) -> Path:
    """Keep a picture of the whole page in var/screenshots."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}.png"
    page.screenshot(path=path, full_page=True)
    return path


def breaches(page: Page, *, leaving_out: tuple[str, ...] = ()) -> list[Breach]:
    """What axe finds against WCAG 2.2 AA on the page as it stands, leaving out the named places (CSS selectors)."""
    # evaluate() is not held back by the page's content security policy, as a script tag would be.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(
        "([tags, out]) => axe.run({include: [['html']], exclude: out.map(o => [o])},"
        " {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})",
        [WCAG, list(leaving_out)],
    )
    return [
        Breach(each["id"], each["impact"], each["help"], tuple(str(node["target"]) for node in each["nodes"]))
        for each in found["violations"]
    ]


def _packaged() -> Chromium:
    folder = UNPACKED / "sparticuz"
    packed = FRONTEND / "node_modules" / "@sparticuz" / "chromium" / "bin" / "chromium.br"
    if not packed.exists():
        raise NoBrowser("There is no browser here. Set CHROMIUM, or install Chromium, or run: make env")
    UNPACKED.mkdir(parents=True, exist_ok=True)
    with (UNPACKED / "lock").open("w") as lock:
        # Several processes of tests may come here in the same moment: one unpacks, the others wait for it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists() or (folder / "ready").stat().st_mtime < packed.stat().st_mtime:
            node = shutil.which("node", path=f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}")
            if node is None:
                raise NoBrowser("The packaged browser cannot be unpacked without Node.js. Run: make env")
            subprocess.run([node, FRONTEND / "unpack-browser.mjs", folder], check=True)
    environment = {}
    if "not found" in subprocess.run(["ldd", folder / "chromium"], capture_output=True, text=True, check=False).stdout:
        environment["LD_LIBRARY_PATH"] = str(folder / "libraries" / "lib")
    if not Path("/etc/fonts/fonts.conf").exists():
        environment["FONTCONFIG_FILE"] = str(_fonts(folder))
    return Chromium(folder / "chromium", "the @sparticuz/chromium package", environment)


def _fonts(folder: Path) -> Path:
    """A font list for a machine that has no fonts of its own."""
    cache, config = folder / "font-cache", folder / "fonts.conf"
    config.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{folder / 'fonts'}</dir><cachedir>{cache}</cachedir></fontconfig>",
        encoding="utf-8",
    )
    return config
