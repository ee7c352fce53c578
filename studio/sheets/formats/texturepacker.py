"""TexturePacker's JSON hash, which Phaser (`load.atlas`) and Pixi (`Assets.load`) read: pivots in
shares of the canvas, animations by tag, and durations in milliseconds beside each frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PIL import Image

from studio import numbers
from studio.errors import StudioError
from studio.sheets import sheet as animations
from studio.sheets.formats import sheet_json
from studio.sheets.packing import Placed
from studio.sheets.sheet import NAME, USUAL_MS, Animation, Frame

APP = "https://www.codeandweb.com/texturepacker"


def write(animation: Animation, placed: Placed, image: str, normals: str = "") -> str:
    """The file of a sheet whose picture is called `image`, and its normal sheet `normals`. Phaser
    takes "pivot", Pixi "anchor": the same place. A tag that goes there and back has its frames
    written out, of two of one name the second; without tags all frames are the animation."""
    names = animations.frame_names(animation)
    across, down = animation.pivot[0] / animation.width, animation.pivot[1] / animation.height
    place = {"x": across, "y": down}
    rows = [
        {
            **sheet_json.record(rect, placed.canvas),
            "pivot": place,
            "anchor": place,
            "duration": frame.duration_ms,
        }
        for rect, frame in zip(placed.rects, animation.frames, strict=True)
    ]
    shown = {tag.name: [names[k] for k in animations.order(tag)] for tag in animation.tags}
    meta = {
        "app": APP,
        "version": "1.0",
        "image": image,
        **({"normalMap": normals} if normals else {}),
        "format": "RGBA8888",
        "size": {"w": placed.image.width, "h": placed.image.height},
        "scale": "1",
        sheet_json.OWN: animations.to_json(animation),
    }
    frames = sheet_json.named(names, rows)
    return sheet_json.written(frames, meta, animations=shown or {animation.name or "all": names})


def read(
    text: str | bytes,
    picture: Image.Image,
    name: str,
    normals: Image.Image | None = None,
) -> Animation:
    """The animation of a file and its sheet. Tags, slices and the palette are there where the file
    is ours; the format has no place for them. StudioError naming what can't be read."""
    found = sheet_json.parsed(text, name)
    canvas, shown, maps = sheet_json.frames(found, name, picture, normals)
    rows = sheet_json.records(found, name)
    durations = [animations.duration(row.get("duration", USUAL_MS)) for _, row in rows]
    own = found["meta"].get(sheet_json.OWN)
    if isinstance(own, dict):
        told = animations.of_json({**own, "width": canvas[0], "height": canvas[1]}, shown, maps)
        pivot = _pivot(rows[0][1], canvas) or told.pivot
        near = all(abs(one - other) < 1e-6 for one, other in zip(pivot, told.pivot, strict=True))
        frames = tuple(
            replace(frame, duration_ms=duration)
            for frame, duration in zip(told.frames, durations, strict=True)
        )
        placed = told.pivot if near else pivot
        return animations.check(replace(told, frames=frames, pivot=placed))
    frames = tuple(
        Frame(one, duration, said[:NAME])
        for one, duration, (said, _) in zip(shown, durations, rows, strict=True)
    )
    pivot = _pivot(rows[0][1], canvas) or (canvas[0] / 2, float(canvas[1]))
    stem = name.rsplit("/", 1)[-1].rpartition(".")[0] or name
    made = Animation(stem[:NAME], *canvas, frames, pivot=pivot, normals=tuple(maps))
    return animations.check(made)


def _pivot(row: Mapping[str, Any], canvas: tuple[int, int]) -> tuple[float, float] | None:
    place = row.get("pivot") or row.get("anchor")
    if place is None:
        return None
    try:
        return float(place["x"]) * canvas[0], float(place["y"]) * canvas[1]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise StudioError(
            f"The pivot {numbers.shown(place)} can't be read.", "Export the sheet again."
        ) from error
