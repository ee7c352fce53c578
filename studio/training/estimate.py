"""How long a training will take and how much memory it needs, before it is started.

An estimate: time from the speed of the newest training like it on this machine, else from a
stated one;
memory from the parameters' count and from activations that were counted once for each shape.
Not covered: what else runs on the machine, and what a device's memory loses to fragments.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from studio.diffusion import bundled_bases, families, tensor_headers
from studio.errors import StudioError
from studio.training.adapter_layers import MODULES
from studio.training.config import TrainConfig
from studio.training.setting_values import TARGETS

START_S = 25.0  # loading the libraries and a base that is on the disk
# A preview draws 6 pictures in 20 steps of two forwards; a forward is a third of a training step.
PREVIEW_PICTURES = 6 * 20 * 2 / 3
# A check draws 8, which serve as a preview too, and makes 128 guesses on held-out pictures.
CHECK_PICTURES = (8 * 20 * 2 + 128) / 3
RUNTIME = {"cpu": 0.75e9, "cuda": 0.9e9}  # bytes of the libraries and the device's own context
HALF = 0.6  # of the activations' bytes in fp16 or bf16; norms and losses stay fp32
# Beyond the activations that wait for the backward pass, what comes and goes meanwhile, as a share
# of them. On a CPU measured with Stable Diffusion 1.5 at 256 px; on a GPU taken.
PASSING = {"cpu": 0.6, "cuda": 0.15}
DECODING = 1.3e3  # bytes a pixel of the autoencoder drawing in fp16, for previews on a GPU; taken


@dataclass(frozen=True)
class Shape:
    """A base as the estimate sees it: parameters of the UNet, of the text encoders and of the
    autoencoder, trained parameters for each unit of rank by target, bytes of fp32 activations
    that one picture of `side` pixels leaves for the backward pass, the share of them that
    gradient checkpointing keeps, and pictures per second where nothing was measured yet."""

    unet: int
    texts: int
    autoencoder: int
    per_rank: dict[str, int]
    activations: float
    side: int
    speed: dict[str, float]
    kept: float = 0.17
    text_per_rank: int = 0
    autoencoder_bytes: int = 2  # a parameter, on a GPU

    @property
    def parameters(self) -> int:
        """All of them."""
        return self.unet + self.texts + self.autoencoder


# Activations were counted on the real shapes, with all targets. The stated speeds are for a
# picture of `side` pixels: two CPU cores, and a GPU of 12 GB or more.
STABLE_DIFFUSION = Shape(
    unet=859_520_964,
    texts=123_060_480,
    autoencoder=83_653_863,
    per_rank={"attention": 249_216, "feed-forward": 174_720, "convolutions": 581_800},
    activations=1.894e9,
    side=512,
    speed={"cpu": 0.03, "cuda": 4.0},
    text_per_rank=12 * 13_824,
)
SECOND = Shape(
    unet=865_910_724,
    texts=340_387_840,
    autoencoder=83_653_863,
    per_rank={"attention": 257_408, "feed-forward": 174_720, "convolutions": 581_800},
    activations=1.894e9 * 2.25,
    side=768,
    speed={"cpu": 0.013, "cuda": 1.8},
    text_per_rank=23 * 18_432,
)
LARGE = Shape(
    unet=2_567_463_684,
    texts=123_060_480 + 694_659_840,
    autoencoder=83_653_863,
    per_rank={"attention": 1_495_040, "feed-forward": 1_164_800, "convolutions": 382_120},
    activations=13.84e9,
    side=1024,
    speed={"cpu": 0.004, "cuda": 0.7},
    kept=0.085,
    text_per_rank=12 * 13_824 + 32 * 23_040,
    autoencoder_bytes=4,  # it overflows in fp16
)
BY_FAMILY = {families.SD1: STABLE_DIFFUSION, families.SD2: SECOND, families.SDXL: LARGE}
POCKET_ACTIVATIONS, POCKET_SPEED = 3.5e6, {"cpu": 35.0, "cuda": 400.0}


@dataclass(frozen=True)
class Measured:
    """Pictures per second of one earlier training, on `base` and `device`, and what makes a
    picture cost more or less: `resolution` (0: the dataset's), `batch` and `precision`."""

    base: str
    device: str
    speed: float
    resolution: int = 0
    batch: int = 0
    precision: str = ""


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
    """Time and memory of a training on `pictures` pictures of `side` pixels (None: the base's).
    `earlier` are trainings on this machine, the newest first."""
    area = ((side or shape.side) / shape.side) ** 2
    known = [m for m in earlier if (m.base, m.device) == (config.base, device)]
    alike = [m for m in known if _alike(m, config)]
    if newest := next(iter(alike or known), None):
        speed = newest.speed
        of = "these settings" if alike else "this base, with other settings,"
        says = f"As fast as the newest training of {of} here: {speed:.3g} pictures a second."
    else:
        speed = shape.speed.get(device, shape.speed["cpu"]) / area
        says = f"Nothing was trained with this base here yet; taken as {speed:.2g} pictures/s."
        if config.gradient_checkpointing:
            speed /= 1.33
    seen = config.max_train_steps * config.batch_size * config.gradient_accumulation_steps
    seconds = START_S + (pictures + seen + _looks(config)) / speed
    return Estimate(seconds, memory(config, shape, device, area), says)


def _alike(one: Measured, config: TrainConfig) -> bool:
    """Whether a picture cost as much there. "auto" was settled when that one began."""
    precision = config.mixed_precision in (one.precision, "auto")
    return precision and (one.resolution, one.batch) == (config.resolution, config.batch_size)


def _looks(config: TrainConfig) -> float:
    """What previews and checks on the way take, in pictures of a training step."""

    def steps(every: int) -> set[int]:
        return set(range(every, config.max_train_steps + 1, every)) if every else set()

    checks: set[int] = set()
    if config.held_out or config.check_every_n_steps:
        checks = steps(config.check_every_n_steps or config.save_every_n_steps)
        checks.add(config.max_train_steps)
    previews = steps(config.preview_every_n_steps) - checks
    return len(checks) * CHECK_PICTURES + len(previews) * PREVIEW_PICTURES


def memory(config: TrainConfig, shape: Shape, device: str, area: float = 1.0) -> float:
    """Bytes that the training holds at its fullest, on the GPU or, without one, in all.

    On a GPU text encoders and autoencoder are there only while previews are drawn.
    """
    learned = trained(config, shape)
    # Weight, gradient and two moments; 8-bit moments are a byte each, Adafactor's next to nothing,
    # and Prodigy keeps two more.
    moments = {"adamw8bit": 2, "adafactor": 0, "prodigy": 16}.get(config.optimizer, 8)
    adapter = learned * (4 + 4 + moments + (4 if config.ema_decay else 0))
    waiting = shape.activations * area * config.batch_size
    passing = waiting * PASSING.get(device, PASSING["cuda"])
    if config.gradient_checkpointing:
        waiting *= shape.kept
    runtime = RUNTIME.get(device, RUNTIME["cuda"])
    if device == "cpu":
        return runtime + 4 * shape.parameters + adapter + waiting + passing
    half = HALF if config.mixed_precision != "no" else 1
    width = 2 if config.mixed_precision != "no" else 4
    learning = width * (shape.unet + (shape.texts if config.train_text_encoder else 0))
    learning += int((waiting + passing) * half)
    drawing = width * (shape.unet + shape.texts) + shape.autoencoder_bytes * shape.autoencoder
    pixels = max(area * shape.side**2, 512**2)
    drawing += int(DECODING * pixels * shape.autoencoder_bytes / 2)
    watched = config.preview_every_n_steps or config.held_out
    return runtime + adapter + max(learning, drawing if watched else 0)


def trained(config: TrainConfig, shape: Shape) -> int:
    """How many numbers the adapters hold."""
    found = config.rank * sum(shape.per_rank[t.strip()] for t in config.targets.split(","))
    return found + config.rank * shape.text_per_rank * config.train_text_encoder


def shape_of(name: str, folder: Path) -> Shape:
    """The shape of a base: of a folder from its files' headers, else that of its family."""
    if not (folder / "unet").is_dir():
        return BY_FAMILY.get(families.family_of(name), STABLE_DIFFUSION)
    try:
        unet = _tensors(folder / "unet")
        words = sum(_parameters(part) for part in sorted(folder.glob("text_encoder*")))
        autoencoder = _parameters(folder / "vae")
        config = json.loads((folder / "unet" / "config.json").read_text())
        vae = json.loads((folder / "vae" / "config.json").read_text())
    except (OSError, ValueError, KeyError, RecursionError) as error:
        raise StudioError(f"The base {name} is not whole.", "Copy or download it again.") from error
    side = int(config["sample_size"]) * 2 ** (len(vae["block_out_channels"]) - 1)
    per_rank = {target: _per_rank(unet, MODULES[target]) for target in TARGETS}
    count = sum(map(_size, unet.values()))
    like = STABLE_DIFFUSION
    if bundled_bases.find(name):
        shape = replace(like, activations=POCKET_ACTIVATIONS, speed=POCKET_SPEED)
    else:
        if config.get("addition_embed_type") == "text_time":
            like = LARGE
        share = (side / like.side) ** 2 * count / like.unet
        speed = {device: value / share for device, value in like.speed.items()}
        shape = replace(like, activations=like.activations * share, speed=speed)
    return replace(
        shape,
        unet=count,
        texts=words,
        autoencoder=autoencoder,
        per_rank=per_rank,
        side=side,
        text_per_rank=round(like.text_per_rank * words / like.texts),
    )


def _tensors(part: Path) -> dict[str, tuple[int, ...]]:
    """The tensors of a part's weights; of several variants of them the first alone."""
    files = sorted(part.glob("*.safetensors"), key=lambda file: (len(file.name), file.name))
    if not files:
        raise OSError(f"{part} holds no weights")
    whole = [file for file in files if "-of-" in file.name] or files[:1]
    return {
        name: shape for file in whole for name, shape in tensor_headers.read(file).shapes.items()
    }


def _parameters(part: Path) -> int:
    return sum(map(_size, _tensors(part).values()))


def _size(shape: Sequence[int]) -> int:
    size = 1
    for part in shape:
        size *= part
    return size


def _per_rank(tensors: Mapping[str, tuple[int, ...]], modules: Sequence[str]) -> int:
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
