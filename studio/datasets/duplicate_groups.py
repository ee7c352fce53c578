"""Near duplicates in a version, looked for once for the same pictures and then kept.

cache/prints/<aa>/<sha256>.bin    what a picture is told by
cache/alike/<sha256>.json         the pairs among the pictures of which this is the hash
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence, Set
from pathlib import Path

import numpy as np

from studio.datasets import versions
from studio.datasets.near_duplicates import THUMB, Fingerprint, fingerprint, near_duplicates
from studio.datasets.pictures import Picture
from studio.errors import StudioError
from studio.store.publish import publish

Groups = tuple[tuple[str, ...], ...]
Pairs = list[tuple[str, str]]  # by hash, the later one first


def known(home: Path, pictures: Sequence[Picture]) -> Groups | None:
    """Groups of pictures, by hash, that look alike; None when nobody has looked yet."""
    try:
        pairs = json.loads(_kept(home, pictures).read_text("utf-8"))
        return _groups([(one, other) for one, other in pairs])
    except (OSError, ValueError, TypeError):
        return None


def among(groups: Groups | None, hashes: Set[str]) -> Groups:
    """The groups as far as their pictures are among these; one picture alone is none."""
    left = (tuple(hash for hash in group if hash in hashes) for group in groups or ())
    return tuple(group for group in left if len(group) > 1)


def find(
    home: Path, pictures: Sequence[Picture], report: Callable[[int, int], None] | None = None
) -> Groups:
    """The groups, looked for now if need be: a millisecond a picture the first time.

    `report` is told how many are done of how many. Pictures that can't be opened are passed by.
    """
    found = known(home, pictures)
    if found is not None:
        return found
    hashes = [picture.hash for picture in pictures]
    pairs = compared(hashes, versions.files_of(home, hashes), home / "cache", report)
    keep(home, pictures, pairs)
    return _groups(pairs)


def compared(
    hashes: Sequence[str],
    files: Mapping[str, Path],
    cache: Path,
    report: Callable[[int, int], None] | None = None,
) -> Pairs:
    """The pairs that look alike, of pictures whose files are given by hash; what each is told by
    is kept in the folder `cache`."""
    there, prints = [], []
    for done, hash in enumerate(hashes, start=1):
        try:
            prints.append(_print(cache, hash, files.get(hash)))
            there.append(hash)
        except StudioError:
            continue  # the page shows that it is missing
        if report is not None:
            report(done, len(hashes))
    return [(there[a], there[b]) for a, b in near_duplicates(prints)]


def keep(home: Path, pictures: Sequence[Picture], pairs: Sequence[tuple[str, str]]) -> None:
    """Keep what was found, so that it is known."""
    publish(_kept(home, pictures), json.dumps(pairs).encode(), flush=False)


def _kept(home: Path, pictures: Sequence[Picture]) -> Path:
    # In the set's order, since which of two is the later one hangs on it.
    said = hashlib.sha256("".join(p.hash for p in pictures).encode()).hexdigest()
    return home / "cache" / "alike" / f"{said}.json"


def _print(cache: Path, hash: str, picture: Path | None) -> Fingerprint:
    file = cache / "prints" / hash[:2] / f"{hash}.bin"
    side = THUMB
    try:
        kept = np.frombuffer(file.read_bytes(), np.uint8)
        return Fingerprint(kept[:16].view(np.uint64), kept[16:].reshape(side, side, 4))
    except (OSError, ValueError):
        made = fingerprint(versions.open_stored(picture, hash, hash[:12]))
        data = made.bits.astype(np.uint64).tobytes() + made.thumb.tobytes()
        publish(file, data, flush=False)
        return made


def _groups(pairs: Sequence[tuple[str, str]]) -> Groups:
    of: dict[str, list[str]] = {}
    for later, earlier in pairs:
        one, other = of.setdefault(earlier, [earlier]), of.setdefault(later, [later])
        if one is not other:
            one += other
            of.update(dict.fromkeys(other, one))
    return tuple(dict.fromkeys(tuple(group) for group in of.values()))
