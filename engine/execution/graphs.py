"""The spec graphs of a sound release, each process's made when a case first comes to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from threading import Lock

from engine.execution.elements import Process
from engine.execution.parsing import PathwayParser
from engine.execution.reader import read_again
from engine.execution.scopes import PathwaySpec


class LateGraphs(Mapping[str, PathwaySpec]):
    """Key of a process or subprocess to its spec graph; what was made once stays, and threads share it.

    facts     every process of the release, read
    diagrams  path to file, each of which was prepared before by this very engine and found sound
    declared  the names that each process writes
    by_task   whether answers become one context under the task's id
    """

    def __init__(
        self,
        facts: Mapping[str, Process],
        diagrams: Mapping[str, bytes],
        declared: Mapping[str, frozenset[str]],
        *,
        by_task: bool,
    ) -> None:
        self._facts, self._diagrams, self._declared, self._by_task = facts, diagrams, declared, by_task
        self._made: dict[str, PathwaySpec] = {}
        self._lock = Lock()

    def __getitem__(self, key: str) -> PathwaySpec:
        found = self._made.get(key)
        return self._make(key) if found is None else found

    def _make(self, key: str) -> PathwaySpec:
        """Parse the process that the key leads into, with all its subprocesses."""
        process = self._facts[key.partition("/")[0]]
        with self._lock:
            if key not in self._made:
                parser = PathwayParser({process.id: process}, self._declared, self._by_task)
                parser.add_bpmn_xml(read_again(self._diagrams[process.file]), process.file)
                self._made.update(parser.specs())
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        """Every key; all graphs are made for it."""
        for process in self._facts:
            self[process]
        return iter(self._made)

    def __len__(self) -> int:
        return sum(1 for _ in self)
