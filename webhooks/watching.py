"""For those who watch the service: whether it can work, its figures, and one line in the log for each request.

Figures and log lines hold ids, counts and kinds; they name no child, and say nothing that a person wrote.
"""

from __future__ import annotations

import re
import secrets
from time import monotonic

import structlog
from flask import Blueprint, Flask, Response, g, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from engine.clock import SystemClock
from engine.history import read_instant
from webhooks.access import Audience, allows, practitioner, scope
from webhooks.desk import casework

log = structlog.get_logger(__name__)

watching = Blueprint("watching", __name__)

_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")


@watching.get("/ready")
@allows(Audience.ANYONE)
def ready() -> ResponseReturnValue:
    """Whether requests can be worked: the database answers. Says nothing else."""
    casework().watch.answers()
    return {"status": "ready"}


@watching.get("/metrics")
@scope("metrics")
@allows(Audience.OPERATORS, Audience.PROGRAMS)
def metrics() -> ResponseReturnValue:
    """The figures of the authority of whoever asks, and of this process."""
    by, own = practitioner(), _Measures.of()
    now = casework().clock.now()
    standing, registry = casework().watch.standing(by.authority, now), CollectorRegistry()

    def gauge(name: str, says: str, value: float, **labels: str) -> None:
        found = gauges.get(name) or Gauge(f"pathways_{name}", says, ("authority", *labels), registry=registry)
        gauges[name] = found
        found.labels(by.authority, *labels.values()).set(value)

    gauges: dict[str, Gauge] = {}
    gauge("cases_open", "Cases that are open.", standing.cases)
    gauge("tasks_open", "Tasks that are open.", standing.tasks)
    gauge("tasks_overdue", "Tasks past their due date.", standing.overdue)
    gauge("incidents_open", "Cases that stopped and wait for a person.", standing.incidents)
    gauge("dead_letters_waiting", "Messages in that no case took.", standing.dead_letters)
    for state in ("ready", "dead", "unaddressed"):
        gauge("messages_out", "Messages out that were not sent, by state.", standing.outbox.get(state, 0), state=state)
    for kind, since in (
        ("timer", standing.oldest_timer),
        ("job", standing.oldest_job),
        ("message", standing.oldest_notice),
    ):
        late = max(0.0, (now - read_instant(since)).total_seconds()) if since else 0.0
        gauge("oldest_due_seconds", "How long the oldest thing that is due has waited for a worker.", late, kind=kind)
    if standing.last_worker is not None:
        # Workers show that they are alive by real time, also in a demonstration.
        seen = (SystemClock().now() - read_instant(standing.last_worker)).total_seconds()
        gauge("worker_seen_seconds", "Seconds since any worker was seen.", max(0.0, seen))
    return Response(generate_latest(registry) + generate_latest(own.registry), content_type=CONTENT_TYPE_LATEST)


class _Measures:
    """What this process has measured of its own requests."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "pathways_requests", "Requests answered.", ("endpoint", "method", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "pathways_request_seconds", "How long answers took.", ("endpoint",), registry=self.registry
        )

    @staticmethod
    def of() -> _Measures:
        """Those of the application that answers."""
        from flask import current_app

        found: _Measures = current_app.extensions["measures"]
        return found


def install(app: Flask) -> None:
    """Measure and log every request; each has an id that its answer and its log lines carry."""
    app.extensions["measures"] = _Measures()

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if _REQUEST_ID.match(given) else secrets.token_hex(8)
        g.began = monotonic()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=g.request_id)

    @app.after_request
    def end(answer: Response) -> Response:
        took = monotonic() - g.get("began", monotonic())
        endpoint = request.endpoint or "none"
        answer.headers["X-Request-ID"] = g.get("request_id", "-")
        if endpoint == "static":
            return answer
        own = _Measures.of()
        own.requests.labels(endpoint, request.method, str(answer.status_code)).inc()
        own.seconds.labels(endpoint).observe(took)
        person = g.get("practitioner")
        log.info(
            "request",
            endpoint=endpoint,
            method=request.method,
            status=answer.status_code,
            milliseconds=round(took * 1000),
            person=person.id if person else None,
            authority=person.authority if person else None,
        )
        return answer
