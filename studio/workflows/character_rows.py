"""The rows of a character's matrix: one direction of an action, the pictures in its cells, how they
follow each other, and a sheet made of them."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from studio import images
from studio.assets import files as asset_files
from studio.characters import cells, characters, fitting, poses
from studio.characters.cells import Cell, Filled
from studio.characters.characters import Character
from studio.characters.poses import DIRECTIONS
from studio.context import Studio
from studio.errors import StudioError
from studio.sheets import checks
from studio.sheets import sheet as animation_parts
from studio.sheets.checks import Figures, Verdict
from studio.store import local
from studio.workflows import upscale_sources
from studio.workflows.upscale_sources import Source

HEIGHT_OFF = 0.1  # of the character's height: how far an upright figure may be off it


@dataclass(frozen=True)
class Row:
    """One direction of an action: its cells in order, and what is in each, None for nothing.
    `figures` and `verdicts` of a whole row; `says` why there are none."""

    action: str
    direction: str
    cells: tuple[Cell, ...]
    filled: tuple[Filled | None, ...]
    figures: Figures | None
    verdicts: tuple[Verdict, ...]
    says: str

    @property
    def whole(self) -> bool:
        """Whether something is in each cell."""
        return None not in self.filled


def there(studio: Studio, name: str, action: str = "") -> dict[Cell, Filled]:
    """What is in the cells of a character, of one action or of all. A cell whose picture was taken
    away again is empty."""
    found = cells.filled(studio.engine, name, action)
    pictures = asset_files.to_use(studio.engine, [one.asset for one in found.values()])
    return {cell: one for cell, one in found.items() if one.asset in pictures}


def rows(studio: Studio, name: str, action: str) -> list[Row]:
    """The four rows of an action. StudioError for a character or an action that there is not."""
    character = characters.current(studio.engine, name).character
    held = cells.filled(studio.engine, name, action)
    pictures = _files(studio, [one.asset for one in held.values()])
    held = {cell: one for cell, one in held.items() if one.asset in pictures}
    return [_row(character, action, one, held, pictures) for one in DIRECTIONS]


def payload(
    studio: Studio,
    name: str,
    action: str,
    directions: Collection[str] = (),
    duration_ms: int | None = None,
) -> dict[str, Any]:
    """What the job `sheet` is asked for to make a sheet of an action: the frames of its whole rows,
    of these directions or of all, with a tag for each (walk_east), the pivot where the figure
    stands, and the character's palette. StudioError for cells that are empty or of another size,
    and where nothing is drawn."""
    character = characters.current(studio.engine, name).character
    held = there(studio, name, action)
    wanted = _directions(directions) if directions else _whole(action, held)
    if not wanted:
        raise StudioError(
            f"No direction of {name}'s {action} is whole.", "Draw the cells that are empty first."
        )
    frames, tags = list[dict[str, Any]](), list[dict[str, Any]]()
    side = fitting.side_of(character.height)
    lasts = poses.duration_ms(action) if duration_ms is None else duration_ms
    for direction in wanted:
        first = len(frames)
        for cell in _cells(action, direction):
            if cell not in held:
                raise StudioError(f"The cell {cell.name} is empty.", "Draw it first.")
            source = upscale_sources.source(studio, held[cell].asset)
            _check_size(cell, source, side)
            frames.append(
                {
                    "picture": source.named,
                    "duration_ms": animation_parts.duration(lasts),
                    "name": cell.name.replace("/", "_"),
                }
            )
        tag = f"{action}_{direction}"
        tags.append({"name": tag, "first": first, "last": len(frames) - 1})
    return {
        "name": f"{name}_{action}",
        "frames": frames,
        "tags": tags,
        "pivot": [side / 2, float(fitting.ground_of(character.height))],
        "colours": list(character.colours),
        "palette": "" if character.colours else "own",
    }


def figures_of(
    pictures: Sequence[Image.Image], action: str, height: int
) -> tuple[Figures | None, tuple[Verdict, ...]]:
    """How the pictures of a whole row follow each other: the bars of `sheets.checks`, and the
    figure's height. A single picture has no steps. StudioError for pictures of several sizes."""
    grounded = [k for k, pose in enumerate(poses.poses(action)) if pose.grounded]
    upright = _height(pictures, action, height)
    if len(pictures) < 2:
        return None, (upright,)
    animation = animation_parts.of_pictures(action, pictures)
    found = checks.figures(animation, grounded, fitting.ground_of(height))
    return found, (*checks.verdicts(found), upright)


def _row(
    character: Character,
    action: str,
    direction: str,
    held: Mapping[Cell, Filled],
    files: Mapping[str, tuple[Path, str]],
) -> Row:
    mine = _cells(action, direction)
    filled = tuple(held.get(cell) for cell in mine)
    figures: Figures | None = None
    verdicts: tuple[Verdict, ...] = ()
    says, empty = "", filled.count(None)
    if empty:
        says = f"{empty} of {len(mine)} cells are empty."
    else:
        try:
            pictures = tuple(files[one.asset] for one in filled if one is not None)
            figures, verdicts = _measured(pictures, action, character.height)
        except StudioError as error:
            says = f"{error.message} {error.remedy}".strip()
    return Row(action, direction, mine, filled, figures, verdicts, says)


def _files(studio: Studio, ids: Sequence[str]) -> dict[str, tuple[Path, str]]:
    """The file of each picture, painted over where it is, and the hash that tells its content."""
    found = asset_files.to_use(studio.engine, ids)
    return {
        id: (studio.home / one.path, one.content.hash if one.content else one.path)
        for id, one in found.items()
    }


@functools.lru_cache(maxsize=200)
def _measured(
    files: tuple[tuple[Path, str], ...], action: str, height: int
) -> tuple[Figures | None, tuple[Verdict, ...]]:
    """`figures_of` files, each with the hash that tells its content."""
    pictures = [images.open_result(local.present(path)) for path, _ in files]
    return figures_of(pictures, action, height)


def _height(pictures: Sequence[Image.Image], action: str, height: int) -> Verdict:
    """How tall the figure is where it stands upright: at its tallest, but for an attack, whose arm
    goes over the head, as it begins."""
    upright = pictures[:1] if action == "attack" else pictures
    most = max(fitting.tall(one) for one in upright)
    off = max(1, round(height * HEIGHT_OFF))
    return Verdict(
        "height",
        abs(most - height) <= off,
        f"the figure is {most} pixels tall; {height} are asked for, {off} more or less",
    )


def _cells(action: str, direction: str) -> tuple[Cell, ...]:
    return tuple(one for one in cells.all_of(action) if one.direction == direction)


def _whole(action: str, held: Mapping[Cell, Filled]) -> list[str]:
    return [one for one in DIRECTIONS if all(cell in held for cell in _cells(action, one))]


def _directions(given: Collection[str]) -> list[str]:
    if (unknown := next((one for one in given if one not in DIRECTIONS), None)) is not None:
        raise StudioError(
            f"There is no direction {unknown[:40]!r}.", f"Known: {', '.join(DIRECTIONS)}."
        )
    return [one for one in DIRECTIONS if one in given]


def _check_size(cell: Cell, source: Source, side: int) -> None:
    if (source.width, source.height) != (side, side):
        raise StudioError(
            f"{cell.name} is {source.width} x {source.height} pixels, a cell of this character "
            f"{side} x {side}.",
            "It was drawn or painted over at another size: draw it again.",
        )


def told(row: Row) -> dict[str, Any]:
    """A row as plain JSON."""
    return {
        "direction": row.direction,
        "cells": [
            {"cell": cell.name, **_in_cell(filled)}
            for cell, filled in zip(row.cells, row.filled, strict=True)
        ],
        "figures": None if row.figures is None else asdict(row.figures),
        "bars": [{"name": one.name, "met": one.met, "says": one.says} for one in row.verdicts],
        "says": row.says,
    }


def _in_cell(filled: Filled | None) -> dict[str, Any]:
    if filled is None:
        return {"asset": None, "revision": None, "way": None, "seed": None, "by": None, "at": None}
    names = ("asset", "revision", "way", "seed", "by", "at")
    return {name: getattr(filled, name) for name in names}
