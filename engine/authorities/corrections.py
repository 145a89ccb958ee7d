"""Who may put right what was recorded, and make a plan active again that was ended in error: a table of authority.toml.

[corrections]                                   # [product]; leave out what is as usual
reinstate = ["head_of_quality_assurance"]       # who may make a plan active again that was ended in error
pathway = "camden_plan_reinstated"              # what starts then; without it the Head is told
[corrections.roles]                             # who may correct a step of this role; usually its manager and the Head
social_worker = ["iro_service_manager"]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.authorities.toml_file import Table

HEAD = "head_of_quality_assurance"
#: Works under managers everywhere: may correct own steps where settings say so, and nobody else's.
SUPERVISED = "social_worker"


@dataclass(frozen=True, slots=True)
class Corrections:
    """Who may correct a step, by its role, and who may reinstate a plan. `pathway` is what a reinstatement starts."""

    reinstate: tuple[str, ...] = (HEAD,)
    pathway: str = ""
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, role: str | None, manager: str) -> tuple[str, ...]:
        """The roles that may correct what a step of this role recorded: as said, else its manager and the Head."""
        named = self.roles.get(role or "")
        return tuple(dict.fromkeys((manager, HEAD))) if named is None else named

    def document(self) -> dict[str, Any]:
        """As it is kept; empty where nothing was said."""
        if self == Corrections():
            return {}
        roles = {role: list(may) for role, may in sorted(self.roles.items())}
        return {"reinstate": list(self.reinstate), "pathway": self.pathway, "roles": roles}

    @classmethod
    def from_document(cls, kept: Mapping[str, Any]) -> Corrections:
        """What `document` wrote."""
        if not kept:
            return cls()
        roles = {role: tuple(may) for role, may in kept["roles"].items()}
        return cls(tuple(kept["reinstate"]), kept["pathway"], roles)


#: Where settings say nothing.
USUAL = Corrections()


def read_corrections(table: Table, roles: Mapping[str, str]) -> Corrections:
    """The table as a person wrote it, every mistake named."""
    named = table.table("roles")
    found = Corrections(
        reinstate=table.texts("reinstate") or (HEAD,),
        pathway=table.text("pathway", longest=100),
        roles={role: named.texts(role) for role in named.names()},
    )
    table.done()
    if found == Corrections():
        return found
    for key, place, mentioned in (
        ("reinstate", table, found.reinstate),
        *((role, named, (role, *may)) for role, may in found.roles.items()),
    ):
        for role in mentioned:
            if role not in roles:
                place.say(key, f"{role[:60]} is not among the roles.", "Name one of [roles], or add it there.")
    for role, may in found.roles.items():
        if not may:
            named.say(role, f"Nobody may correct what {role[:60]} recorded.", "Name a role, or leave the line out.")
        if SUPERVISED in may and role != SUPERVISED:
            named.say(role, f"{SUPERVISED} may not correct what {role[:60]} decided.", "Name that role's manager.")
    if SUPERVISED in found.reinstate:
        table.say("reinstate", f"{SUPERVISED} may not reinstate a plan.", "Name a manager, or the Head.")
    return found
