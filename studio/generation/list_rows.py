"""A list's text in rows and cells, as it was pasted from a table or written as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from studio.generation import alternatives

Row = tuple[int, list[str]]  # its line's number, from 1, and its cells


def rows(text: str) -> list[Row]:
    """The rows that hold something, without comments; parted by tabs, semicolons or commas. A comma
    between braces parts nothing."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    sign = next((sign for sign in "\t;" if sign in first), ",")
    reader = csv.reader(io.StringIO(text.replace("\0", "")), delimiter=sign, skipinitialspace=True)
    found: list[Row] = []
    try:
        for cells in reader:
            stripped = [" ".join(cell.split()) for cell in _joined(cells, sign)]
            while stripped and not stripped[-1]:  # as spreadsheets fill up a row
                stripped.pop()
            if any(stripped) and not stripped[0].startswith("#"):
                found.append((reader.line_num, stripped))
    except csv.Error as error:
        found.append((reader.line_num, ["", f"{error}"]))  # is refused there for its empty name
    return found


def _joined(cells: Sequence[str], sign: str) -> list[str]:
    """The cells, where braces were torn apart put together again."""
    found: list[str] = []
    for place, cell in enumerate(cells):
        if found and alternatives.is_open(found[-1]) and _closes(cells[place:]):
            found[-1] += sign + cell
        else:
            found.append(cell)
    return found


def _closes(cells: Sequence[str]) -> bool:
    return any("}" in cell for cell in cells)
