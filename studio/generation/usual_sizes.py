"""A style's usual sizes: those that most of its pictures have, each by a name.

home/sizes/STYLE.yaml   those of a style, once somebody set some
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml
from sqlalchemy import Engine

from studio import numbers, yaml_files
from studio.accounts.rights import check
from studio.database import recorded_files
from studio.database.engine import file_lock, home_of
from studio.diffusion import sizes
from studio.diffusion.sizes import Size
from studio.errors import StudioError
from studio.text import decoding

RIGHT = "change sizes"
MOST = 24  # of one style
NAME = 40  # characters
SIDES = ("width", "height")
STYLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}")  # what a style may be called


@dataclass(frozen=True)
class UsualSize:
    """One of them: "hero", 32 x 48."""

    name: str
    size: Size

    def __str__(self) -> str:
        return f"{self.name} {self.size}"


def read(home: Path, style: str) -> tuple[UsualSize, ...]:
    """Those of a style, in the order in which they are offered; StudioError where the file can't
    be understood."""
    if not STYLE.fullmatch(style) or not (file := _file(home, style)).is_file():
        return ()
    remedy = f"Mend {file}: a list `sizes`, each with name, width and height."
    found = yaml_files.read(decoding.read_text(file).text, str(file), remedy)
    listed = found.get("sizes") if isinstance(found, dict) else None
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise StudioError(f"{file} holds no list of sizes.", remedy)
    return checked([(str(one.get("name") or ""), *map(one.get, SIDES)) for one in listed])


def checked(rows: Sequence[tuple[str, object, object]]) -> tuple[UsualSize, ...]:
    """Names with widths and heights as sizes; StudioError names the row, counted from 1, that is
    none. Rows without anything are passed over."""
    found: dict[str, UsualSize] = {}
    for number, (written, width, height) in enumerate(rows, 1):
        name = " ".join(written.split())
        if not name and width is None and height is None:
            continue
        if not 1 <= len(name) <= NAME:
            raise StudioError(
                f"Size {number} has a name of {len(name)} characters.", f"Give 1 to {NAME}."
            )
        if sizes.read(name) is not None:
            raise StudioError(f"{name!r} is no name.", 'Call the size by what it is for: "hero".')
        if name.lower() in found:
            raise StudioError(f"Two sizes are called {name!r}.", "Give each a name of its own.")
        sides = {
            side: numbers.whole(f"the {side} of {name}", value, sizes.LEAST, sizes.MOST)
            for side, value in zip(SIDES, (width, height), strict=True)
        }
        found[name.lower()] = UsualSize(name, Size(**sides))
    if len(found) > MOST:
        raise StudioError(f"There are {len(found)} sizes.", f"Keep at most {MOST}.")
    return tuple(found.values())


def write(
    engine: Engine,
    style: str,
    new: Sequence[UsualSize],
    before: Sequence[UsualSize],
    *,
    by: str,
    now: datetime,
) -> None:
    """Keep a style's usual sizes; `before` is what the person saw, so that nobody's are lost."""
    check(by, RIGHT)
    if not STYLE.fullmatch(style):
        raise StudioError(f"{style[:80]!r} is no style.", "Give the name of a style.")
    home = home_of(engine)
    file = _file(home, style)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file_lock(file.with_suffix(".lock")):
        held = read(home, style)
        if held == tuple(new):
            return
        if held != tuple(before):
            raise StudioError(
                f"Somebody changed the usual sizes of {style} meanwhile; they are now: "
                f"{', '.join(map(str, held)) or 'none'}.",
                "Look at them again, then make your change.",
            )
        rows = [{"name": one.name, **vars(one.size)} for one in new]
        recorded_files.publish(
            engine,
            file,
            f"# The usual sizes of {style} in pixels; they are changed on the page Generate.\n"
            + yaml.safe_dump({"sizes": rows}, allow_unicode=True, sort_keys=False),
            at=now,
            actor=by,
            action="change sizes",
            style=style,
            reason=_difference(held, new),
        )


def find(home: Path, style: str, name: str) -> Size:
    """The size of that name; StudioError where the style has none."""
    known = {one.name.lower(): one.size for one in read(home, style)}
    if name.strip().lower() not in known:
        raise StudioError(
            f"{style} has no usual size {name[:NAME]!r}.",
            f"It has: {', '.join(known)}." if known else "Write it in pixels, such as 32x48.",
        )
    return known[name.strip().lower()]


def _file(home: Path, style: str) -> Path:
    return home / "sizes" / f"{style}.yaml"


def _difference(before: Sequence[UsualSize], after: Sequence[UsualSize]) -> str:
    """What came and went, in words."""
    came, went = ([one for one in a if one not in b] for a, b in ((after, before), (before, after)))
    told = (("added", came), ("took out", went))
    said = [f"{word} {', '.join(map(str, some))}" for word, some in told if some]
    return "; ".join(said) or "another order"
