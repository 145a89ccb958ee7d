"""Forms: a form-js schema read strictly, and the answers to it checked on the server."""

from engine.forms.fields import Field, Group, Item, Line, Option, Passage
from engine.forms.form import Form
from engine.forms.reading import form_id, read_form
from engine.forms.words import Words, left_open, listed, shown

__all__ = [
    "Field",
    "Form",
    "Group",
    "Item",
    "Line",
    "Option",
    "Passage",
    "Words",
    "form_id",
    "left_open",
    "listed",
    "read_form",
    "shown",
]
