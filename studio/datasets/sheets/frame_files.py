"""Frames written aside as PNG, each once, under names such as hero_walk_003.png."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Literal

import numpy as np
from PIL import Image

from studio import images
from studio.datasets import words
from studio.datasets.metadata_files import Note
from studio.datasets.sheets.frames import Frame
from studio.errors import StudioError
from studio.store import reserved_room
from studio.store.publish import publish
from studio.store.reserved_room import SPARE

LONGEST = 60  # bytes of each part of a name
REMEDY = "Make room on the disk or check its permissions, then import again."


class FrameFiles:
    """What was written to `into`, a folder of the studio `home`: `at` is where each frame lies by
    its name as a picture, `notes` what is known of it. `taken` are the names of pictures in
    `folder` that stay."""

    def __init__(self, home: Path, into: Path, folder: Path, taken: set[str]) -> None:
        self.at: dict[str, Path] = {}
        self.notes: dict[str, Note] = {}
        self._home, self._into, self._folder, self._taken = home, into, folder, taken
        self._names = {_plain(name) for name in taken}
        self._seen: set[str] = set()

    @contextmanager
    def of_one_file(self) -> Iterator[None]:
        """Frames of one file come all, or, where something is raised, none."""
        before, seen = set(self.at), set(self._seen)
        try:
            yield
        except StudioError:
            for name in set(self.at) - before:
                self.at.pop(name).unlink(missing_ok=True)
                del self.notes[name]
                self._names.discard(_plain(name))
            self._seen = seen
            raise

    def add(
        self, frame: Frame, note: Note, source: str, several: bool
    ) -> Literal["kept", "held", "empty"]:
        """Write a frame of the file `source`; one with nothing drawn, or with the pixels of another
        one, is not. StudioError where the disk has no room for it."""
        picture = _bare(frame.picture)
        if picture.getchannel("A").getextrema()[1] == 0:
            return "empty"
        digest = images.pixel_digest(picture)
        name = _name(frame, source, several)
        if digest in self._seen or self._is_there(name, digest):
            return "held"
        name = self._free(name)
        data = io.BytesIO()
        picture.save(data, "PNG", icc_profile=frame.profile or None)
        path = self._into / f"{len(self.at):05}.png"
        written = data.getvalue()
        # Once here, and once where it is stored: what comes of a sheet is known frame by frame.
        with reserved_room.reserving(self._home, self._into, 2 * len(written), SPARE):
            publish(path, written, flush=False, remedy=REMEDY)
        self._seen.add(digest)
        self._names.add(_plain(name))
        self.at[name], self.notes[name] = path, note
        return "kept"

    def _is_there(self, name: str, digest: str) -> bool:
        """Whether the picture of that name in the folder, such as an export, shows the same."""
        if name not in self._taken:
            return False
        try:
            there = images.open_picture(self._folder / name)
        except StudioError:
            return False
        return images.pixel_digest(_bare(there)) == digest

    def _free(self, name: str) -> str:
        path, number = PurePosixPath(name), 2
        while _plain(name) in self._names:
            name = str(path.with_name(f"{path.stem}-{number}.png"))
            number += 1
        return name


def _name(frame: Frame, source: str, several: bool) -> str:
    path = PurePosixPath(source)
    if label := _word(frame.label):
        return str(path.with_name(f"{label}.png"))
    parts = [path.stem, _word(frame.tag), f"{frame.number:03}"] if several else [path.stem]
    return str(path.with_name(f"{'_'.join(part for part in parts if part)}.png"))


def _plain(name: str) -> str:
    """A name for comparing on every system."""
    return words.plain(name).lower()


def _word(text: str) -> str:
    """A text as part of a file's name on every system."""
    plain = re.sub(r"[^\w.-]+", "-", words.plain(text)).strip("-.")
    return plain.encode()[:LONGEST].decode("utf-8", "ignore")


def _bare(picture: Image.Image) -> Image.Image:
    """The picture without the colours that hide under alpha 0."""
    pixels = np.array(picture)
    pixels[pixels[..., 3] == 0] = 0
    return Image.fromarray(pixels, "RGBA")
