"""Steps in words, as they stand beside a finished picture."""

from __future__ import annotations

from studio.finishing.steps import NONE, Steps

OUTLINES = {"add": "outline added", "thin": "outline thinned", "recolour": "outline recoloured"}
SHADOWS = {"contact": "shadow on the ground", "drop": "drop shadow"}


def words(steps: Steps) -> list[str]:
    """The steps in their order; none for NONE."""
    recipe = steps.recipe
    found = [_grid(steps)]
    found += [
        f"{name} {getattr(steps, name):+d}{unit}"
        for name, unit in (("hue", "°"), ("saturation", " %"), ("lightness", " %"))
        if getattr(steps, name)
    ]
    if (steps.black, steps.white, steps.gamma) != (NONE.black, NONE.white, NONE.gamma):
        found.append(f"levels {steps.black} to {steps.white} %, gamma {steps.gamma:g}")
    found.append("background away" if recipe.background else "")
    found.append("hard alpha" if recipe.hard_alpha else "")
    if recipe.colours:
        dither = f", {recipe.dither} dither" if recipe.dither != "none" else ""
        found.append(f"{recipe.palette or f'{len(recipe.colours)} colours'}{dither}")
    found.append("stray pixels" if recipe.strays else "")
    found.append("holes" if recipe.holes else "")
    found.append(OUTLINES.get(recipe.outline, ""))
    if steps.taken:
        count = len(steps.taken)
        found.append(f"{count} proposal{'' if count == 1 else 's'} taken")
    found.append("outline broken" if steps.broken else "")
    edges = (steps.edge_left, steps.edge_top, steps.edge_right, steps.edge_bottom)
    if any(edges):
        found.append(f"edges {', '.join(f'{one:+d}' for one in edges)} px")
    if recipe.canvas:
        found.append(f"canvas {recipe.canvas[0]} x {recipe.canvas[1]}")
    found.append(SHADOWS.get(steps.shadow, ""))
    return [one for one in found if one]


def _grid(steps: Steps) -> str:
    if steps.grid == "set" and steps.set_grid is not None:
        return f"grid {steps.set_grid.step_x:g} x {steps.set_grid.step_y:g} by hand"
    if steps.grid == "found":
        return "grid found"
    return f"native size {steps.recipe.native}" if steps.recipe.native else ""
