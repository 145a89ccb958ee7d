"""The walk over a pathway sees every way through it, and says what may not be: seen on diagrams broken on purpose."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from engine.authorities import read_authority
from engine.case.clashes import RULES
from engine.case.state import CaseState
from engine.execution import prepare
from engine.feel import Environment, compile_unary_tests
from engine.pathways import find_releases
from tests.pathways.conftest import PROCESSES
from tests.walks.joint import Rows
from tests.walks.judging import Judge
from tests.walks.kinds import Kinds
from tests.walks.marks import Marks
from tests.walks.pairs import Pairs
from tests.walks.probes import Probes, compiled
from tests.walks.reading import Reading
from tests.walks.settings import Settings
from tests.walks.standing import Frame, Row, Standing, twice
from tests.walks.survey import Share, faults, walk_share
from tests.walks.walk import BEGIN, IN_FULL
from tests.walks.watching import REFUSED, Asked, Check, Once, own
from tests.walks.ways import Walked, Way

#: Small, with a table, a form of conditional questions, and calls of other pathways that end plans.
WALKED = "sussex_after_discharge_return"
ENDING = "RCPC_HELD_PLAN_ENDED"
#: What nobody does, and an ending that asks for it.
MISSING = ("decided_by_nobody", "told_by_nobody", "followed_by_nobody", "told_at_last_by_nobody")
NOBODY = Judge({ENDING: MISSING[:1]}, {ENDING: MISSING[1:2]}, {ENDING: MISSING[2:3]}, {ENDING: MISSING[3:]})
#: A guard that asks for one fact and lets a plan end where that is not known, in the place of the authority's own.
CARELESS = {
    'id="sussex_may_end_plan" name="sussex_may_end_plan"': 'id="careful" name="careful"',
    "</definitions>": """
  <decision id="sussex_may_end_plan" name="sussex_may_end_plan">
    <variable id="careless_variable" name="careless"/>
    <decisionTable id="careless_table" hitPolicy="FIRST">
      <input id="careless_in">
        <inputExpression id="careless_text" typeRef="boolean"><text>case.left_uk</text></inputExpression>
      </input>
      <output id="careless_end" name="may_end" typeRef="boolean"/>
      <output id="careless_blocker" name="blocker" typeRef="string"/>
      <rule id="careless_1"><inputEntry id="careless_1a"><text>true</text></inputEntry>
        <outputEntry id="careless_1b"><text>false</text></outputEntry>
        <outputEntry id="careless_1c"><text>"left"</text></outputEntry></rule>
      <rule id="careless_2"><inputEntry id="careless_2a"><text>-</text></inputEntry>
        <outputEntry id="careless_2b"><text>true</text></outputEntry>
        <outputEntry id="careless_2c"><text>null</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>""",
}


def walked(judge: Judge, folder: Path = PROCESSES / "sussex", *, in_full: int = IN_FULL) -> tuple[Walked, set[str]]:
    ((found, named),) = walk_share(Share(folder, (WALKED,), 0), judge, in_full)
    return found, named - found.outcomes


@pytest.fixture
def broken(tmp_path: Path) -> Callable[[str, Mapping[str, str]], Path]:
    """A copy of Sussex's pathways in which some texts of one file read otherwise."""

    def copied(name: str, texts: Mapping[str, str]) -> Path:
        for each in ("sussex", "common"):
            if not (tmp_path / each).exists():
                shutil.copytree(PROCESSES / each, tmp_path / each)
        file = tmp_path / "sussex" / name
        text = file.read_text(encoding="utf-8")
        for old, new in texts.items():
            assert old in text
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")
        return tmp_path / "sussex"

    return copied


def test_every_way_is_seen_and_each_outcome_is_reached() -> None:
    """All ways are walked, no question's answers are left out, and the diagram has no end that nothing reaches."""
    found, never = walked(Judge.of("sussex"))

    assert found.exhausted
    assert found.few == set()
    assert never == set()
    assert not any("waits for nobody" in what or "incident" in what for what, _ in faults(found))


def test_an_ending_without_its_decision_maker_or_its_notices_is_found() -> None:
    """Where somebody must decide or be told, and nobody did, the walk says which ending, and the way to it."""
    found, _ = walked(NOBODY)

    told = dict(faults(found))
    for missing in MISSING:
        assert any(what.startswith(ENDING) and missing in what and way for what, way in told.items()), missing


def test_who_is_told_at_last_is_told_before_the_ending_or_after_it_and_only_while_it_is_owed() -> None:
    """A notice may come after the ending; where nothing runs any more it must have come, unless nobody is owed it."""
    judge = Judge({}, {}, at_last={ENDING: ("write|call",)}, owed_while={ENDING: {"deceased": True}})

    def missing(case: CaseState, *, ended: str, completed: frozenset[str] = frozenset()) -> list[str]:
        found = Walked(WALKED)
        judge(case, Way(completed=completed, ended=ended), found)
        return [what for what, _ in faults(found)]

    case = CaseState("sussex", "WALK-1")
    case.facts["deceased"] = True
    assert missing(case, ended=ENDING) == [f"{ENDING} was reached and write|call did not tell of it"]
    assert missing(case, ended="") == missing(case, ended=ENDING, completed=frozenset({"call"})) == []
    case.facts["deceased"] = False
    assert missing(case, ended=ENDING) == []


def test_what_is_explained_and_no_ending_asks_for_is_told() -> None:
    """An explanation that nothing needs any more would excuse a fault to come."""
    judge = Judge({}, {}, unknown={ENDING: {"the fact left_uk": "It was asked.", "the fact deceased": "It was asked."}})

    assert judge.excuses(ENDING, "the fact left_uk")
    assert not judge.excuses(ENDING, "the fact legal_status")
    assert judge.unused() == [(ENDING, "the fact deceased")]


def test_a_question_that_an_answer_hides_is_answered_though_nothing_else_reads_that_answer() -> None:
    """Answers of which nothing is made are one, but not before the questions that they hide."""
    hides, other = compiled('moved != "yes"'), compiled("where = null or moved = null")
    fields = frozenset({"moved", "where"})
    asked = Once(Asked("where", [own(hides, fields, {}, Environment())]))
    before = [asked.work_out("moved", asked.first, word, {"moved": word}) for word in ("yes", "no", "not known")]
    assert before[0] != before[1] == before[2]
    after = [asked.work_out("where", rest, "None", {"moved": "yes", "where": None}) for rest in before]
    assert len({*after}) == 1

    check = Once(Check("where", own(other, fields, {}, Environment()), [own(hides, fields, {}, Environment())]))
    answered = [{"moved": word, "where": "there"} for word in ("yes", "no")]
    rests = [check.work_out("where", check.first, repr(number), each) for number, each in enumerate(answered)]
    assert (rests[0] == REFUSED, rests[1] == REFUSED) == (True, False)


def test_a_guard_that_lets_a_plan_end_on_something_unknown_is_found(
    broken: Callable[[str, Mapping[str, str]], Path],
) -> None:
    """With any one thing not known no plan ends, unless it would end whatever that thing were."""
    found, _ = walked(Judge.of("sussex"), broken("shared/decisions/sussex_may_end_plan.dmn", CARELESS))

    unknown = [what for what, _ in faults(found) if "is not known" in what]
    assert unknown
    assert all("the fact left_uk is not known" in what for what in unknown)


def test_a_fact_that_only_a_mapping_of_the_decision_reads_is_taken_away_before_it_was_decided(
    broken: Callable[[str, Mapping[str, str]], Path],
) -> None:
    """What was not known when an ending was decided counts, though nothing reads it where the plan ends."""
    careful = "(if case.reviews_held = null or conferences_before = null then case.reviews_held = conferences_before "
    mapped = {
        '"=case.reviews_held" target="conferences_before"': '"=case.s20_stable" target="conferences_before"',
        f"{careful}else case.reviews_held &lt;= conferences_before)": "not(conferences_before = true)",
    }
    found, _ = walked(Judge.of("sussex"), broken("sussex_removal_rcpc/pathway.bpmn", mapped))

    told = f"{ENDING}: the plan ends where the fact s20_stable is not known; were it True it would not"
    assert told in [what for what, _ in faults(found)]


def test_what_happens_without_saying_to_what_before_an_ending_stops_it(
    broken: Callable[[str, Mapping[str, str]], Path],
) -> None:
    """Between a decision and its ending: had anything that might have been said stopped it, so must saying nothing."""
    careless = {old: new.replace("case.left_uk", 'case.legal_status = "none"') for old, new in CARELESS.items()}
    broken("shared/decisions/sussex_may_end_plan.dmn", careless)
    found, _ = walked(
        Judge.of("sussex"),
        broken("sussex_removal_rcpc/pathway.bpmn", {'life_event" name="LifeEvent"': 'life_event" name="ChildDied"'}),
    )

    told = f"{ENDING}: the plan ends where what LegalStatusChanged before close_plan came to is not known; "
    assert f"{told}were it 'none' it would not" in [what for what, _ in faults(found)]


def test_a_question_that_has_no_answer_in_the_diagram_is_found(
    broken: Callable[[str, Mapping[str, str]], Path],
) -> None:
    """A way on which the engine cannot go on by itself is an incident, and the walk names the place."""
    asks = "=not(some t in hold_lar.type_of_plan satisfies"
    found, _ = walked(
        Judge.of("sussex"),
        broken(f"{WALKED}/pathway.bpmn", {asks: asks.replace("=", "=hold_lar.type_of_plan &gt; 3 and ", 1)}),
    )

    assert any(what.startswith("incident at") for what, _ in faults(found))


def test_a_fact_that_becomes_unknown_while_a_step_waits_is_tried_there(
    broken: Callable[[str, Mapping[str, str]], Path],
) -> None:
    """Facts are no part of a place: each step is tried with each fact that it reads, another and not known."""
    careful = (
        "(if case.reviews_held = null or conferences_before = null then case.reviews_held = conferences_before else "
    )
    found, _ = walked(Judge.of("sussex"), broken("sussex_removal_rcpc/pathway.bpmn", {careful: "("}))

    ways = [way for what, way in faults(found) if what.startswith("incident at end_plan_at_rcpc")]
    assert ways
    assert all("reviews_held=None" in way[-1] for way in ways)


def test_what_no_rule_tells_apart_is_one() -> None:
    """A variable counts as what the rules that read it make of it, and a table as the rows that are left."""
    probes = Probes(Environment())
    (name,) = probes.names(compiled("answers.quorate = true and answers.harm = false"))
    entry = name.partition(".")[2]
    alike = [{"quorate": True, "harm": None}, {"quorate": None, "harm": True, "reasons": "other"}]

    assert probes.of(entry, {"quorate": True, "harm": False}) is True
    assert [probes.of(entry, each) for each in alike] == [False, False]

    table = Rows((None, None), tuple(tuple(map(compile_unary_tests, row)) for row in (("1", "-"), ("2", "-"))), "F")
    assert table.met([0b01, None]) == 0b01
    assert table.met([None, 0b11]) == 0b11


def test_in_pairs_the_same_faults_are_found(broken: Callable[[str, Mapping[str, str]], Path]) -> None:
    """Gone on from only where a state shows a new pair of traits, a walk comes to its end and each judge still sees."""
    careless = broken("shared/decisions/sussex_may_end_plan.dmn", CARELESS)
    found, never = walked(NOBODY, careless, in_full=0)

    assert (found.exhausted, found.paired, never) == (True, True, set())
    told = [what for what, _ in faults(found)]
    for fault in (*MISSING, "the fact left_uk is not known"):
        assert any(fault in what for what in told), fault


def test_a_state_with_two_traits_that_were_not_together_is_new() -> None:
    """Each trait may have been seen before; that something is not there, or not known, is a trait as well."""
    pairs = Pairs()

    def at(token: str, *known: tuple[str, object]) -> bool:
        return pairs.new((Frame("review", (Row(token, (), (), ()),), known),), iter(()))

    assert at("ask", ("harm", True))
    assert at("tell", ("harm", False))
    assert at("ask", ("harm", False))
    assert not at("ask", ("harm", True))
    assert at("tell")


def test_what_was_done_counts_only_where_it_need_not_be_done_again() -> None:
    """Before a step that every way to an ending passes it is no matter whether it was done before; a letter is."""
    releases = {release.pathway: release for release in find_releases(PROCESSES / "sussex")}
    endings = Judge({}, {"LAR_HELD_CP_ROUTE": ("hold_lar", "a_letter")})

    assert Marks([prepare(releases[WALKED], sound=True)], endings).at_start(WALKED) == {"a_letter"}


def test_no_kind_of_child_has_facts_that_contradict_one_another() -> None:
    """What nobody can record is not walked: who has turned 18 was born 18 years ago."""
    standing = of_one_release()
    kinds = Kinds(standing.reading, standing, BEGIN).apart(frozenset({"case.turned_18", "case.unborn"}))

    assert any(kind.facts["turned_18"] is True for kind in kinds)
    assert not any(rule.clash(kind.facts, BEGIN.date()) for kind in kinds for rule in RULES)


def test_what_comes_again_and_again_is_walked_a_second_time() -> None:
    """A list that grows with every round, and tokens that pile up at one place, would never come to an end."""
    standing = of_one_release()
    rounds = [standing.steers([{"effect": "LATE"}] * number, None) for number in range(4)]

    assert rounds[2] == rounds[3]
    assert len({*rounds}) == 3
    assert twice(["wait", "ask", "wait", "wait"]) == twice(["wait", "wait", "ask"]) != twice(["wait", "ask"])


def of_one_release() -> Standing:
    folder = PROCESSES / "sussex"
    release = find_releases(folder)[0]
    pathway = prepare(release, sound=True)
    settings = Settings(read_authority(folder), {release.pathway: release}, {release.hash: pathway})
    return Standing(settings, Reading([pathway]), ())
