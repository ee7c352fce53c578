"""Lists of pictures to draw: read and checked line by line, and what was drawn packed by name."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from studio import images, numbers
from studio.assets import thumbnails
from studio.diffusion import prompt_weights, seamless, sizes
from studio.errors import StudioError
from studio.generation import alternatives, list_rows
from studio.generation.alternatives import Alternative
from studio.generation.gallery_table import Picture
from studio.generation.list_rows import Row
from studio.store import local
from studio.store.publish import publishing
from studio.text.decoding import cleaned

COLUMNS = (
    *("name", "prompt", "count", "seed", "width", "height", "category", "negative", "seamless"),
)
NO = "no"  # of a line that is not seamless, in a list that is
ALSO = {"negative prompt": "negative", "negative_prompt": "negative"}  # how else they are called
MOST = 10_000  # pictures of one list
LIST_BYTES = 2_000_000
PROMPT = 2_000  # characters
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
NAMED = "Use 1 to 60 letters, digits, dots, dashes and underscores, no spaces."
MOST_PIXELS = 64_000_000  # of an enlarged one
FACTORS = ("1/8", "1/4", "1/2", "1", "2", "4", "8", "16")


@dataclass(frozen=True)
class Line:
    """`count` pictures of a prompt with seeds seed, seed + 1, ... What a list's line does not say
    of negative prompt, width, height and seamless edges is as it is for all."""

    name: str
    prompt: str
    count: int
    seed: int
    width: int | None = None
    height: int | None = None
    category: str = ""
    negative: str = ""
    seamless: str = ""


@dataclass(frozen=True)
class PictureList:
    """What a list holds, its alternatives as lines of their own, and what is wrong with it, one
    sentence each with its line's number. `written` is how many lines people wrote that are right.
    """

    lines: tuple[Line, ...]
    problems: tuple[str, ...]
    written: int = 0

    @property
    def pictures(self) -> int:
        """How many pictures it asks for."""
        return sum(line.count for line in self.lines)


def read_list(text: str, count: int = 1) -> PictureList:
    """A list as pasted from a table or as CSV, with the columns COLUMNS.

    Parted by tabs, semicolons or commas; a first line of column names gives their order. A line
    without a count gets `count`; one without a seed gets one that its name decides, so that the
    same list draws the same pictures. `{wood,iron}` in a prompt makes a line of each, whose name
    says which (`studio.generation.alternatives`).
    """
    if len(text.encode("utf-8", "replace")) > LIST_BYTES:
        return PictureList((), ("The list is longer than 2 MB. Send it in several parts.",))
    rows = list_rows.rows(cleaned(text))
    columns: Sequence[str] = COLUMNS
    if rows and {"name", "prompt"} <= {cell.lower() for cell in rows[0][1]}:
        columns = [ALSO.get(cell.lower(), cell.lower()) for cell in rows.pop(0)[1]]
        known = ", ".join(COLUMNS)
        if extra := [name for name in columns if name not in COLUMNS]:
            return PictureList((), (f"There is no column {extra[0]!r}. Known: {known}.",))
        if twice := [name for name in columns if columns.count(name) > 1]:
            return PictureList((), (f"There are two columns {twice[0]!r}. Keep one of them.",))
    return of_rows(columns, rows, count)


def of_rows(columns: Sequence[str], rows: Sequence[Row], count: int) -> PictureList:
    """The list in rows of cells, each with its line's number; else as `read_list`."""
    lines: list[Line] = []
    problems: list[str] = []
    first: dict[str, int] = {}
    pictures = written = 0
    for number, cells in rows:
        try:
            made = _lines(columns, cells, count, pictures)
            for line in made:
                before = first.setdefault(line.name.lower(), number)
                if before != number:
                    raise StudioError(
                        f"the name {line.name!r} stands in line {before} too.",
                        "Each line needs a name of its own; use count for several pictures of one.",
                    )
            lines += made
            written += 1
            pictures += len(made) * made[0].count
        except StudioError as error:
            problems.append(f"Line {number}: {error.message} {error.remedy}")
    if not rows:
        problems.append(f"The list is empty. Write a line for each: {', '.join(COLUMNS[:4])}")
    return PictureList(tuple(lines), tuple(problems), written)


def _lines(columns: Sequence[str], cells: Sequence[str], count: int, before: int) -> list[Line]:
    """The lines of a row, one for each alternative of its prompt, at least one; `before` is how
    many pictures the rows before it ask for. StudioError for what can't be drawn."""
    if len(cells) > len(columns):
        raise StudioError(
            f"it has {len(cells)} cells, more than {', '.join(columns)}.",
            'Put a prompt with commas in "quotes".',
        )
    row = dict(zip(columns, cells, strict=False))
    name, prompt, category, negative = (
        row.get(key, "") for key in ("name", "prompt", "category", "negative")
    )
    if not NAME.fullmatch(name):
        raise StudioError(f"name is {name[:60]!r}, which can't be a file's name.", NAMED)
    if category and not NAME.fullmatch(category):
        raise StudioError(f"category is {category[:60]!r}, which can't be a folder's name.", NAMED)
    if not prompt:
        raise StudioError(f"{name} has no prompt.", "Say what to draw.")
    parts = alternatives.parts(prompt)
    _check_words("negative", negative)
    each = _count(row.get("count") or count)
    width, height = (_side(key, row.get(key, "")) for key in ("width", "height"))
    way = row.get("seamless", "").lower()
    if way != NO:
        seamless.check(way, width, height)
    asked = alternatives.count(parts) * each
    if before + asked > MOST:
        raise StudioError(
            f"prompt and count make {asked:,} pictures, with which the list asks for "
            f"{before + asked:,} pictures.",
            f"Take fewer alternatives or a lower count, or several lists: {MOST:,} pictures are "
            "the most of one.",
        )
    found = []
    for called, text in _named(name, list(alternatives.all_of(parts))):
        _check_words("prompt", text)
        seed = numbers.seed(row.get("seed") or zlib.crc32(called.lower().encode()))
        found.append(Line(called, text, each, seed, width, height, category, negative, way))
    return found


def _check_words(key: str, text: str) -> None:
    if len(text) > PROMPT:
        raise StudioError(f"the {key} has {len(text):,} characters.", f"Use at most {PROMPT:,}.")
    prompt_weights.check(text)


def _count(given: str | int) -> int:
    try:
        return numbers.whole("count", given, 1, 100)
    except StudioError as error:
        remedy = f'{error.remedy} A prompt with commas stands in "quotes".'
        raise StudioError(error.message, remedy) from None


def _side(key: str, written: str) -> int | None:
    return numbers.whole(key, written, sizes.LEAST, sizes.MOST) if written else None


def _named(name: str, found: Sequence[Alternative]) -> list[tuple[str, str]]:
    """What each alternative of a line is called, and its prompt."""
    names: dict[str, str] = {}
    for one in found:
        called = "_".join([name, *filter(None, one.marks)])
        if called.lower() in names:
            called = f"{called}_{len(names) + 1}"
        if not NAME.fullmatch(called):
            raise StudioError(
                f"name is {name!r}, and with its alternatives {called[:80]!r}, which has "
                f"{len(called)} characters.",
                "Shorten the name or the alternatives: 60 characters are the most.",
            )
        names[called.lower()] = called
    return list(zip(names.values(), (one.prompt for one in found), strict=True))


def check_factor(width: int, height: int, factor: str) -> None:
    """StudioError for what is no factor, and where a picture of this size, or what comes of it,
    has more pixels than are decoded at once: told before any is."""
    if factor not in FACTORS:
        raise StudioError(f"{factor[:20]!r} is no factor.", f"Use one of {', '.join(FACTORS)}.")
    up = 1 if "/" in factor else int(factor)
    if width * height * up * up > MOST_PIXELS:
        raise StudioError(
            f"At {factor} times its size the picture would have {width * up:,} x {height * up:,} "
            "pixels."
            if up > 1
            else f"The picture has {width:,} x {height:,} pixels.",
            "Take a smaller factor." if up > 1 else "Download it as it is, without a factor.",
        )


def at_factor(picture: Image.Image, factor: str) -> Image.Image:
    """The picture at a whole factor of its size ("4", "1/2"), sharp: nearest neighbour only."""
    check_factor(picture.width, picture.height, factor)
    up, _, down = factor.partition("/")
    if factor == "1":
        return picture
    if not down:
        size = (picture.width * int(up), picture.height * int(up))
        return picture.resize(size, Image.Resampling.NEAREST)
    step = int(down)
    # Pixel centres of a nearest resize lie at the middle of each block.
    size = (max(1, picture.width // step), max(1, picture.height // step))
    return picture.resize(size, Image.Resampling.NEAREST)


def as_it_is(picture: Picture, factor: str, painted: bool = True) -> str:
    """The file that is handed on as it lies where nothing is to be done to a large picture, which
    would fill the memory; "" for any other. Relative to the studio's folder; `painted`: the
    painted-over version where there is one."""
    file = (picture.painted if painted else None) or picture.file
    large = picture.width * picture.height > thumbnails.LARGE
    return file if large and factor == "1" and file.endswith(".png") else ""


def file_name(picture: Picture) -> str:
    """What the picture is called when it leaves the studio: NAME_VARIANT.png."""
    return f"{picture.name or picture.style}_{picture.variant if picture.name else picture.seed}"


def open_picture(home: Path, picture: Picture) -> Image.Image:
    """The picture as it is to be used: the painted-over version where there is one, as RGBA."""
    with images.result(home / (picture.painted or picture.file)) as opened:
        return opened.convert("RGBA")


def as_png(picture: Image.Image) -> bytes:
    """The picture's file."""
    written = io.BytesIO()
    picture.save(written, format="PNG")
    return written.getvalue()


def _as_it_was(picture: Picture, data: bytes) -> bytes:
    return data


def pack(
    home: Path,
    found: Sequence[Picture],
    factor: str,
    target: Path,
    encoded: Callable[[Image.Image], bytes] = as_png,
    labelled: Callable[[Picture, bytes], bytes] = _as_it_was,
) -> int:
    """Write a zip of pictures by their names, each category in a folder, at a whole factor of their
    size, as the PNG that `encoded` makes of each and `labelled` says something in; how many.

    A picture whose file is gone is left out and named in the zip's missing.txt.
    """
    missing, names = [], set[str]()
    with (
        publishing(target, flush=False) as aside,
        zipfile.ZipFile(aside, "w", zipfile.ZIP_STORED) as packed,  # PNGs are packed already
    ):
        for picture in found:
            name = "/".join(filter(None, (picture.category, file_name(picture))))
            name = name if name not in names else f"{name}_{picture.id}"
            names.add(name)
            try:
                if encoded is as_png and (whole := as_it_is(picture, factor)):
                    packed.write(local.present(home / whole), f"{name}.png")
                    continue
                if picture.width * picture.height > MOST_PIXELS:
                    missing.append(f"{name}.png: download it by itself, as it is")
                    continue
                written = encoded(at_factor(open_picture(home, picture), factor))
            except OSError:
                missing.append(f"{name}.png")
                continue
            packed.writestr(f"{name}.png", labelled(picture, written))
        if missing:
            packed.writestr("missing.txt", "\n".join(missing) + "\n")
    return len(found) - len(missing)
