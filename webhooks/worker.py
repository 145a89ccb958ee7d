"""The process that does what is due: fires timers, does jobs, sends notices, signs checkpoints.

Any number may run beside each other; `python -m webhooks.worker` reads the same environment as webhooks/serving.py,
how the outside is reached, and which file outside the database checkpoints are appended to (docs/settings.md).
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import structlog

from engine.clock import SystemClock
from engine.store.checkpoint_file import CheckpointFile
from engine.work import Work
from webhooks.logs import keep_logs
from webhooks.outbound import Post, read_outgoing
from webhooks.serving import Office, open_office

log = structlog.get_logger(__name__)

#: Seconds between looks where nothing was due; timers fire within two seconds of their instant.
IDLE = 0.5
#: Seconds between signs of life.
BEAT = 30


class Worker:
    """One worker: a round at once while there is work, else one every half second."""

    def __init__(self, office: Office, environment: Mapping[str, str], name: str) -> None:
        self._office, self._name, self._stop = office, name, threading.Event()
        post = Post(read_outgoing(environment), office.store, office.shelf, office.casework, office.clock)
        self._work = Work(
            office.store,
            office.casework,
            office.clock,
            name=name,
            job_hands=post.job_hands(),
            notice_hands=post.notice_hands(),
            checkpoint_file=CheckpointFile(Path(kept))
            if (kept := environment.get("PATHWAYS_CHECKPOINT_FILE"))
            else None,
            chance=secrets.SystemRandom().random,
        )
        self._started = SystemClock().now()
        self._beaten: datetime | None = None
        self._to_look_at = True

    def stop(self, *_: object) -> None:
        """Finish the round that is under way, and no more."""
        self._stop.set()

    def run(self) -> None:
        """Work until told to stop; a round that fails is logged and tried again."""
        log.info("worker started", worker=self._name)
        while not self._stop.is_set():
            if not self.round() and not self._look_ahead():
                self._stop.wait(IDLE)
        log.info("worker stopped", worker=self._name)

    def round(self) -> int:
        """One round; how much was done. A database that is away for a moment does not end the worker."""
        try:
            self._beat()
            return self._work.round()
        except Exception as error:  # noqa: BLE001 - whatever happens in a round, the next timers must fire
            log.error("round failed", worker=self._name, kind=type(error).__name__)
            return 0

    def _look_ahead(self) -> bool:
        """Check one release that was deployed meanwhile, so that nobody who opens a list waits for that."""
        if not self._to_look_at:
            return False
        try:
            self._to_look_at = self._office.casework.sum_up_one()
        except Exception as error:  # noqa: BLE001 - a list that is slow to open is no reason to stop working
            log.error("looking ahead failed", worker=self._name, kind=type(error).__name__)
            self._to_look_at = False
        return self._to_look_at

    def _beat(self) -> None:
        now = SystemClock().now()
        if self._beaten is None or (now - self._beaten).total_seconds() >= BEAT:
            self._office.store.upkeep.beat(self._name, started=self._started, at=now, doing="rounds")
            self._beaten, self._to_look_at = now, True


def main() -> None:
    """Run one worker until SIGTERM or SIGINT."""
    keep_logs()
    name = f"{socket.gethostname()}-{os.getpid()}"
    worker = Worker(open_office(os.environ), os.environ, name)
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    worker.run()


if __name__ == "__main__":
    main()
