"""Writes literals, names, paths, lists and contexts as Python code: what every other part of the compiler stands on."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.feel import nodes, temporal
from engine.feel.builtins import BUILTINS
from engine.feel.pycode import (
    AT,
    LOAD,
    called,
    choose,
    compared,
    constant,
    kept_as,
    ref,
    same_as,
)
from engine.feel.types import Type
from engine.feel.values import NUMBERS, FeelFunction


@dataclass(slots=True)
class Frame:
    """Names of one place: variables held by Python names of ours, or the entries of a filter's item."""

    variables: dict[str, str] = field(default_factory=dict)
    item: str | None = None


class Writer:
    """One compilation: the names in scope, the constants, and what was read."""

    def __init__(
        self,
        names: frozenset[str],
        functions: Mapping[str, FeelFunction],
        types: Mapping[str, Type],
        given: Mapping[str, object],
    ) -> None:
        self.names, self.functions, self.types = names, functions, types
        self.globals = dict(given)
        self.frames: list[Frame] = []
        self.read: set[str] = set()
        self.calls: set[str] = set()
        self.needs_run = False
        self.count = 0

    def fresh(self) -> str:
        self.count += 1
        return f"v{self.count}"

    def held(self, value: Any) -> ast.expr:
        """A value the code refers to, under a name of ours."""
        name = f"k{len(self.globals)}"
        self.globals[name] = value
        return ref(name)

    def where(self, node: nodes.Node) -> tuple[ast.expr, ast.expr]:
        """The last two arguments of every operator: the evaluation and the position."""
        return ref("run"), constant(node.position)

    def code(self, node: nodes.Node) -> ast.expr:
        """The Python expression that gives a node's value."""
        raise NotImplementedError

    def folded(self, made: ast.expr) -> ast.expr:
        """The value of code over constants, computed beforehand where that gives one without a note."""
        raise NotImplementedError

    # --- literals

    def number(self, node: nodes.Number) -> ast.expr:
        return self.held(NUMBERS.plus(node.value))

    def string(self, node: nodes.String) -> ast.expr:
        return self.held(node.value)

    def boolean(self, node: nodes.Boolean) -> ast.expr:
        return constant(node.value)

    def null(self, node: nodes.Null) -> ast.expr:
        return constant(None)

    def at(self, node: nodes.At) -> ast.expr:
        try:
            return self.held(temporal.read_temporal(node.text))
        except ValueError:
            return called("bad_literal", *self.where(node))

    # --- names and paths

    def local(self, name: str) -> tuple[str | None, list[str]]:
        """The variable of that name, if any, and the filter items that come before it, innermost first."""
        items: list[str] = []
        for frame in reversed(self.frames):
            if name in frame.variables:
                return frame.variables[name], items
            if frame.item is not None:
                items.append(frame.item)
        return None, items

    def name(self, node: nodes.Name, quiet: bool = False) -> ast.expr:
        """A name; quiet within an explicit test for null, where an item without the entry is no news."""
        variable, items = self.local(node.name)
        if variable is not None:
            found = ref(variable)
        elif node.name == "item" and items:
            found = ref(items[0])
        else:
            found = self.outer(node, bool(items), quiet)
        for item in reversed(items):
            kept = self.fresh()
            entry = kept_as(kept, called("in_filter", ref(item), constant(node.name)))
            found = choose(same_as(entry, ref("MISSING")), found, ref(kept))
        return found

    def outer(self, node: nodes.Name, filtering: bool = False, quiet: bool = False) -> ast.expr:
        """A name that the text does not bring in: a function, or read from the context."""
        function = None if node.name in self.names else self.given(node.name)
        kept = self.fresh()
        if function is not None:
            read = self.fetch(node.name)
            return choose(
                same_as(kept_as(kept, read), ref("MISSING")),
                self.held(function),
                called("enter", ref(kept), *self.where(node)),
            )
        self.read.add(node.name)
        run = constant(None) if filtering and quiet else ref("run")
        enter = "enter_entry" if filtering else "enter_name"
        entered = called(enter, ref(kept), run, constant(node.position), constant(node.name))
        return self.ready(kept, self.fetch(node.name), entered)

    def ready(self, kept: str, value: ast.expr, entered: ast.expr) -> ast.expr:
        """A value from outside, kept under a name: most need no conversion, and whole numbers an easy one."""
        kind = self.fresh()
        ready = compared(kept_as(kind, called("type", kept_as(kept, value))), ast.In(), ref("READY"))
        whole = choose(same_as(ref(kind), ref("int")), called("Decimal", ref(kept)), entered)
        return choose(ready, ref(kept), whole)

    def fetch(self, name: str) -> ast.expr:
        """What the context holds under a name, as it is, or MISSING."""
        get = ast.Attribute(ref("ctx"), "get", LOAD, **AT)
        return ast.Call(get, [constant(name), ref("MISSING")], [], **AT)

    def is_outer(self, node: nodes.Node) -> bool:
        """Whether a node is a name read from the context and nowhere else."""
        if not isinstance(node, nodes.Name) or (node.name not in self.names and node.name in BUILTINS):
            return False
        if node.name in self.functions and node.name not in self.names:
            return False
        variable, items = self.local(node.name)
        return variable is None and not items

    def path(self, node: nodes.Path, quiet: bool = False) -> ast.expr:
        """x.name; quiet within an explicit test for null, where a missing entry is no news."""
        steps = [node]
        while isinstance(steps[-1].operand, nodes.Path):
            steps.append(steps[-1].operand)
        root = steps[-1].operand
        run: ast.expr = constant(None) if quiet else ref("run")
        if isinstance(root, nodes.Name) and self.is_outer(root):
            self.read.add(root.name)
            kept = self.fresh()
            missing = called("enter_name", ref(kept), *self.where(root), constant(root.name))
            value = choose(same_as(kept_as(kept, self.fetch(root.name)), ref("MISSING")), missing, ref(kept))
            for step in reversed(steps):
                value = called("raw_path", value, constant(step.name), run, constant(step.position))
            kept = self.fresh()
            return self.ready(kept, value, called("enter", ref(kept), *self.where(node)))
        inner = self.path(node.operand, quiet) if isinstance(node.operand, nodes.Path) else self.code(node.operand)
        return called("path", inner, constant(node.name), run, constant(node.position))

    # --- containers

    def list_of(self, node: nodes.ListOf) -> ast.expr:
        return ast.List([self.code(item) for item in node.items], LOAD, **AT)

    def context_of(self, node: nodes.ContextOf) -> ast.expr:
        keys = [name for name, _ in node.entries]
        if len(set(keys)) < len(keys):
            self.needs_run = True
            return called("repeated_key", *self.where(node), constant(max(keys, key=keys.count)))
        frame = Frame()
        self.frames.append(frame)
        values: list[ast.expr] = []
        for name, entry in node.entries:
            kept = self.fresh()
            if isinstance(entry, nodes.FunctionOf):
                frame.variables[name] = kept  # a function may call itself
            values.append(kept_as(kept, self.code(entry)))
            if name != "?":
                frame.variables[name] = kept
        self.frames.pop()
        return ast.Dict([constant(name) for name in keys], values, **AT)

    def builtin(self, node: nodes.Node) -> FeelFunction | None:
        """The built-in or extension function that a name means here, unless something nearer has the name."""
        if not isinstance(node, nodes.Name) or node.name in self.names:
            return None
        variable, _ = self.local(node.name)
        if variable is not None:
            return None
        return self.given(node.name)

    def given(self, name: str) -> FeelFunction | None:
        """The extension function or built-in of that name."""
        return self.functions.get(name) or BUILTINS.get(name)
