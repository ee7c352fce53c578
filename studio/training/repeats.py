"""How often each picture is seen an epoch: repeats that people gave, and balance of categories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from studio.errors import StudioError
from studio.training.config import TrainConfig
from studio.training.setting_values import repeats_of


def check(categories: Sequence[str], names: Sequence[str], config: TrainConfig) -> None:
    """StudioError for repeats of a category or a folder that no picture of a dataset has, or where
    none of its pictures would be seen; `names` are those of their files."""
    known = {*categories, *map(_folder, names)}
    unknown = [key for key in repeats_of(config.repeats) if key not in known]
    if unknown:
        raise StudioError(
            f"repeats names {unknown[0]!r}, a category which no picture has.",
            f"There is: {', '.join(sorted(filter(None, set(categories)))) or 'no category'}.",
        )
    if not any(often(categories, names, config)):
        raise StudioError(
            f"repeats is {config.repeats!r}: no picture would be seen.", "Give one more than 0."
        )


def often(categories: Sequence[str], names: Sequence[str], config: TrainConfig) -> list[float]:
    """Times an epoch for each picture, by its category or the folder of its file's name, which
    goes first. Balanced, a category's pictures come as often together as those of the largest one;
    repeats multiply that."""
    asked, count = repeats_of(config.repeats), Counter(categories)
    most = max(count.values(), default=1)
    share = {name: most / number if config.balance else 1.0 for name, number in count.items()}
    return [
        share[category] * asked.get(_folder(name), asked.get(category, 1.0))
        for category, name in zip(categories, names, strict=True)
    ]


def _folder(name: str) -> str:
    return name.rpartition("/")[0]
