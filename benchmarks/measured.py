"""What both comparisons share: their result, a clock that waits for the device, the sample."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio import context, images
from studio.datasets import versions
from studio.datasets.folder_import import import_folder
from studio.datasets.manifests import Look
from studio.generation.prompts import with_trigger
from studio.operations.first_run import sample_folder
from studio.training import latent_cache, loop
from studio.training.config import TrainConfig
from studio.training.encoded_dataset import Encoded

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Comparison:
    """Seconds a step of our loop and of another, one pair for each round; `memory`, where it was
    measured, is the bytes that either held at its fullest."""

    against: str
    limit: float
    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    batch_size: int
    size: int
    rank: int
    memory: tuple[float, float] | None = None

    @property
    def ratios(self) -> list[float]:
        """Ours over theirs, round by round: a pair is measured within seconds, so that what
        else the machine does meets both."""
        return [a / b for a, b in zip(self.ours, self.theirs, strict=True)]

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return statistics.median(self.ratios)

    @property
    def lean(self) -> bool:
        """Whether ours needed no more memory, where it was measured."""
        return self.memory is None or self.memory[0] <= self.memory[1]

    def record(self) -> dict[str, Any]:
        """Plain values; `spread` holds the rounds' smallest and largest ratio, and
        `ratio_of_sums` keeps what a median leaves out, such as a checkpoint every 100 steps."""
        return {
            **asdict(self),
            "rounds": len(self.ours),
            "ours_s": statistics.median(self.ours),
            "theirs_s": statistics.median(self.theirs),
            "ratio": self.ratio,
            "ratio_of_sums": sum(self.ours) / sum(self.theirs),
            "spread": [min(self.ratios), max(self.ratios)],
            "within": self.ratio <= self.limit and self.lean,
        }


@dataclass(frozen=True)
class Clock:
    """Seconds of `device`: those on the wall, or with `processor` those that the process was
    computing, which other processes hardly touch; waiting for a disk is not in them."""

    device: torch.device
    processor: bool

    def now(self) -> float:
        """Seconds, read after the device has finished what was asked of it."""
        import torch

        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        elif self.device.type == "mps":
            torch.mps.synchronize()
        return time.process_time() if self.processor else time.perf_counter()

    def of(self, process: subprocess.Popen[bytes], began: float) -> tuple[float, float]:
        """Seconds that a process took since `began`, on the wall, and bytes that it held at its
        fullest, after it has ended; its exit code is left in it."""
        _, status, spent = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        own = spent.ru_utime + spent.ru_stime if self.processor else time.perf_counter() - began
        return own, spent.ru_maxrss * 1024.0


def encoded_sample(pipeline: Any, size: int | None, config: TrainConfig, home: Path) -> Encoded:
    """The bundled sample, imported into `home` and encoded at `size` pixels, as training does."""
    version = import_folder(
        home,
        "sample",
        sample_folder("train"),
        look=Look(size=size),
        now=context.now(),
        actor="benchmark",
    ).version

    def opener(digest: str) -> Callable[[], Any]:
        return lambda: images.open_picture(versions.picture_path(home, digest))

    return latent_cache.encode(
        pipeline,
        [latent_cache.Example(p.hash, p.caption, opener(p.hash)) for p in version.pictures],
        [with_trigger(p.caption, config.trigger_word) for p in version.pictures],
        size=size or int(pipeline.unet.config.sample_size * pipeline.vae_scale_factor),
        filter=version.look.filter,
        matte=version.look.matte,
        folder=home / "cache",
    )


def hooks(progress: Callable[[loop.Progress], None]) -> loop.Hooks:
    """Hooks that only tell the progress."""
    return loop.Hooks(progress=progress, rows=lambda rows: None, preview=lambda step: None)
