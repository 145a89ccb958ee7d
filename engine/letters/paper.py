"""A letter's text on the screen and on paper: the same Markdown as HTML and as a PDF/UA-1 that a screen reader reads.

The text never becomes Typst source: letter.typ is fixed, and gets the letter as a JSON document to set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

import orjson
import typst
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from engine.authorities import Authority
from engine.calendars import spoken
from engine.errors import Unreadable
from engine.letters.template import LetterTemplate

#: The colour of headings where an authority names none.
BLACK = "#0b0c0c"
#: PDF for universal access (ISO 14289-1): tagged, titled, in a declared language.
STANDARD: Final = "ua-1"

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).disable(
    ["image", "link", "autolink", "reference", "html_inline", "html_block", "fence", "code", "backticks", "entity"]
)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What stands above and below every letter of an authority: who writes, and how whoever gets it can answer.

    lines    address lines; the authority's name stands above them and in none of them
    contact  telephone and email, each named
    """

    authority: str
    lines: tuple[str, ...]
    contact: tuple[str, ...]
    footer: str


def letterhead(authority: Authority) -> Letterhead:
    """The letterhead of an authority, as its settings say."""
    own = authority.letters
    contact = (("Telephone", own.telephone), ("Email", own.email))
    return Letterhead(
        authority.name,
        tuple(line for line in own.address if line.strip() and line.strip() != authority.name),
        tuple(f"{what}: {said}" for what, said in contact if said),
        own.footer,
    )


def letter_html(text: str) -> str:
    """A letter's text as HTML for a page. No HTML, link or picture in the text survives as such."""
    html: str = _MARKDOWN.render(text)
    return html


def letter_pdf(
    template: LetterTemplate,
    text: str,
    recipients: Sequence[str],
    authority: Authority,
    *,
    sent_on: str | None,
    signed_by: str | None = None,
    reference: str | None = None,
) -> bytes:
    """The letter as PDF/UA-1: one copy for each recipient, each on pages of its own under its own address.

    recipients  names or whole addresses, lines apart; with none, one copy without an address
    sent_on     ISO date; None marks the paper as a draft
    signed_by   the sender's name, above the sender's role
    reference   the case's, for whoever answers
    """
    head = letterhead(authority)
    letter = {
        "title": template.title,
        "authority": head.authority,
        "colour": authority.colour or BLACK,
        "head": [*head.lines, *head.contact],
        "footer": head.footer,
        "reference": f"Our reference: {reference}" if reference else "",
        "date": "Draft, not sent" if sent_on is None else spoken(date.fromisoformat(sent_on[:10])),
        "copies": [[line.strip() for line in name.split("\n") if line.strip()] for name in recipients] or [[]],
        "signed": [line for line in (signed_by, authority.role_title(template.sender)) if line],
        "body": _levelled(_blocks(SyntaxTreeNode(_MARKDOWN.parse(text)).children)),
    }
    try:
        pdf = typst.compile(
            _source(),
            format="pdf",
            pdf_standards=STANDARD,
            sys_inputs={"letter": orjson.dumps(letter).decode()},
            ignore_system_fonts=True,
            timestamp=0,
        )
    except typst.TypstError as error:
        raise Unreadable(f"Letter {template.id} cannot be set as PDF. Shorten or simplify its text.") from error
    return bytes(pdf)


@cache
def _source() -> bytes:
    return files("engine.letters").joinpath("letter.typ").read_bytes()


def _blocks(nodes: Sequence[SyntaxTreeNode]) -> list[dict[str, Any]]:
    """The blocks of a text as letter.typ knows them."""
    return [_block(node) for node in nodes]


def _block(node: SyntaxTreeNode) -> dict[str, Any]:
    match node.type:
        case "heading":
            return {"kind": "heading", "level": int(node.tag[1:]), "inline": _inline(node.children)}
        case "paragraph":
            return {"kind": "paragraph", "inline": _inline(node.children)}
        case "bullet_list" | "ordered_list":
            return {
                "kind": "numbers" if node.type == "ordered_list" else "bullets",
                "start": int(node.attrs.get("start", 1)),
                "items": [_blocks(item.children) for item in node.children],
            }
        case "blockquote":
            return {"kind": "quote", "body": _blocks(node.children)}
    return {"kind": "rule"}


def _inline(nodes: Sequence[SyntaxTreeNode]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for node in nodes:
        match node.type:
            case "inline":
                found.extend(_inline(node.children))
            case "text" | "text_special":
                found.append({"kind": "text", "text": node.content})
            case "strong" | "em":
                found.append({"kind": node.type, "inline": _inline(node.children)})
            case "softbreak":
                found.append({"kind": "text", "text": " "})
            case _:
                found.append({"kind": "break"})
    return found


def _levelled(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The blocks with headings that begin at level 1 and leave no level out, as PDF/UA asks."""
    last = 0
    levelled: list[dict[str, Any]] = []
    for block in blocks:
        if block["kind"] == "heading":
            last = min(int(block["level"]), last + 1)
            block = {**block, "level": last}
        levelled.append(block)
    return levelled


__all__ = ["Letterhead", "letter_html", "letter_pdf", "letterhead"]
