"""How a base reads a prompt: its tokens, and the chunks in which a long one is encoded.

Light: nothing here loads torch or transformers, so that pages count as the base will.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.diffusion import bundled_bases, families, light_tokenizers, prompt_weights

if TYPE_CHECKING:
    from tokenizers import Tokenizer

CLIP = 77  # tokens that Stable Diffusion's text encoders take, begin and end counted
Chunk = tuple[tuple[int, float], ...]  # tokens with their weights, without begin and end


@dataclass(frozen=True)
class Reader:
    """What parts a text into tokens, without cutting it, and how many a text encoder takes at a
    time, begin and end counted."""

    tokenizer: Tokenizer
    most: int

    def chunks(self, prompt: str) -> tuple[Chunk, ...]:
        """The prompt in chunks of at most `most` - 2 tokens, at least one. No word is torn apart
        that fits into one; what fits into the first as a whole is one."""
        room, found = self.most - 2, [list[tuple[int, float]]()]
        for word in self._words(prompt):
            if len(found[-1]) + len(word) > room >= len(word):
                found.append([])
            for token in word:
                if len(found[-1]) == room:
                    found.append([])
                found[-1].append(token)
        return tuple(tuple(chunk) for chunk in found)

    def _words(self, prompt: str) -> Iterator[list[tuple[int, float]]]:
        for piece in prompt_weights.pieces(prompt):
            read = self.tokenizer.encode(piece.text, add_special_tokens=False)
            for _, word in groupby(zip(read.ids, read.word_ids, strict=True), key=lambda w: w[1]):
                yield [(token, piece.weight) for token, _ in word]


def of_pipeline(pipeline: Any, tokenizer: str = "tokenizer") -> Reader:
    """That of a loaded pipeline."""
    found = getattr(pipeline, tokenizer)
    # Each call of transformers' own sets both as it needs them.
    found.backend_tokenizer.no_truncation()
    found.backend_tokenizer.no_padding()
    return Reader(found.backend_tokenizer, int(found.model_max_length))


def of_base(base: str) -> Reader | None:
    """That of the base of this name or place; None where its files are not on this machine."""
    place = Path(bundled_bases.place(base)).expanduser()
    if place.is_file():
        return Reader(light_tokenizers.of_clip(), CLIP)
    if not place.is_dir():
        kept = families.kept(base, "tokenizer/tokenizer_config.json")
        place = kept.parent.parent if kept else place
    found = light_tokenizers.of_folder(place)
    return Reader(*found) if found else None


def taken(reader: Reader, prompt: str, negative: str) -> dict[str, Any]:
    """What a picture's metadata says of how its prompts were read: nothing where both were read as
    they stand, each in one chunk."""
    told: dict[str, Any] = {}
    for before, text in (("", prompt), ("negative_", negative)):
        if (chunks := len(reader.chunks(text))) > 1:
            told[f"{before}chunks"] = chunks
        if weights := prompt_weights.weights(text):
            told[f"{before}weights"] = weights
        if (spoken := prompt_weights.spoken(text)) != text:
            told[f"{before}text"] = spoken
    return told


def told(reading: dict[str, Any]) -> str:
    """What `taken` gave, in words; "" where there is nothing to tell."""
    found = []
    for before, name in (("", "the prompt"), ("negative_", "the negative prompt")):
        if chunks := reading.get(f"{before}chunks"):
            found.append(f"{name} in {chunks} chunks")
        if weights := reading.get(f"{before}weights"):
            found.append(f"{name} with " + ", ".join(f"{text!r} at {w:g}" for text, w in weights))
        elif text := reading.get(f"{before}text"):
            found.append(f"{name} as {text!r}")
    return "; ".join(found)


def said(reader: Reader | None, prompt: str, what: str = "The prompt") -> list[str]:
    """Sentences about what becomes of a prompt that is not drawn as it stands, at once; without a
    reader its length is an estimate."""
    found = []
    if reader is None:
        if (about := estimate(prompt)) > CLIP - 2:
            found.append(
                f"{what} has about {about} tokens, an estimate: where more than {CLIP - 2} are, "
                "it is encoded in chunks."
            )
    elif len(chunks := reader.chunks(prompt)) > 1:
        found.append(
            f"{what} has {sum(map(len, chunks))} tokens; the base takes {reader.most - 2} at a "
            f"time, so it is encoded in {len(chunks)} chunks. Each acts less than it would alone."
        )
    if left := prompt_weights.left(prompt):
        found.append(left)
    return found


def cut_off(reader: Reader, captions: Iterable[str]) -> list[str]:
    """Sentences, each once, about texts that are read as captions and end beyond the context."""
    found = []
    for text in dict.fromkeys(captions):
        offsets = reader.tokenizer.encode(text, add_special_tokens=False).offsets
        if len(offsets) > reader.most - 2:
            first = text.rfind(" ", 0, offsets[reader.most - 2][0] + 1) + 1
            found.append(
                f"The sheet's prompt {text[:40]!r} has {len(offsets)} tokens. As in training the "
                f"first {reader.most - 2} are read; {text[first:]!r} is not drawn."
            )
    return found


def counted(reader: Reader | None, prompt: str) -> str:
    """How long the prompt is, in a few words: "12 of 75 tokens", "90 tokens in 2 chunks"."""
    if reader is None:
        return f"about {estimate(prompt)} of {CLIP - 2} tokens (an estimate)"
    chunks = reader.chunks(prompt)
    count = sum(map(len, chunks))
    if len(chunks) > 1:
        return f"{count} tokens in {len(chunks)} chunks of at most {reader.most - 2}"
    return f"{count} of {reader.most - 2} tokens"


def estimate(prompt: str) -> int:
    """About how many tokens CLIP's tokenizer would make of the prompt: each word and mark one."""
    return len(re.findall(r"[^\W\d_]+|\d|[^\w\s]+", prompt_weights.spoken(prompt)))
