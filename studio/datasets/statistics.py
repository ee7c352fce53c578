"""What a set is made of, and what in it would make a style hard to learn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from studio.datasets.alike import Groups
from studio.datasets.checks import FEW_PICTURES, LARGEST_CATEGORY, Picture
from studio.datasets.findings import Findings
from studio.datasets.selection import Show, short, without_caption


@dataclass(frozen=True)
class Warned:
    """A sentence about the set, why it matters, and the pictures that it means; `out`: leaving
    them out is a remedy."""

    says: str
    why: str
    show: Show = "all"
    category: str | None = None
    out: bool = False


@dataclass(frozen=True)
class Numbers:
    """Counts, the most frequent first; `words` counts captions by their number of words."""

    pictures: int
    categories: tuple[tuple[str, int], ...]
    tags: tuple[tuple[str, int], ...]
    licences: tuple[tuple[str, int], ...]
    sizes: tuple[tuple[tuple[int, int], int], ...]
    words: tuple[tuple[int, int], ...]
    alike: int | None
    warnings: tuple[Warned, ...]


FOUND = (
    (
        "apart",
        "that look unlike the others",
        "A style is what pictures have in common; these pull it elsewhere.",
    ),
    (
        "scaled",
        "scaled by no whole factor",
        "Some of their pixels are wider than others. Bring them in at their own size.",
    ),
    (
        "blurred",
        "with smoothed pixels",
        "The style learns the blur. Bring in the picture as it was drawn.",
    ),
    (
        "palette",
        "in colours that hardly any other picture has",
        "The style learns them too. Recolour them, or leave them out.",
    ),
)


def numbers(
    pictures: Sequence[Picture], alike: Groups | None, found_out: Findings | None = None
) -> Numbers:
    """The counts of these pictures; `alike` and `found_out` are None while nobody has looked."""
    there = {p.hash for p in pictures}
    spare = None
    if alike is not None:
        spare = sum(max(0, sum(hash in there for hash in group) - 1) for group in alike)
    categories = Counter(p.category for p in pictures).most_common()
    sizes = Counter((p.width, p.height) for p in pictures).most_common()
    return Numbers(
        pictures=len(pictures),
        categories=tuple(categories),
        tags=tuple(Counter(tag for p in pictures for tag in p.tags).most_common()),
        licences=tuple(Counter(p.licence for p in pictures).most_common()),
        sizes=tuple(sizes),
        words=tuple(sorted(Counter(len(p.caption.split()) for p in pictures).items())),
        alike=spare,
        warnings=(
            *_warnings(pictures, categories, sizes, spare),
            *_found(there, found_out or Findings()),
        ),
    )


def _warnings(
    pictures: Sequence[Picture],
    categories: Sequence[tuple[str, int]],
    sizes: Sequence[tuple[tuple[int, int], int]],
    spare: int | None,
) -> list[Warned]:
    count = len(pictures)
    said = []
    if count < FEW_PICTURES:
        said.append(
            Warned(
                f"Only {_pictures(count)}.",
                f"A style is learned well from {FEW_PICTURES} or more.",
            )
        )
    if len(categories) > 1 and categories[0][1] / count > LARGEST_CATEGORY:
        name, most = categories[0]
        said.append(
            Warned(
                f"{name or 'No category'} holds {most / count:.0%} of the pictures.",
                "The style will be learned from it, and hardly from the others.",
                category=name,
            )
        )
    for show, n, says, why in (
        (
            "no-caption",
            sum(map(without_caption, pictures)),
            "without a caption",
            "Words of the file name stand in; what they do not say, a prompt can't ask for.",
        ),
        (
            "short-caption",
            sum(map(short, pictures)),
            "with a caption of one word or none",
            "Say what is to be seen: kind, colour, material. The look itself needs no words.",
        ),
        (
            "alike",
            spare or 0,
            "nearly like another one",
            "They count double and are learned by heart; keep the best of each.",
        ),
        (
            "no-licence",
            sum(not p.licence for p in pictures),
            "without a licence",
            "Nobody can tell later whether the style may be used in a game that is sold.",
        ),
        (
            "stale-mask",
            sum(bool(p.mask_of) for p in pictures),
            "with a mask of an earlier drawing",
            "What it leaves out may lie elsewhere now. Look at it under Masks.",
        ),
    ):
        if n:
            said.append(Warned(f"{_pictures(n)} {says}.", why, show))  # type: ignore[arg-type]
    if len(sizes) > 1:
        sides = sorted(max(size) for size, _ in sizes)
        said.append(
            Warned(
                f"{len(sizes)} sizes, the longer side from {sides[0]} to {sides[-1]} pixels.",
                "All are fitted into one square; pixel art then mixes pixels of several sizes.",
            )
        )
    return said


def _found(there: Set[str], found_out: Findings) -> Iterator[Warned]:
    for kind, says, why in FOUND:
        count = len(there & found_out.of.get(kind, {}).keys())
        if count:
            yield Warned(f"{_pictures(count)} {says}.", why, kind, out=True)  # type: ignore[arg-type]


def _pictures(count: int) -> str:
    return f"{count:,} picture{'s' * (count != 1)}"
