"""The case as a value: one child's one plan; a command goes in, the next state and what happened come out."""
