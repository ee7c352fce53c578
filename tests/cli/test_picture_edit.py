"""`picture-edit`: the chain that its flags make, what comes of it, and what is refused."""

import json

import numpy as np
import pytest
from PIL import Image

from studio import context
from studio.cli import main
from studio.generation import gallery_table
from studio.images import open_picture
from studio.jobs import queue
from studio.settings import load_settings
from tests.pixels.drawn import drawn

ROWS = ["WWWWWW", "WKKKKW", "WKRRKW", "WKRRKW", "WKKKKW", "WWWWWW"]


@pytest.fixture
def said(tmp_path, capsys):
    def asked(*words):
        home = ["--home", str(tmp_path / "home"), "--user", "ana"]
        code = main.main(["picture-edit", *map(str, words), "--json", *home])
        return code, json.loads(capsys.readouterr().out.strip().splitlines()[-1])

    return asked


@pytest.fixture
def sword(tmp_path):
    file = tmp_path / "sword.png"
    Image.fromarray(drawn(ROWS), "RGBA").save(file)
    return file


def opened(tmp_path):
    return context.open_studio(load_settings({}, home=str(tmp_path / "home")))


def test_a_file_is_cut_out_into_the_gallery_and_copied(said, sword, tmp_path):
    out = tmp_path / "out"
    code, found = said(sword, "--background", "advised", "--trim", "--out", out)
    assert code == 0, found
    assert (len(found["pictures"]), found["same"], found["left"]) == (1, 0, 0)
    picture = open_picture(out / found["files"][0].rpartition("/")[2])
    assert (np.asarray(picture) == drawn(ROWS)[1:5, 1:5]).all()
    studio = opened(tmp_path)
    kept = gallery_table.get(studio.engine, found["pictures"][0])
    assert (kept.width, kept.height, kept.by) == (4, 4, "ana")
    again, more = said(found["pictures"][0], "--hue", "90", "--detach")
    assert again == 0 and more["kind"] == "picture_edit"


def test_every_flag_reaches_the_job_in_order(said, sword, tmp_path):
    (tmp_path / "house.hex").write_text("140c1c\nc82832")
    words = "--dither bayer --hard-alpha --trim --background flood --tolerance 0.1 --gamma 1.5"
    words += " --white 90 --black 5 --lightness -3 --saturation 10 --hue 20 --crop 0,1,6,5"
    code, found = said(sword, *words.split(), "--palette", tmp_path / "house.hex", "--detach")
    assert code == 0, found
    job = queue.get(opened(tmp_path).engine, found["id"])
    assert job.kind == "picture_edit" and job.payload["name"] == "sword"
    assert job.payload["edits"] == [
        {"edit": "crop", "left": 0, "top": 1, "width": 6, "height": 5},
        {
            "edit": "colour",
            "hue": 20,
            "saturation": 10,
            "lightness": -3,
            "black": 5,
            "white": 90,
            "gamma": 1.5,
        },
        {"edit": "background", "by": "flood", "tolerance": 0.1},
        {"edit": "trim"},
        {
            "edit": "palette",
            "colours": ["#140c1c", "#c82832"],
            "palette": "",
            "style": "",
            "dither": "bayer",
            "hard_alpha": True,
        },
    ]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "Nothing says how to edit"),
        (["--crop", "1,2,3"], "'1,2,3' is no part of a picture"),
        (["--crop", "1,2,3,x"], "height is 'x'"),
        (["--tolerance", "0.1"], "--tolerance needs --background"),
        (["--dither", "bayer"], "--dither needs a palette"),
        (["--palette", "gone"], "gone"),
        (["--trim", "--detach", "--out", "x"], "nobody is left"),
    ],
)
def test_what_can_t_be_is_refused(said, sword, words, why):
    code, found = said(sword, *words)
    assert code == 2 and why in found["error"]


def test_a_picture_that_is_not_there_is_named(said):
    code, found = said("gone", "--trim")
    assert code == 2 and "no picture 'gone'" in found["error"]
