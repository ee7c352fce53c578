"""Pictures from a pipeline. Picture k has a generator of its own, seed + k, so that a picture
does not depend on which others are drawn beside it, rounding at another batch size apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio.errors import StudioError

if TYPE_CHECKING:
    from PIL import Image

BATCH = 16


@dataclass(frozen=True)
class Draw:
    """What is asked of the base: steps, guidance scale, negative prompt, size in pixels."""

    steps: int = 20
    guidance: float = 4.0
    negative: str = ""
    size: int | None = None


def check_draw(draw: Draw) -> Draw:
    """The same draw, or StudioError naming the setting that is out of its bounds."""
    bounds = (("steps", draw.steps, 1, 200), ("guidance", draw.guidance, 0, 50))
    for name, value, low, high in bounds:
        if not low <= value <= high:
            raise StudioError(f"{name} is {value}.", f"Give {low} to {high}.")
    return draw


def draw_pictures(
    pipeline: Any,
    prompts: list[str],
    seeds: list[int],
    draw: Draw,
    progress: Callable[[int, int], None] | None = None,
    step: Callable[[int, int], None] | None = None,
) -> list[Image.Image]:
    """One picture for each prompt with the seed beside it: RGBA where the base draws alpha.

    `progress` is told pictures done and asked for; `step` each step of a batch and how many there
    are, and may raise to stop the drawing.
    """
    import torch

    def stepped(pipeline: Any, index: int, time: Any, values: dict[str, Any]) -> dict[str, Any]:
        if step:
            step(index + 1, pipeline.num_timesteps)
        return values

    check_draw(draw)
    if len(prompts) != len(seeds):
        raise ValueError("prompts and seeds must be of one length")
    pictures: list[Image.Image] = []
    for start in range(0, len(prompts), BATCH):
        part = prompts[start : start + BATCH]
        generators = [torch.Generator().manual_seed(s) for s in seeds[start : start + BATCH]]
        with torch.inference_mode():
            made = pipeline(
                part,
                negative_prompt=[draw.negative] * len(part),
                num_inference_steps=draw.steps,
                guidance_scale=draw.guidance,
                height=draw.size,
                width=draw.size,
                generator=generators,
                callback_on_step_end=stepped,
            ).images
        pictures.extend(made)
        if progress:
            progress(len(pictures), len(prompts))
    return pictures
