"""The loop on the real pocket base: resume bit for bit, and a file that plain diffusers loads."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from studio.settings import CHECKOUT, POCKET, WAITING

STEPS = 8
# Trains on noise: what is learned does not matter here, only that it is the same.
PROGRAM = """
import json, sys, time
from pathlib import Path
import torch
torch.set_num_threads(1)
from studio.diffusion.bases import find_base, load_pipeline
from studio.training import export, latent_cache, loop
from studio.training.config import TrainConfig
from studio.training.encoded_dataset import of_one_shape

folder, resume, pause = Path(sys.argv[1]), sys.argv[2] == "resume", float(sys.argv[3])
pipeline = load_pipeline(find_base("pocket"), torch.device("cpu"))
config = TrainConfig(rank=4, alpha=2.0, batch_size=2, max_train_steps=8, save_every_n_steps=2,
                     preview_every_n_steps=0, dropout=0.1, warmup_steps=2, seed=3)
side = pipeline.unet.config.sample_size
draws = torch.Generator().manual_seed(1)
mean = torch.randn(5, pipeline.unet.config.in_channels, side, side, generator=draws)
text = torch.cat([latent_cache.embed(pipeline, [w]) for w in "abcde"]).detach()
encoded = of_one_shape(mean, 0.1 * mean.abs(), text, latent_cache.embed(pipeline, [""])[0].detach())
def rows(found):
    time.sleep(pause)
    with (folder / "rows.jsonl").open("a") as file:
        file.writelines(json.dumps(row.__dict__) + "\\n" for row in found)
hooks = loop.Hooks(progress=lambda at: None, rows=rows, preview=lambda step: None)
tensors = loop.train(pipeline, encoded, config, folder, hooks, resume=resume)
export.write_lora(folder / "adapter", tensors, pipeline.unet, {"style": "test"})
"""


def _run(folder: Path, resume: bool = False, pause: float = 0.0) -> subprocess.Popen[bytes]:
    folder.mkdir(parents=True, exist_ok=True)
    words = [sys.executable, "-c", PROGRAM, str(folder), "resume" if resume else "anew", str(pause)]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), **WAITING}
    return subprocess.Popen(words, cwd=CHECKOUT, env=environment)


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("straight")
    assert _run(folder).wait(timeout=200) == 0
    return folder


@pytest.mark.slow
def test_resume_after_kill_equals_the_uninterrupted_run_bit_for_bit(
    straight: Path, tmp_path: Path
) -> None:
    import torch
    from safetensors.torch import load_file

    folder = tmp_path / "killed"
    process = _run(folder, pause=1.0)
    deadline = time.monotonic() + 120
    while not (folder / "step-000004").is_dir():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (folder / "adapter").exists()
    assert _run(folder, resume=True).wait(timeout=200) == 0
    name = "adapter/pytorch_lora_weights.safetensors"
    ours, theirs = (load_file(f / name) for f in (folder, straight))
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[key], theirs[key]) for key in ours)
    losses = [_losses(f) for f in (folder, straight)]
    assert losses[0] == losses[1]
    assert [step for step, _ in losses[0]] == list(range(1, STEPS + 1))


def _losses(folder: Path) -> list[tuple[int, float]]:
    rows = [json.loads(line) for line in (folder / "losses.jsonl").read_text().splitlines()]
    return [(row["step"], row["loss"]) for row in rows]


@pytest.mark.slow
def test_a_row_told_again_after_a_kill_has_the_same_time(straight: Path, tmp_path: Path) -> None:
    folder = tmp_path / "again"
    shutil.copytree(straight, folder)
    shutil.rmtree(folder / "step-000008")  # as if killed between the journal and the checkpoint
    (folder / "rows.jsonl").unlink()
    assert _run(folder, resume=True).wait(timeout=200) == 0
    rows = [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]
    kept = [json.loads(line) for line in (straight / "losses.jsonl").read_text().splitlines()]
    assert rows == kept
    assert _losses(folder) == _losses(straight)


@pytest.mark.slow
def test_a_torn_line_of_the_journal_is_cut_off(straight: Path, tmp_path: Path) -> None:
    from studio.training import checkpoints

    journal = tmp_path / "losses.jsonl"
    journal.write_bytes((straight / "losses.jsonl").read_bytes()[:-20])
    assert [row.step for row in checkpoints.read(journal)] == list(range(1, STEPS))
    assert len(journal.read_text().splitlines()) == STEPS - 1


@pytest.mark.slow
def test_plain_diffusers_draws_the_same_picture_and_strength_0_is_the_base(straight: Path) -> None:
    from studio.diffusion import adapters, torchvision_compat  # noqa: F401, I001
    import numpy as np
    import torch
    from diffusers import StableDiffusionPipeline

    from studio.diffusion.bases import find_base, load_pipeline
    from studio.diffusion.sampling import Draw, draw_pictures
    from tests.rounding import same_picture

    file = straight / "adapter" / "pytorch_lora_weights.safetensors"
    ours = load_pipeline(find_base("pocket"), torch.device("cpu"))
    draw = Draw(steps=4)
    bare = np.asarray(draw_pictures(ours, ["a red potion"], [5], draw)[0])
    adapters.attach(ours, file)
    adapters.set_strength(ours, 1.0)
    styled = np.asarray(draw_pictures(ours, ["a red potion"], [5], draw)[0])
    adapters.set_strength(ours, 0.0)
    off = np.asarray(draw_pictures(ours, ["a red potion"], [5], draw)[0])
    plain = StableDiffusionPipeline.from_pretrained(str(POCKET))
    plain.set_progress_bar_config(disable=True)
    plain.load_lora_weights(str(file.parent))
    theirs = plain(
        ["a red potion"],
        negative_prompt=[""],
        num_inference_steps=4,
        guidance_scale=draw.guidance,
        generator=[torch.Generator().manual_seed(5)],
    ).images[0]
    assert (bare == off).all()
    assert not same_picture(bare, styled)
    assert same_picture(theirs, styled)


def test_a_file_that_is_no_lora_or_does_not_fit_is_refused(straight: Path, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    from studio.diffusion import adapters
    from studio.diffusion.bases import find_base, load_pipeline
    from studio.errors import StudioError

    unet = load_pipeline(find_base("pocket"), torch.device("cpu")).unet
    good = load_file(straight / "adapter" / "pytorch_lora_weights.safetensors")
    broken, other, shapes = (tmp_path / f"{n}.safetensors" for n in ("broken", "other", "shapes"))
    broken.write_bytes(b"not a tensor file")
    save_file({"weight": torch.zeros(2)}, other)
    save_file({k: v[:, :-1].contiguous() if "lora_A" in k else v for k, v in good.items()}, shapes)
    for file, said in ((broken, "whole safetensors"), (other, "no LoRA"), (shapes, "shape")):
        with pytest.raises(StudioError, match=said):
            adapters.check_adapter(file, unet)
    adapters.check_adapter(straight / "adapter" / "pytorch_lora_weights.safetensors", unet)


def test_a_full_disk_names_the_checkpoint_and_leaves_the_one_before(tmp_path: Path) -> None:
    import torch

    from studio.errors import StudioError
    from studio.training import checkpoints

    checkpoints.save(tmp_path, 2, {"weight.a": torch.ones(2)}, {}, keep=2)

    def full(*given: object, **named: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        with pytest.raises(StudioError, match="step-000004.*No space.*--resume"):
            checkpoints.save(tmp_path, 4, {"weight.a": torch.ones(2)}, {}, keep=2)
    found = checkpoints.newest(tmp_path)
    assert found is not None and found[0]["step"] == 2
    assert sorted(f.name for f in tmp_path.iterdir()) == ["step-000002"]
