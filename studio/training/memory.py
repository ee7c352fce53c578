"""Room on the device: what is not needed goes aside, full is noticed, and batches are fitted.

Not covered: a machine without a GPU that starts to swap, or ends the process, before an
allocation is refused.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from studio.errors import StudioError
from studio.training.config import TrainConfig

if TYPE_CHECKING:
    import torch

SPARE = 0.92  # share of the device's memory that a batch found by trial may fill
_SAID = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "bad_alloc",
    "could not create a primitive",  # oneDNN's words on a CPU
    "could not create a memory object",
)


def is_full(error: BaseException) -> bool:
    """Whether an allocation was refused: each device says it in its own words."""
    import torch

    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(said in str(error) for said in _SAID)


def smaller(config: TrainConfig) -> TrainConfig | None:
    """The next smaller batch, with more batches a step so that a step sees the same pictures;
    None for a batch of one."""
    size = config.batch_size
    if size == 1:
        return None
    parts = next(n for n in range(2, size + 1) if size % n == 0)
    return replace(
        config,
        batch_size=size // parts,
        gradient_accumulation_steps=config.gradient_accumulation_steps * parts,
    )


def with_batch(config: TrainConfig, size: int, parts: int) -> TrainConfig:
    """The settings with the batch that a run had come to."""
    return replace(config, batch_size=size, gradient_accumulation_steps=parts)


def full(config: TrainConfig) -> StudioError:
    """What to do about memory that did not suffice: the settings that would help, best first."""
    helps = []
    if not config.gradient_checkpointing:
        helps.append("turn on gradient_checkpointing")
    if config.batch_size > 1:
        helps.append(f"lower batch_size (now {config.batch_size})")
    if config.train_text_encoder:
        helps.append("turn off train_text_encoder")
    helps.append(f"lower rank (now {config.rank})")
    if config.optimizer == "adamw":
        helps.append("take optimizer adamw8bit or adafactor")
    helps.append("learn at a smaller resolution")
    return StudioError(
        f"The memory did not suffice for {config.batch_size} "
        f"picture{'s' if config.batch_size > 1 else ''} at once.",
        f"One of these, the first helps most: {'; '.join(helps)}. The last checkpoint is kept.",
    )


def release(device: torch.device) -> None:
    """Give back what nothing holds any more."""
    import torch

    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()
    elif trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)  # Linux: the C library keeps freed memory for later, where others can't have it


def largest(
    trial: Callable[[TrainConfig], None], config: TrainConfig, most: int, device: torch.device
) -> TrainConfig:
    """The settings with the largest batch that `trial` bears, at most `most` pictures.

    Doubled until it is refused or fills the device, then tried once between the last two. Raises
    StudioError where not even one picture fits.
    """

    def bears(size: int) -> bool:
        import torch

        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
        try:
            trial(replace(config, batch_size=size))
        except Exception as error:
            if not is_full(error):
                raise
            refused = True
        else:
            refused = False
        if device.type == "cuda" and not refused:
            whole = torch.cuda.get_device_properties(device).total_memory
            refused = torch.cuda.max_memory_reserved(device) > SPARE * whole
        release(device)
        return not refused

    size = 1
    if not bears(size):
        raise full(replace(config, batch_size=1))
    while size < most and bears(min(2 * size, most)):
        size = min(2 * size, most)
    between = size + size // 2
    if size < between < most and bears(between):
        size = between
    return replace(config, batch_size=size)


@contextlib.contextmanager
def aside(pipeline: Any, names: Sequence[str], device: torch.device) -> Iterator[Aside]:
    """The parts `names` leave the device for the machine's own memory, and return at the end."""
    parts = [part for name in names if (part := getattr(pipeline, name, None)) is not None]
    moved = Aside(parts if device.type != "cpu" else [], device)
    moved.move("cpu")
    try:
        yield moved
    finally:
        moved.move(device)


class Aside:
    """Parts of a pipeline that wait in the machine's memory while the UNet learns."""

    def __init__(self, parts: Sequence[Any], device: torch.device) -> None:
        self.parts, self.device = parts, device

    @contextlib.contextmanager
    def back(self) -> Iterator[None]:
        """For drawing in between, they are on the device."""
        self.move(self.device)
        try:
            yield
        finally:
            self.move("cpu")

    def move(self, where: torch.device | str) -> None:
        for part in self.parts:
            part.to(where)
        if self.parts:
            release(self.device)
