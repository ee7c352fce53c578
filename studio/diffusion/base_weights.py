"""What a base's weights are, as one SHA-256: with its name, what a base is, whatever lies there.

Of a single file it is the file's own, as sites that offer models print it. Of a folder it is that
of a list: a line `SHA256  COMPONENT/FILE` for each file of weights that is loaded, sorted by
component and name, as `sha256sum` prints it. So a file and a folder of the same base have different
ones, and so have two precisions of it; both draw other pictures to the last bit, too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from studio.diffusion import bundled_bases, folder_layout
from studio.errors import StudioError
from studio.store import known_hashes


def weights_hash(home: Path, name: str) -> str:
    """The hash of the base called `name`, "" where it does not lie on this machine.

    A file is read once, some seconds for each 5 GB, and again when its size or time changes.
    """
    with known_hashes.reading(home) as known:
        return _hash(name, known.read)


def known_hash(home: Path, name: str) -> str:
    """The same without reading a file of weights: "" where that was not done as they are now."""
    return _hash(name, known_hashes.looked_up(home).find)


def _hash(name: str, of: Callable[[Path], str]) -> str:
    try:
        place = _place(name)
        if place is None:
            return ""
        if place.is_file():
            return of(place)
        told = hashlib.sha256()
        for file in folder_layout.weight_files(place, name):
            one = of(file)
            if not one:
                return ""
            told.update(f"{one}  {file.relative_to(place).as_posix()}\n".encode())
        return told.hexdigest()
    except (OSError, StudioError):  # gone or torn meanwhile: whoever loads it says so
        return ""


def _place(name: str) -> Path | None:
    """Where it lies on this machine; a Hub id: in the Hub's cache. Asks no network."""
    place = Path(bundled_bases.place(name)).expanduser()
    if place.is_absolute():
        return place if place.exists() else None
    if name.count("/") != 1:
        return None
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        index = try_to_load_from_cache(name, "model_index.json")
    except HFValidationError:
        return None
    return Path(index).parent if isinstance(index, str) else None
