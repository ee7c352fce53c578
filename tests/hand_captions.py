"""A caption written by hand, as the draft's freeze stores it, in one line of a test."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from studio.datasets import freeze
from studio.datasets.manifests import DatasetVersion


def write_caption(
    home: Path, name: str, hash: str, caption: str, *, now: datetime, actor: str = ""
) -> DatasetVersion:
    return freeze.change(
        home,
        name,
        lambda before: (
            before.look,
            [
                replace(p, caption=caption, caption_by="hand") if p.hash == hash else p
                for p in before.pictures
            ],
        ),
        now=now,
        actor=actor,
    )
