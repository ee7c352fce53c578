"""A studio with something on every page, written by people who try to break out of their fields."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from studio import context
from studio.assets import boards, records, verdicts
from studio.assets.verdicts import Judgement
from studio.charges import by_hand, calls, limits, prices
from studio.charges.calls import Meant
from studio.charges.money import MICRO, Money
from studio.charges.prices import Price
from studio.database import engine as db
from studio.datasets import drafts
from studio.datasets.edits import Change
from studio.datasets.folder_import import import_folder
from studio.evaluation import contact_sheet
from studio.finishing import palettes
from studio.finishing.colour_table import ColourTable, Ramp
from studio.generation import gallery_table, picture_files
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made
from studio.jobs import queue
from studio.props.specification import Specification
from studio.registry import stages
from studio.review import ballots, rating_rounds, rubrics
from studio.settings import CHECKOUT, load_settings
from studio.workflows import review_sources, wishes
from tests import prop_assets
from tests.furnished import bare_files

EVIL = '"><img src=x onerror="hacked=1"><script>hacked=1</script> {{7*7}} $x$ [a](javascript:1)'
# Short enough for every field that people write in.
LINKS = " https://evil.example www.evil.example ana@evil.example"
EVIL += LINKS
STYLE = "relics"


@dataclass(frozen=True)
class Furnished:
    """What addresses need: a ballot, a round, a picture, the job of a list, a board, a prop and a
    wish."""

    studio: context.Studio
    ballot: int
    round: int
    picture: str
    job: int
    board: str
    prop: str
    wish: str


def furnish(home: Path) -> Furnished:
    """Datasets, versions with sheets and figures, a ballot, ratings, a gallery, a list of assets;
    made without a model, as far as an address can tell."""
    studio, now = context.open_studio(load_settings({}, home=str(home))), context.now()
    data = import_folder(home, STYLE, CHECKOUT / "sample" / "held_out", now=now, actor=EVIL).version
    change = [
        Change(data.pictures[0].hash, "caption", f"a potion {EVIL}"),
        Change(data.pictures[1].hash, "tags", ("<b>x</b>",)),
    ]
    drafts.write(studio.engine, STYLE, change, says=EVIL, by=EVIL, now=now, seen=0)
    drafts.freeze(studio.engine, home, STYLE, says=EVIL[:90], by="Lea", now=now)
    drafts.write(studio.engine, STYLE, change[:1], says=EVIL, by="Lea", now=now, seen=0)
    _versions(studio, data.digest)
    stages.promote(
        studio.engine,
        studio.client,
        style=STYLE,
        number=1,
        to="production",
        actor="Lea",
        why=EVIL,
        now=now,
    )
    drawn = review_sources.drawn(studio, STYLE, [1, 2])
    strip = [picture.hash for picture in data.pictures[:6]]
    ballot = ballots.open_ballot(
        studio.engine,
        home,
        drawn=drawn,
        question=EVIL,
        voters=2,
        strip=strip,
        by="Lea",
        key="furnished",
        now=now,
    )
    round = rating_rounds.open_round(
        studio.engine, home, drawn=drawn, rubric=rubrics.load(home), strip=strip, by="Lea", now=now
    )
    job = queue.submit(
        studio.engine,
        kind="batch",
        lane="work",
        asked_by=EVIL,
        now=now,
        payload={"style": STYLE, "assets": [{"count": 2}]},
    )
    queue.cancel(studio.engine, job.id, EVIL, now)
    ids = _gallery(studio, job.id)
    said = Judgement("rejected", ("blurry",), EVIL, (0.3, 0.6))
    verdicts.judge(
        studio.engine,
        ids[0],
        said,
        by=EVIL,
        now=now,
        turn=gallery_table.get(studio.engine, ids[0]).turn,
    )
    board = boards.create(studio.engine, EVIL[:80], EVIL, by=EVIL, now=now)
    boards.put_on(studio.engine, board.id, ids[:2], by=EVIL, now=now)
    _palettes(studio)
    _costs(studio)
    thing = prop_assets.prop(studio, name=EVIL[:60], parents=(ids[0],), by=EVIL)
    return Furnished(studio, ballot.id, round.id, ids[0], job.id, board.id, thing, _wish(studio))


def _wish(studio: context.Studio) -> str:
    """A wish, expanded by rules."""
    said = Specification(EVIL, f"a ring {EVIL}", ("bold",), ("red",), ("iron",), (EVIL[:60],))
    new = wishes.new("furnished", said, "rules")
    (id,) = records.put(studio.engine, [new], by=EVIL, now=context.now())
    return id


def _costs(studio: context.Studio) -> None:
    """A limit, a price, a one-time cost, and a call whose answer was lost."""
    engine = studio.engine
    told: dict[str, Any] = {"by": "Lea", "now": context.now()}
    limits.save(engine, "studio", "", "EUR", 9 * MICRO, after=0, why=EVIL, **told)
    limits.save(engine, "person", EVIL[:90], "EUR", MICRO, after=0, why=EVIL, **told)
    price = [Price("mesh", "call", 80_000)]
    prices.save(engine, "shop", "EUR", price, after=0, source=EVIL, why=EVIL, **told)
    by_hand.enter(engine, Money(MICRO, "EUR"), EVIL[:150], key="k", style=STYLE, **told)
    meant = Meant("furnished", "mesh", EVIL, EVIL[:60], "Lea", STYLE)
    quote = prices.in_force(engine, "shop", context.now()).quote("mesh", 1)
    lost = calls.reserve(engine, meant, quote, now=context.now())
    assert calls.send(engine, lost.id, now=context.now())
    calls.lose(engine, lost.id, now=context.now(), note=EVIL)


def with_the_first(there: Furnished) -> None:
    """Version 1 is in production again, whatever tests before this one put there."""
    if stages.production(there.studio.engine, STYLE) != 1:
        stages.promote(
            there.studio.engine,
            there.studio.client,
            style=STYLE,
            number=1,
            to="production",
            actor="Lea",
            why="the first again",
            now=context.now(),
        )


def _versions(studio: context.Studio, digest: str) -> None:
    """Two measured versions; the figures are as an evaluation names them."""
    asked = [(prompt, seed) for prompt in ("a red potion", f"a gem {EVIL}") for seed in (1, 2)]
    figures = {
        "pictures": 4.0,
        "real_pictures": 24.0,
        "palette_distance": 20.0,
        "base_palette_distance": 33.0,
        "real_palette_distance": 8.0,
    }
    tags = {
        "stage": "candidate",
        "dataset": STYLE,
        "dataset_digest": digest,
        "prompts": "c" * 12,
        "trigger_word": "<Relics>",
        "base": "pocket",
        "base_name": "pocket",
        "against": f"{STYLE}@0",
    }
    tags |= {f"metric.{name}": repr(value) for name, value in figures.items()}
    studio.client.create_registered_model(STYLE)
    rng = np.random.default_rng(7)
    for number in (1, 2):
        studio.client.create_model_version(STYLE, bare_files(studio.home / "bare"), tags=tags)
        base, own = (
            [Image.fromarray(rng.integers(0, 256, (32, 32, 4), np.uint8)) for _ in asked]
            for _ in range(2)
        )
        folder = contact_sheet.folder_of(studio.home, STYLE, number)
        contact_sheet.write_sheet(folder, STYLE, number, "c" * 12, asked, base, own)
    with db.writing(studio.engine) as connection:
        db.bump(connection)


def _palettes(studio: context.Studio) -> None:
    """Two palettes, whose names can't be odd, of colours and ramps whose names are."""
    table = ColourTable(
        ("#2b1a0f", "#5c3a1c", "#a87848", "#20242c", "#e8f0f8"),
        (EVIL[:60], "", "", "", ""),
        (Ramp(EVIL[:60], (0, 1, 2)), Ramp("iron", (3, 4))),
    )
    now = context.now()
    for name in ("relics", "locked"):
        palettes.save(studio.engine, name, table, after=0, source=EVIL, by=EVIL, now=now)
    palettes.approve(studio.engine, "locked", 1, by=EVIL, now=now)
    palettes.lock(studio.engine, "locked", by=EVIL, now=now)


def _gallery(studio: context.Studio, job: int) -> list[str]:
    rows = []
    for seed in range(3):
        made = Made(STYLE, 1, "pocket", "", "", f"a ring {EVIL}", EVIL, EVIL, seed, 9, 2.5, 0.7)
        picture = Image.new("RGBA", (32, 32), ("red", "green", "blue")[seed])
        file = picture_files.keep(studio.home / "generated" / STYLE, f"p{seed}", picture, made)
        rows.append(Kept(file, made, f"gem_{seed}", 1))
    return gallery_table.record(
        studio.engine, studio.home, rows, by=EVIL, now=context.now(), job=job
    )
