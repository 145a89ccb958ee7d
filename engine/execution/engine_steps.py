"""The two service tasks that the engine carries out itself, in the same command: `end_plan` and `record_facts`."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import ServiceTask

from engine.errors import Incident
from engine.execution.activities import decide, evidence, kept
from engine.execution.beside import beside
from engine.execution.steps import Step
from engine.execution.tokens import Token
from engine.history import JSON

#: Facts that only the end_plan step, and a reinstatement, ever write.
PLAN_FACTS = ("plan_status", "plan_end")
#: The message that the engine itself sends to whatever else runs in the case; nobody outside can send it.
PLAN_ENDED = "PlanEnded"
#: What the case says while a correction that had steered it is before a person: until then no plan ends.
CORRECTION_OPEN = "correction_open"
#: What the case says while something reported of the child contradicts the record, and nobody has said which is right.
REPORT_OPEN = "report_open"
#: What the case says where its recorded facts cannot all be true: which rules they break.
CONTRADICTED = "contradicted"


class EndPlan(Step, ServiceTask):
    """Ends the plan if the guard lets it: asked again in this very command, on the case as it is now (SH-6).

    The header `guard` names a decision that answers {may_end, blocker}. Only `may_end = true` ends the plan.
    """

    def _run_hook(self, my_task: Token) -> bool | None:
        turn, here = self.turn(my_task), self.bpmn_id
        given: dict[str, JSON] = my_task.internal_data.get("local", {})
        for name in ("outcome", "decided_on", "effective_on", "reason"):
            if not isinstance(given.get(name), str) or not given[name]:
                raise Incident(
                    f"{here}: a plan cannot be ended without {name}. Record it, then try again.", element=here
                )
        broken = turn.roots["case"].get(CONTRADICTED)
        if broken:
            raise Incident(
                f"{here}: no plan ends while facts of the case contradict one another ({', '.join(broken)}). "
                "Put them right, then try again.",
                element=here,
            )
        assert self.element.job is not None
        guard = self.element.job.headers["guard"].strip()
        outcome = decide(my_task, guard)
        answer = kept(outcome.value, here)
        rows = answer if isinstance(answer, list) else [answer]
        may_end = bool(rows) and all(isinstance(row, dict) and row.get("may_end") is True for row in rows)
        turn.say("DecisionMade", element=here, decision=guard, result=answer, **evidence(outcome))
        ending = {name: given[name] for name in ("outcome", "decided_on", "effective_on", "reason")}
        blockers: list[JSON] = []
        if turn.roots["case"].get("plan_status") == "ENDED":
            may_end, blockers = False, ["the plan has already ended"]
        elif turn.roots["case"].get(CORRECTION_OPEN):
            may_end, blockers = False, ["an answer was corrected, and nobody has said yet how to go on"]
        elif turn.roots["case"].get(REPORT_OPEN):
            may_end, blockers = False, ["what was reported contradicts the record, and nobody has said which is right"]
        elif not may_end:
            blockers = [_blocker(row) for row in rows if not (isinstance(row, dict) and row.get("may_end") is True)]
            blockers = blockers or ["the guard gave no answer"]
        if may_end:
            turn.say("PlanEnded", element=here, guard=guard, **ending)
            turn.change_case({"plan_status": "ENDED"})
            turn.told = beside(my_task, PLAN_ENDED)
        else:
            turn.say("EndingHeld", element=here, guard=guard, blockers=blockers)
        my_task.result = {here: {"ended": may_end, "blockers": blockers}}
        return True


def _blocker(row: JSON) -> JSON:
    """Why a row of the guard holds the ending back."""
    blocker = row.get("blocker") if isinstance(row, dict) else None
    return blocker if isinstance(blocker, str) and blocker else "the guard did not say that the plan may end"


class RecordFacts(Step, ServiceTask):
    """Writes what its input mappings name into the case's facts; never whether or when the plan ended."""

    def _run_hook(self, my_task: Token) -> bool | None:
        facts: dict[str, Any] = dict(my_task.internal_data.get("local", {}))
        for name in facts:
            if name.startswith(PLAN_FACTS):
                raise Incident(
                    f"{self.bpmn_id}: {name} is written by the step that ends the plan, and by nothing else.",
                    element=self.bpmn_id,
                )
        turn = self.turn(my_task)
        turn.say("FactsChanged", element=self.bpmn_id, facts=facts)
        turn.change_case(facts)
        return True
