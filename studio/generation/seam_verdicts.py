"""What is said of a seamless picture's edges: measured once when it is kept, as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from studio import images
from studio.diffusion import seamless
from studio.pixels import seams
from studio.pixels.seams import CUT, OPEN

Measured = Mapping[str, Mapping[str, Any]]  # by axis: its figure and verdict

WAYS = {"": "No", "both": "X and Y", "x": "X only", "y": "Y only"}  # as a dataset's Tileable
SAID = {
    seams.WHOLE: "fits",
    CUT: "cut",
    OPEN: "can't tell, since its border is transparent",
}


def measured(picture: Image.Image, way: str) -> dict[str, dict[str, Any]]:
    """Figure and verdict of each axis on which a picture is seamless, by "x" and "y"."""
    rgba = np.asarray(picture.convert("RGBA"))
    found = {axis: seams.seam(rgba, axis) for axis in seamless.axes(way)}
    return {
        axis: {"figure": round(seam.figure, 3), "verdict": seam.verdict}
        for axis, seam in found.items()
    }


def of_file(file: Path, way: str) -> dict[str, dict[str, Any]]:
    """The same of a picture's file. StudioError where it is none."""
    return measured(images.open_picture(file), way)


def is_cut(found: Measured) -> bool:
    """Whether an edge does not fit."""
    return any(one["verdict"] == CUT for one in found.values())


def told(found: Measured) -> str:
    """In words: "X fits (0.62), Y cut (1.40)"; "" where nothing was measured."""
    return ", ".join(
        f"{axis.upper()} {SAID.get(one['verdict'], one['verdict'])}"
        + ("" if one["verdict"] == OPEN else f" ({one['figure']:.2f})")
        for axis, one in sorted(found.items())
    )


def counted(found: Iterable[Measured]) -> str:
    """Of several pictures, in a sentence: how many fit; "" where none is seamless."""
    all = [one for one in found if one]
    if not all:
        return ""
    cut = sum(map(is_cut, all))
    unsure = sum(any(axis["verdict"] == OPEN for axis in one.values()) for one in all)
    many = f"{len(all)} seamless picture{'' if len(all) == 1 else 's'}"
    fit = len(all) - sum(
        any(axis["verdict"] != seams.WHOLE for axis in one.values()) for one in all
    )
    said = [f"{fit} of {many} fit{'s' if fit == 1 else ''} at the edges"]
    if cut:
        said.append(f"{cut} {'is' if cut == 1 else 'are'} cut")
    if unsure:
        said.append(f"{unsure} can't be told: transparent at the border")
    return ", ".join(said) + "."
