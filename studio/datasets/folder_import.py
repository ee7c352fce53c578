"""A folder becomes the newest version of a dataset; what people wrote before is carried over."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from studio.accounts.rights import check
from studio.datasets import intake, mask_files, uploads, versions, withdrawals, words
from studio.datasets.freeze import check_look, freeze, one_writer
from studio.datasets.manifests import DatasetVersion, Look
from studio.datasets.pictures import CONSENT, Picture, Refusal
from studio.datasets.sheets import cutting
from studio.datasets.sheets.requests import PLAIN, Asked
from studio.datasets.warnings import set_warnings, size_remarks
from studio.store import partial_files


@dataclass(frozen=True)
class ImportResult:
    """A version and, as relative file names, how it differs from the newest before it."""

    version: DatasetVersion
    new: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]
    refused: tuple[Refusal, ...]
    warnings: tuple[str, ...]

    def as_record(self) -> dict[str, Any]:
        """As plain values for `--json`."""
        return {
            "name": self.version.name,
            "version": self.version.version,
            "digest": self.version.digest,
            "pictures": len(self.version.pictures),
            "new": self.new,
            "changed": self.changed,
            "gone": self.gone,
            "refused": [asdict(refusal) for refusal in self.refused],
            "warnings": self.warnings,
        }


def import_folder(
    home: Path,
    name: str,
    folder: Path,
    *,
    look: Look | None = None,
    source: str = "",
    author: str = "",
    licence: str = "",
    asked: Asked = PLAIN,
    now: datetime,
    actor: str,
) -> ImportResult:
    """Checks a folder's pictures and freezes them as the newest version of `name`.

    Without `look` the newest version's is kept, and for a first import it is `Look()`.
    So are a picture's source, author and licence where neither the folder nor the caller says
    any; a new picture gets what all pictures of the newest version have in common. Captions
    written by hand stay, found by file name or, after a renaming, by content. Equal content gives
    the version that is there. `asked` says how sheets and animations are cut. StudioError as
    `intake.take_in`, and for a bad name or look.
    """
    check(actor, "edit datasets")
    versions.check_name(name)
    if look is not None:
        check_look(look)
    partial_files.sweep(home / "datasets")
    token = uploads.begin(home, by=actor)  # where frames are written; swept, should this be killed
    try:
        found = intake.find(folder)
        taken = intake.take_in(
            home,
            folder,
            source=source.strip(),
            author=author.strip(),
            licence=licence.strip(),
            found=found,
            cut=cutting.cut_files(home, folder, uploads.aside(home, token), asked, found=found),
        )
    finally:
        uploads.discard(home, token, by=actor)
    with one_writer(home, name):
        before = versions.newest(home, name)
        old = {words.plain(p.file_name): p for p in before.pictures} if before else {}
        by_hand = _by_hand(before)
        pictures = _with_provenance(
            [_with_hand_caption(p, by_hand) for p in taken.pictures],
            before.pictures if before else (),
        )
        kept_look = look or (before.look if before else Look())
        version = freeze(home, name, kept_look, pictures, before, now, actor)
    names = {p.file_name for p in pictures}
    return ImportResult(
        version=version,
        new=tuple(p.file_name for p in pictures if p.file_name not in old),
        changed=tuple(
            p.file_name
            for p in pictures
            if p.file_name in old and _told(p) != _told(old[p.file_name])
        ),
        gone=tuple(sorted(set(old) - names)),
        refused=(*taken.refused, *withdrawals.refusals(home, taken.pictures)),
        warnings=(
            *taken.warnings,
            *set_warnings(pictures),
            *size_remarks(_new(pictures, before), pictures, kept_look),
            *mask_files.remarks(before.pictures if before else (), taken.pictures, pictures),
        ),
    )


def _new(pictures: Sequence[Picture], before: DatasetVersion | None) -> list[Picture]:
    there = {picture.hash for picture in before.pictures} if before else set[str]()
    return [picture for picture in pictures if picture.hash not in there]


def _told(picture: Picture) -> Picture:
    """What counts as a change: the bytes, the caption, category and provenance, not who wrote."""
    return replace(picture, caption_by="")


def _by_hand(version: DatasetVersion | None) -> dict[str, str]:
    written = [p for p in version.pictures if p.caption_by == "hand"] if version else []
    by_name = {words.plain(p.file_name): p.caption for p in written}
    return {p.hash: p.caption for p in written} | by_name


def _with_hand_caption(picture: Picture, by_hand: dict[str, str]) -> Picture:
    caption = by_hand.get(picture.file_name) or by_hand.get(picture.hash)
    return replace(picture, caption=caption, caption_by="hand") if caption else picture


def _with_provenance(pictures: Sequence[Picture], before: Sequence[Picture]) -> tuple[Picture, ...]:
    """The pictures with source, author, licence and tags of before where they are not said anew,
    and with the category of before where only the folder's name says another."""
    known = {p.hash: p for p in before} | {words.plain(p.file_name): p for p in before}
    all_have: dict[str, str] = {}
    for field in ("source", "author", "licence", *CONSENT):
        values = {getattr(p, field) for p in before}
        all_have[field] = values.pop() if len(values) == 1 else ""

    def filled(picture: Picture, field: str) -> str:
        there = known.get(picture.file_name) or known.get(picture.hash)
        return getattr(picture, field) or (getattr(there, field) if there else all_have[field])

    def category(picture: Picture) -> str:
        there = known.get(picture.file_name) or known.get(picture.hash)
        by_folder = picture.category == words.category_of(picture.file_name)
        return there.category if there and there.category and by_folder else picture.category

    def tags(picture: Picture) -> tuple[str, ...]:
        there = known.get(picture.file_name) or known.get(picture.hash)
        return picture.tags or (there.tags if there else ())

    def consent(picture: Picture) -> dict[str, Any]:
        return {field: filled(picture, field) for field in CONSENT}

    def origin(picture: Picture) -> dict[str, Any]:
        there = known.get(picture.hash)
        if there is None or picture.added:  # other bytes under a name: somebody drew it anew
            there = picture
        return {"origin": there.origin, "parent": there.parent, "cut": picture.cut or there.cut}

    def mask(picture: Picture) -> dict[str, Any]:
        there = known.get(picture.hash)
        if there is not None:
            return mask_files.same_drawing(there, picture)
        there = known.get(picture.file_name)
        return mask_files.redrawn(there, picture) if there else {}

    return tuple(
        replace(
            picture,
            category=category(picture),
            tags=tags(picture),
            source=filled(picture, "source"),
            author=filled(picture, "author"),
            licence=filled(picture, "licence"),
            **origin(picture),
            **mask(picture),
            **consent(picture),
        )
        for picture in pictures
    )
