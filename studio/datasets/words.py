"""Words of captions and names: in one line, of a file's name, and for comparing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

from studio.text.decoding import cleaned

# Kohya's folders: how often their pictures are seen an epoch, then what they show. With a zero
# before it a number is for order.
_REPEATS = re.compile(r"([1-9]\d*)_(.+)")


def one_line(text: str) -> str:
    """The text without line breaks, control characters, what nobody sees and runs of spaces."""
    spaced = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)
    return " ".join(cleaned(spaced).split())


def from_name(file_name: str) -> str:
    """Words of a file name: "weapons/iron_Sword-02.png" gives "iron sword"."""
    stem = PurePosixPath(cleaned(file_name)).stem
    stem = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", stem)
    words = re.sub(r"[\W\d_]+", " ", stem).lower().split()
    return " ".join(words) or "picture"


def plain(name: str) -> str:
    """A name for comparing: some systems store accents as letters of their own."""
    return cleaned(name)


def category_of(file_name: str) -> str:
    """The category that a picture's folder gives: "10_potion/a.png" gives "potion"."""
    parts = PurePosixPath(plain(file_name)).parent.parts
    if not parts:
        return ""
    found = _REPEATS.fullmatch(parts[-1])
    return "/".join([*parts[:-1], found[2] if found else parts[-1]])


def told_repeats(file_names: Iterable[str]) -> list[str]:
    """A sentence about folders that are named as kohya's, if there are any."""
    times: dict[str, set[str]] = {}
    folders = dict.fromkeys(PurePosixPath(plain(name)).parent for name in file_names)
    for folder in folders:
        if found := _REPEATS.fullmatch(folder.name):
            times.setdefault(category_of(f"{folder}/a"), set()).add(found[1])
    if not times:
        return []
    asked = ",".join(f"{name}={count}" for name, (count, *more) in times.items() if not more)
    twice = [name for name, counts in times.items() if len(counts) > 1]
    said = "Numbers before the folders' names are read as kohya's repeats and not as a category."
    if asked:
        said += f" To keep them, train with Repeats by category (repeats): {asked}."
    return [said + "".join(f" {name} has several; choose one." for name in twice)]
