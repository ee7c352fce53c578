"""Base models: where they are, what they may be used for, and the loaded pipeline.

A base is the bundled `pocket`, a folder in diffusers' layout, or a Hub id of the Stable
Diffusion 1.x family. SDXL and 2.x are refused here by name until training knows them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.errors import StudioError
from studio.settings import POCKET

if TYPE_CHECKING:
    import torch

# Licence and whether pictures made with it may be sold; from the models' own cards.
LICENCES = {
    "stable-diffusion-v1-5/stable-diffusion-v1-5": ("CreativeML OpenRAIL-M", True),
    "runwayml/stable-diffusion-v1-5": ("CreativeML OpenRAIL-M", True),
    "CompVis/stable-diffusion-v1-4": ("CreativeML OpenRAIL-M", True),
}


@dataclass(frozen=True)
class Base:
    """A base by its place. `commercial` is None where the licence is not known."""

    name: str
    path: str
    licence: str
    commercial: bool | None


def find_base(name: str) -> Base:
    """The base called `name`: `pocket`, a folder, or a Hub id. Loads nothing."""
    if name == "pocket":
        return Base("pocket", str(POCKET), "CC0-1.0", True)
    folder = Path(name).expanduser()
    if folder.exists():
        if not (folder / "model_index.json").is_file():
            raise StudioError(
                f"{name} has no model_index.json.",
                "Give a folder in diffusers' layout, or convert the checkpoint to one.",
            )
        kind = json.loads((folder / "model_index.json").read_text()).get("_class_name", "")
        if kind != "StableDiffusionPipeline":
            raise StudioError(
                f"{name} is a {kind or 'unknown pipeline'}.", "Use Stable Diffusion 1.x."
            )
        return Base(name, str(folder.resolve()), "unknown", None)
    if name.count("/") != 1 or name.startswith((".", "/", "~")):
        raise StudioError(
            f"There is no base {name}.", "Use pocket, an existing folder, or a Hub id (owner/name)."
        )
    licence, commercial = LICENCES.get(name, ("unknown", None))
    return Base(name, name, licence, commercial)


def pick_device(wanted: str) -> torch.device:
    """The device for `auto`, `cpu`, `cuda` or `mps`. Raises StudioError where it is missing."""
    import torch

    here = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        return torch.device(next((name for name, there in here.items() if there), "cpu"))
    if not here.get(wanted, True):
        raise StudioError(f"This machine has no {wanted} device.", "Use STUDIO_DEVICE=auto or cpu.")
    return torch.device(wanted)


def load_pipeline(base: Base, device: torch.device) -> Any:
    """The base's pipeline on `device`, in fp32 on CPU and fp16 elsewhere."""
    from studio.diffusion import torchvision_compat  # noqa: F401, I001
    import torch
    from diffusers import StableDiffusionPipeline

    _quieten()
    dtype = torch.float32 if device.type == "cpu" else torch.float16
    try:
        pipeline = StableDiffusionPipeline.from_pretrained(
            base.path, dtype=dtype, safety_checker=None, requires_safety_checker=False
        )
    except (OSError, ValueError) as error:
        raise StudioError(
            f"The base {base.name} could not be loaded: {error}",
            "Check the folder, or the network where it is a Hub id.",
        ) from error
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to(device)


def native_size(pipeline: Any) -> int:
    """Pixels a side that the base draws best."""
    return int(pipeline.unet.config.sample_size * pipeline.vae_scale_factor)


def draws_alpha(pipeline: Any) -> bool:
    """True where the autoencoder has a fourth channel for alpha."""
    return int(pipeline.vae.config.out_channels) == 4


def _quieten() -> None:
    """No progress bars and hints of the libraries among our own lines."""
    import diffusers.utils.logging
    import transformers.utils.logging

    for library in (diffusers.utils.logging, transformers.utils.logging):
        library.disable_progress_bar()
        library.set_verbosity_error()
