"""Layout: a picture that can be read without a key, the same every time, and nothing a person placed is moved."""

from __future__ import annotations

import re
from collections import Counter
from itertools import starmap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.layout import DiagramUnreadable, Picture, judge, tidy
from engine.layout.drawing import EVENTS, read_drawing
from engine.layout.geometry import Box, Point, label_size, segments, wrapped
from tests.engine.layout.drawn import arrows, boundary, diagram, nodes, subprocess

PROCESSES = Path(__file__).resolve().parents[3] / "processes"
#: As few as the drawn pathways allow: a line may cross another only where lanes leave no way round.
MOST_CROSSINGS = 6

LOOP = diagram(
    nodes("s", "a", "x", "b", "e"),
    arrows("s a", "a x", "x b Yes", "x e No", "b a"),
    lanes={"top": ["s", "a", "x", "e"], "low": ["b"]},
)


def faults(content: bytes) -> list[str]:
    """The kinds of faults of a laid-out file, crossings left out."""
    return sorted(kind for kind in judged(content) if kind != "crossing")


def judged(content: bytes) -> Counter[str]:
    """How often each kind of fault occurs in a laid-out file."""
    drawing = read_drawing(content)
    return Counter(fault.kind for fault in judge(drawing, Picture(drawing.stands, drawing.lines, drawing.labels)))


def stretch(one: Point, other: Point) -> Box:
    """A level or upright line as a box without width or height."""
    return Box(min(one.x, other.x), min(one.y, other.y), abs(one.x - other.x), abs(one.y - other.y))


def sides(box: Box) -> list[Box]:
    """The four sides of a box."""
    corners = [
        Point(x, y) for x, y in ((box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom))
    ]
    return list(starmap(stretch, segments([*corners, corners[0]])))


def apart(one: Box, other: Box) -> float:
    """How far two boxes stand from each other, in pixels; 0 where they touch."""
    across = max(one.x - other.right, other.x - one.right)
    return max(across, one.y - other.bottom, other.y - one.bottom, 0)


@pytest.mark.parametrize("path", sorted(PROCESSES.rglob("*.bpmn")), ids=lambda path: path.parent.name)
def test_every_shipped_diagram_is_readable(path):
    """No shape over another, no words on a line, every step in its lane, and hardly a crossing."""
    found = judged(path.read_bytes())

    assert found["crossing"] <= MOST_CROSSINGS
    assert {kind: count for kind, count in found.items() if kind != "crossing"} == {}


@pytest.mark.parametrize("path", sorted(PROCESSES.rglob("*.bpmn")), ids=lambda path: path.parent.name)
def test_words_stand_nearest_to_their_own_circle(path):
    """Nobody takes one ending for another: the words of an event stand by no other event than their own."""
    drawing = read_drawing(path.read_bytes())
    circles = {each: drawing.stands[each] for each, node in drawing.nodes.items() if node.kind in EVENTS}
    nearest = {
        each: min(apart(drawing.labels[each], circle) for circle in circles.values())
        for each in circles
        if each in drawing.labels
    }

    assert {each: apart(drawing.labels[each], circles[each]) for each in nearest} == nearest


@pytest.mark.parametrize("path", sorted(PROCESSES.rglob("*.bpmn")), ids=lambda path: path.parent.name)
def test_no_arrow_runs_along_an_edge(path):
    """An arrow on the edge of a pool, lane or frame cannot be told from the edge."""
    drawing = read_drawing(path.read_bytes())
    frames = [box for each, box in drawing.stands.items() if each not in drawing.nodes or drawing.nodes[each].holds]
    edges = [side for box in frames for side in sides(box)]

    assert [
        arrow.id
        for arrow in drawing.arrows
        for piece in starmap(stretch, segments(drawing.lines[arrow.id]))
        if any(apart(piece, edge) == 0 and piece.width * edge.width + piece.height * edge.height for edge in edges)
    ] == []


@pytest.mark.parametrize("path", sorted(PROCESSES.rglob("*.bpmn")), ids=lambda path: path.parent.name)
def test_a_complete_diagram_is_left_alone(path):
    """Where every shape and line stands already, tidying changes nothing."""
    content = path.read_bytes()

    assert tidy(content) == content


def test_the_same_diagram_gives_the_same_picture():
    """A layout holds nothing random, so that a review shows only what was changed."""
    assert tidy(LOOP) == tidy(LOOP)


def test_only_the_drawing_part_of_a_file_changes():
    """Every byte outside the BPMNDI part stays as its author wrote it."""
    once = tidy(LOOP)

    assert re.sub(rb"  <bpmndi:BPMNDiagram.*</bpmndi:BPMNDiagram>\n", b"", once, flags=re.DOTALL) == LOOP
    assert tidy(once, everything=True) == once


def test_steps_stand_left_to_right_in_the_lane_of_their_role():
    """Reading direction is left to right, and a step stands in the band of whoever does it."""
    drawing = read_drawing(tidy(LOOP))
    stands = drawing.stands

    assert stands["s"].x < stands["a"].x < stands["x"].x < stands["b"].x
    assert stands["top"].holds(stands["a"])
    assert stands["low"].holds(stands["b"])
    assert stands["pool"].holds(stands["low"])


def test_a_boundary_event_stands_on_the_edge_of_its_host():
    """What interrupts a step is drawn on that step's border."""
    content = tidy(
        diagram(nodes("s", "a", "e", "b", "e2"), boundary("stop", "a"), arrows("s a", "a e", "stop b", "b e2"))
    )
    stands = read_drawing(content).stands

    assert stands["stop"].centre.y == stands["a"].bottom
    assert stands["a"].x < stands["stop"].centre.x < stands["a"].right
    assert faults(content) == []


def test_a_subprocess_is_a_frame_around_what_it_holds():
    """A subprocess is drawn open, over all the lanes its steps stand in, and nothing else stands in its columns."""
    content = tidy(
        diagram(
            nodes("s", "before", "e"),
            subprocess("frame", nodes("s1", "a", "b", "e1"), arrows("s1 a", "a b", "b e1")),
            boundary("stop", "frame"),
            nodes("after"),
            arrows("s before", "before frame", "frame e", "stop after", "after e"),
            lanes={"one": ["s", "before", "e", "s1", "a"], "two": ["b", "e1", "after"]},
        )
    )
    stands = read_drawing(content).stands

    assert all(stands["frame"].holds(stands[each]) for each in ("s1", "a", "b", "e1"))
    assert stands["before"].right < stands["frame"].x
    assert stands["frame"].right < stands["after"].x
    assert stands["frame"].y > stands["one"].y
    assert stands["frame"].bottom < stands["two"].bottom
    assert faults(content) == []


def test_what_runs_beside_a_subprocess_is_drawn_before_it():
    """A branch that does not wait for a subprocess stands left of it, never inside its frame."""
    content = tidy(
        diagram(
            nodes("s", "f", "beside", "f2", "e"),
            subprocess("frame", nodes("s1", "a", "e1"), arrows("s1 a", "a e1")),
            arrows("s f", "f frame", "f beside", "frame f2", "beside f2", "f2 e"),
        )
    )
    stands = read_drawing(content).stands

    assert stands["beside"].right < stands["frame"].x
    assert faults(content) == []


def test_a_shape_that_a_person_moved_stays_where_it_is():
    """Only what has no shape is placed; the lines and labels between standing shapes stay, too."""
    placed = tidy(LOOP)
    old = b'sourceRef="b" targetRef="a" />'
    new = b'sourceRef="b" targetRef="new" />' + (nodes("new") + arrows("new a")).encode()
    moved = placed.replace(old, new)
    moved = re.sub(rb'(id="a_shape".*?<dc:Bounds x=)"(\d+)"', rb'\1"333"', moved, count=1, flags=re.DOTALL)
    before, after = read_drawing(moved), read_drawing(tidy(moved))

    assert after.stands["a"].x == 333
    assert {each: after.stands[each] for each in ("s", "x", "b", "e")} == {
        each: before.stands[each] for each in ("s", "x", "b", "e")
    }
    assert after.lines["s_a_0"] == before.lines["s_a_0"]
    assert "new" in after.stands
    assert not any(after.stands["new"].overlaps(after.stands[each]) for each in ("s", "a", "x", "b", "e"))
    assert after.stands["low"].holds(after.stands["new"])


def test_what_is_added_to_a_frame_or_an_edge_finds_its_place():
    """A new step in a standing subprocess widens it, a new boundary event takes its host's edge, a loose step a gap."""
    inside = [nodes("s1", "a", "e1"), arrows("s1 a", "a e1")]
    placed = tidy(diagram(nodes("s", "e"), subprocess("frame", *inside), arrows("s frame", "frame e")))
    grown = placed.replace(b'<bpmn:endEvent id="e1"', nodes("b", "c").encode() + b'<bpmn:endEvent id="e1"').replace(
        b'sourceRef="a" targetRef="e1" />', b'sourceRef="a" targetRef="b" />' + arrows("b c", "c e1").encode()
    )
    grown = grown.replace(
        b'<bpmn:endEvent id="e"', (boundary("stop", "frame") + nodes("loose") + '<bpmn:endEvent id="e"').encode()
    )
    before, after = read_drawing(placed).stands, read_drawing(tidy(grown)).stands

    assert after["a"] == before["a"]
    assert all(after["frame"].holds(after[each]) for each in ("s1", "a", "b", "c", "e1"))
    assert after["stop"].centre.y == after["frame"].bottom
    assert after["pool"].holds(after["loose"])


def test_an_empty_frame_and_a_process_without_a_pool_are_drawn():
    """Whatever a diagram holds gets a shape: a frame with nothing in it, a process that no pool is drawn around."""
    bare = diagram(nodes("s", "e"), subprocess("frame"), arrows("s frame", "frame e"))
    without = re.sub(rb"<bpmn:collaboration.*</bpmn:collaboration>", b"", bare)
    stands = read_drawing(tidy(without)).stands

    assert set(stands) == {"s", "e", "frame"}
    assert faults(tidy(bare)) == []


def test_laying_out_everything_takes_no_heed_of_what_stands():
    """Asked to place everything anew, nothing old is kept."""
    moved = re.sub(rb'(id="a_shape".*?<dc:Bounds x=)"(\d+)"', rb'\1"333"', tidy(LOOP), count=1, flags=re.DOTALL)

    assert tidy(moved, everything=True) == tidy(LOOP)


def test_answers_to_one_question_share_a_trunk_and_keep_their_words_apart():
    """Many answers leave a question as one line that branches; each answer's words stand at its own branch."""
    tasks = [f"t{number}" for number in range(6)]
    content = tidy(
        diagram(
            nodes("s", "x", *tasks, "e"),
            arrows("s x", *(f"x {task} Words for {task}" for task in tasks), *(f"{task} e" for task in tasks)),
        )
    )

    assert faults(content) == []
    assert judged(content)["crossing"] == 0


@pytest.mark.parametrize(
    "content",
    [
        b"no xml",
        b'<!DOCTYPE x [<!ENTITY a "b">]><bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"/>',
        b"<other/>",
        b'<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" />',
        diagram(nodes("a", "a")),
        diagram('<bpmn:userTask name="nobody" />'),
    ],
)
def test_what_is_no_diagram_is_refused(content):
    """A file that cannot be laid out is refused with a sentence, and nothing is written."""
    with pytest.raises(DiagramUnreadable):
        tidy(content)


def test_a_judge_finds_what_is_wrong():
    """Each kind of fault is found where it is made on purpose."""
    drawing = read_drawing(tidy(LOOP))
    shapes, lines, labels = dict(drawing.stands), dict(drawing.lines), dict(drawing.labels)
    shapes["b"] = shapes["a"].moved(10, 10)
    shapes["x"] = shapes["x"].moved(0, 5000)
    del shapes["e"]
    lines["s_a_0"] = [Point(0, 0), Point(10, 10)]
    lines["a_x_1"] = [Point(0, shapes["a"].centre.y), Point(900, shapes["a"].centre.y)]
    labels["x_b_2"] = Box(300, shapes["a"].centre.y - 5, 40, 10)
    labels["x_e_3"] = labels["x_b_2"]
    del labels["s"]
    kinds = {fault.kind for fault in judge(drawing, Picture(shapes, lines, labels))}

    assert kinds >= {
        "shapes overlap", "outside its lane", "outside its pool", "no shape", "slanted line", "line through shape",
        "label on a line", "labels overlap", "no label",
    }  # fmt: skip


def test_words_wrap_at_spaces():
    """A label's lines break at spaces, and its box grows with them."""
    assert wrapped("Must the Child Protection service manager agree?", 90) == [
        "Must the Child",
        "Protection",
        "service manager",
        "agree?",
    ]
    assert label_size("Yes") == (22.0, 14.0)


@st.composite
def blocks(draw, depth=0, names=None):
    """A random block of steps: a task, a sequence, a question with two answers, a loop, or a subprocess."""
    names = names if names is not None else iter(range(1000))
    kind = draw(st.sampled_from(["task", "task", "sequence", "split", "loop", "frame"] if depth < 2 else ["task"]))
    number = next(names)
    if kind == "task":
        return nodes(f"t{number}"), [], f"t{number}", f"t{number}", [f"t{number}"]
    if kind == "frame":
        inner, pairs, first, last, held = draw(blocks(depth + 1, names))
        inside = arrows(*pairs, f"s{number} {first}", f"{last} e{number}")
        parts = subprocess(f"u{number}", nodes(f"s{number}", f"e{number}"), inner, inside)
        return parts, [], f"u{number}", f"u{number}", [*held, f"s{number}", f"e{number}"]
    one, first_pairs, a, b, held = draw(blocks(depth + 1, names))
    two, second_pairs, c, d, more = draw(blocks(depth + 1, names))
    pairs = [*first_pairs, *second_pairs]
    if kind == "sequence":
        return one + two, [*pairs, f"{b} {c}"], a, d, held + more
    x, y = f"x{number}", f"xx{number}"
    parts = one + two + nodes(x, y)
    if kind == "split":
        pairs += [f"{x} {a} Yes", f"{x} {c} No", f"{b} {y}", f"{d} {y}"]
        return parts, pairs, x, y, [*held, *more, x, y]
    pairs += [f"{x} {a}", f"{b} {y}", f"{y} {c} Again", f"{d} {x}"]
    return parts, pairs, x, y, [*held, *more, x, y]


@settings(max_examples=20, deadline=None, derandomize=True)
@given(block=blocks(), lanes=st.integers(1, 3), turn=st.integers(0, 10))
def test_any_diagram_is_laid_out_without_overlaps(block, lanes, turn):
    """Whatever is drawn: no shape over another or outside its frame, lane or pool, and every line at right angles."""
    parts, pairs, first, last, held = block
    held = ["s0start", *held, "e0end"]
    bands = {f"lane{number}": [] for number in range(lanes)}
    for number, each in enumerate(held):
        bands[f"lane{number * turn % lanes}"].append(each)
    content = tidy(
        diagram(nodes("s0start", "e0end"), parts, arrows(*pairs, f"s0start {first}", f"{last} e0end"), lanes=bands)
    )

    assert set(judged(content)) <= {
        "crossing", "lines on each other", "label on a line", "label on a shape", "labels overlap",
    }  # fmt: skip
