"""Reads what events wait for and throw: messages, timers, signals, errors, escalations, links and terminate."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from engine.execution.elements import Trigger
from engine.execution.nodes import NodeReader
from engine.execution.reader import local
from engine.execution.timers import check_timer

EVENT_DEFINITION = "EventDefinition"


@dataclass(slots=True)
class TriggerReader(NodeReader):
    """A file being read, its events included."""

    def _trigger(self, node: etree._Element, kind: str) -> Trigger:
        definitions = [child for child in node if local(child).endswith(EVENT_DEFINITION)]
        if len(definitions) > 1:
            self.findings.refuse(node, "It waits for or throws several things.", "Draw one event for each.")
        if not definitions:
            if kind in ("boundaryEvent", "intermediateCatchEvent"):
                self.findings.refuse(
                    node, "Nothing makes this event happen.", "Choose message, timer or another trigger."
                )
            return Trigger()
        definition = definitions[0]
        what = local(definition)[: -len(EVENT_DEFINITION)]
        if what == "message":
            catches = kind in ("boundaryEvent", "intermediateCatchEvent", "startEvent")
            keyed = catches and not (kind == "startEvent" and local(_parent(node)) == "process")
            return self._message(node, definition.get("messageRef"), keyed=keyed, needed=catches)
        if what == "timer":
            return self._timer(node, definition)
        if what == "link":
            name = (definition.get("name") or "").strip()
            if not name:
                self.findings.refuse(node, "The link has no name.", "Give both ends of the link the same name.")
            return Trigger("link", name)
        if what == "terminate":
            return Trigger("terminate")
        if what not in ("signal", "error", "escalation"):
            return Trigger(what)
        referred = self._referred(node, definition, what)
        name = "" if referred is None else (referred.get("name") or referred.get("id") or "")
        if what == "signal":
            if name.startswith("="):
                self.findings.refuse(node, "The signal's name is an expression.", "Write a fixed name.")
            return Trigger("signal", name)
        code = None if referred is None else (referred.get(f"{what}Code") or "").strip() or None
        if code is not None and code.startswith("="):
            self.findings.refuse(node, f"The {what} code is an expression.", "Write a fixed code.")
        throws = kind in ("endEvent", "intermediateThrowEvent")
        if throws and code is None:
            self.findings.refuse(node, f"It throws an {what} without a code.", f"Choose an {what} with a code.")
        return Trigger(what, name, code)

    def _referred(self, node: etree._Element, definition: etree._Element, what: str) -> etree._Element | None:
        reference = definition.get(f"{what}Ref")
        found = self.by_id.get(reference or "")
        if found is not None and local(found) == what:
            return found
        catches_all = what in ("error", "escalation") and not reference
        if not catches_all:
            self.findings.refuse(node, f"It names no {what}.", f"Choose the {what}.")
        return None

    def _message(self, node: etree._Element, reference: str | None, *, keyed: bool, needed: bool = True) -> Trigger:
        message = self.by_id.get(reference or "")
        if message is None or local(message) != "message":
            if needed:
                self.findings.refuse(node, "It names no message.", "Choose the message.")
            return Trigger("message")
        name = (message.get("name") or "").strip()
        if needed and not name:
            self.findings.refuse(node, "The message has no name.", "Give the message a name.")
        if name.startswith("="):
            self.findings.refuse(node, "The message's name is an expression.", "Write a fixed name.")
        key = None
        if keyed:
            text = self._value(message, "subscription", "correlationKey")
            if text is None and name:
                self.findings.refuse(
                    node, f"The message {name} has no correlation key.", "Give the message one, such as =case.case_id."
                )
            elif text is not None:
                key = self._feel(node, text, "correlation key")
        return Trigger("message", name, key=key)

    def _timer(self, node: etree._Element, definition: etree._Element) -> Trigger:
        given = [child for child in definition if local(child) in ("timeDate", "timeDuration", "timeCycle")]
        text = (given[0].text or "").strip() if given else ""
        if len(given) > 1:
            self.findings.refuse(node, "The timer has more than one time.", "Keep one date, duration or cycle.")
            return Trigger("timer")
        if not text:
            self.findings.refuse(node, "The timer has no time.", "Write one date, duration or cycle.")
            return Trigger("timer")
        timer = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}[local(given[0])]
        formula = self._compile(node, text, "timer")
        if not text.startswith("="):
            try:
                check_timer(timer, text)
            except (ValueError, OverflowError):
                example = {"date": "2026-09-01", "duration": "P14D", "cycle": "R3/P1D"}[timer]
                self.findings.refuse(
                    node, f"The timer's {timer} {text} cannot be read.", f"Write it as {example}, or FEEL after '='."
                )
        return Trigger("timer", timer=timer, when=formula)


def _parent(node: etree._Element) -> etree._Element:
    parent = node.getparent()
    assert parent is not None
    return parent
