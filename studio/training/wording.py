"""Captions as they are learned: their parts in several orders, and what of them is too long."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

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


def too_long(
    named: Sequence[tuple[str, str]], most: int, lost: Callable[[str], str]
) -> tuple[str, ...]:
    """Sentences about captions of more than `most` tokens, begin and end counted: pictures by
    name and what is cut off, which `lost` tells of a caption ("" for none).

    `named` are pictures' names and captions. A token is a byte at least, so short ones are not
    looked at.
    """
    cut = [
        (name, end) for name, text in named if len(text.encode()) > most - 2 and (end := lost(text))
    ]
    said = [
        f"The caption of {name} is longer than {most} tokens: {_brief(end)!r} at its end is not "
        "learned."
        for name, end in cut[:SHOWN]
    ]
    if len(cut) > SHOWN:
        said.append(f"So it is with {len(cut) - SHOWN:,} more captions.")
    return tuple(said)


def lost_of(tokenizer: object) -> Callable[[str], str]:
    """What a tokenizer of transformers cuts off a caption's end."""

    def lost(text: str) -> str:
        told = tokenizer(text, return_offsets_mapping=True)  # type: ignore[operator]
        most = int(tokenizer.model_max_length)  # type: ignore[attr-defined]
        if len(told.input_ids) <= most:
            return ""
        first = told.offset_mapping[most - 1][0]
        return text[text[:first].rfind(" ") + 1 :].strip()  # from the word's beginning

    return lost


def _brief(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
