"""Upscaling models, loaded: planes of floats in, planes of floats out.

`NcnnNetwork` runs the bundled ones on any CPU without torch, `TorchNetwork` a team's own. Both take
float32 [channels, h, w] from 0 to 1 and give [channels, h * factor, w * factor], not clipped.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from studio.errors import StudioError
from studio.upscaling import bundled_models, model_check

if TYPE_CHECKING:
    from studio.upscaling.models import Model

Planes = NDArray[np.float32]
# Source pixels around a part with which it comes out as of the whole: animevideov3 sees 18 of them,
# the others many more, which count for next to nothing.
CONTEXT = 20
PIECE = 256  # source pixels a side that torch is given at once
LEAST = 32  # source pixels a side below which torch's models are given more


class Network(Protocol):
    """What draws. `channels`: 1, 3 or 4, for RGBA. `piece`: the longest side in source pixels that
    it should be given at once. Parts must begin at multiples of `align`. `ask` is called layer by
    layer, and may raise (`heeded`)."""

    factor: int
    channels: int
    piece: int
    align: int
    ask: Callable[[], None]

    def enlarged(self, planes: Planes) -> Planes:
        """Planes [channels, h, w], `factor` times as large."""
        ...


def _go_on() -> None:
    """What is asked where nobody may want to stop."""


@contextmanager
def heeded(network: Network, ask: Callable[[], None]) -> Iterator[None]:
    """Within, `ask` is called at every layer: one piece may take minutes."""
    network.ask = ask
    try:
        yield
    finally:
        network.ask = _go_on


class NcnnNetwork:
    """A model of ncnn on the CPU. Its `.param` names its input `data` and its output `output`."""

    channels = 3
    align = 1

    def __init__(self, weights: Path, factor: int, piece: int, threads: int) -> None:
        import ncnn

        self.factor, self.piece, self.ask = factor, piece, _go_on
        self._ncnn, self._net = ncnn, ncnn.Net()
        options = self._net.opt
        options.num_threads = threads
        options.use_vulkan_compute = False
        # Halves are faster nowhere on a CPU of today's studios, and cost levels.
        for name in ("fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_storage"):
            setattr(options, f"use_{name}", False)
        param = weights.with_suffix(".param")
        if self._net.load_param(str(param)) or self._net.load_model(str(weights)):
            raise StudioError(f"The model {weights.name} can't be read.", bundled_models.AGAIN)
        self._layers = _convolutions(param)

    def enlarged(self, planes: Planes) -> Planes:
        """As `Network` has it. StudioError where ncnn fails, for want of memory."""
        # ncnn keeps a pointer to what it is given, and its results die with the extractor.
        given = self._ncnn.Mat(np.ascontiguousarray(planes, np.float32)).clone()
        extractor = self._net.create_extractor()
        extractor.input("data", given)
        for name in self._layers:  # what is computed is kept, so that the end costs no more
            extractor.extract(name, 1)
            self.ask()
        failed, got = extractor.extract("output")
        out: Planes = np.array(got, np.float32)
        if failed or out.ndim != 3:
            raise StudioError("The upscaling model failed.", "Free memory, then try again.")
        return out


class TorchNetwork:
    """A model of spandrel's, on a device of torch's."""

    piece = PIECE

    def __init__(self, file: Path, device: Any) -> None:
        import torch
        from safetensors import SafetensorError

        try:
            self._model = model_check.load(file, device)
        except (ValueError, OSError, SafetensorError) as error:
            raise StudioError(
                f"The upscaling model can't be loaded: {error}.", "Remove it and bring it anew."
            ) from error
        self._torch, self._device, self.ask = torch, device, _go_on
        for part in self._model.model.modules():
            if not any(True for _ in part.children()):
                part.register_forward_pre_hook(self._asked)
        self.factor, self.channels = self._model.scale, self._model.input_channels
        self.align = self._model.size_requirements.multiple_of

    def enlarged(self, planes: Planes) -> Planes:
        """As `Network` has it. Small parts are given more pixels like those at their edges."""
        _, height, width = planes.shape
        below, beside = max(0, LEAST - height), max(0, LEAST - width)
        wide = np.pad(planes, [(0, 0), (0, below), (0, beside)], mode="edge")
        given = self._torch.from_numpy(np.ascontiguousarray(wide, np.float32))[None]
        drawn = self._model(given.to(self._device))[0].cpu().numpy()
        out: Planes = drawn[:, : height * self.factor, : width * self.factor]
        return out

    def _asked(self, module: Any, given: Any) -> None:
        self.ask()


def _convolutions(param: Path) -> list[str]:
    """What the convolutions of a model of ncnn give, by name, but for the last one. A line says of
    a layer its kind, its name, how many it takes and gives, and the names of these."""
    lines = [line.split() for line in param.read_text("ascii").splitlines()[2:]]
    return [words[4 + int(words[2])] for words in lines if words[:1] == ["Convolution"]][:-1]


def load(model: Model, device: Any = "cpu", threads: int = 0) -> Network:
    """The model, ready to draw: a bundled one with this many threads (0: as many as the process may
    use) on the CPU, wherever `device` is; a team's own on `device`, with torch's threads."""
    if model.source == "own":
        return TorchNetwork(model.file, device)
    bundled = bundled_models.find(model.name)
    assert bundled is not None
    threads = threads or len(os.sched_getaffinity(0))
    return NcnnNetwork(model.file, model.factor, bundled.piece, threads)
