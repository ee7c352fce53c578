"""A piece becomes the files of its profile's engine: pictures in the preset's colours and size, and
what the engine reads beside them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from studio.errors import StudioError
from studio.export import godot, iptc, phaser, pieces, placing, presets, unity
from studio.export.pieces import Piece
from studio.export.placing import Content
from studio.export.profiles import PIVOTS, Profile
from studio.export.unity import Look

NORMALS = "_n"  # how the stem of a normal map ends
PICTURES = (".png", ".webp", ".jpg", ".jpeg")


@dataclass(frozen=True)
class Place:
    """Where files go: the folder of the destination that paths are below, and the game's project
    that it is in (None: not known, as for a zip)."""

    folder: Path | None = None
    project: Path | None = None

    def resource(self, path: str) -> str:
        """How Godot names a file."""
        return godot.resource(self.project, self.folder, path)

    def existing(self, path: str) -> bytes | None:
        """What lies at a path; None where nothing does, or nobody knows."""
        return None if self.folder is None else placing.existing(self.folder, path)


@dataclass(frozen=True, eq=False)
class Built:
    """The files of a piece by their paths, and what the next export has to know: the names of
    Unity's sprites."""

    piece: Piece
    stem: str
    files: Mapping[str, Content]
    sprites: tuple[str, ...] = ()


def build(
    piece: Piece, stem: str, profile: Profile, place: Place, former: Sequence[str] = ()
) -> Built:
    """The files of one piece, whose names begin with `stem`. `former` are the names of the sprites
    that an export before gave Unity. StudioError for what can't be exported so."""
    piece = _as_the_profile_says(piece, stem, profile)
    files: dict[str, Content] = {}
    sprites: tuple[str, ...] = ()
    if piece.files is not None:
        folder, _, name = stem.rpartition("/")
        prefix = f"{folder}/" if folder else ""
        there = place.resource(f"{prefix}x").removesuffix("x")
        files |= {prefix + path: data for path, data in piece.files(name, there).items()}
    if piece.image is not None:
        files[f"{stem}.png"] = _png(piece.image)
        if piece.normals is not None:
            files[f"{stem}{NORMALS}.png"] = _png(piece.normals)
        if profile.engine == "godot":
            files |= _godot(piece, stem, profile, place)
        elif profile.engine == "unity":
            more, sprites = _unity(piece, stem, profile, place, former)
            files |= more
        elif profile.engine == "phaser" and piece.layout is not None:
            files |= _phaser(piece, stem, profile)
    if not files:
        raise StudioError(
            f"Nothing of the {piece.kind} {piece.asset} can be exported.", "Leave it out."
        )
    term = iptc.PAINTED_OVER if piece.painted else iptc.DRAWN
    if piece.drawn:
        files = {
            path: iptc.labelled(data, term)
            if isinstance(data, bytes) and path.endswith(PICTURES)
            else data
            for path, data in files.items()
        }
    return Built(piece, stem, files, sprites)


def pivot_of(piece: Piece, profile: Profile) -> tuple[float, float]:
    """The pivot in pixels of the canvas: the piece's own, else where the profile has it."""
    if piece.pivot is not None:
        return piece.pivot
    width, height = piece.canvas
    x, y = PIVOTS[profile.pivot]
    return width * x, height * y


def _as_the_profile_says(piece: Piece, stem: str, profile: Profile) -> Piece:
    """In the preset's colours, at its factor, with or without normals; frames are named by the
    stem, so that a sprite's name says whose it is."""
    if piece.image is None:
        return piece
    factor = profile.factor
    normals = piece.normals if profile.normals else None
    layout = piece.layout and pieces.enlarged(piece.layout, factor)
    if layout is not None:
        name = stem.rpartition("/")[2]
        named = tuple(
            replace(one, name=f"{name}_{number:02d}") for number, one in enumerate(layout.regions)
        )
        layout = replace(layout, regions=named)
    left, top, right, bottom = (side * factor for side in piece.borders or (0, 0, 0, 0))
    return replace(
        piece,
        image=presets.enlarged(presets.reduced(piece.image, profile.preset), factor),
        normals=normals and presets.enlarged(normals, factor),
        layout=layout,
        pivot=piece.pivot and (piece.pivot[0] * factor, piece.pivot[1] * factor),
        borders=(left, top, right, bottom) if piece.borders else None,
    )


def _godot(piece: Piece, stem: str, profile: Profile, place: Place) -> dict[str, Content]:
    name, pivot, filter = stem.rpartition("/")[2], pivot_of(piece, profile), profile.filter
    picture = place.resource(f"{stem}.png")
    normals = place.resource(f"{stem}{NORMALS}.png") if piece.normals is not None else ""
    found: dict[str, str] = {}
    texture = picture
    if piece.layout is not None:
        found[".tres"] = godot.sprite_frames(piece.layout, picture, normals, filter)
        frames = place.resource(f"{stem}.tres")
        found[".tscn"] = godot.animated_scene(name, frames, piece.layout, pivot, filter)
    elif normals:
        found[".tres"] = godot.canvas_texture(picture, normals, filter)
        texture = place.resource(f"{stem}.tres")
    if piece.layout is None and piece.borders:
        found[".tscn"] = godot.panel_scene(name, texture, piece.canvas, piece.borders, filter)
    elif piece.layout is None:
        found[".tscn"] = godot.picture_scene(name, texture, pivot, filter)
    return {f"{stem}{ending}": text.encode() for ending, text in found.items()}


def _unity(
    piece: Piece, stem: str, profile: Profile, place: Place, former: Sequence[str]
) -> tuple[dict[str, Content], tuple[str, ...]]:
    """Each frame that is exported singly is a file of its own, with a GUID of its own."""
    assert piece.image is not None
    size, pivot = piece.image.size, pivot_of(piece, profile)
    asset = f"{piece.asset}/{piece.fields.frame}" if piece.fields.frame else piece.asset
    look = Look(profile.pixels_per_unit, profile.filter)
    found: dict[str, Content] = {}
    normals = ""
    if piece.normals is not None:
        meta = f"{stem}{NORMALS}.png.meta"
        there = place.existing(meta)
        normals = unity.guid_of(there) if there else unity.guid(asset, "normal")
        found[meta] = partial(unity.of_normals, asset=asset, size=size, look=look)
    shared: dict[str, Any] = {"asset": asset, "look": look, "normals": normals}
    if piece.layout is None:
        found[f"{stem}.png.meta"] = partial(
            unity.of_picture, size=size, pivot=pivot, borders=piece.borders, **shared
        )
        return found, ()
    sprites = unity.sprites_of(piece.layout, size[1], pivot, piece.borders)
    found[f"{stem}.png.meta"] = partial(
        unity.of_sheet, side=max(size), sprites=sprites, former=former, **shared
    )
    return found, tuple(one.name for one in sprites)


def _phaser(piece: Piece, stem: str, profile: Profile) -> dict[str, Content]:
    assert piece.image is not None and piece.layout is not None
    name = stem.rpartition("/")[2]
    normals = f"{name}{NORMALS}.png" if piece.normals is not None else ""
    pivot = pivot_of(piece, profile)
    size = piece.image.size
    return {
        f"{stem}.json": phaser.sheet(piece.layout, f"{name}.png", size, pivot, normals),
        f"{stem}.anims.json": phaser.animations(piece.layout, name),
    }


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, format="PNG")
    return out.getvalue()
