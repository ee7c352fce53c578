"""Characters beside what draws them: saved with their pictures kept, and in which ways the cells of
one can be drawn here, or why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from PIL import ImageOps

from studio import images
from studio.accounts.rights import check
from studio.characters import characters
from studio.characters.cells import Cell
from studio.characters.characters import VIEWS, Character, Revision
from studio.context import Studio, check_style
from studio.diffusion import bundled_bases, control_files, families, team_bases
from studio.diffusion.control_files import CONTROLNET, IP_ADAPTER, Kept
from studio.errors import StudioError
from studio.finishing import palettes
from studio.generation import start_pictures
from studio.registry import looked_up
from studio.registry.models import Version
from studio.workflows import recipes, upscale_sources, version_loading
from studio.workflows.model_kinds import table

RIGHT = characters.RIGHT
OPENPOSE = "openpose"  # the kind of ControlNet that poses go through
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
STAND = "stand"  # the action that a picture of the reference sheet shows by itself
NEEDS_POSES = (
    "From a picture of the reference sheet alone no leg would move: a {action} needs poses. What can "
    "begin from one is standing, in four directions."
)


@dataclass(frozen=True)
class Ways:
    """In which ways cells can be drawn: for each of `cells.WAYS` "" or why not, as sentences; what
    holds for drawing by poses as `remarks`; the ControlNet of poses and the IP-Adapter that would
    be taken, None where there is none."""

    base: str
    refused: Mapping[str, str]
    remarks: tuple[str, ...]
    controlnet: Kept | None
    ip_adapter: Kept | None


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
    if "palette" in given:
        named = given["palette"]
        if named:
            palette = palettes.named(studio.engine, str(named))
            given |= {"palette": palette.mark, "colours": list(palette.colours)}
        elif "colours" not in given:
            given["colours"] = []
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


def base_of(studio: Studio, character: Character, version: Version | None) -> str:
    """The place of the base that draws a character."""
    if version is not None:
        return version_loading.base_of(studio, version)
    return team_bases.place(studio.home, character.base or bundled_bases.DEFAULT)


def side_of(studio: Studio, base: str, version: Version | None) -> int:
    """Pixels a side that its pictures are drawn at."""
    return recipes.drawn_side(studio, version) if version else families.native_side(base)


def ways(studio: Studio, character: Character, action: str) -> Ways:
    """In which ways the cells of an action can be drawn here, or why not."""
    character = with_colours(studio, character)
    try:
        version = main(studio, character)
        base = base_of(studio, character, version)
        if version is not None:
            table.check_takes(version)
    except StudioError as error:
        why = f"{error.message} {error.remedy}".strip()
        return Ways("", {"pose": why, "reference": why}, (), None, None)
    takes = version is None or table.takes(version, "leads")
    nets = [
        one
        for one in control_files.offered(studio.home, base, CONTROLNET)
        if one.kind == OPENPOSE
    ]
    adapters = control_files.offered(studio.home, base, IP_ADAPTER)
    after = version is None or table.takes(version, "reference")
    ip_adapter = adapters[0] if adapters and after and character.views else None
    why = "" if nets and takes else _why_not(base, version, takes)
    start = _no_start(character, version)
    if action != STAND:
        start = NEEDS_POSES.format(action=action)
    refused = {"pose": why, "reference": start}
    return Ways(
        base,
        refused,
        _remarks(character, version, base, ip_adapter),
        nets[0] if nets else None,
        ip_adapter,
    )


def view(studio: Studio, character: Character, direction: str, by: str) -> str:
    """The hash of the picture that a direction takes after: its own view, else the nearest that
    the sheet has; "" where it has none. A side is mirrored for the west, and kept so."""
    wanted, mirrored = SEEN[direction]
    there = character.views
    named = next((one for one in (wanted, *VIEWS) if one in there), "")
    if not named:
        return ""
    if not (mirrored and named == "side"):
        return there[named]
    shown = images.open_result(start_pictures.path(studio.home, there[named]))
    return start_pictures.keep_picture(studio.home, ImageOps.mirror(shown), by=by)


def _kept(studio: Studio, named: Any, by: str) -> str:
    """The hash of a picture by its id or hash, kept: painted over or gone later, it stays."""
    source = upscale_sources.source(studio, str(named))
    if source.named == source.hash:
        return source.hash
    return start_pictures.keep_picture(studio.home, images.open_result(source.path), by=by)


def _check_named(studio: Studio, base: str, by: str) -> None:
    """A place on the studio's own machine is named by those alone who may."""
    if not team_bases.free_to_name(studio.home, base):
        check(by, team_bases.RIGHT)


def _check_drawn(studio: Studio, character: Character) -> None:
    """StudioError for a version that is not there, and a LoRA on another base. A style that has
    nothing in production yet may be named."""
    if not character.style:
        if character.version:
            raise StudioError("A version is named without a style.", "Name the style.")
        from studio.diffusion.bases import find_base

        find_base(base_of(studio, character, None))
        return
    check_style(character.style)
    if character.version:
        looked_up.version(studio.client, character.style, character.version)
    if not character.lora:
        return
    own = looked_up.version(studio.client, check_style(character.lora), character.lora_version)
    table.check_adapter(own)
    try:
        version = main(studio, character)
    except StudioError:
        return
    assert version is not None
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


def _why_not(base: str, version: Version | None, takes: bool) -> str:
    """Why nothing is drawn by poses, and what helps."""
    if not takes and version is not None:
        kind = table.of(version).label
        return (
            f"{version.style} version {version.number} is of the kind {kind}, which no picture "
            "leads. Poses need a LoRA on Stable Diffusion or SDXL."
        )
    family = families.family_of(base)
    if family == families.PRACTICE:
        return (
            "The practice base takes no poses: it has no ControlNet of the kind OpenPose, and none "
            "is made for it. Choose a style on Stable Diffusion or SDXL, on a machine that can "
            "draw with it."
        )
    return (
        f"No ControlNet of the kind OpenPose for {control_files.NAMES[family]} is here. An admin "
        "brings one in: python -m studio controls add"
    )


def _no_start(character: Character, version: Version | None) -> str:
    if not character.views:
        return "The reference sheet has no picture. Give it a front, a side or a back."
    if version is not None and not table.takes(version, "start"):
        kind = table.of(version).label
        return (
            f"{version.style} version {version.number} is of the kind {kind}, which begins from no "
            "picture."
        )
    return ""


def _remarks(
    character: Character, version: Version | None, base: str, ip_adapter: Kept | None
) -> tuple[str, ...]:
    """What somebody should know who draws by poses."""
    said = list[str]()
    if ip_adapter is None and not character.views:
        said.append("The reference sheet is empty, so nothing is taken from it.")
    elif ip_adapter is None:
        said.append(
            "Nothing is taken from the reference sheet: "
            + control_files.missing(families.family_of(base), IP_ADAPTER)
        )
    missing = [one for one in VIEWS if one not in character.views]
    if ip_adapter is not None and missing:
        said.append(f"No {' and no '.join(missing)} on the reference sheet: another view stands in.")
    if ip_adapter is None and version is None:
        said.append("Without a LoRA and a reference, words alone keep the character the same.")
    if not character.colours:
        said.append("Without a palette each cell has colours of its own.")
    return tuple(said)


def with_colours(studio: Studio, character: Character) -> Character:
    """The same in its style's palette where it has none of its own."""
    if character.colours or not character.style:
        return character
    try:
        recipe = recipes.of_style(studio, character.style).recipe
    except StudioError:
        return character
    return replace(character, colours=tuple(recipe.colours)) if recipe else character


def prompt_of(character: Character, cell: Cell) -> str:
    """What a cell is drawn by: the character, what it does, and from where it is seen."""
    return f"{character.prompt.strip()}, {DOES[cell.action]}, {LOOKS[cell.direction]}, {WHOLE}"
