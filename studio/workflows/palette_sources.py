"""Palettes made of what the studio holds: a dataset's pictures, or pictures of the gallery."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil

import numpy as np

from studio.context import Studio
from studio.datasets import versions as datasets
from studio.datasets import withdrawals
from studio.errors import StudioError
from studio.finishing import ramp_search
from studio.finishing.colour_table import MOST, ColourTable, checked
from studio.generation import gallery_table, lists
from studio.pixels.counted_colours import palette_of
from studio.pixels.hex_colours import Pixels

MOST_PICTURES = 500  # that are looked at, evenly among all


def of_dataset(studio: Studio, name: str, most: int) -> ColourTable:
    """At most `most` colours of a dataset's newest version, with the ramps that they form.
    StudioError where it has no picture with an opaque pixel, or there is no such dataset."""
    data = datasets.load(studio.home, name)
    known = withdrawals.left(studio.home, data.pictures)
    files = datasets.files_of(studio.home, [one.hash for one in known])
    there = [one for one in known if one.hash in files and not one.empty]
    if not there:
        raise StudioError(f"The dataset {name} has no picture.", "Bring some in first.")

    def seen() -> Iterator[Pixels]:
        for one in there[:: ceil(len(there) / MOST_PICTURES)]:
            file = files[one.hash]
            yield np.asarray(datasets.open_stored(file, one.hash, one.file_name, one.reading))

    return _with_ramps(palette_of(seen(), _within(most)), f"The dataset {name}")


def of_gallery(studio: Studio, ids: Sequence[str], most: int) -> ColourTable:
    """At most `most` colours of pictures of the gallery, as they are to be used."""
    found = gallery_table.of_ids(studio.engine, list(ids))
    if not found:
        raise StudioError("No such picture is in the gallery.", "Choose some there.")
    step = ceil(len(found) / MOST_PICTURES)
    seen = (np.asarray(lists.open_picture(studio.home, one)) for one in found[::step])
    return _with_ramps(palette_of(seen, _within(most)), f"{len(found)} pictures")


def _with_ramps(colours: tuple[str, ...], what: str) -> ColourTable:
    return checked(ColourTable(colours, (), ramp_search.found(colours)), what)


def _within(most: int) -> int:
    if not 1 <= most <= MOST:
        raise StudioError(f"{most:,} colours are asked for.", f"A palette holds 1 to {MOST}.")
    return most
