"""Which pictures of a set are shown: by words, category, tag, and by what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from studio.datasets import duplicate_groups
from studio.datasets.duplicate_groups import Groups
from studio.datasets.edits import Row
from studio.datasets.inspection import KINDS, Findings
from studio.datasets.pictures import Picture, short_caption, without_caption

Show = Literal[
    "all",
    "no-caption",
    "short-caption",
    "no-licence",
    "no-consent",
    "additions",
    "alike",
    "changed",
    "removed",
    "apart",
    "scaled",
    "blurred",
    "palette",
    "mask",
    "no-mask",
    "stale-mask",
    "empty",
]
MARKED: dict[str, Callable[[Picture], bool]] = {
    "empty": lambda picture: picture.empty,
    "mask": lambda picture: bool(picture.mask),
    "no-mask": lambda picture: not picture.mask,
    "stale-mask": lambda picture: bool(picture.mask_of),
}


@dataclass(frozen=True)
class Wanted:
    """`words` must all be in caption, tags or file name; None stands for any category."""

    words: str = ""
    category: str | None = None
    tag: str | None = None
    show: Show = "all"


def pick(
    rows: Sequence[Row], wanted: Wanted, alike: Groups | None, found_out: Findings | None = None
) -> list[Row]:
    """The rows that are wanted, in their order; near duplicates stand beside each other."""
    words = wanted.words.casefold().split()
    found = [row for row in rows if _fits(row, wanted, words)]
    if wanted.show in KINDS:
        of = found_out.of.get(wanted.show, {}) if found_out else {}
        found = [row for row in found if row.picture.hash in of]
    if wanted.show == "alike":
        stay = {row.picture.hash for row in rows if not row.removed}
        groups = duplicate_groups.among(alike, stay)
        place = {hash: n for n, group in enumerate(groups) for hash in group}
        found = [row for row in found if row.picture.hash in place]
        found.sort(key=lambda row: place[row.picture.hash])
    return found


def _fits(row: Row, wanted: Wanted, words: Sequence[str]) -> bool:
    picture = row.picture
    if wanted.category is not None and picture.category != wanted.category:
        return False
    if wanted.tag is not None and wanted.tag not in picture.tags:
        return False
    if words:
        told = f"{picture.caption} {' '.join(picture.tags)} {picture.file_name}".casefold()
        if not all(word in told for word in words):
            return False
    if wanted.show == "all":
        return True
    if wanted.show == "removed":
        return row.removed
    if wanted.show == "changed":
        return bool(row.changed)
    if row.removed:
        return False  # what goes needs no mending
    if wanted.show == "no-caption":
        return without_caption(picture)
    if wanted.show == "short-caption":
        return short_caption(picture)
    if wanted.show == "no-licence":
        return not picture.licence
    if wanted.show == "no-consent":
        return not picture.consent_by
    if wanted.show == "additions":
        return picture.added
    if wanted.show in MARKED:
        return MARKED[wanted.show](picture)
    return True  # alike and what was found out: `pick` decides
