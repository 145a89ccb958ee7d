"""Who else waits in the same pathway: branches beside a step, never what stands around it."""

from __future__ import annotations

from engine.execution.events import EventStart
from engine.execution.tokens import WAITING, Token


def beside(token: Token, name: str) -> tuple[int, ...]:
    """The tokens that wait for a message in the branches beside `token`.

    An event on the edge of an activity that holds the token, or that starts an event subprocess of a process it stands
    in, would stop the token's own branch: whoever draws one means what happens elsewhere.
    """
    holders: set[int] = set()
    scopes: set[int] = set()
    here = token
    while True:
        holders.add(here.id)
        scopes.add(id(here.workflow))
        holder = here.parent
        if holder is not None and holder is not here.workflow.task_tree:
            here = holder
        elif here.workflow is not here.workflow.top_workflow:
            here = here.workflow.parent_token
        else:
            break
    found = []
    for running in token.workflow.top_workflow.everywhere():
        for other in running.tasks.values():
            arm, step = other.internal_data.get("arm"), other.task_spec
            if other._state != WAITING or arm is None or arm[:2] != ["message", name]:
                continue
            around = id(running) in scopes if isinstance(step, EventStart) else other._parent in holders
            if not around:
                found.append(other.id)
    return tuple(sorted(found))
