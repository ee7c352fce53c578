"""How strongly a LoRA acts by what peft's settings say, in a header or in a folder of peft's.

Files of kohya's kind have an alpha beside each pair of matrices and need none of this. Patterns
are regular expressions there, matched against the end of a module's path as peft matches them.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import regex  # which can be told to stop; a stranger's pattern may take for ever

from studio.diffusion.tensor_headers import shown
from studio.errors import StudioError

HEADER = "lora_adapter_metadata"  # diffusers' key of a file's header, with peft's settings in it
CONFIG = "adapter_config.json"  # of a folder that peft wrote
WEIGHTS = "adapter_model.safetensors"  # beside it
MOST_BYTES = 4 * 1024**2
MOST_LETTERS = 500  # of a pattern
PATIENCE_S = 20.0  # for all patterns on all modules
ALPHA = 8  # where peft's settings have none
# Beginnings of a training that change the base itself, so that the pairs alone are not all.
CHANGES_BASE = ("pissa", "olora", "corda", "loftq", "lora_ga")
REMEDY = "Ask whoever made it for the file with right settings."


@dataclass(frozen=True)
class Scaling:
    """Alpha of every module but those that a pattern matches, the first one that does; `rooted`:
    alpha / sqrt(rank) (rsLoRA, Kalajdzievski 2023), else alpha / rank (Hu et al. 2021)."""

    alpha: float
    rooted: bool = False
    patterns: tuple[tuple[str, float], ...] = ()


def of_header(name: str, header: Mapping[str, str]) -> dict[str, Scaling]:
    """By part of the base what diffusers' entry of the header says; the UNet's may be under ""
    there. StudioError, which calls the file `name`, for settings that can't be read."""
    told = _table(f"{HEADER} in the header of {name}", header.get(HEADER, "{}"))
    parts = {key.split(".")[0] for key in told if "." in key}
    found = {
        part: {
            key.removeprefix(f"{part}."): value
            for key, value in told.items()
            if key.startswith(f"{part}.")
        }
        for part in parts
    }
    if not parts and told:
        found[""] = told
    return {part: _scaling(f"the header of {name}", one) for part, one in found.items()}


def of_folder(name: str, text: str) -> Scaling:
    """What peft's own settings, the text of its CONFIG, say. StudioError for those that can't be
    read, of another kind than LoRA, or that change the base, too."""
    told = _table(f"{CONFIG} of {name}", text)
    kind = str(told.get("peft_type", "LORA"))[:40]
    if kind.upper() != "LORA":
        raise StudioError(f"{name} is {kind} of peft, not a plain LoRA.", "Give a LoRA or LoCon.")
    begun = str(told.get("init_lora_weights"))
    if begun.lower().startswith(CHANGES_BASE):
        raise StudioError(
            f"{name} was begun with {shown(begun)}, which changes the base itself.",
            "Ask for it as a plain LoRA: save_pretrained of peft makes one with "
            "path_initial_model_for_weight_conversion.",
        )
    return _scaling(f"{CONFIG} of {name}", told)


def beside(file: Path) -> str:
    """The text of the CONFIG that lies beside a file; "" where none does. StudioError for one that
    can't be read."""
    config = file.parent / CONFIG
    if not config.is_file():
        return ""
    try:
        if config.stat().st_size > MOST_BYTES:
            raise StudioError(f"{config} is too large for peft's settings.", REMEDY)
        return config.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise StudioError(f"{config} can't be read: {error}", "Copy it once more.") from error


def weights_of(place: Path) -> Path:
    """The file of weights that somebody names: itself, or that of a folder that peft wrote.
    StudioError for a folder without."""
    if not place.is_dir():
        return place
    if (place / WEIGHTS).is_file():
        return place / WEIGHTS
    if (place / "unet" / WEIGHTS).is_file():
        raise StudioError(f"{place} has a folder for each part.", "Name the one called unet in it.")
    found = sorted(place.glob("*.safetensors"))
    if len(found) > 1:
        raise StudioError(f"{place} holds {len(found)} files.", "Name the one that is meant.")
    if not found:
        raise StudioError(
            f"{place} holds no {WEIGHTS}.",
            "Pickles (.bin) are not read; save it again with save_pretrained of a newer peft.",
        )
    return found[0]


def scales(name: str, given: Scaling, ranks: Mapping[str, int]) -> dict[str, float]:
    """The scale of each module, by its path in its part of the base, from its rank."""
    alphas = _alphas(name, given, ranks)
    return {
        path: alphas[path] / (math.sqrt(rank) if given.rooted else rank)
        for path, rank in ranks.items()
    }


def _alphas(name: str, given: Scaling, paths: Iterable[str]) -> dict[str, float]:
    end, alphas = time.monotonic() + PATIENCE_S, {}
    try:
        # As peft.utils.other.get_pattern_key has it.
        patterns = [(regex.compile(rf"(.*\.)?({one})$"), alpha) for one, alpha in given.patterns]
        for path in paths:
            alphas[path] = given.alpha
            for pattern, alpha in patterns:
                if pattern.match(path, timeout=max(0.001, end - time.monotonic())):
                    alphas[path] = alpha
                    break
    except regex.error as error:
        raise StudioError(f"{name} has a pattern for its alpha that is none.", REMEDY) from error
    except TimeoutError as error:
        raise StudioError(
            f"{name} has patterns for its alpha that take for ever to match.", REMEDY
        ) from error
    return alphas


def _table(what: str, text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StudioError(f"{what} is no JSON that can be read.", REMEDY) from error
    if not isinstance(told, dict):
        raise StudioError(f"{what} is no table of settings.", REMEDY)
    return told


def _scaling(what: str, told: Mapping[str, Any]) -> Scaling:
    patterns = told.get("alpha_pattern") or {}
    if not isinstance(patterns, dict):
        raise StudioError(f"alpha_pattern in {what} is no table.", REMEDY)
    long = next((one for one in patterns if len(one) > MOST_LETTERS), "")
    if long:
        raise StudioError(f"{shown(long)} in {what} is too long for a pattern.", REMEDY)
    return Scaling(
        _number("lora_alpha", what, told.get("lora_alpha", ALPHA)),
        bool(told.get("use_rslora")),
        tuple((one, _number(shown(one), what, value)) for one, value in patterns.items()),
    )


def _number(key: str, what: str, value: Any) -> float:
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            if math.isfinite(number := float(value)):
                return number
    except OverflowError:
        pass
    raise StudioError(f"{key} in {what} is {shown(str(value)[:200])}, which is no number.", REMEDY)
