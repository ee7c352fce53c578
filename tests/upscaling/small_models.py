"""Small models of spandrel's own classes with random weights, as safetensors files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from studio.diffusion import torchvision_compat  # noqa: F401  (before spandrel)


def saved(model: torch.nn.Module, file: Path) -> Path:
    """The model's weights as a file, none of them shared."""
    save_file({name: one.clone().contiguous() for name, one in model.state_dict().items()}, file)
    return file


def compact(folder: Path, *, channels: int = 3, factor: int = 4, seed: int = 0) -> Path:
    """Real-ESRGAN's compact architecture, which sees 3 pixels around each."""
    from spandrel.architectures.Compact import Compact

    torch.manual_seed(seed)
    net = Compact(num_in_ch=channels, num_out_ch=channels, num_feat=8, num_conv=1, upscale=factor)
    return saved(net, folder / f"compact-{channels}-{factor}x.safetensors")


def span(folder: Path) -> Path:
    """SPAN, twice as large."""
    from spandrel.architectures.SPAN import SPAN

    torch.manual_seed(1)
    net = SPAN(num_in_ch=3, num_out_ch=3, feature_channels=8, upscale=2)
    return saved(net, folder / "span-2x.safetensors")


def esrgan(folder: Path, **more: Any) -> Path:
    """ESRGAN of one block, four times as large."""
    from spandrel.architectures.ESRGAN import ESRGAN

    torch.manual_seed(2)
    net = ESRGAN(num_filters=8, num_blocks=1, **{"scale": 4, **more})
    return saved(net, folder / "esrgan-4x.safetensors")
