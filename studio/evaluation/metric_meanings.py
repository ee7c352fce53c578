"""What each figure of an evaluation means, in one plain line, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Better = Literal["lower", "higher", "real", ""]
SIDES = ("base_", "real_")
BOUNDS = ("_low", "_high")


@dataclass(frozen=True)
class Meaning:
    """A figure in people's words. `better`: lower, higher, as near as can be to what `real` art
    reaches, or "" for a figure that only tells. `decides` is False where few pictures bias it."""

    label: str
    line: str
    better: Better
    decides: bool = True
    digits: int = 2


# By the beginning of the figure's name; the longest that fits counts.
MEANINGS: dict[str, Meaning] = {
    "kid_": Meaning(
        "Distance from the style",
        "How far all pictures together lie from real art of the style (KID); 0 is no distance.",
        "lower",
        digits=4,
    ),
    "style_similarity": Meaning(
        "Likeness to the style",
        "How alike each picture is to the average of real art, from 0 to 1.",
        "higher",
    ),
    "likeness": Meaning(
        "Likeness to the character",
        "How alike the character in eight poses is to its own pictures, from 0 to 1.",
        "higher",
    ),
    "clip_score_": Meaning(
        "Shows what was asked",
        "How well each picture shows its prompt, read by CLIP. Real art marks what the style "
        "itself reaches.",
        "higher",
        digits=1,
    ),
    "palette_distance": Meaning(
        "Distance of colours",
        "How far the colours lie from those of real art, in steps of Lab; under 2 is hard to see.",
        "lower",
        digits=1,
    ),
    "consistency": Meaning(
        "Alike among themselves",
        "How alike the pictures are to each other. As real art is right: far more is one picture "
        "over and over.",
        "real",
    ),
    "nearest": Meaning(
        "Closest to a training picture",
        "The output most like a training picture. Real art marks how alike new art by hand is.",
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
        "The well-known distance of whole sets. With so few pictures it leans, so it decides "
        "nothing.",
        "lower",
        decides=False,
    ),
    "fid": Meaning(
        "FID",
        "The Fréchet distance that papers give. Below 2,048 pictures it leans and decides nothing.",
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
COUNTS = ("pictures", "real_pictures", "copy_threshold")  # about the sheet, not of a version


def of(name: str) -> Meaning | None:
    """The meaning of a figure by its full name, such as `base_kid_pocket_clip_v2_low`."""
    plain = stem(name)
    fits = [start for start in MEANINGS if plain.startswith(start)]
    return MEANINGS[max(fits, key=len)] if fits else None


def stem(name: str) -> str:
    """The figure's name without its side (base, real art) and without `_low` and `_high`."""
    if name in COUNTS:
        return name
    for side in SIDES:
        name = name.removeprefix(side)
    for bound in BOUNDS:
        name = name.removesuffix(bound)
    return name


def order(name: str) -> int:
    """Where the figure stands on a page: those that decide come first."""
    found = of(name)
    return list(MEANINGS.values()).index(found) if found else len(MEANINGS)
