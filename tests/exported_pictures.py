"""Pictures of a style that were drawn, judged and exported, for tests of the report."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
from PIL import Image
from sqlalchemy import Engine

from studio.assets import verdicts
from studio.assets.verdicts import Judgement, Verdict
from studio.database import engine as db
from studio.export import records
from studio.export.records import Record
from studio.generation import gallery_table, picture_files
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made

COLOURS = ((0, 0, 0, 0), (20, 12, 28, 255), (200, 40, 50, 255), (250, 250, 250, 255))


def sprite(seed: int) -> Image.Image:
    """A sprite of three colours, 12 pixels of 16 high, like no other."""
    rng = np.random.default_rng(seed)
    pixels = np.zeros((16, 16), np.int64)
    pixels[2:14, 3:13] = rng.integers(1, 4, (12, 10))
    return Image.fromarray(np.array(COLOURS, np.uint8)[pixels], "RGBA")


def draw(
    engine: Engine,
    home: Path,
    seed: int,
    at: datetime,
    *,
    style: str = "gems",
    job: int | None = None,
) -> str:
    """A picture of the gallery, of the category props; its id."""
    made = Made(style, 1, "pocket", "", "", f"gem {seed}", "", "", seed, 9, 2.0, 1.0)
    file = picture_files.keep(home / "generated" / style, f"g{seed}", sprite(seed), made)
    kept = Kept(file, made, f"gem{seed}", 1, "props")
    return gallery_table.record(engine, home, [kept], by="ana", now=at, job=job)[0]


def judge(engine: Engine, id: str, verdict: Verdict, *reasons: str, by: str, now: datetime) -> None:
    """Somebody's word on a picture that nobody judged yet."""
    verdicts.judge(engine, id, Judgement(verdict, reasons), by=by, now=now, turn=0)


def export(
    engine: Engine,
    files: Sequence[tuple[str, str, bytes]],
    now: datetime,
    destination: str = "zip",
) -> None:
    """Note an export of assets: each with its path and what was written there."""
    found = [
        Record(path, asset, ".png", hashlib.sha256(data).hexdigest(), "new", {}, {})
        for asset, path, data in files
    ]
    with db.writing(engine) as connection:
        records.add(
            connection,
            found,
            profile="game",
            revision=1,
            destination=destination,
            asset="",
            job=None,
            by="ana",
            now=now,
        )
