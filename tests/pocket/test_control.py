"""A practice base's own tile ControlNet: trained, gone on with, used, and measured."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.diffusion import control_files, controls
from studio.diffusion.bases import find_base, load_pipeline
from studio.diffusion.controls import Control, Lead
from studio.diffusion.sampling import Draw, draw_pictures
from studio.errors import StudioError
from studio.pocket import control, control_pictures, control_report
from studio.pocket.control import Recipe, train_control
from studio.pocket.corpus import Source
from studio.settings import load_settings

TINY = Recipe(pictures=12, batch=4, recolours=1, captions_each=1)
WEIGHTS = "diffusion_pytorch_model.safetensors"
Teach = Callable[..., Path]


@pytest.fixture
def teach(dataset: Path, trained: Path, tmp_path: Path) -> Teach:
    def call(resume: bool = False, name: str = "control", **changes: Any) -> Path:
        train_control(
            [Source(dataset)],
            str(trained),
            tmp_path / name,
            tmp_path / f"{name}-work",
            replace(TINY, **changes),
            device="cpu",
            resume=resume,
            report=lambda line: None,
        )
        return tmp_path / name

    return call


@pytest.mark.slow
def test_it_is_written_in_half_and_stopped_midway_ends_the_same(
    teach: Teach, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = teach()
    told = json.loads((whole / control.RECORD).read_text("utf-8"))
    assert told["seen"] == 12 and told["recipe"]["pictures"] == 12
    from safetensors.torch import load_file

    weights = load_file(whole / WEIGHTS)
    assert {one.dtype for one in weights.values()} == {torch.float16}
    assert weights["controlnet_mid_block.weight"].abs().max() > 0  # no longer fresh
    calls, loss = {"left": 2}, control.F.mse_loss

    def cut(*args: Any) -> torch.Tensor:
        calls["left"] -= 1
        if calls["left"] < 0:
            raise KeyboardInterrupt
        return loss(*args)

    monkeypatch.setattr("studio.pocket.loop.SAVE_EVERY_S", 0.0)
    with monkeypatch.context() as patch:
        patch.setattr(control.F, "mse_loss", cut)
        with pytest.raises(KeyboardInterrupt):
            teach(name="cut")
    again = teach(resume=True, name="cut")
    assert (again / WEIGHTS).read_bytes() == (whole / WEIGHTS).read_bytes()
    with pytest.raises(StudioError, match="another recipe"):
        teach(resume=True, name="cut", batch=2)


def test_untrained_it_changes_nothing_and_trained_it_is_the_bases_own(
    teach: Teach, trained: Path, tmp_path: Path
) -> None:
    base = Path(shutil.copytree(trained, tmp_path / "base"))
    fresh = teach(name="fresh", time_limit_s=0.0)
    shutil.copytree(fresh, base / "control")
    own = control_files.of_base(str(base))
    assert own is not None and own.label == "The base's own tile ControlNet"
    pipeline = load_pipeline(find_base(str(base)), torch.device("cpu"))
    shown = Image.new("RGBA", (32, 32), (200, 10, 10, 255))

    def drawn(*leads: Lead) -> bytes:
        (picture,) = draw_pictures(pipeline, ["a book"], [3], Draw(steps=2), leads=leads)
        return picture.tobytes()

    files = control_files.files(tmp_path, own)
    lead = Control("tile", str(files.weights), 1.0, config=json.dumps(dict(files.config)))
    assert drawn(Lead(lead, shown)) == drawn()
    loud = controls.load(files.weights, lead.config, pipeline.unet)
    assert loud.config.conditioning_channels == 4


def test_no_other_base_is_taught(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"no model_index|no practice base"):
        train_control(
            [Source(dataset)],
            str(tmp_path),
            tmp_path / "out",
            tmp_path / "work",
            TINY,
            device="cpu",
            resume=False,
            report=print,
        )


def test_coarse_pictures_keep_their_means_and_hide_nothing() -> None:
    shown = torch.rand(64, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    shown[:, 3] = (shown[:, 3] > 0.5).float()
    random = torch.Generator().manual_seed(2)
    found = control_pictures.coarse(shown, lambda shape: torch.rand(shape, generator=random))
    means = [control_pictures.premultiplied(one).mean((2, 3)) for one in (shown, found)]
    assert (means[0] - means[1]).abs().max() < 0.05
    same = (found - control_pictures.plain(control_pictures.premultiplied(shown))).abs()
    kept = int((same.flatten(1).max(1).values < 1e-5).sum())
    assert 4 < kept < 30  # a fifth stay fine
    hidden = control_pictures.to_latents(shown)[:, :3][shown[:, 3:].expand(-1, 3, -1, -1) == 0]
    assert hidden.unique().numel() == 1


def test_holding_colours_puts_low_frequencies_back() -> None:
    random = np.random.default_rng(3)
    true = random.integers(0, 256, (4, 8, 8, 4), np.uint8)
    true[..., 3] = 255
    coarse = control_report.halved(true)
    assert control_report.low_error(coarse, true) < 0.6
    drawn = random.integers(96, 160, (4, 8, 8, 4), np.uint8)
    drawn[..., 3] = 255
    put = control_report.held(drawn, coarse)
    assert control_report.low_error(put, true) < control_report.low_error(drawn, true) / 2
    assert control_report.sharpness(true, true) == 1 > control_report.sharpness(coarse, true)


@pytest.mark.slow
def test_the_report_measures_all_ways_and_says_whether_it_holds(
    bundled: Path, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    unet = load_pipeline(find_base("pocket"), torch.device("cpu")).unet
    controls.fresh(unet, control.CHANNELS, control.EMBEDDING).save_pretrained(tmp_path / "control")
    said: list[str] = []
    request = control_report.Request("pocket", tmp_path / "control", {}, tmp_path / "out", steps=3)
    told = control_report.make_report(load_settings({}), request, said.append)
    assert set(told["ways"]) == set(control_report.WAYS) and len(told["sprites"]) == 8
    bare, led = (told["ways"][way] for way in (control_report.BARE, control_report.LED))
    assert bare == led and told["exit"] == 1  # a fresh one promises nothing
    assert any("Only 1 styles" in line for line in said)
    assert Image.open(tmp_path / "out" / "sheet.png").width > 600
    with pytest.raises(StudioError, match="holds no ControlNet"):
        request = replace(request, control=tmp_path / "none")
        control_report.make_report(load_settings({}), request, said.append)
