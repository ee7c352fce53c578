"""Everything that shapes a prop that is made of a picture, as plain values, and their bounds."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from studio import numbers
from studio.errors import StudioError, nearest

SCHEMA = 1
METHODS = ("card", "contour", "voxels", "relief", "planes")
DEPTHS = {"": 0.0, "card": 0.1, "contour": 0.12, "voxels": 0.25, "relief": 0.35, "planes": 0.0}
BACKS = ("mirrored", "colour", "picture")
PIVOTS = ("feet", "centre", "top", "corner")
ALPHAS = ("", "mask", "blend")
SHADOWS = ("dropped", "kept")
Y_WAYS = ("up", "down")
DEEPEST = 2.0  # times the height
SMALLEST, LARGEST = 0.001, 1_000.0  # metres
STRONGEST = 4.0
COLOUR = re.compile("#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Settings:
    """`method`: one of METHODS; "" while it is not chosen. `depth`: a share of the height, 0 as is
    usual for the method (DEPTHS). `bevel`: a share of half the depth, for cards. `back`: what is
    seen from behind, the front mirrored, `back_colour`, or the kept picture with the hash
    `back_picture`. `pivot`: which point is the origin. `alpha`: half-transparent pixels belong to
    the form or not ("mask"), or are drawn half transparent ("blend"); "" blends where there is
    glass. `matte`: what shines through those that are not blended, "" their own colour alone.
    `shadow`: what becomes of a painted one. `detail`: how closely the form follows the picture, 0
    to 1. `normal_strength` and `normal_y` are the normal map's."""

    method: str = ""
    depth: float = 0.0
    bevel: float = 0.0
    back: str = "mirrored"
    back_colour: str = "#808080"
    back_picture: str = ""
    height_m: float = 1.0
    pivot: str = "feet"
    alpha: str = ""
    matte: str = ""
    shadow: str = "dropped"
    detail: float = 0.5
    normal_strength: float = 1.0
    normal_y: str = "up"


NAMES = tuple(field.name for field in fields(Settings))
_CHOICES = {
    "method": ("", *METHODS),
    "back": BACKS,
    "pivot": PIVOTS,
    "alpha": ALPHAS,
    "shadow": SHADOWS,
    "normal_y": Y_WAYS,
}
_NUMBERS = {
    "depth": (0.0, DEEPEST),
    "bevel": (0.0, 1.0),
    "height_m": (SMALLEST, LARGEST),
    "detail": (0.0, 1.0),
    "normal_strength": (0.0, STRONGEST),
}


def to_json(settings: Settings) -> dict[str, Any]:
    """As it stands in a recipe: plain values, each written out."""
    return {"schema": SCHEMA, **asdict(settings)}


def of_json(given: Any) -> Settings:
    """What `to_json` gave; what is missing is at its default, the depth at its method's own.
    StudioError for an unknown key and a later schema; values are checked by `check`."""
    if not isinstance(given, dict):
        raise StudioError(f"The settings are {numbers.shown(given)}.", "Give an object.")
    values = dict(given)
    if values.pop("schema", SCHEMA) != SCHEMA:
        raise StudioError("The settings are of a later version.", "Update the studio.")
    for key in values:
        if key not in NAMES:
            raise StudioError(
                f"A prop has no setting {numbers.shown(key)}.",
                f"{nearest(str(key), NAMES)}It has {', '.join(NAMES)}.",
            )
    settings = Settings(**values)
    return settings if "depth" in values else with_depth(settings)


def check(settings: Settings) -> Settings:
    """The same, each number in its own type. StudioError that names the value that can't be, and
    what can."""
    for key, known in _CHOICES.items():
        if getattr(settings, key) not in known:
            named = ", ".join(one or "nothing" for one in known)
            raise StudioError(
                f"{key} is {numbers.shown(getattr(settings, key))}.", f"Use one of {named}."
            )
    found: dict[str, Any] = {
        key: numbers.number(key, getattr(settings, key), *bounds)
        for key, bounds in _NUMBERS.items()
    }
    _colour("back_colour", settings.back_colour)
    if settings.matte != "":
        _colour("matte", settings.matte)
    _hash(settings)
    return replace(settings, **found)


def with_depth(settings: Settings) -> Settings:
    """The same, with its method's own depth where none is given."""
    if settings.depth or not isinstance(settings.method, str):
        return settings
    return replace(settings, depth=DEPTHS.get(settings.method, 0.0))


def _colour(key: str, given: Any) -> None:
    if not isinstance(given, str) or not COLOUR.fullmatch(given):
        raise StudioError(f"{key} is {numbers.shown(given)}.", 'Write it as "#rrggbb".')


def _hash(settings: Settings) -> None:
    given = settings.back_picture
    if not isinstance(given, str) or (given and not re.fullmatch("[0-9a-f]{64}", given)):
        raise StudioError(
            f"back_picture is {numbers.shown(given)}.", "Give a start picture's hash, or nothing."
        )
    if settings.back == "picture" and not given:
        raise StudioError("No picture of the back is named.", "Give one, or another back.")
