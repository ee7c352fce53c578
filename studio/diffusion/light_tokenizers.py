"""Tokenizers of Stable Diffusion's kind without the libraries that a training needs."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING

from studio.diffusion import single_file

if TYPE_CHECKING:
    from tokenizers import Tokenizer

BEGIN, END = single_file.START, single_file.END


@functools.lru_cache(maxsize=4)
def of_folder(folder: Path) -> tuple[Tokenizer, int] | None:
    """The tokenizer in a base's folder, which cuts nothing off, and how many tokens the base reads
    at most; None where it is not there."""
    from tokenizers import Tokenizer

    own = folder / "tokenizer"
    try:
        most = int(json.loads((own / "tokenizer_config.json").read_text())["model_max_length"])
        if (own / "tokenizer.json").is_file():
            found = Tokenizer.from_file(str(own / "tokenizer.json"))
            found.no_truncation()
            found.no_padding()
            return found, most
        vocabulary = json.loads((own / "vocab.json").read_text("utf-8"))
        lines = (own / "merges.txt").read_text("utf-8").split("\n")[1:]
    except (OSError, ValueError, KeyError):
        return None
    pairs = [line.split() for line in lines]
    merges = [(pair[0], pair[1]) for pair in pairs if len(pair) == 2]
    return _made(vocabulary, merges), most


@functools.cache
def of_clip() -> Tokenizer:
    """The one that Stable Diffusion 1.x, 2.x and SDXL share."""
    vocabulary, merges = single_file.clip_vocabulary()
    return _made(vocabulary, merges)


def _made(vocabulary: dict[str, int], merges: list[tuple[str, str]]) -> Tokenizer:
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    made = Tokenizer(
        models.BPE(vocab=vocabulary, merges=merges, end_of_word_suffix="</w>", unk_token=END)
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
        single=f"{BEGIN} $A {END}",
        special_tokens=[(BEGIN, vocabulary[BEGIN]), (END, vocabulary[END])],
    )
    return made
