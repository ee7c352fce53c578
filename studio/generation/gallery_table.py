"""The gallery: the assets that are pictures, each with its settings and what is said of it.

The files are the pictures (`picture_files`); what was painted over one lies beside it
(`painted_over`). Rows are never deleted here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine, Row

from studio.assets import contents, files, records
from studio.assets import search as found_assets
from studio.assets.records import New
from studio.assets.search import Wanted
from studio.assets.tables import asset_files, asset_parents, assets, verdicts
from studio.assets.verdicts import Judgement, Verdict, judgement
from studio.database.engine import bump, writing
from studio.errors import StudioError
from studio.generation import raw_pictures, seam_verdicts
from studio.generation.picture_files import Made, read_made, recipe_of

KIND = DRAWN = "picture"  # of asset, and the role of the file that was drawn
PAINTED = "painted"  # the role of the file that an artist painted over it

_drawn, _painted = asset_files.alias("drawn"), asset_files.alias("painted")

# The gallery's rows as one table, for whoever asks more of it than a page.
pictures = (
    sa.select(
        *(assets.c[name] for name in ("number", "id", "style", "version", "seed", "recipe")),
        *(assets.c[name] for name in ("by", "at", "job", "name", "variant", "category")),
        assets.c.verdict,
        _drawn.c.path.label("file"),
        _drawn.c.width,
        _drawn.c.height,
        _painted.c.path.label("painted"),
        _painted.c.by.label("painted_by"),
        raw_pictures.path_of(assets.c.number).label("raw"),
        *(verdicts.c[name] for name in ("reasons", "note", "pin_x", "pin_y", "turn")),
        verdicts.c.by.label("judged_by"),
        verdicts.c.at.label("judged_at"),
    )
    .select_from(
        assets.join(_drawn, (_drawn.c.asset == assets.c.number) & (_drawn.c.role == DRAWN))
        .outerjoin(_painted, (_painted.c.asset == assets.c.number) & (_painted.c.role == PAINTED))
        .outerjoin(verdicts)
    )
    .where(assets.c.kind == KIND)
    .subquery("pictures")
)

# Whether other adapters drew along, as the recipe's text says it.
MIXED = sa.cast(pictures.c.recipe, sa.Text).like('%"adapters": [{%')


@dataclass(frozen=True)
class Picture:
    """One picture. Moments are ISO UTC; files are relative to the studio's folder.

    `raw` is its file as the model drew it, None where finishing changed nothing or it was not kept
    yet; `finish` the mark of the recipe that it was finished by, "" for none.

    `name`, `variant` and `category` are its list's, where a list asked for it. The pin's place is a
    share of width and height, 0 to 1 from the top left. `seams` has a seamless one's by their axes
    (`seam_verdicts.measured`). `turn` counts what people said of it, so that nobody overwrites what
    they have not seen.
    """

    number: int
    id: str
    style: str
    version: int
    base: str
    prompt: str
    full_prompt: str
    negative: str
    seed: int
    steps: int
    guidance: float
    strength: float
    adapters: list[dict[str, Any]]
    start: str
    change: float
    reading: dict[str, Any]
    mask: str
    finish: str
    seamless: str
    fill: str
    leads: list[dict[str, Any]]
    reference: dict[str, Any]
    seams: dict[str, dict[str, Any]]
    file: str
    raw: str | None
    width: int
    height: int
    by: str
    at: str
    job: int | None
    name: str
    variant: int
    category: str
    verdict: Verdict | None
    reasons: list[str]
    note: str
    pin_x: float | None
    pin_y: float | None
    painted: str | None
    painted_by: str | None
    judged_by: str | None
    judged_at: str | None
    turn: int

    @property
    def judgement(self) -> Judgement:
        """What is said of it now."""
        return judgement(self.verdict, self.reasons, self.note, self.pin_x, self.pin_y)


IN_RECIPE = {f.name for f in fields(Made)} & {f.name for f in fields(Picture)} - {
    *("style", "version", "seed")
}


@dataclass(frozen=True)
class Page:
    """A page of pictures, the newest first, and how many there are in all."""

    found: list[Picture]
    total: int


@dataclass(frozen=True)
class Kept:
    """A picture that was just written: its file, how it was made, and which line's of a list it
    is, of which category; `variant` counts a line's pictures from 1. `wish` is the id of the wish
    that it came of, "" for none.
    """

    file: Path
    made: Made
    name: str = ""
    variant: int = 1
    category: str = ""
    wish: str = ""


def record(
    engine: Engine,
    home: Path,
    kept: Sequence[Kept],
    *,
    by: str,
    now: datetime,
    job: int | None = None,
) -> list[str]:
    """Put pictures into the gallery and give their ids; one that is there keeps its row."""
    keys = [one.file.relative_to(home).as_posix() for one in kept]
    ids = records.known(engine, keys)
    starts = {hash for one in kept for hash in one.made.begun_from}
    begun = files.with_pixels(engine, starts) if starts else {}
    fresh = {key: one for key, one in zip(keys, kept, strict=True) if key not in ids}
    raws = {
        key: raw
        for key, one in fresh.items()
        if (raw := raw_pictures.asset(home, one.file, one.made))
    }
    parents = dict(
        zip(raws, records.put(engine, [*raws.values()], by=by, now=now, job=job), strict=True)
    )
    new = [_new(one, key, begun, parents.get(key)) for key, one in fresh.items()]
    put = records.put(engine, new, by=by, now=now, job=job)
    ids |= {one.key: id for one, id in zip(new, put, strict=True)}
    return [ids[key] for key in keys]


def _new(one: Kept, key: str, begun: dict[str, str], raw: str | None) -> New:
    recipe = recipe_of(one.made)
    if one.made.seamless:
        recipe["seams"] = seam_verdicts.of_file(one.file, one.made.seamless)
    style, version, seed = (recipe.pop(name) for name in ("style", "version", "seed"))
    parents = (raw, *(begun.get(hash) for hash in one.made.begun_from), one.wish)
    return New(
        kind=KIND,
        key=key,
        files={DRAWN: (one.file, files.read(one.file))},
        parents=tuple(dict.fromkeys(id for id in parents if id)),
        style=style,
        version=version,
        seed=seed,
        name=one.name,
        variant=one.variant,
        category=one.category,
        text=one.made.prompt,
        recipe=recipe,
    )


def take_up(engine: Engine, home: Path, *, by: str) -> int:
    """Put pictures found on the disk into the gallery, as old as their files; how many were new.

    Only whole pictures of ours under generated/ count; those without alpha yet are left out.
    """
    known = records.keys_of(engine, KIND)
    new = 0
    for file in sorted((home / "generated").rglob("*.png")):
        name = file.relative_to(home).as_posix()
        if name in known or raw_pictures.is_one(file) or file.name.startswith("."):
            continue
        made = read_made(file)
        if made is not None:
            at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
            record(engine, home, [Kept(file, made)], by=by, now=at)
            new += 1
    return new


def read_files(engine: Engine, home: Path, most: int | None = None) -> int:
    """Read files of an older studio's gallery, `most` at once; how many. A picture that another
    began from is that one's parent from then on."""
    filled = contents.fill(engine, home, most)
    if not filled:
        return 0
    child, file = assets.c, asset_files.c
    from_a_picture = sa.cast(child.recipe, sa.Text).not_like('%"start": ""%')
    orphan = child.number.not_in(sa.select(asset_parents.c.asset))
    began = (
        sa.select(child.number, sa.func.min(file.asset))
        .join(asset_files, file.pixels == child.recipe["start"].as_string())
        .where(child.kind == KIND, from_a_picture, orphan, file.asset < child.number)
        .group_by(child.number)
    )
    with writing(engine) as connection:
        connection.execute(asset_parents.insert().from_select(["asset", "parent"], began))
        bump(connection)
    return filled


def get(engine: Engine, id: str) -> Picture:
    """The picture `id`, or StudioError."""
    with engine.connect() as connection:
        row = connection.execute(sa.select(pictures).where(pictures.c.id == id)).first()
    if row is None:
        raise StudioError(f"There is no picture {id[:40]!r}.", "Choose one in the gallery.")
    return as_picture(row)


def search(engine: Engine, wanted: Wanted, page: int = 1, size: int = 24) -> Page:
    """One page of what is wanted, counted from 1; a page too far is empty."""
    total, skip = count(engine, wanted), (page - 1) * size
    if skip >= total:
        return Page([], total)
    # No more than there are: with all of them found nobody looks through the rest for another.
    numbers = found_assets.numbers(engine, KIND, wanted, min(size, total - skip), skip)
    query = sa.select(pictures).where(pictures.c.number.in_(numbers))
    with engine.connect() as connection:
        found = {row.number: as_picture(row) for row in connection.execute(query)}
    return Page([found[number] for number in numbers], total)


def count(engine: Engine, wanted: Wanted) -> int:
    """How many pictures are wanted."""
    return sum(tally(engine, wanted).values())


def tally(engine: Engine, wanted: Wanted) -> dict[str, int]:
    """How many of the pictures wanted have each verdict; "open" for those without one."""
    return found_assets.tally(engine, KIND, wanted)


def choices(engine: Engine) -> tuple[dict[str, list[int]], list[str]]:
    """What filters can offer: the versions of each style, newest first, and the people."""
    return found_assets.choices(engine, KIND)


def ids_of(engine: Engine, wanted: Wanted, most: int = 10_000) -> list[str]:
    """The ids of what is wanted, in the order of `search`."""
    return found_assets.ids(engine, KIND, wanted, most)


def of_ids(engine: Engine, ids: Sequence[str]) -> list[Picture]:
    """The pictures with these ids, in this order; those that are not there are left out."""
    with engine.connect() as connection:
        rows = connection.execute(sa.select(pictures).where(pictures.c.id.in_(ids)))
        found = {row.id: as_picture(row) for row in rows}
    return [found[id] for id in ids if id in found]


def all_of(engine: Engine, wanted: Wanted) -> list[Picture]:
    """Everything that is wanted, in the order in which it was drawn."""
    numbers = found_assets.query(engine, KIND, wanted)
    query = sa.select(pictures).where(pictures.c.number.in_(numbers))
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(pictures.c.number))
        return [as_picture(row) for row in rows]


def as_picture(row: Row[Any]) -> Picture:
    """A row of `pictures` as a record."""
    told = dict(row._mapping)
    # Older ones were read as they stand, begun from a picture as a whole, neither finished nor
    # seamless, and led by none.
    usual = {"reading": {}, "mask": "", "finish": "", "seamless": "", "fill": ""}
    recipe = {**usual, "leads": [], "reference": {}, **told.pop("recipe")}
    said = {"reasons": told["reasons"] or [], "note": told["note"] or "", "turn": told["turn"] or 0}
    told["seams"] = recipe.get("seams", {})
    return Picture(**{**told, **said, **{name: recipe[name] for name in IN_RECIPE}})
