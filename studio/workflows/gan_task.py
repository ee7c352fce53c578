"""What a GAN's training is to learn, in plain values, and what lies in its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from studio.datasets.manifests import DatasetVersion
from studio.gan.settings import GanSettings

MADE, ABOUT, KEPT, GRIDS = "gan", "ended.json", "kept", "grids"
BATCH = "batch.png"


@dataclass(frozen=True)
class Task:
    """A dataset's version, or the frames of a `folder`, and how they are learned. `before` is the
    SHA-256 of an earlier GAN's file to begin with, "" for none."""

    style: str
    settings: GanSettings
    version: DatasetVersion | None = None
    folder: str = ""
    before: str = ""

    @property
    def hashes(self) -> list[str]:
        """The pictures of the dataset."""
        return [one.hash for one in self.version.pictures] if self.version else []


def kept_file(folder: Path, step: int) -> Path:
    """Where the generator of a check lies."""
    return folder / KEPT / f"step-{step:06d}.safetensors"
