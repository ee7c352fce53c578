"""IP-Adapters: a drawing that takes its looks from a reference picture (Ye et al. 2023).

What the encoder sees in a picture is computed once for as long as the base stays loaded, however
many pictures or tiles are drawn with it, and the encoder does not stay in memory. An IP-Adapter is
on the UNet only while something is drawn with it: one that is loaded without a picture would refuse
to draw, and without it the pictures have the very bits that they had.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from studio import images
from studio.errors import StudioError

if TYPE_CHECKING:
    import torch
    from PIL import Image

SCALES = (0.0, 1.5)
# Of CLIP, with which all encoders of IP-Adapters were taught.
MEAN = (0.48145466, 0.4578275, 0.40821073)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)
ANOTHER = "Use an IP-Adapter that was made for this base, with its own encoder."


@dataclass(frozen=True)
class Reference:
    """A picture, RGBA, and how strongly a drawing takes after it. `weights` is the place of the
    IP-Adapter's safetensors, `encoder` of its encoder's, `encoder_config` that one's config.json as
    text. Where the picture is transparent the encoder sees `matte`."""

    picture: Image.Image
    weights: str
    encoder: str
    encoder_config: str
    scale: float = 0.6
    matte: str = "#808080"


@dataclass
class _Ready:
    """An IP-Adapter that was on a UNet: its processors by name, what brings a picture into text,
    and, by picture, what the encoder saw: without and with it, each [1, 1, ...]."""

    file: str
    processors: dict[str, Any]
    projection: Any
    seen: dict[str, tuple[torch.Tensor, torch.Tensor]] = field(default_factory=dict)


_ready: WeakKeyDictionary[Any, _Ready] = WeakKeyDictionary()  # by UNet


def check_scale(scale: float) -> None:
    """StudioError for a strength that there is not."""
    low, high = SCALES
    if not math.isfinite(scale) or not low <= scale <= high:
        raise StudioError(f"reference_scale is {scale}.", f"Give {low:g} to {high:g}.")


@contextmanager
def referred(
    pipeline: Any, reference: Reference | None, guidance: float
) -> Iterator[dict[str, Any]]:
    """The pipeline draws after the reference picture within; given is what its call takes besides.
    Without a reference, or at scale 0, nothing is changed and nothing is given. StudioError for
    files that can't be read or are for another base. Controls are attached before."""
    if reference is None or not reference.scale:
        yield {}
        return
    check_scale(reference.scale)
    unet = pipeline.unet
    before, kind = dict(unet.attn_processors), unet.config.encoder_hid_dim_type
    try:
        ready = _put_on(unet, reference)
        for processor in ready.processors.values():
            if hasattr(processor, "to_k_ip"):
                processor.scale = [reference.scale]
        # Pipelines guide above 1, and want the answer to no picture before that to this one.
        seen = _seen(ready, reference, unet)
        yield {"ip_adapter_image_embeds": [_stacked(seen) if guidance > 1 else seen[1]]}
    finally:
        unet.encoder_hid_proj = None  # first: it has processors of its own
        unet.config.encoder_hid_dim_type = kind
        unet.set_attn_processor(before)


def forget(pipeline: Any) -> None:
    """Let go of the IP-Adapter that stands ready beside the pipeline's UNet."""
    _ready.pop(pipeline.unet, None)


def _put_on(unet: Any, reference: Reference) -> _Ready:
    ready = _ready.get(unet)
    if ready is not None and ready.file == reference.weights:
        for part in (*ready.processors.values(), ready.projection):
            if hasattr(part, "parameters"):
                part.to(unet.device, unet.dtype)
        unet.set_attn_processor(dict(ready.processors))
        unet.encoder_hid_proj = ready.projection
        unet.config.encoder_hid_dim_type = "ip_image_proj"
        return ready
    names = set(unet.attn_processors)
    # Adapters may be in another precision than the UNet, and all is brought to that one in passing.
    other = [(one, one.data) for one in unet.parameters() if one.dtype != unet.dtype]
    try:
        unet._load_ip_adapter_weights([_weights(Path(reference.weights))])
        for parameter, data in other:
            parameter.data = data
    except (KeyError, IndexError, ValueError, RuntimeError, AttributeError) as error:
        said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise StudioError(f"{reference.weights} does not fit this base: {said}", ANOTHER) from error
    projection = unet.encoder_hid_proj
    projection.requires_grad_(False)
    processors = {name: one for name, one in unet.attn_processors.items() if name in names}
    for processor in processors.values():
        if hasattr(processor, "requires_grad_"):
            processor.requires_grad_(False)
    _ready[unet] = ready = _Ready(reference.weights, processors, projection)
    return ready


def _weights(file: Path) -> dict[str, dict[str, Any]]:
    """As diffusers wants them: what brings a picture into text, and what the UNet listens with."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        tensors = load_file(file)
    except (OSError, SafetensorError) as error:
        raise StudioError(f"{file} can't be read: {error}", "Bring it in again.") from error
    parts: dict[str, dict[str, Any]] = {"image_proj": {}, "ip_adapter": {}}
    for name, tensor in tensors.items():
        part, _, rest = name.partition(".")
        if part in parts:
            parts[part][rest] = tensor
    if not all(parts.values()):
        raise StudioError(f"{file} is no IP-Adapter.", ANOTHER)
    return parts


def _seen(ready: _Ready, reference: Reference, unet: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """What the encoder sees in no picture, and in this one."""
    matte = f"{reference.encoder} {reference.matte} {images.pixel_digest(reference.picture)}"
    key = hashlib.sha256(matte.encode()).hexdigest()
    if key not in ready.seen:
        ready.seen.clear()  # one picture at a time is drawn after
        ready.seen[key] = _encoded(ready, reference, unet)
    without, with_it = ready.seen[key]
    return without.to(unet.device, unet.dtype), with_it.to(unet.device, unet.dtype)


def _encoded(ready: _Ready, reference: Reference, unet: Any) -> tuple[torch.Tensor, torch.Tensor]:
    import torch
    from diffusers.models.embeddings import ImageProjection

    encoder = _encoder(reference).to(unet.device, unet.dtype)
    pixels = _pixels(reference, int(encoder.config.image_size)).to(unet.device, unet.dtype)
    layers = ready.projection.image_projection_layers
    pooled = isinstance(layers[0], ImageProjection)
    with torch.inference_mode():
        if pooled:
            with_it = encoder(pixels).image_embeds
            without = torch.zeros_like(with_it)
        else:  # IP-Adapter Plus: all that it sees, place by place
            both = torch.cat([torch.zeros_like(pixels), pixels])
            states = encoder(both, output_hidden_states=True).hidden_states[-2]
            without, with_it = states[:1], states[1:]
    return without[None], with_it[None]


def _encoder(reference: Reference) -> Any:
    from safetensors import SafetensorError
    from safetensors.torch import load_file
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    try:
        config = CLIPVisionConfig.from_dict(json.loads(reference.encoder_config or "{}"))
        weights = load_file(reference.encoder)
        # Not load_state_dict: newer versions of transformers call some parts otherwise than files.
        loaded: Any = CLIPVisionModelWithProjection.from_pretrained(
            None, config=config, state_dict=weights, output_loading_info=True
        )
        encoder, told = loaded
    except (OSError, SafetensorError, ValueError, RuntimeError) as error:
        raise StudioError(
            f"The encoder {reference.encoder} can't be read: {error}", "Bring it in again."
        ) from error
    if told["missing_keys"]:
        raise StudioError(
            f"{reference.encoder} is no encoder of pictures: it lacks "
            f"{sorted(told['missing_keys'])[0]}.",
            ANOTHER,
        )
    return encoder.eval().requires_grad_(False)


def _pixels(reference: Reference, side: int) -> torch.Tensor:
    """The whole picture on a square of `side`, as the encoder was taught, [1, 3, side, side]."""
    import numpy as np
    import torch
    from PIL import Image

    matte = images.parse_colour(reference.matte)
    picture = images.on_matte(reference.picture, matte)
    most = max(picture.size)
    square = Image.new("RGB", (most, most), matte)
    square.paste(picture, ((most - picture.width) // 2, (most - picture.height) // 2))
    shown = np.asarray(square.resize((side, side), Image.Resampling.BICUBIC), np.float32) / 255
    normal = (shown - np.array(MEAN, np.float32)) / np.array(DEVIATION, np.float32)
    return torch.from_numpy(normal.transpose(2, 0, 1))[None]


def _stacked(seen: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    import torch

    return torch.cat(seen)
