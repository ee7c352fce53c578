"""What a machine keeps loaded: never another studio's under the same name."""

from __future__ import annotations

from typing import Any, cast

from studio.generation.style_drawing import Loaded
from studio.remote.protocol import Asked
from studio.worker.context import Warm
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
