"""How pictures come to a size, what lies behind them, where they count, and how often."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio import images
from studio.diffusion import light_tokenizers
from studio.errors import StudioError
from studio.settings import POCKET
from studio.training import buckets, caption_shuffling, picture_fitting, repeats
from studio.training.batches import Order, batch
from studio.training.config import TrainConfig
from studio.training.encoded_dataset import Encoded, Group
from studio.training.picture_fitting import Fit

CONFIG = TrainConfig(batch_size=4, caption_dropout=0.0)


def shaped(*counts: int, often: list[float] | None = None, views: int = 1) -> Encoded:
    """Groups of that many pictures, of other shapes each; a latent says which picture it is."""
    groups, first = [], 0
    for number, count in enumerate(counts):
        which = torch.arange(first, first + count)
        mean = which.float().repeat_interleave(views)[:, None, None, None]
        mean = mean.expand(-1, 1, number + 1, 2).clone()
        groups.append(Group(mean, torch.zeros_like(mean), which, views))
        first += count
    text = torch.arange(first + 1.0)[:, None, None].expand(-1, 2, 3).clone()
    return Encoded(
        groups=tuple(groups),
        text=text,
        wordings=torch.arange(first)[:, None],
        captions=(*(f"picture {k}" for k in range(first)), ""),
        often=torch.tensor(often or [1.0] * first, dtype=torch.float64),
        device=torch.device("cpu"),
    )


def seen(encoded: Encoded, config: TrainConfig, batches: range) -> list[list[int]]:
    """The pictures of each batch, which is of one shape, and whose texts belong to them."""
    order, told = Order(encoded, config), []
    for step in batches:
        made = batch(encoded, order.at(step, 0), config, torch.Generator().manual_seed(step))
        assert len(made.latents) == config.batch_size
        pictures = made.latents[:, 0, 0, 0].int().tolist()
        assert made.text[:, 0, 0].int().tolist() == pictures
        assert made.captions == tuple(f"picture {k}" for k in pictures)
        told.append(pictures)
    return told


def test_batches_are_of_one_shape_and_every_epoch_shows_each_picture_once() -> None:
    encoded = shaped(10, 3, 7)
    told = seen(encoded, CONFIG, range(1, 101))
    shapes = [{0 if k < 10 else 1 if k < 13 else 2 for k in pictures} for pictures in told]
    assert all(len(shape) == 1 for shape in shapes)
    # 400 pictures seen: 20 epochs; what is left of a shape's epoch begins its next one.
    counted = Counter(k for pictures in told for k in pictures)
    assert len(counted) == 20 and set(counted.values()) <= {19, 20, 21}
    assert len({tuple(sorted(shape)) for shape in shapes[:10]}) > 1  # shapes take turns
    # Asked for in the middle, as a resumed training does, it is the same.
    assert seen(encoded, CONFIG, range(57, 101)) == told[56:]


def test_repeats_and_balance_say_how_often_each_is_seen() -> None:
    categories, names = ["ship"] * 6 + ["rock"] * 4, [f"3_rock/{k}.png" for k in range(10)]

    def often(**settings: Any) -> list[float]:
        return repeats.often(categories, names, replace(CONFIG, **settings))

    assert often(repeats="rock=2.5") == [1.0] * 6 + [2.5] * 4
    assert often(balance=True) == [1.0] * 6 + [1.5] * 4
    assert often(repeats="3_rock=3,ship=9") == [3.0] * 10  # the folder goes first
    both = replace(CONFIG, balance=True, repeats="ship=0.5")
    times = repeats.often(categories, names, both)
    assert times == [0.5] * 6 + [1.5] * 4
    told = seen(shaped(10, often=times), both, range(1, 181))
    counted = Counter(k for pictures in told for k in pictures)  # 720 seen: 80 epochs of 9
    assert {counted[k] for k in range(6)} <= {39, 40, 41}
    assert {counted[k] for k in range(6, 10)} <= {119, 120, 121}
    assert sum(counted[k] for k in range(6)) in range(238, 243)
    with pytest.raises(StudioError, match="'tree', a category which no picture has"):
        repeats.check(categories, names, replace(CONFIG, repeats="tree=2"))
    with pytest.raises(StudioError, match="no picture would be seen"):
        repeats.check(["ship"], [""], replace(CONFIG, repeats="ship=0"))


def test_a_matte_and_an_order_of_tags_are_drawn_each_time() -> None:
    encoded = shaped(4, views=3)
    group = encoded.groups[0]
    group.mean[:, 0, 0, 1] = torch.arange(12.0) % 3  # which view it is
    encoded = replace(encoded, wordings=torch.tensor([[0, 1], [1, 2], [2, 3], [3, 0]]))
    order, views, texts = Order(encoded, CONFIG), Counter(), Counter()
    for step in range(1, 41):
        made = batch(encoded, order.at(step, 0), CONFIG, torch.Generator().manual_seed(step))
        views.update(made.latents[:, 0, 0, 1].int().tolist())
        texts.update(made.captions)
    assert set(views) == {0, 1, 2} and min(views.values()) > 30
    assert len(texts) == 4 and min(texts.values()) > 20
    assert caption_shuffling.orders("hero, red, round", 1, 0) == [
        "hero, red, round",
        "hero, round, red",
    ]
    assert caption_shuffling.orders("a red potion", 1, 0) == ["a red potion"]
    many = caption_shuffling.orders("hero, a, b, c, d, e", 2, 0)
    assert len(set(many)) == caption_shuffling.ORDERS and all(
        t.startswith("hero, a, ") for t in many
    )
    assert many == caption_shuffling.orders("hero, a, b, c, d, e", 2, 0)
    assert many != caption_shuffling.orders("hero, a, b, c, d, e", 2, 1)


def test_sizes_keep_the_area_and_pixel_art_its_whole_factor() -> None:
    for side, unit in ((32, 8), (512, 64), (1024, 64)):
        found = buckets.sizes(side, unit)
        assert found[0] == (side, side) and len(set(found)) == len(found)
        assert all((h, w) in found for w, h in found)
        assert all(w % unit == h % unit == 0 and w * h <= side * side for w, h in found)
        assert all(max(w, h) <= 2.5 * min(w, h) for w, h in found)
    among = buckets.sizes(512, 64)
    assert buckets.nearest((1920, 1080), among) == (640, 384)
    assert buckets.nearest((1080, 1920), among) == (384, 640)
    assert buckets.nearest((700, 700), among) == (512, 512)
    # Six times 64 x 88 is 384 x 528: one shape is nearer, the other has less border.
    assert buckets.nearest((64, 88), among) == (448, 576)
    assert buckets.whole((64, 88), among) == (384, 640)


def test_what_lies_behind_a_picture() -> None:
    picture = Image.new("RGBA", (4, 4), (255, 0, 255, 0))
    picture.putpixel((1, 1), (200, 100, 0, 255))
    fit = Fit((8, 8), "nearest")
    solid, alpha = picture_fitting.pixels(picture, fit, [0, 0, 255])
    assert solid.shape == (3, 8, 8) and alpha.sum() == 4 * 255
    assert (solid[:, 0, 0] == [-1, -1, 1]).all()
    bled, _ = picture_fitting.pixels(picture, fit, picture_fitting.BLEED)
    assert np.allclose(bled, (np.array([200, 100, 0]) / 127.5 - 1)[:, None, None], atol=1e-6)
    clear, _ = picture_fitting.pixels(picture, fit, None)
    assert clear.shape == (4, 8, 8) and clear[3, 0, 0] == -1 and abs(clear[0, 0, 0]) < 0.01
    assert picture_fitting.behind("solid", "white", "a") == [[255, 255, 255]]
    mattes = picture_fitting.behind("random", "white", "a")
    assert len(mattes) == picture_fitting.VIEWS and mattes == picture_fitting.behind(
        "random", "red", "a"
    )
    assert mattes != picture_fitting.behind("random", "white", "b")
    assert picture_fitting.coarse(alpha, (2, 2)).tolist() == [[64, 0], [0, 0]]
    half = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    half.putpixel((0, 0), (100, 0, 0, 255))
    half.putpixel((1, 0), (0, 0, 0, 100))
    assert images.bled(half).getpixel((1, 0)) == (61, 0, 0)
    assert images.bled(Image.new("RGBA", (2, 2))).getpixel((0, 0)) == (0, 0, 0)


def test_a_wide_painting_is_cut_and_a_wide_sprite_gets_borders() -> None:
    painting = Image.new("RGB", (300, 100), "red")
    painting.paste("blue", (0, 0, 10, 100))
    fit = Fit((80, 40), "lanczos", covers=True)
    shown, alpha = picture_fitting.pixels(painting.convert("RGBA"), fit, [0, 255, 0])
    assert alpha.min() == 255 and (shown[2] < 0).all()  # the blue edge is cut, no matte shows
    assert picture_fitting.cut_of((300, 100), fit) == (0, 20)
    assert picture_fitting.cut_of((300, 100), Fit((80, 40), "lanczos")) == (0, 0)
    sprite = Image.new("RGBA", (30, 10), "red")
    shown, alpha = picture_fitting.pixels(sprite, Fit((80, 40), "nearest"), [0, 255, 0])
    assert (alpha > 0).sum() == 60 * 20  # twice, not 2.67 times
    mask = Image.new("RGBA", (30, 10), "black")
    grey = picture_fitting.mask(mask, Fit((80, 40), "nearest"))
    assert (grey == 0).sum() == 60 * 20 and grey[0, 0] == 255


def test_a_caption_that_is_cut_off_is_told_by_its_pictures_name(tmp_path: Path) -> None:
    found = light_tokenizers.of_folder(POCKET)
    assert found is not None and found[1] == 32
    long = "a red potion, " + ", ".join(f"with {word}" for word in "abcdefghijklmnop") + ", shining"
    said = caption_shuffling.too_long([("a.png", "a potion"), ("b.png", long)], *found)
    assert len(said) == 1 and "b.png" in said[0] and "i, with j" in said[0]
    many = caption_shuffling.too_long([(f"{k}.png", long) for k in range(9)], *found)
    assert len(many) == 6 and "4 more captions" in many[-1]
    assert light_tokenizers.of_folder(tmp_path) is None
    # Stable Diffusion's folders give words and merges alone.
    rules = json.loads((POCKET / "tokenizer" / "tokenizer.json").read_text())["model"]
    own = tmp_path / "sd" / "tokenizer"
    own.mkdir(parents=True)
    (own / "vocab.json").write_text(json.dumps(rules["vocab"]))
    merges = [" ".join(m) if isinstance(m, list) else m for m in rules["merges"]]
    (own / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]))
    (own / "tokenizer_config.json").write_text('{"model_max_length": 32}')
    made = light_tokenizers.of_folder(tmp_path / "sd")
    assert made is not None and caption_shuffling.too_long([("b.png", long)], *made) == said
    texts = ["a red potion", "It's  HERO's 12 shields!", long]
    assert [made[0].encode(t).ids for t in texts] == [found[0].encode(t).ids for t in texts]
