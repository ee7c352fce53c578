"""From a picture as a model gave it, RGB or RGBA, to the one that people get, RGBA."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from studio import images

HARD_ALPHA, CUT_OUT = "hard alpha", "cut out of the matte"
Finish = Callable[[Image.Image], Image.Image]  # RGBA to RGBA
FinishSeamless = Callable[[Image.Image, str], Image.Image]  # and over which edges it goes on


@dataclass(frozen=True)
class Finishing:
    """How pictures are finished, by a style's recipe: its `mark`, its `text` as JSON and what it
    `says` in words. `whole` finishes a picture, `part` one that is put back into another: its size
    stays; `texture` one that repeats: it gets no canvas, keeps its ground, and
    goes on over its edges. `frame` brings real
    art to the size at which the pictures are delivered, no more."""

    mark: str
    text: str
    says: str
    whole: Finish
    part: Finish
    texture: FinishSeamless
    frame: Finish


def clear(picture: Image.Image, matte: str) -> Image.Image:
    """RGBA: cut out of the matte where the model knows no alpha, and nothing else."""
    if picture.mode == "RGBA":
        return picture
    return images.cut_out(picture.convert("RGB"), images.parse_colour(matte))


def crisp(picture: Image.Image) -> Image.Image:
    """Alpha snapped to 0 or 255 at one half, as pixel art has it."""
    hard = picture.copy()
    hard.putalpha(picture.getchannel("A").point([0] * 128 + [255] * 128))
    return hard


def in_words(picture: Image.Image, hard: bool, finishing: Finishing | None) -> str:
    """What is done to a picture: CUT_OUT, HARD_ALPHA and what the recipe says; "" where it is left
    alone. `hard` counts where there is no recipe, as before styles had any."""
    cut = CUT_OUT if picture.mode != "RGBA" else ""
    if finishing is None:
        return cut or (HARD_ALPHA if hard else "")
    return ", ".join(filter(None, (cut, finishing.says)))


def same(one: Image.Image, other: Image.Image) -> bool:
    """Whether both hold the same, byte for byte."""
    return (one.mode, one.size) == (other.mode, other.size) and one.tobytes() == other.tobytes()
