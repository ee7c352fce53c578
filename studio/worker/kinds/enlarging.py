"""What enlarges in a job, made ready from plain values and files: the pipeline of a style or a base
with all that acts beside it, or an upscaling model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from studio import images
from studio.context import Studio
from studio.diffusion import control_files
from studio.diffusion.controls import Control
from studio.diffusion.ip_adapters import Reference
from studio.generation import prompts, start_pictures
from studio.generation.style_drawing import Loaded
from studio.registry import models as registry
from studio.upscaling import diffusion_engine, models
from studio.upscaling.engine import Block, Engine, Step
from studio.upscaling.models import Model
from studio.upscaling.settings import Settings
from studio.worker.context import Context, Models
from studio.worker.kind import Input
from studio.workflows import control_inputs, upscale_styles, upscaling, version_loading
from studio.workflows.control_inputs import Named
from studio.workflows.model_kinds import table
from studio.workflows.model_kinds.kind import Drawer
from studio.workflows.upscaled_files import About
from studio.workflows.upscaling import Wanted

if TYPE_CHECKING:
    from PIL import Image

REFERENCE, MODEL = "reference", "model"  # inputs


@dataclass(frozen=True)
class Drawing:
    """What diffusion draws with: `name` is what the drawer loads, `others` the LoRAs beside the
    style's with the SHA-256 of their files, `words` are put before every prompt; the ControlNet and
    the IP-Adapter that the settings name."""

    drawer: Drawer
    name: str
    others: tuple[tuple[str, str, float], ...]
    words: tuple[str, ...]
    control: Named | None
    reference: Named | None


@dataclass(frozen=True)
class Means:
    """All that enlarges: the pipeline, a model, both one after the other, or neither."""

    drawing: Drawing | None = None
    model: Model | None = None


@dataclass(frozen=True)
class Task:
    """What is enlarged, by what, and what the result says of itself."""

    settings: Settings
    means: Means
    about: About


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
        if model.source == "own":  # others are installed wherever the studio is
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
    control, reference = _led_by(studio, asked, inputs)
    words = tuple(upscale_styles.trigger_words(studio, settings, asked.draws))
    return Means(Drawing(drawer, name, tuple(others), words, control, reference), model), inputs


def _led_by(
    studio: Studio, asked: Wanted, inputs: dict[str, Input]
) -> tuple[Named | None, Named | None]:
    """The ControlNet and the IP-Adapter; their files, and the reference picture, are put among the
    inputs."""
    settings, base, home = asked.settings, asked.base, studio.home
    control: Named | None = None
    reference: Named | None = None
    if settings.controlnet:
        kept = control_files.named(home, settings.controlnet, base, control_files.CONTROLNET)
        control, files = control_inputs.named(studio, kept)
        inputs |= {hash: Input(hash, file) for hash, file in files.items()}
    if settings.reference:
        kept = diffusion_engine.reference_adapter(home, base, settings.ip_adapter)
        reference, files = control_inputs.named(studio, kept)
        inputs |= {hash: Input(hash, file) for hash, file in files.items()}
        place = start_pictures.path(home, settings.reference)
        inputs[REFERENCE] = Input(settings.reference, place)
    return control, reference


def draws(
    drawing: Drawing,
    settings: Settings,
    inputs: Mapping[str, Input],
    models: Models,
    say: Callable[[str], None],
) -> Led:
    """The pipeline, which stays loaded where it can, as what draws tiles."""
    files = {name: one.path for name, one in inputs.items()}

    def load() -> Loaded:
        say(f"Loading {drawing.name}.")
        return drawing.drawer(files, models.device)

    loaded = models.warm.get(drawing.name, load)
    control: Control | None = None
    if drawing.control is not None:
        acts = (settings.control, settings.control_start, settings.control_end)
        control = control_inputs.control(drawing.control, files, *acts)
    reference: Reference | None = None
    if drawing.reference is not None:
        seen = images.open_result(files[REFERENCE])
        scale = settings.reference_scale
        reference = control_inputs.reference(drawing.reference, files, seen, scale, loaded.matte)
    engine = diffusion_engine.load(
        loaded.pipeline,
        settings,
        strength=settings.weight if settings.style else 0.0,
        others={name: (files[hash], value) for name, hash, value in drawing.others},
        control=control,
        reference=reference,
    )
    return Led(engine, drawing.words)
