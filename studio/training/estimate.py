"""How long a training will take and how much memory it needs, before it is started.

An estimate: time from the speed of earlier trainings on this machine, else from a stated one;
memory from the parameters' count and from activations that were counted once for each shape.
Not covered: what else runs on the machine, and what a device's memory loses to fragments.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.errors import StudioError
from studio.training.adapting import MODULES
from studio.training.config import TARGETS, TrainConfig

START_S = 25.0  # loading the libraries and a base that is on the disk
# A preview draws 6 pictures in 20 steps of two forwards; a forward is a third of a training step.
PREVIEW_PICTURES = 6 * 20 * 2 / 3
RUNTIME = {"cpu": 0.75e9, "cuda": 0.9e9}  # bytes of the libraries and the device's own context
CHECKPOINTING = 0.2  # share of the activations that remains (measured: 0.16 to 0.22)
HALF = 0.6  # of the activations' bytes in fp16 or bf16; norms and losses stay fp32


@dataclass(frozen=True)
class Shape:
    """A base as the estimate sees it: parameters in all and in the UNet, trained parameters for
    each unit of rank by target, bytes of fp32 activations for one picture of `side` pixels,
    and pictures per second where nothing was measured yet, by device."""

    parameters: int
    per_rank: dict[str, int]
    activations: float
    side: int
    speed: dict[str, float]


# The stated speeds are for a picture of `side` pixels: two CPU cores, and a GPU of 12 GB or more.
STABLE_DIFFUSION = Shape(
    parameters=859_520_964 + 123_060_480 + 83_653_863,
    per_rank={"attention": 249_216, "feed-forward": 174_720, "convolutions": 581_800},
    activations=1.92e9,
    side=512,
    speed={"cpu": 0.03, "cuda": 4.0},
)
POCKET_ACTIVATIONS, POCKET_SPEED = 3.5e6, {"cpu": 35.0, "cuda": 400.0}


@dataclass(frozen=True)
class Measured:
    """Pictures per second of one earlier training, on `base` and `device`."""

    base: str
    device: str
    speed: float


@dataclass(frozen=True)
class Estimate:
    """Seconds and bytes, and a sentence for people that says where the time comes from."""

    seconds: float
    memory: float
    says: str


def estimate(
    config: TrainConfig,
    shape: Shape,
    device: str,
    pictures: int,
    side: int | None = None,
    earlier: Sequence[Measured] = (),
) -> Estimate:
    """Time and memory of a training on `pictures` pictures of `side` pixels (None: the base's)."""
    area = ((side or shape.side) / shape.side) ** 2
    known = sorted(m.speed for m in earlier if (m.base, m.device) == (config.base, device))
    if known:
        speed = known[len(known) // 2]
        times = f"{len(known)} earlier training{'s' if len(known) > 1 else ''}"
        says = f"From {times} with this base here: {speed:.3g} pictures a second."
    else:
        speed = shape.speed.get(device, shape.speed["cpu"]) / area
        says = f"Nothing was trained with this base here yet; taken as {speed:.2g} pictures/s."
        if config.gradient_checkpointing:
            speed /= 1.33
    seen = config.max_train_steps * config.batch_size * config.gradient_accumulation_steps
    every = config.preview_every_n_steps
    previews = config.max_train_steps // every if every else 0
    seconds = START_S + (pictures + seen + previews * PREVIEW_PICTURES) / speed
    return Estimate(seconds, memory(config, shape, device, area), says)


def memory(config: TrainConfig, shape: Shape, device: str, area: float = 1.0) -> float:
    """Bytes that the training holds at its fullest, on the GPU or, without one, in all."""
    trained = config.rank * sum(shape.per_rank[t.strip()] for t in config.targets.split(","))
    # Weight, gradient and two moments; 8-bit moments are a byte each.
    adapter = trained * (4 + 4 + (2 if config.optimizer == "adamw8bit" else 8))
    frozen = shape.parameters * (4 if device == "cpu" else 2)
    activations = shape.activations * area * config.batch_size
    activations *= CHECKPOINTING if config.gradient_checkpointing else 1
    activations *= HALF if device != "cpu" and config.mixed_precision != "no" else 1
    return RUNTIME.get(device, RUNTIME["cuda"]) + frozen + adapter + activations


def shape_of(name: str, folder: Path) -> Shape:
    """The shape of a base: of a folder from its files' headers, else Stable Diffusion 1.x's."""
    if not (folder / "unet").is_dir():
        return STABLE_DIFFUSION
    try:
        unet = _header(next((folder / "unet").glob("*.safetensors")))
        others = [next((folder / part).glob("*.safetensors")) for part in ("text_encoder", "vae")]
        count = sum(map(_size, unet.values()))
        count += sum(_size(s) for file in others for s in _header(file).values())
        config = json.loads((folder / "unet" / "config.json").read_text())
        vae = json.loads((folder / "vae" / "config.json").read_text())
    except (StopIteration, OSError, ValueError, KeyError) as error:
        raise StudioError(f"The base {name} is not whole.", "Copy or download it again.") from error
    side = int(config["sample_size"]) * 2 ** (len(vae["block_out_channels"]) - 1)
    per_rank = {target: _per_rank(unet, MODULES[target]) for target in TARGETS}
    if name == "pocket":
        return Shape(count, per_rank, POCKET_ACTIVATIONS, side, POCKET_SPEED)
    like = STABLE_DIFFUSION
    share = (side / like.side) ** 2 * count / like.parameters
    speed = {device: value / share for device, value in like.speed.items()}
    return Shape(count, per_rank, like.activations * share, side, speed)


def _header(file: Path) -> dict[str, list[int]]:
    """The tensors of a safetensors file and their shapes; nothing else of it is read."""
    with file.open("rb") as opened:
        (length,) = struct.unpack("<Q", opened.read(8))
        found = json.loads(opened.read(length))
    return {name: about["shape"] for name, about in found.items() if name != "__metadata__"}


def _size(shape: Sequence[int]) -> int:
    size = 1
    for part in shape:
        size *= part
    return size


def _per_rank(tensors: dict[str, list[int]], modules: Sequence[str]) -> int:
    """Trained parameters for a rank of 1: inputs (with the kernel's area) and outputs of each."""
    ends = tuple(f".{module}" for module in modules)
    total = 0
    for name, shape in tensors.items():
        place = f".{name.removesuffix('.weight')}"
        if name.endswith(".weight") and place.endswith(ends) and len(shape) > 1:
            total += _size(shape[1:]) + shape[0]
    return total


def clock(seconds: float) -> str:
    """A length of time as people say it: 40 s, 12 min, 3 h 20 min."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
