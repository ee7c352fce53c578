"""Animation sheets as files and as assets: the packed picture, its normal sheet, all frames as an
.aseprite file, and what is said of them.

    animations/<mark>/<name>.png           the sheet; its asset is a picture's child
    animations/<mark>/<name>-normal.png    its normal sheet, where there is one
    animations/<mark>/<name>.aseprite      the frames whole
    animations/<mark>/<name>.json          durations, tags, slices, pivot, and where each frame lies

The mark is that of what was asked, of which pictures: the same sheet made again is the same asset.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import Engine

from studio import images
from studio.assets import files, listing, records
from studio.assets.files import Content
from studio.assets.records import Asset, New
from studio.assets.search import Wanted
from studio.errors import StudioError
from studio.export.names import RESERVED
from studio.sheets import effects, packing
from studio.sheets import sheet as animation_parts
from studio.sheets.formats import aseprite, aseprite_json, moving, texturepacker
from studio.sheets.packing import Placed
from studio.sheets.sheet import Animation
from studio.store import local
from studio.store.publish import publish
from studio.workflows import animations
from studio.workflows.animations import Asked
from studio.workflows.export_sheets import told_apart
from studio.workflows.upscale_sources import Source

KIND = "sheet"  # of asset, and of job
FOLDER = "animations"  # of the studio's folder
PICTURE, NORMAL, FRAMES, DATA = listing.PICTURE, "normal", "frames", "data"  # roles of files
FORMATS = (
    *("sheet", "aseprite", "aseprite_json", "aseprite_array", "texturepacker"),
    *("apng", "webp", "gif", "frames"),
)
ON_SHEET = ("sheet", "aseprite_json", "aseprite_array", "texturepacker")  # name the picture
MOST = 500  # that are offered
MOMENT = (1980, 1, 1, 0, 0, 0)  # so that the same sheet is the same zip


@dataclass(frozen=True, eq=False)
class Kept:
    """A sheet as it was put away."""

    asset: Asset
    animation: Animation
    placed: Placed


def write(folder: Path, animation: Animation, placed: Placed) -> dict[str, str]:
    """The sheet's files in a folder: their names by role. StudioError where that can't be."""
    stem = file_name(animation.name)
    told = {**animation_parts.to_json(animation), "placed": packing.to_json(placed)}
    out = {
        PICTURE: (f"{stem}.png", _png(placed.image)),
        FRAMES: (f"{stem}.aseprite", aseprite.write(animation)),
        DATA: (f"{stem}.json", (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode()),
    }
    if placed.normals is not None:
        out[NORMAL] = f"{stem}-normal.png", _png(placed.normals)
    for name, data in out.values():
        publish(folder / name, data, flush=False)
    return {role: name for role, (name, _) in out.items()}


def new(
    home: Path,
    asked: Asked,
    sources: Sequence[Source],
    files: Mapping[str, tuple[Path, Content]],
    said: Mapping[str, Any],
) -> New:
    """The asset of a sheet whose files lie in the studio's folder; `said` joins its recipe."""
    asset = next((one.asset for one in sources if one.asset is not None), None)
    parents = [id for one in sources for id in one.parents]
    main = files[PICTURE][0]
    prompt = next((one.prompt for one in sources if one.prompt), "")
    return New(
        kind=KIND,
        key=main.parent.relative_to(home).as_posix(),
        files=dict(files),
        parents=tuple(dict.fromkeys([*parents, *([asked.before] if asked.before else [])])),
        style=asset.style if asset else "",
        version=asset.version if asset else 0,
        name=asked.name,
        category=asset.category if asset else "",
        text=prompt or asked.name,
        recipe={"made_by": KIND, "asked": animations.as_json(asked), **said},
    )


def folder_of(home: Path, asked: Asked, hashes: Mapping[str, str]) -> Path:
    """Where a sheet lies: what was asked, and the hash of each file that it is made of."""
    told = [animations.as_json(asked), sorted(hashes.items())]
    mark = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]
    return home / FOLDER / mark


def get(engine: Engine, home: Path, id: str) -> Kept:
    """The sheet `id` with its frames. StudioError where there is none."""
    asset = records.get(engine, id)
    if asset.kind != KIND:
        raise StudioError(
            f"The asset {id[:40]!r} is no sheet but a {asset.kind}.", "Choose one on Animate."
        )
    there = {one.role: local.present(home / one.path) for one in files.of(engine, id)}
    try:
        told = json.loads(there[DATA].read_text("utf-8"))
        normals = images.open_result(there[NORMAL]) if NORMAL in there else None
        placed = packing.of_json(told["placed"], images.open_result(there[PICTURE]), normals)
    except (OSError, KeyError, ValueError) as error:
        raise StudioError(
            f"The files of the sheet {asset.name[:60]!r} can't be read ({error}).",
            "Make it anew from the same frames.",
        ) from error
    animation = animation_parts.of_json(told, packing.frames_of(placed), packing.normals_of(placed))
    return Kept(asset, animation, placed)


def all_sheets(engine: Engine) -> list[listing.Listed]:
    """The newest sheets, newest first."""
    return listing.page(engine, Wanted(kind=KIND), 1, MOST)


def checked(formats: Collection[str]) -> tuple[str, ...]:
    """Those formats in our order. StudioError for one that is none, and for none at all."""
    if unknown := sorted(set(formats) - set(FORMATS)):
        raise StudioError(
            f"There is no format {unknown[0][:40]!r}.", f"Known: {', '.join(FORMATS)}."
        )
    if not formats:
        raise StudioError("No format is named.", f"Name some of {', '.join(FORMATS)}.")
    return tuple(one for one in FORMATS if one in formats)


def exported(
    kept: Kept, formats: Collection[str], name: str = ""
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """The files of these formats by name, and what they change, in sentences. The sheet is there
    wherever one of them names it. `name` calls them, "" as the sheet is called."""
    stem, chosen = file_name(name or kept.asset.name), checked(formats)
    animation, placed = kept.animation, kept.placed
    image, normal = f"{stem}.png", f"{stem}-normal.png" if placed.normals else ""
    out, remarks = dict[str, bytes](), list[str]()
    if set(chosen) & set(ON_SHEET):
        out[image] = _png(placed.image)
        if placed.normals is not None:
            out[normal] = _png(placed.normals)
    if "aseprite" in chosen:
        out[f"{stem}.aseprite"] = aseprite.write(animation)
    for format, way, ending in (
        ("aseprite_json", "hash", ".json"),
        ("aseprite_array", "array", "-array.json"),
    ):
        if format in chosen:
            text = aseprite_json.write(animation, placed, image, way, normal)
            out[f"{stem}{ending}"] = text.encode()
    if "texturepacker" in chosen:
        apart = replace(animation, tags=told_apart(animation.tags))  # it knows each by its name
        text = texturepacker.write(apart, placed, image, normal)
        out[f"{stem}-atlas.json"] = text.encode()
    for format, make, ending in (
        ("apng", moving.apng, ".apng"),
        ("webp", moving.webp, ".webp"),
        ("gif", moving.gif, ".gif"),
    ):
        if format in chosen:
            made = make(animation)
            out[f"{stem}{ending}"] = made.data
            remarks += made.remarks
    if "frames" in chosen:
        names = animation_parts.frame_names(animation)
        digits = max(3, len(str(len(names) - 1)))  # so that they sort as they are shown
        for number, frame in enumerate(animation.frames):
            called = f"{number:0{digits}d}-{file_name(names[number])}.png"
            out[f"{stem}-frames/{called}"] = _png(frame.image)
    return out, tuple(remarks)


def packed(found: Mapping[str, bytes]) -> bytes:
    """Files as a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in found.items():
            archive.writestr(zipfile.ZipInfo(name, MOMENT), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def blend_of(asset: Asset) -> str:
    """In which way of blending a sheet is."""
    return str(asset.recipe.get("asked", {}).get("effect") or effects.WAYS[0])


def file_name(name: str) -> str:
    """A name that every system takes for a file; "sheet" where nothing is left of it. What a system
    keeps for itself, as con, ends with a line."""
    kept = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_-")[:60] or "sheet"
    return f"{kept}_" if kept.casefold() in RESERVED else kept


def named(asset: Asset | listing.Listed) -> str:
    """What a sheet is called, with enough of its id to tell two of one name apart."""
    return f"{asset.name} ({asset.id[:6]})"


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, format="PNG")
    return out.getvalue()
