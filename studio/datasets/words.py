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
MOST_REPEATS = 1000  # that a training takes
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


def repeats(named: Iterable[tuple[str, str]]) -> str:
    """How often pictures are seen an epoch as kohya's folders say it, in the way in which a
    training takes it: "potion=10,sword=2"; "" where no folder says anything. `named` are the
    pictures' file names and categories: a category is named where all of it is of one folder, else
    the folder is."""
    of_folder: dict[str, set[str]] = {}
    of_category: dict[str, set[str]] = {}
    for name, category in named:
        folder = folder_of(name)
        of_folder.setdefault(folder, set()).add(category)
        of_category.setdefault(category, set()).add(folder)
    asked = {}
    for folder, categories in of_folder.items():
        found = _REPEATS.fullmatch(PurePosixPath(folder).name)
        if found is None or int(found[1]) > MOST_REPEATS:
            continue
        category = min(categories)
        whole = categories == {category} and of_category[category] == {folder}
        key = category if whole and category else folder
        if not set(",=") & set(key):  # they part what a training takes
            asked[key] = int(found[1])
    return ",".join(f"{key}={times}" for key, times in asked.items())


def folder_of(file_name: str) -> str:
    """The folder that a picture came in by, "" for none: "10_potion" of "10_potion/a.png"."""
    return "/".join(PurePosixPath(plain(file_name)).parent.parts)


def told_repeats(file_names: Iterable[str]) -> list[str]:
    """A sentence about folders that are named as kohya's, if there are any."""
    asked = repeats((name, category_of(name)) for name in file_names)
    if not asked:
        return []
    return [
        "Numbers before the folders' names are kohya's repeats and no part of a category. A "
        f"training takes them as its repeats unless it is told others: {asked}."
    ]
