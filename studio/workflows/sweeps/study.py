"""A sweep's trials in Optuna's own storage, a SQLite file in the sweep's folder: what was tried,
how it went, and what to try next. The only module that knows Optuna.

What is tried next hangs on the trials before and on the trial's number, so that a sweep that was
killed tries the same as one that was not.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from studio.workflows.sweeps.ranges import Range, Value

if TYPE_CHECKING:
    import optuna

FILE, NAME, REPEATED = "study.db", "sweep", "repeated"
CHANCES = 100  # times that another trial is looked for than those that were
AT_FIRST = 4  # trials before the others are taken for guidance, and before any is cut short


@dataclass(frozen=True)
class Tried:
    """A trial: its number from 1, what it tried, and its state: running, done, stopped (cut short
    since it was worse than most) or failed. `loss` is the validation loss of what it kept, `losses`
    by step; `figures` of the same checkpoint; `run` is its training."""

    number: int
    state: str
    values: dict[str, Value]
    loss: float | None
    losses: dict[int, float] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)
    run: str = ""
    says: str = ""


class Study:
    """The opened storage of one sweep."""

    def __init__(self, folder: Path, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(logging.ERROR)
        self._seed, self._ranges_known = seed, False
        place = sa.URL.create("sqlite", database=str(folder / FILE))
        self._storage = optuna.storages.RDBStorage(place.render_as_string())
        self._study = optuna.create_study(
            storage=self._storage,
            study_name=NAME,
            load_if_exists=True,
            direction="minimize",
            pruner=optuna.pruners.MedianPruner(n_startup_trials=AT_FIRST),
        )

    def next(self, ranges: Mapping[str, Range]) -> Trial:
        """The trial that was cut off, or a new one."""
        import optuna

        for chance in range(CHANCES):
            known = self._study.get_trials(deepcopy=False)
            left = [one for one in known if one.state.name == "RUNNING"]
            number = left[0].number if left else len(known)
            dwells = chance >= CHANCES // 4  # on what was tried: leave it for chance
            made = optuna.trial.Trial(self._study, left[0]._trial_id) if left else self._study.ask()
            # The tree-structured Parzen estimator: Bergstra et al. 2011.
            values = {}
            for place, (name, found) in enumerate(ranges.items()):
                # A sampler of its own for each value: no state that a kill in between would lose.
                seed = ((self._seed * 1_000_003 + number) * 31 + place) % 2**32
                self._study.sampler = (
                    optuna.samplers.RandomSampler(seed=seed)
                    if dwells
                    else optuna.samplers.TPESampler(seed=seed, n_startup_trials=AT_FIRST)
                )
                values[name] = _suggest(made, name, found)
            before = [one for one in _own(known) if one.number != made.number]
            if chance == CHANCES - 1 or all(one.params != values for one in before):
                break
            # The same settings would give the same again.
            made.set_user_attr(REPEATED, True)
            self._study.tell(made, state=optuna.trial.TrialState.FAIL)
        return Trial(self._study, made, values, len(before) + 1)

    def tried(self) -> list[Tried]:
        """All trials so far, in their order."""
        known = _own(self._study.get_trials(deepcopy=False))
        return [_tried(number, one) for number, one in enumerate(known, start=1)]

    def close(self) -> None:
        """Let go of the file."""
        self._storage.engine.dispose()


class Trial:
    """One trial while it runs: its values, and what is told of it."""

    def __init__(
        self, study: Any, trial: optuna.trial.Trial, values: dict[str, Value], number: int
    ) -> None:
        self._study, self._trial, self.values, self.number = study, trial, values, number
        self.run = str(trial.user_attrs.get("run", ""))

    def began(self, run: str) -> None:
        """Its training is `run`."""
        self.run = run
        self._trial.set_user_attr("run", run)

    def checked(self, step: int, loss: float) -> bool:
        """The validation loss at a step; True: worse than most were there, stop."""
        told = self._study.get_trials(deepcopy=False)[self._trial.number].intermediate_values
        if step not in told:  # after a kill it is told once more
            self._trial.report(loss, step)
        return bool(self._trial.should_prune())

    def ended(self, loss: float, figures: Mapping[str, float], says: str, stopped: bool) -> None:
        """It came to its end, or was stopped for being worse."""
        import optuna

        self._trial.set_user_attr("loss", loss)
        self._trial.set_user_attr("figures", dict(figures))
        self._trial.set_user_attr("says", says)
        if stopped:
            self._study.tell(self._trial, state=optuna.trial.TrialState.PRUNED)
        else:
            self._study.tell(self._trial, loss)

    def failed(self, says: str) -> None:
        """It could not be done, for the reason that `says`."""
        import optuna

        self._trial.set_user_attr("says", says)
        self._study.tell(self._trial, state=optuna.trial.TrialState.FAIL)


def read(folder: Path) -> list[Tried]:
    """The trials of the sweep in `folder`; none before its first."""
    if not (folder / FILE).is_file():
        return []
    study = Study(folder, 0)
    try:
        return study.tried()
    finally:
        study.close()


def _suggest(trial: Any, name: str, found: Range) -> Value:
    if found.values:
        value: Value = trial.suggest_categorical(name, list(found.values))
    elif isinstance(found.low, int) and isinstance(found.high, int):
        value = trial.suggest_int(name, found.low, found.high, log=True)
    else:
        value = trial.suggest_float(name, found.low, found.high, log=True)
    return value


_STATES = {"COMPLETE": "done", "PRUNED": "stopped", "FAIL": "failed"}


def _own(known: list[Any]) -> list[Any]:
    """The trials but those that would only have repeated another one."""
    return [one for one in known if not one.user_attrs.get(REPEATED)]


def _tried(number: int, one: Any) -> Tried:
    told = one.user_attrs
    return Tried(
        number=number,
        state=_STATES.get(one.state.name, "running"),
        values=dict(one.params),
        loss=told.get("loss"),
        losses=dict(sorted(one.intermediate_values.items())),
        figures=told.get("figures", {}),
        run=told.get("run", ""),
        says=told.get("says", ""),
    )
