"""What a training setting may be: how it is read, its bounds, what it can be chosen from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio import numbers
from studio.errors import StudioError, nearest

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
STEPS = 1_000_000  # a day at ten a second; no style took a tenth of it
REPEATS = 1000  # of a category in an epoch
# Of each number, the least and the most.
BOUNDS: dict[str, tuple[float, float]] = {
    "rank": (1, 1024),  # layers of SDXL are at most 1,280 wide: more would be the whole layer
    "alpha": (0, 4096),  # four times the highest rank
    "dropout": (0, 1),  # this and the other shares: below 1, see BELOW_ONE
    "text_encoder_learning_rate": (0, 1),
    "ema_decay": (0, 1),
    "learning_rate": (0, 1),
    "warmup_steps": (0, STEPS),
    "batch_size": (1, 4096),  # of the practice base, whose pictures are small, a GPU holds so many
    "gradient_accumulation_steps": (1, 4096),
    "max_train_steps": (1, STEPS),
    "save_every_n_steps": (0, STEPS),
    "preview_every_n_steps": (0, STEPS),
    "caption_dropout": (0, 1),
    "weight_decay": (0, 10),  # 0.01 to 0.1 are used; times the rate it is what a step takes away
    "max_grad_norm": (0, 1e9),  # 1 is used, and a huge one for none
    "min_snr_gamma": (0, 1000),  # 5 is used; noise's share is hardly ever above a few thousand
    "noise_offset": (0, 1),  # 0.05 is used; at 1 the offset is as strong as the noise
    "resolution": (0, 4096),  # pixels; four times what SDXL draws
    "transparent_weight": (0, 1),
    "keep_tags": (0, 1000),  # a caption has no more
    "class_pictures": (0, 10_000),  # as many as one job draws
    "prior_weight": (0, 100),
    "seed": (0, 2**63 - 1),  # layers begin from it and the numbers after it: torch takes 64 bits
    "held_out": (0, 0.5),
    "check_every_n_steps": (0, STEPS),
    "early_stopping": (0, STEPS),
}
BELOW_ONE = ("dropout", "caption_dropout", "ema_decay", "text_encoder_learning_rate")
YES, NO = ("yes", "true", "on", "1"), ("no", "false", "off", "0")
# What other trainers and YAML's `no` call a training without mixed precision.
FULL_PRECISION = (*NO, "none", "fp32", "float32")


def read(name: str, given: Any, kind: type, called: str) -> Any:
    """The setting `name` of type `kind`, as it was given or written. StudioError that calls it
    `called`, as the person who gave it does, where it can't be that."""
    if kind is bool:
        return _yes(given, called)
    if kind is str:
        return _text(name, given, called)
    low, high = BOUNDS[name]
    if kind is int:
        found: float = numbers.whole(called, given, int(low), int(high))
        if name == "resolution" and 0 < found < 8:
            raise StudioError(
                f"{called} is {given}.", "Give 8 to 4096 pixels, or 0 for the base's own."
            )
        return found
    found = numbers.number(called, given, low, high)
    if name == "learning_rate" and not 0 < found < 1:
        raise StudioError(f"{called} is {given}.", "Give a value between 0 and 1, about 1e-4.")
    if name in BELOW_ONE and found == 1:
        raise StudioError(f"{called} is {given}.", "Give a share below 1.")
    return found


def repeats_of(text: str, called: str = "repeats") -> dict[str, float]:
    """How often a category's pictures are seen an epoch: "ships=2,rocks=0.5". StudioError."""
    found = {}
    for part in (part for part in text.split(",") if part.strip()):
        category, _, times = part.rpartition("=")
        try:
            found[category.strip()] = numbers.number("the number", times, 0, REPEATS)
        except StudioError:
            raise StudioError(
                f"{called} has {part.strip()!r}.",
                f"Write category=times, such as ships=2,rocks=0.5; at most {REPEATS} times.",
            ) from None
    return found


def _yes(given: Any, called: str) -> bool:
    said = str(given).strip().lower()
    if said not in YES + NO:
        raise StudioError(f"{called} is {numbers.shown(given)}.", "Give yes or no.")
    return said in YES


def _text(name: str, given: Any, called: str) -> str:
    if name == "targets" and isinstance(given, list) and all(isinstance(t, str) for t in given):
        given = ",".join(given)
    if name == "repeats" and isinstance(given, Mapping):
        if all(isinstance(times, str | int | float) for times in given.values()):
            given = ",".join(f"{category}={times}" for category, times in given.items())
    if name == "mixed_precision" and str(given).strip().lower() in FULL_PRECISION:
        given = "no"
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise StudioError(f"{called} is {numbers.shown(given)}.", "Give a text.")
    text = str(given)
    if name in CHOICES:
        text = text.strip().lower()
        if text not in CHOICES[name]:
            near = nearest(text, CHOICES[name])
            raise StudioError(
                f"{called} is {numbers.shown(given)}.",
                f"{near}Use one of {', '.join(CHOICES[name])}.",
            )
    elif name == "targets":
        parts = [part.strip() for part in text.split(",")]
        for part in parts:
            if part not in TARGETS:
                raise StudioError(f"{called} names {part!r}.", f"Known are {', '.join(TARGETS)}.")
    elif name == "repeats":
        repeats_of(text, called)
    elif name == "trigger_word" and not text.strip():
        raise StudioError(f"{called} is empty.", "Give a word such as <tiles>.")
    return text
