"""The runner over a kit folder of our own making: it counts, it lists failures, and it fails below the bar."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from engine.dmn import DmnError, NoSuchDecision
from engine.feel import YearMonthDuration
from tests.tck.__main__ import main, same
from tests.tck.adapter import _models, evaluate

MODEL = """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" namespace="urn:kit" name="kit">
  <import name="other" namespace="urn:other"/>
  <inputData id="n" name="n"><variable name="n" typeRef="number"/></inputData>
  <decision id="d" name="twice"><informationRequirement><requiredInput href="#n"/></informationRequirement>
    <literalExpression><text>n * 2</text></literalExpression></decision>
  <decision id="e" name="echo"><literalExpression><text>given</text></literalExpression></decision>
  <decisionService id="s" name="service"><outputDecision href="#d"/><inputData href="#n"/></decisionService>
  <businessKnowledgeModel id="k" name="model"><encapsulatedLogic><formalParameter name="a"/>
    <literalExpression><text>a + 1</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>
</definitions>"""
OTHER = """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" namespace="urn:other" name="other">
  <import name="back" namespace="urn:kit"/></definitions>"""
CASES = """<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <modelName>kit.dmn</modelName>
  <testCase id="1"><inputNode name="n"><value xsi:type="xsd:decimal">2</value></inputNode>
    <resultNode name="twice"><expected><value xsi:type="xsd:decimal">{expected}</value></expected></resultNode>
  </testCase>
  <testCase id="2" type="decisionService" invocableName="service">
    <inputNode name="n"><value xsi:nil="true"/></inputNode>
    <resultNode name="twice" errorResult="true"><expected><value xsi:nil="true"/></expected></resultNode></testCase>
  <testCase id="3"><inputNode name="given"><list><item><value xsi:type="xsd:date">2026-01-01</value></item>
      <item><component name="a"><value>text</value></component></item><item><list xsi:nil="true"/></item></list>
    </inputNode>
    <resultNode name="echo"><expected><list><item><value xsi:type="xsd:date">2026-01-01</value></item>
      <item><component name="a"><value xsi:type="xsd:string">text</value></component></item>
      <item><value xsi:nil="true"/></item></list></expected></resultNode></testCase>
</testCases>"""


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    for level in (2, 3):
        folder = tmp_path / f"compliance-level-{level}" / "0001-own"
        folder.mkdir(parents=True)
        (folder / "kit.dmn").write_text(MODEL)
        (folder / "other.dmn").write_text(OTHER)
        (folder / "own-test-01.xml").write_text(CASES.format(expected=4))
    return tmp_path


def ask(kit: Path, kind: str, name: str, **inputs: object) -> object:
    folder = kit / "compliance-level-2" / "0001-own"
    paths = [str(path) for path in folder.glob("*.dmn")]
    return evaluate(paths, str(folder / "kit.dmn"), kind, name, inputs)


def test_a_kit_that_passes_is_counted(kit, capsys):
    """Cases, cases with a value and folders are shown for each level."""
    assert 0 == main([str(kit)])
    assert [
        "level 2: 3/3 cases (100%), 2/2 with a value (100%), 1/1 folders",
        "level 3: 3/3 cases (100%), 2/2 with a value (100%), 1/1 folders",
    ] == capsys.readouterr().out.splitlines()


def test_a_failure_is_listed_and_below_the_bar(kit, capsys):
    """A wrong result is a line that says what was expected."""
    file = kit / "compliance-level-3" / "0001-own" / "own-test-01.xml"
    file.write_text(CASES.format(expected=5))

    assert 1 == main([str(kit)])
    assert "0001-own 1 twice: expected Decimal('5'), got Decimal('4')" in capsys.readouterr().out


def test_a_model_that_cannot_be_read_is_a_failure(kit, capsys):
    """An error of reading counts against the engine, and does not stop the run."""
    (kit / "compliance-level-2" / "0001-own" / "kit.dmn").write_text("<definitions/>")

    assert 1 == main([str(kit)])
    assert "0001-own 1 twice: DmnError: kit.dmn:" in capsys.readouterr().out


def test_a_missing_or_empty_folder_is_a_failure(tmp_path, capsys):
    """Nothing run is nothing proved."""
    assert 1 == main([str(tmp_path / "nowhere")])
    assert 1 == main([])
    assert 1 == main([str(tmp_path)])
    assert capsys.readouterr().out.endswith("The folder holds no cases of level 2 or 3.\n")


def test_the_adapter_gives_values_the_kit_compares(kit):
    """Decisions, services and knowledge models by name; durations as Python has them, dates as ISO text shows them."""
    assert Decimal(6) == ask(kit, "decision", "twice", n=3) == ask(kit, "decisionService", "service", n=3)
    assert Decimal(4) == ask(kit, "bkm", "model", a=3)
    assert timedelta(days=1) == ask(kit, "decision", "echo", given=timedelta(days=1))
    assert "2026-01-01" == str(ask(kit, "decision", "echo", given=date(2026, 1, 1)))
    assert {"a": [14]} == {
        "a": [item.months for item in ask(kit, "decision", "echo", given={"a": [YearMonthDuration(14)]})["a"]]
    }
    assert ask(kit, "decision", "twice", n="x") is None


def test_the_adapter_raises_only_for_what_is_not_there(kit):
    """A FEEL error is null; a missing invocable or an unreadable model is an error."""
    with pytest.raises(NoSuchDecision):
        ask(kit, "decision", "nope")
    (kit / "compliance-level-2" / "0001-own" / "kit.dmn").write_text("no")
    _models.cache_clear()
    with pytest.raises(DmnError):
        ask(kit, "decision", "twice")


@pytest.mark.parametrize(
    ("result", "expected", "equal"),
    [
        (None, None, True),
        (None, Decimal(1), False),
        (Decimal(1), None, False),
        (Decimal("1.38629436111"), Decimal("1.38629436"), True),
        (Decimal("1.3862"), Decimal("1.38629436"), False),
        ("1", Decimal(1), False),
        (True, True, True),
        ([Decimal(1)], [Decimal(1)], True),
        ([Decimal(1)], [], False),
        ({"a": 1}, {"b": 1}, False),
    ],
)
def test_results_are_compared_as_the_kit_writes_them(result, expected, equal):
    """Numbers to the places the kit gives; everything else exactly."""
    assert equal is same(result, expected)
