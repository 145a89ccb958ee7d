"""Facts that must never reach somebody: who they are kept from, and what one reader may see of a case.

A mark names a fact (`placement_address`, a task's answer `record_placement.address`, or one entry of a list) and the
parties it is kept from. `Sight` is the one place that says what a reader sees; every page, letter, mail, paper,
export, webhook and answer of the API asks it. What is withheld leaves a marker, never a gap that looks like "not
known", and a letter with a marker in it cannot be approved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, TypeVar

from engine.case.wording import pattern, searchable
from engine.history import JSON

PERSON, ROLE, PARENT, AGENCY, LIST, SYSTEM = "person", "role", "parent", "agency", "list", "system"
#: What a party may be: a member of staff, all holders of a role, a parent or carer, an agency, everybody on one of a
#: letter's lists of recipients, or another computer system.
PARTY_KINDS = (PERSON, ROLE, PARENT, AGENCY, LIST, SYSTEM)
#: How the id of a system begins that acts by a token.
ACTING_SYSTEM = "system:"
#: Instead of a name: everybody of that kind.
EVERYONE = "*"
#: Everybody whom earlier letters told, from whichever list: what is kept from any list is kept from this one.
TOLD = "told"

T = TypeVar("T")
_MARKER = re.compile(r"\[\[withheld: [^\]]*\]\]")
_PLAIN = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Party:
    """Whom a fact is kept from: `who` is a person id, role, list or system, or a name as the case's lists hold it."""

    kind: str
    who: str

    def same(self, other: Party) -> bool:
        """Whether both name the same party, however it is spaced or capitalised."""
        return self.kind == other.kind and (EVERYONE in (self.who, other.who) or plain(self.who) == plain(other.who))


@dataclass(slots=True)
class Mark:
    """One fact kept from some parties, until it is lifted.

    fact       a fact's name, or `element.field` for an answer of a task
    entry      one entry of the fact's list; None for the fact whole
    kept_from  [kind, who] pairs
    texts      every text the fact has had, to be found wherever somebody typed it
    """

    number: int
    fact: str
    entry: str | None
    kept_from: list[list[str]]
    texts: list[str]
    why: str
    by: str
    at: str
    lifted: str | None = None

    def bars(self, reader: Reader) -> bool:
        """Whether the fact is kept from this reader."""
        kept_from = [Party(kind, who) for kind, who in self.kept_from]
        return self.lifted is None and any(one.same(other) for one in kept_from for other in reader.parties)


@dataclass(slots=True)
class Restriction:
    """A case open to these people and nobody else, until it is lifted."""

    people: list[str]
    why: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who looks or is written to, as every party that they are or may be."""

    parties: tuple[Party, ...]

    @classmethod
    def person(cls, person: str, roles: Iterable[str]) -> Reader:
        """Somebody who acts: what is kept from one of their roles is kept from them.

        A system that acts by a token of its own is kept from what it is kept from as a system, too.
        """
        name = person.removeprefix(ACTING_SYSTEM)
        own = cls.system(name).parties if name != person else ()
        return cls((Party(PERSON, person), *own, *(Party(ROLE, role) for role in sorted(roles))))

    @classmethod
    def system(cls, name: str) -> Reader:
        """Another computer system, which may be an agency's."""
        return cls((Party(SYSTEM, name), Party(AGENCY, name)))

    @classmethod
    def recipient(cls, to: str, on_list: str, known: Mapping[str, Iterable[str]], marks: Iterable[Mark]) -> Reader:
        """Whom a letter goes to, on one of its lists of recipients.

        known  the case's own lists: 'parent' and 'agency' to their entries
        A recipient written otherwise than any entry of the case's lists may be anybody of their kind: what is kept
        from one of those is then kept from them too.
        """
        kind = _kind_of(on_list)
        parties = _on_list(on_list)
        kinds = (kind,) if kind else (PARENT, AGENCY)
        entries = {plain(one) for each in kinds for one in known.get(each, ())}
        for each in kinds:
            parties.append(Party(each, to))
            for mark in marks:
                for other, who in mark.kept_from:
                    if other == each and (plain(to) not in entries or _within(who, to)):
                        parties.append(Party(each, who))
        return cls(tuple(dict.fromkeys(parties)))

    @classmethod
    def list_of(cls, on_list: str) -> Reader:
        """Everybody whom a list of recipients may name, before anybody has been chosen."""
        kind = _kind_of(on_list)
        kinds = (kind,) if kind else (PARENT, AGENCY)
        return cls((*_on_list(on_list), *(Party(each, EVERYONE) for each in kinds)))


def _on_list(on_list: str) -> list[Party]:
    name = on_list.removesuffix("_recipients")
    return [Party(LIST, EVERYONE)] if name == TOLD else [Party(LIST, on_list), Party(LIST, name)]


def _kind_of(on_list: str) -> str | None:
    """Whether a list of recipients names parents or agencies, None where it may name either."""
    words = on_list.lower()
    if any(word in words for word in ("parent", "carer", "famil", "mother", "father")):
        return PARENT
    return AGENCY if any(word in words for word in ("agenc", "network", "invitee", "practitioner")) else None


@dataclass(frozen=True, slots=True)
class Sight:
    """What one reader may see of one case; made from the marks that keep something from them."""

    marks: tuple[Mark, ...] = field(default=(), repr=False)
    _numbers: frozenset[int] = field(default=frozenset(), repr=False)

    @classmethod
    def of(cls, marks: Iterable[Mark], reader: Reader) -> Sight:
        """What the reader may see."""
        barred = tuple(mark for mark in marks if mark.bars(reader))
        return cls(barred, frozenset(mark.number for mark in barred))

    @property
    def whole(self) -> bool:
        """Whether nothing is kept from this reader."""
        return not self.marks

    def hides(self, fact: str) -> bool:
        """Whether a fact is kept from the reader whole."""
        return any(mark.fact in (fact, _FOLLOWS_FROM.get(fact)) and mark.entry is None for mark in self.marks)

    def facts(self, facts: Mapping[str, JSON]) -> dict[str, JSON]:
        """A case's facts as the reader may see them; a withheld one is a marker (`is_withheld`)."""
        return dict(self.of_value(facts)) if self.marks else dict(facts)

    def text(self, text: str) -> str:
        """A text with a marker wherever something withheld stands in it."""
        for mark in self.marks:
            found = pattern(mark.texts)
            if found is not None:
                text = found.sub(lambda _, mark=mark: marker(mark.fact), text)  # type: ignore[misc]  # bound at once
        return text

    def disclosed_by(self, text: str) -> tuple[Mark, ...]:
        """The marks whose fact a text would tell the reader."""
        return tuple(mark for mark in self.marks if (found := pattern(mark.texts)) and found.search(text))

    def of_value(self, value: T, within: tuple[str, ...] = ()) -> T:
        """Anything that is shown (JSON, events, views) as the reader may see it; the very same where nothing is kept.

        within  the names under which the value stands, the nearest last
        """
        if not self.marks:
            return value
        seen: T = self._seen(value, within)
        return seen

    def _seen(self, value: Any, within: tuple[str, ...]) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return self._mapping(value, within)
        if isinstance(value, list | tuple):
            seen = [self._seen(item, within) for item in value]
            return seen if isinstance(value, list) else tuple(seen)
        if is_dataclass(value) and not isinstance(value, type):
            if isinstance(value, Mark):
                return self._mark(value)
            changes = {f.name: self._seen(getattr(value, f.name), within) for f in fields(value) if f.init}
            return replace(value, **changes)
        return value

    def _mapping(self, value: Mapping[str, Any], within: tuple[str, ...]) -> dict[str, Any]:
        if "kept_from" in value and value.get("number") in self._numbers:
            return {"number": value["number"], "fact": value.get("fact"), "withheld": True}
        element = value.get("element") if isinstance(value.get("element"), str) else None
        seen: dict[str, Any] = {}
        for name, held in value.items():
            inside = (*within, element, name) if element and name in _SAID_BY_ELEMENT else (*within, name)
            mark = self._kept(name, inside)
            seen[name] = self._seen(held, inside) if mark is None or held is None else marker(mark.fact)
        return seen

    def _kept(self, name: str, within: tuple[str, ...]) -> Mark | None:
        for mark in self.marks:
            if mark.entry is None:
                *before, last = mark.fact.split(".")
                if last == name and all(part in within for part in before):
                    return mark
                if mark.fact == _FOLLOWS_FROM.get(name):
                    return mark
        return None

    def _mark(self, mark: Mark) -> Mark:
        if mark.number not in self._numbers:
            return replace(mark, texts=[], why=self.text(mark.why))
        return replace(mark, entry=None, kept_from=[], texts=[], why=marker(mark.fact))


#: The sight of somebody from whom nothing is kept.
EVERYTHING = Sight()

#: What is worked out from one fact alone would tell it, or narrow it down: it is kept as that fact is.
_FOLLOWS_FROM = {"age": "dob", "looked_after": "legal_status"}

#: Under these an event holds what its element said.
_SAID_BY_ELEMENT = frozenset({"answers", "result", "values"})


def marker(fact: str) -> str:
    """What stands where something is withheld."""
    return f"[[withheld: {fact}]]"


def is_withheld(value: JSON) -> bool:
    """Whether a value is a marker: it is to be shown as kept from the reader."""
    return isinstance(value, str) and _MARKER.fullmatch(value) is not None


def holds_withheld(value: JSON) -> bool:
    """Whether anything in a value is a marker: what was worked out from it may tell what is withheld."""
    return _MARKER.search(str(value)) is not None


def legible(text: str) -> str:
    """A text with '(kept from you)' where a marker stands for what is withheld from its reader."""
    return _MARKER.sub("(kept from you)", text)


def texts_in(value: JSON) -> Iterator[str]:
    """Every text of a value that can be searched for, those inside lists and contexts included."""
    if isinstance(value, str):
        if searchable(value):
            yield value
    elif isinstance(value, Mapping):
        for held in value.values():
            yield from texts_in(held)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_in(item)


def plain(text: str) -> str:
    """A name as names are compared."""
    return " ".join(_PLAIN.sub(" ", text.casefold()).split())


def _within(name: str, text: str) -> bool:
    """Whether a name stands in a text, word by word."""
    return f" {plain(name)} " in f" {plain(text)} "
