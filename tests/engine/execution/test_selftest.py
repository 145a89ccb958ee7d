"""The engine does not start on another SpiffWorkflow than the one it was proved on."""

from __future__ import annotations

import pytest
from SpiffWorkflow.task import Task

from engine.execution import selftest
from engine.execution.selftest import SelfTestFailed, check_names, verify
from tests.engine.execution.stories import stories_events
from tests.engine.execution.story import STORIES
from tests.support.audit import only_known_compilers

assert stories_events


def test_the_installed_spiffworkflow_is_the_proved_one() -> None:
    """Its version, every name that is overridden, its task states, and one small pathway."""
    verify()


def test_a_changed_signature_stops_the_start() -> None:
    """The text names what changed and what to install."""
    with pytest.raises(SelfTestFailed) as failed:
        check_names({(Task, "run"): "(self, fast)"})
    assert str(failed.value) == (
        "SpiffWorkflow's Task.run is (self) -> Optional[bool], not (self, fast). "
        "Install SpiffWorkflow==3.2.0 as pyproject.toml says."
    )
    with pytest.raises(SelfTestFailed, match="SpiffWorkflow's Task.sprint is nothing"):
        check_names({(Task, "sprint"): "(self)"})


def test_another_version_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof holds for one version."""
    monkeypatch.setattr(selftest, "PROVED", "0.0.0")
    with pytest.raises(SelfTestFailed, match="SpiffWorkflow 3.2.0 is installed, and 0.0.0 was proved."):
        verify.__wrapped__()


def test_nothing_but_feel_is_compiled_while_pathways_run() -> None:
    """While every story is read, checked and run, nothing but imports and the FEEL compiler makes code."""
    with only_known_compilers():
        for each in STORIES.values():
            each.run(reload=True)
