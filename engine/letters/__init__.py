"""Letters: a template and a case become a text that a person edits, and that text becomes a page and a paper."""

from engine.letters.paper import letter_html, letter_pdf
from engine.letters.rendering import Blank, LetterIncomplete, Rendered, blanks_in, check_complete, render
from engine.letters.template import LetterTemplate, Paragraph, read_letter

__all__ = [
    "Blank",
    "LetterIncomplete",
    "LetterTemplate",
    "Paragraph",
    "Rendered",
    "blanks_in",
    "check_complete",
    "letter_html",
    "letter_pdf",
    "read_letter",
    "render",
]
