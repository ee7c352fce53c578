"""Changes that a person sees before they are made: pixels, what they become, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.pixels.hex_colours import Pixels, hex_of, rgb_of

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Proposal:
    """`kind`: "stray", "spur", "island", "hole" or "outline". `changes`: (x, y, "#rrggbb") or, to
    make a pixel transparent, (x, y, ""). `safe`: so surely right that a recipe does it by itself.
    """

    kind: str
    changes: tuple[tuple[int, int, str], ...]
    sentence: str
    safe: bool


def applied(rgba: Pixels, chosen: Iterable[Proposal]) -> Pixels:
    """The picture with the chosen changes made, in their order; places off the canvas are left
    out."""
    out = rgba.copy()
    height, width = out.shape[:2]
    for proposal in chosen:
        for x, y, colour in proposal.changes:
            if 0 <= x < width and 0 <= y < height:
                out[y, x] = (*rgb_of([colour])[0], 255) if colour else 0
    return out


def where(proposals: Iterable[Proposal], shape: Sequence[int]) -> Mask:
    """The pixels [h, w] that proposals change, to be drawn over a picture of that shape."""
    mask = np.zeros(shape[:2], bool)
    for proposal in proposals:
        for x, y, _ in proposal.changes:
            mask[y, x] = True
    return mask


def changes(before: Pixels, after: Pixels) -> tuple[tuple[int, int, str], ...]:
    """What tells two pictures of one size apart, as a proposal's changes, row by row. A pixel that
    is not opaque afterwards is a transparent one."""
    y, x = np.nonzero((before != after).any(-1))
    colours = hex_of(after[y, x, :3])
    shown = after[y, x, 3] > 0
    return tuple(
        (int(column), int(row), colour if seen else "")
        for column, row, colour, seen in zip(x, y, colours, shown, strict=True)
    )
