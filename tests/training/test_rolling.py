"""Tileable pictures: rolled evenly, by the artist's own pixels, and each roll really encoded."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.diffusion.bases import find_base, load_pipeline
from studio.training import latent_cache, picture_fitting, rolling
from studio.training.batches import Chosen, batch, seed
from studio.training.config import TrainConfig
from studio.training.encoding import Example
from studio.training.picture_fitting import Fit

HASH = hashlib.sha256(b"brick").hexdigest()


@pytest.fixture(scope="module")
def pipeline() -> Any:
    torch.set_num_threads(1)
    return load_pipeline(find_base("pocket"), torch.device("cpu"))


def noise(side: int = 16, scale: int = 1) -> Image.Image:
    pixels = np.random.default_rng(3).integers(0, 256, (side, side, 4), np.uint8)
    pixels[..., 3] = 255
    return Image.fromarray(pixels.repeat(scale, 0).repeat(scale, 1), "RGBA")


def example(picture: Image.Image, grid: int = 1, mask: Image.Image | None = None) -> Example:
    return Example(
        HASH,
        "a brick wall",
        lambda: picture,
        grid=lambda _: grid,
        mask_hash="m" * 64 if mask else "",
        mask=(lambda: mask) if mask else None,
    )


def encode(pipeline: Any, one: Example, folder: Path, **changed: Any) -> latent_cache.Encoded:
    given = {"size": 32, "filter": "nearest", "matte": "#808080", "folder": folder, **changed}
    return latent_cache.encode(pipeline, [one], [one.caption], **given)


def test_rolls_lie_evenly_and_are_always_the_same_for_a_picture() -> None:
    assert rolling.shifts("", HASH) == [None]
    both = rolling.shifts("xy", HASH)
    assert both == rolling.shifts("xy", HASH) != rolling.shifts("xy", "0" * 64)
    quarter = rolling.WHOLE // 4
    assert sorted((x // quarter, y // quarter) for x, y in both) == [  # type: ignore[misc]
        (x, y) for x in range(4) for y in range(4)
    ]
    assert all(x and not y for x, y in rolling.shifts("x", HASH)[1:])  # type: ignore[misc]
    assert all(y and not x for x, y in rolling.shifts("y", HASH)[1:])  # type: ignore[misc]


def test_enlarged_pixel_art_is_rolled_by_its_own_pixels() -> None:
    small, large = noise(8), noise(8, scale=4)
    for shift in rolling.shifts("xy", HASH):
        assert shift is not None
        moved = rolling.rolled(large, shift, 4)
        wanted = rolling.rolled(small, shift, 1).resize(large.size, Image.Resampling.NEAREST)
        assert moved.tobytes() == wanted.tobytes()
    # A grid that does not fill the picture is none of its own: nothing would be whole anyway.
    odd = noise(10)
    assert rolling.rolled(odd, (rolling.WHOLE // 2, 0), 4).tobytes() == (
        rolling.rolled(odd, (rolling.WHOLE // 2, 0), 1).tobytes()
    )


def test_what_leaves_on_one_side_comes_in_on_the_other() -> None:
    pixels = np.asarray(noise())
    moved = np.asarray(rolling.rolled(noise(), (rolling.WHOLE // 4, rolling.WHOLE // 2), 1))
    assert (moved[:, :4] == np.roll(pixels[:, 12:], 8, 0)).all()
    assert (moved[8:, 4:] == pixels[:8, :12]).all()


def test_each_view_is_the_rolled_picture_encoded_and_its_mask_moves_along(
    pipeline: Any, tmp_path: Path
) -> None:
    grey = Image.fromarray(np.repeat(np.uint8([[0] * 8 + [255] * 8]), 16, 0), "L").convert("RGBA")
    (group,) = encode(pipeline, example(noise(), mask=grey), tmp_path / "a", tileable="x").groups
    assert group.views == 16 == len(group.mean) and group.weight is not None
    assert len(torch.unique(group.mean.flatten(1), dim=0)) > 8
    for view, shift in enumerate(rolling.shifts("x", HASH)):
        assert shift is not None
        plain = example(rolling.rolled(noise(), shift, 1))
        (alone,) = encode(pipeline, plain, tmp_path / str(view)).groups
        assert torch.equal(alone.mean[0], group.mean[view])
        moved = picture_fitting.mask(rolling.rolled(grey, shift, 1), Fit((32, 32), "nearest"))
        coarse = picture_fitting.coarse(moved, (8, 8))
        assert torch.equal(group.weight[view, 0], torch.from_numpy(coarse.copy()).float() / 255)


def test_a_step_draws_one_of_the_rolls_by_its_seed(pipeline: Any, tmp_path: Path) -> None:
    encoded = encode(pipeline, example(noise()), tmp_path, tileable="xy")
    config = TrainConfig(batch_size=1)

    def seen(step: int) -> torch.Tensor:
        draws = torch.Generator().manual_seed(seed(7, step))
        return batch(encoded, Chosen(0, torch.zeros(1, dtype=torch.int64)), config, draws).latents

    steps = [seen(step) for step in range(40)]
    assert all(torch.equal(seen(step), steps[step]) for step in (3, 0, 39))
    views = {int((encoded.groups[0].mean - one).abs().flatten(1).mean(1).argmin()) for one in steps}
    assert len(views) > 8


def test_a_set_that_is_not_tileable_is_found_under_the_keys_of_before(
    pipeline: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(latent_cache.encoding, "fingerprint", lambda module: "weights")
    one, fit = example(noise(), mask=noise()), Fit((32, 32), "nearest")
    told = [HASH, 1, 32, 32, "nearest", False, None, "weights"]
    wishes, masks = latent_cache.wishes_of(pipeline, [one], [fit], "#808080", "solid", "")
    (wish,), (mask,) = wishes[0], masks[0]
    assert wish.key == hashlib.sha256(json.dumps(told).encode()).digest()
    told = ["m" * 64, 1, 32, 32, "nearest", False, int(pipeline.vae_scale_factor)]
    assert mask.key == hashlib.sha256(json.dumps(told).encode()).digest()
    assert wish.opened() is one.open() and replace(one).grid(noise()) == 1
