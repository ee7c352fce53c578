"""What a base is made of: the names and shapes of all weights that a LoRA can act on.

Read from the headers of its files; no weights are loaded and torch is not needed.
"""

from __future__ import annotations

import json
import os
import struct
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from studio.errors import StudioError

PARTS = ("unet", "text_encoder", "text_encoder_2")
TEXT = "text_model."  # what files put before a text encoder's modules; newer code leaves it out


@dataclass(frozen=True)
class Shapes:
    """A base's modules: "unet.conv_in" and so on, with the shape of the weight: [out, in] or
    [out, in, kh, kw]. `family` is sd1, sd2 or sdxl; `layers` the UNet's layers a block."""

    family: str
    layers: int
    modules: dict[str, tuple[int, ...]]

    @cached_property
    def attentive(self) -> set[str]:
        """The blocks with attention: "up_blocks.1" and so on."""
        split = (name.removeprefix("unet.").split(".") for name in self.modules)
        return {".".join(words[:2]) for words in split if words[2:3] == ["attentions"]}

    @cached_property
    def places(self) -> dict[str, str]:
        """Every name that files use for a module -> the module."""
        return {name: module for module in self.modules for name in names(module, self)}


def shapes_of(folder: Path) -> Shapes:
    """The shapes of a base in diffusers' layout. Raises StudioError."""
    modules: dict[str, tuple[int, ...]] = {}
    try:
        for part in PARTS:
            for file in sorted((folder / part).glob("*.safetensors")):
                for name, shape in _header(file).items():
                    path = name.removesuffix(".weight")
                    if path != name and len(shape) in (2, 4) and "embedding" not in _last(path):
                        modules[named(part, path)] = tuple(shape)
        config = json.loads((folder / "unet" / "config.json").read_text())
        wide, layers = config.get("cross_attention_dim"), int(config.get("layers_per_block", 2))
    except (OSError, ValueError, struct.error, TypeError, AttributeError) as error:
        raise StudioError(
            f"The base {folder} could not be read: {error}", "Copy or download the base again."
        ) from error
    if not any(name.startswith("unet.") for name in modules):
        raise StudioError(f"{folder} has no UNet in safetensors.", "Copy the base again.")
    two = any(name.startswith("text_encoder_2.") for name in modules)
    return Shapes("sdxl" if two else "sd2" if wide == 1024 else "sd1", layers, modules)


def shapes_of_base(path: str) -> Shapes:
    """The same for a base by the path that versions keep: a folder, or a Hub id that is kept on
    this machine. Nothing is fetched."""
    folder = Path(path)
    if not folder.is_dir():
        from huggingface_hub import snapshot_download

        try:
            folder = Path(snapshot_download(path, local_files_only=True))
        except (OSError, ValueError) as error:
            raise StudioError(
                f"The base {path} is not on this machine.",
                "Draw or train with it once, so that it is kept here, or give a folder.",
            ) from error
    return shapes_of(folder)


def named(part: str, path: str) -> str:
    """A module's name; a text encoder's always with what files put before it."""
    if part != "unet" and not path.startswith(TEXT) and path != "text_projection":
        path = TEXT + path
    return f"{part}.{path}"


def names(module: str, shapes: Shapes) -> list[str]:
    """What files call a module: kohya's name first, which is the one that we write."""
    part, _, path = module.partition(".")
    if part == "unet":
        block = ".".join(path.split(".")[:2])
        attentive = block in shapes.attentive
        ldm = to_ldm(path, shapes.layers, attentive)
        both = [ldm, path] if shapes.family == "sdxl" else [path, ldm]
        kohya = [f"lora_unet_{one.replace('.', '_')}" for one in both]
        return [*kohya, f"unet.{path}", f"diffusion_model.{ldm}", f"base_model.model.{path}"]
    heads = {"text_encoder_2": ["lora_te2_"]}.get(part) or (
        ["lora_te1_", "lora_te_"] if shapes.family == "sdxl" else ["lora_te_", "lora_te1_"]
    )
    return [
        *(head + path.replace(".", "_") for head in heads),
        f"{part}.{path}",
        f"{part}.{path.removeprefix(TEXT)}",
    ]


BASIC = {
    "conv_in": "input_blocks.0.0",
    "conv_out": "out.2",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
}
RESNET = {
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}


def to_ldm(path: str, layers: int, attentive: bool = True) -> str:
    """A UNet's module by the original code's name, which SDXL files of sd-scripts carry.

    `layers` is the number of resnets in a down block; an up block has one more. `attentive`:
    attention stands before the upsampler of its block.
    """
    if path in BASIC:
        return BASIC[path]
    words = path.split(".")
    if words[0] == "mid_block":
        inside = 1 if words[1] == "attentions" else 2 * int(words[2])
        return f"middle_block.{inside}.{_inner(words[1], words[3:])}"
    if words[0] not in ("down_blocks", "up_blocks"):
        return path
    block, kind, inner = int(words[1]), words[2], words[3:]
    first = block * (layers + 1)
    if words[0] == "down_blocks":
        if kind == "downsamplers":
            return f"input_blocks.{first + layers + 1}.0.op"
        place = f"input_blocks.{1 + first + int(inner[0])}"
    elif kind == "upsamplers":
        return f"output_blocks.{first + layers}.{2 if attentive else 1}.conv"
    else:
        place = f"output_blocks.{first + int(inner[0])}"
    return f"{place}.{1 if kind == 'attentions' else 0}.{_inner(kind, inner[1:])}"


def _inner(kind: str, words: list[str]) -> str:
    path = ".".join(words)
    return RESNET.get(path, path) if kind == "resnets" else path


def _last(path: str) -> str:
    return path.rsplit(".", 1)[-1]


def _header(file: Path) -> dict[str, Any]:
    with file.open("rb") as opened:
        (length,) = struct.unpack("<Q", opened.read(8))
        if length > os.path.getsize(file):
            raise ValueError(f"{file.name} is torn")
        read = json.loads(opened.read(length))
    return {name: about["shape"] for name, about in read.items() if name != "__metadata__"}
