"""What a tileset is asked to be: its terrains' border, size, seed and palette."""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass, fields
from typing import Any

from studio import numbers
from studio.errors import StudioError

SETS = ("wang", "blob", "platform")
EDGES = ("blades", "ragged", "rounded", "smooth")
DITHERS = ("none", "bayer", "error")
LEAST, MOST = 16, 128  # pixels a side; quarters stay even, so that a dither's phase holds
VARIANTS = (3, 8)


@dataclass(frozen=True)
class Settings:
    """How a tileset is made of its two terrains; all lengths in pixels.

    `edge` is the form of the upper terrain's rim and `overhang` how far that hangs over; `face` is
    the height of its side below a rim that faces down; `outline` runs around both in
    `outline_colour` ("": the darkest there is), and `shadow` falls below on the lower terrain.
    `shore` is a lighter band of that around all, as of shallow water; `highlight` lights the rim
    from above. `colours` is the style's palette (none: the terrains' own
    where they have at most 64). Named as in the recipe: `inner` and `outer` are what the terrains
    are called.
    """

    kind: str = "wang"
    size: int = 32
    seed: int = 0
    variants: int = 3
    edge: str = "blades"
    overhang: int = 3
    face: int = 2
    outline: int = 1
    outline_colour: str = ""
    shadow: int = 2
    shore: int = 0
    highlight: bool = True
    colours: tuple[str, ...] = ()
    dither: str = "none"
    inner: str = "inner"
    outer: str = "outer"


def usual(size: int, **more: Any) -> Settings:
    """The settings that suit a tile of that size, with what is asked beside."""
    unit = size / 16
    scaled = {"overhang": 1.5 * unit, "face": 1.5 * unit, "shadow": unit, "outline": unit / 2}
    scaled = {name: max(1, int(pixels)) for name, pixels in scaled.items()}
    return Settings(**{"size": size, **scaled, **more})


def checked(settings: Settings) -> Settings:
    """The same, or StudioError that names what can't be."""
    for name, value, known in (
        ("set", settings.kind, SETS),
        ("edge", settings.edge, EDGES),
        ("dither", settings.dither, DITHERS),
    ):
        if value not in known:
            raise StudioError(f"There is no {name} {value!r}.", f"Choose {', '.join(known)}.")
    for code in (*settings.colours, *filter(None, [settings.outline_colour])):
        if not re.fullmatch("#[0-9a-fA-F]{6}", code):
            raise StudioError(f"{code[:20]!r} is no colour.", "Write it as #20d6c7.")
    numbers.whole("size", settings.size, LEAST, MOST)
    if settings.size % 4:
        raise StudioError(
            f"A tile of {settings.size} pixels has no even quarters.", "Use a multiple of 4."
        )
    numbers.whole("variants", settings.variants, *VARIANTS)
    numbers.whole("seed", settings.seed, 0, 2**63 - 1)
    for name in ("overhang", "face", "outline", "shadow", "shore"):
        numbers.whole(name, getattr(settings, name), 1 if name == "outline" else 0, MOST // 4)
    room = settings.size // 2 - settings.outline - 1
    deep = hung(settings) if settings.kind == "platform" else reach(settings)[1]
    if deep > room:
        raise StudioError(
            f"Overhang, face, outline, shadow and shore are {deep} pixels deep together, and a "
            f"quarter of a tile of {settings.size} has room for {room}.",
            "Make one of them smaller, or the tile larger.",
        )
    return settings


def reach(settings: Settings) -> tuple[int, int]:
    """How far a border reaches out of the upper terrain, upwards and downwards, with the pixels
    that stay as they are beside a tile's edge."""
    around = 2 * settings.outline + settings.shore
    up = (settings.overhang + 1) // 2 + around
    down = settings.overhang + settings.face + max(settings.shadow, settings.shore)
    down += 2 * settings.outline
    return up, max(up, down) + (max(up, down) - up) % 2


def cover(settings: Settings) -> tuple[int, float]:
    """Of a set in side view: how deep the upper terrain covers the ground, and how far it hangs
    down below that at most."""
    return max(1, settings.size // 10), 1.5 * settings.overhang


def hung(settings: Settings) -> int:
    """How far down from a cell's top its cover, and the shadow below, reach in side view."""
    even, hanging = cover(settings)
    return math.ceil(even + hanging) + settings.shadow + 2 * settings.outline


def as_json(settings: Settings) -> dict[str, Any]:
    """As it stands in an asset's recipe."""
    return {**asdict(settings), "colours": list(settings.colours)}


def from_json(values: dict[str, Any]) -> Settings:
    """What `as_json` gave; StudioError for a setting that this program does not know."""
    known = {field.name for field in fields(Settings)}
    if unknown := sorted(values.keys() - known):
        raise StudioError(
            f"There is no setting {unknown[0]!r} of a tileset.", f"Known: {', '.join(known)}."
        )
    return checked(Settings(**{**values, "colours": tuple(values.get("colours", ()))}))
