"""Characters beside what draws them: saved with their pictures kept, the version and base that draw
one, and what a cell of one is drawn by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from PIL import ImageOps

from studio import images
from studio.accounts.rights import check
from studio.characters import characters
from studio.characters.cells import Cell
from studio.characters.characters import VIEWS, Character, Revision
from studio.context import Studio, check_style
from studio.diffusion import bundled_bases, families, team_bases
from studio.errors import StudioError
from studio.finishing import palettes
from studio.generation import start_pictures
from studio.registry import looked_up
from studio.registry.models import Version
from studio.workflows import recipes, upscale_sources, version_loading
from studio.workflows.model_kinds import table

RIGHT = characters.RIGHT
# Which picture of the reference sheet is taken from where, and whether it is mirrored.
SEEN = {
    "south": ("front", False),
    "east": ("side", False),
    "north": ("back", False),
    "west": ("side", True),
}
DOES = {"stand": "standing", "walk": "walking", "attack": "attacking"}
LOOKS = {
    "south": "front view",
    "east": "side view, facing right",
    "north": "back view",
    "west": "side view, facing left",
}
WHOLE = "full body, plain background"


def save(
    studio: Studio, name: str, told: Mapping[str, Any], *, after: int, by: str, now: datetime
) -> Revision:
    """Save a character of plain values; what is missing stays as it was. Views are ids of pictures
    or hashes of those to begin from, kept as they are now; `palette` names one of the studio's.
    StudioError for what is not there or doesn't go together, and as `characters.save`."""
    check(by, RIGHT)
    known = {one.name: one for one in characters.listing(studio.engine)}
    before = known[name].character if name in known else None
    given = dict(told)
    for view in VIEWS:
        if given.get(view):
            given[view] = _kept(studio, given[view], by)
    if named := given.get("palette"):
        palette = palettes.named(studio.engine, str(named))
        given |= {"palette": palette.mark, "colours": list(palette.colours)}
    elif "palette" in given:
        given.setdefault("colours", [])
    elif "colours" in given:
        given["palette"] = ""
    made = characters.of_json(given, before)
    if made.base and made.base != (before.base if before else ""):
        _check_named(studio, made.base, by)
    _check_drawn(studio, made)
    return characters.save(studio.engine, name, made, after=after, by=by, now=now)


def main(studio: Studio, character: Character) -> Version | None:
    """The version that draws a character, None where the bare base does. StudioError where there is
    none."""
    if not character.style:
        return None
    if character.version:
        return looked_up.version(studio.client, check_style(character.style), character.version)
    return version_loading.in_production(studio, check_style(character.style))


def check_lora(studio: Studio, character: Character, version: Version | None) -> None:
    """StudioError unless the character's own LoRA, where it has one, is there and fits the version
    that draws it. A style that has none yet may be named."""
    if not character.lora:
        return
    own = looked_up.version(studio.client, check_style(character.lora), character.lora_version)
    table.check_adapter(own)
    if version is None:
        return
    if (own.style, own.number) == (version.style, version.number):
        raise StudioError(
            f"{own.style} version {own.number} is what draws already.", "Leave the LoRA out."
        )
    if version_loading.base_of(studio, own) != version_loading.base_of(studio, version):
        raise StudioError(
            f"{own.style} version {own.number} was trained on another base than {version.style} "
            f"version {version.number}.",
            "Combine versions of one base.",
        )


def base_of(studio: Studio, character: Character, version: Version | None) -> str:
    """The place of the base that draws a character."""
    if version is not None:
        return version_loading.base_of(studio, version)
    return team_bases.place(studio.home, character.base or bundled_bases.DEFAULT)


def side_of(studio: Studio, base: str, version: Version | None) -> int:
    """Pixels a side that its pictures are drawn at."""
    return recipes.drawn_side(studio, version) if version else families.native_side(base)


def view(studio: Studio, character: Character, direction: str, by: str) -> str:
    """The hash of the picture that a direction takes after: its own view, else the first that the
    sheet has; "" where it has none. A side is mirrored for the west, and kept so."""
    wanted, mirrored = SEEN[direction]
    there = character.views
    named = next((one for one in (wanted, *VIEWS) if one in there), "")
    if not named:
        return ""
    if not (mirrored and named == wanted):
        return there[named]
    shown = images.open_result(start_pictures.path(studio.home, there[named]))
    return start_pictures.keep_picture(studio.home, ImageOps.mirror(shown), by=by)


def prompt_of(character: Character, cell: Cell) -> str:
    """What a cell is drawn by: the character, what it does, and from where it is seen."""
    return f"{character.prompt.strip()}, {DOES[cell.action]}, {LOOKS[cell.direction]}, {WHOLE}"


def with_colours(studio: Studio, character: Character) -> Character:
    """The same in its style's palette where it has none of its own."""
    if character.colours or not character.style:
        return character
    try:
        recipe = recipes.of_style(studio, character.style).recipe
    except StudioError:
        return character
    return replace(character, colours=tuple(recipe.colours)) if recipe else character


def _kept(studio: Studio, named: Any, by: str) -> str:
    """The hash of a picture by its id or hash, kept: painted over or gone later, it stays."""
    source = upscale_sources.source(studio, str(named))
    if source.named == source.hash:
        return source.hash
    return start_pictures.keep_picture(studio.home, images.open_picture(source.path), by=by)


def _check_named(studio: Studio, base: str, by: str) -> None:
    """A place on the studio's own machine is named by those alone who may."""
    if not team_bases.free_to_name(studio.home, base):
        check(by, team_bases.RIGHT)


def _check_drawn(studio: Studio, character: Character) -> None:
    """StudioError for a base or a version that is not there, and a LoRA on another base. A style
    that has nothing in production yet may be named."""
    if not character.style:
        if character.version:
            raise StudioError("A version is named without a style.", "Name the style.")
        from studio.diffusion.bases import find_base

        find_base(base_of(studio, character, None))
        return
    check_style(character.style)
    version = None
    try:
        version = main(studio, character)
    except StudioError:
        if character.version:
            raise
    check_lora(studio, character, version)
