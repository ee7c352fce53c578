"""What a job needs of a GPU, so that no machine without one takes it."""

from __future__ import annotations

from pathlib import Path

from studio.context import Studio
from studio.diffusion import families, team_bases

SDXL_GB = 8.0  # that a training of SDXL takes at the least, with all that saves memory
SMALL = 1_000_000_000  # bytes of weights; what has less is SDXL's shape and not its size


def of_training(studio: Studio, base: str) -> float:
    """GB of a GPU's memory; 0 for what a CPU trains too, in hours or in days."""
    place = team_bases.place(studio.home, base)
    if families.family_of(place) != families.SDXL:
        return 0.0
    size = team_bases.size(Path(place)) if Path(place).exists() else 0
    return 0.0 if 0 < size < SMALL else SDXL_GB
