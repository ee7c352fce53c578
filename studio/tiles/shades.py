"""Lighter and darker colours of a palette: the ramp that a pixel artist would pick from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.colours import from_oklab, to_oklab

Pixels = NDArray[np.uint8]
MOST_OWN = 64  # colours up to which the terrains' own are a palette
STEP = 0.03  # of lightness in OKLab that a shade differs at least
HUE = 0.07  # of a and b in OKLab that it differs at most: beyond, it is another colour


@dataclass(frozen=True)
class Shades:
    """A palette [n, 3] of sRGB bytes; empty: any colour may be made."""

    rgb: Pixels

    def shifted(self, rgba: Pixels, amount: float) -> Pixels:
        """Each pixel lighter by `amount` of OKLab's lightness, darker where that is below 0: in the
        palette's nearest colour that is so, if there is one. Shadows lean to blue, lights to
        yellow, as painters shade."""
        weights = np.array([65536, 256, 1], np.uint32)
        packed, place = np.unique(rgba[..., :3] @ weights, return_inverse=True)
        seen = (packed[:, None] // weights % 256).astype(np.uint8)
        lab = to_oklab(seen)
        wanted = lab + np.array([amount, 0.0, 0.12 * amount], np.float32)
        if len(self.rgb):
            known = to_oklab(self.rgb)
            off = wanted[:, None] - known
            apart = np.square(off * (1.0, 1.4, 1.4)).sum(-1)
            there = np.sign(amount) * (known[None, :, 0] - lab[:, None, 0]) >= STEP
            there &= np.hypot(off[..., 1], off[..., 2]) <= HUE
            apart = np.where(there, apart, np.inf)
            made = np.where(there.any(1)[:, None], self.rgb[apart.argmin(1)], seen)
        else:
            made = from_oklab(np.clip(wanted, (0, -1, -1), (1, 1, 1)).astype(np.float32))
        out = rgba.copy()
        out[..., :3] = made[place.reshape(-1)].reshape(*rgba.shape[:2], 3)
        return out


def line_colour(known: Shades, *terrains: Pixels) -> Pixels:
    """The colour [3] for an outline: the palette's darkest, or a dark of the terrains' own."""
    if len(known.rgb):
        return known.rgb[to_oklab(known.rgb)[:, 0].argmin()]
    return _below(np.concatenate([one.reshape(-1, 4)[:, :3] for one in terrains]), 0.14)


def ramp(*terrains: Pixels) -> tuple[str, ...]:
    """A palette for terrains that come without one: their own colours, a darker one below those of
    each, for shade, and one below all, for outlines. None where they have too many."""
    colours = own_colours(*terrains)
    if not colours:
        return ()
    flat = [one.reshape(-1, 4)[:, :3] for one in terrains]
    dark = [_below(one, 0.09) for one in flat] + [_below(np.concatenate(flat), 0.16)]
    return tuple(dict.fromkeys((*(_code(rgb) for rgb in reversed(dark)), *colours)))


def _below(rgb: Pixels, by: float) -> Pixels:
    """The darkest of colours [n, 3], darker by so much of OKLab's lightness, half its chroma."""
    lab = to_oklab(rgb)
    one = lab[lab[:, 0].argmin()]
    made = np.array([max(0.08, one[0] - by), one[1] * 0.6, one[2] * 0.6], np.float32)
    return from_oklab(made)


def _code(rgb: Pixels) -> str:
    return "#" + bytes(rgb.tolist()).hex()


def own_colours(*pictures: Pixels) -> tuple[str, ...]:
    """The colours of pictures as a palette, by lightness; none where there are too many."""
    seen = np.unique(np.concatenate([one.reshape(-1, 4)[:, :3] for one in pictures]), axis=0)
    if len(seen) > MOST_OWN:
        return ()
    seen = seen[to_oklab(seen)[:, 0].argsort(kind="stable")]
    return tuple(_code(rgb) for rgb in seen)


def shades(colours: tuple[str, ...], outline: str = "") -> Shades:
    """The palette, with the outline's colour in it."""
    told = dict.fromkeys((*colours, *([outline] if outline and colours else [])))
    rows = [tuple(bytes.fromhex(code.lstrip("#"))) for code in told]
    return Shades(np.array(rows, np.uint8).reshape(-1, 3))
