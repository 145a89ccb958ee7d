"""Letters by mail: sent to each recipient alone, and what became of each, told by history and by what still waits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from engine.case.disclosure import check_discloses_nothing
from engine.case.mailing import MAIL_HANDED_IN, MAIL_LETTER, sent_letter
from engine.case.state import CaseState
from engine.casework.discretion import Discretion
from engine.casework.door import Asked, Done
from engine.casework.notices import notice_of
from engine.casework.people import PRODUCT_ROLES, SUPERVISING_ROLES, Practitioner
from engine.casework.permissions import check_sees
from engine.casework.recalls import Recall, recalls
from engine.errors import Forbidden, NotFound, Refused
from engine.history import JSON, WORKER
from engine.replay import recorded_events
from engine.store.rows import Claim, HistoryEntry
from engine.store.upkeep import NoticeLine

#: An address as mail servers take it; what else stands in one is theirs to judge.
_ADDRESS: Final = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")

Standing = Literal["queued", "tried again", "handed in", "failed", "taken off"]


NO_ADDRESS: Final = "Enter an email address, such as name@example.org."


def is_address(text: str) -> bool:
    """Whether mail can go there, as far as can be told without asking."""
    return len(text) <= 254 and text.isascii() and _ADDRESS.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Mailed:
    """A letter's mail to one recipient: the last one, and how often it was asked for.

    mail     the id that every try of it carries
    problem  what failed at the last try, as a code (webhooks/notices_out.py says it in words)
    notice   the key of its notice
    """

    on_list: str
    to: str
    address: str
    mail: str
    asked_by: str
    asked_at: datetime
    state: Standing
    at: datetime
    problem: str | None = None
    tries: int = 0
    asked: int = 1
    notice: str = ""


class Posting(Discretion):
    """Letters by mail."""

    def mail_letter(
        self, case_id: str, number: int, to: Iterable[Mapping[str, JSON]], *, by: Practitioner, command_id: str
    ) -> Done:
        """Send a letter that was sent to some of its recipients by mail too: [{'list', 'to', 'address'}, ...].

        One whose last mail failed or was handed in is sent again: under the same id where the address is the same.
        Raises WouldDisclose, Forbidden, and Refused where one is no address or is on its way already.
        """
        check_sees(self._store, by, case_id)
        role = self.mailing_role(by, case_id, number)
        wanted = [{"list": str(one["list"]), "to": str(one["to"]), "address": str(one["address"])} for one in to]
        if not all(is_address(one["address"]) for one in wanted):
            raise Refused(NO_ADDRESS)
        failed: list[str] = []

        def prepare(case: CaseState) -> Asked:
            letter, entries = sent_letter(case, number), list(self._store.history(by.authority, case_id))
            if recalled(entries, number):
                raise Refused(
                    f"Letter {number} of case {case_id} told of an ending that was an error. It is not mailed."
                )
            known = {(one.on_list, one.to): one for one in self._mailed(by.authority, case_id, number, entries)}
            asked: list[dict[str, JSON]] = []
            failed.clear()
            for one in wanted:
                check_discloses_nothing(case, letter.text, [one], sent=True)
                last = known.get((one["list"], one["to"]))
                if last is not None and last.state in ("queued", "tried again"):
                    raise Refused(f"Letter {number} of case {case_id} is on its way to one of these already.")
                if last is not None and last.state == "failed":
                    failed.append(last.notice)
                again = last is not None and last.address == one["address"]
                asked.append({**one, **({"mail": last.mail} if again and last is not None else {})})
            return Asked(command_id, MAIL_LETTER, {"number": number, "to": asked}, by.id, role)

        done = self._change(by, case_id, prepare)
        for notice in failed:
            # What was given up is followed by the new one; nobody need look after it any more.
            self._store.deliveries.dismiss(by.authority, notice, at=self._clock.now())
        return done

    def mail_again(self, case_id: str, number: int, notice: str, *, by: Practitioner, command_id: str) -> Done:
        """Mail a letter once more to the recipient of an earlier mail, at the same address and under the same id."""
        check_sees(self._store, by, case_id)
        known = self._mailed(by.authority, case_id, number, self._store.history(by.authority, case_id))
        to = [{"list": one.on_list, "to": one.to, "address": one.address} for one in known if one.notice == notice]
        if not to:
            raise Refused(f"Letter {number} of case {case_id} was sent again meanwhile. Look at the letter again.")
        return self.mail_letter(case_id, number, to, by=by, command_id=command_id)

    def mailing_role(self, by: Practitioner, case_id: str, number: int) -> str:
        """The role in which a person may mail a letter: they work on the case, supervise, or hold its sender's role.

        Raises Forbidden.
        """
        case = self.load(by.authority, case_id)
        own = [role for role, person in case.roles.items() if person == by.id or (person, role) in by.covers]
        sent = [
            entry.command.role
            for entry in self._store.history(by.authority, case_id)
            if entry.command.kind == "complete_task"
            and any(event.kind == "LetterSent" and event.body["number"] == number for event in recorded_events(entry))
        ]
        role = by.may_act_as([*own, *SUPERVISING_ROLES, *(one for one in sent if one and one not in PRODUCT_ROLES)])
        if role is None:
            raise Forbidden(f"Letter {number} of case {case_id} is mailed by those who work on the case.")
        return role

    def may_mail(self, by: Practitioner, case_id: str, number: int) -> bool:
        """Whether a person may mail a letter."""
        try:
            self.mailing_role(by, case_id, number)
        except Forbidden:
            return False
        return True

    def mailed(self, by: Practitioner, case_id: str, number: int) -> tuple[Mailed, ...]:
        """What became of a letter's mail, recipient by recipient, as this person may see it."""
        check_sees(self._store, by, case_id)
        if number not in self.load(by.authority, case_id).letters:
            raise NotFound(f"Case {case_id} has no letter {number}.")
        entries = list(self._store.history(by.authority, case_id))
        found = self._mailed(by.authority, case_id, number, entries)
        names = self._names(by.authority, {one.asked_by for one in found})
        sight = self.sight(by, case_id)
        return tuple(sight.of_value(replace(one, asked_by=names.get(one.asked_by, one.asked_by))) for one in found)

    def _mailed(self, authority: str, case_id: str, number: int, entries: Iterable[HistoryEntry]) -> list[Mailed]:
        waiting = {line.key: line for line in self._store.upkeep.of_case(authority, case_id, "mail")}
        last: dict[tuple[str, str], Mailed] = {}
        for entry in entries:
            for event in recorded_events(entry):
                if event.kind == "LetterMailed" and event.body["number"] == number:
                    for one in event.body["to"]:
                        place = (one["list"], one["to"])
                        before = last.get(place)
                        last[place] = _asked(case_id, entry, one, waiting, 1 if before is None else before.asked + 1)
                elif event.kind == "MailHandedIn" and event.body["number"] == number:
                    for place, one in last.items():
                        if one.notice == event.body["notice"]:
                            last[place] = replace(one, state="handed in", at=entry.command.at, problem=None)
        return list(last.values())

    def recalls(self, by: Practitioner, case_id: str) -> Mapping[int, Recall]:
        """The letters of a case that told of an ending that was an error, by number, as this person may see it."""
        check_sees(self._store, by, case_id)
        found = recalls(self.load(by.authority, case_id), self._store.history(by.authority, case_id))
        sight = self.sight(by, case_id)
        return {number: sight.of_value(one) for number, one in found.items()}

    def went_out(self, claim: Claim, kind: str, body: Mapping[str, JSON]) -> Done:
        """Keep in the case that a notice went out, and settle it in the same moment."""
        if kind != MAIL_HANDED_IN:
            raise Refused(f"A case keeps nothing of a notice called {kind}.")
        asked = Asked(f"{claim.key}:handed-in", kind, {**body, "notice": claim.key}, WORKER, settles=claim)
        return self._door.change(claim.authority, claim.case_id, lambda case: asked)


def recalled(entries: Iterable[HistoryEntry], number: int) -> bool:
    """Whether a letter told of an ending that was an error."""
    return any(
        event.kind == "NoticeRecalled" and event.body["number"] == number
        for entry in entries
        for event in recorded_events(entry)
    )


def _asked(
    case_id: str, entry: HistoryEntry, one: Mapping[str, JSON], waiting: Mapping[str, NoticeLine], asked: int
) -> Mailed:
    notice = notice_of(case_id, entry.revision, str(one["mail"]))
    line = waiting.get(notice)
    state: Standing = "queued"
    if line is not None and line.state == "dead":
        state = "failed"
    elif line is not None and line.state == "dismissed":
        state = "taken off"
    elif line is not None and line.problem:
        state = "tried again"
    at = entry.command.at if line is None or line.settled_at is None else datetime.fromisoformat(line.settled_at)
    return Mailed(
        str(one["list"]),
        str(one["to"]),
        str(one["address"]),
        str(one["mail"]),
        entry.command.by,
        entry.command.at,
        state,
        at,
        line.problem if line is not None and state in ("failed", "tried again") else None,
        line.attempts if line is not None else 0,
        asked,
        notice,
    )
