"""What is asked for to draw a picture once more: the very same, or others like it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio.diffusion.sizes import LEAST, MOST
from studio.generation import lists, start_pictures
from studio.generation.gallery_table import Picture
from studio.numbers import SEEDS

COUNT = 4
CHANGE = 0.5  # of the picture: its pose and colours stay, details are other ones


def settings(picture: Picture) -> dict[str, Any]:
    """The payload of a job "generate" that draws the very same picture."""
    asked = {
        "prompt": picture.prompt,
        "negative": picture.negative,
        "seed": picture.seed % SEEDS,
        "count": 1,
        "steps": picture.steps,
        "guidance": picture.guidance,
        **_size(picture),
    }
    if picture.version:
        asked |= {"style": picture.style, "version": picture.version, "strength": picture.strength}
    else:  # drawn with a base alone
        asked |= {"base": picture.base}
    if picture.seamless:
        asked |= {"seamless": picture.seamless, "fill": picture.fill}
    if picture.adapters:
        asked["adapters"] = list(picture.adapters)
    if picture.leads:
        kept = ("controlnet", "picture", "scale", "start", "end", "ready")
        asked["leads"] = [{name: lead[name] for name in kept} for lead in picture.leads]
    if picture.reference:
        asked |= {
            "reference": picture.reference["picture"],
            "ip_adapter": picture.reference["ip_adapter"],
            "reference_scale": picture.reference["scale"],
        }
    if picture.start:
        asked |= {"start": picture.start, "change": picture.change}
        if picture.mask:
            asked["mask"] = picture.mask
    return asked


def variations(
    home: Path, picture: Picture, *, seed: int, by: str, begins: bool = True, count: int = COUNT
) -> dict[str, Any]:
    """The payload of a job "generate" for `count` others like the picture, with seeds from `seed`
    on: they begin from it, painted over where it is, and keep its prompt and settings. Where its
    kind of model can't begin from a picture (`begins` False) they have its prompt alone.

    StudioError where `by` may not draw; OSError where the picture's file is gone.
    """
    asked = {**settings(picture), "seed": seed, "count": count}
    if begins:
        like = lists.open_picture(home, picture)
        asked["start"] = start_pictures.keep_picture(home, like, by=by)
        asked.pop("mask", None)
        asked["change"] = max(CHANGE, min(1.0, 1 / picture.steps)) if picture.steps else CHANGE
    return asked


def _size(picture: Picture) -> dict[str, int]:
    """Width and height that it was drawn at; nothing, the usual ones, where none is drawn so."""
    size = {"width": picture.width, "height": picture.height}
    return size if LEAST <= min(size.values()) <= max(size.values()) <= MOST else {}
