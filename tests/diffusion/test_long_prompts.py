"""Prompts beyond the context: encoded in chunks; what fits is drawn bit for bit as before."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.diffusion import (
    light_tokenizers,
    long_prompts,
    prompt_tokens,
    sampling,
    single_file,
)
from studio.diffusion.bases import find_base, load_pipeline
from studio.diffusion.img2img import Start
from studio.diffusion.sampling import Draw
from tests.diffusion.conftest import make_base
from tests.rounding import same_tensor

LONG = ", ".join(f"a red potion with {word}" for word in "gold glass gems rubies wood iron".split())
DRAW = Draw(steps=2, guidance=3)

made = functools.cache(make_base)


def pixels(pictures: list[Image.Image]) -> list[np.ndarray]:
    return [np.asarray(picture) for picture in pictures]


def by_hand(pipeline: Any, rows: list[list[int]]) -> tuple[torch.Tensor, Any]:
    """The states of chunks of ids, one call of each encoder a chunk, side by side; and the last
    encoder's pooled answer to the first."""
    found, pooled = [], []
    for row in rows:
        sides = []
        for name in ("", "_2"):
            encoder = getattr(pipeline, f"text_encoder{name}", None)
            if encoder is None:
                continue
            tokenizer = getattr(pipeline, f"tokenizer{name}")
            ids = [tokenizer.bos_token_id, *row, tokenizer.eos_token_id]
            ids += [tokenizer.pad_token_id] * (tokenizer.model_max_length - len(ids))
            told = encoder(torch.tensor([ids]), output_hidden_states=True)
            large = hasattr(pipeline, "text_encoder_2")
            sides.append(told.hidden_states[-2] if large else told.last_hidden_state)
        pooled.append(told[0])
        found.append(torch.cat(sides, -1))
    return torch.cat(found, 1), pooled[0]


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl"])
@torch.no_grad()
def test_chunks_are_encoded_alone_and_lie_one_after_the_other(family: str) -> None:
    pipeline = made(family)
    ids = pipeline.tokenizer(LONG, add_special_tokens=False).input_ids
    assert len(ids) == 39 and pipeline.tokenizer.model_max_length == 32
    want, pooled = by_hand(pipeline, [ids[:30], ids[30:]])
    got = long_prompts.encoded(pipeline, LONG, 2)
    assert got.text.shape == (1, 64, want.shape[-1]) and same_tensor(got.text, want)
    assert (got.pooled is None) == (family != "sdxl")
    if got.pooled is not None:
        assert same_tensor(got.pooled, pooled)
    filled = long_prompts.encoded(pipeline, "blue", 2)
    own = pipeline.tokenizer("blue", add_special_tokens=False).input_ids
    assert same_tensor(filled.text, by_hand(pipeline, [own, []])[0])


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_what_fits_is_drawn_bit_for_bit_as_diffusers_draws_it(family: str) -> None:
    pipeline, texts = made(family), ["a red potion", "a (blue) [gem]"]
    with torch.inference_mode():
        latents = pipeline(
            texts,
            negative_prompt=["green"] * 2,
            num_inference_steps=2,
            guidance_scale=3,
            generator=[torch.Generator().manual_seed(seed) for seed in (1, 2)],
            output_type="latent",
        ).images
        want = pixels(sampling.decoded(pipeline, latents, 2))
    draw = Draw(steps=2, guidance=3, negative="green")
    got = pixels(sampling.draw_pictures(pipeline, texts, [1, 2], draw))
    assert all((a == b).all() for a, b in zip(got, want, strict=True))


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_the_end_of_a_long_prompt_and_of_a_long_negative_one_acts(family: str) -> None:
    pipeline = made(family)

    def drawn(text: str, negative: str = "", start: Any = None) -> np.ndarray:
        draw = Draw(steps=2, guidance=3, negative=negative)
        return pixels(sampling.draw_pictures(pipeline, [text], [5], draw, start=start))[0]

    assert (drawn(LONG) != drawn(LONG.replace("iron", "blue"))).any()
    assert (drawn("a gem", LONG) != drawn("a gem", LONG.replace("iron", "blue"))).any()
    start = Start(Image.new("RGBA", (64, 64), "red"), 0.6, "#808080", "lanczos")
    assert (drawn(LONG, "", start) != drawn(LONG.replace("iron", "blue"), "", start)).any()


def test_a_picture_does_not_depend_on_the_length_of_those_beside_it() -> None:
    pipeline = load_pipeline(find_base("pocket"), torch.device("cpu"))
    texts, seeds = [LONG, "a red potion", f"{LONG}, {LONG}", "a (red:1.3) gem"], [1, 2, 3, 4]
    beside = pixels(sampling.draw_pictures(pipeline, texts, seeds, DRAW))
    for text, seed, got in zip(texts, seeds, beside, strict=True):
        (alone,) = pixels(sampling.draw_pictures(pipeline, [text], [seed], DRAW))
        assert (got == alone).all(), text
    groups = long_prompts.together(pipeline, texts, "")
    assert [group.places for group in groups] == [(0,), (1,), (2,), (3,)]
    assert groups[1].told == {"prompt": ["a red potion"], "negative_prompt": [""]}
    assert groups[2].told["prompt_embeds"].shape == (1, 3 * 32, 192)
    assert groups[2].told["negative_prompt_embeds"].shape == (1, 3 * 32, 192)


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
@torch.no_grad()
def test_a_weight_moves_its_words_alone_away_from_the_empty_text(family: str) -> None:
    pipeline = made(family)
    empty = by_hand(pipeline, [[]])[0]
    ids = [pipeline.tokenizer(t, add_special_tokens=False).input_ids for t in ("a", "red", "gem")]
    assert [len(one) for one in ids] == [1, 1, 1]
    plain = by_hand(pipeline, [[one[0] for one in ids]])[0]
    got = long_prompts.encoded(pipeline, "a (red:1.5) gem", 1)
    want = plain.clone()
    want[0, 2] = empty[0, 2] + 1.5 * (plain[0, 2] - empty[0, 2])
    assert same_tensor(got.text, want) and not torch.equal(want, plain)
    if got.pooled is not None:
        assert same_tensor(got.pooled, long_prompts.encoded(pipeline, "a red gem", 1).pooled)


def test_words_stay_whole_and_a_word_longer_than_a_chunk_is_still_read() -> None:
    reader = prompt_tokens.of_base("pocket")
    assert reader is not None and reader.most == 32
    assert reader.chunks("") == ((),) and len(reader.chunks("a " * 30)) == 1
    torn = reader.tokenizer.encode("xylophone", add_special_tokens=False).ids
    assert len(torn) > 2
    first, second = reader.chunks("a " * 29 + "xylophone")
    assert len(first) == 29 and [token for token, _ in second] == torn
    long = reader.chunks("xylophone" * 20)
    assert len(long) > 2 and all(len(chunk) == 30 for chunk in long[:-1])
    words = reader.tokenizer.encode("xylophone" * 20, add_special_tokens=False).ids
    assert [token for chunk in long for token, _ in chunk] == words


def test_the_light_reader_counts_as_the_loaded_one() -> None:
    light = prompt_tokens.of_base("pocket")
    pipeline = load_pipeline(find_base("pocket"), torch.device("cpu"))
    loaded = prompt_tokens.of_pipeline(pipeline)
    assert light is not None
    for text in (LONG, "It's  (HERO's:1.2) 12 shields!", "", "ein Trank, grün"):
        assert light.chunks(text) == loaded.chunks(text)
    ours = prompt_tokens.Reader(light_tokenizers.of_clip(), 77)  # of a single file
    theirs = prompt_tokens.Reader(single_file.tokenizer(single_file.END).backend_tokenizer, 77)
    for text in (f"{LONG}, {LONG}", "It's  (HERO's:1.2) 12 shields!", "", "ein Trank, grün"):
        assert ours.chunks(text) == theirs.chunks(text)
    assert len(ours.chunks(f"{LONG}, {LONG}")) == 1 and ours.chunks(f"{LONG}, " * 3)[1]


def test_a_base_is_read_where_it_lies(tmp_path: Path) -> None:
    made("sd1").save_pretrained(tmp_path / "folder")
    (tmp_path / "file.safetensors").touch()
    folder = prompt_tokens.of_base(str(tmp_path / "folder"))
    file = prompt_tokens.of_base(str(tmp_path / "file.safetensors"))
    assert folder and folder.most == 32 and len(folder.chunks(LONG)) == 2
    assert file and file.most == 77 and len(file.chunks(LONG)) == 1
    assert prompt_tokens.of_base(str(tmp_path / "gone")) is None
    assert prompt_tokens.of_base("nobody/has-this") is None


def test_captions_are_drawn_as_they_are_learned_and_what_is_cut_off_is_named() -> None:
    pipeline = made("sd1")
    reader = prompt_tokens.of_pipeline(pipeline)
    (said,) = prompt_tokens.cut_off(reader, [LONG, "a gem", LONG])
    assert "39 tokens" in said and "'potion with wood, a red potion with iron' is not" in said

    def drawn(text: str) -> np.ndarray:
        return pixels(sampling.draw_pictures(pipeline, [text], [5], DRAW, captions=True))[0]

    assert (drawn(LONG) == drawn(LONG.replace("iron", "blue"))).all()
    assert (drawn("a (red:1.3) gem") != drawn("a (red:0.3) gem")).any()  # signs are words
    plain = pixels(sampling.draw_pictures(pipeline, ["a gem"], [5], DRAW))[0]
    assert (drawn("a gem") == plain).all()
