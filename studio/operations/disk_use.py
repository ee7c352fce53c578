"""What takes the room in the studio's folder, by what it is for."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SAYS = {
    "datasets": "Pictures of datasets",
    "generated": "Drawn pictures",
    "finished": "Pictures that were finished by hand",
    "upscaled": "Enlarged pictures",
    "exports": "Exports",
    "received": "Models as providers sent them",
    "props": "Props: models, posters, normal maps and textures",
    "edited": "Pictures that were edited for props",
    "animations": "Animation sheets",
    "runs": "Checkpoints and previews of trainings",
    "sheets": "Test sheets",
    "upscaling-models": "Upscaling models that were brought in",
    "mlruns": "Files of versions",
    "review": "Pictures of ballots and ratings",
    "jobs": "What jobs said and left, and tiles of enlargings",
    "controls": "ControlNets and IP-Adapters",
    "cache": "Copies that are made again when needed",
    "backups": "Copies before changes of the database",
    "logs": "Logs",
}
REST = "Databases and all else"


@dataclass(frozen=True)
class Taken:
    """What something takes: bytes of its files, and how many those are."""

    says: str
    bytes: int
    files: int


def taken(home: str | Path) -> list[Taken]:
    """The most first. A file with several names counts once, under the first that is found; files
    that go meanwhile are left out."""
    sizes: Counter[str] = Counter()
    files: Counter[str] = Counter()
    seen: set[tuple[int, int]] = set()
    top = os.fspath(home)
    for folder, _, names in os.walk(top):
        first = Path(folder).relative_to(top).parts[:1]
        says = SAYS.get(first[0], REST) if first else REST
        for name in names:
            with suppress(OSError):
                about = os.lstat(os.path.join(folder, name))
                one = (about.st_dev, about.st_ino)
                if about.st_nlink > 1 and one in seen:
                    continue
                seen.add(one)
                sizes[says] += about.st_size
                files[says] += 1
    return [Taken(says, size, files[says]) for says, size in sizes.most_common()]
