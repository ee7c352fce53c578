"""A folder in diffusers' layout, looked at before anything in it is loaded.

The libraries mend some gaps in silence (a folder without tokenizer gets an empty one) and name
others only by their own insides; here a missing or torn part is named by its file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from studio.diffusion import bundled_bases, tensor_headers
from studio.errors import StudioError

WORKS = (
    "Use pocket, Stable Diffusion 1.x or 2.x, or SDXL: a folder in diffusers' layout, a Hub id, "
    "or a single .safetensors file."
)
XL = "StableDiffusionXLPipeline"
MODELS = {
    "StableDiffusionPipeline": ("vae", "unet", "text_encoder"),
    XL: ("vae", "unet", "text_encoder", "text_encoder_2"),
}
WIDTH_OF_2 = 1024  # of the text that 2.x listens to; 1.x has 768, small bases less


def check_layout(folder: Path, name: str) -> str | None:
    """The variant of the weights (`fp16`), None for plain ones. Reads headers, loads no weights.

    StudioError names the file for a part that is missing or torn, for weights that would have
    to be unpickled, and for another class of pipeline than those of MODELS.
    """
    index = folder / "model_index.json"
    if not index.is_file():
        raise StudioError(f"{folder} has no model_index.json.", WORKS)
    told = _json(index)
    if told.get("requires_aesthetics_score"):
        raise StudioError(f"{name} is the refiner of SDXL, not the base.", WORKS)
    kind = str(told.get("_class_name", ""))
    check_class(name, kind)
    variants = [_variant(folder / part, name) for part in MODELS[kind]]
    for part in MODELS[kind][2:]:
        tokenizer = folder / part.replace("text_encoder", "tokenizer")
        slow = [tokenizer / "vocab.json", tokenizer / "merges.txt"]
        if not (tokenizer / "tokenizer.json").is_file() and not all(f.is_file() for f in slow):
            raise _incomplete(name, tokenizer / "tokenizer.json")
    _json(folder / "scheduler" / "scheduler_config.json", name)
    unet, vae = (_json(folder / part / "config.json") for part in ("unet", "vae"))
    if (unet.get("addition_embed_type") == "text_time") != (kind == XL):
        raise StudioError(f"{name} is a {kind} with the UNet of another base.", WORKS)
    if vae.get("latents_mean"):
        raise StudioError(f"{name}: its autoencoder shifts what it encodes.", WORKS)
    if unet.get("in_channels") != vae.get("latent_channels"):
        raise StudioError(
            f"{name}: the UNet takes {unet.get('in_channels')} channels, the autoencoder gives "
            f"{vae.get('latent_channels')}; bases for inpainting and the like don't work here.",
            WORKS,
        )
    return next((variant for variant in variants if variant), None)


def weight_files(folder: Path, name: str) -> list[Path]:
    """The files of weights that are loaded from the folder, by component and name.

    StudioError as `check_layout`.
    """
    variant = check_layout(folder, name)
    found = []
    for part in sorted(MODELS[pipeline_class(folder)]):
        files = sorted((folder / part).glob(f"{_stem(part)}*.safetensors"))
        plain = [file for file in files if file.name.count(".") == 1]
        of = [file for file in files if _variant_of(file) == variant] if variant else []
        found += of or plain or files
    return found


def is_practice(name: str) -> bool:
    """Whether `name` is a practice base: a bundled one, or a folder that `pocket train` wrote,
    which has a CLIP of its own beside the model."""
    its_clip = Path(name).expanduser() / "clip" / "open_clip_config.json"
    return bundled_bases.find(name) is not None or its_clip.is_file()


def pipeline_class(folder: Path) -> str:
    """The class that a folder in diffusers' layout names."""
    return str(_json(folder / "model_index.json").get("_class_name", ""))


def check_class(name: str, kind: str) -> None:
    """StudioError unless `kind`, a pipeline's class, is one of MODELS."""
    if kind not in MODELS:
        raise StudioError(f"{name} is a {kind or 'pipeline of no known class'}.", WORKS)


def _variant(part: Path, name: str) -> str | None:
    _json(part / "config.json", name)
    stem = _stem(part.name)
    files = sorted(part.glob(f"{stem}*.safetensors"))
    if not files:
        pickled = sorted(part.glob("*.bin"))
        if pickled:
            raise StudioError(
                f"{pickled[0]} is a pickle, which can run any code when it is loaded.",
                "Save the base again as safetensors, or get it in that form.",
            )
        raise _incomplete(name, part / f"{stem}.safetensors")
    for file in files:
        try:
            tensor_headers.read(file)  # a page looks too, without torch
        except (ValueError, OSError) as error:
            raise StudioError(
                f"{file} is not a whole safetensors file: {error}.",
                "Copy or download the base again.",
            ) from error
    # stem.safetensors, stem-00001-of-00002.safetensors; with a variant stem.fp16.safetensors
    named = {found for file in files if (found := _variant_of(file))}
    plain = any(file.name.count(".") == 1 for file in files)
    return None if plain else sorted(named)[0]


def _stem(part: str) -> str:
    return "model" if part.startswith("text_encoder") else "diffusion_pytorch_model"


def _variant_of(file: Path) -> str:
    return file.name.split(".")[1].split("-")[0] if file.name.count(".") == 2 else ""


def _json(file: Path, name: str = "") -> dict[str, Any]:
    if not file.is_file():
        raise _incomplete(name, file)
    try:
        found = json.loads(file.read_text("utf-8"))
        if not isinstance(found, dict):
            raise ValueError("no object")
    except (OSError, ValueError, RecursionError) as error:
        raise StudioError(
            f"{file} can't be read: {error}", "Copy or download the base again."
        ) from error
    return found


def _incomplete(name: str, file: Path) -> StudioError:
    return StudioError(
        f"The base {name} is not complete: {file} is missing.",
        "Copy or download the base again, with all of its parts.",
    )
