"""A wish expanded by rules, without a language model: with the style's own words, colours and kinds
of things, as they stand in its guide and in its dataset. It is called what it is.

The first variant is the wish as it stands. Further ones take the style's colours and materials in
turn, unless the wish names its own, by English words; nothing is invented.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from studio.captioning.subjects import COLOUR_NAMES, MATERIALS, PLAINER, clean_words
from studio.props.specification import ITEMS, WORDS, Specification

STYLE_WORDS, COLOURS = 6, 2  # of the style's own, in one specification
_PARTS = re.compile(r"\s*(?:[,;.]|\bwith\b|\band\b)\s*", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:an?|the|some)\s+", re.IGNORECASE)
_RARER = {
    rare: plain
    for table in PLAINER.values()
    for plain, names in table.items()
    for rare in names.split()
}


@dataclass(frozen=True)
class StyleWords:
    """What is known of a style, the most frequent first: words that describe its looks, the names
    of its colours, materials, and kinds of things that it has."""

    words: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


def by_rules(wish: str, style: StyleWords, turn: int = 0) -> Specification:
    """The specification of a wish; `turn` 0 is the wish as it stands, each further one has other
    colours and another material of the style's, where the wish names none."""
    said = clean_words(wish)
    colours = tuple(word for word in said if word in COLOUR_NAMES)[:ITEMS]
    materials = tuple(word for word in said if word in MATERIALS and word not in colours)[:ITEMS]
    own_colours = colours or _in_turn(style.colours, turn, COLOURS)
    own_materials = materials or _in_turn(style.materials, turn, 1)
    parts = [wish, _kind(said, style.kinds)]
    parts += [] if colours else [" and ".join(own_colours)]
    parts += () if materials else own_materials
    features = [_ARTICLE.sub("", part) for part in _PARTS.split(wish) if part][1:]
    features = [part for part in features if len(part) <= WORDS]  # a longer one is no item
    return Specification(
        original_prompt=wish,
        expanded_prompt=", ".join(filter(None, parts)),
        style_keywords=style.words[:STYLE_WORDS],
        primary_colors=own_colours,
        materials=own_materials,
        key_features=tuple(dict.fromkeys(features))[:ITEMS],
    )


def variants(wish: str, style: StyleWords, count: int) -> tuple[Specification, ...]:
    """Up to `count` specifications that differ; fewer where the style has no more colours and
    materials to take in turn."""
    return tuple(dict.fromkeys(by_rules(wish, style, turn) for turn in range(count)))


def _kind(said: Sequence[str], kinds: Sequence[str]) -> str:
    """The style's kind of thing that the wish names by a rarer word: a sword for a falchion."""
    plain = {_RARER[word] for word in said if word in _RARER}
    return next((kind for kind in kinds if kind in plain and kind not in said), "")


def _in_turn(values: Sequence[str], turn: int, count: int) -> tuple[str, ...]:
    """`count` of them, further on with each turn after the first, which has none."""
    if not (turn and values):
        return ()
    start = (turn - 1) * count
    return tuple(dict.fromkeys(values[(start + k) % len(values)] for k in range(count)))
