"""Words that CLIP finds in a picture: of a vocabulary those whose texts lie nearest to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

TAGS = 5


def tags(
    pictures: Any, words: Sequence[str], encode_texts: Callable[[list[str]], Any], count: int = TAGS
) -> list[str]:
    """For each of the pictures' unit vectors `[n, dims]` the `count` nearest words, with commas.

    Zero-shot: nothing was learned for it, so that about half the pictures get a fitting word
    among five. They are proposals.
    """
    texts = encode_texts([f"a {word}" for word in words])
    alike = np.asarray(pictures) @ np.asarray(texts).T
    best = np.argsort(-alike, axis=1)[:, :count]
    return [", ".join(words[k] for k in row) for row in best]
