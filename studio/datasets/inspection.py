"""An inspection of every picture of a set: strangers, odd scaling, smoothing, stray colours.

cache/grains/<aa>/<sha256>.json           grain and palette of a picture
cache/features/<name>/<aa>/<sha256>.npy   how an extractor sees it
cache/findings/<sha256>.json              what was found among the pictures of this hash
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from studio import images
from studio.datasets import outliers, pixel_grid, versions
from studio.datasets.manifests import Look
from studio.datasets.pictures import Picture
from studio.datasets.pixel_grid import Grain
from studio.errors import StudioError
from studio.store.publish import publish

RULES = 1  # count up when they change: what was found by older ones is then looked for anew
KINDS = ("apart", "scaled", "blurred", "palette")
ENLARGED = 0.68  # below it the finest details are missing
SMOOTHED = (0.82, 0.35)  # sharpness below, colours of one pixel alone above: pixel art smoothed
BATCH = 64


@dataclass(frozen=True)
class Seen:
    """How an extractor sees pictures: its name and what gives unit vectors `[n, dims]`."""

    name: str
    encode: Callable[[list[Image.Image]], Any]


@dataclass(frozen=True)
class Findings:
    """Of each kind the pictures' hashes, the strangest first, with what to say of each."""

    of: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def said(self, hash: str) -> list[str]:
        """Everything to say of one picture."""
        return [found[hash] for found in self.of.values() if hash in found]


@dataclass(frozen=True)
class _Marks:
    grain: Grain
    lab: Any
    weights: Any


def known(home: Path, pictures: Sequence[Picture], look: Look) -> Findings | None:
    """What was found among these pictures; None when nobody has looked yet."""
    try:
        said = json.loads(_kept(home, pictures, look).read_text("utf-8"))
        return Findings({kind: dict(said[kind]) for kind in KINDS})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def inspect(
    home: Path,
    pictures: Sequence[Picture],
    look: Look,
    seen: Seen,
    report: Callable[[int, int], None] = lambda done, all: None,
) -> Findings:
    """What is found, looked for now if need be. Only new pictures are opened.

    Pictures that can't be opened are passed by.
    """
    found = known(home, pictures, look)
    if found is None:
        files = versions.files_of(home, [picture.hash for picture in pictures])
        found = found_among(pictures, look, seen, files, home / "cache", report)
        keep(home, pictures, look, found)
    return found


def found_among(
    pictures: Sequence[Picture],
    look: Look,
    seen: Seen,
    files: Mapping[str, Path],
    cache: Path,
    report: Callable[[int, int], None] = lambda done, all: None,
) -> Findings:
    """The same, of pictures whose files are given by hash; what is seen of each is kept in the
    folder `cache`."""
    there: list[Picture] = []
    marks: list[_Marks] = []
    vectors: list[Any] = []
    for start in range(0, len(pictures), BATCH):
        part = pictures[start : start + BATCH]
        vectored = _vectors(part, look, seen, files, cache)
        for picture in part:
            one = _marks(picture.hash, files, cache)
            if one is not None and picture.hash in vectored:
                there.append(picture)
                marks.append(one)
                vectors.append(vectored[picture.hash])
        report(min(start + BATCH, len(pictures)), len(pictures))
    of = judged(there, look, [m.grain for m in marks])
    if there:
        away = outliers.outliers(np.stack(vectors))
        of["apart"] = {there[k].hash: "looks unlike the others" for k, _ in away}
        odd = outliers.palettes([(m.lab, m.weights) for m in marks])
        of["palette"] = {there[k].hash: f"{share:.0%} in colours of its own" for k, share in odd}
    return Findings({kind: of.get(kind, {}) for kind in KINDS})


def keep(home: Path, pictures: Sequence[Picture], look: Look, found: Findings) -> None:
    """Keep what was found among these pictures, so that it is known."""
    data = json.dumps({kind: list(found.of[kind].items()) for kind in KINDS}).encode()
    publish(_kept(home, pictures, look), data, flush=False)


def judged(
    pictures: Sequence[Picture], look: Look, grains: Sequence[Grain]
) -> dict[str, dict[str, str]]:
    """What the grains say: pixel art must not be scaled by odd factors, nothing be smoothed."""
    scaled, blurred = {}, {}
    for picture, grain in zip(pictures, grains, strict=True):
        art = look.filter == "nearest"
        if art and grain.factor:
            scaled[picture.hash] = f"enlarged by about {grain.factor:g}, no whole factor"
        smooth = art and grain.sharp < SMOOTHED[0] and grain.own > SMOOTHED[1]
        if grain.sharp < ENLARGED or smooth:
            blurred[picture.hash] = "its pixels are smoothed" if art else "blurred or enlarged"
    return {"scaled": scaled, "blurred": blurred}


def _marks(hash: str, files: Mapping[str, Path], cache: Path) -> _Marks | None:
    file = cache / "grains" / hash[:2] / f"{hash}.json"
    try:
        said = json.loads(file.read_text("utf-8"))
        if said["rules"] == RULES:
            lab = np.array(said["lab"], np.float64).reshape(-1, 3)
            return _Marks(Grain(**said["grain"]), lab, np.array(said["weights"], np.float64))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    picture = _opened(files.get(hash), hash)
    if picture is None:
        return None
    lab, weights = images.palette(picture)
    made = _Marks(pixel_grid.grain(picture), lab, weights)
    kept = {
        "rules": RULES,
        "grain": asdict(made.grain),
        "lab": lab.tolist(),
        "weights": weights.tolist(),
    }
    publish(file, json.dumps(kept).encode(), flush=False)
    return made


def _vectors(
    pictures: Sequence[Picture], look: Look, seen: Seen, files: Mapping[str, Path], cache: Path
) -> dict[str, Any]:
    """How each picture is seen; those that can't be opened are left out."""
    top = cache / "features" / f"{seen.name}-{look.filter}"
    at = {p.hash: top / p.hash[:2] / f"{p.hash}.npy" for p in pictures}
    found = {hash: kept for hash, file in at.items() if (kept := _vector(file)) is not None}
    opened = {
        hash: one
        for hash in at
        if hash not in found and (one := _opened(files.get(hash), hash)) is not None
    }
    if opened:
        for hash, one in zip(opened, seen.encode(list(opened.values())), strict=True):
            data = io.BytesIO()
            np.save(data, one.astype(np.float32))
            publish(at[hash], data.getvalue(), flush=False)
            found[hash] = one
    return found


def _opened(file: Path | None, hash: str) -> Image.Image | None:
    try:
        return versions.open_stored(file, hash, hash[:12])
    except StudioError:
        return None  # the page shows that it is missing


def _vector(file: Path) -> Any:
    try:
        return np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None


def _kept(home: Path, pictures: Sequence[Picture], look: Look) -> Path:
    said = f"{RULES} {look.filter} " + "".join(sorted(p.hash for p in pictures))
    return home / "cache" / "findings" / f"{hashlib.sha256(said.encode()).hexdigest()}.json"
