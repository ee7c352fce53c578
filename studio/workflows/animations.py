"""Animation sheets: what is asked of one made whole, and all of it as frames on one canvas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from studio import numbers
from studio.assets import files
from studio.context import Studio, check_style
from studio.errors import StudioError
from studio.finishing import palettes
from studio.sheets import effects, motion, one_palette, packing
from studio.sheets import sheet as animation_parts
from studio.sheets.formats import cut
from studio.sheets.formats.cut import Box
from studio.sheets.packing import Packing, Placed
from studio.sheets.sheet import MOST_FRAMES, NAME, USUAL_MS, Animation, Frame, Slice, Tag
from studio.workflows import recipes, upscale_sources
from studio.workflows.upscale_sources import Source

RIGHT = "generate"
NORMAL = "normal"  # the role of the file that is a picture's normal map
PIECE = ("picture", "normal", "box", "duration_ms", "name")
OWN = "own"  # in place of a palette's name: the frames' own colours


@dataclass(frozen=True)
class Piece:
    """Where a frame comes from: a picture as `upscale_sources.source` names it, "" or its normal
    map likewise, and the part of it, None for all."""

    picture: str
    normal: str
    box: Box | None
    duration_ms: int
    name: str


@dataclass(frozen=True)
class Asked:
    """A sheet that is to be made. `motion` is "" or one of `motion.MOTIONS`, for a single frame,
    `settings` its own. `drawn` is the way of blending that the frames are in, `effect` that of the
    sheet. `pad`: frames of several sizes are padded to the largest about their feet.
    `palette` are the colours that all frames are brought to; without any they keep theirs."""

    name: str
    pieces: tuple[Piece, ...]
    tags: tuple[Tag, ...]
    slices: tuple[Slice, ...]
    pivot: tuple[float, float] | None
    packing: Packing
    motion: str
    settings: dict[str, float]
    drawn: str
    effect: str
    palette: tuple[str, ...]
    pad: bool
    before: str


def asked(given: Mapping[str, Any]) -> Asked:
    """What was asked, complete and checked as far as it can be without the pictures. StudioError
    naming what can't be."""
    told = dict(given.get("motion") or {})
    moving = str(told.pop("motion", ""))
    if told and not moving:
        raise StudioError("A motion's settings have no motion.", "Name it: {'motion': 'hover'}.")
    usual = animation_parts.duration(given.get("duration_ms", USUAL_MS))
    pivot = given.get("pivot") or None
    if pivot is not None and len(pivot) != 2:
        raise StudioError(f"pivot is {numbers.shown(pivot)}.", "Give x and y in pixels.")
    found = Asked(
        name=str(given.get("name") or ""),
        pieces=tuple(_piece(one, number, usual) for number, one in enumerate(given["frames"], 1)),
        tags=tuple(animation_parts.tag_of(one) for one in given.get("tags") or ()),
        slices=tuple(animation_parts.slice_of(one) for one in given.get("slices") or ()),
        pivot=None if pivot is None else (float(pivot[0]), float(pivot[1])),
        packing=packing.checked(given.get("packing") or {}),
        motion=moving,
        settings=motion.checked(moving, told) if moving else {},
        drawn=effects.known(str(given.get("drawn") or effects.WAYS[0])),
        effect=effects.known(str(given.get("effect") or effects.WAYS[0])),
        palette=tuple(given.get("palette") or ()),
        pad=bool(given.get("pad")),
        before=str(given.get("before") or ""),
    )
    if not found.pieces:
        raise StudioError("No frame is named.", "Choose pictures of the gallery, or bring files.")
    if moving and len(found.pieces) != 1:
        raise StudioError(
            f"{len(found.pieces)} frames are named, and the motion {moving}.",
            "Give a motion one picture, or leave it out.",
        )
    _check_words(found)
    return found


def as_json(found: Asked) -> dict[str, Any]:
    """What `asked` takes, with nothing left to fill in."""
    moving = {"motion": found.motion, **found.settings} if found.motion else {}
    return {
        "name": found.name,
        "frames": [_plain(piece) for piece in found.pieces],
        "tags": [asdict(tag) for tag in found.tags],
        "slices": [animation_parts.slice_to_json(one) for one in found.slices],
        "pivot": list(found.pivot or ()),
        "packing": asdict(found.packing),
        "motion": moving,
        "drawn": found.drawn,
        "effect": found.effect,
        "palette": list(found.palette),
        "pad": found.pad,
        "before": found.before,
    }


def colours(studio: Studio, palette: str, style: str) -> tuple[str, ...]:
    """The colours of a palette by its name ("props@3"), "own" for none; without a name those of the
    style's pictures, where there is a style and it has any. StudioError for what is not there."""
    if palette == OWN:
        return ()
    if palette:
        return palettes.named(studio.engine, palette).colours
    recipe = recipes.of_style(studio, check_style(style)).recipe if style else None
    return () if recipe is None else tuple(recipe.colours)


def sources(studio: Studio, found: Asked) -> dict[str, Source]:
    """The pictures by what asks for them. StudioError for one that is not there, for frames of
    several sizes that nobody wants padded, and for more pixels than a sheet may have."""
    there = {
        name: upscale_sources.source(studio, name)
        for name in dict.fromkeys(piece.picture for piece in found.pieces)
    }
    sizes = [_size(piece, there[piece.picture]) for piece in found.pieces]
    other = next((size for size in sizes if size != sizes[0]), None)
    if other and not found.pad:
        raise StudioError(
            f"Frame 1 is {sizes[0][0]} x {sizes[0][1]}, frame {sizes.index(other) + 1} "
            f"{other[0]} x {other[1]}.",
            "Have all padded to the largest about their feet (pad), or bring them in one size.",
        )
    width, height = (max(sides) for sides in zip(*sizes, strict=True))
    animation_parts.check_room(width, height, _count(found))
    return there


def map_of(piece: Piece) -> str:
    """What a frame's normal map is called among those of `normals`."""
    return piece.normal or piece.picture


def normals(studio: Studio, found: Asked, there: Mapping[str, Source]) -> dict[str, Path]:
    """The normal maps by `map_of`, where all frames have one; else none. One that is named has to
    be there."""
    out = dict[str, Path]()
    for piece in found.pieces:
        asset = there[piece.picture].asset
        if piece.normal:
            out[piece.normal] = upscale_sources.source(studio, piece.normal).path
        elif asset is not None and piece.picture not in out:
            kept = files.of(studio.engine, asset.id)
            path = next((studio.home / one.path for one in kept if one.role == NORMAL), None)
            if path is not None:
                out[piece.picture] = path
    return out if set(out) == {map_of(piece) for piece in found.pieces} else {}


def made(
    found: Asked, pictures: Mapping[str, Image.Image], maps: Mapping[str, Image.Image]
) -> tuple[Animation, tuple[str, ...]]:
    """The animation, and what is to be told of it. `pictures` are by their names, normal maps by
    `map_of`, none or all. StudioError where they don't go together."""
    drawn = [_part(pictures[piece.picture], piece) for piece in found.pieces]
    shown = [effects.straight(one, found.drawn) for one in drawn]
    remarks = list[str]()
    if found.drawn == "premultiplied" and any(effects.adds_light(one) for one in drawn):
        remarks.append(
            "Pixels brighter than their alpha only add light, and were dimmed to it: draw such an "
            "effect on black."
        )
    if found.motion:
        animation = motion.make(
            shown[0], found.motion, found.settings, pivot=found.pivot, slices=found.slices
        )
        if maps:
            remarks.append("A motion has no normal maps: the picture's was left out.")
        animation = replace(animation, name=found.name, tags=found.tags or animation.tags)
    else:
        normal = [_part(maps[map_of(piece)], piece) for piece in found.pieces] if maps else []
        if not maps and any(piece.normal for piece in found.pieces):
            remarks.append("Some frames have no normal map: those of the others were left out.")
        if normal and [one.size for one in normal] != [one.size for one in shown]:
            remarks.append("Normal maps of another size than their frames were left out.")
            normal = []
        animation = _of_frames(found, shown, normal)
    if found.palette:
        animation = one_palette.in_palette(animation, found.palette)
    else:
        animation = animation_parts.check(animation)
        animation = replace(animation, palette=one_palette.colours_of(animation))
    return effects.flipbook(animation, found.effect), tuple(remarks)


def _of_frames(
    found: Asked, shown: Sequence[Image.Image], normal: Sequence[Image.Image]
) -> Animation:
    if len({one.size for one in shown}) > 1 and found.pad:
        shown = animation_parts.padded(shown)
        normal = animation_parts.padded(normal) if normal else normal
    width, height = shown[0].size
    frames = tuple(
        Frame(picture, piece.duration_ms, piece.name)
        for picture, piece in zip(shown, found.pieces, strict=True)
    )
    return Animation(
        found.name,
        width,
        height,
        frames,
        found.tags,
        found.slices,
        found.pivot or (width / 2, float(height)),
        normals=tuple(normal),
    )


def edges(placed: Placed, effect: str) -> tuple[str, ...]:
    """What is to be told of frames that lie side by side with nothing between them."""
    if placed.packing.padding or placed.packing.extrude:
        return ()
    touching = effects.touching(placed, effect)
    if not touching:
        return ()
    return (
        f"{len(touching):,} of {len(placed.rects):,} frames reach their edge, frame "
        f"{touching[0] + 1} first: without padding a renderer that filters shows a trace of them "
        "in the cell beside.",
    )


def _part(picture: Image.Image, piece: Piece) -> Image.Image:
    if piece.box is None:
        return picture.convert("RGBA")
    return cut.frames(picture, [piece.box])[0]


def _piece(given: Any, number: int, usual: int) -> Piece:
    if not isinstance(given, Mapping) or not isinstance(given.get("picture"), str):
        raise StudioError(
            f"Frame {number} is {numbers.shown(given)}.", 'Name its picture: {"picture": ID}.'
        )
    if unknown := [name for name in given if name not in PIECE]:
        raise StudioError(
            f"Frame {number} has no {numbers.shown(unknown[0])}.", f"Known: {', '.join(PIECE)}."
        )
    box = given.get("box")
    if box is not None:
        if not isinstance(box, list | tuple) or len(box) != 4:
            raise StudioError(
                f"Frame {number} has the box {numbers.shown(box)}.",
                "Give left, top, width and height.",
            )
        left, top = (numbers.whole("box", one, 0, numbers.HIGHEST_ID) for one in box[:2])
        width, height = (numbers.whole("box", one, 1, numbers.HIGHEST_ID) for one in box[2:])
        box = left, top, width, height
    duration = given.get("duration_ms")
    lasts = f"Frame {number} lasts"
    return Piece(
        given["picture"],
        str(given.get("normal") or ""),
        box,
        usual if duration is None else animation_parts.duration(duration, lasts),
        str(given.get("name") or "")[:NAME],
    )


def _check_words(found: Asked) -> None:
    """Tags, slices, pivot and palette, as `sheet.check` has them, before any picture is read."""
    count = _count(found)
    if count > MOST_FRAMES:
        raise StudioError(f"There are {count:,} frames.", f"Use at most {MOST_FRAMES:,}.")
    nothing = Image.new("RGBA", (1, 1))
    frames = (Frame(nothing),) * count
    place = found.pivot or (0.0, 0.0)
    animation_parts.check(
        Animation(found.name, 1, 1, frames, found.tags, found.slices, place, found.palette)
    )


def _count(found: Asked) -> int:
    """How many frames it will have."""
    return int(found.settings["frames"]) if found.motion else len(found.pieces)


def _size(piece: Piece, source: Source) -> tuple[int, int]:
    return (source.width, source.height) if piece.box is None else piece.box[2:]


def _plain(piece: Piece) -> dict[str, Any]:
    told = asdict(piece)
    told["box"] = None if piece.box is None else list(piece.box)
    return {name: value for name, value in told.items() if value not in ("", None)}
