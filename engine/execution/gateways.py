"""Gateways: pure expressions over variables, and joins that count one token for each arrow."""

from __future__ import annotations

from collections.abc import Mapping

from SpiffWorkflow.bpmn.specs.defaults import ExclusiveGateway, InclusiveGateway, ParallelGateway

from engine.errors import Incident
from engine.execution.scopes import scope
from engine.execution.steps import Flow, Step
from engine.execution.tokens import FINISHED, WAITING, Token


def _chosen(step: Step, token: Token, *, several: bool) -> list[Flow]:
    """The arrows whose condition is true, in the order they are drawn, else the default."""
    seen, environment = scope(token), step.turn(token).environment
    found: list[Flow] = []
    for flow in step.flows:
        if flow.default:
            continue
        if flow.condition is None or flow.condition.true_or_false(seen, environment, step.bpmn_id):
            found.append(flow)
            if not several:
                return found
    if not found:
        found = [flow for flow in step.flows if flow.default]
    if not found and step.flows:
        raise Incident(
            f"{step.bpmn_id}: no arrow can be taken, because no condition is true and none is the default. "
            "Nothing was decided; record what the conditions read, then try again.",
            element=step.bpmn_id,
        )
    return found


class Exclusive(Step, ExclusiveGateway):
    """One way on: the first true condition, else the default arrow, else an incident."""

    def move_on(self, token: Token) -> None:
        """Take one arrow."""
        for flow in _chosen(self, token, several=False):
            self.take(token, flow)


class Join(Step):
    """A gateway that waits at its incoming arrows; a token that came twice by one arrow stays for the next round."""

    counts_flows = True

    def _update_hook(self, my_task: Token) -> bool | None:
        if len(self.incoming) > 1:
            first = self.arrived(my_task)
            if not self.may_go(my_task, first):
                my_task._set_state(WAITING)
                return None
            for token in first.values():
                if token is not my_task:
                    token.cancel()
        self.enter(my_task)
        return True

    def arrived(self, token: Token) -> dict[str, Token]:
        """The earliest waiting token of each incoming arrow, this one included."""
        first: dict[str, Token] = {}
        # Within one process tokens lie in the order of their ids.
        for other in token.workflow.tasks.values():
            if other.task_spec is self and (other is token or other._state == WAITING):
                first.setdefault(other.internal_data["flow"], other)
        first[token.internal_data["flow"]] = token
        return first

    def may_go(self, token: Token, first: Mapping[str, Token]) -> bool:
        """Whether the gateway is passed now."""
        raise NotImplementedError


class Parallel(Join, ParallelGateway):
    """All ways on, once a token has come by every incoming arrow."""

    def may_go(self, token: Token, first: Mapping[str, Token]) -> bool:
        """Passed when every arrow has brought a token."""
        return len(first) == len(self.incoming)


class Inclusive(Join, InclusiveGateway):
    """Every way whose condition is true, once no further token can come (BPMN 2.0.2, 13.4.3).

    `upstream` holds for each incoming arrow the steps from which a token could still come by it without passing here.
    """

    rechecks = True
    upstream: Mapping[str, frozenset[str]]

    def may_go(self, token: Token, first: Mapping[str, Token]) -> bool:
        """Passed unless some token can reach an empty arrow and none of the others."""
        empty = [flow for flow in self.incoming if flow not in first]
        if not empty:
            return True
        for other in token.workflow.tasks.values():
            if other.task_spec is self or other._state & FINISHED or not other.task_spec.holds_open(other):
                continue
            place = other.task_spec.bpmn_id
            if any(place in self.upstream[flow] for flow in empty) and not any(
                place in self.upstream[flow] for flow in first
            ):
                return False
        return True

    def move_on(self, token: Token) -> None:
        """Take every arrow that is open."""
        for flow in _chosen(self, token, several=True):
            self.take(token, flow)
