"""Reads authority.toml: an authority's settings from the file that people write, every mistake named."""

from __future__ import annotations

import re
from datetime import date, datetime
from math import isfinite
from pathlib import Path
from typing import Any

from engine.authorities.authority import (
    HEAD,
    Authority,
    LetterSettings,
    LocalValue,
    Overdue,
    contrast_with_white,
)
from engine.authorities.corrections import read_corrections
from engine.authorities.people import read_separation, read_sign_in
from engine.authorities.toml_file import Table, TomlFile
from engine.calendars import FIRST_YEAR, LAST_YEAR, NATIONS, england_calendar
from engine.errors import Finding, PathwayRefused

#: Letters small enough to need it are read against white (WCAG 2.2, 1.4.3).
CONTRAST = 4.5

_ID = re.compile(r"^[a-z][a-z0-9_]{0,63}$")
#: Digits as people group them, an extension in words behind them.
_TELEPHONE = re.compile(r"\+?[0-9][0-9 ()-]{4,29}(?: ?[a-z]{1,20}\.? ?[0-9]{1,6})?")
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")


def read_authority(folder: Path) -> Authority:
    """The settings in <folder>/authority.toml; the folder's name is the authority's id.

    Raises PathwayRefused naming the line of each mistake.
    """
    path = folder / "authority.toml"
    name = f"{folder.name}/authority.toml"
    if not path.is_file():
        mend = "Add authority.toml with name, roles and life_event_pathway."
        raise PathwayRefused([Finding("refusal", name, None, None, "There is no such file.", mend)])
    return authority_from_toml(path.read_bytes(), name, folder.name)


def authority_from_toml(content: bytes, filename: str, authority: str) -> Authority:
    """The settings that a file's content describes, for the authority with this id. Raises PathwayRefused."""
    file = TomlFile(content, filename)
    root = file.root
    if root.text("id", authority) != authority or not _ID.match(authority):
        root.say("id", f"id is not {authority[:60]}.", "The id is the folder's name, in lower-case words.")
    roles = _roles(root.table("roles"))
    settings = Authority(
        id=authority,
        name=root.text("name", required=True, longest=200),
        roles=roles,
        calendar=england_calendar(_closures(root)),
        overdue=_overdue(root.table("overdue"), roles),
        life_event_pathway=root.text("life_event_pathway", required=True, longest=100),
        life_event_pathway_after_end=root.text("life_event_pathway_after_end", longest=100),
        message_pathways=_message_pathways(root.table("messages")),
        escalation_roles=root.texts("escalation_roles") or (HEAD,),
        dead_letter_roles=root.texts("dead_letter_roles"),
        colour=_colour(root),
        **_policy(root.table("policy")),
        letters=_letters(root.table("letters")),
        values=_values(root.table("parameters")),
        sign_in=read_sign_in(root.table("sign_in")),
        separation=read_separation(root.table("separation"), roles),
        corrections=read_corrections(root.table("corrections"), roles),
    )
    root.choice("nation", NATIONS, "england")
    for role in settings.escalation_roles:
        _check_role(root, "escalation_roles", role, roles)
    for role in settings.dead_letter_roles:
        _check_role(root, "dead_letter_roles", role, roles)
    root.done()
    file.finish()
    return settings


def _roles(table: Table) -> dict[str, str]:
    roles = {}
    for role in table.names():
        if not _ID.match(role):
            table.say(role, f"{role[:60]} is no id of a role.", "Use lower-case words joined by underscores.")
        roles[role] = table.text(role, required=True, longest=200)
    if not roles:
        table.say(None, "No roles are named.", 'Add [roles] and social_worker = "Social worker" and the others.')
    return roles


def _check_role(table: Table, key: str, role: str, roles: dict[str, str]) -> None:
    if role not in roles:
        table.say(key, f"{role[:60]} is not among the roles.", "Name one of [roles], or add it there.")


def _overdue(table: Table, roles: dict[str, str]) -> Overdue:
    managers = table.table("managers")
    overdue = Overdue(
        remind=table.whole("remind", highest=60),
        manager=table.whole("manager", highest=60),
        head=table.whole("head", highest=60),
        manager_role=table.text("manager_role", HEAD),
        managers={role: managers.text(role, required=True) for role in managers.names()},
    )
    if overdue.manager is not None:
        _check_role(table, "manager_role", overdue.manager_role, roles)
    for role, manager in overdue.managers.items():
        _check_role(managers, role, role, roles)
        _check_role(managers, role, manager, roles)
    if overdue.manager is not None and overdue.head is not None and overdue.head < overdue.manager:
        table.say("head", "head is told before manager.", "Give head at least as many working days as manager.")
    table.done()
    return overdue


def _closures(root: Table) -> dict[date, str]:
    closures = {}
    for table in root.tables("closures"):
        on, reason = table.day("on"), table.text("reason", required=True, longest=200)
        table.done()
        if on is not None and not FIRST_YEAR <= on.year <= LAST_YEAR:
            table.say("on", f"{on} is outside the years {FIRST_YEAR} to {LAST_YEAR}.", "Check the year.")
        elif on is not None:
            closures[on] = reason
    return closures


def _message_pathways(table: Table) -> dict[str, str]:
    return {message: table.text(message, required=True, longest=100) for message in table.names()}


def _colour(root: Table) -> str:
    colour = root.text("colour")
    if colour:
        contrast = contrast_with_white(colour)
        if contrast is None:
            root.say("colour", "colour is not a colour.", 'Write six hexadecimal digits, such as "#003d4c".')
        elif contrast < CONTRAST:
            root.say(
                "colour",
                f"colour has a contrast of {contrast:.1f} on white, and text needs {CONTRAST}.",
                "Choose a darker one.",
            )
    return colour


def _policy(table: Table) -> dict[str, str]:
    found = {"policy_title": table.text("title"), "policy_version": table.text("version")}
    table.text("source")
    table.done()
    return found


def _letters(table: Table) -> LetterSettings:
    settings = LetterSettings(
        address=table.texts("address"),
        telephone=table.text("telephone", longest=100),
        email=table.text("email", longest=200),
        footer=table.text("footer"),
    )
    if settings.telephone and not _TELEPHONE.fullmatch(settings.telephone):
        table.say("telephone", "telephone is no telephone number.", 'Write it as it is read, such as "020 7974 4444".')
    if settings.email and not _EMAIL.fullmatch(settings.email):
        table.say("email", "email is no mail address.", 'Write one, such as "safeguarding@example.gov.uk".')
    table.done()
    return settings


def _values(table: Table) -> dict[str, tuple[LocalValue, ...]]:
    values = {}
    for name in table.names():
        locals_: dict[date, LocalValue] = {}
        for item in table.tables(name):
            value, since = item.any("value"), item.day("from")
            reason = item.text("reason", required=True)
            item.done()
            if value is None:
                item.say("value", "value is missing.", "Add value = what applies from that date on.")
            elif not _can_be_kept(value):
                item.say("value", "value is no text, number, date, true or false.", "Write one of these.")
            elif since in locals_:
                item.say("from", f"{since} is given twice.", "Give each value its own date.")
            elif since is not None:
                plain = value.isoformat() if isinstance(value, date) else value
                locals_[since] = LocalValue(plain, since, reason)
        values[name] = tuple(locals_[since] for since in sorted(locals_))
    return values


def _can_be_kept(value: Any) -> bool:
    """Whether a value is one that a parameter can have, and small enough to be kept."""
    if isinstance(value, float):
        return isfinite(value)
    if isinstance(value, int):
        return abs(value) < 2**53
    return isinstance(value, str | date) and not isinstance(value, datetime)
