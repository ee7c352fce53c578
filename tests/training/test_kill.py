"""Trainings ended by kill -9 at several steps end bit-equal to one that was left alone: weights,
their average, what each optimizer remembers, rate, and rows without gap or double."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from studio.diffusion import torchvision_compat  # noqa: F401
from studio.diffusion.bases import find_base, load_pipeline
from studio.errors import StudioError
from studio.training import checkpoints, latent_cache, loop, training_step
from studio.training.checkpoints import Row
from studio.training.config import TrainConfig
from studio.training.encoded_dataset import Encoded, of_one_shape

STEPS = 7
CONFIG = TrainConfig(
    rank=2,
    alpha=1.0,
    targets="attention",
    batch_size=2,
    max_train_steps=STEPS,
    dropout=0.1,
    save_every_n_steps=2,
    preview_every_n_steps=0,
    warmup_steps=2,
    seed=3,
    ema_decay=0.9,
    train_text_encoder=True,
    lr_scheduler="polynomial",
)


def noise(pipeline: Any, seed: int = 1) -> Encoded:
    """Five pictures of noise: what is learned does not matter, only that it is the same."""
    unet, draws = pipeline.unet.config, torch.Generator().manual_seed(seed)
    mean = torch.randn(5, unet.in_channels, unet.sample_size, unet.sample_size, generator=draws)
    with torch.no_grad():
        text = latent_cache.embed(pipeline, [*"abcde", ""])
    return of_one_shape(mean, 0.1 * mean.abs(), text[:5], text[5], tuple("abcde"))


def train(
    folder: Path, config: TrainConfig, resume: bool = False, kill_at: int = 0, beside: bool = False
) -> dict[str, torch.Tensor]:
    """Train in `folder`; with `kill_at`, this process ends itself before that step is learned."""
    torch.set_num_threads(1)
    pipeline = load_pipeline(find_base("pocket"), torch.device("cpu"))
    encoded, prior = noise(pipeline), noise(pipeline, 2) if beside else None
    told = folder / "told.jsonl"
    folder.mkdir(exist_ok=True)

    def rows(found: list[Row]) -> None:
        with told.open("a") as file:
            file.writelines(json.dumps(row.__dict__) + "\n" for row in found)

    learn = training_step.Lesson.gradients

    def gradients(self: training_step.Lesson, step: int) -> torch.Tensor:
        if step == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return learn(self, step)

    hooks = loop.Hooks(progress=lambda at: None, rows=rows, preview=lambda step: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_step.Lesson, "gradients", gradients)
        patch.setattr(loop, "TELL_EVERY_S", 0.0)
        return loop.train(pipeline, encoded, config, folder, hooks, resume=resume, prior=prior)


def killed(make: Callable[..., object], *words: Any) -> None:
    """`make` in a process of its own, which must be ended by kill -9."""
    process = multiprocessing.get_context("fork").Process(target=_alone, args=(make, *words))
    process.start()
    process.join(200)
    assert process.exitcode == -signal.SIGKILL


def _alone(make: Callable[..., object], *words: Any) -> None:
    torch.set_num_threads(1)  # a forked process has none of its parent's threads
    make(*words)


def kept(folder: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    found = checkpoints.newest(folder)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("optimizer", "kills"),
    [
        ("adamw", (1, 4, 6)),
        pytest.param("prodigy", (4,), marks=pytest.mark.slow),
        pytest.param("adafactor", (4,), marks=pytest.mark.slow),
        pytest.param("prodigy", (2, 3, 6, 7), marks=pytest.mark.slow),
        pytest.param("adafactor", (2, 3, 6, 7), marks=pytest.mark.slow),
    ],
)
def test_killed_and_gone_on_it_ends_the_same(
    optimizer: str, kills: tuple[int, ...], tmp_path: Path
) -> None:
    config = replace(CONFIG, optimizer=optimizer)
    straight = train(tmp_path / "straight", config, beside=True)
    folder = tmp_path / "killed"
    for number, step in enumerate(kills):
        killed(train, folder, config, number > 0, step, True)
    ended = train(folder, config, resume=True, beside=True)
    assert ended.keys() == straight.keys() and any("text_encoder" in name for name in ended)
    assert all(torch.equal(ended[name], straight[name]) for name in ended)
    assert max(float(value.abs().max()) for name, value in ended.items() if "lora_B" in name) > 0
    (state, tensors), (state_too, tensors_too) = kept(folder), kept(tmp_path / "straight")
    assert state == state_too
    assert tensors.keys() == tensors_too.keys()
    assert all(torch.equal(tensors[name], tensors_too[name]) for name in tensors)
    assert any(
        not torch.equal(tensors[f"average.{name[7:]}"], value)
        for name, value in tensors.items()
        if name.startswith("weight.")
    )
    journals = [checkpoints.read(f / "losses.jsonl") for f in (folder, tmp_path / "straight")]
    assert [[replace(row, at=0) for row in rows] for rows in journals][0] == [
        replace(row, at=0) for row in journals[1]
    ]
    assert [row.step for row in journals[0]] == list(range(1, STEPS + 1))
    # Told again after a kill they have the same time: in MLflow each is there once.
    told = {tuple(json.loads(line).values()) for line in (folder / "told.jsonl").open()}
    assert told == {tuple(row.__dict__.values()) for row in journals[0]}


@pytest.mark.slow
def test_a_checkpoint_of_the_time_before_is_gone_on_from(tmp_path: Path) -> None:
    config = replace(CONFIG, train_text_encoder=False, ema_decay=0.0, dropout=0.0)
    straight = train(tmp_path, config)
    for step in checkpoints.steps(tmp_path)[1:]:
        (tmp_path / f"step-{step:06d}" / "state.json").unlink()
    first = checkpoints.steps(tmp_path)[0]
    (tmp_path / f"step-{first:06d}" / "state.json").write_text(json.dumps({"step": first}))
    ended = train(tmp_path, config, resume=True)
    assert all(torch.equal(ended[name], straight[name]) for name in straight)


@pytest.mark.slow
def test_a_checkpoint_of_another_base_is_refused(tmp_path: Path) -> None:
    config = replace(CONFIG, max_train_steps=2)
    train(tmp_path, config)
    file = tmp_path / "step-000002" / "state.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"base": "another"}))
    with pytest.raises(StudioError, match="another base"):
        train(tmp_path, config, resume=True)
    with pytest.raises(StudioError, match="does not fit|another base"):
        train(tmp_path, replace(config, rank=3), resume=True)


@pytest.mark.slow
def test_a_gradient_that_is_no_number_names_the_step_and_spoils_no_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn = training_step.Lesson.gradients

    def gradients(self: training_step.Lesson, step: int) -> torch.Tensor:
        found = learn(self, step)
        if step == 6:  # as one that overflows: the loss itself is a number
            next(iter(self._weights.values())).grad.fill_(float("inf"))  # type: ignore[union-attr]
        return found

    monkeypatch.setattr(training_step.Lesson, "gradients", gradients)
    with pytest.raises(StudioError, match="gradient is (inf|nan) at step 6") as caught:
        train(tmp_path, replace(CONFIG, train_text_encoder=False))
    assert "learning_rate" in caught.value.remedy
    assert checkpoints.steps(tmp_path) == [2, 4]
    assert all(value.isfinite().all() for value in kept(tmp_path)[1].values())


@pytest.mark.slow
def test_a_loss_that_is_no_number_is_told(tmp_path: Path) -> None:
    config = replace(
        CONFIG,
        train_text_encoder=False,
        learning_rate=0.99,
        alpha=1e6,
        lr_scheduler="constant",
        warmup_steps=0,
    )
    with pytest.raises(StudioError, match="(loss|gradient) is (inf|nan)"):
        train(tmp_path, config)
