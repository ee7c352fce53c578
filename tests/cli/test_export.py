"""`export` and `sync`: profiles saved, plans told, files written, refusals with a remedy."""

import json
import re
import zipfile

import pytest

from studio.cli import main
from studio.export import profiles
from studio.jobs import queue
from studio.settings import CHECKOUT
from tests import export_assets
from tests.export.drawn import sprite


@pytest.fixture
def studio(tmp_path):
    studio = export_assets.opened(tmp_path)
    yield studio
    studio.engine.dispose()


@pytest.fixture
def said(tmp_path, capsys, monkeypatch, studio):
    monkeypatch.setenv("STUDIO_EXPORT_FOLDERS", f"game={tmp_path / 'game'}")

    def asked(*words):
        home = ["--home", str(tmp_path / "home"), "--user", "ana"]
        code = main.main([*map(str, words), "--json", *home])
        return code, json.loads(capsys.readouterr().out.strip().splitlines()[-1])

    return asked


def test_a_profile_is_saved_field_by_field_and_listed(said):
    words = "--set engine=godot --set folder=game --set factor=2 --set normals=no"
    code, found = said("export", "profile", "game", *words.split())
    assert code == 0 and found["revision"] == 1 and found["schema"] == 1
    code, found = said("export", "profile", "game", "--set", "below=art")
    assert found["revision"] == 2 and found["profile"]["engine"] == "godot"
    code, found = said("export", "profiles")
    (one,) = found["profiles"]
    assert one["profile"]["factor"] == 2 and one["profile"]["normals"] is False


def test_a_dry_run_tells_and_writes_nothing(said, studio, tmp_path):
    export_assets.profile(studio)
    id = export_assets.drawn(studio, sprite(), name="gem")
    code, found = said("export", "run", id, "--dry-run")
    assert code == 0 and found["changes"] == [
        {"path": "gems/gem_1.png", "state": "new"},
        {"path": "housestyle.json", "state": "new"},
    ]
    code, found = said("export", "run", id, "--dry-run", "--name", f"{id}.name=Bär")
    assert code == 2 and found["flaws"][0]["instead"] == "gems/Baer_1.png"
    assert list((tmp_path / "game").iterdir()) == [] and queue.listing(studio.engine) == []


def test_an_export_is_put_in_as_it_was_said(said, studio):
    export_assets.profile(studio)
    id = export_assets.drawn(studio, sprite(), name="gem")
    code, found = said(
        "export", "run", id, "--to", "zip", "--name", f"{id}.name=ruby", "--overwrite", "--detach"
    )
    (job,) = queue.listing(studio.engine, kind="export")
    assert code == 0 and found["ids"] == [job.id]
    assert job.payload["names"] == {id: {"name": "ruby"}} and job.payload["folder"] == "zip"
    assert job.payload["profile"] == "game" and job.payload["overwrite"] is True


@pytest.mark.slow
def test_an_export_is_written_while_one_waits(said, studio, tmp_path):
    export_assets.profile(studio)
    id = export_assets.drawn(studio, sprite(), name="gem")
    code, found = said("export", "run", id)
    assert code == 0 and found["written"] == ["gems/gem_1.png", "housestyle.json"]
    code, found = said("export", "run", id, "--to", "zip", "--out", tmp_path / "out" / "gem.zip")
    with zipfile.ZipFile(tmp_path / "out" / "gem.zip") as archive:
        assert archive.namelist() == ["gems/gem_1.png", "housestyle.json"]
    code, found = said("export", "list")
    assert [one["destination"] for one in found["exports"]] == ["zip", "game"]


def test_sync_fetches_and_brings_back(said, studio, tmp_path):
    id = export_assets.drawn(studio, sprite(), name="gem")
    export_assets.judged(studio, id, "edit", "the hilt")
    code, found = said("sync", tmp_path / "edits")
    (name,) = found["fetched"]
    assert code == 0 and (tmp_path / "edits" / name).is_file()
    sprite(8, 4).save(tmp_path / "edits" / name)
    code, found = said("sync", tmp_path / "edits")
    assert code == 0 and found["returned"] == [name]
    (tmp_path / "edits" / name).write_bytes(b"torn")
    code, found = said("sync", tmp_path / "edits")
    assert code == 2 and found["left"][0]["file"] == name


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["export", "run", "x", "--dry-run"], "no asset 'x'"),
        (["export", "run", "x", "--profile", "no", "--dry-run"], "no export profile"),
        (["export", "run", "x", "--profile", "p", "--name", "x"], "names no field"),
        (["export", "run", "x", "--detach", "--out", "o"], "--detach"),
        (["export", "profile", "game", "--set", "engine"], "sets nothing"),
        (["export", "profile", "game", "--set", "engin=godot"], "Did you mean engine"),
        (["export", "profile", "game", "--set", "normals=perhaps"], "yes or no"),
        (["export", "profile", "Game"], "no name for a profile"),
    ],
)
def test_what_can_not_be_is_refused_with_a_remedy(said, words, why):
    code, found = said(*words)
    assert code == 2 and why in f"{found['error']} {found['remedy']}" and found["remedy"]


def test_the_document_has_every_field_of_a_profile():
    text = (CHECKOUT / "docs" / "export.md").read_text("utf-8")
    part = text.partition("\n## Profiles\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE) == list(profiles.NAMES)
