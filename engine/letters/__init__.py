"""Letters: a template and a case become a text that a person edits, and that text becomes a page and a paper."""

from engine.letters.paper import Letterhead, letter_html, letter_pdf, letterhead
from engine.letters.rendering import Blank, LetterIncomplete, Rendered, blanks_in, check_complete, fill_in, render
from engine.letters.template import LetterTemplate, Paragraph, read_letter

__all__ = [
    "Blank",
    "LetterIncomplete",
    "LetterTemplate",
    "Letterhead",
    "Paragraph",
    "Rendered",
    "blanks_in",
    "check_complete",
    "fill_in",
    "letter_html",
    "letter_pdf",
    "letterhead",
    "read_letter",
    "render",
]
