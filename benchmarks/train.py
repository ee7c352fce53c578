"""How fast the training loop is: `python benchmarks/train.py [--diffusers-script PATH]`.

1. Against a bare loop of UNet forward, loss, backward and AdamW on ready tensors, with the same
   LoRA and batch in the same process; see bare.py. Ours may take at most 1.05 of its time, with
   `--full` (the UNet of Stable Diffusion 1.5 at 256 px) 1.03.
2. With `--diffusers-script`, against diffusers' examples/text_to_image/
   train_text_to_image_lora.py; see example_script.py. Ours must learn 1.1 times the pictures a
   second, with `--compile` 1.3, with `--full` 1.5, and need no more memory.

Both take turns, and the median of the rounds' ratios counts, so that a busy machine does little
harm. Prints a table, or `--json`; exits with 1 where a limit is exceeded, with 2 on bad input.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from studio.errors import StudioError
from studio.training.config import PRESETS, load_config

FULL = 256  # pixels a side with --full


def main(words: list[str] | None = None) -> int:
    """Measure, tell, and return the exit code."""
    asked = _parser().parse_args(words)
    try:
        _check(asked)
        record = _measure(asked)
    except StudioError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(record, indent=1) if asked.json else _table(record))
    return 0 if all(found["within"] for found in record["comparisons"]) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--rounds", type=int, default=30, help="rounds of 10 steps of each loop (30)")
    add("--preset", choices=list(PRESETS), default="fast", help="settings to train with (fast)")
    add("--batch", type=int, help="pictures a step (the preset's)")
    add("--device", default="auto", help="auto, cpu, cuda or mps")
    add("--clock", choices=["wall", "cpu"], default="wall", help="cpu: see measured.Clock (wall)")
    add("--threads", type=int, default=1, help="CPU threads; 0: all (1)")
    add("--diffusers-script", type=Path, metavar="PATH", help="diffusers' example script")
    add("--python", default=sys.executable, help="interpreter for that script (this one)")
    add("--script-rounds", type=int, default=3, help="rounds against the script (3)")
    add("--script-steps", type=int, default=40, help="steps of a round, a multiple of 10 (40)")
    add("--script-size", type=int, default=128, help="pixels a side, a multiple of 64 (128)")
    add("--full", action="store_true", help="Stable Diffusion 1.5 in its own size, batch 1")
    add("--compile", action="store_true", help="with compiled blocks")
    add("--skip-bare", action="store_true", help="only against the script")
    add("--json", action="store_true", help="print a record instead of a table")
    return parser


def _check(asked: argparse.Namespace) -> None:
    for name, least, step in (
        ("rounds", 1, 1),
        ("script_rounds", 1, 1),
        ("script_steps", 10, 10),
        ("script_size", 64, 64),
    ):
        value = getattr(asked, name)
        if value < least or value % step:
            raise StudioError(
                f"--{name.replace('_', '-')} is {value}.", f"Give a multiple of {step}."
            )
    if asked.diffusers_script and not asked.diffusers_script.is_file():
        raise StudioError(f"There is no script {asked.diffusers_script}.", "Give its path.")


def _measure(asked: argparse.Namespace) -> dict[str, Any]:
    from studio.diffusion import torchvision_compat  # noqa: F401, I001
    import torch

    from benchmarks import bare, example_script, measured
    from studio.diffusion import bases

    if asked.threads:
        torch.set_num_threads(asked.threads)
    device = bases.pick_device(asked.device)
    if asked.clock == "cpu" and device.type != "cpu":
        raise StudioError("--clock cpu tells nothing of a GPU.", "Leave it out.")
    clock = measured.Clock(device, asked.clock == "cpu")
    precision = "no" if device.type == "cpu" else "fp16"
    flags = {"batch_size": asked.batch, "mixed_precision": precision, "compile": asked.compile}
    if asked.full:
        flags |= {"base": "stable-diffusion-v1-5/stable-diffusion-v1-5"}
        flags |= {"batch_size": asked.batch or 1}
    config = load_config(asked.preset, flags=flags, environment={})
    record: dict[str, Any] = {
        "schema": 1,
        "machine": platform.processor() or platform.machine(),
        "device": device.type,
        "clock": asked.clock,
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "preset": asked.preset,
        "precision": precision,
        "comparisons": [],
    }
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if not asked.skip_bare:
            size = FULL if asked.full else 0
            found = bare.compare(config, asked.rounds, clock, folder / "bare", size)
            record["comparisons"].append(found.record())
        if asked.diffusers_script:
            script = example_script.Script(
                asked.diffusers_script.resolve(), asked.python, asked.threads
            )
            found, encoding = example_script.compare(
                script,
                config,
                rounds=asked.script_rounds,
                steps=asked.script_steps,
                size=FULL if asked.full else asked.script_size,
                clock=clock,
                folder=folder / "script",
                full=asked.full,
            )
            record["comparisons"].append({**found.record(), "encoding_s": encoding})
    return record


def _table(record: dict[str, Any]) -> str:
    lines = [
        f"{record['device']}, {record['clock']} clock, {record['threads']} threads, "
        f"torch {record['torch']}, preset {record['preset']}, precision {record['precision']}",
        f"{'against':28}{'batch':>6}{'size':>6}{'rank':>6}{'rounds':>8}"
        f"{'ours ms':>10}{'theirs ms':>11}{'ratio':>8}{'min-max':>13}{'limit':>7}",
    ]
    for c in record["comparisons"]:
        spread = f"{c['spread'][0]:.2f}-{c['spread'][1]:.2f}"
        lines.append(
            f"{c['against']:28}{c['batch_size']:6}{c['size']:6}{c['rank']:6}{c['rounds']:8}"
            f"{c['ours_s'] * 1e3:10.1f}{c['theirs_s'] * 1e3:11.1f}{c['ratio']:8.3f}{spread:>13}"
            f"{c['limit']:7.2f}  {'ok' if c['within'] else 'TOO SLOW'}"
        )
        if c["memory"]:
            mine, other = (value / 1e9 for value in c["memory"])
            lines.append(f"  memory at its fullest: {mine:.2f} GB, theirs {other:.2f} GB")
        if "encoding_s" in c:
            lines.append(f"  encoded once before, ours alone: {c['encoding_s']:.1f} s")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
