"""Looks at an upscaling model that somebody brings, in a process of its own, before it is kept.

    python -m studio.upscaling.model_check FILE

The header says how large the model is to be built, so that a small file can ask for a machine's
whole memory: the process has limits of memory, time and threads, and writes no file. It answers
with one line of JSON: what the model is, or what is wrong with it.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.errors import StudioError
from studio.settings import CHECKOUT, WAITING

if TYPE_CHECKING:
    from spandrel import ImageModelDescriptor

SECONDS = 180
PROCESSOR_SECONDS = 120
MEMORY = 8 * 1024**3  # bytes of data; torch alone takes one of these
LARGEST_FACTOR = 8
TRIED = 32  # pixels a side of the picture that is enlarged for a try
ANOTHER = "Bring a model that enlarges pictures, such as those of the ESRGAN family."


@dataclass(frozen=True)
class Found:
    """What a model is: spandrel's name of its architecture, its factor, and its tags in words."""

    architecture: str
    factor: int
    about: str


def check(file: Path, name: str) -> Found:
    """What the model in a safetensors file is; StudioError, in which it is called `name`, where it
    is none that enlarges, is not whole, or asks for more than a machine should give."""
    command = [sys.executable, "-m", "studio.upscaling.model_check", os.path.abspath(file)]
    alone = {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", **WAITING}
    try:
        done = subprocess.run(
            command,
            cwd=CHECKOUT,
            env={**os.environ, **alone},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise StudioError(
            f"{name} could not be looked at within {SECONDS} seconds.", ANOTHER
        ) from error
    try:
        told = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError) as error:
        raise StudioError(
            f"{name} can't be loaded as a model: it asked for more memory or time than any needs.",
            ANOTHER,
        ) from error
    if "wrong" in told:
        raise StudioError(f"{name} can't be used: {told['wrong']}.", ANOTHER)
    return Found(str(told["architecture"]), int(told["factor"]), str(told["about"]))


def load(file: Path, device: Any = "cpu") -> ImageModelDescriptor[Any]:
    """The model in a safetensors file, ready to draw in 32 bits. ValueError, in words that can be
    shown, where spandrel knows none like it, or it is none that enlarges."""
    from studio.diffusion import torchvision_compat  # noqa: F401, I001  (before spandrel)
    import spandrel
    from safetensors.torch import load_file

    try:
        found = spandrel.ModelLoader(device).load_from_state_dict(load_file(file))
    except spandrel.UnsupportedModelError as error:
        raise ValueError("its weights are those of no architecture that is known") from error
    name = found.architecture.name
    if not isinstance(found, spandrel.ImageModelDescriptor) or found.purpose != "SR":
        raise ValueError(f"{name} does not enlarge")
    if not 2 <= found.scale <= LARGEST_FACTOR:
        raise ValueError(f"{name} enlarges {found.scale} times, not 2 to {LARGEST_FACTOR} times")
    if found.input_channels != found.output_channels or found.input_channels not in (1, 3, 4):
        took, gave = found.input_channels, found.output_channels
        raise ValueError(f"it makes {gave} channels of {took}, not grey, RGB or RGBA of the same")
    if found.tiling == spandrel.ModelTiling.INTERNAL:
        raise ValueError(f"{name} must see a picture as a whole")
    return found.float().eval()


def _look(file: Path) -> dict[str, Any]:
    import torch

    try:
        model = load(file)
        if not all(torch.isfinite(one).all() for one in model.model.state_dict().values()):
            return {"wrong": "some of its weights are not numbers"}
        tried = torch.linspace(0, 1, TRIED * TRIED).reshape(1, 1, TRIED, TRIED)
        drawn = model(tried.repeat(1, model.input_channels, 1, 1))
    except ValueError as error:
        return {"wrong": str(error)[:200]}
    except MemoryError:
        return {"wrong": "it asks for more memory than any such model needs"}
    except Exception as error:  # a stranger's file may break any line of a library
        return {"wrong": f"it can't be loaded ({type(error).__name__}: {str(error)[:120]})"}
    side = TRIED * model.scale
    if drawn.shape != (1, model.output_channels, side, side) or not torch.isfinite(drawn).all():
        return {"wrong": "what it draws is no picture of its factor"}
    return {
        "architecture": model.architecture.name,
        "factor": model.scale,
        "about": ", ".join(model.tags),
    }


def main(file: str) -> None:
    """Look at the file within the limits, and say what it is."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print(json.dumps(_look(Path(file))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
