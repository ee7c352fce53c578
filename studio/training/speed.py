"""What makes steps fast on a device, beyond what the loop itself leaves out.

Not covered: torch.compile needs a C++ compiler on a CPU, and Triton on a GPU.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from studio.errors import StudioError
from studio.training.config import TrainConfig

if TYPE_CHECKING:
    import torch


def prepare(unet: Any, config: TrainConfig, device: torch.device) -> None:
    """TF32 and the memory order that a GPU's convolutions like; on a CPU large convolutions over
    few places as products of matrices; where asked, blocks compiled.

    Compiled are the blocks that repeat, one by one, so that equal ones share what was compiled;
    names and weights stay as they are.
    """
    import torch

    from studio.training import cpu_convolutions

    if device.type == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.allow_tf32 = True
        unet.to(memory_format=torch.channels_last)
    if device.type == "cpu" and not config.compile:
        cpu_convolutions.ease(unet)
    if config.compile:
        torch._dynamo.config.cache_size_limit = max(64, torch._dynamo.config.cache_size_limit)
        for block in _blocks(unet):
            block.compile(dynamic=False)


def plainly(config: TrainConfig) -> contextlib.AbstractContextManager[Any]:
    """Without what was compiled: drawing has other shapes, for which it would be done again."""
    import torch

    if not config.compile:
        return contextlib.nullcontext()
    return torch.compiler.set_stance("force_eager")


def not_compiled(error: BaseException) -> StudioError | None:
    """What to do about a failed compilation; None for any other error."""
    module = type(error).__module__ or ""
    if not module.startswith(("torch._dynamo", "torch._inductor", "triton")):
        return None
    said = str(error).strip().splitlines()
    return StudioError(
        f"The UNet could not be compiled: {said[0] if said else type(error).__name__}",
        "Turn compile off, or install what it needs: g++ on a CPU, triton on a GPU.",
    )


def _blocks(unet: Any) -> list[Any]:
    from diffusers.models.attention import BasicTransformerBlock
    from diffusers.models.resnet import ResnetBlock2D

    return [m for m in unet.modules() if isinstance(m, BasicTransformerBlock | ResnetBlock2D)]
