"""Captions and tags that a model proposes, until a person accepts, edits or refuses them.

An accepted one goes into the draft of the dataset. What somebody wrote by hand is never replaced:
such pictures get no caption proposed, and one written meanwhile stays. Rows are never deleted; a
model's newer proposal takes the place of its older one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.accounts.rights import check
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.datasets import drafts, edits
from studio.datasets.edits import LONGEST, Change, Row
from studio.datasets.pictures import Picture
from studio.datasets.tables import proposals
from studio.datasets.words import one_line
from studio.errors import StudioError

Into = Literal["caption", "tags"]
By = "model: "  # before the model's name, in a picture's caption_by


@dataclass(frozen=True)
class Proposal:
    """A model's words for a picture; `field` is what they would become, `kept` what a person made
    of them."""

    id: int
    dataset: str
    hash: str
    field: Into
    text: str
    model: str
    asked_by: str
    at: str
    job: int | None
    state: str
    kept: str
    decided_by: str | None
    decided_at: str | None


def wants(picture: Picture, field: Into) -> bool:
    """Whether something may be proposed for it: not in place of what a person wrote."""
    return field == "tags" or picture.caption_by != "hand"


def propose(
    engine: Engine,
    dataset: str,
    field: Into,
    texts: Mapping[str, str],
    *,
    model: str,
    asked_by: str,
    now: datetime,
    job: int | None = None,
) -> int:
    """Keep a model's words by the pictures' hashes; how many. Empty ones are left out, and what
    the same job proposed before stays as it is, decided on or not."""
    check(asked_by, "edit datasets")
    said = {hash: one_line(text)[: LONGEST["caption"]] for hash, text in texts.items()}
    c = proposals.c
    with writing(engine) as connection:
        own = (c.dataset == dataset) & (c.field == field) & (c.job == job)
        there = set(connection.scalars(sa.select(c.hash).where(own))) if job is not None else set()
        said = {hash: text for hash, text in said.items() if text and hash not in there}
        for hash, text in said.items():
            mine = (c.dataset == dataset) & (c.hash == hash) & (c.field == field)
            connection.execute(proposals.delete().where(mine, c.model == model))
            connection.execute(
                proposals.insert().values(
                    dataset=dataset,
                    hash=hash,
                    field=field,
                    text=text,
                    model=model,
                    kept="",
                    asked_by=str(asked_by),
                    at=stamp(now),
                    job=job,
                    state="open",
                )
            )
        if said:
            bump(connection)
    return len(said)


def waiting(engine: Engine, dataset: str) -> list[Proposal]:
    """Those that nobody has decided on, in the order in which they came."""
    c = proposals.c
    query = sa.select(proposals).where(c.dataset == dataset, c.state == "open").order_by(c.id)
    with engine.connect() as connection:
        return [Proposal(**row._mapping) for row in connection.execute(query)]


def of_job(engine: Engine, job: int) -> set[str]:
    """The hashes that a job has words for already."""
    query = sa.select(proposals.c.hash).where(proposals.c.job == job)
    with engine.connect() as connection:
        return set(connection.execute(query).scalars())


def told(engine: Engine, dataset: str, hash: str) -> list[Proposal]:
    """Everything that models ever proposed for a picture, the newest first."""
    c = proposals.c
    query = sa.select(proposals).where(c.dataset == dataset, c.hash == hash)
    with engine.connect() as connection:
        return [Proposal(**row._mapping) for row in connection.execute(query.order_by(c.id.desc()))]


def accept(
    engine: Engine,
    dataset: str,
    rows: Sequence[Row],
    texts: Mapping[int, str],
    *,
    by: str,
    now: datetime,
    key: str | None = None,
) -> tuple[int, int]:
    """Put proposals, by id with what is to be kept of each, into the draft.

    `rows` are the pictures as the draft has them now. Gives how many were taken, and how many not,
    because a person had written a caption meanwhile or the picture is gone. StudioError as
    `edits.cleaned`; then nothing is taken.
    """
    check(by, "edit datasets")
    there = {row.picture.hash: row.picture for row in rows if not row.removed}
    found = [one for one in _of_ids(engine, texts) if one.state == "open"]
    changes: list[Change] = []
    taken: dict[int, tuple[str, str]] = {}
    for one in found:
        picture, text = there.get(one.hash), one_line(texts[one.id])
        if picture is None or not wants(picture, one.field):
            continue
        state = "accepted" if text == one.text else "edited"
        changes += _changes(picture, one, text, state)
        taken[one.id] = (state, text)
    if changes:
        model = ", ".join(sorted({one.model for one in found if one.id in taken}))
        says = f"Words proposed by {model}: {len(taken):,} taken"
        drafts.write(engine, dataset, changes, says=says, by=by, now=now, key=key)
    _decide(engine, taken, by, now)
    return len(taken), len(found) - len(taken)


def refuse(engine: Engine, ids: Collection[int], *, by: str, now: datetime) -> int:
    """Decide against proposals; how many were still open."""
    check(by, "edit datasets")
    return _decide(engine, {id: ("refused", "") for id in ids}, by, now)


def _changes(picture: Picture, one: Proposal, text: str, state: str) -> list[Change]:
    if one.field == "tags":
        tags = (*picture.tags, *edits.tags_in(text))
        return [Change(one.hash, "tags", edits.cleaned("tags", tags))]
    if not text:
        raise StudioError("A caption is empty.", "Write what the picture shows, or refuse it.")
    written_by = f"{By}{one.model}" if state == "accepted" else "hand"
    return [
        Change(one.hash, "caption", edits.cleaned("caption", text)),
        Change(one.hash, "caption_by", written_by),
    ]


def _of_ids(engine: Engine, ids: Collection[int]) -> list[Proposal]:
    query = sa.select(proposals).where(proposals.c.id.in_(list(ids))).order_by(proposals.c.id)
    with engine.connect() as connection:
        return [Proposal(**row._mapping) for row in connection.execute(query)]


def _decide(engine: Engine, said: Mapping[int, tuple[str, str]], by: str, now: datetime) -> int:
    c, done = proposals.c, 0
    with writing(engine) as connection:
        for id, (state, kept) in said.items():
            values = {"state": state, "kept": kept, "decided_by": str(by)}
            done += connection.execute(
                proposals.update()
                .where(c.id == id, c.state == "open")
                .values(**values, decided_at=stamp(now))
            ).rowcount
        if done:
            bump(connection)
    return done
