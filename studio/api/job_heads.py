"""Jobs as lists tell of them: without what was asked and what came of it, which may have megabytes
each. Of a payload only the words that stand in the job's title are read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Engine, RowMapping

from studio.jobs.table import jobs
from studio.worker.kind_table import KINDS, title_of

LONGEST = 400  # letters of a title
WORD = "word_"  # begins the name of a column that is one of a title's words


def newest(
    engine: Engine,
    names: Collection[str],
    wanted: Mapping[str, str],
    before: int | None,
    most: int,
) -> list[dict[str, Any]]:
    """The columns `names`, `kind` among them, and the `title` of the newest jobs whose columns are
    as `wanted`; `before` is the last id of the page before."""
    c = jobs.c
    query = sa.select(*(c[name] for name in names), *_words())
    query = query.where(*(c[name] == one for name, one in wanted.items()))
    if before is not None:
        query = query.where(c.id < before)
    with engine.connect() as connection:
        found = connection.execute(query.order_by(c.id.desc()).limit(most))
        return [_titled(row) for row in found.mappings()]


def _words() -> list[ColumnElement[Any]]:
    """What titles take of payloads, each of the kinds alone whose titles have it."""
    kinds = dict[str, list[str]]()
    for kind in KINDS.values():
        for word in kind.words:
            kinds.setdefault(word, []).append(kind.name)
    c = jobs.c
    return [
        sa.case(
            (c.kind.in_(names), sa.func.substr(c.payload[word].as_string(), 1, LONGEST)),
        ).label(f"{WORD}{word}")
        for word, names in kinds.items()
    ]


def _titled(row: RowMapping) -> dict[str, Any]:
    told = {name: one for name, one in row.items() if not name.startswith(WORD)}
    words = {
        name.removeprefix(WORD): one
        for name, one in row.items()
        if name.startswith(WORD) and one is not None
    }
    return {**told, "title": title_of(row["kind"], words)[:LONGEST]}
