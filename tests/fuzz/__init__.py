"""Random walks: every fuzz_*.py here has `run(seconds, seed)` that raises when a promise is broken."""
