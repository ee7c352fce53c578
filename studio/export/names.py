"""Files' names from stored fields by a project's pattern, and what is wrong with them, said before
anything is written.

A name has to be one on every system and in every engine: ASCII letters, digits and `_ - .`, none
that Windows keeps for itself, none that differs from another by case alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath

from studio.errors import StudioError, nearest
from studio.export.pieces import FIELDS, Fields

PATTERN = "{category}/{name}_{variant}_{direction}_{frame}"
LONGEST, DEEPEST = 100, 200  # letters of a name, of a whole path
RESERVED = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)))
)
ALLOWED = re.compile(r"[A-Za-z0-9_.-]*")
_FIELD = re.compile(r"\{(\w*)\}")
_APART = {"ß": "ss", "æ": "ae", "Æ": "Ae", "ø": "o", "Ø": "O", "œ": "oe", "Œ": "Oe", "ł": "l"}
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}


@dataclass(frozen=True)
class Flaw:
    """What is wrong with the name of an asset's file, and one that would do ("": none)."""

    path: str
    asset: str
    says: str
    instead: str = ""


def checked(pattern: str) -> str:
    """The pattern, or StudioError: it names fields that there are, `name` among them, and is a
    path that stays where it begins."""
    text = pattern.strip().strip("/")
    found = _FIELD.findall(text)
    known = ", ".join(f"{{{name}}}" for name in FIELDS)
    if (unknown := next((name for name in found if name not in FIELDS), None)) is not None:
        raise StudioError(
            f"The pattern names {{{unknown[:40]}}}, which is no field.",
            f"{nearest(unknown, FIELDS)}Fields: {known}.",
        )
    if "name" not in found:
        raise StudioError(f"The pattern {text[:60]!r} has no {{name}}.", f"Fields: {known}.")
    rest = _FIELD.sub("", text)
    parts = text.split("/")
    if not re.fullmatch(r"[A-Za-z0-9_./-]*", rest) or any(p in ("", ".", "..") for p in parts):
        raise StudioError(
            f"The pattern {text[:60]!r} is no path of names.",
            "Between the fields use letters, digits, _ - . and / for folders.",
        )
    return text


def stem(pattern: str, fields: Fields) -> str:
    """A path without an ending. Spaces become `_`; a field that is empty goes together with what
    stands before it. StudioError for a field that holds a slash."""
    values = asdict(fields)
    for name, value in values.items():
        if "/" in value or "\\" in value:
            raise StudioError(
                f"The {name} {value[:60]!r} holds a slash, which would make a folder.",
                "Give it another one; folders stand in the pattern.",
            )

    def put(found: re.Match[str]) -> str:
        return re.sub(r"\s+", "_", values[found[1]].strip()) or "\0"

    filled = _FIELD.sub(put, pattern)
    parts = (re.sub(r"[_.\-]*\0", "", part).lstrip("_-") for part in filled.split("/"))
    return "/".join(part for part in parts if part)


def flaws(paths: Mapping[str, str], taken: Mapping[str, str] | None = None) -> list[Flaw]:
    """What is wrong with these paths, each of the asset that it is of: with each alone, two that
    are one file where case doesn't count, and those that are another asset's already by `taken`."""
    found = [
        Flaw(path, asset, says, proposed_path(path))
        for path, asset in paths.items()
        if (says := _flaw(path))
    ]
    seen: dict[str, str] = {}
    for path, asset in paths.items():
        if other := _like(path, seen):
            says = f"differs from {other} by case alone, which many systems take for one"
            found.append(Flaw(path, asset, says))
    before = {path.casefold(): (path, asset) for path, asset in (taken or {}).items()}
    for path, asset in paths.items():
        there, owner = before.get(path.casefold(), ("", asset))
        if owner != asset:
            found.append(Flaw(path, asset, f"is the file of {owner} already ({there})"))
    return found


def _like(path: str, seen: dict[str, str]) -> str:
    """What a path, or a folder of it, differs from by case alone; "" for nothing. `seen` has those
    before it, folded, and gets its own."""
    parts = path.split("/")
    for count in range(1, len(parts) + 1):
        here = "/".join(parts[:count])
        if (other := seen.setdefault(here.casefold(), here)) != here:
            return other
    return ""


def twice(paths: Iterable[tuple[str, str]]) -> list[Flaw]:
    """The paths, each with its asset, that more than one piece would have."""
    seen: dict[str, str] = {}
    found = []
    for path, asset in paths:
        if path in seen:
            found.append(Flaw(path, asset, f"is the file of {seen[path]} as well"))
        seen.setdefault(path, asset)
    return found


def check(found: list[Flaw]) -> None:
    """StudioError that names the first flaws, where there are any."""
    if not found:
        return
    said = "; ".join(f"{one.path[:80]} {one.says}" for one in found[:3])
    more = f" And {len(found) - 3:,} more." if len(found) > 3 else ""
    instead = next((one.instead for one in found if one.instead), "")
    raise StudioError(
        f"{said}.{more}",
        "Give these assets other names, variants or categories"
        + (f", such as {instead}." if instead else "."),
    )


def proposed(text: str) -> str:
    """A text as a name that every system takes: "Große Kiste" becomes "Grosse_Kiste"."""
    plain = "".join(_UMLAUTS.get(c, _APART.get(c, c)) for c in unicodedata.normalize("NFC", text))
    letters = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", letters).strip("_.-")[:LONGEST].rstrip("_.-")
    return f"{name}_" if name.partition(".")[0].casefold() in RESERVED else name


def proposed_path(path: str) -> str:
    """The same of each part of a path, its ending kept; "" where nothing is left of a part."""
    whole = PurePosixPath(path)
    ending = "".join(whole.suffixes[-2:]) if whole.suffix == ".meta" else whole.suffix
    last = proposed(whole.name.removesuffix(ending))[: LONGEST - len(ending)]
    parts = [*(proposed(part) for part in whole.parts[:-1]), last]
    return "/".join(parts) + ending if all(parts) else ""


def _flaw(path: str) -> str:
    """What is wrong with one path, as the end of a sentence that begins with it."""
    for part in path.split("/"):
        if odd := ALLOWED.sub("", part):
            return f"holds {odd[0]!r}, which not every system keeps as it is"
        if not part or part.startswith(".") or part.endswith("."):
            return "has a part that is empty, or begins or ends with a dot"
        if part.partition(".")[0].casefold() in RESERVED:
            return f"is called {part.partition('.')[0]}, a name that Windows keeps for itself"
        if len(part) > LONGEST:
            return f"has a name of {len(part):,} letters; {LONGEST} are the most"
    if len(path) > DEEPEST:
        return f"has {len(path):,} letters with its folders; {DEEPEST} are the most"
    return ""
