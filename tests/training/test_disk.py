"""A full disk, really full where the tests run as root: what was finished stays, nothing half
written is to be seen, and the error names file and remedy."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.cli.main import main
from studio.datasets.folder_import import import_folder
from studio.datasets.versions import list_versions
from studio.diffusion.bases import find_base, load_pipeline
from studio.errors import StudioError
from studio.store import reserved_room
from studio.training import checkpoints, export, latent_cache, loop
from studio.training.config import TrainConfig
from studio.training.encoded_dataset import Encoded, of_one_shape

CONFIG = TrainConfig(
    rank=2,
    batch_size=2,
    max_train_steps=6,
    save_every_n_steps=2,
    preview_every_n_steps=0,
    warmup_steps=0,
    targets="attention",
)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk; the limit on file size stands for it")
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file can grow beyond `size` bytes, as on a disk that is full then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


def fill(folder: Path) -> Path:
    """A file that takes all the room there is."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return filler


def pictures(art: Path, seeds: range) -> None:
    """Of 0.8 MB each, and no others there."""
    art.mkdir(exist_ok=True)
    for file in art.iterdir():
        file.unlink()
    for seed in seeds:
        pixels = np.random.default_rng(seed).integers(0, 256, (512, 512, 3), np.uint8)
        Image.fromarray(pixels, "RGB").save(art / f"{seed}.png", compress_level=0)


@pytest.mark.slow
def test_a_disk_without_room_is_named_before_the_first_picture_is_copied(
    disk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    art = tmp_path / "art"
    pictures(art, range(8))

    def ask(*words: str) -> tuple[int, dict[str, Any]]:
        code = main([*words, "--json", "--home", str(disk), "--user", "ana"])
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    code, answer = ask("dataset", "import", "items", str(art))
    assert code == 2 and str(art) in answer["error"]
    assert "the studio's disk is full" in answer["error"] and "Make room" in answer["remedy"]
    assert ask("dataset", "list") == (0, {"schema": 1, "datasets": []})
    assert not list(disk.rglob("*.part")) and not list(disk.rglob("*.png"))


def test_an_import_onto_a_disk_that_fills_meanwhile(
    disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reserved_room, "SPARE", 0)  # the disk is smaller than what stays free
    art, now = tmp_path / "art", datetime(2026, 1, 1, tzinfo=UTC)

    def brought() -> str:
        return import_folder(disk, "items", art, now=now, actor="ana").version.version

    pictures(art, range(8))
    with pytest.raises(StudioError, match="the studio's disk is full"):
        brought()
    pictures(art, range(3))
    filler = fill(disk)
    with pytest.raises(StudioError, match="could not be written|can't be written|is full"):
        brought()
    assert list_versions(disk) == []
    filler.unlink()
    first = brought()
    # Full once more, a new version finds no room; the one before stays.
    (art / "0.txt").write_text("another caption")
    fill(disk)
    with pytest.raises(StudioError, match="could not be written|can't be written|is full"):
        brought()
    assert [one.version for one in list_versions(disk)] == [first]
    assert not list(disk.rglob("*.part"))


@pytest.fixture(scope="module")
def encoded() -> Encoded:
    """Noise in place of latents: what is learned does not matter here."""
    torch.set_num_threads(1)
    pipeline = load_pipeline(find_base("pocket"), torch.device("cpu"))
    with torch.no_grad():
        text = torch.cat([latent_cache.embed(pipeline, [word]) for word in ("a", "b", "c", "")])
    draws = torch.Generator().manual_seed(1)
    mean = torch.randn(3, 16, 8, 8, generator=draws)
    return of_one_shape(mean, torch.zeros_like(mean), text[:3], text[3])


def train(
    encoded: Encoded, folder: Path, hooks: loop.Hooks, resume: bool = False
) -> dict[str, torch.Tensor]:
    pipeline = load_pipeline(find_base("pocket"), torch.device("cpu"))
    return loop.train(pipeline, encoded, CONFIG, folder, hooks, resume=resume)


def quiet() -> loop.Hooks:
    return loop.Hooks(progress=lambda at: None, rows=lambda rows: None, preview=lambda step: None)


@pytest.mark.slow
def test_a_training_onto_a_full_disk_goes_on_when_there_is_room(
    disk: Path, tmp_path: Path, encoded: Encoded
) -> None:
    folder = disk / "run"

    def rows(found: list[checkpoints.Row]) -> None:
        if found and found[-1].step == 4:
            fill(disk)

    hooks = loop.Hooks(progress=lambda at: None, rows=rows, preview=lambda step: None)
    with pytest.raises(StudioError, match="step-000004 could not be written.*No space") as said:
        train(encoded, folder, hooks)
    assert "--resume" in said.value.remedy
    assert sorted(f.name for f in folder.iterdir()) == ["losses.jsonl", "step-000002"]
    with pytest.raises(StudioError, match=r"other\.jsonl could not be written"):
        checkpoints.append(disk / "other.jsonl", [checkpoints.Row(5, 1, 0.1, 0.1, 0.1)] * 999)
    found = checkpoints.newest(folder)
    assert found is not None and found[0]["step"] == 2
    (disk / "filler").unlink()
    resumed = train(encoded, folder, quiet(), resume=True)
    straight = train(encoded, tmp_path / "straight", quiet())
    assert all(torch.equal(resumed[name], straight[name]) for name in straight)
    unet = load_pipeline(find_base("pocket"), torch.device("cpu")).unet
    unet = loop.add_lora(unet, CONFIG)
    fill(disk)
    with pytest.raises(StudioError, match=rf"{export.FILE} could not be written"):
        export.write_lora(disk / "adapter", resumed, unet, {})
    assert not list((disk / "adapter").iterdir())
    (disk / "filler").unlink()
    assert export.write_lora(disk / "adapter", resumed, unet, {}).is_file()
    assert [row.step for row in checkpoints.read(folder / "losses.jsonl")] == list(range(1, 7))


def test_a_checkpoint_that_does_not_fit(tmp_path: Path) -> None:
    def tensors(size: int) -> dict[str, torch.Tensor]:
        return {"weight.a": torch.full((size,), float(size))}

    checkpoints.save(tmp_path, 2, tensors(10), {}, keep=2)
    with largest_file(4096), pytest.raises(StudioError, match="step-000004.*File too large"):
        checkpoints.save(tmp_path, 4, tensors(5000), {}, keep=2)
    # Written over one of the same step: that one stays too.
    with largest_file(4096), pytest.raises(StudioError, match="step-000002"):
        checkpoints.save(tmp_path, 2, tensors(5000), {}, keep=2)
    assert [f.name for f in tmp_path.iterdir()] == ["step-000002"]
    found = checkpoints.newest(tmp_path)
    assert found is not None and torch.equal(found[1]["weight.a"], tensors(10)["weight.a"])


def test_what_a_kill_or_a_power_cut_leaves_is_passed_over(tmp_path: Path) -> None:
    for step in (2, 4, 6):
        checkpoints.save(tmp_path, step, {"weight.a": torch.full((3,), float(step))}, {}, keep=2)
    assert checkpoints.steps(tmp_path) == [4, 6]
    torn = tmp_path / "step-000006" / "state.safetensors"
    torn.write_bytes(torn.read_bytes()[:20])
    (tmp_path / ".step-000008.part").mkdir()
    (tmp_path / ".step-000008.part" / "state.json").write_text("{")
    found = checkpoints.newest(tmp_path)
    assert found is not None and found[0] == {"step": 4}
    checkpoints.save(tmp_path, 6, {"weight.a": torch.full((3,), 6.0)}, {}, keep=1)
    assert [f.name for f in tmp_path.iterdir()] == ["step-000006"]
    (tmp_path / "step-000006" / "state.json").unlink()
    assert checkpoints.newest(tmp_path) is None
    journal = tmp_path / "losses.jsonl"
    rows = [checkpoints.Row(step, 1000 + step, 0.5 / step, 1e-3, 1.0) for step in (1, 2, 3)]
    checkpoints.append(journal, rows)
    before = journal.stat().st_mtime_ns
    assert checkpoints.read(journal) == rows and journal.stat().st_mtime_ns == before
    journal.write_bytes(journal.read_bytes()[:-9] + b"\xff\x00")
    assert checkpoints.read(journal) == rows[:2] == checkpoints.read(journal)
