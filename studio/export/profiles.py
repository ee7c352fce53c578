"""How a project takes what is exported: a profile under a name, in revisions, each with who and
when. Which one a person took last for a style is remembered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row

from studio import numbers
from studio.accounts.rights import check
from studio.database import ledger
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.errors import ChangedMeanwhile, StudioError, nearest
from studio.export import names
from studio.export.presets import FACTORS, PRESETS
from studio.export.tables import export_choices, export_profiles

RIGHT = CHANGE = "change export profiles"  # the right, and the action in the ledger
ZIP, STORE = "zip", "store"  # destinations that are no folder of the settings
ENGINES = {
    "plain": "Files alone",
    "godot": "Godot 4",
    "unity": "Unity",
    "phaser": "Phaser and Pixi",
    "aseprite": "Aseprite",
    "tiled": "Tiled",
}
FILTERS = {"nearest": "Nearest (pixel art)", "linear": "Linear"}
PIVOTS = {  # of the canvas, from its upper left corner
    "feet": (0.5, 1.0),
    "centre": (0.5, 0.5),
    "corner": (0.0, 0.0),
}
FRAMES = {"sheet": "One sheet", "single": "A file for each frame"}
PER_UNIT = (1, 1024)


@dataclass(frozen=True)
class Profile:
    """What an engine is given: `folder` is "zip", "store" or a name of STUDIO_EXPORT_FOLDERS,
    `below` a place within it; file names follow `pattern` (`names`). Pictures have the colours of
    `preset`, `factor` times larger; `pixels_per_unit` is Unity's. `pivot` is that of what has none
    of its own; `normals` exports normal maps, too."""

    engine: str = "plain"
    folder: str = ZIP
    below: str = ""
    pattern: str = names.PATTERN
    preset: str = "native"
    factor: int = 1
    pixels_per_unit: int = 16
    filter: str = "nearest"
    pivot: str = "feet"
    normals: bool = True
    frames: str = "sheet"


NAMES = tuple(one.name for one in fields(Profile))
_KNOWN: dict[str, Mapping[str, Any]] = {
    "engine": ENGINES,
    "preset": PRESETS,
    "filter": FILTERS,
    "pivot": PIVOTS,
    "frames": FRAMES,
}


@dataclass(frozen=True)
class Revision:
    """A profile as somebody saved it; `at` is ISO UTC, revisions count from 1."""

    name: str
    revision: int
    profile: Profile
    by: str
    at: str


def of_json(told: Mapping[str, Any]) -> Profile:
    """A profile of plain values, of which any may be missing. StudioError names what is wrong."""
    if (unknown := next((name for name in told if name not in NAMES), None)) is not None:
        raise StudioError(
            f"A profile has no {unknown[:40]!r}.",
            f"{nearest(unknown, NAMES)}Known: {', '.join(NAMES)}.",
        )
    for name, value in told.items():
        usual = getattr(Profile, name)
        if type(value) is not type(usual):
            raise StudioError(
                f"{name} is {numbers.shown(value)}.", f"Give it as {numbers.shown(usual)} is."
            )
    return checked(Profile(**told))


def checked(profile: Profile) -> Profile:
    """The profile, or StudioError naming what it can't be."""
    for name, known in _KNOWN.items():
        if getattr(profile, name) not in known:
            raise StudioError(
                f"{name} is {numbers.shown(getattr(profile, name))}.",
                f"Use one of {', '.join(known)}.",
            )
    numbers.whole("factor", profile.factor, FACTORS[0], FACTORS[-1])
    numbers.whole("pixels_per_unit", profile.pixels_per_unit, *PER_UNIT)
    below = profile.below.strip().strip("/")
    parts = PurePosixPath(below).parts
    if not re.fullmatch(r"[A-Za-z0-9_./-]*", below) or any(p.startswith(".") for p in parts):
        raise StudioError(
            f"The place {below[:60]!r} is none within a folder.",
            "Give names of folders with / between, such as assets/sprites.",
        )
    return replace(profile, below="/".join(parts), pattern=names.checked(profile.pattern))


def current(engine: Engine, name: str) -> Revision:
    """The newest revision of a profile. StudioError names those that there are."""
    with engine.connect() as connection:
        found = _newest(connection, name)
    if found is None:
        known = [one.name for one in listing(engine)]
        raise StudioError(
            f"There is no export profile {name[:40]!r}.",
            f"{nearest(name, known)}Known: {', '.join(known[:20]) or 'none'}.",
        )
    return found


def listing(engine: Engine) -> list[Revision]:
    """The newest revision of each profile, by name."""
    c = export_profiles.c
    newest = sa.select(c.name, sa.func.max(c.revision).label("revision")).group_by(c.name)
    last = newest.subquery()
    query = sa.select(export_profiles).join(
        last, (c.name == last.c.name) & (c.revision == last.c.revision)
    )
    with engine.connect() as connection:
        return [_revision(row) for row in connection.execute(query.order_by(c.name))]


def revisions(engine: Engine, name: str) -> list[Revision]:
    """All revisions of a profile, the newest first."""
    c = export_profiles.c
    query = sa.select(export_profiles).where(c.name == name).order_by(c.revision.desc())
    with engine.connect() as connection:
        return [_revision(row) for row in connection.execute(query)]


def save(
    engine: Engine, name: str, profile: Profile, *, after: int, by: str, now: datetime
) -> Revision:
    """Save a profile. `after` is the revision that the person saw, 0 for none: ChangedMeanwhile
    where another is there by now. The same again makes no new revision."""
    check(by, RIGHT)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", name):
        raise StudioError(
            f"{name[:40]!r} is no name for a profile.", "Use a-z, 0-9, - and _, at most 40."
        )
    profile = checked(profile)
    with writing(engine) as connection:
        before = _newest(connection, name)
        if before is not None and before.profile == profile:
            return before
        number = before.revision if before else 0
        if number != after:
            who = f"{before.by} changed it on {before.at[:10]}" if before else "it is new"
            raise ChangedMeanwhile(
                f"The profile {name} is revision {number or 'none'} by now, not "
                f"{after or 'none'}: {who}.",
                "Look at it again, and make your change to what is there now.",
            )
        new = Revision(name, number + 1, profile, str(by), stamp(now))
        connection.execute(export_profiles.insert().values(**{**vars(new), "profile": told(new)}))
        ledger.record(
            connection,
            at=now,
            actor=by,
            action=CHANGE,
            reason=f"{name}, revision {new.revision}: {_difference(before, profile)}",
        )
    return new


def told(one: Revision) -> dict[str, Any]:
    """A revision's profile as JSON has it."""
    return asdict(one.profile)


def remember(connection: Connection, person: str, style: str, profile: str, now: datetime) -> None:
    """Note within the caller's transaction that a person took this profile for this style."""
    c = export_choices.c
    mine = (c.person == str(person)) & (c.style == style)
    connection.execute(export_choices.delete().where(mine))
    row = {"person": str(person), "style": style, "profile": profile, "at": stamp(now)}
    connection.execute(export_choices.insert().values(**row))
    bump(connection)


def remembered(engine: Engine, person: str, style: str) -> str:
    """The profile that a person took last for a style, else for any, else the only one that there
    is; "" where none of these is there."""
    c = export_choices.c
    query = sa.select(c.profile).where(c.person == str(person))
    order = (c.style != style, c.at.desc())
    known = [one.name for one in listing(engine)]
    with engine.connect() as connection:
        taken = [name for name in connection.scalars(query.order_by(*order)) if name in known]
    return taken[0] if taken else known[0] if len(known) == 1 else ""


def _newest(connection: Connection, name: str) -> Revision | None:
    c = export_profiles.c
    query = sa.select(export_profiles).where(c.name == name).order_by(c.revision.desc()).limit(1)
    row = connection.execute(query).first()
    return _revision(row) if row else None


def _revision(row: Row[Any]) -> Revision:
    """Of a newer program's profile what this one knows is read."""
    kept = {name: value for name, value in row.profile.items() if name in NAMES}
    return Revision(row.name, row.revision, Profile(**kept), row.by, row.at)


def _difference(before: Revision | None, profile: Profile) -> str:
    if before is None:
        return "saved for the first time"
    changed = [name for name in NAMES if getattr(before.profile, name) != getattr(profile, name)]
    return ", ".join(name.replace("_", " ") for name in changed)
