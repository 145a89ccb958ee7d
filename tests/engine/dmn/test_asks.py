"""What people call a decision: the question it answers."""

from __future__ import annotations

from engine.dmn.model import Decision, KnowledgeModel


def test_a_decision_is_called_by_its_question_else_by_its_name_in_words() -> None:
    """A name of a file is shown to nobody where the table says what it asks."""
    decision = Decision("d", "may_end_plan", "d", None, (), None, "May this plan end now?")
    assert "May this plan end now?" == decision.asks
    assert "May end plan" == Decision("d", "may_end_plan", "d", None, (), None).asks


def test_a_knowledge_model_is_called_by_its_name_in_words() -> None:
    """It answers no question of its own."""
    assert "Days to count" == KnowledgeModel("k", "days_to_count", "k", None, (), None).asks
