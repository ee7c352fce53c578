"""ControlNets on small models of the real classes, and on the practice base."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.diffusion import controls
from studio.diffusion.bases import find_base, load_pipeline
from studio.diffusion.controls import Control, Lead
from studio.diffusion.families import PRACTICE, SD1, SDXL
from studio.diffusion.img2img import Start
from studio.diffusion.sampling import Draw, draw_pictures
from studio.errors import StudioError
from tests.diffusion import leads
from tests.diffusion.conftest import make_base

DRAW = Draw(steps=3, guidance=3, width=64, height=64)
SEEN = leads.picture()
Folder = Callable[[str, int], Path]


@pytest.fixture(scope="module")
def pipelines() -> dict[str, Any]:
    found = {"sd1": make_base("sd1"), "sdxl": make_base("sdxl")}
    for one in found.values():
        one.set_progress_bar_config(disable=True)
        one.unet.requires_grad_(False)
    found["practice"] = load_pipeline(find_base("pocket"), torch.device("cpu"))
    return found


@pytest.fixture(scope="module")
def folder(pipelines: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Folder:
    top = tmp_path_factory.mktemp("controls")

    def made(family: str, seed: int) -> Path:
        place = top / f"{family}-{seed}"
        if not place.is_dir():
            small = {"channels": 4, "embedding": (8, 8, 16)} if family == "practice" else {}
            leads.control_folder(place, pipelines[family].unet, seed=seed, **small)
        return place

    return made


def lead(place: Path, scale: float = 1.0, config: bool = True, **how: Any) -> Lead:
    text = leads.config_of(place) if config else ""
    return Lead(Control("tile", leads.weights_of(place), scale, config=text, **how), SEEN)


def drawn(pipeline: Any, *led: Lead, start: bool = False, draw: Draw = DRAW) -> np.ndarray:
    begin = Start(SEEN, 0.7, "#808080", "lanczos") if start else None
    (picture,) = draw_pictures(pipeline, ["a red potion"], [7], draw, start=begin, leads=led)
    return np.asarray(picture).astype(int)


@pytest.mark.parametrize("family", ["sd1", "sdxl", "practice"])
@pytest.mark.parametrize("start", [False, True])
def test_a_fresh_one_equals_none_and_a_loud_one_leaves_no_trace(
    pipelines: dict[str, Any], folder: Folder, family: str, start: bool
) -> None:
    one = pipelines[family]
    bare = drawn(one, start=start)
    assert (drawn(one, lead(folder(family, 0)), start=start) == bare).all()
    loud = drawn(one, lead(folder(family, 1)), start=start)
    assert np.abs(loud - bare).max() > 3
    assert (drawn(one, lead(folder(family, 1), 0.0), start=start) == bare).all()
    assert (drawn(one, start=start) == bare).all()
    assert (drawn(one, lead(folder(family, 1)), start=start) == loud).all()


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_it_draws_what_diffusers_own_pipeline_draws(
    pipelines: dict[str, Any], folder: Folder, family: str
) -> None:
    import diffusers

    one, place = pipelines[family], folder(family, 1)
    how = {"start": 0.0, "end": 0.7}
    ours = drawn(one, lead(place, 0.8, **how))
    net = diffusers.ControlNetModel.from_pretrained(place)
    theirs: Any
    if family == "sdxl":
        theirs = diffusers.StableDiffusionXLControlNetPipeline(
            **one.components, controlnet=net, add_watermarker=False
        )
    else:
        theirs = diffusers.StableDiffusionControlNetPipeline(
            **one.components, controlnet=net, requires_safety_checker=False
        )
    theirs.set_progress_bar_config(disable=True)
    with torch.inference_mode():
        (picture,) = theirs(
            prompt=["a red potion"],
            negative_prompt=[""],
            image=SEEN.convert("RGB"),
            controlnet_conditioning_scale=0.8,
            control_guidance_start=0.0,
            control_guidance_end=0.7,
            num_inference_steps=3,
            guidance_scale=3,
            height=64,
            width=64,
            generator=[torch.Generator().manual_seed(7)],
        ).images
    assert np.abs(ours - np.asarray(picture).astype(int)).max() <= 1
    assert np.abs(ours - drawn(one, lead(place, 0.8))).max() > 1  # all steps


def test_two_lead_together_and_each_for_all_of_a_batch(
    pipelines: dict[str, Any], folder: Folder
) -> None:
    one = pipelines["sd1"]
    pair = [lead(folder("sd1", 1)), lead(folder("sd1", 2), 0.5)]
    both = drawn(one, *pair)
    assert np.abs(both - drawn(one, pair[0])).max() > 1
    many = draw_pictures(one, ["a red potion"] * 2, [7, 8], DRAW, leads=pair)
    assert np.abs(np.asarray(many[0]).astype(int) - both).max() <= 2


def test_weights_alone_take_the_bases_shape(pipelines: dict[str, Any], folder: Folder) -> None:
    one = pipelines["sdxl"]
    alone = drawn(one, lead(folder("sdxl", 1), config=False))
    assert (alone == drawn(one, lead(folder("sdxl", 1)))).all()


def test_one_for_another_base_is_refused(
    pipelines: dict[str, Any], folder: Folder, tmp_path: Path
) -> None:
    for config in (True, False):
        with pytest.raises(StudioError, match=r"does not fit this base|the base's"):
            drawn(pipelines["sd1"], lead(folder("sdxl", 1), config=config))
    torn = tmp_path / "torn.safetensors"
    torn.write_bytes(b"nothing")
    with pytest.raises(StudioError, match="can't be read"):
        drawn(pipelines["sd1"], Lead(Control("tile", str(torn)), SEEN))
    drawn(pipelines["sd1"])  # the pipeline is as it was


def test_bounds_and_what_families_have() -> None:
    for scale, start, end in ((1.6, 0, 1), (float("nan"), 0, 1), (1, 0.5, 0.5), (1, 0, 1.1)):
        with pytest.raises(StudioError):
            controls.check(scale, start, end)
    assert controls.offered(PRACTICE) == ("tile",)
    assert "openpose" in controls.offered(SD1) and controls.offered(SD1) == controls.offered(SDXL)
    assert controls.offered("flux") == ()


def test_seamless_pictures_stay_so_when_they_are_led(
    pipelines: dict[str, Any], folder: Folder
) -> None:
    one = pipelines["sd1"]
    plain = drawn(one)
    draw = Draw(steps=2, guidance=3, width=64, height=64, seamless="both")
    assert drawn(one, lead(folder("sd1", 1)), draw=draw).shape == (64, 64, 3)
    assert (drawn(one) == plain).all()
