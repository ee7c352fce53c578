"""The GAN `sprite` against DCGAN's recipe on equal pictures, on a folder of sprites:

    python benchmarks/gan.py FOLDER [--minutes 5] [--seeds 3] [--cpu] [--only sprite] [--out DIR]

For each seed `sprite` trains for so many minutes of the wall clock (with `--cpu`, of the CPU), and
`dcgan` on as many pictures of the same size. Both are measured on 1,000 sprites by the practice
CLIP: KID, coverage (k = 5), Vendi, copies; real halves stand beside. Then, in the same run: sprites
a second against pictures of the practice base, and a step of the loop against a bare one. `--out`
keeps a sheet and the generator of each. Exits with 1 where a bar is missed: KID <= .003 and half of
DCGAN's, coverage >= .18, Vendi >= 6, no copies, 300 times `pocket`, 1.05 of a bare step.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from studio.diffusion import bases, bundled_bases, sampling
from studio.evaluation import features, metrics
from studio.gan import data, frames, loop, losses, model_file, networks, optimizers, step_inputs
from studio.gan import shape as shapes
from studio.gan.data import Asked, Pictures
from studio.gan.pixels import as_numbers
from studio.gan.sampling import Sampler
from studio.gan.settings import GanSettings, load
from studio.gan.shape import Shape
from studio.workflows.gan_figures import Measuring, delivered, real_pictures, sheet

MEASURED, GREY = 1_000, (128, 128, 128)
BARS = {"kid": 0.003, "of_dcgan": 0.5, "coverage": 0.18, "vendi": 6.0, "pocket": 300, "step": 1.05}
CPU = torch.device("cpu")


def main(words: list[str] | None = None) -> int:
    """Train, measure, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--cpu", action="store_true", help="minutes are of the CPU")
    parser.add_argument("--only", choices=("sprite", "dcgan", "speed"), default="")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(words)
    clock = time.process_time if asked.cpu else time.monotonic
    own = [tuple(one.partition("=")[::2]) for one in asked.set]
    record: dict[str, Any] = {"schema": 1, "folder": str(asked.folder), "runs": []}
    pictures, _ = material(asked.folder, settings("sprite", own))
    measure = Measuring(pictures, GREY, MEASURED)
    record["real"] = real_halves(measure)
    print(f"{len(pictures):,} sprites; real halves: {record['real']}", file=sys.stderr)
    for seed in range(asked.seeds if asked.only != "speed" else 0):
        run: dict[str, Any] = {"seed": seed}
        for model in ("sprite", "dcgan"):
            if asked.only and asked.only != model:
                continue
            said = settings(model, [*(own if model == "sprite" else []), ("seed", seed)])
            limit = asked.minutes * 60 if model == "sprite" or asked.only else None
            steps = run.get("sprite", {}).get("steps", 10**6)
            run[model] = one(asked, said, measure, clock, limit, steps)
            print(json.dumps({model: run[model]}), file=sys.stderr)
        record["runs"].append(run)
    if asked.only in ("", "speed"):
        record["sampling"] = against_pocket()
        record["step"] = against_bare(asked.folder, settings("sprite", own))
    record["missed"] = missed(record)
    print(json.dumps(record, indent=None if asked.json else 1))
    return 1 if record["missed"] else 0


def settings(model: str, own: list[tuple[str, Any]]) -> GanSettings:
    """Both at the same size, channels and batch."""
    plain: dict[str, Any] = {"model_type": model, "num_epochs": 10**6, "log_steps": 0}
    same = {"base_width": 4, "base_height": 4, "upsample_layers": 3, "num_channels": 4}
    said = {**plain, **same, "save_steps": 0, "steps_to_eval": 20, **dict(own)}
    return load((name, value, name) for name, value in said.items())


def material(folder: Path, said: GanSettings) -> tuple[Pictures, Shape]:
    """The sprites of a folder, and the shape of what draws such."""
    found = frames.find(folder)
    asked = Asked(said.size, said.num_channels, "nearest", GREY)
    pictures = data.gather(
        found.open, found.classes, asked, lambda line: None, conditional=said.class_conditional
    )
    shape = shapes.of_settings(
        said,
        seamless="",
        filter="nearest",
        matte="#808080",
        classes=pictures.names,
        shares=pictures.shares,
    )
    return pictures, shape


def one(
    asked: argparse.Namespace,
    said: GanSettings,
    measure: Measuring,
    clock: Callable[[], float],
    limit: float | None,
    steps: int,
) -> dict[str, Any]:
    """One training and its figures; it ends at the limit, in seconds, or after so many steps."""
    pictures, shape = material(asked.folder, said)
    began, at = clock(), {"step": 0}

    def ended(step: int, sampler: Sampler) -> bool:
        at["step"] = step
        return step >= steps or (limit is not None and clock() - began > limit)

    with tempfile.TemporaryDirectory() as folder:
        made = loop.train(pictures, shape, said, Path(folder), loop.Hooks(check=ended), CPU)
    spent = clock() - began
    drawn = delivered(shape, made.draw(range(MEASURED)))
    found = {**measure.of(drawn), "copies": float(copies(measure, drawn))}
    if asked.out:
        asked.out.mkdir(parents=True, exist_ok=True)
        name = f"{said.model_type}-{said.seed}"
        sheet(drawn[:128], 16).save(asked.out / f"{name}.png")
        model_file.write(asked.out / f"{name}.safetensors", shape, made.network.state_dict())
    return {"steps": at["step"], "seconds": round(spent, 1), **found}


def copies(measure: Measuring, drawn: list[Any]) -> int:
    """How many are more like a real sprite than those are like each other."""
    real = real_pictures(measure.pictures, 10**6)
    bar = metrics.copy_threshold(measure.seen.encode_pictures(real))
    _, cosines = metrics.nearest(
        measure.seen.encode_pictures(drawn), features.encode_views(measure.seen, real)
    )
    return int((cosines > bar).sum())


def real_halves(measure: Measuring) -> dict[str, float]:
    """One half of the real sprites against the other."""
    one, two = measure.reals[::2], measure.reals[1::2]
    return {
        "kid": metrics.kid(one, two),
        "vendi": metrics.vendi(one[:MEASURED]),
        "coverage": metrics.coverage(one, two),
    }


def against_pocket() -> dict[str, float]:
    """Sprites a second of a usual generator, and of the practice base, each on one thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        _, shape = _usual()
        sampler = Sampler(shape, networks.generator(shape).eval())
        sampler.draw(range(64))
        ours = 2_048 / _seconds(lambda: sampler.draw(range(2_048)))
        pipeline = bases.load_pipeline(bases.find_base(bundled_bases.DEFAULT), CPU)

        def draw() -> Any:
            return sampling.draw_pictures(
                pipeline, ["a red gem"] * 16, list(range(16)), sampling.Draw()
            )

        draw()
        theirs = 16 / _seconds(draw)
    finally:
        torch.set_num_threads(before)
    return {"sprites_s": ours, "pocket_s": theirs, "ratio": ours / theirs}


def _usual() -> tuple[GanSettings, Shape]:
    said = settings("sprite", [])
    return said, shapes.of_settings(said, seamless="", filter="nearest", matte="#808080")


def _seconds(does: Callable[[], Any]) -> float:
    began = time.perf_counter()
    does()
    return time.perf_counter() - began


def against_bare(
    folder: Path, said: GanSettings, rounds: int = 5, every: int = 40
) -> dict[str, Any]:
    """A step of the loop against a bare one, in turns of `every` steps."""
    pictures, shape = material(folder, said)
    step = bare_step(pictures, shape, said)
    step()
    ours, theirs = list[float](), list[float]()
    last = {"at": 0.0}

    def turn(number: int, sampler: Sampler) -> bool:
        now = time.perf_counter()
        if last["at"]:
            ours.append((now - last["at"]) / every)
        theirs.append(_seconds(lambda: [step() for _ in range(every)]) / every)
        last["at"] = time.perf_counter()
        return len(ours) >= rounds

    with tempfile.TemporaryDirectory() as place:
        told = load(
            (name, value, name) for name, value in {**vars(said), "steps_to_eval": every}.items()
        )
        loop.train(pictures, shape, told, Path(place), loop.Hooks(check=turn), CPU)
    ratios = [a / b for a, b in zip(ours, theirs[1:], strict=False)]
    return {
        "ours_s": statistics.median(ours),
        "bare_s": statistics.median(theirs),
        "ratio": statistics.median(ratios),
    }


def bare_step(pictures: Pictures, shape: Shape, said: GanSettings) -> Callable[[], None]:
    """A step with the same networks, losses and changes, and nothing around it."""
    made, judge = networks.generator(shape), networks.discriminator(shape)
    betas = (said.beta1, said.beta2)
    of_made = optimizers.make(said.optimizer, made.parameters(), said.generator_lr, betas, 0)
    of_judge = optimizers.make(said.optimizer, judge.parameters(), said.discriminator_lr, betas, 0)
    real = as_numbers(pictures.take(range(said.batch_size)))
    kinds = step_inputs.weights(
        torch.from_numpy(pictures.classes[: said.batch_size]), len(shape.classes)
    )
    randomly = step_inputs.random_of(0, 0)

    def step() -> None:
        def judged(seen: torch.Tensor, kinds: torch.Tensor, changes: Any) -> torch.Tensor:
            from studio.gan import augmentation

            told: torch.Tensor = judge(
                augmentation.changed(seen, changes, "") if changes else seen, kinds
            )
            return told

        of_judge.zero_grad(set_to_none=True)
        latent, changes = step_inputs.drawn(shape, said, randomly)
        first, second = changes or (None, None)
        with torch.no_grad():
            fake = made(latent, kinds)
        loss, _ = loop._judging(judged, real, fake, kinds, first, second, said, CPU)
        loss.backward()
        of_judge.step()
        of_made.zero_grad(set_to_none=True)
        latent, changes = step_inputs.drawn(shape, said, randomly)
        first, second = changes or (None, None)
        with losses.frozen(judge):
            with torch.no_grad():
                of_real = judged(real, kinds, first)
            fake = judged(made(latent, kinds), kinds, second)
            losses.generator(said.loss_function, of_real, fake).backward()
        of_made.step()

    return step


def missed(record: dict[str, Any]) -> list[str]:
    """The bars that were not met, by the median of the seeds."""
    found = []
    runs = [run for run in record["runs"] if "sprite" in run]

    def middle(name: str) -> float:
        return statistics.median(run["sprite"][name] for run in runs)

    if runs:
        found += [f"kid {middle('kid'):.4f}"] if middle("kid") > BARS["kid"] else []
        for name in ("coverage", "vendi"):
            found += [f"{name} {middle(name):.2f}"] if middle(name) < BARS[name] else []
        found += [f"copies {middle('copies'):.0f}"] if middle("copies") else []
        if all("dcgan" in run for run in runs):
            share = statistics.median(run["sprite"]["kid"] / run["dcgan"]["kid"] for run in runs)
            found += [f"kid {share:.2f} of dcgan's"] if share > BARS["of_dcgan"] else []
    if "sampling" in record and record["sampling"]["ratio"] < BARS["pocket"]:
        found.append(f"sampling {record['sampling']['ratio']:.0f} times pocket")
    if "step" in record and record["step"]["ratio"] > BARS["step"]:
        found.append(f"step {record['step']['ratio']:.2f} of a bare one")
    return found


if __name__ == "__main__":
    raise SystemExit(main())
