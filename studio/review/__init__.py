"""Judging by people: rubric ratings and blind votes on the same prompts and seeds."""
