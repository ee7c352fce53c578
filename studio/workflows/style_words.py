"""What is known of a style in words: how it looks, its colours, materials and kinds of things, and
the trigger word of the version that draws it. All of it is the registry's and the dataset's own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from studio.captioning.subjects import CATEGORY_KINDS, COLOUR_NAMES, MATERIALS, clean_words
from studio.colours import dominant_colours
from studio.context import Studio, check_style
from studio.datasets import versions as datasets
from studio.datasets import withdrawals
from studio.datasets.pictures import Picture
from studio.errors import StudioError
from studio.pixels.hex_colours import rgb_of
from studio.props.rules import StyleWords
from studio.props.specification import WORDS
from studio.registry import models, style_guides, version_choice
from studio.registry.models import Version
from studio.workflows import recipes

LOOKS = 0.25  # share of captions in which a word stands that describes the looks of all
MOST = 12  # words, colours, materials and kinds of a style, each
_TRIGGER = re.compile(r"<[^<>]*>")


@dataclass(frozen=True)
class About:
    """A style; `version` is the one that draws for somebody, None where none does, and
    `trigger_word` that one's. `palette` are the colours that its pictures are finished in."""

    style: str = ""
    version: Version | None = None
    words: StyleWords = StyleWords()
    palette: tuple[str, ...] = ()

    @property
    def trigger_word(self) -> str:
        return self.version.trigger_word if self.version else ""

    @property
    def number(self) -> int:
        """The version's number, 0 for none."""
        return self.version.number if self.version else 0


def about(studio: Studio, style: str, who: str) -> About:
    """What is known of a style, "": nothing. StudioError where there is no such style."""
    if not style:
        return About()
    known = versions(studio, style)
    number = version_choice.choose(studio.engine, style, who).version
    draws = next((one for one in known if one.number == number), None)
    palette = _palette(studio, style, known)
    return About(style, draws, _words(studio, style, draws or known[0], palette), palette)


def versions(studio: Studio, style: str) -> list[Version]:
    """Those of a style, the newest first; StudioError where there is no such style."""
    check_style(style)
    known = models.list_versions(studio.client, style)
    if not known:
        raise StudioError(f"There is no style {style!r}.", "Choose one that there is.")
    return known


def _palette(studio: Studio, style: str, known: Sequence[Version]) -> tuple[str, ...]:
    """None where the style has no recipe, or what it would be made of is gone."""
    try:
        held = recipes.of_style(studio, style, known).recipe
    except StudioError:
        return ()
    return held.colours if held else ()


def _words(studio: Studio, style: str, version: Version, palette: Sequence[str]) -> StyleWords:
    """By its guide, by the captions that people wrote in the dataset that the version learned
    from, and by its colours."""
    guide = style_guides.load(studio.home, style)
    said = ".".join((guide.outline, guide.light, guide.view))
    looks = [part.strip() for part in re.split(r"[.,;\n]", said)]
    pictures = _pictures(studio, version)
    written = [one.caption for one in pictures if one.caption_by in ("file", "hand")]
    captions = [set(clean_words(_TRIGGER.sub(" ", caption))) for caption in written]
    counted = _ranked(word for words in captions for word in words)
    kinds = [kind for kind, _ in _ranked(_kind(one.category) for one in pictures) if kind]
    things = COLOUR_NAMES | MATERIALS | set(kinds)
    least = max(2.0, LOOKS * len(captions))
    common = [word for word, times in counted if times >= least and word not in things]
    colours = [word for word, _ in counted if word in COLOUR_NAMES]
    return StyleWords(
        _first([*(one for one in looks if 0 < len(one) <= WORDS), *common]),
        _first([*colours, *_named(guide.palette or palette)]),
        _first(word for word, _ in counted if word in MATERIALS),
        _first(kinds),
    )


def _pictures(studio: Studio, version: Version) -> Sequence[Picture]:
    """Those of the version's dataset; none where it has none, or it is gone."""
    if not version.dataset:
        return ()
    try:
        found = datasets.load(studio.home, version.dataset, version.dataset_digest or None)
    except StudioError:
        return ()
    return withdrawals.left(studio.home, found.pictures)


def _kind(category: str) -> str:
    last = category.rsplit("/", 1)[-1].strip().lower()
    return " ".join(clean_words(CATEGORY_KINDS.get(last, last)))


def _ranked(words: Iterable[str]) -> list[tuple[str, int]]:
    """Each with how often it is there, the most frequent first; of equals by name, so that the same
    studio always says the same."""
    return sorted(Counter(words).items(), key=lambda one: (-one[1], one[0]))


def _first(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))[:MOST]


def _named(colours: Sequence[str]) -> list[str]:
    """The words for colours, "#rrggbb", in their order."""
    if not colours:
        return []
    rgb = rgb_of(colours)
    opaque = np.concatenate([rgb, np.full((len(rgb), 1), 255, np.uint8)], axis=1)
    return [word for one in opaque for word in dominant_colours(one[None, None], 1)]
