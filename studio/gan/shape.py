"""What a generator is, apart from its weights: enough to build it again anywhere."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from studio.errors import StudioError
from studio.gan.settings import BOUNDS, LARGEST, MODELS, GanSettings

SCHEMA = 1
CLASSES = 1000  # at most
FILTERS, WAYS = ("nearest", "box", "lanczos"), ("", "xy", "x", "y")


@dataclass(frozen=True)
class Shape:
    """A generator's model, its size (base sides times 2^layers pixels), channels (3, or 4 with
    premultiplied alpha), latent numbers and feature maps; `seamless` says over which edges its
    pictures go on. `classes` are the categories that it knows, none where it knows no categories,
    each with its `shares` of what it learned from. `truncation` is how far a number of the latent
    may lie from 0 unless another is asked for, 0 for as far as it likes; `filter` scaled what it
    learned from, and `matte` lay behind it where it has no alpha.
    """

    model: str
    latent: int
    ngf: int
    ndf: int
    base: tuple[int, int]
    layers: int
    channels: int
    seamless: str = ""
    classes: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    truncation: float = 0.0
    filter: str = "nearest"
    matte: str = "#808080"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.base[0] << self.layers, self.base[1] << self.layers


def of_settings(
    settings: GanSettings,
    *,
    seamless: str,
    filter: str,
    matte: str,
    classes: tuple[str, ...] = (),
    shares: tuple[float, ...] = (),
) -> Shape:
    """The shape of what a training with these settings makes, of such data."""
    return Shape(
        model=settings.model_type,
        latent=settings.latent_vector_size,
        ngf=settings.ngf,
        ndf=settings.ndf,
        base=(settings.base_width, settings.base_height),
        layers=settings.upsample_layers,
        channels=settings.num_channels,
        seamless=seamless,
        classes=classes,
        shares=shares,
        truncation=settings.truncation_value,
        filter=filter,
        matte=matte,
    )


def as_json(shape: Shape) -> dict[str, Any]:
    """The shape as a file tells it."""
    return {"schema": SCHEMA, **asdict(shape)}


def of_json(told: Any, named: str) -> Shape:
    """What `as_json` gave, looked at closely: it came in a file. StudioError calls that `named`."""
    try:
        if not isinstance(told, dict) or told.get("schema") != SCHEMA:
            raise ValueError("schema")
        known = {one.name for one in fields(Shape)}
        values = {name: value for name, value in told.items() if name in known}
        for name in ("base", "classes", "shares"):
            values[name] = tuple(values[name])
        shape = Shape(**values)
        _check(shape)
    except (ValueError, TypeError, KeyError) as error:
        raise StudioError(
            f"{named} does not say what its GAN is like ({error}).",
            "Give a .safetensors file that this studio's gan train wrote.",
        ) from error
    return shape


def _check(shape: Shape) -> None:
    """ValueError, naming what can't be: a file could have a machine make terabytes."""
    bounded = (
        ("latent_vector_size", shape.latent),
        ("ngf", shape.ngf),
        ("ndf", shape.ndf),
        ("base_width", shape.base[0]),
        ("base_height", shape.base[1]),
        ("upsample_layers", shape.layers),
        ("truncation_value", shape.truncation),
    )
    for name, value in bounded:
        low, high = BOUNDS[name]
        whole = name == "truncation_value" or type(value) is int
        if not whole or not low <= value <= high:
            raise ValueError(name)
    if shape.model not in MODELS or shape.channels not in (3, 4) or max(shape.size) > LARGEST:
        raise ValueError("model, channels or size")
    if shape.seamless not in WAYS or shape.filter not in FILTERS or len(shape.base) != 2:
        raise ValueError("seamless, filter or base")
    if len(shape.classes) != len(shape.shares) or len(shape.classes) > CLASSES:
        raise ValueError("classes")
    if not all(isinstance(one, str) for one in (*shape.classes, shape.matte)):
        raise ValueError("classes or matte")
    if not all(isinstance(one, float | int) and 0 <= one <= 1 for one in shape.shares):
        raise ValueError("shares")
