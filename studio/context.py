"""An opened studio: its settings, database and MLflow; and the time, threads and room it has."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from studio.database import engine as db
from studio.errors import StudioError
from studio.images import formats
from studio.outbox import opening
from studio.settings import Settings
from studio.store import local, private
from studio.tracking import moved_folder
from studio.tracking.client import Tracking, connect, prepare, when_asked
from studio.tracking.client import tracking as tracking_of

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from sqlalchemy import Engine

Report = Callable[[str], None]


class Progress(str):
    """A line for people that says, as data too, how far a piece of work is: `done` of `total`
    things of the kind `unit`, in a `phase` of the whole."""

    done: int
    total: int
    unit: str
    phase: str

    def __new__(cls, line: str, done: int, total: int, unit: str, phase: str = "") -> Progress:
        made = super().__new__(cls, line)
        made.done, made.total, made.unit, made.phase = done, total, unit, phase
        return made


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
    """Open the database, making it on the first call, and MLflow's. MLflow itself is loaded and
    asked when something is first asked of `client`: many commands never do."""
    engine, tracking = open_records(settings)

    def connected() -> MlflowClient:
        client = connect(tracking)
        from studio.tracking import bucket_repository  # MLflow is loaded by now

        bucket_repository.use(engine, tracking)
        return client

    prepare(tracking)
    return Studio(settings, engine, when_asked(connected), tracking)


def open_records(settings: Settings) -> tuple[Engine, Tracking]:
    """The studio's database, made on the first call, and where MLflow's records are. They name its
    files where they lie now, even where the folder was moved; MLflow itself is not loaded."""
    settings.home.mkdir(parents=True, exist_ok=True)
    settings.artifacts.mkdir(parents=True, exist_ok=True)
    private.tighten(settings.artifacts)
    engine = db.open_database(settings.home, settings.database_url)
    tracking = tracking_of(
        settings.home,
        settings.artifacts,
        settings.mlflow_uri,
        settings.database_url,
        settings.store,
    )
    try:
        moved_folder.leave_unused(engine, tracking)
        opening.opened(engine, settings.home, settings.store, now())
        formats.when_gone(local.present)
        moved_folder.follow(engine, tracking, now())
    except BaseException:
        engine.dispose()
        raise
    return engine, tracking


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


def free_room(home: Path) -> int:
    """Bytes free where the studio keeps its things."""
    folder = home
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


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
        line = f"{done}/{all} pictures, {clock(spent / done * (all - done))} left"
        self.report(Progress(line, done, all, "pictures", "drawing"))
