"""What a base is made of: the names and shapes of all weights that a LoRA can act on.

Read from the headers of its files; no weights are loaded and torch is not needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

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
        kohya = [f"lora_unet_{kohya_of(one)}" for one in both]
        # OneTrainer says 2.2.conv for the upsampler of a block without attention, too.
        omi = to_ldm(path, shapes.layers)
        dotted = (f"unet.{path}", f"unet.{ldm}", f"unet.{omi}", f"diffusion_model.{ldm}")
        return [*kohya, *dotted, path, f"base_model.model.{path}", f"lycoris_{kohya_of(path)}"]
    heads = {"text_encoder_2": ["lora_te2_"]}.get(part) or (
        ["lora_te1_", "lora_te_"] if shapes.family == "sdxl" else ["lora_te_", "lora_te1_"]
    )
    clip = "clip_g" if part == "text_encoder_2" else "clip_l"
    return [
        *(head + kohya_of(path) for head in heads),
        f"{part}.{path}",
        f"{part}.{path.removeprefix(TEXT)}",
        f"base_model.model.{path}",
        f"{clip}.{path}",  # OneTrainer's
        f"text_encoders.{clip}.transformer.{path}",  # ComfyUI's
    ]


def kohya_of(path: str) -> str:
    return path.replace(".", "_")


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


def from_ldm(path: str, layers: int) -> str:
    """The other way round: diffusers' name of a module by the original code's."""
    basic = {old: new for new, old in BASIC.items()}
    if path in basic:
        return basic[path]
    words = path.split(".")
    if words[0] == "middle_block":
        place = int(words[1])
        if place == 1:
            return f"mid_block.attentions.0.{'.'.join(words[2:])}"
        return f"mid_block.resnets.{place // 2}.{_outer(words[2:])}"
    if words[0] not in ("input_blocks", "output_blocks"):
        return path
    down = words[0] == "input_blocks"
    block, inside = divmod(int(words[1]) - down, layers + 1)
    side = "down_blocks" if down else "up_blocks"
    if words[3:] == ["op"]:
        return f"{side}.{block}.downsamplers.0.conv"
    if words[3:] == ["conv"]:
        return f"{side}.{block}.upsamplers.0.conv"
    if words[2] == "0":
        return f"{side}.{block}.resnets.{inside}.{_outer(words[3:])}"
    return f"{side}.{block}.attentions.{inside}.{'.'.join(words[3:])}"


def _outer(words: list[str]) -> str:
    path = ".".join(words)
    return next((new for new, old in RESNET.items() if old == path), path)


def _inner(kind: str, words: list[str]) -> str:
    path = ".".join(words)
    return RESNET.get(path, path) if kind == "resnets" else path


def last(path: str) -> str:
    return path.rsplit(".", 1)[-1]
