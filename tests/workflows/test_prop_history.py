"""The history: each filter, pages, what is shown of each asset, and what it cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from benchmarks import prop_history as measured
from studio.assets import records, verdicts
from studio.assets.files import Content
from studio.assets.records import New
from studio.assets.verdicts import Judgement
from studio.charges.money import Money
from studio.charges.tables import charges
from studio.database import engine as db
from studio.errors import StudioError
from studio.workflows import prop_files, prop_history
from studio.workflows.prop_files import About
from studio.workflows.prop_history import Filters
from tests.worker.kinds.step_by_step import NOW

FIGURES = {"triangles": 460, "closed": True, "height_m": 1.5}
PAID = {"cost": {"micros": 120_000, "currency": "USD"}}


@pytest.fixture
def engine(tmp_path, either_database):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


def prop(home, key: str, **more) -> New:
    usual = {"name": key, "method": "card", "made_by": "prop", "settings": {}, "prompt": key}
    about = About(key=f"props/{key}", **{**usual, **more})
    hash = f"{len(key):064}"
    files = {
        "model": (prop_files.place_of(home, hash, ".glb"), Content(hash, 9)),
        "normal": (prop_files.place_of(home, hash, ".png"), Content("n", 9, 16, 16, "n")),
        "poster": (prop_files.place_of(home, hash, ".webp"), Content("p", 9, 512, 512, "p")),
    }
    return prop_files.new(about, files, FIGURES)


@pytest.fixture
def ids(engine, tmp_path) -> dict[str, str]:
    """A wish, a picture of it and three props, a minute apart; the last cost money, and so did the
    job of the wish."""
    picture = (tmp_path / "p.png", Content("x", 9, 32, 24, "x"))
    new = {
        "wish": New("wish", "w", style="items", text="a potion", recipe={"prompt": "a potion"}),
        "picture": New("picture", "p", {"picture": picture}, style="items", text="a potion"),
        "card": prop(tmp_path, "card", style="items", name="Potion"),
        "voxels": prop(tmp_path, "voxels", style="tiles", method="voxels"),
        "bought": prop(tmp_path, "bought", style="items", method="trellis", more=PAID),
    }
    found = {}
    for place, (name, one) in enumerate(new.items()):
        by, at = "bo" if name == "voxels" else "ana", NOW + timedelta(minutes=place)
        (found[name],) = records.put(engine, [one], by=by, now=at, job=place + 1)
    with db.writing(engine) as connection:
        connection.execute(charges.insert(), [measured._charge(1)])
    return found


def names(engine, ids, **filters) -> list[str]:
    by_id = {id: name for name, id in ids.items()}
    return [by_id[one.id] for one in prop_history.found(engine, Filters(**filters)).items]


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ({}, ["bought", "voxels", "card", "picture", "wish"]),
        ({"kind": "prop"}, ["bought", "voxels", "card"]),
        ({"style": "items"}, ["bought", "card", "picture", "wish"]),
        ({"by": "bo"}, ["voxels"]),
        ({"method": "card"}, ["card"]),
        ({"method": "trellis", "style": "tiles"}, []),
        ({"method": "card", "kind": "picture"}, []),
        ({"text": "POTION"}, ["card", "picture", "wish"]),
        ({"text": "potion card"}, ["card"]),
        ({"verdict": "open"}, ["bought", "voxels", "card", "picture", "wish"]),
        ({"verdict": "approved"}, []),
        ({"cost": "paid"}, ["bought", "wish"]),
        ({"cost": "free"}, ["voxels", "card", "picture"]),
        ({"cost": "free", "kind": "prop"}, ["voxels", "card"]),
        ({"kind": "nothing"}, []),
    ],
)
def test_filters(engine, ids, filters, wanted):
    assert names(engine, ids, **filters) == wanted


def test_what_is_shown_of_each(engine, ids):
    found = {one.id: one for one in prop_history.found(engine, Filters()).items}
    card, bought = found[ids["card"]], found[ids["bought"]]
    assert (card.kind, card.method, card.name, card.said) == ("prop", "card", "Potion", "card")
    assert (card.triangles, card.closed, card.height_m) == (460, True, 1.5)
    assert (card.poster, card.width, card.height) == ("p", 512, 512)
    assert card.cost is None and not card.of_job
    assert bought.cost == Money(120_000, "USD") and not bought.of_job
    wish, picture = found[ids["wish"]], found[ids["picture"]]
    assert (wish.said, wish.poster, wish.method, wish.triangles) == ("a potion", "", "", None)
    assert wish.cost == Money(90_000, "USD") and wish.of_job
    assert (picture.poster, picture.width, picture.cost) == ("x", 32, None)
    named = [ids["wish"], "gone", ids["card"]]
    assert [one.id for one in prop_history.of_ids(engine, named)] == [ids["wish"], ids["card"]]


def test_what_was_given_back_or_cost_nothing_is_free(engine, ids, tmp_path):
    nothing = {"cost": {"micros": 0, "currency": "USD"}}
    (free,) = records.put(engine, [prop(tmp_path, "free", more=nothing)], by="ana", now=NOW)
    with db.writing(engine) as connection:
        connection.execute(charges.update().values(state="released", actual=None))
    ids = {**ids, "free": free}
    assert names(engine, ids, cost="paid") == ["bought"]
    assert set(names(engine, ids, cost="free")) == {"free", "voxels", "card", "picture", "wish"}
    (one,) = prop_history.of_ids(engine, [free])
    assert one.cost is None


def test_a_word_of_a_prompt_is_no_cost(engine, ids, tmp_path):
    sly = 'a sign that says "cost": {"micros": 5'
    (id,) = records.put(engine, [prop(tmp_path, "sly", prompt=sly)], by="ana", now=NOW)
    assert "sly" not in names(engine, {**ids, "sly": id}, cost="paid")


def test_pages_and_their_bounds(engine, ids):
    pages = [prop_history.found(engine, Filters(), page, 2) for page in (1, 2, 3, 9)]
    assert [(one.total, one.pages, one.page) for one in pages] == [
        (5, 3, 1),
        (5, 3, 2),
        (5, 3, 3),
        (5, 3, 3),
    ]
    told = [one.id for found in pages[:3] for one in found.items]
    assert told == list(ids.values())[::-1]
    nothing = prop_history.found(engine, Filters(text="nowhere"))
    assert (nothing.items, nothing.total, nothing.page, nothing.pages) == ((), 0, 1, 1)
    for size in (0, 201):
        with pytest.raises(StudioError, match="size of a page"):
            prop_history.found(engine, Filters(), 1, size)
    with pytest.raises(StudioError, match="no cost 'dear'"):
        prop_history.found(engine, replace(Filters(), cost="dear"))  # type: ignore[arg-type]


def test_verdicts_are_those_of_all_assets(engine, ids):
    verdicts.judge(engine, ids["card"], Judgement("approved"), by="ana", now=NOW, turn=0)
    assert names(engine, ids, verdict="approved") == ["card"]
    (one,) = prop_history.of_ids(engine, [ids["card"]])
    assert (one.verdict, one.turn) == ("approved", 1)


def test_choices_are_what_is_there(engine, ids, tmp_path):
    found = prop_history.choices(engine)
    assert found.kinds == ("picture", "prop", "wish") and found.styles == ("items", "tiles")
    assert found.people == ("ana", "bo") and found.methods == ("card", "trellis", "voxels")
    records.put(engine, [prop(tmp_path, "planes", method="planes")], by="cy", now=NOW)
    found = prop_history.choices(engine)
    assert found.people == ("ana", "bo", "cy") and "planes" in found.methods


def test_the_benchmark_fills_what_it_measures(engine, tmp_path):
    measured.fill(engine, tmp_path, 120)
    with engine.connect() as connection:
        count = sa.select(sa.func.count()).select_from(charges)
        assert connection.execute(count).scalar_one() > 0
    assert prop_history.found(engine, Filters()).total == 120
    paid = prop_history.found(engine, Filters(cost="paid"), size=200)
    free = prop_history.found(engine, Filters(cost="free"), size=200)
    assert paid.total + free.total == 120 and free.total == 0  # its one job was charged
    record = measured.measured(engine, 1, "cpu")
    assert set(record["ms"]) == set(measured.ASKED) and min(record["ms"].values()) >= 0
    assert record["within"] == (max(record["ms"].values()) <= measured.LIMIT_MS)
