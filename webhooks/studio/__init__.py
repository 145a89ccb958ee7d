"""The pages of those who draw pathways, and of those who approve what was drawn."""

from webhooks.studio import (
    carrying,
    checking,
    drafts,
    former,
    forms,
    making,
    naming,
    outline,
    parameters,
    publishing,
    tables,
    texts,
    trying,
)
from webhooks.studio.room import studio

__all__ = [
    "carrying",
    "checking",
    "drafts",
    "former",
    "forms",
    "making",
    "naming",
    "outline",
    "parameters",
    "publishing",
    "studio",
    "tables",
    "texts",
    "trying",
]
