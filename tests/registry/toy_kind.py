"""A kind of model of the tests' own, in this one file: a flat colour for each seed, without torch.

A test knows it once it stands in the table: `monkeypatch.setitem(table.KINDS, FLAT.name, FLAT)`.
"""

from __future__ import annotations

import colorsys
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from studio.context import Report, Studio
from studio.diffusion.sampling import Draw
from studio.evaluation import contact_sheet, prompt_sets
from studio.evaluation.prompt_sets import PromptSet
from studio.generation.style_drawing import Loaded, Step, pictures
from studio.registry import registration
from studio.registry.models import Version
from studio.settings import Settings
from studio.tracking.client import experiment
from studio.workflows.model_kinds.kind import Drawer, Evaluated, Evaluator, Fact, ModelKind
from studio.workflows.version_loading import own_files

SIDE, FILE = 16, "hue.json"


def drawer(file: Path, style: str, number: int, run: str) -> Loaded:
    """Draws hues around that of the file, by the seed."""
    hue = float(json.loads(file.read_text())["hue"])

    def draws(
        texts: Sequence[str], seeds: Sequence[int], draw: Draw, step: Step | None
    ) -> list[Image.Image]:
        told = [colorsys.hsv_to_rgb(hue + seed % 7 / 50, 1, 1) for seed in seeds]
        size = (draw.width or SIDE, draw.height or SIDE)
        return [
            Image.new("RGBA", size, tuple(round(255 * c) for c in one) + (255,)) for one in told
        ]

    return Loaded(
        pipeline=None,
        style=style,
        version=number,
        base="",
        run=run,
        dataset="",
        trigger_word="",
        strength=1.0,
        matte="#808080",
        crisp=False,
        draws=draws,
    )


@dataclass(frozen=True)
class FlatDrawer:
    """Reads the file whose SHA-256 is `hue`."""

    hue: str
    files: Mapping[str, Path]
    style: str
    number: int
    run: str

    def __call__(self, files: Mapping[str, Path], device: str) -> Loaded:
        return drawer(files[self.hue], self.style, self.number, self.run)


def _drawer(studio: Studio, version: Version) -> Drawer:
    file = own_files(studio, version) / FILE
    hue = hashlib.sha256(file.read_bytes()).hexdigest()
    return FlatDrawer(hue, {hue: file}, version.style, version.number, version.run_id)


def _serve(folder: Path, about: Mapping[str, Any], settings: Settings) -> Loaded:
    return drawer(folder / FILE, about["style"], 0, about["run"])


@dataclass(frozen=True)
class FlatEvaluator:
    """Draws the prompts in its file's hues; the figures are about their colours."""

    drawer: Drawer
    prompts: PromptSet
    hashes: tuple[str, ...] = ()

    @property
    def files(self) -> Mapping[str, Path]:
        return self.drawer.files

    def __call__(
        self, files: Mapping[str, Path], folder: Path, device: str, report: Report
    ) -> Evaluated:
        loaded, asked = self.drawer(files, device), self.prompts
        cells = [(prompt, seed) for prompt in asked.prompts for seed in asked.seeds]
        texts, seeds = [text for text, _ in cells], [seed for _, seed in cells]
        drawn = pictures(loaded, texts, seeds, Draw(), 1.0)
        spread = float(np.std([np.asarray(one)[0, 0, :3] for one in drawn], axis=0).mean())
        name = (loaded.style, loaded.version, asked.version)
        contact_sheet.write_sheet(folder, *name, cells, [], drawn)
        report(f"{len(drawn)} pictures")
        figures = {"pictures": float(len(drawn)), "palette_distance": spread}
        return Evaluated(figures, {"prompts": asked.version})


def _evaluator(studio: Studio, version: Version, against: str) -> Evaluator:
    asked = prompt_sets.build_prompt_set(version.style, [], count=2)
    prompt_sets.save(studio.home, asked)
    return FlatEvaluator(_drawer(studio, version), asked)


def _facts(studio: Studio, version: Version) -> list[Fact]:
    return [Fact("Hue", version.tags["hue"], typed=True), Fact("Sides", f"{SIDE} pixels")]


FLAT = ModelKind(
    name="flat",
    label="Flat colour",
    about="one flat colour for each seed.",
    evaluator=_evaluator,
    facts=_facts,
    drawer=_drawer,
    serve=_serve,
    files=(FILE,),
    compares=False,
)


def flat(
    studio: Studio, folder: Path, style: str = "walls", hue: float = 0.5, **told: Any
) -> Version:
    """Register a new version of `style` that draws around the hue; `folder` is for its file."""
    folder.mkdir(exist_ok=True)
    (folder / FILE).write_text(json.dumps({"hue": hue}))
    run = studio.client.create_run(experiment(studio.client, studio.tracking, style))
    given = {"dataset": "", "dataset_digest": "", "params": {}, **told}
    return registration.register(
        studio.client,
        kind=FLAT,
        style=style,
        run_id=run.info.run_id,
        folder=folder,
        tags={"hue": str(hue)},
        **given,
    )
