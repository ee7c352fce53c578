"""The settings of a training: one table, three presets, and where each value may come from.

Precedence: flag, environment (`TRAIN_*`), `.env`, YAML file, preset. Unknown keys are refused.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import yaml
from dotenv import dotenv_values

from studio.diffusion import bundled_bases, families
from studio.errors import StudioError
from studio.settings import CHECKOUT
from studio.text import decoding


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

# The YAML file's groups, as art teams' own training files have them.
GROUPS: dict[str, dict[str, str]] = {
    "model": {"base": "base", "type": "", "trigger_word": "trigger_word"},
    "lora": {
        n: n
        for n in (
            "rank",
            "alpha",
            "dropout",
            "targets",
            "adapter",
            "train_text_encoder",
            "text_encoder_learning_rate",
            "ema_decay",
        )
    },
    "character": {
        n: n for n in ("instance_prompt", "class_prompt", "class_pictures", "prior_weight")
    },
    "training": {
        n: n
        for n in (
            "learning_rate",
            "batch_size",
            "gradient_accumulation_steps",
            "max_train_steps",
            "save_every_n_steps",
            "preview_every_n_steps",
            "caption_dropout",
            "flip",
            "seed",
        )
    },
    "optimization": {
        n: n for n in ("optimizer", "lr_scheduler", "warmup_steps", "max_grad_norm", "weight_decay")
    },
    "pictures": {
        n: n
        for n in (
            "resolution",
            "aspect_buckets",
            "transparent_weight",
            "repeats",
            "balance",
            "tag_shuffle",
            "keep_tags",
        )
    },
    "regularization": {
        n: n for n in ("min_snr_gamma", "noise_offset", "prediction_type", "zero_terminal_snr")
    },
    "checks": {n: n for n in ("held_out", "check_every_n_steps", "early_stopping", "choose_best")},
    "hardware": {
        n: n
        for n in (
            "mixed_precision",
            "gradient_checkpointing",
            "xformers",
            "compile",
            "largest_batch",
            "smaller_batch_when_full",
        )
    },
}

CHOICES = {
    "adapter": ("lora", "rslora", "dora"),
    "optimizer": ("adamw", "adamw8bit", "adafactor", "prodigy"),
    "mixed_precision": ("auto", "no", "fp16", "bf16"),
    "prediction_type": ("auto", "epsilon", "v_prediction"),
    "lr_scheduler": (
        "constant",
        "constant_with_warmup",
        "linear",
        "cosine",
        "cosine_with_restarts",
        "polynomial",
    ),
}
TARGETS = ("attention", "feed-forward", "convolutions")
LEAST = {"rank": 1, "batch_size": 1, "gradient_accumulation_steps": 1, "max_train_steps": 1}


def load_config(
    preset: str = "balanced",
    file: Path | None = None,
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> TrainConfig:
    """The settings in force; a preset's depend on the base, which any of the others may name.

    Raises StudioError naming an unknown key or a value out of bounds.
    """
    if preset not in PRESETS:
        raise StudioError(f"There is no preset {preset}.", f"Use one of {', '.join(PRESETS)}.")
    values: dict[str, Any] = dict(_from_yaml(file) if file else {})
    dotenv = {k: v for k, v in dotenv_values(CHECKOUT / ".env").items() if v is not None}
    surroundings = {**dotenv, **(os.environ if environment is None else environment)}
    for name, text in surroundings.items():
        if name.startswith("TRAIN_"):
            values[name.removeprefix("TRAIN_").lower()] = text
    values.update({k: v for k, v in (flags or {}).items() if v is not None})
    family = families.family_of(str(values.get("base", TrainConfig.base)))
    values = {**BY_FAMILY[family][preset], **values}
    kinds = {f.name: type(f.default) for f in fields(TrainConfig)}
    for name, value in values.items():
        if name not in kinds:
            raise StudioError(
                f"There is no training setting {name}.", f"Known are: {', '.join(kinds)}."
            )
        values[name] = _typed(name, value, kinds[name])
    return _checked(TrainConfig(**values))


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


def repeats_of(text: str) -> dict[str, float]:
    """How often a category's pictures are seen an epoch: "ships=2,rocks=0.5". StudioError."""
    found = {}
    for part in (part for part in text.split(",") if part.strip()):
        category, _, times = part.rpartition("=")
        try:
            found[category.strip()] = float(times)
        except ValueError:
            times = ""
        if not times.strip() or not 0 <= found[category.strip()] <= 1000:
            raise StudioError(
                f"repeats has {part.strip()!r}.", "Write category=times, such as ships=2,rocks=0.5."
            )
    return found


def _installed(module: str) -> bool:
    import importlib.util

    return importlib.util.find_spec(module) is not None


def _from_yaml(file: Path) -> dict[str, Any]:
    try:
        read = yaml.safe_load(decoding.read_text(file).text) or {}
    except yaml.YAMLError as error:
        raise StudioError(f"{file} can't be read: {error}", "Give a YAML file.") from error
    if not isinstance(read, dict):
        raise StudioError(f"{file} holds no groups.", f"Use the groups {', '.join(GROUPS)}.")
    found: dict[str, Any] = {}
    for group, entries in read.items():
        if group not in GROUPS or not isinstance(entries, dict):
            raise StudioError(
                f"{file} has a group {group!r}.", f"Known groups are: {', '.join(GROUPS)}."
            )
        for name, value in entries.items():
            if name not in GROUPS[group]:
                raise StudioError(
                    f"{file} has {group}.{name}.", f"{group} knows {', '.join(GROUPS[group])}."
                )
            if name == "type" and value not in ("sd15", "stable-diffusion", "sd1"):
                raise StudioError(f"{file} asks for model type {value!r}.", "Use sd15.")
            if GROUPS[group][name]:
                found[GROUPS[group][name]] = value
    return found


def _typed(name: str, value: Any, kind: type) -> Any:
    try:
        if kind is bool:
            words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
            return value if isinstance(value, bool) else words[str(value).lower()]
        if isinstance(value, bool):
            raise ValueError(value)
        if kind is int and float(value) != int(float(value)):
            raise ValueError(value)
        return int(float(value)) if kind is int else kind(value)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise StudioError(
            f"{name} is {value!r}.", f"Give a value of type {kind.__name__}."
        ) from error


def _checked(config: TrainConfig) -> TrainConfig:
    for name, choices in CHOICES.items():
        if getattr(config, name) not in choices:
            raise StudioError(
                f"{name} is {getattr(config, name)!r}.", f"Use one of {', '.join(choices)}."
            )
    for target in config.targets.split(","):
        if target.strip() not in TARGETS:
            raise StudioError(f"targets names {target!r}.", f"Known are {', '.join(TARGETS)}.")
    for field in fields(TrainConfig):
        value = getattr(config, field.name)
        if isinstance(value, (int, float)) and value < LEAST.get(field.name, 0):
            raise StudioError(
                f"{field.name} is {value}.", f"Give at least {LEAST.get(field.name, 0)}."
            )
    if not 0 < config.learning_rate < 1:
        raise StudioError(
            f"learning_rate is {config.learning_rate}.", "Give a value between 0 and 1, about 1e-4."
        )
    for name in ("dropout", "caption_dropout", "ema_decay", "text_encoder_learning_rate"):
        if getattr(config, name) >= 1:
            raise StudioError(f"{name} is {getattr(config, name)}.", "Give a share below 1.")
    if config.resolution and not 8 <= config.resolution <= 4096:
        raise StudioError(
            f"resolution is {config.resolution}.", "Give 8 to 4096 pixels, or 0 for the base's own."
        )
    if config.transparent_weight > 1:
        raise StudioError(
            f"transparent_weight is {config.transparent_weight}.", "Give a share from 0 to 1."
        )
    repeats_of(config.repeats)
    if config.held_out > 0.5:
        raise StudioError(f"held_out is {config.held_out}.", "Give a share up to 0.5, 0: none.")
    if config.class_prompt and not config.instance_prompt:
        raise StudioError(
            f"class_prompt is {config.class_prompt!r}, and there is no instance_prompt.",
            "Give what your pictures show as instance_prompt, such as: herochar knight.",
        )
    if not config.trigger_word.strip():
        raise StudioError("trigger_word is empty.", "Give a word such as <GameStyle>.")
    return config
