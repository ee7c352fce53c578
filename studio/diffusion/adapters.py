"""LoRA adapters on a pipeline: checked before they are loaded, switched off at strength 0."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.diffusion.lora_names import MAGNITUDE
from studio.diffusion.weight_shapes import PARTS, TEXT
from studio.errors import StudioError

STYLE = "style"  # the name of the style's own adapter on a pipeline


def check_adapter(file: Path, unet: Any, texts: Mapping[str, Any] | None = None) -> None:
    """Refuse a file that is no safetensors, no LoRA, or does not fit `unet`. Loads no weights.

    `texts` are the text encoders, by their names in the pipeline.
    """
    from safetensors import SafetensorError, safe_open

    if not file.is_file():
        raise StudioError(f"There is no adapter file {file}.", "Train the version again.")
    shapes: dict[str, list[int]] = {}
    try:
        with safe_open(file, framework="pt") as opened:
            for name in opened.keys():
                shapes[name] = list(opened.get_slice(name).get_shape())
    except (SafetensorError, OSError) as error:
        raise StudioError(
            f"{file} is not a whole safetensors file: {error}", "Give a LoRA in safetensors."
        ) from error
    downs = {n: s for n, s in shapes.items() if n.endswith(".lora_A.weight")}
    if not downs:
        raise StudioError(f"{file} holds no LoRA weights.", "Give a LoRA in diffusers' layout.")
    parts = {
        part: dict(model.named_modules())
        for part, model in {"unet": unet, **(texts or {})}.items()
        if model is not None
    }
    for name, shape in downs.items():
        part, _, place = name.removesuffix(".lora_A.weight").partition(".")
        up = shapes.get(name.replace(".lora_A.", ".lora_B."))
        modules = parts.get(part, {})
        # Newer text encoders have no "text_model." before their modules' names; files do.
        module = modules.get(place) or modules.get(place.removeprefix(TEXT))
        weight = getattr(getattr(module, "base_layer", module), "weight", None)
        if weight is None:
            raise StudioError(
                f"{file} names {part}.{place}, which the base lacks.", "Use its own base."
            )
        want = list(weight.shape)
        if up is None or shape[1] != want[1] or up[0] != want[0] or up[1] != shape[0]:
            raise StudioError(
                f"{file}: {place} is of shape {shape} and {up}, the base's is {want}.",
                "Use the base that it was trained on.",
            )
        length = shapes.get(f"{part}.{place}{MAGNITUDE}")
        if length is not None and math.prod(length) != want[0]:
            raise StudioError(
                f"{file}: {place} has {math.prod(length)} magnitudes, the base {want[0]} outputs.",
                "Use the base that it was trained on.",
            )


def attach(pipeline: Any, file: Path, name: str = STYLE) -> None:
    """Load the adapter under `name`, in place of one of that name. Raises StudioError."""
    texts = {part: getattr(pipeline, part, None) for part in PARTS if part != "unet"}
    check_adapter(file, pipeline.unet, texts)
    if name in getattr(pipeline.unet, "peft_config", {}):
        pipeline.delete_adapters(name)
    pipeline.load_lora_weights(str(file.parent), weight_name=file.name, adapter_name=name)
    pipeline.unet.eval()


def attach_only(pipeline: Any, others: Mapping[str, Path]) -> None:
    """Have exactly `others` attached beside the style's own adapter; those that are stay."""
    for name in set(getattr(pipeline.unet, "peft_config", {})) - {STYLE, *others}:
        pipeline.delete_adapters(name)
    for name, file in others.items():
        if name not in getattr(pipeline.unet, "peft_config", {}):
            attach(pipeline, file, name)


def check_strength(value: float) -> float:
    """The same strength, or StudioError."""
    if not math.isfinite(value) or not -2 <= value <= 2:
        raise StudioError(f"strength is {value}.", "Give -2 to 2; 1 is as trained.")
    return value


def set_strength(pipeline: Any, strength: float, others: Mapping[str, float] | None = None) -> None:
    """Let the style's adapter act at `strength`, and `others` at theirs, by name.

    Those at 0 do not act at all; where none acts, the base's own picture comes back.
    """
    strengths = {STYLE: strength, **(others or {})}
    for value in strengths.values():
        check_strength(value)
    acting = {name: value for name, value in strengths.items() if value}
    if not acting:
        pipeline.disable_lora()
        return
    pipeline.enable_lora()
    pipeline.set_adapters(list(acting), list(acting.values()))
