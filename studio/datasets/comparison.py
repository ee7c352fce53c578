"""How one version differs from another: what came, what went, what is said otherwise."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal

from studio.datasets.manifests import DatasetVersion
from studio.datasets.pictures import Picture

_TOLD = [
    f.name for f in fields(Picture) if f.name not in ("hash", "caption", "caption_by", "mask_by")
]


@dataclass(frozen=True)
class Difference:
    """Pictures by file name: `redrawn` have their name in both but other bytes; `captions` and
    `otherwise` (category, tags, provenance, name) are the same picture before and after."""

    added: tuple[Picture, ...]
    removed: tuple[Picture, ...]
    redrawn: tuple[tuple[Picture, Picture], ...]
    captions: tuple[tuple[Picture, Picture], ...]
    otherwise: tuple[tuple[Picture, Picture], ...]
    look: bool

    @property
    def same(self) -> bool:
        """Whether both versions hold the same, to the last word."""
        parts = (self.added, self.removed, self.redrawn, self.captions, self.otherwise)
        return not any(parts) and not self.look


def compare(before: DatasetVersion, after: DatasetVersion) -> Difference:
    """What `after` has otherwise than `before`."""
    old, new = ({p.hash: p for p in v.pictures} for v in (before, after))
    gone = {p.file_name: p for hash, p in old.items() if hash not in new}
    came = [p for hash, p in new.items() if hash not in old]
    names = {p.file_name for p in came}
    both = [(old[hash], p) for hash, p in new.items() if hash in old]
    return Difference(
        added=tuple(p for p in came if p.file_name not in gone),
        removed=tuple(p for p in gone.values() if p.file_name not in names),
        redrawn=tuple((gone[p.file_name], p) for p in came if p.file_name in gone),
        captions=tuple((a, b) for a, b in both if a.caption != b.caption),
        otherwise=tuple((a, b) for a, b in both if unlike(a, b)),
        look=before.look != after.look,
    )


def unlike(before: Picture, after: Picture) -> Sequence[str]:
    """The fields beside the caption in which two records of one picture differ."""
    return [name for name in _TOLD if getattr(before, name) != getattr(after, name)]


def words(before: str, after: str) -> list[tuple[Literal["same", "gone", "new"], str]]:
    """Both texts in runs of words: what both have, what went, what came."""
    old, new = before.split(), after.split()
    runs: list[tuple[Literal["same", "gone", "new"], str]] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, False).get_opcodes():
        if kind == "equal":
            runs.append(("same", " ".join(old[a:b])))
            continue
        if b > a:
            runs.append(("gone", " ".join(old[a:b])))
        if d > c:
            runs.append(("new", " ".join(new[c:d])))
    return runs
