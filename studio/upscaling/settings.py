"""Everything that shapes an enlarged picture, as plain values, and the bounds of each."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from studio import numbers
from studio.errors import StudioError, nearest
from studio.upscaling.sizes import MOST_SIDE

SCHEMA = 1
METHODS = ("nearest", "epx", "lanczos", "model", "diffusion")
FIRSTS = ("lanczos", "nearest", "model")
WRAPS = ("", "x", "y", "xy")
ALPHAS = ("kept", "drawn")
LEAST_TILE, MOST_TILE, TILE_STEP = 32, 2048, 8  # pixels a side
MOST_BATCH, MOST_STEPS, MOST_GUIDANCE = 64, 200, 50
MOST_FEATHER, MOST_PADDING = 512, 1024  # pixels
MOST_CONTROL, MOST_WEIGHT, MOST_ADAPTERS = 1.5, 2.0, 4
MOST_REGIONS, MOST_TILE_PROMPTS = 64, 4096
PROMPT, NAME = 2_000, 200  # characters
KEY = re.compile("(main|seam|region)-[1-9][0-9]{0,5}")


@dataclass(frozen=True)
class Region:
    """A part of the result, in its pixels, that is drawn once more with words of its own; `padding`
    pixels around it are drawn along, and fade into what lies there."""

    x: int
    y: int
    width: int
    height: int
    padding: int = 64
    prompt: str = ""
    negative: str = ""


@dataclass(frozen=True)
class TilePrompt:
    """What one tile is told beside all others. `locked`: a person wrote or read it, so that no
    captioning changes it and no rule leaves it out. `seed`: None takes the canvas' own."""

    key: str
    prompt: str = ""
    negative: str = ""
    locked: bool = False
    seed: int | None = None


@dataclass(frozen=True)
class Settings:
    """`width` and `height` are the result's. `drawn`: the side at which a tile is drawn, 0 as large
    as it is. `first`: what enlarges before diffusion draws. `feather`: over how many pixels the
    seam pass fades out. `hold`: how far the source's own colours are kept, 0 to 1. `append`: a
    tile's own prompt follows the global one, else it stands alone. `weight` is that of the style's
    LoRA; `adapters` are others beside it: style, version, strength. `base`: one without a style.
    `control` is the strength of `controlnet` ("": none) between the shares `control_start` and
    `control_end` of the steps. `reference`: the hash of a start picture, for the
    IP-Adapter `ip_adapter` ("": the first for the base). Tiles of a model are parts of the whole:
    they have no overlap and no seam pass."""

    method: str
    width: int
    height: int
    tile: int = 1024
    overlap: int = 128
    drawn: int = 0
    batch: int = 1
    first: str = "lanczos"
    model: str = ""
    strength: float = 0.35
    steps: int = 30
    guidance: float = 7.0
    sampler: str = ""
    seed: int = 0
    seam: bool = False
    seam_strength: float = 0.35
    feather: int = 32
    wrap: str = ""
    hold: float = 1.0
    palette_lock: bool = False
    alpha: str = "kept"
    prompt: str = ""
    negative: str = ""
    append: bool = True
    regions: tuple[Region, ...] = ()
    tiles: tuple[TilePrompt, ...] = ()
    style: str = ""
    version: int = 0
    weight: float = 1.0
    adapters: tuple[tuple[str, int, float], ...] = ()
    base: str = ""
    control: float = 0.6
    control_start: float = 0.0
    control_end: float = 1.0
    controlnet: str = ""
    reference: str = ""
    ip_adapter: str = ""
    reference_scale: float = 0.6


NAMES = tuple(field.name for field in fields(Settings))
_SWITCHES = ("seam", "palette_lock", "append")
_CHOICES = {"method": METHODS, "first": FIRSTS, "wrap": WRAPS, "alpha": ALPHAS}
_WHOLE = {
    "width": (1, MOST_SIDE),
    "height": (1, MOST_SIDE),
    "tile": (LEAST_TILE, MOST_TILE),
    "batch": (1, MOST_BATCH),
    "steps": (1, MOST_STEPS),
    "feather": (0, MOST_FEATHER),
    "version": (0, numbers.HIGHEST_ID),
}
_SHARES = {
    "strength": (0.0, 1.0),
    "guidance": (0.0, MOST_GUIDANCE),
    "seam_strength": (0.0, 1.0),
    "hold": (0.0, 1.0),
    "weight": (-MOST_WEIGHT, MOST_WEIGHT),
    "control": (0.0, MOST_CONTROL),
    "control_start": (0.0, 1.0),
    "control_end": (0.0, 1.0),
    "reference_scale": (0.0, MOST_CONTROL),
}
_TEXTS = {
    "prompt": PROMPT,
    "negative": PROMPT,
    **dict.fromkeys(("model", "sampler", "style", "base", "controlnet", "ip_adapter"), NAME),
}


def to_json(settings: Settings) -> dict[str, Any]:
    """As it stands in a recipe: plain values, each written out."""
    said = asdict(settings)
    for key in ("regions", "tiles"):
        said[key] = list(said[key])
    said["adapters"] = [list(one) for one in settings.adapters]
    return {"schema": SCHEMA, **said}


def of_json(given: Any) -> Settings:
    """What `to_json` gave; what is missing is at its default. StudioError for an unknown key, a
    later schema, and what has not its form; bounds are checked by `check`."""
    if not isinstance(given, dict):
        raise StudioError(f"The settings are {numbers.shown(given)}.", "Give an object.")
    values = dict(given)
    if values.pop("schema", SCHEMA) != SCHEMA:
        raise StudioError("The settings are of a later version.", "Update the studio.")
    _known("An enlargement", values, NAMES)
    for key in ("method", "width", "height"):
        if key not in values:
            raise StudioError(f"The settings name no {key}.", "Give it.")
    values["regions"] = tuple(_part(Region, one) for one in _list("regions", values))
    values["tiles"] = tuple(_part(TilePrompt, one) for one in _list("tiles", values))
    values["adapters"] = tuple(_adapter(one) for one in _list("adapters", values))
    return Settings(**values)


def check(settings: Settings, width: int, height: int) -> Settings:
    """The same, each number in its own type, for a source of `width` x `height` pixels. StudioError
    that names the value that can't be, and what can."""
    _choose(settings)
    found: dict[str, Any] = {
        key: numbers.whole(key, getattr(settings, key), *bounds) for key, bounds in _WHOLE.items()
    }
    found |= {
        key: numbers.number(key, getattr(settings, key), *bounds) for key, bounds in _SHARES.items()
    }
    found["seed"] = numbers.seed(settings.seed)
    if settings.method == "model":  # its tiles are parts of the whole already
        settings = replace(settings, overlap=0, seam=False)
    found["overlap"] = numbers.whole("overlap", settings.overlap, 0, found["tile"] // 2)
    found["drawn"] = numbers.whole("drawn", settings.drawn, 0, MOST_TILE)
    for key in ("tile", "drawn"):
        if found[key] % TILE_STEP or 0 < found[key] < LEAST_TILE:
            raise StudioError(
                f"{key} is {found[key]}.",
                f"Give a multiple of {TILE_STEP} from {LEAST_TILE} to {MOST_TILE}.",
            )
    settings = replace(settings, **found)
    for key, most in _TEXTS.items():
        _text(key, getattr(settings, key), most)
    if settings.control_start >= settings.control_end:
        raise StudioError(
            f"control_start is {settings.control_start:g} and control_end is "
            f"{settings.control_end:g}.",
            "Let it start before it ends.",
        )
    if settings.reference and not re.fullmatch("[0-9a-f]{64}", settings.reference):
        raise StudioError(
            f"reference is {numbers.shown(settings.reference)}.", "Give a start picture's hash."
        )
    _needs(settings, width, height)
    parts: dict[str, Any] = {"adapters": _adapters(settings), "regions": _regions(settings)}
    return replace(settings, tiles=_tiles(settings), **parts)


def reseeded(settings: Settings, seeds: dict[str, int]) -> Settings:
    """The same with other seeds for some tiles, by key; what else they are told stays."""
    told = {one.key: one for one in settings.tiles}
    for key, seed in seeds.items():
        told[key] = replace(told.get(key, TilePrompt(key)), seed=seed)
    return replace(settings, tiles=tuple(told.values()))


def _choose(settings: Settings) -> None:
    for key, known in _CHOICES.items():
        if getattr(settings, key) not in known:
            named = ", ".join(one or "nothing" for one in known)
            raise StudioError(
                f"{key} is {numbers.shown(getattr(settings, key))}.", f"Use one of {named}."
            )
    for key in _SWITCHES:
        if not isinstance(getattr(settings, key), bool):
            raise StudioError(
                f"{key} is {numbers.shown(getattr(settings, key))}.", "Give true or false."
            )


def _needs(settings: Settings, width: int, height: int) -> None:
    """What goes together, and with the source."""
    times = settings.width // max(1, width)
    whole = times >= 1 and (width * times, height * times) == (settings.width, settings.height)
    if settings.method in ("nearest", "epx") and not whole:
        raise StudioError(
            f"{settings.width:,} x {settings.height:,} is no whole number of times "
            f"{width:,} x {height:,}, and {settings.method} would make pixels of several sizes.",
            "Choose a whole factor, or Lanczos.",
        )
    by_model = "model" in (
        settings.method,
        settings.first if settings.method == "diffusion" else "",
    )
    if by_model and not settings.model:
        raise StudioError("No upscaling model is named.", "Choose one, or another method.")
    if settings.regions and settings.method != "diffusion":
        raise StudioError(
            f"regions are given ({len(settings.regions)}), which {settings.method} can't draw.",
            "Leave them out, or draw by diffusion.",
        )
    if settings.method == "diffusion" and bool(settings.style) == bool(settings.base):
        raise StudioError(
            f"style is {numbers.shown(settings.style)} and base {numbers.shown(settings.base)}.",
            "Choose a style, or a base to draw without one.",
        )


def _adapters(settings: Settings) -> tuple[tuple[str, int, float], ...]:
    if len(settings.adapters) > MOST_ADAPTERS:
        raise StudioError(
            f"{len(settings.adapters)} LoRAs are given beside the style's.",
            f"Use at most {MOST_ADAPTERS}.",
        )
    found = []
    for style, version, strength in settings.adapters:
        _text("a LoRA's style", style, NAME)
        found.append(
            (
                style,
                numbers.whole(f"version of {style}", version, 1, numbers.HIGHEST_ID),
                numbers.number(f"strength of {style}", strength, -MOST_WEIGHT, MOST_WEIGHT),
            )
        )
    names = [style for style, _, _ in found]
    for style in names:
        if not style or names.count(style) > 1 or style == settings.style:
            raise StudioError(f"The LoRA {style!r} is given twice or unnamed.", "Name each once.")
    return tuple(found)


def _regions(settings: Settings) -> tuple[Region, ...]:
    if len(settings.regions) > MOST_REGIONS:
        raise StudioError(
            f"{len(settings.regions)} regions are given.", f"Use at most {MOST_REGIONS}."
        )
    found = []
    for number, one in enumerate(settings.regions, 1):
        name = f"of region {number}"
        x = numbers.whole(f"x {name}", one.x, 0, settings.width - 1)
        y = numbers.whole(f"y {name}", one.y, 0, settings.height - 1)
        width = numbers.whole(f"width {name}", one.width, 1, settings.width - x)
        height = numbers.whole(f"height {name}", one.height, 1, settings.height - y)
        padding = numbers.whole(f"padding {name}", one.padding, 0, MOST_PADDING)
        _text(f"prompt {name}", one.prompt, PROMPT)
        _text(f"negative {name}", one.negative, PROMPT)
        found.append(Region(x, y, width, height, padding, one.prompt, one.negative))
    return tuple(found)


def _tiles(settings: Settings) -> tuple[TilePrompt, ...]:
    if len(settings.tiles) > MOST_TILE_PROMPTS:
        raise StudioError(
            f"{len(settings.tiles)} tiles have prompts.", f"Use at most {MOST_TILE_PROMPTS:,}."
        )
    seen: set[str] = set()
    found = []
    for one in settings.tiles:
        if not isinstance(one.key, str) or not KEY.fullmatch(one.key) or one.key in seen:
            raise StudioError(
                f"{numbers.shown(one.key)} is no tile, or given twice.",
                "Name each tile once, as main-12.",
            )
        seen.add(one.key)
        _text(f"prompt of {one.key}", one.prompt, PROMPT)
        _text(f"negative of {one.key}", one.negative, PROMPT)
        if not isinstance(one.locked, bool):
            raise StudioError(
                f"locked of {one.key} is {numbers.shown(one.locked)}.", "Give true or false."
            )
        seed = None if one.seed is None else numbers.seed(one.seed)
        found.append(replace(one, seed=seed))
    return tuple(found)


def _text(name: str, given: Any, most: int) -> None:
    if not isinstance(given, str):
        raise StudioError(f"{name} is {numbers.shown(given)}.", "Give a text.")
    if len(given) > most:
        raise StudioError(f"{name} has {len(given):,} characters.", f"Use at most {most:,}.")


def _known(what: str, values: dict[str, Any], names: tuple[str, ...]) -> None:
    for key in values:
        if key not in names:
            raise StudioError(
                f"{what} has no {numbers.shown(key)}.",
                f"{nearest(str(key), names)}It has {', '.join(names)}.",
            )


def _list(key: str, values: dict[str, Any]) -> list[Any]:
    given = values.get(key, ())
    if not isinstance(given, list | tuple):
        raise StudioError(f"{key} is {numbers.shown(given)}.", "Give a list.")
    return list(given)


def _part(kind: type[Any], given: Any) -> Any:
    called = "A region" if kind is Region else "A tile's prompt"
    if not isinstance(given, dict):
        raise StudioError(f"{called} is {numbers.shown(given)}.", "Give an object.")
    _known(called, given, tuple(field.name for field in fields(kind)))
    try:
        return kind(**given)
    except TypeError as error:
        raise StudioError(f"{called} lacks a value: {error}.", "Give it.") from None


def _adapter(given: Any) -> tuple[str, int, float]:
    if not isinstance(given, list | tuple) or len(given) != 3:
        raise StudioError(
            f"A LoRA is {numbers.shown(given)}.", "Give its style, version and strength."
        )
    style, version, strength = given
    return style, version, strength
