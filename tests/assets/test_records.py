"""Assets: put in once, with files and parents; one family tree, whatever the kinds."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from studio.assets import family, files, records
from studio.assets.files import Content
from studio.assets.records import New
from studio.assets.tables import asset_files
from studio.database import engine as db
from studio.errors import StudioError

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path, either_database):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


def put(engine, *new: New) -> list[str]:
    return records.put(engine, new, by="ana", now=NOW, job=4)


def test_put_in_once_and_read_with_its_files(engine, tmp_path):
    mesh = tmp_path / "props" / "gem.glb"
    mesh.parent.mkdir()
    mesh.write_bytes(b"glTF")
    new = New(
        "prop",
        "props/gem",
        {"mesh": (mesh, files.read(mesh))},
        style="props",
        version=2,
        seed=2**53,
        name="Gem",
        text="a BLUE gem",
        recipe={"depth": 0.5},
    )
    (id,) = put(engine, new)
    before = db.revision(engine)
    assert put(engine, new, new) == [id, id] and db.revision(engine) == before
    found = records.get(engine, id)
    assert (found.kind, found.style, found.version, found.seed) == ("prop", "props", 2, 2**53)
    assert (found.by, found.at[:10], found.job, found.verdict) == ("ana", "2026-05-01", 4, None)
    assert (found.name, found.text, found.recipe) == ("Gem", "a blue gem\ngem", {"depth": 0.5})
    (file,) = files.of(engine, id)
    assert (file.role, file.path, file.by) == ("mesh", "props/gem.glb", "ana")
    assert file.content == Content(files.read(mesh).hash, 4)
    assert records.known(engine, ["props/gem", "other"]) == {"props/gem": id}
    assert records.keys_of(engine, "prop") == {"props/gem"}
    with pytest.raises(StudioError, match="no asset 'nobody'"):
        records.get(engine, "nobody")


def test_a_sheet_of_two_pictures_stands_in_their_family(engine):
    one, two, other = put(engine, *(New("picture", f"{k}.png") for k in range(3)))
    (sheet,) = put(engine, New("sheet", "sheet", parents=(two, one)))
    (export,) = put(engine, New("export", "export", parents=(sheet, one)))
    assert [a.id for a in family.parents(engine, sheet)] == [one, two]
    assert [a.kind for a in family.children(engine, one)] == ["sheet", "export"]
    tree = family.family(engine, one)
    assert tree.before == () and [a.id for a in tree.after] == [sheet, export]
    assert set(tree.links) == {(sheet, one), (export, one), (export, sheet)}
    above = family.family(engine, export)
    assert [a.id for a in above.before] == [one, two, sheet] and above.after == ()
    assert set(above.links) == {*tree.links, (sheet, two)}
    assert family.family(engine, other) == family.Family((), (), ())


def test_a_parent_that_is_not_there_is_named_and_nothing_is_stored(engine):
    with pytest.raises(StudioError, match="no asset 'nobody' to be made of"):
        put(engine, New("sheet", "sheet", parents=("nobody",)))
    assert records.known(engine, ["sheet"]) == {}


def test_a_file_takes_the_place_of_the_one_in_its_role(engine, tmp_path):
    first, second = Content("aa", 1), Content("bb", 2)
    (id,) = put(engine, New("prop", "p", {"mesh": (tmp_path / "1.glb", first)}))
    number = records.get(engine, id).number
    with db.writing(engine) as connection:
        values = files.values(
            number, "mesh", tmp_path / "2.glb", tmp_path, second, by="bo", now=NOW
        )
        files.replace(connection, values)
    (file,) = files.of(engine, id)
    assert (file.path, file.by, file.content) == ("2.glb", "bo", second)
    with db.writing(engine) as connection:
        files.take_away(connection, number, "mesh")
        left = sa.select(sa.func.count()).select_from(asset_files)
        assert connection.execute(left).scalar_one() == 0
