"""The trained LoRA as files: safetensors in diffusers' layout, with its alpha in the header."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.errors import StudioError

if TYPE_CHECKING:
    import torch

FILE = "pytorch_lora_weights.safetensors"


def lora_tensors(unet: Any) -> dict[str, torch.Tensor]:
    """The adapter's tensors under peft's own names; diffusers' renaming drops convolutions."""
    from peft.utils import get_peft_model_state_dict

    return {
        f"unet.{name}": value.detach().cpu().float().contiguous()
        for name, value in get_peft_model_state_dict(unet).items()
    }


def write_lora(
    folder: Path, tensors: dict[str, torch.Tensor], unet: Any, about: dict[str, str]
) -> Path:
    """Write the adapter file aside and rename it; `about` goes into the header as text.

    Raises StudioError where it can't be written.
    """
    from diffusers.loaders.lora_base import LORA_ADAPTER_METADATA_KEY
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    trained: dict[str, Any] = unet.peft_config["default"].to_dict()
    # peft keeps modules as a set. Dropout would act again on whoever loads the file: diffusers
    # adds the modules in training mode.
    trained |= {"target_modules": sorted(trained["target_modules"]), "lora_dropout": 0.0}
    plain = (str, int, float, bool, list, dict, type(None))
    lora = {f"unet.{k}": v for k, v in trained.items() if isinstance(v, plain)}
    header = {"format": "pt", LORA_ADAPTER_METADATA_KEY: json.dumps(lora, sort_keys=True), **about}
    aside = folder / f".{FILE}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        save_file(tensors, aside, metadata=header)
        os.replace(aside, folder / FILE)
    except (SafetensorError, OSError) as error:
        aside.unlink(missing_ok=True)
        raise StudioError(
            f"{folder / FILE} could not be written: {error}",
            "Make room on the disk, then go on with --resume; the last checkpoint is kept.",
        ) from error
    return folder / FILE
