"""How a dataset's pictures are shown to a model, changed as a version of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from studio.datasets import freeze
from studio.datasets.manifests import DatasetVersion, Look
from studio.datasets.pictures import Picture
from studio.errors import StudioError


def change(
    home: Path, name: str, seen: Look, wanted: Look, *, now: datetime, actor: str
) -> DatasetVersion:
    """The newest version with the look `wanted`, as a version; `seen` is what the person had
    before them. The same look again gives the version that is there.

    StudioError where somebody has changed the look meanwhile, or it can't be.
    """
    freeze.check_look(wanted)

    def make(before: DatasetVersion | None) -> tuple[Look, Sequence[Picture]]:
        if before is None:
            raise StudioError(f"There is no dataset {name!r}.", "Bring its pictures in first.")
        if before.look not in (seen, wanted):
            raise StudioError(
                f"Somebody has changed the look of {name} meanwhile.", "Look at it, then say again."
            )
        return wanted, before.pictures

    return freeze.change(home, name, make, now=now, actor=actor, says=difference(seen, wanted))


def difference(seen: Look, wanted: Look) -> str:
    """What changed from one to the other, in a line; empty where they are the same."""
    said = []
    if wanted.behind != seen.behind or wanted.matte != seen.matte:
        solid = wanted.behind == "solid"
        said.append(f"behind alpha {wanted.matte if solid else wanted.behind}")
    if wanted.filter != seen.filter:
        said.append(f"scaled with {wanted.filter}")
    if wanted.size != seen.size:
        said.append(f"{wanted.size} pixels a side" if wanted.size else "the base's own size")
    if wanted.mirror != seen.mirror:
        said.append("mirrored pictures allowed" if wanted.mirror else "no mirrored pictures")
    if wanted.tileable != seen.tileable:
        ways = wanted.tileable.upper().replace("XY", "X and Y")
        said.append(f"tileable {ways}" if ways else "not tileable")
    return f"Look: {', '.join(said)}" if said else ""
