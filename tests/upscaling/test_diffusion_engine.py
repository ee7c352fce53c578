"""Tiles drawn by small random models of the real classes: led, referred, stacked, and stopped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.diffusion import adapters, control_intake, samplers
from studio.diffusion.bases import find_base, load_pipeline
from studio.diffusion.controls import Control
from studio.errors import StudioError
from studio.upscaling import diffusion_engine
from studio.upscaling.engine import Block
from studio.upscaling.grid import Box
from studio.upscaling.settings import Settings
from tests.diffusion import leads
from tests.diffusion.conftest import make_base
from tests.diffusion.test_ip_adapters import lora

SETTINGS = Settings(
    "diffusion",
    128,
    96,
    tile=64,
    overlap=16,
    batch=2,
    steps=4,
    strength=0.5,
    guidance=3.0,
    base="x",
)


def block(key: str = "main-1", left: int = 0, top: int = 0, **changes: Any) -> Block:
    made = Block(key, leads.picture(), Box(left, top, 64, 64), "a gem", "blur", 7, 0.5)
    return replace(made, **changes)


def silent(step: int, steps: int) -> None:
    pass


def pixels(picture: Image.Image | None) -> np.ndarray:
    assert picture is not None
    return np.asarray(picture).astype(int)


@pytest.fixture(scope="module")
def pipeline() -> Any:
    made = make_base("sdxl")
    made.set_progress_bar_config(disable=True)
    made.unet.requires_grad_(False)
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ControlNet, an IP-Adapter and two LoRAs for it."""
    top, unet = tmp_path_factory.mktemp("leads"), make_base("sdxl").unet
    leads.control_folder(top / "tile", unet, seed=1)
    leads.ip_adapter(top / "looks", unet)
    for number in (1, 2):
        lora(top / f"lora{number}", number)
    return top


def control(folder: Path, scale: float = 0.6) -> Control:
    place = folder / "tile"
    return Control("tile", leads.weights_of(place), scale, config=leads.config_of(place))


@pytest.mark.slow
def test_everything_acts_together_and_nothing_stays(folder: Path) -> None:
    made = make_base("sdxl")
    made.set_progress_bar_config(disable=True)
    made.unet.requires_grad_(False)
    (bare,) = diffusion_engine.load(made, SETTINGS).draw([block()], silent)
    files = [next((folder / f"lora{number}").glob("*.safetensors")) for number in (1, 2)]
    adapters.attach(made, files[0])
    seen = [pixels(bare)]
    ways: tuple[dict[str, Any], ...] = (
        {"strength": 1.0},
        {"strength": 1.0, "others": {"props-2": (files[1], 0.5)}},
        {"control": control(folder)},
        {"reference": leads.reference(folder / "looks", leads.picture(9))},
    )
    for how in ways:
        (drawn,) = diffusion_engine.load(made, SETTINGS, **how).draw([block()], silent)
        assert all(np.abs(pixels(drawn) - other).max() > 0 for other in seen), how
        seen.append(pixels(drawn))
    (again,) = diffusion_engine.load(
        made,
        SETTINGS,
        control=control(folder, 0.0),
        reference=leads.reference(folder / "looks", leads.picture(9), 0.0),
    ).draw([block()], silent)
    assert (pixels(again) == seen[0]).all()


def test_each_tile_has_its_own_prompt_seed_strength_and_size(pipeline: Any) -> None:
    engine = diffusion_engine.load(pipeline, SETTINGS)
    long = ", ".join(f"a red stone number {k}" for k in range(30))
    many = [
        block(),
        block(prompt="a cave"),
        block(seed=8),
        block(strength=0.75),
        block(prompt=long),
        block(picture=leads.picture(side=64).crop((0, 0, 37, 50)), box=Box(0, 0, 37, 50)),
    ]
    drawn = [pixels(one) for one in engine.draw(many, silent)]
    assert drawn[5].shape == (50, 37, 3)
    for one in drawn[1:5]:
        assert np.abs(one - drawn[0]).max() > 0
    for number, asked in enumerate(many):  # none acts on its neighbours
        (alone,) = engine.draw([asked], silent)
        assert np.abs(pixels(alone) - drawn[number]).max() <= 2


def test_words_are_encoded_once(pipeline: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from studio.diffusion import long_prompts

    engine, told = diffusion_engine.load(pipeline, SETTINGS), list[str]()
    whole = long_prompts.encoded

    def counted(pipeline: Any, text: str, count: int) -> Any:
        told.append(text)
        return whole(pipeline, text, count)

    monkeypatch.setattr(long_prompts, "encoded", counted)
    for _ in range(3):
        engine.draw([block(), block(left=48, prompt="a cave")], silent)
    assert sorted(told) == ["a cave", "a gem", "blur"]


def test_neighbours_begin_from_the_same_noise(pipeline: Any) -> None:
    engine = diffusion_engine.load(pipeline, replace(SETTINGS, strength=1.0))
    latents = torch.zeros(2, 4, 8, 8)
    one, other = engine._noise([block(), block(left=32)], latents, 1.0)
    assert torch.equal(one[:, :, 4:], other[:, :, :4])


def test_a_tile_is_drawn_larger_and_scaled_back(pipeline: Any) -> None:
    engine = diffusion_engine.load(pipeline, replace(SETTINGS, drawn=128))
    (drawn,) = engine.draw([block()], silent)
    assert pixels(drawn).shape == (64, 64, 3)
    (plain,) = diffusion_engine.load(pipeline, SETTINGS).draw([block()], silent)
    assert np.abs(pixels(drawn) - pixels(plain)).max() > 0


def test_a_stop_comes_through_within_a_step(pipeline: Any) -> None:
    engine, told = diffusion_engine.load(pipeline, SETTINGS), list[tuple[int, int]]()

    class Stop(Exception):
        pass

    def stop(step: int, steps: int) -> None:
        told.append((step, steps))
        if len(told) > 10:
            raise Stop

    with pytest.raises(Stop):
        engine.draw([block()], stop)
    assert told[-1][0] < 2 and {steps for _, steps in told} == {2}
    assert not any(module._forward_pre_hooks for module in pipeline.unet.modules())
    told.clear()
    engine.draw([block()], lambda step, steps: told.append((step, steps)))
    assert told[-1] == (2, 2)


def test_numbers_that_run_over_are_none_and_full_precision_mends_half(pipeline: Any) -> None:
    half = make_base("sdxl")
    half.set_progress_bar_config(disable=True)
    half.unet.to(torch.bfloat16)
    before = {name: weight.clone() for name, weight in half.unet.state_dict().items()}
    engine = diffusion_engine.load(half, SETTINGS)
    (fine,) = engine.draw([block(full_precision=True)], silent)
    assert pixels(fine).shape == (64, 64, 3)
    after = half.unet.state_dict()
    assert all(torch.equal(after[name], weight) for name, weight in before.items())
    with torch.no_grad():
        half.unet.float()
        half.unet.conv_out.weight.fill_(float("nan"))
    assert engine.draw([block()], silent) == [None]


def test_the_practice_base_draws_tiles_with_and_without_alpha() -> None:
    made = load_pipeline(find_base("pocket"), torch.device("cpu"))
    see_through = leads.picture()
    see_through.putalpha(Image.new("L", (64, 64), 0))
    see_through.paste((200, 20, 20, 255), (16, 16, 48, 48))
    one = block(picture=see_through, prompt="a red potion")
    (kept,) = diffusion_engine.load(made, SETTINGS).draw([one], silent)
    (drawn,) = diffusion_engine.load(made, replace(SETTINGS, alpha="drawn")).draw([one], silent)
    assert pixels(kept).shape == (64, 64, 3) and pixels(drawn).shape == (64, 64, 4)
    assert pixels(drawn)[..., 3].min() < 128


def test_what_can_not_be_used_is_refused_at_the_door(
    pipeline: Any, folder: Path, tmp_path: Path
) -> None:
    from tests.diffusion.test_control_files import WHO, XL

    control_intake.add(tmp_path, "tile", str(folder / "tile"), kind="tile", family="sdxl", **WHO)
    control_intake.add(
        tmp_path, "pose", str(folder / "tile"), kind="openpose", family="sdxl", **WHO
    )
    asked = replace(SETTINGS, controlnet="tile")
    diffusion_engine.check(tmp_path, asked, XL)
    diffusion_engine.check(tmp_path, replace(asked, seam_strength=0.1), XL)  # there is no such pass
    for changes, base, said in (
        ({}, "somebody/some-diffusion", "is for SDXL"),
        ({}, "pocket", "is for SDXL"),
        ({"controlnet": "pose"}, XL, "made by hand"),
        ({"controlnet": "gone"}, XL, "no ControlNet"),
        ({"control": 2.0}, XL, "control is 2"),
        ({"control_start": 0.6, "control_end": 0.5}, XL, "control acts from"),
        ({"sampler": "magic"}, XL, "no sampler 'magic'"),
        ({"strength": 0.1}, XL, "strength is 0.1, which leaves none of 4 steps"),
        ({"seam": True, "seam_strength": 0.1}, XL, "seam_strength is 0.1"),
        ({"reference": "0" * 64}, XL, "takes no reference picture"),
        ({"reference": "0" * 64, "ip_adapter": "gone"}, XL, "no ControlNet or IP-Adapter 'gone'"),
        ({"adapters": tuple((f"s{k}", 1, 1.0) for k in range(5))}, XL, "6 LoRAs"),
    ):
        with pytest.raises(StudioError, match=said):
            diffusion_engine.check(tmp_path, replace(asked, **changes), base)
    for others, said in (
        ({"props-2": (tmp_path / "gone.safetensors", 1.0)}, "no adapter file"),
        ({"props.2": (tmp_path / "gone.safetensors", 1.0)}, "dot"),
        ({f"p-{k}": (tmp_path, 1.0) for k in range(5)}, "6 LoRAs"),
    ):
        with pytest.raises(StudioError, match=said):
            diffusion_engine.load(pipeline, SETTINGS, others=others)
    with pytest.raises(StudioError, match="leaves none"):
        diffusion_engine.load(pipeline, replace(SETTINGS, strength=0.1))


@pytest.mark.parametrize("name", ["", *samplers.SAMPLERS])
def test_every_sampler_draws(pipeline: Any, name: str) -> None:
    engine = diffusion_engine.load(pipeline, replace(SETTINGS, sampler=name))
    (drawn,) = engine.draw([block()], silent)
    assert pixels(drawn).std() > 0
