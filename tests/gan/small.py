"""A tiny training of drawn sprites, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from studio.gan import data, frames, loop
from studio.gan import shape as shapes
from studio.gan.data import Asked, Pictures
from studio.gan.sampling import Sampler
from studio.gan.settings import GanSettings, load
from studio.gan.shape import Shape

TINY: dict[str, Any] = {
    "upsample_layers": 2,
    "batch_size": 8,
    "ngf": 4,
    "ndf": 4,
    "latent_vector_size": 8,
    "max_train_steps": 4,
    "save_steps": 2,
    "log_steps": 1,
    "steps_to_eval": 0,
    "n_images_to_eval": 16,
}


def settings(**changed: Any) -> GanSettings:
    return load((name, value, name) for name, value in {**TINY, **changed}.items())


def material(place: Path, said: GanSettings, **more: Any) -> tuple[Pictures, Shape]:
    """A folder of sprites as settings have it, and the shape of what draws such."""
    found = frames.find(place)
    way = "" if said.seamless in ("auto", "no") else said.seamless
    asked = Asked(
        said.size, said.num_channels, "nearest", (128, 128, 128), way, said.mirror == "yes"
    )
    pictures = data.gather(
        found.open,
        found.classes,
        asked,
        lambda line: None,
        conditional=said.class_conditional,
        **more,
    )
    shape = shapes.of_settings(
        said,
        seamless=way,
        filter="nearest",
        matte="#808080",
        classes=pictures.names,
        shares=pictures.shares,
    )
    return pictures, shape


def trained(place: Path, work: Path, said: GanSettings, **more: Any) -> Sampler:
    """What comes of a training on a folder of sprites."""
    pictures, shape = material(place, said)
    hooks = more.pop("hooks", loop.Hooks())
    return loop.train(pictures, shape, said, work, hooks, torch.device("cpu"), **more)


def weights(sampler: Sampler) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in sampler.network.state_dict().items()}


def same(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return first.keys() == second.keys() and all(
        torch.equal(value, second[name]) for name, value in first.items()
    )
