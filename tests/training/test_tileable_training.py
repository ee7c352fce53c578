"""A tileable dataset in a training: rolled where it teaches, as it is where it is held out, and the
same to the last bit when the training is resumed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import torch

from studio.datasets import versions
from studio.datasets.folder_import import import_folder
from studio.datasets.manifests import Look
from studio.diffusion.bases import find_base, load_pipeline
from studio.evaluation.prompt_sets import PromptSet
from studio.settings import CHECKOUT
from studio.training import loop
from studio.training.config import TrainConfig
from studio.training.heldout import Parts
from studio.workflows import train_inputs

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
CONFIG = TrainConfig(
    base="pocket",
    rank=2,
    batch_size=1,
    max_train_steps=4,
    save_every_n_steps=2,
    preview_every_n_steps=0,
)


def material(home: Path) -> train_inputs.Material:
    torch.set_num_threads(1)
    folder = CHECKOUT / "sample" / "train" / "gem"
    look = Look(tileable="xy")
    version = import_folder(home, "gems", folder, look=look, now=NOW, actor="ana").version
    prompts = PromptSet("gems", "0" * 12, ("a gem",), (1,), ())
    task = train_inputs.Task(
        "gems", CONFIG, version, "pocket", Parts((0, 1), (2,), ""), prompts, {}
    )
    files = versions.files_of(home, [picture.hash for picture in version.pictures])
    said: list[str] = []
    made = train_inputs.prepare(task, files, home / "cache", torch.device("cpu"), said.append)
    assert any("tileable" in line for line in said)
    return made


def test_what_teaches_is_rolled_and_what_is_held_out_is_not(tmp_path: Path) -> None:
    rolled = material(tmp_path)
    (taught,), (held,) = rolled.encoded.groups, rolled.held.groups
    assert (taught.views, len(taught.mean), held.views) == (16, 32, 1)


@pytest.mark.slow
def test_resumed_it_ends_the_same_to_the_last_bit(tmp_path: Path) -> None:
    made = material(tmp_path / "home")

    def train(folder: Path, stop: bool = False, resume: bool = False) -> dict[str, Any]:
        def kept(step: int, folder: Path) -> None:
            if stop and step == 2:
                raise KeyboardInterrupt

        hooks = loop.Hooks(
            progress=lambda at: None,
            rows=lambda rows: None,
            preview=lambda step: None,
            checkpoint=kept,
        )
        base = load_pipeline(find_base("pocket"), torch.device("cpu"))
        return loop.train(base, made.encoded, CONFIG, folder, hooks, resume=resume)

    straight = train(tmp_path / "straight")
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "cut", stop=True)
    assert (tmp_path / "cut" / "step-000002").is_dir()
    resumed = train(tmp_path / "cut", resume=True)
    assert straight.keys() == resumed.keys()
    assert all(torch.equal(straight[name], resumed[name]) for name in straight)
