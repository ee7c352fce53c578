"""What each metric of an evaluation means, in one plain line, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Better = Literal["lower", "higher", "real", ""]
SIDES = ("base_", "real_", "raw_")  # raw: of the version, as the model drew it
BOUNDS = ("_low", "_high")
# Which way is better, to be read without colours.
ARROWS = {
    "lower": "↓ lower is better",
    "higher": "↑ higher is better",
    "real": "as real art is best",
}


@dataclass(frozen=True)
class Meaning:
    """A metric by the field's name and in plain words. `better`: lower, higher, as near as can be
    to what `real` art reaches, or "" for a metric that only tells. `decides` is False where few
    pictures bias it. `ranged`: where real art lies is known by its 10th to 90th percentile."""

    label: str
    line: str
    better: Better
    decides: bool = True
    digits: int = 2
    ranged: bool = False

    @property
    def way(self) -> str:
        """Which way is better, as an arrow with its words; "" where none is."""
        return WAYS[self.better]


WAYS: dict[Better, str] = {
    "lower": "↓ lower is better",
    "higher": "↑ higher is better",
    "real": "↔ as real art is best",
    "": "",
}

# By the beginning of the metric's name; the longest that fits counts.
MEANINGS: dict[str, Meaning] = {
    "kid_": Meaning(
        "KID (style distance)",
        "How far all pictures together lie from real art of the style; 0 is no distance.",
        "lower",
        digits=4,
    ),
    "style_similarity": Meaning(
        "Style similarity",
        "How alike each picture is to the average of real art, from 0 to 1.",
        "higher",
    ),
    "likeness": Meaning(
        "Character similarity",
        "How alike the character in eight poses is to its own pictures, from 0 to 1.",
        "higher",
    ),
    "clip_score_": Meaning(
        "Prompt adherence (CLIP)",
        "How well each picture shows its prompt, read by CLIP. Real art marks what the style "
        "itself reaches.",
        "higher",
        digits=1,
    ),
    "palette_distance": Meaning(
        "Palette distance",
        "How far the colours lie from those of real art, in steps of Lab; under 2 is hard to see.",
        "lower",
        digits=1,
    ),
    "colours": Meaning(
        "Colours a sprite",
        "Colours of the median picture. Real art: its 10th to 90th percentile.",
        "real",
        digits=0,
        ranged=True,
    ),
    "half_transparent": Meaning(
        "Half-transparent pixels",
        "Their share of what is drawn; pixel art has none.",
        "real",
        digits=3,
        ranged=True,
    ),
    "orphans": Meaning(
        "Orphan pixels",
        "Share of pixels that no neighbour is like: noise, where real art has fewer.",
        "real",
        digits=3,
        ranged=True,
    ),
    "outline": Meaning(
        "Outline width",
        "In pixels of the median picture; 0 where it has none.",
        "real",
        digits=1,
        ranged=True,
    ),
    "height": Meaning(
        "Height on the canvas",
        "Of what is seen, as a share of the picture's height.",
        "real",
        ranged=True,
    ),
    "consistency": Meaning(
        "Self-similarity",
        "Higher: more alike among themselves. As real art is right: far more is one picture again "
        "and again.",
        "real",
    ),
    "vendi": Meaning(
        "Diversity (Vendi)",
        "How many different pictures there seem to be; 1 is one over and over.",
        "real",
        digits=1,
    ),
    "coverage": Meaning(
        "Coverage",
        "Share of real pictures that something drawn lies about; grows with how many are drawn.",
        "higher",
    ),
    "nearest": Meaning(
        "Nearest training picture",
        "How alike the closest output is. Real art marks how alike new art by hand is.",
        "",
    ),
    "copies": Meaning(
        "Copies",
        "Outputs more like a training picture than those are like each other; look at each.",
        "",
        digits=0,
    ),
    "frechet_": Meaning(
        "Fréchet distance",
        "The well-known distance of whole sets. Biased below 2,048 pictures; never gates.",
        "lower",
        decides=False,
    ),
    "fid": Meaning(
        "FID",
        "The Fréchet distance that papers give. Biased below 2,048 pictures; never gates.",
        "lower",
        decides=False,
        digits=1,
    ),
    "pictures": Meaning("Pictures", "How many pictures of the version were measured.", ""),
    "real_pictures": Meaning(
        "Real pictures", "How many real pictures they were compared with.", ""
    ),
    "copy_threshold": Meaning(
        "Copy threshold", "From this likeness to a training picture on, an output is a copy.", ""
    ),
}
# The same figures by the open_clip model of STUDIO_CLIP_MODEL, beside the practice base's own CLIP.
MEANINGS |= {
    f"{start.rstrip('_')}_open_clip_": replace(
        MEANINGS[start], label=f"{MEANINGS[start].label}, open_clip"
    )
    for start in ("kid_", "style_similarity", "clip_score_", "consistency")
}
COUNTS = ("pictures", "real_pictures", "copy_threshold")  # about the sheet, not of a version


def of(name: str) -> Meaning | None:
    """The meaning of a metric by its full name, such as `base_kid_pocket_clip_v2_low`."""
    plain = stem(name)
    fits = [start for start in MEANINGS if plain.startswith(start)]
    return MEANINGS[max(fits, key=len)] if fits else None


def stem(name: str) -> str:
    """The metric's name without its side (base, real art) and without `_low` and `_high`."""
    if name in COUNTS:
        return name
    for side in SIDES:
        name = name.removeprefix(side)
    for bound in BOUNDS:
        name = name.removesuffix(bound)
    return name


def order(name: str) -> int:
    """Where the metric stands on a page: those that decide come first."""
    found = of(name)
    return list(MEANINGS.values()).index(found) if found else len(MEANINGS)
