"""The page Export and the key that puts an approved picture into the game."""

from dataclasses import replace

import pytest

from studio.assets import verdicts
from studio.assets.verdicts import Judgement
from studio.export import profiles, records
from studio.export.profiles import Profile
from studio.generation import gallery_table
from studio.jobs import queue
from studio.web import session
from tests.export.drawn import sprite
from tests.export_assets import LEAD, NOW, drawn


@pytest.fixture
def game(studio, tmp_path, monkeypatch):
    """A folder that the settings name, and a profile that exports into it."""
    folder = tmp_path / "game"
    folder.mkdir()
    settings = replace(studio.settings, export_folders=(("game", folder),))
    named = replace(studio, settings=settings)
    monkeypatch.setattr(session, "studio", lambda: named)
    profiles.save(studio.engine, "game", Profile(folder="game"), after=0, by=LEAD, now=NOW)
    return folder


@pytest.fixture
def id(studio):
    return drawn(studio, sprite(), name="gem")


def button(at, label):
    return next(one for one in at.button if one.label == label)


def test_approved_by_one_key_it_goes_into_the_game_by_another(studio, open_page, game, id):
    at = open_page("Picture", id=id)
    assert button(at, "Into the game").disabled
    button(at, "Approve").click().run()
    assert gallery_table.get(studio.engine, id).verdict == "approved"
    button(at, "Into the game").click().run()
    assert not at.exception and not at.error
    assert (game / "gems" / "gem_1.png").is_file()
    assert any("2 files written" in one.value for one in at.success)
    (one,) = records.newest(studio.engine)
    assert (one.by, one.profile) == ("ana", "game")


def test_without_a_profile_it_is_said_where_to_make_one(studio, open_page, id):
    said = Judgement("approved")
    verdicts.judge(studio.engine, id, said, by="bo", now=NOW, turn=0)
    at = open_page("Picture", id=id)
    button(at, "Into the game").click().run()
    assert "No export profile" in at.error[0].value
    assert records.newest(studio.engine) == []


def test_the_page_tells_every_file_and_then_writes_them(studio, open_page, game, id):
    at = open_page("Export", id=id)
    assert list(at.dataframe[0].value["File"]) == ["gems/gem_1.png", "housestyle.json"]
    at.text_input(key="export-name").set_value("con").run()
    assert "gems/con_1.png" in list(at.dataframe[0].value["File"])
    at.text_input(key="export-name").set_value("Bär").run()
    assert "holds" in at.error[0].value and button(at, "Export").disabled
    at.text_input(key="export-name").set_value("ruby").run()
    button(at, "Export").click().run()
    assert not at.exception and (game / "gems" / "ruby_1.png").is_file()
    assert at.success


def test_a_profile_is_made_and_changed_on_the_page(studio, open_page):
    at = open_page("Export", show="Profiles")
    at.text_input(key="draft export/+ called").set_value("jam").run()
    at.selectbox(key="draft export/+ engine").select("unity").run()
    button(at, "Save the profile").click().run()
    assert not at.exception and not at.error
    assert profiles.current(studio.engine, "jam").profile.engine == "unity"
    at = open_page("Export", show="Profiles", profile="jam")
    at.number_input(key="draft export/jam factor").set_value(2).run()
    button(at, "Save as revision 2").click().run()
    assert profiles.current(studio.engine, "jam").profile.factor == 2


def test_nothing_chosen_and_nothing_exported_yet(studio, open_page):
    assert "No asset is chosen" in open_page("Export").info[0].value
    assert "Nothing was exported" in open_page("Export", show="History").info[0].value


def test_of_many_or_large_ones_a_job_is_asked_for(studio, open_page, game, id, monkeypatch):
    monkeypatch.setattr("pages.export.sending.PIXELS", 10)
    at = open_page("Export", id=id)
    assert not at.dataframe
    at.toggle(key="export-files").set_value(True).run()
    assert list(at.dataframe[0].value["File"]) == ["gems/gem_1.png", "housestyle.json"]
    button(at, "Export").click().run()
    (job,) = queue.listing(studio.engine, kind="export")
    assert job.payload["assets"] == [id] and not list(game.iterdir())


def test_a_button_that_is_off_says_why(open_page, game, id):
    at = open_page("Export", id=id)
    assert "Only changed files" in button(at, "Export").help
    at.text_input(key="export-name").set_value("Bär").run()
    assert button(at, "Export").disabled and "other names" in button(at, "Export").help


def test_what_was_rejected_meanwhile_is_not_sent(studio, open_page, game, id):
    verdicts.judge(studio.engine, id, Judgement("approved"), by="bo", now=NOW, turn=0)
    at = open_page("Picture", id=id)
    turn = gallery_table.get(studio.engine, id).turn
    verdicts.judge(studio.engine, id, Judgement(None), by="bo", now=NOW, turn=turn)
    button(at, "Into the game").click().run()
    assert "None of these is approved" in at.error[0].value and not list(game.iterdir())
