"""What a set is made of, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from studio.datasets import duplicate_groups
from studio.datasets.duplicate_groups import Groups
from studio.datasets.inspection import Findings
from studio.datasets.pictures import Picture, caption_words
from studio.datasets.warnings import Warned, inspected, warned


@dataclass(frozen=True)
class Numbers:
    """Counts, the most frequent first; `words` counts captions by their number of words, `alike`
    pictures that look nearly like another one: as many as the filter shows."""

    pictures: int
    categories: tuple[tuple[str, int], ...]
    tags: tuple[tuple[str, int], ...]
    licences: tuple[tuple[str, int], ...]
    sizes: tuple[tuple[tuple[int, int], int], ...]
    words: tuple[tuple[int, int], ...]
    alike: int | None
    warnings: tuple[Warned, ...]


def numbers(
    pictures: Sequence[Picture], alike: Groups | None, found_out: Findings | None = None
) -> Numbers:
    """The counts of these pictures; `alike` and `found_out` are None while nobody has looked."""
    there = {p.hash for p in pictures}
    near = None
    if alike is not None:
        near = sum(map(len, duplicate_groups.among(alike, there)))
    categories = Counter(p.category for p in pictures).most_common()
    sizes = Counter((p.width, p.height) for p in pictures).most_common()
    return Numbers(
        pictures=len(pictures),
        categories=tuple(categories),
        tags=tuple(Counter(tag for p in pictures for tag in p.tags).most_common()),
        licences=tuple(Counter(p.licence for p in pictures).most_common()),
        sizes=tuple(sizes),
        words=tuple(sorted(Counter(map(caption_words, pictures)).items())),
        alike=near,
        warnings=(
            *warned(pictures, categories, sizes, near),
            *inspected(there, (found_out or Findings()).of),
        ),
    )
