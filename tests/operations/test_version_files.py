"""A version whose files are gone, or elsewhere, is named by whoever should have noticed."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from studio import context
from studio.database import ledger
from studio.database.engine import open_database
from studio.errors import StudioError
from studio.generation import gallery_table, picture_files
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made
from studio.operations import doctor, restore
from studio.operations.backup import back_up
from studio.registry import stages
from studio.settings import CHECKOUT, Settings
from studio.store import partial_files
from tests.furnished import NOW, elsewhere, quiet
from tests.tracking.written_records import lost, moved, named, told, write_down


def says(settings: Settings, mend: bool = False) -> list[tuple[bool, bool, str]]:
    found = doctor.checks(settings, mend)
    return [(c.ok, c.needed, c.says) for c in found if c.name == "versions"]


@pytest.mark.slow
def test_the_doctor_names_each_version_and_the_stages_refuse_it(here: Settings):
    told(here)
    write_down(here, (1, 2, 3, 4))
    assert says(here) == [(True, True, "4 versions, each with its files")]
    models = here.artifacts / "props" / "models"
    shutil.rmtree(models / "m-2")
    (models / "m-3" / "artifacts" / "files" / "lora.safetensors").write_text("")
    (models / "m-4" / "artifacts" / "MLmodel").write_text("a: {")
    said = [line for _, _, line in says(here)]
    assert [line.partition(": ")[0] for line in said] == [f"props version {k}" for k in (4, 3, 2)]
    assert f"{models}/m-2/artifacts is gone. Put it back from a backup." in said[2]
    assert f"{models}/m-3/artifacts/files is empty" in said[1]
    assert f"{models}/m-4/artifacts/MLmodel can't be read" in said[0]
    studio = context.open_studio(here)
    given = {"style": "props", "actor": "ana", "why": "better", "now": NOW}
    for to in ("staging", "production"):
        with pytest.raises(StudioError, match="'props' version 2 are not there.*m-2.*backup"):
            stages.promote(studio.engine, studio.client, number=2, to=to, **given)
    stages.promote(studio.engine, studio.client, number=2, to="archived", **given)
    stages.promote(studio.engine, studio.client, number=1, to="production", **given)
    rows = [(row.version, row.to_stage) for row in ledger.rows(studio.engine, "props")]
    assert rows == [(2, "archived"), (1, "production")]
    studio.engine.dispose()


@pytest.mark.slow
def test_what_lies_elsewhere_is_named_and_copied_in(here: Settings, tmp_path: Path):
    write_down(here)
    new = moved(here, tmp_path / "new")
    write_down(dataclasses.replace(new, artifacts=here.artifacts), (2,))
    told(new)
    ((ok, needed, said),) = says(new)
    assert (ok, needed) == (False, False) and "version 2 lies outside of the studio" in said
    assert str(here.artifacts) in said and "doctor --fix" in said
    made = back_up(new, tmp_path / "kept.tar", NOW, quiet)
    assert made.missing == lost(new) and len(made.missing) == 1
    assert says(new, mend=True) == [(True, True, "2 versions, each with its files")]
    assert all(one.startswith(new.artifacts.as_uri()) for one in named(new))
    assert back_up(new, tmp_path / "whole.tar", NOW, quiet).missing == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_backup_and_restore_name_what_is_missing(place, tmp_path: Path, kind: str):
    old, new = place("old", kind), place("new", kind)
    told(old)
    write_down(old, (1, 2))
    shutil.rmtree(old.artifacts / "props" / "models" / "m-2")
    made = back_up(old, tmp_path / "kept.tar", NOW, quiet)
    gone = f"{old.artifacts}/props/models/m-2/artifacts is gone"
    assert made.missing == restore.check(made.file).missing == [f"props version 2: {gone}"]
    found = restore.restore(new, made.file, NOW, quiet)
    assert found.missing == lost(new) == [made.missing[0].replace(str(old.home), str(new.home))]
    shutil.copytree(
        new.artifacts / "props" / "models" / "m-1", new.artifacts / "props" / "models" / "m-2"
    )
    assert lost(new) == [] and told(new) == []  # nothing was moved: restoring is no move


def test_a_backup_of_a_folder_that_was_moved_and_not_opened_yet_is_whole(
    here: Settings, tmp_path: Path
):
    open_database(here.home).dispose()  # as a studio of before, which notes no folder
    write_down(here, (1, 2))
    new = moved(here, tmp_path / "moved")
    write_down(elsewhere(new, new.home), (3,), "tiles")
    made = back_up(new, tmp_path / "kept.tar", NOW, quiet)
    assert made.missing == []
    back = elsewhere(here, tmp_path / "back")
    assert restore.restore(back, made.file, NOW, quiet).missing == []
    assert all(one.startswith(back.artifacts.as_uri()) for one in named(back))


def test_a_backup_says_which_pictures_are_gone(here: Settings, tmp_path: Path):
    engine, _ = context.open_records(here)
    kept = []
    for seed in (1, 2, 3):
        made = Made("props", 1, "pocket", "", "", "a gem", "", "", seed, 9, 2.0, 1.0)
        picture = Image.new("RGBA", (8, 8), (seed, 0, 0))
        kept.append(
            Kept(picture_files.keep(here.home / "generated", f"p{seed}", picture, made), made)
        )
    gallery_table.record(engine, here.home, kept, by="ana", now=NOW)
    engine.dispose()
    said: list[str] = []
    back_up(here, tmp_path / "whole.tar", NOW, said.append)
    assert not [line for line in said if "gone" in line]
    for one in kept[1:]:
        one.file.unlink()
    back_up(here, tmp_path / "less.tar", NOW, said.append)
    (line,) = [line for line in said if "gone" in line]
    assert line.startswith("2 files of the gallery are gone, such as generated/")


@pytest.mark.slow
def test_on_the_command_line_it_ends_with_one(here: Settings, tmp_path: Path):
    told(here)
    write_down(here)
    shutil.rmtree(here.artifacts / "props")

    def run(*words: str) -> tuple[int, str]:
        around = {**os.environ, "STUDIO_HOME": str(here.home), "STUDIO_PORT": "8621"}
        command = [sys.executable, "-m", "studio", *words]
        done = subprocess.run(command, cwd=CHECKOUT, env=around, capture_output=True, text=True)
        return done.returncode, done.stdout

    code, said = run("backup", str(tmp_path / "kept.tar"))
    assert code == 1 and "props version 1" in said and "This backup is not whole" in said
    code, said = run("restore", str(tmp_path / "kept.tar"), "--check", "--json")
    assert code == 1 and len(json.loads(said)["missing"]) == 1


def dead() -> int:
    """The number of a process that has ended."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_what_killed_backups_and_restores_left_is_cleared_away(here: Settings, tmp_path: Path):
    told(here)
    folder, old = tmp_path / "backups", time.time() - partial_files.QUIET_S - 60
    folder.mkdir()
    hidden, gone, mine = "0123456789abcdef", dead(), os.getpid()
    left = [
        f".{hidden}.{gone}.part",
        f".{hidden}.{gone}.part.mlflow.part",
        f".{hidden}.{gone}.part.copy.part",
        f".{hidden}.{gone}.part.copy.part-journal",
        f".{hidden[::-1]}.{mine}.part",  # written before this process began, which has its number
    ]
    stays = [f".{hidden}.{mine}.part", f".{hidden}.{gone}0.partial", "film.part", ".film.7.part"]
    for name in (*left, *stays):
        (folder / name).write_bytes(b"half")
        os.utime(folder / name, (old, old) if name != stays[0] else None)
    os.utime(folder / left[-1], (1e9, 1e9))
    back_up(here, folder / "kept.tar", NOW, quiet)
    assert sorted(path.name for path in folder.iterdir()) == sorted([*stays, "kept.tar"])
    for top in (here.home, here.artifacts):
        (top / f".restore-20260801T120000-{gone}.part" / "x").mkdir(parents=True)
    (here.home / f".restore-20260801T120000-{gone}.rows.part").mkdir()
    (here.home / "restoring.json").write_text("{}")
    restore.sweep(here)  # a restore that was cut off needs them
    assert len(list(here.home.rglob(".restore-*"))) == 3
    (here.home / "restoring.json").unlink()
    restore.sweep(here)
    assert not list(here.home.rglob(".restore-*"))
