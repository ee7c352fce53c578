"""The jobs that draw: a prompt with a pipeline that stays loaded, or a whole list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio import images
from studio.context import Countdown, now, set_threads
from studio.diffusion import bundled_bases, team_bases
from studio.generation import start_pictures
from studio.generation import style_drawing as drawing
from studio.generation.gallery_table import Kept, record
from studio.generation.picture_files import read_made
from studio.generation.style_drawing import Loaded
from studio.registry import models
from studio.worker import payloads
from studio.worker.context import Context
from studio.workflows.version_loading import adapter_file, generated, load_version


def generate(context: Context, ask: payloads.Generate) -> dict[str, Any]:
    """Draw one prompt with a pipeline that stays loaded."""
    if ask.style:
        assert ask.version is not None  # the check at the door filled it in
        loaded, out = _style(context, ask.style, ask.version)
    else:
        loaded = context.warm.get(f"base {ask.base}", lambda: _bare(context, ask.base))
        out = context.studio.home / "generated" / "_base"
    wishes = [drawing.Wish(ask.prompt, ask.seed + k) for k in range(ask.count)]
    variants = list(range(1, len(wishes) + 1))
    return _drawn(context, ask, loaded, out, wishes, [""] * len(wishes), variants, context.step)


def batch(context: Context, ask: payloads.Batch) -> dict[str, Any]:
    """Draw a list; cut off, it goes on with what is missing."""
    assert ask.version is not None
    loaded, out = _style(context, ask.style, ask.version)
    assets = [payloads.read(payloads.Asset, values) for values in ask.assets]
    wishes = [drawing.Wish(a.prompt, a.seed + k) for a in assets for k in range(a.count)]
    names = [a.name for a in assets for _ in range(a.count)]
    variants = [k + 1 for a in assets for k in range(a.count)]
    return _drawn(context, ask, loaded, out, wishes, names, variants, None)


def _drawn(
    context: Context,
    ask: payloads.Generate | payloads.Batch,
    loaded: Loaded,
    out: Path,
    wishes: list[drawing.Wish],
    names: list[str],
    variants: list[int],
    step: Callable[[int, int], None] | None,
) -> dict[str, Any]:
    """Draw into a folder of the job's own, so that no other job's pictures are overwritten."""
    strength = loaded.strength if ask.strength is None else ask.strength
    clock = Countdown(context.report)
    out = out / str(context.job.id)
    home = context.studio.home

    def kept(first: int, files: list[Path]) -> None:
        """Into the gallery as they come, so that a job cut off leaves none behind unseen."""
        rows = [
            Kept(file, made, names[k], variants[k])
            for k, file in enumerate(files, first)
            if (made := read_made(file))
        ]
        job = context.job
        record(context.studio.engine, home, rows, by=job.asked_by, now=now(), job=job.id)

    files = drawing.draw(
        loaded,
        wishes,
        payloads.draw_of(ask),
        strength,
        out,
        clock.at,
        step,
        kept,
        _besides(context, ask),
    )
    pictures = [
        {
            "file": file.relative_to(context.studio.home).as_posix(),
            "name": name,
            "prompt": wish.prompt,
            "seed": wish.seed,
        }
        for file, name, wish in zip(files, names, wishes, strict=True)
    ]
    return {"style": loaded.style, "version": loaded.version, "pictures": pictures}


def _besides(context: Context, ask: payloads.Generate | payloads.Batch) -> drawing.Besides:
    """The other adapters and the picture to begin from, brought here."""
    studio = context.studio
    others = []
    for one in (payloads.read(payloads.Adapter, values) for values in ask.adapters):
        version = models.get(studio.client, one.style, one.version)
        file = adapter_file(studio, version)
        word = version.trigger_word
        others.append(drawing.Other(one.style, one.version, one.strength, word, file))
    if isinstance(ask, payloads.Batch) or not ask.start:
        return drawing.Besides(tuple(others))
    picture = images.open_picture(start_pictures.path(studio.home, ask.start))
    return drawing.Besides(tuple(others), picture, ask.start, ask.change)


def _style(context: Context, style: str, number: int) -> tuple[Loaded, Path]:
    """The version's pipeline and where its pictures lie."""
    version = models.get(context.studio.client, style, number)

    def load() -> Loaded:
        context.report(f"Loading {style} version {number}.")
        return load_version(context.studio, version)

    loaded = context.warm.get(f"{style} {number}", load)
    return loaded, generated(context.studio, version)


def _bare(context: Context, name: str) -> Loaded:
    """A base without any adapter; its pictures name it as version 0 of `base`."""
    from studio.diffusion import bases

    context.report(f"Loading the base {name}.")
    set_threads(context.studio.settings)
    device = bases.pick_device(context.studio.settings.device)
    found = bases.find_base(team_bases.place(context.studio.home, name))
    return Loaded(
        pipeline=bases.load_pipeline(found, device),
        style="base",
        version=0,
        base=name,
        run="",
        dataset="",
        trigger_word="",
        strength=0.0,
        matte="#808080",
        crisp=bundled_bases.find(name) is not None,
    )
