"""What crosses domains: data set -> training -> registry -> evaluation -> generation."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio import db, images, mlflow_store
from studio.accounts.rights import check
from studio.datasets import versions as datasets
from studio.diffusion import sampling, schedules
from studio.errors import StudioError
from studio.evaluation import prompts as prompt_sets
from studio.evaluation import sheet as sheets
from studio.generation import batch
from studio.generation.prompts import with_trigger, without_trigger
from studio.registry import models, stages
from studio.settings import Settings

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
    tracking: mlflow_store.Tracking

    @property
    def home(self) -> Path:
        return self.settings.home


def open_studio(settings: Settings) -> Studio:
    """Open database and MLflow, making both on the first call."""
    settings.home.mkdir(parents=True, exist_ok=True)
    settings.artifacts.mkdir(parents=True, exist_ok=True)
    engine = db.open_database(settings.home, settings.database_url)
    tracking = mlflow_store.tracking(
        settings.home, settings.artifacts, settings.mlflow_uri, settings.database_url
    )
    return Studio(settings, engine, mlflow_store.connect(tracking), tracking)


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


def load_version(studio: Studio, version: models.Version) -> batch.Loaded:
    """Base and adapter of a version, ready to draw."""
    set_threads(studio.settings)
    loaded = batch.load(
        version.tags.get("base_name", version.base),
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
    )
    schedules.as_trained(
        loaded.pipeline,
        version.tags.get("prediction_type", "auto"),
        version.tags.get("zero_terminal_snr") == "yes",
    )
    return loaded


def evaluate_version(
    studio: Studio, style: str, number: int, report: Report, against: str = ""
) -> dict[str, float]:
    """Draw the version's sheet and measure it against the data set, or another one `against`.

    KID and its kin compare with `against` (pictures that training never saw, where there are
    some); the nearest training picture is always looked for in the version's own data set.
    """
    from studio.diffusion import adapters
    from studio.evaluation import figures

    check(studio.settings.user, "evaluate")
    version = models.get(studio.client, style, number)
    trained = datasets.load(studio.home, version.dataset, version.dataset_digest)
    name, _, wanted = against.partition("@")
    reference = datasets.load(studio.home, name, wanted or None) if against else trained
    prompt_set = prompt_sets.load(studio.home, style)
    loaded = load_version(studio, version)
    asked = [(p, s) for p in prompt_set.prompts for s in prompt_set.seeds]
    seeds = [s for _, s in asked]
    texts = [with_trigger(p, version.trigger_word) for p, _ in asked]
    plain = [without_trigger(p, version.trigger_word) for p, _ in asked]

    def told(side: str) -> Callable[[int, int], None]:
        return lambda done, all: report(f"{side}: {done}/{all} pictures")

    adapters.set_strength(loaded.pipeline, 0.0)
    base = sampling.draw_pictures(loaded.pipeline, plain, seeds, sampling.Draw(), told("base"))
    adapters.set_strength(loaded.pipeline, version.strength)
    drawn = sampling.draw_pictures(loaded.pipeline, texts, seeds, sampling.Draw(), told(style))
    report("measuring")
    found = figures.measure(
        base=base,
        version=drawn,
        texts=plain,
        real=_pictures(studio, reference, loaded),
        train=_pictures(studio, trained, loaded),
        train_texts=[without_trigger(p.caption, version.trigger_word) for p in trained.pictures],
        held_out=reference.digest != trained.digest,
        matte=images.parse_colour(loaded.matte),
        fid_weights=studio.settings.fid_weights,
    )
    folder = sheets.folder_of(studio.home, style, number)
    nearest = [(trained.pictures[k].hash, alike) for k, alike in found.nearest]
    sheets.write_sheet(folder, style, number, prompt_set.version, asked, base, drawn, nearest)
    tags = {"prompts": prompt_set.version, "against": f"{reference.name}@{reference.version}"}
    told_of = found.figures | _posed(studio, version, loaded, trained, folder)
    models.set_metrics(studio.client, version, told_of, tags)
    studio.client.log_artifacts(version.run_id, str(folder), "sheet")
    return told_of


def _posed(
    studio: Studio, version: models.Version, loaded: batch.Loaded,
    trained: datasets.DatasetVersion, folder: Path,
) -> dict[str, float]:  # fmt: skip
    """Where one character was learned: its sheet of poses in `folder`, and how alike it is."""
    from studio.diffusion import adapters
    from studio.evaluation import likeness

    who = version.params.get("instance_prompt", "")
    if not who:
        return {}
    asked = likeness.prompts(who)
    texts = [with_trigger(prompt, version.trigger_word) for prompt in asked]
    seeds = [likeness.SEED] * len(asked)
    drawn = sampling.draw_pictures(loaded.pipeline, texts, seeds, sampling.Draw())
    adapters.set_strength(loaded.pipeline, 0.0)
    base = sampling.draw_pictures(loaded.pipeline, asked, seeds, sampling.Draw())
    adapters.set_strength(loaded.pipeline, version.strength)
    likeness.keep(folder, base, drawn)
    real = _pictures(studio, trained, loaded)
    return likeness.figures(drawn, base, real, images.parse_colour(loaded.matte))


def _pictures(studio: Studio, version: datasets.DatasetVersion, loaded: batch.Loaded) -> list[Any]:
    """A data set's pictures at the size that the base draws."""
    from studio.diffusion import bases

    size = version.look.size or bases.native_size(loaded.pipeline)
    return [
        images.scaled(picture, size, version.look.filter)
        for _, picture in datasets.open_version_pictures(studio.home, version)
    ]


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
