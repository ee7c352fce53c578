"""Boards: made, renamed, deleted; what is on them stays; who may, and what the ledger says."""

from datetime import UTC, datetime

import pytest

from studio.accounts.rights import Actor, NotAllowed
from studio.assets import boards, records, search
from studio.assets.records import New
from studio.assets.search import Wanted
from studio.database import engine as db
from studio.database import ledger
from studio.errors import StudioError

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def ids(engine) -> list[str]:
    new = [New("picture", f"p{k}", style="props", text=f"gem {k}") for k in range(4)]
    return records.put(engine, new, by="ana", now=NOW)


def create(engine, name="Forest", note="", by="ana"):
    return boards.create(engine, name, note, by=by, now=NOW)


def test_assets_are_put_on_a_board_once_and_taken_off(engine, ids):
    board = create(engine, "  Forest   set ", "for level 3")
    assert (board.name, board.note, board.by, board.count, board.cover) == (
        "Forest set",
        "for level 3",
        "ana",
        0,
        "",
    )
    before = db.revision(engine)
    put = [*ids[:2], "gone"]
    assert boards.put_on(engine, board.id, put, by="bo", now=NOW) == ids[:2]
    assert db.revision(engine) > before
    assert boards.put_on(engine, board.id, ids[1:3], by="bo", now=NOW) == [ids[2]]
    (held,) = boards.all_of(engine)
    assert (held.count, held.cover) == (3, ids[2])
    assert search.ids(engine, "picture", Wanted(board=board.id), 9) == ids[:3]
    assert search.tally(engine, "picture", Wanted(board=board.id)) == {"open": 3}
    assert boards.of_asset(engine, ids[0]) == [held] and boards.of_asset(engine, ids[3]) == []
    assert boards.take_off(engine, board.id, [ids[0], ids[3]], by="ana") == [ids[0]]
    assert boards.get(engine, board.id).count == 2


def test_a_renamed_board_keeps_its_id_and_a_name_is_one_boards(engine):
    board = create(engine)
    create(engine, "Sea")
    renamed = boards.describe(engine, board.id, "Wood", "n", board, by="ana", now=NOW)
    assert (renamed.id, renamed.name, renamed.note) == (board.id, "Wood", "n")
    assert boards.named(engine, "WOOD") == boards.named(engine, board.id) == renamed
    with pytest.raises(StudioError, match="a board 'Sea' already"):
        boards.describe(engine, board.id, "sea", "", renamed, by="ana", now=NOW)
    with pytest.raises(StudioError, match="changed the board meanwhile.*'Wood'"):
        boards.describe(engine, board.id, "Hill", "", board, by="bo", now=NOW)
    for name in ("", " \n", "x" * 81):
        with pytest.raises(StudioError, match="characters"):
            create(engine, name)
    with pytest.raises(StudioError, match="no board 'nothing'"):
        boards.named(engine, "nothing")


def test_what_is_on_a_deleted_board_stays(engine, ids):
    board = create(engine)
    boards.put_on(engine, board.id, ids, by="ana", now=NOW)
    boards.delete(engine, board.id, by="ana", now=NOW)
    assert boards.all_of(engine) == [] and len(search.ids(engine, "", Wanted(), 9)) == 4
    with pytest.raises(StudioError, match="no board"):
        boards.get(engine, board.id)
    with pytest.raises(StudioError, match="no board"):
        boards.put_on(engine, board.id, ids, by="ana", now=NOW)
    assert search.ids(engine, "", Wanted(board=board.id), 9) == []
    rows = [(row.action, row.reason) for row in ledger.rows(engine)]
    assert rows == [("create board", "Forest"), ("delete board", "Forest, 4 pictures stay")]


def test_who_made_a_board_changes_it_and_art_leads_do(engine):
    made = create(engine, by=Actor("Ana", "artist"))
    with pytest.raises(NotAllowed, match="other people's boards"):
        boards.delete(engine, made.id, by=Actor("Bo", "artist"), now=NOW)
    with pytest.raises(NotAllowed):  # an artist then, a viewer now
        boards.describe(engine, made.id, "x", "", made, by=Actor("Ana", "viewer"), now=NOW)
    made = boards.describe(engine, made.id, "x", "", made, by=Actor("Ana", "artist"), now=NOW)
    boards.delete(engine, made.id, by=Actor("Lea", "art lead"), now=NOW)
    assert boards.all_of(engine) == []


def test_too_many_at_once_are_refused(engine):
    board = create(engine)
    with pytest.raises(StudioError, match="at most 2,000"):
        boards.put_on(engine, board.id, ["x"] * 2001, by="ana", now=NOW)
