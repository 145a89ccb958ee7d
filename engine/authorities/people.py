"""How an authority's people sign in, and which roles must be different people: two tables of authority.toml.

[sign_in]                                       # leave it out: local accounts with passwords, nothing else
local_accounts = false                          # nobody signs in with a password of this service any more
issuer = "https://login.example.gov.uk"         # the authority's OpenID Connect provider
client_id = "discharge-pathways"
secret_file = "camden.secret"                   # its name in the installation's folder of provider secrets
claim = "preferred_username"                    # what the provider calls a person; a user name here
title = "Sign in with your Camden account"

[separation]
may_be_one_person = [["auditor", "qa_unit"]]            # else who checks or draws pathways decides no cases
must_be_two_people = [["iro", "social_worker"]]         # never both roles at once
two_people_on_a_case = [["conference_chair", "iro"]]    # both roles, but not in one case
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.authorities.toml_file import Table

Pair = frozenset[str]
_SECRET_FILE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
_ISSUER = re.compile(r"^https://[^\s/]+(/[^\s?#]*)?$|^http://(127\.0\.0\.1|localhost)(:\d+)?(/[^\s?#]*)?$")


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenID Connect provider: it says who somebody is, and nothing of what they may do."""

    issuer: str
    client_id: str
    secret_file: str
    claim: str = "preferred_username"
    title: str = ""


@dataclass(frozen=True, slots=True)
class SignInWays:
    """How people of an authority sign in."""

    local_accounts: bool = True
    provider: Provider | None = None

    def document(self) -> dict[str, Any]:
        """As it is kept; empty where nothing was said."""
        if self == LOCAL_ACCOUNTS:
            return {}
        provider = self.provider
        found: dict[str, Any] = {"local_accounts": self.local_accounts}
        if provider is not None:
            names = ("issuer", "client_id", "secret_file", "claim", "title")
            found["provider"] = {name: getattr(provider, name) for name in names}
        return found

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> SignInWays:
        """What `document` wrote."""
        provider = document.get("provider")
        return cls(document.get("local_accounts", True), None if provider is None else Provider(**provider))


#: Passwords of this service, and no provider.
LOCAL_ACCOUNTS = SignInWays()


@dataclass(frozen=True, slots=True)
class Separation:
    """Which roles one person may hold together although the product forbids it, and which never."""

    may_be_one_person: frozenset[Pair] = frozenset()
    must_be_two_people: frozenset[Pair] = frozenset()
    two_people_on_a_case: frozenset[Pair] = frozenset()

    def document(self) -> dict[str, Any]:
        """As it is kept; empty where nothing was said."""
        names = ("may_be_one_person", "must_be_two_people", "two_people_on_a_case")
        return {name: sorted(sorted(pair) for pair in getattr(self, name)) for name in names if getattr(self, name)}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Separation:
        """What `document` wrote."""
        return cls(**{name: frozenset(map(frozenset, pairs)) for name, pairs in document.items()})


#: What holds where an authority says nothing: the product's own separation.
NOT_SAID = Separation()


def read_sign_in(table: Table) -> SignInWays:
    """The table [sign_in]; every mistake is noted in its file."""
    local = table.any("local_accounts")
    if local is None:
        local = True
    elif not isinstance(local, bool):
        table.say("local_accounts", "local_accounts is neither true nor false.", "Write true or false.")
        local = True
    issuer = table.text("issuer", longest=300)
    provider = None
    if issuer:
        if not _ISSUER.match(issuer):
            table.say("issuer", "issuer is not an HTTPS address.", 'Write it as the provider does: "https://...".')
        secret_file = table.text("secret_file", required=True, longest=100)
        if secret_file and not _SECRET_FILE.match(secret_file):
            table.say("secret_file", "secret_file is not the name of a file.", "Write a name without a folder.")
        provider = Provider(
            issuer.rstrip("/"),
            table.text("client_id", required=True, longest=200),
            secret_file,
            table.text("claim", "preferred_username", longest=100),
            table.text("title", longest=200),
        )
    elif not local:
        table.say("local_accounts", "Nobody could sign in.", "Name an issuer, or leave local accounts on.")
    table.done()
    return SignInWays(local, provider)


def read_separation(table: Table, roles: Iterable[str]) -> Separation:
    """The table [separation]; every mistake is noted in its file."""
    known = set(roles)

    def pairs(key: str) -> frozenset[Pair]:
        value = table.any(key)
        found = set()
        for one in value if isinstance(value, list) else () if value is None else (value,):
            if not (isinstance(one, list) and len(one) == 2 and len(set(map(str, one))) == 2 and set(one) <= known):
                table.say(key, f"{key} is not a list of pairs of roles.", 'Write [["conference_chair", "iro"]].')
            else:
                found.add(frozenset(one))
        return frozenset(found)

    separation = Separation(pairs("may_be_one_person"), pairs("must_be_two_people"), pairs("two_people_on_a_case"))
    table.done()
    return separation
