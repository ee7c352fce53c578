"""What a UNet is told of a text, and of a picture's size, by the kind of its base.

Stable Diffusion 1.x and 2.x listen to one text encoder's last states. SDXL listens to the last
states but one of two, laid side by side, and also to the second one's pooled answer and to six
numbers of each picture's size. Nothing here takes gradients away: text encoders may be learning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

ENCODERS = ("text_encoder", "text_encoder_2")


@dataclass(frozen=True)
class Conditioning:
    """Texts as the UNet takes them: `text` [n, tokens, width] and, of SDXL alone, `pooled`
    [n, width of the second encoder]."""

    text: torch.Tensor
    pooled: torch.Tensor | None


def encoders(pipeline: Any) -> list[str]:
    """The names of the base's text encoders, in order."""
    return [name for name in ENCODERS if getattr(pipeline, name, None) is not None]


def is_sdxl(pipeline: Any) -> bool:
    """Whether the UNet wants pooled texts and sizes beside the texts."""
    return getattr(pipeline.unet.config, "addition_embed_type", None) == "text_time"


def tokens(pipeline: Any, texts: Sequence[str]) -> list[torch.Tensor]:
    """Token ids [n, tokens] on the CPU, for each text encoder its own; what is too long is cut
    off. A cache's key is made of them."""
    found = []
    for name in encoders(pipeline):
        tokenizer = getattr(pipeline, name.replace("text_encoder", "tokenizer"))
        found.append(
            tokenizer(
                list(texts),
                padding="max_length",
                max_length=tokenizer.model_max_length,
                truncation=True,
                return_tensors="pt",
            ).input_ids
        )
    return found


def of_tokens(pipeline: Any, ids: Sequence[torch.Tensor]) -> Conditioning:
    """What the UNet is told of token ids, one [n, tokens] for each text encoder.

    Each encoder answers on the device it lies on, which need not be the UNet's.
    """
    import torch

    models = [getattr(pipeline, name) for name in encoders(pipeline)]
    if not is_sdxl(pipeline):
        return Conditioning(models[0](ids[0].to(_place(models[0])))[0], None)
    states, pooled = [], None
    for model, own in zip(models, ids, strict=True):
        told = model(own.to(_place(model)), output_hidden_states=True)
        states.append(told.hidden_states[-2])
        pooled = told[0]  # of the last one: its projected answer [n, width]
    return Conditioning(torch.cat(states, dim=-1), pooled)


def condition(pipeline: Any, texts: Sequence[str]) -> Conditioning:
    """What the UNet is told of `texts`. The empty text is encoded like any other, as most
    programs that draw with SDXL do; diffusers alone puts zeros there when none is given."""
    return of_tokens(pipeline, tokens(pipeline, texts))


def time_ids(
    original: tuple[int, int],
    crop: tuple[int, int],
    target: tuple[int, int],
    device: Any = None,
) -> torch.Tensor:
    """SDXL's six numbers of one picture, [6] float32: height and width as it was, top and left of
    the crop, height and width as it is learned. All are (vertical, horizontal), in pixels."""
    import torch

    return torch.tensor([*original, *crop, *target], dtype=torch.float32, device=device)


def added(pooled: torch.Tensor | None, ids: torch.Tensor | None) -> dict[str, Any] | None:
    """What the UNet takes as `added_cond_kwargs`: of SDXL pooled texts [n, width] and sizes
    [n, 6], of others None."""
    if pooled is None or ids is None:
        return None
    return {"text_embeds": pooled, "time_ids": ids}


def _place(model: Any) -> Any:
    return next(model.parameters()).device
