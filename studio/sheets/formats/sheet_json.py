"""What the JSON of Aseprite, TexturePacker, Phaser and Pixi have in common: a record for each frame
that says where it lies on the sheet and where in its canvas."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image

from studio import numbers
from studio.errors import StudioError
from studio.sheets import packing
from studio.sheets.packing import Rect
from studio.sheets.sheet import FLAT, MOST_FRAMES, MOST_SIDE, check_room

APP = "https://www.aseprite.org/"
OWN = "housestyle"  # of the meta part: what the format has no place for


def record(rect: Rect, canvas: tuple[int, int]) -> dict[str, Any]:
    """A frame, never turned."""
    width, height = canvas
    return {
        "frame": {"x": rect.x, "y": rect.y, "w": rect.width, "h": rect.height},
        "rotated": False,
        "trimmed": (rect.width, rect.height) != canvas,
        "spriteSourceSize": {"x": rect.left, "y": rect.top, "w": rect.width, "h": rect.height},
        "sourceSize": {"w": width, "h": height},
    }


def parsed(text: str | bytes, name: str) -> dict[str, Any]:
    """The file, which has frames and meta. StudioError where it is none of these."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StudioError(
            f"{name}: this is no JSON ({error}).", "Export the sheet again."
        ) from error
    if not isinstance(found, dict) or not isinstance(found.get("frames"), dict | list):
        raise StudioError(
            f"{name}: this describes no sheet: it has no frames.",
            "Give the JSON of Aseprite or TexturePacker, as an array or a hash.",
        )
    if not 1 <= len(found["frames"]) <= MOST_FRAMES:
        raise StudioError(
            f"{name}: it has {len(found['frames']):,} frames.", f"Use 1 to {MOST_FRAMES:,}."
        )
    meta = found.get("meta")
    return {**found, "meta": meta if isinstance(meta, dict) else {}}


def records(found: Mapping[str, Any], name: str) -> list[tuple[str, dict[str, Any]]]:
    """Each frame's name and record, in order. StudioError naming a frame that is none."""
    frames = found["frames"]
    listed = (
        list(frames.items())
        if isinstance(frames, dict)
        else [(one.get("filename", "") if isinstance(one, dict) else "", one) for one in frames]
    )
    for said, one in listed:
        if not isinstance(one, dict) or not isinstance(said, str):
            raise StudioError(
                f"{name}: {numbers.shown(one)} is no frame.", "Export the sheet again."
            )
    return [(str(said), one) for said, one in listed]


def frames(
    found: Mapping[str, Any],
    name: str,
    sheet: Image.Image,
    normals: Image.Image | None = None,
) -> tuple[tuple[int, int], list[Image.Image], list[Image.Image]]:
    """The canvas, the frames whole, and their normal maps. StudioError for frames of several
    canvases, more than a sheet has room for, turned ones, and those outside of the sheet."""
    rects, canvases = list[Rect](), list[tuple[int, int]]()
    for said, one in records(found, name):
        rect, canvas = _rect(said, one, name, sheet.size)
        rects.append(rect)
        canvases.append(canvas)
    canvas = canvases[0]
    if set(canvases) != {canvas}:
        other = next(one for one in canvases if one != canvas)
        raise StudioError(
            f"{name}: it has frames of {canvas[0]} x {canvas[1]} and of {other[0]} x {other[1]}.",
            "Export those of one canvas together, or bring the frames in as pictures and pad them.",
        )
    check_room(*canvas, len(rects))
    if normals is not None and normals.size != sheet.size:
        raise StudioError(
            f"{name}: the normal sheet is {normals.width} x {normals.height}, the sheet "
            f"{sheet.width} x {sheet.height}.",
            "Give both in one size.",
        )
    shown = packing.rebuilt(sheet.convert("RGBA"), rects, canvas)
    if normals is None:
        return canvas, shown, []
    return canvas, shown, packing.rebuilt(normals.convert("RGBA"), rects, canvas, FLAT)


def _rect(
    said: str, one: Mapping[str, Any], name: str, sheet: tuple[int, int]
) -> tuple[Rect, tuple[int, int]]:
    called = numbers.shown(said)
    if one.get("rotated"):
        raise StudioError(
            f"{name}: the frame {called} is turned.", "Export the sheet without rotation."
        )
    try:
        x, y, width, height = (int(one["frame"][key]) for key in "xywh")
        source = one.get("spriteSourceSize") or {"x": 0, "y": 0}
        left, top = int(source["x"]), int(source["y"])
        shown = int(source.get("w", width)), int(source.get("h", height))
        whole = one.get("sourceSize") or {"w": width, "h": height}
        canvas = int(whole["w"]), int(whole["h"])
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise StudioError(
            f"{name}: the frame {called} can't be read ({error}).", "Export the sheet again."
        ) from error
    inside = 0 <= x <= x + width <= sheet[0] and 0 <= y <= y + height <= sheet[1]
    if not inside:
        raise StudioError(
            f"{name}: the frame {called} ({x}, {y}, {width}, {height}) is not on the sheet of "
            f"{sheet[0]} x {sheet[1]}.",
            "Give the picture that belongs to this file.",
        )
    if max(abs(left), abs(top)) > MOST_SIDE:
        raise StudioError(
            f"{name}: the frame {called} lies at {numbers.shown(left)}, {numbers.shown(top)} of "
            "its canvas.",
            "Export the sheet again.",
        )
    border = (width - shown[0]) // 2
    around = shown[0] + 2 * border, shown[1] + 2 * border
    if min(border, *shown) > 0 and around == (width, height):
        # Inner padding and extruded edges are part of the frame there, and none of the picture.
        return Rect(x + border, y + border, *shown, left, top), canvas
    return Rect(x, y, width, height, left, top), canvas


def written(frames: Any, meta: Mapping[str, Any], **more: Any) -> str:
    """The file's text."""
    told = {"frames": frames, **more, "meta": dict(meta)}
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def named(names: Sequence[str], rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Records by name, as a hash has them; the order is that of the frames."""
    return dict(zip(names, rows, strict=True))
