"""What a scenario visited: the steps and arrows that a token reached, the rows that decided, the letters sent."""

from __future__ import annotations

from collections.abc import Iterable

from engine.history import Event

#: A token reached it. What only waited on the border of a step, or was taken away there, was not visited.
_REACHED = {"StepEntered": "element", "FlowTaken": "flow"}


def visited(events: Iterable[Event]) -> frozenset[str]:
    """What these events of one case met: `process/id`, `decision#row`, `letter:id`, and every bare id that they name.

    Two processes may draw one id. A bare id says that one of them was met; which one, only `process/id` says.
    """
    seen: set[str] = set()
    for event in events:
        body = event.body
        seen.update(str(body[name]) for name in ("element", "flow") if body.get(name))
        if event.kind in _REACHED:
            seen.add(f"{body['process']}/{body[_REACHED[event.kind]]}")
        elif event.kind == "DecisionMade":
            seen.update(f"{rule['decision']}#{rule['row']}" for rule in body["rules"])
        elif event.kind == "LetterSent":
            seen.add(f"letter:{body['letter']}")
    return frozenset(seen)
