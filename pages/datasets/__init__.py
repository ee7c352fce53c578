"""The parts of the page of datasets: one module a tab, and what they share."""
