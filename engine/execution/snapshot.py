"""A running pathway as JSON rows and back: the same bytes are kept and hashed.

[version, ended, withdrawn, outcomes, variables, tokens, [[holder, variables, outcomes, tokens], ...]]; a token is
[id, parent, step, state, internal]. Tokens name their steps, so a state can be read on a release that has the same.
"""

from __future__ import annotations

from typing import Any

from engine.errors import Unreadable
from engine.execution.pathway import Pathway
from engine.execution.scopes import Inner, Running, State
from engine.execution.tokens import Token

VERSION = 1


class StateUnreadable(Unreadable):
    """A kept state does not fit this release, or was written by a newer engine; its history rebuilds it."""


def encode(state: State) -> list[Any]:
    """The state as JSON, canonical: equal states give equal lists."""
    return [
        VERSION,
        state.completed,
        state.withdrawn,
        list(state.outcomes),
        dict(state.variables or {}),
        _rows(state),
        [
            [inner.parent_task_id, _copied(inner.variables), list(inner.outcomes), _rows(inner)]
            for inner in state.subprocesses.values()
        ],
    ]


def _rows(running: Running) -> list[list[Any]]:
    return [
        [
            token.id,
            token._parent or 0,
            token.task_spec.name,
            token._state,
            _internal(kept) if (kept := token.internal_data) else 0,
        ]
        for token in running.tasks.values()
    ]


def _copied(values: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if values is None else dict(values)


def _internal(kept: dict[str, Any]) -> dict[str, Any]:
    """What a token remembers, so that neither copy moves when the other does; values inside are never changed."""
    return {**kept, "local": dict(kept["local"])} if "local" in kept else dict(kept)


def decode(pathway: Pathway, rows: list[Any]) -> State:
    """The state that was encoded. Raises StateUnreadable where it does not fit this release."""
    if not rows or rows[0] != VERSION:
        raise StateUnreadable(f"A state of pathway {pathway.id} is not of version {VERSION}. Rebuild it from history.")
    _, ended, withdrawn, outcomes, variables, tokens, inners = rows
    state = State(pathway)
    state.completed, state.withdrawn, state.outcomes, state.variables = (
        ended,
        withdrawn,
        list(outcomes),
        dict(variables),
    )
    try:
        _load(state, tokens)
        for holder, inner_variables, inner_outcomes, inner_tokens in inners:
            parent = state.find(holder)
            assert parent is not None
            inner = Inner(pathway.inner[parent.task_spec.spec], parent, _copied(inner_variables))
            inner.outcomes = list(inner_outcomes)
            state.subprocesses[holder] = inner
            _load(inner, inner_tokens)
    except (KeyError, AssertionError) as error:
        raise StateUnreadable(
            f"A state of pathway {pathway.id} names a step that its release does not have. Rebuild it from history."
        ) from error
    return state


def _load(running: Running, rows: list[list[Any]]) -> None:
    specs, tasks, new = running.spec.task_specs, running.tasks, Token.__new__
    for identity, parent, name, status, internal in rows:
        token = new(Token)
        token.id, token.workflow, token.task_spec, token._state = identity, running, specs[name], status
        token._children, token.internal_data, token._parent = [], _internal(internal or {}), parent or None
        tasks[identity] = token
        if parent:
            tasks[parent]._children.append(identity)
    if rows:
        running.task_tree = tasks[rows[0][0]]
