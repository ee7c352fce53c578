"""A recipe in words: its values as people type them, and as pages and commands show them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Engine

from studio.errors import StudioError, nearest
from studio.finishing import palettes
from studio.finishing.recipe import NAMES, Recipe, checked

NONE = ("", "none", "-")
DITHERS = {"none": "None", "bayer": "Bayer", "error": "Error diffusion"}
OUTLINES = {"": "As it is", "add": "Add", "thin": "Thin", "recolour": "Recolour"}
YES, NO = ("yes", "true", "on", "1"), ("no", "false", "off", "0")


def changed(engine: Engine, recipe: Recipe, typed: Mapping[str, str]) -> Recipe:
    """The recipe with values as people type them, by name: "yes", "32", "#112233,#445566",
    "32x48", "none". A palette ("props", "props@3") brings its colours along; colours that are given
    are of none. StudioError names an unknown key, and a value that can't be."""
    found: dict[str, Any] = {}
    for key, text in typed.items():
        if key not in NAMES:
            raise StudioError(
                f"A recipe has no {key[:40]!r}.",
                f"{nearest(key, NAMES)}It has {', '.join(NAMES)}.",
            )
        found[key] = _read(key, text.strip())
    if found.get("palette"):
        held = palettes.named(engine, found["palette"])
        found |= {"palette": held.mark, "colours": held.colours}
    elif "palette" in found or "colours" in found:
        found = {"colours": (), **found, "palette": ""}
    return checked(replace(recipe, **found))


def steps(recipe: Recipe) -> list[tuple[str, str]]:
    """What the recipe does, step by step in their order: what and how. Empty for none."""
    said = {
        "Background": "away" if recipe.background else "",
        "Native size": f"{recipe.native} px, the longer side" if recipe.native else "",
        "Alpha": "hard: no half-transparent pixels" if recipe.hard_alpha else "",
        "Palette": _palette(recipe),
        "Stray pixels": "away" if recipe.strays else "",
        "Holes": "closed" if recipe.holes else "",
        "Outline": _outline(recipe),
        "Canvas": _canvas(recipe),
    }
    return [(name, value) for name, value in said.items() if value]


def typed(recipe: Recipe) -> dict[str, str]:
    """Each value as `changed` reads it."""
    found = {}
    for name in NAMES:
        value = getattr(recipe, name)
        if isinstance(value, bool):
            found[name] = "yes" if value else "no"
        elif isinstance(value, tuple):
            found[name] = ("x" if name == "canvas" else ",").join(map(str, value))
        else:
            found[name] = "" if value is None else str(value)
    return found


def _palette(recipe: Recipe) -> str:
    if not recipe.colours:
        return ""
    named = recipe.palette or "its own"
    dither = "" if recipe.dither == "none" else f", dither {recipe.dither}"
    return f"{named}, {len(recipe.colours)} colours{dither}"


def _outline(recipe: Recipe) -> str:
    if not recipe.outline:
        return ""
    colour = f" in {recipe.outline_colour}" if recipe.outline_colour else ""
    return f"{recipe.outline}{colour}, {recipe.outline_width} px wide"


def _canvas(recipe: Recipe) -> str:
    if recipe.canvas is None:
        return ""
    width, height = recipe.canvas
    ground = "in its place" if recipe.ground is None else f"{recipe.ground} rows free below"
    return f"{width} x {height} px, {ground}"


def _read(key: str, text: str) -> Any:
    if key in ("hard_alpha", "strays", "holes", "background"):
        if text.lower() in YES + NO:
            return text.lower() in YES
        raise StudioError(f"{key} is {text[:40]!r}.", "Give yes or no.")
    if key == "native":
        return 0 if text.lower() in NONE else text
    if key == "ground":
        return None if text.lower() in NONE else text
    if key == "canvas":
        return None if text.lower() in NONE else _sides(text)
    if key == "colours":
        return () if text.lower() in NONE else tuple(re.split(r"[\s,;]+", text.strip(" ,;")))
    if key in ("outline", "outline_colour", "palette"):
        return "" if text.lower() in NONE else text
    return text


def _sides(text: str) -> tuple[str, ...]:
    sides = tuple(re.split(r"\s*[x×]\s*", text.lower()))
    if len(sides) != 2:
        raise StudioError(f"canvas is {text[:40]!r}.", "Write width and height: 32x48.")
    return sides
