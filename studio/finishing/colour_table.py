"""The colours of a palette in their order, what they are called, and the ramps that they form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from studio.errors import StudioError
from studio.text.decoding import cleaned

MOST = 256  # colours: as many as an indexed PNG holds
MOST_RAMPS = 64
NAME = 60  # characters of a colour's or a ramp's name
COLOUR = re.compile(r"#[0-9a-f]{6}")
FEWER = (
    f"A palette holds 1 to {MOST}. Take out those that matter least, or let the most alike ones "
    "become one: give how many are wanted at most (--most)."
)


@dataclass(frozen=True)
class Ramp:
    """A material's shades, such as skin or steel: the places of its colours in the palette,
    counted from 0, usually from dark to light."""

    name: str
    places: tuple[int, ...]


@dataclass(frozen=True)
class ColourTable:
    """1 to 256 colours "#rrggbb" in their order, each once; their names, as many as colours ("":
    none); and the ramps, which may share colours."""

    colours: tuple[str, ...]
    names: tuple[str, ...] = ()
    ramps: tuple[Ramp, ...] = ()


def checked(table: ColourTable, what: str) -> ColourTable:
    """With colours written alike and names in one line. StudioError, which begins with `what`,
    for what is no palette."""
    colours = tuple(one.strip().lower() for one in table.colours)
    for place, one in enumerate(colours):
        if not COLOUR.fullmatch(one):
            raise StudioError(
                f"{what}: colour {place + 1}, {one[:40]!r}, is no colour.", "Write it as #rrggbb."
            )
    check_count(len(colours), what)
    first: dict[str, int] = {}
    for place, one in enumerate(colours):
        if first.setdefault(one, place) != place:
            raise StudioError(
                f"{what}: {one} is colour {first[one] + 1} and colour {place + 1}.",
                "Each colour stands in a palette once; take one of them out.",
            )
    names = tuple(_name(one, what) for one in table.names) or ("",) * len(colours)
    if len(names) != len(colours):
        raise StudioError(
            f"{what}: {len(names)} names for {len(colours)} colours.", "Give each colour one."
        )
    return ColourTable(colours, names, _ramps(table.ramps, len(colours), what))


def check_count(count: int, what: str) -> None:
    """StudioError unless a palette can hold so many colours."""
    if not count:
        raise StudioError(f"{what} holds no colour.", f"A palette holds 1 to {MOST}.")
    if count > MOST:
        raise StudioError(f"{what} holds {count:,} colours.", FEWER)


def ramp_colours(table: ColourTable, ramp: Ramp) -> tuple[str, ...]:
    """The ramp's colours in its order."""
    return tuple(table.colours[place] for place in ramp.places)


def reordered(table: ColourTable, order: Sequence[int]) -> ColourTable:
    """The table with those places in that order; what `order` does not name is taken out, of the
    ramps too. A ramp without colours is gone."""
    to = {place: k for k, place in enumerate(order)}
    ramps = [
        Ramp(one.name, tuple(to[place] for place in one.places if place in to))
        for one in table.ramps
    ]
    names = table.names or ("",) * len(table.colours)
    return ColourTable(
        tuple(table.colours[place] for place in order),
        tuple(names[place] for place in order),
        tuple(one for one in ramps if one.places),
    )


def once_each(colours: Iterable[str]) -> tuple[str, ...]:
    """The colours in the order of their first appearance."""
    return tuple(dict.fromkeys(colours))


def _ramps(given: Sequence[Ramp], count: int, what: str) -> tuple[Ramp, ...]:
    if len(given) > MOST_RAMPS:
        raise StudioError(f"{what} has {len(given)} ramps.", f"Keep {MOST_RAMPS}.")
    found: dict[str, Ramp] = {}
    for one in given:
        name = _name(one.name, what)
        if not name:
            raise StudioError(f"{what}: a ramp has no name.", "Call it by its material, as skin.")
        if name.casefold() in found:
            raise StudioError(f"{what}: two ramps are called {name!r}.", "Rename one of them.")
        if len(one.places) < 2 or len({*one.places}) != len(one.places):
            raise StudioError(
                f"{what}: the ramp {name!r} has {len({*one.places})} different colours in "
                f"{len(one.places)} places.",
                "A ramp has two colours or more, each once.",
            )
        wrong = next((place for place in one.places if not 0 <= place < count), None)
        if wrong is not None:
            raise StudioError(
                f"{what}: the ramp {name!r} names colour {wrong + 1} of {count}.",
                "Give places that the palette has.",
            )
        found[name.casefold()] = Ramp(name, tuple(one.places))
    return tuple(found.values())


def _name(given: str, what: str) -> str:
    name = " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", cleaned(given)).split())
    if len(name) > NAME:
        raise StudioError(
            f"{what}: the name {name[:30]!r}... has {len(name)} characters.", f"Use at most {NAME}."
        )
    return name
