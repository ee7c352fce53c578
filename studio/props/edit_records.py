"""Edits as plain records: a name and values, kept with what came of them and read years later.

Which edits there are is said where they are made: of a model in `edits`, of a picture in
`picture_edits`. Each says of what shape its values are, and they are read at the door.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from studio import numbers
from studio.errors import StudioError, nearest

MOST = 50  # edits of one chain
NAME = "edit"  # the key of an edit's name in its JSON

Reader = Callable[[str, Any], Any]


@dataclass(frozen=True)
class Edit:
    """One edit: its name, and its values as plain JSON, none of them missing."""

    name: str
    values: Mapping[str, Any]


def _fits(where: str, values: Mapping[str, Any]) -> None:
    """Values that are right each for itself are right together."""


@dataclass(frozen=True)
class Shape:
    """What an edit takes: how each value is read, and what stands where one is missing. `check`
    is told where the edit stands, and raises StudioError for values that do not go together."""

    readers: Mapping[str, Reader]
    usual: Mapping[str, Any] = field(default_factory=dict)
    check: Callable[[str, Mapping[str, Any]], None] = _fits


def read(given: Any, shapes: Mapping[str, Shape]) -> tuple[Edit, ...]:
    """A chain of edits from its JSON, [{"edit": name, value: ...}, ...]; edits are read once more.
    StudioError that names the edit by its place, from 1, and what of it can't be."""
    if not isinstance(given, list | tuple):
        raise StudioError(f"The edits are {numbers.shown(given)}.", "Give a list of edits.")
    if len(given) > MOST:
        raise StudioError(f"These are {len(given):,} edits.", f"Give at most {MOST} at once.")
    return tuple(_read(f"Edit {place}", one, shapes) for place, one in enumerate(given, 1))


def said_of(edits: Iterable[Edit]) -> list[dict[str, Any]]:
    """The chain as JSON has it, for `read`."""
    return [{NAME: edit.name, **edit.values} for edit in edits]


def mark(edits: Iterable[Edit]) -> str:
    """The first 12 letters of the SHA-256 of their JSON; chains with one mark do the same."""
    text = json.dumps(said_of(edits), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def whole(low: int, high: int) -> Reader:
    """Reads whole numbers from `low` to `high`."""
    return lambda name, given: numbers.whole(name, given, low, high)


def number(low: float, high: float) -> Reader:
    """Reads numbers from `low` to `high`."""
    return lambda name, given: numbers.number(name, given, low, high)


def one_of(known: Sequence[str]) -> Reader:
    """Reads one of some words."""

    def read_one(name: str, given: Any) -> str:
        if not isinstance(given, str) or given not in known:
            meant = nearest(given, known) if isinstance(given, str) else ""
            raise StudioError(
                f"{name} is {numbers.shown(given)}.", f"{meant}Use one of {', '.join(known)}."
            )
        return given

    return read_one


def words(most: int) -> Reader:
    """Reads a text of at most so many characters, without any that control."""

    def read_words(name: str, given: Any) -> str:
        if not isinstance(given, str) or len(given) > most or not _plain(given):
            raise StudioError(
                f"{name} is {numbers.shown(given)}.", f"Give a text of at most {most} characters."
            )
        return given

    return read_words


def flag(name: str, given: Any) -> bool:
    """Reads true or false."""
    if not isinstance(given, bool):
        raise StudioError(f"{name} is {numbers.shown(given)}.", "Give true or false.")
    return given


def _plain(text: str) -> bool:
    """Whether a database and a file can hold it, and it stands on one line."""
    return text.isprintable()


def _read(where: str, given: Any, shapes: Mapping[str, Shape]) -> Edit:
    if isinstance(given, Edit):
        given = {NAME: given.name, **given.values}
    if not isinstance(given, Mapping) or not isinstance(given.get(NAME), str):
        raise StudioError(
            f"{where} is {numbers.shown(given)}.", f'Give a table with the name as "{NAME}".'
        )
    name = given[NAME]
    if name not in shapes:
        raise StudioError(
            f"{where}: there is no edit {numbers.shown(name)}.",
            f"{nearest(name, shapes)}There are {', '.join(shapes)}.",
        )
    shape = shapes[name]
    told = {key: value for key, value in given.items() if key != NAME}
    for key in told:
        if key not in shape.readers:
            raise StudioError(
                f"{where}: {name} has no {numbers.shown(key)}.",
                f"{nearest(str(key), shape.readers)}It takes "
                f"{', '.join(shape.readers) or 'nothing'}.",
            )
    told = {**shape.usual, **told}
    for key in shape.readers:
        if key not in told:
            raise StudioError(f"{where}: {key} of {name} is missing.", "Give it.")
    values = {key: reader(f"{where}: {key}", told[key]) for key, reader in shape.readers.items()}
    shape.check(where, values)
    return Edit(name, values)
