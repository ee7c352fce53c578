"""A caption written by hand, as the draft's freeze stores it, in one line of a test."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from studio.datasets import freeze
from studio.datasets.manifests import DatasetVersion, Look
from studio.datasets.pictures import Picture


def write_caption(
    home: Path, name: str, hash: str, caption: str, *, now: datetime, actor: str = ""
) -> DatasetVersion:

    def captioned(before: DatasetVersion | None) -> tuple[Look, list[Picture]]:
        assert before is not None
        pictures = before.pictures
        return before.look, [
            replace(p, caption=caption, caption_by="hand") if p.hash == hash else p
            for p in pictures
        ]

    return freeze.change(home, name, captioned, now=now, actor=actor)
