"""Colour words: which a sprite shows, and recolouring it so that other words become true.

Colours are compared in OKLab (Björn Ottosson, 2020: both matrices are his), where equal distances
look about equal. The curve between sRGB and linear light is that of IEC 61966-2-1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

# Several prototypes a word, since a red in shadow is still called red.
NAMED: dict[str, tuple[str, ...]] = {
    "red": ("#e01818", "#a01010", "#c83030", "#701010"),
    "orange": ("#f08018", "#d86010", "#ffa040"),
    "yellow": ("#f8e020", "#d8b820", "#ffe878", "#a89018"),
    "brown": ("#8b5a2b", "#5c3a1c", "#a87848", "#704820"),
    "green": ("#20a020", "#106010", "#60d040", "#80a030", "#58a070"),
    "cyan": ("#20c8c8", "#108080", "#90f0f0"),
    "blue": ("#2040e0", "#102080", "#5080f0", "#6090c0"),
    "purple": ("#8020c0", "#501078", "#a860e0"),
    "pink": ("#f070b0", "#ffb0d0", "#d02890", "#e060e0"),
    "grey": ("#808080", "#585858", "#a8a8a8", "#505860", "#90959c"),
    "white": ("#ffffff", "#e4e4e4", "#f4f0e0"),
    "black": ("#000000", "#1c1c1c", "#2c2830"),
}
WORDS = tuple(NAMED)
SYNONYMS: dict[str, tuple[str, ...]] = {
    "grey": ("gray", "silver"),
    "yellow": ("golden", "gold"),
    "cyan": ("teal",),
    "purple": ("violet",),
}
# Hue (radians, OKLab), chroma and lightness shift to which a picture is tinted.
TINTS: dict[str, tuple[float, float, float]] = {
    "red": (0.49, 0.20, -0.02),
    "orange": (0.95, 0.16, 0.05),
    "yellow": (1.65, 0.15, 0.12),
    "brown": (1.05, 0.07, -0.08),
    "green": (2.45, 0.17, 0.0),
    "cyan": (3.40, 0.11, 0.08),
    "blue": (4.60, 0.20, -0.05),
    "purple": (5.25, 0.19, -0.02),
    "pink": (6.10, 0.17, 0.12),
    "grey": (0.0, 0.0, 0.0),
    "white": (0.0, 0.0, 0.32),
    "black": (0.0, 0.0, -0.30),
}


def _linear(rgb: Floats) -> Floats:
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_oklab(rgb: Pixels | Floats) -> Floats:
    """sRGB [..., 3] (bytes, or floats in 0..1) to OKLab [..., 3]."""
    unit = rgb.astype(np.float32)
    lin = _linear(unit / np.float32(255) if rgb.dtype == np.uint8 else unit)
    cone = lin @ np.array(
        [
            [0.4122214708, 0.2119034982, 0.0883024619],
            [0.5363325363, 0.6806995451, 0.2817188376],
            [0.0514459929, 0.1073969566, 0.6299787005],
        ],
        dtype=np.float32,
    )
    lab = np.cbrt(cone) @ np.array(
        [
            [0.2104542553, 1.9779984951, 0.0259040371],
            [0.7936177850, -2.4285922050, 0.7827717662],
            [-0.0040720468, 0.4505937099, -0.8086757660],
        ],
        dtype=np.float32,
    )
    return lab.astype(np.float32)


def from_oklab(lab: Floats) -> Pixels:
    """OKLab [..., 3] to sRGB bytes [..., 3]; what lies outside the gamut is clipped."""
    cone = lab @ np.array(
        [
            [1.0, 1.0, 1.0],
            [0.3963377774, -0.1055613458, -0.0894841775],
            [0.2158037573, -0.0638541728, -1.2914855480],
        ],
        dtype=np.float32,
    )
    lin = (cone**3) @ np.array(
        [
            [4.0767416621, -1.2684380046, -0.0041960863],
            [-3.3077115913, 2.6097574011, -0.7034186147],
            [0.2309699292, -0.3413193965, 1.7076147010],
        ],
        dtype=np.float32,
    )
    lin = np.clip(lin, 0, 1)
    rgb = np.where(lin <= 0.0031308, lin * 12.92, 1.055 * lin ** (1 / 2.4) - 0.055)
    return np.clip(rgb * 255 + 0.5, 0, 255).astype(np.uint8)


def _prototypes() -> tuple[Floats, NDArray[np.int64]]:
    rows = [
        (tuple(bytes.fromhex(code[1:])), index)
        for index, codes in enumerate(NAMED.values())
        for code in codes
    ]
    lab = to_oklab(np.array([rgb for rgb, _ in rows], dtype=np.uint8))
    return lab, np.array([index for _, index in rows], dtype=np.int64)


PROTOTYPE_LAB, PROTOTYPE_WORD = _prototypes()
COUNTS = np.array([0.6, 1.3, 1.3], np.float32)  # a shade lighter or darker is the same colour yet
NEAR_PROTOTYPE = PROTOTYPE_LAB * COUNTS


def colour_shares(rgba: Pixels) -> dict[str, float]:
    """Share of the visible pixels of `rgba` [h, w, 4] that each colour word names; {} if none.

    Near-black pixels count a quarter: outlines are drawn in black whatever the thing's colour.
    """
    visible = rgba[rgba[..., 3] >= 128][:, :3]
    if len(visible) == 0:
        return {}
    lab = to_oklab(visible)
    # |a - b|^2 without |a|^2, which is the same for every prototype: one product of matrices.
    near = (lab * COUNTS) @ NEAR_PROTOTYPE.T - (NEAR_PROTOTYPE**2).sum(1) / 2
    word = PROTOTYPE_WORD[near.argmax(-1)]
    weight = np.where(lab[:, 0] < 0.25, 0.25, 1.0)
    counts = np.bincount(word, weights=weight, minlength=len(WORDS))
    total = counts.sum()
    return {WORDS[i]: float(c / total) for i, c in enumerate(counts) if c > 0}


def dominant_colours(rgba: Pixels, most: int = 2) -> list[str]:
    """The one or two words that name the picture's colours, most frequent first; [] if none."""
    shares = colour_shares(rgba)
    ranked = sorted(shares, key=lambda word: -shares[word])
    if not ranked:
        return []
    chosen = [ranked[0]]
    for word in ranked[1:most]:
        if shares[word] >= 0.25:
            chosen.append(word)
    return chosen if shares[ranked[0]] >= 0.28 else chosen[:1]


def rotate_hue(rgba: Pixels, radians: float) -> Pixels:
    """The picture with every hue turned by `radians`; lightness and alpha stay."""
    lab = to_oklab(rgba[..., :3])
    c, s = np.cos(radians), np.sin(radians)
    a = lab[..., 1] * c - lab[..., 2] * s
    b = lab[..., 1] * s + lab[..., 2] * c
    turned = from_oklab(np.stack([lab[..., 0], a, b], -1).astype(np.float32))
    return np.concatenate([turned, rgba[..., 3:]], -1)


def tint(rgba: Pixels, word: str) -> Pixels:
    """The picture as shades of one colour word of TINTS; outlines stay dark, alpha stays."""
    hue, chroma, shift = TINTS[word]
    light = to_oklab(rgba[..., :3])[..., 0]
    # Chroma fades towards black and white, as it does in painted shades.
    fade = np.clip(np.minimum(light / 0.35, (1.05 - light) / 0.35), 0, 1)
    lifted = np.clip(light + shift * np.clip(light / 0.3, 0, 1), 0, 1)
    lab = np.stack([lifted, chroma * fade * np.cos(hue), chroma * fade * np.sin(hue)], -1)
    return np.concatenate([from_oklab(lab.astype(np.float32)), rgba[..., 3:]], -1)
