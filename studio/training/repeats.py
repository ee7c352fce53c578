"""How often each picture is seen an epoch: repeats that people gave, and balance of categories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from studio.errors import StudioError
from studio.training.config import TrainConfig
from studio.training.setting_values import repeats_of


def often(categories: Sequence[str], config: TrainConfig) -> list[float]:
    """Times an epoch for each picture, by its category. Balanced, a category's pictures come as
    often together as those of the largest one; repeats multiply that.

    Raises StudioError for a category that no picture has, or where no picture would be seen.
    """
    asked, count = repeats_of(config.repeats), Counter(categories)
    unknown = [category for category in asked if category not in count]
    if unknown:
        raise StudioError(
            f"repeats names the category {unknown[0]!r}, which no picture has.",
            f"There is: {', '.join(sorted(filter(None, count))) or 'no category'}.",
        )
    most = max(count.values(), default=1)
    times = {
        category: asked.get(category, 1.0) * (most / number if config.balance else 1.0)
        for category, number in count.items()
    }
    if not any(times.values()):
        raise StudioError(
            f"repeats is {config.repeats!r}: no picture would be seen.", "Give one more than 0."
        )
    return [times[category] for category in categories]
