"""The pocket CLIP: trained on the pool's pictures and captions, saved as open_clip's local-dir."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

from studio.diffusion import torchvision_compat  # noqa: F401  (before open_clip)
from studio.pocket.loop import Stage, half_precision
from studio.pocket.parts import TOKENS
from studio.pocket.pool import Pool
from studio.pocket.tokenizer import token_ids

import open_clip  # isort: skip
from transformers import CLIPTokenizer  # isort: skip

MEAN, DEVIATION = (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)
STYLES = 8  # altered() knows this many ways to change how a picture is drawn
NAME = "pocket-clip-v3"
SEEN_EDGE = 64  # pictures of 32 px are shown twice as large, since the network reads 4 px at once


def clip_config(vocabulary: int) -> dict[str, Any]:
    """open_clip's model_cfg of the pocket CLIP: ConvNeXt zepto on 64 px, text 96 x 2.

    Convolutions, since on a few thousand pictures they learn what a ViT of this size does not.
    """
    return {
        "embed_dim": 192,
        "vision_cfg": {
            "timm_model_name": "convnext_zepto_rms",
            "timm_model_pretrained": False,
            "timm_pool": "avg",
            "timm_proj": "linear",
            "image_size": SEEN_EDGE,
        },
        "text_cfg": {
            "context_length": TOKENS,
            "vocab_size": vocabulary,
            "hf_tokenizer_name": "pocket-clip",  # read from the folder itself
            "width": 96,
            "heads": 4,
            "layers": 2,
        },
    }


class Judge(nn.Module):
    """The CLIP and a head that tells eight ways of drawing apart; only the CLIP is kept."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.clip = open_clip.CLIP(**clip_config(vocabulary))
        self.style = nn.Linear(192, STYLES)

    def see(self, rgb: torch.Tensor) -> torch.Tensor:
        """Features [n, 192] of pictures [n, 3, 32, 32] in [0, 1]."""
        large = F.interpolate(rgb * 2 - 1, size=(SEEN_EDGE, SEEN_EDGE), mode="nearest")
        return self.clip.encode_image(large.contiguous(memory_format=torch.channels_last))


def altered(rgb: torch.Tensor, way: torch.Tensor) -> torch.Tensor:
    """Pictures [n, 3, 32, 32] in [0, 1] drawn another way each: way [n] in 0..7, 0 as they are."""
    grey = rgb.mean(1, keepdim=True).expand_as(rgb)
    blurred = F.avg_pool2d(F.pad(rgb, (1, 1, 1, 1), mode="replicate"), 3, 1)
    coarse = F.interpolate(rgb[:, :, ::2, ::2], scale_factor=2.0, mode="nearest")
    border = rgb[:, :, :1, :1]
    inside = ((rgb - border).abs().amax(1, keepdim=True) > 0.08).to(rgb.dtype)
    silhouette = border * (1 - inside) + (1 - border).round() * inside
    edges = (rgb - blurred).abs().amax(1, keepdim=True).expand_as(rgb) * 3
    ways = torch.stack(
        [
            rgb,
            blurred,
            silhouette,
            (rgb * 3).round() / 3,  # few colours
            1 - rgb,
            coarse,
            grey,
            edges.clamp(0, 1),
        ]
    )
    return ways[way, torch.arange(len(rgb), device=rgb.device)]


def patched(rgb: torch.Tensor, matte: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """A third of the pictures [n, 3, 32, 32] with a square of up to 12 px hidden by the matte."""
    n, _, height, width = rgb.shape
    draw = torch.rand((4, n, 1, 1), generator=random, device=rgb.device)
    edge = draw[0] * 12 * (draw[1] < 0.33)
    rows = torch.arange(height, device=rgb.device)[None, :, None]
    columns = torch.arange(width, device=rgb.device)[None, None, :]
    hidden = ((rows - draw[2] * height).abs() < edge / 2) & (
        (columns - draw[3] * width).abs() < edge / 2
    )
    return torch.where(hidden[:, None], matte[:, :, None, None], rgb)


def matted(rgba: torch.Tensor, matte: torch.Tensor) -> torch.Tensor:
    """uint8 [n, 32, 32, 4] over mattes [n, 3] in [0, 1] -> [n, 3, 32, 32] in [0, 1]."""
    unit = rgba.permute(0, 3, 1, 2).float() / 255
    alpha = unit[:, 3:]
    return unit[:, :3] * alpha + matte[:, :, None, None] * (1 - alpha)


def train_clip(stage: Stage, pool: Pool, kinds: list[str], tokenizer: CLIPTokenizer) -> bool:
    """Trains `stage` (a Judge): captions against pictures, and ways of drawing told apart.

    `kinds`: the kind of each pool picture; each picture is also matched against "a KIND" of every
    kind, since colours alone tell most captions of a batch apart.
    """
    device, random = stage.device, stage.random
    judge = stage.model
    assert isinstance(judge, Judge)
    pixels = torch.from_numpy(pool.pixels).to(device)
    weight = torch.from_numpy(pool.weight).to(device).cumsum(0)
    texts = sorted({text for texts in pool.captions for text in texts})
    known = {text: row for row, text in enumerate(texts)}
    ids = torch.tensor(token_ids(tokenizer, texts), device=device)
    rows = [torch.tensor([known[t] for t in texts], device=device) for texts in pool.captions]
    first = torch.tensor(np.cumsum([0] + [len(r) for r in rows[:-1]]), device=device)
    count = torch.tensor([len(r) for r in rows], device=device)
    row_of = torch.cat(rows)
    names = sorted(set(kinds))
    kind_ids = torch.tensor(token_ids(tokenizer, [f"a {name}" for name in names]), device=device)
    kind_of = torch.tensor([names.index(kind) for kind in kinds], device=device)

    def draw(*shape: int) -> torch.Tensor:
        return torch.rand(shape, generator=random, device=device)

    def loss() -> torch.Tensor:
        n = stage.batch
        where = draw(n).double() * weight[-1]
        pick = torch.searchsorted(weight, where).clamp_max(len(weight) - 1)
        row = row_of[first[pick] + (draw(n) * count[pick]).long()]
        # A third each: white, black, any colour.
        kind = draw(n)[:, None]
        matte = torch.where(kind < 0.33, 1.0, torch.where(kind < 0.66, 0.0, draw(n, 3)))
        rgba = pixels[pick]
        rgba = torch.where((draw(n) < 0.5)[:, None, None, None], rgba, rgba.flip(2))
        dx, dy = (torch.randint(0, 7, (2,), generator=random, device=device) - 3).tolist()
        rgb = patched(torch.roll(matted(rgba, matte), (dy, dx), (-2, -1)), matte, random)
        rgb = (rgb + 0.04 * draw(n, 1, 1, 1) * (draw(*rgb.shape) - 0.5)).clamp(0, 1)
        way = (draw(n // 2) * STYLES).long()
        pictures = torch.cat([rgb, altered(rgb[: n // 2], way)])
        with half_precision(device):
            seen = judge.see(pictures)
            said = judge.clip.encode_text(torch.cat([ids[row], kind_ids]))
        seen, said = seen.float(), F.normalize(said.float(), dim=-1)
        scale = judge.clip.logit_scale.exp().clamp_max(60)
        shown = scale * F.normalize(seen[:n], dim=-1)
        match, sorts = shown @ said[:n].t(), shown @ said[n:].t()
        # Equal captions are equally right answers.
        right = (row[:, None] == row[None]).float()
        right = right / right.sum(1, keepdim=True)
        contrast = (F.cross_entropy(match, right) + F.cross_entropy(match.t(), right)) / 2
        ways = torch.cat([torch.zeros(n // 2, dtype=torch.long, device=device), way])
        told = judge.style(F.normalize(torch.cat([seen[n // 2 : n], seen[n:]]), dim=-1) * 8)
        sorted_out = F.cross_entropy(sorts, kind_of[pick])
        return contrast + 0.7 * sorted_out + 0.3 * F.cross_entropy(told, ways)

    return stage.run(loss)


def save_clip(judge: Judge, tokenizer: CLIPTokenizer, out: Path) -> None:
    """Writes open_clip's config, fp16 weights and the tokenizer into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    config = {
        "features": NAME,
        "model_cfg": clip_config(len(tokenizer)),
        "preprocess_cfg": {
            "mean": MEAN,
            "std": DEVIATION,
            "interpolation": "bicubic",
            "resize_mode": "squash",
        },
    }
    (out / "open_clip_config.json").write_text(json.dumps(config, indent=2) + "\n")
    state = {
        name: value.detach().cpu().half().contiguous()
        for name, value in judge.clip.state_dict().items()
    }
    save_file(state, str(out / "open_clip_model.safetensors"))
    tokenizer.save_pretrained(str(out))


@torch.no_grad()
def clip_ranks(
    judge: Judge, pixels: NDArray[np.uint8], texts: list[str], tokenizer: CLIPTokenizer
) -> list[int]:
    """For each picture uint8 [n, 32, 32, 4], on grey, which place its own text takes, from 1 on,
    among the distinct texts."""
    distinct = sorted(set(texts))
    rgba = torch.from_numpy(pixels)
    rgb = matted(rgba, torch.full((len(rgba), 3), 0.5))
    seen = F.normalize(torch.cat([judge.see(part) for part in rgb.split(256)]), dim=-1)
    said = judge.clip.encode_text(torch.tensor(token_ids(tokenizer, distinct)), normalize=True)
    scores = seen @ said.t()
    own = torch.tensor([distinct.index(text) for text in texts])
    mine = scores.gather(1, own[:, None])
    return [int(place) for place in (scores >= mine).sum(1)]
