"""Masks that people draw, load or remove: changes of the draft, like those of captions.

What was saved is never written over: each mask is a file by its content, each saving a step of the
draft, and frozen versions name theirs. Who saves says which mask they began with; where somebody
else has saved another one meanwhile, that is told and nothing is written.
"""

from __future__ import annotations

import hashlib
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from PIL import Image
from sqlalchemy import Engine

from studio import images
from studio.accounts.rights import check
from studio.datasets import (
    drafts,
    edits,
    intake,
    manifests,
    mask_files,
    uploads,
    withdrawals,
    words,
)
from studio.datasets.drafts import Place
from studio.datasets.edits import Change, Edit, Row
from studio.datasets.pictures import Refusal, listed
from studio.errors import StudioError

MOST_BYTES = 64 * 1024**2  # of one mask's file
MOST_FILES = 2_000  # looked at while a person waits


class Overtaken(StudioError):
    """Somebody else has saved another mask since; `by` says who, `mask` is its hash, or ""."""

    def __init__(self, file: str, by: str, mask: str) -> None:
        what = "another mask" if mask else "that there is no mask"
        super().__init__(
            f"{by or 'Somebody'} has saved {what} of {file} meanwhile.",
            "Look at it, then save yours over it or take theirs.",
        )
        self.by, self.mask = by, mask


@dataclass(frozen=True)
class Saved:
    """The mask that holds now, "" where everything counts, and its step of the draft, None where
    it was so already."""

    mask: str
    step: int | None


@dataclass(frozen=True)
class Fit:
    """A file of an upload that is a picture's mask, and the mask that it takes the place of."""

    file: str
    picture: str
    picture_name: str
    before: str


@dataclass(frozen=True)
class Matched:
    """What an upload of masks holds: those that fit a picture, and what can't be used."""

    fits: tuple[Fit, ...]
    refused: tuple[Refusal, ...]


def as_png(home: Path, hash: str) -> bytes:
    """A stored mask as a training sees it: PNG, 8 bit grey, the same size. StudioError as
    `images.open_picture`, and where it is not in the store."""
    path = intake.stored(_store(home), hash)
    if path is None:
        raise StudioError(f"Mask {hash[:12]} is not in the store.", "Draw it anew, or load it.")
    return _png(
        images.as_grey(images.decode(images.read_file(path), str(path), reading=images.PLAIN))
    )


def save(
    engine: Engine,
    home: Path,
    dataset: str,
    picture: str,
    data: bytes,
    *,
    seen: str,
    by: str,
    now: datetime,
    key: str | None = None,
    file: str = "the mask",
) -> Saved:
    """A mask, the bytes of a picture file called `file`, for the picture with this hash.

    `seen` is the mask that the person began with, "" for none. One that is white all over is none.
    StudioError where it is no picture, of another size or black all over, and where the picture is
    gone or withdrawn; Overtaken where another mask was saved since.
    """
    check(by, "edit datasets")
    row = _row(engine, home, dataset, picture)
    grey = _read(data, file, (row.picture.width, row.picture.height))
    mask = _keep(home, grey) if grey else ""
    says = f"Mask of {row.picture.file_name}" if mask else f"No mask of {row.picture.file_name}"
    return _write(engine, home, dataset, row, mask, says, seen, by, now, key)


def remove(
    engine: Engine,
    home: Path,
    dataset: str,
    picture: str,
    *,
    seen: str,
    by: str,
    now: datetime,
    key: str | None = None,
) -> Saved:
    """The picture counts everywhere again; its mask stays in the store. Errors as `save`."""
    check(by, "edit datasets")
    row = _row(engine, home, dataset, picture)
    says = f"No mask of {row.picture.file_name}"
    return _write(engine, home, dataset, row, "", says, seen, by, now, key)


def confirm(
    engine: Engine,
    home: Path,
    dataset: str,
    picture: str,
    *,
    seen: str,
    by: str,
    now: datetime,
    key: str | None = None,
) -> Saved:
    """The mask `seen` of an earlier drawing fits the picture as it is now. Errors as `save`."""
    check(by, "edit datasets")
    row = _row(engine, home, dataset, picture)
    says = f"The mask of {row.picture.file_name} fits"
    return _write(engine, home, dataset, row, seen, says, seen, by, now, key)


def match(home: Path, token: str, rows: Sequence[Row]) -> Matched:
    """Which masks of an upload belong to which pictures, by path or by name alone where that is
    one picture's: potion.mask.png, potion-masklabel.png or potion.png of potion.png. Zips are
    unpacked. StudioError when the upload is gone."""
    folder, refused = uploads.unpacked(home, token)
    found = intake.find(folder)
    refused += found.refused
    refused += [
        Refusal(name, "layers are not read as a mask.", "Export it as PNG.")
        for name in found.layered
    ]
    names = found.pictures
    if len(names) > MOST_FILES:
        raise StudioError(
            f"These are {len(names):,} masks; up to {MOST_FILES:,} are looked at at once.",
            "Throw them away and send them in parts.",
        )
    by_path: dict[str, list[Row]] = defaultdict(list)
    by_name: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        path = PurePosixPath(row.picture.file_name)
        by_path[words.plain(str(path.with_suffix("")))].append(row)
        by_name[words.plain(path.stem)].append(row)
    fits: dict[str, Fit] = {}
    for name in names:
        try:
            bare = mask_files.bare(name)
            place = words.plain(str(PurePosixPath(name).with_name(bare or "-")))
            row = _one(by_path.get(place) or by_name.get(words.plain(bare)) or [], bare)
            picture = row.picture
            if picture.hash in fits:
                other = fits[picture.hash].file
                raise StudioError(
                    f"a second mask of {picture.file_name}; {other} is taken.", "Leave one out."
                )
            data = images.read_file(folder / name)
            if hashlib.sha256(data).hexdigest() == picture.hash:
                raise StudioError("this is the picture itself.", "Bring its mask.")
            _read(data, name, (picture.width, picture.height))
            fits[picture.hash] = Fit(name, picture.hash, picture.file_name, picture.mask)
        except StudioError as error:
            reason = error.message.removeprefix(f"{folder / name}: ").removeprefix(f"{name}: ")
            refused.append(Refusal(name, reason, error.remedy))
    return Matched(tuple(fits.values()), tuple(refused))


def take(
    engine: Engine,
    home: Path,
    dataset: str,
    token: str,
    fits: Sequence[Fit],
    *,
    by: str,
    now: datetime,
) -> int:
    """Put the masks of an upload that were found to fit into the draft, as one step; how many. The
    upload is then gone. StudioError as `save`, with nothing written."""
    check(by, "edit datasets")
    if not fits:
        raise StudioError("There is no mask to take.", "Bring one that fits a picture.")
    folder, _ = uploads.unpacked(home, token)
    changes: list[Change] = []
    for fit in fits:
        row = _row(engine, home, dataset, fit.picture)
        data = images.read_file(folder / fit.file)
        grey = _read(data, fit.file, (row.picture.width, row.picture.height))
        changes.append(Change(fit.picture, "mask", _keep(home, grey) if grey else ""))
    before = {fit.picture: fit for fit in fits}

    def unless(current: Mapping[Place, Edit]) -> None:
        for change in changes:
            fit = before[change.hash]
            _check(home, dataset, fit.picture, fit.picture_name, current, fit.before, change.value)

    many = len(changes) > 1
    says = f"Masks of {len(changes):,} pictures" if many else f"Mask of {fits[0].picture_name}"
    drafts.write(engine, dataset, changes, says=says, by=by, now=now, key=token, unless=unless)
    uploads.discard(home, token, by=by)
    return len(changes)


def _one(found: Sequence[Row], bare: str) -> Row:
    if not found:
        raise StudioError(
            "no picture of the set is called so.",
            "Call it like its picture: potion.mask.png for potion.png.",
        )
    if len(found) > 1:
        names = listed([row.picture.file_name for row in found])
        raise StudioError(
            f"{len(found)} pictures are called {bare}: {names}.",
            "Drop the folder, so that the mask lies under its picture's path.",
        )
    if found[0].withdrawn:
        raise StudioError("its picture was withdrawn.", "See the tab Consent.")
    return found[0]


def _row(engine: Engine, home: Path, dataset: str, picture: str) -> Row:
    heads = manifests.heads(home, dataset)
    if not heads:
        raise StudioError(f"There is no dataset {dataset!r}.", "Add pictures to it first.")
    version = manifests.read(home, dataset, heads[0].digest)
    found = [one for one in version.pictures if one.hash == picture]
    if not found:
        raise StudioError(
            "The picture is not in the newest version any more; it was redrawn or removed.",
            "Look at the newest version. What you drew can be taken along as a file.",
        )
    mine = [edit for edit in drafts.read(engine, dataset) if edit.hash == picture]
    (row,) = edits.applied(found, mine, withdrawals.by(home))
    if row.withdrawn:
        raise StudioError(f"{row.picture.file_name} was withdrawn.", "See the tab Consent.")
    return row


def _read(data: bytes, file: str, size: tuple[int, int]) -> Image.Image | None:
    """The grey of a mask's file, None where everything counts."""
    if len(data) > MOST_BYTES:
        raise StudioError(
            f"{file}: the mask has {len(data) / 1024**2:.0f} MB, more than "
            f"{MOST_BYTES // 1024**2}.",
            "Save it as PNG in grey.",
        )
    grey = images.as_grey(images.decode(data, file, reading=images.PLAIN))
    try:
        mask_files.check_size(grey.size, size)
        mask_files.check_shows(grey)
    except StudioError as error:
        raise StudioError(f"{file}: {error.message}", error.remedy) from error
    low = grey.getextrema()[0]
    return None if low == 255 else grey


def _keep(home: Path, grey: Image.Image) -> str:
    data = _png(grey)
    digest = hashlib.sha256(data).hexdigest()
    intake.keep(_store(home), digest, data, ".png", flush=True)
    return digest


def _write(
    engine: Engine,
    home: Path,
    dataset: str,
    row: Row,
    mask: str,
    says: str,
    seen: str,
    by: str,
    now: datetime,
    key: str | None,
) -> Saved:
    picture = row.picture

    def unless(current: Mapping[Place, Edit]) -> None:
        _check(home, dataset, picture.hash, picture.file_name, current, seen, mask)

    change = Change(picture.hash, "mask", mask)
    same = mask == picture.mask and not picture.mask_of
    wanted = [] if same else [change]
    step = drafts.write(
        engine, dataset, wanted, says=says, by=by, now=now, key=key, unless=unless
    ).step
    return Saved(mask, step)


def _check(
    home: Path,
    dataset: str,
    picture: str,
    name: str,
    current: Mapping[Place, Edit],
    seen: str,
    wanted: object,
) -> None:
    """Overtaken where neither what was seen nor what is wanted holds now."""
    edit = current.get((picture, "mask"))
    if edit is not None and edit.value is not None:
        holds, by = str(edit.value), edit.by
    else:  # read here: somebody may have frozen the draft a moment ago
        head = manifests.heads(home, dataset)[0]
        version = manifests.read(home, dataset, head.digest)
        holds = next((p.mask for p in version.pictures if p.hash == picture), seen)
        by = head.actor
    if holds not in (seen, wanted):
        raise Overtaken(name, by, holds)


def _png(grey: Image.Image) -> bytes:
    data = io.BytesIO()
    grey.save(data, format="PNG")
    return data.getvalue()


def _store(home: Path) -> Path:
    return home / "datasets" / manifests.STORE
