"""Who may do what and see which case: the one place where it is decided.

Roles come from the policies (roles.md) and are held by date; absence cover lends them, and the tasks of the person
covered, for some days. What a diagram says of one task (its lane, who may not do it twice) is in `roles_of` and in
the diagram; everything else is here.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Final

from engine.authorities import Authority
from engine.case.state import CaseState
from engine.casework.people import (
    ANALYST,
    APPROVER,
    AUDITOR,
    PRODUCT_ROLES,
    SUPERVISING_ROLES,
    SYSTEM_ADMIN,
    Practitioner,
)
from engine.errors import AboutPeople, Forbidden
from engine.history import WORKER
from engine.store import Store
from engine.store.errors import CaseUnknown
from engine.store.visibility import Viewer

#: Roles that a case has one holder of: where nobody is allocated, any holder of the role may look at the case.
ALLOCATED_ROLES: Final = frozenset({"social_worker", "conference_chair", "iro"})
#: Roles whose holders see every case of their authority that is not restricted: they supervise, or keep the service.
SEE_EVERY_CASE: Final = frozenset({*SUPERVISING_ROLES, "qa_unit", AUDITOR, SYSTEM_ADMIN})


class RolesDoNotGoTogether(AboutPeople):
    """One person would hold two roles that must be two people."""

    def __init__(self, person: str, one: str, other: str, why: str, titles: tuple[str, str] | None = None) -> None:
        self.person, self.roles, self._titles, self._why = person, (one, other), titles or (one, other), why
        super().__init__(self.naming(str))

    def naming(self, name: Callable[[str], str]) -> str:
        """The sentence, with people as `name` calls them."""
        return f"{name(self.person)} cannot be {self._titles[0]} and {self._titles[1]} at once: {self._why}"


class OwnWork(Forbidden, AboutPeople):
    """Somebody would approve what they drew or submitted themselves; `what` is what it is called."""

    def __init__(self, person: str, what: str) -> None:
        self.person, self.what = person, what
        super().__init__(self.naming(str))

    def naming(self, name: Callable[[str], str]) -> str:
        """The sentence, with people as `name` calls them."""
        return f"{name(self.person)} drew or submitted part of {self.what}. Somebody else must approve it."


class TaskOfOthers(Forbidden):
    """The task is for roles that this person does not hold.

    roles  their ids, by which a scenario may expect the refusal; people read the titles
    """

    def __init__(self, case_id: str, task: int, roles: Sequence[str], authority: Authority) -> None:
        titles = ", ".join(authority.role_title(role) for role in roles)
        super().__init__(f"Task {task} of case {case_id} is for: {titles}.")
        self.case_id, self.task, self.roles = case_id, task, tuple(roles)


class CaseNotYours(Forbidden):
    """The case is somebody else's to work on."""

    def __init__(self, case_id: str) -> None:
        super().__init__(f"Case {case_id} is not yours to see. Ask its allocated social worker.")
        self.case_id = case_id


def viewer_of(by: Practitioner) -> Viewer:
    """The person as cases see them."""
    return Viewer(
        person=by.id,
        people=frozenset({by.id, *(person for person, _ in by.covers)}),
        roles=by.roles - PRODUCT_ROLES,
        open_roles=ALLOCATED_ROLES,
        every_case=bool(by.roles & SEE_EVERY_CASE),
    )


def check_sees(store: Store, by: Practitioner, case_id: str) -> None:
    """Raise CaseUnknown where the case is another authority's or restricted, CaseNotYours where it is others' work."""
    line = store.lists.case(by.authority, case_id)
    if line is None:
        raise CaseUnknown(by.authority, case_id)
    if not store.lists.sees(by.authority, case_id, viewer_of(by)):
        if line.restricted:
            # That a restricted case exists is not told either.
            raise CaseUnknown(by.authority, case_id)
        raise CaseNotYours(case_id)


def admit(case: CaseState, by: str, *, from_outside: bool) -> None:
    """Raise CaseUnknown where somebody acts in a restricted case who is not named in it.

    The machine's own timers and messages from outside are never kept out: what happened to a child is recorded.
    """
    restriction = case.restriction
    if restriction is None or from_outside or by == WORKER or by in restriction.people:
        return
    raise CaseUnknown(case.authority, case.case_id)


def may_have_task(by: Practitioner, assignee: str | None, role: str) -> bool:
    """Whether a task that belongs to this person, or to nobody, is one that somebody may do in this role."""
    return assignee is None or assignee == by.id or (assignee, role) in by.covers


def is_theirs(by: Practitioner, assignee: str | None, roles: Iterable[str]) -> bool:
    """Whether a task is a person's own, or that of somebody whom they cover today in one of its roles."""
    return assignee is not None and (assignee == by.id or any((assignee, role) in by.covers for role in roles))


# ---------------------------------------------------------------------- separation of duties


def check_holding(authority: Authority, person: str, held: Iterable[str], role: str) -> None:
    """Raise RolesDoNotGoTogether where a person who holds some roles may not be given another one.

    Those who check or draw pathways do not work cases under them (roles.md), unless the authority's settings say that
    the two may be held together; no setting lets one person both draw and approve.
    """
    for other in sorted(set(held) - {role}):
        pair, titles = frozenset({role, other}), (authority.role_title(role), authority.role_title(other))
        if pair == {ANALYST, APPROVER}:
            raise RolesDoNotGoTogether(person, role, other, "whoever draws a pathway does not approve it.", titles)
        product, casework = sorted(pair & {AUDITOR, ANALYST}), sorted(pair - PRODUCT_ROLES)
        if product and casework and pair not in authority.separation.may_be_one_person:
            why = "whoever checks or draws pathways does not decide cases. The authority's settings may allow it."
            raise RolesDoNotGoTogether(person, role, other, why, titles)
        if pair in authority.separation.must_be_two_people:
            why = "the authority's settings say that these are two people."
            raise RolesDoNotGoTogether(person, role, other, why, titles)


def check_allocation(authority: Authority, roles: Mapping[str, str]) -> None:
    """Raise RolesDoNotGoTogether where one person would hold two roles of a case that must be two people there."""
    for pair in authority.separation.two_people_on_a_case:
        one, other = sorted(pair)
        if roles.get(one) is not None and roles.get(one) == roles.get(other):
            why = "in this authority these are two people on every case. Choose somebody else for one of them."
            titles = (authority.role_title(one), authority.role_title(other))
            raise RolesDoNotGoTogether(roles[one], one, other, why, titles)


def check_approver(authors: Container[str], approver: str, what: str) -> None:
    """Raise OwnWork where somebody would approve what they had a hand in."""
    if approver in authors:
        raise OwnWork(approver, what)


def is_kept_from(store: Store, by: Practitioner, case_id: str | None) -> bool:
    """Whether a case is restricted to people of whom this is none; a case that does not exist is kept from nobody."""
    if case_id is None or not store.lists.is_restricted(by.authority, case_id):
        return False
    return not store.lists.roles_on(by.authority, case_id, by.id)
