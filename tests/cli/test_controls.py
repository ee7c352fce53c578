"""`controls` and `generate --lead`: what a team brings in, and drawing by it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from studio import context
from studio.cli.main import main
from studio.context import Studio
from studio.database import ledger
from studio.diffusion import control_files
from studio.jobs import queue
from studio.registry import stages
from studio.settings import POCKET, load_settings
from tests.cli.test_drawing_inputs import NOW
from tests.diffusion import leads
from tests.diffusion.conftest import make_base
from tests.furnished import bare_files


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return context.open_studio(load_settings({}, home=str(tmp_path / "home")))


def told(
    studio: Studio, capsys: pytest.CaptureFixture[str], *words: str, code: int = 0
) -> dict[str, Any]:
    home = ["--json", "--home", str(studio.home), "--user", "ana"]
    assert main([*words, *home]) == code
    return dict(json.loads(capsys.readouterr().out.splitlines()[-1]))


def test_one_is_added_listed_and_removed(
    studio: Studio, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(leads.control_folder(tmp_path / "tile", make_base("sdxl").unet, seed=1))
    add = ("controls", "add", "tile", place, "--kind", "tile")
    assert "does not tell which bases" in told(studio, capsys, *add, code=2)["error"]
    made = told(studio, capsys, *add, "--family", "sdxl", "--licence", "openrail")
    assert (made["part"], made["family"], made["commercial"]) == ("controlnet", "sdxl", True)
    listed = told(studio, capsys, "controls", "list")["controls"]
    assert [(one["name"], one["by"]) for one in listed if not one["base"]] == [("tile", "ana")]
    told(studio, capsys, "controls", "remove", "tile")
    assert control_files.listing(studio.home) == ()
    actions = [row.action for row in ledger.rows(studio.engine)]
    assert actions[-2:] == ["control added", "control removed"]


@pytest.mark.slow
def test_a_drawing_is_led_by_files(
    studio: Studio, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = shutil.copytree(POCKET, tmp_path / "led")
    shutil.rmtree(base / "control", ignore_errors=True)
    unet = make_base("sd1").unet
    leads.control_folder(base / "control", unet, channels=4, embedding=(4, 4, 8), seed=0)
    studio.client.create_registered_model("props")
    tags = {"base": str(base), "base_name": str(base), "trigger_word": "", "stage": "candidate"}
    studio.client.create_model_version("props", bare_files(tmp_path / "bare"), tags=tags)
    who: dict[str, Any] = {"actor": "ana", "why": "first", "now": NOW}
    stages.promote(studio.engine, studio.client, style="props", number=1, to="production", **who)
    sketch = tmp_path / "sketch.png"
    leads.picture().save(sketch)
    ask = ("generate", "a gem", "--style", "props", "--detach")

    def put_in(*words: str) -> dict[str, Any]:
        job = told(studio, capsys, *ask, *words)["id"]
        return queue.get(studio.engine, job).payload

    asked = put_in("--lead", str(sketch), "--control", "0.9", "--control-end", "0.5")
    (lead,) = asked["leads"]
    assert (lead["controlnet"], lead["scale"], lead["end"]) == ("own", 0.9, 0.5)
    assert put_in("--lead", f"own={sketch}", "--lead-ready")["leads"][0]["ready"] is True
    assert put_in()["leads"] == []
    for words, said in (
        (("--control", "0.5"), "--control needs --lead"),
        (("--lead-ready",), "--lead-ready needs --lead"),
        (("--reference-scale", "0.5"), "need --reference"),
        (("--reference", str(sketch)), "No picture can lead"),
        (("--lead", f"gone={sketch}"), "no ControlNet or IP-Adapter 'gone'"),
        (("--lead", "nothing.png"), "neither a file nor a picture"),
    ):
        assert said in told(studio, capsys, *ask, *words, code=2)["error"]
