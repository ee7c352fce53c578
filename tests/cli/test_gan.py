"""`gan` on the command line: train by an ini file as it is, draw, walk."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from studio import context
from studio.cli.main import main
from studio.registry import models
from studio.settings import load_settings
from studio.worker import own_jobs
from tests.gan import drawn_sprites
from tests.gan.small import TINY


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Commands' jobs are done in this process."""
    from datetime import timedelta

    from studio.jobs import leases, queue
    from studio.worker import process
    from studio.worker.context import Warm

    folder = tmp_path / "home"
    studio = context.open_studio(load_settings({}, home=str(folder)))

    def acted(worker, job, say):
        lease = timedelta(hours=1)
        taken = leases.take(studio.engine, "w", job.lane, context.now(), lease, id=job.id)
        process.do(studio.engine, taken.id, taken.attempt, process.Opened(studio.settings), Warm())
        return queue.get(studio.engine, job.id)

    monkeypatch.setattr(own_jobs, "attend", acted)
    yield folder
    studio.engine.dispose()


def told(capsys, home, *words):
    code = main([*words, "--json", "--user", "ana", "--home", str(home)])
    return code, json.loads(capsys.readouterr().out.splitlines()[-1])


def ini(tmp_path, **more):
    place = drawn_sprites.folder(tmp_path / "frames", 20)
    said = {**TINY, "train_dir": place, **more}
    from studio.gan.ini_files import GROUPS

    lines = []
    for group, names in GROUPS.items():
        lines += [f"[{group}]", *(f"{name} = {said[name]}" for name in names if name in said)]
    file = tmp_path / "Old_Sprites.ini"
    file.write_text("\n".join(lines))
    return file


def test_an_ini_file_trains_as_it_is_and_the_version_draws_and_walks(home, tmp_path, capsys):
    code, said = told(capsys, home, "gan", "train", str(ini(tmp_path)), "--set", "seed=3")
    assert code == 0, said
    assert (said["style"], said["number"], said["kind"]) == ("old_sprites", 1, "gan")
    assert said["params"]["seed"] == "3" and said["params"]["beta2"] == "0.99"
    out, sheet = tmp_path / "out", tmp_path / "sheet.png"
    words = ("gan", "draw", "old_sprites", "--seeds", "0-4,9", "--out", str(out))
    code, drawn = told(capsys, home, *words, "--class", "gems", "--sheet", str(sheet))
    assert code == 0, drawn
    assert len(drawn["files"]) == 6 and drawn["seeds"] == [0, 1, 2, 3, 4, 9]
    with Image.open(drawn["files"][0]) as first, Image.open(sheet) as whole:
        assert first.size == (16, 16) and whole.width > 64
    file = tmp_path / "walk.webp"
    words = ("gan", "walk", "old_sprites:1", "--seeds", "1,2", "--steps", "3", "--out", str(file))
    code, walked = told(capsys, home, *words)
    assert code == 0 and walked["frames"] == 4
    with Image.open(file) as moving:
        assert moving.n_frames == 4


@pytest.mark.parametrize(
    "words, said",
    [
        (("gan", "train", "--style", "x"), "nothing to learn from"),
        (("gan", "train", "--folder", "/no"), "There is no style"),
        (("gan", "train", "no.ini"), "no.ini"),
        (("gan", "train", "--style", "x", "--set", "rank=3"), "no setting of a GAN rank"),
        (("gan", "draw", "x", "--out", "y"), "has no GAN"),
        (("gan", "draw", "x.safetensors", "--out", "y"), "There is no file"),
        (("gan", "walk", "x", "--seeds", "1,2", "--out", "walk.gif"), "no name for a walk"),
        (("gan", "draw", "x", "--seeds", "x", "--out", "y"), "seed is 'x'"),
    ],
)
def test_what_can_not_be_is_named(home, capsys, words, said):
    code, answer = told(capsys, home, *words)
    assert code == 2 and said in answer["error"]


def test_a_mistake_in_a_file_is_named_and_nothing_is_begun(home, tmp_path, capsys):
    file = ini(tmp_path)
    file.write_text(file.read_text().replace("ngf", "nfg"))
    code, answer = told(capsys, home, "gan", "train", str(file))
    assert code == 2 and "nfg in [MODEL ARCHITECTURE]" in answer["error"]
    studio = context.open_studio(load_settings({}, home=str(home)))
    assert models.list_versions(studio.client) == []
    studio.engine.dispose()
