"""The shapes of a base, wherever and in whichever layout it lies: a folder, a file, the Hub's."""

from __future__ import annotations

import json
from pathlib import Path

from studio.diffusion import tensor_headers
from studio.diffusion.single_file import shapes_of_file
from studio.diffusion.weight_shapes import PARTS, Shapes, last, named
from studio.errors import StudioError


def shapes_of(folder: Path) -> Shapes:
    """The shapes of a base: a folder in diffusers' layout, or a single file. Raises StudioError."""
    if folder.is_file():
        return shapes_of_file(folder)
    modules: dict[str, tuple[int, ...]] = {}
    try:
        for part in PARTS:
            for file in sorted((folder / part).glob("*.safetensors")):
                for name, shape in tensor_headers.read(file).shapes.items():
                    path = name.removesuffix(".weight")
                    if path != name and len(shape) in (2, 4) and "embedding" not in last(path):
                        modules[named(part, path)] = shape
        config = json.loads((folder / "unet" / "config.json").read_text())
        wide, layers = config.get("cross_attention_dim"), int(config.get("layers_per_block", 2))
    except (OSError, ValueError, RecursionError, TypeError, AttributeError) as error:
        raise StudioError(
            f"The base {folder} could not be read: {error}", "Copy or download the base again."
        ) from error
    if not any(name.startswith("unet.") for name in modules):
        raise StudioError(f"{folder} has no UNet in safetensors.", "Copy the base again.")
    two = any(name.startswith("text_encoder_2.") for name in modules)
    return Shapes("sdxl" if two else "sd2" if wide == 1024 else "sd1", layers, modules)


def shapes_of_base(path: str) -> Shapes:
    """The same for a base by the path that versions keep: a folder, a file, or a Hub id that is
    kept on this machine. Nothing is fetched."""
    folder = Path(path)
    if not folder.exists():
        from huggingface_hub import snapshot_download

        try:
            folder = Path(snapshot_download(path, local_files_only=True))
        except (OSError, ValueError) as error:
            raise StudioError(
                f"The base {path} is not on this machine.",
                "Draw or train with it once, so that it is kept here, or give a folder.",
            ) from error
    return shapes_of(folder)
