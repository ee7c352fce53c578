"""Finished pictures as files: PNG with alpha, how they were drawn and finished inside."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

from studio.assets.records import Asset
from studio.finishing import steps as all_steps
from studio.finishing.steps import Steps
from studio.generation import gallery_table, picture_files
from studio.workflows.finishing_sources import Source, finished, name_of

SHADOW = "shadow"  # the role of the file of what a picture casts
KEY = "housestyle-finishing"  # the chunk that says how


@dataclass(frozen=True)
class Made:
    """A finished picture as files, by the role that each will have: of which asset, and the ids of
    what it is made from."""

    of: str
    parents: tuple[str, ...]
    files: dict[str, Path]


def write(folder: Path, source: Source, steps: Steps) -> Made | None:
    """The finished picture as PNG files in a folder; None where the steps change nothing of it.
    StudioError where it can't be read or written."""
    done = finished(source, steps)
    if done.same and done.shadow is None:
        return None
    name = name_of(source, steps)
    layers = {gallery_table.DRAWN: (folder / f"{name}.png", done.rgba)}
    if done.shadow is not None:
        layers[SHADOW] = (folder / f"{name}-shadow.png", done.shadow)
    for path, pixels in layers.values():
        picture = Image.fromarray(np.ascontiguousarray(pixels), "RGBA")
        picture_files.write_png(path, picture, _about(source, steps, picture.size))
    return Made(source.asset.id, source.parents, {role: path for role, (path, _) in layers.items()})


def told(of: Asset) -> dict[str, Any]:
    """How a picture was drawn, as an asset's recipe has it."""
    found = picture_files.recipe_of(_drawn(of))
    return {name: v for name, v in found.items() if name not in ("style", "version", "seed")}


def _drawn(of: Asset) -> picture_files.Made:
    """How a picture was drawn; a file from elsewhere was not, and has its name for a prompt."""
    nothing = {
        "base": "",
        "run": "",
        "dataset": "",
        "prompt": of.name,
        "full_prompt": "",
        "negative": "",
        "steps": 0,
        "guidance": 0.0,
        "strength": 0.0,
    }
    names = {field.name for field in fields(picture_files.Made)} - {"finish"}
    known = {name: value for name, value in of.recipe.items() if name in names}
    own = {"style": of.style, "version": of.version, "seed": of.seed or 0}
    return picture_files.Made(**{**nothing, **known, **own})


def _about(source: Source, steps: Steps, size: tuple[int, int]) -> PngImagePlugin.PngInfo:
    drawn, sides = _drawn(source.asset), {"width": size[0], "height": size[1]}
    how = {"schema": 1, **picture_files.recipe_of(drawn), **sides}
    finished = {"schema": 1, "begun": source.begun, "pixels": source.content.pixels}
    about = PngImagePlugin.PngInfo()
    about.add_itxt(picture_files.KEY, json.dumps(how))
    about.add_itxt(KEY, json.dumps({**finished, "steps": all_steps.said_of(steps)}))
    about.add_itxt(picture_files.PARAMETERS, picture_files.parameters(drawn, size))
    return about
