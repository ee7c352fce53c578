"""Values of a glTF's JSON, each looked at before it is believed; errors say where it stands."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio import numbers
from studio.errors import StudioError

AGAIN = "Export the model again as glTF 2.0 in one GLB file."
LONGEST_NAME = 200


@dataclass(frozen=True)
class Entry:
    """A JSON object, and what errors call it, such as "meshes[2].primitives[0]"."""

    fields: Mapping[str, Any]
    place: str

    def called(self, key: str) -> str:
        """What errors call one of its values."""
        return f"{self.place}.{key}" if self.place else key


def wrong(what: str) -> StudioError:
    """The error that a file which says or lacks something raises."""
    return StudioError(f"The model's file is wrong: {what}.", AGAIN)


def entry(within: Entry, key: str) -> Entry:
    """The object under a key, an empty one where there is none."""
    return _entry(within.fields.get(key, {}), within.called(key))


def entries(within: Entry, key: str) -> list[Entry]:
    """The objects of the list under a key, none where there is no list."""
    given = _list(within, key)
    return [_entry(one, f"{within.called(key)}[{k}]") for k, one in enumerate(given)]


def whole(within: Entry, key: str, low: int, high: int, default: int | None = None) -> int:
    """A whole number within bounds; without a default it has to be there."""
    given = within.fields.get(key, default)
    if given is None:
        raise wrong(f"{within.called(key)} is missing")
    found = _whole(given)
    if found is None or not low <= found <= high:
        raise wrong(
            f"{within.called(key)} is {numbers.shown(given)}, not a whole number from {low} to "
            f"{high:,}"
        )
    return found


def index(within: Entry, key: str, count: int) -> int | None:
    """Which of `count` things is meant, None where nothing is said."""
    if key not in within.fields:
        return None
    given = within.fields[key]
    found = _whole(given)
    if found is None or not 0 <= found < count:
        raise wrong(
            f"{within.called(key)} is {numbers.shown(given)}, and there are {count:,} of these"
        )
    return found


def indices(within: Entry, key: str, count: int) -> list[int]:
    """The numbers of a list, each of one of `count` things."""
    found = []
    for given in _list(within, key):
        number = _whole(given)
        if number is None or not 0 <= number < count:
            raise wrong(
                f"{within.called(key)} names {numbers.shown(given)}, and there are {count:,}"
            )
        found.append(number)
    return found


def share(within: Entry, key: str, default: float) -> float:
    """A number taken as the nearest from 0 to 1."""
    return min(max(number(within, key, default), 0.0), 1.0)


def number(within: Entry, key: str, default: float) -> float:
    """A finite number."""
    return _finite(within.fields.get(key, default), within.called(key))


def row(within: Entry, key: str, default: tuple[float, ...]) -> tuple[float, ...]:
    """As many finite numbers as the default has."""
    if key not in within.fields:
        return default
    given = _list(within, key)
    if len(given) != len(default):
        raise wrong(f"{within.called(key)} has {len(given):,} numbers, not {len(default)}")
    return tuple(_finite(one, within.called(key)) for one in given)


def text(within: Entry, key: str) -> str:
    """A text, "" where there is none."""
    given = within.fields.get(key, "")
    if not isinstance(given, str):
        raise wrong(f"{within.called(key)} is {numbers.shown(given)}, not a text")
    return given


def name(within: Entry) -> str:
    """What a thing is called, short and without characters that nobody sees."""
    shown = "".join(one for one in text(within, "name")[:LONGEST_NAME] if one.isprintable())
    return shown.strip()


def flag(within: Entry, key: str) -> bool:
    """True or false, false where nothing is said."""
    given = within.fields.get(key, False)
    if not isinstance(given, bool):
        raise wrong(f"{within.called(key)} is {numbers.shown(given)}, not true or false")
    return given


def texts(within: Entry, key: str) -> list[str]:
    """The texts of a list."""
    given = _list(within, key)
    if not all(isinstance(one, str) for one in given):
        raise wrong(f"{within.called(key)} is not a list of texts")
    return given


def _list(within: Entry, key: str) -> list[Any]:
    given = within.fields.get(key, [])
    if not isinstance(given, list):
        raise wrong(f"{within.called(key)} is {numbers.shown(given)}, not a list")
    return given


def _entry(given: Any, place: str) -> Entry:
    if not isinstance(given, dict):
        raise wrong(f"{place} is {numbers.shown(given)}, not an object")
    return Entry(given, place)


def _whole(given: Any) -> int | None:
    """A number without a fraction, also where it is written as 3.0."""
    if isinstance(given, float) and given.is_integer():
        return int(given)
    return given if isinstance(given, int) and not isinstance(given, bool) else None


def _finite(given: Any, place: str) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise wrong(f"{place} is {numbers.shown(given)}, not a number")
    try:
        found = float(given)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise wrong(f"{place} is {numbers.shown(given)}, not a number that can be used")
    return found
