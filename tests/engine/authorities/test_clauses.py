"""A policy's clauses are listed with what each asks of the product."""

import pytest

from engine.authorities import Clause, clauses_from_csv, read_clauses
from engine.errors import PathwayRefused


def refusals(content: str) -> list[str]:
    with pytest.raises(PathwayRefused) as refused:
        clauses_from_csv(content.encode(), "camden/clauses.csv")
    return [str(finding) for finding in refused.value.findings]


def test_clauses_are_read_by_id(tmp_path):
    """Each clause has a section, what it asks for, and our own summary."""
    folder = tmp_path / "southwark"
    folder.mkdir()
    (folder / "clauses.csv").write_text(
        "id,tag,summary\n"
        'CAM-2.3a,"precondition, record","A letter says the reason, in full."\n'
        "\n"
        "SOU-A.148a,context-only,Archived.\n"
        "DOR-2.143a1,decision-criterion,First review.\n",
        encoding="utf-8-sig",
    )

    clauses = read_clauses(folder)

    assert clauses == {
        "CAM-2.3a": Clause("CAM-2.3a", "2.3", ("precondition", "record"), "A letter says the reason, in full."),
        "SOU-A.148a": Clause("SOU-A.148a", "A.148", ("context-only",), "Archived."),
        "DOR-2.143a1": Clause("DOR-2.143a1", "2.143", ("decision-criterion",), "First review."),
    }
    assert [clause.context_only for clause in clauses.values()] == [False, True, False]


def test_a_section_may_be_given():
    """Where the policy numbers its sections otherwise, the column says so."""
    clauses = clauses_from_csv(b"id,section,tag,summary\nSUS-2.9,Part two,timer,At once.\n", "x")

    assert clauses["SUS-2.9"].section == "Part two"


def test_a_folder_without_clauses_is_refused(tmp_path):
    """A task that names a clause needs the list."""
    with pytest.raises(
        PathwayRefused, match=r"/clauses\.csv: There is no such file\. Add clauses\.csv with id, tag, s"
    ):
        read_clauses(tmp_path)


@pytest.mark.parametrize(
    ("row", "refusal"),
    [
        ("2.3,timer,Text", "2.3 is no clause id. Write it as CAM-2.3a."),
        (",timer,Text", "An empty cell is no clause id. Write it as CAM-2.3a."),
        (
            "CAM-2.3,timer,Text, more",
            "It has more or fewer cells than there are columns. Put a text that holds a comma in quotes.",
        ),
        (
            "CAM-2.3,hint,Text",
            (
                "Its tag is hint. Use one or more of: context-only, decision-criterion, escalation, exception, "
                "follow-up, notification, pathway, precondition, record, timer, user-task."
            ),
        ),
        ("CAM-2.3,timer,", "It has no summary. Say in your own words what the clause asks for."),
        ("CAM-1.1,timer,Again", "CAM-1.1 is listed twice. Keep one of them."),
    ],
)
def test_a_row_that_cannot_be_read_is_named(row, refusal):
    """Each wrong row is named with its number and the mend."""
    assert refusals(f"id,tag,summary\nCAM-1.1,pathway,Text\n{row}\n") == [f"camden/clauses.csv: row 3: {refusal}"]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        ("", "row 1: Its columns are none. Name them id, section, tag, summary."),
        (
            "id,tag,summary,colour\n",
            "row 1: Its columns are id, tag, summary, colour. Name them id, section, tag, summary.",
        ),
        ('id,tag,summary\n"CAM', "is no CSV in UTF-8. Save it as CSV UTF-8."),
    ],
)
def test_a_file_that_is_no_list_of_clauses_is_refused(content, refusal):
    """The columns are named in the first row."""
    assert refusals(content) == [f"camden/clauses.csv: {refusal}"]
