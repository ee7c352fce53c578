"""What steps make of pictures, before it is kept: worked out once for pages and addresses alike.

Kept by this process in memory, the newest first, under a name that says of which picture and which
steps; what is gone is worked out again when its page is drawn.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
from PIL import Image

from studio import images
from studio.errors import StudioError
from studio.finishing import indexed
from studio.finishing.by_hand import Finished, Listed
from studio.finishing.steps import Steps
from studio.generation import lists
from studio.store.bucket_errors import Away
from studio.store.local import Coming
from studio.workflows import finishing_sources
from studio.workflows.finishing_sources import Source, finished, name_of

MOST_BYTES = 128 * 2**20  # of pixels that are held
MOST_PROPOSED = 64  # pictures of which proposals are held
GAP = 1 / 16  # of its height, between the two of a pair

_held: OrderedDict[str, Preview] = OrderedDict()
_proposed: OrderedDict[str, tuple[Listed, ...]] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class Preview:
    """The file that a picture came from, what became of it in which palette's colours, or why
    nothing did."""

    path: Path
    finished: Finished | None
    colours: tuple[str, ...] = ()
    refused: StudioError | None = None

    @property
    def bytes(self) -> int:
        return self.finished.rgba.nbytes if self.finished else 0


def preview(source: Source, steps: Steps) -> Preview:
    """What the steps make of a picture."""
    name = name_of(source, steps)
    with _lock:
        if found := _held.get(name):
            _held.move_to_end(name)
            return found
    try:
        made = Preview(source.path, finished(source, steps), steps.recipe.colours)
    except (Away, Coming) as error:  # not held: the picture may be there soon
        return Preview(source.path, None, refused=error)
    except StudioError as error:
        made = Preview(source.path, None, refused=error)
    with _lock:
        _held[name] = made
        held = sum(one.bytes for one in _held.values())
        while held > MOST_BYTES and len(_held) > 1:
            held -= _held.popitem(last=False)[1].bytes
    return made


def proposals(source: Source, steps: Steps) -> tuple[Listed, ...]:
    """What could be cleaned of a picture after the steps, one by one."""
    name = name_of(source, steps)
    with _lock:
        if name in _proposed:
            return _proposed[name]
    found = finishing_sources.proposals(source, steps)
    with _lock:
        _proposed[name] = found
        while len(_proposed) > MOST_PROPOSED:
            _proposed.popitem(last=False)
    return found


def known(source: Source, steps: Steps) -> bool:
    """Whether it was worked out already."""
    with _lock:
        return name_of(source, steps) in _held


def address(source: Source, steps: Steps, what: str = "") -> str:
    """Where a browser gets it once it was worked out; `what`: "before" for what it was, "pair"
    for both, "shadow" for that alone."""
    return f"/picture/finishing/{name_of(source, steps)}" + (f"?{what}" if what else "")


def png(name: str, what: str = "", factor: int = 1, in_order: bool = False) -> bytes:
    """The file behind an address, at a whole factor of its size; `in_order`: indexed, its table the
    palette in its order. StudioError where it is not held any more, or can't be had so."""
    with _lock:
        held = _held.get(name)
    if held is None or held.finished is None:
        raise StudioError("This is not known any more.", "Load the page again.")
    done = held.finished
    rgba = done.shadow if what == "shadow" and done.shadow is not None else done.rgba
    picture = Image.fromarray(np.ascontiguousarray(rgba), "RGBA")
    if what == "before":
        picture = images.open_picture(held.path)
    elif what == "pair":
        picture = _pair(images.open_picture(held.path), picture)
    picture = lists.at_factor(picture, str(factor))
    if in_order:
        return indexed.encoded(np.asarray(picture), held.colours)
    return lists.as_png(picture)


def pair_size(source: Source, preview: Preview) -> tuple[int, int]:
    """Width and height of a picture beside what became of it."""
    before = (source.content.width or 1, source.content.height or 1)
    done = preview.finished
    after = (done.rgba.shape[1], done.rgba.shape[0]) if done else before
    high = max(before[1], after[1])
    wide = sum(_grown(one, high)[0] for one in (before, after))
    return wide + _gap(high), high


def _grown(size: tuple[int, int], high: int) -> tuple[int, int]:
    return max(1, round(size[0] * high / size[1])), high


def _gap(high: int) -> int:
    return max(1, round(high * GAP))


def _pair(before: Image.Image, after: Image.Image) -> Image.Image:
    """Both beside each other, equally high; the smaller one enlarged."""
    high = max(before.height, after.height)
    both = []
    for one in (before, after):
        whole = high % one.height == 0
        filter = Image.Resampling.NEAREST if whole else Image.Resampling.BICUBIC
        grown = _grown(one.size, high)
        both.append(one if one.size == grown else one.resize(grown, filter))
    pair = Image.new("RGBA", (both[0].width + _gap(high) + both[1].width, high))
    pair.paste(both[0], (0, 0))
    pair.paste(both[1], (both[0].width + _gap(high), 0))
    return pair
