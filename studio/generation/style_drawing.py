"""Drawing with a style: a loaded base and adapter, and batches that go on where they stopped."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from studio.diffusion import (
    adapters,
    bases,
    families,
    prompt_tokens,
    sampling,
    sizes,
    vocabulary,
)
from studio.diffusion.sizes import Size
from studio.generation import delivery, masks, picture_files, prompts, raw_pictures
from studio.generation.picture_files import Made

if TYPE_CHECKING:
    from studio.diffusion import img2img
    from studio.diffusion.controls import Lead
    from studio.diffusion.ip_adapters import Reference


NOTED = 5  # prompts that are told of
Step = Callable[[int, int], None]
Forming = Callable[[Image.Image], None]
# Of a kind of model that has no pipeline: a picture for each text and seed.
Draws = Callable[[Sequence[str], Sequence[int], sampling.Draw, Step | None], list[Image.Image]]


@dataclass(frozen=True)
class Loaded:
    """What draws, and what its pictures will name: a pipeline with the style's adapter, or
    `draws`. `size` is a side in pixels that is drawn unless another is asked for; None: the base's
    own. `finishing` None: edges are hard where it is `crisp`, as before styles had recipes."""

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
    size: int | None = None
    draws: Draws | None = None
    finishing: delivery.Finishing | None = None

    @property
    def recipe(self) -> str:
        """The mark of the recipe that its pictures are finished by, "" for none."""
        return self.finishing.mark if self.finishing else ""

    def finish(self, picture: Image.Image) -> Image.Image:
        """A picture as the model gave it, RGB or RGBA, as people get it."""
        return self._finished(picture, self.finishing.whole if self.finishing else None)

    def finish_texture(self, picture: Image.Image, way: str) -> Image.Image:
        """The same of one that repeats over the edges of `way` (of `seamless.WAYS`)."""
        texture = self.finishing.texture if self.finishing else None
        return self._finished(picture, (lambda clear: texture(clear, way)) if texture else None)

    def finish_part(self, picture: Image.Image) -> Image.Image:
        """The same of one of which a part is put back into another picture."""
        return self._finished(picture, self.finishing.part if self.finishing else None)

    def _finished(self, picture: Image.Image, finish: delivery.Finish | None) -> Image.Image:
        clear = delivery.clear(picture, self.matte)
        if finish is not None:
            return finish(clear)
        return delivery.crisp(clear) if self.crisp and picture.mode == "RGBA" else clear


@dataclass(frozen=True)
class Wish:
    """One prompt with its seed, as asked for."""

    prompt: str
    seed: int


@dataclass(frozen=True)
class Other:
    """The adapter of another version, which acts beside the style's own."""

    style: str
    version: int
    strength: float
    trigger_word: str
    file: Path

    @property
    def name(self) -> str:
        """What the pipeline calls it."""
        return f"{self.style}-{self.version}"


@dataclass(frozen=True)
class Besides:
    """What shapes a picture beside prompt and style: other adapters, a picture to begin from.

    `start_hash` is that picture's name in the studio; `change` how much of it may change; `mask`,
    grey and of its size, and `mask_hash` tell where. What is black in it stays as it is. `leads`
    and `reference` are what the pictures say of those that led them, and of the one that they took
    after (`picture_files.Made`); `led` and `after` the same at hand.
    """

    others: tuple[Other, ...] = ()
    start: Image.Image | None = None
    start_hash: str = ""
    change: float = 0.0
    mask: Image.Image | None = None
    mask_hash: str = ""
    leads: tuple[dict[str, Any], ...] = ()
    reference: dict[str, Any] = field(default_factory=dict)
    led: tuple[Lead, ...] = ()
    after: Reference | None = None


NOTHING = Besides()


def pictures(
    loaded: Loaded,
    texts: Sequence[str],
    seeds: Sequence[int],
    draw: sampling.Draw,
    strength: float,
    step: Step | None = None,
    besides: Besides = NOTHING,
    captions: bool = False,
    forming: Forming | None = None,
) -> list[Image.Image]:
    """A picture for each text and seed, as the model gives it; `step`, `captions` and `forming` as
    in `sampling.draw_pictures`. What has no pipeline has no use for `strength` and `besides`."""
    if loaded.draws is not None:
        return loaded.draws(texts, seeds, draw, step)
    adapters.attach_only(loaded.pipeline, {one.name: one.file for one in besides.others})
    acting = {one.name: one.strength for one in besides.others}
    adapters.set_strength(loaded.pipeline, strength, acting)
    start = _start(loaded, besides)
    return sampling.draw_pictures(
        loaded.pipeline,
        list(texts),
        list(seeds),
        draw,
        step=step,
        start=start,
        captions=captions,
        forming=forming,
        leads=besides.led,
        reference=besides.after,
    )


def draw(
    loaded: Loaded,
    wishes: Sequence[Wish],
    draw: sampling.Draw,
    strength: float,
    out: Path,
    progress: Callable[[int, int], None] | None = None,
    step: Step | None = None,
    kept: Callable[[int, list[Path]], None] | None = None,
    besides: Besides = NOTHING,
    place: int = 0,
    forming: Forming | None = None,
) -> list[Path]:
    """Draw what `out` does not hold yet; each finished part is kept before the next begins.

    `progress` is told pictures done and asked for; `step` and `forming` as in
    `sampling.draw_pictures`; `kept` each finished part's files and the place of the first among the
    wishes. `place` is that of the first wish among all that go into the folder.
    """
    draw = draw.sized(loaded.size)
    files: list[Path] = []
    for start in range(0, len(wishes), sampling.BATCH):
        part = wishes[start : start + sampling.BATCH]
        told = [made_of(loaded, wish, draw, strength, besides) for wish in part]
        planned = [
            (file_name(made, loaded.trigger_word, draw, place + start + i), made)
            for i, made in enumerate(told)
        ]
        missing = [p for p in planned if picture_files.read_made(out / f"{p[0]}.png") != p[1]]
        # A batch keeps its shape, since redrawing all of a part gives the same pixels as the first
        # time; what is there already is not written again.
        if missing:
            texts, seeds = [m.full_prompt for _, m in planned], [m.seed for _, m in planned]
            drawn = pictures(loaded, texts, seeds, draw, strength, step, besides, forming=forming)
            for (name, made), picture in zip(planned, drawn, strict=True):
                if (name, made) not in missing:
                    continue
                if draw.fill:  # what a matte would be cut out of
                    picture = picture.convert("RGBA")
                if besides.start is not None and besides.mask is not None:
                    new, hard = loaded.finish_part(picture), loaded.crisp
                    finished = masks.put_back(besides.start, new, besides.mask, hard)
                else:
                    way = draw.seamless
                    finished = (
                        loaded.finish_texture(picture, way) if way else loaded.finish(picture)
                    )
                if not delivery.same(picture, finished):
                    raw_pictures.keep(out, name, picture, made)
                text = loaded.finishing.text if loaded.finishing else ""
                picture_files.keep(out, name, finished, made, text)
        files += [out / f"{name}.png" for name, _ in planned]
        if kept:
            kept(start, files[start:])
        if progress:
            progress(min(start + len(part), len(wishes)), len(wishes))
    return files


def file_name(made: Made, trigger_word: str, draw: sampling.Draw, index: int) -> str:
    """A file name that says style, version, prompt and seed, the place in the batch, and in six
    letters all other settings: a picture drawn otherwise never takes the place of this one."""
    # One number for a square, as it was before width and height were apart: those are found, too.
    square = draw.width == draw.height
    size = draw.width if square else [draw.width, draw.height]
    plain = prompts.without_trigger(made.prompt, trigger_word).lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain)[:40].strip("-") or "picture"
    settings = json.dumps([picture_files.recipe_of(made), size], sort_keys=True)
    mark = hashlib.sha256(settings.encode()).hexdigest()[:6]
    return f"{made.style}-v{made.version}-{words}-{made.seed}-{index:04d}-{mark}"


def _start(loaded: Loaded, besides: Besides) -> img2img.Start | None:
    if besides.start is None:
        return None
    from studio.diffusion.img2img import Start

    scaling = "nearest" if loaded.crisp else "lanczos"
    return Start(besides.start, besides.change, loaded.matte, scaling, besides.mask)


def made_of(
    loaded: Loaded, wish: Wish, draw: sampling.Draw, strength: float, besides: Besides
) -> Made:
    others = besides.others
    full = full_prompt(loaded, wish.prompt, besides)
    reader = reader_of(loaded)
    return Made(
        style=loaded.style,
        version=loaded.version,
        base=loaded.base,
        run=loaded.run,
        dataset=loaded.dataset,
        prompt=wish.prompt,
        full_prompt=full,
        negative=draw.negative,
        seed=wish.seed,
        steps=draw.steps,
        guidance=float(draw.guidance),
        strength=float(strength),
        adapters=tuple(
            {"style": one.style, "version": one.version, "strength": float(one.strength)}
            for one in others
        ),
        start=besides.start_hash,
        change=float(besides.change),
        reading=prompt_tokens.taken(reader, full, draw.negative) if reader else {},
        mask=besides.mask_hash,
        finish=loaded.recipe,
        seamless=draw.seamless,
        fill=draw.fill,
        leads=besides.leads,
        reference=besides.reference,
    )


def notes(loaded: Loaded, wishes: Sequence[Wish], draw: sampling.Draw) -> list[str]:
    """Sentences about a size and prompts that are not drawn as they stand, or not at once: each
    once, of at most NOTED prompts."""
    if loaded.draws is not None or not loaded.base:
        return []
    reader = reader_of(loaded)
    found = _of_size(loaded, draw)
    found += prompt_tokens.said(reader, draw.negative, "The negative prompt")
    found += vocabulary.said(loaded.base, draw.negative)
    told = {wish.prompt: full_prompt(loaded, wish.prompt) for wish in wishes}
    of_each = []
    for text, full in told.items():
        own = prompts.without_trigger(text, loaded.trigger_word)
        if said := prompt_tokens.said(reader, full) + vocabulary.said(loaded.base, own):
            of_each.append((text, said))
    for text, said in of_each[:NOTED]:
        found += said if len(told) == 1 else [f"{text[:40]!r}: {sentence}" for sentence in said]
    if len(of_each) > NOTED:
        found.append(f"So it is with {len(of_each) - NOTED:,} more prompts.")
    return list(dict.fromkeys(found))


def _of_size(loaded: Loaded, draw: sampling.Draw) -> list[str]:
    if draw.width is None and draw.height is None:
        return []
    side = usual_side(loaded)
    return sizes.remarks(Size(draw.width or side, draw.height or side), side)


def usual_side(loaded: Loaded) -> int:
    """Pixels a side that it draws unless another size is asked for."""
    known = loaded.pipeline is not None
    native = bases.native_size(loaded.pipeline) if known else families.native_side(loaded.base)
    return loaded.size or native


def full_prompt(loaded: Loaded, prompt: str, besides: Besides = NOTHING) -> str:
    """What the base is given: the prompt with the trigger words of all that acts."""
    others = [one.trigger_word for one in besides.others if one.trigger_word and one.strength]
    return prompts.with_triggers(prompt, [loaded.trigger_word, *others])


def reader_of(loaded: Loaded) -> prompt_tokens.Reader | None:
    """What parts its prompts into tokens; None where nothing on this machine tells, and for what
    draws without a pipeline and takes texts as they stand."""
    if loaded.pipeline is not None:
        return prompt_tokens.of_pipeline(loaded.pipeline)
    has_base = loaded.draws is None and loaded.base
    return prompt_tokens.of_base(loaded.base) if has_base else None


def load(base: str, adapter: Path, device: str, *, size: int | None = None, **about: Any) -> Loaded:
    """Load base and adapter once, for many pictures. `about` fills the other fields of Loaded."""
    found = bases.find_base(base)
    pipeline = bases.load_pipeline(found, bases.pick_device(device))
    adapters.attach(pipeline, adapter)
    if size == bases.native_size(pipeline):
        size = None
    return Loaded(pipeline=pipeline, base=base, size=size, **about)
