"""Training a GAN: from a dataset's version, or a folder of frames, to a registered candidate.

`begin` notes a run in MLflow and what it is to learn, `gan_learning.learn` trains, `apply` writes
what it tells on its way into MLflow, and `register` makes it a version.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from studio.accounts.rights import check
from studio.context import Report, Studio, check_style, now
from studio.datasets import versions as datasets
from studio.datasets import withdrawals
from studio.errors import StudioError
from studio.finishing.recipe import written
from studio.gan import settings as all_settings
from studio.gan.settings import GanSettings
from studio.jobs.emit import Answer, Event
from studio.registry import models, registration
from studio.store import contents
from studio.store.publish import publish
from studio.tracking import bucket_files, runs
from studio.tracking.client import experiment
from studio.tracking.runs import check_open
from studio.training.runs import surroundings
from studio.workflows import recipes, version_loading
from studio.workflows.gan_task import ABOUT, MADE, Task
from studio.workflows.model_kinds.gan import FILE, GAN, NAME

RECORD = "gan.json"  # as `training.disk_cleanup` knows it
FROM_FOLDERS = "import from server folders"  # the right that reading one wants
ENDING = ".safetensors"


@dataclass(frozen=True)
class Begun:
    """A training that is noted: its run, the folder that it computes in, and what it learns."""

    run: str
    place: Path
    task: Task


def asked(
    studio: Studio,
    style: str,
    settings: Mapping[str, Any],
    dataset: str = "",
    folder: str = "",
    before: str = "",
) -> Task:
    """What is to be learned, looked at: from the dataset NAME[@VERSION], a folder, or where neither
    is said the settings' train_dir. `before` is an earlier GAN, STYLE:VERSION or a file.

    StudioError where it can't be learned from so.
    """
    check(studio.settings.user, "train")
    check_style(style)
    found = all_settings.load((name, value, name) for name, value in settings.items())
    if dataset and folder:
        raise StudioError("Both a dataset and a folder were given.", "Give one of them.")
    if dataset:
        name, _, wanted = dataset.partition("@")
        version = datasets.load(studio.home, name, wanted or None)
        withdrawals.check_usable(studio.home, version)
        return Task(style, found, version, before=before)
    place = folder or found.train_dir
    if not place:
        raise StudioError(
            "There is nothing to learn from.",
            "Give --dataset NAME, --folder DIR, or train_dir in the file.",
        )
    check(studio.settings.user, FROM_FOLDERS)
    path = Path(place).expanduser()
    if not path.is_dir():
        raise StudioError(f"There is no folder {place}.", "Give the full path of a folder.")
    return Task(style, found, None, str(path.resolve()), before)


def earlier(studio: Studio, before: str) -> tuple[str, Path] | None:
    """The file of an earlier GAN, STYLE:VERSION or a path, by its SHA-256; None for ""."""
    if not before:
        return None
    style, _, number = before.rpartition(":")
    if re.fullmatch("[0-9]{1,9}", number) and style:
        version = models.get(studio.client, style, int(number))
        if version.kind != NAME:
            raise StudioError(f"{before} is no GAN.", "Give a version of kind GAN.")
        file = version_loading.own_files(studio, version) / FILE
    else:
        check(studio.settings.user, FROM_FOLDERS)
        file = Path(before).expanduser()
        if file.suffix.lower() != ENDING:  # what is in it the computation looks at
            raise StudioError(
                f"{before} is no {ENDING} file.",
                "Pickled weights can run programs and are never opened. Give a GAN's file.",
            )
        if not file.is_file():
            raise StudioError(f"There is no file {before}.", "Give the path of a GAN's file.")
    return contents.digest_of(file), file


def begin(studio: Studio, task: Task, device: str, report: Report, mark: str = "") -> Begun:
    """Note a training; killed before it was noted, the same `mark` begins the same run again."""
    settings, said = on_this_machine(task.settings, device)
    for sentence in said:
        report(sentence)
    task = replace(task, settings=settings)
    version = task.version
    named = f"{version.name}@{version.version}" if version else ""
    where = experiment(studio.client, studio.tracking, task.style)
    run = runs.begin(
        studio.client,
        where,
        f"{task.style} GAN {now():%Y-%m-%d %H:%M}",
        {
            "studio.user": studio.settings.user,
            "studio.kind": NAME,
            "dataset": named,
            "folder": task.folder,
            **surroundings(studio.settings),
        },
        _said(all_settings.as_params(settings)),
        mark,
    )
    place = place_of(studio.home, task.style, run)
    place.mkdir(parents=True, exist_ok=True)
    record = {
        "run": run,
        "settings": all_settings.as_params(settings),
        "dataset": version.digest if version else "",
        "named": named or task.folder,
        "device": device,
    }
    publish(place / RECORD, json.dumps(record, indent=1))
    return Begun(run, place, task)


def place_of(home: Path, style: str, run: str) -> Path:
    """The folder of a training."""
    return home / "runs" / style / run


def on_this_machine(settings: GanSettings, device: str) -> tuple[GanSettings, list[str]]:
    """The settings that a device can do, and a sentence for each that was replaced."""
    said = []
    if settings.optimizer == "adam8bit" and device != "cuda":
        said.append(f"8-bit Adam needs CUDA; on {device} Adam is used.")
        settings = replace(settings, optimizer="adam")
    if settings.precision == "fp16" and device == "cpu":
        said.append("fp16 training needs a GPU; on cpu fp32 is used.")
        settings = replace(settings, precision="fp32")
    if settings.compile and device == "cpu":
        said.append("Nothing is compiled on cpu: it would need a compiler and gains little.")
        settings = replace(settings, compile=False)
    return settings, said


def apply(
    studio: Studio,
    run: str,
    place: Path,
    event: Event,
    tell: Callable[[Callable[[], object]], None],
) -> Answer:
    """Write what a training tells into MLflow, by `tell`; again, nothing doubles."""
    client, body = studio.client, event.body
    if event.kind in ("figures", "check"):
        values = body["values"] if event.kind == "figures" else body["figures"]
        tell(partial(_log, client, run, int(body["step"]), int(body["at"]), dict(values)))
    elif event.kind in ("batch", "grid"):
        file = place / str(body["file"])
        folder = "grids" if event.kind == "grid" else ""
        if file.is_file():
            tell(partial(client.log_artifact, run, str(file), folder or None))
    elif event.kind == "kept":
        for name, value in body.items():
            tell(partial(client.set_tag, run, name, value))
    return "go on"


def _log(client: Any, run: str, step: int, at: int, values: dict[str, float]) -> None:
    from mlflow.entities import Metric

    client.log_batch(run, metrics=[Metric(name, value, at, step) for name, value in values.items()])


def register(studio: Studio, style: str, run: str) -> models.Version:
    """Make a finished training's generator the next version of its style, a candidate; once."""
    check(studio.settings.user, "train")
    folder = place_of(studio.home, style, run)
    try:
        about = json.loads((folder / ABOUT).read_text())
    except (OSError, ValueError) as error:
        raise StudioError(
            f"This training of {style} has not come to its end.", "Wait for it, or go on with it."
        ) from error
    check_open(studio.client, run, f"this training of {style}")
    for before in models.list_versions(studio.client, style):
        if before.run_id == run:
            return _finished(studio, folder, run, before)
    made = registration.register(
        studio.client,
        kind=GAN,
        style=style,
        run_id=run,
        folder=folder / MADE,
        dataset=about["dataset"],
        dataset_digest=about["dataset_digest"],
        params=_said(about["settings"]),
        tags=_said(about["tags"]),
        served=_served(studio, style, about),
        arrived=partial(bucket_files.await_up, studio.engine, studio.tracking),
    )
    return _finished(studio, folder, run, made)


def _said(values: Mapping[str, str]) -> dict[str, str]:
    """Those that say something: MLflow takes no empty ones."""
    return {name: value for name, value in values.items() if value}


def _served(studio: Studio, style: str, about: dict[str, Any]) -> dict[str, str]:
    """The recipe by which other programs that load the version finish its pictures."""
    name, digest = about["dataset"], about["dataset_digest"]
    side = int(about["tags"]["trained_size"])
    found = recipes.at_registration(studio, style, name, digest, side) if name else None
    return {recipes.SERVED: written(found)} if found else {}


def _finished(studio: Studio, folder: Path, run: str, made: models.Version) -> models.Version:
    (folder / "done").write_text(str(made.number))
    studio.client.set_terminated(run, "FINISHED")
    return made
