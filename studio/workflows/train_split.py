"""Which pictures of a dataset teach and which are held out, as every reader finds them again."""

from __future__ import annotations

from pathlib import Path

from studio.datasets import duplicate_groups
from studio.datasets.manifests import DatasetVersion
from studio.training import heldout


def parted(home: Path, version: DatasetVersion, share: float) -> heldout.Parts:
    """Positions of the pictures that teach and of the share held out, the same at every call.

    What looks like a held-out picture or was made from it is in neither.
    """
    hashes = [picture.hash for picture in version.pictures]
    if not share:
        return heldout.part(hashes, 0.0)
    groups = [*duplicate_groups.find(home, version.pictures)]
    groups += [(p.parent, p.hash) for p in version.pictures if p.parent]
    return heldout.part(hashes, share, groups, [p.hash for p in version.pictures if p.added])
