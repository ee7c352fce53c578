"""Masks beside pictures: where a picture teaches (white) and where not (black).

A mask of potion.png is potion.mask.png or, as OneTrainer has it, potion-masklabel.png, in the same
folder and of the same size; potion.png.mask.png, where there is a potion.jpg too. It is stored
like a picture, by its content.

Masks that somebody drew, loaded or removed on the page stay when a folder comes again. One whose
picture was redrawn goes on with it, marked as made for the earlier drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from PIL import Image

from studio.datasets import words
from studio.datasets.pictures import Picture, Refusal, listed
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
            belongs[name] = words.plain(str(path.with_name(path.stem[: -len(end)])))
        else:
            owners.setdefault(words.plain(str(path.with_suffix(""))), []).append(name)
            owners.setdefault(words.plain(name), []).append(name)
    found: dict[str, str] = {}
    refused: list[Refusal] = []
    for mask, stem in belongs.items():
        if stem in owners:
            alone = len(owners[stem]) == 1  # the more particular name wins
            found |= {p: mask for p in owners[stem] if alone or p not in found}
        else:
            refused.append(
                Refusal(
                    mask,
                    "a mask without a picture of the same name.",
                    "Add the picture, correct the name, or remove the mask.",
                )
            )
    return [name for name in names if name not in belongs], found, refused


def check_size(mask: tuple[int, int], picture: tuple[int, int]) -> None:
    """StudioError unless a mask of this width and height covers its picture exactly."""
    if mask != picture:
        raise StudioError(
            f"the mask is {mask[0]} x {mask[1]} pixels, its picture {picture[0]} x {picture[1]}.",
            "Save it in the picture's size.",
        )


def check_shows(grey: Image.Image) -> None:
    """StudioError where a mask lets nothing of its picture count."""
    if grey.getextrema()[1] == 0:
        raise StudioError(
            "it is black all over, so that nothing of the picture would be learned.",
            "Let some of it count, or remove the picture from the set.",
        )


def name_of(picture: str) -> str:
    """What a picture's mask is called beside it."""
    path = PurePosixPath(picture)
    return str(path.with_name(f"{path.stem}{ENDS[0]}.png"))


def bare(name: str) -> str:
    """A mask's name without folder, suffix and what marks it as a mask."""
    stem = PurePosixPath(name).stem
    end = next((end for end in ENDS if stem.lower().endswith(end)), "")
    return stem[: len(stem) - len(end)]


Told = dict[str, Any]  # the fields of a picture that tell of its mask


def told(picture: Picture) -> Told:
    """Those fields of a picture."""
    return {field: getattr(picture, field) for field in ("mask", "mask_by", "mask_of")}


def same_drawing(there: Picture, came: Picture) -> Told:
    """What holds when a picture comes again, the same to the last byte."""
    return told(came) if came.mask and there.mask_by != "hand" else told(there)


def redrawn(there: Picture, came: Picture) -> Told:
    """What holds when other bytes come under a picture's name. A mask of another size can't be
    used, and is left behind."""
    same_size = (there.width, there.height) == (came.width, came.height)
    if came.mask or not there.mask or not same_size:
        return told(came)
    return {**told(there), "mask_of": there.mask_of or there.hash}


def remarks(
    before: Sequence[Picture], came: Sequence[Picture], now: Sequence[Picture]
) -> list[str]:
    """Sentences about masks that did not come with their pictures: of `before` a version had them,
    `came` is what was brought in, `now` what was made of it."""
    old = {words.plain(p.file_name): p for p in before}
    brought = {p.hash: p for p in came}
    changed = [(old[k], p) for p in now if (k := words.plain(p.file_name)) in old]
    said = []
    for names, text in (
        (
            [p.file_name for a, p in changed if p.mask_of and not a.mask_of],
            "Redrawn, and the mask is of the earlier drawing: {}.",
        ),
        (
            [p.file_name for a, p in changed if a.mask and not p.mask and a.hash != p.hash],
            "Redrawn in another size, so the mask was left behind: {}.",
        ),
        (
            [
                p.file_name
                for _, p in changed
                if p.mask_by == "hand"
                and p.hash in brought
                and brought[p.hash].mask not in ("", p.mask)
            ],
            "The folder's mask was passed over, since one was made on the page: {}.",
        ),
    ):
        if names:
            said.append(text.format(listed(names)))
    return said
