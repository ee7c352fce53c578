"""ControlNets and IP-Adapters for tests: of the real classes, small and random, loud enough to be
seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file

from studio.diffusion import torchvision_compat  # noqa: F401

EMBEDDING = (4, 8, 8, 16)  # one width more than Stable Diffusion's autoencoder halves a side


def picture(seed: int = 3, side: int = 64) -> Image.Image:
    """Opaque noise in large squares."""
    small = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
    large = Image.fromarray(small, "RGB").resize((side, side), Image.Resampling.NEAREST)
    return large.convert("RGBA")


def control_folder(
    folder: Path, unet: Any, *, channels: int = 3, embedding: tuple[int, ...] = EMBEDDING, seed: int
) -> Path:
    """A ControlNet of the UNet's shape in diffusers' layout; with seed 0 a fresh one, which changes
    nothing."""
    from studio.diffusion import controls

    torch.manual_seed(seed)
    net = controls.fresh(unet, channels, embedding)
    if seed:
        with torch.no_grad():
            for name, weight in net.named_parameters():
                if name.startswith(("controlnet_down", "controlnet_mid")) or "conv_out" in name:
                    torch.nn.init.normal_(weight, std=0.3)
    net.save_pretrained(folder)
    return folder


def weights_of(folder: Path) -> str:
    """Where its safetensors lies."""
    return str(folder / "diffusion_pytorch_model.safetensors")


def config_of(folder: Path) -> str:
    """Its config.json as text."""
    return (folder / "config.json").read_text("utf-8")


def ip_adapter(folder: Path, unet: Any, seed: int = 5, wide: int = 16) -> Path:
    """An IP-Adapter for the UNet as ip-adapter.safetensors, and its encoder in image_encoder/."""
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    torch.manual_seed(seed)
    cross = unet.config.cross_attention_dim
    tensors = {
        "image_proj.proj.weight": torch.randn(4 * cross, wide),
        "image_proj.proj.bias": torch.randn(4 * cross),
        "image_proj.norm.weight": torch.ones(cross),
        "image_proj.norm.bias": torch.zeros(cross),
    }
    modules, number = dict(unet.named_modules()), 1
    for name in unet.attn_processors:
        if name.endswith("attn2.processor"):
            hidden = modules[name.removesuffix(".processor")].to_k.out_features
            for side in ("k", "v"):
                tensors[f"ip_adapter.{number}.to_{side}_ip.weight"] = torch.randn(hidden, cross)
            number += 2
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / "ip-adapter.safetensors")
    config = CLIPVisionConfig(
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        projection_dim=wide,
        image_size=32,
        patch_size=8,
    )
    CLIPVisionModelWithProjection(config).save_pretrained(folder / "image_encoder")
    return folder


def reference(folder: Path, shown: Image.Image, scale: float = 0.8) -> Any:
    """The same as `studio.diffusion.ip_adapters` takes it."""
    from studio.diffusion.ip_adapters import Reference

    encoder = folder / "image_encoder"
    config = json.dumps(json.loads((encoder / "config.json").read_text("utf-8")))
    weights, seen = folder / "ip-adapter.safetensors", encoder / "model.safetensors"
    return Reference(shown, str(weights), str(seen), config, scale)
