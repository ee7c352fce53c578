"""The pictures that a GAN learns from: decoded once where they are small, else as they are needed.

What can't be read, or is transparent everywhere, is left out and named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from studio.context import Progress, Report
from studio.errors import StudioError
from studio.gan.pixels import Bytes, prepared
from studio.numbers import shown

HELD = 768 * 2**20  # bytes of decoded pictures that are kept in memory
FEWEST = 10  # pictures of which something can be learned
FEW = 500  # of fewer, copies are likely
SMALL = 10  # of a class
NAMED = 5  # pictures that are named of those left out
AHEAD = 3  # batches that are decoded ahead

Open = Callable[[int], Image.Image]


@dataclass(frozen=True)
class Asked:
    """How pictures are made ready: their size (width, height), channels, filter and matte; over
    which edges they go on, and whether a mirrored one is as good as it is."""

    size: tuple[int, int]
    channels: int
    filter: str
    matte: tuple[int, int, int]
    seamless: str = ""
    mirror: bool = False


@dataclass
class Pictures:
    """Pictures by place. `classes` are places in `names`, -1 for none; `held` are the decoded ones
    [n, channels, h, w], or None: each is opened when it is needed."""

    open: Open
    asked: Asked
    classes: NDArray[np.int64]
    names: tuple[str, ...]
    held: Bytes | None
    workers: int
    left_out: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.classes)

    @property
    def shares(self) -> tuple[float, ...]:
        """Of each class, its share of all that have one."""
        counts = np.bincount(self.classes[self.classes >= 0], minlength=len(self.names))
        return tuple(float(one) / max(1, int(counts.sum())) for one in counts)

    def take(self, places: Sequence[int]) -> Tensor:
        """Bytes [n, channels, h, w] of these."""
        if self.held is not None:
            return torch.from_numpy(self.held[list(places)])
        with ThreadPoolExecutor(max(1, self.workers)) as pool:
            return torch.from_numpy(np.stack(list(pool.map(self._decoded, places))))

    def _decoded(self, place: int) -> Bytes:
        """The picture, or the next that can be used."""
        for further in range(len(self)):
            at = (place + further) % len(self)
            try:
                return _decode(self.open(at), self.asked)
            except StudioError as error:
                if len(self.left_out) < NAMED and error.message not in self.left_out:
                    self.left_out.append(error.message)
                if further > 100:
                    raise
        raise StudioError("No picture can be used.", "Look at the folder.")


def gather(
    open: Open,
    classes: Sequence[str],
    asked: Asked,
    report: Report,
    *,
    conditional: str = "auto",
    workers: int = 2,
    held: int = HELD,
) -> Pictures:
    """The pictures that there are, `classes` naming the category of each, "" for none.

    `conditional` "yes" has the classes learned, "auto" where there are two. StudioError for too few
    pictures, or classes that are not there.
    """
    count, (width, height) = len(classes), asked.size
    names = _class_names(classes, conditional)
    known = {name: place for place, name in enumerate(names)}
    ids = np.array([known.get(name, -1) for name in classes], np.int64)
    if names and (ids < 0).any():
        report(f"{int((ids < 0).sum()):,} pictures have no class and are learned as of none.")
    decoded = None
    found = Pictures(open, asked, ids, names, None, workers)
    if count * asked.channels * width * height <= held:
        decoded, good = _decode_all(found, report)
        open_again = open
        found = Pictures(
            lambda place: open_again(int(good[place])), asked, ids[good], names, decoded, workers
        )
    if len(found) < FEWEST:
        raise StudioError(
            f"There {'is' if len(found) == 1 else 'are'} {len(found)} "
            f"picture{'' if len(found) == 1 else 's'} to learn from.",
            f"A GAN needs {FEWEST} at the very least, and some hundreds to vary them.",
        )
    if len(found) < FEW:
        report(
            f"{len(found)} pictures are few for a GAN: what it draws may be copies. Look at the "
            "copies figure, or stop early."
        )
    counts = Counter(int(one) for one in found.classes if one >= 0)
    small = [
        f"{names[place]} ({counts[place]})" for place in sorted(counts) if counts[place] < SMALL
    ]
    if small:
        report(
            f"Classes of fewer than {SMALL} pictures, which will be drawn as copies or not at all: "
            f"{', '.join(small[:NAMED])}{' and others' if len(small) > NAMED else ''}."
        )
    return found


def _class_names(classes: Sequence[str], conditional: str) -> tuple[str, ...]:
    names = tuple(sorted({name for name in classes if name}))
    if conditional == "no" or (conditional == "auto" and len(names) < 2):
        return ()
    if len(names) < 2:
        said = f"one class, {shown(names[0])}" if names else "no classes"
        raise StudioError(
            f"class_conditional is yes, and the pictures have {said}.",
            "Give the pictures categories, or leave class_conditional out.",
        )
    if len(names) > 1000:
        raise StudioError(
            f"The pictures have {len(names):,} classes.", "Give class_conditional=no, or 1,000."
        )
    return names


def _decode(picture: Image.Image, asked: Asked) -> Bytes:
    made = prepared(picture, asked.size, asked.channels, asked.filter, asked.matte)
    if asked.channels == 4 and not made[3].any():
        raise StudioError("A picture is transparent everywhere.", "Take it out.")
    return made


def _decode_all(found: Pictures, report: Report) -> tuple[Bytes, NDArray[np.int64]]:
    """All pictures that can be used, and their places."""
    count, asked = len(found), found.asked
    width, height = asked.size
    held = np.empty((count, asked.channels, height, width), np.uint8)
    good, left = list[int](), list[str]()

    def one(place: int) -> Bytes | str:
        try:
            return _decode(found.open(place), asked)
        except StudioError as error:
            return error.message

    with ThreadPoolExecutor(max(1, found.workers)) as pool:
        for start in range(0, count, 1024):
            part = range(start, min(start + 1024, count))
            for place, made in zip(part, pool.map(one, part), strict=True):
                if isinstance(made, str):
                    left.append(made)
                    continue
                held[len(good)] = made
                good.append(place)
            report(Progress(f"Read {part.stop:,} pictures.", part.stop, count, "pictures"))
    if left:
        more = f" and {len(left) - NAMED:,} more" if len(left) > NAMED else ""
        said = " ".join(dict.fromkeys(left[:NAMED]))
        report(f"{len(left):,} pictures were left out{more and ','}{more}: {said}")
    return held[: len(good)], np.array(good, np.int64)


@dataclass(frozen=True)
class Order:
    """In which order pictures are shown: each once an epoch, an epoch's end and the next one's
    beginning in one batch, so that a set smaller than a batch is learned from, too."""

    count: int
    batch: int
    seed: int

    def places(self, step: int) -> list[int]:
        """The pictures of a step, counted from 1."""
        first = (step - 1) * self.batch
        found = list[int]()
        while len(found) < self.batch:
            epoch, at = divmod(first + len(found), self.count)
            order = _permuted(self.count, self.seed, epoch)
            found += order[at : at + self.batch - len(found)].tolist()
        return found

    def epoch(self, step: int) -> int:
        """How many epochs are whole after a step."""
        return step * self.batch // self.count


@lru_cache(maxsize=2)
def _permuted(count: int, seed: int, epoch: int) -> NDArray[np.int64]:
    return np.random.default_rng([seed, epoch]).permutation(count)


def batches(
    pictures: Pictures, order: Order, first: int, last: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """Of each step from `first` to `last` the pictures' bytes [batch, channels, h, w] and classes
    [batch]; those of later steps are decoded meanwhile."""

    def one(step: int) -> tuple[Tensor, Tensor]:
        places = order.places(step)
        return pictures.take(places), torch.from_numpy(pictures.classes[places])

    if pictures.held is not None:
        yield from map(one, range(first, last + 1))
        return
    with ThreadPoolExecutor(1) as ahead:
        waiting = list[Future[tuple[Tensor, Tensor]]]()
        step = first
        try:
            while step <= last or waiting:
                while step <= last and len(waiting) < AHEAD:
                    waiting.append(ahead.submit(one, step))
                    step += 1
                yield waiting.pop(0).result()
        finally:
            for left in waiting:
                left.cancel()
