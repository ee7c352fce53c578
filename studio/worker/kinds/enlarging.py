"""What enlarges in a job, made ready from plain values and files: the pipeline of a style or a base
with all that acts beside it, or an upscaling model."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio import images
from studio.diffusion import control_files
from studio.diffusion.controls import Control
from studio.generation import prompts, start_pictures
from studio.generation.style_drawing import Loaded
from studio.registry import models as registry
from studio.upscaling import models
from studio.upscaling.engine import Block, Engine, Step
from studio.upscaling.models import Model
from studio.upscaling.settings import Settings
from studio.worker.context import Context, Models
from studio.worker.kind import Input
from studio.worker.steps import digest
from studio.workflows import upscale_styles, upscaling, version_loading
from studio.workflows.model_kinds import table
from studio.workflows.model_kinds.kind import Drawer
from studio.workflows.upscaling import Wanted

if TYPE_CHECKING:
    from PIL import Image

    from studio.diffusion.ip_adapters import Reference

CONTROL, REFERENCE = "control", "reference"  # inputs
IP_ADAPTER, ENCODER, MODEL = "ip-adapter", "ip-adapter's encoder", "model"


@dataclass(frozen=True)
class Drawing:
    """What diffusion draws with: `name` is what the drawer loads, `others` the LoRAs beside the
    style's with the SHA-256 of their files, `words` are put before every prompt. `control` and
    `encoder_config` are of what the inputs of these names hold."""

    drawer: Drawer
    name: str
    others: tuple[tuple[str, str, float], ...]
    words: tuple[str, ...]
    control: Control | None
    encoder_config: str


@dataclass(frozen=True)
class Means:
    """All that enlarges: the pipeline, a model, both one after the other, or neither."""

    drawing: Drawing | None = None
    model: Model | None = None


@dataclass(frozen=True)
class Led:
    """An engine that puts the trigger words of all that acts before every prompt."""

    engine: Engine
    words: tuple[str, ...]

    @property
    def batch(self) -> int:
        return self.engine.batch

    def draw(self, blocks: Sequence[Block], step: Step) -> Sequence[Image.Image | None]:
        """See `studio.upscaling.engine.Engine`."""
        told = [
            replace(block, prompt=prompts.with_triggers(block.prompt, self.words))
            for block in blocks
        ]
        return self.engine.draw(told, step)


def means(context: Context, asked: Wanted) -> tuple[Means, dict[str, Input]]:
    """What enlarges by these settings, and its files by name; those of adapters by their hash."""
    studio, settings, inputs = context.studio, asked.settings, dict[str, Input]()
    model = None
    if upscaling.uses_model(settings):
        model = models.named(studio.home, settings.model)
        inputs[MODEL] = Input(model.hash, model.file)
    if asked.draws is None:
        return Means(None, model), inputs
    version = asked.draws.version
    drawer: Drawer
    if version is not None:
        drawer = table.drawer(studio, version)
        name = f"{version.style} version {version.number}"
    else:
        drawer, name = version_loading.BareBase(asked.draws.base), f"the base {asked.draws.base}"
    inputs |= {hash: Input(hash, file) for hash, file in drawer.files.items()}
    others = []
    for style, number, strength in settings.adapters:
        found = registry.get(studio.client, style, number)
        hash, file = version_loading.adapter_by_hash(studio, found)
        inputs[hash] = Input(hash, file)
        others.append((f"{style}-{number}", hash, strength))
    control, encoder_config = _controls(studio.home, asked, inputs)
    words = tuple(upscale_styles.trigger_words(studio, settings, asked.draws))
    drawing = Drawing(drawer, name, tuple(others), words, control, encoder_config)
    return Means(drawing, model), inputs


def _controls(home: Path, asked: Wanted, inputs: dict[str, Input]) -> tuple[Control | None, str]:
    """The ControlNet, and the IP-Adapter's encoder's configuration; their files are put among the
    inputs."""
    settings, base = asked.settings, asked.base
    control, encoder_config = None, ""
    if settings.controlnet:
        kept = control_files.named(home, settings.controlnet, base, control_files.CONTROLNET)
        files = control_files.files(home, kept)
        inputs[CONTROL] = Input(digest(files.weights), files.weights)
        control = Control(
            kept.kind,
            "",
            settings.control,
            settings.control_start,
            settings.control_end,
            json.dumps(dict(files.config)) if files.config else "",
        )
    if settings.reference:
        from studio.upscaling import diffusion_engine

        files = control_files.files(home, diffusion_engine.reference_adapter(home, base))
        inputs[IP_ADAPTER] = Input(digest(files.weights), files.weights)
        if files.encoder is not None:
            inputs[ENCODER] = Input(digest(files.encoder), files.encoder)
        encoder_config = json.dumps(dict(files.encoder_config))
        place = start_pictures.path(home, settings.reference)
        inputs[REFERENCE] = Input(settings.reference, place)
    return control, encoder_config


def draws(
    drawing: Drawing,
    settings: Settings,
    inputs: Mapping[str, Input],
    models: Models,
    say: Callable[[str], None],
) -> Led:
    """The pipeline, which stays loaded where it can, as what draws tiles."""
    from studio.upscaling import diffusion_engine

    def load() -> Loaded:
        say(f"Loading {drawing.name}.")
        return drawing.drawer({name: one.path for name, one in inputs.items()}, models.device)

    loaded = models.warm.get(drawing.name, load)
    control = drawing.control
    if control is not None:
        control = replace(control, model=str(inputs[CONTROL].path))
    engine = diffusion_engine.load(
        loaded.pipeline,
        settings,
        strength=settings.weight if settings.style else 0.0,
        others={name: (inputs[hash].path, value) for name, hash, value in drawing.others},
        control=control,
        reference=_reference(drawing, settings, inputs, loaded.matte),
    )
    return Led(engine, drawing.words)


def _reference(
    drawing: Drawing, settings: Settings, inputs: Mapping[str, Input], matte: str
) -> Reference | None:
    if not settings.reference:
        return None
    from studio.diffusion.ip_adapters import Reference

    return Reference(
        images.open_picture(inputs[REFERENCE].path),
        str(inputs[IP_ADAPTER].path),
        str(inputs[ENCODER].path) if ENCODER in inputs else "",
        drawing.encoder_config,
        settings.reference_scale,
        matte,
    )
