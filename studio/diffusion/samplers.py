"""Samplers by the names that people know them by: how a picture is led out of noise, step by step.

Light: nothing here loads torch before a sampler is made.
"""

from __future__ import annotations

from typing import Any

from studio.errors import StudioError

# diffusers' class and its settings; "" is the base's own.
SAMPLERS: dict[str, tuple[str, dict[str, Any]]] = {
    "euler": ("EulerDiscreteScheduler", {}),
    "euler-ancestral": ("EulerAncestralDiscreteScheduler", {}),
    # Its own defaults are for pixels: latents go beyond -1 to 1, and end at the first step's share.
    "ddim": ("DDIMScheduler", {"clip_sample": False, "set_alpha_to_one": False}),
    "dpmpp-2m": ("DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++"}),
    "dpmpp-2m-karras": (
        "DPMSolverMultistepScheduler",
        {"algorithm_type": "dpmsolver++", "use_karras_sigmas": True},
    ),
    "unipc": ("UniPCMultistepScheduler", {}),
}


def check(name: str) -> str:
    """The same name; StudioError where there is no such sampler."""
    if name and name not in SAMPLERS:
        raise StudioError(
            f"There is no sampler {name[:40]!r}.",
            f"Samplers: {', '.join(SAMPLERS)}; none is the base's own.",
        )
    return name


def made(scheduler: Any, name: str) -> Any:
    """A sampler of this name with the noise schedule of `scheduler`; itself for ""."""
    if not check(name):
        return scheduler
    import diffusers

    kind, settings = SAMPLERS[name]
    return getattr(diffusers, kind).from_config(scheduler.config, **settings)
