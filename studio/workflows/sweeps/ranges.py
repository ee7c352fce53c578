"""What a sweep tries of each setting: a range `low..high`, or a few values with commas between."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from studio import numbers, yaml_files
from studio.errors import StudioError, nearest
from studio.text import decoding
from studio.training.config import TrainConfig, load_config
from studio.training.setting_help import HELP
from studio.training.setting_values import BOUNDS

SWEPT: dict[str, type] = {
    "rank": int,
    "alpha": float,
    "learning_rate": float,
    "max_train_steps": int,
}
MOST = 200  # trials of one sweep
FILE = ("trials", "ranges")
Value = int | float


@dataclass(frozen=True)
class Range:
    """What is tried: `values`, or whatever lies from `low` to `high`, evenly in powers."""

    values: tuple[Value, ...] = ()
    low: Value = 0
    high: Value = 0

    @property
    def text(self) -> str:
        """As people write it."""
        if self.values:
            return ", ".join(f"{value:g}" for value in self.values)
        return f"{self.low:g}..{self.high:g}"


def parse(asked: Mapping[str, Any]) -> dict[str, Range]:
    """The ranges by setting, empty ones left out; StudioError for one that can't be used."""
    said = {
        name: text.strip(" []") if isinstance(text, str) else text for name, text in asked.items()
    }
    found = {name: _range(name, text) for name, text in said.items() if text not in (None, "", [])}
    if not found:
        raise StudioError(
            "There is nothing to try.",
            f"Give a range for one of {', '.join(SWEPT)}, such as rank: 8, 16, 32.",
        )
    return {name: found[name] for name in SWEPT if name in found}


def read(file: Path) -> tuple[dict[str, Any], int | None]:
    """The ranges and the number of trials of a YAML file: `trials: 12` and `ranges: {rank: ...}`.

    Raises StudioError where it can't be read or holds something else.
    """
    remedy = "Give `trials` and `ranges`."
    found = yaml_files.read(decoding.read_text(file).text, str(file), remedy)
    found = {} if found is None else found
    if not isinstance(found, dict):
        raise StudioError(f"{file} holds no table, but {numbers.shown(found)}.", remedy)
    if strange := sorted(map(str, set(found) - set(FILE))):
        raise StudioError(f"{file} has {strange[0][:80]}.", nearest(strange[0], FILE) + remedy)
    asked, trials = found.get("ranges") or {}, found.get("trials")
    if not isinstance(asked, dict):
        raise StudioError(f"{file}: ranges is {numbers.shown(asked)}.", "Write rank: [8, 16].")
    if trials is not None:
        trials = numbers.whole(f"{file}: trials", trials, 2, MOST)
    return asked, trials


def check_trials(count: int) -> int:
    """The same number, or StudioError."""
    if not 2 <= count <= MOST:
        raise StudioError(f"{count} trials.", f"Give 2 to {MOST}.")
    return count


def most(found: Mapping[str, Range]) -> float:
    """How many trials differ: infinitely many where a range is among them."""
    sizes = [len(one.values) if one.values else math.inf for one in found.values()]
    return math.prod(sizes)


def usual(config: TrainConfig) -> dict[str, str]:
    """Ranges that suit most: around the preset's own values."""
    return {
        "rank": ", ".join(f"{max(1, config.rank // part)}" for part in (4, 2, 1)),
        "alpha": "",
        "learning_rate": f"{config.learning_rate / 4:g}..{config.learning_rate * 4:g}",
        "max_train_steps": "",
    }


def chosen(config: TrainConfig, values: Mapping[str, Value]) -> TrainConfig:
    """The training's settings with a trial's values; alpha keeps its share of the rank."""
    tried = dict(values)
    if "rank" in tried and "alpha" not in tried:
        tried["alpha"] = config.alpha / config.rank * tried["rank"]
    return replace(config, **tried)  # type: ignore[arg-type]  # ints and floats as SWEPT says


def _range(name: str, asked: Any) -> Range:
    if name not in SWEPT:
        raise StudioError(f"{name} can't be tried in a sweep.", f"Use {', '.join(SWEPT)}.")
    if isinstance(asked, list | tuple) and all(isinstance(one, str | int | float) for one in asked):
        asked = ", ".join(map(str, asked))
    if not isinstance(asked, str | int | float):
        raise StudioError(
            f"{_called(name)} to try is {numbers.shown(asked)}.", "Write values like 8, 16, 32."
        )
    text = str(asked).strip()
    low, dots, high = text.partition("..")
    if dots:
        found = Range(low=_value(name, low, text), high=_value(name, high, text))
        if not found.low < found.high:
            raise StudioError(
                f"{_called(name)} to try is {found.text}.",
                "Give the lower value first, and a higher one after it.",
            )
    else:
        parts = text.split(",")
        found = Range(tuple(dict.fromkeys(_value(name, part, text) for part in parts)))
    for value in found.values or (found.low, found.high):
        try:
            load_config("fast", None, {name: value}, {})  # the training's own bounds
        except StudioError as error:
            told = f"{_called(name)} to try is {text}: {error.message}"
            raise StudioError(told, error.remedy) from error
    return found


def _called(name: str) -> str:
    """A setting as pages call it, and as files and commands do."""
    return f"{HELP[name].label} ({name})"


def _value(name: str, part: str, text: str) -> Value:
    """A part of what was written as a number; `text` is the whole."""
    whole = " whole numbers" if SWEPT[name] is int else ""
    low, high = BOUNDS[name]
    try:
        number: Value
        if SWEPT[name] is int:
            number = numbers.whole(name, part, int(low), int(high))
        else:
            number = numbers.number(name, part, low, high)
        if number <= 0:
            raise StudioError(f"{name} is {number}.")
        return number
    except StudioError as error:
        usual = f"Write a range like 0.0001..0.01, or values like 8, 16, 32; all{whole} above 0."
        raise StudioError(
            f"{_called(name)} to try is {numbers.shown(text)}.", f"{error.remedy} {usual}".strip()
        ) from error
