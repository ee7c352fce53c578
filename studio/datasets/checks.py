"""What a picture in a dataset is, and what is worth a word before it is frozen."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import imagehash
import numpy as np
from PIL import Image

from studio import images

FEW_PICTURES = 20
LARGEST_CATEGORY = 0.70
SHORTEST_CAPTION = 3
NEAR_BITS = 2  # of 64, on each of the two mattes
NEAR_PIXELS = 6.0  # mean of the largest channel difference, 0 to 255, where either is drawn
THUMB = 32
# Brought in by people; drawn by a style; drawn, then painted over; varied from another picture.
ORIGINS = ("imported", "generated", "painted", "augmented")
CONSENT = ("consent_by", "consent_on", "consent_for", "consent_note")


def origin_by(tags: Sequence[str]) -> str:
    """The origin that these tags tell: older versions have no other mark."""
    if "generated" not in tags:
        return "imported"
    return "painted" if "painted over" in tags else "generated"


@dataclass(frozen=True)
class Picture:
    """One picture of a version; `hash` is the sha256 of the file's bytes, `file_name` the path
    inside the imported folder. `caption_by`: "file", "hand", "name" (made from the name), or
    "model: ..." for one that a person took from a model. `origin` is one of ORIGINS, `parent` the
    hash that an augmented picture was made from, `mask` the hash of the file that says where it
    teaches, `mask_by` "hand" where somebody drew, loaded or removed it on the page, `mask_of` the
    hash of the earlier drawing that it was made for, "" for this one. The consent: who gave it,
    when, for what, and a note or where the document lies."""

    hash: str
    file_name: str
    caption: str
    category: str
    width: int
    height: int
    has_alpha: bool
    source: str
    author: str
    licence: str
    caption_by: str
    tags: tuple[str, ...] = ()
    origin: str = "imported"
    parent: str = ""
    consent_by: str = ""
    consent_on: str = ""
    consent_for: str = ""
    consent_note: str = ""
    mask: str = ""
    mask_by: str = ""
    mask_of: str = ""

    @property
    def added(self) -> bool:
        """Whether the studio made it: no such picture may stand in a held-out part."""
        return self.origin != "imported"


@dataclass(frozen=True)
class Refusal:
    """A file that was left out, why, and what to do about it."""

    file: str
    reason: str
    remedy: str


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


def set_warnings(pictures: Sequence[Picture]) -> list[str]:
    """Sentences about the set as a whole: too few, lopsided, thin captions, no licence."""
    said = []
    if len(pictures) < FEW_PICTURES:
        said.append(
            f"Only {len(pictures)} pictures: a style is learned well from {FEW_PICTURES} or more."
        )
    categories = Counter(p.category for p in pictures)
    for category, count in categories.most_common(1):
        share = count / len(pictures)
        if len(categories) > 1 and share > LARGEST_CATEGORY:
            said.append(
                f"Category {category or '(none)'!r} holds {share:.0%} of the pictures; "
                "the others are rare."
            )
    named = [p.file_name for p in pictures if p.caption_by == "name"]
    if named:
        said.append(f"Without caption, words of the file name are used: {listed(named)}.")
    short = [p.file_name for p in pictures if len(p.caption) < SHORTEST_CAPTION]
    if short:
        said.append(f"Captions under {SHORTEST_CAPTION} characters: {listed(short)}.")
    unlicensed = [p.file_name for p in pictures if not p.licence]
    if unlicensed:
        said.append(f"No licence is given for {listed(unlicensed)}.")
    return said


def listed(names: Sequence[str], most: int = 5) -> str:
    """The names in a row; of many the first few and how many there are."""
    row = ", ".join(names[:most])
    return row if len(names) <= most else f"{row} and {len(names) - most:,} more"
