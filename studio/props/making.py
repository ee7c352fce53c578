"""A picture made a prop by one of the local methods, and which of them suits it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import scipy
from PIL import Image

from studio.colours import to_oklab
from studio.errors import StudioError
from studio.props import checks, normal_map, pictures
from studio.props import settings as all_settings
from studio.props.checks import Closed
from studio.props.methods import card, contour, planes, relief, voxels
from studio.props.model import Model
from studio.props.pictures import Cutout
from studio.props.settings import METHODS, Settings

MAKE: dict[str, Callable[[Cutout, Settings], Model]] = {
    "card": card.make,
    "contour": contour.make,
    "voxels": voxels.make,
    "relief": relief.make,
    "planes": planes.make,
}
LABELS = {
    "card": "Extruded",
    "contour": "Smooth cut-out",
    "voxels": "Voxels",
    "relief": "Inflated",
    "planes": "Cross quads",
}
FIRST = 3  # that are shown before the others are asked for
GREEN = 0.4  # share of a plant that is green
RAGGED = 0.4  # share of a plant's pixels that lie on its edge, at 32 pixels a side
GREENS = -0.03, 0.0  # OKLab's a below, and b above which a colour is green


@dataclass(frozen=True)
class Offer:
    """A method by its name in settings and by what pages call it; whether it is among those that
    are shown at once; and in plain words what it makes of this picture."""

    method: str
    label: str
    shown: bool
    why: str


@dataclass(frozen=True, eq=False)
class Made:
    """A prop: its model, the normal map of its picture for flat use, what is to be told of its
    making, and whether its surface is closed."""

    model: Model
    normal_map: Image.Image
    remarks: tuple[str, ...]
    checks: Closed


def make(picture: Image.Image, settings: Settings, back: Image.Image | None) -> Made:
    """The prop of a picture; `back` is the picture behind it where the settings want one. The same
    picture and settings give the same prop. StudioError for settings that can't be, a picture on
    which nothing is seen, and a back that is missing."""
    settings = all_settings.check(settings)
    if settings.back == "picture" and back is None:
        raise StudioError("The picture of the back is missing.", "Give it, or another back.")
    cutout = pictures.cut(picture, settings, back if settings.back == "picture" else None)
    if not settings.method:
        settings = replace(settings, method=offers(cutout)[0].method)
    settings = all_settings.with_depth(settings)
    model = MAKE[settings.method](cutout, settings)
    normals = normal_map.of_picture(picture, settings.normal_strength, settings.normal_y)
    remarks = (*cutout.remarks, *_smaller(cutout, settings.method))
    return Made(model, normals, remarks, checks.closed_of(model))


def offers(cutout: Cutout) -> tuple[Offer, ...]:
    """All methods for a picture, the one that suits it best first; the first FIRST are shown."""
    order = _order(cutout)
    return tuple(
        Offer(method, LABELS[method], number < FIRST, _why(method, cutout))
        for number, method in enumerate(order)
    )


def _order(cutout: Cutout) -> tuple[str, ...]:
    if _is_a_plant(cutout):
        first: tuple[str, ...] = ("planes", "contour" if cutout.smooth else "card", "relief")
    elif cutout.filled:
        first = ("card", "contour", "planes")
    elif cutout.smooth:
        first = ("relief", "contour", "planes")
    else:
        first = ("card", "voxels", "relief")
    return (*first, *(method for method in METHODS if method not in first))


def _is_a_plant(cutout: Cutout) -> bool:
    """Mostly green, and ragged: told by colours and edges alone, so grass and bushes, and sometimes
    a dragon."""
    solid = cutout.solid
    lab = to_oklab(cutout.rgba[solid][:, :3])
    green = (lab[:, 1] < GREENS[0]) & (lab[:, 2] > GREENS[1])
    inner = scipy.ndimage.binary_erosion(np.pad(solid, 1))[1:-1, 1:-1]
    side = max(1.0, max(solid.shape) / 32)  # an edge is thinner, the larger the picture
    ragged = (solid & ~inner).sum() * side / solid.sum()
    return bool(not cutout.filled and green.mean() >= GREEN and ragged >= RAGGED)


def _why(method: str, cutout: Cutout) -> str:
    told = {
        "card": _card,
        "contour": _contour,
        "voxels": _voxels,
        "relief": _relief,
        "planes": _planes,
    }
    return told[method](cutout)


def _card(cutout: Cutout) -> str:
    if cutout.smooth:
        return "A flat card with the stairs of the pixels at its edge. Smooth cut-out is better."
    return "A flat card as thick as you say, cut along the pixels. The back is the front, mirrored."


def _contour(cutout: Cutout) -> str:
    if not cutout.smooth:
        return "A flat card whose stairs become slopes; single pixels become diamonds."
    return "A flat card with a smooth outline. The back is the front, mirrored."


def _voxels(cutout: Cutout) -> str:
    if max(cutout.solid.shape) > voxels.LARGEST:
        return f"Cubes, of a copy of {voxels.LARGEST} pixels: finer ones would be too many."
    if cutout.smooth:
        return "Cubes of a painting, whose colours make them restless. Meant for pixel art."
    return "Cubes, twice as deep in the middle as at the edge. The back is the front, mirrored."


def _relief(cutout: Cutout) -> str:
    if cutout.filled:
        return "A cushion: there is no outline that it could follow. Extruded is better."
    if not cutout.smooth:
        return "Blown up like a balloon: good for items, blobby for creatures."
    return "Blown up like a vinyl toy. What lies behind is not known: the front, mirrored."


def _planes(cutout: Cutout) -> str:
    if _is_a_plant(cutout):
        return "Two pictures that cross, as games draw plants: 4 triangles, no thickness."
    return "Two pictures that cross: 4 triangles, no thickness. Meant for grass and bushes."


def _smaller(cutout: Cutout, method: str) -> tuple[str, ...]:
    """What a method says of a picture that is too large for it."""
    side = max(cutout.solid.shape)
    most = {
        "card": card.LARGEST,
        "contour": contour.LARGEST,
        "voxels": voxels.LARGEST,
        "relief": relief.LARGEST_SMOOTH if cutout.smooth else relief.LARGEST,
    }.get(method, side)
    if side <= most:
        return ()
    if method in ("voxels", "card"):
        return (f"It is made of a smaller copy, {most} pixels on its longer side.",)
    return (f"Its form follows a smaller copy, {most} pixels on its longer side.",)
