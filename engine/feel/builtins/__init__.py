"""FEEL's built-in functions, by kind (DMN 1.5, 10.3.4). BUILTINS maps each name to its function."""

from engine.feel.builtins import contexts, conversion, lists, numbers, ranges, strings, times
from engine.feel.builtins.registry import BUILTINS, Builtin, Refusal

__all__ = ["BUILTINS", "Builtin", "Refusal"]

#: The modules whose import fills the registry.
KINDS = (contexts, conversion, lists, numbers, ranges, strings, times)
