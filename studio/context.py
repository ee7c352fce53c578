"""What crosses domains: dataset -> training -> registry -> evaluation -> generation."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.database import engine as db
from studio.diffusion import own, schedules
from studio.errors import StudioError
from studio.generation import batch
from studio.registry import models, stages
from studio.settings import Settings
from studio.tracking.client import Tracking, connect
from studio.tracking.client import tracking as tracking_of

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from sqlalchemy import Engine

Report = Callable[[str], None]


@dataclass(frozen=True)
class Studio:
    """An opened studio: settings, the studio's database and MLflow."""

    settings: Settings
    engine: Engine
    client: MlflowClient
    tracking: Tracking

    @property
    def home(self) -> Path:
        return self.settings.home


def open_studio(settings: Settings) -> Studio:
    """Open database and MLflow, making both on the first call."""
    settings.home.mkdir(parents=True, exist_ok=True)
    settings.artifacts.mkdir(parents=True, exist_ok=True)
    engine = db.open_database(settings.home, settings.database_url)
    tracking = tracking_of(
        settings.home, settings.artifacts, settings.mlflow_uri, settings.database_url
    )
    return Studio(settings, engine, connect(tracking), tracking)


def now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


def set_threads(settings: Settings) -> None:
    """Give torch its thread budget."""
    import torch

    if settings.threads:
        torch.set_num_threads(settings.threads)


def check_style(style: str) -> str:
    """The style's name, or StudioError: it names a registered model, folders and files."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", style):
        raise StudioError(
            f"{style!r} is no name for a style.", "Use a-z, 0-9, - and _, at most 63 characters."
        )
    return style


def adapter_file(studio: Studio, version: models.Version) -> Path:
    """The version's safetensors on this machine, fetched once."""
    cache = studio.home / "cache" / "adapters"
    folder = models.adapter_folder(studio.client, version, cache)
    return folder / "pytorch_lora_weights.safetensors"


def base_of(studio: Studio, version: models.Version) -> str:
    """The base of a version by its name, which is where it lies now."""
    return own.place(studio.home, version.tags.get("base_name", version.base))


def load_version(studio: Studio, version: models.Version) -> batch.Loaded:
    """Base and adapter of a version, ready to draw."""
    set_threads(studio.settings)
    loaded = batch.load(
        base_of(studio, version),
        adapter_file(studio, version),
        studio.settings.device,
        style=version.style,
        version=version.number,
        run=version.run_id,
        dataset=f"{version.dataset}@{version.dataset_digest[:12]}",
        trigger_word=version.trigger_word,
        strength=version.strength,
        matte=version.tags.get("matte", "#808080"),
        crisp=version.tags.get("filter") == "nearest",
        size=trained_size(version),
    )
    schedules.as_trained(
        loaded.pipeline,
        version.tags.get("prediction_type", "auto"),
        version.tags.get("zero_terminal_snr") == "yes",
    )
    return loaded


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


def free_room(home: Path) -> int:
    """Bytes free where the studio keeps its things."""
    folder = home
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def as_record(version: models.Version) -> dict[str, Any]:
    """A version as plain values for `--json`."""
    return asdict(version)


def clock(seconds: float) -> str:
    """A length of time as minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


class Countdown:
    """Tells how many pictures are done and how long the rest will take."""

    def __init__(self, report: Report) -> None:
        self.report, self.began = report, now()

    def at(self, done: int, all: int) -> None:
        """`done` of `all` pictures are there."""
        spent = (now() - self.began).total_seconds()
        self.report(f"{done}/{all} pictures, {clock(spent / done * (all - done))} left")
