"""A game's folder: only what changed is written, a person's files stay, and nothing leads out."""

import io
import os
import threading
import time
import zipfile

import pytest

from studio.errors import StudioError
from studio.export import placing


@pytest.fixture
def game(tmp_path):
    made = tmp_path / "game"
    made.mkdir()
    return made


def states(changes):
    return {one.path: one.state for one in changes}


def written(root, contents, known=None, **how):
    changes = placing.plan(root, contents, known or {}, **how)
    placing.write(root, changes)
    return {one.path: one.hash for one in changes}


def test_only_changed_files_are_written(game):
    known = written(game, {"a/gem.png": b"1", "ring.png": b"2"})
    assert (game / "a" / "gem.png").read_bytes() == b"1"
    os.utime(game / "ring.png", (1, 1))
    contents = {"a/gem.png": b"11", "ring.png": b"2", "new.png": b"3"}
    changes = placing.plan(game, contents, known)
    assert states(changes) == {"a/gem.png": "changed", "ring.png": "same", "new.png": "new"}
    placing.write(game, changes)
    assert (game / "ring.png").stat().st_mtime == 1
    assert (game / "a" / "gem.png").read_bytes() == b"11"
    assert sorted(os.listdir(game)) == ["a", "new.png", "ring.png"]  # nothing hidden is left


def test_a_person_s_file_stays_unless_it_is_to_be_overwritten(game):
    known = written(game, {"gem.png": b"1"})
    (game / "gem.png").write_bytes(b"by hand")
    (game / "own.png").write_bytes(b"theirs")
    contents = {"gem.png": b"2", "own.png": b"3"}
    changes = placing.plan(game, contents, known)
    assert set(states(changes).values()) == {"kept"}
    placing.write(game, changes)
    assert (game / "gem.png").read_bytes() == b"by hand"
    written(game, contents, known, overwrite=True)
    assert (game / "gem.png").read_bytes() == b"2" and (game / "own.png").read_bytes() == b"3"


def test_what_several_hands_write_is_merged(game):
    (game / "list").write_bytes(b"theirs\n")
    written(game, {"list": lambda before: (before or b"") + b"ours\n"})
    assert (game / "list").read_bytes() == b"theirs\nours\n"


@pytest.mark.parametrize("path", ["../out.png", "a/../../out.png", "/etc/out.png"])
def test_a_path_that_leads_out_is_refused(game, path):
    with pytest.raises(StudioError, match="leads out"):
        placing.plan(game, {path: b"1"}, {})


def test_a_link_that_leads_out_is_refused_and_one_that_stays_is_followed(game, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (game / "art").symlink_to(outside)
    with pytest.raises(StudioError, match="leads out") as refused:
        placing.plan(game, {"art/gem.png": b"1"}, {})
    assert str(outside) in refused.value.message and not list(outside.iterdir())
    (game / "file.png").symlink_to(outside / "gem.png")
    with pytest.raises(StudioError, match="leads out"):
        placing.plan(game, {"file.png": b"1"}, {})
    (game / "real").mkdir()
    (game / "short").symlink_to(game / "real")
    written(game, {"short/gem.png": b"1"})
    assert (game / "real" / "gem.png").read_bytes() == b"1" and (game / "short").is_symlink()


def test_a_name_that_differs_by_case_from_one_there_is_refused(game):
    (game / "Gem.png").write_bytes(b"theirs")
    with pytest.raises(StudioError, match="by case alone"):
        placing.plan(game, {"gem.png": b"1"}, {})


def test_a_full_disk_is_named_before_anything_is_written(game, monkeypatch):
    monkeypatch.setattr(placing, "SPARE", 2**62)
    with pytest.raises(StudioError, match="MB free"):
        written(game, {"gem.png": b"1"})
    assert not list(game.iterdir())
    assert placing.plan(game, {}, {}) == [] and placing.write(game, []) is None


def test_a_place_that_can_not_be_written_is_named(game):
    (game / "art").write_bytes(b"a file where a folder is wanted")
    with pytest.raises(StudioError) as refused:
        written(game, {"art/gem.png": b"1"})
    assert str(game) in refused.value.message and refused.value.remedy


@pytest.mark.skipif(os.geteuid() == 0, reason="everything is writable for root")
def test_a_read_only_folder_is_named(game):
    game.chmod(0o500)
    with pytest.raises(StudioError, match="read-only"):
        written(game, {"gem.png": b"1"})


def test_a_file_that_changes_meanwhile_is_not_overwritten(game):
    known = written(game, {"gem.png": b"1"})
    changes = placing.plan(game, {"gem.png": b"2"}, known)
    (game / "gem.png").write_bytes(b"by another studio")
    with pytest.raises(StudioError, match="was changed while"):
        placing.write(game, changes)
    assert (game / "gem.png").read_bytes() == b"by another studio"


def test_leftovers_are_told_and_deleted_only_where_somebody_asks(game):
    known = written(game, {"old.png": b"1", "touched.png": b"2", "gone.png": b"3"})
    (game / "touched.png").write_bytes(b"by hand")
    (game / "gone.png").unlink()
    assert placing.leftovers(game, known) == (["old.png"], ["touched.png"])
    placing.write(game, [], ["old.png"])
    assert sorted(os.listdir(game)) == ["touched.png"]


def test_two_exports_at_once_come_one_after_the_other(game, tmp_path):
    order = []

    def export(name):
        with placing.alone(game, tmp_path / "locks"):
            order.append(name)
            time.sleep(0.05)
            order.append(name)

    threads = [threading.Thread(target=export, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert order in (["a", "a", "b", "b"], ["b", "b", "a", "a"])
    assert not list(game.iterdir())


def test_a_folder_that_is_not_named_or_gone_is_told(game, tmp_path):
    folders = {"game": game, "gone": tmp_path / "gone"}
    assert placing.opened("game", folders) == game
    with pytest.raises(StudioError, match="not there"):
        placing.opened("gone", folders)
    with pytest.raises(StudioError, match="no folder 'other'") as refused:
        placing.opened("other", folders)
    assert "game, gone" in refused.value.remedy


def test_a_zip_is_the_same_for_the_same():
    one = placing.plan(None, {"b.png": b"2", "a/x.png": b"1"}, {})
    other = placing.plan(None, {"a/x.png": b"1", "b.png": b"2"}, {})
    assert placing.zipped(one) == placing.zipped(other)
    with zipfile.ZipFile(io.BytesIO(placing.zipped(one))) as archive:
        assert archive.namelist() == ["a/x.png", "b.png"] and archive.read("b.png") == b"2"


def test_a_folder_that_differs_by_case_from_one_there_is_refused(game):
    (game / "Props").mkdir()
    with pytest.raises(StudioError, match="differs from Props"):
        placing.plan(game, {"props/gem.png": b"1"}, {})
    assert states(placing.plan(game, {"Props/gem.png": b"1"}, {})) == {"Props/gem.png": "new"}


def test_links_in_a_circle_are_named(game):
    (game / "one").symlink_to(game / "two")
    (game / "two").symlink_to(game / "one")
    with pytest.raises(StudioError, match="lead nowhere"):
        placing.plan(game, {"one/gem.png": b"1"}, {})


def test_a_name_too_long_for_the_disk_is_planned_since_names_are_judged_elsewhere(game):
    (game / "gems").mkdir()
    path = f"gems/{'x' * 300}.png"
    assert states(placing.plan(game, {path: b"1"}, {})) == {path: "new"}


def test_a_read_only_file_is_named_before_anything_is_written(game, monkeypatch):
    known = written(game, {"gem.png": b"1", "old.png": b"2"})
    locked = {game / "gem.png"}
    monkeypatch.setattr("studio.export.placing.os.access", lambda path, mode: path not in locked)
    with pytest.raises(StudioError, match="gem.png is read-only") as refused:
        written(game, {"a.png": b"1", "gem.png": b"11"}, known)
    assert "Check it out" in refused.value.remedy
    assert (game / "gem.png").read_bytes() == b"1" and not (game / "a.png").exists()
    locked.add(game / "old.png")
    with pytest.raises(StudioError, match="old.png is read-only"):
        placing.write(game, placing.plan(game, {"a.png": b"1"}, known), ["old.png"])
    assert not (game / "a.png").exists()


def test_what_a_killed_export_left_aside_goes_with_the_next(game):
    (game / "a").mkdir()
    left = game / "a" / f".{'0' * 16}.{2**22 + 7}.part"  # a process that no Linux has
    other = game / "a" / "theirs.part"
    for one in (left, other):
        one.write_bytes(b"half")
        os.utime(one, (1, 1))
    written(game, {"a/gem.png": b"1"})
    assert sorted(os.listdir(game / "a")) == ["gem.png", "theirs.part"]


def test_a_zip_s_files_can_be_read_where_they_are_unpacked():
    made = placing.zipped(placing.plan(None, {"gem.png": b"1"}, {}))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        (entry,) = archive.infolist()
    assert entry.external_attr >> 16 == 0o100644
