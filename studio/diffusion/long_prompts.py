"""Prompts that are longer than a text encoder takes, or weighted, as the UNet is told them.

Each chunk is encoded on its own between begin and end, as A1111 and ComfyUI do, and the states lie
one after the other; cross-attention takes any number of them. SDXL's pooled answer is the first
chunk's. The UNet takes prompt and negative prompt together, so the shorter is filled up with empty
chunks. A weight moves a word's states away from those of the empty text or towards them, as
ComfyUI has it. A1111 multiplies them and then restores their mean, which is nearly 0 in several
encoders: there a single weight would change the size of every state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio.diffusion import conditioning, prompt_tokens, prompt_weights
from studio.diffusion.conditioning import Conditioning
from studio.diffusion.prompt_tokens import Chunk

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Together:
    """Prompts that are drawn in one go: their places among all, and what the pipeline's call takes
    for them and the negative prompt."""

    places: tuple[int, ...]
    told: dict[str, Any]


def as_captions(prompts: Sequence[str], negative: str) -> list[Together]:
    """The prompts as a training reads captions: word for word, up to the base's context."""
    told = {"prompt": list(prompts), "negative_prompt": [negative] * len(prompts)}
    return [Together(tuple(range(len(prompts))), told)]


def together(pipeline: Any, prompts: Sequence[str], negative: str) -> list[Together]:
    """The prompts in groups of one number of chunks, so that none acts on its neighbours. Those
    that are one chunk without weights are told as texts, which the pipeline encodes itself."""
    reader = prompt_tokens.of_pipeline(pipeline)
    against = reader.chunks(negative)
    read = {text: reader.chunks(text) for text in prompts}
    groups: dict[int, list[int]] = {}  # 0 chunks: plain
    for place, text in enumerate(prompts):
        sides = (read[text], against)
        plain = all(len(side) == 1 and not _weighted(side) for side in sides)
        groups.setdefault(0 if plain else max(map(len, sides)), []).append(place)
    found = []
    for count, places in sorted(groups.items(), key=lambda group: group[1]):
        texts = [prompts[place] for place in places]
        told = _embedded(pipeline, texts, negative, count) if count else _plain(texts, negative)
        found.append(Together(tuple(places), told))
    return found


def encoded(pipeline: Any, text: str, count: int) -> Conditioning:
    """The text in `count` chunks: `text` [1, count * tokens, width], `pooled` [1, width]."""
    names = [name.replace("text_encoder", "tokenizer") for name in conditioning.encoders(pipeline)]
    readers = [prompt_tokens.of_pipeline(pipeline, name) for name in names]
    read = [_filled(reader.chunks(text), count) for reader in readers]
    told = conditioning.of_tokens(pipeline, _ids(pipeline, read))
    states = told.text
    if _weighted(read[0]):
        empty = conditioning.condition(pipeline, [""]).text
        states = empty + (states - empty) * _weights(read[0], states)
    pooled = None if told.pooled is None else told.pooled[:1]
    return Conditioning(states.reshape(1, -1, states.shape[-1]), pooled)


def _plain(texts: list[str], negative: str) -> dict[str, Any]:
    return {
        "prompt": [prompt_weights.spoken(text) for text in texts],
        "negative_prompt": [prompt_weights.spoken(negative)] * len(texts),
    }


def _embedded(pipeline: Any, texts: list[str], negative: str, count: int) -> dict[str, Any]:
    import torch

    made = {text: encoded(pipeline, text, count) for text in {*texts, negative}}
    told: dict[str, Any] = {}
    for name, side in (("prompt", texts), ("negative_prompt", [negative] * len(texts))):
        told[f"{name}_embeds"] = torch.cat([made[text].text for text in side])
        pooled = [one for text in side if (one := made[text].pooled) is not None]
        if pooled:
            told[f"{name}_embeds".replace("prompt", "pooled_prompt")] = torch.cat(pooled)
    return told


def _filled(chunks: Sequence[Chunk], count: int) -> tuple[Chunk, ...]:
    return (*chunks, *[()] * (count - len(chunks)))


def _ids(pipeline: Any, read: Sequence[Sequence[Chunk]]) -> list[torch.Tensor]:
    """Of each text encoder the ids [chunks, tokens] as its tokenizer fills up a short text."""
    import torch

    found = []
    for encoder, chunks in zip(conditioning.encoders(pipeline), read, strict=True):
        tokenizer = getattr(pipeline, encoder.replace("text_encoder", "tokenizer"))
        rows = torch.full((len(chunks), tokenizer.model_max_length), tokenizer.pad_token_id)
        for row, chunk in zip(rows, chunks, strict=True):
            whole = [tokenizer.bos_token_id, *(token for token, _ in chunk), tokenizer.eos_token_id]
            row[: len(whole)] = torch.tensor(whole)
        found.append(rows)
    return found


def _weighted(chunks: Sequence[Chunk]) -> bool:
    return any(weight != 1 for chunk in chunks for _, weight in chunk)


def _weights(chunks: Sequence[Chunk], states: torch.Tensor) -> torch.Tensor:
    """A factor for each state [chunks, tokens, 1]; 1 of begin, end and what fills up."""
    factors = states.new_ones((*states.shape[:2], 1))
    for row, chunk in zip(factors, chunks, strict=True):
        for place, (_, weight) in enumerate(chunk, 1):
            row[place] = weight
    return factors
