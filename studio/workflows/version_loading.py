"""A registered version at hand: its file, its base, ready to draw, and which is in production."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from studio.context import Studio, set_threads
from studio.diffusion import base_weights, bundled_bases, schedules, team_bases
from studio.errors import StudioError
from studio.generation import style_drawing
from studio.numbers import counted
from studio.registry import models, stages
from studio.store import known_hashes

logger = logging.getLogger(__name__)

FILE = "pytorch_lora_weights.safetensors"  # that a LoRA's version has
BASE_HASH = "base_hash"  # tag of a LoRA's version: what its base's weights were
NOTES = "notes"  # tag of a brought-in one: what is left out of its file or has no effect
SHOWN = 12  # letters of a hash


def own_files(studio: Studio, version: models.Version) -> Path:
    """The folder with the version's own files on this machine, fetched once."""
    return models.version_folder(studio.client, version, studio.home / "cache" / "adapters")


def adapter_file(studio: Studio, version: models.Version) -> Path:
    """A LoRA's safetensors on this machine, fetched once."""
    return own_files(studio, version) / FILE


def adapter_by_hash(studio: Studio, version: models.Version) -> tuple[str, Path]:
    """The same with its SHA-256."""
    file = adapter_file(studio, version)
    with known_hashes.reading(studio.home) as known:
        return known.read(file), file


def base_of(studio: Studio, version: models.Version) -> str:
    """The base of a version by its name, which is where it lies now."""
    return team_bases.place(studio.home, version.tags.get("base_name", version.base))


def base_hash(studio: Studio, base: str) -> dict[str, str]:
    """The tag that tells a base's weights by their hash; none where they are not on this machine.

    Reads them, once for as long as the files stay as they are."""
    found = base_weights.weights_hash(studio.home, base)
    return {BASE_HASH: found} if found else {}


def other_base(studio: Studio, version: models.Version) -> str:
    """A sentence where the base here has other weights than the version's had; else empty, as long
    as they were not read, and for versions that do not know their base's."""
    told = version.tags.get(BASE_HASH, "")
    here = base_weights.known_hash(studio.home, base_of(studio, version)) if told else ""
    if here in ("", told):
        return ""
    name = version.tags.get("base_name", version.base)
    return (
        f"The base {name} here has other weights (SHA-256 {here[:SHOWN]}…) than {version.style} "
        f"version {version.number} was made for ({told[:SHOWN]}…). It draws, and its pictures may "
        "differ from those that were judged. Put the base of then back; where this is the same one "
        "in another form, as a single file or in another precision, little differs."
    )


@dataclass(frozen=True)
class LoraDrawer:
    """How a LoRA's version is made ready to draw. `base` is a place that `find_base` knows,
    `adapter` the file's SHA-256, `about` what `style_drawing.Loaded` says of the version."""

    base: str
    adapter: str
    files: Mapping[str, Path]
    size: int | None
    prediction_type: str
    zero_terminal_snr: bool
    about: dict[str, Any]

    def __call__(self, files: Mapping[str, Path], device: str) -> style_drawing.Loaded:
        """Base and adapter on `device`, as STUDIO_DEVICE has it."""
        adapter = files[self.adapter]
        loaded = style_drawing.load(self.base, adapter, device, size=self.size, **self.about)
        schedules.as_trained(loaded.pipeline, self.prediction_type, self.zero_terminal_snr)
        return loaded


def drawer(studio: Studio, version: models.Version) -> LoraDrawer:
    """How a LoRA's version draws; its file is fetched where it is not here yet. Another base than
    it was made for is said in the log."""
    base = base_of(studio, version)
    if BASE_HASH in version.tags:
        base_weights.weights_hash(studio.home, base)
        if said := other_base(studio, version):
            logger.warning("%s", said)
    hash, file = adapter_by_hash(studio, version)
    return LoraDrawer(
        base,
        hash,
        {hash: file},
        trained_size(version),
        version.tags.get("prediction_type", "auto"),
        version.tags.get("zero_terminal_snr") == "yes",
        _about(version),
    )


def load_version(studio: Studio, version: models.Version) -> style_drawing.Loaded:
    """Base and adapter of a LoRA's version, ready to draw."""
    set_threads(studio.settings)
    made = drawer(studio, version)
    return made(made.files, studio.settings.device)


@dataclass(frozen=True)
class BareBase:
    """A base without any adapter; its pictures name it as version 0 of `base`."""

    place: str
    files: Mapping[str, Path] = field(default_factory=dict)

    def __call__(self, files: Mapping[str, Path], device: str) -> style_drawing.Loaded:
        """The base on `device`, as STUDIO_DEVICE has it."""
        from studio.diffusion import bases

        found = bases.find_base(self.place)
        return style_drawing.Loaded(
            pipeline=bases.load_pipeline(found, bases.pick_device(device)),
            style="base",
            version=0,
            base=found.name,
            run="",
            dataset="",
            trigger_word="",
            strength=0.0,
            matte="#808080",
            crisp=bundled_bases.find(found.name) is not None,
        )


def unloaded(studio: Studio, version: models.Version) -> style_drawing.Loaded:
    """What `load_version` gives, but for the pipeline: what the version's pictures will name."""
    base, size = base_of(studio, version), trained_size(version)
    return style_drawing.Loaded(pipeline=None, base=base, size=size, **_about(version))


def _about(version: models.Version) -> dict[str, Any]:
    return {
        "style": version.style,
        "version": version.number,
        "run": version.run_id,
        "dataset": f"{version.dataset}@{version.dataset_digest[:12]}",
        "trigger_word": version.trigger_word,
        "strength": version.strength,
        "matte": version.tags.get("matte", "#808080"),
        "crisp": version.tags.get("filter") == "nearest",
    }


def trained_size(version: models.Version) -> int | None:
    """Pixels a side that the version learned at, as it can be drawn; None where that is not
    known, as of adapters from elsewhere."""
    said = version.tags.get("trained_size") or version.params.get("resolution", "")
    size = counted(said) or 0
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
