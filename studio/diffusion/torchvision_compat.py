"""Lets torchvision be imported beside a torch build that its compiled half can't load with.

Import this module before anything that imports torchvision (transformers, peft, diffusers,
open_clip). Where the builds match it does nothing. Nothing here calls the declared operators.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch

# Kept for the life of the process: a Library takes its declarations along when it is collected.
_declared: torch.library.Library | None = None


def _compiled_half_loads() -> bool:
    """True if torchvision's operators exist or can be loaded from its own folder."""
    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None:
        return True
    try:
        for library in Path(spec.origin).parent.glob("_C*.so"):
            torch.ops.load_library(str(library))
        return hasattr(torch.ops.torchvision, "nms")
    except (OSError, RuntimeError):
        return False


if not _compiled_half_loads():
    _declared = torch.library.Library("torchvision", "DEF")
    _declared.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _declared.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
