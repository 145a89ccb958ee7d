"""`python -m webhooks.run`: the service on this machine, with a demonstration database made at the first start.

Everything lives in var/: keys, the SQLite database, the sign-ins, outgoing post and logs. A second start finds them
and keeps them. This is no way to run a council's own cases: see docs/operations-keys.md.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"
#: One process answers, so that it alone remembers failed sign-ins; its threads wait on the disk, not on each other.
THREADS = 8
#: Seconds after which whoever waits for the web server's first answer is told that it is still on its way.
FIRST_ANSWER = 30
#: What prctl calls it (PR_SET_PDEATHSIG): a signal to this process when the one that started it is gone.
_TELL_WHEN_PARENT_ENDS = 1


class Place:
    """The folder a demonstration lives in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database, self.keys = folder / "pathways.db", folder / "keys"
        self.secret, self.sign_ins = folder / "web.secret", folder / "sign-ins.json"
        self.published = folder / "published"
        self.post, self.logs = folder / "post", folder / "logs"

    @property
    def complete(self) -> bool:
        """Whether a set-up was finished here; the sign-ins are its last file."""
        return self.sign_ins.exists()

    def environment(self) -> dict[str, str]:
        """What the web server and the worker are told."""
        return {
            **os.environ,
            "PATHWAYS_DATABASE": f"sqlite:///{self.database}",
            "PATHWAYS_KEYS": str(self.keys),
            "PATHWAYS_SECRET": str(self.secret),
            "PATHWAYS_POST": str(self.post),
            "PATHWAYS_INSECURE": "yes",
        }


def say(words: str) -> None:
    """One line of progress."""
    print(f"{time.strftime('%H:%M:%S')}  {words}", flush=True)


def set_up(place: Place, processes: Path) -> None:
    """Make keys, database, people and cases; what an interrupted set-up left is moved aside first."""
    # Imported here and not above: a second start needs none of this, and is to answer within seconds.
    from engine.store import open_store
    from engine.store.key_files import MasterKey
    from webhooks.set_up.build import build
    from webhooks.set_up.people import new_password

    place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _move_aside(place)
    say(f"A demonstration is set up in {place.folder}; this is done once")
    MasterKey.create(place.keys)
    _keep(place.secret, secrets.token_bytes(48))
    password = new_password()
    store = open_store(f"sqlite:///{place.database}", keys=place.keys, create=True)
    try:
        staff = build(store, processes, password, say)
    finally:
        store.close()
    people = {authority: [[c.sign_in, c.name, c.role] for c in colleagues] for authority, colleagues in staff.items()}
    _keep(place.published, _digest(processes).encode())
    _keep(place.sign_ins, json.dumps({"password": password, "people": people}, indent=1).encode())


def bring_up_to_date(place: Place) -> None:
    """Migrate the tables of a demonstration that an older release made; its people and cases stay.

    Ends in words where they cannot be: one that a newer release made is left untouched.
    """
    from engine.errors import EngineError
    from engine.store import SchemaDiffers, migrate
    from engine.store.store import SCHEMA, open_database

    url = f"sqlite:///{place.database}"
    try:
        with open_database(url):
            return
    except SchemaDiffers as differs:
        found = differs.found
    except EngineError as error:
        sys.exit(f"The demonstration in {place.folder} cannot be opened. {error}")
    if found is None or found > SCHEMA:
        sys.exit(
            f"The database of {place.folder} is at schema {found or 'none'} and this release knows {SCHEMA}. "
            "Start the release that made it, or start this one with --folder and another folder. Nothing was changed."
        )
    say(f"The database is brought from schema {found} to {SCHEMA}; its cases stay")
    migrate(url)


def publish_changes(place: Place, processes: Path) -> None:
    """Publish the pathways anew where their files changed since the last start; running cases stay on theirs.

    What somebody approved in the studio is never undone by a start: that authority's pathways stay as they are.
    """
    now = _digest(processes)
    if place.published.exists() and place.published.read_text("utf-8") == now:
        return
    from engine.casework import Shelf
    from engine.store import open_store
    from engine.store.drafts import APPROVED
    from webhooks.demonstration import DemonstrationClock

    known = json.loads(place.sign_ins.read_text("utf-8"))["people"]
    store = open_store(f"sqlite:///{place.database}", keys=place.keys)
    try:
        shelf, at = Shelf(store), DemonstrationClock(store).now()
        for folder in sorted(path.parent for path in processes.glob("*/authority.toml") if path.parent.name in known):
            if store.pathway_drafts.submissions(folder.name, APPROVED):
                say(f"Pathways of {folder.name} stay as they were published in the studio")
                continue
            say(f"Pathways of {folder.name} are looked at")
            shelf.deploy_authority(folder, at=at, by="set-up", why="their files changed")
    finally:
        store.close()
    _keep(place.published, now.encode())


def _digest(folder: Path) -> str:
    """One hash over every file of a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = (f"{path.relative_to(folder)} {sha256(path.read_bytes()).hexdigest()}\n" for path in files)
    return sha256("".join(lines).encode()).hexdigest()


def _move_aside(place: Place) -> None:
    """A half-made demonstration is kept under another name, never deleted."""
    left = [path for path in (place.keys, place.secret, *place.folder.glob("pathways.db*")) if path.exists()]
    if left:
        aside = place.folder / f"unfinished-{secrets.token_hex(4)}"
        aside.mkdir(mode=0o700)
        for path in left:
            path.rename(aside / path.name)


def _keep(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    waiting = path.with_name(f".{path.name}")
    waiting.unlink(missing_ok=True)
    with os.fdopen(os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    waiting.replace(path)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Only one start at a time in one folder."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "running.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"The service already runs from {folder}. Stop it first.")
        yield


def show_sign_ins(place: Place, port: int) -> None:
    """Print where the service is and who may sign in."""
    known = json.loads(place.sign_ins.read_text("utf-8"))
    print(f"\n  http://{HOST}:{port}\n\n  Everybody’s password: {known['password']}\n")
    several = len(known["people"]) > 1
    for authority, people in known["people"].items():
        if several:
            print(f"  {authority}")
        seen: dict[str, list[str]] = {}
        for sign_in, _, role in people:
            seen.setdefault(role, []).append(sign_in)
        for role, sign_ins in seen.items():
            print(f"  {role.replace('_', ' '):30} {', '.join(sign_ins)}")
        print()
    print("  Stop with Ctrl-C.", flush=True)


def serve(place: Place, port: int, ready: Callable[[], None]) -> int:
    """Run the web server and the worker until told to stop, or until the web server ends by itself."""
    place.logs.mkdir(exist_ok=True, mode=0o700)
    web = [
        *(sys.executable, "-m", "gunicorn", "--bind", f"{HOST}:{port}", "--workers", "1", "--threads", str(THREADS)),
        *("--no-control-socket", "--worker-tmp-dir", str(place.folder), "--log-level", "warning"),
        # A page takes less; a browser that only keeps its connection open is not waited for.
        *("--graceful-timeout", "3"),
        "webhooks.serving:application()",
    ]
    with (place.logs / "web.log").open("ab") as web_log, (place.logs / "worker.log").open("ab") as work_log:

        def start(command: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
            return started(command, place.environment(), log)

        working = [sys.executable, "-m", "webhooks.worker"]
        server, worker = start(web, web_log), start(working, work_log)
        stopping = False

        def stop(*_: object) -> None:
            nonlocal stopping
            stopping = True

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        try:
            if _answers(port, lambda: not stopping and server.poll() is None):
                ready()
            while not stopping and server.poll() is None:
                if worker.poll() is not None:
                    say("The worker ended and is started again")
                    worker = start(working, work_log)
                time.sleep(0.2)
        finally:
            for process in (server, worker):
                if process.poll() is None:
                    process.terminate()
            for process in (server, worker):
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
    if not stopping:
        say(f"The web server ended. Its last words are in {place.logs / 'web.log'}")
        return 1
    return 0


def started(command: list[str], environment: Mapping[str, str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    """A process that ends with this one, however this one ends; where the system is no Linux, when it is told to."""
    starter, system = os.getpid(), ctypes.CDLL(None) if sys.platform == "linux" else None

    def follow() -> None:
        if system is not None:
            system.prctl(_TELL_WHEN_PARENT_ENDS, signal.SIGTERM)
            if os.getppid() != starter:
                os.kill(os.getpid(), signal.SIGTERM)

    # A group of its own: Ctrl-C reaches this process, which stops the others in order.
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stderr=log,
        stdout=log,
        start_new_session=True,
        preexec_fn=follow,  # noqa: PLW1509 - this process has no other threads
    )


def _answers(port: int, waiting: Callable[[], bool]) -> bool:
    """Whether the web server answers, however slow the machine; `waiting` says whether it still may."""
    told = time.monotonic() + FIRST_ANSWER
    while waiting():
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/health", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        if time.monotonic() > told:
            say("The web server is still starting")
            told += FIRST_ANSWER
    return False


def main() -> None:
    """Set up where nothing is, then serve."""
    parser = argparse.ArgumentParser(prog="python -m webhooks.run", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--folder", type=Path, default=ROOT / "var", help="where the demonstration lives")
    parser.add_argument("--processes", type=Path, default=ROOT / "processes", help="the pathways to publish")
    parser.add_argument("--only-set-up", action="store_true", help="make the demonstration and do not serve")
    given = parser.parse_args()
    place = Place(given.folder.resolve())
    with alone(place.folder):
        if not place.complete:
            set_up(place, given.processes.resolve())
        else:
            bring_up_to_date(place)
        publish_changes(place, given.processes.resolve())
        if given.only_set_up:
            sys.exit(0)
        sys.exit(serve(place, given.port, lambda: show_sign_ins(place, given.port)))


if __name__ == "__main__":
    main()
