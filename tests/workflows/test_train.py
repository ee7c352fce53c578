"""From a dataset to a registered candidate on the pocket base: what is held out, which
checkpoint is kept, and the same after a kill at any moment of a check."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import torch

from studio import context
from studio.datasets.folder_import import import_folder
from studio.diffusion import base_weights
from studio.errors import StudioError
from studio.settings import CHECKOUT, POCKET, load_settings
from studio.training import checkpoint_choice, kept_adapters, runs
from studio.training.config import TrainConfig
from studio.workflows import train, train_validation
from studio.workflows.version_loading import adapter_file

# A learning rate that spoils what was learned, so that an earlier checkpoint is the best.
SPOILT = TrainConfig(
    rank=2,
    alpha=2.0,
    batch_size=2,
    max_train_steps=12,
    save_every_n_steps=4,
    learning_rate=0.03,
    preview_every_n_steps=12,
    warmup_steps=0,
    lr_scheduler="constant",
    early_stopping=1,
    seed=3,
)


class Killed(BaseException):
    """Nothing catches it, like a kill."""


def _opened(home: Path) -> context.Studio:
    studio = context.open_studio(load_settings({}, home=str(home)))
    if not (home / "datasets").is_dir():
        pictures = CHECKOUT / "sample" / "train"
        import_folder(home, "sample", pictures, now=datetime.now(UTC), actor="ana")
    return studio


def _ended(run: runs.Run) -> tuple[list[tuple[int, dict[str, float]]], bytes, object]:
    """Steps and figures of the checks, the adapter's tensors, and what was kept."""
    checks = [(check.step, check.figures) for check in checkpoint_choice.read(run.folder)]
    adapter = next((run.folder / train.ADAPTER).glob("*.safetensors")).read_bytes()
    about = json.loads((run.folder / train.ABOUT).read_text())
    return checks, adapter, about["tags"]["kept_because"]


@pytest.fixture(scope="module", autouse=True)
def small_sheet() -> Iterator[None]:
    """Two pictures a check: drawing is what takes the time here. One thread, as those that are
    killed have: more round otherwise, and this rate makes much of it."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_validation, "SHEET", 2)
        yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> tuple[context.Studio, runs.Run]:
    studio = _opened(tmp_path_factory.mktemp("straight"))
    return studio, train.learn(studio, "items", "sample", SPOILT, print)


@pytest.mark.slow
def test_the_best_checkpoint_is_registered_and_the_reason_is_said(straight) -> None:
    studio, run = straight
    checks = checkpoint_choice.read(run.folder)
    best = checkpoint_choice.best(checks)
    assert best and best.step < checks[-1].step  # it stopped by itself, after the best
    made = train.register(studio, "items", run.id)
    assert made.stage == "candidate" and made.tags["kept_step"] == str(best.step)
    assert f"Step {best.step} is kept" in made.tags["kept_because"]
    assert (made.kind, made.base) == ("lora", str(POCKET))
    assert made.tags["base_hash"] == base_weights.weights_hash(studio.home, "pocket")
    file = "pytorch_lora_weights.safetensors"
    kept_file = kept_adapters.place(run.folder, best.step) / file
    registered = adapter_file(studio, made)
    assert registered.read_bytes() == kept_file.read_bytes()
    last = kept_adapters.place(run.folder, checks[-1].step) / file
    assert registered.read_bytes() != last.read_bytes()
    assert train.register(studio, "items", run.id).number == made.number


def test_every_check_stands_in_mlflow_once(straight) -> None:
    studio, run = straight
    checks = checkpoint_choice.read(run.folder)
    for name in ("held_out_loss", "kid_pocket_clip_v2", "clip_score_pocket_clip_v2", "nearest"):
        history = studio.client.get_metric_history(run.id, name)
        assert [(m.step, m.value) for m in history] == [
            (check.step, pytest.approx(check.figures[name])) for check in checks
        ]
    assert studio.client.get_run(run.id).data.tags["kept_because"] == _ended(run)[2]


@pytest.mark.slow
@pytest.mark.parametrize("moment", [pytest.param("before", marks=pytest.mark.slow), "after"])
def test_cut_off_around_the_journal_it_ends_the_same(straight, monkeypatch, moment: str) -> None:
    studio, reference = straight
    stop = checkpoint_choice.read(reference.folder)[-1].step
    append = checkpoint_choice.append

    def dying(folder: Path, check: checkpoint_choice.Check) -> None:
        if moment == "after":
            append(folder, check)
        if check.step == stop:
            raise Killed
        if moment == "before":
            append(folder, check)

    monkeypatch.setattr(checkpoint_choice, "append", dying)
    style = f"cut-{moment}"
    with pytest.raises(Killed):
        train.learn(studio, style, "sample", SPOILT, print)
    monkeypatch.setattr(checkpoint_choice, "append", append)
    run = train.learn(studio, style, "sample", SPOILT, print, resume=True)
    checks, adapter, why = _ended(run)
    wanted, _, said = _ended(reference)
    assert [step for step, _ in checks] == [step for step, _ in wanted]
    assert [f["held_out_loss"] for _, f in checks] == [f["held_out_loss"] for _, f in wanted]
    assert why == said
    assert _tensors(run) == _tensors(reference)
    history = studio.client.get_metric_history(run.id, "held_out_loss")
    assert [m.step for m in history] == [step for step, _ in wanted]


@pytest.mark.slow
def test_it_ends_at_the_check_that_home_answers_by_stop(straight, monkeypatch) -> None:
    studio, _ = straight
    applied = train.apply

    def stopping(studio, run, event, tell):
        applied(studio, run, event, tell)
        return "stop" if event.kind == "check" else "go on"

    monkeypatch.setattr(train, "apply", stopping)
    run = train.learn(studio, "stopped", "sample", SPOILT, print)
    assert [check.step for check in checkpoint_choice.read(run.folder)] == [4]
    assert json.loads((run.folder / train.ABOUT).read_text())["tags"]["kept_step"] == "4"
    history = studio.client.get_metric_history(run.id, "held_out_loss")
    assert [m.step for m in history] == [4]


@pytest.mark.slow
def test_of_a_tiny_set_nothing_is_held_out_and_the_last_step_is_kept(straight, tmp_path) -> None:
    studio, _ = straight
    few = tmp_path / "few"
    few.mkdir()
    for file in sorted((CHECKOUT / "sample" / "train").rglob("*.png"))[:5]:
        os.link(file, few / file.name)
    import_folder(studio.home, "few", few, now=datetime.now(UTC), actor="ana")
    said: list[str] = []
    run = train.learn(studio, "few", "few", SPOILT, said.append)
    assert "No picture is held out: of 5 every one is needed for learning." in said
    checks = checkpoint_choice.read(run.folder)
    assert [check.step for check in checks] == [4, 8, 12]  # figures still, no loss
    assert all(checkpoint_choice.LOSS not in check.figures for check in checks)
    assert "nothing was held out to choose by" in _ended(run)[2]


def _tensors(run: runs.Run) -> dict[str, bytes]:
    from safetensors.torch import load_file

    file = run.folder / train.ADAPTER / "pytorch_lora_weights.safetensors"
    return {name: value.numpy().tobytes() for name, value in load_file(file).items()}


KILLED = """
import os, signal, sys
from pathlib import Path
import torch
torch.set_num_threads(1)
sys.path.insert(0, "tests/workflows")
from studio.workflows import train_validation
train_validation.SHEET = 2
from test_train import SPOILT, _opened
from studio.workflows import train
from studio.training import checkpoint_choice
append, at = checkpoint_choice.append, int(sys.argv[2])
def dying(folder, check):
    append(folder, check)
    if check.step == at:
        os.kill(os.getpid(), signal.SIGKILL)
checkpoint_choice.append = dying
studio = _opened(Path(sys.argv[1]))
train.learn(studio, "items", "sample", SPOILT, print, resume=sys.argv[3] == "resume")
"""


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_after_every_check_it_decides_as_if_it_never_had_been(straight, tmp_path) -> None:
    _, reference = straight
    steps = [check.step for check in checkpoint_choice.read(reference.folder)]
    for number, step in enumerate([*steps, 0]):
        words = [str(tmp_path / "home"), str(step), "resume" if number else "anew"]
        (tmp_path / "home").mkdir(exist_ok=True)
        environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
        done = subprocess.run([sys.executable, "-c", KILLED, *words], cwd=CHECKOUT, env=environment)
        assert done.returncode == (-signal.SIGKILL if step else 0)
    (record,) = (tmp_path / "home" / "runs" / "items").glob("*/record.json")
    run = runs.Run(record.parent.name, record.parent)
    checks, _, why = _ended(run)
    assert (checks, why) == (_ended(reference)[0], _ended(reference)[2])
    assert _tensors(run) == _tensors(reference)


@pytest.mark.slow
def test_a_training_whose_run_was_deleted_is_not_gone_on_with(tmp_path: Path) -> None:
    studio = _opened(tmp_path / "home")
    given = (studio, "items", "sample", SPOILT, print)
    run = train.begin(*given).run
    studio.client.delete_run(run.id)
    said = f"run of this training of items was deleted.*runs restore --run-id {run.id}"
    with pytest.raises(StudioError, match=said):
        train.begin(*given, resume=True)
    (run.folder / train.ABOUT).write_text("{}")
    with pytest.raises(StudioError, match=said):
        train.register(studio, "items", run.id)
    (run.folder / train.ABOUT).unlink()
    studio.client.restore_run(run.id)
    assert train.begin(*given, resume=True).run == run
