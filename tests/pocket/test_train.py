"""The recipe on drawn sprites: what it writes loads elsewhere, and resuming changes nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline

from studio.errors import StudioError

Train = Callable[..., None]


def test_trained_base_loads_in_plain_diffusers_and_draws_rgba(trained: Path) -> None:
    pipeline = StableDiffusionPipeline.from_pretrained(str(trained))
    picture = pipeline("a red potion", num_inference_steps=2).images[0]
    assert picture.size == (32, 32)
    assert picture.mode == "RGBA"
    assert not (trained.parent / "base.partial").exists()


def test_resumed_training_equals_uninterrupted(train: Train, trained: Path, tmp_path: Path) -> None:
    # Stopped before anything was done, then gone on with: checkpoints at step 0 count too.
    train(resume=False, time_limit_s=0.0)
    train(resume=True)
    for part in ("unet/diffusion_pytorch_model.safetensors", "text_encoder/model.safetensors"):
        assert (tmp_path / "base" / part).read_bytes() == (trained / part).read_bytes()


@pytest.mark.slow
def test_denoiser_stopped_midway_resumes_bit_for_bit(
    train: Train, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio.pocket import denoiser

    calls = {"left": 3}
    whole = denoiser.F.mse_loss

    def interrupted(*args: torch.Tensor) -> torch.Tensor:
        calls["left"] -= 1
        if calls["left"] < 0:
            raise KeyboardInterrupt
        return whole(*args)

    monkeypatch.setattr(denoiser, "F", SimpleNamespace(mse_loss=interrupted))
    monkeypatch.setattr("studio.pocket.loop.SAVE_EVERY_S", 0.0)
    with pytest.raises(KeyboardInterrupt):
        train(resume=False)
    monkeypatch.undo()
    state = torch.load(tmp_path / "work" / "denoiser.pt", weights_only=True)
    assert state["step"] == 3
    train(resume=True)
    name = "unet/diffusion_pytorch_model.safetensors"
    assert (tmp_path / "base" / name).read_bytes() == (trained / name).read_bytes()


def test_checkpoints_of_another_recipe_are_refused(train: Train) -> None:
    train(resume=False, time_limit_s=0.0)
    with pytest.raises(StudioError, match="another recipe"):
        train(resume=True, text_width=32)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "does not exist"),
        ("", "holds no picture"),
        ("not json\n", "Line 1"),
        ('{"file_name": "gone.png", "text": "x", "category": "y"}\n', "gone.png"),
    ],
)
def test_unusable_datasets_are_named(
    train: Train, tmp_path: Path, content: str | None, said: str
) -> None:
    folder = tmp_path / "bad"
    folder.mkdir()
    if content is not None:
        (folder / "metadata.jsonl").write_text(content)
    with pytest.raises(StudioError, match=said):
        train(resume=False, dataset=folder)


def test_latents_have_mean_0_and_deviation_1(trained: Path, dataset: Path) -> None:
    from studio.pocket.autoencoder import to_unit
    from studio.pocket.corpus import read_corpus

    vae = StableDiffusionPipeline.from_pretrained(str(trained)).vae
    pixels = np.stack([s.pixels for s in read_corpus(dataset) if not s.held_out])
    with torch.no_grad():
        latents = vae.encode(to_unit(torch.from_numpy(pixels))).latents
    assert latents.mean((0, 2, 3)).abs().max() < 0.5
    assert (latents.std((0, 2, 3)) - 1).abs().max() < 0.5


def test_a_training_goes_on_from_a_written_base(
    train: Train, trained: Path, tmp_path: Path
) -> None:
    seen = json.loads((trained / "split.json").read_text())["seen"]
    assert seen == {"autoencoder": 16, "clip": 8, "denoiser": 24, "decoder": 8}
    # The same pictures, all seen: the weights come out as they went in, to the last bit.
    train(resume=False, start=trained)
    for part in ("unet", "vae"):
        name = f"{part}/diffusion_pytorch_model.safetensors"
        assert (tmp_path / "base" / name).read_bytes() == (trained / name).read_bytes()
    # More of them: counted on, and only the autoencoder stays.
    train(resume=False, start=trained, denoiser_pictures=32)
    again = json.loads((tmp_path / "base" / "split.json").read_text())["seen"]
    assert again == {**seen, "denoiser": 32}
    name = "unet/diffusion_pytorch_model.safetensors"
    assert (tmp_path / "base" / name).read_bytes() != (trained / name).read_bytes()


def test_latents_stay_only_where_a_unet_has_learned_them(
    train: Train, tmp_path: Path, trained: Path
) -> None:
    early = tmp_path / "early"
    shutil.copytree(trained, early)
    split = json.loads((early / "split.json").read_text())
    split["seen"] |= {"denoiser": 0}
    (early / "split.json").write_text(json.dumps(split))
    train(resume=False, start=early, autoencoder_pictures=24)
    seen = json.loads((tmp_path / "base" / "split.json").read_text())["seen"]
    assert (seen["autoencoder"], seen["denoiser"]) == (24, 24)
    train(resume=False, start=trained, autoencoder_pictures=24)
    seen = json.loads((tmp_path / "base" / "split.json").read_text())["seen"]
    assert seen["autoencoder"] == 16


def test_a_start_of_other_sizes_or_none_is_refused(
    train: Train, trained: Path, tmp_path: Path
) -> None:
    with pytest.raises(StudioError, match="other sizes"):
        train(resume=False, start=trained, unet_channels=(16, 48))
    with pytest.raises(StudioError, match="no practice base"):
        train(resume=False, start=tmp_path)


def test_what_was_taught_is_credited(trained: Path) -> None:
    assert "sprites: " in (trained / "CREDITS.txt").read_text()
