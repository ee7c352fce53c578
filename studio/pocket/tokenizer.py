"""A small byte-pair tokenizer in CLIPTokenizer's format, so that any text has tokens."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from studio.diffusion import torchvision_compat  # noqa: F401  (before transformers)
from studio.pocket.parts import TOKENS

from transformers import CLIPTokenizer  # isort: skip

VOCABULARY = 1500
START, END = "<|startoftext|>", "<|endoftext|>"
# CLIP's own way of cutting text: words, single digits, runs of other characters.
CUT = r"""'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"""
# Words that people ask for but few file names hold.
ENGLISH = (
    "a an the of with and on in game style pixel art sprite icon picture small big large tiny "
    "shiny dark light bright old new magic magical enchanted cursed burning frozen ancient royal "
    "red orange yellow brown green cyan teal blue purple violet pink grey gray white black golden "
    "gold silver sword axe bow shield potion ring amulet book scroll staff wand helmet boots "
    "armour armor robe gloves dagger spear mace hammer key chest coin coins gem crystal tree "
    "flower mushroom door gate altar statue trap shop skeleton zombie ghost dragon demon slime "
    "goblin orc wizard knight cat dog wolf bear bird snake spider fish horse apple bread meat "
    "cheese house castle tower wall floor water fire ice stone wood wooden metal leather glass "
    "cloth iron steel bone monster animal person man woman hero weapon item food plant creature"
).split()


def train_tokenizer(captions: Iterable[str], out: Path) -> CLIPTokenizer:
    """Learns at most VOCABULARY pieces from `captions` and plain English; saves it under `out`.

    The end-of-text token has the highest id, which CLIP's argmax pooling needs.
    """
    words: Counter[str] = Counter()
    for text in captions:
        words.update(text.lower().split())
    for word in ENGLISH:
        words[word] += max(words.most_common(1)[0][1] // 20 if words else 1, 20)
    learner = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    learner.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    learner.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(CUT), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - 2 - 256,  # bytes that end a word are added below
        end_of_word_suffix="</w>",
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    learner.train_from_iterator((" ".join([w] * n) for w, n in sorted(words.items())), trainer)
    merges = [
        tuple(m.split(" ")) if isinstance(m, str) else tuple(m)
        for m in json.loads(learner.to_str())["model"]["merges"]
    ]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    pieces = letters + [letter + "</w>" for letter in letters]
    pieces += [a + b for a, b in merges]
    pieces = list(dict.fromkeys(pieces)) + [START, END]
    tokenizer = CLIPTokenizer(
        vocab={piece: index for index, piece in enumerate(pieces)},
        merges=merges,  # type: ignore[arg-type]
        unk_token=END,
        bos_token=START,
        eos_token=END,
        pad_token=END,
        model_max_length=TOKENS,
    )
    tokenizer.save_pretrained(str(out))
    return CLIPTokenizer.from_pretrained(str(out))


def token_ids(tokenizer: CLIPTokenizer, texts: list[str]) -> list[list[int]]:
    """Ids [n][TOKENS], start and end added, padded with the end token, cut where too long."""
    found = tokenizer(texts, padding="max_length", max_length=TOKENS, truncation=True)
    return [list(row) for row in found["input_ids"]]
