"""Palettes: named, ordered colours that a team agrees on. Each change is a revision of its own and
all are kept, so that a recipe which names "props@3" can be read for ever.

Who may edit changes the newest revision; an art lead approves a revision, and locks a palette so
that nobody changes it. A withdrawn palette is offered nowhere and can still be read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row

from studio import numbers
from studio.accounts.rights import check
from studio.database import ledger
from studio.database.engine import bump, revision, writing
from studio.database.ledger import stamp
from studio.errors import ChangedMeanwhile, StudioError, nearest
from studio.finishing import colour_table
from studio.finishing.colour_table import ColourTable, Ramp
from studio.finishing.tables import palette_revisions, palettes
from studio.text.decoding import cleaned

EDIT, APPROVE = "edit palettes", "approve palettes"  # the rights
NAME, SOURCE = 60, 200  # characters
MOST_PALETTES = 1_000
# What stands between a name and its revision, and what a file's name can't hold.
_ODD = re.compile(r'[@/\\<>:"|?*\x00-\x1f\x7f]')


@dataclass(frozen=True)
class Palette:
    """One revision of a palette; `newest` is the number of its newest one, moments are ISO UTC,
    and who is None did not. `source` is what this revision was made from, in words."""

    name: str
    revision: int
    newest: int
    colours: tuple[str, ...]
    names: tuple[str, ...]
    ramps: tuple[Ramp, ...]
    source: str
    by: str
    at: str
    approved_by: str | None
    approved_at: str | None
    locked_by: str | None
    locked_at: str | None
    withdrawn_by: str | None
    withdrawn_at: str | None

    @property
    def locked(self) -> bool:
        """Whether nobody can change it."""
        return self.locked_by is not None

    @property
    def mark(self) -> str:
        """How a recipe names it: "props@3"."""
        return f"{self.name}@{self.revision}"

    @property
    def table(self) -> ColourTable:
        """Its colours with their names and ramps."""
        return ColourTable(self.colours, self.names, self.ramps)


def get(engine: Engine, name: str, revision: int | None = None) -> Palette:
    """A palette's revision, None: its newest; also of one that was withdrawn. StudioError names
    what there is."""
    with engine.connect() as connection:
        return _get(connection, name, revision)


def named(engine: Engine, mark: str) -> Palette:
    """The palette that "props" or "props@3" means. Errors as `get`."""
    name, sign, revision = mark.rpartition("@")
    if not sign:
        return get(engine, mark)
    return get(engine, name, numbers.whole("The palette's revision", revision, 1, 10**6))


def listing(engine: Engine, withdrawn: bool = False) -> list[Palette]:
    """The newest revision of every palette, by name; with those withdrawn where they are asked
    for."""
    return [one for one in _all(engine, revision(engine)) if withdrawn or one.withdrawn_by is None]


def revisions(engine: Engine, name: str) -> list[Palette]:
    """Every revision of a palette, the newest first."""
    query = _query(palettes.c.folded == _folded(name)).order_by(None)
    with engine.connect() as connection:
        found = connection.execute(query.order_by(palette_revisions.c.revision.desc())).all()
    return [_palette(row) for row in found]


def save(
    engine: Engine,
    name: str,
    table: ColourTable,
    *,
    after: int,
    source: str = "",
    by: str,
    now: datetime,
) -> Palette:
    """Keep colours as the palette's next revision. `after` is the revision that the person saw, 0
    for a new palette: ChangedMeanwhile where another is there by now. What changes nothing makes no
    revision."""
    check(by, EDIT)
    name = _named(name)
    new = colour_table.checked(table, f"The palette {name}")
    with writing(engine) as connection:
        row = connection.execute(sa.select(palettes).where(palettes.c.folded == _folded(name)))
        held = row.first()
        if held is None:
            number = _create(connection, name, after)
            before, said = None, f"{name}@1: {len(new.colours)} colours"
        else:
            number, before = held.number, _get(connection, name)
            if before.table == new and after in (0, before.revision):
                return before  # the same was sent twice
            _check_unchanged(before, after)
            said = f"{before.name}@{before.revision + 1}: {_difference(before.table, new)}"
        revision = 1 if before is None else before.revision + 1
        connection.execute(
            palette_revisions.insert().values(
                palette=number,
                revision=revision,
                colours=list(new.colours),
                names=list(new.names),
                ramps=[[one.name, list(one.places)] for one in new.ramps],
                source=" ".join(cleaned(source).split())[:SOURCE],
                by=str(by),
                at=stamp(now),
            )
        )
        newest = palettes.update().where(palettes.c.number == number)
        connection.execute(newest.values(newest=revision))
        _record(connection, "save palette", said, by, now)
        bump(connection)
        return _get(connection, name)


def approve(engine: Engine, name: str, revision: int, *, by: str, now: datetime) -> Palette:
    """Say that this revision is what pictures are to be drawn in. Only the newest one can be."""
    check(by, APPROVE)
    with writing(engine) as connection:
        held = _get(connection, name)
        _check_there(held)
        if held.revision != revision:
            raise ChangedMeanwhile(
                f"{held.name} is at revision {held.revision} by now, by {held.by}.",
                "Look at it, then approve it.",
            )
        if held.approved_by is None:
            this = palette_revisions.update().where(
                palette_revisions.c.palette == _number(connection, name),
                palette_revisions.c.revision == revision,
            )
            connection.execute(this.values(approved_by=str(by), approved_at=stamp(now)))
            _record(connection, "approve palette", held.mark, by, now)
            bump(connection)
        return _get(connection, name)


def lock(engine: Engine, name: str, *, by: str, now: datetime) -> Palette:
    """Nobody changes it from now on."""
    return _mark(engine, name, "lock palette", by, now)


def unlock(engine: Engine, name: str, *, by: str, now: datetime) -> Palette:
    """It can be changed again."""
    return _mark(engine, name, "unlock palette", by, now)


def withdraw(engine: Engine, name: str, *, by: str, now: datetime) -> Palette:
    """Offer it nowhere any more. StudioError for a locked one; an approved one is withdrawn by
    whoever may approve."""
    check(by, EDIT)
    with writing(engine) as connection:
        held = _get(connection, name)
        if held.approved_by is not None:
            check(by, APPROVE)
        if held.locked:
            raise locked(held)
        return _marked(connection, held, "withdraw palette", by, now)


def bring_back(engine: Engine, name: str, *, by: str, now: datetime) -> Palette:
    """Offer a withdrawn one again, as it was."""
    check(by, EDIT)
    with writing(engine) as connection:
        return _marked(connection, _get(connection, name), "bring palette back", by, now)


def file_name(palette: Palette) -> str:
    """The palette's mark as a file's name, without its ending: "props-3"."""
    word = "-".join(re.findall(r"[a-z0-9]+", palette.name.casefold()))[:NAME] or "palette"
    return f"{word}-{palette.revision}"


def locked(palette: Palette) -> StudioError:
    """Why a locked palette can't be changed."""
    return StudioError(
        f"{palette.name} is locked by {palette.locked_by} since {(palette.locked_at or '')[:10]}.",
        "An art lead unlocks it; or save your colours under another name.",
    )


# What each action makes of a palette's row: whose columns, and whether they are filled.
_ACTIONS = {
    "lock palette": ("locked", True),
    "unlock palette": ("locked", False),
    "withdraw palette": ("withdrawn", True),
    "bring palette back": ("withdrawn", False),
}


def _mark(engine: Engine, name: str, action: str, by: str, now: datetime) -> Palette:
    check(by, APPROVE)
    with writing(engine) as connection:
        held = _get(connection, name)
        _check_there(held)
        return _marked(connection, held, action, by, now)


def _marked(connection: Connection, held: Palette, action: str, by: str, now: datetime) -> Palette:
    column, filled = _ACTIONS[action]
    if (getattr(held, f"{column}_by") is not None) == filled:
        return held  # it is so already
    who, when = (str(by), stamp(now)) if filled else (None, None)
    this = palettes.update().where(palettes.c.folded == _folded(held.name))
    connection.execute(this.values(**{f"{column}_by": who, f"{column}_at": when}))
    _record(connection, action, held.name, by, now)
    bump(connection)
    return _get(connection, held.name)


def _create(connection: Connection, name: str, after: int) -> int:
    if after:
        raise _none(connection, name)
    count = connection.execute(sa.select(sa.func.count()).select_from(palettes)).scalar_one()
    if count >= MOST_PALETTES:
        raise StudioError(f"There are {count:,} palettes.", "Change one of them instead.")
    made = connection.execute(palettes.insert().values(name=name, folded=_folded(name), newest=1))
    assert made.inserted_primary_key is not None
    return int(made.inserted_primary_key[0])


def _check_unchanged(before: Palette, after: int) -> None:
    if not after:
        gone = ", which was withdrawn" if before.withdrawn_by else ""
        raise ChangedMeanwhile(
            f"There is a palette {before.name!r} already{gone}.",
            "Choose another name, or change that one.",
        )
    _check_there(before)
    if before.locked:
        raise locked(before)
    if before.revision != after:
        raise ChangedMeanwhile(
            f"{before.by} changed {before.name} meanwhile: it is at revision {before.revision}, "
            f"and yours was made from {after}.",
            "Look at what is there now and make your change to it, or save it under another name.",
        )


def _check_there(held: Palette) -> None:
    if held.withdrawn_by is not None:
        raise StudioError(
            f"{held.name} was withdrawn by {held.withdrawn_by}.", "Bring it back first."
        )


def _query(where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    told = (palettes.c[name] for name in ("name", "newest", *_MARKS))
    kept = (palette_revisions.c[name] for name in _KEPT)
    joined = palettes.join(palette_revisions, palette_revisions.c.palette == palettes.c.number)
    return sa.select(*told, *kept).select_from(joined).where(where).order_by(palettes.c.folded)


_MARKS = ("locked_by", "locked_at", "withdrawn_by", "withdrawn_at")
_KEPT = (
    *("revision", "colours", "names", "ramps", "source"),
    *("by", "at", "approved_by", "approved_at"),
)


def _palette(row: Row[Any]) -> Palette:
    values = dict(row._mapping)
    values["colours"], values["names"] = tuple(values["colours"]), tuple(values["names"])
    values["ramps"] = tuple(Ramp(name, tuple(places)) for name, places in values["ramps"])
    return Palette(**values)


@lru_cache(maxsize=8)
def _all(engine: Engine, revision: int) -> tuple[Palette, ...]:
    query = _query(palette_revisions.c.revision == palettes.c.newest)
    with engine.connect() as connection:
        return tuple(_palette(row) for row in connection.execute(query))


def _get(connection: Connection, name: str, revision: int | None = None) -> Palette:
    at = palettes.c.newest if revision is None else revision
    query = _query((palettes.c.folded == _folded(name)) & (palette_revisions.c.revision == at))
    row = connection.execute(query).first()
    if row is not None:
        return _palette(row)
    if revision is None:
        raise _none(connection, name)
    held = _get(connection, name)
    raise StudioError(f"{held.name} has no revision {revision}.", f"It has 1 to {held.newest}.")


def _none(connection: Connection, name: str) -> StudioError:
    known = list(connection.scalars(sa.select(palettes.c.name).order_by(palettes.c.folded)))
    listed = f"Known: {', '.join(known[:12])}." if known else "There is none yet: import one."
    return StudioError(f"There is no palette {name[:NAME]!r}.", nearest(name, known) + listed)


def _number(connection: Connection, name: str) -> int:
    query = sa.select(palettes.c.number).where(palettes.c.folded == _folded(name))
    return int(connection.execute(query).scalar_one())


def _named(given: str) -> str:
    name = " ".join(cleaned(given).split())
    if not 1 <= len(name) <= NAME:
        raise StudioError(
            f"The palette's name has {len(name)} characters.", f"Give it 1 to {NAME}."
        )
    if odd := _ODD.search(name):
        raise StudioError(
            f"The palette's name {name!r} holds {odd[0]!r}.",
            "Use letters, digits, spaces, dots and dashes: recipes say NAME@REVISION.",
        )
    return name


def _folded(name: str) -> str:
    return " ".join(cleaned(name).split()).casefold()


def _record(connection: Connection, action: str, reason: str, by: str, now: datetime) -> None:
    ledger.record(connection, at=now, actor=by, action=action, reason=reason)


def _difference(before: ColourTable, after: ColourTable) -> str:
    """What came, went or changed, in words."""
    came = [one for one in after.colours if one not in before.colours]
    went = [one for one in before.colours if one not in after.colours]
    kept = [one for one in after.colours if one in before.colours]
    parts = [f"added {_some(came)}"] if came else []
    parts += [f"took out {_some(went)}"] if went else []
    if kept != [one for one in before.colours if one in after.colours]:
        parts.append("another order")
    named = [dict(zip(one.colours, one.names, strict=True)) for one in (before, after)]
    if any(named[0][one] != named[1][one] for one in kept):
        parts.append("other names of colours")
    if [(r.name, colour_table.ramp_colours(before, r)) for r in before.ramps] != [
        (r.name, colour_table.ramp_colours(after, r)) for r in after.ramps
    ]:
        parts.append(f"ramps {', '.join(one.name for one in after.ramps) or 'none'}")
    return "; ".join(parts)


def _some(colours: list[str]) -> str:
    more = f" and {len(colours) - 6} more" if len(colours) > 6 else ""
    return f"{', '.join(colours[:6])}{more}"
