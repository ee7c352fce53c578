"""A folder of frames, read in place: found, parted into classes by their folders or a table."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from studio import images
from studio.errors import StudioError
from studio.text import decoding

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")
TABLES = ("metadata.csv", "metadata.jsonl")  # beside the frames, as Hugging Face's folders have it
NAMED = "file_name"


@dataclass(frozen=True)
class Frames:
    """Files of a folder by their paths in it, in order, and the class of each: the folder that it
    lies in, or what a table says, "" for none."""

    folder: Path
    names: tuple[str, ...]
    classes: tuple[str, ...]

    def open(self, place: int) -> Image.Image:
        """A frame as RGBA; StudioError names it where it can't be read."""
        return images.open_picture(self.folder / self.names[place])


def find(folder: Path, label: str = "", column: str = "") -> Frames:
    """The frames of a folder and all folders in it, the hidden ones left out.

    With `label` that column of metadata.csv or metadata.jsonl says each frame's class; its name
    stands under `column`, or file_name. StudioError where there is no such folder, frame or column.
    """
    if not folder.is_dir():
        raise StudioError(f"There is no folder {folder}.", "Give the path of a folder of pictures.")
    names = sorted(_files(folder, ""))
    if not names:
        raise StudioError(
            f"{folder} holds no pictures.",
            f"Known are {', '.join(ENDINGS)}. Frames of a video: ffmpeg -i video.mp4 "
            f"{folder}/%06d.png",
        )
    if label:
        told = _table(folder, label, column)
        classes = [told.get(name, "") for name in names]
    else:
        classes = [name.partition("/")[0] if "/" in name else "" for name in names]
    return Frames(folder, tuple(names), tuple(classes))


def _files(folder: Path, under: str) -> Iterator[str]:
    try:
        with os.scandir(folder / under) as entries:
            for entry in entries:
                name = f"{under}/{entry.name}" if under else entry.name
                if entry.name.startswith("."):
                    continue
                if entry.is_dir():
                    yield from _files(folder, name)
                elif entry.name.lower().endswith(ENDINGS):
                    yield name
    except OSError as error:
        raise StudioError(
            f"{folder / under} can't be read: {error.strerror}.", "Look at its permissions."
        ) from error


def _table(folder: Path, label: str, column: str) -> dict[str, str]:
    """The class of each frame that the folder's table names."""
    file = next((folder / name for name in TABLES if (folder / name).is_file()), None)
    if file is None:
        raise StudioError(
            f"label_column_name is {label}, and {folder} has no {' or '.join(TABLES)}.",
            "Put the table there, or leave label_column_name out: folders are then the classes.",
        )
    text = decoding.read_text(file).text
    try:
        rows = (
            list(csv.DictReader(io.StringIO(text)))
            if file.suffix == ".csv"
            else [json.loads(line) for line in text.splitlines() if line.strip()]
        )
    except (ValueError, csv.Error) as error:
        raise StudioError(f"{file} can't be read: {error}.", "Give one row a frame.") from error
    found = {}
    for row in rows:
        if not isinstance(row, dict) or label not in row:
            known = ", ".join(map(str, row)) if isinstance(row, dict) else "no columns"
            raise StudioError(f"{file} has no column {label}.", f"It has: {known}.")
        name = row.get(column, row.get(NAMED)) if column else row.get(NAMED)
        found[str(name)] = str(row[label]).strip()
    return found
