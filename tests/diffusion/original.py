"""A pipeline's weights under the original code's names, as single files hold them."""

from __future__ import annotations

import re
from typing import Any

import torch

from studio.diffusion.weight_shapes import to_ldm

UNET_NORMS = {"conv_norm_out": "out.0", "norm1": "in_layers.0", "norm2": "out_layers.0"}


def single(pipeline: Any, family: str) -> dict[str, torch.Tensor]:
    """Everything that a single file of this base holds."""
    found = {f"model.diffusion_model.{k}": v for k, v in _unet(pipeline.unet).items()}
    found |= {f"first_stage_model.{k}": v for k, v in _autoencoder(pipeline.vae).items()}
    if family == "sd1":
        found |= _plain(pipeline.text_encoder, "cond_stage_model.transformer.")
    elif family == "sd2":
        found |= _open_clip(pipeline.text_encoder, "cond_stage_model.model.")
        # The layer that 2.x does not use, and its head.
        last = {k: v for k, v in found.items() if ".resblocks.1." in k}
        found |= {k.replace(".resblocks.1.", ".resblocks.23."): v * 0 for k, v in last.items()}
        found["cond_stage_model.model.text_projection"] = torch.zeros(1024, 1024)
    else:
        found |= _plain(pipeline.text_encoder, "conditioner.embedders.0.transformer.")
        found |= _open_clip(pipeline.text_encoder_2, "conditioner.embedders.1.model.")
    return {key: value.detach().clone().contiguous() for key, value in found.items()}


def _unet(unet: Any) -> dict[str, torch.Tensor]:
    found = {}
    for key, value in unet.state_dict().items():
        path, _, end = key.rpartition(".")
        block = unet.get_submodule(".".join(path.split(".")[:2])) if "." in path else None
        name = to_ldm(path, unet.config.layers_per_block, hasattr(block, "attentions"))
        head, _, last = name.rpartition(".")
        if path in UNET_NORMS:
            name = UNET_NORMS[path]
        elif ".resnets." in path and last in UNET_NORMS:
            name = f"{head}.{UNET_NORMS[last]}"
        found[f"{name}.{end}"] = value
    return found


def _autoencoder(vae: Any) -> dict[str, torch.Tensor]:
    found, blocks = {}, len(vae.config.block_out_channels)
    for key, value in vae.state_dict().items():
        name = re.sub(r"up_blocks\.(\d)", lambda m: f"up.{blocks - 1 - int(m[1])}", key)
        for old, new in (
            ("down_blocks.", "down."),
            (".downsamplers.0.", ".downsample."),
            (".upsamplers.0.", ".upsample."),
            ("mid_block.resnets.0", "mid.block_1"),
            ("mid_block.resnets.1", "mid.block_2"),
            ("mid_block.attentions.0", "mid.attn_1"),
            (".resnets.", ".block."),
            ("conv_shortcut", "nin_shortcut"),
            ("conv_norm_out", "norm_out"),
            ("group_norm", "norm"),
            ("to_q", "q"),
            ("to_k", "k"),
            ("to_v", "v"),
            ("to_out.0", "proj_out"),
        ):
            name = name.replace(old, new)
        attention = "mid.attn_1" in name and value.ndim == 2
        found[name] = value[:, :, None, None] if attention else value
    return found


def _plain(encoder: Any, start: str) -> dict[str, torch.Tensor]:
    return {
        f"{start}text_model.{key.removeprefix('text_model.')}": value
        for key, value in encoder.state_dict().items()
    }


def _open_clip(encoder: Any, start: str) -> dict[str, torch.Tensor]:
    held = {k.removeprefix("text_model."): v for k, v in encoder.state_dict().items()}
    found = {
        "token_embedding.weight": held["embeddings.token_embedding.weight"],
        "positional_embedding": held["embeddings.position_embedding.weight"],
        "ln_final.weight": held["final_layer_norm.weight"],
        "ln_final.bias": held["final_layer_norm.bias"],
    }
    if "text_projection.weight" in held:
        found["text_projection"] = held["text_projection.weight"].T
    for layer in range(encoder.config.num_hidden_layers):
        inner = f"encoder.layers.{layer}."
        outer = f"transformer.resblocks.{layer}."
        for end in ("weight", "bias"):
            found[f"{outer}attn.in_proj_{end}"] = torch.cat(
                [held[f"{inner}self_attn.{one}_proj.{end}"] for one in "qkv"]
            )
            for new, old in (
                ("attn.out_proj", "self_attn.out_proj"),
                ("mlp.c_fc", "mlp.fc1"),
                ("mlp.c_proj", "mlp.fc2"),
                ("ln_1", "layer_norm1"),
                ("ln_2", "layer_norm2"),
            ):
                found[f"{outer}{new}.{end}"] = held[f"{inner}{old}.{end}"]
    return {start + key: value for key, value in found.items()}
