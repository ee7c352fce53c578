"""MLflow's files of a studio with a bucket that does not answer: all goes on, and nothing is named
before it is there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from studio.context import Studio, open_records, open_studio
from studio.database.engine import writing
from studio.errors import StudioError
from studio.outbox import files
from studio.outbox.tables import UP, WAITING
from studio.registry import models, registration
from studio.registry.models import Version
from studio.settings import Settings
from studio.store import local
from studio.store.place import Place
from studio.tracking import bucket_files
from studio.tracking.bucket_files import OnTheWay, await_up
from studio.tracking.client import connect, experiment
from tests.furnished import NOW, elsewhere
from tests.registry.toy_kind import FILE, FLAT

AWAY = Place("s3", "art", "team/", "http://127.0.0.1:9", "us-east-1")  # nobody listens there


@pytest.fixture
def studio(here: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    keys = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}
    for name, value in {**AWAY.environment, **keys}.items():
        monkeypatch.setenv(name, value)
    opened = open_studio(replace(here, store=AWAY))
    yield opened
    local.detach(here.home)
    opened.engine.dispose()


def run_of(studio: Studio, style: str) -> str:
    made = studio.client.create_run(experiment(studio.client, studio.tracking, style))
    return str(made.info.run_id)


def test_what_is_logged_is_in_the_folder_and_waits(studio: Studio, tmp_path: Path):
    run, sheet = run_of(studio, "items"), tmp_path / "sheet"
    (sheet / "deep").mkdir(parents=True)
    (sheet / "a.png").write_bytes(b"a")
    (sheet / "deep" / "b.png").write_bytes(b"bb")
    studio.client.log_artifacts(run, str(sheet), "sheet")
    studio.client.log_artifact(run, str(sheet / "a.png"))
    address = studio.client.get_run(run).info.artifact_uri
    assert address == f"s3://art/team/mlflow/items/{run}/artifacts"
    top = f"items/{run}/artifacts"
    names = [f"{top}/a.png", f"{top}/sheet/a.png", f"{top}/sheet/deep/b.png"]
    found = bucket_files.below(studio.engine, top)
    assert sorted(found) == names
    assert {one.state for one in found.values()} == {WAITING}
    assert {one.key for one in found.values()} == {f"mlflow/{name}" for name in names}
    assert found[names[2]].path == f"mlruns/{names[2]}" and found[names[2]].bytes == 2
    assert (studio.settings.artifacts / names[2]).read_bytes() == b"bb"

    listed = studio.client.list_artifacts
    assert [(i.path, i.is_dir) for i in listed(run)] == [("a.png", False), ("sheet", True)]
    told = [(i.path, i.is_dir, i.file_size) for i in listed(run, "sheet")]
    assert told == [("sheet/a.png", False, 1), ("sheet/deep", True, None)]
    assert listed(run, "sheet/a.png") == []  # as of every file
    (tmp_path / "got").mkdir()
    studio.client.download_artifacts(run, "sheet", str(tmp_path / "got"))
    assert (tmp_path / "got" / "sheet" / "deep" / "b.png").read_bytes() == b"bb"


def test_a_style_of_before_keeps_its_files_in_the_folder(studio: Studio, tmp_path: Path):
    before = studio.settings.artifacts / "items"
    made = studio.client.create_experiment("items", artifact_location=before.as_uri())
    assert experiment(studio.client, studio.tracking, "items") == made
    run = studio.client.create_run(made).info.run_id
    (tmp_path / "x.txt").write_text("x")
    studio.client.log_artifact(run, str(tmp_path / "x.txt"))
    assert (before / run / "artifacts" / "x.txt").read_text() == "x"
    assert list(files.every(studio.engine)) == []


def test_a_path_out_of_the_run_is_refused(studio: Studio, tmp_path: Path):
    run = run_of(studio, "items")
    (tmp_path / "x").write_text("x")
    for path in ("../../other", "/etc"):
        with pytest.raises(Exception, match="leads out|[Ii]nvalid"):
            studio.client.log_artifact(run, str(tmp_path / "x"), path)
    assert list(files.every(studio.engine)) == []


@pytest.mark.slow
def test_a_version_is_registered_once_its_files_are_there(studio: Studio, tmp_path: Path):
    run, folder = run_of(studio, "walls"), tmp_path / "hue"
    folder.mkdir()
    (folder / FILE).write_text(json.dumps({"hue": 0.5}))

    def register() -> Version:
        return registration.register(
            studio.client,
            kind=FLAT,
            style="walls",
            run_id=run,
            folder=folder,
            dataset="",
            dataset_digest="",
            params={"rank": "1"},
            tags={"hue": "0.5"},
            arrived=partial(await_up, studio.engine, studio.tracking, patience=0.0),
        )

    for _ in range(2):  # asked again, it goes on with what is on its way
        with pytest.raises(OnTheWay, match=r"\d files are not in s3://art/team/ yet"):
            register()
    assert models.list_versions(studio.client, "walls") == []
    waiting = bucket_files.below(studio.engine, "walls")
    (described,) = (name for name in waiting if name.endswith("/MLmodel"))
    place = f"s3://art/team/mlflow/{described.removesuffix('/MLmodel')}"
    assert bucket_files.flaw(studio.engine, place).startswith("mlflow/walls/models/m-")
    with writing(studio.engine) as connection:
        files.note_up(connection, list(waiting.values()), NOW)
    made = register()
    assert (made.style, made.number, made.run_id) == ("walls", 1, run)
    (logged,) = studio.client.search_logged_models(
        [experiment(studio.client, studio.tracking, "walls")]
    )
    assert (logged.artifact_location, str(logged.status)) == (place, "READY")
    assert models.address_of(studio.client, "walls", 1) == place

    models.check_files(studio.client, "walls", 1, studio.engine)
    own = models.version_folder(studio.client, made, tmp_path / "cache")
    assert (own / FILE).read_bytes() == (folder / FILE).read_bytes()
    # Changed here, it is the bucket's that counts, and that does not answer.
    (file,) = studio.settings.artifacts.rglob(FILE)
    file.write_text("{}")
    with pytest.raises(StudioError, match="could not be fetched"):
        models.version_folder(studio.client, made, tmp_path / "other")
    files.forget(studio.engine, [waiting[described].path])
    with pytest.raises(StudioError, match="version 1 are not there: .*MLmodel was never put"):
        models.check_files(studio.client, "walls", 1, studio.engine)


def test_what_lies_elsewhere_is_waited_for_by_nobody(studio: Studio, tmp_path: Path):
    await_up(studio.engine, studio.tracking, (tmp_path / "x").as_uri(), patience=0.0)
    await_up(studio.engine, studio.tracking, "s3://theirs/mlflow/x", patience=0.0)
    assert bucket_files.flaw(studio.engine, "s3://theirs/mlflow/x") == ""
    with pytest.raises(StudioError, match="Nothing was written"):
        await_up(studio.engine, studio.tracking, "s3://art/team/mlflow/x", patience=0.0)
    assert UP not in {one.state for one in files.every(studio.engine)}


@pytest.mark.slow
def test_a_bucket_where_nothing_arrived_is_left_for_another_and_for_none(
    studio: Studio, tmp_path: Path
):
    run, settings = run_of(studio, "items"), studio.settings
    (tmp_path / "x.txt").write_text("x")
    studio.client.log_artifact(run, str(tmp_path / "x.txt"))
    (waiting,) = files.every(studio.engine)

    def moved_to(store: Place) -> str:
        engine, tracking = open_records(replace(settings, store=store))
        engine.dispose()
        return str(connect(tracking).get_run(run).info.artifact_uri)

    there = replace(AWAY, bucket="other", prefix="")
    assert moved_to(there) == f"s3://other/mlflow/items/{run}/artifacts"
    assert list(files.every(studio.engine)) == [waiting]
    assert moved_to(Place()) == f"{settings.artifacts.as_uri()}/items/{run}/artifacts"
    assert list(files.every(studio.engine)) == []
    # From the folder they go by `store move` alone.
    assert moved_to(AWAY) == f"{settings.artifacts.as_uri()}/items/{run}/artifacts"
    new = files.New("generated/a.png", "0" * 64, 1)
    with writing(studio.engine) as connection:
        files.add(connection, [new], NOW)
        files.note_up(connection, [files.as_stored(new, NOW)], NOW)
    with pytest.raises(StudioError, match="Files of this studio are in s3://art/team/"):
        moved_to(there)


@pytest.mark.slow
def test_a_copy_never_shares_the_place_in_the_bucket(studio: Studio, tmp_path: Path):
    experiment(studio.client, studio.tracking, "items")
    copy = elsewhere(studio.settings, tmp_path / "copy")
    shutil.copytree(studio.home, copy.home)
    with pytest.raises(StudioError, match=r"copy of the studio.*s3://art/team/.*STORE_PREFIX"):
        open_records(copy)
    studio.home.rename(tmp_path / "kept")
    engine, tracking = open_records(copy)
    assert tracking.bucket == "s3://art/team/mlflow"
    engine.dispose()
    local.detach(copy.home)


@pytest.mark.slow
def test_files_outside_of_the_studios_folder_are_followed_too(studio: Studio, tmp_path: Path):
    there = replace(studio.settings, artifacts=tmp_path / "one" / "mlruns")
    opened = open_studio(there)  # as that of a checkout, which has its mlruns beside var
    run = run_of(opened, "items")
    (tmp_path / "x.txt").write_text("x")
    opened.client.log_artifact(run, str(tmp_path / "x.txt"))
    name = f"items/{run}/artifacts/x.txt"
    assert [one.path for one in files.every(opened.engine)] == [f"{there.artifacts}/{name}"]
    opened.engine.dispose()
    (tmp_path / "one").rename(tmp_path / "two")
    engine, tracking = open_records(replace(there, artifacts=tmp_path / "two" / "mlruns"))
    (one,) = files.every(engine)
    assert one.path == f"{tmp_path}/two/mlruns/{name}" and one.state == WAITING
    assert bucket_files.path_of(tracking, name) == one.path
    engine.dispose()
