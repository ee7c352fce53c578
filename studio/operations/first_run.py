"""The main job on the bundled sample: import, train, evaluate, promote, generate; once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio import context
from studio.datasets.folder_import import import_folder
from studio.diffusion.sampling import Draw
from studio.errors import StudioError
from studio.generation import gallery_table, style_drawing
from studio.registry import models, stages
from studio.settings import CHECKOUT, Settings
from studio.training.config import load_config
from studio.workflows import evaluate, train
from studio.workflows.model_kinds import table
from studio.workflows.version_loading import generated

STYLE = "sample"
PROMPTS = (  # none of them was trained on
    "a teal potion",
    "a golden sword",
    "a white mushroom",
    "a red book",
    "a teal crown",
    "a golden shield",
)


def first_run(settings: Settings, report: Callable[[str], None]) -> dict[str, Any]:
    """Do what of the main job is not done yet; a second call finds all of it done."""
    studio = context.open_studio(settings)
    number = stages.production(studio.engine, STYLE)
    if number is None:
        number = _train_and_promote(studio, report)
    version = models.get(studio.client, STYLE, number)
    out = generated(studio, version)
    wishes = [style_drawing.Wish(prompt, 7) for prompt in PROMPTS]
    files = sorted(out.glob("*.png"))
    if len(files) < len(wishes):
        loaded = table.load(studio, version)
        files = style_drawing.draw(loaded, wishes, Draw(), loaded.strength, out)
    gallery_table.take_up(studio.engine, studio.home, by=settings.user)
    report(f"{STYLE} version {number} is in production; its pictures lie in {out}")
    return {"style": STYLE, "version": number, "files": [str(f) for f in files]}


def _train_and_promote(studio: context.Studio, report: Callable[[str], None]) -> int:
    for name, folder in ((STYLE, "train"), (f"{STYLE}-held-out", "held_out")):
        result = import_folder(
            studio.home,
            name,
            sample_folder(folder),
            now=context.now(),
            actor=studio.settings.user,
        )
        report(f"{name}@{result.version.version}: {len(result.version.pictures)} pictures")
    config = load_config("fast")
    found = models.list_versions(studio.client, STYLE)
    if found:
        number = found[0].number
    else:
        try:
            made = train.train_style(studio, STYLE, STYLE, config, report, resume=True)
        except StudioError:
            made = train.train_style(studio, STYLE, STYLE, config, report)
        number = made.number
    evaluate.evaluate_version(studio, STYLE, number, report, f"{STYLE}-held-out")
    stages.promote(
        studio.engine,
        studio.client,
        style=STYLE,
        number=number,
        to="production",
        actor=studio.settings.user,
        why="first run of the bundled sample",
        now=context.now(),
    )
    return number


def sample_folder(part: str) -> Path:
    """The bundled sample's `train` or `held_out` folder."""
    return CHECKOUT / "sample" / part
