"""What people say of a rollout's two versions: approved and judged of each, and which is better.

Each person is compared with themself, since some are stricter than others: the k-th verdict that
they gave on the new version beside their k-th on the one in production, those from before the
rollout included. One such comparison each of `PEOPLE` is a block, in which nobody has more than one
voice however much they judge. Blocks are counted by the rule of the ballots, so one may look at any
time, and fewer than `PEOPLE` decide nothing.

Not covered: people who judge only one of the two, and what changes with time for everybody, such
as harder prompts since the rollout began.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.generation.gallery_table import pictures
from studio.registry.rollout import Rollout
from studio.review import statistics
from studio.review.statistics import Verdict

PEOPLE = 3  # who must have a say in every block
BEFORE = 100  # verdicts of a person from before the rollout, at most

Said = tuple[str, bool]  # when a picture was judged, and whether it was approved


@dataclass(frozen=True)
class Arm:
    """What became of one version's pictures since a rollout began: judged, approved of them."""

    version: int
    judged: int
    approved: int

    @property
    def rate(self) -> float | None:
        """The share that was approved, None before any was judged."""
        return self.approved / self.judged if self.judged else None


@dataclass(frozen=True)
class Outcome:
    """Production's arm, the new version's, the verdict (a: production is better), and how many
    people judged both."""

    old: Arm
    new: Arm
    verdict: Verdict
    people: int


def look(engine: Engine, going: Rollout) -> Outcome:
    """How a rollout goes."""
    old, new = (_arm(engine, going, version) for version in (going.against, going.version))
    compared = compare(*_said(engine, going))
    verdict = statistics.decide(blocks(compared))
    return Outcome(old, new, verdict, len({who for _, who, _ in compared}))


def compare(old: dict[str, list[Said]], new: dict[str, list[Said]]) -> list[tuple[str, str, float]]:
    """Everybody's comparisons in the order in which they came to be: when, who, and 1 where the
    new version's picture was the better one, 0 where the old one's, 1/2 where both fared alike."""
    found = []
    for who in old.keys() & new.keys():
        for (before, good), (after, better) in zip(old[who], new[who], strict=False):
            found.append((max(before, after), who, (1 + better - good) / 2))
    return sorted(found)


def blocks(compared: Iterable[tuple[str, str, float]], people: int = PEOPLE) -> list[float]:
    """The new version's share of each finished block: one comparison each of so many people, in
    the order in which they came."""
    found: list[float] = []
    waiting: dict[str, deque[float]] = defaultdict(deque)
    for _, who, score in compared:
        waiting[who].append(score)
        if len(waiting) == people:
            found.append(sum(mine.popleft() for mine in waiting.values()) / people)
            waiting = defaultdict(deque, {one: mine for one, mine in waiting.items() if mine})
    return found


def _arm(engine: Engine, going: Rollout, version: int) -> Arm:
    """Counted by the database."""
    c = pictures.c
    approved = sa.func.count(sa.case((c.verdict == "approved", 1)))
    query = sa.select(sa.func.count(c.verdict), approved).where(
        c.style == going.style, c.version == version, c.at >= going.begun_at
    )
    with engine.connect() as connection:
        judged, good = connection.execute(query).one()
    return Arm(version, int(judged), int(good))


def _said(engine: Engine, going: Rollout) -> tuple[dict[str, list[Said]], dict[str, list[Said]]]:
    """The verdicts of those who judged the new version: on the old one (the last before the
    rollout first, then those since), and on the new one, each person's own."""
    c = pictures.c
    judged = (c.style == going.style, c.judged_at.is_not(None), c.verdict.is_not(None))
    since = (*judged, c.version == going.version, c.at >= going.begun_at)
    who = sa.select(c.judged_by).where(*since)
    columns = (c.judged_by, c.judged_at, c.verdict)
    late = c.judged_at >= going.begun_at
    rank = sa.func.row_number().over(partition_by=(c.judged_by, late), order_by=c.judged_at.desc())
    mine = (*judged, c.version == going.against, c.judged_by.in_(who))
    ranked = sa.select(*columns, late.label("late"), rank.label("rank")).where(*mine).subquery()
    before = sa.select(ranked).where(sa.or_(ranked.c.late, ranked.c.rank <= BEFORE))
    old: dict[str, list[Said]] = defaultdict(list)
    new: dict[str, list[Said]] = defaultdict(list)
    with engine.connect() as connection:
        for row in connection.execute(sa.select(*columns).where(*since).order_by(c.judged_at)):
            new[row.judged_by].append((row.judged_at, row.verdict == "approved"))
        rows = connection.execute(before).all()
    for row in sorted((r for r in rows if not r.late), key=lambda r: r.judged_at, reverse=True):
        old[row.judged_by].append((row.judged_at, row.verdict == "approved"))
    for row in sorted((r for r in rows if r.late), key=lambda r: str(r.judged_at)):
        old[row.judged_by].append((row.judged_at, row.verdict == "approved"))
    return dict(old), dict(new)
