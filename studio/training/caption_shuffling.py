"""Captions as they are learned: their parts in several orders, and what of them is too long."""

from __future__ import annotations

import functools
import json
import random
import re
from collections.abc import Sequence
from pathlib import Path
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


@functools.lru_cache(maxsize=4)
def tokenizer_of(folder: Path) -> tuple[Tokenizer, int] | None:
    """The tokenizer in a base's folder and how many tokens it reads at most, without the libraries
    that a training needs; None where it is not there. Knows those of Stable Diffusion."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    own = folder / "tokenizer"
    try:
        most = int(json.loads((own / "tokenizer_config.json").read_text())["model_max_length"])
        if (own / "tokenizer.json").is_file():
            return Tokenizer.from_file(str(own / "tokenizer.json")), most
        vocabulary = json.loads((own / "vocab.json").read_text("utf-8"))
        lines = (own / "merges.txt").read_text("utf-8").split("\n")[1:]
    except (OSError, ValueError, KeyError):
        return None
    pairs = [line.split() for line in lines]
    merges = [(pair[0], pair[1]) for pair in pairs if len(pair) == 2]
    begin, end = "<|startoftext|>", "<|endoftext|>"
    made = Tokenizer(
        models.BPE(vocab=vocabulary, merges=merges, end_of_word_suffix="</w>", unk_token=end)
    )
    made.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    words = Regex(
        r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    )
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(words, behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    made.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        special_tokens=[(begin, vocabulary[begin]), (end, vocabulary[end])],
    )
    return made, most


def _end(text: str, first: int) -> str:
    """The text from the beginning of the word in which the character `first` is."""
    return text[text[:first].rfind(" ") + 1 :].strip()


def _brief(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
