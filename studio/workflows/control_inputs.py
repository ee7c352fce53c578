"""ControlNets and IP-Adapters as a job takes them: files by their hash, everything else as plain
values, so that it goes to a machine without the studio's folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.context import Studio
from studio.diffusion import control_files
from studio.diffusion.control_files import Kept
from studio.diffusion.controls import Control
from studio.diffusion.ip_adapters import Reference
from studio.store import known_hashes

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True)
class Named:
    """One of them: `weights` and `encoder` ("" for none) by SHA-256, their configurations as
    text."""

    name: str
    kind: str
    weights: str
    config: str = ""
    encoder: str = ""
    encoder_config: str = ""


def named(studio: Studio, kept: Kept) -> tuple[Named, dict[str, Path]]:
    """It, and its files on this machine by their hash; fetched where they are not here yet."""
    files = control_files.files(studio.home, kept)
    with known_hashes.reading(studio.home) as known:
        weights = known.read(files.weights)
        encoder = known.read(files.encoder) if files.encoder else ""
    found = {weights: files.weights}
    if files.encoder:
        found[encoder] = files.encoder
    return Named(
        kept.name,
        kept.kind,
        weights,
        _text(files.config),
        encoder,
        _text(files.encoder_config),
    ), found


def control(
    one: Named,
    files: Mapping[str, Path],
    scale: float,
    start: float = 0.0,
    end: float = 1.0,
    ready: bool = False,
) -> Control:
    """As `studio.diffusion.controls` takes it; `files` by hash, where they lie on this machine."""
    place = str(files[one.weights])
    return Control(one.kind, place, scale, start, end, one.config, ready)


def reference(
    one: Named, files: Mapping[str, Path], picture: Image.Image, scale: float, matte: str
) -> Reference:
    """As `studio.diffusion.ip_adapters` takes it, with the RGBA picture to draw after."""
    weights, encoder = str(files[one.weights]), str(files[one.encoder])
    return Reference(picture, weights, encoder, one.encoder_config, scale, matte)


def _text(config: Mapping[str, object]) -> str:
    return json.dumps(config, sort_keys=True) if config else ""
