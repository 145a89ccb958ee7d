"""Discharge Pathways' engine: policies as diagrams that run. It knows nothing of HTTP."""
