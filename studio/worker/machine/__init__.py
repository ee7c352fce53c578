"""A machine that computes for studios elsewhere: `python -m studio machine serve`."""
