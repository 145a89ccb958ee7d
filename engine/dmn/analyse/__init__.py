"""The proof of decision tables: every gap, every forbidden overlap, every rule that can never fire, with an example."""

from engine.dmn.analyse.proof import Gap, Overlap, Proof, Unreachable, prove, prove_all, prove_table

__all__ = ["Gap", "Overlap", "Proof", "Unreachable", "prove", "prove_all", "prove_table"]
