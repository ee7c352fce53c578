"""Which words of a prompt the practice base has never seen in a caption."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from studio.diffusion import bundled_bases
from studio.errors import StudioError

FILE_NAME = "vocabulary.txt"
# Words without a picture of their own; no prompt is faulted for them.
SMALL = frozenset(
    "a an the of with and or in on at to for from by its his her this that is are as very".split()
)


def words_of(text: str) -> list[str]:
    """The words of a text, lower case; what stands in <angle brackets> is a trigger, not a word."""
    return re.findall(r"[^\W\d_]+", re.sub(r"<[^<>]*>", " ", text).lower())


def symbols_of(text: str) -> list[str]:
    """Emoji and other pictures among the letters of a text, each once."""
    found = (sign for sign in text if unicodedata.category(sign) == "So")
    return list(dict.fromkeys(found))


def write_vocabulary(captions: Iterable[str], folder: Path) -> None:
    """Writes the captions' words, sorted, one a line, to `folder`/vocabulary.txt."""
    words = sorted({word for text in captions for word in words_of(text)})
    (folder / FILE_NAME).write_text("\n".join(words) + "\n", "utf-8")


@lru_cache(maxsize=4)
def _known(path: Path, changed: int) -> frozenset[str]:
    return frozenset(path.read_text("utf-8").split())


def unknown_words(prompt: str, folder: Path) -> list[str]:
    """Words of `prompt`, in order and once each, that no caption of the base in `folder` held, and
    behind them its emoji, of which none does.

    A plural counts as known where its singular is. Raises StudioError without a word list.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        raise StudioError(
            f"{path} does not exist.", "Name the folder of a pocket base, such as pocket/."
        )
    known = _known(path, path.stat().st_mtime_ns)
    found: list[str] = []
    for word in words_of(prompt):
        if word not in SMALL and not _forms(word) & known and word not in found:
            found.append(word)
    return found + symbols_of(prompt)


def _forms(word: str) -> set[str]:
    """A word, and the singular that it may be the plural of: gems, boxes, rubies."""
    ends = {"s": "", "es": "", "ies": "y"}
    singular = {word.removesuffix(end) + one for end, one in ends.items() if word.endswith(end)}
    return {word, *singular}


def said(base: str, prompt: str) -> list[str]:
    """A sentence where the practice base of that name never learned words of the prompt, which is
    without its trigger word; none for any other base."""
    own = bundled_bases.find(base)
    unknown = unknown_words(prompt, own.folder) if own and own in bundled_bases.present() else []
    if not unknown:
        return []
    return [
        f"The practice base never learned: {', '.join(unknown)}. It draws something, but not that."
    ]
