"""Finishing: from pictures that are there to finished ones, which are assets of their own.

A finished picture stands in the gallery beside the one that it came from, which stays as it is and
is its parent. The steps stand in its record and in its file, and lead to the same asset whoever
takes them again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

from studio import images
from studio.accounts.rights import check
from studio.assets import contents, family, files, records
from studio.assets.files import Content
from studio.assets.records import Asset, New
from studio.context import Studio
from studio.datasets import withdrawals
from studio.errors import StudioError
from studio.finishing import by_hand
from studio.finishing import steps as all_steps
from studio.finishing.by_hand import Finished
from studio.finishing.steps import Steps
from studio.generation import gallery_table, picture_files, raw_pictures, start_pictures
from studio.images import remarks
from studio.text import decoding

RIGHT = "finish pictures"
MOST = 2_000  # pictures at once
AT_ONCE = 300  # pictures, and pixels in all, from which on a job does it
PIXELS_AT_ONCE = 2**20
SIDE = 4096  # pixels, the longest that is finished
SHADOW = "shadow"  # the role of the file that is cast by a finished picture
KEY = "housestyle-finishing"


@dataclass(frozen=True)
class Source:
    """A picture that is to be finished: its asset, the file that is begun from, and the ids of
    what a finished one is made from."""

    asset: Asset
    path: Path
    content: Content
    parents: tuple[str, ...]

    @property
    def pixels(self) -> int:
        return (self.content.width or 0) * (self.content.height or 0)

    def at(self, path: Path) -> Source:
        """The same, its file lying elsewhere."""
        return replace(self, path=path)


@dataclass(frozen=True)
class Made:
    """A finished picture as files, by the role that each will have: of which asset, and the ids of
    what it is made from."""

    of: str
    parents: tuple[str, ...]
    files: dict[str, Path]


@dataclass(frozen=True)
class Kept:
    """What became of many: the ids of the finished pictures, those of the pictures that the steps
    change nothing of, and why others were left out, a sentence by id."""

    ids: tuple[str, ...]
    same: tuple[str, ...] = ()
    left: tuple[tuple[str, str], ...] = ()


def sources(studio: Studio, ids: Sequence[str], *, raw: bool = True) -> list[Source]:
    """The pictures of these assets, in this order; what is not there any more, and what is no
    picture, is left out. A picture that an artist painted over begins from that, one that was
    finished from its raw one where `raw`, any other as it is. StudioError for more than MOST."""
    if len(ids) > MOST:
        raise StudioError(f"{len(ids):,} pictures are chosen.", f"Choose at most {MOST:,}.")
    engine = studio.engine
    above = family.parents_of_kind(engine, ids, raw_pictures.KIND)
    used = files.to_use(engine, [*ids, *above.values()])
    found = []
    for asset in records.of_ids(engine, ids):
        file, behind = used.get(asset.id), above.get(asset.id, "")
        if file is None:
            continue
        parents = tuple(filter(None, (behind, asset.id)))
        if raw and behind in used and file.role == gallery_table.DRAWN:
            file, parents = used[behind], (behind,)
        path = studio.home / file.path
        found.append(Source(asset, path, file.content or files.read(path), parents))
    return found


def by_a_job(found: Iterable[Source]) -> bool:
    """Whether these are too many, or too large, to be finished while somebody waits."""
    listed = list(found)
    return len(listed) > AT_ONCE or sum(one.pixels for one in listed) > PIXELS_AT_ONCE


def opened(source: Source) -> np.ndarray:
    """The picture's pixels, RGBA. StudioError where it is too large, damaged or gone."""
    _check_side(source.content.width or 0, source.content.height or 0)
    return np.asarray(images.open_picture(source.path))


def _check_side(width: int, height: int) -> None:
    if max(width, height) > SIDE:
        raise StudioError(
            f"The picture has {width:,} x {height:,} pixels.",
            f"Finish pictures of at most {SIDE:,} a side: make it smaller, or cut it.",
        )


def finished(source: Source, steps: Steps) -> Finished:
    """The picture after the steps, in memory."""
    return by_hand.finished(opened(source), steps)


def name_of(source: Source, steps: Steps) -> str:
    """What a finished picture's file is called: the same for the same pixels and steps."""
    pixels = source.content.pixels or source.content.hash
    return f"{source.asset.id}-{pixels[:8]}-{steps.mark}"


def write(folder: Path, source: Source, steps: Steps) -> Made | None:
    """The finished picture as PNG files in a folder, its steps in their text; None where nothing
    of it changes."""
    rgba = opened(source)
    done = by_hand.finished(rgba, steps)
    if done.shadow is None and np.array_equal(done.rgba, rgba):
        return None
    name = name_of(source, steps)
    paths = {gallery_table.DRAWN: folder / f"{name}.png"}
    layers = {gallery_table.DRAWN: done.rgba}
    if done.shadow is not None:
        paths[SHADOW], layers[SHADOW] = folder / f"{name}-shadow.png", done.shadow
    for role, path in paths.items():
        picture = Image.fromarray(np.ascontiguousarray(layers[role]), "RGBA")
        picture_files.write_png(path, picture, _about(source, steps, picture))
    return Made(source.asset.id, source.parents, paths)


def keep(
    studio: Studio, found: Sequence[Source], steps: Steps, *, by: str, now: datetime
) -> Kept:
    """Finish these pictures and keep what comes of it, all of it in one transaction; those that
    are there from these steps already stay as they are. One that can't be finished is left out,
    and told. StudioError where they are too many for one answer."""
    check(by, RIGHT)
    contents.check_room(studio.engine, by, studio.settings.most_drawn)
    if by_a_job(found):
        raise StudioError("These are too many pictures to be finished at once.", "Ask for a job.")
    made, same, left = [], [], []
    for source in found:
        try:
            one = write(folder_of(studio.home), source, steps)
        except StudioError as error:
            left.append((source.asset.id, f"{error.message} {error.remedy}"))
            continue
        if one is None:
            same.append(source.asset.id)
        else:
            made.append(one)
    ids = record(studio, made, steps, by=by, now=now)
    return Kept(tuple(ids), tuple(same), tuple(left))


def record(
    studio: Studio,
    made: Sequence[Made],
    steps: Steps,
    *,
    by: str,
    now: datetime,
    job: int | None = None,
) -> list[str]:
    """Put finished pictures, whose files lie in the studio's folder, beside those that they came
    from; their ids. StudioError where one of those is gone, and then nothing is put in."""
    there = {one.id: one for one in records.of_ids(studio.engine, [one.of for one in made])}
    if gone := next((one.of for one in made if one.of not in there), ""):
        raise StudioError(
            f"Picture {gone} is not there any more.", "Leave it out, and keep the others."
        )
    new = [_new(there[one.of], one, steps, studio.home) for one in made]
    return records.put(studio.engine, new, by=by, now=now, job=job)


def take_back(studio: Studio, ids: Sequence[str], *, by: str) -> list[str]:
    """Take away again finished pictures that were just kept; which went. What somebody has judged,
    put on a board or made something of meanwhile stays."""
    check(by, RIGHT)
    own = [one.id for one in records.of_ids(studio.engine, ids) if one.recipe.get("finishing")]
    return records.take_back(studio.engine, own)


def bring(
    studio: Studio, data: bytes, name: str, style: str, *, by: str, now: datetime
) -> tuple[str, list[str]]:
    """Keep a file from elsewhere, to be finished for a style: the id of its asset, which is the
    same for the same pixels, and what there is to say of it. StudioError where it is no picture,
    is too large, or was withdrawn."""
    check(by, RIGHT)
    contents.check_room(studio.engine, by, studio.settings.most_drawn)
    seen = images.see(data, name, max_pixels=SIDE * SIDE)
    _check_side(seen.picture.width, seen.picture.height)
    digest = hashlib.sha256(data).hexdigest()
    if digest in withdrawals.active(studio.home):
        raise StudioError(f"{name} was withdrawn.", "Nobody may use it any more.")
    kept = start_pictures.keep_picture(studio.home, seen.picture, by=by)
    file = start_pictures.path(studio.home, kept)
    told = decoding.cleaned(name).rpartition("/")[2].rpartition(".")[0] or name
    new = New(
        kind=raw_pictures.KIND,
        key=file.relative_to(studio.home).as_posix(),
        files={raw_pictures.ROLE: (file, files.read(file))},
        style=style,
        name=re.sub(r"[^A-Za-z0-9._-]+", "_", told)[:60].strip("._-") or "picture",
        text=told,
        recipe={"file": name[:200]},
    )
    (id,) = records.put(studio.engine, [new], by=by, now=now)
    return id, remarks.sentences([(name, seen.remarks)])


def steps_of(asset: Asset) -> Steps | None:
    """The steps that a finished picture came of; None for any other."""
    told = asset.recipe.get("finishing")
    return all_steps.read(told) if told else None


def folder_of(home: Path) -> Path:
    """Where finished pictures lie."""
    return home / "finished"


def _new(of: Asset, made: Made, steps: Steps, home: Path) -> New:
    main = made.files[gallery_table.DRAWN]
    return New(
        kind=gallery_table.KIND,
        key=main.relative_to(home).as_posix(),
        files={role: (path, files.read(path)) for role, path in made.files.items()},
        parents=made.parents,
        style=of.style,
        version=of.version,
        seed=of.seed or 0,
        name=of.name,
        variant=of.variant,
        category=of.category,
        text=str(of.recipe.get("prompt") or of.name),
        recipe={**_told(of), "finishing": all_steps.said_of(steps)},
    )


def _drawn(of: Asset) -> picture_files.Made:
    """How a picture was drawn; a file from elsewhere was not, and has its name for a prompt."""
    told = {
        "base": "",
        "run": "",
        "dataset": "",
        "prompt": of.name,
        "full_prompt": "",
        "negative": "",
        "steps": 0,
        "guidance": 0.0,
        "strength": 0.0,
    }
    known = {field.name for field in fields(picture_files.Made)} - {"finish"}
    told |= {name: value for name, value in of.recipe.items() if name in known}
    return picture_files.Made(
        **{**told, "style": of.style, "version": of.version, "seed": of.seed or 0}
    )


def _told(of: Asset) -> dict[str, Any]:
    """The same as an asset's recipe has it."""
    told = picture_files.recipe_of(_drawn(of))
    return {name: v for name, v in told.items() if name not in ("style", "version", "seed")}


def _about(source: Source, steps: Steps, picture: Image.Image) -> PngImagePlugin.PngInfo:
    """What stands in the file: how the picture was drawn, as before, and how it was finished."""
    drawn, size = _drawn(source.asset), {"width": picture.width, "height": picture.height}
    told = {"schema": 1, "of": source.asset.id, "pixels": source.content.pixels}
    about = PngImagePlugin.PngInfo()
    about.add_itxt(
        picture_files.KEY, json.dumps({"schema": 1, **picture_files.recipe_of(drawn), **size})
    )
    about.add_itxt(KEY, json.dumps({**told, "steps": all_steps.said_of(steps)}))
    about.add_itxt(picture_files.PARAMETERS, picture_files.parameters(drawn, picture.size))
    return about
