"""The recipe of a practice base: from folders of captioned pictures to a complete pipeline."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from studio.diffusion import torchvision_compat  # noqa: F401  (before diffusers)

from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny  # isort: skip
from diffusers.models.attention_processor import AttnProcessor  # isort: skip
from transformers import CLIPTokenizer  # isort: skip

from studio.errors import StudioError
from studio.pocket import parts
from studio.pocket.autoencoder import fold_normalisation, psnr, train_autoencoder, train_decoder
from studio.pocket.bundle import save_bundle
from studio.pocket.clip import Judge, train_clip
from studio.pocket.corpus import RULE, Source, read_sources
from studio.pocket.credits import credits_text
from studio.pocket.denoiser import Denoiser, encode_lessons, train_denoiser
from studio.pocket.loop import Stage, averaged
from studio.pocket.pool import Pool, build_pool
from studio.pocket.pretrained import Kept, read_kept
from studio.pocket.tokenizer import train_tokenizer

PARTS = ("autoencoder", "clip", "denoiser", "decoder")


@dataclass(frozen=True)
class Recipe:
    """Sizes, picture counts and rates; a part is skipped once it has seen its pictures."""

    autoencoder_channels: int = 48
    unet_channels: tuple[int, int] = (96, 152)
    text_width: int = 144
    text_layers: int = 2
    recolours: int = 12  # recoloured copies of each picture in the pool
    captions_each: int = 3
    autoencoder_pictures: int = 240_000
    decoder_pictures: int = 300_000  # by itself, when the latents are settled
    denoiser_pictures: int = 4_000_000
    clip_pictures: int = 250_000
    autoencoder_batch: int = 32
    decoder_batch: int = 32
    denoiser_batch: int = 64
    clip_batch: int = 128
    autoencoder_rate: float = 1.5e-3
    decoder_rate: float = 1e-3
    denoiser_rate: float = 7e-4
    clip_rate: float = 7e-4
    seed: int = 0
    time_limit_s: float | None = None  # for this call; what is unfinished waits for the next


def train_pocket(
    sources: Sequence[Source],
    out: Path,
    work: Path,
    recipe: Recipe,
    *,
    device: str,
    resume: bool,
    report: Callable[[str], None],
    start: Path | None = None,
) -> None:
    """Trains autoencoder, UNet with text encoder, and CLIP on `sources`; writes the base to `out`.

    The decoder comes last: it may be refined while the latents stay. Checkpoints lie in `work`;
    with `resume` they are gone on with, else begun anew. `start` is a base of the same recipe
    whose weights it begins with; its tokenizer stays, and its latents once its UNet has learned.
    The base is written whenever the call ends, also at the time limit, from as much as was
    trained.

    Raises StudioError where the pictures or `start` can't be used, or `work` belongs to another
    recipe.
    """
    sprites = read_sources(sources)
    taught = [sprite for sprite in sprites if not sprite.held_out]
    work.mkdir(parents=True, exist_ok=True)
    content = hashlib.sha256("".join(s.digest for s in sprites).encode()).hexdigest()
    _claim(work, recipe, content, resume)
    kept = read_kept(start, content) if start else None
    limit = recipe.time_limit_s
    deadline = time.monotonic() + limit if limit is not None else float("inf")
    report(f"{len(taught)} pictures to train on, {len(sprites) - len(taught)} held out")
    pool = build_pool(taught, recipe.recolours, recipe.captions_each, recipe.seed)
    captions = [text for texts in pool.captions for text in texts]
    tokenizer = _tokenizer(work, kept, captions, resume)

    def stage(name: str, model: torch.nn.Module, share: float) -> Stage:
        left = max(deadline - time.monotonic(), 0.0)
        made = Stage(
            name,
            model.to(device),
            peak=getattr(recipe, f"{name}_rate"),
            pictures=getattr(recipe, f"{name}_pictures"),
            batch=getattr(recipe, f"{name}_batch"),
            device=device,
            work=work,
            seed=recipe.seed,
            report=report,
            deadline=time.monotonic() + left * share if limit is not None else deadline,
        )
        if kept is not None:
            kept.fill(name, made)
        if resume:
            made.load()
        return made

    torch.manual_seed(recipe.seed)
    drawing = stage("autoencoder", parts.new_autoencoder(recipe.autoencoder_channels), 0.3)
    settled = kept is not None and kept.settled
    if not settled and not (work / "denoiser.pt").is_file():
        train_autoencoder(drawing, pool.pixels)
    autoencoder = _finished(drawing, None if settled else pool)

    torch.manual_seed(recipe.seed + 1)
    judging = stage("clip", Judge(len(tokenizer)).to(memory_format=torch.channels_last), 0.2)  # type: ignore[call-overload]
    kinds = [taught[index].subject.kind for index in pool.source]
    train_clip(judging, pool, kinds, tokenizer)

    torch.manual_seed(recipe.seed + 2)
    denoising = stage("denoiser", _new_denoiser(recipe, tokenizer), 0.97)
    if denoising.goes_on:  # else encoding the whole pool would be for nothing
        train_denoiser(denoising, encode_lessons(autoencoder, pool, tokenizer, recipe.seed))

    painting = stage("decoder", autoencoder.decoder, 1.0)
    train_decoder(painting, autoencoder.encoder, pool.pixels)
    painting.average.copy_to(autoencoder.decoder)
    held = [sprite.pixels for sprite in sprites if sprite.held_out] or [taught[0].pixels]
    report(f"autoencoder: {psnr(autoencoder, np.stack(held)):.1f} dB on held-out pictures")

    trained = (drawing, judging, denoising, painting)
    split = {
        "rule": RULE,
        "shadows": "cut",
        "trained": len(taught),
        "held_out": sorted(sprite.file_name for sprite in sprites if sprite.held_out),
        "recipe": asdict(recipe),
        "folders": [source.folder.name for source in sources],
        "pictures": content,
        "seen": {part.name: part.step * part.batch for part in trained},
    }
    authors = credits_text(sources, sprites)
    with averaged(denoising) as denoiser, averaged(judging) as judge:
        assert isinstance(denoiser, Denoiser) and isinstance(judge, Judge)
        save_bundle(
            autoencoder.cpu(), denoiser.cpu(), judge.cpu(), tokenizer, captions, split, authors, out
        )
    report(f"wrote {out}")


def _tokenizer(work: Path, kept: Kept | None, captions: list[str], resume: bool) -> CLIPTokenizer:
    if kept is not None:
        return CLIPTokenizer.from_pretrained(str(kept.folder / "tokenizer"))
    if resume and (work / "tokenizer" / "tokenizer.json").is_file():
        return CLIPTokenizer.from_pretrained(str(work / "tokenizer"))
    return train_tokenizer(captions, work / "tokenizer")


def _new_denoiser(recipe: Recipe, tokenizer: CLIPTokenizer) -> Denoiser:
    unet = parts.new_unet(recipe.unet_channels, recipe.text_width)
    text = parts.new_text_encoder(len(tokenizer), recipe.text_width, recipe.text_layers)
    # Plain matrix products: bf16 flash attention runs backward slowly on CPU at these sizes.
    unet.set_attn_processor(AttnProcessor())
    text.config._attn_implementation = "eager"
    return Denoiser(unet, text).to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def _finished(drawing: Stage, pool: Pool | None) -> AutoencoderTiny:
    """A copy of the averaged autoencoder whose latents over `pool` have mean 0 and deviation 1."""
    model = drawing.model
    assert isinstance(model, AutoencoderTiny)
    copy = AutoencoderTiny.from_config(model.config).to(drawing.device)
    copy.load_state_dict(model.state_dict())
    drawing.average.copy_to(copy)
    copy.eval()
    if pool is not None:
        fold_normalisation(copy, pool.pixels[:: max(1, len(pool.pixels) // 2048)])
    return copy


def _claim(work: Path, recipe: Recipe, content: str, resume: bool) -> None:
    """Makes sure that the checkpoints in `work` belong to these pictures and sizes."""
    shape = {
        key: value
        for key, value in asdict(recipe).items()
        if key != "time_limit_s" and not key.endswith("_pictures")
    }
    claim = json.loads(json.dumps({"recipe": shape, "dataset": content}))
    record = work / "recipe.json"
    if resume and record.is_file() and json.loads(record.read_text("utf-8")) != claim:
        raise StudioError(
            f"{work} holds checkpoints of another recipe or another dataset.",
            "Resume with the same recipe and pictures, name another work folder, "
            "or begin anew without resuming.",
        )
    if not resume:
        for name in PARTS:
            (work / f"{name}.pt").unlink(missing_ok=True)
    record.write_text(json.dumps(claim, indent=1) + "\n", "utf-8")
