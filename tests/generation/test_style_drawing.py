"""Batches on the real pocket base: kept as they are drawn, gone on with where they stopped."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import resource
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.diffusion import sampling
from studio.diffusion.bases import find_base, load_pipeline
from studio.diffusion.sampling import Draw
from studio.errors import StudioError
from studio.generation import picture_files, raw_pictures, seam_verdicts, style_drawing
from studio.generation.drawn_before import drawn_before
from studio.generation.style_drawing import Loaded, Wish
from studio.numbers import SEEDS
from studio.training import export, loop
from studio.training.config import TrainConfig

DRAW = Draw(steps=2, guidance=3)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """The pocket base with an adapter that nobody trained, loud enough to be seen."""
    torch.set_num_threads(1)
    bare = load_pipeline(find_base("pocket"), torch.device("cpu"))
    unet = loop.add_lora(bare.unet, TrainConfig(rank=2, targets="attention"))
    for name, weight in unet.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.3)
    folder = tmp_path_factory.mktemp("adapter")
    file = export.write_lora(folder, export.lora_tensors(unet), unet, {})
    about = {
        "style": "props",
        "version": 2,
        "run": "run",
        "dataset": "sample@012345678901",
        "matte": "#808080",
        "trigger_word": "<GameStyle>",
        "strength": 1.0,
    }
    return style_drawing.load("pocket", file, "cpu", **about, crisp=True)


def pixels(file: Path) -> np.ndarray:
    with Image.open(file) as picture:
        return np.asarray(picture)


def test_pictures_name_how_they_were_made(loaded: Loaded, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    wishes = [Wish("a red potion", 7), Wish("a {style_token} sword", 8)]
    files = style_drawing.draw(
        loaded,
        wishes,
        dataclasses.replace(DRAW, negative="blue"),
        0.5,
        tmp_path,
        lambda done, all: told.append((done, all)),
    )
    assert told == [(2, 2)]
    assert [f.name[:-11] for f in files] == [
        "props-v2-a-red-potion-7-0000",
        "props-v2-a-sword-8-0001",
    ]
    assert picture_files.read_made(files[1]) == picture_files.Made(
        style="props",
        version=2,
        base="pocket",
        run="run",
        dataset="sample@012345678901",
        prompt="a {style_token} sword",
        full_prompt="a <GameStyle> sword",
        negative="blue",
        seed=8,
        steps=2,
        guidance=3.0,
        strength=0.5,
    )
    for file in files:
        drawn = pixels(file)
        assert drawn.shape == (32, 32, 4) and set(np.unique(drawn[..., 3])) <= {0, 255}
    assert sorted(tmp_path.glob("*.png")) == sorted(files)
    for file in files:  # its edges were made hard; as they were drawn they are kept
        assert len(np.unique(pixels(raw_pictures.beside(file))[..., 3])) > 2


def test_a_seamless_picture_is_opaque_and_says_how_it_was_drawn(
    loaded: Loaded, tmp_path: Path
) -> None:
    draw = dataclasses.replace(DRAW, seamless="both", fill="opaque")
    wish = Wish("a grey stone", 7)
    (file,) = style_drawing.draw(loaded, [wish], draw, 1.0, tmp_path)
    (plain,) = style_drawing.draw(loaded, [wish], DRAW, 1.0, tmp_path)
    assert file.name != plain.name and (pixels(file)[..., 3] == 255).all()
    made = picture_files.read_made(file)
    assert made is not None and (made.seamless, made.fill) == ("both", "opaque")
    found = seam_verdicts.of_file(file, "both")
    assert {one["verdict"] for one in found.values()} <= {"whole", "cut"}  # it can be told


def test_an_interrupted_batch_goes_on(
    loaded: Loaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "BATCH", 2)
    wishes = [Wish(text, seed) for text in ("a red gem", "a blue gem") for seed in (1, 2)]
    whole = style_drawing.draw(loaded, wishes, DRAW, 1.0, tmp_path / "whole")

    def stop(done: int, all: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        style_drawing.draw(loaded, wishes, DRAW, 1.0, tmp_path / "out", stop)
    assert sorted(f.name for f in (tmp_path / "out").glob("*.png")) == [f.name for f in whole[:2]]
    first = (tmp_path / "out" / whole[0].name).stat().st_mtime_ns
    torn = tmp_path / "out" / whole[1].name
    torn.write_bytes(torn.read_bytes()[:-30])  # as a disk gives it back after a power cut
    drawn: list[Any] = []
    style_drawing.draw(
        loaded, wishes, DRAW, 1.0, tmp_path / "out", step=lambda *at: drawn.append(at)
    )
    assert len(drawn) == 4  # two parts of two steps: one to mend, one not begun
    assert (tmp_path / "out" / whole[0].name).stat().st_mtime_ns == first
    for file in whole:
        assert (pixels(tmp_path / "out" / file.name) == pixels(file)).all()
    drawn.clear()
    style_drawing.draw(
        loaded, wishes, DRAW, 1.0, tmp_path / "out", step=lambda *at: drawn.append(at)
    )
    assert not drawn


def test_other_settings_never_take_a_picture_s_place(loaded: Loaded, tmp_path: Path) -> None:
    def draw(wish: Wish, strength: float = 1.0, **changed: Any) -> np.ndarray:
        return pixels(
            style_drawing.draw(
                loaded, [wish], dataclasses.replace(DRAW, **changed), strength, tmp_path
            )[0]
        )

    long = "a very long and thorough prompt about a potion that is "
    wish = Wish(long + "red", 3)
    one = draw(wish)
    assert (draw(wish) == one).all() and len(list(tmp_path.glob("*.png"))) == 1
    draw(Wish(long + "blue", 3))
    draw(wish, guidance=6)
    draw(wish, negative="red")
    assert (draw(wish, strength=0.0) != one).any()
    assert draw(wish, width=64, height=64).shape == (64, 64, 4)
    draw(Wish("красное зелье", 3))
    draw(Wish("синее зелье", 3))
    assert len(list(tmp_path.glob("*.png"))) == 8
    assert (draw(wish) == one).all()


def test_width_and_height_are_apart_and_off_the_grid_the_middle_is_cut_out(
    loaded: Loaded, tmp_path: Path
) -> None:
    hero, cave, odd = (
        style_drawing.draw(
            loaded,
            [Wish("a red gem", 3)],
            dataclasses.replace(DRAW, width=width, height=height),
            1.0,
            tmp_path,
        )[0]
        for width, height in ((32, 48), (48, 32), (30, 45))
    )
    assert [pixels(file).shape for file in (hero, cave, odd)] == [
        (48, 32, 4),
        (32, 48, 4),
        (45, 30, 4),
    ]
    # On the grid it is the very picture of 32 x 48, of which a pixel is left out at each side.
    assert (pixels(odd) == pixels(hero)[1:46, 1:31]).all()
    assert len({hero.name[-10:], cave.name[-10:], odd.name[-10:]}) == 3
    with Image.open(odd) as picture:
        told = json.loads(picture.text["housestyle"])
        assert (told["width"], told["height"]) == (30, 45)
        assert picture.text["parameters"] == (
            "<GameStyle> a red gem\nSteps: 2, CFG scale: 3, Seed: 3, Size: 30x45, Model: pocket"
        )
    assert picture_files.read_made(odd) == picture_files.read_made(hero)
    draw = dataclasses.replace(DRAW, width=30, height=45)
    assert style_drawing.notes(loaded, [Wish("a gem", 3)], draw) == [
        "30 x 45 is drawn as 32 x 48 and its middle cut out."
    ]


def test_a_width_alone_leaves_the_height_as_it_learned(loaded: Loaded, tmp_path: Path) -> None:
    draw = dataclasses.replace(DRAW, width=16)
    (file,) = style_drawing.draw(loaded, [Wish("a gem", 3)], draw, 1.0, tmp_path / "native")
    assert pixels(file).shape == (32, 16, 4)
    learned = dataclasses.replace(loaded, size=24)
    (file,) = style_drawing.draw(learned, [Wish("a gem", 3)], draw, 1.0, tmp_path / "learned")
    assert pixels(file).shape == (24, 16, 4)


def test_a_square_of_before_keeps_its_name(loaded: Loaded) -> None:
    made = style_drawing.made_of(loaded, Wish("a gem", 3), DRAW, 1.0, style_drawing.NOTHING)
    settings = json.dumps([picture_files.recipe_of(made), 64], sort_keys=True)
    before = hashlib.sha256(settings.encode()).hexdigest()[:6]
    square = dataclasses.replace(DRAW, width=64, height=64)
    assert style_drawing.file_name(made, "<GameStyle>", square, 7).endswith(f"-3-0007-{before}")


def test_pictures_are_told_with_their_place_among_all(loaded: Loaded, tmp_path: Path) -> None:
    (file,) = style_drawing.draw(loaded, [Wish("a gem", 3)], DRAW, 1.0, tmp_path, place=12)
    assert "-3-0012-" in file.name


def test_the_generator_takes_the_low_32_bits_of_a_seed_and_older_recipes_draw_what_they_drew(
    loaded: Loaded,
) -> None:
    def noise(seed: int) -> torch.Tensor:
        return torch.randn(4, generator=torch.Generator().manual_seed(seed))

    assert (noise(7) == noise(7 + SEEDS)).all() and (noise(7) != noise(8)).all()
    seeds = [7, 7 + SEEDS, 2**53 - SEEDS + 7, 8]
    drawn = style_drawing.pictures(loaded, ["a gem"] * 4, seeds, DRAW, 1.0)
    first, second, third, other = map(np.asarray, drawn)
    assert (first == second).all() and (first == third).all() and (first != other).any()


def test_what_can_not_be_drawn_is_refused(loaded: Loaded, tmp_path: Path) -> None:
    for settings, said in [
        ({"seed": -1}, "seed is -1"),
        ({"seed": 2**63}, "seed is 9223372036854775808"),
        ({"width": 7, "height": 32}, "width is 7"),
        ({"height": 4096}, "height is 4,096"),
        ({"steps": 0}, "steps is 0"),
        ({"guidance": float("nan")}, "guidance is nan"),
        ({"strength": float("inf")}, "strength is inf"),
    ]:
        wish = Wish("a gem", settings.pop("seed", 1))  # type: ignore[arg-type]
        strength = settings.pop("strength", 1.0)
        with pytest.raises(StudioError, match=said):
            style_drawing.draw(
                loaded, [wish], dataclasses.replace(DRAW, **settings), strength, tmp_path
            )
    assert not list(tmp_path.iterdir())


def test_a_full_disk_names_the_picture_and_leaves_no_half_of_it(
    loaded: Loaded, tmp_path: Path
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
        with pytest.raises(StudioError, match=r"a-gem-1-0000-......\.png could not be written"):
            style_drawing.draw(loaded, [Wish("a gem", 1)], DRAW, 1.0, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_what_is_not_ours_or_not_whole_is_not_read(loaded: Loaded, tmp_path: Path) -> None:
    file = style_drawing.draw(loaded, [Wish("a gem", 1)], DRAW, 1.0, tmp_path)[0]
    whole = file.read_bytes()
    assert picture_files.read_made(file) is not None
    for length in (0, 8, 60, len(whole) // 2, len(whole) - 40):
        file.write_bytes(whole[:length])
        assert picture_files.read_made(file) is None, length
    Image.new("RGBA", (8, 8)).save(file)
    assert picture_files.read_made(file) is None
    assert picture_files.read_made(tmp_path / "nowhere.png") is None
    if os.geteuid():
        file.chmod(0)
        assert picture_files.read_made(file) is None


LONG = ", ".join(f"a red potion with {word}" for word in "gold glass gems rubies wood iron".split())


def test_the_metadata_says_what_acted(loaded: Loaded, tmp_path: Path) -> None:
    prompts = ["a red gem", LONG, r"a (red:1.3) gem \(small\)"]
    wishes = [Wish(text, 7) for text in prompts]
    files = style_drawing.draw(loaded, wishes, DRAW, 1.0, tmp_path)
    plain, long, weighted = (picture_files.read_made(file) for file in files)
    assert plain and long and weighted
    assert plain.reading == {} and long.reading == {"chunks": 2}
    assert weighted.reading == {
        "weights": [["red", 1.3]],
        "text": "<GameStyle> a red gem (small)",
    }
    with Image.open(files[0]) as picture:
        assert '"reading"' not in picture.text["housestyle"]  # the same mark as before
    drawn: list[Any] = []
    again = style_drawing.draw(
        loaded, wishes, DRAW, 1.0, tmp_path, step=lambda *at: drawn.append(at)
    )
    assert again == files and not drawn
    unloaded = dataclasses.replace(loaded, pipeline=None)
    assert drawn_before([tmp_path], unloaded, wishes, DRAW, 1.0) == files
    negative = dataclasses.replace(DRAW, negative=LONG)
    made = style_drawing.made_of(loaded, wishes[0], negative, 1.0, style_drawing.NOTHING)
    assert made.reading == {"negative_chunks": 2}


def test_a_picture_of_before_that_was_cut_off_is_drawn_anew(loaded: Loaded, tmp_path: Path) -> None:
    made = style_drawing.made_of(loaded, Wish(LONG, 7), DRAW, 1.0, style_drawing.NOTHING)
    old = dataclasses.replace(made, reading={})
    name = style_drawing.file_name(old, loaded.trigger_word, DRAW, 0)
    file = picture_files.keep(tmp_path, name, Image.new("RGBA", (32, 32)), old)
    assert picture_files.read_made(file) == old
    unloaded = dataclasses.replace(loaded, pipeline=None)
    assert drawn_before([tmp_path], unloaded, [Wish(LONG, 7)], DRAW, 1.0) == [None]
    (new,) = style_drawing.draw(loaded, [Wish(LONG, 7)], DRAW, 1.0, tmp_path)
    assert new != file and file.is_file()


def test_what_is_not_drawn_as_it_stands_is_told_of_a_few_prompts(loaded: Loaded) -> None:
    many = [Wish(f"{k} [gem]", 1) for k in range(8)] + [Wish("a gem", 1)]
    said = style_drawing.notes(loaded, many, dataclasses.replace(DRAW, negative=LONG))
    assert said[0].startswith("The negative prompt has 39 tokens") and "2 chunks" in said[0]
    assert said[1].startswith("'0 [gem]': '[gem]' is drawn as it stands") and len(said) == 7
    assert said[-1] == "So it is with 3 more prompts."
    assert style_drawing.notes(loaded, [Wish("a (red:1.3) gem", 1)], DRAW) == []
