"""Sprites to make props of, drawn letter by letter or by rule, and what is looked at in a model."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from studio.props import pictures
from studio.props.model import Model
from studio.props.pictures import Cutout
from studio.props.settings import Settings
from tests.pixels.drawn import drawn

Pixels = NDArray[np.uint8]

PIXEL = ["R"]
DIAGONAL = ["R.", ".G"]
RING = [".RRR.", "RRGRR", "RG.GR", "RRGRR", ".RRR."]
PARTS = ["RR..BB", "RR..BB", "......", "..GG.."]
# It tells left from right and up from down: it points to the right, and has a notch above.
ARROW = [
    "....K...",
    "KK.KRK..",
    "KRKKRRK.",
    "KRRRRRRK",
    "KRRRRRRK",
    "KKKKRRK.",
    "...KRK..",
    "....K...",
]
# Touching corners of all kinds, a hole that touches the outside, a bay of one pixel.
KNOTTED = [
    "R.R.RR..",
    ".R.R..R.",
    "R.RRRR.R",
    ".RR.RRR.",
    "RRRR.RRR",
    "RR.RRR.R",
    ".RRR.RR.",
    "R..RRR.R",
]
ALL = {"pixel": PIXEL, "diagonal": DIAGONAL, "ring": RING, "parts": PARTS, "arrow": ARROW}


def picture(rows: list[str]) -> Image.Image:
    """A picture of rows of letters."""
    return Image.fromarray(drawn(rows), "RGBA")


def cutout(rows: list[str], settings: Settings | None = None) -> Cutout:
    """It, cut out."""
    return pictures.cut(picture(rows), settings or Settings())


def noisy(seed: int, side: int = 14, share: float = 0.55) -> Image.Image:
    """Pixels by lot, in three colours: every way in which pixels can touch."""
    random = np.random.default_rng(seed)
    rgba = np.zeros((side, side, 4), np.uint8)
    colours = np.array([(20, 12, 28, 255), (200, 40, 50, 255), (60, 160, 70, 255)], np.uint8)
    where = random.random((side, side)) < share
    rgba[where] = colours[random.integers(0, 3, int(where.sum()))]
    return Image.fromarray(rgba, "RGBA")


def potion() -> Image.Image:
    """A bottle of 12 x 16 with an outline, glass of alpha 90, and a black shadow beside it."""
    rgba = np.zeros((16, 12, 4), np.uint8)
    rgba[2:14, 2:9] = (20, 12, 28, 255)
    rgba[3:13, 3:8] = (90, 170, 220, 90)
    rgba[8:13, 3:8] = (200, 40, 50, 255)
    rgba[14, 3:11] = (0, 0, 0, 150)
    rgba[4:14, 9] = (0, 0, 0, 150)
    return Image.fromarray(rgba, "RGBA")


def painting(side: int = 96) -> Image.Image:
    """A painted fruit with soft edges and a stalk, many colours and a hole."""
    large = Image.new("RGBA", (side * 4, side * 4))
    pen = ImageDraw.Draw(large)
    for ring in range(60):
        inset = side * (0.5 + ring * 0.02)
        colour = (200 - ring, 60 + 2 * ring, 40 + ring, 255)
        pen.ellipse((inset, inset * 1.2, side * 4 - inset, side * 4 - inset), fill=colour)
    pen.rectangle((side * 1.9, side * 0.2, side * 2.1, side), fill=(90, 60, 30, 255))
    hole = side * 2.2, side * 2.6
    pen.ellipse((*hole, hole[0] + side * 0.6, hole[1] + side * 0.6), fill=(0, 0, 0, 0))
    return large.resize((side, side), Image.Resampling.LANCZOS)


def texture(model: Model, part: int = 0) -> Pixels:
    """The pixels of a part's texture [h, w, 4]."""
    colour = model.parts[part].material.colour
    assert colour is not None
    with Image.open(io.BytesIO(colour.data)) as opened:
        return np.array(opened.convert("RGBA"))


def normals_sound(model: Model) -> bool:
    """Whether every normal is of length 1, and hardly any turns away from its triangle."""
    for part in model.parts:
        lengths = np.linalg.norm(part.normals, axis=1)
        if not np.allclose(lengths, 1, atol=1e-5):
            return False
        a, b, c = (part.positions[part.triangles[:, k]].astype(np.float64) for k in range(3))
        faces = np.cross(b - a, c - a)
        corners = part.normals[part.triangles].mean(1)
        if ((faces * corners).sum(1) < -1e-9).mean() > 0.01:
            return False
    return True


def volume(model: Model) -> float:
    """What the surface encloses, in cubic metres; positive where its front looks outwards."""
    total = 0.0
    for part in model.parts:
        a, b, c = (part.positions[part.triangles[:, k]].astype(np.float64) for k in range(3))
        total += float((a * np.cross(b, c)).sum()) / 6
    return total
