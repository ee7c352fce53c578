"""Files that describe many pictures at once: metadata.jsonl, .csv, .tsv or .json, and kohya's.

A row names its picture in `file_name`, relative to the file. Kohya's meta_cap.json, meta_clean.json
or meta_lat.json name theirs by a path on the machine that made them, or without its suffix.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from studio.datasets.pictures import CONSENT, ORIGINS, Cut, listed
from studio.datasets.words import one_line
from studio.errors import StudioError
from studio.text import decoding

KOHYA = re.compile(r"meta_[a-z_]+\.json")
METADATA = ("metadata.jsonl", "metadata.json", "metadata.csv", "metadata.tsv")
# What describes pictures under any other name is named as unread.
TABLES = (".json", ".jsonl", ".csv", ".tsv", ".xlsx", ".xls", ".ods", ".parquet")
PICTURE = ("file_name", "filename", "file", "image", "path")
ALSO = {"text": ("text", "caption"), "licence": ("licence", "license")}
EXAMPLE = '{"file_name": "a.png", "text": "a red potion"}'


@dataclass(frozen=True)
class Note:
    """What the folder says about one picture; empty where it says nothing, and a category None:
    it may say that there is none."""

    text: str = ""
    category: str | None = None
    source: str = ""
    author: str = ""
    licence: str = ""
    tags: tuple[str, ...] = ()
    origin: str = ""
    parent: str = ""
    consent_by: str = ""
    consent_on: str = ""
    consent_for: str = ""
    consent_note: str = ""
    cut: Cut | None = None


KEYS = tuple(field.name for field in fields(Note))


@dataclass(frozen=True)
class Metadata:
    """Notes by the names that a file gives pictures, its encoding as `decoding.Decoded` has it,
    and sentences about what is not read. `loose`: its names are paths elsewhere, or lack suffixes.
    """

    notes: dict[str, Note]
    read_as: str
    told: tuple[str, ...]
    loose: bool = False


@dataclass(frozen=True)
class _Row:
    """One row, by its keys in lower case, and where it stands."""

    says: dict[str, Any]
    where: str


def is_metadata(name: str) -> bool:
    """Whether a file of this name is read here, wherever it lies."""
    own = PurePosixPath(name.replace("\\", "/")).name.lower()
    return own in METADATA or KOHYA.fullmatch(own) is not None


def read(path: Path, name: str) -> Metadata:
    """What a file says; StudioError, naming `name` and the line, where it can't be understood."""
    found = decoding.read_text(path, name)
    suffix = PurePosixPath(name).suffix.lower()
    loose = False
    if suffix == ".jsonl":
        rows = _json_lines(found.text, name)
    elif suffix == ".json":
        rows, loose = _json_rows(found.text, name)
    else:
        rows = _table_rows(found.text, name)
    notes: dict[str, Note] = {}
    for row in rows:
        file_name, note = _note(row, loose)
        if notes.setdefault(file_name, note) != note:
            raise StudioError(
                f"{row.where}: {file_name!r} is described a second time, differently.",
                "Keep one of the lines.",
            )
    return Metadata(notes, found.read_as, tuple(_told(rows, name)), loose)


def _told(rows: Sequence[_Row], name: str) -> list[str]:
    """A sentence for each key that is not read, or where another is read in its place."""
    unread: dict[str, list[str]] = {}
    outdone: dict[tuple[str, str], list[str]] = {}
    known = {*KEYS, *PICTURE, *(key for keys in ALSO.values() for key in keys)}
    for row in rows:
        place = row.where.removeprefix(f"{name}, ")
        for key, value in row.says.items():
            if key not in known and value not in (None, "", []):
                unread.setdefault(key, []).append(place)
        for used, *others in ALSO.values():
            for other in others:
                both = row.says.get(used), row.says.get(other)
                if all(both) and both[0] != both[1]:
                    outdone.setdefault((used, other), []).append(place)
    said = [f"{name}: {key!r} is not read ({listed(at, 3)})." for key, at in unread.items()]
    if said:
        said[-1] += f" Read are file_name, {', '.join(KEYS)}."
    return said + [
        f"{name}: {other!r} is another than {used!r}, which is used ({listed(at, 3)})."
        for (used, other), at in outdone.items()
    ]


def _json_lines(text: str, name: str) -> list[_Row]:
    rows = []
    for line, content in enumerate(re.split(r"\r\n?|\n", text), start=1):
        if content.strip():
            found = _json(content, f"{name}, line {line}")
            rows.append(_Row(_by_key(found, f"{name}, line {line}"), f"{name}, line {line}"))
    return rows


def _json_rows(text: str, name: str) -> tuple[list[_Row], bool]:
    """The rows of a list, or of an object with a picture's name as each key; whether the names
    are as kohya's scripts write them."""
    found = _json(text, name)
    if isinstance(found, list):
        places = [f"{name}, entry {number}" for number in range(1, len(found) + 1)]
        return [_Row(_by_key(o, at), at) for o, at in zip(found, places, strict=True)], False
    rows = []
    for key, value in found.items() if isinstance(found, dict) else ():
        says = {"text": value} if isinstance(value, str) else value
        rows.append(
            _Row({**_by_key(says, f"{name}, {key!r}"), "file_name": key}, f"{name}, {key!r}")
        )
    if not rows:
        raise StudioError(f"{name}: it describes no picture.", f"Write a list: [{EXAMPLE}].")
    return rows, True


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StudioError(
            f"{where}: this is not JSON ({error}).", f"Write one object a line: {EXAMPLE}."
        ) from error


def _by_key(found: Any, where: str) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise StudioError(
            f"{where}: an object is expected, not {type(found).__name__}.", f"Write {EXAMPLE}."
        )
    return {_key(key): value for key, value in found.items()}


def _key(written: str) -> str:
    return re.sub(r"[\s-]+", "_", written.strip()).lower()


def _table_rows(text: str, name: str) -> list[_Row]:
    """The rows of a table parted by commas, semicolons, tabs or bars, whichever its first line
    has most of."""
    stated = re.match(r"sep=(.)\r?\n", text)  # as Excel takes it
    body = text[stated.end() :] if stated else text
    first = next((line for line in body.splitlines() if line.strip()), "")
    sign = stated[1] if stated else max(",;\t|", key=first.count)
    reader = csv.reader(
        io.StringIO(body, newline=""), delimiter=sign, strict=True, skipinitialspace=True
    )
    rows: list[_Row] = []
    skipped = int(bool(stated))
    try:
        columns = next((_columns(c, name) for c in reader if any(map(str.strip, c))), ())
        if not set(columns) & set(PICTURE):
            line = max(1, reader.line_num + skipped)
            raise StudioError(
                f"{name}, line {line}: there is no column 'file_name'.",
                "Begin the file with a line such as file_name,text,category.",
            )
        for cells in reader:
            where = f"{name}, line {reader.line_num + skipped}"
            if any(cell.strip() for cell in cells[len(columns) :]):
                raise StudioError(
                    f"{where}: more fields than columns.", "Put text with commas in double quotes."
                )
            if any(map(str.strip, cells)):
                pairs = zip(columns, map(str.strip, cells), strict=False)
                # An empty cell says nothing, not even that there is no category.
                says = {key or "(no name)": cell for key, cell in pairs if cell}
                rows.append(_Row(says, where))
    except csv.Error as error:
        raise StudioError(
            f"{name}, line {reader.line_num + skipped}: this is not CSV ({error}).",
            "Check the quotes.",
        ) from error
    return rows


def _columns(cells: Sequence[str], name: str) -> tuple[str, ...]:
    columns = tuple(map(_key, cells))
    twice = next((key for key in columns if key and columns.count(key) > 1), "")
    if twice:
        raise StudioError(f"{name}, line 1: there are two columns {twice!r}.", "Remove one.")
    return columns


def _note(row: _Row, loose: bool) -> tuple[str, Note]:
    says, where = row.says, row.where
    file_name = next((says[key] for key in PICTURE if says.get(key)), None)
    if not isinstance(file_name, str) or not file_name.strip():
        raise StudioError(f"{where}: 'file_name' is missing.", "Name the picture of this line.")
    parts = PurePosixPath(file_name.replace("\\", "/"))
    if not loose and (parts.is_absolute() or ".." in parts.parts):
        raise StudioError(
            f"{where}: {file_name!r} leads out of the folder.", "Give a name inside the folder."
        )
    tags = _tags(says.get("tags"), where)
    note = Note(
        text=_also("text", says, where),
        category=_word("category", says, where) if "category" in says else None,
        source=_word("source", says, where),
        author=_word("author", says, where),
        licence=_also("licence", says, where),
        tags=tags,
        origin=_word("origin", says, where),
        parent=_word("parent", says, where),
        cut=_cut(says.get("cut"), where),
        **{field: _word(field, says, where) for field in CONSENT},
    )
    if note.consent_on and not _is_day(note.consent_on):
        raise StudioError(
            f"{where}: 'consent_on' is {note.consent_on!r}.", "Write a day such as 2026-03-31."
        )
    if note.origin not in ("", *ORIGINS):
        raise StudioError(
            f"{where}: 'origin' is {note.origin!r}.", f"Use one of {', '.join(ORIGINS)}."
        )
    if loose and tags and not note.text:  # kohya learns them as the caption
        note = replace(note, text=", ".join(tags), tags=())
    return str(parts), note


def _word(key: str, says: Mapping[str, Any], where: str) -> str:
    value = says.get(key)
    if value is not None and not isinstance(value, str):
        raise StudioError(f"{where}: {key!r} is {value!r}, not text.", "Write it in double quotes.")
    return one_line(value or "")


def _also(key: str, says: Mapping[str, Any], where: str) -> str:
    """The first of a key and its other names that says something."""
    return next((word for name in ALSO[key] if (word := _word(name, says, where))), "")


def _tags(value: object, where: str) -> tuple[str, ...]:
    """A list of texts, or one text with commas."""
    words = value.split(",") if isinstance(value, str) else value or []
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise StudioError(f"{where}: 'tags' is {value!r}.", 'Write ["new", "rare"] or "new,rare".')
    return tuple(dict.fromkeys(tag for word in words if (tag := one_line(word))))


def _cut(value: object, where: str) -> Cut | None:
    """What the picture was cut from, as an export says it."""
    if not value:
        return None
    told = value if isinstance(value, dict) else {}
    number = told.get("number")
    words = {key: told.get(key, "") for key in ("file", "sha256", "tag", "by")}
    if not isinstance(number, int) or not all(isinstance(word, str) for word in words.values()):
        raise StudioError(f"{where}: 'cut' is {value!r}.", "Leave it out.")
    return Cut(number=number, **{key: one_line(word) for key, word in words.items()})


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
