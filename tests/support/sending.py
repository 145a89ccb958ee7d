"""A system outside that sends signed messages, as a casework record of a council would."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from standardwebhooks import Webhook
from werkzeug.test import TestResponse

from tests.support.house import House


@dataclass
class System:
    """A sender with its key; `at` is what its own clock says, the test house's where it has none."""

    app: Flask
    house: House
    secret: str
    name: str = "mosaic"
    authority: str = "camden"
    ahead: timedelta = timedelta()
    at: Callable[[], datetime] | None = None

    def event(self, type: str, subject: str | None, **changes: Any) -> dict[str, Any]:
        """A CloudEvent as this system writes it."""
        event = {
            "specversion": "1.0",
            "id": "m-1",
            "source": "mosaic/camden",
            "type": type,
            "subject": subject,
            "data": {},
        }
        return {name: value for name, value in (event | changes).items() if value is not None}

    def send(self, event: dict[str, Any], **others: Any) -> TestResponse:
        """Send it signed, in structured mode."""
        headers = {"Content-Type": "application/cloudevents+json"} | others.pop("headers", {})
        return self.send_raw(json.dumps(event), headers, **others)

    def send_raw(
        self, body: str, headers: dict[str, str], *, secret: str | None = None, webhook_id: str = "w-1", sign: str = ""
    ) -> TestResponse:
        """Send a body as it is; `sign` is what is signed where that is something else."""
        at = (self.at or self.house.clock.now)() + self.ahead
        signed = Webhook(secret or self.secret).sign(webhook_id, at, sign or body)
        own = {
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signed,
        }
        place = f"/messages/{self.authority}/{self.name}"
        return self.app.test_client().post(place, data=body.encode(), headers=own | headers)


def a_system(app: Flask, house: House, at: Callable[[], datetime] | None = None, **changes: Any) -> System:
    """A sender that the authority has just added; `at` is its own clock."""
    secret = house.casework.partnerships.add_sender(house.person("system_admin"), "mosaic", "Mosaic", **changes)
    return System(app, house, secret, at=at)
