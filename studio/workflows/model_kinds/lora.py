"""The kind of model that trainings make: a LoRA on a base, with a trigger word and a strength."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.context import Studio
from studio.diffusion import schedules, team_bases
from studio.generation import style_drawing
from studio.registry.models import LORA as NAME
from studio.registry.models import Version
from studio.settings import Settings
from studio.tracking import flavor
from studio.workflows import version_loading
from studio.workflows.model_kinds.kind import SETTINGS, Evaluator, Fact, ModelKind


def _evaluator(studio: Studio, version: Version, against: str) -> Evaluator:
    from studio.workflows import evaluate_inputs  # pages know the kinds, too, and measure nothing

    return evaluate_inputs.evaluator(studio, version, against)


def _facts(studio: Studio, version: Version) -> list[Fact]:
    base = version.tags.get("base_name", version.base)
    weights = version.tags.get(version_loading.BASE_HASH, "")
    notes = version.tags.get(version_loading.NOTES, "")
    return [
        Fact("Trigger word", version.trigger_word or "none", typed=True),
        Fact("Strength as trained", f"{version.strength:g}"),
        Fact(
            "Base",
            f"{base}, licence {version.tags.get('base_licence', 'unknown')}, commercial use "
            f"{version.tags.get('base_commercial_use', 'unknown')}",
        ),
        *([Fact("The base's weights", f"SHA-256 {weights}")] if weights else []),
        *([Fact("Brought in", notes)] if notes else []),
    ]


def _warnings(studio: Studio, version: Version) -> list[str]:
    said = version_loading.other_base(studio, version)
    return [said] if said else []


def _downloads(version: Version) -> dict[str, str]:
    address = f"/download/adapter/{version.style}/{version.number}"
    return {"Adapter for diffusers": address, "for ComfyUI, A1111": f"{address}?layout=kohya"}


def _written(folder: Path, told: Mapping[str, str]) -> tuple[Any, dict[str, Any]]:
    return flavor, {
        "adapter_path": str(folder),
        "base_model": told["base"],
        "strength": float(told["strength"]),
        "pip_requirements": flavor.requirements(),
    }


def _serve(folder: Path, about: Mapping[str, Any], settings: Settings) -> style_drawing.Loaded:
    """At the base's own size, and the version's number is not known in its files."""
    loaded = style_drawing.load(
        team_bases.place(settings.home, about.get("base_name") or about["base"]),
        folder / version_loading.FILE,
        settings.device,
        style=about["style"],
        version=0,
        run=about["run"],
        dataset=about["dataset"],
        trigger_word=about["trigger_word"],
        strength=float(about["strength"]),
        matte=about.get("matte", "#808080"),
        crisp=about.get("filter") == "nearest",
    )
    schedules.as_trained(
        loaded.pipeline,
        about.get("prediction_type", "auto"),
        about.get("zero_terminal_snr") == "yes",
    )
    return loaded


LORA = ModelKind(
    name=NAME,
    label="LoRA",
    about="a LoRA on the base below. The studio puts the trigger word into prompts by itself.",
    evaluator=_evaluator,
    facts=_facts,
    drawer=version_loading.drawer,
    serve=_serve,
    files=(version_loading.FILE,),
    written=_written,
    takes=SETTINGS,
    has_base=True,
    size=version_loading.trained_size,
    downloads=_downloads,
    warnings=_warnings,
)
