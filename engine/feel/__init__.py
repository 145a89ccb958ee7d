"""FEEL 1.5, the whole language: text in, a Python function out, and a value that is never silently wrong.

    compile_expression("if age < 18 then \"child\" else \"adult\"").evaluate({"age": 17}).value

An expression is compiled once and evaluated over any mapping of JSON or FEEL values. Evaluation never raises: what
went wrong stands in the outcome's diagnostics. A text that is not FEEL raises FeelError with a caret and a mend.
"""

from engine.feel.diagnostics import Diagnostic, FeelError, Kind, LimitReached, Outcome
from engine.feel.entering import NotConvertible, to_feel, to_json
from engine.feel.evaluation import Environment, Evaluation
from engine.feel.expression import (
    Expression,
    ExtensionFunction,
    Extensions,
    UnaryTests,
    compile_expression,
    compile_unary_tests,
)
from engine.feel.limits import LIMITS, Limits
from engine.feel.printer import text_of as to_text
from engine.feel.runtime import ExtensionRefusal
from engine.feel.temporal import Date, DateTime, DayTimeDuration, Temporal, Time, YearMonthDuration
from engine.feel.types import Type
from engine.feel.values import FeelFunction, Range, Value, kind_of

__all__ = [
    "LIMITS",
    "Date",
    "DateTime",
    "DayTimeDuration",
    "Diagnostic",
    "Environment",
    "Evaluation",
    "Expression",
    "ExtensionFunction",
    "ExtensionRefusal",
    "Extensions",
    "FeelError",
    "FeelFunction",
    "Kind",
    "LimitReached",
    "Limits",
    "NotConvertible",
    "Outcome",
    "Range",
    "Temporal",
    "Time",
    "Type",
    "UnaryTests",
    "Value",
    "YearMonthDuration",
    "compile_expression",
    "compile_unary_tests",
    "kind_of",
    "to_feel",
    "to_json",
    "to_text",
]
