"""The settings of a training: one table, three presets, and where each value may come from.

Precedence: flag, environment (`TRAIN_*`), `.env`, YAML file, preset. Unknown keys are refused.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from studio.diffusion import bundled_bases, families
from studio.errors import StudioError, nearest
from studio.settings import dotenv
from studio.training import config_file, setting_values
from studio.training.config_file import Given


@dataclass(frozen=True)
class TrainConfig:
    """One training. Learning rate is per optimizer step, sizes in pixels, intervals in steps."""

    base: str = bundled_bases.DEFAULT
    trigger_word: str = "<GameStyle>"
    targets: str = "attention,feed-forward,convolutions"
    rank: int = 16
    alpha: float = 16.0
    dropout: float = 0.0
    adapter: str = "lora"
    train_text_encoder: bool = False
    text_encoder_learning_rate: float = 0.0
    ema_decay: float = 0.0
    learning_rate: float = 2e-3
    lr_scheduler: str = "cosine"
    warmup_steps: int = 20
    batch_size: int = 32
    gradient_accumulation_steps: int = 1
    max_train_steps: int = 500
    save_every_n_steps: int = 100
    preview_every_n_steps: int = 100
    caption_dropout: float = 0.1
    optimizer: str = "adamw"
    weight_decay: float = 0.01
    max_grad_norm: float = 1.0
    min_snr_gamma: float = 5.0
    noise_offset: float = 0.0
    prediction_type: str = "auto"
    zero_terminal_snr: bool = False
    mixed_precision: str = "no"
    gradient_checkpointing: bool = False
    xformers: bool = False
    compile: bool = False
    largest_batch: bool = False
    smaller_batch_when_full: bool = True
    flip: bool = False
    resolution: int = 0
    aspect_buckets: bool = False
    transparent_weight: float = 1.0
    repeats: str = ""
    balance: bool = False
    tag_shuffle: bool = False
    keep_tags: int = 1
    instance_prompt: str = ""
    class_prompt: str = ""
    class_pictures: int = 100
    prior_weight: float = 1.0
    seed: int = 0
    held_out: float = 0.1
    check_every_n_steps: int = 0
    early_stopping: int = 0
    choose_best: bool = True


# The practice base learns from nothing but pictures of 32 px: fast steps, far ones. Its fast
# preset is the first run, about two minutes: all pictures teach, and nothing is measured between.
PRACTICE: dict[str, dict[str, Any]] = {
    "fast": {
        "max_train_steps": 200,
        "rank": 64,
        "alpha": 64.0,
        "learning_rate": 3e-3,
        "held_out": 0.0,
    },
    "balanced": {"max_train_steps": 600, "rank": 64, "alpha": 64.0, "learning_rate": 3e-3},
    "quality": {"max_train_steps": 2000, "rank": 64, "alpha": 64.0},
}
# Ranks, steps and rates that art teams train Stable Diffusion with on 50 pictures and more.
REAL: dict[str, Any] = {
    "targets": "attention,feed-forward",
    "batch_size": 2,
    "mixed_precision": "auto",
    "save_every_n_steps": 250,
    "preview_every_n_steps": 250,
}
PRESETS: dict[str, dict[str, Any]] = {
    "fast": REAL | {"rank": 16, "alpha": 16.0, "max_train_steps": 1500, "learning_rate": 2e-4},
    "balanced": REAL | {"rank": 32, "alpha": 32.0, "max_train_steps": 3000, "learning_rate": 1e-4},
    "quality": REAL | {"rank": 64, "alpha": 64.0, "max_train_steps": 5000, "learning_rate": 5e-5},
}
# 2.x draws 768 px, SDXL 1,024: they keep to 12 GB of a GPU.
SPARING: dict[str, Any] = {"gradient_checkpointing": True, "mixed_precision": "auto"}
LARGE: dict[str, Any] = SPARING | {"batch_size": 1, "optimizer": "adamw8bit"}
PRESETS_2 = {name: values | SPARING for name, values in PRESETS.items()}
PRESETS_XL = {name: values | LARGE for name, values in PRESETS.items()}
PRESETS_XL["quality"] |= {"rank": 32, "alpha": 32.0}
BY_FAMILY = {
    families.PRACTICE: PRACTICE,
    families.SD1: PRESETS,
    families.SD2: PRESETS_2,
    families.SDXL: PRESETS_XL,
}


def load_config(
    preset: str = "balanced",
    file: Path | None = None,
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    *,
    trigger_word: str = TrainConfig.trigger_word,
    repeats: str = TrainConfig.repeats,
) -> TrainConfig:
    """The settings in force; a preset's depend on the base, which any of the others may name.
    `trigger_word` is the style's and `repeats` are the dataset's, where nothing names others.

    Raises StudioError naming an unknown key or a value out of bounds.
    """
    if preset not in PRESETS:
        raise StudioError(f"There is no preset {preset}.", f"Use one of {', '.join(PRESETS)}.")
    given = config_file.read(file) if file else []
    surroundings = {**dotenv(), **(os.environ if environment is None else environment)}
    for name, text in surroundings.items():
        if name.startswith("TRAIN_"):
            given.append(Given(name.removeprefix("TRAIN_").lower(), text, name))
    given += [Given(k, v, k) for k, v in (flags or {}).items() if v is not None]
    kinds = {f.name: type(f.default) for f in fields(TrainConfig)}
    values: dict[str, Any] = {}
    for one in given:
        if one.name == config_file.TYPE:
            continue
        if one.name not in kinds:
            raise StudioError(
                f"There is no training setting {one.called}.",
                f"{nearest(one.name, kinds)}Known are: {', '.join(kinds)}.",
            )
        values[one.name] = setting_values.read(one.name, one.value, kinds[one.name], one.called)
    base = values.get("base", TrainConfig.base)
    for one in given:
        if one.name == config_file.TYPE:
            config_file.check_type(one, base)
    values.setdefault("trigger_word", trigger_word)
    values.setdefault("repeats", repeats)
    config = TrainConfig(**{**BY_FAMILY[families.family_of(base)][preset], **values})
    if config.class_prompt and not config.instance_prompt:
        raise StudioError(
            f"class_prompt is {config.class_prompt!r}, and there is no instance_prompt.",
            "Give what your pictures show as instance_prompt, such as: herochar knight.",
        )
    return config


def on_this_machine(config: TrainConfig, device: str) -> tuple[TrainConfig, list[str]]:
    """The settings that `device` can do, and a sentence for each that was replaced."""
    said = []
    if config.optimizer == "adamw8bit" and not (device == "cuda" and _installed("bitsandbytes")):
        said.append(f"8-bit AdamW needs CUDA and bitsandbytes; on {device} AdamW is used.")
        config = replace(config, optimizer="adamw")
    if config.largest_batch and device != "cuda":
        said.append(f"The largest batch is found by trial on a GPU; on {device} batch_size stays.")
        config = replace(config, largest_batch=False)
    if config.xformers and not (device == "cuda" and _installed("xformers")):
        said.append(f"xformers is not to be had on {device}; PyTorch's own attention is used.")
        config = replace(config, xformers=False)
    if config.mixed_precision == "auto":
        config = replace(config, mixed_precision=_precision(device))
    if config.mixed_precision == "fp16" and device == "cpu":
        said.append("fp16 training needs a GPU; on cpu fp32 is used.")
        config = replace(config, mixed_precision="no")
    return config, said


def _precision(device: str) -> str:
    """bf16 where the GPU computes in it (NVIDIA since Ampere), fp16 on older ones, else fp32."""
    if device != "cuda":
        return "no"
    import torch

    return "bf16" if torch.cuda.get_device_capability()[0] >= 8 else "fp16"


def as_params(config: TrainConfig) -> dict[str, str]:
    """The settings as MLflow wants them."""
    return {name: str(value) for name, value in asdict(config).items()}


def _installed(module: str) -> bool:
    import importlib.util

    return importlib.util.find_spec(module) is not None
