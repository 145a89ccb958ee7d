"""The people: who acts, in which roles, and what a role may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.errors import Forbidden
from engine.execution import TaskWait
from engine.history import WORKER

#: Product personas (roles.md): none of them is a role of a policy.
SYSTEM_ADMIN, AUDITOR, ANALYST, APPROVER = "system_admin", "auditor", "analyst", "approver"
HEAD = "head_of_quality_assurance"
PRODUCT_ROLES = frozenset({SYSTEM_ADMIN, AUDITOR, ANALYST, APPROVER})

#: How the id begins of another system that did something by a message: this, and its short name.
SENDER = "sender:"

#: Roles that may open cases, start pathways, and record facts and life events (SH-4; [product]).
CASE_ROLES = (
    "social_worker",
    "conference_chair",
    "iro",
    "team_manager",
    "iro_service_manager",
    "cp_service_manager",
    "qa_unit",
    HEAD,
)
#: Roles that may move tasks between people ([product]).
SUPERVISING_ROLES = (HEAD, "iro_service_manager", "cp_service_manager", "team_manager", "operational_service_manager")


@dataclass(frozen=True, slots=True)
class Practitioner:
    """A person of one authority, with the roles they hold there today."""

    id: str
    authority: str
    name: str
    roles: frozenset[str]
    #: Whom they cover today, and in which role: (person, role). The roles are among `roles` for those days.
    covers: frozenset[tuple[str, str]] = frozenset()
    #: Somebody else knows their password: they change it before they do anything.
    must_change: bool = False

    def may_act_as(self, roles: Iterable[str]) -> str | None:
        """The first of these roles that the person holds, None where they hold none."""
        for role in roles:
            if role in self.roles:
                return role
        return None

    def must_hold(self, *roles: str) -> str:
        """The role the person acts in. Raises Forbidden where they hold none of these."""
        role = self.may_act_as(roles)
        if role is None:
            raise Forbidden(f"{self.id} holds none of the roles {', '.join(roles)} in {self.authority}.")
        return role

    @property
    def works_cases(self) -> bool:
        """Whether the person holds any role of the policy, as analysts and auditors need not."""
        return bool(self.roles - PRODUCT_ROLES)


def worker(authority: str) -> Practitioner:
    """The machine itself: it fires timers and brings job results, and decides nothing."""
    return Practitioner(WORKER, authority, "Discharge Pathways", frozenset())


def roles_of(wait: TaskWait) -> frozenset[str]:
    """The roles that may take a task: its candidates, else its lane's role, else (a diagram without lanes) any."""
    if wait.candidates:
        return frozenset(wait.candidates)
    return frozenset({wait.role}) if wait.role else frozenset(CASE_ROLES)
