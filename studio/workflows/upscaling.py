"""Enlarging: what is asked of a picture made whole before a job is put in, what it will take, and
what was asked of a result of before.

Whatever would change until the job runs is filled in at the door: the size that comes of a factor,
the method, the seed, the version in production with its strength, the tile's side. The settings of
a result then say all that made it, and the same again gives the same pixels.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from studio import numbers
from studio.assets import records
from studio.assets.records import Asset
from studio.context import Studio, check_style
from studio.errors import StudioError, nearest
from studio.generation import start_pictures
from studio.text.decoding import cleaned
from studio.upscaling import estimates, grid, layers, models, saved, sizes
from studio.upscaling import settings as all_settings
from studio.upscaling.estimates import Estimate
from studio.upscaling.methods import offers
from studio.upscaling.methods.offers import Offer
from studio.upscaling.settings import Settings
from studio.workflows import release, upscale_sources, upscale_styles
from studio.workflows.upscale_sources import Source
from studio.workflows.upscale_styles import Draws

RIGHT = "generate"
MADE_BY = "upscale"  # in the recipe of a result
DIFFUSION = "diffusion"
WHOLE = ("nearest", "epx")  # methods that enlarge by whole factors alone


@dataclass(frozen=True)
class Wanted:
    """A picture that is to be enlarged with these settings, all of them filled in; what draws, for
    diffusion alone."""

    source: Source
    settings: Settings
    draws: Draws | None

    @property
    def base(self) -> str:
        """The base that draws, by where it lies; "" where none does."""
        return self.draws.base if self.draws else ""


@dataclass(frozen=True)
class Size:
    """How large the result becomes: one of these, or none for as large as the picture."""

    factor: float | None = None
    long_side: int | None = None
    size: tuple[int, int] | None = None


def wanted(
    studio: Studio,
    source: Source,
    given: Mapping[str, Any],
    size: Size,
    redo: Mapping[str, int] | None = None,
) -> Wanted:
    """What is asked, complete: `given` are settings as JSON, of which any may be missing; `size`
    goes before the width and height among them. `redo` has tiles that are drawn with another seed.
    StudioError for what can't be done, naming the value."""
    check_names(given)
    try:
        told = {name: _clean(name, one) for name, one in given.items() if one is not None}
    except RecursionError as error:
        raise StudioError("The settings are nested too deeply.", "Give them flatter.") from error
    told |= _sides(source, told, size)
    if not told.get("method"):
        factor = told["width"] / source.width
        known = offered(source, factor, by_model=bool(models.all(studio.home)))
        target = sizes.Target(told["width"], told["height"])
        even = sizes.whole_factor(source.width, source.height, target) is not None
        suits = (one.method for one in known if one.offered)
        told["method"] = next(one for one in suits if even or one not in WHOLE)
    if _by_model(told["method"], told.get("first")) and not told.get("model"):
        told["model"] = next((one.name for one in models.all(studio.home)), "")
    told["seed"] = numbers.seed(
        told["seed"] if "seed" in told else secrets.randbelow(numbers.SEEDS)
    )
    draws: Draws | None = None
    if told["method"] == DIFFUSION:
        told, draws = upscale_styles.filled(studio, told)
    settings = _redone(all_settings.of_json(told), redo or {})
    settings = all_settings.check(settings, source.width, source.height)
    if draws is not None:
        upscale_styles.check(studio, settings, draws)
        if settings.reference:
            start_pictures.path(studio.home, settings.reference)
    if uses_model(settings):
        models.named(studio.home, settings.model)
    return Wanted(source, settings, draws)


def pinned(studio: Studio, given: Mapping[str, Any], by: str) -> dict[str, Any]:
    """The settings with the version of their style that draws for this person, where none is named:
    their pin, a rollout's, else the one in production. StudioError where there is none."""
    style = given.get("style")
    if not isinstance(style, str) or not style or given.get("version"):
        return dict(given)
    check_style(style)
    version, _ = release.drawn_with(studio, style, by)
    return {**given, "version": version.number}


def check_names(given: Mapping[str, Any]) -> None:
    """StudioError for a setting that there is not."""
    known = (*all_settings.NAMES, "schema")
    if (unknown := next((name for name in given if name not in known), None)) is not None:
        raise StudioError(
            f"There is no setting {str(unknown)[:40]!r}.",
            f"{nearest(str(unknown), known)}Known: {', '.join(all_settings.NAMES)}.",
        )


def offered(
    source: Source, factor: float | None = None, *, by_model: bool = True
) -> Sequence[Offer]:
    """The methods for a picture, the one to begin with first; `factor` is by how much it is to be
    enlarged, where that is known, `by_model` whether there are models that do so."""
    pixel_art = upscale_sources.is_pixel_art(source)
    return offers.offers(source.width, source.height, pixel_art, factor=factor, models=by_model)


def tiles_of(settings: Settings) -> tuple[grid.Tile, ...]:
    """The tiles of all passes in their order; none for what needs none."""
    if settings.method not in estimates.BY_TILES:
        return ()
    return layers.plan(settings)


def estimate(studio: Studio, asked: Wanted, now: datetime) -> Estimate:
    """What it will take: tiles, time, memory, cost."""
    count = len(tiles_of(asked.settings))
    return estimates.estimate(studio.engine, asked.settings, count, now, asked.base)


def notes(asked: Wanted) -> list[str]:
    """What is to be said before it begins: prompts longer than the context; that the plain way is
    better."""
    found = upscale_styles.notes(asked.settings, asked.draws) if asked.draws else []
    if asked.settings.method not in ("nearest", "epx") and upscale_sources.is_pixel_art(
        asked.source
    ):
        found.append(
            "This is pixel art: nearest keeps every pixel and the palette; the other methods draw "
            "it anew."
        )
    return found


def kept_settings(studio: Studio, name: str) -> dict[str, Any]:
    """The settings that somebody kept under a name, as JSON. StudioError where there are none."""
    return saved.find(studio.engine, name).settings


def settings_of(asset: Asset) -> dict[str, Any] | None:
    """The settings that an enlarged picture was made with, as JSON; None for any other."""
    told = asset.recipe.get("upscaling")
    return dict(told) if isinstance(told, Mapping) else None


def again(studio: Studio, id: str) -> dict[str, Any]:
    """What to ask for another picture with the settings of result `id`: without its size and what
    was said of single tiles. StudioError where it is no enlarged one."""
    asset = records.get(studio.engine, id)
    told = settings_of(asset)
    if told is None:
        raise StudioError(
            f"Picture {id[:40]!r} was not enlarged here.", "Choose one that was, or say how."
        )
    return {name: value for name, value in told.items() if name not in saved.OF_A_PICTURE}


def as_json(settings: Settings) -> dict[str, Any]:
    """Settings as a job, a recipe and a file keep them: plain JSON."""
    return all_settings.to_json(settings)


def tile_json(tile: grid.Tile, state: str) -> dict[str, Any]:
    """A tile as pages and programs are told of it; its place in pixels of the result."""
    return {
        "key": tile.key,
        "part": tile.part,
        "number": tile.number,
        "row": tile.row,
        "column": tile.column,
        **asdict(tile.box),
        "state": state,
    }


def _sides(source: Source, told: Mapping[str, Any], size: Size) -> dict[str, int]:
    """Width and height of the result."""
    exact = size.size
    said = sum(one is not None for one in (size.factor, size.long_side, exact))
    if said > 1:
        raise StudioError(
            "Factor, size and long side are given at once.", "Give one of them, or none."
        )
    if not said and told.get("width") and told.get("height"):
        exact = (_whole("width", told["width"]), _whole("height", told["height"]))
    found = sizes.target(
        source.width, source.height, factor=size.factor, size=exact, long_side=size.long_side
    )
    return {"width": found.width, "height": found.height}


def _clean(name: str, value: Any) -> Any:
    """Texts as people meant them (`decoding.cleaned`), wherever they stand in a value. StudioError
    for what no database holds."""
    if isinstance(value, str):
        if any("\ud800" <= c <= "\udfff" or c == "\0" for c in value):
            raise StudioError(f"{name} holds characters that are no text.", "Type it anew.")
        return cleaned(value)
    if isinstance(value, Mapping):
        return {str(key): _clean(name, one) for key, one in value.items()}
    return [_clean(name, one) for one in value] if isinstance(value, list | tuple) else value


def _whole(name: str, value: Any) -> int:
    return numbers.whole(name, value, 1, sizes.MOST_SIDE)


def _redone(settings: Settings, redo: Mapping[str, int]) -> Settings:
    """The same with a seed of their own for these tiles. StudioError for a tile that there is
    not."""
    if not redo:
        return settings
    known = {tile.key for tile in tiles_of(settings)}
    if (gone := next((key for key in redo if key not in known), None)) is not None:
        raise StudioError(
            f"There is no tile {gone[:40]!r}.", "Name one of the result's, such as main-1."
        )
    return all_settings.reseeded(settings, {key: numbers.seed(n) for key, n in redo.items()})


def uses_model(settings: Settings) -> bool:
    """Whether an upscaling model enlarges, alone or before diffusion draws."""
    return _by_model(settings.method, settings.first)


def _by_model(method: str, first: object) -> bool:
    return method == "model" or (method == DIFFUSION and first == "model")
