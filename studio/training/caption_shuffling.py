"""Captions as they are learned: their parts in several orders, and what of them is too long."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

ORDERS = 6  # of each caption's tags; as many texts are encoded and kept
SHOWN = 5  # pictures that a warning names


def orders(caption: str, keep: int, chance: int) -> list[str]:
    """The caption and up to ORDERS - 1 others in which the parts after the first `keep` between
    its commas come in other orders; always the same for the same caption and `chance`."""
    parts = [part.strip() for part in caption.split(",") if part.strip()]
    first, rest = parts[:keep], parts[keep:]
    found = [caption]
    draws = random.Random(f"{chance} {caption}")
    seen = {", ".join(parts)}
    for _ in range(4 * ORDERS):
        if len(found) == ORDERS or len(rest) < 2:
            break
        draws.shuffle(rest)
        told = ", ".join(first + rest)
        if told not in seen:
            seen.add(told)
            found.append(told)
    return found


def too_long(named: Sequence[tuple[str, str]], tokenizer: Tokenizer, most: int) -> tuple[str, ...]:
    """Sentences about captions of more than `most` tokens, begin and end counted: pictures by
    name, and what is cut off. `named` are pictures' names and captions."""
    # A token is a byte at least, so short ones need no look.
    long = [(name, text) for name, text in named if len(text.encode()) > most - 2]
    tokenizer.no_truncation()
    tokenizer.no_padding()
    read = tokenizer.encode_batch([text for _, text in long])
    cut = [
        (name, _end(text, found.offsets[most - 1][0]))
        for (name, text), found in zip(long, read, strict=True)
        if len(found.ids) > most
    ]
    said = [
        f"The caption of {name} is longer than {most} tokens: {_brief(end)!r} at its end is not "
        "learned."
        for name, end in cut[:SHOWN]
    ]
    return (*said, *_more(len(cut)))


def surely_too_long(named: Sequence[tuple[str, str]], most: int = 77) -> tuple[str, ...]:
    """As `too_long` without a tokenizer: a word or a mark is a token at least."""
    cut = [name for name, text in named if len(re.findall(r"\w+|[^\w\s]", text)) > most - 2]
    said = [
        f"The caption of {name} is longer than {most} tokens: its end is not learned."
        for name in cut[:SHOWN]
    ]
    return (*said, *_more(len(cut)))


def _more(cut: int) -> list[str]:
    return [f"So it is with {cut - SHOWN:,} more captions."] if cut > SHOWN else []


def _end(text: str, first: int) -> str:
    """The text from the beginning of the word in which the character `first` is."""
    return text[text[:first].rfind(" ") + 1 :].strip()


def _brief(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
