"""What a person should know of a picture that was finished."""

from __future__ import annotations

import numpy as np
from PIL import Image

from studio.finishing.recipe import Recipe
from studio.images.fitting import OPAQUE
from studio.pixels import canvas
from studio.pixels.figures import figures

LARGE = 256  # pixels a side; pixel art at its own size is seldom larger
MANY = 2048  # colours; pixel art has fewer


def remarks(before: Image.Image, after: Image.Image, recipe: Recipe) -> list[str]:
    """Sentences about what did not come about, or may surprise."""
    raw, done = np.asarray(before.convert("RGBA")), np.asarray(after.convert("RGBA"))
    found = []
    pixel_steps = bool(recipe.colours or recipe.strays or recipe.outline)
    if not (raw[..., 3] >= OPAQUE).any():
        found.append("No pixel is opaque: there is nothing to finish.")
    elif pixel_steps and max(done.shape[:2]) > LARGE and figures(raw).colours > MANY:
        found.append(
            f"It looks like a photograph or a painting, at {before.width} x {before.height} with "
            f"{figures(raw).colours:,.0f} colours: give its native size."
        )
    if recipe.native and max(done.shape[:2]) > max(recipe.native, *(recipe.canvas or (0, 0))):
        found.append(
            f"No grid was found on it that gives {recipe.native} native pixels: it keeps its size."
        )
    if recipe.background and (done[..., 3] >= OPAQUE).all():
        found.append("It has no plain background: nothing was taken away.")
    if recipe.canvas and after.size != recipe.canvas:
        box = canvas.seen(done)
        if box is not None:
            rows, columns = box
            found.append(
                f"What is seen is {columns.stop - columns.start} x {rows.stop - rows.start}, too "
                f"large for the canvas: it keeps its own."
            )
    if len(recipe.colours) == 1:
        found.append("The palette has one colour: a silhouette is left.")
    return found
