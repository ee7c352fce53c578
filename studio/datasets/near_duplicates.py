"""Which pictures look alike: perceptual hashes on two mattes, then the drawn pixels.

The hash is pHash (Zauner, 2010: the DCT's low frequencies against their median), as the library
imagehash has it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import imagehash
import numpy as np
from PIL import Image

from studio import images

NEAR_BITS = 2  # of 64, on each of the two mattes
NEAR_PIXELS = 6.0  # mean of the largest channel difference, 0 to 255, where either is drawn
THUMB = 32


@dataclass(frozen=True)
class Fingerprint:
    """`bits`: perceptual hashes on black and on white, uint64 `[2]`; `thumb`: premultiplied
    RGBA, uint8 `[THUMB, THUMB, 4]`."""

    bits: np.ndarray
    thumb: np.ndarray


def fingerprint(picture: Image.Image) -> Fingerprint:
    """What near duplicates are told by, of an RGBA picture."""
    premultiplied = picture.convert("RGBa")
    thumb = premultiplied.resize((THUMB, THUMB), Image.Resampling.BOX)
    small = picture
    if max(picture.size) > 4 * THUMB:
        small = premultiplied.resize((4 * THUMB,) * 2, Image.Resampling.BOX).convert("RGBA")
    # Two mattes: a black sprite on nothing and an empty picture look alike on black alone.
    bits = [
        int.from_bytes(np.packbits(imagehash.phash(images.on_matte(small, matte)).hash).tobytes())
        for matte in ((0, 0, 0), (255, 255, 255))
    ]
    return Fingerprint(np.array(bits, dtype=np.uint64), np.asarray(thumb))


def near_duplicates(prints: Sequence[Fingerprint]) -> list[tuple[int, int]]:
    """(later, earlier) positions of pictures that look alike, at most one pair per later one.

    Alike: both hashes within NEAR_BITS and the drawn pixels within NEAR_PIXELS on average, so
    that recoloured sprites and small sprites of like shape stay apart. Mirrored copies are not
    found, nor turned or cut ones. Compares all pairs: about a second for 10,000 pictures.
    """
    if not prints:
        return []
    bits = np.stack([one.bits for one in prints])
    means = np.stack([one.thumb.mean(axis=(0, 1)) for one in prints])
    pairs = []
    for later in range(1, len(prints)):
        apart = np.bitwise_count(bits[:later] ^ bits[later]).max(axis=1)
        # Means can't differ more than pixels do: plain tiles, all of one hash, end here.
        tinted = np.abs(means[:later] - means[later]).max(axis=1)
        for earlier in np.flatnonzero((apart <= NEAR_BITS) & (tinted <= NEAR_PIXELS)):
            if _difference(prints[later].thumb, prints[int(earlier)].thumb) <= NEAR_PIXELS:
                pairs.append((later, int(earlier)))
                break
    return pairs


def _difference(one: np.ndarray, other: np.ndarray) -> float:
    drawn = (one[..., 3] > 0) | (other[..., 3] > 0)
    if not drawn.any():
        return 0.0
    apart = np.abs(one.astype(np.int16) - other.astype(np.int16)).max(axis=2)
    return float(apart[drawn].mean())
