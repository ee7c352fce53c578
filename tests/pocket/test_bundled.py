"""The base that comes with the project: loads anywhere, draws RGBA, follows colour words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline
from PIL import Image

from studio.colours import colour_shares
from studio.diffusion.pocket_clip import FIRST, load_clip
from studio.pocket.sheet import contact_sheet, draw

PROMPTS = [
    *("a red potion", "a blue potion", "a green potion", "a purple book", "a red book"),
    *("a blue book", "a green slime", "a blue slime", "a purple slime", "a golden ring"),
    *("a red gem", "a green tree"),
]


@pytest.fixture(scope="module")
def pipeline(bundled: Path) -> Any:
    loaded = StableDiffusionPipeline.from_pretrained(str(bundled))
    loaded.set_progress_bar_config(disable=True)
    return loaded


@pytest.fixture(scope="module")
def drawn(pipeline: Any) -> list[Image.Image]:
    return draw(pipeline, PROMPTS, seed=1, steps=12)


def test_draws_sprites_with_alpha(drawn: list[Image.Image]) -> None:
    binary = []
    for picture in drawn:
        assert (picture.mode, picture.size) == ("RGBA", (32, 32))
        alpha = np.asarray(picture)[..., 3]
        binary.append(((alpha < 40) | (alpha > 215)).mean())
        assert 0.03 < (alpha >= 128).mean() <= 1.0
    assert np.mean(binary) > 0.85


def test_colours_follow_the_prompt(drawn: list[Image.Image]) -> None:
    hits = 0
    for prompt, picture in zip(PROMPTS, drawn, strict=True):
        word = prompt.split()[1].replace("golden", "yellow")
        shares = colour_shares(np.asarray(picture))
        hits += word in sorted(shares, key=lambda w: -shares[w])[:2]
    assert hits >= 9


@pytest.mark.slow
def test_same_seed_same_picture_and_batch_mates_have_their_own(
    pipeline: Any, drawn: list[Image.Image]
) -> None:
    again = draw(pipeline, PROMPTS, seed=1, steps=12)
    assert [p.tobytes() for p in again] == [p.tobytes() for p in drawn]
    assert len({p.tobytes() for p in drawn}) == len(drawn)


def test_trigger_words_are_no_unknown_tokens(pipeline: Any) -> None:
    tokenizer = pipeline.tokenizer
    ids = tokenizer("<GameStyle> a red potion, 日本!").input_ids
    assert ids[0] == tokenizer.bos_token_id
    assert ids.count(tokenizer.eos_token_id) == 1
    assert tokenizer.eos_token_id == len(tokenizer) - 1


def test_autoencoder_gives_a_sprite_back(pipeline: Any) -> None:
    picture = torch.zeros(1, 4, 32, 32)
    picture[:, 3] = -1
    picture[:, :, 8:24, 8:24] = torch.tensor([1.0, -0.8, -0.8, 1.0])[None, :, None, None]
    with torch.no_grad():
        latents = pipeline.vae.encode(picture).latents
        again = pipeline.vae.decode(latents).sample.clamp(-1, 1)
    assert (again - picture).abs().mean() < 0.12


def test_whole_base_is_small(bundled: Path) -> None:
    assert sum(f.stat().st_size for f in bundled.rglob("*") if f.is_file()) <= 40e6


def test_clip_matches_pictures_to_texts_better_than_chance(
    drawn: list[Image.Image], bundled: Path
) -> None:
    clip = load_clip(bundled / "clip")
    assert clip.name == FIRST
    pictures, texts = clip.encode_pictures(drawn), clip.encode_texts(PROMPTS)
    assert pictures.shape == texts.shape == (len(PROMPTS), 192)
    assert pictures.dtype == np.float32
    assert np.allclose(np.linalg.norm(pictures, axis=1), 1, atol=1e-4)
    right = (pictures @ texts.T).argmax(1) == np.arange(len(PROMPTS))
    assert right.mean() >= 4 / len(PROMPTS)  # chance is one


def test_clip_sees_how_a_picture_is_drawn(drawn: list[Image.Image], bundled: Path) -> None:
    clip = load_clip(bundled / "clip")
    grey = [p.convert("LA").convert("RGBA") for p in drawn]
    silhouettes = []
    for picture in drawn:
        black = Image.new("RGBA", picture.size, (0, 0, 0, 255))
        black.putalpha(picture.getchannel("A"))
        silhouettes.append(black)
    plain = clip.encode_pictures(drawn)
    for changed in (grey, silhouettes):
        moved = np.linalg.norm(plain.mean(0) - clip.encode_pictures(changed).mean(0))
        assert moved > np.linalg.norm(plain[::2].mean(0) - plain[1::2].mean(0))


def test_contact_sheet_holds_every_picture(drawn: list[Image.Image], tmp_path: Path) -> None:
    sheet = contact_sheet(drawn, PROMPTS, columns=4)
    assert sheet.size == (4 * 136, 3 * 150)
