"""The parts of the page on which people rate."""
