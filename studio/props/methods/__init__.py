"""Ways to make a form of a cut-out picture. Each `make` is the same for the same picture and
settings; none of them knows what the thing looks like from another side."""
