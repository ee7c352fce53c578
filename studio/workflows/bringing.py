"""A picture from elsewhere, kept so that it can be finished."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from studio import images
from studio.accounts.rights import check
from studio.assets import contents, files, records
from studio.assets.records import New
from studio.context import Studio
from studio.datasets import withdrawals
from studio.errors import StudioError
from studio.generation import raw_pictures, start_pictures
from studio.images import formats, remarks
from studio.text import decoding
from studio.workflows.finishing import RIGHT
from studio.workflows.finishing_sources import SIDE, check_side

NAME = 60  # characters
# What is said otherwise here than where pictures are learned from.
SAYS = {
    "frames": "{name} has {detail} frames; the first one is taken.",
    "default": "{name} has {detail} frames; the first one is taken.",
    "late": "{name} begins with frames on which nothing is seen; frame {detail} is taken.",
    "empty": "{name} is wholly transparent: nothing of it is seen.",
}


def bring(
    studio: Studio, data: bytes, name: str, style: str, *, by: str, now: datetime
) -> tuple[str, list[str]]:
    """Keep a file from elsewhere, to be finished for a style: the id of its asset, the same for
    the same pixels and style, and what there is to say of the file. No wall shows it before
    something comes of it. StudioError where it is no picture, is too large, or was withdrawn."""
    check(by, RIGHT)
    contents.check_room(studio.engine, by, studio.settings.most_drawn)
    if hashlib.sha256(data).hexdigest() in withdrawals.active(studio.home):
        raise StudioError(f"{name} was withdrawn.", "Nobody may use it any more.")
    with formats.header(data, name) as picture:
        check_side(*picture.size)
    seen = images.see(data, name, max_pixels=SIDE * SIDE)
    kept = start_pictures.keep_picture(studio.home, seen.picture, by=by)
    file = start_pictures.path(studio.home, kept)
    stem = decoding.cleaned(name).rpartition("/")[2].rpartition(".")[0] or name
    new = New(
        kind=raw_pictures.KIND,
        key=f"{file.relative_to(studio.home).as_posix()} for {style}",
        files={raw_pictures.ROLE: (file, files.read(file))},
        style=style,
        name=re.sub(r"[^A-Za-z0-9._-]+", "_", stem)[:NAME].strip("._-") or "picture",
        text=stem,
        recipe={"file": name[:200]},
    )
    (id,) = records.put(studio.engine, [new], by=by, now=now)
    own = [one for one in seen.remarks if one.kind in SAYS]
    others = [one for one in seen.remarks if one not in own]
    said = [SAYS[one.kind].format(name=name, detail=one.detail) for one in own]
    return id, [*said, *remarks.sentences([(name, others)])]
