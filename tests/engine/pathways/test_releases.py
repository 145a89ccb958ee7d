"""A release is the files of a pathway and of everything it calls, named by their content."""

import os
from pathlib import Path

import orjson
import pytest

from engine.errors import PathwayRefused
from engine.pathways import (
    Parameter,
    Release,
    content_hash,
    find_releases,
    pathways_in,
    read_folder,
    read_release,
    release_from_files,
)

PROPERTIES = """<zeebe:properties>
  <zeebe:property name="casework:label" value="policy"/>
  <zeebe:property name="casework:letter" value="shared_letter"/>
</zeebe:properties>"""
TOML = 'title = "A title"\nversion = "1"\n'


def diagram(process: str, *calls: str, extra: str = "", executable: str = "true") -> str:
    called = "".join(
        f'<bpmn:callActivity id="call_{name}" name="Go on to {name}"><bpmn:extensionElements>'
        f'<zeebe:calledElement processId="{name}"/></bpmn:extensionElements></bpmn:callActivity>'
        for name in calls
    )
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
        ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">'
        f'<bpmn:process id="{process}" name="The {process}" isExecutable="{executable}">{called}{extra}</bpmn:process>'
        "</bpmn:definitions>"
    )


def extension(inner: str) -> str:
    return f'<bpmn:userTask id="t"><bpmn:extensionElements>{inner}</bpmn:extensionElements></bpmn:userTask>'


def table(decision: str, namespace: str = "ns", imports: str = "") -> str:
    imported = f'<import namespace="{imports}" name="i"/>' if imports else ""
    return (
        f'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" namespace="{namespace}">'
        f'{imported}<decision id="{decision}"/></definitions>'
    )


def form(name: str, label: str = "x") -> str:
    field = {"type": "textfield", "key": "a", "label": label}
    return orjson.dumps({"id": name, "components": [field]}).decode()


def letter(title: str = "A title") -> str:
    return f'+++\ntitle = "{title}"\nsender = "iro"\nrecipients = ["parents"]\nlabel = "product"\n+++\nText.\n'


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    for path, content in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


@pytest.fixture
def processes(tmp_path: Path) -> Path:
    """Two pathways that call each other, one piece they share, one that all authorities share."""
    return write(
        tmp_path / "processes",
        {
            "camden/authority.toml": 'name = "Camden"\n',
            "camden/route/pathway.toml": TOML + '[jobs]\ntypes = ["register"]\n',
            "camden/route/pathway.bpmn": diagram("route", "removal"),
            "camden/route/forms/raise.form": form("raise"),
            "camden/route/letters/notice.md": letter(),
            "camden/route/README.md": "Not executed.",
            "camden/route/notes.txt": "Not executed.",
            "camden/route/.hidden.bpmn": "Not executed.",
            "camden/route/scenarios/t01.toml": "Not executed.",
            "camden/removal/pathway.toml": TOML
            + '[parameters.days]\ntype = "whole number"\ndefault = 3\nlabel = "Days"\nreason = "x"\ntag = "product"\n',
            "camden/removal/pathway.bpmn": diagram(
                "removal",
                "route",
                "close",
                "record",
                extra=extension('<zeebe:formDefinition formId="shared_form"/>')
                + extension('<zeebe:calledDecision decisionId="may_end"/>')
                + extension('<zeebe:header key="other" value="x"/><zeebe:header key="guard" value="guard"/>')
                + extension('<zeebe:formDefinition formKey="embedded"/>')
                + extension(PROPERTIES),
            ),
            "camden/removal/decisions/broken.dmn": "<definitions",
            "camden/removal/decisions/eligible.dmn": table("eligible", imports="common_ns"),
            "camden/shared/close/pathway.toml": TOML,
            "camden/shared/close/pathway.bpmn": diagram("close"),
            "camden/shared/decisions/may_end.dmn": table("may_end"),
            "camden/shared/decisions/unused.dmn": table("unused"),
            "camden/shared/forms/shared.form": form("shared_form"),
            "camden/shared/letters/shared_letter.md": letter(),
            "common/record/pathway.toml": TOML,
            "common/record/pathway.bpmn": diagram("record"),
            "common/decisions/guard.dmn": table("guard"),
            "common/decisions/imported.dmn": table("imported", namespace="common_ns"),
            "camden/stranger/pathway.toml": TOML,
            "camden/stranger/pathway.bpmn": diagram("stranger"),
        },
    )


HELD = [
    "camden/removal/decisions/broken.dmn",
    "camden/removal/decisions/eligible.dmn",
    "camden/removal/pathway.bpmn",
    "camden/removal/pathway.toml",
    "camden/route/forms/raise.form",
    "camden/route/letters/notice.md",
    "camden/route/pathway.bpmn",
    "camden/route/pathway.toml",
    "camden/shared/close/pathway.bpmn",
    "camden/shared/close/pathway.toml",
    "camden/shared/decisions/may_end.dmn",
    "camden/shared/forms/shared.form",
    "camden/shared/letters/shared_letter.md",
    "common/decisions/guard.dmn",
    "common/decisions/imported.dmn",
    "common/record/pathway.bpmn",
    "common/record/pathway.toml",
]


def refusals(read: object, *arguments: object, **named: object) -> list[str]:
    with pytest.raises(PathwayRefused) as refused:
        read(*arguments, **named)  # type: ignore[operator]
    return [str(finding) for finding in refused.value.findings]


def test_a_release_holds_its_folder_and_everything_it_calls(processes):
    """What is called is pinned with it, cycles included; what is not executed stays outside."""
    release = read_release(processes, "camden", "route")

    assert list(release.files) == HELD
    assert (release.authority, release.pathway, release.title, release.version) == ("camden", "route", "A title", "1")
    assert release.answers == "by task"
    assert release.jobs == {"register"}
    assert release.processes == {
        "removal": "camden/removal/pathway.bpmn",
        "route": "camden/route/pathway.bpmn",
        "close": "camden/shared/close/pathway.bpmn",
        "record": "common/record/pathway.bpmn",
    }
    assert release.parameters == {"days": Parameter("days", "whole number", 3, label="Days", reason="x", tag="product")}
    assert list(release.diagrams) == [path for path in HELD if path.endswith(".bpmn")]
    assert list(release.decision_files) == [path for path in HELD if path.endswith(".dmn")]
    assert release.decisions == {
        "eligible": "camden/removal/decisions/eligible.dmn",
        "may_end": "camden/shared/decisions/may_end.dmn",
        "guard": "common/decisions/guard.dmn",
        "imported": "common/decisions/imported.dmn",
    }
    assert sorted(release.forms) == ["raise", "shared_form"]
    assert sorted(release.letters) == ["notice", "shared_letter"]


def test_the_same_content_gives_the_same_name(processes):
    """A release rebuilt from what was kept is the same release."""
    release = read_release(processes, "camden", "route")

    again = release_from_files(dict(reversed(release.files.items())), authority="camden", pathway="route")

    assert again == release and hash(again) == hash(release)
    assert again.hash == release.hash and release.hash.startswith("sha256:") and len(release.hash) == 71
    assert again.files == release.files
    assert release != "route"


@pytest.mark.parametrize("path", HELD)
def test_any_changed_file_gives_another_name(processes, path):
    """A release is named by everything that could change what it does."""
    before = read_release(processes, "camden", "route").hash
    (processes / path).write_bytes((processes / path).read_bytes() + b"\n")

    assert read_release(processes, "camden", "route").hash != before


def test_what_is_not_executed_does_not_change_the_name(processes):
    """Scenarios, notes and pathways that are not called may change."""
    before = read_release(processes, "camden", "route").hash
    write(
        processes,
        {
            "camden/route/scenarios/t02.toml": "x",
            "camden/route/README.md": "Other",
            "camden/stranger/pathway.bpmn": diagram("stranger", extra="<bpmn:userTask id='t'/>"),
        },
    )

    assert read_release(processes, "camden", "route").hash == before


def test_pathways_that_call_each_other_are_two_releases(processes):
    """They have the same files, and start differently."""
    route, removal = (read_release(processes, "camden", name) for name in ("route", "removal"))

    assert set(removal.files) == set(route.files)
    assert removal.hash != route.hash and removal != route


def test_the_name_does_not_confuse_paths_and_contents():
    """Moving text from a path into a content, or between files, gives another name."""
    names = {
        content_hash({"a": b"bc"}, "p"),
        content_hash({"ab": b"c"}, "p"),
        content_hash({"a": b"b", "c": b""}, "p"),
        content_hash({"a": b"bc"}, "a"),
        content_hash({}, "p"),
    }

    assert len(names) == 5


def test_a_shared_piece_is_a_release_of_its_own(processes):
    """A piece that others call may be checked and started by itself."""
    release = read_release(processes, "camden", "close")

    assert list(release.files) == ["camden/shared/close/pathway.bpmn", "camden/shared/close/pathway.toml"]
    assert read_folder(processes / "camden/shared/close") == release


def test_a_folder_below_an_authority_is_read_as_the_authoritys(processes):
    """Naming the folder or the id gives the same release."""
    assert read_folder(processes / "camden/route") == read_release(processes, "camden", "route")


def test_every_release_below_a_folder_is_found(processes):
    """Of all authorities, of one, or of one pathway."""
    names = ["removal", "route", "stranger", "close"]

    assert sorted(release.pathway for release in find_releases(processes)) == sorted(names)
    assert sorted(release.pathway for release in find_releases(processes / "camden")) == sorted(names)
    assert [release.pathway for release in find_releases(processes / "camden/stranger")] == ["stranger"]


def test_all_that_is_refused_below_a_folder_is_told_together(processes):
    """One broken pathway does not hide another."""
    write(processes, {"camden/stranger/pathway.toml": "title =", "camden/route/pathway.toml": "a = 1\nb c"})

    told = [
        (
            "camden/route/pathway.toml: is not TOML at line 2, column 3: Expected '=' after a key in a key/value pair. "
            "Write key = value, texts in double quotes."
        ),
        (
            "camden/stranger/pathway.toml: is not TOML at its end: Invalid value. "
            "Write key = value, texts in double quotes."
        ),
    ]
    assert refusals(find_releases, processes) == told


# ---------------------------------------------------------------------------------------------------- bare folders


def test_a_strangers_folder_is_a_release(tmp_path):
    """Any folder of diagrams, tables and forms can be published, whoever wrote it; answers become variables."""
    tag = '<bpmn:extensionElements><zeebe:versionTag value="7"/></bpmn:extensionElements>'
    folder = write(
        tmp_path / "download",
        {
            "main process.bpmn": diagram("order", "payment", extra=tag),
            "sub/payment.bpmn": diagram("payment"),
            "price.dmn": table("price"),
            "ask.form": form("ask"),
            "letters/thanks.md": letter(),
            "README.md": "x",
            "picture.png": b"\x89PNG",
        },
    )

    release = read_folder(folder)

    assert (release.authority, release.pathway, release.answers) == ("local", "order", "merged")
    assert (release.title, release.version, release.purpose) == ("The order", "7", "")
    assert list(release.files) == [
        "local/order/ask.form",
        "local/order/letters/thanks.md",
        "local/order/main process.bpmn",
        "local/order/price.dmn",
        "local/order/sub/payment.bpmn",
    ]
    assert find_releases(folder) == [release]
    assert read_folder(folder, authority="camden").files.keys() == {
        path.replace("local", "camden") for path in release.files
    }


def test_the_folders_name_does_not_matter(tmp_path):
    """The same files in another folder are the same release."""
    one = write(tmp_path / "one", {"a.bpmn": diagram("order")})
    two = write(tmp_path / "two", {"a.bpmn": diagram("order")})

    assert read_folder(one).hash == read_folder(two).hash


def test_a_folder_of_its_own_with_a_pathway_toml_needs_no_authority(tmp_path):
    """An analyst's folder outside processes/ is read with its pathway.toml."""
    folder = write(tmp_path / "mine", {"pathway.toml": TOML, "pathway.bpmn": diagram("mine")})

    assert read_folder(folder).title == "A title"
    assert [release.pathway for release in find_releases(folder)] == ["mine"]


def test_where_several_processes_could_be_meant_one_is_named(tmp_path):
    """Nothing is chosen by chance."""
    folder = write(tmp_path / "two", {"a.bpmn": diagram("first"), "b.bpmn": diagram("second")})

    assert refusals(read_folder, folder) == [
        (
            "two: Several processes here could be the pathway: first, second. "
            "Deploy one of them with --pathway, or put each into a folder of its own."
        )
    ]
    assert pathways_in(folder) == ("first", "second")
    assert read_folder(folder, pathway="second").pathway == "second"
    assert [release.pathway for release in find_releases(folder)] == ["first", "second"]
    assert refusals(read_folder, folder, pathway="third")[0].startswith(
        "local/third: No diagram in this folder draws an executable process with the id third."
    )


def test_processes_that_only_call_each_other_are_each_a_candidate(tmp_path):
    """Where none is first, a person says which."""
    folder = write(tmp_path / "ring", {"a.bpmn": diagram("a", "b"), "b.bpmn": diagram("b", "a")})

    assert pathways_in(folder) == ("a", "b")


# ------------------------------------------------------------------------------------------------------- refusals


def test_a_called_process_that_nobody_draws_is_refused(processes):
    """The call activity is named, with where its process may stand."""
    write(processes, {"camden/stranger/pathway.bpmn": diagram("stranger", "nowhere")})

    assert refusals(read_release, processes, "camden", "stranger") == [
        (
            "camden/stranger/pathway.bpmn: Go on to nowhere (call_nowhere): It calls the process "
            "nowhere, which no folder draws. Correct the called process's id, or add its folder beside this one, "
            "under shared/ or under common/."
        )
    ]


def test_a_folder_must_draw_the_process_it_is_named_after(processes):
    """Process ids are fixed, so that scenarios written by others fit."""
    write(processes, {"camden/stranger/pathway.bpmn": diagram("somebody")})

    assert refusals(read_release, processes, "camden", "stranger") == [
        (
            "camden/stranger: No diagram in this folder draws an executable process with the id stranger. "
            "Give the process this id (or the folder the process's id) and tick Executable."
        )
    ]


def test_a_call_of_what_an_expression_names_is_left_to_the_reader_of_diagrams(tmp_path):
    """Only a fixed id can be pinned; the reader says so where the id is an expression."""
    folder = write(tmp_path / "x", {"a.bpmn": diagram("p", "=chosen")})

    assert list(read_folder(folder).processes) == ["p"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<bpmn",
        diagram("stranger", executable="false"),
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
        "<?xml version='1.0' encoding='no-such'?><x/>",
    ],
)
def test_a_file_that_cannot_be_read_draws_nothing(tmp_path, content):
    """Broken XML and entity tricks define nothing here; the reader of diagrams says what is wrong with them."""
    folder = write(tmp_path / "broken", {"a.bpmn": content})

    assert refusals(read_folder, folder) == [
        "broken: No diagram here draws an executable process. Add a .bpmn file, and tick Executable in it."
    ]
    assert refusals(find_releases, folder) == refusals(read_folder, folder)


def test_a_process_is_drawn_once(tmp_path):
    """Two diagrams of one process would leave open which runs."""
    folder = write(tmp_path / "x", {"a.bpmn": diagram("p"), "b.bpmn": diagram("p") + "\n"})

    assert refusals(read_folder, folder, pathway="p") == [
        "local/p/b.bpmn: p: The process p is also in local/p/a.bpmn, with other content. Give one another id."
    ]


def test_one_id_has_one_content(tmp_path):
    """Two forms, decisions or letters of one id may be copies, not different."""
    folder = write(
        tmp_path / "x",
        {
            "a.bpmn": diagram("p"),
            "a/f.form": form("f"),
            "b/f.form": form("f"),
            "c/f.form": form("f", "other"),
            "a.dmn": table("d"),
            "b.dmn": table("d", namespace="other"),
            "a/letters/l.md": letter(),
            "b/letters/l.md": letter("Other"),
            "z.form": "{",
        },
    )
    release = read_folder(folder)

    assert refusals(lambda: release.forms) == [
        "local/p/c/f.form: f: The form f is also in local/p/a/f.form, with other content. Give one another id.",
        "local/p/z.form: Line 1, column 2: this is not JSON. Save the form from the form editor again.",
    ]
    assert refusals(lambda: release.decisions) == [
        "local/p/b.dmn: d: The decision d is also in local/p/a.dmn, with other content. Give one another id."
    ]
    assert refusals(lambda: release.letters) == [
        (
            "local/p/b/letters/l.md: l: The letter l is also in local/p/a/letters/l.md, with other content. "
            "Give one another id."
        )
    ]


def test_a_called_pathway_keeps_answers_the_same_way(processes):
    """A task's answers are read one way in a whole release."""
    write(processes, {"camden/removal/pathway.toml": TOML + 'answers = "merged"\n'})

    assert refusals(read_release, processes, "camden", "route") == [
        (
            "camden/removal/pathway.toml: answers: Its answers are 'merged', and camden/route, which calls it, has "
            "'by task'. Write the same in both."
        )
    ]


def test_answers_that_differ_from_many_called_pathways_are_told_once(processes):
    """Whoever must change one line reads one sentence, with how many pathways it is about and the first of them."""
    write(processes, {"camden/route/pathway.toml": TOML + 'answers = "merged"\n'})

    (told,) = refusals(read_release, processes, "camden", "route")

    assert told.startswith("camden/route/pathway.toml: answers: Its answers are 'merged', and 3 pathways that it calls")
    assert "have 'by task': camden/" in told and told.endswith("Write 'by task' here, or call none of them.")


def test_one_parameter_is_declared_one_way(processes):
    """Two pathways that share a parameter share its bounds."""
    declared = '[parameters.days]\ntype = "whole number"\ndefault = 5\nlabel = "Days"\nreason = "x"\ntag = "product"\n'
    write(processes, {"camden/shared/close/pathway.toml": TOML + declared})

    assert refusals(read_release, processes, "camden", "route") == [
        (
            "camden/shared/close/pathway.toml: parameters.days: camden/removal/pathway.toml declares days differently. "
            "Declare it alike in both, or give one of them another name."
        )
    ]


@pytest.mark.parametrize(
    ("authority", "pathway", "refusal"),
    [
        ("camden", "nobody", "camden/nobody: is no folder. Correct the authority's or the pathway's id."),
        ("camden", "../camden", "../camden: is no id of a folder. Use letters, digits and _."),
        ("..", "camden", "..: is no id of a folder. Use letters, digits and _."),
    ],
)
def test_an_id_that_leads_elsewhere_is_refused(processes, authority, pathway, refusal):
    """Ids name folders and nothing else."""
    assert refusals(read_release, processes, authority, pathway) == [refusal]


def test_a_process_id_that_is_no_id_is_refused(tmp_path):
    """The id of a process becomes part of paths."""
    folder = write(tmp_path / "x", {"a.bpmn": diagram("a/../b")})

    assert refusals(read_folder, folder) == ["x: The process id 'a/../b' is no id. Use letters, digits and _."]


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    """Nothing outside a pathway's folder is published with it."""
    secret = write(tmp_path, {"secret.dmn": table("s")}) / "secret.dmn"
    folder = write(tmp_path / "x", {"a.bpmn": diagram("p"), "b/c.dmn": table("c")})
    (folder / "inside.dmn").symlink_to(folder / "b/c.dmn")
    (folder / "loop").symlink_to(folder)

    assert "local/p/inside.dmn" in read_folder(folder).files
    (folder / "z.dmn").symlink_to(secret)
    assert refusals(read_folder, folder) == [
        "z.dmn: is a link to a file outside its folder. Put the file itself there."
    ]


def test_a_folder_that_is_none_is_refused(tmp_path):
    """The person is told what to name."""
    assert refusals(read_folder, tmp_path / "nowhere") == [
        "nowhere: is no folder. Name the folder that holds the diagrams."
    ]


@pytest.mark.parametrize(
    "path",
    [
        "local/p/../a.bpmn",
        "/local/p/a.bpmn",
        "local//a.bpmn",
        "local/p/a\\b.bpmn",
        "local/p/.a.bpmn",
        "local/p/a\n.bpmn",
        "x" * 301,
        "local/p/ a.bpmn",
        "C:/a.bpmn",
        "",
    ],
)
def test_an_unsafe_path_is_refused(path):
    """What was uploaded may not name a place outside its folder."""
    [refusal] = refusals(release_from_files, {path: b""}, authority="local", pathway="p")

    assert refusal.endswith(
        ": is no path that can be kept. Use letters, digits, _ - and . in the names of files and folders."
    )


def test_too_much_is_refused_before_it_is_read(tmp_path):
    """A huge file is refused by its size, with what to do."""
    folder = write(tmp_path / "x", {"a.bpmn": diagram("p")})
    with (folder / "huge.dmn").open("wb") as huge:
        os.truncate(huge.fileno(), 50_000_000)

    assert refusals(read_folder, folder) == [
        ("huge.dmn: has 50,000,000 bytes, and a file may have 4,000,000. Remove embedded pictures, or split the file.")
    ]


def test_too_many_files_are_refused(tmp_path):
    """A pathway is a folder, not a disk."""
    folder = write(tmp_path / "x", {f"{number}.dmn": "x" for number in range(401)})

    assert refusals(read_folder, folder) == ["x: has more than 400 files. Name the folder of one pathway."]
    many = {f"local/p/{number}.dmn": b"" for number in range(401)}
    assert refusals(release_from_files, many, authority="local", pathway="p") == [
        "The pathway: has more than 400 files with all it calls. Split it into called pathways."
    ]


def test_too_many_bytes_in_all_are_refused():
    """Many large files are as much as one huge one."""
    large = {f"local/p/{number}.dmn": bytes(4_000_000) for number in range(6)}

    assert refusals(release_from_files, large, authority="local", pathway="p") == [
        "The pathway: has more than 20,000,000 bytes with all it calls. Split it."
    ]


def test_only_what_stands_in_letters_is_a_letter():
    """A note beside the diagrams that was handed in with them is no letter."""
    files = {
        "local/p/a.bpmn": diagram("p").encode(),
        "local/p/README.md": b"x",
        "local/p/letters/l.md": letter().encode(),
    }

    release = release_from_files(files, authority="local", pathway="p")

    assert list(release.letters) == ["l"]


def test_a_release_cannot_be_changed(processes):
    """Releases are for ever."""
    release: Release = read_release(processes, "camden", "route")

    with pytest.raises(TypeError):
        release.files["x"] = b""  # type: ignore[index]
    with pytest.raises(AttributeError):
        release.title = "Other"  # type: ignore[misc]
