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
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_CODE_POINT = re.compile(r"u(?=.*\d)[0-9a-f]{4,6}", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-f]{4,}", re.IGNORECASE)
_NUMBERED = re.compile(r"[a-z]{3,}\d{1,3}", re.IGNORECASE)  # face01 is a word, though it is hex too
# What cameras and telephones write before their numbers: never a word.
_CAMERA = frozenset("img dsc dscf dscn pxl mvimg cimg pict gopr dji".split())
# What programs call a file that nobody named; beside other words they stay.
_UNNAMED = frozenset(
    "image images picture pictures pic photo foto bild vid screenshot screen shot bildschirmfoto "
    "capture scan whats app received at am pm emoji untitled unnamed unbenannt ohne titel sans "
    "titre nameless noname default new neu copy kopie final export output download file document "
    "temp tmp layer ebene calque frame slice artboard canvas group page design project projekt "
    "piskel sprite comfy ui chatgpt レイヤー 名称未設定 無題 图层 未标题 без имени безымянный"
    "".split()
)


def one_line(text: str) -> str:
    """The text without line breaks, control characters, what nobody sees and runs of spaces."""
    spaced = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)
    return " ".join(cleaned(spaced).split())


def from_name(file_name: str) -> str:
    """Words of a file name: "weapons/iron_Sword-02.png" gives "iron sword"; "" where the name says
    nothing: numbers, code points, hashes, what cameras and programs call a file."""
    stem = _UUID.sub(" ", PurePosixPath(cleaned(file_name)).stem)
    parts = [part for part in re.split(r"[\W_]+", stem) if not _is_id(part)]
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", " ".join(parts))
    found = [word for word in re.sub(r"\d+", " ", spaced).lower().split() if word not in _CAMERA]
    telling = [w for w in found if w not in _UNNAMED and not (len(w) == 1 and w.isascii())]
    return " ".join(found) if telling else ""


def _is_id(part: str) -> bool:
    """Whether a part of a name is a number, a code point, a hash or the like, and no word."""
    digits = re.findall(r"\d+", part)
    if _HEX.fullmatch(part) and (len(part) >= 16 or (digits and not _NUMBERED.fullmatch(part))):
        return True
    if not digits or not part.isascii():
        return False
    letters = re.findall(r"[a-zA-Z]+", part)
    turns = len(re.findall(r"[a-z]+|[A-Z]+|\d+", part))
    return (
        max(map(len, letters), default=0) < 3  # 1024x1024, v02, 3d, P1010001
        or _CODE_POINT.fullmatch(part) is not None
        or (len(part) >= 8 and (len(digits) > 2 or turns > 0.6 * len(part)))  # dQw4w9WgXcQ
    )


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
