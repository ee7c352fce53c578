"""SDXL and 2.x through the whole studio: pictures in, a version trained, drawn with, handed out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio import context
from studio.cli.main import main
from studio.diffusion import adapters, bases, lora_files
from studio.diffusion.base_shapes import shapes_of_base
from studio.diffusion.sampling import Draw, draw_pictures
from studio.generation import picture_files, raw_pictures
from studio.registry import models
from studio.settings import load_settings
from studio.workflows.adapters import in_kohya
from studio.workflows.version_loading import adapter_file
from tests.diffusion.test_other_base import MATTE, sprite

BRIEF = (
    "max_train_steps=3",
    "save_every_n_steps=2",
    "preview_every_n_steps=3",
    "rank=2",
    "held_out=0",
    "train_text_encoder=true",
    "learning_rate=0.02",
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("family", "kind"), [("sdxl", "lora"), ("sdxl", "dora"), ("sd2v", "rslora")]
)
def test_a_base_of_another_family_goes_all_the_way(
    family: str,
    kind: str,
    folder_of: Callable[[str], Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    art, home, base = tmp_path / "art", tmp_path / "home", folder_of(family)
    art.mkdir()
    for seed in range(3):
        sprite(seed).save(art / f"potion {seed}.png")

    def ask(*words: str) -> dict[str, Any]:
        code = main([*words, "--json", "--home", str(home), "--user", "ana"])
        told = capsys.readouterr()
        assert code == 0, told.err
        return dict(json.loads(told.out.splitlines()[-1]))

    ask("dataset", "import", "art", str(art), "--matte", MATTE, "--size", "64")
    settings = [
        word
        for one in (*BRIEF, f"base={base}", f"adapter={kind}", "batch_size=1")
        for word in ("--set", one)
    ]
    made = ask("train", "props", "--dataset", "art", "--preset", "fast", *settings)
    assert (made["tags"]["base_name"], made["number"]) == (str(base), 1)
    ask("promote", "props", "1", "production", "--why", "first")
    files = ask("generate", "a potion", "--style", "props", "--steps", "2")["files"]
    told = picture_files.read_made(Path(files[0]))
    assert told is not None and (told.base, told.version) == (str(base), 1)
    assert Image.open(raw_pictures.beside(Path(files[0]))).size == (64, 64)
    assert Image.open(files[0]).size == (32, 32)  # finished: the art's own pixels

    # The file acts, and at strength 0 the base's own picture comes back to the last bit.
    studio = context.open_studio(load_settings({"STUDIO_USER": "ana"}, str(home)))
    version = models.get(studio.client, "props", 1)
    file = adapter_file(studio, version)
    found = bases.find_base(str(base))
    pipeline = bases.load_pipeline(found, torch.device("cpu"))

    def drawn() -> np.ndarray:
        return np.asarray(draw_pictures(pipeline, ["a potion"], [7], Draw(steps=2))[0])

    bare = drawn()
    adapters.attach(pipeline, file)
    adapters.set_strength(pipeline, 1.0)
    assert (drawn() != bare).any()
    adapters.set_strength(pipeline, 0.0)
    assert (drawn() == bare).all()

    # Handed out for other programs, brought in again, laid together.
    given = lora_files.read(file, shapes_of_base(str(base)))
    texts = ["text_encoder", "text_encoder_2"][: 2 if family == "sdxl" else 1]
    assert given.parts == ["unet", *texts] and given.dora == (kind == "dora")
    theirs = tmp_path / "theirs.safetensors"
    theirs.write_bytes(in_kohya(studio, version).read_bytes())
    words = ("--base", str(base), "--source", "us", "--licence", "CC0-1.0")
    assert ask("adapter", "import", str(theirs), "--style", "props", *words)["number"] == 2
    if kind != "dora":
        assert ask("adapter", "merge", "props:1:0.5", "props:2:0.5", "--style", "props")["number"]
