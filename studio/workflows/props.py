"""Props by local methods: what is asked made whole before a job is put in, and what was asked of a
prop of before.

A prop is made from a picture of the gallery, or from one that somebody brought, by a method that
runs on any machine. A method that nobody names is the first that suits the picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from studio import images
from studio.assets import family, records
from studio.assets.records import Asset
from studio.context import Studio
from studio.errors import StudioError
from studio.generation import start_pictures
from studio.props import edit_records, edits, making, pictures
from studio.props import settings as all_settings
from studio.props.edit_records import Edit
from studio.props.making import Offer
from studio.props.settings import Settings
from studio.workflows import prop_files, upscale_sources
from studio.workflows.upscale_sources import Source

RIGHT = "generate"
MADE_BY, EDITED_BY = "prop", "prop_edit"  # in the recipe of a prop: the kind of its job
MOST = 500  # pictures of one job


@dataclass(frozen=True)
class Wanted:
    """Pictures that are to become props with these settings, and the edits that follow. A method
    of "" stands for what suits each picture."""

    sources: tuple[Source, ...]
    settings: Settings
    edits: tuple[Edit, ...] = ()


def wanted(
    studio: Studio,
    named: Sequence[str],
    given: Mapping[str, Any],
    edited: Sequence[Mapping[str, Any]] = (),
) -> Wanted:
    """What is asked, complete: pictures by their ids or hashes, settings as JSON of which any may
    be missing, and edits as JSON. StudioError for what can't be done, naming the value."""
    if len(named) > MOST:
        raise StudioError(f"{len(named):,} pictures are named.", f"Name at most {MOST}.")
    settings = settings_in(studio, given)
    changes = edits_in(studio, edited)
    return Wanted(tuple(upscale_sources.sources(studio, named)), settings, changes)


def settings_in(studio: Studio, given: Mapping[str, Any]) -> Settings:
    """Settings from JSON, checked; the back's picture, by its hash, is there. StudioError for an
    unknown name, a value that is none, and a picture that is gone."""
    settings = all_settings.check(all_settings.of_json(dict(given)))
    if settings.back_picture:
        start_pictures.path(studio.home, settings.back_picture)
    return settings


def edits_in(studio: Studio, given: Sequence[Mapping[str, Any]]) -> tuple[Edit, ...]:
    """Edits from JSON, checked; pictures that they name are there. StudioError for too many, an
    edit that there is not, and a value that is none."""
    found = edits.checked(list(given))
    edit_pictures(studio, found)
    return found


def edit_pictures(studio: Studio, changes: Sequence[Edit]) -> dict[str, Path]:
    """The files of the pictures that edits lay on a model, by what the edits call them: an
    asset's id, or the hash of a kept picture. StudioError where one is not there."""
    named = edits.pictures_of(changes)
    return {one: upscale_sources.source(studio, one).path for one in named}


def of_picture(settings: Settings, offers: Sequence[Offer]) -> Settings:
    """The settings for one picture: with the method that suits it best where none is named."""
    if settings.method:
        return settings
    return all_settings.with_depth(replace(settings, method=offers[0].method))


def offered(studio: Studio, named: str) -> tuple[Offer, ...]:
    """The methods for a picture, the one to begin with first, and what speaks for and against.
    StudioError where the picture is not there, or empty."""
    source = upscale_sources.source(studio, named)
    picture = images.open_picture(source.path)
    return tuple(making.offers(pictures.cut(picture, Settings())))


def about(source: Source, settings: Settings, name: str = "") -> prop_files.About:
    """What a prop of this picture says of itself, but for its key, its edits and its remarks."""
    asset = source.asset
    recipe = asset.recipe if asset else {}
    return prop_files.About(
        key="",
        name=name or source.about,
        method=settings.method,
        made_by=MADE_BY,
        settings=all_settings.to_json(settings),
        parents=source.parents,
        style=asset.style if asset else "",
        version=asset.version if asset else 0,
        seed=asset.seed if asset else None,
        prompt=source.prompt,
        of={
            "named": source.named,
            "hash": source.hash,
            "width": source.width,
            "height": source.height,
        },
        more={"base": str(recipe["base"])} if recipe.get("base") else {},
    )


def with_parents(
    studio: Studio, told: prop_files.About, settings: Settings, changes: Sequence[Edit]
) -> prop_files.About:
    """The same with the gallery's pictures of its back and of textures that edits lay on, where it
    has such, among its parents."""
    named = [settings.back_picture] if settings.back_picture else []
    return _beside(studio, told, [*named, *edits.pictures_of(changes)])


def edited(studio: Studio, prop: Asset, changes: Sequence[Edit]) -> prop_files.About:
    """What a prop says of itself that comes of another by edits: the old one is its parent, and
    all that made that one stays said."""
    recipe = prop.recipe
    own = ("base", "provider", "model", "licence", "wish")
    told = prop_files.About(
        key="",
        name=prop.name,
        method=str(recipe.get("method") or ""),
        made_by=EDITED_BY,
        settings=dict(recipe.get("settings") or {}),
        edits=(*recipe.get("edits", ()), *edit_records.said_of(changes)),
        remarks=tuple(recipe.get("remarks", ())),
        parents=(prop.id,),
        style=prop.style,
        version=prop.version,
        seed=prop.seed,
        prompt=str(recipe.get("prompt") or ""),
        of=dict(recipe.get("of") or {}),
        more={name: recipe[name] for name in own if name in recipe},
    )
    return _beside(studio, told, edits.pictures_of(changes))


def again(studio: Studio, id: str) -> dict[str, Any]:
    """What to ask for another prop with the settings of prop `id`: `kind` of job, `pictures`,
    `settings` and `edits`. Those of a provider's prop are its provider's parameters. StudioError
    where it is no prop."""
    prop = prop_files.get(studio.engine, id)
    root = first_version(studio, prop)
    named = str((prop.recipe.get("of") or {}).get("named") or "")
    return {
        "kind": str(root.recipe.get("made_by") or MADE_BY),
        "pictures": [named] if named else [],
        "settings": dict(prop.recipe.get("settings") or {}),
        "edits": list(prop.recipe.get("edits") or ()),
    }


def before(studio: Studio, id: str) -> str:
    """The prop that was edited to become prop `id`, to undo the edit; "" where it is the first of
    its kind."""
    found = family.parents_of_kind(studio.engine, [id], prop_files.KIND)
    return found.get(id, "")


def first_version(studio: Studio, prop: Asset) -> Asset:
    """The prop that all edits of a prop began with; itself where nobody edited it."""
    seen = {prop.id}
    while (above := before(studio, prop.id)) and above not in seen:
        seen.add(above)
        prop = records.get(studio.engine, above)
    return prop


def _beside(studio: Studio, told: prop_files.About, named: Sequence[str]) -> prop_files.About:
    """The same with these pictures among its parents, those of the gallery."""
    sources = (upscale_sources.source(studio, one) for one in named)
    more = (parent for source in sources for parent in source.parents)
    return replace(told, parents=tuple(dict.fromkeys((*told.parents, *more))))
