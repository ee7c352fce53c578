"""Stable Diffusion 2.x and SDXL as bases: the studio draws what plain diffusers draws."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.diffusion import adapters, bases, lora_files
from studio.diffusion.base_shapes import shapes_of
from studio.diffusion.img2img import Start
from studio.diffusion.sampling import Draw, at_once, draw_pictures, in_tiles
from studio.diffusion.sizes import Size
from tests.diffusion.conftest import make_stable_diffusion
from tests.diffusion.test_interchange import random_lora
from tests.rounding import same_picture, same_tensor

CPU = torch.device("cpu")
DRAW = Draw(steps=3, guidance=5.0, negative="blur")
PROMPTS, SEEDS = ["a potion", "a book"], [5, 9]


def drawn(pipeline: Any, **how: Any) -> list[np.ndarray]:
    return [np.asarray(p) for p in draw_pictures(pipeline, PROMPTS, SEEDS, DRAW, **how)]


def by_diffusers(pipeline: Any, **how: Any) -> list[np.ndarray]:
    pipeline.set_progress_bar_config(disable=True)
    made = pipeline(
        PROMPTS,
        negative_prompt=["blur"] * 2,
        num_inference_steps=3,
        guidance_scale=5.0,
        generator=[torch.Generator().manual_seed(seed) for seed in SEEDS],
        **how,
    ).images
    return [np.asarray(picture) for picture in made]


@pytest.mark.parametrize("family", [pytest.param("sd2", marks=pytest.mark.slow), "sd2v", "sdxl"])
def test_pictures_and_adapters_are_those_of_plain_diffusers(
    family: str, folder_of: Callable[[str], Path], tmp_path: Path
) -> None:
    from diffusers import DiffusionPipeline

    folder = folder_of(family)
    ours = bases.load_pipeline(bases.find_base(str(folder)), CPU)
    assert not any(p.requires_grad for p in ours.unet.parameters())
    assert bases.native_size(ours) == 64 and not bases.draws_alpha(ours)
    bare = drawn(ours)
    given = random_lora(shapes_of(folder))
    lora_files.write(tmp_path / "a.safetensors", given, {})
    adapters.attach(ours, tmp_path / "a.safetensors")
    adapters.set_strength(ours, 1.0)
    styled = drawn(ours)
    adapters.set_strength(ours, 0.0)
    assert all((a == b).all() for a, b in zip(bare, drawn(ours), strict=True))
    plain = DiffusionPipeline.from_pretrained(folder)
    for part in (plain.unet, plain.vae, plain.text_encoder):
        part.requires_grad_(False)  # as in the studio: otherwise torch rounds another way
    assert all(same_picture(a, b) for a, b in zip(bare, by_diffusers(plain), strict=True))
    plain.load_lora_weights(str(tmp_path), weight_name="a.safetensors")
    assert all(same_picture(a, b) for a, b in zip(styled, by_diffusers(plain), strict=True))
    assert not any(same_picture(a, b) for a, b in zip(bare, styled, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("family", [pytest.param("sd2", marks=pytest.mark.slow), "sdxl"])
def test_a_drawing_that_begins_from_a_picture_is_that_of_diffusers(
    family: str, folder_of: Callable[[str], Path]
) -> None:
    from diffusers import AutoPipelineForImage2Image

    start = Image.effect_noise((64, 64), 90).convert("RGB")
    ours = bases.load_pipeline(bases.find_base(str(folder_of(family))), CPU)
    got = drawn(ours, start=Start(start, 0.7, "#000000", "nearest"))
    plain = AutoPipelineForImage2Image.from_pretrained(folder_of(family))
    for part in (plain.unet, plain.vae, plain.text_encoder):
        part.requires_grad_(False)

    class Mean:  # where diffusers draws from the distribution, the studio takes its middle
        def __init__(self, vae: Any) -> None:
            self.encode_ = vae.encode

        def __call__(self, pixels: torch.Tensor) -> Any:
            told = self.encode_(pixels)
            told.latent_dist.sample = lambda generator=None: told.latent_dist.mean
            return told

    plain.vae.encode = Mean(plain.vae)
    want = by_diffusers(plain, image=[start] * 2, strength=0.7)
    assert all(same_picture(a, b) for a, b in zip(want, got, strict=True))


def test_large_pictures_are_drawn_by_fewer() -> None:
    squares = [Size(side, side) for side in (32, 512, 768, 1024, 2048)]
    assert [at_once(16, size, 512) for size in squares] == [16, 16, 7, 4, 1]
    assert at_once(16, Size(1024, 512), 512) == at_once(16, Size(512, 1024), 512) == 8


def test_an_autoencoder_without_memory_for_the_whole_decodes_tiles() -> None:
    vae = make_stable_diffusion().vae
    draws = torch.Generator().manual_seed(0)
    latents = torch.randn(2, 4, 16, 16, generator=draws)
    with torch.inference_mode():
        tiles = in_tiles(vae, latents, 8)
        first = vae.decode(latents[:, :, :8, :8], return_dict=False)[0]
    assert tiles.shape == (2, 3, 128, 128)
    # A quarter of a tile runs into the next one.
    assert same_tensor(tiles[:, :, :48, :48], first[:, :, :48, :48])
    assert (vae.tile_latent_min_size, vae.tile_sample_min_size) == (8, 64)
