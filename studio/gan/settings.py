"""The settings of a GAN's training: one table, each model's defaults, and how a value is read.

Names are those of the older trainer's ini files (`studio.gan.ini_files`), and further ones for what
it lacks. Precedence: flag, file, the model's default.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from studio import numbers
from studio.errors import StudioError, nearest

SPRITE, DCGAN, BIGGAN, DEEP_BIGGAN = MODELS = ("sprite", "dcgan", "biggan", "deep-biggan")


@dataclass(frozen=True)
class GanSettings:
    """One training, with the defaults of the model `sprite`. A picture has base_width and
    base_height times 2^upsample_layers pixels; a step sees batch_size times
    accumulation_iterations pictures; learning rates are per step, intervals in steps.

    `filter`, `seamless` and `mirror` "auto" are as the dataset has them; `class_conditional` "auto"
    learns categories as classes where there are two. `max_train_steps` 0: num_epochs decide;
    `collapse_stop` is the share of the best diversity below which a training ends, 0 for never;
    `gamma` weighs both gradient penalties (R1 and R2). What only the older trainer had is kept, so
    that a run tells all of its file; `unused` says so.
    """

    model_type: str = SPRITE
    model_name: str = ""
    models_dir: str = ""
    ngpu: int = 1
    train_dir: str = ""
    base_width: int = 4
    base_height: int = 4
    upsample_layers: int = 3
    num_channels: int = 4
    batch_size: int = 32
    workers: int = 2
    image_column_name: str = "image"
    label_column_name: str = ""
    filter: str = "auto"
    seamless: str = "auto"
    mirror: str = "auto"
    class_conditional: str = "auto"
    num_epochs: int = 200
    max_train_steps: int = 0
    accumulation_iterations: int = 1
    precision: str = "fp32"
    compile: bool = False
    channels_last: bool = False
    save_steps: int = 500
    log_steps: int = 100
    loss_function: str = "relativistic"
    gamma: float = 1.0
    augment: bool = True
    generator_lr: float = 1e-3
    discriminator_lr: float = 1e-3
    optimizer: str = "adam"
    beta1: float = 0.0
    beta2: float = 0.99
    discriminator_wd: float = 0.0
    generator_wd: float = 0.0
    seed: int = 0
    latent_vector_size: int = 64
    ngf: int = 16
    ndf: int = 16
    generator_ema: bool = True
    ema_decay: float = 0.998
    orthogonal_value: float = 0.0
    truncation_value: float = 0.0
    steps_to_eval: int = 250
    n_images_to_eval: int = 500
    collapse_stop: float = 0.5
    is_metric: bool = False
    fid_metric: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.base_width << self.upsample_layers, self.base_height << self.upsample_layers


# What the older trainer's models had where a file says nothing.
_OLDER: dict[str, Any] = {
    "base_height": 3,
    "upsample_layers": 5,
    "num_channels": 3,
    "workers": 7,
    "num_epochs": 1000,
    "gamma": 0.0,
    "augment": False,
    "discriminator_lr": 2e-4,
    "beta2": 0.999,
    "ngf": 32,
    "ndf": 32,
    "ema_decay": 0.9999,
    "steps_to_eval": 1000,
    "n_images_to_eval": 5000,
}
_BIG: dict[str, Any] = {
    **_OLDER,
    "save_steps": 2000,
    "loss_function": "hinge",
    "generator_lr": 5e-5,
    "orthogonal_value": 1e-4,
    "truncation_value": 0.5,
}
DEFAULTS: dict[str, dict[str, Any]] = {
    SPRITE: {},
    DCGAN: {
        **_OLDER,
        "loss_function": "bce",
        "generator_lr": 2e-4,
        "beta1": 0.5,
        "latent_vector_size": 100,
        "generator_ema": False,
    },
    BIGGAN: {**_BIG, "latent_vector_size": 120},
    DEEP_BIGGAN: {**_BIG, "latent_vector_size": 128},
}
CHOICES: dict[str, tuple[str, ...]] = {
    "model_type": MODELS,
    "filter": ("auto", "nearest", "box", "lanczos"),
    "seamless": ("auto", "no", "xy", "x", "y"),
    "mirror": ("auto", "yes", "no"),
    "class_conditional": ("auto", "yes", "no"),
    "precision": ("fp32", "fp16", "bf16"),
    "loss_function": ("relativistic", "bce", "hinge", "mse"),
    "optimizer": ("adam", "rmsprop", "sgd", "lion", "adam8bit"),
}
STEPS = 10_000_000  # some weeks of the fastest
# Of each number, the least and the most.
BOUNDS: dict[str, tuple[float, float]] = {
    "ngpu": (0, 1024),
    "base_width": (1, 64),
    "base_height": (1, 64),
    "upsample_layers": (1, 8),
    "batch_size": (2, 65_536),
    "workers": (0, 256),
    "num_epochs": (1, STEPS),
    "max_train_steps": (0, STEPS),
    "accumulation_iterations": (1, 4096),
    "save_steps": (0, STEPS),
    "log_steps": (0, STEPS),
    "gamma": (0, 1e6),
    "generator_lr": (0, 1),
    "discriminator_lr": (0, 1),
    "beta1": (0, 1),
    "beta2": (0, 1),
    "discriminator_wd": (0, 10),
    "generator_wd": (0, 10),
    "seed": (0, 2**63 - 1),
    "latent_vector_size": (1, 4096),
    "ngf": (1, 1024),
    "ndf": (1, 1024),
    "ema_decay": (0, 1),
    "orthogonal_value": (0, 1),
    "truncation_value": (0, 10),
    "steps_to_eval": (0, STEPS),
    "n_images_to_eval": (16, 100_000),
    "collapse_stop": (0, 1),
}
LARGEST = 1024  # pixels a side
BELOW_ONE = ("beta1", "beta2", "ema_decay", "collapse_stop")
YES, NO = ("yes", "true", "on", "1"), ("no", "false", "off", "0")
# The older trainer's words, and other trainers'.
SAID: dict[str, dict[str, str]] = {
    "precision": {"no": "fp32", "float32": "fp32", "float16": "fp16", "bfloat16": "bf16"},
    "model_type": {"deepbiggan": DEEP_BIGGAN, "deep_biggan": DEEP_BIGGAN},
    "optimizer": {"8bitadam": "adam8bit", "adam8": "adam8bit", "8bit": "adam8bit"},
    "loss_function": {"lsgan": "mse"},
}


def load(given: Iterable[tuple[str, Any, str]]) -> GanSettings:
    """The settings in force. `given` are names, values as they were written, and what each is
    called in errors; the later counts. StudioError names an unknown one or a value that can't be.
    """
    kinds = {one.name: type(one.default) for one in fields(GanSettings)}
    values: dict[str, Any] = {}
    for name, value, called in given:
        if name not in kinds:
            raise StudioError(
                f"There is no setting of a GAN {called}.",
                f"{nearest(name, kinds)}Known are: {', '.join(kinds)}.",
            )
        values[name] = read(name, value, kinds[name], called)
    made = GanSettings(**{**DEFAULTS[values.get("model_type", SPRITE)], **values})
    if max(made.size) > LARGEST:
        raise StudioError(
            f"base_width, base_height and upsample_layers make {made.size[0]} x {made.size[1]} "
            "pixels.",
            f"Give fewer layers: at most {LARGEST} pixels a side.",
        )
    if made.num_channels not in (3, 4):
        raise StudioError(
            f"num_channels is {made.num_channels}.", "Give 3 for RGB, or 4 to learn alpha, too."
        )
    if made.model_type in (BIGGAN, DEEP_BIGGAN) and made.latent_vector_size <= made.upsample_layers:
        raise StudioError(
            f"latent_vector_size is {made.latent_vector_size}.",
            "Each block takes a part of it: give more than there are layers.",
        )
    return made


def read(name: str, given: Any, kind: type, called: str) -> Any:
    """The setting `name` of type `kind`, as it was given or written."""
    if name == "num_channels":
        return numbers.whole(called, given, 1, 4)
    if kind is bool:
        return _yes(given, called)
    if kind is str:
        return _text(name, given, called)
    low, high = BOUNDS[name]
    if kind is int:
        return numbers.whole(called, given, int(low), int(high))
    found = numbers.number(called, given, low, high)
    if name in BELOW_ONE and found == 1:
        raise StudioError(f"{called} is {given}.", "Give a share below 1.")
    if name.endswith("_lr") and not 0 < found < 1:
        raise StudioError(f"{called} is {given}.", "Give a value between 0 and 1, about 2e-4.")
    return found


def unused(settings: GanSettings) -> list[str]:
    """Sentences about what is asked for and not followed here."""
    said = []
    if settings.ngpu > 1:
        said.append(f"ngpu is {settings.ngpu}: one device is used.")
    if settings.models_dir:
        said.append("models_dir is not followed: the registry keeps what is trained.")
    if settings.is_metric or settings.fid_metric:
        said.append("is_metric and fid_metric are not measured: KID, Vendi and coverage are.")
    return said


def as_params(settings: GanSettings) -> dict[str, str]:
    """The settings as MLflow wants them."""
    return {name: str(value) for name, value in asdict(settings).items()}


def of_params(params: Mapping[str, Any]) -> GanSettings:
    """What `as_params` or `asdict` gave, read again; names of later programs are left out."""
    known = {one.name for one in fields(GanSettings)}
    return load((name, value, name) for name, value in params.items() if name in known)


def _yes(given: Any, called: str) -> bool:
    said = str(given).strip().lower()
    if said not in YES + NO:
        raise StudioError(f"{called} is {numbers.shown(given)}.", "Give yes or no.")
    return said in YES


def _text(name: str, given: Any, called: str) -> str:
    if not isinstance(given, str | bool | int):
        raise StudioError(f"{called} is {numbers.shown(given)}.", "Give a text.")
    text = str(given).strip()
    if name not in CHOICES:
        return text
    text = text.lower()
    if name in ("mirror", "class_conditional", "seamless"):
        text = "yes" if text in YES else "no" if text in NO else text
    if name == "optimizer":
        text = text.replace("-", "").replace("_", "").replace(" ", "")
    text = SAID.get(name, {}).get(text, text)
    if text not in CHOICES[name]:
        near = nearest(text, CHOICES[name])
        raise StudioError(
            f"{called} is {numbers.shown(given)}.",
            f"{near}Use one of {', '.join(CHOICES[name])}.",
        )
    return text
