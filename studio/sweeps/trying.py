"""A sweep from its first trial to its last: each is a training, and a child of one MLflow run.

Cut off, it goes on with the trial that it was at, from that training's own checkpoint.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from studio import db, mlflow_store, teaching, workflows
from studio.accounts.rights import check
from studio.datasets import versions as datasets
from studio.errors import StudioError
from studio.registry import models
from studio.sweeps import ranges, study
from studio.sweeps.study import Trial
from studio.training import choice, heldout, runs
from studio.training.choice import Check
from studio.training.config import TrainConfig, load_config

RECORD = "sweep.json"
FAILING = 3  # trials in a row that may fail


@dataclass(frozen=True)
class Wish:
    """What a sweep is asked for: TrainConfig's `settings` and, of some of them, the `ranges` to
    try as texts."""

    style: str
    dataset: str
    preset: str
    settings: dict[str, Any]
    ranges: dict[str, str]
    trials: int


@dataclass(frozen=True)
class Sweep:
    """A sweep by its folder; `id` is its MLflow run, `trials` how many are wanted, `at` when it
    began (ISO, UTC)."""

    id: str
    folder: Path
    wish: Wish
    at: str
    by: str


def checked(home: Path, wish: Wish) -> tuple[TrainConfig, dict[str, ranges.Range]]:
    """The settings and the ranges, or StudioError: something must be held out to compare by."""
    workflows.check_style(wish.style)
    ranges.check_trials(wish.trials)
    found = ranges.parse(wish.ranges)
    config = load_config(wish.preset, None, wish.settings)
    name, _, wanted = wish.dataset.partition("@")
    version = datasets.load(home, name, wanted or None)
    own = sum(not picture.added for picture in version.pictures)
    if own < heldout.FEWEST:
        raise StudioError(
            f"{name} has {own} pictures: too few to hold some out and compare trials by them.",
            f"Bring at least {heldout.FEWEST} in.",
        )
    if not config.held_out:
        raise StudioError(
            "A sweep compares its trials by pictures that they did not learn from, and none is "
            "held out.",
            "Set “Held out” (held_out) to 0.1.",
        )
    return config, found


def sweep(
    studio: workflows.Studio,
    wish: Wish,
    report: workflows.Report,
    *,
    go_on: str = "",
    began: Callable[[str], None] = lambda id: None,
) -> Sweep:
    """Train trial after trial until as many as wanted have ended; none becomes a version yet.

    With `go_on` that sweep is gone on with. `began` is told its id. Raises StudioError where
    FAILING trials in a row fail.
    """
    check(studio.settings.user, "train")
    config, tried = checked(studio.home, wish)
    found = read(studio.home, wish.style, go_on) if go_on else _begin(studio, wish)
    began(found.id)
    opened = study.Study(found.folder, config.seed)
    if ranges.most(tried) < wish.trials:
        report(f"These values differ in {ranges.most(tried):.0f} ways: no more trials are made.")
    try:
        failing = 0
        while True:
            ended = [one for one in opened.tried() if one.state != "running"]
            if len(ended) >= min(wish.trials, ranges.most(tried)):
                break
            trial = opened.next(tried)
            said = ", ".join(f"{name} {value:.3g}" for name, value in trial.values.items())
            report(f"Trial {trial.number}/{wish.trials}: {said}.")
            try:
                _one(studio, found, trial, ranges.chosen(config, trial.values), report)
                failing = 0
            except StudioError as error:
                report(f"Trial {trial.number} failed: {error.message}")
                trial.failed(f"{error.message} {error.remedy}")
                if trial.run:
                    studio.client.set_terminated(trial.run, "FAILED")
                failing += 1
                if failing == FAILING:
                    studio.client.set_terminated(found.id, "FAILED")
                    raise StudioError(
                        f"{FAILING} trials in a row failed. The last: {error.message}",
                        error.remedy,
                    ) from error
        best = min((one for one in ended if one.state == "done"), key=_loss, default=None)
        if best is not None:
            report(f"Trial {best.number} has the lowest held-out loss: {best.loss:.4f}.")
            studio.client.set_tag(found.id, "best_trial", str(best.number))
        studio.client.set_terminated(found.id, "FINISHED")
    finally:
        opened.close()
    return found


def _one(
    studio: workflows.Studio,
    found: Sweep,
    trial: Trial,
    config: TrainConfig,
    report: workflows.Report,
) -> None:
    """Train one trial, or go on with it, and note how it went."""
    wish = found.wish

    def stop(check: Check) -> bool:
        return trial.checked(check.step, check.loss)

    there = (studio.home / "runs" / wish.style / trial.run / "record.json").is_file()
    resume = bool(trial.run) and there
    run = teaching.learn(
        studio, wish.style, wish.dataset, config,
        lambda line: report(f"Trial {trial.number}: {line}"),
        resume=resume, run_id=trial.run if resume else "", began=trial.began,
        trial=teaching.Trial(found.id, stop),
    )  # fmt: skip
    checks = choice.read(run.folder)
    kept = choice.kept(checks, config.choose_best)
    assert kept is not None  # a training always checks at its end
    stopped = checks[-1].step < config.max_train_steps and not choice.enough(
        checks, config.early_stopping
    )
    because = "worse than most trials were there" if stopped else ""
    says = choice.why(checks, config.max_train_steps, config.choose_best, because)
    trial.ended(kept.loss, kept.figures, says, stopped)
    runs.finish(studio.client, run, 0)


def keep(studio: workflows.Studio, found: Sweep, number: int) -> models.Version:
    """Make a trial the next version of its style, a candidate; once."""
    trial = next((one for one in study.read(found.folder) if one.number == number), None)
    if trial is None or trial.state not in ("done", "stopped"):
        raise StudioError(
            f"Trial {number} has no LoRA to keep.", "Choose one that has come to its end."
        )
    made = teaching.register(studio, found.wish.style, trial.run)
    with db.writing(studio.engine) as connection:  # so that pages look for versions anew
        db.bump(connection)
    return made


def read(home: Path, style: str, id: str) -> Sweep:
    """The sweep `id` of `style`, or StudioError."""
    folder = home / "sweeps" / style / id
    try:
        if not (id.isalnum() and style == workflows.check_style(style)):
            raise ValueError(id)
        told = json.loads((folder / RECORD).read_text())
        return Sweep(id, folder, Wish(**told["wish"]), told["at"], told["by"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StudioError(f"There is no sweep {id!r} of {style}.", "Begin a new one.") from error


def sweeps(home: Path) -> list[Sweep]:
    """All sweeps, the newest first."""
    found = []
    for file in (home / "sweeps").glob(f"*/*/{RECORD}"):
        try:
            found.append(read(home, file.parent.parent.name, file.parent.name))
        except StudioError:
            continue
    return sorted(found, key=lambda one: one.at, reverse=True)


def _begin(studio: workflows.Studio, wish: Wish) -> Sweep:
    """A new MLflow run as the trials' parent, and the sweep's folder; its record comes last."""
    now = workflows.now()
    experiment = mlflow_store.experiment(studio.client, studio.tracking, wish.style)
    made = studio.client.create_run(
        experiment,
        run_name=f"{wish.style} sweep {now:%Y-%m-%d %H:%M}",
        tags={"studio.user": studio.settings.user, "dataset": wish.dataset},
    )
    id = made.info.run_id
    for name, text in wish.ranges.items():
        studio.client.log_param(id, name, text)
    folder = studio.home / "sweeps" / wish.style / id
    folder.mkdir(parents=True)
    told = {"wish": asdict(wish), "at": now.isoformat(), "by": studio.settings.user}
    aside = folder / "sweep.part"
    aside.write_text(json.dumps(told, indent=1))
    os.replace(aside, folder / RECORD)
    return read(studio.home, wish.style, id)


def _loss(one: study.Tried) -> float:
    return float("inf") if one.loss is None else one.loss
