"""ControlNets that lead a drawing by pictures: edges, lines, a pose, or the picture of a tile.

A ControlNet answers each step beside the UNet, and its answer is added inside it (Zhang et al.
2023). That is done by a hook on the UNet, so that every pipeline is led the same way, from words
alone, from a picture, or in a part; without the hook its pictures have the very bits that they had.
What a ControlNet makes of its picture does not change from step to step and is computed once, where
diffusers' pipelines do so at each.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from studio.diffusion import families
from studio.diffusion.control_files import KINDS, REFERENCE, TILE
from studio.errors import StudioError

if TYPE_CHECKING:
    import torch
    from PIL import Image

SCALES = (0.0, 1.5)
MOST = 3  # of one drawing
ANOTHER = "Use a ControlNet that was made for this base."

# The nets that stand ready beside a UNet, by file and configuration; gone with it.
_ready: WeakKeyDictionary[Any, dict[tuple[str, str], Any]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Control:
    """What leads: of which `kind` (of `control_files.KINDS`) it is, the place of its safetensors,
    how strongly it acts, and from which share of the steps to which. `config` is its folder's
    config.json as text, "" where a file came alone. `ready`: its picture needs no more work."""

    kind: str
    model: str
    scale: float = 0.6
    start: float = 0.0
    end: float = 1.0
    config: str = ""
    ready: bool = False


@dataclass(frozen=True)
class Lead:
    """A ControlNet, and the RGBA picture that it leads by."""

    control: Control
    picture: Image.Image


@dataclass(frozen=True)
class Led:
    """The same at hand: `pictures` [1 or n, c, height, width] in 0 to 1, where the net lies."""

    net: Any
    control: Control
    pictures: torch.Tensor


def offered(family: str) -> tuple[str, ...]:
    """The kinds of control, of `control_files.KINDS`, that bases of this family may be led by."""
    if family == families.PRACTICE:
        return (TILE,)
    known = family in families.SIDES
    return tuple(kind for kind in KINDS if kind != REFERENCE) if known else ()


def check(scale: float, start: float, end: float) -> None:
    """StudioError for a strength or a stretch of the steps that there is not."""
    low, high = SCALES
    if not math.isfinite(scale) or not low <= scale <= high:
        raise StudioError(f"control is {scale}.", f"Give {low:g} to {high:g}.")
    if not 0 <= start < end <= 1:
        raise StudioError(
            f"control acts from {start} to {end} of the steps.",
            "Give two shares between 0 and 1, the smaller one first.",
        )


def attach_only(pipeline: Any, controls: Sequence[Control]) -> tuple[Any, ...]:
    """Have exactly the nets of these controls ready beside the pipeline's UNet; those that are stay
    loaded. One for each control, None where it does not act. StudioError for one that can't be read
    or is for another base."""
    acting = [control for control in controls if control.scale]
    if not acting:
        if _ready:
            _ready.pop(pipeline.unet, None)
        return (None,) * len(controls)
    held = _ready.setdefault(pipeline.unet, {})
    wanted = {(control.model, control.config) for control in acting}
    for key in set(held) - wanted:
        del held[key]
    for control in acting:
        key = (control.model, control.config)
        if key not in held:
            held[key] = load(Path(control.model), control.config, pipeline.unet)
    return tuple(held.get((one.model, one.config)) if one.scale else None for one in controls)


def load(file: Path, config: str, unet: Any) -> Any:
    """The net in a safetensors file, of diffusers or of the original code, in the UNet's precision
    and on its device. Without `config` it has the UNet's shape. StudioError."""
    import torch
    from diffusers import ControlNetModel
    from diffusers.loaders.single_file_utils import convert_controlnet_checkpoint
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        weights = load_file(file)
        told = json.loads(config) if config else {}
        if not told:
            weights = convert_controlnet_checkpoint(weights, config=unet.config)
        with torch.device("meta"):  # neither filled at random nor in memory twice
            net = ControlNetModel.from_config(told) if told else _shaped(unet, weights)
        net.load_state_dict(weights, assign=True)
    except (OSError, SafetensorError) as error:
        raise StudioError(f"{file} can't be read: {error}", "Bring it in again.") from error
    except (KeyError, IndexError, TypeError, ValueError, RuntimeError, AttributeError) as error:
        said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise StudioError(f"{file} does not fit this base: {said}", ANOTHER) from error
    _check_fits(file, net, unet)
    net.requires_grad_(False)
    return net.eval().to(device=unet.device, dtype=unet.dtype)


def fresh(unet: Any, channels: int, embedding: tuple[int, ...]) -> Any:
    """A new net on the UNet's own weights, which changes nothing until it is trained. `channels` of
    its picture; `embedding` one width more than the autoencoder halves a picture's sides."""
    from diffusers import ControlNetModel

    return ControlNetModel.from_unet(
        unet, conditioning_channels=channels, conditioning_embedding_out_channels=embedding
    )


def pictures(net: Any, lead: Sequence[Image.Image], unet: Any) -> torch.Tensor:
    """Prepared pictures (`control_pictures.made`) as the net takes them, [n, c, height, width] in 0
    to 1: RGB, and RGBA for one that was taught alpha."""
    import numpy as np
    import torch

    alpha = net.config.conditioning_channels == 4
    shown = [_pixels(picture, alpha) for picture in lead]
    stacked = torch.from_numpy(np.stack(shown)).permute(0, 3, 1, 2).float() / 255
    return stacked.to(unet.device, unet.dtype)


@contextmanager
def leading(pipeline: Any, led: Sequence[Led]) -> Iterator[None]:
    """The pipeline draws led within; `pipeline` is the one that is called, whose number of steps
    counts. Afterwards it is as it was. Pictures that are one for all lead every picture drawn."""
    if not led:
        yield
        return
    undo: list[Callable[[], Any]] = []
    try:
        shown = [_embedded(one) for one in led]
        for net in {id(one.net): one.net for one in led}.values():
            undo.append(_without_embedding(net))
        calls = _Calls(pipeline)
        hook = partial(_hook, led, shown, calls)
        handle = pipeline.unet.register_forward_pre_hook(hook, with_kwargs=True)
        undo.append(handle.remove)
        yield
    finally:
        for act in reversed(undo):
            act()


class _Calls:
    """Which step of a drawing the UNet is asked for: pipelines ask once for each."""

    def __init__(self, pipeline: Any) -> None:
        self.pipeline, self.count = pipeline, 0

    def next(self) -> tuple[int, int]:
        """The step, from 0, and how many there are."""
        steps = int(self.pipeline.num_timesteps)
        at, self.count = self.count % steps, self.count + 1
        return at, steps


def _hook(
    led: Sequence[Led],
    shown: Sequence[torch.Tensor],
    calls: _Calls,
    unet: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """What the UNet is told besides at a step, None where nothing leads then."""
    sample, timestep = args[0], args[1]
    at, steps = calls.next()
    down: list[torch.Tensor] | None = None
    middle: Any = None
    for one, embedding in zip(led, shown, strict=True):
        control = one.control
        if at / steps < control.start or (at + 1) / steps > control.end:
            continue
        answers, answer = one.net(
            sample,
            timestep,
            encoder_hidden_states=kwargs["encoder_hidden_states"],
            controlnet_cond=_for_all(embedding, len(sample)),
            conditioning_scale=control.scale,
            added_cond_kwargs=kwargs.get("added_cond_kwargs"),
            return_dict=False,
        )
        down = answers if down is None else [a + b for a, b in zip(down, answers, strict=True)]
        middle = answer if middle is None else middle + answer
    if down is None:
        return None
    more = {"down_block_additional_residuals": down, "mid_block_additional_residual": middle}
    return args, {**kwargs, **more}


def _for_all(embedding: torch.Tensor, batch: int) -> torch.Tensor:
    """For a batch of the UNet's, in which guidance has all pictures twice, one after the other."""
    if len(embedding) == 1:
        return embedding.expand(batch, -1, -1, -1)
    return embedding.repeat(batch // len(embedding), 1, 1, 1)


def _embedded(one: Led) -> torch.Tensor:
    """What the net makes of its pictures, [1 or n, width, rows, columns] in latents' size."""
    import torch

    turned = one.net.config.controlnet_conditioning_channel_order == "bgr"
    with torch.inference_mode():
        shown = one.pictures.flip(1) if turned else one.pictures
        made: torch.Tensor = one.net.controlnet_cond_embedding(shown)
        return made.flip(1) if turned else made  # the net turns it back


def _without_embedding(net: Any) -> Callable[[], None]:
    """Have the net take what `_embedded` made in place of pictures; how that is undone."""
    import torch

    own = net.controlnet_cond_embedding
    net.controlnet_cond_embedding = torch.nn.Identity()
    return partial(setattr, net, "controlnet_cond_embedding", own)


def _shaped(unet: Any, weights: dict[str, Any]) -> Any:
    """An empty net of the UNet's shape, whose embedding is as wide as the weights'."""
    from diffusers import ControlNetModel

    first = weights["controlnet_cond_embedding.conv_in.weight"].shape
    wide, number = [first[0]], 1
    while (more := weights.get(f"controlnet_cond_embedding.blocks.{number}.weight")) is not None:
        wide.append(more.shape[0])
        number += 2
    return ControlNetModel.from_unet(
        unet,
        conditioning_embedding_out_channels=tuple(wide),
        load_weights_from_unet=False,
        conditioning_channels=first[1],
    )


def _check_fits(file: Path, net: Any, unet: Any) -> None:
    names = ("in_channels", "cross_attention_dim", "block_out_channels", "addition_embed_type")
    for name in names:
        theirs, ours = getattr(net.config, name, None), getattr(unet.config, name, None)
        if _plain(theirs) != _plain(ours):
            raise StudioError(f"{file}: its {name} is {theirs}, the base's {ours}.", ANOTHER)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, (list, tuple)) else value


def _pixels(picture: Image.Image, alpha: bool) -> Any:
    import numpy as np

    from studio.diffusion.img2img import HIDDEN

    if not alpha:
        return np.array(picture.convert("RGB"))
    pixels = np.array(picture.convert("RGBA"))
    pixels[pixels[..., 3] == 0, :3] = HIDDEN
    return pixels
