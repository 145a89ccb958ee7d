"""The whole service as one command starts it: set-up, web server and worker, in a folder and on a port of its own."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Seconds that a first set-up may take on a machine that has much else to do: it ends a hang, and judges no speed.
PATIENCE = 900


class ServiceDidNotStart(RuntimeError):
    """The service ended or stayed silent; its own last words are the message."""


@dataclass(frozen=True)
class Service:
    """A running demonstration: its address, everybody's password, and who signs in as which role."""

    url: str
    folder: Path
    password: str
    people: dict[str, list[tuple[str, str, str]]]

    def sign_in_of(self, role: str, authority: str = "camden", number: int = 0) -> str:
        """The sign-in of somebody who holds this role; `number` picks another of several."""
        return [sign_in for sign_in, _, held in self.people[authority] if held == role][number]


def free_port() -> int:
    """A port of the loopback address that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(folder: Path) -> Iterator[Service]:
    """Start the service as `make run` does; stop it with the signal that Ctrl-C sends."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    folder.mkdir(parents=True, exist_ok=True)
    words = folder / "said.log"
    with words.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "webhooks.run", "--port", str(port), "--folder", folder / "var"],
            cwd=ROOT,
            stdout=said,
            stderr=said,
            stdin=subprocess.DEVNULL,
        )
    try:
        _wait(url, process, words)
        known = json.loads((folder / "var" / "sign-ins.json").read_text(encoding="utf-8"))
        people = {
            name: [(sign_in, shown, role) for sign_in, shown, role in staff] for name, staff in known["people"].items()
        }
        yield Service(url, folder / "var", known["password"], people)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(url: str, process: subprocess.Popen[bytes], words: Path) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=5):
                return
        except (urllib.error.URLError, OSError) as not_yet:
            if process.poll() is not None or time.monotonic() > until:
                raise ServiceDidNotStart(words.read_text(encoding="utf-8", errors="replace")) from not_yet
            time.sleep(0.1)
