"""Props as files to keep: the model for engines, its pictures, and a manifest that says where all
of it comes from.

GLB is read by Godot, Blender and Unreal, and by Unity with glTFast; OBJ in a zip by Unity without a
package. Normal maps come with green upwards (Unity, Godot, Blender) and downwards (Unreal).
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import Engine

from studio import images
from studio.assets import files as asset_files
from studio.assets.files import File
from studio.assets.records import Asset
from studio.context import Studio
from studio.diffusion import bundled_bases, licences
from studio.diffusion.bases import LICENCES
from studio.errors import StudioError
from studio.export import iptc
from studio.generation.lists import as_png
from studio.props import glb, obj
from studio.store import local
from studio.workflows import labelling, prop_files, upscaled_files

FORMS = {
    "glb": "Model (GLB)",
    "obj": "Model (OBJ, MTL and PNG in a zip)",
    "png": "Picture of it (PNG)",
    "texture": "Texture",
    "normals": "Normal map, green up (Unity, Godot, Blender)",
    "normals-down": "Normal map, green down (Unreal)",
    "manifest": "Manifest (JSON)",
    "zip": "All of it (zip)",
}
NEEDS = {"texture": prop_files.TEXTURE, "normals": prop_files.NORMAL}  # forms: role of a file
MOMENT = (1980, 1, 1, 0, 0, 0)  # so that the same prop is the same zip
MOST = 200  # props of one zip
FLAT = 128  # of 255, where a normal map leans neither way
UNKNOWN = "unknown"
MEDIA = {
    ".glb": "model/gltf-binary",
    ".zip": "application/zip",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".json": "application/json",
}


@dataclass(frozen=True)
class Download:
    """A file to keep: its name, its media type, and its bytes."""

    name: str
    media_type: str
    data: bytes


def forms_of(engine: Engine, id: str) -> tuple[str, ...]:
    """The forms in which a prop can be had. StudioError where there is no such prop."""
    prop_files.get(engine, id)
    there = {one.role for one in asset_files.of(engine, id)}
    return tuple(form for form in FORMS if _needs(form) in (None, *there))


def download(studio: Studio, id: str, form: str) -> Download:
    """A prop in one form. StudioError for a form that there is not, or that this prop has not, and
    where its files can't be had."""
    prop = prop_files.get(studio.engine, id)
    if form not in FORMS:
        raise StudioError(f"There is no form {form[:40]!r}.", f"Known: {', '.join(FORMS)}.")
    files = {one.role: one for one in asset_files.of(studio.engine, id)}
    if (needed := _needs(form)) and needed not in files:
        raise StudioError(
            f"The prop {id[:40]!r} has no {needed}.",
            f"It can be had as {', '.join(forms_of(studio.engine, id))}.",
        )
    name = file_name(prop)
    if form == "zip":
        return _download(f"{name}.zip", _zipped(_all(studio, prop, files)))
    ending, data = _made(studio, prop, files, form)
    return _download(f"{name}{ending}", data)


def zipped(studio: Studio, ids: Sequence[str]) -> Download:
    """Several props, each in a folder of its own with all its forms. StudioError for none, and for
    more than MOST."""
    named = list(dict.fromkeys(ids))
    if not 1 <= len(named) <= MOST:
        raise StudioError(f"{len(named):,} props are named.", f"Name 1 to {MOST}.")
    found: dict[str, bytes] = {}
    for id in named:
        prop = prop_files.get(studio.engine, id)
        files = {one.role: one for one in asset_files.of(studio.engine, id)}
        folder = f"{file_name(prop)}-{id[:6]}"
        found |= {f"{folder}/{name}": data for name, data in _all(studio, prop, files).items()}
    return _download("props.zip", _zipped(found))


def manifest(studio: Studio, id: str) -> dict[str, Any]:
    """Where a prop comes from, for whoever has to account for it: licence, style, version, seed,
    recipe, and its files by their SHA-256."""
    prop = prop_files.get(studio.engine, id)
    return _manifest(prop, asset_files.of(studio.engine, id))


def licence_of(prop: Asset) -> dict[str, Any]:
    """Under which licences a prop's picture and shape came about, as far as the studio knows:
    `base` of the model that drew the picture, `model` of the provider's or own one that made the
    shape, and whether both allow selling it (None: not known)."""
    base = str(prop.recipe.get("base") or "")
    drawn, sold = _of_base(base) if base else ("", True)
    shape = str(prop.recipe.get("licence") or "")
    told = {"base": base, "base_licence": drawn, "model_licence": shape}
    if shape:
        made = licences.may_sell(shape.lower())
        sold = None if None in (made, sold) else bool(made and sold)
    elif prop.recipe.get("provider"):
        sold = None  # its terms say
    if not base:
        sold = None  # whoever brought the picture knows
    return {**told, "commercial": sold}


def file_name(prop: Asset) -> str:
    """What a prop's files are called, a name that every system takes."""
    return upscaled_files.file_name(prop.name)


def _needs(form: str) -> str | None:
    return NEEDS.get(form.removesuffix("-down"))


def _all(studio: Studio, prop: Asset, files: dict[str, File]) -> dict[str, bytes]:
    """Every form that a prop has, by the names of the files."""
    name, found = file_name(prop), dict[str, bytes]()
    for form in FORMS:
        if form != "zip" and _needs(form) in (None, *files):
            ending, data = _made(studio, prop, files, form)
            found[f"{name}{ending}"] = data
    return found


def _made(studio: Studio, prop: Asset, files: dict[str, File], form: str) -> tuple[str, bytes]:
    """How a form's file name ends, and its bytes."""

    def path(role: str) -> Path:
        return local.present(studio.home / files[role].path)

    if form == "manifest":
        told = _manifest(prop, list(files.values()))
        return ".json", (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode()
    if form == "glb":
        return ".glb", path(prop_files.MODEL).read_bytes()
    if form == "obj":
        return "-obj.zip", obj.write_zip(glb.read(path(prop_files.MODEL).read_bytes()))
    if form == "png":
        picture = as_png(images.open_picture(path(prop_files.POSTER)))
        said = labelling.term(studio.engine, prop)
        return ".png", iptc.labelled(picture, said) if said else picture
    if form == "texture":
        file = path(prop_files.TEXTURE)
        return f"-texture{file.suffix}", file.read_bytes()
    file = path(prop_files.NORMAL)
    down = form == "normals-down"
    if down == _is_down(prop) and file.suffix == ".png":
        data = file.read_bytes()
    else:
        data = as_png(_turned(file) if down != _is_down(prop) else images.open_picture(file))
    return f"-{form}.png", data


def _is_down(prop: Asset) -> bool:
    """Whether green points down in a prop's normal map as it is kept."""
    return bool(prop.recipe.get("settings", {}).get("normal_y") == "down")


def _turned(file: Path) -> Image.Image:
    """The same normal map with green the other way; what is flat stays at 128."""
    red, green, blue, alpha = images.open_picture(file).split()
    turned = green.point([FLAT if level == FLAT else 255 - level for level in range(256)])
    return Image.merge("RGBA", (red, turned, blue, alpha))


def _manifest(prop: Asset, files: Sequence[File]) -> dict[str, Any]:
    return {
        "schema": 1,
        "id": prop.id,
        "name": prop.name,
        "licence": licence_of(prop),
        "style": prop.style,
        "version": prop.version,
        "seed": prop.seed,
        "by": prop.by,
        "at": prop.at,
        "method": prop.category,
        "recipe": prop.recipe,
        "files": {
            one.role: {"sha256": one.content.hash, "bytes": one.content.bytes}
            for one in files
            if one.content is not None
        },
    }


def _of_base(base: str) -> tuple[str, bool | None]:
    """A base's licence and whether pictures made with it may be sold, without asking anybody
    outside."""
    if own := bundled_bases.find(base):
        return own.licence, True
    return LICENCES.get(base, (UNKNOWN, None))


def _zipped(found: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in found.items():
            archive.writestr(zipfile.ZipInfo(name, MOMENT), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _download(name: str, data: bytes) -> Download:
    return Download(name, MEDIA[Path(name).suffix], data)
