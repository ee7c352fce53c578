"""A piece becomes the files of its profile's engine: pictures in the preset's colours and size, and
what the engine reads beside them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
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
META, NORMAL_META = ".png.meta", f"{NORMALS}.png.meta"  # how Unity's files end behind the stem


@dataclass(frozen=True)
class Place:
    """Where files go: the folder of the destination that paths are below (None: not known, as for a
    zip)."""

    folder: Path | None = None

    def resource(self, path: str) -> str:
        """How Godot names a file."""
        return godot.resource(self.folder, path)

    def existing(self, path: str) -> bytes | None:
        """What lies at a path; None where nothing does, or nobody knows."""
        return None if self.folder is None else placing.existing(self.folder, path)


@dataclass(frozen=True)
class Former:
    """What exports before made of a piece for Unity: the numbers of its sprites by their names, in
    the order of the frames; by how a path ends its GUID, and what was in its `.meta` under another
    name, which moves along where the file of that name goes; and the size limit that its texture
    needed then (0: not known)."""

    sprites: Mapping[str, int] = field(default_factory=dict)
    guids: Mapping[str, str] = field(default_factory=dict)
    moved: Mapping[str, bytes] = field(default_factory=dict)
    limit: int = 0


@dataclass(frozen=True, eq=False)
class Built:
    """The files of a piece by their paths."""

    piece: Piece
    stem: str
    files: Mapping[str, Content]


def parts(piece: Piece, profile: Profile) -> list[Piece]:
    """What is exported of a piece, whole or each frame by itself, in the preset's colours: those of
    all frames together."""
    if piece.image is not None:
        piece = replace(piece, image=presets.reduced(piece.image, profile.preset))
    return pieces.singly(piece) if profile.frames == "single" else [piece]


def build(
    piece: Piece, stem: str, profile: Profile, place: Place, former: Former | None = None
) -> Built:
    """The files of a part, whose names begin with `stem`. StudioError for what can't be exported
    so."""
    piece = _as_the_profile_says(piece, stem, profile)
    files: dict[str, Content] = {}
    if piece.files is not None:
        folder, _, name = stem.rpartition("/")
        prefix = f"{folder}/" if folder else ""
        there = place.resource(f"{prefix}x").removesuffix("x")
        files |= {prefix + path: data for path, data in piece.files(piece, name, there).items()}
    if piece.image is not None:
        files[f"{stem}.png"] = _png(piece.image)
        if piece.normals is not None:
            files[f"{stem}{NORMALS}.png"] = _png(piece.normals)
        if profile.engine == "godot":
            files |= _godot(piece, stem, profile, place)
        elif profile.engine == "unity":
            files |= _unity(piece, stem, profile, place, former or Former())
        elif profile.engine == "phaser" and piece.layout is not None:
            name = stem.rpartition("/")[2]
            files[f"{stem}.anims.json"] = phaser.animations(piece.layout, name)
    if not files:
        raise StudioError(
            f"Nothing of the {piece.kind} {piece.asset} can be exported.", "Leave it out."
        )
    if piece.term:
        files = {
            path: iptc.labelled(data, piece.term) if isinstance(data, bytes) else data
            for path, data in files.items()
        }
    return Built(piece, stem, files)


def pivot_of(piece: Piece, profile: Profile) -> tuple[float, float]:
    """The pivot in pixels of the canvas: the piece's own, else where the profile has it."""
    if piece.pivot is not None:
        return piece.pivot
    width, height = piece.canvas
    x, y = PIVOTS[profile.pivot]
    return width * x, height * y


def _as_the_profile_says(piece: Piece, stem: str, profile: Profile) -> Piece:
    """At the profile's factor, with or without normals; frames are named by the stem, so that a
    sprite's name says whose it is."""
    if piece.image is None:
        return piece
    factor = profile.factor
    normals = piece.normals if profile.normals else None
    layout = piece.layout and pieces.enlarged(piece.layout, factor)
    if layout is not None:
        name = stem.rpartition("/")[2]
        named = tuple(
            replace(one, name=f"{name}_{word}")
            for one, word in zip(layout.regions, layout.words, strict=True)
        )
        layout = replace(layout, regions=named)
    left, top, right, bottom = (side * factor for side in piece.borders or (0, 0, 0, 0))
    return replace(
        piece,
        image=presets.enlarged(piece.image, factor),
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
    piece: Piece, stem: str, profile: Profile, place: Place, former: Former
) -> dict[str, Content]:
    assert piece.image is not None
    size, pivot = piece.image.size, pivot_of(piece, profile)
    look = Look(profile.pixels_per_unit, profile.filter)

    def own(ending: str) -> str:
        return former.guids.get(ending) or unity.guid(piece.asset, f"{stem}{ending}")

    def merged(ending: str, make: Callable[[bytes | None], bytes]) -> Content:
        moved = former.moved.get(ending)

        def content(before: bytes | None) -> bytes:
            with _named(f"{stem}{ending}"):
                return make(moved if before is None else before)

        return content

    found: dict[str, Content] = {}
    shared: dict[str, Any] = {"look": look, "limit": former.limit}
    normals = ""
    if piece.normals is not None:
        there = place.existing(f"{stem}{NORMAL_META}") or former.moved.get(NORMAL_META)
        with _named(f"{stem}{NORMAL_META}"):
            normals = unity.guid_of(there) if there else own(NORMAL_META)
        make = partial(unity.of_normals, own=own(NORMAL_META), size=size, **shared)
        found[f"{stem}{NORMAL_META}"] = merged(NORMAL_META, make)
    shared |= {"own": own(META), "normals": normals}
    if piece.layout is None:
        make = partial(unity.of_picture, size=size, pivot=pivot, borders=piece.borders, **shared)
    else:
        make = partial(
            unity.of_sheet,
            asset=piece.asset,
            side=max(size),
            sprites=unity.sprites_of(piece.layout, size[1], pivot, piece.borders),
            former=former.sprites,
            **shared,
        )
    found[f"{stem}{META}"] = merged(META, make)
    return found


@contextmanager
def _named(path: str) -> Iterator[None]:
    """Say of which file it is that something is wrong with it."""
    try:
        yield
    except StudioError as error:
        raise StudioError(f"{path}: {error.message}", error.remedy) from error


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, format="PNG")
    return out.getvalue()
