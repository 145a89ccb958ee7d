"""Rules that read several variables, over those of them that are known: a table settles more the more is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.feel import Environment, Expression, UnaryTests
from tests.walks.probes import BESIDE, Column, Joint, Probes


@dataclass(frozen=True)
class Rows:
    """A table.

    columns  None for one that reads something else than variables
    gives    what each row gives; two that give the same are the same
    """

    columns: tuple[Column | None, ...]
    rows: tuple[tuple[UnaryTests, ...], ...]
    policy: str
    gives: tuple[str, ...] = ()

    def met(self, masks: Sequence[int | None]) -> int:
        """The rows that may still count; a column whose value is not known yet leaves all of them."""
        left = (1 << len(self.rows)) - 1
        for mask in masks:
            if mask is not None:
                left &= mask
        if self.policy != "F":
            return left
        # Under FIRST nothing counts after a row that matches for certain.
        unknown = [number for number, mask in enumerate(masks) if mask is None]
        for row, cells in enumerate(self.rows):
            if left >> row & 1 and not any(cells[number].tree.tests for number in unknown):
                left &= (2 << row) - 1
                break
        if self.gives and left and not left & (left - 1) and not unknown:
            return 1 << self.gives.index(self.gives[left.bit_length() - 1])
        return left


def names_apart(probes: Probes, names: frozenset[str]) -> tuple[frozenset[str], dict[int, set[str]]]:
    """What is read of single variables, and per rule that reads several of them which of them still count."""
    plain: set[str] = set()
    joints: dict[int, set[str]] = {}
    for name in names:
        head, _, entry = name.partition(".")
        if entry[:1] != BESIDE:
            plain.add(name)
        elif head in probes.joints[int(entry[1:])].heads:
            joints.setdefault(int(entry[1:]), set()).add(head)
        else:
            plain |= probes.split(name)
    return frozenset(plain), joints


def settled(
    probes: Probes, joint: Joint, heads: set[str], known: Mapping[str, Any], environment: Environment
) -> tuple[Any, frozenset[str]]:
    """What a rule makes of the variables that are known, and what else it reads of them, each alone.

    heads  the variables that count: others are written anew before the rule is asked
    """
    there = {head for head in heads if known.get(head) is not None}
    if isinstance(joint.rule, Expression):
        if joint.heads <= there:
            return probes.together(joint, {head: known[head] for head in joint.heads}), frozenset()
        return None, _alone(joint.split, there)
    masks: list[int | None] = []
    apart: set[str] = set()
    for column in joint.rule.columns:
        reads = column.given.names if column is not None else frozenset()
        if column is not None and reads <= there:
            masks.append(probes.rows(column, {head: known[head] for head in reads}))
        else:
            masks.append(None)
            if column is not None and reads & there:
                apart |= _alone(split_of(probes, column), there)
    return joint.rule.met(masks), frozenset(apart)


def _alone(split: frozenset[str], there: set[str]) -> frozenset[str]:
    return frozenset(name for name in split if name.split(".")[0] in there)


def split_of(probes: Probes, column: Column) -> frozenset[str]:
    """What a column reads of each variable alone."""
    found: set[str] = set()
    for name in probes.names(column.given):
        found |= probes.split(name) if name.partition(".")[2][:1] == BESIDE else {name}
    return frozenset(found)
