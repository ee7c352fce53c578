"""The studio that the version before left behind, brought back by today's code.

`operations/before-0923822.tar.xz` is a backup that `operations/make_before` had the version
before make; the JSON beside it says what was in the studio then.
"""

import json
import lzma
from functools import cache
from pathlib import Path
from typing import Any

from studio import context
from studio.operations.restore import Restored, restore
from studio.settings import Settings, load_settings

KEPT = Path(__file__).parent / "operations" / "before-0923822"


@cache
def told() -> dict[str, Any]:
    """What was in the studio, by whoever made the backup."""
    return dict(json.loads(KEPT.with_suffix(".json").read_text("utf-8")))


def jobs(kind: str, state: str) -> list[dict[str, Any]]:
    """The jobs of a kind that were in a state, the oldest first; each with what it had `kept`."""
    names = ("id", "kind", "state", "asked_by", "kept")
    all = [dict(zip(names, row, strict=True)) for row in told()["jobs"]]
    return [job for job in all if (job["kind"], job["state"]) == (kind, state)]


def unpacked(folder: Path) -> Path:
    """The backup as a file."""
    file = folder / "before.tar"
    file.write_bytes(lzma.decompress(KEPT.with_suffix(".tar.xz").read_bytes()))
    return file


def bring_back(folder: Path) -> tuple[Settings, Restored]:
    """The studio, restored into `folder`/home."""
    settings = load_settings({"STUDIO_THREADS": "1"}, home=str(folder / "home"))
    file = unpacked(folder)
    restored = restore(settings, file, context.now(), lambda line: None)
    file.unlink()
    return settings, restored
