"""What a base's weights are, as one SHA-256: with its name, what a base is, whatever lies there.

Of a single file it is the file's own, as sites that offer models print it. Of a folder it is that
of a list: a line `SHA256  COMPONENT/FILE` for each file of weights that is loaded, sorted by
component and name, as `sha256sum` prints it. So a file and a folder of the same base have different
ones, and so have two precisions of it; both draw other pictures to the last bit, too.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from studio.diffusion import bundled_bases, folder_layout
from studio.errors import StudioError
from studio.store.publish import publish

KEPT = "cache/base_weights.json"  # in the studio's folder: what was read, by file
Known = dict[str, list[Any]]  # a file's size, time of change in ns, and SHA-256


def weights_hash(home: Path, name: str) -> str:
    """The hash of the base called `name`, "" where it does not lie on this machine.

    A file is read once, some seconds for each 5 GB, and again when its size or time changes.
    """
    known = _known(home)
    read = dict(known)
    found = _hash(name, read, reads=True)
    if read != known:
        there = {file: told for file, told in read.items() if os.path.isfile(file)}
        with suppress(StudioError):  # on a full disk it is read again the next time
            publish(home / KEPT, json.dumps(there), flush=False)
    return found


def known_hash(home: Path, name: str) -> str:
    """The same without reading a file of weights: "" where that was not done as they are now."""
    return _hash(name, _known(home), reads=False)


def _hash(name: str, known: Known, reads: bool) -> str:
    try:
        place = _place(name)
        if place is None:
            return ""
        if place.is_file():
            return _of_file(place, known, reads)
        told = hashlib.sha256()
        for file in folder_layout.weight_files(place, name):
            one = _of_file(file, known, reads)
            if not one:
                return ""
            told.update(f"{one}  {file.relative_to(place).as_posix()}\n".encode())
        return told.hexdigest()
    except (OSError, StudioError):  # gone or torn meanwhile: whoever loads it says so
        return ""


def _of_file(file: Path, known: Known, reads: bool) -> str:
    stat = file.stat()
    mark = [stat.st_size, stat.st_mtime_ns]
    told = known.get(str(file))
    if told is not None and told[:2] == mark:
        return str(told[2])
    if not reads:
        return ""
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    known[str(file)] = [*mark, found]
    return found


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


def _known(home: Path) -> Known:
    try:
        told = json.loads((home / KEPT).read_text("utf-8"))
        return {str(file): list(one) for file, one in told.items() if len(one) == 3}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
