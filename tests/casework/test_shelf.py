"""A release is checked once by each edition of the engine; what was found sound is read without being checked again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
import sqlalchemy as sa

from engine.casework import Shelf
from engine.casework.published import published, sum_up_one
from engine.errors import PathwayRefused
from engine.execution.edition import edition
from engine.execution.names import formulas
from engine.execution.pathway import Pathway, prepare
from engine.execution.scopes import PathwaySpec
from engine.execution.steps import Step
from engine.pathways import Release, content_hash, read_release
from tests.casework import drawn
from tests.engine.execution.diagrams import arrows, diagram, end, process, release, script, start, user, xor
from tests.support.office import AREA, WORKER, TestOffice

PROCESSES = Path(__file__).parents[2] / "processes"
FORGED = "update meta set value = :value where name = :name"


def unsound() -> Release:
    """A diagram with an arrow that leads nowhere."""
    whole = release(diagram(process("p", start("start"), user("a"), end("end"), arrows("start > a > end"))))
    files = {path: text.replace(b'targetRef="end"', b'targetRef="gone"') for path, text in whole.files.items()}
    return replace(whole, files=files, hash=content_hash(files, "p"))


def kept(office: TestOffice, one: Release) -> None:
    """Put a release into the store behind the shelf's back."""
    library, at = office.store.library, office.clock.now()
    library.keep_release(AREA, one.hash, one.files, pathway="p", title="", version="", at=at, by="x")
    library.deploy(AREA, "p", one.hash, at=at, by="x", why="x")


def test_what_was_published_is_sound_for_this_edition_alone(office: TestOffice) -> None:
    """Another edition may refuse what this one took, so it looks again."""
    one = drawn.two_steps()
    office.publish(one)

    library = office.store.library
    assert library.is_sound(AREA, one.hash, edition())
    assert not library.is_sound(AREA, one.hash, "another")
    assert not library.is_sound(AREA, "sha256:other", edition())


def test_a_release_of_another_edition_is_checked_and_then_called_sound(office: TestOffice) -> None:
    """The first worker of a new edition checks; the next ones need not."""
    one = drawn.two_steps()
    office.publish(one)
    office.store.library.call_sound(AREA, one.hash, "another")

    Shelf(office.store).pathway(AREA, one.hash)

    assert office.store.library.is_sound(AREA, one.hash, edition())


def test_a_sound_release_says_what_it_said_when_it_was_checked() -> None:
    """Nothing is checked again and expressions wait until somebody asks; what is read is the same."""
    one = release(
        diagram(
            process(
                "p",
                *(start("start"), script("sum", "=length + width", "area"), xor("large", "end"), user("a"), end("end")),
                arrows("start > sum > large > a > end", "large > end", when={"large_a": "=area > 20"}),
            )
        )
    )
    checked, sound = prepare(one), prepare(one, sound=True)

    assert checked.processes == sound.processes
    assert {"area", "length", "width"} == _reads(checked) == _reads(sound)


def _reads(pathway: Pathway) -> set[str]:
    """Every name that the pathway's expressions read."""
    said = [flow.condition for process in pathway.processes.values() for flow in process.flows if flow.condition]
    said += [found for element in pathway.elements.values() for _, found in formulas(element)]
    return set().union(*(formula.names for formula in said))


@pytest.mark.parametrize("value", [lambda: edition(), lambda: "0" * 64])
def test_nobody_without_the_keys_can_call_a_release_sound(office: TestOffice, value: Callable[[], str]) -> None:
    """What would not execute as drawn is refused, whatever somebody wrote into the table."""
    bad = unsound()
    kept(office, bad)
    office.store.library.call_sound(AREA, bad.hash, "another")
    with office.store.database.engine.connect() as connection:
        connection.execute(sa.text(FORGED), {"value": value(), "name": f"sound release {bad.hash}"})

    with pytest.raises(PathwayRefused):
        Shelf(office.store).pathway(AREA, bad.hash)


def test_a_sound_release_runs_as_a_checked_one(office: TestOffice) -> None:
    """The same elements, tables and forms, and cases go on."""
    one = drawn.two_steps()
    office.publish(one)
    sound, checked = prepare(one, sound=True), prepare(one)

    assert (sound.elements, list(sound.models), dict(sound.release.forms)) == (
        checked.elements,
        list(checked.models),
        dict(checked.release.forms),
    )
    assert list(sound.spec.task_specs) == list(checked.spec.task_specs)
    case = office.case()
    office.complete("report", by=WORKER)
    assert office.casework.verify(AREA, case).certified


def test_a_called_process_of_a_sound_release_has_the_graph_of_a_checked_one() -> None:
    """Graphs made when a case comes to them lead where those made at once do, subprocesses and joins included."""
    one = read_release(PROCESSES, "camden", "camden_route")
    sound, checked = prepare(one, sound=True), prepare(one)

    assert sound.spec is sound.inner[one.pathway]
    assert {key: _led(spec) for key, spec in sound.inner.items()} == {
        key: _led(spec) for key, spec in checked.inner.items()
    }


def test_threads_that_come_to_a_called_process_at_once_share_its_graph() -> None:
    """One case never stands in two graphs of the same process."""
    one = read_release(PROCESSES, "camden", "camden_route")
    graphs = prepare(one, sound=True).inner
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: graphs["camden_visits"], range(8)))

    assert all(graph is found[0] for graph in found)


def _led(spec: PathwaySpec) -> dict[str, object]:
    """Each step's kind, what it reads and where its arrows lead, and what begins the process."""
    steps = cast("dict[str, Step]", spec.task_specs)
    led: dict[str, object] = {
        name: (
            type(step).__name__,
            sorted(step.readable),
            step.incoming,
            [(flow.id, flow.target.name, flow.condition, flow.default) for flow in step.flows],
            getattr(step, "upstream", None),
        )
        for name, step in steps.items()
    }
    return {**led, "[starts]": list(spec.starts), "[triggers]": [trigger.name for trigger in spec.triggers]}


def test_after_a_new_edition_the_worker_checks_what_is_deployed_before_anybody_waits(office: TestOffice) -> None:
    """What is sound is called so for the edition that runs now; what is refused stays refused and stops no worker."""
    one, bad = drawn.two_steps(), unsound()
    office.publish(one)
    library = office.store.library
    library.call_sound(AREA, one.hash, "another")

    assert [True, False] == [sum_up_one(office.store, Shelf(office.store)) for _ in range(2)]
    assert library.is_sound(AREA, one.hash, edition())

    kept(office, bad)
    assert [True, False] == [sum_up_one(office.store, Shelf(office.store)) for _ in range(2)]
    assert not library.is_sound(AREA, bad.hash, edition())


def test_lists_go_by_what_was_found_once_and_nobody_without_the_keys_can_say_it(office: TestOffice) -> None:
    """A release is summed up once for each edition; a forged summary is found again."""
    one = drawn.two_steps()
    office.publish(one)
    store, library = office.store, office.store.library
    assert sum_up_one(store, Shelf(store))
    assert not sum_up_one(store, Shelf(store))
    (told,) = published(store, Shelf(store), AREA)
    said = library.summary(AREA, one.hash, edition())
    assert said is not None and library.summary(AREA, one.hash, "another") is None

    with store.database.engine.connect() as raw:
        forged = {"value": f"{'0' * 64} {said}", "name": f"summary {one.hash}"}
        raw.execute(sa.text(FORGED), forged)

    assert library.summary(AREA, one.hash, edition()) is None
    assert [told] == published(store, Shelf(store), AREA)
    assert said == library.summary(AREA, one.hash, edition())
