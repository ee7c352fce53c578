"""A GAN's file: the generator's weights as safetensors, and in its header what it is like."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from studio.errors import StudioError
from studio.gan import networks
from studio.gan import shape as shapes
from studio.gan.shape import Shape
from studio.store.publish import publishing

FILE = "gan.safetensors"
KEY = "housestyle.gan"  # in the file's header
ENDING = ".safetensors"
LARGEST = 2**31  # bytes; the largest model's weights at most


def write(file: Path, shape: Shape, weights: Mapping[str, Tensor]) -> None:
    """Publish the generator's weights, on the CPU in fp32, with its shape."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    plain = {
        name: value.detach().cpu().contiguous().clone() for name, value in sorted(weights.items())
    }
    told = json.dumps(shapes.as_json(shape), sort_keys=True)
    with publishing(file, errors=(SafetensorError,)) as aside:
        save_file(plain, aside, {KEY: told})


def read(file: Path) -> tuple[Shape, dict[str, Tensor]]:
    """What `write` wrote. StudioError for a file of another kind, which is not opened, for one
    that is none of these, and for one that is not there."""
    from safetensors import SafetensorError, safe_open

    if file.suffix.lower() != ENDING:
        raise StudioError(
            f"{file} is no {ENDING} file.",
            "Pickled weights (.pkl, .pt, .pth, .ckpt) can run programs and are never opened. Give "
            "a file that gan train wrote.",
        )
    if not file.is_file():
        raise StudioError(f"There is no file {file}.", "Give the path of a GAN's file.")
    if file.stat().st_size > LARGEST:
        raise StudioError(f"{file} is too large for a GAN's weights.", "Give another file.")
    try:
        with safe_open(file, "pt") as opened:
            told = (opened.metadata() or {}).get(KEY, "")
            shape = shapes.of_json(_told(told), str(file))
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}
    except (SafetensorError, OSError) as error:
        raise StudioError(
            f"{file} can't be read as safetensors ({error}).", "Give a file that gan train wrote."
        ) from error
    return shape, tensors


def generator(file: Path) -> tuple[Shape, nn.Module]:
    """The generator of a file, ready to draw on the CPU."""
    shape, tensors = read(file)
    widest = shape.ngf * min(8, 2 ** (shape.layers - 1))
    least = 4 * widest * max(widest, shape.base[0] * shape.base[1])  # bytes of one of its layers
    if least > file.stat().st_size:  # before a file makes memory be asked for
        raise StudioError(
            f"{file} is too small for what it says of itself.", "It was cut off: fetch it again."
        )
    made = networks.generator(shape)
    expected = {name: value.shape for name, value in made.state_dict().items()}
    wrong = [
        name
        for name in expected.keys() | tensors.keys()
        if name not in tensors or name not in expected or tensors[name].shape != expected[name]
    ]
    if wrong:
        raise StudioError(
            f"{file} does not fit what it says of itself: {sorted(wrong)[0]}.",
            "It was changed or cut off: fetch it again.",
        )
    made.load_state_dict(tensors)
    return shape, made.eval()


def begun(weights: Mapping[str, Tensor], network: nn.Module) -> tuple[dict[str, Tensor], list[str]]:
    """What a network takes over of an earlier one's weights, and the names of what it begins anew:
    other classes, or another size, have layers of another form."""
    own = network.state_dict()
    taken = {
        name: value
        for name, value in weights.items()
        if name in own and own[name].shape == value.shape
    }
    return {**own, **taken}, sorted(own.keys() - taken.keys())


def _told(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
