"""How one version differs from another: what came, what went, what is said otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from studio.datasets.checks import Picture
from studio.datasets.manifests import DatasetVersion

_TOLD = [f.name for f in fields(Picture) if f.name not in ("hash", "caption", "caption_by")]


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
