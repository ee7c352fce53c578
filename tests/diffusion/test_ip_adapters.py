"""IP-Adapters on a small SDXL of the real classes, beside LoRAs and a ControlNet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.diffusion import adapters, ip_adapters
from studio.diffusion.controls import Control, Lead
from studio.diffusion.sampling import Draw, draw_pictures
from studio.errors import StudioError
from studio.training import export, loop
from studio.training.config import TrainConfig
from tests.diffusion import leads
from tests.diffusion.conftest import make_base

DRAW = Draw(steps=2, guidance=3, width=64, height=64)


@pytest.fixture(scope="module")
def pipeline() -> Any:
    made = make_base("sdxl")
    made.set_progress_bar_config(disable=True)
    made.unet.requires_grad_(False)
    return made


@pytest.fixture(scope="module")
def folder(pipeline: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return leads.ip_adapter(tmp_path_factory.mktemp("ip"), pipeline.unet)


def lora(folder: Path, seed: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    unet = loop.add_lora(make_base("sdxl").unet, TrainConfig(rank=2, targets="attention"))
    for name, weight in unet.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.3)
    return export.write_lora(folder, export.lora_tensors(unet), unet, {})


def drawn(pipeline: Any, reference: Any = None, draw: Draw = DRAW, led: Any = ()) -> np.ndarray:
    (picture,) = draw_pictures(pipeline, ["a gem"], [7], draw, reference=reference, leads=led)
    return np.asarray(picture).astype(int)


@pytest.mark.slow
def test_it_acts_by_its_picture_and_leaves_no_trace(pipeline: Any, folder: Path) -> None:
    bare = drawn(pipeline)
    one, other = (leads.reference(folder, leads.picture(seed)) for seed in (1, 2))
    with_one = drawn(pipeline, one)
    assert np.abs(with_one - bare).max() > 2
    assert np.abs(drawn(pipeline, other) - with_one).max() > 0
    assert (drawn(pipeline, one) == with_one).all()
    assert (drawn(pipeline, leads.reference(folder, leads.picture(1), 0.0)) == bare).all()
    assert (drawn(pipeline) == bare).all()
    assert pipeline.unet.encoder_hid_proj is None
    assert not [name for name, _ in pipeline.unet.named_parameters() if "_ip" in name]


@pytest.mark.slow
def test_what_the_encoder_saw_is_kept_for_the_next_drawing(
    pipeline: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ip_adapters.forget(pipeline)
    calls: list[int] = []
    whole = ip_adapters._encoded

    def counted(*args: Any) -> Any:
        calls.append(1)
        return whole(*args)

    monkeypatch.setattr(ip_adapters, "_encoded", counted)
    for _ in range(3):
        drawn(pipeline, leads.reference(folder, leads.picture(1)))
    assert len(calls) == 1


def test_without_guidance_it_is_told_no_empty_picture(pipeline: Any, folder: Path) -> None:
    plain = Draw(steps=2, guidance=1, width=64, height=64)
    told = drawn(pipeline, leads.reference(folder, leads.picture(1)), plain)
    assert np.abs(told - drawn(pipeline, draw=plain)).max() > 0


@pytest.mark.slow
def test_it_goes_with_two_loras_and_a_controlnet(folder: Path, tmp_path: Path) -> None:
    pipeline = make_base("sdxl")
    pipeline.set_progress_bar_config(disable=True)
    pipeline.unet.requires_grad_(False)
    bare = drawn(pipeline)
    for number, name in enumerate((adapters.STYLE, "props-2"), 1):
        adapters.attach(pipeline, lora(tmp_path / str(number), number), name)
    place = leads.control_folder(tmp_path / "control", make_base("sdxl").unet, seed=1)
    control = Control("tile", leads.weights_of(place), 0.8, config=leads.config_of(place))
    led = [Lead(control, leads.picture(4))]
    one = leads.reference(folder, leads.picture(1))
    adapters.set_strength(pipeline, 1.0, {"props-2": 0.5})
    alone = drawn(pipeline)
    everything = drawn(pipeline, one, led=led)
    assert np.abs(everything - alone).max() > 2 and np.abs(alone - bare).max() > 2
    assert (drawn(pipeline) == alone).all()
    adapters.set_strength(pipeline, 0.0, {"props-2": 0.0})
    assert (drawn(pipeline) == bare).all()


@pytest.mark.slow
def test_files_of_another_kind_are_refused(pipeline: Any, folder: Path, tmp_path: Path) -> None:
    good = leads.reference(folder, leads.picture(1))
    small = leads.ip_adapter(tmp_path / "sd1", make_base("sd1").unet)
    encoder = str(folder / "image_encoder" / "model.safetensors")
    for changes, said in (
        ({"weights": str(small / "ip-adapter.safetensors")}, "does not fit this base"),
        ({"weights": encoder}, "is no IP-Adapter"),
        ({"weights": str(tmp_path / "gone.safetensors")}, "can't be read"),
        ({"scale": 2.0}, "reference_scale is 2"),
    ):
        with pytest.raises(StudioError, match=said):
            drawn(pipeline, type(good)(**{**vars(good), **changes}))
    ip_adapters.forget(pipeline)
    with pytest.raises(StudioError, match=r"no encoder|can't be read"):
        drawn(pipeline, type(good)(**{**vars(good), "encoder": good.weights}))
    assert drawn(pipeline).shape == (64, 64, 3)
