"""Pictures on the disk to run passes over, and settings for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from studio.upscaling.settings import Settings


def asked(width: int, height: int, **more: Any) -> Settings:
    usual: dict[str, Any] = {"tile": 64, "overlap": 16, "base": "pocket", "hold": 0.0, "feather": 8}
    return Settings("diffusion", width, height, **{**usual, **more})


def kept(folder: Path, rgba: np.ndarray) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rgba, "RGBA").save(folder / "picture.png")
    return folder / "picture.png"
