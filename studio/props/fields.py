"""What of a picture belongs to the form, as a field in few cells: it ends where that is a half."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from studio.props import marching_squares, pictures
from studio.props.marching_squares import Area
from studio.props.pictures import Cutout

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Field:
    """`numbers` [rows, columns], upwards, and a cell's size in the picture's pixels, x and y; the
    `area` above a half, in cells."""

    numbers: Floats
    cell: Floats
    area: Area

    @property
    def points(self) -> Floats:
        """The area's points [n, 2] in the picture's pixels, x to the right and y upwards."""
        return self.area.points * self.cell

    def depths(self) -> Floats:
        """How far the middle of each cell lies within the form [rows, columns], in the picture's
        pixels; 0 outside."""
        within = np.pad(self.numbers >= marching_squares.LEVEL, 1)
        far = scipy.ndimage.distance_transform_edt(within, sampling=self.cell[::-1])[1:-1, 1:-1]
        return np.asarray(np.maximum(far - self.cell.min() / 2, 0), np.float64)


def of_cutout(cutout: Cutout, side: int) -> Field:
    """The field of a picture in at most `side` cells a side."""
    height, width = cutout.solid.shape
    share = min(1.0, side / max(height, width))
    size = max(1, round(width * share)), max(1, round(height * share))
    numbers = pictures.averaged(pictures.opacity(cutout)[::-1], size)
    if numbers.max() < marching_squares.LEVEL:  # nothing but lines finer than a cell
        numbers = numbers * (marching_squares.LEVEL / numbers.max()) * 1.02
    cell = np.array([width / size[0], height / size[1]])
    return Field(numbers, cell, marching_squares.area(numbers))
