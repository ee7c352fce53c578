"""What a machine's warm process keeps from one run to the next, and what not."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import torch

from studio.generation.style_drawing import Loaded
from studio.remote.protocol import Asked
from studio.settings import load_settings
from studio.worker.context import Warm
from studio.worker.machine import process
from studio.worker.machine.process import Parted


def asked(*hashes: str) -> Asked:
    inputs = {hash: (hash, hash, "pytorch_lora_weights.safetensors") for hash in hashes}
    inputs["start"] = ("f" * 64, "e" * 64, "start.png")
    return Asked("generate", {}, inputs, "7", {}, {}, "interactive", 0, "1", "2")


def test_pipelines_of_other_files_under_the_same_name_are_others() -> None:
    warm, loads = Warm(), list[str]()

    def load(name: str) -> Any:
        def loaded() -> Loaded:
            loads.append(name)
            return cast(Loaded, name)

        return loaded

    name = "heroes version 3"
    first = Parted(warm, asked("a" * 64)).get(name, load("ours"))
    again = Parted(warm, asked("a" * 64)).get(name, load("again"))
    other = Parted(warm, asked("b" * 64)).get(name, load("theirs"))
    assert [first, again, other] == ["ours", "ours", "theirs"]
    assert loads == ["ours", "theirs"] and len(warm.loaded) == 2


def test_a_run_that_asks_for_no_threads_has_none_of_the_run_before(tmp_path: Path) -> None:
    """A process that stays warm computes for several studios."""
    settings, before = load_settings({}, home=str(tmp_path)), torch.get_num_threads()
    process._usual_threads.cache_clear()
    try:
        assert process._took_threads(settings, 1) == 1 and torch.get_num_threads() == 1
        assert process._took_threads(settings, 0) == 0 and torch.get_num_threads() == before
    finally:
        torch.set_num_threads(before)
