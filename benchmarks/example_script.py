"""Our loop against the script that diffusers gives as its example of a text-to-image LoRA.

Both train the same base (small_sd.py; the pocket base itself has an autoencoder that the script
can't load) on the bundled sample with the same targets (to_q, to_k, to_v, to_out.0), rank, batch,
size, precision, optimizer, loss weights and threads, in turns. Each is a process of its own, whose
fullest memory counts too. Of the script a long run's time less a short one's, over the difference
of their steps, leaves loading and saving out. Ours is `loop.train` between its first and its last
call of the progress hook. Pictures and texts were encoded before; how long that took, once, is
told beside.
The script is given by its path; it wants the package `datasets`, which is none of ours, hence
an interpreter of its own.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest.mock import patch

from safetensors import safe_open

from benchmarks import small_sd
from benchmarks.measured import Clock, Comparison, encoded_sample, hooks
from studio.diffusion import bases
from studio.errors import StudioError
from studio.operations.first_run import sample_folder
from studio.settings import CHECKOUT
from studio.training import adapter_layers, loop
from studio.training.config import TrainConfig

# Of the script's time: 1.1 times its pictures, 1.3 when compiled, 1.5 in the full size.
LIMIT, LIMIT_COMPILED, LIMIT_FULL = 1 / 1.1, 1 / 1.3, 1 / 1.5
SHORT = 5  # steps of the short run: the script's first ones, slower than the rest, are in both
TARGETS = ["to_q", "to_k", "to_v", "to_out.0"]
# torchvision must meet our stand-in first where its compiled half does not fit the torch build.
RUNNER = (
    "import runpy, sys, studio.diffusion.torchvision_compat; "
    "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
)


@dataclass(frozen=True)
class Script:
    """The example script, the interpreter for it, and threads (0: all)."""

    path: Path
    python: str
    threads: int


def compare(
    script: Script,
    config: TrainConfig,
    *,
    rounds: int,
    steps: int,
    size: int,
    clock: Clock,
    folder: Path,
    full: bool = False,
) -> tuple[Comparison, float]:
    """The comparison, `full` in Stable Diffusion 1.5's own size, and the seconds that our encoding
    took once. StudioError if the script fails, or trained weights of other shapes than ours."""
    model = folder / "model"
    small_sd.write(model, size, full)
    config = replace(
        config,
        base=str(model),
        targets="attention",
        preview_every_n_steps=0,
        max_train_steps=steps + loop.READ_EVERY,
    )
    ours, theirs, encoding = [], [], 0.0
    held: list[tuple[float, float]] = []
    for number in range(rounds):
        out = folder / f"script-{number}"
        (short, _), (long, their_memory) = (
            _seconds(script, model, config, taken, size, clock, out)
            for taken in (SHORT, SHORT + steps)
        )
        if long <= short:
            raise StudioError(
                f"{steps} steps more took the script {long - short:.1f} s: other work drowns them.",
                "Give --clock cpu, more --script-steps, or wait for the machine.",
            )
        theirs.append((long - short) / steps)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            words = (config, size, clock, folder / f"ours-{number}", script.threads)
            took, once, shapes, our_memory = pool.submit(_ours, *words).result()
        ours.append(took)
        held.append((our_memory, their_memory))
        encoding = encoding or once
        print(
            f"round {number + 1}/{rounds}: ours {ours[-1]:.3f}, theirs {theirs[-1]:.3f} s a step",
            file=sys.stderr,
        )
        _check_shapes(shapes, out / "pytorch_lora_weights.safetensors")
    limit = LIMIT_FULL if full else LIMIT_COMPILED if config.compile else LIMIT
    found = Comparison(
        "diffusers' script, SD 1.5" if full else "diffusers' example script",
        limit,
        tuple(ours),
        tuple(theirs),
        config.batch_size,
        size,
        config.rank,
        (statistics.median(a for a, _ in held), statistics.median(b for _, b in held)),
    )
    return found, encoding


def _ours(
    config: TrainConfig, size: int, clock: Clock, folder: Path, threads: int
) -> tuple[float, float, list[list[int]], float]:
    """Seconds a step, seconds of encoding, the trained weights' shapes, and the most bytes held;
    in a process of its own."""
    import torch

    if threads:
        torch.set_num_threads(threads)
    pipeline = bases.load_pipeline(bases.find_base(config.base), clock.device)
    began = clock.now()
    encoded = encoded_sample(pipeline, size, config, folder)
    once = clock.now() - began
    marks: list[tuple[int, float]] = []

    def mark(at: loop.Progress) -> None:
        marks.append((at.step, clock.now()))

    # The script adapts fewer modules than we call attention.
    with patch.dict(adapter_layers.MODULES, attention=TARGETS):
        tensors = loop.train(pipeline, encoded, config, folder / "run", hooks(mark))
    (first, early), (last, late) = marks[0], marks[-1]
    shapes = [list(tensor.shape) for tensor in tensors.values()]
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0
    return (late - early) / (last - first), once, shapes, held


def _seconds(
    script: Script,
    model: Path,
    config: TrainConfig,
    steps: int,
    size: int,
    clock: Clock,
    out: Path,
) -> tuple[float, float]:
    """How long the script's process takes for `steps` steps, and the most bytes it held."""
    settings: dict[str, Any] = {
        "pretrained_model_name_or_path": model,
        "train_data_dir": sample_folder("train"),
        "output_dir": out,
        "cache_dir": out / "cache",
        "resolution": size,
        "train_batch_size": config.batch_size,
        "max_train_steps": steps,
        "rank": config.rank,
        "learning_rate": config.learning_rate,
        "lr_scheduler": config.lr_scheduler,
        "lr_warmup_steps": config.warmup_steps,
        "snr_gamma": config.min_snr_gamma,
        "max_grad_norm": config.max_grad_norm,
        "adam_weight_decay": config.weight_decay,
        "mixed_precision": config.mixed_precision,
        "seed": config.seed,
    }
    words = [script.python, "-c", RUNNER, str(script.path)]
    words += [f"--{name}={value}" for name, value in settings.items()]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "HF_HUB_OFFLINE": "1"}
    if script.threads:
        environment["OMP_NUM_THREADS"] = environment["MKL_NUM_THREADS"] = str(script.threads)
    if clock.device.type == "cpu":
        environment["ACCELERATE_USE_CPU"] = "true"
    log = out.with_suffix(".log")
    with log.open("wb") as told:
        began = time.perf_counter()
        process = subprocess.Popen(
            words, env=environment, cwd=model.parent, stdout=told, stderr=subprocess.STDOUT
        )
        took = clock.of(process, began)
    if process.returncode:
        raise StudioError(
            f"{script.path} failed: {log.read_text(errors='replace').strip()[-600:]}",
            "Give with --python an interpreter that has diffusers, peft, torchvision and datasets.",
        )
    return took


def _check_shapes(ours: list[list[int]], file: Path) -> None:
    with safe_open(file, framework="pt") as opened:
        theirs = [list(opened.get_slice(name).get_shape()) for name in opened.keys()]
    if sorted(ours) != sorted(theirs):
        raise StudioError(
            f"The script trained {len(theirs)} tensors, our loop {len(ours)}, or of other shapes.",
            "Compare the script's LoRA targets with TARGETS.",
        )
