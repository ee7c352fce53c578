"""A LoRA in kohya's layout, which sd-scripts, ComfyUI and A1111 read, with what they show of it.

One scalar `.alpha` a module: readers scale by alpha / rank. Header values are all strings.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from studio.diffusion.lora_files import Lora, Pair
from studio.diffusion.stored_tensors import Array
from studio.diffusion.weight_shapes import Shapes, names
from studio.store.publish import publishing

ARCHITECTURE = {
    "sd1": "stable-diffusion-v1/lora",
    "sd2": "stable-diffusion-v2-512/lora",
    "sdxl": "stable-diffusion-xl-v1-base/lora",
}
VERSION = {"sd1": "sd_v1", "sd2": "sd_v2", "sdxl": "sdxl_base_v1-0"}


@dataclass(frozen=True)
class About:
    """What the header says of an adapter. `size` is pixels a side, `tags` how often each tag
    stands in the captions, `cover` a picture as PNG or JPEG, `velocity` v-prediction."""

    title: str
    base: str
    trigger_word: str = ""
    author: str = ""
    licence: str = ""
    date: str = ""
    size: int = 0
    dataset: str = ""
    tags: Mapping[str, int] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    cover: bytes = b""
    velocity: bool = False


def tensors_of(lora: Lora, shapes: Shapes) -> dict[str, Array]:
    """The tensors by kohya's names: lora_unet_..., lora_te_... or lora_te1_ and lora_te2_...

    Stable Diffusion 1 and 2 by diffusers' module names, SDXL by the original code's, as
    sd-scripts does. A DoRA's magnitude goes along as `dora_scale` [out, 1] or [out, 1, 1, 1].
    """
    found = {}
    for module, pair in _even(lora).items():
        name = names(module, shapes)[0]
        found[f"{name}.lora_down.weight"] = np.ascontiguousarray(pair.down)
        found[f"{name}.lora_up.weight"] = np.ascontiguousarray(pair.up)
        found[f"{name}.alpha"] = np.asarray(pair.scale * pair.rank, np.float32)
        if pair.magnitude is not None:
            flat = (-1, *[1] * (pair.down.ndim - 1))
            found[f"{name}.dora_scale"] = np.ascontiguousarray(pair.magnitude.reshape(flat))
    return found


def _even(lora: Lora) -> dict[str, Pair]:
    """The same with one rank and one alpha for each part of the base.

    Plain diffusers mixes them up otherwise, and with newer transformers loses the alphas of text
    encoders. What differs is evened out without changing the effect: zeros fill smaller ranks up,
    and the scale goes into `up`. A UNet that was trained in the usual way stays as it is.
    """
    even: dict[str, Pair] = {}
    for part in lora.parts:
        held = {n: p for n, p in lora.pairs.items() if n.startswith(f"{part}.")}
        if part == "unet" and len({(pair.rank, pair.scale) for pair in held.values()}) == 1:
            even |= held
            continue
        rank = max(pair.rank for pair in held.values())
        for module, pair in held.items():
            more = rank - pair.rank
            down = np.pad(pair.down, [(0, more)] + [(0, 0)] * (pair.down.ndim - 1))
            up = np.pad(pair.up, [(0, 0), (0, more)] + [(0, 0)] * (pair.up.ndim - 2))
            even[module] = Pair(down, up * np.float32(pair.scale), 1.0, pair.magnitude)
    return even


def header_of(lora: Lora, shapes: Shapes, about: About) -> dict[str, str]:
    """All of the header but the hashes."""
    pairs = _even(lora)
    convs = [p for p in pairs.values() if p.down.shape[2:] and max(p.down.shape[2:]) > 1]
    linear = [p for p in pairs.values() if not any(p is conv for conv in convs)] or convs
    first, family = linear[0], shapes.family
    arguments = {}
    if convs:
        alpha = convs[0].scale * convs[0].rank
        arguments = {"conv_dim": str(convs[0].rank), "conv_alpha": f"{alpha:g}"}
    given = about.settings
    found = {
        "format": "pt",
        "ss_network_module": "networks.lora",
        "ss_network_dim": str(first.rank),
        "ss_network_alpha": f"{first.scale * first.rank:g}",
        "ss_network_args": json.dumps(arguments),
        "ss_v2": str(family == "sd2"),
        "ss_base_model_version": VERSION[family] + ("_v" if about.velocity else ""),
        "ss_sd_model_name": about.base,
        "ss_output_name": about.title,
        "ss_resolution": f"({about.size}, {about.size})" if about.size else "",
        "ss_tag_frequency": json.dumps({about.dataset: dict(about.tags)} if about.tags else {}),
        "ss_datasets": json.dumps([{"subsets": [{"image_dir": about.dataset}]}])
        if about.dataset
        else "",
        "ss_steps": given.get("max_train_steps", ""),
        "ss_max_train_steps": given.get("max_train_steps", ""),
        "ss_learning_rate": given.get("learning_rate", ""),
        "ss_lr_scheduler": given.get("lr_scheduler", ""),
        "ss_optimizer": given.get("optimizer", ""),
        "ss_mixed_precision": given.get("mixed_precision", ""),
        "ss_seed": given.get("seed", ""),
        "ss_min_snr_gamma": given.get("min_snr_gamma", ""),
        "modelspec.sai_model_spec": "1.0.1",
        "modelspec.architecture": (
            "stable-diffusion-v2-768-v/lora"
            if family == "sd2" and about.velocity
            else ARCHITECTURE[family]
        ),
        "modelspec.implementation": (
            "https://github.com/Stability-AI/generative-models"
            if family == "sdxl"
            else "https://github.com/CompVis/stable-diffusion"
        ),
        "modelspec.title": about.title,
        "modelspec.author": about.author,
        "modelspec.license": about.licence,
        "modelspec.date": about.date,
        "modelspec.resolution": f"{about.size}x{about.size}" if about.size else "",
        "modelspec.trigger_phrase": about.trigger_word,
        "modelspec.prediction_type": "v" if about.velocity else "epsilon",
    }
    if about.cover:
        kind = "png" if about.cover.startswith(b"\x89PNG") else "jpeg"
        picture = base64.b64encode(about.cover).decode()
        found["modelspec.thumbnail"] = f"data:image/{kind};base64,{picture}"
        found["ssmd_cover_images"] = json.dumps([picture])
    return {key: value for key, value in found.items() if value}


def write(file: Path, lora: Lora, shapes: Shapes, about: About) -> None:
    """Publish the file. StudioError where it can't be written."""
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    tensors, header = tensors_of(lora, shapes), header_of(lora, shapes, about)
    with publishing(file, flush=False, errors=(SafetensorError,)) as aside:
        save_file(tensors, aside, metadata=header)
        digest = body_hash(aside)
        hashes = {"modelspec.hash_sha256": f"0x{digest}", "sshs_model_hash": digest}
        save_file(tensors, aside, metadata=header | hashes)


def body_hash(file: Path) -> str:
    """sha256 of all that follows the header, as modelspec and sd-scripts have it."""
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        opened.seek(8 + int.from_bytes(opened.read(8), "little"))
        while piece := opened.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
