"""Branches that run side by side: each is walked first while the others wait, and those after it in order."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from engine.execution import State
from engine.execution.scopes import Running
from engine.execution.tokens import READY, Token
from tests.walks.standing import Standing, drawn

#: Which of several branches is walked first, per place where they part: (the place, the branch).
Focus = tuple[tuple[str, str], ...]


def branches(
    states: list[tuple[Any, State]], focus: Focus, standing: Standing
) -> Iterator[tuple[Focus, frozenset[int]]]:
    """Where branches run side by side, each of them to be walked first while the others wait: its tokens.

    focus   the branches that were chosen before; after one that is over the others follow in the order of the diagram

    The branches of a pathway that is walked by itself, called by another, are walked in order; but not where it only
    waits for it and just ends after it, which is as if it were not there.
    """
    names: dict[str, tuple[State, Running]] = {}
    for number, (run, state) in enumerate(states):
        running = standing.within_what_just_ends(run, state)
        names[f"{running.spec.id} {number}"] = (state, running)
    chosen = dict(focus).get("", "")
    for name in [chosen] if chosen in names else names:
        start: Focus = (("", name),) if len(names) > 1 else ()
        yield from _into(*names[name], name, dict(focus), start, frozenset(), standing.walked)


def _into(
    state: State,
    running: Running,
    path: str,
    before: Mapping[str, str],
    focus: Focus,
    tokens: frozenset[int],
    walked: Collection[str] | None,
) -> Iterator[tuple[Focus, frozenset[int]]]:
    active: dict[str, Token] = {}
    for token in sorted(drawn(running), key=lambda each: each.id):
        if token.id in state.subprocesses or _works(state, token):
            active.setdefault(token.task_spec.element.id, token)
    catching = frozenset(
        token.id
        for token in drawn(running)
        if "arm" in token.internal_data and token.task_spec.element.attached_to not in active
    )
    if not active:
        yield focus, tokens | catching
        return
    chosen = before.get(path, "")
    if walked is None:
        # Which comes first is not kept: it is the first drawn in which there is work; where there is none, each.
        order = [*running.spec.task_specs]
        at_work = [name for name, token in active.items() if _works(state, token)]
        first = sorted(at_work, key=lambda each: order.index(active[each].task_spec.name))
        several = first[:1] or [*active]
    else:
        several = [chosen] if chosen in active else [*active][:1] if chosen else [*active]
    for name in several:
        token = active[name]
        mine: Focus = (*focus, (path, name)) if len(active) > 1 and walked is not None else focus
        edge = frozenset(
            other.id
            for other in drawn(running)
            if "arm" in other.internal_data and other.task_spec.element.attached_to == name
        )
        inner = state.subprocesses.get(token.id)
        seen = tokens | catching | edge | {token.id}
        if inner is None:
            yield mine, seen
        else:
            within = None if walked is None or inner.spec.id in walked else walked
            yield from _into(state, inner, f"{path}/{name}", before, mine, seen, within)


def _works(state: State, token: Token) -> bool:
    """Whether somebody has something to do at a token, or inside it."""
    inner = state.subprocesses.get(token.id)
    if inner is not None:
        return any(_works(state, each) for each in drawn(inner))
    return token._state == READY and ("work" in token.internal_data or "job" in token.internal_data)
