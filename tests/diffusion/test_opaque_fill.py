"""Holes of a texture: filled with the picture itself, and no longer left by a base that knows
sprites alone."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.diffusion import bases, opaque_fill
from studio.diffusion.sampling import Draw, draw_pictures


@pytest.fixture(scope="module")
def pipeline() -> Any:
    return bases.load_pipeline(bases.find_base("pocket"), torch.device("cpu"))


def holed(side: int = 24) -> np.ndarray:
    """A blot of a few colours in a corner, soft at its border, on nothing."""
    random = np.random.default_rng(2)
    pixels = np.zeros((side, side, 4), np.uint8)
    pixels[:9, :7, :3] = random.choice([40, 120, 200], (9, 7, 3))
    pixels[:9, :7, 3] = 255
    pixels[9, :7] = (255, 0, 255, 90)
    return pixels


def test_what_is_empty_gets_the_picture_s_own_colours_wherever_it_is_rolled() -> None:
    pixels = holed()
    found = np.asarray(opaque_fill.closed(Image.fromarray(pixels)))
    seen = pixels[..., 3] >= 128
    assert (found[..., 3] == 255).all() and (found[seen] == pixels[seen]).all()
    own = {tuple(one) for one in pixels[seen]}
    assert {tuple(one) for one in found.reshape(-1, 4)} <= own
    moved = np.roll(pixels, (5, 11), (0, 1))
    again = np.asarray(opaque_fill.closed(Image.fromarray(moved)))
    assert (again == np.roll(found, (5, 11), (0, 1))).all()


def test_nothing_stays_nothing_and_a_single_pixel_fills_all() -> None:
    empty = Image.new("RGBA", (16, 16), (9, 9, 9, 0))
    assert opaque_fill.closed(empty).tobytes() == empty.tobytes()
    empty.putpixel((3, 4), (10, 20, 30, 200))
    assert set(opaque_fill.closed(empty).getdata()) == {(10, 20, 30, 255)}


def test_latent_pictures_are_laid_over_themselves() -> None:
    pixels = torch.from_numpy(holed()).permute(2, 0, 1)[None] / 127.5 - 1
    laid = opaque_fill.laid_over_itself(pixels)
    assert (laid[:, 3] == 1).all()
    seen = pixels[:, 3:] == 1
    assert torch.allclose(laid[:, :3] * seen, pixels[:, :3] * seen)
    moved = opaque_fill.laid_over_itself(torch.roll(pixels, (5, 11), (2, 3)))
    assert torch.allclose(moved, torch.roll(laid, (5, 11), (2, 3)), atol=1e-5)


def test_the_practice_base_draws_textures_without_holes(pipeline: Any) -> None:
    prompts, seeds = ["a stone wall", "blue water"], [1, 1]

    def open_share(fill: str) -> list[float]:
        draw = Draw(steps=12, seamless="both", fill=fill)
        drawn = draw_pictures(pipeline, prompts, seeds, draw)
        return [float((np.asarray(one)[..., 3] < 128).mean()) for one in drawn]

    assert max(open_share("")) > 0.3
    assert open_share("opaque") == [0.0, 0.0]


@pytest.mark.parametrize("kind", ["epsilon", "sample", "v_prediction"])
def test_what_a_base_means_is_made_opaque_whatever_it_predicts(pipeline: Any, kind: str) -> None:
    from diffusers import DDIMScheduler

    scheduler = DDIMScheduler.from_config(pipeline.scheduler.config, prediction_type=kind)
    scheduler.set_timesteps(4)
    kept, pipeline.scheduler = pipeline.scheduler, scheduler
    taken = inspect.signature(scheduler.step)
    try:
        with torch.inference_mode(), opaque_fill.steered(pipeline, "opaque"):
            assert inspect.signature(scheduler.step) == taken  # by which pipelines pass seeds on
            draws = torch.Generator().manual_seed(0)
            noise, output = torch.randn((2, 1, 16, 8, 8), generator=draws)
            meant = scheduler.step(output, scheduler.timesteps[0], noise).pred_original_sample
            alpha = pipeline.vae.decode(meant, return_dict=False)[0][:, 3]
    finally:
        pipeline.scheduler = kept
    assert alpha.mean() > 0.9
    assert "step" not in vars(scheduler)
