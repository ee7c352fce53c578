"""A picture finished as its style's recipe says: the whole chain, in memory."""

from __future__ import annotations

import numpy as np
from PIL import Image

from studio.errors import StudioError
from studio.finishing.recipe import PLAIN, Recipe
from studio.images.fitting import OPAQUE
from studio.pixels import canvas, grid, outlines
from studio.pixels.background import without_background
from studio.pixels.blocks import reduced
from studio.pixels.hex_colours import Pixels, hex_of, rgb_of
from studio.pixels.proposals import applied
from studio.pixels.settling import settled
from studio.pixels.snapping import hard_alpha, packed, snapped
from studio.pixels.strays import holes, strays

MOST_PIXELS = 512 * 512  # pixel art that is larger has another native size
ROUNDS = 6  # a stray that goes may uncover another


def finished(picture: Image.Image, recipe: Recipe) -> Image.Image:
    """The picture (RGBA) after the recipe's steps, as RGBA. The same picture gives the same
    pixels, and finishing it once more changes nothing. StudioError for palette, strays, holes and
    outline on a picture of more than 512 x 512 native pixels."""
    rgba = np.asarray(picture.convert("RGBA"))
    if recipe == PLAIN:
        return Image.fromarray(rgba, "RGBA")
    rgba = _native(rgba, recipe.native)
    if recipe.colours or recipe.strays or recipe.holes or recipe.outline:
        _check_size(rgba)
    if recipe.background:
        rgba = without_background(rgba)
    if recipe.hard_alpha:
        rgba = hard_alpha(rgba)
    if recipe.colours:
        rgba = _coloured(rgba, recipe)
    # An outline needs the canvas's room, and has the figure placed once more.
    rgba = _on_canvas(_repaired(_on_canvas(rgba, recipe), recipe), recipe)
    return Image.fromarray(np.ascontiguousarray(rgba), "RGBA")


def _check_size(rgba: Pixels) -> None:
    height, width = rgba.shape[:2]
    if height * width > MOST_PIXELS:
        raise StudioError(
            f"The picture has {width:,} x {height:,} pixels, which is too large for pixel art.",
            "Give its native size, such as 64, or a recipe without pixel steps.",
        )


def _native(rgba: Pixels, longer: int) -> Pixels:
    """The picture with a longer side of `longer` native pixels, where it was enlarged from that by
    a whole factor, else by the grid that is found on it, unless that gives more than these or less
    than half of them."""
    side = max(rgba.shape[:2])
    if not longer or side <= longer:
        return rgba
    if side % longer == 0:
        return reduced(rgba, side // longer)
    found = grid.find(rgba)
    if found is None or not longer // 2 <= max(grid.size_of(rgba, found)) <= longer:
        return rgba
    return grid.native(rgba, found)


def _coloured(rgba: Pixels, recipe: Recipe) -> Pixels:
    """In the recipe's colours. A picture that has no other is left as it is; a noisy one is
    settled into regions where strays are not wanted."""
    opaque = rgba[..., 3] >= OPAQUE
    own = np.isin(packed(rgba[opaque]), packed(rgb_of(recipe.colours)))
    if own.all():
        return rgba
    if not recipe.strays or not recipe.hard_alpha or recipe.dither == "error":
        return snapped(rgba, recipe.colours, recipe.dither)
    return settled(
        rgba,
        recipe.colours,
        outline=_outline_colour(recipe) if recipe.outline == "recolour" else "",
        width=recipe.outline_width,
        checkered=recipe.dither == "bayer",
    )


def _repaired(rgba: Pixels, recipe: Recipe) -> Pixels:
    """With the safe proposals and the outline, round by round until nothing is left to do; as it
    was where that never ends, since a picture may not change each time that it is finished."""
    found = rgba
    for _ in range(ROUNDS):
        before = found
        if recipe.strays:
            found = applied(found, [one for one in strays(found) if one.safe])
        if recipe.holes:
            found = applied(found, [one for one in holes(found) if one.safe])
        if recipe.outline:
            change = outlines.proposed(
                found, recipe.outline, _outline_colour(recipe), recipe.outline_width
            )
            found = applied(found, [change] if change else [])
        if (found == before).all():
            return found
    return rgba


def _outline_colour(recipe: Recipe) -> str:
    """The outline's colour as the palette has it; without a word of the recipe the palette's
    darkest, and "" (the picture's own) without a palette."""
    if not recipe.colours:
        return recipe.outline_colour
    wanted = rgb_of([recipe.outline_colour or outlines.DARK])
    square = np.array([[[*wanted[0], 255]]], np.uint8)
    return hex_of(snapped(square, recipe.colours)[0, :, :3])[0]


def _on_canvas(rgba: Pixels, recipe: Recipe) -> Pixels:
    """On the recipe's canvas. A figure that is larger keeps its own, so that nothing is cut off;
    so does one that would fill it to the border once its background is taken away, since that
    would look like a background the next time."""
    if recipe.canvas is None or not canvas.fits(rgba, recipe.canvas):
        return rgba
    found = canvas.placed(rgba, recipe.canvas, recipe.ground)
    return rgba if recipe.background and canvas.is_full(found) else found
