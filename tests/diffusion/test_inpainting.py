"""A part of a picture drawn anew: outside, latents stay as diffusers' inpainting has them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.diffusion import img2img
from studio.diffusion.img2img import Start
from studio.diffusion.sampling import Draw, draw_pictures
from studio.diffusion.sizes import Size
from tests.diffusion.conftest import make_base, make_stable_diffusion

DRAW = Draw(steps=4, guidance=3, width=64, height=64)


@pytest.fixture(scope="module")
def pipeline() -> Any:
    made = make_stable_diffusion()
    made.set_progress_bar_config(disable=True)
    return made


def half() -> tuple[Image.Image, Image.Image]:
    """A picture of noise and a mask of its right half."""
    pixels = np.random.default_rng(3).integers(0, 256, (64, 64, 4), np.uint8)
    pixels[..., 3] = 255
    mask = Image.new("L", (64, 64), 0)
    mask.paste(255, (32, 0, 64, 64))
    return Image.fromarray(pixels, "RGBA"), mask


@pytest.mark.parametrize(
    ("family", "scheduler"),
    [
        ("sd1", "PNDMScheduler"),
        ("sd1", "EulerDiscreteScheduler"),
        ("sdxl", "EulerDiscreteScheduler"),
    ],
)
def test_a_real_base_draws_what_diffusers_inpainting_draws(family: str, scheduler: str) -> None:
    import diffusers

    one = make_base(family)
    one.scheduler = getattr(diffusers, scheduler).from_config(one.scheduler.config)
    one.set_progress_bar_config(disable=True)
    picture, mask = half()
    start = Start(picture, 0.75, "#808080", "lanczos", mask)
    (ours,) = draw_pictures(one, ["a red potion"], [7], DRAW, start=start)
    _, latents = img2img.begin(one, start, Size(64, 64))
    theirs: Any
    if family == "sdxl":
        theirs = diffusers.StableDiffusionXLInpaintPipeline(**one.components, add_watermarker=False)
    else:
        theirs = diffusers.StableDiffusionInpaintPipeline(
            **one.components, requires_safety_checker=False
        )
    theirs.set_progress_bar_config(disable=True)
    with torch.inference_mode():
        (drawn,) = theirs(
            prompt=["a red potion"],
            negative_prompt=[""],
            image=latents,
            masked_image_latents=latents,  # of no use to such a UNet, and asked for
            mask_image=torch.from_numpy(np.array(mask, np.float32) / 255)[None, None],
            strength=0.75,
            num_inference_steps=4,
            guidance_scale=3,
            height=64,
            width=64,
            generator=[torch.Generator().manual_seed(7)],
        ).images
    assert np.abs(np.asarray(ours, int) - np.asarray(drawn, int)).max() <= 1
    whole = Start(picture, 0.75, "#808080", "lanczos")
    (other,) = draw_pictures(one, ["a red potion"], [7], DRAW, start=whole)
    assert np.abs(np.asarray(ours, int) - np.asarray(other, int)).max() > 5


def test_each_picture_of_a_batch_keeps_its_own_noise_outside(pipeline: Any) -> None:
    picture, mask = half()
    start = Start(picture, 0.75, "#808080", "lanczos", mask)
    both = draw_pictures(pipeline, ["a gem", "a ring"], [7, 8], DRAW, start=start)
    (alone,) = draw_pictures(pipeline, ["a ring"], [8], DRAW, start=start)
    assert np.abs(np.asarray(both[1], int) - np.asarray(alone, int)).max() <= 1


@pytest.mark.parametrize("filter", ["nearest", "lanczos"])
@pytest.mark.parametrize("size", [(64, 64), (200, 150)])
def test_a_thin_line_of_a_mask_is_never_lost(filter: str, size: tuple[int, int]) -> None:
    mask = Image.new("L", size, 0)
    mask.paste(1, (size[0] // 2, 0, size[0] // 2 + 1, size[1]))
    cells = img2img.anew(mask, torch.zeros(1, 4, 8, 8), Size(64, 64), filter)
    assert cells.shape == (1, 1, 8, 8) and set(cells.unique().tolist()) == {0.0, 1.0}
    assert cells[0, 0, 4].sum() in (1, 2) and cells[0, 0, :, :3].sum() == 0
