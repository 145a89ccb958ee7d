"""The pages of those who draw pathways, and of those who approve what was drawn."""

from webhooks.studio import checking, drafts, forms, parameters, publishing, tables, texts
from webhooks.studio.room import studio

__all__ = ["checking", "drafts", "forms", "parameters", "publishing", "studio", "tables", "texts"]
