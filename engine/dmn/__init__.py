"""DMN 1.5: decisions that are never silently wrong, with the rules that matched and a proof of every table.

    model = read_model(content, "route.dmn")
    outcome = model.evaluate("route", {"age": 16}, Environment(now))

`engine.dmn.analyse.prove(model, "route")` says what its tables leave open.
"""

from engine.dmn.errors import DmnError, NoSuchDecision, Place
from engine.dmn.evaluate import Model, read_model
from engine.dmn.run import DecisionOutcome, MatchedRule, Remark, TableRecord

__all__ = [
    "DecisionOutcome",
    "DmnError",
    "MatchedRule",
    "Model",
    "NoSuchDecision",
    "Place",
    "Remark",
    "TableRecord",
    "read_model",
]
