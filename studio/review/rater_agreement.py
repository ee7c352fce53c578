"""How far raters agree, where they do not, and all ratings as a table to take along."""

from __future__ import annotations

import csv
import io
import statistics as plain
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from studio.review import pictures, rubrics
from studio.review.agreement import krippendorff
from studio.review.rating_rounds import Rated, get, pictures_of
from studio.review.ratings import Rating, standing
from studio.text.cells import tame


@dataclass(frozen=True)
class Apart:
    """A picture and how far its raters are apart: the standard deviation of each criterion's
    scores, as a share of its scale, and the weighted mean of these. `scores` by rater."""

    picture: Rated
    spread: float
    criteria: dict[str, float]
    scores: dict[str, dict[str, int]]


@dataclass(frozen=True)
class Rater:
    """One rater: pictures rated, mean score, mean distance from the mean of the others on the
    same pictures (plus: milder). None where nobody else rated them."""

    name: str
    rated: int
    mean: float
    milder: float | None


def alphas(engine: Engine, id: int) -> dict[str, float]:
    """Krippendorff's ordinal alpha of each criterion; nan where it can't be said."""
    given = standing(engine, id)
    names = list(given[0].scores) if given else []
    by_picture = _by_picture(given)
    return {
        name: krippendorff([[one.scores[name] for one in some] for some in by_picture.values()])
        for name in names
    }


def apart(engine: Engine, home: Path, id: int) -> list[Apart]:
    """Pictures that two or more have rated, those first on which they disagree most."""
    rubric, shown = rubrics.named(home, get(engine, id).rubric), pictures_of(engine, id)
    found = []
    for picture, some in _by_picture(standing(engine, id)).items():
        if len(some) < 2:
            continue
        spreads = {
            one.name: plain.pstdev(rating.scores[one.name] for rating in some)
            / (one.high - one.low)
            for one in rubric.criteria
        }
        whole = sum(one.weight * spreads[one.name] for one in rubric.criteria)
        scores = {rating.rater: rating.scores for rating in some}
        found.append(Apart(shown[picture], whole, spreads, scores))
    return sorted(found, key=lambda one: (-one.spread, one.picture.id))


def raters(engine: Engine, id: int) -> list[Rater]:
    """Everybody whose ratings count, by name."""
    given = standing(engine, id)
    by_picture = _by_picture(given)
    by_rater: dict[str, list[Rating]] = defaultdict(list)
    for one in given:
        by_rater[one.rater].append(one)
    found = []
    for name, mine in sorted(by_rater.items()):
        off = []
        for one in mine:
            others = [o.score for o in by_picture[one.picture] if o.rater != name]
            if others:
                off.append(one.score - sum(others) / len(others))
        milder = sum(off) / len(off) if off else None
        found.append(Rater(name, len(mine), sum(o.score for o in mine) / len(mine), milder))
    return found


def table(engine: Engine, home: Path, id: int) -> list[dict[str, Any]]:
    """A row for each rating that counts, oldest first."""
    round, shown = get(engine, id), pictures_of(engine, id)
    names = pictures.names(round.sides)
    return [
        {
            "ratings": id,
            "rubric": round.rubric,
            "style": round.sides[shown[one.picture].side].style,
            "version": names[shown[one.picture].side],
            "prompt": shown[one.picture].prompt,
            "seed": shown[one.picture].seed,
            "picture": shown[one.picture].picture,
            "rater": one.rater,
            "at": one.at,
            "score": one.score,
            **one.scores,
        }
        for one in standing(engine, id)
    ]


def as_csv(rows: Sequence[dict[str, Any]]) -> bytes:
    """The rows as CSV in UTF-8; what people wrote can't become a formula of a spreadsheet."""
    written = io.StringIO()
    writer = csv.DictWriter(written, list(rows[0]) if rows else ["ratings"])
    writer.writerow({name: _tame(name) for name in writer.fieldnames})
    for row in rows:
        writer.writerow({name: _tame(value) for name, value in row.items()})
    return written.getvalue().encode("utf-8-sig")


def as_parquet(rows: Sequence[dict[str, Any]]) -> bytes:
    """The rows as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    written = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), written)
    return written.getvalue()


def _tame(value: Any) -> Any:
    return tame(value) if isinstance(value, str) else value


def _by_picture(given: Sequence[Rating]) -> dict[int, list[Rating]]:
    found: dict[int, list[Rating]] = defaultdict(list)
    for one in given:
        found[one.picture].append(one)
    return found
