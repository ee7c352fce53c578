"""The older trainer's ini files, read as they are.

Its first version had a single group, CONFIGS, with a width and a height in place of a base and
layers; what it says is told in today's names.
"""

from __future__ import annotations

import configparser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from studio import numbers
from studio.errors import StudioError, nearest
from studio.gan.settings import BOUNDS, DCGAN
from studio.text import decoding

GROUPS: dict[str, tuple[str, ...]] = {
    "MODEL": ("model_name", "models_dir"),
    "MACHINE": ("ngpu",),
    "DATA": (
        "train_dir",
        "base_width",
        "base_height",
        "upsample_layers",
        "num_channels",
        "batch_size",
        "workers",
        "image_column_name",
        "label_column_name",
        "filter",
        "seamless",
        "mirror",
        "class_conditional",
    ),
    "TRAIN": (
        "num_epochs",
        "max_train_steps",
        "accumulation_iterations",
        "precision",
        "compile",
        "channels_last",
        "save_steps",
        "log_steps",
        "loss_function",
        "gamma",
        "augment",
        "generator_lr",
        "discriminator_lr",
        "optimizer",
        "beta1",
        "beta2",
        "discriminator_wd",
        "generator_wd",
        "seed",
    ),
    "MODEL ARCHITECTURE": (
        "model_type",
        "latent_vector_size",
        "ngf",
        "ndf",
        "generator_ema",
        "ema_decay",
        "orthogonal_value",
        "truncation_value",
        "loss_type",
    ),
    "METRICS": (
        "steps_to_eval",
        "n_images_to_eval",
        "collapse_stop",
        "is_metric",
        "fid_metric",
    ),
}
FIRST = "CONFIGS"  # the one group of the first version
# Its names, and today's; lr counts for both networks, width and height for base and layers.
FIRST_NAMES: dict[str, tuple[str, ...]] = {
    "dataroot": ("train_dir",),
    "output_dir": ("models_dir",),
    "num_channels": ("num_channels",),
    "workers": ("workers",),
    "ngpu": ("ngpu",),
    "num_epochs": ("num_epochs",),
    "batch_size": ("batch_size",),
    "lr": ("generator_lr", "discriminator_lr"),
    "beta1": ("beta1",),
    "latent_vector_size": ("latent_vector_size",),
    "ngf": ("ngf",),
    "ndf": ("ndf",),
}
# Where such a file says nothing.
FIRST_DEFAULTS = {
    "image_width": "87",
    "image_height": "65",
    "batch_size": "128",
    "ngf": "16",
    "ndf": "16",
}
LEAST_BASE = 3  # pixels of the shorter side before it is doubled
LARGEST = 1024

Given = tuple[str, Any, str]  # a setting's name, its value as written, what errors call it


def read(file: Path) -> list[Given]:
    """What a file says, for `settings.load`. StudioError names file, group and key where it can't
    be read or has what is unknown."""
    return parse(decoding.read_text(file).text, str(file))


def parse(text: str, named: str) -> list[Given]:
    """The same of the file's text; errors call it `named`."""
    parser = configparser.ConfigParser(interpolation=None, default_section="\0")
    try:
        parser.read_string(text, named)
    except configparser.Error as error:
        said = str(error).splitlines()[0]
        raise StudioError(
            f"{named} can't be read: {said}", "Write groups as [DATA] and settings as name = value."
        ) from error
    groups = {group.strip().upper(): parser[group] for group in parser.sections()}
    if not groups:
        raise StudioError(f"{named} has no group.", f"Use the groups {', '.join(GROUPS)}.")
    if FIRST in groups:
        return _first(named, groups)
    found = list[Given]()
    for group, entries in groups.items():
        if group not in GROUPS:
            raise StudioError(
                f"{named} has a group [{group}].",
                f"{nearest(group, GROUPS)}Known groups are: {', '.join(GROUPS)}.",
            )
        for name, value in entries.items():
            _check_name(named, group, name)
            found.append((name, value, f"{named}: [{group}] {name}"))
    return _one_loss(found)


def _check_name(named: str, group: str, name: str) -> None:
    if name in GROUPS[group]:
        return
    within = next((one for one, names in GROUPS.items() if name in names), "")
    near = f"It belongs into [{within}]. " if within else nearest(name, GROUPS[group])
    raise StudioError(
        f"{named} has {name[:80]} in [{group}].",
        f"{near}[{group}] knows {', '.join(GROUPS[group])}.",
    )


def _one_loss(found: list[Given]) -> list[Given]:
    """`loss_type` is `loss_function` by another name; StudioError where a file has two losses."""
    losses = [one for one in found if one[0] in ("loss_function", "loss_type")]
    if len({str(value).strip().lower() for _, value, _ in losses}) > 1:
        (_, first, called), (_, second, _) = losses
        raise StudioError(
            f"{called} is {numbers.shown(first)}, and the other one {numbers.shown(second)}.",
            "loss_function and loss_type are the same: leave one out.",
        )
    return [
        ("loss_function" if name == "loss_type" else name, value, called)
        for name, value, called in found
    ]


def _first(named: str, groups: dict[str, configparser.SectionProxy]) -> list[Given]:
    if len(groups) > 1:
        raise StudioError(
            f"{named} has [{FIRST}] and other groups.",
            f"A file of the first version has [{FIRST}] alone.",
        )
    known = (*FIRST_NAMES, "image_width", "image_height")
    said = dict(groups[FIRST].items())
    for name in said:
        if name not in known:
            raise StudioError(
                f"{named} has {name[:80]} in [{FIRST}].",
                f"{nearest(name, known)}[{FIRST}] knows {', '.join(known)}.",
            )
    return list(_told(named, {**FIRST_DEFAULTS, **said}))


def _told(named: str, said: dict[str, str]) -> Iterator[Given]:
    """A first version's values in today's names."""
    yield "model_type", DCGAN, named
    for name, value in said.items():
        for today in FIRST_NAMES.get(name, ()):
            yield today, value, f"{named}: [{FIRST}] {name}"
    width, height = (
        numbers.whole(f"{named}: [{FIRST}] {name}", said[name], 8, LARGEST)
        for name in ("image_width", "image_height")
    )
    for name, size in zip(
        ("base_width", "base_height", "upsample_layers"), base_of(width, height), strict=True
    ):
        yield name, size, f"{named}: [{FIRST}] image_width and image_height"


def base_of(width: int, height: int) -> tuple[int, int, int]:
    """Base width, base height and layers whose picture is nearest to this size: 87 x 65 gives
    11, 8 and 3, a picture of 88 x 64. Of equally near ones the smallest base."""
    most = int(BOUNDS["base_width"][1])

    def off(layers: int) -> float:
        wide, high = _base(width, layers), _base(height, layers)
        if min(wide, high) < LEAST_BASE or max(wide, high) > most:
            return float("inf")
        return abs((wide << layers) / width - 1) + abs((high << layers) / height - 1)

    layers = min(range(int(BOUNDS["upsample_layers"][1]), 0, -1), key=off)
    return _base(width, layers), _base(height, layers), layers


def _base(side: int, layers: int) -> int:
    return max(1, round(side / 2**layers))
