"""Picture and text features by the pocket CLIP, the named features of KID and Frechet distance."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from studio.diffusion import torchvision_compat  # noqa: F401  (before open_clip)
from studio.errors import StudioError

import open_clip  # isort: skip

Features = NDArray[np.float32]
EDGE = 32
FIRST = "pocket-clip-v2"  # of a CLIP whose folder does not say its name


@dataclass(frozen=True)
class PocketClip:
    """A loaded pocket CLIP; `name` goes wherever a figure made with it is shown."""

    name: str
    device: str
    edge: int  # pixels a side that its network takes
    model: Any = field(repr=False)
    tokenize: Any = field(repr=False)

    def encode_pictures(
        self, pictures: list[Image.Image], matte: tuple[int, int, int] = (128, 128, 128)
    ) -> Features:
        """Unit vectors [n, 192] of RGBA or RGB pictures laid on `matte` (bytes), seen at 32 px."""
        if not pictures:
            return np.zeros((0, 192), dtype=np.float32)
        seen = np.stack([_on_matte(picture, matte) for picture in pictures])
        times = self.edge // EDGE
        seen = seen.repeat(times, axis=1).repeat(times, axis=2)
        rgb = torch.from_numpy(seen).permute(0, 3, 1, 2).float() / 127.5 - 1
        found = []
        with torch.inference_mode():
            for start in range(0, len(rgb), 256):
                part = rgb[start : start + 256].to(self.device)
                found.append(self.model.encode_image(part, normalize=True).float().cpu())
        return torch.cat(found).numpy()

    def encode_texts(self, texts: list[str]) -> Features:
        """Unit vectors [n, 192] of the texts; a dot product with a picture's is its CLIP score."""
        if not texts:
            return np.zeros((0, 192), dtype=np.float32)
        with torch.inference_mode():
            ids = self.tokenize(texts).to(self.device)
            return self.model.encode_text(ids, normalize=True).float().cpu().numpy()


def _on_matte(picture: Image.Image, matte: tuple[int, int, int]) -> NDArray[np.uint8]:
    """RGB bytes [32, 32, 3]; whole-number reductions take every n-th pixel, others average."""
    rgba = picture.convert("RGBA")
    sheet = Image.new("RGBA", rgba.size, (*matte, 255))
    sheet.alpha_composite(rgba)
    rgb = sheet.convert("RGB")
    if rgb.size != (EDGE, EDGE):
        grows = max(rgb.size) < EDGE
        rgb = rgb.resize((EDGE, EDGE), Image.Resampling.NEAREST if grows else Image.Resampling.BOX)
    return np.asarray(rgb)


def load_clip(folder: Path, device: str = "cpu") -> PocketClip:
    """Loads an open_clip local-dir (config, safetensors, tokenizer) such as pocket/clip.

    Raises StudioError if the folder lacks a part.
    """
    for part in ("open_clip_config.json", "open_clip_model.safetensors", "tokenizer.json"):
        if not (folder / part).is_file():
            raise StudioError(
                f"{folder} is no pocket CLIP: {part} is missing.",
                "Name the folder `clip` beside the pocket base, or train one: "
                "python -m studio pocket train DATASET.",
            )
    source = f"local-dir:{folder.resolve()}"
    model, _, _ = open_clip.create_model_and_transforms(source, device=device)
    model.eval()
    config = json.loads((folder / "open_clip_config.json").read_text("utf-8"))
    edge = int(config["model_cfg"]["vision_cfg"]["image_size"])
    name = str(config.get("features", FIRST))
    return PocketClip(name, device, edge, model, open_clip.get_tokenizer(source))
