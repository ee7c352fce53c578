"""Which methods are offered for a picture, and honest words on each: the plain one where it is
better.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from studio.upscaling.methods import epx

NEAREST, EPX, LANCZOS = "nearest", "epx", "lanczos"
MODEL, DIFFUSION = "model", "diffusion"
METHODS = (NEAREST, EPX, LANCZOS, MODEL, DIFFUSION)
LABELS = {
    NEAREST: "Nearest neighbour",
    EPX: "EPX",
    LANCZOS: "Lanczos",
    MODEL: "Upscaling model",
    DIFFUSION: "Diffusion, tile by tile",
}


@dataclass(frozen=True)
class Offer:
    """A method by its name in settings, what pages call it, whether it can be chosen, and why it is
    offered, what speaks against it, or why it can't."""

    method: str
    label: str
    offered: bool
    why: str


def offers(
    width: int,
    height: int,
    pixel_art: bool,
    *,
    factor: float | None = None,
    models: bool = True,
    bases: bool = True,
) -> tuple[Offer, ...]:
    """Every method for a picture of this size, the default first. `factor` is by how much it is to
    be enlarged, where that is known; `models` and `bases` say whether there are upscaling models
    and bases that can draw it."""
    order = _order(pixel_art, models)
    says: dict[str, Callable[[], tuple[bool, str]]] = {
        NEAREST: lambda: _nearest(pixel_art, factor),
        EPX: lambda: _epx(pixel_art, factor),
        LANCZOS: lambda: _lanczos(pixel_art),
        MODEL: lambda: _model(pixel_art, models),
        DIFFUSION: lambda: _diffusion(pixel_art, bases, min(width, height)),
    }
    return tuple(Offer(name, LABELS[name], *says[name]()) for name in order)


def default(pixel_art: bool, models: bool = True) -> str:
    """The method that is taken where nobody chooses."""
    return _order(pixel_art, models)[0]


def _order(pixel_art: bool, models: bool) -> tuple[str, ...]:
    if pixel_art:
        return (NEAREST, EPX, LANCZOS, MODEL, DIFFUSION)
    if models:
        return (MODEL, LANCZOS, DIFFUSION, NEAREST, EPX)
    return (LANCZOS, DIFFUSION, NEAREST, MODEL, EPX)


def _nearest(pixel_art: bool, factor: float | None) -> tuple[bool, str]:
    if not pixel_art:
        return True, "Leaves blocks: meant for pixel art."
    if factor is not None and not (factor >= 1 and float(factor).is_integer()):
        return False, f"A factor of {factor:g} would make pixels of unlike sizes: take a whole one."
    return True, "The right one for pixel art: every pixel and every colour stays as it was drawn."


def _epx(pixel_art: bool, factor: float | None) -> tuple[bool, str]:
    if not pixel_art:
        return False, "Compares equal pixels, of which a painting has hardly any."
    if factor is not None and factor not in epx.FACTORS:
        return False, f"Makes 2, 3 or 4 times as large, not {factor:g}."
    return True, "Redraws shapes: stairs become slopes, dots become diamonds. No new colours."


def _lanczos(pixel_art: bool) -> tuple[bool, str]:
    if pixel_art:
        return True, "Blurs pixel art and makes colours up. Nearest neighbour is better here."
    return True, "Smooth, and invents nothing; edges are as soft as the picture is small."


def _model(pixel_art: bool, models: bool) -> tuple[bool, str]:
    if not models:
        return False, "No upscaling model is installed."
    if pixel_art:
        return True, "Makes thousands of colours of a few. Nearest neighbour is better here."
    return True, "Draws edges clean and sharp, and adds little else."


def _diffusion(pixel_art: bool, bases: bool, side: int) -> tuple[bool, str]:
    if not bases:
        return False, "There is no base or style that could draw it."
    if pixel_art:
        return True, (
            "Draws the picture anew, off its pixel grid. Where it is to stay what it is, nearest "
            "neighbour is better."
        )
    small = " Little is to be seen at this size, so much of it will be invented." * (side < 64)
    return True, f"Draws every tile anew in the style and adds detail.{small}"
