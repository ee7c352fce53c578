"""Pictures of the class, such as knights, drawn by the base itself and learned beside one knight,
so that the others stay as they were (prior preservation, Ruiz et al. 2022).

They are kept by what they come of: base, prompt and seed. Stopped, it goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio import images
from studio.diffusion import sampling
from studio.store import partial_files
from studio.store.publish import publishing
from studio.training import adapter_layers
from studio.training.config import TrainConfig
from studio.training.latent_cache import Example

if TYPE_CHECKING:
    from PIL import Image

AT_ONCE = 8  # pictures between two writes
DRAW = sampling.Draw(steps=25)


def captions(given: list[str], config: TrainConfig) -> list[str]:
    """What the pictures are said to show: their own captions, or all the same one."""
    return [config.instance_prompt] * len(given) if config.instance_prompt else given


def wanted(config: TrainConfig) -> bool:
    """Whether pictures of the class are learned beside."""
    return bool(config.class_prompt and config.class_pictures and config.prior_weight)


def pictures(
    pipeline: Any, config: TrainConfig, cache: Path, report: Callable[[int, int], None]
) -> list[Example]:
    """`config.class_pictures` pictures of the class, as the base alone draws them.

    Those that are missing in `cache` are drawn now. Raises StudioError for a full disk.
    """
    parts = (pipeline.unet, pipeline.vae, pipeline.text_encoder)
    told = [*map(adapter_layers.mark, parts), config.class_prompt, DRAW.__dict__]
    folder = cache / hashlib.sha256(json.dumps(told).encode()).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    partial_files.sweep(folder)
    files = [folder / f"{seed:05}.png" for seed in range(config.class_pictures)]
    missing = [seed for seed, file in enumerate(files) if not file.is_file()]
    for first in range(0, len(missing), AT_ONCE):
        seeds = missing[first : first + AT_ONCE]
        prompts = [config.class_prompt] * len(seeds)
        drawn = sampling.draw_pictures(pipeline, prompts, seeds, DRAW, captions=True)
        for seed, picture in zip(seeds, drawn, strict=True):
            _keep(picture, files[seed])
        report(len(files) - len(missing) + first + len(seeds), len(files))
    return [
        Example(
            hashlib.sha256(file.read_bytes()).hexdigest(),
            config.class_prompt,
            partial(images.open_picture, file),
        )
        for file in files
    ]


def _keep(picture: Image.Image, file: Path) -> None:
    remedy = "Make room on the disk, then train again: the pictures drawn so far are kept."
    with publishing(file, flush=False, remedy=remedy) as aside:
        picture.save(aside, "PNG")
