"""Captions and provenance of a folder: same-name .txt, metadata.jsonl, metadata.csv, or the name.

Metadata may lie in any folder; its file names are relative to it. A .txt beside the picture
wins over metadata, being the more particular. Where both metadata files name a picture, csv
fills what jsonl leaves empty.
"""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path, PurePosixPath

from studio.datasets.pictures import CONSENT, ORIGINS, Cut, Refusal
from studio.errors import StudioError

METADATA = ("metadata.jsonl", "metadata.csv")
NOT_CAPTIONS = {"license", "licence", "readme", "notice", "copying", "credits", "changelog"}


@dataclass(frozen=True)
class Note:
    """What the folder says about one picture; empty where it says nothing."""

    text: str = ""
    category: str = ""
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


@dataclass(frozen=True)
class Notes:
    """Notes by relative picture name; captions that belong to nothing; remarks for the importer."""

    by_picture: dict[str, Note]
    refused: tuple[Refusal, ...]
    warnings: tuple[str, ...]


def read_notes(
    folder: Path, pictures: Sequence[str], texts: Sequence[str], metadata: Sequence[str]
) -> Notes:
    """All that the folder says about `pictures` (relative posix names, as the other lists).

    StudioError, naming file and line, for metadata that can't be understood.
    """
    known = {plain(name): name for name in pictures}
    notes: dict[str, Note] = {}
    refused: list[Refusal] = []
    warnings: list[str] = []
    for name in sorted(metadata, reverse=True):  # within a folder jsonl comes before csv
        for file_name, note in _rows(folder / name, name).items():
            picture = known.get(plain(_beside(name, file_name)))
            if picture is None:
                refused.append(_orphan(file_name, f"{name} describes it, but it is not there"))
            else:
                notes[picture] = filled(notes.get(picture, Note()), note)
    stems: dict[str, list[str]] = {}
    for picture in pictures:
        stems.setdefault(plain(str(PurePosixPath(picture).with_suffix(""))), []).append(picture)
    for name in texts:
        owners = stems.get(plain(str(PurePosixPath(name).with_suffix(""))), [])
        if not owners:
            if PurePosixPath(name).stem.lower() not in NOT_CAPTIONS:
                refused.append(_orphan(name, "a caption without a picture of the same name"))
            continue
        try:
            text = one_line(_text_of(folder / name, name))
        except StudioError as error:
            refused.append(Refusal(name, error.message.removeprefix(f"{name}: "), error.remedy))
            continue
        for picture in owners:
            before = notes.get(picture, Note())
            if text and before.text and text != before.text:
                warnings.append(f"{picture}: {name} differs from the metadata; {name} is used.")
            notes[picture] = replace(before, text=text or before.text)
    return Notes(notes, tuple(refused), tuple(warnings))


def one_line(text: str) -> str:
    """The text without line breaks, control characters and runs of spaces."""
    spaced = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)
    return unicodedata.normalize("NFC", " ".join(spaced.split()))


def from_name(file_name: str) -> str:
    """Words of a file name: "weapons/iron_Sword-02.png" gives "iron sword"."""
    stem = PurePosixPath(file_name).stem
    stem = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", stem)
    words = re.sub(r"[\W\d_]+", " ", stem).lower().split()
    return " ".join(words) or "picture"


def plain(name: str) -> str:
    """A name for comparing: some systems store accents as letters of their own."""
    return unicodedata.normalize("NFC", name)


def _orphan(name: str, reason: str) -> Refusal:
    return Refusal(name, f"{reason}.", "Add the picture, correct the name, or remove the caption.")


def filled(first: Note, second: Note | None) -> Note:
    """The first note, with the second's word where it says nothing."""
    if second is None:
        return first
    return Note(**{f.name: getattr(first, f.name) or getattr(second, f.name) for f in fields(Note)})


def _beside(metadata: str, file_name: str) -> str:
    return str(PurePosixPath(metadata).parent / file_name.replace("\\", "/"))


def _text_of(path: Path, name: str) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise StudioError(
            f"{name}, line {line}: the text is not UTF-8.", "Save the file as UTF-8."
        ) from error
    except OSError as error:
        raise StudioError(
            f"{name}: the file can't be read ({error.strerror or error}).", "Check its permissions."
        ) from error


def _rows(path: Path, name: str) -> dict[str, Note]:
    text = _text_of(path, name)
    rows = _json_rows(text, name) if path.suffix == ".jsonl" else _csv_rows(text, name)
    notes: dict[str, Note] = {}
    for line, row in rows:
        file_name, note = _note(row, f"{name}, line {line}")
        if notes.setdefault(file_name, note) != note:
            raise StudioError(
                f"{name}, line {line}: {file_name!r} is described a second time, differently.",
                "Keep one of the lines.",
            )
    return notes


def _json_rows(text: str, name: str) -> list[tuple[int, dict[str, object]]]:
    rows = []
    for line, content in enumerate(text.split("\n"), start=1):
        if not content.strip():
            continue
        try:
            row = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise StudioError(
                f"{name}, line {line}: this is not JSON ({error}).",
                'Write one object a line: {"file_name": "a.png", "text": "a red potion"}.',
            ) from error
        if not isinstance(row, dict):
            raise StudioError(
                f"{name}, line {line}: an object is expected, not {type(row).__name__}.",
                'Write {"file_name": "a.png", "text": "a red potion"}.',
            )
        rows.append((line, row))
    return rows


def _csv_rows(text: str, name: str) -> list[tuple[int, dict[str, object]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, dict[str, object]]] = []
    try:
        if "file_name" not in (reader.fieldnames or []):
            raise StudioError(
                f"{name}, line 1: there is no column 'file_name'.",
                "Begin the file with a line such as file_name,text,category.",
            )
        for row in reader:
            if None in row:
                raise StudioError(
                    f"{name}, line {reader.line_num}: more fields than columns.",
                    "Put text with commas in double quotes.",
                )
            rows.append((reader.line_num, dict(row)))
    except csv.Error as error:
        raise StudioError(
            f"{name}, line {reader.line_num}: this is not CSV ({error}).", "Check the quotes."
        ) from error
    return rows


def _note(row: dict[str, object], where: str) -> tuple[str, Note]:
    def word(*keys: str) -> str:
        for key in keys:
            value = row.get(key)
            if value is not None and not isinstance(value, str):
                raise StudioError(
                    f"{where}: {key!r} is {value!r}, not text.", "Write it in double quotes."
                )
            if value:
                return one_line(value)
        return ""

    file_name = row.get("file_name")
    if not isinstance(file_name, str) or not file_name.strip():
        raise StudioError(f"{where}: 'file_name' is missing.", "Name the picture of this line.")
    parts = PurePosixPath(file_name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts:
        raise StudioError(
            f"{where}: {file_name!r} leads out of the folder.", "Give a name inside the folder."
        )
    note = Note(
        text=word("text", "caption"),
        category=word("category"),
        source=word("source"),
        author=word("author"),
        licence=word("licence", "license"),
        tags=_tags(row.get("tags"), where),
        origin=word("origin"),
        parent=word("parent"),
        cut=_cut(row.get("cut"), where),
        **{field: word(field) for field in CONSENT},
    )
    if note.consent_on and not _is_day(note.consent_on):
        raise StudioError(
            f"{where}: 'consent_on' is {note.consent_on!r}.", "Write a day such as 2026-03-31."
        )
    if note.origin not in ("", *ORIGINS):
        raise StudioError(
            f"{where}: 'origin' is {note.origin!r}.", f"Use one of {', '.join(ORIGINS)}."
        )
    return str(parts), note


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
