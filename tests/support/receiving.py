"""A system outside that is told things: what it was told can be read, and it can be away or out of sorts."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


@dataclass
class Receiving:
    """What a receiver was told, in order; `answer` is the status it gives, None where it hangs up without a word."""

    address: str = ""
    answer: int | None = 204
    told: list[tuple[dict[str, str], str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events, as JSON."""
        return [json.loads(body) for _, body in self.told]


@contextmanager
def receiving(secure: ssl.SSLContext | None = None) -> Iterator[Receiving]:
    """A receiver on a free port of this machine."""
    found = Receiving()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if found.answer is None:
                self.close_connection = True
                return
            found.told.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(found.answer)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that does not trust us
        if secure is not None:
            server.socket = secure.wrap_socket(server.socket, server_side=True)
        found.address = f"{'https' if secure else 'http'}://localhost:{server.server_port}/events"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
