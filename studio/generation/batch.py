"""Drawing with a style: a loaded base and adapter, and batches that go on where they stopped."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from studio import images
from studio.diffusion import adapters, bases, sampling
from studio.generation import gallery, prompts
from studio.generation.gallery import Made


@dataclass(frozen=True)
class Loaded:
    """A pipeline with the style's adapter, and what its pictures will name."""

    pipeline: Any
    style: str
    version: int
    base: str
    run: str
    dataset: str
    trigger_word: str
    strength: float
    matte: str
    crisp: bool


@dataclass(frozen=True)
class Wish:
    """One prompt with its seed, as asked for."""

    prompt: str
    seed: int


def draw(
    loaded: Loaded,
    wishes: Sequence[Wish],
    draw: sampling.Draw,
    strength: float,
    out: Path,
    progress: Callable[[int, int], None] | None = None,
    step: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Draw what `out` does not hold yet; each finished part is kept before the next begins.

    `progress` is told pictures done and asked for; `step` as in `sampling.draw_pictures`.
    """
    adapters.set_strength(loaded.pipeline, strength)
    files: list[Path] = []
    for start in range(0, len(wishes), sampling.BATCH):
        part = wishes[start : start + sampling.BATCH]
        planned = [(file_name(loaded, w, start + i), _made(loaded, w, draw, strength))
                   for i, w in enumerate(part)]  # fmt: skip
        missing = [p for p in planned if gallery.read_made(out / f"{p[0]}.png") != p[1]]
        # A batch keeps its shape: redrawing all of a part gives the same pixels as the first time.
        if missing:
            drawn = sampling.draw_pictures(
                loaded.pipeline,
                [m.full_prompt for _, m in planned],
                [m.seed for _, m in planned],
                draw,
                step=step,
            )
            for (name, made), picture in zip(planned, drawn, strict=True):
                finished = with_alpha(picture, loaded)
                if picture.mode != "RGBA":
                    gallery.keep(out / "untouched", name, picture, made)
                gallery.keep(out, name, finished, made)
        files += [out / f"{name}.png" for name, _ in planned]
        if progress:
            progress(min(start + len(part), len(wishes)), len(wishes))
    return files


def with_alpha(picture: Image.Image, loaded: Loaded) -> Image.Image:
    """RGBA: the base's own alpha, hard-edged for pixel art, or the matte cut out."""
    if picture.mode != "RGBA":
        return images.cut_out(picture.convert("RGB"), images.parse_colour(loaded.matte))
    return crisp(picture) if loaded.crisp else picture


def crisp(picture: Image.Image) -> Image.Image:
    """Alpha snapped to 0 or 255 at one half, as pixel art has it."""
    clear = picture.copy()
    clear.putalpha(picture.getchannel("A").point([0] * 128 + [255] * 128))
    return clear


def file_name(loaded: Loaded, wish: Wish, index: int) -> str:
    """A file name that says style, version, prompt and seed; one a batch."""
    plain = prompts.without_trigger(wish.prompt, loaded.trigger_word).lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "picture"
    return f"{loaded.style}-v{loaded.version}-{words}-{wish.seed}-{index:04d}"


def _made(loaded: Loaded, wish: Wish, draw: sampling.Draw, strength: float) -> Made:
    return Made(
        style=loaded.style,
        version=loaded.version,
        base=loaded.base,
        run=loaded.run,
        dataset=loaded.dataset,
        prompt=wish.prompt,
        full_prompt=prompts.with_trigger(wish.prompt, loaded.trigger_word),
        negative=draw.negative,
        seed=wish.seed,
        steps=draw.steps,
        guidance=float(draw.guidance),
        strength=float(strength),
    )


def load(base: str, adapter: Path, device: str, **about: Any) -> Loaded:
    """Load base and adapter once, for many pictures. `about` fills the other fields of Loaded."""
    found = bases.find_base(base)
    pipeline = bases.load_pipeline(found, bases.pick_device(device))
    adapters.attach(pipeline, adapter)
    return Loaded(pipeline=pipeline, base=base, **about)
