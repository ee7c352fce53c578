"""From an animation sheet to a dataset: its frames as pictures to learn from, each with its phase
in the caption. A style that learned from them is then asked for a phase, and so for a flipbook.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from PIL import Image

from studio.accounts.rights import check
from studio.assets import family, files
from studio.assets.records import Asset
from studio.context import Studio
from studio.datasets import additions
from studio.datasets.additions import Added, NewPicture
from studio.datasets.pictures import Cut
from studio.errors import StudioError
from studio.generation.gallery_table import PAINTED
from studio.generation.lists import as_png
from studio.sheets import effects, phases
from studio.sheets.phases import USUAL, Phase
from studio.sheets.sheet import Animation
from studio.workflows import animation_files

RIGHT = "edit datasets"
TAG = "animation frame"


@dataclass(frozen=True)
class HandedOn:
    """The dataset's new version and what came to it; the captions in the order of the frames, each
    once; and how many frames were left out: nothing is on them, no tag has them, or they look as
    one before."""

    added: Added
    captions: tuple[str, ...]
    left: int


@dataclass(frozen=True)
class Provenance:
    """Where the frames are from, "" for what nobody said."""

    source: str = ""
    author: str = ""
    licence: str = ""


UNSAID = Provenance()


@dataclass(frozen=True)
class _About:
    """What is the same of all rows; `hash` is the SHA-256 of the sheet's picture."""

    asset: Asset
    says: str
    on_black: bool
    told: Provenance
    origin: str
    hash: str


def hand_on(
    studio: Studio,
    sheet: str,
    dataset: str,
    *,
    caption: str = "",
    count: int = USUAL,
    on_black: bool = False,
    told: Provenance = UNSAID,
    by: str,
    now: datetime,
) -> HandedOn:
    """Add the frames of a sheet to a dataset, or begin one with them.

    `caption` says what all of them show, "" as the sheet is called; each gets its phase of `count`.
    They have alpha, whatever the sheet is blended by, or lie on black for effects that are added
    to the game. StudioError where there is no such sheet, and where nothing is on any frame.
    """
    check(by, RIGHT)
    kept = animation_files.get(studio.engine, studio.home, sheet)
    effect = animation_files.blend_of(kept.asset)
    frames = tuple(
        replace(one, image=effects.straight(one.image, effect)) for one in kept.animation.frames
    )
    animation = replace(kept.animation, frames=frames)
    found = _different(animation, phases.of(animation, count))
    if not found:
        raise StudioError("There is no frame on which something is.", "Choose another sheet.")
    says = caption.strip() or kept.asset.name
    about = _About(
        kept.asset,
        says,
        on_black,
        told,
        _origin(studio, kept.asset),
        next(
            one.content.hash
            for one in files.of(studio.engine, sheet)
            if one.role == animation_files.PICTURE and one.content
        ),
    )
    rows = [_row(about, animation, one) for one in found]
    added = additions.add_pictures(
        studio.home, dataset, rows, now=now, actor=by, says=f"frames of the sheet {kept.asset.name}"
    )
    captions = tuple(dict.fromkeys(row.caption for row in rows))
    return HandedOn(added, captions, len(frames) - len(rows))


def _different(animation: Animation, found: tuple[Phase, ...]) -> list[Phase]:
    """The first of frames that look alike: one picture can't have two captions."""
    seen = dict[bytes, Phase]()
    for one in found:
        seen.setdefault(animation.frames[one.frame].image.tobytes(), one)
    return list(seen.values())


def _row(about: _About, animation: Animation, phase: Phase) -> NewPicture:
    asset, picture = about.asset, animation.frames[phase.frame].image
    if about.on_black:
        picture = Image.fromarray(effects.on_black(np.asarray(picture)), "RGBA")
    folder = f"{animation_files.file_name(asset.name)}-{asset.id[:6]}"
    return NewPicture(
        data=as_png(picture),
        file_name=f"{folder}/{phase.frame + 1:03d}{'-black' if about.on_black else ''}.png",
        caption=phases.caption(about.says, phase),
        category=asset.category,
        tags=(TAG,) if about.origin == "imported" else ("generated", TAG),
        source=about.told.source or f"frame {phase.frame + 1} of the sheet {asset.name}",
        author=about.told.author or asset.by,
        licence=about.told.licence,
        caption_by="file",
        origin=about.origin,
        cut=Cut(asset.name, about.hash, phase.frame + 1, phase.tag),
    )


def _origin(studio: Studio, asset: Asset) -> str:
    """Whether a style drew the frames, and whether somebody painted over one since."""
    before = family.family(studio.engine, asset.id).before
    if not any(one.version or one.recipe.get("base") for one in (asset, *before)):
        return "imported"
    used = files.to_use(studio.engine, [one.id for one in before])
    return "painted" if any(one.role == PAINTED for one in used.values()) else "generated"
