"""The `pathways` command as analysts, operators and auditors use it: files in, words or JSON out, exit codes meant."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from engine.commands import main
from engine.commands.opening import open_office
from engine.store.checkpoint_file import CheckpointFile
from engine.store.tables import CASE_FILE, CHECKPOINT, CHECKPOINT_HEAD, CHILD_KEY, HISTORY, READING_HEAD
from tests.casework import drawn
from tests.contracts.looking import change
from tests.engine.execution.diagrams import arrows, diagram, end, process, start, tag, user
from tests.support.office import small_authority

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = str(ROOT / "processes")
FORM = b'{"type": "default", "components": [{"type": "textfield", "key": "said", "label": "What was said?"}]}'
EASTER = ROOT / "processes" / "camden" / "camden_route" / "scenarios" / "section_20_over_easter.toml"


def run(*words: str, exits: int = 0) -> Result:
    """Run the command; its exit code is part of what it says."""
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert exits == result.exit_code, result.output + repr(result.exception)
    return result


@pytest.fixture
def place(tmp_path: Path) -> tuple[str, ...]:
    """A database with keys, and a person who may act."""
    options = ("--database", f"sqlite:///{tmp_path / 'cases.db'}", "--keys", str(tmp_path / "keys"))
    run("init", *options)
    return options


def folder_of(release: object, into: Path) -> Path:
    """A release's files as a stranger's folder."""
    for path, content in release.files.items():  # type: ignore[attr-defined]  # a Release
        target = into / Path(path).relative_to("area/p")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return into


def test_feel_gives_the_value_and_says_what_it_had_to_say(tmp_path: Path) -> None:
    """An expression, a context from a file, its value; diagnostics go to standard error."""
    context = tmp_path / "context.json"
    context.write_text('{"age": 16, "status": "s20"}')

    assert "true" == run("feel", 'age < 18 and status = "s20"', "--context", str(context)).stdout.strip()
    assert "null" in run("feel", 'age < "x"', "--context", str(context)).stdout


def test_a_broken_expression_is_shown_with_a_caret() -> None:
    """The author sees the text, where it stops making sense, and what to write."""
    said = run("feel", "1 +", exits=1).stderr

    assert "1 +" in said
    assert "^" in said


def test_decide_names_the_rows_that_matched(tmp_path: Path) -> None:
    """A result comes with its rules and the inputs they matched on."""
    context = tmp_path / "context.json"
    context.write_text('{"report": {"view": "good"}}')
    table = tmp_path / "choose.dmn"
    table.write_bytes(next(iter(drawn.decided().decision_files.values())))

    found = json.loads(run("decide", str(table), "choose", "--context", str(context), "--json").stdout)

    assert [1] == [rule["row"] for rule in found["rules"]]
    assert {"choose": {"report.view": "good"}} == found["inputs"]


def test_prove_names_a_gap_with_an_example(tmp_path: Path) -> None:
    """A table that leaves something open is not proved, and the example says what."""
    table = tmp_path / "choose.dmn"
    table.write_bytes(next(iter(drawn.decided().decision_files.values())))

    said = run("prove", str(table), exits=1).stdout

    assert "NOT PROVED" in said
    assert "no rule" in said


def test_the_shipped_pathways_pass_every_check() -> None:
    """Everything under processes/ runs as drawn, its tables proved, its conventions kept."""
    said = run("check", PROCESSES).stdout

    assert said.strip().endswith("0 refusals, 0 advice")


def test_a_folder_with_nothing_in_it_is_not_a_success(tmp_path: Path) -> None:
    """A check that checked nothing says so."""
    run("check", str(tmp_path), exits=1)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<bpmn:definitions", "not well-formed XML"),
        (b"", "not well-formed XML"),
        (b"<html/>", "no BPMN 2.0 diagram"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "draws no executable process"),
    ],
)
def test_a_diagram_that_cannot_be_read_is_named_and_hides_no_other(tmp_path: Path, content: bytes, says: str) -> None:
    """The findings are one JSON document, each with the file's own path and what is wrong with it."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "drawn.bpmn").write_bytes(content)
    alone = json.loads(run("check", str(tmp_path), "--json", exits=1).stdout)
    for name, body in drawn.two_steps().diagrams.items():
        (tmp_path / Path(name).name).write_bytes(body.replace(b'"report_view"', b'"unknown"'))
    beside = json.loads(run("check", str(tmp_path), "--json", exits=1).stdout)

    assert [("theirs/drawn.bpmn", True)] == [(one["file"], says in one["message"]) for one in alone]
    assert {"theirs/drawn.bpmn", "d0.bpmn"} >= {one["file"] for one in beside} >= {"d0.bpmn"}


def test_a_call_that_leads_nowhere_hides_no_other_pathway_of_the_folder(tmp_path: Path) -> None:
    """Each pathway is checked with what it calls, and with nothing else."""
    folder_of(drawn.two_steps(), tmp_path)
    (tmp_path / "pathway.toml").unlink()
    calling = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
        xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"><process id="caller" isExecutable="true"><callActivity id="c">
        <extensionElements><zeebe:calledElement processId="nowhere"/></extensionElements></callActivity></process>
        </definitions>"""
    (tmp_path / "caller.bpmn").write_bytes(calling)

    said = run("check", str(tmp_path), exits=1).stdout

    assert "refusal: caller.bpmn: c: It calls the process nowhere" in said
    assert "1 pathways checked" in said
    assert "advice: d0.bpmn" in said


def test_a_folder_of_broken_diagrams_is_not_deployed_and_says_why(tmp_path: Path, place: tuple[str, ...]) -> None:
    """What is wrong with the file, not that there is none."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "drawn.bpmn").write_bytes(b"<bpmn:definitions")

    said = run("deploy", str(tmp_path / "theirs"), *place, exits=1).output

    assert "drawn.bpmn: The file is not well-formed XML" in said


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "this is not JSON"),
        (b'{"id": "report", "type": "default", "components": [{"type": "html", "id": "h"}]}', "html"),
        (FORM.replace(b'"label"', b'"conditional": {"hide": "=1 +"}, "label"'), "Its condition"),
    ],
)
def test_a_form_that_cannot_be_read_is_named_and_no_form_whose_file_is_there_is_missed(
    tmp_path: Path, content: bytes, says: str
) -> None:
    """Whoever mends one file is not sent to add it, or another that is sound; one that is missing is said to be."""
    shown = [user(name, tag("zeebe:formDefinition", formId=name)) for name in ("report", "check", "close")]
    drawing = diagram(process("p", start(), *shown, end(), arrows("s > report > check > close > e"))).encode()
    for name, text in {"d.bpmn": drawing, "report.form": content, "check.form": FORM}.items():
        (tmp_path / name).write_bytes(text)

    found = json.loads(run("check", str(tmp_path), "--json", exits=1).stdout)

    refused = [(one["file"], one["message"]) for one in found if one["severity"] == "refusal"]
    assert "report.form" == refused[0][0] and says in refused[0][1]
    assert ["There is no form close."] == [message for _, message in refused if "There is no form" in message]


def test_one_of_several_processes_of_a_folder_is_deployed_by_its_name(tmp_path: Path, place: tuple[str, ...]) -> None:
    """The refusal names the choices and the option that chooses; a choice that is none is refused with them again."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    for name in ("first", "second"):
        drawing = diagram(process(name, start(), user("a"), end(), arrows("s > a > e"))).encode()
        (folder / f"{name}.bpmn").write_bytes(drawing)

    unsaid = run("deploy", str(folder), *place, exits=1).output
    wrong = run("deploy", str(folder), *place, "--pathway", "third", exits=1).output
    authority = run("deploy", f"{PROCESSES}/camden", *place, "--pathway", "camden_route", exits=1).output
    run("deploy", str(folder), *place, "--pathway", "second")

    assert "could be the pathway: first, second. Deploy one of them with --pathway, or put each into" in unsaid
    assert "holds no pathway third. It holds first, second. Correct --pathway." in wrong
    assert "camden_route instead of --pathway." in authority
    assert ["second"] == list(open_office(place[1], Path(place[3])).shelf.deployments("local"))


def test_a_diagram_of_an_authority_without_a_manifest_is_not_passed_over(tmp_path: Path) -> None:
    """Nothing checked is no good news: the folder and the file that is missing are named."""
    (tmp_path / "area" / "walk").mkdir(parents=True)
    (tmp_path / "area" / "authority.toml").write_text("")
    folder_of(drawn.two_steps(), tmp_path / "area" / "walk")
    (tmp_path / "area" / "walk" / "pathway.toml").unlink()

    said = run("check", str(tmp_path), exits=1).stdout

    assert "refusal: area/walk: A diagram stands here, and no pathway.toml" in said


def test_one_file_is_checked_without_its_neighbours(tmp_path: Path) -> None:
    """A diagram by its path: what stands beside it is not what was asked."""
    folder_of(drawn.two_steps(), tmp_path)
    (tmp_path / "broken.bpmn").write_bytes(b"<broken")

    assert "d0.bpmn" not in run("check", str(tmp_path / "broken.bpmn"), exits=1).stdout
    assert "0 refusals" in run("check", str(tmp_path / "d0.bpmn")).stdout


def test_scenarios_from_anywhere_run_and_are_certified() -> None:
    """One file, by name, as JSON: passed, its outcomes, and certified by replay."""
    (found,) = json.loads(run("scenarios", str(EASTER), "--processes", PROCESSES, "--json").stdout)

    assert (True, True, ["PLAN_ENDED_ADMIN_S20_AWAY"], "ENDED") == (
        found["passed"],
        found["certified"],
        found["outcomes"],
        found["plan_status"],
    )


def test_a_scenario_that_does_not_come_true_fails_the_command(tmp_path: Path) -> None:
    """An expectation that is not met is said, and the exit code says so too."""
    file = tmp_path / "wrong.toml"
    file.write_text(EASTER.read_text().replace('plan_status = "ENDED"', 'plan_status = "ACTIVE"'))

    said = run("scenarios", str(file), "--processes", PROCESSES, exits=1).stdout

    assert "plan_status: expected 'ACTIVE', is 'ENDED'" in said


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("[given]", "[giwen]"), "has 'giwen', which nothing reads"),
        (('complete = "raise_discharge_ground"', ""), "needs exactly one of"),
        (('complete = "raise_discharge_ground"', 'complete = "raise_discharge_ground"\nnumber = 0'), "number = 2"),
        (('complete = "raise_discharge_ground"', 'complete = "raise_discharge_ground"\nnumber = 2'), "with number 2"),
        (("[then]", "[then]\noutcomme = 1"), "has 'outcomme', which nothing reads"),
        (("title", "title = ["), "not a TOML file"),
        (("[then]", "[[when]]\nadvance = true\n[then]"), "needs one time to advance to"),
        (("[then]", '[[when]]\nadvance = "+1 day"\nat = "+2 days"\n[then]'), "needs one time to advance to"),
        (("[then]", '[[when]]\nevent = "ChildDied"\nanswers = {}\n[then]'), "has 'answers', which nothing reads"),
    ],
)
def test_a_scenario_that_cannot_be_read_names_the_place(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    """A mistyped key is refused, not passed over: a scenario that expects nothing proves nothing."""
    file = tmp_path / "broken.toml"
    file.write_text(EASTER.read_text().replace(*change, 1))

    assert says in run("scenarios", str(file), "--processes", PROCESSES, exits=1).stdout


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[[", "not a TOML file"),
        ('[given]\nauthority = "atlantis"\nnow = 2026-03-02\n[then]\nincidents = 0', "no such file"),
        ('[given]\nauthority = "camden"\nnow = 2026-03-02\n[thn]\nincidents = 0', "'thn', which nothing reads"),
        ('[given]\nauthority = "camden"\nnow = 2026-03-02\n[then]\noutcomes = 4', "outcomes is not written as"),
        ('[given]\nauthority = "camden"\nnow = 2026-03-02\n[then]\ndue = "soon"', "due is not written as"),
        ('[given]\nauthority = "camden"\nnow = 2026-03-02', "expects nothing"),
    ],
)
def test_a_scenario_that_proves_nothing_is_a_failed_result_and_stops_no_other(
    tmp_path: Path, text: str, says: str
) -> None:
    """One JSON document with every file: what cannot be read, and what expects nothing, has failed in words."""
    (tmp_path / "a.toml").write_text(text)
    (tmp_path / "b.toml").write_text(EASTER.read_text())

    found = json.loads(run("scenarios", str(tmp_path), "--processes", PROCESSES, "--json", exits=1).stdout)

    assert [False, True] == [one["passed"] for one in found]
    assert any(says in problem for problem in found[0]["problems"])


OVERTAKEN = """
[given]
authority = "southwark"
pathway = "southwark_executive_decision"
now = 2026-03-02T09:00:00
[given.case]
dob = "2015-05-04"
legal_status = "ico"
placement = "away_foster"
care_proceedings = true
cla_start_date = "2025-12-10"
next_review_conference_date = "2026-02-20"
[[when]]
complete = "request_executive_decision"
by = "team_manager"
answers = { safeguarding_plan = "s", why_discontinue = "w", order = "ico", contacted_on = "2026-03-02" }
refused = true
[[when]]
advance = true
at = "+1 day"
[then]
plan_status = "ACTIVE"
open_tasks = ["hold_review_conference"]
"""


def test_scenarios_say_where_to_run_them_where_no_pathways_are(tmp_path: Path) -> None:
    """Nobody is told to write an authority's settings anew because they stand in another folder."""
    said = run("scenarios", str(tmp_path), "--processes", str(tmp_path / "processes"), exits=1).output

    assert "Run this in the project’s folder or name it with --processes." in said


def test_from_a_folder_without_pathways_those_beside_the_engine_are_used_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scenarios are run from anywhere, and nobody is left to guess on which pathways."""
    monkeypatch.chdir(tmp_path)

    done = run("scenarios", str(EASTER))

    assert "1 of 1 scenarios passed" in done.stdout
    assert f"There are no pathways here: those of {PROCESSES} are used." in done.stderr


def test_refused_answers_are_named_by_their_questions(place: tuple[str, ...]) -> None:
    """Whoever works a case here reads of each answer what its page would say beside it, and nothing that was typed."""
    run("deploy", f"{PROCESSES}/camden", *place)
    run("person", "add", *place, "camden", "kim", "--name", "Kim", "--role", "social_worker")
    who = ("--authority", "camden", "--by", "kim")
    facts = '{"name": "Sam Sample", "dob": "2015-05-04", "plan_start_date": "2026-01-05", "categories": ["neglect"]}'
    opened = run("case", "open", *place, *who, "CAM-1", "--facts", facts, "--pathway", "camden_route").stdout
    number = opened.split("open task ")[1].split(":")[0]

    said = run("case", "complete", *place, *who, "CAM-1", number, "--answers", TYPED, exits=1).output

    assert "(ground): " in said
    assert "plan_status: This form has no such question. It asks ground" in said
    assert "typed" not in said and "Reload" not in said


#: An answer that cannot be taken, and one to a question that is not asked.
TYPED = '{"ground": "typed", "plan_status": "typed"}'


def test_a_case_is_opened_under_no_reference_that_no_page_can_hold(place: tuple[str, ...]) -> None:
    """Nobody could ever look at it."""
    office = open_office(place[1], Path(place[3]))
    office.shelf.put_in_force(small_authority(), at=datetime(2026, 3, 2, tzinfo=UTC), by="tests", why="tests")
    run("person", "add", *place, "area", "kim", "--name", "Kim", "--role", "social_worker")

    opened = ("case", "open", *place, "--authority", "area", "--by", "kim", "../x", "--facts", '{"name": "Sam"}')

    assert "case_id: must have 3 to 40 letters" in run(*opened, exits=1).output


def test_what_was_due_before_a_refused_step_goes_on_as_without_it(tmp_path: Path) -> None:
    """A conference day that is past already comes first, and the invitation it leads to is made all the same."""
    file = tmp_path / "overtaken.toml"
    file.write_text(OVERTAKEN)

    assert "1 of 1 scenarios passed" in run("scenarios", str(file), "--processes", PROCESSES).stdout


def test_a_refusal_says_each_thing_once(tmp_path: Path) -> None:
    """Whoever reads why a step was refused reads each reason once."""
    file = tmp_path / "future.toml"
    step = '[[when]]\nrecord = "as told"\npayload = { plan_start_date = "2031-01-01" }\n'
    file.write_text(OVERTAKEN.replace("[[when]]", step + "[[when]]", 1))

    said = run("scenarios", str(file), "--processes", PROCESSES, exits=1).stdout

    assert 1 == said.count("plan_start_date:")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("feel", "now()", "--now", "yesterday"), "is no time"),
        (("tidy", "nowhere.bpmn"), "does not exist"),
        (("policies", "--write", "nowhere/at/all.md"), "no folder"),
        (("describe", ""), "is not below"),
        (("scenarios", "nowhere"), "no such file or folder"),
        (("check", "nowhere"), "does not exist"),
        (("policies", "--write", "/"), "cannot be read or written"),
        (("policies", "--processes", "/nowhere"), "No authority has its folder below"),
        (("coverage", "--processes", "/nowhere"), "No authority has its folder below"),
        (("coverage", "--authority", "nobody"), "no authority nobody"),
    ],
)
def test_what_cannot_be_is_said_in_words(words: tuple[str, ...], says: str) -> None:
    """A traceback is a fault of ours; a wrong word in a command is not."""
    said = run(*words, exits=1).output

    assert says in said
    assert "Traceback" not in said


@pytest.mark.parametrize("address", ["foo://x", "no address", "postgresql://127.0.0.1:1/x"])
def test_a_database_that_cannot_be_reached_is_said_in_words(tmp_path: Path, address: str) -> None:
    """Which error it was, and that nothing was stored."""
    run("init", "--database", f"sqlite:///{tmp_path / 'cases.db'}", "--keys", str(tmp_path / "keys"))

    said = run("replay", "--all", "--database", address, "--keys", str(tmp_path / "keys"), exits=1).output

    assert "Nothing was stored" in said
    assert "Traceback" not in said


def test_describe_lists_what_a_scenario_may_use() -> None:
    """Tasks with their fields, messages, ends and roles, by the ids that scenarios are written with."""
    found = json.loads(run("describe", "camden_admin_removal", "--processes", PROCESSES, "--json").stdout)

    assert {"decide_admin_removal", "send_removal_letter"} <= {task["element"] for task in found["tasks"]}
    assert "CLAReviewHeld" in found["messages"]
    assert "PLAN_ENDED_ADMIN_DIED" in {end["outcome"] for end in found["ends"]}


def test_describe_says_in_json_what_it_does_not_find() -> None:
    """Who asks for one JSON document reads one, also of a pathway that is not there."""
    done = run("describe", "NOPE", "--processes", PROCESSES, "--json", exits=1)

    assert "is not below" in json.loads(done.stdout)["error"]


@pytest.mark.parametrize(
    "words",
    [("replay", "--all", "--database", "foo://x"), ("coverage", "--authority", "x")],
)
def test_an_error_of_a_command_is_json_too_where_json_was_asked_for(words: tuple[str, ...]) -> None:
    """A program that reads one JSON document never reads an empty one."""
    done = run(*words, "--json", exits=1)

    assert json.loads(done.stdout)["error"]


def test_an_authority_is_deployed_only_under_a_code_that_pages_can_name(tmp_path: Path, place: tuple[str, ...]) -> None:
    """A release under a code that no address can hold could never be reached again."""
    folder = folder_of(drawn.two_steps(), tmp_path / "stranger")
    (folder / "pathway.toml").unlink()

    assert "is no code of an authority" in run("deploy", str(folder), *place, "--authority", "a/b", exits=1).output


def test_a_strangers_folder_is_deployed_and_its_case_worked(tmp_path: Path, place: tuple[str, ...]) -> None:
    """Any folder in the supported subset, whoever wrote it: deployed, started, completed, certified."""
    folder = folder_of(drawn.two_steps(), tmp_path / "stranger")
    (folder / "pathway.toml").unlink()
    run("deploy", str(folder), *place)
    for name, role in (("worker", "social_worker"), ("chair", "conference_chair")):
        run("person", "add", *place, "local", name, "--name", name.title(), "--role", role)

    def case(*words: str, by: str = "worker") -> str:
        return run("case", words[0], *place, "--authority", "local", "--by", by, *words[1:]).stdout

    opened = case("open", "C1", "--facts", '{"name": "Sam"}', "--pathway", "p")
    number = opened.split("open task ")[1].split(":")[0]
    checked = case("complete", "C1", number, "--answers", '{"view": "good"}')
    number = checked.split("open task ")[1].split(":")[0]
    ended = case("complete", "C1", number, by="chair")

    assert "open task" not in ended
    told = run("replay", *place, "--all").stdout
    assert "1 of 1 cases certified" in told
    assert told.endswith("who looked are not compared here: under Audit, ‘Verify every case’ does that.\n")


def test_a_replay_of_no_cases_says_that_there_are_none(place: tuple[str, ...]) -> None:
    """Whoever asked for every case is not told to ask for every case; nothing certified is still no success."""
    nobody_asked, none_there = run("replay", *place, exits=1).stderr, run("replay", *place, "--all", exits=1).stderr

    assert "use --all" in nobody_asked
    assert "No case is in this database" in none_there and "--all" not in none_there


def test_a_replay_holds_the_database_against_the_file_of_checkpoints(tmp_path: Path, place: tuple[str, ...]) -> None:
    """What the file has and the database has not is said, whichever authority it is of; a file that is away too."""
    run("deploy", str(folder_of(drawn.two_steps(), tmp_path / "stranger")), *place)
    run("person", "add", *place, "local", "kim", "--name", "Kim", "--role", "social_worker")
    run("case", "open", *place, "--authority", "local", "--by", "kim", "C1", "--facts", '{"name": "Sam"}')
    file, store = tmp_path / "checkpoints.jsonl", open_office(place[1], Path(place[3])).store
    store.write_checkpoints(at=datetime(2026, 3, 2, tzinfo=UTC), export=CheckpointFile(file))
    with_file = ("replay", *place, "--all", "--checkpoints", str(file))
    assert "1 of 1 cases certified" in run(*with_file).stdout

    change(store, sa.delete(CHECKPOINT))
    change(store, sa.delete(CHECKPOINT_HEAD))
    for table in (CASE_FILE, READING_HEAD):
        change(store, sa.update(table).values(checkpointed=0))
    file.write_bytes(file.read_bytes() + b"{}\n")
    run("replay", *place, "--all")
    said = run(*with_file, exits=1).stdout
    assert "local: Checkpoint 1: in the file and not in the database." in said
    assert "line 2 is no checkpoint" in said

    other = ("--database", f"sqlite:///{tmp_path / 'other.db'}", "--keys", str(tmp_path / "other"))
    run("init", *other)
    elsewhere = json.loads(run("replay", *other, "--all", "--json", "--checkpoints", str(file), exits=1).stdout)
    assert "local: Checkpoint 1: in the file and not in the database." in elsewhere["checkpoints"]

    file.unlink()
    away = run(*with_file, exits=1)
    assert f"{file} cannot be read" in away.stderr and "Traceback" not in away.output


def test_a_case_that_a_checkpoint_remembers_otherwise_is_not_certified(place: tuple[str, ...]) -> None:
    """Its commands are carried out as they stand, and yet not all that were signed stand there: it counts nowhere."""
    office = open_office(place[1], Path(place[3]))
    office.shelf.put_in_force(small_authority(), at=datetime(2026, 3, 2, tzinfo=UTC), by="tests", why="tests")
    run("person", "add", *place, "area", "kim", "--name", "Kim", "--role", "social_worker")
    for case_id in ("C1", "C2"):
        run("case", "open", *place, "--authority", "area", "--by", "kim", case_id, "--facts", '{"name": "Sam"}')
    run("case", "message", *place, "--authority", "area", "--by", "kim", "C1", "Unheard", exits=1)
    with office.store.database.reading() as session:
        ((head,),) = session.search(sa.select(CASE_FILE.c.head).where(CASE_FILE.c.case_id == "C1"))
    by = office.casework.practitioner("area", "kim")
    assert by is not None
    office.casework.add_note("C1", "more", by=by, command_id="a note")
    office.store.write_checkpoints(at=datetime(2026, 3, 3, tzinfo=UTC))
    change(office.store, sa.delete(HISTORY).where(HISTORY.c.case_id == "C1", HISTORY.c.revision == 2))
    cut = {"revision": 1, "head": head, "snapshot": None, "checkpointed": 1}
    change(office.store, sa.update(CASE_FILE).where(CASE_FILE.c.case_id == "C1").values(**cut))

    said = run("replay", *place, "--all", exits=1).stdout
    told = json.loads(run("replay", *place, "--all", "--json", exits=1).stdout)
    change(office.store, sa.delete(CASE_FILE).where(CASE_FILE.c.case_id == "C1"))
    change(office.store, sa.delete(HISTORY).where(HISTORY.c.case_id == "C1"))
    gone = json.loads(run("replay", *place, "C1", "--json", exits=1).stdout)

    assert "C1: differs at revision 2 (checkpoint): tail cut, as signed checkpoint 1 shows." in said
    assert "1 of 2 cases certified" in said
    assert (2, 1) == (told["cases"], told["certified"])
    assert ["C1"] == [one["case"] for one in told["differences"]]
    assert (1, 0) == (gone["cases"], gone["certified"])
    assert {"C1"} == {one["case"] for one in gone["differences"]}


def test_a_changed_row_is_told_without_a_command_that_nobody_knows(place: tuple[str, ...]) -> None:
    """Where the chain breaks no command is named, and the words have no hole."""
    office = open_office(place[1], Path(place[3]))
    office.shelf.put_in_force(small_authority(), at=datetime(2026, 3, 2, tzinfo=UTC), by="tests", why="tests")
    run("person", "add", *place, "area", "kim", "--name", "Kim", "--role", "social_worker")
    run("case", "open", *place, "--authority", "area", "--by", "kim", "C1", "--facts", '{"name": "Sam"}')
    change(office.store, sa.update(HISTORY).values(by_whom="nobody"))

    assert "C1: differs at revision 1 (chain): row changed" in run("replay", *place, "C1", exits=1).stdout


@pytest.mark.parametrize(
    "spoilt",
    [
        sa.update(CASE_FILE).where(CASE_FILE.c.case_id == "C1").values(label=b"spoilt"),
        sa.update(CHILD_KEY).where(CHILD_KEY.c.case_id == "C1").values(wrapped=b"spoilt"),
    ],
    ids=["label", "key"],
)
def test_a_case_whose_name_or_key_does_not_open_is_told_beside_every_other(place: tuple[str, ...], spoilt: Any) -> None:
    """One spoilt row hides no other: every case is replayed, and each that differs is told."""
    office = open_office(place[1], Path(place[3]))
    office.shelf.put_in_force(small_authority(), at=datetime(2026, 3, 2, tzinfo=UTC), by="tests", why="tests")
    run("person", "add", *place, "area", "kim", "--name", "Kim", "--role", "social_worker")
    for name in ("C1", "C2", "C3"):
        run("case", "open", *place, "--authority", "area", "--by", "kim", name, "--facts", '{"name": "Sam"}')
    change(office.store, spoilt)
    change(office.store, sa.update(HISTORY).where(HISTORY.c.case_id == "C2").values(by_whom="nobody"))

    told = json.loads(run("replay", *place, "--all", "--json", exits=1).stdout)
    one = run("replay", *place, "C1", exits=1).stdout

    assert (3, 1) == (told["cases"], told["certified"])
    assert ["C1", "C2"] == [each["case"] for each in told["differences"]]
    assert "C1: differs" in one and "0 of 1 cases certified" in one


def test_a_command_before_init_says_what_to_run_first(tmp_path: Path, place: tuple[str, ...]) -> None:
    """Where nothing was ever set up, no key was lost: the command that makes it is named."""
    at = ("--database", f"sqlite:///{tmp_path / 'new.db'}", "--keys", str(tmp_path / "none"))

    said = run("deploy", str(folder_of(drawn.two_steps(), tmp_path / "stranger")), *at, exits=1).stderr

    assert "run pathways init first" in said and str(tmp_path / "none") in said


def test_a_fact_that_no_pathway_knows_is_told_to_whoever_gives_it(tmp_path: Path, place: tuple[str, ...]) -> None:
    """A misspelt fact is kept as it is given, for strangers name their own; that nothing follows from it is said."""
    run("deploy", str(folder_of(drawn.decided(), tmp_path / "stranger")), *place)
    run("person", "add", *place, "local", "kim", "--name", "Kim", "--role", "social_worker")
    given = json.dumps({"name": "Sam", "deceasd": True, "left_uk": False})

    opened = run("case", "open", *place, "--authority", "local", "--by", "kim", "C1", "--facts", given)

    assert "fact deceasd" in opened.stderr and "Is deceased meant?" in opened.stderr
    assert 1 == opened.stderr.count("warning:")
    assert "C1: plan ACTIVE" in opened.stdout


def test_a_clause_that_no_policy_has_is_told_where_a_scenario_names_it(tmp_path: Path) -> None:
    """It would count for a rule that nobody wrote; who checks and who runs the scenario is told the one meant."""
    copytree(ROOT / "processes" / "camden", tmp_path / "camden")
    copytree(ROOT / "processes" / "common", tmp_path / "common")
    file = tmp_path / "camden" / "camden_route" / "scenarios" / EASTER.name
    named = re.search(r'clauses = \["([^"]+)"', file.read_text())
    assert named is not None
    file.write_text(file.read_text().replace(named[1], named[1] + "99", 1))
    words = f"It names the clause {named[1]}99, which clauses.csv does not list."

    told = json.loads(run("scenarios", str(file), "--processes", str(tmp_path), "--json").stdout)
    checked = run("check", str(tmp_path / "camden" / "camden_route")).stdout

    assert [True] == [note.startswith(f"{words} Write ") for note in told[0]["notes"]]
    assert f"advice: camden/camden_route/scenarios/{EASTER.name}: {words}" in checked


@pytest.mark.parametrize("folder", ["processes/camden/camden_route", "processes/camden", "processes"])
def test_scenarios_are_run_from_within_the_folder_of_pathways(monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    """Whoever stands beside a scenario names it as they see it; the pathways are the ones around."""
    monkeypatch.chdir(ROOT / folder)

    said = run("scenarios", str(EASTER.relative_to(ROOT / folder))).stdout

    assert "1 of 1 scenarios passed" in said


def test_a_scenario_whose_case_has_a_fact_that_nothing_reads_says_so_and_runs(tmp_path: Path) -> None:
    """Other people's scenarios run as they are; a fact by a name that no pathway knows is noted beside the result."""
    file = tmp_path / "misspelt.toml"
    file.write_text(EASTER.read_text().replace("[given.case]", "[given.case]\nplcement = 'home'"))

    (found,) = json.loads(run("scenarios", str(file), "--processes", PROCESSES, "--json").stdout)
    (as_it_is,) = json.loads(run("scenarios", str(EASTER), "--processes", PROCESSES, "--json").stdout)

    assert found["passed"] and [] == as_it_is["notes"]
    (note,) = found["notes"]
    assert "fact plcement" in note and "placement" in note


def test_a_person_gets_only_roles_that_the_authority_has(tmp_path: Path, place: tuple[str, ...]) -> None:
    """A mistyped role gives nobody any right, and the roles there are are named."""
    run("deploy", str(folder_of(drawn.two_steps(), tmp_path / "stranger")), *place)

    refused = run("person", "add", *place, "local", "sam", "--name", "Sam", "--role", "socialworker", exits=1).stderr
    run("person", "add", *place, "local", "kim", "--name", "Kim", "--role", "social_worker")

    assert "socialworker is no role of local" in refused
    assert "kim  Kim  social_worker" == run("person", "list", *place, "local").stdout.strip()


def test_changing_a_person_keeps_their_password(tmp_path: Path, place: tuple[str, ...]) -> None:
    """A new name or role is no new password, and takes none away."""
    run("deploy", str(folder_of(drawn.two_steps(), tmp_path / "stranger")), *place)
    password = tmp_path / "password"
    password.write_text("a long enough password\n")
    added = ("person", "add", *place, "local", "kim", "--name", "Kim", "--role", "social_worker")
    run(*added, "--password-file", str(password))

    run(*added)

    office = open_office(place[1], Path(place[3]))
    assert (
        "kim"
        == office.casework.sign_in("local", "kim", "a long enough password", at=datetime(2026, 3, 2, 9, tzinfo=UTC)).id
    )
    office.store.close()


def test_what_would_not_run_is_refused_with_its_place_and_nothing_is_deployed(
    tmp_path: Path, place: tuple[str, ...]
) -> None:
    """File, element id, name and the mend; and the database is as it was."""
    folder = folder_of(drawn.two_steps(), tmp_path / "stranger")
    diagram = next(folder.glob("*.bpmn"))
    diagram.write_text(diagram.read_text().replace("userTask", "complexGateway"))

    said = run("deploy", str(folder), *place, exits=1).stderr

    assert "report" in said
    assert [] == open_office(place[1], Path(place[3])).store.library.releases("local")


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("=chse_by_hand", "reads chse_by_hand, which nothing in the diagram writes"),
        ("=is_a_child(case.dob)", "calls is_a_child, and there is no function of that name"),
    ],
)
def test_what_the_checks_refuse_of_an_authority_is_not_deployed(
    tmp_path: Path, place: tuple[str, ...], condition: str, says: str
) -> None:
    """Whoever publishes without checking is told the same as whoever checks, and nothing is published."""
    folder = tmp_path / "camden"
    copytree(ROOT / "processes" / "camden", folder)
    copytree(ROOT / "processes" / "common", tmp_path / "common")
    diagram = folder / "camden_route" / "pathway.bpmn"
    text = diagram.read_text()
    found = re.search(r"<bpmn:conditionExpression[^>]*>([^<]+)</bpmn:conditionExpression>", text)
    assert found is not None
    diagram.write_text(text.replace(found[1], condition, 1))

    said = run("deploy", str(folder), *place, exits=1).stderr

    assert says in said
    assert [] == open_office(place[1], Path(place[3])).store.library.releases("camden")


def test_a_gap_in_a_strangers_table_is_told_when_it_is_published(tmp_path: Path, place: tuple[str, ...]) -> None:
    """Where no row applies a case stops with an incident; whoever publishes knows it before."""
    said = run("deploy", str(folder_of(drawn.decided(), tmp_path / "stranger")), *place).stderr

    assert 'report.view "something else": no rule applies' in said
    assert "stops there with an incident" in said


def test_a_strangers_lanes_become_roles_where_the_authority_has_no_settings_of_its_own(
    tmp_path: Path, place: tuple[str, ...]
) -> None:
    """Each of several folders brings the roles that its tasks are for, so that somebody can be given them, in words."""
    run("deploy", str(folder_of(drawn.two_steps(), tmp_path / "first")), *place)
    later = folder_of(drawn.two_steps(), tmp_path / "later")
    diagram = next(later.glob("*.bpmn"))
    text = diagram.read_text().replace('id="social_worker"', 'id="team_managers"')
    diagram.write_text(text.replace('name="Social_Worker"', 'name="team_managers"'))

    run("deploy", str(later), *place)

    roles = open_office(place[1], Path(place[3])).casework.authority("local").roles
    assert {"team_managers", "social_worker"} < set(roles)
    assert "team managers" == roles["team_managers"]


def test_a_task_for_a_role_that_the_authority_does_not_have_is_refused(tmp_path: Path, place: tuple[str, ...]) -> None:
    """A lane that is none of the roles in authority.toml would hide its tasks from everybody."""
    office = open_office(place[1], Path(place[3]))
    settings = small_authority(id="local", roles={"conference_chair": "Chair"})
    office.shelf.put_in_force(settings, at=datetime(2026, 3, 2, tzinfo=UTC), by="tests", why="for a test")
    office.store.close()

    said = run("deploy", str(folder_of(drawn.two_steps(), tmp_path / "theirs")), *place, exits=1).stderr

    assert "report" in said and "It is for social_worker, which is no role of the authority" in said
    assert [] == open_office(place[1], Path(place[3])).store.library.releases("local")


def test_a_misspelt_role_of_an_authority_is_refused_by_its_check(tmp_path: Path) -> None:
    """Nobody holds a role that authority.toml does not name: the plan would wait for nobody, and nobody be told."""
    folder = tmp_path / "area"
    for part in ("southwark", "common"):
        copytree(ROOT / "processes" / part, folder / part)
    diagram = folder / "southwark" / "southwark_reconvene" / "pathway.bpmn"
    diagram.write_text(diagram.read_text().replace('"iro, conference_chair"', '"lro, conference_chair"'))

    said = run("check", str(diagram.parent), exits=1).stdout

    assert "decide_reconvening" in said and "It is for lro, which is no role of the authority" in said


def test_settings_that_cannot_be_read_are_refused_by_the_check(tmp_path: Path) -> None:
    """Without them nobody knows the roles: that the tasks were not held against them is not passed over."""
    for part in ("southwark", "common"):
        copytree(ROOT / "processes" / part, tmp_path / part)
    settings = tmp_path / "southwark" / "authority.toml"
    settings.write_text(f"{settings.read_text()}\nbroken = [\n")

    said = run("check", str(tmp_path / "southwark" / "southwark_reconvene"), exits=1).stdout

    assert "southwark/authority.toml" in said


@pytest.mark.parametrize(
    "hostile",
    [
        '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><d>&b;</d>',
        '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>',
        "<not closed",
        "",
    ],
)
def test_hostile_diagrams_are_refused_in_words(tmp_path: Path, place: tuple[str, ...], hostile: str) -> None:
    """Entities, a DOCTYPE, broken XML, nothing at all: a clear message, nothing stored, no traceback."""
    folder = tmp_path / "hostile"
    folder.mkdir()
    (folder / "p.bpmn").write_text(hostile)

    said = run("deploy", str(folder), *place, exits=1).stderr

    assert "Traceback" not in said
    assert said.strip()


def test_tidy_leaves_what_is_laid_out_alone(tmp_path: Path) -> None:
    """A diagram that is laid out stays byte for byte as it is."""
    diagram = tmp_path / "pathway.bpmn"
    diagram.write_bytes((ROOT / "processes" / "camden" / "camden_route" / "pathway.bpmn").read_bytes())
    before = diagram.read_bytes()

    assert "unchanged" in run("tidy", str(diagram)).stdout
    assert before == diagram.read_bytes()


def test_the_demonstration_tells_its_story_and_is_certified() -> None:
    """Every step, every date with why, the letter, and the replay that certifies it."""
    said = run("demo", "--processes", PROCESSES).stdout

    assert "Good Friday (3 April 2026) and Easter Monday (6 April 2026)" in said
    assert "THE PLAN HAS ENDED: PLAN_ENDED_ADMIN_S20_AWAY" in said
    assert "is placed away from home under section 20" in said
    assert "Certified by replay." in said


def test_whoever_takes_an_export_is_recorded(tmp_path: Path, place: tuple[str, ...]) -> None:
    """It is the whole file: somebody who works there answers for it, and stands among those who looked."""
    folder = folder_of(drawn.two_steps(), tmp_path / "stranger")
    (folder / "pathway.toml").unlink()
    run("deploy", str(folder), *place)
    run("person", "add", *place, "local", "kim", "--name", "Kim", "--role", "social_worker")
    run("case", "open", *place, "--authority", "local", "--by", "kim", "C1", "--facts", '{"name": "Sam"}')
    taken = tmp_path / "taken.json"

    refused = run("export", *place, "C1", str(taken), "--authority", "local", "--by", "nobody", exits=1).stderr
    assert "Say who takes it." in refused
    assert not taken.exists()
    run("export", *place, "C1", str(taken), "--authority", "local", "--by", "kim")

    (*_, look) = open_office(place[1], Path(place[3])).store.readings.of_case("local", "C1")
    assert ("kim", "export") == (look.person, look.what)
    assert "Sam" in taken.read_text()
