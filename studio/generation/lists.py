"""Lists of pictures to draw: read and checked line by line, and what was drawn packed by name."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from studio import images, numbers
from studio.diffusion import prompt_weights
from studio.errors import StudioError
from studio.generation.gallery_table import Picture
from studio.store.publish import publishing
from studio.text.decoding import cleaned

COLUMNS = ("name", "prompt", "count", "seed")
MOST = 10_000  # pictures of one list
LIST_BYTES = 2_000_000
PROMPT = 2_000  # characters
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
MOST_PIXELS = 64_000_000  # of an enlarged one
FACTORS = ("1/8", "1/4", "1/2", "1", "2", "4", "8", "16")


@dataclass(frozen=True)
class Line:
    """One line, `count` pictures of a prompt with seeds seed, seed + 1, ..."""

    name: str
    prompt: str
    count: int
    seed: int


@dataclass(frozen=True)
class PictureList:
    """What a list holds, and what is wrong with it, one sentence each with its line's number."""

    lines: tuple[Line, ...]
    problems: tuple[str, ...]

    @property
    def pictures(self) -> int:
        """How many pictures it asks for."""
        return sum(line.count for line in self.lines)


def read_list(text: str, count: int = 1) -> PictureList:
    """A list as pasted from a table or as CSV: name, prompt, count, seed.

    Parted by tabs, semicolons or commas; a first line of column names gives their order. A line
    without a count gets `count`; one without a seed gets one that its name decides, so that the
    same list draws the same pictures.
    """
    if len(text.encode("utf-8", "replace")) > LIST_BYTES:
        return PictureList((), ("The list is longer than 2 MB. Send it in several parts.",))
    text = cleaned(text)
    rows = _rows(text)
    columns: Sequence[str] = COLUMNS
    if rows and {"name", "prompt"} <= {cell.lower() for cell in rows[0][1]}:
        columns = [cell.lower() for cell in rows.pop(0)[1]]
        extra = [name for name in columns if name not in COLUMNS]
        if extra:
            known = ", ".join(COLUMNS)
            return PictureList((), (f"There is no column {extra[0]!r}. Known: {known}.",))
    lines: list[Line] = []
    problems: list[str] = []
    first: dict[str, int] = {}
    for number, cells in rows:
        try:
            line = _line(columns, cells, count)
            before = first.setdefault(line.name.lower(), number)
            if before != number:
                raise StudioError(
                    f"the name {line.name!r} stands in line {before} too.",
                    "Each line needs a name of its own; use count for several pictures of one.",
                )
            lines.append(line)
        except StudioError as error:
            problems.append(f"Line {number}: {error.message} {error.remedy}")
    found = PictureList(tuple(lines), tuple(problems))
    if found.pictures > MOST:
        problems.append(f"That is {found.pictures:,} pictures. Keep a list below {MOST:,}.")
    elif not rows:
        problems.append("The list is empty. Write a line for each: name, prompt, count, seed")
    return PictureList(found.lines, tuple(problems))


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Line numbers and cells of the lines that hold something."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    sign = next((sign for sign in "\t;" if sign in first), ",")
    reader = csv.reader(io.StringIO(text.replace("\0", "")), delimiter=sign, skipinitialspace=True)
    rows = []
    try:
        for cells in reader:
            stripped = [" ".join(cell.split()) for cell in cells]
            if any(stripped) and not stripped[0].startswith("#"):
                rows.append((reader.line_num, stripped))
    except csv.Error as error:
        rows.append((reader.line_num, ["", f"{error}"]))  # is refused there for its empty name
    return rows


def _line(columns: Sequence[str], cells: Sequence[str], count: int) -> Line:
    if len(cells) > len(columns):
        raise StudioError(
            f"it has {len(cells)} cells, more than {', '.join(columns)}.",
            'Put a prompt with commas in "quotes".',
        )
    row = dict(zip(columns, cells, strict=False))
    name, prompt = row.get("name", ""), row.get("prompt", "")
    if not NAME.fullmatch(name):
        raise StudioError(
            f"{name[:60]!r} can't be a file's name.",
            "Use 1 to 60 letters, digits, dots, dashes and underscores, no spaces.",
        )
    if not prompt:
        raise StudioError(f"{name} has no prompt.", "Say what to draw.")
    if len(prompt) > PROMPT:
        raise StudioError(f"the prompt has {len(prompt):,} characters.", f"Use at most {PROMPT:,}.")
    prompt_weights.check(prompt)
    seed = zlib.crc32(name.lower().encode())
    return Line(
        name,
        prompt,
        numbers.whole("count", row.get("count") or count, 1, 100),
        numbers.seed(row.get("seed") or seed),
    )


def at_factor(picture: Image.Image, factor: str) -> Image.Image:
    """The picture at a whole factor of its size ("4", "1/2"), sharp: nearest neighbour only."""
    if factor not in FACTORS:
        raise StudioError(f"{factor[:20]!r} is no factor.", f"Use one of {', '.join(FACTORS)}.")
    up, _, down = factor.partition("/")
    if not down:
        size = (picture.width * int(up), picture.height * int(up))
        if size[0] * size[1] > MOST_PIXELS:
            raise StudioError(
                f"At {factor} times its size the picture would have {size[0]:,} x {size[1]:,} "
                "pixels.",
                "Take a smaller factor.",
            )
        return picture.resize(size, Image.Resampling.NEAREST)
    step = int(down)
    # Pixel centres of a nearest resize lie at the middle of each block.
    size = (max(1, picture.width // step), max(1, picture.height // step))
    return picture.resize(size, Image.Resampling.NEAREST)


def file_name(picture: Picture) -> str:
    """What the picture is called when it leaves the studio: NAME_VARIANT.png."""
    return f"{picture.name or picture.style}_{picture.variant if picture.name else picture.seed}"


def open_picture(home: Path, picture: Picture) -> Image.Image:
    """The picture as it is to be used: the painted-over version where there is one, as RGBA."""
    with images.opened(home / (picture.painted or picture.file)) as opened:
        return opened.convert("RGBA")


def pack(home: Path, found: Sequence[Picture], factor: str, target: Path) -> int:
    """Write a zip of pictures by their names, at a whole factor of their size; how many.

    A picture whose file is gone is left out and named in the zip's missing.txt.
    """
    missing, names = [], set[str]()
    with (
        publishing(target, flush=False) as aside,
        zipfile.ZipFile(aside, "w", zipfile.ZIP_STORED) as packed,  # PNGs are packed already
    ):
        for picture in found:
            name = file_name(picture)
            name = name if name not in names else f"{name}_{picture.id}"
            names.add(name)
            written = io.BytesIO()
            try:
                at_factor(open_picture(home, picture), factor).save(written, format="PNG")
            except OSError:
                missing.append(f"{name}.png")
                continue
            packed.writestr(f"{name}.png", written.getvalue())
        if missing:
            packed.writestr("missing.txt", "\n".join(missing) + "\n")
    return len(found) - len(missing)
