"""Made-up members of staff, at least one for every role of an authority."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count

from engine.authorities import Authority
from engine.casework import kept_password
from engine.store import Store
from engine.store.people import Holding, Person

#: How many people hold a role; one where it is not named.
SEATS = {"social_worker": 5, "conference_chair": 3, "iro": 3, "team_manager": 2, "minute_taking_service": 2}

_NAMES = (
    "Amara Osei",
    "Bethan Pritchard-Jones",
    "Callum Fairweather",
    "Devika Raghunathan",
    "Eleanor Whitcombe",
    "Femi Adebayo-Clarke",
    "Grace Lindqvist",
    "Haroon Siddiqui",
    "Imogen Thistlewood",
    "Jerome Baptiste",
    "Katarzyna Wiśniewska",
    "Liam O’Rourke",
    "Marguerite Delacroix-Hamilton",
    "Nasreen Choudhury",
    "Oluwaseun Akintola",
    "Philippa Greenhalgh",
    "Quentin Marlowe",
    "Rosalind Achebe",
    "Siobhan Kerrigan",
    "Tomasz Nowicki",
    "Ursula Bannerman",
    "Vikram Chandrasekhar",
    "Winifred Asante",
    "Yusuf Demir",
    "Zainab Farooqi",
    "Adrian Pemberton",
    "Beatrix Holloway",
    "Chidi Nwosu",
    "Delphine Aubrey",
    "Edmund Castellane",
)

#: How far an authority's names are turned against Camden's, so that no two councils share their people.
TURNED = {"darlington": 7, "dorset": 13, "southwark": 19, "sussex": 26}


@dataclass(frozen=True, slots=True)
class Colleague:
    """One of them, as the sign-in list names them."""

    person: str
    sign_in: str
    name: str
    role: str


def new_password() -> str:
    """One password for the whole demonstration, different in every database."""
    letters = "abcdefghjkmnpqrstuvwxyz"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(3))


def appoint(store: Store, authority: Authority, password: str, *, at: datetime) -> tuple[Colleague, ...]:
    """Give every role of an authority its people."""
    kept = kept_password(password)
    names = chain(_names(TURNED.get(authority.id, 0)), (f"Colleague {number}" for number in count(1)))
    colleagues = []
    for role in authority.roles:
        for _ in range(SEATS.get(role, 1)):
            name = next(names)
            sign_in = _plain(name)
            store.people.put(authority.id, Person(sign_in, sign_in, name, _mail(sign_in, authority), kept), at=at)
            holding = Holding(sign_in, role, at.date().isoformat())
            store.people.hold(authority.id, holding, at=at, by="set-up", why="demonstration")
            colleagues.append(Colleague(sign_in, sign_in, name, role))
    return tuple(colleagues)


def _names(turned: int) -> Iterator[str]:
    """Every first name with the surname that stands `turned` places on."""
    for number in range(len(_NAMES)):
        first = _NAMES[(number + 2 * turned) % len(_NAMES)].split(" ", 1)[0]
        yield f"{first} {_NAMES[(number + turned) % len(_NAMES)].split(' ', 1)[1]}"


def holders(colleagues: Iterable[Colleague]) -> Mapping[str, list[str]]:
    """The people of each role."""
    found: dict[str, list[str]] = {}
    for colleague in colleagues:
        found.setdefault(colleague.role, []).append(colleague.person)
    return found


_PLAIN = str.maketrans({"ś": "s", "ń": "n", "’": "", "ł": "l", " ": "."})


def _plain(name: str) -> str:
    """A sign-in of plain letters: amara.osei."""
    return name.lower().translate(_PLAIN)


def _mail(sign_in: str, authority: Authority) -> str:
    return f"{sign_in}@{authority.id}.example"
