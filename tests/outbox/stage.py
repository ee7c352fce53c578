"""A studio whose files are in a bucket, for the tests of what goes there and comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image
from sqlalchemy import Engine

from studio.assets import files as asset_files
from studio.assets import records
from studio.outbox import files
from studio.outbox.sender import Sender
from studio.store.bucket import Bucket


@dataclass
class Stage:
    """A studio whose files are in a bucket, and what sends them."""

    engine: Engine
    home: Path
    bucket: Bucket
    sender: Sender
    made: list[str] = field(default_factory=list)

    def draw(self, count: int) -> list[Path]:
        """Pictures as a drawing puts them into the gallery."""
        new, drawn = [], []
        for _ in range(count):
            number = len(self.made)
            file = self.home / "generated" / "items" / f"{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGBA", (32, 32), (number % 256, number // 256, 9, 255)).save(file)
            content = asset_files.read(file)
            new.append(records.New("picture", file.name, {"picture": (file, content)}))
            self.made.append(file.name)
            drawn.append(file)
        records.put(self.engine, new, by="ana", now=datetime.now(UTC))
        return drawn

    def waits(self) -> int:
        """How many files are still to go up."""
        return files.tally(self.engine).waiting

    def round(self) -> int:
        """A round that looks for files, too."""
        self.sender.looked = float("-inf")
        return self.sender.round()
