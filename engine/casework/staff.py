"""Who works here: people added and let go, roles given and ended by date, absence covered, each on the record.

A system administrator does it for their own authority and for nobody else's. Nobody gives themselves a role, nobody
sees a password that somebody chose, and whoever is let go is signed out at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from engine.case.rows import NAMED
from engine.casework.people import HEAD, SYSTEM_ADMIN, Practitioner
from engine.casework.permissions import check_holding
from engine.casework.shelf import Shelf
from engine.casework.sign_in import kept_password
from engine.clock import Clock, london_date
from engine.errors import FieldProblem, Forbidden, Refused
from engine.one_line import is_a_name
from engine.store import Store
from engine.store.people import Cover, Holding, Person, PersonUnknown
from engine.store.sessions import WebSession

_SIGN_IN = re.compile(r"^[a-z0-9][a-z0-9._@'-]{1,99}$")
_EMAIL = re.compile(r"^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+$")
#: Longer than this nobody is away: another holder of the role is appointed.
LONGEST_COVER = timedelta(days=366)


class StaffRefused(Refused):
    """Something about a person or a role does not fit; each problem names its field."""

    def __init__(self, *problems: FieldProblem) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person as the page of people shows them."""

    person: Person
    holdings: tuple[Holding, ...]
    covering: tuple[Cover, ...]
    covered: tuple[Cover, ...]
    waits: timedelta

    def roles_on(self, day: date) -> tuple[str, ...]:
        """The roles held on a day."""
        on = day.isoformat()
        return tuple(h.role for h in self.holdings if h.from_on <= on and (h.until_on is None or h.until_on >= on))


class Staff:
    """The people of each authority, kept by its own system administrators."""

    def __init__(self, store: Store, shelf: Shelf, clock: Clock) -> None:
        self._store, self._shelf, self._clock = store, shelf, clock
        self.failed_sign_ins = store.failed_sign_ins

    # ------------------------------------------------------------------ looking

    def everybody(self, by: Practitioner) -> list[Person]:
        """Everybody of the authority, by name; those who left last."""
        by.must_hold(SYSTEM_ADMIN)
        people = self._store.people.all(by.authority)
        return sorted(people, key=lambda one: (not one.active, one.name.lower(), one.person))

    def roles_today(self, by: Practitioner) -> dict[str, list[str]]:
        """Person to the roles they hold today."""
        by.must_hold(SYSTEM_ADMIN)
        found: dict[str, list[str]] = {}
        for holding in self._store.people.holdings(by.authority, on=self._today()):
            found.setdefault(holding.person, []).append(holding.role)
        return found

    def colleague(self, by: Practitioner, person: str, *, real: datetime) -> Colleague:
        """One person with every role and cover that was ever recorded. Raises PersonUnknown."""
        by.must_hold(SYSTEM_ADMIN)
        found = self._find(by, person)
        people = self._store.people
        return Colleague(
            found,
            tuple(people.holdings(by.authority, person=person)),
            tuple(people.covers(by.authority, person=person)),
            tuple(people.covers(by.authority, absent=person)),
            self._store.failed_sign_ins.account_waits(by.authority, found.sign_in, at=real),
        )

    # ------------------------------------------------------------------ people

    def add(
        self, by: Practitioner, *, sign_in: str, name: str, email: str | None, password: str | None, at: datetime
    ) -> str:
        """Add a person; gives their id. A password given here is known to two people and is changed at first sign-in.

        Raises StaffRefused, SignInTaken and PasswordTooShort.
        """
        by.must_hold(SYSTEM_ADMIN)
        login, shown, mail = sign_in.strip().lower(), name.strip(), (email or "").strip() or None
        problems = []
        if not _SIGN_IN.match(login):
            problems.append(FieldProblem("sign_in", "Give a user name of 2 to 100 small letters, digits, dots or @."))
        if not 1 <= len(shown) <= 200 or not is_a_name(shown):
            problems.append(FieldProblem("name", "Give the person’s name."))
        if mail is not None and not _EMAIL.match(mail):
            problems.append(FieldProblem("email", "Give a mail address such as name@council.gov.uk, or leave it out."))
        if not problems and self._store.people.find(by.authority, login) is not None:
            problems.append(FieldProblem("sign_in", "Somebody has this user name, or had it. Choose another."))
        if problems:
            raise StaffRefused(*problems)
        secret = kept_password(password) if password else None
        person = Person(login, login, shown, mail, secret, True, must_change=secret is not None)
        self._store.people.put(by.authority, person, at=at)
        self._record(by, "person added", login, at, "")
        return login

    def deactivate(self, by: Practitioner, person: str, why: str, *, at: datetime) -> None:
        """Let a person go: signed out at once, and nobody signs in as them again until they are taken back."""
        found = self._changing(by, person, why)
        if person == by.id:
            raise Forbidden("You cannot deactivate yourself. Another system administrator can.")
        self._check_restricted_cases(by, person)
        self._store.people.put(by.authority, replace(found, active=False), at=at)
        self._store.sessions.end_all(by.authority, person, at=at, by=by.id)
        self._record(by, "person deactivated", person, at, why)

    def reactivate(self, by: Practitioner, person: str, why: str, *, at: datetime) -> None:
        """Take a person back; the roles that have not ended are theirs again."""
        found = self._changing(by, person, why)
        self._store.people.put(by.authority, replace(found, active=True), at=at)
        self._record(by, "person taken back", person, at, why)

    def new_password(self, by: Practitioner, person: str, password: str, *, at: datetime) -> None:
        """Give somebody who forgot theirs another password, to be changed at the next sign-in; ends their sessions."""
        by.must_hold(SYSTEM_ADMIN)
        found = self._find(by, person)
        if person == by.id:
            raise Forbidden("Change your own password on your account page.")
        self._store.people.put(by.authority, replace(found, secret=kept_password(password), must_change=True), at=at)
        self._store.sessions.end_all(by.authority, person, at=at, by=by.id)
        self._store.failed_sign_ins.forget_account(by.authority, found.sign_in)
        self._record(by, "password given", person, at, "")

    def lift_wait(self, by: Practitioner, person: str, *, at: datetime) -> bool:
        """Let somebody who mistyped sign in at once; False where nothing was waited for."""
        by.must_hold(SYSTEM_ADMIN)
        lifted = self._store.failed_sign_ins.forget_account(by.authority, self._find(by, person).sign_in)
        if lifted:
            self._record(by, "sign-in wait lifted", person, at, "")
        return lifted

    def lift_address(self, by: Practitioner, address: str, *, at: datetime) -> bool:
        """Let an address try again at once."""
        by.must_hold(SYSTEM_ADMIN)
        lifted = self._store.failed_sign_ins.forget_address(address)
        if lifted:
            self._record(by, "address wait lifted", address, at, "")
        return lifted

    # ------------------------------------------------------------------ roles

    def give_role(
        self, by: Practitioner, person: str, role: str, *, from_on: date, until_on: date | None, why: str, at: datetime
    ) -> None:
        """Give a person a role from a day on. Raises StaffRefused and RolesDoNotGoTogether."""
        found = self._changing(by, person, why)
        authority = self._shelf.terms(by.authority).authority
        if person == by.id:
            raise Forbidden("Nobody gives themselves a role. Ask another system administrator.")
        if not found.active:
            raise StaffRefused(FieldProblem("role", "This person has left. Take them back first."))
        if role not in authority.roles:
            raise StaffRefused(FieldProblem("role", "Choose one of the authority’s roles."))
        self._check_days(from_on, until_on)
        end = until_on or date.max
        held = self._store.people.holdings(by.authority, person=person)
        meanwhile = [h for h in held if h.from_on <= end.isoformat() and (h.until_on or "9") >= from_on.isoformat()]
        if any(h.role == role for h in meanwhile):
            raise StaffRefused(FieldProblem("role", "They hold this role already in that time."))
        lent = [
            c.role
            for c in self._store.people.covers(by.authority, person=person)
            if c.from_on <= end.isoformat() and c.until_on >= from_on.isoformat()
        ]
        check_holding(authority, person, [*(h.role for h in meanwhile), *lent], role)
        holding = Holding(person, role, from_on.isoformat(), until_on.isoformat() if until_on else None)
        if not self._store.people.hold(by.authority, holding, at=at, by=by.id, why=why):
            raise StaffRefused(FieldProblem("from_on", "This role was given from that day before. Choose another day."))
        self._record(by, "role given", f"{person} {role}", at, why)

    def end_role(
        self, by: Practitioner, person: str, role: str, *, from_on: str, until_on: date, why: str, at: datetime
    ) -> None:
        """End a role on a day, the last on which it is held; yesterday ends it now."""
        self._changing(by, person, why)
        if until_on < self._today() - timedelta(days=1):
            raise StaffRefused(
                FieldProblem("until_on", "What was done in a role stays done: end it yesterday or later.")
            )
        others = [
            h.person
            for h in self._store.people.holdings(by.authority, on=until_on + timedelta(days=1), role=SYSTEM_ADMIN)
            if h.person != person
            and (one := self._store.people.find(by.authority, h.person)) is not None
            and one.active
        ]
        if role == SYSTEM_ADMIN and not others:
            raise StaffRefused(
                FieldProblem("until_on", "Somebody must stay system administrator. Appoint another first.")
            )
        if role == HEAD:
            self._check_restricted_cases(by, person)
        if not self._store.people.end_holding(by.authority, Holding(person, role, from_on), until_on):
            raise StaffRefused(FieldProblem("role", "They do not hold this role."))
        self._record(by, "role ended", f"{person} {role}", at, why)

    # ------------------------------------------------------------------ absence

    def cover(
        self, by: Practitioner, absent: str, role: str, person: str, *, from_on: date, until_on: date, why: str,
        at: datetime,
    ) -> None:  # fmt: skip
        """Let somebody stand in for an absent person in one of their roles, from a day until a day, both included."""
        self._changing(by, absent, why)
        standing = self._find(by, person)
        if person == by.id:
            raise Forbidden("Nobody gives themselves cover for a role. Ask another system administrator.")
        if person == absent or not standing.active:
            raise StaffRefused(FieldProblem("person", "Choose somebody else, who is active."))
        self._check_days(from_on, until_on)
        if until_on - from_on > LONGEST_COVER:
            raise StaffRefused(FieldProblem("until_on", "Cover lasts a year at most. Give them the role instead."))
        if not any(h.role == role for h in self._store.people.holdings(by.authority, person=absent)):
            raise StaffRefused(FieldProblem("role", "The absent person does not hold this role."))
        authority = self._shelf.terms(by.authority).authority
        held = [
            h.role
            for h in self._store.people.holdings(by.authority, person=person)
            if h.from_on <= until_on.isoformat() and (h.until_on or "9") >= from_on.isoformat()
        ]
        check_holding(authority, person, held, role)
        cover = Cover(absent, role, person, from_on.isoformat(), until_on.isoformat(), why, by.id)
        if not self._store.people.cover(by.authority, cover, at=at):
            raise StaffRefused(FieldProblem("from_on", "This cover was recorded before."))
        self._record(by, "cover given", f"{absent} {role} {person}", at, why)

    def end_cover(self, by: Practitioner, cover: Cover, *, at: datetime) -> None:
        """End a cover now: yesterday was its last day."""
        by.must_hold(SYSTEM_ADMIN)
        if not self._store.people.end_cover(by.authority, cover, self._today() - timedelta(days=1)):
            raise StaffRefused(FieldProblem("cover", "There is no such cover."))
        self._record(by, "cover ended", f"{cover.absent} {cover.role} {cover.person}", at, "")

    # ------------------------------------------------------------------ one's own account

    def sessions(self, by: Practitioner) -> list[WebSession]:
        """A person's own sessions, the newest first."""
        return self._store.sessions.of_person(by.authority, by.id)

    def end_session(self, by: Practitioner, session: str, *, at: datetime) -> bool:
        """End one of a person's own sessions; False where it is not theirs or is over."""
        if all(one.session != session for one in self.sessions(by)):
            return False
        return self._store.sessions.end(by.authority, session, at=at, by=by.id)

    # ------------------------------------------------------------------ pieces

    def _find(self, by: Practitioner, person: str) -> Person:
        found = self._store.people.find(by.authority, person)
        if found is None:
            raise PersonUnknown(by.authority, person[:100])
        return found

    def _changing(self, by: Practitioner, person: str, why: str) -> Person:
        by.must_hold(SYSTEM_ADMIN)
        if not why.strip():
            raise StaffRefused(FieldProblem("why", "Say why. The reason is kept."))
        return self._find(by, person)

    def _check_restricted_cases(self, by: Practitioner, person: str) -> None:
        """Raise StaffRefused where nobody would be left to see the escalations of a restricted case."""
        alone = 0
        for case_id in self._store.people.cases_of(by.authority, [person]):
            line = self._store.lists.case(by.authority, case_id)
            if line is not None and line.restricted and line.status == "OPEN":
                named = {one for one, role in self._store.people.on_case(by.authority, case_id) if role == NAMED}
                heads = {one for one in named if self._is_head(by.authority, one)}
                alone += heads == {person}
        if alone:
            raise StaffRefused(
                FieldProblem(
                    "why",
                    f"They are the only Head of Quality Assurance named in {alone} restricted "
                    f"case{'s' if alone > 1 else ''}. Somebody named there names another first.",
                )
            )

    def _is_head(self, authority: str, person: str) -> bool:
        found = self._store.people.find(authority, person)
        held = self._store.people.roles(authority, person, self._today())
        return found is not None and found.active and HEAD in held

    def _check_days(self, from_on: date, until_on: date | None) -> None:
        if until_on is not None and until_on < from_on:
            raise StaffRefused(FieldProblem("until_on", "The last day must not be before the first."))
        if from_on < self._today():
            raise StaffRefused(FieldProblem("from_on", "A role is given from today on, never for days that are past."))

    def _today(self) -> date:
        return london_date(self._clock.now())

    def _record(self, by: Practitioner, what: str, about: str, at: datetime, why: str) -> None:
        self._store.duties.record(by.authority, what, about, at=at, by=by.id, role=SYSTEM_ADMIN, why=why)
