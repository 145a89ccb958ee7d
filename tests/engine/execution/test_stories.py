"""Every story holds four ways: in memory, read back after every step, told again, and under another hash seed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from engine.execution import apply, encode
from engine.history import canonical
from tests.engine.execution import stories
from tests.engine.execution.story import STORIES, replay

ROOT = Path(__file__).parents[3]
assert stories


def digests() -> dict[str, list[str]]:
    """What each story's state is after every step."""
    return {name: [sha256(kept).hexdigest() for kept in each.run(reload=False).bytes] for name, each in STORIES.items()}


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_the_same_in_memory_read_back_and_told_again(name: str) -> None:
    """Drawn is executed, after save and load and in replay."""
    in_memory = STORIES[name].run(reload=False)
    read_back = STORIES[name].run(reload=True)

    assert read_back.bytes == in_memory.bytes
    assert read_back.log == in_memory.log
    assert replay(in_memory) == in_memory.bytes


def test_stories_are_the_same_under_another_hash_seed() -> None:
    """Nothing depends on the order in which a process happens to keep names."""
    program = "import json; from tests.engine.execution.test_stories import digests; print(json.dumps(digests()))"
    other = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "4242"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(other.stdout) == digests()


def test_threads_share_a_prepared_pathway() -> None:
    """A prepared pathway never changes: many cases run on it at once and come to the same."""
    told = STORIES["a_subprocess_can_be_many"].run(reload=False)

    def tell(_: int) -> list[bytes]:
        state, found = None, []
        for instruction, circumstances in told.log:
            state = apply(told.pathway, state, instruction, circumstances).state
            found.append(canonical(encode(state)))
        return found

    with ThreadPoolExecutor(8) as threads:
        assert all(found == told.bytes for found in threads.map(tell, range(64)))
