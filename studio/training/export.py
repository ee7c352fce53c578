"""The trained LoRA as files: safetensors in diffusers' layout, with its alpha in the header."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

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


def write_lora(folder: Path, tensors: dict[str, torch.Tensor], unet: Any, about: dict[str, str]) -> Path:
    """Write the adapter file aside and rename it; `about` goes into the header as text."""
    from diffusers.loaders.lora_base import LORA_ADAPTER_METADATA_KEY
    from safetensors.torch import save_file

    lora = unet.peft_config["default"].to_dict()
    lora = {
        f"unet.{k}": sorted(v) if isinstance(v, set) else v
        for k, v in lora.items()
        if isinstance(v, (str, int, float, bool, list, set, dict, type(None)))
    }
    header = {"format": "pt", LORA_ADAPTER_METADATA_KEY: json.dumps(lora, sort_keys=True), **about}
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{FILE}.part"
    save_file(tensors, aside, metadata=header)
    os.replace(aside, folder / FILE)
    return folder / FILE
