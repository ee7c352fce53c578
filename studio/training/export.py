"""The trained adapter as a file: safetensors in diffusers' layout, with rank, alpha, rsLoRA and
DoRA of each part of the base in the header."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.diffusion.lora_names import MAGNITUDE
from studio.diffusion.weight_shapes import named
from studio.store.publish import publishing

if TYPE_CHECKING:
    import torch

FILE = "pytorch_lora_weights.safetensors"


def lora_tensors(model: Any, part: str = "unet") -> dict[str, torch.Tensor]:
    """The adapter's tensors under peft's own names; diffusers' renaming drops convolutions.

    Text encoders' always with `text_model.` before them, as files have it, and a DoRA's
    magnitudes with `.weight` behind them, as transformers wants it.
    """
    from peft.utils import get_peft_model_state_dict

    found = {}
    for name, value in get_peft_model_state_dict(model).items():
        whole = name.removesuffix(MAGNITUDE.removesuffix(".weight"))
        name = name if whole == name else whole + MAGNITUDE
        found[named(part, name)] = value.detach().cpu().float().contiguous()
    return found


def write_lora(
    folder: Path,
    tensors: dict[str, torch.Tensor],
    unet: Any,
    about: dict[str, str],
    texts: Mapping[str, Any] | None = None,
) -> Path:
    """Publish the adapter file; `about` goes into the header as text.

    `texts` are the text encoders by their names in the pipeline; those that did not learn are
    left out. Raises StudioError where it can't be written.
    """
    from diffusers.loaders.lora_base import LORA_ADAPTER_METADATA_KEY
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    lora: dict[str, Any] = {}
    for part, model in {"unet": unet, **(texts or {})}.items():
        if any(name.startswith(f"{part}.") for name in tensors):
            lora |= {f"{part}.{key}": value for key, value in _settings(model).items()}
    header = {"format": "pt", LORA_ADAPTER_METADATA_KEY: json.dumps(lora, sort_keys=True), **about}
    remedy = "Make room on the disk, then go on with --resume; the last checkpoint is kept."
    with publishing(folder / FILE, remedy=remedy, errors=(SafetensorError,)) as aside:
        save_file(tensors, aside, metadata=header)
    return folder / FILE


def _settings(model: Any) -> dict[str, Any]:
    """What peft needs to know of the adapter on `model`, as JSON can hold it."""
    trained: dict[str, Any] = model.peft_config["default"].to_dict()
    # peft keeps modules as a set. Dropout would act again on whoever loads the file: diffusers
    # adds the modules in training mode.
    trained |= {"target_modules": sorted(trained["target_modules"]), "lora_dropout": 0.0}
    plain = (str, int, float, bool, list, dict, type(None))
    return {key: value for key, value in trained.items() if isinstance(value, plain)}
