"""A base that is not ours, from a folder of pictures to a PNG: Stable Diffusion 1.5 in shape."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from studio.diffusion import adapters, bases
from studio.diffusion.sampling import Draw, draw_pictures
from studio.generation import picture_files, style_drawing
from studio.training import checkpoints, export, latent_cache, loop
from studio.training.config import TrainConfig
from studio.training.encoded_dataset import Encoded
from tests.rounding import same_picture, same_tensor

CPU = torch.device("cpu")
MATTE = "#2040c0"
SIDE = 64
CONFIG = TrainConfig(
    rank=4,
    alpha=2.0,
    batch_size=2,
    max_train_steps=6,
    save_every_n_steps=3,
    preview_every_n_steps=3,
    learning_rate=0.02,
    warmup_steps=0,
)
DRAW = Draw(steps=4, guidance=5.0, negative="blur")
PROMPTS, SEEDS = ["a <GameStyle> potion", "a book"], [5, 9]


def sprite(seed: int) -> Image.Image:
    """A disc on nothing, 32 px; what hides under alpha 0 is a loud colour that must not show."""
    picture = Image.new("RGBA", (32, 32), (255, 0, 255, 0))
    colour = tuple(np.random.default_rng(seed).integers(0, 256, 3).tolist())
    ImageDraw.Draw(picture).ellipse((6 + seed, 6, 24, 25), fill=(*colour, 255))
    return picture


def examples() -> list[latent_cache.Example]:
    def example(seed: int) -> latent_cache.Example:
        digest = hashlib.sha256(sprite(seed).tobytes()).hexdigest()
        return latent_cache.Example(digest, f"a round potion {seed}", lambda: sprite(seed))

    return [example(seed) for seed in range(4)]


def encode(pipeline: Any, folder: Path, matte: str = MATTE) -> Encoded:
    captions = [f"<GameStyle> {e.caption}" for e in examples()]
    return latent_cache.encode(
        pipeline, examples(), captions, size=SIDE, filter="nearest", matte=matte, folder=folder
    )


@dataclasses.dataclass
class Trained:
    file: Path
    folder: Path
    previews: list[int]
    rows: list[checkpoints.Row]
    drawn: list[np.ndarray]


@pytest.fixture(scope="module")
def trained(base_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("other")
    pipeline = bases.load_pipeline(bases.find_base(str(base_folder)), CPU)
    told = Trained(folder / "adapter" / export.FILE, folder, [], [], [])

    def preview(step: int) -> None:
        assert draw_pictures(pipeline, ["a potion"], [1], Draw(steps=2))[0].size == (SIDE, SIDE)
        told.previews.append(step)

    hooks = loop.Hooks(progress=lambda at: None, rows=told.rows.extend, preview=preview)
    encoded = encode(pipeline, folder / "cache")
    tensors = loop.train(pipeline, encoded, CONFIG, folder / "run", hooks)
    export.write_lora(folder / "adapter", tensors, pipeline.unet, {"style": "test"})
    told.drawn = [array(p) for p in draw_pictures(pipeline, PROMPTS, SEEDS, DRAW)]
    return told


def array(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture)


def test_pictures_are_encoded_with_mean_and_deviation_on_their_matte(
    base_folder: Path, tmp_path: Path
) -> None:
    pipeline = bases.load_pipeline(bases.find_base(str(base_folder)), CPU)
    encoded = encode(pipeline, tmp_path)
    (group,) = encoded.groups
    assert group.mean.shape == group.deviation.shape == (4, 4, 8, 8)
    assert encoded.text.shape == (5, 32, 32) and encoded.nothing.shape == (32, 32)
    assert (group.deviation > 0).all()
    # What the autoencoder itself says of the picture laid over the matte by hand.
    flat = Image.new("RGBA", (32, 32), MATTE)
    flat.alpha_composite(sprite(0))
    pixels = array(flat.convert("RGB").resize((SIDE, SIDE), Image.Resampling.NEAREST))
    unit = torch.from_numpy(pixels.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1)
    with torch.no_grad():
        told = pipeline.vae.encode(unit[None]).latent_dist
    assert same_tensor(group.mean[0], told.mean[0] * 0.18215)
    assert same_tensor(group.deviation[0], told.std[0] * 0.18215)
    other = encode(pipeline, tmp_path, matte="white")
    assert not torch.equal(other.groups[0].mean, group.mean)
    assert torch.equal(other.text, encoded.text)


@pytest.mark.slow
def test_the_training_leaves_losses_previews_and_checkpoints(trained: Trained) -> None:
    assert [row.step for row in trained.rows] == list(range(1, 7))
    assert all(row.loss > 0 and row.grad_norm > 0 for row in trained.rows)
    assert trained.previews == [3, 6]
    assert checkpoints.steps(trained.folder / "run") == [3, 6]


@pytest.mark.slow
def test_plain_diffusers_draws_the_same_and_strength_0_is_the_base(
    base_folder: Path, trained: Trained
) -> None:
    from diffusers import StableDiffusionPipeline

    ours = bases.load_pipeline(bases.find_base(str(base_folder)), CPU)
    bare = [array(p) for p in draw_pictures(ours, PROMPTS, SEEDS, DRAW)]
    adapters.attach(ours, trained.file)
    adapters.set_strength(ours, 1.0)
    styled = [array(p) for p in draw_pictures(ours, PROMPTS, SEEDS, DRAW)]
    adapters.set_strength(ours, 0.5)
    half = [array(p) for p in draw_pictures(ours, PROMPTS, SEEDS, DRAW)]
    adapters.set_strength(ours, 0.0)
    off = [array(p) for p in draw_pictures(ours, PROMPTS, SEEDS, DRAW)]
    plain = StableDiffusionPipeline.from_pretrained(str(base_folder))
    plain.set_progress_bar_config(disable=True)
    plain.load_lora_weights(str(trained.file.parent))
    theirs = plain(
        PROMPTS,
        negative_prompt=["blur"] * 2,
        num_inference_steps=4,
        guidance_scale=5.0,
        generator=[torch.Generator().manual_seed(seed) for seed in SEEDS],
    ).images
    for k in range(2):
        assert (bare[k] == off[k]).all()
        assert not same_picture(bare[k], styled[k]) and not same_picture(half[k], styled[k])
        assert same_picture(theirs[k], styled[k])
        assert same_picture(trained.drawn[k], styled[k]), "the file is not what was trained"
    # Every module that was trained acts: attention, feed-forward and convolutions.
    kinds = ("to_q", "ff.net.0.proj", "conv1", "conv_in", "conv_out", "conv_shortcut", "proj_in")
    told = [name for name, _ in plain.unet.named_modules() if name.endswith("lora_A")]
    assert all(any(f"{kind}.lora_A" in name for name in told) for kind in kinds)


def test_pictures_are_cut_out_of_the_matte_and_kept_untouched(
    base_folder: Path, trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = {
        "style": "props",
        "version": 3,
        "run": "r",
        "dataset": "art@0123",
        "matte": MATTE,
        "trigger_word": "<GameStyle>",
        "strength": 1.0,
        "crisp": True,
    }
    loaded = style_drawing.load(str(base_folder), trained.file, "cpu", **about)
    assert loaded.base == str(base_folder)
    wishes = [style_drawing.Wish("a {style_token} potion", 5), style_drawing.Wish("a book", 6)]
    files = style_drawing.draw(loaded, wishes, Draw(steps=2, guidance=3), 0.75, tmp_path)
    made = picture_files.read_made(files[0])
    assert made == picture_files.Made(
        style="props",
        version=3,
        base=str(base_folder),
        run="r",
        dataset="art@0123",
        prompt="a {style_token} potion",
        full_prompt="a <GameStyle> potion",
        negative="",
        seed=5,
        steps=2,
        guidance=3.0,
        strength=0.75,
    )
    for file in files:
        untouched = Image.open(tmp_path / "untouched" / file.name)
        assert (untouched.mode, untouched.size) == ("RGB", (SIDE, SIDE))
        assert picture_files.read_made(
            tmp_path / "untouched" / file.name
        ) == picture_files.read_made(file)
        clear = Image.open(file)
        assert clear.mode == "RGBA"
        shown = array(clear)[..., 3] > 0
        assert (array(clear)[shown][:, :3] == array(untouched)[shown]).all()
    # A random base draws no matte. A drawing on it comes back with the matte gone from the
    # border inwards, and kept where the drawing encloses it.
    drawn = Image.new("RGB", (SIDE, SIDE), MATTE)
    ImageDraw.Draw(drawn).rectangle((10, 10, 40, 40), outline="yellow", width=3)
    cut = array(loaded.finish(drawn))
    assert cut[0, 0, 3] == 0 and cut[50, 50, 3] == 0
    assert (cut[11, 11] == (255, 255, 0, 255)).all()
    assert (cut[25, 25] == (0x20, 0x40, 0xC0, 255)).all()


@pytest.mark.slow
def test_resumed_it_ends_the_same(base_folder: Path, trained: Trained, tmp_path: Path) -> None:
    pipeline = bases.load_pipeline(bases.find_base(str(base_folder)), CPU)
    encoded = encode(pipeline, trained.folder / "cache")

    def stop(rows: list[checkpoints.Row]) -> None:
        if rows and rows[-1].step > 3:
            raise KeyboardInterrupt

    hooks = loop.Hooks(progress=lambda at: None, rows=stop, preview=lambda step: None)
    with pytest.raises(KeyboardInterrupt):
        loop.train(pipeline, encoded, CONFIG, tmp_path, hooks)
    assert checkpoints.steps(tmp_path) == [3]
    fresh = bases.load_pipeline(bases.find_base(str(base_folder)), CPU)
    hooks = dataclasses.replace(hooks, rows=lambda rows: None)
    tensors = loop.train(fresh, encoded, CONFIG, tmp_path, hooks, resume=True)
    from safetensors.torch import load_file

    kept = load_file(trained.file)
    assert kept.keys() == tensors.keys()
    assert all(torch.equal(kept[name], tensors[name]) for name in kept)


@pytest.mark.slow
def test_the_command_line_records_the_licence_of_the_base(
    altered: Callable[[], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import json

    from studio.cli.main import main

    art, home, base = tmp_path / "art", tmp_path / "home", altered()
    art.mkdir()
    for seed in range(4):
        sprite(seed).save(art / f"potion {seed}.png")

    def ask(*words: str) -> dict[str, Any]:
        assert main([*words, "--json", "--home", str(home), "--user", "ana"]) == 0
        return dict(json.loads(capsys.readouterr().out.splitlines()[-1]))

    ask("dataset", "import", "art", str(art), "--matte", MATTE, "--size", "64")
    brief = ["max_train_steps=2", "save_every_n_steps=2", "preview_every_n_steps=2", "rank=2"]
    words = ["train", "props", "--dataset", "art", "--preset", "fast", "--set", f"base={base}"]
    for setting in brief:
        words += ["--set", setting]
    first = ask(*words)["tags"]
    told = first["base_licence"], first["base_commercial_use"], first["base_name"]
    assert told == ("creativeml-openrail-m", "yes", str(base))
    (base / "README.md").unlink()
    second = ask(*words)["tags"]
    assert (second["base_licence"], second["base_commercial_use"]) == ("unknown", "unknown")
    ask("promote", "props", "2", "production", "--why", "first")
    files = ask("generate", "a potion", "--style", "props", "--steps", "2")["files"]
    made = picture_files.read_made(Path(files[0]))
    assert made is not None and (made.base, made.version) == (str(base), 2)
    assert Image.open(files[0]).mode == "RGBA"
