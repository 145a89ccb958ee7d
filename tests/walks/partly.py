"""What is left of a rule once some of the answers that it reads are known: where rests are equal, so is what follows.

A rest is ("is", value) where the rule is settled, else what it still hangs on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.feel import nodes
from engine.feel.printer import print_tree
from tests.walks.trees import parts_of

Rest = tuple[Any, ...]
#: The answers that a part of a rule reads; None where it reads all of them.
Read = Callable[[nodes.Node], frozenset[str] | None]


class Rule:
    """A rule over the answers to one form.

    read_as  the variable as which it reads the answers, '' where it reads each by its own name
    reads    the answers that a part of it reads
    asks     what a part of it comes to, over the answers that are known
    """

    def __init__(
        self,
        tree: nodes.Node,
        fields: frozenset[str],
        read_as: str,
        reads: Read,
        asks: Callable[[nodes.Node, Mapping[str, Any]], Any],
    ) -> None:
        self.tree, self._asks = tree, asks
        key = (id(tree), fields, read_as)
        if key not in _READS:
            found: dict[int, frozenset[str]] = {}
            _find(tree, fields, reads, found)
            _READS[key] = tree, found
        self._reads = _READS[key][1]
        self.fields = self._reads[id(tree)]

    def rest(self, known: Mapping[str, Any]) -> Rest:
        """What is left of it."""
        return self._rest(self.tree, known)

    def _rest(self, node: nodes.Node, known: Mapping[str, Any]) -> Rest:
        reads = self._reads[id(node)]
        if reads <= known.keys():
            return ("is", self._asks(node, known))
        match node:
            case nodes.And(operands=operands):
                return self._several(operands, known, "and", False)
            case nodes.Or(operands=operands):
                return self._several(operands, known, "or", True)
            case nodes.If(condition=condition, yes=yes, no=no):
                asked = self._rest(condition, known)
                if asked[0] == "is":
                    return self._rest(yes if asked[1] is True else no, known)
                one, other = self._rest(yes, known), self._rest(no, known)
                return one if one == other and one[0] == "is" else ("if", asked, _hashed(one), _hashed(other))
            case nodes.Call(function=nodes.Name(name="not"), arguments=(one,)):
                return ("not", self._rest(one, known))
            case _:
                said = tuple((name, repr(known[name])) for name in sorted(reads & known.keys()))
                return ("open", print_tree(node), said)

    def _several(self, operands: tuple[nodes.Node, ...], known: Mapping[str, Any], word: str, settles: bool) -> Rest:
        """Of and, or: one operand that is false, or true, settles it; those that are neither leave it unknown."""
        unknown, rests = False, set()
        for operand in operands:
            rest = self._rest(operand, known)
            if rest[0] != "is":
                rests.add(rest)
            elif rest[1] is settles:
                return ("is", settles)
            elif rest[1] is not (not settles):
                unknown = True
        return (word, unknown, frozenset(rests))


def _hashed(rest: Rest) -> Rest:
    """A rest that stands inside another: a list is told by its text."""
    return ("is", repr(rest[1])) if rest[0] == "is" else rest


#: Which answers each part of a rule reads, found once for all forms alike; with the rule, so that it stays the same.
_READS: dict[tuple[int, frozenset[str], str], tuple[nodes.Node, dict[int, frozenset[str]]]] = {}


def _find(node: nodes.Node, fields: frozenset[str], reads: Read, into: dict[int, frozenset[str]]) -> None:
    found = reads(node)
    into[id(node)] = fields if found is None else found & fields
    for part in parts_of(node):
        _find(part, fields, reads, into)
