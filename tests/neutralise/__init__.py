"""Coverage that means it: each clause's place is taken out of a policy, one at a time, and a scenario must notice."""
