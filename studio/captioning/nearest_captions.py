"""Words for pictures offline: only from what was right for the dataset's own pictures.

The pocket CLIP knows the sprites that it was taught on and is nearly always wrong of other art. So
it, and what the nearest described pictures are called, are first tried on the pictures of the set
that have a caption; each may speak only as loud as it was right there, and else is silent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.captioning.subjects import CATEGORY_KINDS, COLOUR_NAMES, PLAINER, clean_words

Votes = list[dict[str, float]]  # of each picture: words with 0 to 1
RIGHT = 0.6  # share of right words on described pictures from which on a source may speak
FEWEST = 8  # words that it must have proposed there
LOUD = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # how sure a word must be; the least that is right enough
NEIGHBOURS = 5
SHARP_IMAGE, SHARP_TEXT = 20.0, 30.0  # how fast a vote falls with the cosine; tried on four sets
MOST = 3  # words from either source


@dataclass(frozen=True)
class Taught:
    """Described pictures as the proposals need them: unit vectors [m, dims] and what is said of
    each; from how sure a vote on each source may speak (above 1: never)."""

    vectors: NDArray[np.float32]
    said: tuple[frozenset[str], ...]
    by_neighbours: float
    by_clip: float


def kinds(known: Sequence[str]) -> list[str]:
    """Those of the practice base's words that name a kind of thing."""
    plain = {name for names in PLAINER.values() for name in names} | set(CATEGORY_KINDS.values())
    return sorted(plain & set(known))


def said_of(caption: str, category: str) -> frozenset[str]:
    """The words that say what a described picture shows beside its category; no colours, which
    are counted."""
    found = set(clean_words(re.sub(r"<[^<>]*>", " ", caption)))
    return frozenset(found - COLOUR_NAMES - set(_kind(category).split()))


def taught(
    vectors: Any, said: Sequence[frozenset[str]], named: Sequence[str], texts: Any
) -> Taught:
    """What the described pictures teach. `texts` are the vectors of `named`, kinds of things."""
    held = np.asarray(vectors, np.float32)
    return Taught(
        held,
        tuple(said),
        _least(_neighbours(held, held, said, itself=True), said),
        _least(_clip(held, named, texts), said),
    )


def proposed(vectors: Any, by: Taught, named: Sequence[str], texts: Any) -> list[list[str]]:
    """For each of the pictures' unit vectors [n, dims] the words that are likely right, at most
    MOST from a source, the surest first; often none."""
    held = np.asarray(vectors, np.float32)
    found: list[list[str]] = [[] for _ in held]
    for votes, least in (
        (_neighbours(held, by.vectors, by.said), by.by_neighbours),
        (_clip(held, named, texts), by.by_clip),
    ):
        for words, vote in zip(found, votes, strict=True):
            words += [word for word in _sure(vote, least) if word not in words]
    return found


def phrase(colours: Sequence[str], category: str, words: Sequence[str], tags: bool) -> str:
    """A caption, or tags with commas: "a red potion, bottle", "red, potion, bottle". The category
    is the picture's own, what its folder is called."""
    kind = _kind(category)
    rest = [word for word in words if word not in kind.split()]
    if tags or not (kind or rest):
        return ", ".join(dict.fromkeys([*colours, *([kind] if kind else []), *rest]))
    first = " ".join([" and ".join(colours), kind or rest.pop(0)]).strip()
    return ", ".join([f"{'an' if first[0] in 'aeiou' else 'a'} {first}", *rest])


def _kind(category: str) -> str:
    """What a category is called in a caption; empty for one that says nothing, such as icons."""
    last = category.rsplit("/", 1)[-1].strip().lower()
    return " ".join(clean_words(CATEGORY_KINDS.get(last, last)))


def _sure(votes: dict[str, float], least: float) -> list[str]:
    ranked = sorted(votes, key=lambda word: (-votes[word], word))
    return [word for word in ranked if votes[word] >= least][:MOST]


def _least(votes: Votes, said: Sequence[frozenset[str]]) -> float:
    """From how sure a vote on the words were mostly right of pictures whose words are known."""
    for least in LOUD:
        right = [
            word in told
            for vote, told in zip(votes, said, strict=True)
            for word in _sure(vote, least)
        ]
        if len(right) >= FEWEST and np.mean(right) >= RIGHT:
            return least
    return 2.0


def _neighbours(
    vectors: NDArray[np.float32],
    known: NDArray[np.float32],
    said: Sequence[frozenset[str]],
    itself: bool = False,
) -> Votes:
    """What the nearest described pictures are called; `itself`: without the picture's own words."""
    found: Votes = []
    for place, vector in enumerate(vectors):
        alike = known @ vector if len(known) else np.zeros(0, np.float32)
        if itself:
            alike[place] = -2.0
        alike[alike > 1 - 1e-6] = -2.0  # the picture itself says nothing new of it
        near = np.argsort(-alike, kind="stable")[:NEIGHBOURS]
        near = near[alike[near] > -2.0]
        weights = np.exp((alike[near] - alike[near].max(initial=-1)) * SHARP_IMAGE)
        votes: dict[str, float] = {}
        for other, weight in zip(near, weights / weights.sum(), strict=True):
            for word in said[other]:
                votes[word] = votes.get(word, 0.0) + float(weight)
        found.append(votes)
    return found


def _clip(vectors: NDArray[np.float32], named: Sequence[str], texts: Any) -> Votes:
    """How much nearer each kind's text lies to the picture than the others'."""
    scores = np.asarray(vectors @ np.asarray(texts, np.float32).T, np.float64) * SHARP_TEXT
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    best = shares.argmax(axis=1)
    return [{named[k]: float(row[k])} for k, row in zip(best, shares, strict=True)]
