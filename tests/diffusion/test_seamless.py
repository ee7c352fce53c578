"""Seamless pictures: rolled noise gives the rolled picture, on every kind of base, and the warm
pipeline draws plain ones afterwards as if nothing had been."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.diffusion import bases, encoded, img2img, seamless
from studio.diffusion.img2img import Start
from studio.diffusion.sampling import Draw, check_draw, draw_pictures
from studio.diffusion.sizes import Size
from studio.errors import StudioError
from studio.training import loop
from studio.training.config import TrainConfig
from tests.rounding import same_tensor

CPU = torch.device("cpu")
# Cells of the latents that one of the UNet's coarsest covers.
CELLS = {"pocket": 2, "sd1": 4, "sdxl": 4}


@pytest.fixture(scope="module")
def pipeline_of(folder_of: Callable[[str], Path]) -> Callable[[str], Any]:
    loaded: dict[str, Any] = {}

    def get(family: str) -> Any:
        if family not in loaded:
            place = "pocket" if family == "pocket" else str(folder_of(family))
            loaded[family] = bases.load_pipeline(bases.find_base(place), CPU)
        return loaded[family]

    return get


def models(pipeline: Any) -> tuple[Any, Any]:
    return pipeline.unet, pipeline.vae


def pixels(pipeline: Any, noise: torch.Tensor, way: str) -> torch.Tensor:
    """What is drawn of this noise [1, c, h, w]."""
    side = noise.shape[-1] * pipeline.vae_scale_factor
    with seamless.circular(models(pipeline), way), torch.inference_mode():
        drawn = pipeline(
            ["a wall"],
            latents=noise.clone(),
            width=side,
            height=side,
            num_inference_steps=3,
            guidance_scale=3.0,
            output_type="latent",
        ).images
        return pipeline.vae.decode(drawn / pipeline.vae.config.scaling_factor, return_dict=False)[0]


def rolled(tensor: torch.Tensor, by: int, way: str) -> torch.Tensor:
    wide, high = seamless.wraps(way)
    return torch.roll(tensor, (by * high, by * wide), (2, 3))


@pytest.mark.parametrize("way", ["x", "y", "both"])
@pytest.mark.parametrize("family", ["pocket", "sd1", "sdxl"])
def test_rolled_noise_gives_the_rolled_picture(
    family: str, way: str, pipeline_of: Callable[[str], Any]
) -> None:
    pipeline, cells = pipeline_of(family), CELLS[family]
    shape = (1, pipeline.unet.config.in_channels, 8, 8)
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(3))
    one = pixels(pipeline, noise, way)
    other = pixels(pipeline, rolled(noise, cells, way), way)
    assert (other - rolled(one, cells * pipeline.vae_scale_factor, way)).abs().max() < 1e-4
    plain = pixels(pipeline, rolled(noise, cells, way), "")
    assert (plain - rolled(pixels(pipeline, noise, ""), cells, way)).abs().max() > 1e-2


@pytest.mark.parametrize("family", ["pocket", "sd1"])
def test_the_autoencoder_reads_over_the_edges_too(
    family: str, pipeline_of: Callable[[str], Any]
) -> None:
    pipeline = pipeline_of(family)
    by = 2 * pipeline.vae_scale_factor  # a downsampling of SD's pads on two sides alone
    side = 8 * pipeline.vae_scale_factor
    channels = pipeline.vae.config.in_channels
    picture = torch.rand((1, channels, side, side), generator=torch.Generator().manual_seed(1))
    for way in ("x", "y", "both"):
        with seamless.circular(models(pipeline), way), torch.inference_mode():
            one = encoded.latents_of(pipeline.vae, picture)
            other = encoded.latents_of(pipeline.vae, rolled(picture, by, way))
        assert same_tensor(other, rolled(one, 2, way), 1e-4)


@pytest.mark.parametrize("kind", ["lora", "dora"])
def test_adapters_on_convolutions_read_over_the_edges(kind: str) -> None:
    pipeline = bases.load_pipeline(bases.find_base("pocket"), CPU)
    torch.manual_seed(4)
    config = TrainConfig(rank=2, adapter=kind, targets="convolutions")
    unet = loop.add_lora(pipeline.unet, config).eval()
    for name, weight in unet.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.02)
    noise = torch.randn((1, 16, 8, 8), generator=torch.Generator().manual_seed(3))
    one = pixels(pipeline, noise, "both")
    other = pixels(pipeline, rolled(noise, 2, "both"), "both")
    assert same_tensor(other, rolled(one, 2 * 4, "both"), 1e-4)


@pytest.mark.parametrize("family", ["pocket", "sd1"])
def test_a_plain_picture_after_a_seamless_one_has_its_bytes(
    family: str, pipeline_of: Callable[[str], Any]
) -> None:
    pipeline = pipeline_of(family)

    def drawn(way: str = "", fill: str = "", **how: Any) -> bytes:
        draw = Draw(steps=2, guidance=3.0, seamless=way, fill=fill)
        return draw_pictures(pipeline, ["a wall"], [7], draw, **how)[0].tobytes()

    def stop(*at: int) -> None:
        raise KeyboardInterrupt

    cold = drawn()
    assert drawn("both", "opaque") != cold
    assert drawn() == cold
    with pytest.raises(KeyboardInterrupt):
        drawn("x", "opaque", step=stop)
    assert drawn() == cold
    changed = [name for model in models(pipeline) for one in model.modules() for name in vars(one)]
    assert "_conv_forward" not in changed and "step" not in vars(pipeline.scheduler)


def test_tiled_decoding_is_off_meanwhile(pipeline_of: Callable[[str], Any]) -> None:
    pipeline = pipeline_of("sd1")
    pipeline.vae.use_tiling = True
    try:
        with seamless.circular(models(pipeline), "x"):
            assert not pipeline.vae.use_tiling
        assert pipeline.vae.use_tiling
    finally:
        pipeline.vae.use_tiling = False


def test_a_side_that_would_be_cut_out_is_refused() -> None:
    assert check_draw(Draw(width=30, height=32, seamless="y")).seamless == "y"
    with pytest.raises(StudioError, match="width is 30, and a seamless picture's is a multiple of"):
        check_draw(Draw(width=30, height=32, seamless="both"))
    with pytest.raises(StudioError, match="seamless is 'z'"):
        check_draw(Draw(seamless="z"))
    with pytest.raises(StudioError, match="fill is 'full'"):
        check_draw(Draw(fill="full"))


def test_a_picture_to_begin_from_is_stretched_over_its_edges() -> None:
    picture = Image.effect_noise((20, 40), 90).convert("RGBA")
    start = Start(picture, 0.5, "#808080", "lanczos")

    def laid(one: Image.Image, way: str) -> np.ndarray:
        return img2img.prepared(Start(one, 0.5, "#808080", "lanczos"), Size(40, 40), True, way)

    plain = img2img.prepared(start, Size(40, 40), True)
    assert (plain[3, :, :8] == -1).all()  # the border that centres it
    for way, by in (("x", (0, 5)), ("y", (5, 0)), ("both", (5, 5))):
        moved = Image.fromarray(np.roll(np.asarray(picture), by, (0, 1)))
        there = np.roll(laid(picture, way), (by[0], 2 * by[1]), (1, 2))
        assert np.abs(laid(moved, way) - there).max() <= 2.1 / 127.5
    same = Image.effect_noise((40, 40), 90).convert("RGBA")
    assert (laid(same, "both") == laid(same, "")).all()
