"""What lies in the folders of trainings, read while they run: settings, losses, previews, speed.

Nothing here writes into a running training's files, but `keep_previews`, which it calls itself.
"""

from __future__ import annotations

import json
import os
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from studio import images
from studio.errors import StudioError
from studio.store.publish import publish, publishing
from studio.training.estimate import Measured

if TYPE_CHECKING:
    from PIL import Image

PREVIEW = re.compile(r"step-([0-9]{6,9})-([0-9]{1,3})\.png")
SMOOTH = 0.9  # share of the line before in each point of the smoothed one
POINTS = 400  # of one training on a chart


@dataclass(frozen=True)
class Training:
    """A training by its folder. `version` is what it became, None before its end; `at` is when
    its first step was, in ms since 1970, 0 before it; `steps` how many are done; `trial`: it is
    one of a sweep's."""

    run: str
    style: str
    folder: Path
    config: dict[str, str]
    dataset: str
    device: str
    version: int | None
    at: int
    steps: int
    trial: bool = False


@dataclass(frozen=True)
class Point:
    """One step's loss as it was and smoothed."""

    step: int
    loss: float
    smooth: float


@dataclass(frozen=True)
class Preview:
    """One picture of a preview: the file's name, its prompt ("" where it was not noted), and its
    size in pixels."""

    file: str
    prompt: str
    width: int
    height: int


def trainings(home: Path, style: str | None = None) -> list[Training]:
    """All trainings of one style or of all, the newest first; a folder without record is none."""
    top = home / "runs"
    found = []
    for file in top.glob(f"{style or '*'}/*/record.json"):
        if training := _read(file):
            found.append(training)
    return sorted(found, key=lambda t: (t.at or 2**62, t.run), reverse=True)


def find(home: Path, run: str) -> Training | None:
    """The training of one run, or None while it has not begun."""
    if not re.fullmatch(r"[0-9a-f]{32}", run):
        return None
    file = next((home / "runs").glob(f"*/{run}/record.json"), None)
    return _read(file) if file else None


def losses(training: Training) -> list[Point]:
    """The losses of every step so far, thinned to at most POINTS and the last."""
    rows = _journal(training.folder)
    every = max(1, len(rows) // POINTS)
    line, weight, points = 0.0, 0.0, []
    for index, (step, loss, _) in enumerate(rows):
        line, weight = SMOOTH * line + (1 - SMOOTH) * loss, SMOOTH * weight + 1 - SMOOTH
        if index % every == 0 or index == len(rows) - 1:
            # Divided as Adam's moments are (Kingma and Ba, 2015): not pulled to 0 at the beginning.
            points.append(Point(step, loss, line / weight))
    return points


def speeds(home: Path, base: str, most: int = 20) -> list[Measured]:
    """Pictures per second of the newest trainings on `base`, the newest first; those under ten
    steps tell nothing."""
    found: list[Measured] = []
    for training in trainings(home):
        if training.config.get("base") != base or len(found) == most:
            continue
        moments = [at for _, _, at in _journal(training.folder)]
        # The median step: previews, checkpoints and a pause before a resume don't count.
        gaps = [later - at for at, later in zip(moments, moments[1:], strict=False)]
        if len(gaps) >= 10 and (middle := statistics.median(gaps)) > 0:
            settings = training.config
            batch = int(settings["batch_size"])
            a_step = batch * int(settings["gradient_accumulation_steps"])
            size = int(settings.get("resolution", 0))
            precision = settings.get("mixed_precision", "")
            speed = a_step * 1000 / middle
            found.append(Measured(base, training.device, speed, size, batch, precision))
    return found


def pace(training: Training) -> float:
    """Seconds a step, with all that comes between steps, of a training that was not cut off: by
    its own even times, whatever was done to the machine's clock. 0 before its second step."""
    moments = [at for _, _, at in _journal(training.folder)]
    return (moments[-1] - moments[0]) / 1000 / (len(moments) - 1) if len(moments) > 1 else 0.0


def keep_previews(
    folder: Path, step: int, prompts: Sequence[str], pictures: Sequence[Image.Image]
) -> None:
    """Keep the pictures drawn at `step` in the training's folder, each whole or not at all."""
    target = folder / "previews"
    publish(target / "prompts.json", json.dumps(list(prompts)), flush=False)
    for number, picture in enumerate(pictures):
        with publishing(target / f"step-{step:06d}-{number}.png", flush=False) as aside:
            picture.save(aside, format="PNG")


def preview_steps(training: Training) -> list[int]:
    """The steps at which previews were drawn, in order."""
    files = (training.folder / "previews").glob("step-*-0.png")
    return sorted(_place(file.name)[0] for file in files)


def previews(training: Training, step: int) -> list[Preview]:
    """The pictures drawn at `step`, in the order of their prompts."""
    folder = training.folder / "previews"
    try:
        prompts = json.loads((folder / "prompts.json").read_text())
    except (OSError, ValueError):
        prompts = []
    found = []
    for file in sorted(folder.glob(f"step-{step:06d}-*.png"), key=lambda f: _place(f.name)):
        number = _place(file.name)[1]
        with images.opened(file) as opened:
            width, height = opened.size
        prompt = prompts[number] if number < len(prompts) else ""
        found.append(Preview(file.name, prompt, width, height))
    return found


def preview_files(folder: Path, step: int, count: int) -> list[Path]:
    """Where the first `count` pictures drawn at `step` lie in a training's folder."""
    return [folder / "previews" / f"step-{step:06d}-{number}.png" for number in range(count)]


def preview_file(home: Path, style: str, run: str, name: str) -> Path:
    """Where a preview lies; StudioError for a name that is none, or of a picture that is gone."""
    named = re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", style) and re.fullmatch(r"\w{1,64}", run)
    file = home / "runs" / style / run / "previews" / name
    if not named or not PREVIEW.fullmatch(name) or not file.is_file():
        raise StudioError(f"There is no preview {name!r}.", "Look at the training's page again.")
    return file


def differing(chosen: Sequence[Training]) -> dict[str, list[str]]:
    """The settings that differ between trainings, one value for each; the dataset is one too."""
    names = [name for training in chosen for name in training.config]
    told = {"dataset": [training.dataset for training in chosen]}
    told |= {name: [t.config.get(name, "") for t in chosen] for name in dict.fromkeys(names)}
    return {name: values for name, values in told.items() if len(set(values)) > 1}


def _place(name: str) -> tuple[int, int]:
    found = PREVIEW.fullmatch(name)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _read(file: Path) -> Training | None:
    """A training's record as it is now; what did not change since is not read again."""
    folder = file.parent
    journal, done = (_changed(folder / name) for name in ("losses.jsonl", "done"))
    return _training(file, _changed(file), journal, done)


def _changed(file: Path) -> tuple[int, int]:
    try:
        about = file.stat()
    except OSError:
        return 0, 0
    return about.st_mtime_ns, about.st_size


@lru_cache(maxsize=5000)
def _training(file: Path, *changed: tuple[int, int]) -> Training | None:
    folder = file.parent
    try:
        record = json.loads(file.read_text())
        done = folder / "done"
        version = int(done.read_text()) if done.is_file() else None
        at, steps = _ends(folder)
        return Training(
            run=record["run"],
            style=folder.parent.name,
            folder=folder,
            config=record["config"],
            dataset=record.get("named") or record["dataset"][:12],
            device=record.get("device", "cpu"),
            version=version,
            at=at,
            steps=steps,
            trial=bool(record.get("parent")),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None  # half written, or not ours


def _ends(folder: Path) -> tuple[int, int]:
    """When the first step was (ms) and which was the last, without reading what lies between."""
    try:
        with (folder / "losses.jsonl").open("rb") as file:
            first = json.loads(file.readline())
            file.seek(max(0, file.seek(0, os.SEEK_END) - 1000))
            tail = file.read()
        whole = tail[: tail.rfind(b"\n")].rpartition(b"\n")[2]  # what follows is being written
        return int(first["at"]), int((json.loads(whole) if whole else first)["step"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, 0


def _journal(folder: Path) -> tuple[tuple[int, float, int], ...]:
    """Step, loss and moment (ms) of every step that the journal holds; a torn end is left out."""
    file = folder / "losses.jsonl"
    return _rows(file, *_changed(file))


@lru_cache(maxsize=200)
def _rows(file: Path, changed: int, size: int) -> tuple[tuple[int, float, int], ...]:
    found = []
    try:
        for line in file.read_text().splitlines():
            row = json.loads(line)
            found.append((int(row["step"]), float(row["loss"]), int(row["at"])))
    except (OSError, ValueError, KeyError, TypeError):
        pass  # the last line is being written
    return tuple(found)
