"""The machine's clock is set while a training runs: rows stay in order, none doubled or lost."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from studio.diffusion import torchvision_compat  # noqa: F401
from studio.diffusion.bases import find_base, load_pipeline
from studio.training import checkpoints, loop
from studio.training.checkpoints import Row
from studio.training.config import TrainConfig
from tests.training.test_kill import noise

HOUR, DAY = 3600.0, 86_400.0
CONFIG = TrainConfig(
    rank=2,
    batch_size=1,
    max_train_steps=9,
    save_every_n_steps=2,
    preview_every_n_steps=0,
    warmup_steps=0,
    targets="attention",
)


class Killed(BaseException):
    """Nothing catches it, like a kill."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "shifts", [(0.0, -HOUR, DAY), pytest.param((DAY, 0.0, -HOUR), marks=pytest.mark.slow)]
)
def test_a_clock_that_is_set_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shifts: tuple[float, ...]
) -> None:
    """Set an hour back and a day forward, each time between a kill and going on, and again while
    it learns."""
    torch.set_num_threads(1)
    shift, told = 0.0, list[Row]()
    clock = SimpleNamespace(time=lambda: time.time() + shift, monotonic=time.monotonic)
    monkeypatch.setattr(loop, "time", clock)
    monkeypatch.setattr(loop, "TELL_EVERY_S", 0.0)
    monkeypatch.setattr(loop, "READ_EVERY", 1)
    lefts: list[float] = []

    def train(resume: bool, dies: int) -> dict[str, torch.Tensor]:
        def progress(at: loop.Progress) -> None:
            nonlocal shift
            shift += DAY if at.step % 2 else -HOUR  # while it learns
            lefts.append(at.left)
            if at.step == dies:
                raise Killed

        pipeline = load_pipeline(find_base("pocket"), torch.device("cpu"))
        hooks = loop.Hooks(progress=progress, rows=told.extend, preview=lambda step: None)
        return loop.train(pipeline, noise(pipeline), CONFIG, tmp_path, hooks, resume=resume)

    for number, dies in enumerate((4, 7)):
        shift = shifts[number]
        with pytest.raises(Killed):
            train(number > 0, dies)
    shift = shifts[2]
    ended = train(True, 0)
    rows = checkpoints.read(tmp_path / "losses.jsonl")
    assert [row.step for row in rows] == list(range(1, 10))
    assert [row.at for row in rows] == sorted(row.at for row in rows)
    assert set(told) == set(rows)  # told again after a kill, each with the same time
    assert max(lefts) < 60  # what is left is not told by the clock
    (tmp_path / "straight").mkdir()
    pipeline = load_pipeline(find_base("pocket"), torch.device("cpu"))
    hooks = loop.Hooks(progress=lambda at: None, rows=told.extend, preview=lambda step: None)
    straight = loop.train(pipeline, noise(pipeline), CONFIG, tmp_path / "straight", hooks)
    assert all(torch.equal(ended[name], straight[name]) for name in straight)
