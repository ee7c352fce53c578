"""Pictures that are to be finished: which file each begins from, and how many at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from studio import images
from studio.assets import family, files, records
from studio.assets.files import Content
from studio.assets.records import Asset
from studio.context import Studio
from studio.errors import StudioError
from studio.finishing import by_hand
from studio.finishing.by_hand import Finished, Listed
from studio.finishing.steps import Steps
from studio.generation import gallery_table, raw_pictures
from studio.pixels.hex_colours import Pixels

MOST = 2_000  # pictures at once
AT_ONCE = 300  # pictures, and pixels in all, beyond which a job does it
PIXELS_AT_ONCE = 2**20
SIDE = 4096  # pixels, the longest that is finished


@dataclass(frozen=True)
class Source:
    """A picture that is to be finished: its asset; the file that is begun from, and the id of the
    asset that has it; whether there is an earlier one to begin from (`behind`)."""

    asset: Asset
    path: Path
    content: Content
    begun: str
    behind: bool

    @property
    def pixels(self) -> int:
        return (self.content.width or 0) * (self.content.height or 0)

    @property
    def parents(self) -> tuple[str, ...]:
        """What a finished one is made from: what it begins from first, then the picture."""
        return tuple(dict.fromkeys((self.begun, self.asset.id)))

    def at(self, path: Path) -> Source:
        """The same, its file lying elsewhere."""
        return replace(self, path=path)


def sources(studio: Studio, ids: Sequence[str], *, raw: bool = True) -> list[Source]:
    """The pictures of these assets, in this order; what is not there any more, and what is no
    picture, is left out. One that an artist painted over begins from that; one that was finished,
    with `raw`, from what it was made from; any other as it is. StudioError for more than MOST."""
    if len(ids) > MOST:
        raise StudioError(f"{len(ids):,} pictures are chosen.", f"Choose at most {MOST:,}.")
    found = records.of_ids(studio.engine, ids)
    behind = family.parents_of_kind(studio.engine, ids, raw_pictures.KIND)
    behind |= {one.id: str(one.recipe["begun"]) for one in found if one.recipe.get("begun")}
    used = files.to_use(studio.engine, [*ids, *behind.values()])
    listed = []
    for asset in found:
        if (file := used.get(asset.id)) is None:
            continue
        begun, before = asset.id, behind.get(asset.id, "")
        earlier = before in used and file.role == gallery_table.DRAWN
        if raw and earlier:
            begun, file = before, used[before]
        path = studio.home / file.path
        content = file.content or files.read(path)
        listed.append(Source(asset, path, content, begun, earlier))
    return listed


def by_a_job(found: Iterable[Source]) -> bool:
    """Whether these are too many, or too large, to be finished while somebody waits."""
    listed = list(found)
    return len(listed) > AT_ONCE or sum(one.pixels for one in listed) > PIXELS_AT_ONCE


def opened(source: Source) -> Pixels:
    """The picture's pixels, RGBA. StudioError where it is too large, damaged or gone."""
    check_side(source.content.width or 0, source.content.height or 0)
    return np.asarray(images.open_picture(source.path))


def check_side(width: int, height: int) -> None:
    """StudioError for a picture that is too large to be finished."""
    if max(width, height) > SIDE:
        raise StudioError(
            f"The picture has {width:,} x {height:,} pixels.",
            f"Finish pictures of at most {SIDE:,} a side: make it smaller, or cut it.",
        )


def finished(source: Source, steps: Steps) -> Finished:
    """The picture after the steps, in memory."""
    return by_hand.finished(opened(source), steps)


def proposals(source: Source, steps: Steps) -> tuple[Listed, ...]:
    """What could be cleaned of it after the steps, one by one."""
    return by_hand.proposals(opened(source), steps)


def name_of(source: Source, steps: Steps) -> str:
    """What a finished picture is called: the same for the same pixels and steps."""
    pixels = source.content.pixels or source.content.hash
    return f"{source.asset.id}-{pixels[:8]}-{steps.mark}"
