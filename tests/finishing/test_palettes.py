"""Palettes: revisions, approval and locks; two people at once; who may, and what history says."""

from datetime import UTC, datetime

import pytest

from studio.accounts.rights import Actor, NotAllowed
from studio.database import engine as db
from studio.database import ledger
from studio.errors import StudioError
from studio.finishing import palettes
from studio.finishing.colour_table import ColourTable, Ramp, reordered
from studio.registry.history_text import sentence

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
WOOD = ColourTable(("#2b1a0f", "#5c3a1c", "#a87848"), ("", "bark", ""), (Ramp("wood", (0, 1, 2)),))
MORE = ColourTable((*WOOD.colours, "#ffffff"), (*WOOD.names, ""), WOOD.ramps)


@pytest.fixture
def engine(tmp_path):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


def save(engine, name="Props", table=WOOD, after=0, by="ana"):
    return palettes.save(engine, name, table, after=after, by=by, now=NOW)


def said(engine) -> list[str]:
    return [sentence(row) for row in ledger.rows(engine)]


def test_every_revision_stays_readable_by_its_mark(engine):
    first = save(engine, "  Props   9 ")
    assert (first.mark, first.table, first.by) == ("Props 9@1", WOOD, "ana")
    second = save(engine, "props 9", MORE, after=1, by="bo")
    assert (second.mark, second.newest, second.by) == ("Props 9@2", 2, "bo")
    assert palettes.named(engine, "PROPS 9@1").colours == WOOD.colours
    assert palettes.named(engine, "props 9") == second == palettes.listing(engine)[0]
    assert [one.revision for one in palettes.revisions(engine, "Props 9")] == [2, 1]
    assert said(engine) == [
        "ana saved the palette Props 9@1: 3 colours",
        "bo saved the palette Props 9@2: added #ffffff",
    ]
    with pytest.raises(StudioError, match="no revision 3.*1 to 2"):
        palettes.named(engine, "Props 9@3")
    with pytest.raises(StudioError, match="no palette 'Porps 9'.*Did you mean Props 9"):
        palettes.get(engine, "Porps 9")
    with pytest.raises(StudioError, match="revision is 'x'"):
        palettes.named(engine, "Props 9@x")


def test_of_two_who_save_at_once_the_second_is_told(engine):
    save(engine)
    before = db.revision(engine)
    save(engine, table=MORE, after=1, by="bo")
    assert db.revision(engine) > before
    other = reordered(WOOD, (2, 1, 0))
    with pytest.raises(
        StudioError, match="bo changed Props meanwhile: it is at revision 2.*from 1"
    ):
        save(engine, table=other, after=1, by="ana")
    assert save(engine, table=MORE, after=2).revision == 2  # nothing changed
    assert save(engine, table=MORE).revision == 2  # or the same was sent twice
    with pytest.raises(StudioError, match="'Props' already"):
        save(engine, "PROPS", other)
    with pytest.raises(StudioError, match="no palette 'New'"):
        save(engine, "New", other, after=1)
    assert len(said(engine)) == 2


def test_an_approval_is_of_the_revision_that_was_seen(engine):
    save(engine)
    assert palettes.approve(engine, "Props", 1, by="Cora", now=NOW).approved_by == "Cora"
    assert palettes.approve(engine, "Props", 1, by="Dan", now=NOW).approved_by == "Cora"
    assert save(engine, table=MORE, after=1).approved_by is None
    assert palettes.get(engine, "Props", 1).approved_at == ledger.stamp(NOW)
    with pytest.raises(StudioError, match="at revision 2 by now, by ana"):
        palettes.approve(engine, "Props", 1, by="Cora", now=NOW)
    assert said(engine)[1] == "Cora approved the palette Props@1"


def test_a_locked_palette_is_changed_by_nobody_and_says_why(engine):
    save(engine)
    held = palettes.lock(engine, "Props", by="Cora", now=NOW)
    assert held.locked and held.locked_by == "Cora"
    for change in (
        lambda: save(engine, table=MORE, after=1),
        lambda: palettes.withdraw(engine, "Props", by="Cora", now=NOW),
    ):
        with pytest.raises(StudioError, match="locked by Cora since 2026-05-01"):
            change()
    assert not palettes.unlock(engine, "Props", by="Cora", now=NOW).locked
    assert save(engine, table=MORE, after=1).revision == 2
    assert said(engine)[1:3] == ["Cora locked the palette Props", "Cora unlocked the palette Props"]


def test_a_withdrawn_palette_is_offered_nowhere_and_can_be_read(engine):
    save(engine)
    palettes.withdraw(engine, "Props", by="ana", now=NOW)
    assert palettes.listing(engine) == []
    assert [one.withdrawn_by for one in palettes.listing(engine, withdrawn=True)] == ["ana"]
    assert palettes.named(engine, "Props@1").colours == WOOD.colours
    for change in (
        lambda: save(engine, table=MORE, after=1),
        lambda: palettes.approve(engine, "Props", 1, by="Cora", now=NOW),
        lambda: palettes.lock(engine, "Props", by="Cora", now=NOW),
    ):
        with pytest.raises(StudioError, match="withdrawn by ana"):
            change()
    with pytest.raises(StudioError, match="already, which was withdrawn"):
        save(engine, table=MORE)
    palettes.bring_back(engine, "Props", by="ana", now=NOW)
    assert [one.name for one in palettes.listing(engine)] == ["Props"]
    assert said(engine)[1:] == [
        "ana withdrew the palette Props",
        "ana brought the palette Props back",
    ]


def test_who_may_edit_and_who_may_approve(engine):
    artist, lead = Actor("ana", "artist"), Actor("Cora", "art lead")
    with pytest.raises(NotAllowed, match="make palettes"):
        save(engine, by=Actor("vi", "viewer"))
    save(engine, by=artist)
    for decide in (palettes.lock, palettes.unlock):
        with pytest.raises(NotAllowed, match="approve palettes"):
            decide(engine, "Props", by=artist, now=NOW)
    with pytest.raises(NotAllowed, match="art leads"):
        palettes.approve(engine, "Props", 1, by=artist, now=NOW)
    palettes.approve(engine, "Props", 1, by=lead, now=NOW)
    with pytest.raises(NotAllowed):
        palettes.withdraw(engine, "Props", by=artist, now=NOW)
    assert palettes.withdraw(engine, "Props", by=lead, now=NOW).withdrawn_by == "Cora"


@pytest.mark.parametrize(
    ("name", "says"),
    [("", "0 characters"), ("x" * 61, "61 characters"), ("a@2", "'@'"), ("a/b", "'/'")],
)
def test_a_name_that_files_and_recipes_cant_hold_is_refused(engine, name, says):
    with pytest.raises(StudioError, match=says):
        save(engine, name)


def test_names_of_any_language_are_kept(engine):
    assert save(engine, "Hölzer – 木材 🌲").mark == "Hölzer – 木材 🌲@1"
    assert palettes.get(engine, "HÖLZER – 木材 🌲").name == "Hölzer – 木材 🌲"


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (ColourTable(()), "holds no colour"),
        (ColourTable(tuple(f"#{n:06x}" for n in range(4000))), "holds 4,000 colours"),
        (ColourTable(("#000000", "#FFF")), "colour 2, '#fff'"),
        (ColourTable(("#000000", "#111111", "#000000")), "#000000 is colour 1 and colour 3"),
        (ColourTable(("#000000",), ("a", "b")), "2 names for 1 colours"),
        (ColourTable(WOOD.colours, (), (Ramp("a", (0,)),)), "1 different colours"),
        (ColourTable(WOOD.colours, (), (Ramp("a", (0, 3)),)), "colour 4 of 3"),
        (ColourTable(WOOD.colours, (), (Ramp("a", (0, 1)), Ramp("A", (1, 2)))), "called 'A'"),
        (ColourTable(WOOD.colours, (), (Ramp(" ", (0, 1)),)), "no name"),
    ],
)
def test_what_is_no_palette_is_refused_and_nothing_stored(engine, table, says):
    with pytest.raises(StudioError, match=says):
        save(engine, table=table)
    assert palettes.listing(engine) == [] and said(engine) == []


def test_what_changed_is_told_in_words(engine):
    save(engine)
    save(engine, table=reordered(WOOD, (2, 0, 1)), after=1)
    save(engine, table=reordered(WOOD, (2, 0)), after=2)
    save(engine, table=ColourTable(("#a87848", "#2b1a0f"), ("sand", "ink")), after=3)
    assert [one.partition(": ")[2] for one in said(engine)[1:]] == [
        "another order",
        "took out #5c3a1c; ramps wood",
        "other names of colours; ramps none",
    ]
