"""A training's settings from a YAML file, in groups as art teams' own training files have them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio import yaml_files
from studio.diffusion import families
from studio.errors import StudioError, nearest
from studio.numbers import shown
from studio.text import decoding
from studio.training.setting_values import BOUNDS

TYPE = "type"  # of the base: a word of other trainers' files, for what the base itself tells here
GROUPS: dict[str, tuple[str, ...]] = {
    "model": ("base", TYPE, "trigger_word"),
    "lora": (
        "rank",
        "alpha",
        "dropout",
        "targets",
        "adapter",
        "train_text_encoder",
        "text_encoder_learning_rate",
        "ema_decay",
    ),
    "character": ("instance_prompt", "class_prompt", "class_pictures", "prior_weight"),
    "training": (
        "learning_rate",
        "batch_size",
        "gradient_accumulation_steps",
        "max_train_steps",
        "save_every_n_steps",
        "preview_every_n_steps",
        "caption_dropout",
        "flip",
        "seed",
    ),
    "optimization": ("optimizer", "lr_scheduler", "warmup_steps", "max_grad_norm", "weight_decay"),
    "pictures": (
        "resolution",
        "aspect_buckets",
        "transparent_weight",
        "repeats",
        "balance",
        "tag_shuffle",
        "keep_tags",
    ),
    "regularization": ("min_snr_gamma", "noise_offset", "prediction_type", "zero_terminal_snr"),
    "checks": ("held_out", "check_every_n_steps", "early_stopping", "choose_best"),
    "hardware": (
        "mixed_precision",
        "gradient_checkpointing",
        "xformers",
        "compile",
        "largest_batch",
        "smaller_batch_when_full",
    ),
}
EMPTY = ("repeats", "instance_prompt", "class_prompt")  # texts that may be
# The first row is what every file said before there were others, whatever its base.
TYPES = {
    **dict.fromkeys(("sd15", "sd1", "stable-diffusion"), ""),
    **dict.fromkeys(("sd2", "sd21"), families.SD2),
    "sdxl": families.SDXL,
}


@dataclass(frozen=True)
class Given:
    """A setting as somebody gave it; `called` is where it stands, for errors."""

    name: str
    value: Any
    called: str


def read(file: Path) -> list[Given]:
    """What a file says, each value as it stands there. StudioError names file and key where it
    can't be read, or has what is unknown. Groups that are empty say nothing."""
    usage = f"Use the groups {', '.join(GROUPS)}."
    text = decoding.read_text(file).text
    found = yaml_files.read(text, str(file), "Give a YAML file of settings.")
    if found is not None and not isinstance(found, Mapping):
        raise StudioError(f"{file} holds no groups, but {shown(found)}.", usage)
    return [
        _given(file, group, str(name), value)
        for group, entries in (found or {}).items()
        for name, value in _entries(file, str(group), entries).items()
    ]


def check_type(said: Given, base: str) -> None:
    """StudioError where a file's `type` is none, or another than its base's."""
    text = str(said.value).strip().lower()
    if text not in TYPES:
        raise StudioError(
            f"{said.called} is {shown(said.value)}.",
            f"Known are {', '.join(TYPES)}; leave it out, and the base decides.",
        )
    if TYPES[text] not in ("", families.family_of(base)):
        raise StudioError(
            f"{said.called} is {text}, and the base {base} is none.",
            f"Name a base of that type as model.base, or leave {TYPE} out: the base decides.",
        )


def _entries(file: Path, group: str, entries: Any) -> Mapping[Any, Any]:
    """What stands under a group."""
    if group not in GROUPS:
        within = next((g for g, names in GROUPS.items() if group in names), "")
        if within:
            raise StudioError(f"{file} has {group} outside of a group.", f"Put it under {within}:.")
        raise StudioError(
            f"{file} has a group {shown(group)}.",
            f"{nearest(group, GROUPS)}Known groups are: {', '.join(GROUPS)}.",
        )
    if entries is None:
        return {}
    if not isinstance(entries, Mapping):
        raise StudioError(
            f"{file}: {group} is {shown(entries)}.",
            f"It is a group: write settings under it, indented, such as {GROUPS[group][0]}: ...",
        )
    return entries


def _given(file: Path, group: str, name: str, value: Any) -> Given:
    """One line of a group."""
    called = f"{file}: {group}.{name}"
    if name not in GROUPS[group]:
        within = next((g for g, names in GROUPS.items() if name in names), "")
        near = f"It belongs into the group {within}. " if within else nearest(name, GROUPS[group])
        raise StudioError(
            f"{file} has {group}.{name[:80]}.", f"{near}{group} knows {', '.join(GROUPS[group])}."
        )
    if value is None and name not in EMPTY:
        raise StudioError(
            f"{called} has no value.", "Give one, or take the line out: then the preset's holds."
        )
    if name in BOUNDS and isinstance(value, str) and re.fullmatch(r"[+-]?0[0-9]+", value.strip()):
        raise StudioError(
            f"{called} is {value}, which some read as octal.", "Write it without the leading 0."
        )
    return Given(name, "" if value is None else value, called)
