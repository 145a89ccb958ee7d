"""The systems of a demonstration: one that may send, and one that would be told but is switched off."""

from __future__ import annotations

from engine.casework import Casework, Practitioner


def connect(casework: Casework, operator: Practitioner) -> None:
    """Add a sender and an ended receiver, so that the operators' pages show what they are for.

    Nobody is told the sender's key: an operator gives it a new one before anything can be sent. Nothing leaves a
    demonstration by itself: the receiver has ended, and its address leads nowhere (RFC 2606).
    """
    partners = casework.partnerships
    partners.add_sender(operator, "casework-record", "The council’s casework record")
    partners.add_receiver(
        operator, "reports", "Reports and statistics", "https://reports.example/events", ["PlanEnded", "PlanReinstated"]
    )
    partners.end(operator, "receiver", "reports", "Nothing leaves a demonstration. Add a receiver of your own.")
