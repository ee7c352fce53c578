"""LoRA files for tests, and what each adds to the weights: as read here, and in diffusers."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

import studio.diffusion.torchvision_compat  # noqa: F401  first
from studio.diffusion import lora_files, lora_scales
from studio.diffusion.base_shapes import shapes_of
from studio.diffusion.lora_files import Lora
from studio.settings import POCKET

CASES = Path(__file__).parent / "loras"
SHAPES = shapes_of(POCKET)
BLOCK = "unet.down_blocks.1.attentions.0.transformer_blocks.0"
TO_Q, TO_K = f"{BLOCK}.attn1.to_q", f"{BLOCK}.attn2.to_k"
KOHYA_Q = "lora_unet_" + TO_Q.removeprefix("unet.").replace(".", "_")


def case(name: str) -> Path:
    return CASES / f"{name}.safetensors"


def deltas(lora: Lora) -> dict[str, np.ndarray]:
    """What is added to each weight, as a matrix."""
    return {
        name: pair.scale * pair.up.reshape(-1, pair.rank) @ pair.down.reshape(pair.rank, -1)
        for name, pair in lora.pairs.items()
    }


@cache
def unet() -> Any:
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel.from_pretrained(POCKET / "unet")


def in_diffusers(file: Path) -> dict[str, np.ndarray]:
    """The same as plain diffusers loads the file."""
    from diffusers.loaders.lora_pipeline import StableDiffusionLoraLoaderMixin as Loader

    model = unet()
    state, alphas, metadata = Loader.lora_state_dict(
        str(file.parent),
        weight_name=file.name,
        unet_config=model.config,
        return_lora_metadata=True,
    )
    Loader.load_lora_into_unet(state, alphas, model, adapter_name="given", metadata=metadata)
    found = weights_added(model, "given")
    model.delete_adapters("given")
    return found


def weights_added(model: Any, adapter: str, before: str = "") -> dict[str, np.ndarray]:
    return {
        f"unet.{name.removeprefix(before)}": module.get_delta_weight(adapter)
        .detach()
        .numpy()
        .reshape(module.out_features if hasattr(module, "out_features") else -1, -1)
        for name, module in model.named_modules()
        if adapter in getattr(module, "lora_A", {})
    }


def same(got: dict[str, np.ndarray], want: dict[str, np.ndarray]) -> None:
    assert got.keys() == want.keys() and want
    for name, value in want.items():
        assert np.abs(value).max() > 1e-4, name
        np.testing.assert_allclose(got[name], value.reshape(got[name].shape), rtol=1e-4, atol=1e-6)


def some(rank: int = 2, kind: Any = np.float32, seed: int = 0) -> dict[str, np.ndarray]:
    """A pair under kohya's name, without alpha."""
    rng = np.random.default_rng(seed)
    out, inner = SHAPES.modules[TO_Q]
    down, up = rng.standard_normal((rank, inner)), rng.standard_normal((out, rank))
    return {
        f"{KOHYA_Q}.lora_down.weight": down.astype(kind),
        f"{KOHYA_Q}.lora_up.weight": up.astype(kind),
    }


def read(folder: Path, tensors: dict[str, np.ndarray], told: dict[str, str] | None = None) -> Lora:
    save_file(tensors, folder / "a.safetensors", metadata=told)
    return lora_files.read(folder / "a.safetensors", SHAPES)


def header(**told: Any) -> dict[str, str]:
    return {lora_scales.HEADER: json.dumps(told)}


def peft_named() -> dict[str, np.ndarray]:
    down, up = some().values()
    return {f"{TO_Q}.lora_A.weight": down, f"{TO_Q}.lora_B.weight": up}
