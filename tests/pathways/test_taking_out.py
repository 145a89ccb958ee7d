"""Taking clauses out one at a time tells what a scenario misses from what none does: seen on a pathway made for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.neutralise.journal import Journal
from tests.neutralise.rehearsal import Limits
from tests.neutralise.survey import Wanted, in_a_child, survey
from tests.pathways.conftest import PROCESSES

QUICK = Limits(place=20, rest=0.5, usual=1)


def tagged(kind: str, name: str, more: str = "", inside: str = "") -> str:
    """An element that serves a clause."""
    return f"""<bpmn:{kind} id="{name}" name="{name}" {more}><bpmn:extensionElements>{inside}<zeebe:properties>
      <zeebe:property name="casework:clauses" value="SUS-1" /><zeebe:property name="casework:label" value="policy" />
      </zeebe:properties></bpmn:extensionElements></bpmn:{kind}>"""


def arrow(source: str, target: str, condition: str = "", name: str = "") -> str:
    """An arrow, on a condition where one is given."""
    when = f"<bpmn:conditionExpression>={condition}</bpmn:conditionExpression>" if condition else ""
    return f"""<bpmn:sequenceFlow id="{name or f"{source}_{target}"}" sourceRef="{source}" targetRef="{target}">{when}
      </bpmn:sequenceFlow>"""


#: Whoever is not yet to be seen waits for a day that is long past: without `to_be_seen` that goes on for ever.
#: Both ways out of `by_whom` lead to the same task.
DIAGRAM = f"""<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="made-up"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"><bpmn:process id="seeing" name="Seeing" isExecutable="true">
  <bpmn:startEvent id="begun" /><bpmn:exclusiveGateway id="again" />
  <bpmn:intermediateCatchEvent id="day"><bpmn:timerEventDefinition id="day_timer">
    <bpmn:timeDate>=date("2026-01-05")</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
  {tagged("exclusiveGateway", "to_be_seen", 'default="not_yet"')}
  {tagged("exclusiveGateway", "by_whom", 'default="usual"')}
  <bpmn:exclusiveGateway id="either" />
  {tagged("userTask", "see", "", "<zeebe:userTask /><zeebe:assignmentDefinition candidateGroups='social_worker' />")}
  {tagged("endEvent", "SEEN")}
  {arrow("begun", "again")} {arrow("again", "to_be_seen")} {arrow("to_be_seen", "day", name="not_yet")}
  {arrow("day", "again")} {arrow("to_be_seen", "by_whom", 'case.plan_status = "ACTIVE"')}
  {arrow("by_whom", "either", name="usual")} {arrow("by_whom", "either", "case.left_uk = true", "unusual")}
  {arrow("either", "see")} {arrow("see", "SEEN")}
</bpmn:process></bpmn:definitions>"""
SCENARIO = """title = "The child is seen"
clauses = ["SUS-1"]
[given]
authority = "sussex"
pathway = "seeing"
now = 2026-03-02T09:00:00
[given.case]
plan_status = "ACTIVE"
[[when]]
complete = "see"
by = "social_worker"
[then]
outcomes = ["SEEN"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An authority with one pathway and one scenario."""
    authority = tmp_path / "processes" / "sussex"
    (authority / "seeing" / "scenarios").mkdir(parents=True)
    (authority / "authority.toml").write_bytes((PROCESSES / "sussex" / "authority.toml").read_bytes())
    (authority / "seeing" / "pathway.bpmn").write_text(DIAGRAM, encoding="utf-8")
    (authority / "seeing" / "pathway.toml").write_text(
        'title = "Seeing"\npurpose = "A child is seen."\nversion = "1.0.0"\n', encoding="utf-8"
    )
    (authority / "seeing" / "scenarios" / "seen.toml").write_text(SCENARIO, encoding="utf-8")
    yield authority


def found(folder: Path) -> dict[str, str]:
    """What came of each place, by its id; what is found is kept beside the authority's folder."""
    journal = Journal(folder.parent.parent / "found.jsonl")
    return {each.place.id: each.outcome for each in survey(folder, Wanted(), journal, QUICK)}


def test_what_a_scenario_misses_is_told_from_what_none_misses(folder: Path) -> None:
    """A step, an outcome and a question without which nothing rests are missed; a question that is none is not."""
    assert found(folder) == {"to_be_seen": "killed", "by_whom": "survived", "see": "killed", "SEEN": "killed"}


def test_a_place_that_takes_longer_than_it_may_is_not_taken_for_noticed() -> None:
    """Where the time of a place is over before a scenario has said anything, nothing is said of it."""

    def without_end() -> tuple[str, str]:
        while True:
            pass

    assert in_a_child(without_end, 1) == ("not finished", "")


def test_what_was_found_is_sought_again_only_where_it_may_have_changed(folder: Path) -> None:
    """A second run writes nothing; a scenario more asks again for what survived, a changed pathway for everything."""
    kept = folder.parent.parent / "found.jsonl"
    first = found(folder)
    written = kept.read_bytes()
    assert found(folder) == first and kept.read_bytes() == written
    more = SCENARIO.replace('plan_status = "ACTIVE"', 'plan_status = "ACTIVE"\nleft_uk = true')
    (folder / "seeing" / "scenarios" / "left.toml").write_text(more, encoding="utf-8")
    found(folder)
    asked = kept.read_bytes()[len(written) :].splitlines()
    assert [b'"survived"' in line for line in asked if b'"finding"' in line] == [True]
    (folder / "seeing" / "pathway.bpmn").write_text(DIAGRAM + "\n", encoding="utf-8")
    before = len(kept.read_bytes().splitlines())
    found(folder)
    assert sum(b'"finding"' in line for line in kept.read_bytes().splitlines()[before:]) == len(first)
