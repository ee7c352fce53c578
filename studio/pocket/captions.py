"""Captions drawn at random for the sprites that the pocket base is taught."""

from __future__ import annotations

import random

import numpy as np
from numpy.typing import NDArray

from studio.captioning.subjects import Subject, plain_nouns
from studio.colours import SYNONYMS

Pixels = NDArray[np.uint8]


def _colour_word(word: str, rng: random.Random) -> str:
    others = SYNONYMS.get(word, ())
    return rng.choice(others) if others and rng.random() < 0.35 else word


def view_of(rgba: Pixels) -> str:
    """How the thing is turned, where its outline tells: "front view", "diagonal", or ""."""
    shape = rgba[..., 3] >= 128
    rows, columns = np.nonzero(shape)
    if len(rows) < 20 or shape.mean() > 0.9:
        return ""
    spread = np.cov(np.stack([rows, columns]))
    (narrow, wide), axes = np.linalg.eigh(spread)
    steep = abs(axes[0, 1])  # sine of the longer axis against the ground
    if wide > 6 * narrow and 0.5 < steep < 0.87:
        return "diagonal"
    box = shape[:, columns.min() : columns.max() + 1]
    both = (box & box[:, ::-1]).sum() / (box | box[:, ::-1]).sum()
    return "front view" if both > 0.88 else ""


def caption(
    subject: Subject,
    colours: list[str],
    rng: random.Random,
    name_colour: float = 0.85,
    *,
    style: str = "",
    view: str = "",
) -> str:
    """One caption drawn at random, e.g. "a red potion", "red glass potion, item", "potion".

    `colours`: dominant colour words, strongest first; `name_colour`: how often one is named.
    `style` is nearly always named, since what is asked for without one is to look as the base does.
    """
    noun = rng.choice(plain_nouns(subject))
    draw = rng.random()
    if draw < 0.20 and subject.realm:
        noun = subject.kind
    elif draw > 0.45 and subject.names:
        noun = " ".join(subject.names[-3:])
        if rng.random() < 0.4 and subject.kind not in noun:
            noun = f"{noun} {subject.kind}"
    said: list[str] = []
    if colours and rng.random() < name_colour:
        said.append(_colour_word(colours[0], rng))
        if len(colours) > 1 and rng.random() < 0.35:
            said.append("and " + _colour_word(colours[1], rng))
    if subject.materials and rng.random() < 0.5:
        said.append(rng.choice(subject.materials))
    phrase = " ".join(dict.fromkeys([*said, noun]))
    draw = rng.random()
    if draw < 0.5:
        article = "an" if phrase[0] in "aeiou" else "a"
        phrase = f"{article} {phrase}"
    if draw > 0.85 and subject.kind not in phrase:
        phrase = f"{phrase}, {subject.kind}"
    if view and rng.random() < 0.12:
        phrase = f"{phrase}, {view}"
    if style and rng.random() < 0.95:
        phrase = f"{style} of {phrase}" if rng.random() < 0.3 else f"{phrase}, {style}"
    return phrase
