"""A letter's file is read strictly, each mistake with its line and its mend."""

import pytest

from engine.errors import PathwayRefused
from engine.letters import read_letter

HEAD = """+++
title = "A plan ends"
sender = "social_worker"
recipients = ["network_recipients", "parent_recipients"]
clauses = "CAM-2.3 CAM-2.4"
label = "policy"
+++
"""


def refusals(text: str | bytes) -> list[str]:
    content = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(PathwayRefused) as refused:
        read_letter(content, "camden/x/letters/notice.md")
    return [str(finding).removeprefix("camden/x/letters/notice.md: ") for finding in refused.value.findings]


def test_a_letter_is_read_with_its_head_and_its_paragraphs():
    """The head says who sends it to whom and why; the body is Markdown with values and conditions."""
    letter = read_letter(
        (HEAD + '\n# For {= case.name}\n\n{? reason = "DIED"} One,\ntwo {x}.\n\n\n- {=a}{= {b: 1}.b}\n').encode(),
        "camden/x/letters/notice.md",
    )

    assert (letter.id, letter.title, letter.sender, letter.label) == (
        "notice",
        "A plan ends",
        "social_worker",
        "policy",
    )
    assert letter.recipients == ("network_recipients", "parent_recipients")
    assert letter.clauses == ("CAM-2.3", "CAM-2.4")
    assert letter.names == {"case", "reason", "a"}
    first, second, third = letter.paragraphs
    assert first.condition is None and first.parts[0] == "# For "
    assert second.condition is not None and second.condition.text == 'reason = "DIED"'
    assert second.parts == ("One,\ntwo {x}.",)
    assert [getattr(part, "text", part) for part in third.parts] == ["- ", "a", "{b: 1}.b"]


def test_clauses_may_be_a_list_and_files_may_come_from_windows():
    """Both ways of writing are common."""
    text = HEAD.replace('"CAM-2.3 CAM-2.4"', '["CAM-2.3", "CAM-2.4"]') + "Text.\n"

    letter = read_letter(text.replace("\n", "\r\n").encode(), "notice.md")

    assert letter.clauses == ("CAM-2.3", "CAM-2.4")
    assert letter.paragraphs[0].parts == ("Text.",)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (b"\xff", "is not UTF-8 text. Save it as UTF-8."),
        ("Text.", "It has no head. Begin with a line +++, TOML, and +++."),
        ("+++\ntitle = 1\nText.", "It has no head. Begin with a line +++, TOML, and +++."),
        (HEAD, "line 7: The letter says nothing. Write it below the head."),
        (
            HEAD.replace("title =", "titel =") + "Text.",
            "titel: Line 2: titel is not known here. Did you mean title?",
        ),
        (
            HEAD.replace('label = "policy"', 'label = "law"') + "Text.",
            "label: Line 6: label is 'law'. Write one of: policy, reading, product.",
        ),
        (
            HEAD.replace('clauses = "CAM-2.3 CAM-2.4"', "clauses = 2.3") + "Text.",
            'clauses: Line 5: clauses is no text. Write "CAM-2.3 CAM-2.4".',
        ),
        (
            HEAD.replace('clauses = "CAM-2.3 CAM-2.4"\n', "") + "Text.",
            "clauses: clauses is missing. Name the clauses that ask for the letter, or label it product.",
        ),
        (
            HEAD.replace('["network_recipients", "parent_recipients"]', "[]") + "Text.",
            'recipients: Line 4: recipients names nobody. Write the lists it goes to: ["parent_recipients"].',
        ),
        (
            HEAD.replace('"parent_recipients"', '"Mr Example"') + "Text.",
            "recipients: Line 4: Mr Example is no id. Use lower-case words joined by underscores.",
        ),
        (
            HEAD + "One.\n\n{? x = 1}\n\nTwo.",
            "line 10: A condition stands alone. Write it at the start of its paragraph, on the same line.",
        ),
        (
            HEAD + "One.\nTwo {? x = 1} three.",
            "line 9: A condition stands inside a paragraph. Put it at the start of a paragraph of its own.",
        ),
        (HEAD + "One.\n\nTo {= case.name", "line 10: An expression is opened and not closed. Close it with }."),
        (HEAD + "{? x = 1 One.", "line 8: An expression is opened and not closed. Close it with }."),
    ],
)
def test_a_mistake_is_named_with_its_line(text, refusal):
    """An analyst reads where the letter is wrong and what to write."""
    assert refusal in refusals(text)


def test_broken_feel_in_a_letter_shows_its_place():
    """An expression that cannot be read is shown with a caret below the place."""
    [refusal] = refusals(HEAD + "One {= case.name + } two.")

    assert refusal.startswith("line 8: An expression cannot be read: ")
    assert "\ncase.name +\n" in refusal and "^" in refusal
