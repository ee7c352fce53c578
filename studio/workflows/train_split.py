"""Which pictures of a dataset teach and which are held out, as every reader finds them again."""

from __future__ import annotations

from pathlib import Path

from studio.datasets import duplicate_groups
from studio.datasets.manifests import DatasetVersion
from studio.datasets.pictures import listed
from studio.training import heldout


def parted(home: Path, version: DatasetVersion, share: float) -> heldout.Parts:
    """Positions of the pictures that teach and of the share held out, the same at every call.

    What looks like a held-out picture or was made from it is in neither, nor what is wholly
    transparent.
    """
    hashes = [picture.hash for picture in version.pictures]
    if not share:
        return _seen(version, heldout.part(hashes, 0.0))
    groups = [*duplicate_groups.find(home, version.pictures)]
    groups += [(p.parent, p.hash) for p in version.pictures if p.parent]
    added = [p.hash for p in version.pictures if p.added]
    return _seen(version, heldout.part(hashes, share, groups, added))


def _seen(version: DatasetVersion, parts: heldout.Parts) -> heldout.Parts:
    """The parts without pictures on which nothing is to be seen."""
    empty = {place for place, picture in enumerate(version.pictures) if picture.empty}
    if not empty:
        return parts
    names = listed([version.pictures[place].file_name for place in sorted(empty)])
    return heldout.Parts(
        tuple(place for place in parts.taught if place not in empty),
        tuple(place for place in parts.held if place not in empty),
        f"{parts.says} Wholly transparent and left out: {names}.",
    )
