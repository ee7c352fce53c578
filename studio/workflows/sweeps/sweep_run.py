"""A sweep from its first trial to its last: each is a training, and a child of one MLflow run.

Cut off, it goes on with the trial that it was at, from that training's own checkpoint.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from studio import context
from studio.accounts.rights import check
from studio.context import Progress
from studio.database import engine as db
from studio.datasets import versions as datasets
from studio.datasets.manifests import DatasetVersion
from studio.errors import StudioError
from studio.registry import models
from studio.store.publish import publish
from studio.tracking import client
from studio.tracking.runs import begin, check_open
from studio.training import checkpoint_choice, disk_cleanup, heldout, runs
from studio.training.checkpoint_choice import Check
from studio.training.config import TrainConfig, load_config
from studio.workflows import train
from studio.workflows.sweeps import ranges, study
from studio.workflows.sweeps.study import Trial

RECORD, ADAPTER = "sweep.json", train.ADAPTER
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
    """A sweep by its folder; `at` is when it began (ISO, UTC), `run` its MLflow run, "" before
    that is made."""

    id: str
    folder: Path
    wish: Wish
    at: str
    by: str
    run: str

    def run_folder(self, run: str) -> Path:
        """Where the training of a trial lies."""
        return self.folder.parents[2] / "runs" / self.wish.style / run


def checked(home: Path, wish: Wish) -> tuple[TrainConfig, dict[str, ranges.Range]]:
    """The settings as trials need them, and the ranges, or StudioError."""
    context.check_style(wish.style)
    ranges.check_trials(wish.trials)
    found = ranges.parse(wish.ranges)
    config = comparing(load_config(wish.preset, None, wish.settings))
    name, _, wanted = wish.dataset.partition("@")
    check_size(datasets.load(home, name, wanted or None))
    return config, found


def comparing(config: TrainConfig) -> TrainConfig:
    """The settings, with something held out that trials are compared by where nothing is."""
    return config if config.held_out else replace(config, held_out=TrainConfig.held_out)


def check_size(version: DatasetVersion) -> None:
    """StudioError unless something can be held out to compare trials by."""
    own = sum(not picture.added for picture in version.pictures)
    if own < heldout.FEWEST:
        raise StudioError(
            f"{version.name} has {own} pictures: too few to hold some out and compare trials by "
            "them.",
            f"Bring at least {heldout.FEWEST} in.",
        )


def sweep(
    studio: context.Studio,
    wish: Wish,
    report: context.Report,
    id: str = "",
) -> Sweep:
    """Train trial after trial until as many as wanted have ended; none becomes a version yet.

    The sweep `id` is gone on with, or begun where there is none yet. Killed at any moment and
    called again with the same id, it makes no run and no trial twice and loses none. Raises
    StudioError where FAILING trials in a row fail.
    """
    check(studio.settings.user, "train")
    config, tried = checked(studio.home, wish)
    found = _begun(studio, wish, id or uuid4().hex)
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
            share = 100 * (trial.number - 1) / wish.trials
            line = f"{share:.0f} % done. Trial {trial.number} of {wish.trials}: {said}."
            report(Progress(line, round(share), 100, "%", "sweeping"))
            try:
                _one(studio, found, trial, ranges.chosen(config, trial.values), report)
                failing = 0
            except StudioError as error:
                report(f"Trial {trial.number} failed: {error.message}")
                if trial.run:
                    studio.client.set_terminated(trial.run, "FAILED")
                trial.failed(f"{error.message} {error.remedy}")
                failing += 1
                if failing == FAILING:
                    studio.client.set_terminated(found.run, "FAILED")
                    raise StudioError(
                        f"{FAILING} trials in a row failed. The last: {error.message}",
                        error.remedy,
                    ) from error
        best = min((one for one in ended if one.state == "done"), key=lost, default=None)
        if best is not None:
            report(f"Trial {best.number} has the lowest validation loss: {best.loss:.4f}.")
            studio.client.set_tag(found.run, "best_trial", str(best.number))
        for one in ended:  # once more: a kill may have come between a trial's end and this
            if one.run and one.state != "failed":
                disk_cleanup.remove(found.run_folder(one.run))
        studio.client.set_terminated(found.run, "FINISHED")
    finally:
        opened.close()
    return found


def _one(
    studio: context.Studio,
    found: Sweep,
    trial: Trial,
    config: TrainConfig,
    report: context.Report,
) -> None:
    """Train one trial, or go on with it, and note how it went."""
    wish = found.wish

    def stop(check: Check) -> bool:
        return trial.checked(check.step, check.loss)

    run = runs.Run(trial.run, found.run_folder(trial.run))
    if not trial.run or not (run.folder / "done").is_file():  # else it was only not noted yet
        resume = bool(trial.run) and (run.folder / "record.json").is_file()
        resume = resume and not disk_cleanup.cleared(run.folder)  # else from its first step
        run = train.learn(
            studio,
            wish.style,
            wish.dataset,
            config,
            lambda line: report(progress(line, trial.number, wish.trials)),
            resume=resume,
            run_id=trial.run if resume else "",
            began=trial.began,
            mark=f"{found.id} {trial.number}",
            trial=train.Trial(found.run, stop),
        )
    checks = checkpoint_choice.read(run.folder)
    kept = checkpoint_choice.kept(checks, config.choose_best)
    assert kept is not None  # a training always checks at its end
    stopped = checks[-1].step < config.max_train_steps and not checkpoint_choice.enough(
        checks, config.early_stopping
    )
    because = "worse than most trials were there" if stopped else ""
    says = checkpoint_choice.why(checks, config.max_train_steps, config.choose_best, because)
    # Noted last: what is noted is not looked at again.
    runs.finish(studio.client, run, 0)
    trial.ended(kept.loss, kept.figures, says, stopped)
    disk_cleanup.remove(run.folder)  # nothing goes on from them, its LoRA lies apart


def keep(studio: context.Studio, found: Sweep, number: int) -> models.Version:
    """Make a trial the next version of its style, a candidate; once."""
    trial = next((one for one in study.read(found.folder) if one.number == number), None)
    if trial is None or trial.state not in ("done", "stopped"):
        raise StudioError(
            f"Trial {number} has no LoRA to keep.", "Choose one that has come to its end."
        )
    if not (found.run_folder(trial.run) / ADAPTER).is_dir():
        raise StudioError(
            f"The LoRA of trial {number} was cleared away with those that others did better than.",
            "Train with its settings once more; they are on its card.",
        )
    made = train.register(studio, found.wish.style, trial.run)
    with db.writing(studio.engine) as connection:  # so that pages look for versions anew
        db.bump(connection)
    return made


def read(home: Path, style: str, id: str) -> Sweep:
    """The sweep `id` of `style`, or StudioError."""
    folder = home / "sweeps" / style / id
    try:
        if not (id.isalnum() and style == context.check_style(style)):
            raise ValueError(id)
        told = json.loads((folder / RECORD).read_text())
        run = told.get("run", id)  # once the id was the run's
        return Sweep(id, folder, Wish(**told["wish"]), told["at"], told["by"], run)
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


def _begun(studio: context.Studio, wish: Wish, id: str) -> Sweep:
    """The sweep `id`, begun where it is not yet: its record first, then the MLflow run that is
    the trials' parent, which is found again by the id where a kill came before it was noted."""
    folder = studio.home / "sweeps" / wish.style / id
    if not (folder / RECORD).is_file():
        folder.mkdir(parents=True, exist_ok=True)
        by = studio.settings.user
        _write(Sweep(id, folder, wish, context.now().isoformat(), by, ""))
    found = read(studio.home, wish.style, id)
    if check_open(studio.client, found.run, f"sweep {id}"):
        return found
    experiment = client.experiment(studio.client, studio.tracking, wish.style)
    run = begin(
        studio.client,
        experiment,
        f"{wish.style} sweep {found.at[:16].replace('T', ' ')}",
        {"studio.user": found.by, "dataset": wish.dataset},
        wish.ranges,
        f"sweep {id}",
    )
    _write(replace(found, run=run))
    return replace(found, run=run)


def _write(found: Sweep) -> None:
    told = {"wish": asdict(found.wish), "at": found.at, "by": found.by, "run": found.run}
    publish(found.folder / RECORD, json.dumps(told, indent=1))


def progress(line: str, number: int, trials: int) -> str:
    """What trial `number` says, with how much of the whole sweep is done in place of its own steps:
    whoever waits waits for all."""
    own = line.replace(" left", " left of this trial")
    said = f"Trial {number} of {trials}: {own}"
    if not isinstance(line, Progress) or line.phase != "training":
        return said
    share = 100 * (number - 1 + line.done / line.total) / trials
    return Progress(f"{share:.0f} % done. {said}", round(share), 100, "%", "sweeping")


def lost(one: study.Tried) -> float:
    """The trial's validation loss; infinite where there is none."""
    return float("inf") if one.loss is None else one.loss
