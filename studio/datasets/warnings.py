"""What in a set would make a style hard to learn, or its use hard to justify."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from statistics import median

from studio.datasets.manifests import Look
from studio.datasets.pictures import SHORT_WORDS, Picture, listed, short_caption, without_caption

FEW_PICTURES = 20
LARGEST_CATEGORY = 0.70
SMALLEST_SIDE = 32  # pixels, of what the practice base draws; every other base draws more
FAR_SMALLER = 4  # times


def set_warnings(pictures: Sequence[Picture]) -> list[str]:
    """Sentences about the set as a whole: too few, lopsided, thin captions, no licence."""
    said = []
    if len(pictures) < FEW_PICTURES:
        said.append(
            f"Only {len(pictures)} pictures: a style is learned well from {FEW_PICTURES} or more."
        )
    categories = Counter(p.category for p in pictures)
    for category, count in categories.most_common(1):
        share = count / len(pictures)
        if len(categories) > 1 and share > LARGEST_CATEGORY:
            said.append(
                f"Category {category or '(none)'!r} holds {share:.0%} of the pictures; "
                "the others are rare."
            )
    without = [p for p in pictures if without_caption(p)]
    if named := [p.file_name for p in without if p.caption]:
        said.append(f"Without caption, words of the file name are used: {listed(named)}.")
    if silent := [p.file_name for p in without if not p.caption]:
        said.append(f"Without caption, and the file's name says nothing: {listed(silent)}.")
    short = [p.file_name for p in pictures if short_caption(p) and not without_caption(p)]
    if short:
        said.append(f"Captions of fewer than {SHORT_WORDS} words: {listed(short)}.")
    unlicensed = [p.file_name for p in pictures if not p.licence]
    if unlicensed:
        said.append(f"No licence is given for {listed(unlicensed)}.")
    return said


def size_remarks(came: Sequence[Picture], pictures: Sequence[Picture], look: Look) -> list[str]:
    """Sentences about those that `came` and are small: for what is learned, or beside all the
    `pictures` of the set. A training enlarges them, and what they do not show is not learned."""
    least = look.size or SMALLEST_SIDE
    usual = median(max(p.width, p.height) for p in pictures) if pictures else 0
    tiny = [p for p in came if max(p.width, p.height) < least]
    small = [p for p in came if p not in tiny and max(p.width, p.height) * FAR_SMALLER <= usual]
    said = []
    if tiny:
        side = "the set's size" if look.size else "what the smallest base draws"
        said.append(
            f"Smaller than {least} pixels, {side}, and enlarged for it: {listed(_sized(tiny))}."
        )
    if small:
        said.append(
            f"Far smaller than the others, which mostly have {usual:g} pixels, and enlarged like "
            f"them: {listed(_sized(small))}."
        )
    return said


def _sized(pictures: Iterable[Picture]) -> list[str]:
    return [f"{p.file_name} ({p.width} x {p.height})" for p in pictures]


@dataclass(frozen=True)
class Warned:
    """A sentence about the set, why it matters, and the pictures that it means; `out`: leaving
    them out is a remedy, `show` the filter of `picture_filter.Show` that shows them."""

    says: str
    why: str
    show: str = "all"
    category: str | None = None
    out: bool = False


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


def warned(
    pictures: Sequence[Picture],
    categories: Sequence[tuple[str, int]],
    sizes: Sequence[tuple[tuple[int, int], int]],
    near: int | None,
) -> list[Warned]:
    """What the pictures' records tell, each with why; `near`: how many look nearly like another
    one, None while nobody has looked. Each number is that of the pictures that its filter shows."""
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
            "Words of the file name stand in, if it has any; what they do not say, a prompt can't "
            "ask for.",
        ),
        (
            "short-caption",
            sum(map(short_caption, pictures)),
            f"with a caption of fewer than {SHORT_WORDS} words",
            "Say what is to be seen: kind, colour, material. The look itself needs no words.",
        ),
        (
            "alike",
            near or 0,
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
            "empty",
            sum(p.empty for p in pictures),
            "wholly transparent",
            "Nothing is to be seen on them; a training leaves them out.",
        ),
        (
            "stale-mask",
            sum(bool(p.mask_of) for p in pictures),
            "with a mask of an earlier drawing",
            "What it leaves out may lie elsewhere now. Look at it under Masks.",
        ),
    ):
        if n:
            said.append(Warned(f"{_pictures(n)} {says}.", why, show))
    if len(sizes) > 1:
        sides = sorted(max(size) for size, _ in sizes)
        said.append(
            Warned(
                f"{len(sizes)} sizes, the longer side from {sides[0]} to {sides[-1]} pixels.",
                "All are fitted into one square; pixel art then mixes pixels of several sizes.",
            )
        )
    return said


def inspected(there: Set[str], findings: Mapping[str, Mapping[str, str]]) -> Iterator[Warned]:
    """What an inspection found among the pictures `there`; `findings` as `Findings.of`."""
    for kind, says, why in FOUND:
        count = len(there & findings.get(kind, {}).keys())
        if count:
            yield Warned(f"{_pictures(count)} {says}.", why, kind, out=True)


def _pictures(count: int) -> str:
    return f"{count:,} picture{'s' * (count != 1)}"
