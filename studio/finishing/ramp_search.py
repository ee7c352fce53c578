"""A palette's ramps found by themselves: chains of growing lightness whose hue turns slowly.

Colours are compared in OKLab (`studio.colours`). A step costs by how far the hue turns, by how much
the saturation (chroma over lightness) changes and by its height; a chain costs more where it bends,
as pixel artists shift hues evenly (shadows towards blue, lights towards yellow). The chain worth
most is taken, then the next one of what is left; at last pairs that are surely light and shade of
one thing, of which palettes of few colours are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.colours import colour_shares, to_oklab
from studio.finishing.colour_table import ColourTable, Ramp
from studio.pixels.hex_colours import rgb_of

NEXT = 10  # colours that are looked at as a colour's next shade
DEAREST = 1.6  # step that is taken
PAIR = 0.5  # likewise, by itself
WORTH = 1.2  # of each colour that a chain holds, in costs of steps
LOW, HIGH = 0.015, 0.36  # of a step, in OKLab's lightness
# What a step is measured by: radians of hue, saturation, lightness, and lightness of a close one.
TURN, SATURATION, STEP, CLOSE = 0.85, 0.16, 0.26, 0.06
GREY, COLOURED = 0.015, 0.065  # chroma without hue, and with all of its hue
DARK = 0.45  # lightness below which saturation counts for less, as the eye hardly sees it

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Steps:
    """Of every pair [n, n], from the first to the second: cost (infinite: none), hue turned and
    saturation gained."""

    cost: Floats
    turn: Floats
    gain: Floats


def found(colours: Sequence[str]) -> tuple[Ramp, ...]:
    """The ramps of a palette's colours "#rrggbb", the longest first, each called by the word of its
    colours. Each colour is in one of them at most; those that are alike to no other in none."""
    steps = _steps(colours)
    order = np.argsort(to_oklab(rgb_of(colours))[:, 0], kind="stable")
    left = np.ones(len(colours), bool)
    chains: list[tuple[int, ...]] = []
    while chain := _best(steps, order, left):
        chains.append(chain)
        left[list(chain)] = False
    pairs = np.where(np.outer(left, left), steps.cost, np.inf)
    while pairs.min() <= PAIR:
        pair = divmod(int(pairs.argmin()), len(colours))
        chains.append(pair)
        pairs[list(pair)] = pairs[:, list(pair)] = np.inf
    chains.sort(key=lambda one: (-len(one), one))
    return tuple(map(Ramp, _words([[colours[k] for k in one] for one in chains]), chains))


def completed(table: ColourTable) -> ColourTable:
    """The table with those ramps more that its colours form which are in none yet."""
    held = {place for one in table.ramps for place in one.places}
    free = [place for place in range(len(table.colours)) if place not in held]
    taken = {one.name.casefold() for one in table.ramps}
    ramps = list(table.ramps)
    for one in found([table.colours[place] for place in free]) if free else ():
        name, number = one.name, 2
        while name.casefold() in taken:
            name, number = f"{one.name.split()[0]} {number}", number + 1
        taken.add(name.casefold())
        ramps.append(Ramp(name, tuple(free[place] for place in one.places)))
    return ColourTable(table.colours, table.names, tuple(ramps))


def _steps(colours: Sequence[str]) -> _Steps:
    light, a, b = to_oklab(rgb_of(colours)).astype(float).T
    chroma, hue = np.hypot(a, b), np.arctan2(b, a)
    seen = np.clip((np.minimum.outer(chroma, chroma) - GREY) / (COLOURED - GREY), 0, 1)
    turn = ((hue[None] - hue[:, None] + np.pi) % (2 * np.pi) - np.pi) * seen
    saturation = chroma / np.maximum(light, 0.12)
    dark = np.clip(np.minimum.outer(light, light) / DARK, 0.25, 1)
    gain = (saturation[None] - saturation[:, None]) * dark
    step = light[None] - light[:, None]
    cost = (turn / TURN) ** 2 + (gain / SATURATION) ** 2
    cost += 0.35 * (step / STEP) ** 2 + 0.6 * np.clip(1 - step / CLOSE, 0, 1) ** 2
    wrong = (step < LOW) | (step > HIGH) | (cost > DEAREST)
    return _Steps(np.where(wrong, np.inf, cost), turn, gain)


def _best(steps: _Steps, order: NDArray[np.intp], left: NDArray[np.bool_]) -> tuple[int, ...]:
    """The chain worth most of the colours that are left; () where there is none of three. What a
    chain is worth is settled step by step in order of lightness, over its last two colours."""
    worth: dict[tuple[int, int], tuple[float, int | None]] = {}
    into: dict[int, list[int]] = {}
    for i in (int(k) for k in order if left[k]):
        near = [int(j) for j in np.argsort(steps.cost[i])[:NEXT] if np.isfinite(steps.cost[i, j])]
        for j in (j for j in near if left[j]):
            value, before = 2 * WORTH - steps.cost[i, j], None
            for h in into.get(i, ()):
                bend = 0.5 * ((steps.turn[i, j] - steps.turn[h, i]) / TURN) ** 2
                bend += 0.25 * ((steps.gain[i, j] - steps.gain[h, i]) / SATURATION) ** 2
                longer = worth[h, i][0] + WORTH - steps.cost[i, j] - bend
                if longer > value:
                    value, before = longer, h
            worth[i, j] = value, before
            into.setdefault(j, []).append(i)
    long = [pair for pair, (_, before) in worth.items() if before is not None]
    if not long:
        return ()
    pair = max(long, key=lambda one: worth[one][0])
    chain = [pair[1], pair[0]]
    while (before := worth[pair][1]) is not None:
        chain.append(before)
        pair = before, pair[0]
    return tuple(reversed(chain))


def _words(chains: Sequence[Sequence[str]]) -> list[str]:
    """What each is called: the word of its most colourful shade, as lights and shadows of all are
    near to white and black; of greys that of the middle one; with a number where there are more."""
    words: list[str] = []
    for chain in chains:
        rgb = rgb_of(chain)
        chroma = np.hypot(*to_oklab(rgb)[:, 1:].T)
        shade = len(rgb) // 2 if np.median(chroma) < COLOURED else int(chroma.argmax())
        shares = colour_shares(np.insert(rgb[[shade]], 3, 255, axis=1)[None])
        word = max(shares, key=lambda one: shares[one])
        taken = sum(one.split()[0] == word for one in words)
        words.append(f"{word} {taken + 1}" if taken else word)
    return words
