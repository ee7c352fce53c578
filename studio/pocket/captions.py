"""Captions drawn at random for the sprites that the pocket base is taught."""

from __future__ import annotations

import random

from studio.captioning.subjects import Subject, plain_nouns
from studio.colours import SYNONYMS


def _colour_word(word: str, rng: random.Random) -> str:
    others = SYNONYMS.get(word, ())
    return rng.choice(others) if others and rng.random() < 0.35 else word


def caption(
    subject: Subject, colours: list[str], rng: random.Random, name_colour: float = 0.85
) -> str:
    """One caption drawn at random, e.g. "a red potion", "red glass potion, item", "potion".

    `colours`: dominant colour words, strongest first; `name_colour`: how often one is named.
    """
    noun = rng.choice(plain_nouns(subject))
    if rng.random() < 0.30:
        noun = subject.kind
    elif subject.names and rng.random() < 0.55:
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
    phrase = " ".join([*said, noun])
    draw = rng.random()
    if draw < 0.5:
        article = "an" if phrase[0] in "aeiou" else "a"
        phrase = f"{article} {phrase}"
    if draw > 0.85 and subject.kind not in phrase:
        phrase = f"{phrase}, {subject.kind}"
    return phrase
