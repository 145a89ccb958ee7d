"""A local authority as its settings describe it: roles, calendar, overdue ladder, local values, letters.

Settings are a document kept under the hash of its content; every command names the version it was carried out under.
authority.toml:

    name = "London Borough of Camden"
    nation = "england"
    life_event_pathway = "camden_life_event"       # what a life event starts where nothing runs (SH-4)
    life_event_pathway_after_end = "..."            # the same once the plan has ended; without it the Head is told
    escalation_roles = ["head_of_quality_assurance"]
    colour = "#003d4c"                              # of headings and letters; dark enough to read on white

    [roles]                                         # id = title; the ids of policies/roles.md
    social_worker = "Social worker"

    [policy]
    title = "..."
    version = "..."

    [overdue]                                       # SH-5 [product]; working days; leave one out to switch it off
    remind = 2                                      # before the due date
    manager = 1                                     # after it
    head = 5                                        # after it
    manager_role = "team_manager"
    [overdue.managers]                              # whose manager is another one
    iro = "iro_service_manager"

    [[closures]]
    on = 2026-12-29
    reason = "Town hall closed"

    [messages]                                      # a message that no step waits for begins this pathway
    SignificantEvent = "sussex_notify_iro"          # and is heard by the step that waits for it there

    [letters]
    address = ["5 Pancras Square", "London N1C 4AG"]
    telephone = "020 7974 4444"
    email = "safeguarding@example.gov.uk"
    footer = "..."

    [sign_in], [separation]                         # engine/authorities/people.py
    [corrections]                                   # engine/authorities/corrections.py

    [[parameters.cp_visit_days]]                    # values of what pathways declare, each from its date on
    value = 15
    from = 2026-01-01
    reason = "..."
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Protocol

from engine.authorities.corrections import USUAL, Corrections
from engine.authorities.parameters import Parameter, ParameterRefused
from engine.authorities.people import LOCAL_ACCOUNTS, NOT_SAID, Separation, SignInWays
from engine.calendars import Calendar
from engine.errors import Finding, Unreadable
from engine.history import JSON, canonical

HEAD = "head_of_quality_assurance"
FORMAT = 1


class DeclaresParameters(Protocol):
    """Whatever declares local parameters: a release."""

    @property
    def parameters(self) -> Mapping[str, Parameter]: ...


@dataclass(frozen=True, slots=True)
class Overdue:
    """What follows a due date, in working days: a reminder before, the manager after, the Head after (SH-5).

    None switches a rung off. `manager_role` is told unless `managers` names another manager for the task's role.
    """

    remind: int | None = None
    manager: int | None = None
    head: int | None = None
    manager_role: str = HEAD
    managers: Mapping[str, str] = field(default_factory=dict)
    #: A reminder falls on a working day, and whoever should have been told before a task opened is told when it opens.
    #: Settings kept before this was so go on as they did, for the histories that name them.
    prompt: bool = True

    def manager_of(self, role: str | None) -> str:
        """The role that is told when a task of this role is overdue."""
        return self.managers.get(role or "", self.manager_role)


@dataclass(frozen=True, slots=True)
class LetterSettings:
    """What every letter of the authority carries: address lines, how to answer, and a last line."""

    address: tuple[str, ...] = ()
    telephone: str = ""
    email: str = ""
    footer: str = ""


@dataclass(frozen=True, slots=True)
class LocalValue:
    """A local parameter's value from a date on, and why."""

    value: JSON
    since: date
    reason: str


@dataclass(frozen=True)
class Authority:
    """One authority's settings, as they were kept. Equal when their `version` is."""

    id: str
    name: str
    roles: Mapping[str, str]
    calendar: Calendar
    overdue: Overdue
    life_event_pathway: str
    #: Where a policy says what follows once the plan has ended; without one the Head is told.
    life_event_pathway_after_end: str = ""
    #: What a message begins where no step waits for it; any other waits for a person.
    message_pathways: Mapping[str, str] = field(default_factory=dict)
    escalation_roles: tuple[str, ...] = (HEAD,)
    #: Who minds messages that found no case, beside the operators and the Head.
    dead_letter_roles: tuple[str, ...] = ()
    colour: str = ""
    policy_title: str = ""
    policy_version: str = ""
    letters: LetterSettings = LetterSettings()
    values: Mapping[str, tuple[LocalValue, ...]] = field(default_factory=dict)
    sign_in: SignInWays = LOCAL_ACCOUNTS
    separation: Separation = NOT_SAID
    corrections: Corrections = USUAL

    def __post_init__(self) -> None:
        set_once = object.__setattr__
        set_once(self, "roles", MappingProxyType(dict(self.roles)))
        set_once(self, "message_pathways", MappingProxyType(dict(self.message_pathways)))
        set_once(self, "values", MappingProxyType(dict(sorted(self.values.items()))))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Authority) and self.version == other.version

    def __hash__(self) -> int:
        return hash(self.version)

    @cached_property
    def version(self) -> str:
        """The hash of the document: what a command names as the settings in force."""
        return f"sha256:{sha256(canonical(self.document())).hexdigest()}"

    @property
    def nation(self) -> str:
        """Whose bank holidays the authority keeps."""
        return self.calendar.nation

    def role_title(self, role: str) -> str:
        """What a role is called here."""
        return self.roles.get(role, role.replace("_", " "))

    def may_correct(self, role: str | None) -> tuple[str, ...]:
        """The roles that may put right what a step of this role recorded."""
        return self.corrections.of(role, self.overdue.manager_of(role))

    # ------------------------------------------------------------------ local values

    def value_on(self, parameter: Parameter, on: date) -> JSON:
        """The value of a declared parameter on a date: the newest local one that has begun, else the default.

        Raises ParameterRefused where the local value does not fit the declaration.
        """
        begun = [local for local in self.values.get(parameter.name, ()) if local.since <= on]
        return parameter.check(begun[-1].value) if begun else parameter.default

    def parameters_for(self, release: DeclaresParameters, on: date) -> dict[str, JSON]:
        """Every parameter a release declares, with its value on a date. Raises ParameterRefused."""
        return {name: self.value_on(parameter, on) for name, parameter in release.parameters.items()}

    def check_parameters(self, declared: Mapping[str, Parameter]) -> list[Finding]:
        """What is wrong with the local values, given what the authority's pathways declare."""
        findings = []
        for name, values in self.values.items():
            place = f"parameters.{name}"
            if name not in declared:
                message, mend = "No pathway here declares this parameter.", "Remove it, or correct its name."
                findings.append(Finding("advice", self._file, place, None, message, mend))
                continue
            for local in values:
                try:
                    declared[name].check_local(local.value)
                except ParameterRefused as refused:
                    message = f"The value from {local.since} {refused.why}"
                    findings.append(Finding("refusal", self._file, place, None, message, refused.mend))
        return findings

    def with_value(self, parameter: Parameter, value: JSON, since: date, reason: str) -> Authority:
        """The settings with one more local value; one for the same date is replaced. Raises ParameterRefused."""
        local = LocalValue(parameter.check_local(value), since, reason)
        kept = [other for other in self.values.get(parameter.name, ()) if other.since != since]
        values = tuple(sorted([*kept, local], key=lambda item: item.since))
        return replace(self, values={**self.values, parameter.name: values})

    @property
    def _file(self) -> str:
        return f"{self.id}/authority.toml"

    # ------------------------------------------------------------------ as it is kept

    def document(self) -> dict[str, Any]:
        """The settings as they are kept under their version: JSON, the calendar written out day by day."""
        return {
            "format": FORMAT,
            "id": self.id,
            "name": self.name,
            "roles": dict(self.roles),
            "calendar": self.calendar.to_document(),
            "overdue": {
                "remind": self.overdue.remind,
                "manager": self.overdue.manager,
                "head": self.overdue.head,
                "manager_role": self.overdue.manager_role,
                "managers": dict(self.overdue.managers),
                **({"prompt": True} if self.overdue.prompt else {}),
            },
            "life_event_pathway": self.life_event_pathway,
            "escalation_roles": list(self.escalation_roles),
            "colour": self.colour,
            "policy": {"title": self.policy_title, "version": self.policy_version},
            "letters": {
                "address": list(self.letters.address),
                "telephone": self.letters.telephone,
                "email": self.letters.email,
                "footer": self.letters.footer,
            },
            "values": {
                name: [{"value": v.value, "since": v.since.isoformat(), "reason": v.reason} for v in values]
                for name, values in self.values.items()
            },
            # Only where something was said: the version of older settings stays what commands named.
            **{
                name: said
                for name, said in (
                    ("sign_in", self.sign_in.document()),
                    ("separation", self.separation.document()),
                    ("corrections", self.corrections.document()),
                    ("dead_letter_roles", list(self.dead_letter_roles)),
                    ("life_event_pathway_after_end", self.life_event_pathway_after_end),
                    ("message_pathways", dict(self.message_pathways)),
                )
                if said
            },
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Authority:
        """The settings that `document` wrote. Raises Unreadable when it is not one."""
        try:
            if document["format"] != FORMAT:
                raise Unreadable(f"Settings of format {document['format']} cannot be read by this version.")
            return cls(
                id=document["id"],
                name=document["name"],
                roles=document["roles"],
                calendar=Calendar.from_document(document["calendar"]),
                overdue=Overdue(**{"prompt": False, **document["overdue"]}),
                life_event_pathway=document["life_event_pathway"],
                escalation_roles=tuple(document["escalation_roles"]),
                colour=document["colour"],
                policy_title=document["policy"]["title"],
                policy_version=document["policy"]["version"],
                letters=LetterSettings(**{**document["letters"], "address": tuple(document["letters"]["address"])}),
                values={
                    name: tuple(
                        LocalValue(item["value"], date.fromisoformat(item["since"]), item["reason"]) for item in values
                    )
                    for name, values in document["values"].items()
                },
                sign_in=SignInWays.from_document(document.get("sign_in", {})),
                separation=Separation.from_document(document.get("separation", {})),
                corrections=Corrections.from_document(document.get("corrections", {})),
                dead_letter_roles=tuple(document.get("dead_letter_roles", ())),
                life_event_pathway_after_end=document.get("life_event_pathway_after_end", ""),
                message_pathways=document.get("message_pathways", {}),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Unreadable("Kept settings cannot be read: they are not what was written.") from error


_COLOUR = re.compile(r"^#[0-9a-fA-F]{6}$")


def contrast_with_white(colour: str) -> float | None:
    """WCAG 2.2 contrast of '#rrggbb' on white, None where it is no colour."""
    if not _COLOUR.match(colour):
        return None
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)
