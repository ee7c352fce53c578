"""Aseprite's JSON beside a sheet, as an array or a hash: durations, tags and slices, both ways.

The pivot is that of a slice called "pivot", which covers the canvas. Its exact place, names and the
palette stand under "housestyle" in the meta part, which other readers pass by.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PIL import Image

from studio import numbers
from studio.errors import StudioError
from studio.sheets import sheet as animations
from studio.sheets.formats import sheet_json
from studio.sheets.formats.aseprite_chunks import passes, times
from studio.sheets.packing import Placed
from studio.sheets.sheet import NAME, PIVOT, USUAL_MS, Animation, Frame, Slice, Tag

WAYS = ("hash", "array")


def write(
    animation: Animation, placed: Placed, image: str, way: str = "hash", normals: str = ""
) -> str:
    """The file of a sheet whose picture is called `image`, and its normal sheet `normals`.
    StudioError for another way than those of WAYS."""
    if way not in WAYS:
        raise StudioError(f"{numbers.shown(way)} is no way.", f"Use one of {', '.join(WAYS)}.")
    names = animations.frame_names(animation)
    rows = [
        {**sheet_json.record(rect, placed.canvas), "duration": frame.duration_ms}
        for rect, frame in zip(placed.rects, animation.frames, strict=True)
    ]
    frames: Any = sheet_json.named(names, rows)
    if way == "array":
        frames = [{"filename": name, **row} for name, row in zip(names, rows, strict=True)]
    meta = {
        "app": sheet_json.APP,
        "version": "1.3",
        "image": image,
        **({"normalMap": normals} if normals else {}),
        "format": "RGBA8888",
        "size": {"w": placed.image.width, "h": placed.image.height},
        "scale": "1",
        "frameTags": [_tag(tag) for tag in animation.tags],
        "layers": [{"name": "frames", "opacity": 255, "blendMode": "normal"}],
        "slices": _slices(animation),
        sheet_json.OWN: animations.to_json(animation),
    }
    return sheet_json.written(frames, meta)


def read(
    text: str | bytes,
    picture: Image.Image,
    name: str,
    normals: Image.Image | None = None,
) -> Animation:
    """The animation of a file and its sheet. What other programs say of durations, tags and slices
    counts; the exact pivot, names and the palette are ours where the file is. StudioError naming
    what can't be read."""
    found = sheet_json.parsed(text, name)
    canvas, shown, maps = sheet_json.frames(found, name, picture, normals)
    meta = found["meta"]
    own = meta.get(sheet_json.OWN)
    own = own if isinstance(own, dict) else {}
    rows = sheet_json.records(found, name)
    frames = tuple(
        Frame(one, _duration(row, said, name), called)
        for one, (said, row), called in zip(shown, rows, _names(rows, own), strict=True)
    )
    try:
        tags = tuple(_tag_of(one) for one in meta.get("frameTags") or ())
        slices = [key for one in meta.get("slices") or () for key in _keys_of(one)]
        palette = tuple(str(one) for one in own.get("palette") or ())
        pivot = _pivot(slices, own, canvas)
    except (LookupError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise StudioError(
            f"{name}: its tags or slices can't be read ({error}).", "Export the sheet again."
        ) from error
    stem = str(own.get("name") or name.rsplit("/", 1)[-1].rpartition(".")[0] or name)
    return animations.check(
        Animation(
            stem[:NAME],
            *canvas,
            frames,
            tags,
            tuple(one for one in slices if one.name != PIVOT),
            pivot,
            palette,
            tuple(maps),
        )
    )


def _names(rows: list[tuple[str, dict[str, Any]]], own: Mapping[str, Any]) -> list[str]:
    told = own.get("frames")
    if isinstance(told, list) and len(told) == len(rows):
        return [str(one.get("name", "")) if isinstance(one, dict) else "" for one in told]
    return [said[:NAME] for said, _ in rows]


def _duration(row: Mapping[str, Any], said: str, name: str) -> int:
    return animations.duration(
        row.get("duration", USUAL_MS), f"{name}: the frame {numbers.shown(said)} lasts"
    )


def _tag(tag: Tag) -> dict[str, Any]:
    told = {"name": tag.name, "from": tag.first, "to": tag.last, "direction": tag.direction}
    return {**told, **({"repeat": str(times(tag))} if tag.repeat else {}), "color": "#000000ff"}


def _tag_of(told: Mapping[str, Any]) -> Tag:
    way = str(told.get("direction", "forward"))
    repeat = passes(way, int(told.get("repeat") or 0))
    return Tag(str(told["name"]), int(told["from"]), int(told["to"]), way, repeat)


def _slices(animation: Animation) -> list[dict[str, Any]]:
    x, y = animations.pixel_of(animation.pivot)
    whole = Slice(PIVOT, (0, 0, animation.width, animation.height), None, (x, y))
    named: dict[str, list[dict[str, Any]]] = {}
    for one in (whole, *animation.slices):
        named.setdefault(one.name, []).append(_key(one))
    return [{"name": name, "color": "#0000ffff", "keys": keys} for name, keys in named.items()]


def _key(one: Slice) -> dict[str, Any]:
    left, top, width, height = one.box
    told: dict[str, Any] = {
        "frame": one.frame,
        "bounds": {"x": left, "y": top, "w": width, "h": height},
    }
    if one.borders:
        x, y, right, low = one.borders
        told["center"] = {"x": x, "y": y, "w": width - x - right, "h": height - y - low}
    if one.pivot:
        told["pivot"] = {"x": one.pivot[0], "y": one.pivot[1]}
    return told


def _keys_of(told: Mapping[str, Any]) -> list[Slice]:
    out = []
    for key in told["keys"]:
        left, top, width, height = (int(key["bounds"][side]) for side in "xywh")
        borders = pivot = None
        if centre := key.get("center"):
            x, y, wide, high = (int(centre[side]) for side in "xywh")
            borders = x, y, width - x - wide, height - y - high
        if place := key.get("pivot"):
            pivot = int(place["x"]), int(place["y"])
        box = left, top, width, height
        out.append(Slice(str(told["name"]), box, borders, pivot, int(key.get("frame", 0))))
    return out


def _pivot(
    slices: list[Slice], own: Mapping[str, Any], canvas: tuple[int, int]
) -> tuple[float, float]:
    """The slice's, exactly as ours has it where that is the same pixel."""
    told = own.get("pivot")
    exact = (float(told[0]), float(told[1])) if told else None
    one = next((one for one in slices if one.name == PIVOT and one.pivot), None)
    if one is None or one.pivot is None:
        return exact or (canvas[0] / 2, float(canvas[1]))
    place = one.box[0] + one.pivot[0], one.box[1] + one.pivot[1]
    if exact is not None and animations.pixel_of(exact) == place:
        return exact
    return float(place[0]), float(place[1])
