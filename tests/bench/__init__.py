"""Figures, measured: every bench_*.py here has `figures()` that yields them."""
