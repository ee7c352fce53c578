"""The parts of the page of data sets: one module a tab, and what they share."""
