"""How a base's pictures are drawn where a training changed what the UNet predicts."""

from __future__ import annotations

import inspect
from typing import Any

TERMINAL = "rescale_betas_zero_snr"
GUIDANCE_RESCALE = 0.7  # Lin et al. 2024: without it guidance burns pictures out


def as_trained(pipeline: Any, prediction: str, zero_terminal: bool) -> None:
    """Let the pipeline draw, and a training noise, with this prediction ("auto": as it is) and,
    with `zero_terminal`, from noise alone at the first step (Lin et al. 2024)."""
    asked: dict[str, Any] = {}
    if prediction != "auto":
        asked["prediction_type"] = prediction
    kind = type(pipeline.scheduler)
    if zero_terminal:
        asked |= {TERMINAL: True, "timestep_spacing": "trailing"}
        if TERMINAL not in inspect.signature(kind.__init__).parameters:
            from diffusers import DDIMScheduler

            kind = DDIMScheduler
    if asked:
        pipeline.scheduler = kind.from_config(pipeline.scheduler.config, **asked)


def guidance(pipeline: Any) -> dict[str, float]:
    """What else the pipeline's call wants where its schedule ends in noise alone."""
    if getattr(pipeline.scheduler.config, TERMINAL, False):
        return {"guidance_rescale": GUIDANCE_RESCALE}
    return {}
