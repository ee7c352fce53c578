"""A studio as a team has it after years: pictures, versions, votes, all of them readable.

It begins with the first run on the bundled sample, so that one version and its sheet are real;
the other versions are copies of it under numbers of their own. Pictures, ballots and promotions
go through the studio's own functions; votes, jobs and records of trainings are written as those
would write them, but many at once.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from PIL import Image
from sqlalchemy import Engine

from studio import context
from studio.assets.tables import assets, verdicts
from studio.context import Studio
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.datasets.folder_import import import_folder
from studio.generation import gallery_table, picture_files
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made
from studio.jobs.table import jobs
from studio.operations.first_run import first_run
from studio.registry import models, stages
from studio.registry.models import Version
from studio.review import ballots, rating_rounds, rubrics
from studio.review import tables as review
from studio.review import votes as voting
from studio.review.ballots import Ballot
from studio.settings import Settings
from studio.workflows import review_sources

STYLES = ("sample", "characters", "items", "tiles")
KINDS = ("potion", "gem", "shield", "sword", "slime", "tree", "coin", "ring")
COLOURS = ("red", "teal", "coral", "mustard", "violet", "grey")
PEOPLE = ("Ana", "Ben", "Cem", "Dea", "Eva", "Finn")
BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)

Report = Callable[[str], None]


@dataclass(frozen=True)
class Size:
    """How much is put in: pictures both of a dataset and of the gallery; versions of all styles
    together; votes of all ballots, and how many people cast those of one ballot."""

    pictures: int = 10_000
    versions: int = 500
    votes: int = 20_000
    voters: int = 25
    jobs: int = 300


def fill(settings: Settings, size: Size, report: Report) -> Ballot:
    """Fill an empty studio; the ballot that is left open for more voters."""
    first_run(settings, lambda said: None)
    report("First run done.")
    studio = context.open_studio(settings)
    dataset(studio.home, size.pictures)
    report(f"A dataset of {size.pictures:,} pictures.")
    registry(studio, size.versions)
    report(f"{size.versions:,} versions.")
    drawn(studio.engine, studio.home, size.pictures)
    report(f"{size.pictures:,} pictures in the gallery.")
    live = ballot_of(studio, 1, voters=200, asks="people")
    judged(studio, live, size)
    report(f"{size.votes:,} votes.")
    past_jobs(studio, size.jobs)
    return live


def dataset(home: Path, count: int) -> None:
    """A dataset of `count` sprites in eight categories, imported as anybody's folder is."""
    folder = home / "to-import"
    with (_made(folder / KINDS[0]).parent / "metadata.jsonl").open("w") as about:
        for number, sprite in enumerate(sprites(count, seed=1)):
            kind, colour = KINDS[number % 8], COLOURS[number % 6]
            name = f"{kind}/{colour}-{number:05d}.png"
            sprite.save(_made(folder / kind) / Path(name).name)
            said = {"file_name": name, "text": f"a {colour} {kind} with a dark outline"}
            about.write(json.dumps(said) + "\n")
    import_folder(
        home,
        "props",
        folder,
        source="drawn here",
        author="Ana",
        licence="CC0-1.0",
        now=BEGAN,
        actor="Ana",
    )
    shutil.rmtree(folder)


def registry(studio: Studio, count: int) -> None:
    """`count` versions in all, each with its tags, figures, sheet and the record of a training;
    every style has been promoted some times."""
    first = models.list_versions(studio.client, STYLES[0])[0]
    raw = studio.client.get_model_version(first.style, str(first.number))
    assert raw.source is not None
    for style in STYLES[1:]:
        studio.client.create_registered_model(style)
    for number in range(1, count):
        style = STYLES[0] if number % 2 else STYLES[1 + number // 2 % 3]
        made = studio.client.create_model_version(
            style, raw.source, raw.run_id, tags=_drifted(raw.tags, number), model_id=raw.model_id
        )
        _sheet_of(studio, first, style, int(made.version))
        _record_of(studio, first, style, int(made.version))
    for style in STYLES:
        newest = max(v.number for v in models.list_versions(studio.client, style))
        for number in range(2, newest, max(1, newest // 10)):
            stages.promote(
                studio.engine,
                studio.client,
                style=style,
                number=number,
                to="production",
                actor="Lea",
                why=f"The outlines of version {number} are calmer.",
                now=BEGAN,
            )


def drawn(engine: Engine, home: Path, count: int) -> None:
    """`count` pictures in the gallery, most of them judged, by six people and four styles."""
    kept = [picture(home, number, sprite) for number, sprite in enumerate(sprites(count, seed=2))]
    for start in range(0, count, 500):
        gallery_table.record(
            engine,
            home,
            kept[start : start + 500],
            by=PEOPLE[start // 500 % 6],
            now=BEGAN + timedelta(hours=start // 100),
        )
    with writing(engine) as connection:
        for verdict, rest in (("approved", 0), ("rejected", 1), ("edit", 2)):
            mine = assets.c.number % 4 == rest
            connection.execute(assets.update().where(mine).values(verdict=verdict))
            said = {"reasons": [], "note": "", "by": "Lea", "at": stamp(BEGAN), "turn": 1}
            rows = connection.scalars(sa.select(assets.c.number).where(mine))
            judged = [{"asset": n, "verdict": verdict, **said, "changed_by": "Lea"} for n in rows]
            connection.execute(verdicts.insert(), judged)
        bump(connection)


def picture(home: Path, number: int, sprite: Image.Image) -> Kept:
    """A picture's file, as a drawing keeps it; nobody has recorded it yet."""
    style = STYLES[number % 4]
    prompt = f"a {COLOURS[number % 6]} {KINDS[number % 8]}"
    made = Made(
        style,
        number % 50 + 1,
        "pocket",
        "",
        "props",
        prompt,
        f"<GameStyle> {prompt}",
        "",
        number,
        20,
        4.0,
        1.0,
    )
    folder = home / "generated" / style / f"v{made.version}"
    return Kept(picture_files.keep(folder, f"{style}-{number:05d}", sprite, made), made)


def ballot_of(studio: Studio, number: int, **asked: Any) -> Ballot:
    """A ballot on the base against version `number` of the first style."""
    known = models.get(studio.client, STYLES[0], number)
    return ballots.open_ballot(
        studio.engine,
        studio.home,
        drawn=review_sources.drawn(studio, STYLES[0], [0, number]),
        question=ballots.QUESTION,
        by="Lea",
        key=f"ballot {number}",
        now=BEGAN,
        strip=review_sources.strip(studio, known),
        **asked,
    )


def judged(studio: Studio, live: Ballot, size: Size) -> None:
    """Ballots with `size.votes` votes in all, some on the ballot that stays open for more, half of
    the others closed; and two rounds of ratings."""
    left = size.votes
    left -= _votes_on(studio, live, 80, left // 5)
    number = 1
    while left > 0:
        number += 1
        ballot = ballot_of(studio, number, voters=size.voters)
        left -= _votes_on(studio, ballot, size.voters, left)
        if number % 4:
            ballots.close(studio.engine, ballot.id, "Lea", BEGAN)
    for version in (1, 2):
        rating_rounds.open_round(
            studio.engine,
            studio.home,
            drawn=review_sources.drawn(studio, STYLES[0], [version]),
            rubric=rubrics.load(studio.home),
            by="Lea",
            now=BEGAN,
        )


def past_jobs(studio: Studio, count: int) -> None:
    """`count` jobs that have ended."""
    with writing(studio.engine) as connection:
        for number in range(count):
            at = stamp(BEGAN + timedelta(hours=number))
            payload = {"style": STYLES[0], "version": 1, "prompt": f"a {KINDS[number % 8]}"}
            row = {
                "kind": "generate",
                "lane": "interactive",
                "payload": payload,
                "seen": True,
                "asked_by": PEOPLE[number % 6],
                "asked_at": at,
                "state": "done",
                "attempt": 1,
                "lost": 0,
                "done": 4,
                "total": 4,
                "says": "4 pictures",
                "ended_at": at,
            }
            connection.execute(jobs.insert().values(**row))
        bump(connection)


def sprites(count: int, seed: int) -> Iterator[Image.Image]:
    """Small pictures with alpha, no two alike: one blob of noise on nothing."""
    rng = np.random.default_rng(seed)
    high, wide = np.mgrid[-1:1:32j, -1:1:32j]
    for _ in range(count):
        a, b = rng.uniform(0.4, 1.0, 2)
        inside = (high / a) ** 2 + (wide / b) ** 2 < 1
        pixels = np.zeros((32, 32, 4), np.uint8)
        blocks = rng.integers(0, 256, (8, 8, 3), np.uint8)
        pixels[..., :3] = blocks.repeat(4, 0).repeat(4, 1)
        pixels[inside, 3] = 255
        pixels[~inside] = 0
        yield Image.fromarray(pixels, "RGBA")


def _votes_on(studio: Studio, ballot: Ballot, people: int, most: int) -> int:
    """Votes of `people` on all pairs, at most `most`; how many."""
    rng = np.random.default_rng(ballot.id)
    found = list(ballots.pairs_of(studio.engine, ballot.id))
    asked = [(f"voter {n:02d}", pair) for n in range(people) for pair in found][:most]
    answers = rng.choice(["left", "right", "tie", "bad"], len(asked), p=[0.4, 0.4, 0.15, 0.05])
    rows = [
        {
            "ballot": ballot.id,
            "pair": pair,
            "voter": voter,
            "answer": str(answer),
            "left": voting.left_side(studio.engine, ballot.id, voter, pair),
            "at": stamp(BEGAN + timedelta(seconds=5 * k)),
            "key": f"filled-{ballot.id}-{k}",
        }
        for k, ((voter, pair), answer) in enumerate(zip(asked, answers, strict=True))
    ]
    with writing(studio.engine) as connection:
        if rows:
            connection.execute(review.votes.insert(), rows)
    return len(rows)


def _drifted(tags: dict[str, str], number: int) -> dict[str, str]:
    """The tags of a candidate whose own figures differ a little."""
    by = 1 + (number % 17 - 8) / 100
    shared = ("metric.base_", "metric.real_")
    return {
        name: repr(float(text) * by)
        if name.startswith("metric.") and not name.startswith(shared)
        else text
        for name, text in tags.items()
    } | {"stage": "candidate"}


def _sheet_of(studio: Studio, first: Version, style: str, number: int) -> None:
    """The first version's sheet under another number; its pictures are the same files."""
    source = studio.home / "sheets" / first.style / str(first.number)
    target = _made(studio.home / "sheets" / style / str(number))
    for file in source.glob("*.png"):
        os.link(file, target / file.name)
    told = json.loads((source / "sheet.json").read_text())
    (target / "sheet.json").write_text(json.dumps({**told, "style": style, "number": number}))


def _record_of(studio: Studio, first: Version, style: str, number: int) -> None:
    """The first training's record and losses under another run."""
    source = studio.home / "runs" / first.style / first.run_id
    run = f"{number:08x}{STYLES.index(style):024x}"
    target = _made(studio.home / "runs" / style / run)
    told = json.loads((source / "record.json").read_text())
    (target / "record.json").write_text(json.dumps({**told, "run": run}))
    os.link(source / "losses.jsonl", target / "losses.jsonl")
    (target / "done").write_text(str(number))


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
