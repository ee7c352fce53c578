"""A registered version at hand: its file, its base, ready to draw, and which is in production."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from studio.context import Studio, set_threads
from studio.diffusion import bundled_bases, schedules, team_bases
from studio.errors import StudioError
from studio.generation import style_drawing
from studio.registry import models, stages


def adapter_file(studio: Studio, version: models.Version) -> Path:
    """The version's safetensors on this machine, fetched once."""
    cache = studio.home / "cache" / "adapters"
    folder = models.adapter_folder(studio.client, version, cache)
    return folder / "pytorch_lora_weights.safetensors"


def base_of(studio: Studio, version: models.Version) -> str:
    """The base of a version by its name, which is where it lies now."""
    return team_bases.place(studio.home, version.tags.get("base_name", version.base))


@dataclass(frozen=True)
class Drawer:
    """How a version is made ready to draw, in plain values and files on this machine; `base` is a
    place that `find_base` knows, `about` the other fields of `style_drawing.Loaded`."""

    style: str
    version: int
    base: str
    adapter: Path
    size: int | None
    prediction_type: str
    zero_terminal_snr: bool
    about: dict[str, Any]

    def load(self, device: str) -> style_drawing.Loaded:
        """Base and adapter on `device`, as STUDIO_DEVICE has it."""
        loaded = style_drawing.load(
            self.base,
            self.adapter,
            device,
            size=self.size,
            style=self.style,
            version=self.version,
            **self.about,
        )
        schedules.as_trained(loaded.pipeline, self.prediction_type, self.zero_terminal_snr)
        return loaded


def drawer(studio: Studio, version: models.Version) -> Drawer:
    """How a version draws; its file is fetched where it is not here yet."""
    return Drawer(
        version.style,
        version.number,
        base_of(studio, version),
        adapter_file(studio, version),
        trained_size(version),
        version.tags.get("prediction_type", "auto"),
        version.tags.get("zero_terminal_snr") == "yes",
        {
            "run": version.run_id,
            "dataset": f"{version.dataset}@{version.dataset_digest[:12]}",
            "trigger_word": version.trigger_word,
            "strength": version.strength,
            "matte": version.tags.get("matte", "#808080"),
            "crisp": version.tags.get("filter") == "nearest",
        },
    )


def load_version(studio: Studio, version: models.Version) -> style_drawing.Loaded:
    """Base and adapter of a version, ready to draw."""
    set_threads(studio.settings)
    return drawer(studio, version).load(studio.settings.device)


def bare(base: str, device: str) -> style_drawing.Loaded:
    """A base without any adapter; its pictures name it as version 0 of `base`."""
    from studio.diffusion import bases

    found = bases.find_base(base)
    name = found.name
    return style_drawing.Loaded(
        pipeline=bases.load_pipeline(found, bases.pick_device(device)),
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


def trained_size(version: models.Version) -> int | None:
    """Pixels a side that the version learned at, as it can be drawn; None where that is not
    known, as of adapters from elsewhere."""
    said = version.tags.get("trained_size") or version.params.get("resolution", "")
    size = int(said) if said.isdigit() else 0
    return max(8, min(size - size % 8, 2048)) if size else None


def in_production(studio: Studio, style: str) -> models.Version:
    """The version in production, or StudioError saying how to get one there."""
    number = stages.production(studio.engine, style)
    if number is None:
        known = models.styles(studio.client)
        raise StudioError(
            f"{style} has nothing in production.",
            f"Promote a version: python -m studio promote {style} VERSION production --why ..."
            if style in known
            else f"Known styles: {', '.join(known) or 'none'}.",
        )
    return models.get(studio.client, style, number)


def generated(studio: Studio, version: models.Version) -> Path:
    """Where pictures of a version lie unless told otherwise; Home shows them from there."""
    return studio.home / "generated" / version.style / f"v{version.number}"


def as_record(version: models.Version) -> dict[str, Any]:
    """A version as plain values for `--json`."""
    return asdict(version)
