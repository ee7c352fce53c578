"""Animations that somebody brings: .aseprite files, moving pictures, and sheets with their JSON,
taken apart into frames that a sheet can be made of, with all that the file says of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath, PureWindowsPath
from typing import Any

from PIL import Image

from studio import images
from studio.accounts.rights import check
from studio.context import Studio
from studio.errors import StudioError
from studio.generation import start_pictures, start_room
from studio.sheets import sheet as animation_parts
from studio.sheets.formats import aseprite, aseprite_json, cut, moving, texturepacker
from studio.sheets.formats.cut import Cut, Grid
from studio.sheets.formats.sheet_json import parsed, records
from studio.sheets.sheet import Animation
from studio.workflows import animations, upscale_sources

SUFFIXES = (*aseprite.SUFFIXES, ".json", *moving.SUFFIXES)
JSON = ".json"


def brought(
    studio: Studio,
    data: bytes,
    name: str,
    *,
    by: str,
    sheet: Image.Image | None = None,
    normals: Image.Image | None = None,
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What the job `sheet` is asked for to make this animation, its frames kept as pictures to
    begin from, and what is to be told. A .json needs the `sheet` that it describes. StudioError for
    what can't be read, and where `by` has no room left."""
    check(by, animations.RIGHT)
    start_room.check(studio, by)
    animation, remarks = opened(data, name, sheet, normals)
    return payload(studio, animation, by=by), remarks


def opened(
    data: bytes,
    name: str,
    sheet: Image.Image | None = None,
    normals: Image.Image | None = None,
) -> tuple[Animation, tuple[str, ...]]:
    """The animation in a file, told by its name's ending, and what of the file it has not."""
    suffix = PurePath(name).suffix.lower()
    if suffix in aseprite.SUFFIXES:
        found = aseprite.read(data, name)
        return found.animation, found.remarks
    if suffix != JSON:
        return moving.read(data, name)
    if sheet is None:
        raise StudioError(
            f"{name} describes a sheet, and the sheet is missing.",
            "Give its PNG together with the file.",
        )
    read = texturepacker.read if _by_texturepacker(data, name) else aseprite_json.read
    return read(data, sheet, name, normals), ()


def pictures_of(data: bytes, name: str) -> tuple[str, str]:
    """What the pictures are called that a sheet's JSON describes, without their folders: the sheet,
    and its normal sheet, "" for none. StudioError for what is no such file."""
    meta = parsed(data, name)["meta"]
    image, normal = (
        PureWindowsPath(str(meta.get(key) or "").replace("\0", "")).name  # of either kind of path
        for key in ("image", "normalMap")
    )
    return image or f"{PurePath(name).stem}.png", normal


def payload(studio: Studio, animation: Animation, *, by: str) -> dict[str, Any]:
    """What the job `sheet` is asked for to make an animation."""
    said, frames = animation_parts.to_json(animation), list[dict[str, Any]]()
    for number, frame in enumerate(animation.frames):
        told: dict[str, Any] = {
            "picture": start_pictures.keep_picture(studio.home, frame.image, by=by),
            "duration_ms": frame.duration_ms,
        }
        if frame.name:
            told["name"] = frame.name
        if animation.normals:
            told["normal"] = start_pictures.keep_picture(
                studio.home, animation.normals[number], by=by
            )
        frames.append(told)
    return {
        "name": animation.name,
        "frames": frames,
        "tags": said["tags"],
        "slices": said["slices"],
        "pivot": list(animation.pivot),
    }


def joined(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """What the job `sheet` is asked for to make one animation of two: the second's frames come
    behind the first's, with their tags and slices; all else is the first's."""
    count = len(first["frames"])
    tags = [
        {**tag, "first": tag["first"] + count, "last": tag["last"] + count}
        for tag in second.get("tags", ())
    ]
    slices = [{**one, "frame": one.get("frame", 0) + count} for one in second.get("slices", ())]
    return {
        **first,
        "frames": [*first["frames"], *second["frames"]],
        "tags": [*first.get("tags", ()), *tags],
        "slices": [*first.get("slices", ()), *slices],
    }


def cut_up(
    studio: Studio, picture: str, how: Mapping[str, int]
) -> tuple[Cut, list[dict[str, Any]]]:
    """The cells of a picture, an asset's id or one to begin from, and each as a frame of the job
    `sheet`. `how` are width and height of a cell, or columns and rows, and spacing and margin.
    StudioError for a grid that doesn't divide it."""
    source = upscale_sources.source(studio, picture)
    sheet = images.open_result(source.path)
    found = cells(sheet, how)
    frames = [{"picture": picture, "box": list(box)} for box in found.boxes]
    return found, frames


def cells(sheet: Image.Image, how: Mapping[str, int]) -> Cut:
    """The cells of a picture by width and height, else by columns and rows. StudioError for
    neither."""
    gaps = {name: how.get(name, 0) for name in ("spacing", "margin")}
    if how.get("width") and how.get("height"):
        return cut.by_cells(sheet, Grid(how["width"], how["height"], **gaps))
    if how.get("columns") and how.get("rows"):
        return cut.by_number(sheet, how["columns"], how["rows"], **gaps)
    raise StudioError(
        "Nothing says how large the cells are.",
        "Give their width and height, or the number of columns and rows.",
    )


def _by_texturepacker(data: bytes, name: str) -> bool:
    """Whether its frames have pivots, as TexturePacker's do, and Aseprite's never."""
    _, first = records(parsed(data, name), name)[0]
    return "pivot" in first or "anchor" in first
