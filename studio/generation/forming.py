"""The picture that a drawing is at, as far as it is: a file in the job's folder while it draws."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from studio.generation.picture_files import write_png

FILE = ".forming.png"  # hidden: it is no picture of the gallery


def put(folder: Path, picture: Image.Image) -> None:
    """Put the picture in its place; StudioError where it can't be written."""
    write_png(folder / FILE, picture)


def take_away(folder: Path) -> None:
    """The drawing has ended."""
    (folder / FILE).unlink(missing_ok=True)


def of_job(home: Path, style: str, version: int, job: int) -> Path:
    """Where it is while the job draws; there may be none yet."""
    drawn = Path(style) / f"v{version}" if style else Path("_base")
    return home / "generated" / drawn / str(job) / FILE
