"""Random tables, proofs and mutants, a fixed number of them."""

from tests.fuzz.fuzz_dmn import walk


def test_two_thousand_random_tables_and_mutants_keep_every_promise():
    """Tables agree with an oracle, proofs with every input, and files that are not decision files with DmnError."""
    found = walk(2_000, seed=1)

    assert (2_000, 2_000) == (found["tables"], found["mutants"])
    assert found["complete"] > 200
    assert found["read"] > 500
