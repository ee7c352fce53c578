"""Ballots for which each voter writes prompts of their own, and votes on what comes of them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from itertools import combinations
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.accounts.rights import check
from studio.database.engine import bump, writing
from studio.errors import StudioError
from studio.review import pairing, pictures
from studio.review.ballots import PANEL, STRIP, Asks, Ballot, checked, get, sent_before, store
from studio.review.pictures import Drawn, Side
from studio.review.tables import ballots, pairs

OWN = 20  # prompts of one voter, at most
LONGEST = 300  # characters of a prompt


def open_ballot(
    engine: Engine,
    *,
    sides: Sequence[Side],
    question: str,
    own: int,
    invited: Sequence[str],
    by: str,
    key: str,
    now: datetime,
    due: date | None = None,
    asks: Asks | None = None,
    strip: Sequence[str] = (),
) -> Ballot:
    """Open a ballot for which each of the invited writes `own` prompts; its pairs come when these
    are drawn (`add`). StudioError for values that make no ballot."""
    check(by, "open ballots")
    sent = sent_before(engine, by, key)
    if sent is not None:
        return sent
    people = list(dict.fromkeys(invited))
    asked = checked(question, len(people), 0, 0)
    if len(set(sides)) < 2 or any(side.number == pictures.HAND for side in sides):
        raise StudioError(
            "Prompts of voters need two or more versions to draw them.", "Choose versions."
        )
    if not 1 <= own <= OWN:
        raise StudioError(f"Each voter writes {own} prompts.", f"Give a number from 1 to {OWN}.")
    values = {
        "style": sides[0].style,
        "sides": [(side.style, side.number) for side in sides],
        "question": asked,
        "asks": asks or ("panel" if len(people) < PANEL else "people"),
        "voters": len(people),
        "share": own * math.comb(len(sides), 2),
        "prompts": "",
        "strip": list(strip)[:STRIP],
        "size": 0,
        "length": 0,
        "due": due.isoformat() if due else None,
        "repeats": 0,
        "golds": 0,
        "own": own,
    }
    return store(engine, values, [], people, by, key, now)


def add(
    engine: Engine,
    home: Path,
    id: int,
    voter: str,
    drawn: Sequence[Drawn],
    now: datetime,
    within: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> int:
    """Add the pairs of a voter's own prompts; how many there are then. Added before: none more.
    They are stored `within` a transaction of the caller's, once the pictures are kept.

    Two versions that drew equal pictures still make a pair: every voter has the same number.
    """
    check(voter, "vote")
    ballot = get(engine, id)
    cells = pairing.common(drawn)
    files = pictures.shown(drawn, set(cells))
    kept = pictures.keep(home, files, size=ballot.size)
    made = [
        {
            "prompt": prompt,
            "seed": seed,
            "a": a,
            "b": b,
            "kind": "real",
            "voter": voter,
            "a_picture": kept.names[drawn[a].files[prompt, seed]],
            "b_picture": kept.names[drawn[b].files[prompt, seed]],
            "length": kept.length,
            "category": pairing.kind_of(prompt),
            "ballot": id,
        }
        for prompt, seed in cells
        for a, b in combinations(range(len(drawn)), 2)
    ]
    random.SystemRandom().shuffle(made)
    mine = sa.select(sa.func.count()).where(pairs.c.ballot == id, pairs.c.voter == voter)
    with within(), writing(engine) as connection:
        before = int(connection.execute(mine).scalar_one())
        if before:
            return before
        if not get(connection, id).size:
            connection.execute(ballots.update().where(ballots.c.id == id).values(size=kept.size))
        connection.execute(pairs.insert(), made)
        bump(connection)
    return len(made)


def prompts(ballot: Ballot, written: str) -> list[str]:
    """The prompts that somebody wrote, one a line; StudioError unless they are what is asked."""
    found = list(dict.fromkeys(" ".join(line.split()) for line in written.splitlines()))
    found = [line for line in found if line]
    if len(found) != ballot.own:
        raise StudioError(
            f"There are {len(found)} different prompts.", f"Write {ballot.own}, one a line."
        )
    for line in found:
        if len(line) > LONGEST:
            raise StudioError(
                f"The prompt {line[:30]!r}... has {len(line)} characters.",
                f"Keep it below {LONGEST}.",
            )
    return found


def drawn_for(engine: Engine, id: int, voter: str) -> bool:
    """Whether the pairs of the voter's prompts are there."""
    query = sa.select(pairs.c.id).where(pairs.c.ballot == id, pairs.c.voter == voter).limit(1)
    with engine.connect() as connection:
        return connection.execute(query).first() is not None
