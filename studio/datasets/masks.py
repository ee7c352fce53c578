"""Masks beside pictures: where a picture teaches (white) and where not (black).

A mask of potion.png is potion.mask.png or, as OneTrainer has it, potion-masklabel.png, in the same
folder and of the same size. It is stored like a picture, by its content.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from PIL import Image

from studio.datasets import captions
from studio.datasets.checks import Refusal
from studio.errors import StudioError

ENDS = (".mask", "-masklabel")


def split(names: Sequence[str]) -> tuple[list[str], dict[str, str], list[Refusal]]:
    """The pictures among relative names, the mask of each that has one, and masks of nothing."""
    owners: dict[str, list[str]] = {}
    belongs: dict[str, str] = {}
    for name in names:
        path = PurePosixPath(name)
        end = next((end for end in ENDS if path.stem.lower().endswith(end)), "")
        if end:
            belongs[name] = captions.plain(str(path.with_name(path.stem[: -len(end)])))
        else:
            owners.setdefault(captions.plain(str(path.with_suffix(""))), []).append(name)
    found: dict[str, str] = {}
    refused: list[Refusal] = []
    for mask, stem in belongs.items():
        if stem in owners:
            found |= dict.fromkeys(owners[stem], mask)
        else:
            refused.append(
                Refusal(mask, "a mask without a picture of the same name.", "Add the picture, "
                        "correct the name, or remove the mask.")
            )  # fmt: skip
    return [name for name in names if name not in belongs], found, refused


def check_size(mask: Image.Image, picture: Image.Image) -> None:
    """StudioError unless a mask covers its picture exactly."""
    if mask.size != picture.size:
        raise StudioError(
            f"the mask is {mask.width} x {mask.height} pixels, its picture "
            f"{picture.width} x {picture.height}.",
            "Save it in the picture's size.",
        )


def name_of(picture: str) -> str:
    """What a picture's mask is called beside it."""
    path = PurePosixPath(picture)
    return str(path.with_name(f"{path.stem}{ENDS[0]}.png"))
