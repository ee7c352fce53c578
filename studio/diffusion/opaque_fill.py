"""Textures without holes, from bases that were taught sprites and leave most of a picture empty.

Two things, and what is empty is filled with the picture itself in both: it is laid over rolled
copies of itself, whose colours and grain are its own and which fit at the edges as it does. While a
picture takes shape (`steered`) that is done to what the base means to draw at each step, and its
alpha set to opaque: the base then draws on over all of it. What it leaves open still is filled at
the end (`closed`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from studio.diffusion.encoded import latents_of
from studio.errors import StudioError

if TYPE_CHECKING:
    import torch

OPAQUE = "opaque"
FILLS = ("", OPAQUE)  # as it is drawn, without holes
COPIES = 24  # that a picture is laid over while it takes shape
MOST_COPIES = 240
AT_ONCE = 4  # pictures that are decoded and encoded together
# Each copy lies far from those before it: the sequence R2 of Roberts, "The unreasonable
# effectiveness of quasirandom sequences" (2018).
ACROSS, DOWN = 0.7548776662466927, 0.5698402909980532
SHAPED = 0.7  # of the noise's times: what is drawn later keeps to what is there


def check(fill: str) -> str:
    """The same fill; StudioError where it is none."""
    if fill not in FILLS:
        raise StudioError(f"fill is {fill!r}.", f"Give {OPAQUE}, or nothing.")
    return fill


def closed(picture: Image.Image) -> Image.Image:
    """An RGBA picture without holes: each pixel that is seen to less than one half is that of the
    first copy that is seen there, every other opaque. It stays as it is where nothing is seen."""
    pixels = np.array(picture.convert("RGBA"))
    seen = pixels[..., 3] >= 128
    if seen.any():
        found, there = pixels.copy(), seen.copy()
        for number in range(1, MOST_COPIES):
            if there.all():
                break
            by = _shift(number, picture.height, picture.width)
            new = np.roll(seen, by, (0, 1)) & ~there
            found[new] = np.roll(pixels, by, (0, 1))[new]
            there |= new
        found[~there] = np.median(pixels[seen], axis=0)
        found[..., 3] = 255
        return Image.fromarray(found, "RGBA")
    return picture


@contextmanager
def steered(pipeline: Any, fill: str) -> Iterator[None]:
    """The pipeline draws opaque pictures within, where the base draws alpha; afterwards it is as
    it was. Works on the scheduler's step, so before any solver."""
    from studio.diffusion.bases import draws_alpha

    scheduler = pipeline.scheduler
    if not check(fill) or not draws_alpha(pipeline):
        yield
        return
    step = scheduler.step

    @wraps(step)  # pipelines look at what it takes
    def opaque(
        output: torch.Tensor, timestep: Any, sample: torch.Tensor, *more: Any, **how: Any
    ) -> Any:
        if float(timestep) >= SHAPED * scheduler.config.num_train_timesteps:
            output = _meant_opaque(pipeline, output, timestep, sample)
        return step(output, timestep, sample, *more, **how)

    scheduler.step = opaque
    try:
        yield
    finally:
        del scheduler.step


def _meant_opaque(
    pipeline: Any, output: torch.Tensor, timestep: Any, sample: torch.Tensor
) -> torch.Tensor:
    """The UNet's `output` [n, c, h, w], changed so that the picture which it means is opaque.

    With a the signal's share and s the noise's, x = a x0 + s e, and a prediction is e, x0 or
    v = a e - s x0 (Salimans and Ho 2022).
    """
    scheduler, kind = pipeline.scheduler, pipeline.scheduler.config.prediction_type
    at = min(round(float(timestep)), len(scheduler.alphas_cumprod) - 1)
    share = scheduler.alphas_cumprod[at].to(output.device, output.dtype)
    a, s = share.sqrt(), (1 - share).sqrt()
    # Where a schedule counts in sigmas, this brings the sample to the form above.
    x = scheduler.scale_model_input(sample, timestep)
    meant = {
        "epsilon": lambda: (x - s * output) / a,
        "sample": lambda: output,
        "v_prediction": lambda: a * x - s * output,
    }[kind]()
    filled = _opaque_latents(pipeline.vae, meant)
    noise = (x - a * filled) / s
    return {"epsilon": noise, "sample": filled, "v_prediction": a * noise - s * filled}[kind]


def _opaque_latents(vae: Any, latents: torch.Tensor) -> torch.Tensor:
    """Latents [n, c, h, w] of the pictures of these without what shows through."""
    import torch

    done = []
    for part in (latents / vae.config.scaling_factor).to(vae.dtype).split(AT_ONCE):
        pixels = laid_over_itself(vae.decode(part, return_dict=False)[0])
        done.append(latents_of(vae, pixels.clamp(-1, 1)))
    return torch.cat(done).to(latents)


def laid_over_itself(pixels: torch.Tensor, copies: int = COPIES) -> torch.Tensor:
    """Pixels [n, 4, h, w] in -1 to 1, over rolled copies of themselves, and those over their mean
    colour: alpha is 1 everywhere."""
    import torch

    alpha = ((pixels[:, 3:] + 1) / 2).clamp(0, 1)
    colour = pixels[:, :3] * alpha
    laid, covered = colour, alpha
    for number in range(1, copies):
        by = _shift(number, *pixels.shape[-2:])
        laid = laid + (1 - covered) * torch.roll(colour, by, (2, 3))
        covered = covered + (1 - covered) * torch.roll(alpha, by, (2, 3))
    mean = colour.sum((2, 3), keepdim=True) / alpha.sum((2, 3), keepdim=True).clamp_min(1e-3)
    return torch.cat([laid + (1 - covered) * mean, torch.ones_like(alpha)], 1)


def _shift(number: int, height: int, width: int) -> tuple[int, int]:
    """How far down and to the right the copy of this number, from 1, is rolled, in pixels."""
    return round(height * (number * DOWN % 1)), round(width * (number * ACROSS % 1))
