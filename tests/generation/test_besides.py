"""Pictures that begin from a picture, and several adapters at once, on the real pocket base."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from studio.diffusion import adapters
from studio.diffusion.bases import find_base, load_pipeline
from studio.diffusion.sampling import Draw
from studio.errors import StudioError
from studio.generation import picture_files, start_pictures, style_drawing
from studio.generation.style_drawing import Besides, Loaded, Other, Wish
from studio.training import export, loop
from studio.training.config import TrainConfig

DRAW = Draw(steps=4, guidance=3)
WISHES = [Wish("a red potion", 7)]


def loud(folder: Path, seed: int) -> Path:
    """An adapter that nobody trained, loud enough to be seen."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    bare = load_pipeline(find_base("pocket"), torch.device("cpu"))
    unet = loop.add_lora(bare.unet, TrainConfig(rank=2, targets="attention"))
    for name, weight in unet.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.3)
    return export.write_lora(folder, export.lora_tensors(unet), unet, {})


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return [loud(tmp_path_factory.mktemp("adapter"), seed) for seed in (1, 2)]


@pytest.fixture(scope="module")
def loaded(files: list[Path]) -> Loaded:
    about = {
        "style": "props",
        "version": 2,
        "run": "run",
        "dataset": "d",
        "matte": "#808080",
        "trigger_word": "<Props>",
        "strength": 1.0,
        "crisp": True,
    }
    return style_drawing.load("pocket", files[0], "cpu", **about)


def drawn(
    loaded: Loaded, out: Path, besides: Besides = style_drawing.NOTHING, strength: float = 1.0
):
    (file,) = style_drawing.draw(loaded, WISHES, DRAW, strength, out, besides=besides)
    with Image.open(file) as picture:
        return seen(picture), picture_files.read_made(file)


def seen(picture: Image.Image) -> np.ndarray:
    """Premultiplied, so that colours under alpha 0 don't count."""
    return np.asarray(picture.convert("RGBa")).astype(int)


@pytest.mark.slow
def test_other_adapters_act_at_their_strength_and_leave_no_trace(loaded, files, tmp_path):
    alone, made = drawn(loaded, tmp_path / "alone")
    assert made.adapters == ()
    other = Other("tiles", 3, 0.8, "<Tiles>", files[1])
    both, made = drawn(loaded, tmp_path / "both", Besides((other,)))
    assert np.abs(both - alone).max() > 10
    assert made.adapters == ({"style": "tiles", "version": 3, "strength": 0.8},)
    assert made.full_prompt == "<Tiles> <Props> a red potion"
    only, _ = drawn(loaded, tmp_path / "only", Besides((other,)), strength=0.0)
    assert np.abs(only - both).max() > 10
    silent = Other("tiles", 3, 0.0, "<Tiles>", files[1])
    off, made = drawn(loaded, tmp_path / "off", Besides((silent,)))
    assert (off == alone).all() and made.full_prompt == "<Props> a red potion"
    after, _ = drawn(loaded, tmp_path / "after")
    assert (after == alone).all()
    assert set(loaded.pipeline.unet.peft_config) == {adapters.STYLE}
    with pytest.raises(StudioError, match="strength is 3"):
        drawn(loaded, tmp_path / "x", Besides((Other("tiles", 3, 3.0, "", files[1]),)))
    drawn(loaded, tmp_path / "mended")


def test_a_picture_to_begin_from_keeps_its_shape_as_asked(loaded, tmp_path):
    first = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    first.paste((230, 30, 30, 255), (8, 8, 24, 24))
    name = start_pictures.keep_picture(tmp_path, first)
    assert start_pictures.keep_picture(tmp_path, first.copy()) == name
    with Image.open(start_pictures.path(tmp_path, name)) as opened:
        start = opened.convert("RGBA")
    assert start.tobytes() == first.tobytes()

    def away(change: float) -> float:
        found, made = drawn(loaded, tmp_path / str(change), Besides((), start, name, change), 0.0)
        assert (made.start, made.change) == (name, change) and found.shape == (32, 32, 4)
        return float(np.abs(found - seen(first)).mean())

    little, much = away(0.25), away(1.0)
    assert little < 20 and much > 2 * little
    for bad in (0.0, 0.1, 1.5):
        with pytest.raises(StudioError, match=f"hange.*{bad}"):
            away(bad)
    text_only, _ = drawn(loaded, tmp_path / "without", strength=0.0)
    again, _ = drawn(loaded, tmp_path / "again", strength=0.0)
    assert (text_only == again).all()  # the shared pipeline is as it was
    with pytest.raises(StudioError, match="no picture"):
        start_pictures.path(tmp_path, "../../studio")


def test_each_finished_part_is_told(loaded, tmp_path, monkeypatch):
    from studio.diffusion import sampling

    monkeypatch.setattr(sampling, "BATCH", 2)
    told: list[tuple[int, int]] = []
    wishes = [Wish("a gem", seed) for seed in range(3)]
    style_drawing.draw(
        loaded,
        wishes,
        Draw(steps=1),
        1.0,
        tmp_path,
        kept=lambda first, files: told.append((first, len(files))),
    )
    assert told == [(0, 2), (2, 1)]
