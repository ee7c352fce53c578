"""What a GAN is asked for in words: classes with their weights, and a truncation.

"rocks", "rocks 0.3, gems 0.7", "gems, truncation 0.6": so whatever draws by prompt and seed, lists
and ballots among them, can mix classes, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from studio import numbers

TRUNCATION = "truncation"
MOST = 10.0


@dataclass(frozen=True)
class Wish:
    """Classes and their weights, none for each seed's own; None: the GAN's own truncation."""

    classes: tuple[tuple[str, float], ...] = ()
    truncation: float | None = None


def read(text: str, known: Sequence[str]) -> Wish:
    """What a text asks for of a GAN that knows these classes. Parts between commas that are classes
    count as such, with a weight behind them or 1; where none is, the longest class that the text
    names. All other words say nothing."""
    by_name = {name.lower(): name for name in known}
    classes, truncation = list[tuple[str, float]](), None
    for part in text.split(","):
        found = re.fullmatch(r"\s*(.*?)(?:\s*[=:]\s*|\s+)([0-9]*\.?[0-9]+)\s*", part)
        name, weight = (found[1], float(found[2])) if found else (part.strip(), 1.0)
        if name.lower() == TRUNCATION and found:
            truncation = numbers.number(TRUNCATION, weight, 0, MOST)
        elif part.strip().lower() in by_name:  # a class may end in a number
            classes.append((by_name[part.strip().lower()], 1.0))
        elif name.lower() in by_name:
            classes.append((by_name[name.lower()], weight))
    if not classes and (named := _named(text, known)):
        classes.append((named, 1.0))
    return Wish(tuple(classes), truncation)


def written(wish: Wish) -> str:
    """The text that asks for it; "any" where it asks for nothing: a prompt says something."""
    parts = [name if weight == 1 else f"{name} {weight:g}" for name, weight in wish.classes]
    if wish.truncation is not None:
        parts.append(f"{TRUNCATION} {wish.truncation:g}")
    return ", ".join(parts) or "any"


def _named(text: str, known: Sequence[str]) -> str:
    """The longest class that a text names as words, also in the plural."""
    words = f" {' '.join(_words(text))} "
    found = [
        name
        for name in known
        if (said := " ".join(_words(name))) and (f" {said} " in words or f" {said}s " in words)
    ]
    return max(found, key=len, default="")


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())
