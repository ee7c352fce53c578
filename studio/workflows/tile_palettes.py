"""The palette that a tileset is held to where nobody names one: that of its terrains' style."""

from __future__ import annotations

from studio.context import Studio
from studio.errors import StudioError
from studio.tiles.kept import Source
from studio.workflows import recipes


def of_terrains(studio: Studio, *terrains: Source) -> tuple[tuple[str, ...], str]:
    """The colours, and the outline's ("": none is named), of the recipe by which the first
    terrain's style is finished; none of files, and of styles without a palette."""
    for style in dict.fromkeys(one.style for one in terrains if one.style):
        try:
            recipe = recipes.of_style(studio, style).recipe
        except StudioError:  # the style is gone, its pictures are not
            continue
        if recipe and recipe.colours:
            return recipe.colours, recipe.outline_colour
    return (), ""
