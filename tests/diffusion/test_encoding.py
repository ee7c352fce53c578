"""Pictures of several shapes, mattes and masks through small bases of the real classes, up to a
step of the loop."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image, ImageDraw

from studio.diffusion.conditioning import condition
from studio.errors import StudioError
from studio.training import latent_cache, loop
from studio.training.batches import Order, batch
from studio.training.config import TrainConfig
from studio.training.encoded_dataset import Encoded
from tests.diffusion.conftest import make_base
from tests.rounding import same_tensor

SIDE = 128
CONFIG = TrainConfig(
    rank=2,
    alpha=2.0,
    batch_size=2,
    max_train_steps=3,
    preview_every_n_steps=0,
    save_every_n_steps=3,
    aspect_buckets=True,
    transparent_weight=0.25,
    tag_shuffle=True,
    caption_dropout=0.0,
)


def example(
    number: int, size: tuple[int, int], clear: bool, masked: bool = False
) -> latent_cache.Example:
    picture = Image.new("RGBA", size, (0, 0, 0, 0) if clear else (40, 80, 120, 255))
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 2 - 1, size[1]), fill=(200, number, 0))
    mask = Image.new("L", size, 0)
    mask.paste(255, (0, 0, size[0], size[1] // 2))
    digest = hashlib.sha256(picture.tobytes()).hexdigest()
    return latent_cache.Example(
        digest,
        f"hero, tag {number}, round",
        lambda: picture,
        name=f"{number}.png",
        category="a" if number % 2 else "b",
        size=size,
        has_alpha=clear,
        mask_hash=hashlib.sha256(mask.tobytes()).hexdigest() if masked else "",
        mask=(lambda: mask.convert("RGBA")) if masked else None,
    )


EXAMPLES = [
    example(0, (16, 16), True),
    example(1, (16, 16), True, masked=True),
    example(2, (20, 10), True),
    example(3, (20, 10), False),
    example(4, (10, 24), False),
]


def encode(pipeline: Any, folder: Path, config: TrainConfig, **look: Any) -> Encoded:
    given = {"size": SIDE, "filter": "nearest", "matte": "#808080", **look}
    said = [e.caption for e in EXAMPLES]
    return latent_cache.encode(pipeline, EXAMPLES, said, folder=folder, config=config, **given)


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_a_mixed_set_is_learned_shape_by_shape(family: str, tmp_path: Path) -> None:
    pipeline = make_base(family)
    encoded = encode(pipeline, tmp_path / "cache", CONFIG)
    shapes = [tuple(group.mean.shape) for group in encoded.groups]
    assert shapes == [(2, 4, 16, 16), (2, 4, 12, 20), (1, 4, 20, 12)]
    assert [group.pictures.tolist() for group in encoded.groups] == [[0, 1], [2, 3], [4]]
    # 16 px eight times over: the right half is clear, of the masked one also the lower half out.
    weight = encoded.groups[0].weight
    assert weight is not None
    assert weight[0, 0, 0].tolist() == pytest.approx([1] * 8 + [0.25] * 8, abs=0.01)
    assert torch.equal(weight[1, :, :8], weight[0, :, :8]) and (weight[1, :, 8:] == 0).all()
    assert encoded.wordings.shape == (5, 2)  # two orders of "tag, round" after "hero"
    assert encoded.captions[encoded.wordings[0, 1]] == "hero, round, tag 0"
    found = condition(pipeline, ["hero, round, tag 3"])
    row = int(encoded.wordings[3, 1])
    assert same_tensor(encoded.text[row], found.text[0])
    if family == "sdxl":
        assert found.pooled is not None and encoded.pooled is not None
        assert same_tensor(encoded.pooled[row], found.pooled[0])
        # Pixel art counts as being as large as it is learned.
        assert encoded.groups[1].sizes is not None
        assert encoded.groups[1].sizes[0].tolist() == [96, 160, 0, 0, 96, 160]
        painted = encode(pipeline, tmp_path / "cache", CONFIG, filter="lanczos").groups[2].sizes
        assert painted is not None and painted[0].tolist() == [24, 10, 35, 0, 160, 96]
    hooks = loop.Hooks(progress=lambda at: None, rows=lambda rows: None, preview=lambda step: None)
    tensors = loop.train(pipeline, encoded, CONFIG, tmp_path / "run", hooks)
    assert tensors and all(torch.isfinite(tensor).all() for tensor in tensors.values())


def test_a_random_matte_changes_what_is_clear_and_edges_bleed(tmp_path: Path) -> None:
    pipeline, config = make_base("sd1"), TrainConfig(batch_size=2)
    solid = encode(pipeline, tmp_path, config)
    other = encode(pipeline, tmp_path, config, behind="random")
    bled = encode(pipeline, tmp_path, config, behind="edge-bleed")
    (group,) = other.groups
    assert group.views == 4 and len(group.mean) == 20 and group.weight is not None  # of the mask
    clear = group.mean[:4]
    assert not torch.equal(clear[0], clear[1])
    assert not torch.equal(bled.groups[0].mean[0], solid.groups[0].mean[0])
    order = Order(other, config)
    made = [
        batch(other, order.at(step, 0), config, torch.Generator().manual_seed(step))
        for step in (1, 2)
    ]
    assert all(seen.latents.shape == (2, 4, 16, 16) for seen in made)
    again = encode(pipeline, tmp_path, config, behind="random")
    assert torch.equal(again.groups[0].mean, group.mean)


def test_balance_and_a_size_that_can_not_be(tmp_path: Path) -> None:
    pipeline = make_base("sd1")
    found = encode(pipeline, tmp_path, replace(CONFIG, balance=True, repeats="a=2"))
    assert found.often.tolist() == [1.0, 3.0, 1.0, 3.0, 1.0]
    with pytest.raises(StudioError, match=r"60 pixels.*56 or 64"):
        encode(pipeline, tmp_path, TrainConfig(), size=60)


@pytest.mark.slow
def test_resumed_a_mixed_set_with_mattes_ends_the_same(tmp_path: Path) -> None:
    config = replace(
        CONFIG,
        max_train_steps=8,
        save_every_n_steps=3,
        repeats="a=1.5",
        prediction_type="v_prediction",
        zero_terminal_snr=True,
    )

    def train(folder: Path, resume: bool, stop: int = 99) -> dict[str, torch.Tensor]:
        pipeline = make_base("sd1")
        encoded = encode(pipeline, tmp_path / "cache", config, behind="random")

        def rows(found: list[Any]) -> None:
            if found and found[-1].step >= stop:
                raise KeyboardInterrupt

        hooks = loop.Hooks(progress=lambda at: None, rows=rows, preview=lambda step: None)
        return loop.train(pipeline, encoded, config, folder, hooks, resume=resume)

    straight = train(tmp_path / "straight", False)
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "run", False, stop=4)
    resumed = train(tmp_path / "run", True)
    assert straight.keys() == resumed.keys()
    assert all(torch.equal(straight[name], resumed[name]) for name in straight)
