"""Memory that really runs out: the address space of a process is limited, and torch is refused."""

from __future__ import annotations

import ctypes
import multiprocessing
import resource
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch

from studio.diffusion.bases import find_base, load_pipeline
from studio.errors import StudioError
from studio.training import loop, memory
from studio.training.config import TrainConfig
from tests.training.test_kill import CONFIG, noise

FULL = replace(
    CONFIG,
    batch_size=128,
    max_train_steps=1,
    train_text_encoder=False,
    dropout=0.0,
    targets="attention",
)


def _limited(folder: Path, config: TrainConfig, room: int, told: Any) -> None:
    """Train with `room` bytes of address space more than the process has before."""
    torch.set_num_threads(1)
    torch.backends.mkldnn.enabled = False  # once refused, it goes on refusing
    # The limit is on addresses, so what is freed must give its addresses back as well.
    ctypes.CDLL(None).mallopt(-3, 65536)  # M_MMAP_THRESHOLD
    pipeline = load_pipeline(find_base("pocket"), torch.device("cpu"))
    encoded, said = noise(pipeline), []
    loop.train(pipeline, encoded, replace(config, batch_size=1), folder / "warm", _hooks(said))
    pipeline = load_pipeline(find_base("pocket"), torch.device("cpu"))
    used = psutil.Process().memory_info().vms
    resource.setrlimit(resource.RLIMIT_AS, (used + room, used + room))
    try:
        tensors = loop.train(pipeline, encoded, config, folder / "run", _hooks(said))
        told.send((said, len(tensors), ""))
    except StudioError as error:
        told.send((said, 0, str(error) + error.remedy))


def _hooks(said: list[str]) -> loop.Hooks:
    return loop.Hooks(lambda at: None, lambda rows: None, lambda step: None, say=said.append)


def _in_a_process(*words: Any) -> Any:
    # Not forked: what the tests before have freed would be room that the limit doesn't see.
    context = multiprocessing.get_context("spawn")
    # No queue either: it tells by a thread, for which there may be no room left.
    heard, told = context.Pipe(duplex=False)
    process = context.Process(target=_limited, args=(*words, told))
    process.start()
    told.close()
    found = heard.recv()  # EOFError where it ended without a word
    process.join()
    return found


@pytest.mark.slow
def test_a_refused_batch_is_tried_smaller_and_the_step_sees_the_same(tmp_path: Path) -> None:
    said, tensors, _ = _in_a_process(tmp_path, FULL, 250 * 2**20)
    assert tensors and "128 pictures at once; going on with 64 at once, 2 times" in said[0]
    assert 1 <= len(said) <= 3


@pytest.mark.slow
def test_not_allowed_to_it_names_the_settings_to_change(tmp_path: Path) -> None:
    config = replace(FULL, smaller_batch_when_full=False)
    said, tensors, error = _in_a_process(tmp_path, config, 250 * 2**20)
    assert not tensors and not said
    for name in ("128 pictures", "gradient_checkpointing", "batch_size", "rank", "adamw8bit"):
        assert name in error


def test_smaller_batches_keep_what_a_step_sees() -> None:
    config = TrainConfig(batch_size=12, gradient_accumulation_steps=2)
    seen = []
    while config := memory.smaller(config):  # type: ignore[assignment]
        seen.append((config.batch_size, config.gradient_accumulation_steps))
    assert seen == [(6, 4), (3, 8), (1, 24)]


@pytest.mark.parametrize(
    ("room", "most", "found"), [(1, 40, 1), (7, 40, 6), (9, 40, 8), (99, 40, 40)]
)
def test_the_largest_batch_is_found_by_trial(room: int, most: int, found: int) -> None:
    tried = []

    def trial(config: TrainConfig) -> None:
        tried.append(config.batch_size)
        if config.batch_size > room:
            raise torch.OutOfMemoryError("CUDA out of memory.")

    got = memory.largest(trial, TrainConfig(), most, torch.device("cpu"))
    assert got.batch_size == found and len(tried) <= 9


def test_a_trial_that_fails_for_another_reason_is_no_matter_of_memory() -> None:
    def trial(config: TrainConfig) -> None:
        raise RuntimeError("shapes do not fit")

    with pytest.raises(RuntimeError, match="shapes"):
        memory.largest(trial, TrainConfig(), 4, torch.device("cpu"))
    with pytest.raises(StudioError, match="1 picture at once"):
        memory.largest(_never, TrainConfig(), 4, torch.device("cpu"))


def _never(config: TrainConfig) -> None:
    raise torch.OutOfMemoryError("CUDA out of memory.")
