"""What 50,000 pictures cost: `python benchmarks/many_pictures.py [--pictures N] [--json]`.

1. Start-up: from a full cache to latents and texts ready for the first step, `cache.encode`
   itself, with a caption of its own for every picture. At most 10 s for 50,000.
2. A step: pictures chosen, latents drawn, UNet forward and backward, with 50 pictures and with
   all, in turns in one process. The median of the rounds' ratios counts; at most 1.05.

The base is the practice base; latents and texts are made up, in its shapes, since a step does not
know. Exits with 1 where a limit is exceeded.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from studio.training.config import TrainConfig

if TYPE_CHECKING:
    from studio.training.encoded_dataset import Encoded

FEW = 50
START_UP_S, RATIO = 10.0, 1.05
THINGS = ("potion", "sword", "ship", "rock", "tree", "coin", "shield", "book", "lamp", "gem")


def main(words: list[str] | None = None) -> int:
    """Measure, tell, and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pictures", type=int, default=50_000, help="how many (50,000)")
    parser.add_argument("--rounds", type=int, default=30, help="rounds of a step each (30)")
    parser.add_argument(
        "--clock",
        choices=["wall", "cpu"],
        default="wall",
        help="cpu: only the time that this process computes, where others keep it busy (wall)",
    )
    parser.add_argument("--threads", type=int, default=1, help="CPU threads; 0: all (1)")
    parser.add_argument("--folder", type=Path, help="where the cache is made (a temporary one)")
    parser.add_argument("--json", action="store_true", help="print a record instead of lines")
    asked = parser.parse_args(words)
    if min(asked.pictures, asked.rounds) < 1:
        print("Give at least one picture and one round.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        record = _measure(asked, Path(place))
    if asked.json:
        print(json.dumps(record, indent=1))
    else:
        print(
            f"start-up with {record['pictures']:,} cached pictures: {record['start_up_s']:.1f} s "
            f"(limit {START_UP_S:.0f}); {record['cache_gb']:.2f} GB in {record['files']} files\n"
            f"step with {FEW} pictures {record['few_s'] * 1e3:.1f} ms, with "
            f"{record['pictures']:,} {record['many_s'] * 1e3:.1f} ms, ratio {record['ratio']:.3f} "
            f"(limit {RATIO}); choosing and drawing alone {record['few_data_s'] * 1e3:.2f} and "
            f"{record['many_data_s'] * 1e3:.2f} ms"
        )
    return 0 if record["within"] else 1


def _measure(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    from studio.diffusion import torchvision_compat  # noqa: F401, I001
    import torch

    from studio.diffusion import bases
    from studio.training import latent_cache

    if asked.threads:
        torch.set_num_threads(asked.threads)
    pipeline = bases.load_pipeline(bases.find_base("pocket"), torch.device("cpu"))
    size = bases.native_size(pipeline)
    examples = [_example(number) for number in range(asked.pictures)]
    captions = [example.caption for example in examples]
    _fill(pipeline, examples, captions, size, folder)
    files = list(folder.iterdir())

    def start(count: int) -> Encoded:
        return latent_cache.encode(
            pipeline,
            examples[:count],
            captions[:count],
            size=size,
            filter="nearest",
            matte="#808080",
            folder=folder,
        )

    clock = time.process_time if asked.clock == "cpu" else time.perf_counter
    began = clock()
    many = start(asked.pictures)
    start_up = clock() - began
    times = _steps(pipeline, {"few": start(FEW), "many": many}, asked.rounds, clock)
    ratio = statistics.median(m / f for f, m in zip(times["few"], times["many"], strict=True))
    medians = {name: statistics.median(values) for name, values in times.items()}
    return {
        "schema": 1,
        "pictures": asked.pictures,
        "clock": asked.clock,
        "start_up_s": start_up,
        "cache_gb": sum(file.stat().st_size for file in files) / 1e9,
        "files": len(files),
        **{f"{name}_s": value for name, value in medians.items()},
        "ratio": ratio,
        "within": start_up <= START_UP_S and ratio <= RATIO,
    }


def _example(number: int) -> Any:
    from studio.training.encoding import Example

    def never() -> Any:
        raise AssertionError("what is cached is not opened")

    digest = hashlib.sha256(f"picture {number}".encode()).hexdigest()
    caption = f"a {THINGS[number % len(THINGS)]} of the kind {number}"
    return Example(digest, caption, never, name=f"{number}.png", size=(32, 32))


def _fill(pipeline: Any, examples: list[Any], captions: list[str], size: int, folder: Path) -> None:
    """Packs as encoding all pictures would leave them, with made-up numbers in them."""
    import torch

    from studio.training import encoding, latent_cache
    from studio.training.tensor_packs import Packs

    packs = Packs(folder)
    fits = latent_cache.fits_of(pipeline, examples, size, "nearest", False)
    wishes, _ = latent_cache.wishes_of(pipeline, examples, fits, "#808080", "solid")
    side = size // int(pipeline.vae_scale_factor)
    shape = (int(pipeline.unet.config.in_channels), side, side)
    for (wish,) in wishes:
        made = {"mean": torch.randn(shape), "deviation": torch.rand(shape)}
        packs.add(wish.key, made | {"cover": torch.full((side, side), 255, dtype=torch.uint8)})
    texts = list(dict.fromkeys([*captions, ""]))
    tokens, width = pipeline.tokenizer.model_max_length, pipeline.unet.config.cross_attention_dim
    for key in encoding.text_keys(pipeline, texts):
        packs.add(key, {"text": torch.randn(tokens, width)})
    packs.flush()


def _steps(
    pipeline: Any, sets: dict[str, Encoded], rounds: int, clock: Callable[[], float]
) -> dict[str, list[float]]:
    """Seconds of a whole step, and of its data alone, of each set in turns."""
    import torch
    from accelerate import Accelerator

    from studio.training.batches import Batch, Order, batch
    from studio.training.noising import Noising

    config = TrainConfig(batch_size=32)
    noising = Noising(pipeline.scheduler.config, torch.device("cpu"), config)
    accelerator, unet = Accelerator(cpu=True), pipeline.unet
    unet.requires_grad_(False)
    unet.conv_out.requires_grad_(True)
    orders = {name: Order(encoded, config) for name, encoded in sets.items()}
    times: dict[str, list[float]] = {name: [] for name in ("few", "many", "few_data", "many_data")}

    def step(name: str, number: int) -> None:
        draws = torch.Generator().manual_seed(number)
        began = clock()
        seen: Batch = batch(sets[name], orders[name].at(number, 0), config, draws)
        drawn = clock()
        noising.loss(unet, seen, config, draws, accelerator).backward()
        times[name].append(clock() - began)
        times[f"{name}_data"].append(drawn - began)

    for number in range(1, rounds + 2):
        for name in ("few", "many") if number % 2 else ("many", "few"):
            step(name, number)
    return {name: found[1:] for name, found in times.items()}  # the first warms up


if __name__ == "__main__":
    sys.exit(main())
