"""A letter on paper is tagged PDF that a screen reader reads, one copy for each recipient."""

import re
from dataclasses import replace

import pytest
from markdown_it.tree import SyntaxTreeNode

from engine.authorities import Authority, Overdue
from engine.authorities.authority import LetterSettings
from engine.calendars import england_calendar
from engine.errors import Unreadable
from engine.letters import LetterTemplate, letter_pdf, letterhead, read_letter
from engine.letters.paper import _MARKDOWN, _blocks, _levelled

CAMDEN = Authority(
    id="camden",
    name="London Borough of Camden",
    roles={"iro": "Independent Reviewing Officer"},
    calendar=england_calendar(),
    overdue=Overdue(),
    life_event_pathway="x",
    colour="#003d4c",
    letters=LetterSettings(("1 Street", "London"), "020 7946 0000", "a@example.gov.uk", "Ask us."),
)
NOTICE: LetterTemplate = read_letter(
    b'+++\ntitle = "A plan ends"\nsender = "iro"\nrecipients = ["parents"]\nlabel = "product"\n+++\nText.\n',
    "notice.md",
)
TEXT = "# One\n\nText **bold** and *slanted*\nnext\\\nline.\n\n### Three\n\n- a\n  - b\n\n3. c\n\n> said\n\n---\n"


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def paper(text: str = TEXT, recipients: tuple[str, ...] = ("Ms Example\n2 Street",), **more: object) -> bytes:
    settings = {"sent_on": "2026-03-02", **more}
    return letter_pdf(NOTICE, text, recipients, CAMDEN, **settings)  # type: ignore[arg-type]


def test_a_letter_is_pdf_for_universal_access():
    """PDF/UA-1 (ISO 14289-1): tagged, titled, in British English."""
    pdf = paper()

    assert pdf.startswith(b"%PDF-1.7")
    assert b"pdfuaid:part>1<" in pdf
    assert b"/Lang (en-GB)" in pdf or b"/Lang(en-GB)" in pdf
    assert b"/Marked true" in pdf
    assert b"A plan ends" in pdf


def test_the_same_letter_is_the_same_paper():
    """What was kept as sent can be set again, byte for byte."""
    assert paper() == paper()
    assert paper() != paper(sent_on=None)


def test_each_recipient_gets_a_copy_of_their_own():
    """One recipient's address never stands on another's paper."""
    assert pages(paper(recipients=())) == 1
    assert pages(paper(recipients=("A", "B", "C"))) == 3


def test_whoever_gets_a_letter_can_answer_it():
    """The letterhead names telephone and email as what they are; the case's reference stands on the paper."""
    head = letterhead(CAMDEN)

    assert head.contact == ("Telephone: 020 7946 0000", "Email: a@example.gov.uk")
    assert paper(reference="CAM-2026-0417") != paper(reference="CAM-2026-0418") != paper()


def test_the_authoritys_name_stands_once_in_its_letterhead():
    """An address that repeats the name that stands above it loses that line, and no other."""
    twice = LetterSettings(("Children and Families", CAMDEN.name, "1 Street"))

    assert letterhead(replace(CAMDEN, letters=twice)).lines == ("Children and Families", "1 Street")


def test_nothing_a_letter_says_is_typst():
    """The text is set as it is, whatever it looks like."""
    for hostile in ('#panic("x")', '#read("/etc/passwd")', "$x$ @a <b> \\ // /* ]", "*" * 50, "= Title", "é\u200f☃"):
        assert paper(text=hostile, recipients=(hostile,), signed_by=hostile).startswith(b"%PDF")


def test_an_authority_without_letter_settings_has_plain_letters():
    """Nothing but the name is needed."""
    plain = Authority("x", "X", {}, CAMDEN.calendar, Overdue(), "x")

    assert letter_pdf(NOTICE, "Text.", [], plain, sent_on=None).startswith(b"%PDF")


def test_a_letter_that_cannot_be_set_says_so():
    """A letter as long as a book is refused in a sentence, not with a stack trace."""
    broken = Authority("x", "X", {}, CAMDEN.calendar, Overdue(), "x", colour="no colour")

    with pytest.raises(Unreadable, match=r"^Letter notice cannot be set as PDF\. Shorten or simplify its text\.$"):
        letter_pdf(NOTICE, "Text.", [], broken, sent_on=None)


def test_the_text_becomes_blocks():
    """Headings begin at level 1 and leave no level out, as PDF/UA asks; every other block keeps its meaning."""
    blocks = _levelled(_blocks(SyntaxTreeNode(_MARKDOWN.parse(TEXT)).children))

    def text(word: str) -> dict[str, str]:
        return {"kind": "text", "text": word}

    assert blocks == [
        {"kind": "heading", "level": 1, "inline": [text("One")]},
        {
            "kind": "paragraph",
            "inline": [
                text("Text "),
                {"kind": "strong", "inline": [text("bold")]},
                text(" and "),
                {"kind": "em", "inline": [text("slanted")]},
                text(" "),
                text("next"),
                {"kind": "break"},
                text("line."),
            ],
        },
        {"kind": "heading", "level": 2, "inline": [text("Three")]},
        {
            "kind": "bullets",
            "start": 1,
            "items": [
                [
                    {"kind": "paragraph", "inline": [text("a")]},
                    {"kind": "bullets", "start": 1, "items": [[{"kind": "paragraph", "inline": [text("b")]}]]},
                ]
            ],
        },
        {"kind": "numbers", "start": 3, "items": [[{"kind": "paragraph", "inline": [text("c")]}]]},
        {"kind": "quote", "body": [{"kind": "paragraph", "inline": [text("said")]}]},
        {"kind": "rule"},
    ]
