"""Ramps: one of a palette put in another's place, and which of them a picture is drawn in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from studio.colours import to_oklab
from studio.errors import StudioError
from studio.finishing.colour_table import ColourTable, Ramp, ramp_colours
from studio.pixels.hex_colours import Pixels, rgb_of
from studio.pixels.snapping import packed


def named(table: ColourTable, name: str) -> Ramp:
    """The ramp of that name. StudioError names those that there are."""
    known = {one.name.casefold(): one for one in table.ramps}
    if name.strip().casefold() not in known:
        listed = ", ".join(one.name for one in table.ramps)
        raise StudioError(
            f"There is no ramp {name[:40]!r}.",
            f"There are: {listed}." if listed else "The palette has none yet: name some first.",
        )
    return known[name.strip().casefold()]


def partners(source: Sequence[str], target: Sequence[str]) -> tuple[str, ...]:
    """For each colour of one ramp that of another which takes its place: the one of the same place
    where both are as long, else that of the nearest share of its ramp's range of lightness. The
    darkest becomes the darkest and the lightest the lightest."""
    if len(source) == len(target):
        return tuple(target)
    here, there = _shares(source), _shares(target)
    return tuple(target[int(np.abs(there - share).argmin())] for share in here)


def swapped(rgba: Pixels, table: ColourTable, source: Ramp, target: Ramp) -> Pixels:
    """The picture [h, w, 4] with one ramp's colours in place of another's; alpha and all other
    colours stay. StudioError where the picture has none of them."""
    before = ramp_colours(table, source)
    to = dict(zip(before, partners(before, ramp_colours(table, target)), strict=True))
    number, seen = packed(rgba), rgba[..., 3] > 0
    made, count = rgba.copy(), 0
    for old, new in to.items():
        here = (number == int(old[1:], 16)) & seen
        count += int(here.sum())
        made[here, :3] = [*bytes.fromhex(new[1:])]
    if not count:
        raise StudioError(
            f"No pixel has a colour of the ramp {source.name}.",
            "Snap the picture to the palette first, or take a ramp that it is drawn in.",
        )
    return made


def drawn_in(rgba: Pixels, table: ColourTable) -> list[tuple[Ramp, float]]:
    """The palette's ramps with the share of the picture's seen pixels that each one's colours have;
    the largest first."""
    values, counts = np.unique(packed(rgba[rgba[..., 3] > 0]), return_counts=True)
    share = counts / max(1, counts.sum())
    held = dict(zip((f"#{one:06x}" for one in values), share, strict=True))
    shares = [
        (one, float(sum(held.get(colour, 0.0) for colour in ramp_colours(table, one))))
        for one in table.ramps
    ]
    return sorted(shares, key=lambda pair: -pair[1])


def _shares(colours: Sequence[str]) -> NDArray[np.float64]:
    """Where each lies between its ramp's darkest (0) and lightest (1)."""
    light = to_oklab(rgb_of(colours))[:, 0].astype(float)
    span = light.max() - light.min()
    if span < 1e-6:
        return np.linspace(0, 1, len(colours))
    shares: NDArray[np.float64] = (light - light.min()) / span
    return shares
