"""What a pathway is called is changed in a draft; its id only until it is published, with all that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import Refused
from engine.studio.naming import Called, called, given_id, naming, recalled
from engine.studio.new_pieces import new_pathway
from engine.studio.workspace import Workspace
from tests.engine.studio.test_pieces import SETTINGS

PROCESSES = Path(__file__).resolve().parents[3] / "processes"
DECISION = "southwark/southwark_executive_decision"
CALLS = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">
  <collaboration id="around"><participant id="pool" processRef="leave_area"/></collaboration>
  <process id="other" isExecutable="true"><callActivity id="leave" name="Leave"><extensionElements>
    <zeebe:calledElement processId="leave_area"/></extensionElements></callActivity></process>
</definitions>
"""
SCENARIO = """title = "Leaves"
[given]
authority = "village"
pathway = "leave_area" # the child moves
now = 2026-03-02
[given.case]
cp_plan_reason = "leave_area"
[[when]]
advance = "+1 day"
[[when]]
start = "leave_area"
[then]
incidents = 0
"""
MORE = """[corrections]
reinstate = ["head_of_quality_assurance"]
pathway = "leave_area"
[messages]
Moved = "leave_area"
Stayed = "other"
[letters]
footer = "leave_area"
"""


@pytest.fixture(scope="module")
def southwark() -> Workspace:
    """The folder of one shipped pathway."""
    places = (PROCESSES / DECISION).rglob("*")
    files = {p.relative_to(PROCESSES).as_posix(): p.read_bytes() for p in places if p.is_file()}
    return Workspace.of("southwark", files, {})


@pytest.fixture
def village() -> Workspace:
    """A folder with a pathway that everything may name."""
    plain = Workspace.of("village", {"village/authority.toml": SETTINGS + MORE.encode()}, {})
    return Workspace.of(
        "village",
        {
            **plain.files,
            **new_pathway(plain, "leave_area", "Leave the area", "social_worker"),
            "village/other/pathway.toml": b'title = "Other than leave_area"\nversion = "1"\n',
            "village/other/pathway.bpmn": CALLS.encode(),
            "village/other/scenarios/leaves.toml": SCENARIO.encode(),
        },
        {},
    )


def test_a_pathway_is_called_otherwise_and_nothing_else_of_its_files_changes(southwark: Workspace) -> None:
    """Title, purpose and version are lines of its settings, the name on its picture stands at process and pool."""
    now = called(southwark, "southwark_executive_decision")
    assert "Southwark: executive decision to discontinue the plan" == now.drawn
    wanted = Called("Ending the plan by decision", now.purpose, "1.1.0", "Decision of those in charge")
    changed = recalled(southwark, "southwark_executive_decision", wanted)
    assert {f"{DECISION}/pathway.toml", f"{DECISION}/pathway.bpmn"} == set(changed)
    for path, body in changed.items():
        assert body is not None
        before, after = southwark.files[path].decode().splitlines(), body.decode().splitlines()
        assert 2 == sum(1 for old, new in zip(before, after, strict=True) if old != new), path
    assert wanted == called(Workspace.of("southwark", southwark.files, changed), "southwark_executive_decision")
    assert {} == recalled(southwark, "southwark_executive_decision", now)


def test_a_comment_stays_beside_a_line_and_a_purpose_is_added_where_there_was_none(village: Workspace) -> None:
    """What somebody wrote beside a setting is theirs."""
    body = b'title = "Leave" # as the policy has it\nversion = "0.1.0"\n\n[parameters.days]\n'
    body += b'type = "whole number"\ndefault = 1\nmin = 0\nmax = 9\nlabel = "Days"\nreason = "None"\ntag = "product"\n'
    path = "village/leave_area/pathway.toml"
    workspace = Workspace.of("village", village.files, {path: body})
    changed = recalled(workspace, "leave_area", Called("Move away", "For a child who moves.", "0.1.0", ""))
    expected = body.replace(b'"Leave"', b'"Move away"').replace(
        b"has it\n", b'has it\npurpose = "For a child who moves."\n'
    )
    assert {path: expected} == changed


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (Called("x", "", "1.0", ""), "3 to 120"),
        (Called("Leave", "", "one two", ""), "such as 1.1.0"),
        (Called("Leave", "x" * 4001, "1.0", ""), "4,000"),
    ],
)
def test_a_name_that_cannot_be_kept_is_refused_in_words(village: Workspace, wanted: Called, says: str) -> None:
    """The reason says what to write instead."""
    with pytest.raises(Refused, match=says):
        recalled(village, "leave_area", wanted)


def test_a_pathway_without_its_diagram_still_has_a_title(village: Workspace) -> None:
    """A draft may be half-way: what is there is shown, and what is not there is not made up."""
    other = CALLS.replace('processRef="leave_area"', 'processRef="other"').encode()
    workspace = Workspace.of("village", village.files, {"village/leave_area/pathway.bpmn": other})
    assert Called("Leave the area", "", "0.1.0", "") == called(workspace, "leave_area")
    wanted = Called("Leave the area", "", "0.1.0", "Words")
    assert {} == recalled(workspace, "leave_area", wanted)


def test_what_stands_over_several_lines_is_left_to_whoever_wrote_it(village: Workspace) -> None:
    """No line is guessed at."""
    body = b'title = """\nLeave\nthe area"""\nversion = "0.1.0"\n'
    workspace = Workspace.of("village", village.files, {"village/leave_area/pathway.toml": body})
    with pytest.raises(Refused, match="line of its own"):
        recalled(workspace, "leave_area", Called("Move away", "", "0.1.0", ""))


def test_a_pathway_that_nobody_has_is_given_another_id_with_all_that_names_it(village: Workspace) -> None:
    """Calls, settings, messages and scenarios name it by its new id; a text that only looks alike stays."""
    assert 3 == len(naming(village, "leave_area"))
    changed = given_id(village, "leave_area", "move_away")
    after = Workspace.of("village", village.files, changed)
    assert ["move_away", "other"] == after.pathways
    assert not any(path.startswith("village/leave_area/") for path in after.files)
    settings = after.files["village/authority.toml"].decode()
    assert settings == (SETTINGS.decode() + MORE).replace('y = "leave_area"', 'y = "move_away"').replace(
        'Moved = "leave_area"', 'Moved = "move_away"'
    )
    scenario = after.files["village/other/scenarios/leaves.toml"].decode()
    assert 'pathway = "move_away" # the child moves' in scenario and 'start = "move_away"' in scenario
    assert 'cp_plan_reason = "leave_area"' in scenario
    assert b'processId="move_away"' in after.files["village/other/pathway.bpmn"]
    assert "move_away" == after.release("move_away").pathway
    assert 3 == len(naming(after, "move_away"))


def test_an_id_that_is_taken_or_would_leave_something_behind_is_refused(village: Workspace) -> None:
    """Nothing that names a pathway may be left without one."""
    with pytest.raises(Refused, match="other already"):
        given_id(village, "leave_area", "other")
    odd = SCENARIO.replace('pathway = "leave_area"', "pathway = 'leave_area'").encode()
    workspace = Workspace.of("village", village.files, {"village/other/scenarios/leaves.toml": odd})
    with pytest.raises(Refused, match="leaves.toml would still name leave_area"):
        given_id(workspace, "leave_area", "move_away")
    common = Workspace.of("village", village.files, {"common/shared/all/pathway.bpmn": CALLS.encode()})
    with pytest.raises(Refused, match="belongs to no single authority"):
        given_id(common, "leave_area", "move_away")
