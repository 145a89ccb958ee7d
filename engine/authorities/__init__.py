"""Local authorities: their settings, their local values and the clauses of their policies."""

from engine.authorities.authority import (
    HEAD,
    Authority,
    LetterSettings,
    LocalValue,
    Overdue,
)
from engine.authorities.clauses import Clause, clauses_from_csv, read_clauses, strange_clauses
from engine.authorities.corrections import Corrections
from engine.authorities.parameters import Parameter, ParameterRefused
from engine.authorities.people import Provider, Separation, SignInWays
from engine.authorities.reading import authority_from_toml, read_authority

__all__ = [
    "HEAD",
    "Authority",
    "Clause",
    "Corrections",
    "LetterSettings",
    "LocalValue",
    "Overdue",
    "Parameter",
    "ParameterRefused",
    "Provider",
    "Separation",
    "SignInWays",
    "authority_from_toml",
    "clauses_from_csv",
    "read_authority",
    "read_clauses",
    "strange_clauses",
]
