"""Rules about shapes and arrows: what BPMN allows to be drawn and what could not run as it looks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import takewhile

from engine.errors import Finding
from engine.execution.allowed import ACTIVITIES
from engine.execution.elements import Element, Process, SequenceFlow, Trigger

ONE_WAY = ACTIVITIES | {"startEvent", "boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent"}

#: What can wait for a message inside a subprocess.
HEARING = frozenset({"intermediateCatchEvent", "receiveTask", "boundaryEvent", "startEvent"})
#: What the case itself tells: a life event goes to the outermost that waits, and recorded facts to all that wait.
TOLD_BY_THE_CASE = frozenset(
    {
        *("ChildDied", "ChildTurned18", "ChildBorn", "PlacementChanged", "LegalStatusChanged", "RemovedFromS20"),
        *("MovedOutOfArea", "LeftUK", "ReturnedToUK", "ReturnedToArea", "LifeEvent", "FactsRecorded", "PlanEnded"),
    }
)


class Structure:
    """One process being checked."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.found: list[Finding] = []
        self.out: dict[str, list[SequenceFlow]] = defaultdict(list)
        self.into: dict[str, list[SequenceFlow]] = defaultdict(list)
        for flow in process.flows:
            self.out[flow.source].append(flow)
            self.into[flow.target].append(flow)

    def refuse(self, place: Element | None, message: str, mend: str) -> None:
        """It would not execute as drawn."""
        identity, name = (place.id, place.name) if place is not None else (self.process.id, self.process.name)
        self.found.append(Finding("refusal", self.process.file, identity, name, message, mend))

    def advise(self, place: Element | None, message: str, mend: str) -> None:
        """It executes as drawn, and a reader could miss something."""
        identity, name = (place.id, place.name) if place is not None else (self.process.id, self.process.name)
        self.found.append(Finding("advice", self.process.file, identity, name, message, mend))

    def check(self) -> list[Finding]:
        """Everything wrong with this process's shapes and arrows."""
        self.scopes()
        for element in self.process.elements.values():
            self.arrows(element)
            if element.kind == "boundaryEvent":
                self.boundary(element)
            elif element.kind == "startEvent":
                self.start(element)
            elif element.kind == "eventBasedGateway":
                self.event_gateway(element)
            elif element.kind in ("exclusiveGateway", "inclusiveGateway"):
                self.conditions(element)
            if element.trigger is not None and element.trigger.kind == "timer" and element.trigger.timer == "cycle":
                self.cycle(element)
            if element.trigger is not None and element.trigger.kind == "link":
                self.link(element)
        return self.found

    def inside(self, scope: str) -> list[Element]:
        """The elements directly in a process or subprocess."""
        return [element for element in self.process.elements.values() if element.scope == scope]

    def scopes(self) -> None:
        """Each process and subprocess can begin and end."""
        subprocesses = [each for each in self.process.elements.values() if each.kind == "subProcess"]
        for place, scope in [(None, self.process.id), *((each, each.id) for each in subprocesses)]:
            held = self.inside(scope)
            starts = [each for each in held if each.kind == "startEvent"]
            plain = [each for each in starts if each.trigger is None or each.trigger.kind == "none"]
            what = "process" if place is None else "subprocess"
            if place is not None and place.event:
                if len(starts) != 1 or plain:
                    self.refuse(
                        place,
                        "An event subprocess needs exactly one start event, and that needs a trigger.",
                        "Draw one start event with a message, timer, signal, error or escalation.",
                    )
                if place.loop is not None:
                    self.refuse(place, "An event subprocess has a multi-instance marker.", "Remove the marker.")
                if self.out[place.id] or self.into[place.id]:
                    self.refuse(
                        place, "Arrows lead to or from an event subprocess.", "Remove them: its start event begins it."
                    )
            elif place is not None and (len(starts) != 1 or len(plain) != 1):
                self.refuse(place, "A subprocess needs exactly one start event, without a trigger.", "Draw it.")
            elif place is None and not starts:
                self.refuse(None, f"The {what} has no start event.", "Draw one.")
            if place is None and len(plain) > 1:
                self.refuse(None, "The process has several plain start events.", "Keep one, and join what follows.")
            if place is None:
                for start in starts:
                    if start not in plain:
                        self.advise(
                            start,
                            "Its message or signal begins nothing by itself: people and other pathways begin this one.",
                            "To let a message begin it, draw a plain start event and a step that waits for the "
                            "message behind it, and name both under [messages] in authority.toml.",
                        )
            if not any(each.kind == "endEvent" for each in held):
                self.advise(place, f"The {what} has no end event.", "Draw one, and name its outcome.")

    def arrows(self, element: Element) -> None:
        """Arrows stay in their process, and only gateways split."""
        out, into = self.out[element.id], self.into[element.id]
        for flow in out:
            target = self.process.elements.get(flow.target)
            # An arrow that leads to nothing was refused as it was read.
            if target is not None and target.scope != element.scope:
                self.refuse(
                    element,
                    "An arrow crosses the edge of a process or subprocess.",
                    "End it at the edge, and go on from the subprocess itself.",
                )
        if element.kind in ONE_WAY and len(out) > 1:
            self.refuse(element, "More than one arrow leaves it.", "Put a gateway after it.")
        if element.kind in ONE_WAY and any(flow.condition is not None for flow in out):
            self.refuse(
                element, "A condition stands on the arrow that leaves it.", "Put an exclusive gateway after it."
            )
        if element.kind in ("parallelGateway", "eventBasedGateway") and any(flow.condition is not None for flow in out):
            self.refuse(
                element,
                "A condition stands on an arrow of a gateway that asks none.",
                "Use an exclusive or inclusive one.",
            )
        if element.kind == "endEvent" and out:
            self.refuse(element, "An arrow leaves an end event.", "Remove it, or draw a throw event instead.")
        if element.kind in ("startEvent", "boundaryEvent") and into:
            self.refuse(element, "An arrow leads to an event that begins something.", "Remove the arrow.")
        link_in = (
            element.kind == "intermediateCatchEvent" and element.trigger is not None and element.trigger.kind == "link"
        )
        begins = element.kind in ("startEvent", "boundaryEvent") or element.event or link_in
        if not begins and not into:
            self.refuse(
                element, "No arrow leads to it, so it would never be reached.", "Draw an arrow to it, or remove it."
            )
        link_out = (
            element.kind == "intermediateThrowEvent" and element.trigger is not None and element.trigger.kind == "link"
        )
        ends = element.kind == "endEvent" or element.event or link_out
        if not ends and not out:
            self.advise(
                element,
                "No arrow leaves it, so the way ends here without an end event.",
                "Draw an arrow to an end event.",
            )

    def conditions(self, element: Element) -> None:
        """Every way out of a question has its condition, or is the default."""
        out = self.out[element.id]
        default = [flow for flow in out if flow.default]
        if element.default_flow is not None and not default:
            self.refuse(element, "Its default arrow does not leave it.", "Choose the default arrow again.")
        for flow in default:
            if flow.condition is not None:
                self.refuse(element, f"Its default arrow {flow.id} has a condition.", "Remove the condition.")
        if len(out) > 1:
            for flow in out:
                if flow.condition is None and not flow.default:
                    self.refuse(
                        element, f"Its arrow {flow.id} has no condition.", "Write one, or make it the default arrow."
                    )

    def boundary(self, element: Element) -> None:
        """A boundary event sits on an activity that could throw or outlast it."""
        host = self.process.elements.get(element.attached_to or "")
        trigger = element.trigger
        if host is None or host.scope != element.scope or host.kind not in ACTIVITIES:
            self.refuse(element, "It is attached to nothing that runs.", "Attach it to a task, subprocess or call.")
            return
        if host.event:
            self.refuse(element, "It is attached to an event subprocess.", "Attach it to the subprocess around it.")
        if trigger is None:
            return
        if trigger.kind == "message" and trigger.name in self._heard_at(host, besides=element):
            self.refuse(
                element,
                f"{host.label} waits for the message {trigger.name} elsewhere too, so that neither would get it.",
                "Give one of them another message, or remove one.",
            )
        inner = self._heard_within(host, trigger)
        if inner is not None:
            self.refuse(
                element,
                f"{inner.label} waits inside {host.label} for the message {trigger.name} too, so that neither would "
                "get it.",
                "Give one of them another message, or remove one.",
            )
        if trigger.kind == "error" and not element.interrupting:
            self.refuse(element, "An error event that does not interrupt cannot run.", "Make it interrupt.")
        throws = host.kind in ("subProcess", "callActivity")
        if trigger.kind == "escalation" and not throws:
            self.refuse(
                element, "Nothing in a task can throw an escalation.", "Attach it to a subprocess or call activity."
            )
        if trigger.kind == "error" and not (throws or host.job is not None):
            self.refuse(
                element,
                "Nothing in this task can throw an error.",
                "Attach it to a service or send task, a subprocess or a call activity.",
            )

    def _heard_at(self, host: Element, *, besides: Element) -> set[str]:
        """The messages for which an activity itself, or an earlier event on it, waits (BPMN 2.0.2 10.5.1)."""
        others = (other for other in self.process.elements.values() if other.attached_to == host.id)
        heard = [host, *takewhile(lambda other: other is not besides, others)]
        return {one.trigger.name for one in heard if one.trigger is not None and one.trigger.kind == "message"} - {""}

    def _heard_within(self, host: Element, trigger: Trigger) -> Element | None:
        """What waits inside a subprocess for the very message for which an event on its edge waits, by the same key."""
        if trigger.kind != "message" or trigger.name in {"", *TOLD_BY_THE_CASE} or trigger.key is None:
            return None
        within = {host.id}
        for element in self.process.elements.values():
            # An element stands after the subprocess that holds it, as it is read.
            if element.scope not in within:
                continue
            if element.kind == "subProcess":
                within.add(element.id)
            heard = element.trigger
            if element.kind not in HEARING or heard is None or heard.kind != "message" or heard.key is None:
                continue
            if (heard.name, heard.key.text) == (trigger.name, trigger.key.text):
                return element
        return None

    def start(self, element: Element) -> None:
        """How a process may begin."""
        trigger = element.trigger
        owner = self.process.elements.get(element.scope)
        if trigger is None or trigger.kind == "none":
            return
        if owner is None and trigger.kind not in ("message", "signal"):
            self.refuse(
                element,
                f"A pathway cannot begin by {'an' if trigger.kind[0] in 'aeiou' else 'a'} {trigger.kind}.",
                "Begin with a plain, message or signal start event.",
            )
        if owner is not None and owner.event and trigger.kind == "error" and not element.interrupting:
            self.refuse(element, "An error event that does not interrupt cannot run.", "Make it interrupt.")

    def event_gateway(self, element: Element) -> None:
        """An event-based gateway leads only to events that wait."""
        out = self.out[element.id]
        if len(out) < 2:
            self.refuse(element, "An event-based gateway has fewer than two ways on.", "Draw two events or none.")
        for flow in out:
            target = self.process.elements.get(flow.target)
            if target is None:
                continue  # said of the arrow already
            kind = target.trigger.kind if target.trigger is not None else "none"
            if target.kind != "intermediateCatchEvent" or kind not in ("message", "timer", "signal"):
                self.refuse(
                    element,
                    f"It leads to {target.label}, which is no message, timer or signal catch event.",
                    "Lead it to catch events only.",
                )
            elif len(self.into[target.id]) > 1:
                self.refuse(
                    target,
                    "It follows an event-based gateway and has another arrow to it.",
                    "Draw a second catch event.",
                )

    def cycle(self, element: Element) -> None:
        """A repeating timer stands only where it may repeat."""
        owner = self.process.elements.get(element.scope)
        repeats = element.kind == "boundaryEvent" or (
            element.kind == "startEvent" and owner is not None and owner.event
        )
        if not repeats or element.interrupting:
            self.refuse(
                element,
                "A repeating timer stands where it could happen only once.",
                "Use a duration, or a boundary event or event subprocess that does not interrupt.",
            )

    def link(self, element: Element) -> None:
        """Each link has one catch event, in the same process."""
        assert element.trigger is not None
        if not element.trigger.name:
            return
        catches = [
            each
            for each in self.inside(element.scope)
            if each.kind == "intermediateCatchEvent"
            and each.trigger is not None
            and each.trigger.kind == "link"
            and each.trigger.name == element.trigger.name
        ]
        if element.kind == "intermediateThrowEvent":
            if len(catches) != 1:
                self.refuse(
                    element,
                    f"The link {element.trigger.name} leads to {len(catches)} catch events.",
                    "Draw exactly one link catch event of that name in the same process.",
                )
            if self.out[element.id]:
                self.refuse(element, "An arrow leaves a link.", "Remove it: the link leads to its catch event.")
        elif self.into[element.id]:
            self.refuse(element, "An arrow leads to a link's catch event.", "Lead it to the link's throw event.")


def check_structure(processes: Iterable[Process]) -> list[Finding]:
    """Everything wrong with the shapes and arrows of these processes."""
    return [finding for process in processes for finding in Structure(process).check()]
