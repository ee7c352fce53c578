"""Training a practice base's own tile ControlNet: it is shown a coarse copy of a picture and led to
draw the fine one.

Base, text encoder and autoencoder stay as they are; a fresh ControlNet changes nothing, so that
training begins at the base's own pictures. Zhang et al. 2023; half of the captions are dropped, as
there, so that it learns to look.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from studio.diffusion import torchvision_compat  # noqa: F401  (before diffusers)

from diffusers.models.attention_processor import AttnProcessor  # isort: skip

from studio.diffusion import bases, controls
from studio.diffusion.families import PRACTICE, family_of
from studio.errors import StudioError
from studio.pocket import control_pictures
from studio.pocket.corpus import Source, Sprite, read_sources
from studio.pocket.denoiser import step_shares
from studio.pocket.loop import Stage, averaged, half_precision
from studio.pocket.parts import new_scheduler
from studio.pocket.pool import Pool, build_pool
from studio.pocket.tokenizer import token_ids
from studio.store.publish import publishing

CHANNELS = 4  # RGBA
# One width more than the autoencoder halves a side: from_unet would take three halvings.
EMBEDDING = (16, 32, 64)
UNPROMPTED = 0.5
NAME = "control"
RECORD = "training.json"


@dataclass(frozen=True)
class Recipe:
    """Sizes and rates; `pictures` are what it sees in all."""

    pictures: int = 50_000
    batch: int = 32
    rate: float = 3e-4
    recolours: int = 6  # recoloured copies of each picture
    captions_each: int = 2
    seed: int = 0
    time_limit_s: float | None = None  # for this call; what is unfinished waits for the next


@dataclass(frozen=True)
class Base:
    """What stays: on the device, frozen."""

    vae: Any
    unet: Any
    text: Any
    tokenizer: Any


def train_control(
    sources: Sequence[Source],
    base: str,
    out: Path,
    work: Path,
    recipe: Recipe,
    *,
    device: str,
    resume: bool,
    report: Callable[[str], None],
) -> None:
    """Train it for the practice base of this name or folder on `sources`, and write it to `out` as
    diffusers' folder in fp16, whenever the call ends. Checkpoints lie in `work`; with `resume` they
    are gone on with. What the base never saw is not shown here either.

    StudioError where the base is no practice base, pictures can't be used, or `work` belongs to
    another training.
    """
    found = bases.find_base(base)
    if family_of(base) != PRACTICE:
        raise StudioError(f"{base} is no practice base.", "Name one, such as pocket.")
    folder = Path(found.path)
    sprites = _taught(read_sources(sources), folder)
    work.mkdir(parents=True, exist_ok=True)
    content = hashlib.sha256("".join(one.digest for one in sprites).encode()).hexdigest()
    _claim(work, recipe, content, folder, resume)
    limit = recipe.time_limit_s
    deadline = time.monotonic() + limit if limit is not None else float("inf")
    report(f"{len(sprites)} pictures to train on")
    pool = build_pool(sprites, recipe.recolours, recipe.captions_each, recipe.seed)
    frozen = _frozen(bases.load_pipeline(found, torch.device(device), "no"))
    torch.manual_seed(recipe.seed)
    net = controls.fresh(frozen.unet, CHANNELS, EMBEDDING)
    net.set_attn_processor(AttnProcessor())
    stage = Stage(
        NAME,
        net.to(device).to(memory_format=torch.channels_last),
        peak=recipe.rate,
        pictures=recipe.pictures,
        batch=recipe.batch,
        device=device,
        work=work,
        seed=recipe.seed,
        report=report,
        deadline=deadline,
    )
    if resume:
        stage.load()
    if stage.goes_on:
        stage.run(_lesson(stage, frozen, pool))
    told = {
        "recipe": asdict(replace(recipe, time_limit_s=None)),
        "seen": stage.step * stage.batch,
        "pictures": content,
        "base": _hash(folder),
    }
    with averaged(stage) as trained:
        _write(trained, told, out)
    report(f"wrote {out}, after {told['seen']:,} pictures")


def _lesson(stage: Stage, base: Base, pool: Pool) -> Callable[[], torch.Tensor]:
    """The loss of the next batch: v-prediction, as the base was taught, but led."""
    device, random = stage.device, stage.random
    alphas = new_scheduler().alphas_cumprod.to(device)
    signal, noise_share = alphas.sqrt(), (1 - alphas).sqrt()
    often = step_shares(signal, noise_share).cumsum(0)
    pixels = torch.from_numpy(pool.pixels)
    cumulative = torch.from_numpy(pool.weight).to(device).cumsum(0)
    said, first, count = _captions(base.tokenizer, pool, device)
    empty = torch.tensor(token_ids(base.tokenizer, [""])[0], device=device)

    def draw(shape: tuple[int, ...]) -> torch.Tensor:
        return torch.rand(shape, generator=random, device=device)

    def loss() -> torch.Tensor:
        n = stage.batch
        pick = torch.searchsorted(cumulative, draw((n,)).double() * cumulative[-1])
        pick = pick.clamp_max(len(cumulative) - 1)
        shown = control_pictures.varied(pixels[pick.cpu()].to(device), draw)
        coarse = control_pictures.coarse(shown, draw)
        row = first[pick] + (draw((n,)) * count[pick]).long()
        silent = draw((n,)) < UNPROMPTED
        ids = torch.where(silent[:, None], empty[None], said[row])
        offset = (torch.arange(n, device=device) + draw((n,))) / n
        steps = torch.searchsorted(often, offset).clamp_max(len(alphas) - 1)
        with _precision(device):
            with torch.no_grad():
                clean = base.vae.encoder(control_pictures.to_latents(shown)).float()
                words = base.text(ids).last_hidden_state
            noise = torch.randn(clean.shape, generator=random, device=device)
            a, s = signal[steps].view(-1, 1, 1, 1), noise_share[steps].view(-1, 1, 1, 1)
            noisy = a * clean + s * noise
            down, middle = stage.model(
                noisy, steps, words, control_pictures.to_control(coarse), return_dict=False
            )
            v = base.unet(
                noisy,
                steps,
                words,
                down_block_additional_residuals=down,
                mid_block_additional_residual=middle,
            ).sample
        return F.mse_loss(v.float(), a * noise - s * clean)

    return loss


def _taught(sprites: list[Sprite], folder: Path) -> list[Sprite]:
    """Those that training may see: what the base's own record holds out stays out, too."""
    try:
        told = json.loads((folder / "split.json").read_text("utf-8"))
        held = set(told.get("held_out", ()))
    except (OSError, ValueError, AttributeError):
        held = set()
    found = [one for one in sprites if not one.held_out and one.file_name not in held]
    if not found:
        raise StudioError("No picture is left to train on.", "Give more pictures.")
    return found


def _captions(
    tokenizer: Any, pool: Pool, device: str
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Token ids of all captions, and for each picture which are its own: the first, and how
    many."""
    counts = torch.tensor([len(texts) for texts in pool.captions])
    texts = [text for of_one in pool.captions for text in of_one]
    known = {text: row for row, text in enumerate(dict.fromkeys(texts))}
    rows = torch.tensor(token_ids(tokenizer, list(known)), dtype=torch.int64)
    said = rows[[known[text] for text in texts]]
    return said.to(device), (counts.cumsum(0) - counts).to(device), counts.to(device)


def _frozen(pipeline: Any) -> Base:
    # Plain matrix products and this order of numbers: as in the base's own training.
    pipeline.unet.set_attn_processor(AttnProcessor())
    pipeline.unet.to(memory_format=torch.channels_last)
    parts = Base(pipeline.vae, pipeline.unet, pipeline.text_encoder, pipeline.tokenizer)
    for model in (parts.vae, parts.unet, parts.text):
        model.requires_grad_(False)
        model.eval()
    return parts


@contextmanager
def _precision(device: str) -> Iterator[None]:
    """bf16 where the machine multiplies it at once; elsewhere it takes twice as long as fp32."""
    if torch.device(device).type == "cpu" and not matrix_units():
        yield
        return
    with half_precision(device):
        yield


def matrix_units() -> bool:
    """Whether this processor has units for products of bf16 matrices."""
    known = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    asked = (getattr(torch.cpu, name, None) for name in known)
    return any(bool(ask()) for ask in asked if ask is not None)


def _write(net: nn.Module, told: dict[str, Any], out: Path) -> None:
    kept = in_half(net)
    with publishing(out, errors=(RuntimeError,)) as aside:
        kept.save_pretrained(str(aside), safe_serialization=True)
        (aside / RECORD).write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def in_half(net: Any) -> Any:
    """The same net in fp16, by itself."""
    kept = type(net).from_config(net.config)
    kept.load_state_dict(net.state_dict())
    return kept.to(dtype=torch.float16)


def _claim(work: Path, recipe: Recipe, content: str, folder: Path, resume: bool) -> None:
    """Make sure that the checkpoint in `work` belongs to these pictures, this base and recipe."""
    shape = asdict(recipe)
    for name in ("pictures", "time_limit_s"):
        shape.pop(name)
    claim = {"recipe": shape, "dataset": content, "base": _hash(folder)}
    record = work / f"{NAME}.json"
    if resume and record.is_file() and json.loads(record.read_text("utf-8")) != claim:
        raise StudioError(
            f"{work} holds checkpoints of another recipe, base or dataset.",
            "Resume with the same ones, name another work folder, or begin anew.",
        )
    if not resume:
        (work / f"{NAME}.pt").unlink(missing_ok=True)
    record.write_text(json.dumps(claim, indent=1) + "\n", "utf-8")


def _hash(folder: Path) -> str:
    """Of the weights that it is trained for."""
    digest = hashlib.sha256()
    for part in ("unet", "text_encoder", "vae"):
        for file in sorted((folder / part).glob("*.safetensors")):
            digest.update(file.read_bytes())
    return digest.hexdigest()
