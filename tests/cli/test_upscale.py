"""`upscale`: what is put in, estimated, saved and refused; every setting has a flag and a line."""

import json
import re

import numpy as np
import pytest
from PIL import Image

from studio import context
from studio.cli import main, upscale_flags
from studio.jobs import queue
from studio.settings import CHECKOUT, load_settings
from studio.upscaling import settings as all_settings
from tests.command_lines import commands


@pytest.fixture
def said(tmp_path, capsys):
    def asked(*words):
        home = ["--home", str(tmp_path / "home"), "--user", "ana"]
        code = main.main(["upscale", *map(str, words), "--json", *home])
        return code, json.loads(capsys.readouterr().out.strip().splitlines()[-1])

    return asked


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "art"
    made.mkdir()
    for name, colour in (("axe", "red"), ("bow", "blue")):
        picture = Image.new("RGBA", (16, 12), colour)
        picture.putpixel((3, 3), (255, 255, 255, 255))
        picture.save(made / f"{name}.png")
    return made


def jobs(tmp_path):
    studio = context.open_studio(load_settings({}, home=str(tmp_path / "home")))
    found = queue.listing(studio.engine, kind="upscale")
    studio.engine.dispose()
    return found


def test_a_folder_is_put_in_a_job_a_picture(said, folder, tmp_path):
    code, found = said(folder, "--factor", "4", "--detach")
    assert code == 0 and found["schema"] == 1 and len(found["ids"]) == 2
    put = sorted(jobs(tmp_path), key=lambda job: job.id)
    assert [job.payload["name"] for job in put] == ["axe", "bow"]
    assert {job.payload["settings"]["width"] for job in put} == {64}
    assert {job.payload["settings"]["method"] for job in put} == {"nearest"}
    code, found = said(folder, "--factor", "4", "--detach", "--at", "23:59")
    assert code == 0 and all(job.not_before for job in jobs(tmp_path)[:2])


def test_every_flag_reaches_the_job(said, folder, tmp_path):
    words = "--method diffusion --base pocket --tile 64 --overlap 8 --strength 0.2 --steps 9"
    words += " --seed 7 --seam --hold 0.5 --wrap x --replace --negative blur --feather 8"
    tiles = ["--tile-prompt", "main-1=a well", "--tile-negative", "main-1=a cat"]
    region = ["--region", "0,0,16,16=a sky", "--prompt", "a map", "--set", "guidance=3"]
    code, found = said(
        folder / "axe.png", "--size", "96x72", *words.split(), *tiles, *region, "--detach"
    )
    assert code == 0, found
    (job,) = jobs(tmp_path)
    told = all_settings.of_json(job.payload["settings"])
    assert (told.width, told.height, told.tile, told.overlap) == (96, 72, 64, 8)
    assert (told.strength, told.steps, told.seed, told.hold) == (0.2, 9, 7, 0.5)
    assert (told.seam, told.wrap, told.append, told.guidance) == (True, "x", False, 3)
    (tile,), (region_told,) = told.tiles, told.regions
    assert (tile.prompt, tile.negative) == ("a well", "a cat")
    assert (region_told.width, region_told.prompt) == (16, "a sky")
    assert job.lane == "work"


def test_it_says_what_it_would_take_and_puts_nothing_in(said, folder, tmp_path):
    code, found = said(folder / "axe.png", "--long-side", "160", "--estimate")
    (told,) = found["estimates"]
    assert code == 0 and (told["width"], told["height"]) == (160, 120)
    assert told["seconds"] is None and jobs(tmp_path) == []


def test_settings_are_saved_and_begun_with(said, folder, tmp_path):
    code, found = said("--save", "soft", "--method", "lanczos", "--hold", "0.25")
    assert code == 0 and found["saved"]["settings"] == {"method": "lanczos", "hold": 0.25}
    code, found = said(folder / "axe.png", "--settings", "soft", "--factor", "2", "--detach")
    assert code == 0 and jobs(tmp_path)[0].payload["settings"]["hold"] == 0.25
    code, found = said("--list")
    assert [one["name"] for one in found["saved"]] == ["soft"] and "epx" in found["methods"]


def test_one_that_can_t_be_enlarged_is_named_and_the_others_are(said, folder, tmp_path):
    (folder / "torn.png").write_bytes(b"no picture")
    code, found = said(folder, folder / "none.png", "--factor", "2", "--detach")
    assert code == 2 and len(found["ids"]) == 2
    assert [one["picture"].rpartition("/")[2] for one in found["problems"]] == [
        "torn.png",
        "none.png",
    ]
    assert all(one["error"] and one["remedy"] for one in found["problems"])


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "No picture is named"),
        (["x.png", "--detach", "--out", "o"], "--detach"),
        (["x.png", "--at", "20:00"], "--at needs"),
        (["x.png", "--redo", "main-1=3"], "--redo needs"),
        (["--again-of", "99"], "99"),
        (["x.png", "--settings", "none"], "no settings 'none'"),
        (["x.png", "--settings", "a", "--as", "b"], "each say how"),
        (["x.png", "--size", "wide"], "wide"),
        (["x.png", "--region", "1,2=x"], "no region"),
        (["x.png", "--adapter", "props"], "no further LoRA"),
        (["x.png", "--tile-prompt", "main-1"], "sets nothing"),
        (["x.png", "--set", "hold={"], "no JSON"),
    ],
)
def test_what_can_t_be_is_refused_with_a_remedy(said, words, why):
    code, found = said(*words)
    assert code == 2 and why in found["error"] and found["remedy"]


def test_every_setting_has_a_flag_and_a_line_in_the_document():
    flags = commands()[("upscale",)]
    apart = {
        "width": "--size",
        "height": "--size",
        "append": "--replace",
        "regions": "--region",
        "tiles": "--tile-prompt",
        "adapters": "--adapter",
    }
    for name in all_settings.NAMES:
        assert apart.get(name, f"--{name.replace('_', '-')}") in flags, name
    text = (CHECKOUT / "docs" / "upscale-command.md").read_text("utf-8")
    told = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert told == list(all_settings.NAMES)
    bounds = {name: offered for name, offered, _ in upscale_flags.CHOICES}
    assert bounds["method"] == all_settings.METHODS and bounds["first"] == all_settings.FIRSTS


@pytest.mark.slow
def test_a_picture_is_enlarged_while_one_waits_and_copied(said, folder, tmp_path):
    code, found = said(folder / "axe.png", "--factor", "3", "--out", tmp_path / "out")
    assert code == 0, found
    (told,) = found["results"]
    with Image.open(told["file"]) as opened:
        assert opened.size == (48, 36) and np.asarray(opened)[0, 0].tolist() == [255, 0, 0, 255]
    code, found = said(told["picture"], "--factor", "2")
    assert code == 0 and (found["results"][0]["width"], found["results"][0]["height"]) == (96, 72)
