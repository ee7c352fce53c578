"""Named feature extractors: pictures and texts to vectors, and pictures to Lab palettes.

torch is imported only when an extractor is made: the web process may import this module.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from studio.errors import StudioError
from studio.evaluation.metrics import INCEPTION

Vectors = NDArray[Any]
Matte = tuple[int, int, int]
GREY: Matte = (128, 128, 128)
BATCH = 32


@dataclass(frozen=True)
class Features:
    """An extractor; `name` goes wherever a figure made with it is shown.

    `encode_pictures` gives [n, dims]; `encode_texts` gives [n, dims] or is None.
    """

    name: str
    dims: int
    encode_pictures: Callable[[list[Image.Image]], Vectors]
    encode_texts: Callable[[list[str]], Vectors] | None


def on_matte(picture: Image.Image, matte: Matte = GREY) -> Image.Image:
    """RGB of the picture laid on `matte`: the colours under transparent pixels stay hidden."""
    rgba = picture.convert("RGBA")
    sheet = Image.new("RGBA", rgba.size, (*matte, 255))
    sheet.alpha_composite(rgba)
    return sheet.convert("RGB")


def views(picture: Image.Image) -> list[Image.Image]:
    """The picture, its mirror image and its middle: what a copy is looked for in."""
    width, height = picture.size
    dx, dy = width // 8, height // 8
    middle = picture.crop((dx, dy, width - dx, height - dy))
    back = middle.resize(picture.size, Image.Resampling.NEAREST)
    return [picture, ImageOps.mirror(picture), back]


def encode_views(features: Features, pictures: list[Image.Image]) -> Vectors:
    """[views, n, dims] for `metrics.nearest`."""
    by_view = zip(*(views(picture) for picture in pictures), strict=True)
    return np.stack([features.encode_pictures(list(view)) for view in by_view])


def pocket_features(folder: Path, matte: Matte = GREY) -> Features:
    """The pocket CLIP in `folder` (pocket/clip), pictures laid on `matte`; runs on CPU."""
    from studio.diffusion.pocket_clip import load_clip

    clip = load_clip(folder)
    dims = int(clip.encode_texts(["a"]).shape[1])

    def pictures(found: list[Image.Image]) -> Vectors:
        return clip.encode_pictures(found, matte)

    return Features(clip.name, dims, pictures, clip.encode_texts)


def inception_features(weights: Path, device: str = "cpu", matte: Matte = GREY) -> Features:
    """pytorch-fid's InceptionV3 pool features, 2048 dims, from the local `weights` file.

    Pictures are laid on `matte` and resized to 299 as clean-fid does (bicubic, antialiased);
    pytorch-fid's own resize does not antialias, so its figures differ. Raises StudioError where
    the file is missing or holds something else; nothing is downloaded.
    """
    if not weights.is_file():
        raise StudioError(
            f"Inception weights {weights} do not exist.",
            "Save pytorch-fid's pt_inception-2015-12-05-6726825d.pth there, or leave them out: "
            "the Frechet distance is then named after the features in use.",
        )
    import torch

    from studio.diffusion import torchvision_compat  # noqa: F401  (before torchvision)

    model = _inception(weights).to(device)

    def encode(found: list[Image.Image]) -> Vectors:
        parts: list[Vectors] = []
        for start in range(0, len(found), BATCH):
            seen = np.stack([_at_299(on_matte(p, matte)) for p in found[start : start + BATCH]])
            batch = torch.from_numpy(seen).permute(0, 3, 1, 2).to(device)
            with torch.inference_mode():
                pooled = model(batch)[0]
            parts.append(pooled.flatten(1).float().cpu().numpy())
        return np.concatenate(parts) if parts else np.zeros((0, 2048), np.float32)

    return Features(INCEPTION, 2048, encode, None)


def _at_299(picture: Image.Image) -> NDArray[np.float32]:
    """RGB floats [299, 299, 3] in 0..1, resized channel by channel without rounding to bytes."""
    size, way = (299, 299), Image.Resampling.BICUBIC
    planes = [
        np.asarray(Image.fromarray(np.asarray(plane, np.float32)).resize(size, way))
        for plane in picture.split()
    ]
    return np.clip(np.stack(planes, axis=-1) / 255, 0, 1).astype(np.float32)


def _inception(weights: Path) -> Any:
    """pytorch-fid's network with the local file in place of its download."""
    import torch
    from pytorch_fid import inception

    try:
        state = torch.load(weights, map_location="cpu", weights_only=True)
        # The only line of the package that reaches for the network is this name.
        original = inception.load_state_dict_from_url
        inception.load_state_dict_from_url = lambda *_, **__: state
        try:
            block = inception.InceptionV3.BLOCK_INDEX_BY_DIM[2048]
            model = inception.InceptionV3([block], resize_input=False)
        finally:
            inception.load_state_dict_from_url = original
    except (OSError, RuntimeError, ValueError, KeyError, EOFError, AttributeError) as error:
        raise StudioError(
            f"{weights} does not hold pytorch-fid's Inception weights ({type(error).__name__}).",
            "Save pt_inception-2015-12-05-6726825d.pth there again.",
        ) from error
    except Exception as error:
        if type(error).__name__ != "UnpicklingError":
            raise
        raise StudioError(
            f"{weights} is not a file of weights.",
            "Save pt_inception-2015-12-05-6726825d.pth there again.",
        ) from error
    return model.eval()


def open_clip_features(wanted: str, device: str = "cpu", matte: Matte = GREY) -> Features:
    """A model of open_clip, `wanted` as "MODEL/WEIGHTS"; unit vectors.

    WEIGHTS is a tag of open_clip.list_pretrained(), which may be downloaded to open_clip's cache,
    or a file of weights; its name then carries the beginning of the file's hash. Raises
    StudioError where the model can't be loaded.
    """
    model, _, pretrained = wanted.partition("/")
    if not model or not pretrained:
        raise StudioError(
            f"{wanted!r} names no open_clip model.",
            "Set STUDIO_CLIP_MODEL to MODEL/WEIGHTS, such as ViT-B-32/laion2b_s34b_b79k, or to "
            "MODEL//folder/file.safetensors.",
        )
    import torch

    from studio.diffusion import torchvision_compat  # noqa: F401  (before open_clip)

    import open_clip  # isort: skip

    try:
        made = open_clip.create_model_and_transforms(model, pretrained=pretrained, device=device)
        tokenize = open_clip.get_tokenizer(model)
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise StudioError(
            f"open_clip model {model} with weights {pretrained} can't be loaded ({error}).",
            "Set STUDIO_CLIP_MODEL to a model and tag of open_clip.list_pretrained(), or to a "
            "model and a file of its weights.",
        ) from error
    network: Any = made[0].eval()
    prepare: Any = made[2]
    with torch.inference_mode():
        dims = int(network.encode_text(tokenize(["a"]).to(device)).shape[1])

    def pictures(found: list[Image.Image]) -> Vectors:
        parts: list[Vectors] = []
        for start in range(0, len(found), BATCH):
            batch = torch.stack([prepare(on_matte(p, matte)) for p in found[start : start + BATCH]])
            with torch.inference_mode():
                seen = network.encode_image(batch.to(device), normalize=True)
            parts.append(seen.float().cpu().numpy())
        return np.concatenate(parts) if parts else np.zeros((0, dims), np.float32)

    def texts(found: list[str]) -> Vectors:
        if not found:
            return np.zeros((0, dims), np.float32)
        with torch.inference_mode():
            read = network.encode_text(tokenize(found).to(device), normalize=True)
        return np.asarray(read.float().cpu().numpy())

    file = Path(pretrained)
    weights = f"{file.stem}-{_digest(file)[:8]}" if file.is_file() else pretrained
    return Features(f"open_clip-{model}-{weights}", dims, pictures, texts)


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
