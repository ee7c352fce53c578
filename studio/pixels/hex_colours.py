"""Colours between how they are written, "#rrggbb", and bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from studio import numbers
from studio.errors import StudioError

Pixels = NDArray[np.uint8]


def rgb_of(colours: Iterable[str]) -> Pixels:
    """ "#rrggbb" colours as bytes [n, 3]. StudioError for anything else, and for none at all."""
    found = list(colours)
    if not found:
        raise StudioError("The palette has no colour.", "Give at least one, such as #20d6c7.")
    for colour in found:
        if not isinstance(colour, str) or not re.fullmatch("#[0-9a-fA-F]{6}", colour):
            raise StudioError(f"{numbers.shown(colour)} is not a colour.", 'Write it as "#rrggbb".')
    return np.array([tuple(bytes.fromhex(one[1:])) for one in found], np.uint8)


def hex_of(rgb: Pixels) -> tuple[str, ...]:
    """Bytes [n, 3] as "#rrggbb" colours."""
    return tuple("#" + bytes(row).hex() for row in np.asarray(rgb, np.uint8))
