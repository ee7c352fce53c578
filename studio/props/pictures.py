"""A picture as the methods take it: cut out, at its own pixels, with what belongs to the form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray
from PIL import Image

from studio.errors import StudioError
from studio.images.fitting import OPAQUE, parse_colour
from studio.pixels import grid, pixel_art
from studio.pixels.hex_colours import Pixels
from studio.pixels.silhouettes import Mask
from studio.props import translucency
from studio.props.settings import Settings

LARGEST = 1_024  # pixels a side that a texture keeps
EIGHT = np.ones((3, 3), bool)


@dataclass(frozen=True, eq=False)
class Cutout:
    """What a prop is made of: `rgba` [h, w, 4], no larger than what is seen, and which pixels are
    of the form (`solid` [h, w]), of them which are half transparent (`glass` [h, w]). `smooth`: a
    painting, whose edges may be curves, not pixel art. `filled`: nothing around it is transparent.
    `parts`: pieces that do not touch, corners counting. `back`: a picture [h, w, 4] for the back,
    as it is seen from there."""

    rgba: Pixels
    solid: Mask
    glass: Mask
    smooth: bool
    filled: bool
    parts: int
    back: Pixels | None = None
    remarks: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.solid.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.solid.shape[0])


def cut(picture: Image.Image, settings: Settings, back: Image.Image | None = None) -> Cutout:
    """The picture cut out. `back` lies behind it pixel by pixel where it has its size, else what it
    shows is fitted. Enlarged pixel art comes back to its own pixels, a larger painting to
    LARGEST a side; remarks tell of it, and of shadows, glass and parts. StudioError where nothing
    is seen."""
    seen, smooth, remarks = _own_pixels(np.array(picture.convert("RGBA")))
    half = translucency.told(seen)
    solid, glass, more = _form(seen, half, settings)
    seen = _on_matte(seen, settings.matte, glass)
    if not solid.any():
        raise StudioError("Hardly anything is seen on the picture.", "Crop it to what it shows.")
    box = _box(solid)
    filled = bool(solid.all() and not glass.any())
    cutout = Cutout(
        np.ascontiguousarray(seen[box]),
        solid[box].copy(),
        glass[box].copy(),
        smooth,
        filled,
        int(scipy.ndimage.label(solid[box], EIGHT)[1]),
        remarks=(*remarks, *more, *_told(filled, solid[box])),
    )
    if back is None:
        return cutout
    behind = back.convert("RGBA")
    if back.size != picture.size:
        drawn = behind.crop(behind.getbbox() or (0, 0, *behind.size))
        return replace(cutout, back=_fitted(drawn, (cutout.width, cutout.height), smooth))
    whole = _fitted(behind, (seen.shape[1], seen.shape[0]), smooth)
    return replace(cutout, back=_from_behind(whole, box))


def smaller(cutout: Cutout, side: int) -> Cutout:
    """A copy of at most `side` pixels a side, colours and form averaged."""
    height, width = cutout.solid.shape
    if max(height, width) <= side:
        return cutout
    share = side / max(height, width)
    size = max(1, round(width * share)), max(1, round(height * share))
    form = averaged(cutout.solid, size)
    solid = form >= min(0.5, form.max())
    rgba = cutout.rgba.copy()
    rgba[..., 3] = np.where(cutout.solid, 255, 0)
    small = _reduced(rgba, size)
    glass = solid & (averaged(cutout.glass, size) >= 0.5 * form)
    faint = averaged(np.where(cutout.glass, cutout.rgba[..., 3], 0) / 255, size)
    covered = np.maximum(averaged(cutout.glass, size), 1e-6)
    alpha = np.where(glass, np.rint(255 * np.minimum(faint / covered, 1)), 255)
    small[..., 3] = np.where(solid, alpha, 0).astype(np.uint8)
    return _cropped(
        replace(
            cutout,
            rgba=small,
            solid=solid,
            glass=glass,
            parts=int(scipy.ndimage.label(solid, EIGHT)[1]),
            back=None if cutout.back is None else _reduced(cutout.back, size),
        )
    )


def opacity(cutout: Cutout) -> NDArray[np.float64]:
    """How much of each pixel [h, w] belongs to the form, 0 to 1: where edges are soft that is
    less than a half just outside of it."""
    alpha = cutout.rgba[..., 3] / 255.0
    if not cutout.smooth:
        return np.where(cutout.solid, 1.0, 0.0)
    near = scipy.ndimage.binary_dilation(cutout.solid, EIGHT)
    outside = np.where(near, np.minimum(alpha, 0.498), 0.0)
    return np.where(cutout.solid, np.where(cutout.glass, 1.0, np.maximum(alpha, 0.502)), outside)


def averaged(values: NDArray[Any], size: tuple[int, int]) -> NDArray[np.float64]:
    """Numbers [h, w] averaged down to a size (width, height)."""
    if (values.shape[1], values.shape[0]) == size:
        return values.astype(np.float64)
    picture = Image.fromarray(values.astype(np.float32), "F")
    return np.asarray(picture.resize(size, Image.Resampling.BOX), np.float64)


def _own_pixels(rgba: Pixels) -> tuple[Pixels, bool, tuple[str, ...]]:
    """The picture at its own pixels, whether it is a painting, and what was done."""
    if not (rgba[..., 3] >= translucency.SEEN).any():
        raise StudioError(
            "Nothing is seen on the picture.", "Give one that is not wholly transparent."
        )
    height, width = rgba.shape[:2]
    if width * height > pixel_art.LARGEST:  # told by its grid alone
        judged, soft = pixel_art.judge(rgba), False
    else:
        half = translucency.told(rgba)
        hard, soft = translucency.without(rgba, half.shadow), half.soft
        judged = pixel_art.judge(hard if (hard[..., 3] > 0).any() else rgba)
    enlarged = judged.native is not None and judged.native != (width, height)
    remarks: tuple[str, ...] = ()
    if enlarged and judged.native is not None:
        native = _native(rgba, judged.native)
        enlarged = bool((native[..., 3] >= OPAQUE).any())  # a grid of dots has none
        if enlarged:
            rgba, remarks = native, (f"{judged.why} It is made at that size.",)
    smooth = not judged.pixel_art or (soft and not enlarged)
    height, width = rgba.shape[:2]
    if max(height, width) > LARGEST:
        share = LARGEST / max(height, width)
        size = max(1, round(width * share)), max(1, round(height * share))
        rgba = _reduced(rgba, size)
        smooth = True
        remarks += (f"It is made of a smaller copy of {size[0]:,} x {size[1]:,} pixels.",)
    return rgba, smooth, remarks


def _native(rgba: Pixels, size: tuple[int, int]) -> Pixels:
    """Enlarged pixel art of this own size, (width, height), at that size."""
    if rgba.shape[0] * rgba.shape[1] <= pixel_art.LOOKED and (found := grid.find(rgba)):
        return np.ascontiguousarray(grid.native(rgba, found))
    picture = Image.fromarray(rgba, "RGBA")  # the middle of each block
    return np.array(picture.resize(size, Image.Resampling.NEAREST))


def _form(
    rgba: Pixels, half: translucency.Translucency, settings: Settings
) -> tuple[Mask, Mask, tuple[str, ...]]:
    """Which pixels are of the form, which of them are glass, and what is to be told."""
    alpha = rgba[..., 3]
    kept = settings.shadow == "kept"
    glass = half.glass | half.shadow if kept else half.glass
    solid = (alpha >= OPAQUE) & ~half.shadow
    if settings.alpha == "mask":
        solid |= (alpha >= OPAQUE) & kept
        glass = np.zeros_like(glass)
    solid |= glass
    remarks = []
    if not solid.any():  # a ghost: whatever is seen is the form
        solid = alpha >= translucency.SEEN
        glass = solid & (settings.alpha != "mask")
        remarks.append("All of it is half transparent, and all that is seen was taken.")
    elif not kept and half.shadow.any():
        remarks.append(
            f"{half.shadow.sum():,} dark half-transparent pixels were taken for a painted shadow "
            "and left out."
        )
    if glass.any():
        remarks.append(f"{glass.sum():,} half-transparent pixels are drawn as glass.")
    return solid, glass, tuple(remarks)


def _told(filled: bool, solid: Mask) -> tuple[str, ...]:
    remarks = []
    if filled and solid.size > 1:
        remarks.append(
            "Nothing around it is transparent, so the form is the whole rectangle. Take the "
            "background away first where that is not meant."
        )
    parts = scipy.ndimage.label(solid, EIGHT)[1]
    if parts > 1:
        remarks.append(f"It has {parts:,} parts that do not touch; each keeps its place.")
    return tuple(remarks)


def _on_matte(rgba: Pixels, matte: str, glass: Mask) -> Pixels:
    """Half-transparent pixels that are not glass, laid on the matte; alphas stay."""
    if not matte:
        return rgba
    share = np.where(glass, 1.0, rgba[..., 3] / 255.0)[..., None]
    out = rgba.copy()
    laid = rgba[..., :3] * share + np.array(parse_colour(matte)) * (1 - share)
    out[..., :3] = np.rint(laid).astype(np.uint8)
    return out


def _cropped(cutout: Cutout) -> Cutout:
    """Without rows and columns at its edges in which nothing is left."""
    box = _box(cutout.solid)
    return replace(
        cutout,
        rgba=np.ascontiguousarray(cutout.rgba[box]),
        solid=cutout.solid[box].copy(),
        glass=cutout.glass[box].copy(),
        back=None if cutout.back is None else _from_behind(cutout.back, box),
    )


def _box(solid: Mask) -> tuple[slice, slice]:
    """The rows and columns of what is solid, of which there is something."""
    rows, columns = (np.flatnonzero(solid.any(axis)) for axis in (1, 0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _from_behind(back: Pixels, box: tuple[slice, slice]) -> Pixels:
    """The part of a back behind this part of the front, whose right is the back's left."""
    rows, columns = box
    wide = back.shape[1]
    return back[rows, wide - columns.stop : wide - columns.start].copy()


def _fitted(back: Image.Image, size: tuple[int, int], smooth: bool) -> Pixels:
    """The back's picture in the front's size; behind pixel art it stays sharp."""
    if not smooth:
        return np.array(back.resize(size, Image.Resampling.NEAREST))
    return np.array(back.convert("RGBa").resize(size, Image.Resampling.LANCZOS).convert("RGBA"))


def _reduced(rgba: Pixels, size: tuple[int, int]) -> Pixels:
    """In another size, (width, height), hidden colours without a say."""
    picture = Image.fromarray(rgba, "RGBA").convert("RGBa")
    return np.array(picture.resize(size, Image.Resampling.BOX).convert("RGBA"))
