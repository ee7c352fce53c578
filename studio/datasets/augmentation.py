"""Pictures varied from a set's own: mirrored, turned over, moved by whole pixels, in other hues.

They come as additions, marked `augmented` with the picture they were made from: never in a
held-out part, and withdrawn with it. Only what people drew is varied. No pixel is blended: colours
of another hue are the nearest ones that the set has.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Literal, get_args

import numpy as np
import scipy
from numpy.typing import NDArray
from PIL import Image, ImageOps

from studio import images
from studio.accounts.rights import check
from studio.captioning.subjects import COLOUR_NAMES
from studio.colours import colour_shares
from studio.datasets import additions, intake, pixel_grid, versions
from studio.datasets.additions import Added, NewPicture
from studio.datasets.manifests import STORE, DatasetVersion
from studio.datasets.pictures import Picture, Refusal
from studio.errors import StudioError

Way = Literal["mirror", "upside down", "shift", "palette"]
WAYS: tuple[Way, ...] = get_args(Way)
SAYS = {
    "mirror": "mirrored",
    "upside down": "turned over",
    "shift": "moved by a pixel",
    "palette": "in other hues",
}
TURNS = (60, 120, 180, 240, 300)  # degrees of hue
MOST = 500  # pictures at once; they are in memory together
COLOURS = 256  # of a picture, for the set's palette
GREY, DARK = 24, 17.0  # range of RGB below which a colour has no hue; lightness below which too
WEIGHTS = np.array([1.6, 1.0, 1.0])  # of L, a, b
FEW = 64  # colours of a picture that each get one of their own
HUELESS = frozenset({"white", "black", "grey", "gray", "silver"})
NAMED = 0.45  # of the changed pixels must be of the colour that a caption names
LOOKED_AT = 300  # pictures of which the palette is taken
SIDES = {"left": "right", "right": "left"}


def vary(
    home: Path,
    name: str,
    hashes: Sequence[str],
    ways: Sequence[Way],
    *,
    turn: int = 120,
    now: datetime,
    actor: str,
) -> Added:
    """Adds variants of pictures to a dataset; what can't be varied is refused by name.

    A second time the same variants are there already. StudioError for a way or turn that is none,
    mirroring in a set that does not allow it, more than MOST, or where nothing comes of it.
    """
    check(actor, "edit datasets")
    version = versions.load(home, name)
    _check(version, ways, turn)
    wanted = set(hashes)
    chosen = [p for p in version.pictures if p.hash in wanted]
    if not 1 <= len(chosen) * len(ways) <= MOST:
        raise StudioError(
            f"{len(chosen) * len(ways):,} variants at once can't be made.",
            f"Choose 1 to {MOST:,}: fewer pictures, or fewer ways.",
        )
    near = _nearest(home, version.pictures) if "palette" in ways else None
    new: list[NewPicture] = []
    refused: list[Refusal] = []
    for picture in chosen:
        for way in ways:
            try:
                new.append(_varied(home, picture, way, turn, near))
            except StudioError as error:
                refused.append(Refusal(picture.file_name, error.message, error.remedy))
    if not new:
        raise StudioError(
            f"Nothing can be varied. {refused[0].file}: {refused[0].reason}", refused[0].remedy
        )
    said = ", ".join(SAYS[way] for way in ways)
    added = additions.add_pictures(home, name, new, now=now, actor=actor, says=f"varied, {said}")
    return Added(
        added.version,
        added.new,
        added.redrawn,
        added.described,
        (*refused, *added.refused),
        added.warnings,
    )


def _check(version: DatasetVersion, ways: Sequence[Way], turn: int) -> None:
    odd = [way for way in ways if way not in WAYS]
    if odd or not ways or turn not in TURNS:
        raise StudioError(
            f"Pictures can't be varied by {odd or turn}.",
            f"Use {', '.join(WAYS)}; hues turn by {', '.join(map(str, TURNS))} degrees.",
        )
    if "mirror" in ways and not version.look.mirror:
        raise StudioError(
            f"Dataset {version.name} does not say that mirrored pictures are good.",
            "Allow it on the page Datasets under Look, unless light and hands have a side in "
            "your style.",
        )


def _varied(
    home: Path, picture: Picture, way: Way, turn: int, near: Callable[[Pixels], Pixels] | None
) -> NewPicture:
    if picture.added:
        raise StudioError("it was not drawn by a person.", "Only those are varied.")
    opened = versions.open_picture(home, picture.hash, picture.file_name, picture.reading)
    caption, mask = picture.caption, picture.mask
    move: Callable[[Image.Image], Image.Image] = lambda one: one  # noqa: E731
    if way == "palette":
        assert near is not None
        made, caption = _other_hues(opened, caption, turn, near)
    else:
        move = _move(opened, way, picture.hash)
        made = move(opened)
        if way == "mirror":
            caption = re.sub(r"\b(left|right)\b", lambda m: SIDES[m[0]], caption)
        if mask:
            plain = versions.open_picture(home, mask, picture.file_name, images.PLAIN)
            mask = _kept(home, move(plain))
    if made.tobytes() == opened.tobytes():
        raise StudioError(f"{SAYS[way]} it would be the same.", "Nothing to do.")
    path = PurePosixPath(picture.file_name)
    named = f"{way.replace(' ', '-')}{f'-{turn}' * (way == 'palette')}"
    return NewPicture(
        data=_png(made),
        file_name=str(PurePosixPath("varied") / path.with_name(f"{path.stem}-{named}.png")),
        caption=caption,
        caption_by=picture.caption_by,
        category=picture.category,
        tags=picture.tags,
        source=f"varied from {picture.file_name}, {SAYS[way]}",
        author=picture.author,
        licence=picture.licence,
        origin="augmented",
        parent=picture.hash,
        mask=mask,
        consent=(picture.consent_by, picture.consent_on, picture.consent_for, picture.consent_note),
    )


def _move(opened: Image.Image, way: Way, hash: str) -> Callable[[Image.Image], Image.Image]:
    if way == "mirror":
        return ImageOps.mirror
    if way == "upside down":
        return ImageOps.flip
    step = pixel_grid.grain(opened).grid  # enlarged art moves by its own pixels
    left, top, right, bottom = opened.getchannel("A").getbbox() or (0, 0, *opened.size)
    room = {
        (-step, 0): left,
        (step, 0): opened.width - right,
        (0, -step): top,
        (0, step): opened.height - bottom,
    }
    fits = [by for by, free in room.items() if free >= step]
    if not fits:
        raise StudioError("it fills its canvas, so it can't be moved.", "Give it a margin.")
    dx, dy = fits[int(hash[:8], 16) % len(fits)]

    def moved(one: Image.Image) -> Image.Image:
        sheet = Image.new("RGBA", one.size)
        sheet.paste(one, (dx, dy))
        return sheet

    return moved


Pixels = NDArray[np.uint8]


def _other_hues(
    opened: Image.Image, caption: str, turn: int, near: Callable[[Pixels], Pixels]
) -> tuple[Image.Image, str]:
    """The hues turned and set to the palette; the caption's colour is then another word.

    Greys and darks stay: they are outlines, steel and shadow.
    """
    words = {w.lower() for w in re.findall(r"[^\W\d_]+", caption)} & COLOUR_NAMES
    if len(words) > 1:
        raise StudioError(
            f"its caption names {len(words)} colours; which becomes which is not known.",
            "Draw it in other colours by hand.",
        )
    if words & HUELESS:
        raise StudioError(f"{min(words)} has no hue to turn.", "Draw it in another colour by hand.")
    rgba = np.array(opened)
    drawn = rgba[..., 3] > 0
    seen, back = np.unique(rgba[drawn][:, :3], axis=0, return_inverse=True)
    back = back.reshape(-1)
    hsv = np.array(Image.fromarray(seen[None], "RGB").convert("HSV"))
    hsv[..., 0] = (hsv[..., 0].astype(np.int32) + round(turn / 360 * 256)) % 256
    turned = np.array(Image.fromarray(hsv, "HSV").convert("RGB"))[0]
    stays = (np.ptp(seen.astype(np.int16), axis=1) < GREY) | (images.lab(seen)[:, 0] < DARK)
    turned[stays] = seen[stays]
    if not stays.all():
        turned[~stays] = near(turned[~stays])
    rgba[drawn, :3] = turned[back]
    if words:
        told = rgba.copy()
        same = (turned == seen).all(axis=1)
        told[drawn, 3] = np.where(same[back], 0, told[drawn, 3])  # what changed names the colour
        shares = colour_shares(told)
        now = max(shares, key=lambda word: shares[word], default="")
        if not now or shares[now] < NAMED:
            raise StudioError("its new colours have no one name.", "Turn by another angle.")
        caption = _renamed(caption, words.pop(), now)
    return Image.fromarray(rgba, "RGBA"), caption


def _renamed(caption: str, word: str, now: str) -> str:
    caption = re.sub(rf"\b{word}\b", now, caption, flags=re.IGNORECASE)
    article = "an" if now[0] in "aeiou" else "a"
    return re.sub(rf"\b(a)n?(?= {now}\b)", article, caption)


def _nearest(home: Path, pictures: Sequence[Picture]) -> Callable[[Pixels], Pixels]:
    """Gives for RGB `[n, 3]` colours that the set's drawn pictures have: near in Lab, lightness
    before hue, and different ones for different ones while there are enough, so that shades stay
    shades."""
    found = []
    real = sorted((p for p in pictures if not p.added), key=lambda p: p.hash)[:LOOKED_AT]
    for picture in real:
        opened = versions.open_picture(home, picture.hash, picture.file_name, picture.reading)
        rgba = np.asarray(opened)
        drawn = rgba[rgba[..., 3] >= images.OPAQUE][:, :3]
        seen, counts = np.unique(drawn, axis=0, return_counts=True)
        found.append(seen[np.argsort(-counts)[:COLOURS]])
    colours = np.unique(np.concatenate(found), axis=0) if found else np.zeros((0, 3), np.uint8)
    hued = (np.ptp(colours.astype(np.int16), axis=1) >= GREY) & (images.lab(colours)[:, 0] >= DARK)
    colours = colours[hued]
    if not len(colours):
        raise StudioError("The set has no colours but greys.", "Vary it in another way.")
    places = images.lab(colours) * WEIGHTS
    tree = scipy.spatial.cKDTree(places)

    def near(rgb: Pixels) -> Pixels:
        asked = images.lab(rgb) * WEIGHTS
        if len(rgb) > min(len(colours), FEW):
            return colours[tree.query(asked)[1]].astype(np.uint8)
        apart = np.linalg.norm(asked[:, None] - places[None], axis=2)
        return colours[scipy.optimize.linear_sum_assignment(apart)[1]].astype(np.uint8)

    return near


def _png(picture: Image.Image) -> bytes:
    data = io.BytesIO()
    picture.save(data, format="PNG")
    return data.getvalue()


def _kept(home: Path, mask: Image.Image) -> str:
    data = _png(mask)
    digest = hashlib.sha256(data).hexdigest()
    intake.keep(home / "datasets" / STORE, digest, data, ".png")
    return digest
