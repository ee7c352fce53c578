"""Pictures that come to a dataset: what is new is added to its newest version.

`folder_import` takes a folder for the whole set; here a folder is only what comes to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from studio import images
from studio.accounts.rights import check
from studio.datasets import archives, intake, mask_files, versions, withdrawals, words
from studio.datasets.freeze import change
from studio.datasets.manifests import STORE, DatasetVersion, Look
from studio.datasets.pictures import CONSENT, Cut, Picture, Refusal
from studio.datasets.sheets.cut_files import UNCUT, CutFiles
from studio.datasets.warnings import set_warnings, size_remarks
from studio.errors import StudioError

SameName = Literal["replace", "beside"]


@dataclass(frozen=True)
class Added:
    """A version and, as file names in it, what came: new, redrawn under a name that was there,
    described anew; what was left out, and what to know."""

    version: DatasetVersion
    new: tuple[str, ...]
    redrawn: tuple[str, ...]
    described: tuple[str, ...]
    refused: tuple[Refusal, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class NewPicture:
    """A picture that is no file yet: its bytes, a name in the set, and what is known of it.
    `caption_by` "" is found out, `parent` is the hash of the picture that it was made from, `cut`
    says what it was cut from."""

    data: bytes
    file_name: str
    caption: str
    category: str = ""
    tags: tuple[str, ...] = ()
    source: str = ""
    author: str = ""
    licence: str = ""
    caption_by: str = ""
    origin: str = "imported"
    parent: str = ""
    mask: str = ""
    consent: tuple[str, str, str, str] = ("", "", "", "")  # in the order of checks.CONSENT
    cut: Cut | None = None


@dataclass(frozen=True)
class _Merged:
    pictures: tuple[Picture, ...]
    new: tuple[str, ...]
    redrawn: tuple[str, ...]
    described: tuple[str, ...]
    refused: tuple[Refusal, ...]


def add_folder(
    home: Path,
    name: str,
    folder: Path,
    *,
    same_name: SameName = "replace",
    look: Look | None = None,
    source: str = "",
    author: str = "",
    licence: str = "",
    now: datetime,
    actor: str,
    says: str = "",
    report: Callable[[int, int], None] | None = None,
    found: intake.Found | None = None,
    cut: CutFiles = UNCUT,
) -> Added:
    """Adds a folder's pictures to the newest version of `name`, or begins the dataset with them.

    A picture whose bytes are there already only brings what its files newly say of it. One whose
    name is there with other bytes replaces that picture, keeping what people wrote about it, or
    with "beside" comes under another name. `found` and `cut` are as `intake.take_in` has them.
    StudioError as that.
    """
    check(actor, "edit datasets")
    versions.check_name(name)
    taken = intake.take_in(
        home,
        folder,
        source=source.strip(),
        author=author.strip(),
        licence=licence.strip(),
        report=report,
        found=found,
        cut=cut,
    )
    return _add(
        home, name, taken.pictures, taken.refused, taken.warnings, same_name, look, now, actor, says
    )


def add_pictures(
    home: Path,
    name: str,
    pictures: Sequence[NewPicture],
    *,
    now: datetime,
    actor: str,
    says: str = "",
) -> Added:
    """Adds pictures that are in memory, such as approved drawings, with where they are from.

    A name that is there with other bytes stays; the new picture comes beside it. StudioError for
    bytes that are no picture or a name that leads out of the folder.
    """
    check(actor, "edit datasets")
    versions.check_name(name)
    store = home / "datasets" / STORE
    taken: dict[str, Picture] = {}
    for one in pictures:
        seen = images.see(one.data, one.file_name)
        opened = seen.picture
        digest = hashlib.sha256(one.data).hexdigest()
        consent: dict[str, Any] = dict(zip(CONSENT, one.consent, strict=True))
        intake.keep(store, digest, one.data, PurePosixPath(one.file_name).suffix)
        taken[digest] = Picture(
            hash=digest,
            file_name=str(archives.safe(one.file_name)),
            caption=words.one_line(one.caption) or words.from_name(one.file_name),
            category=one.category,
            width=opened.width,
            height=opened.height,
            has_alpha=intake.has_alpha(opened),
            source=one.source,
            author=one.author,
            licence=one.licence,
            caption_by=one.caption_by or ("file" if words.one_line(one.caption) else "name"),
            tags=one.tags,
            origin=one.origin,
            parent=one.parent,
            mask=one.mask,
            reading=seen.reading,
            empty=seen.empty,
            cut=one.cut,
            **consent,
        )
    if not taken:
        raise StudioError("There is no picture to add.", "Choose at least one.")
    return _add(home, name, tuple(taken.values()), (), (), "beside", None, now, actor, says)


def _add(
    home: Path,
    name: str,
    taken: Sequence[Picture],
    refused: Sequence[Refusal],
    warnings: Sequence[str],
    same_name: SameName,
    look: Look | None,
    now: datetime,
    actor: str,
    says: str,
) -> Added:
    merged: list[_Merged] = []
    was: list[Picture] = []
    refused = (*refused, *withdrawals.refusals(home, taken))
    taken = withdrawals.left(home, taken)
    if not taken:
        raise StudioError(
            f"Nothing can be added. {refused[0].file}: {refused[0].reason}", refused[0].remedy
        )

    def make(before: DatasetVersion | None) -> tuple[Look, Sequence[Picture]]:
        was.extend(before.pictures if before else ())
        merged.append(_merge(was, taken, same_name))
        return look or (before.look if before else Look()), merged[0].pictures

    def line() -> str:
        told = [("added", merged[0].new), ("redrawn", merged[0].redrawn)]
        told += [("described anew", merged[0].described)]
        said = ", ".join(f"{len(names)} {word}" for word, names in told if names)
        return f"{says}: {said}" if says and said else says or said

    version = change(home, name, make, now=now, actor=actor, says=line)
    found = merged[0]
    return Added(
        version,
        found.new,
        found.redrawn,
        found.described,
        (*refused, *found.refused),
        (
            *warnings,
            *set_warnings(version.pictures),
            *size_remarks(_came(version, found), version.pictures, version.look),
            *mask_files.remarks(was, taken, version.pictures),
        ),
    )


def _came(version: DatasetVersion, found: _Merged) -> list[Picture]:
    names = {*found.new, *found.redrawn}
    return [picture for picture in version.pictures if picture.file_name in names]


def _merge(before: Sequence[Picture], taken: Sequence[Picture], same_name: SameName) -> _Merged:
    kept = {words.plain(p.file_name): p for p in before}
    by_hash = {p.hash: place for place, p in kept.items()}
    new, redrawn, described = [], [], []
    refused: list[Refusal] = []
    for picture in taken:
        place = words.plain(picture.file_name)
        if picture.hash in by_hash:
            there = kept[by_hash[picture.hash]]
            told = _told_anew(there, picture)
            if told != there:
                kept[by_hash[picture.hash]] = told
                described.append(there.file_name)
            else:
                refused.append(
                    Refusal(
                        picture.file_name,
                        f"it is in the set already, as {there.file_name}.",
                        "Nothing to do; one is kept.",
                    )
                )
            continue
        if place in kept and same_name == "replace":
            del by_hash[kept[place].hash]
            picture = _redrawn(kept[place], picture)
            redrawn.append(picture.file_name)
        else:
            picture = replace(picture, file_name=_free(picture.file_name, kept))
            place = words.plain(picture.file_name)
            new.append(picture.file_name)
        kept[place], by_hash[picture.hash] = picture, place
    return _Merged(
        tuple(kept.values()), tuple(new), tuple(redrawn), tuple(described), tuple(refused)
    )


def _told_anew(there: Picture, came: Picture) -> Picture:
    """The picture with what its files say now; what people wrote by hand stays."""
    fresh = came.caption_by == "file" and there.caption_by != "hand"
    return replace(
        there,
        caption=came.caption if fresh else there.caption,
        caption_by="file" if fresh else there.caption_by,
        tags=there.tags or came.tags,
        source=there.source or came.source,
        author=there.author or came.author,
        licence=there.licence or came.licence,
        # Read as it is now: its file may have come before profiles and frames were looked at.
        width=came.width,
        height=came.height,
        has_alpha=came.has_alpha,
        reading=came.reading,
        empty=came.empty,
        cut=there.cut or came.cut,
        **mask_files.same_drawing(there, came),
        **{field: getattr(there, field) or getattr(came, field) for field in CONSENT},
    )


def _redrawn(there: Picture, came: Picture) -> Picture:
    """The new picture under its old name, keeping what was known and is not said anew."""
    keeps = there.caption_by == "hand" or came.caption_by == "name"
    return replace(
        came,
        file_name=there.file_name,
        caption=there.caption if keeps else came.caption,
        caption_by=there.caption_by if keeps else came.caption_by,
        category=there.category or came.category,
        tags=there.tags or came.tags,
        source=came.source or there.source,
        author=came.author or there.author,
        licence=came.licence or there.licence,
        origin="painted" if there.origin in ("generated", "painted") else came.origin,
        **mask_files.redrawn(there, came),
        **{field: getattr(came, field) or getattr(there, field) for field in CONSENT},
    )


def _free(file_name: str, kept: dict[str, Picture]) -> str:
    path, name, number = PurePosixPath(file_name), file_name, 2
    while words.plain(name) in kept:
        name = str(path.with_name(f"{path.stem}-{number}{path.suffix}"))
        number += 1
    return name
