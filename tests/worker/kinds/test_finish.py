"""The job that finishes many pictures: whole, without the studio, and cut off anywhere."""

import json
import shutil

import pytest
from PIL import Image

from studio import context
from studio.assets import family, files
from studio.assets.search import Wanted
from studio.errors import StudioError
from studio.finishing import steps as all_steps
from studio.finishing.steps import Steps
from studio.generation import gallery_table, picture_files
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made
from studio.pixels.grid import Grid
from studio.settings import load_settings
from studio.worker.kinds.finish import KIND
from studio.workflows import finished_files, finishing
from tests.worker.kinds.step_by_step import NOW, Axe, Killed, begun, computed_away, ran

STEPS = all_steps.said_of(Steps(grid="set", set_grid=Grid(2, 2, 0, 0), shadow="drop"))


@pytest.fixture
def studio(tmp_path) -> context.Studio:
    return context.open_studio(load_settings({}, home=str(tmp_path / "home")))


@pytest.fixture
def ids(studio):
    """Three pictures of the gallery, the second of which is damaged."""
    rows = []
    for seed in range(3):
        made = Made("props", 1, "pocket", "", "", "a gem", "a gem", "", seed, 9, 2.5, 1.0)
        picture = Image.new("RGBA", (8, 8), (200, 10 * seed, 30, 255))
        file = picture_files.keep(studio.home / "generated" / "props", f"p{seed}", picture, made)
        rows.append(Kept(file, made))
    found = gallery_table.record(studio.engine, studio.home, rows, by="ana", now=NOW)
    rows[1].file.write_bytes(b"no picture")
    return found


def kept(studio, job):
    return gallery_table.ids_of(studio.engine, Wanted(job=job))


def test_it_keeps_what_comes_of_the_pictures_and_tells_of_the_damaged_one(studio, ids):
    given, ask = begun(studio, "finish", ids=ids, steps=STEPS)
    assert ran(KIND, given, ask) == {"pictures": 2, "same": 0, "left": 1}
    new = kept(studio, given.job.id)
    assert [[one.id for one in family.parents(studio.engine, id)] for id in new] == [
        [ids[0]],
        [ids[2]],
    ]
    assert [file.role for file in files.of(studio.engine, new[0])] == ["picture", "shadow"]
    assert not given.workdir.exists() and ran(KIND, given, ask)["pictures"] == 2
    assert kept(studio, given.job.id) == new


def test_it_computes_without_the_studio(studio, ids, tmp_path):
    given, ask = begun(studio, "finish", ids=ids, steps=STEPS)
    work = KIND.prepare(given, ask)
    outcome, _ = computed_away(KIND, studio, work, tmp_path / "there")
    assert kept(studio, given.job.id) == [] and len(outcome.files) == 4
    plain = type(outcome)(**json.loads(json.dumps(vars(outcome))))
    assert KIND.commit(given, ask, plain)["pictures"] == 2
    assert len(kept(studio, given.job.id)) == 2


@pytest.mark.parametrize("at", range(4))
def test_cut_off_anywhere_it_ends_the_same(studio, ids, monkeypatch, at):
    given, ask = begun(studio, "finish", ids=[ids[0], ids[2]], steps=STEPS)
    with monkeypatch.context() as patch:
        axe = Axe(at)
        axe.lay(patch, finished_files, "write")
        axe.lay(patch, shutil, "copyfile")
        axe.lay(patch, finishing, "record")
        with pytest.raises(Killed):
            ran(KIND, given, ask)
    assert ran(KIND, given, ask) == {"pictures": 2, "same": 0, "left": 0}
    assert len(kept(studio, given.job.id)) == 2


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"ids": ["gone"], "steps": STEPS}, "None of these pictures is there"),
        ({"ids": ["x"], "steps": {"hues": 3}}, "no step 'hues'"),
        ({"ids": "x", "steps": {}}, "ids is 'x'"),
    ],
)
def test_what_can_t_be_done_is_refused_at_the_door(studio, asked, why):
    with pytest.raises(StudioError, match=why):
        begun(studio, "finish", **asked)
