"""Which pictures show one and the same thing, and which things training never sees.

A thing's variants (animation frames, recolours, mirror images) fall on one side: held out, they
would prove nothing if a brother was taught.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

ALIKE = 0.93  # correlation of light and shape from which two pictures are one drawing
# Words that tell the variants of one thing apart, beside its colours.
VARIANT_WORDS = frozenset(
    "art ego artefact randart randarts left right up down middle open closed broken sealed runed "
    "clear inert whole found unfound phased seen melee water weaponless staffless swordless "
    "spearless bowless whipless scytheless x the of".split()
)


def thing_name(text: str, category: str, colours: frozenset[str]) -> str:
    """What variants of one thing share of caption and category: no digits, colours, states."""
    words = re.findall(r"[a-z]+", text.lower())
    kept = [word for word in words if word not in VARIANT_WORDS and word not in colours]
    return f"{category}:{' '.join(kept or words)}"


def group_things(names: Sequence[str], pixels: Pixels) -> list[int]:
    """The group of each picture: pictures of one name or of nearly one drawing are of one group.

    pixels: [n, 32, 32, 4]; a recoloured, mirrored or moved drawing counts as the same.
    """
    leader = list(range(len(names)))

    def find(index: int) -> int:
        while leader[index] != index:
            leader[index] = leader[leader[index]]
            index = leader[index]
        return index

    first: dict[str, int] = {}
    for index, name in enumerate(names):
        leader[find(index)] = find(first.setdefault(name, index))
    known = _shapes(pixels)
    for mirrored in (pixels, pixels[:, :, ::-1]):
        for move in ((0, 0), (0, 1), (1, 0), (1, 1), (1, -1)):
            asked = _shapes(np.roll(mirrored, move, (1, 2)))
            for start in range(0, len(asked), 512):
                rows, columns = np.nonzero(asked[start : start + 512] @ known.T > ALIKE)
                for row, column in zip((rows + start).tolist(), columns.tolist(), strict=True):
                    leader[find(row)] = find(column)
    return [find(index) for index in range(len(names))]


def held_out_things(
    groups: Sequence[int], digests: Sequence[str], kinds: Sequence[str], one_in: int
) -> list[bool]:
    """Whether each picture is held out: about one thing in `one_in`, chosen by content.

    A group goes by the smallest sha256 of its files: held out if its first 8 hex digits, modulo
    `one_in`, are 0. A group with more than a third of its kind's pictures is always taught, since
    nobody can be asked for a kind that was never shown.
    """
    smallest: dict[int, str] = {}
    members: Counter[tuple[int, str]] = Counter(zip(groups, kinds, strict=True))
    of_kind = Counter(kinds)
    for group, digest in zip(groups, digests, strict=True):
        smallest[group] = min(digest, smallest.get(group, digest))
    needed = {group for (group, kind), n in members.items() if 3 * n > of_kind[kind]}
    return [g not in needed and int(smallest[g][:8], 16) % one_in == 0 for g in groups]


def _shapes(pixels: Pixels) -> NDArray[np.float32]:
    """Unit vectors [n, 2048]: lightness against its mean within the shape, and the shape."""
    rgba = pixels.astype(np.float32) / 255
    alpha = rgba[..., 3].reshape(len(rgba), -1)
    light = (rgba[..., :3] @ np.array([0.299, 0.587, 0.114], np.float32)).reshape(len(rgba), -1)
    mean = (light * alpha).sum(1, keepdims=True) / np.maximum(alpha.sum(1, keepdims=True), 1e-6)
    inside = (light - mean) * alpha
    # Equal weight to what is drawn and to the outline of it, each around its own mean.
    outline = alpha - alpha.mean(1, keepdims=True)
    lengths = [np.linalg.norm(part, axis=1, keepdims=True) for part in (inside, outline)]
    parts = [inside / np.maximum(lengths[0], 1e-6), outline / np.maximum(lengths[1], 1e-6)]
    # A full tile has no outline: its light alone must do.
    flat = np.linalg.norm(outline, axis=1) < 1e-3
    parts[1][flat] = parts[0][flat]
    return np.ascontiguousarray(np.concatenate(parts, 1) / np.float32(np.sqrt(2)))
