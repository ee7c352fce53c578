"""Our enlargement by diffusion tile by tile against diffusers' own pipeline called for each tile.

    python benchmarks/tile_diffusion.py [--result 640] [--tile 256] [--steps 6] [--rounds 3]

Both draw the same picture with the same random model in SDXL's shape, the same ControlNet, tiles,
steps, strength and prompt, in one process and in turns, so that what else the machine does meets
both. Theirs is what scripts of that kind do (diffusers' examples, Ultimate SD Upscale): enlarge the
whole with Lanczos, crop a tile, call StableDiffusionXLControlNetImg2ImgPipeline with it, and paste
the answer over a blurred mask. Colours are not held in ours: that would hide seams. What a call of
theirs takes by itself is the bare pipeline. Memory is the peak of a process of its own for each
side, above one that only loads the model. Seams are judged by the band that overlaps leave: what a
model with random weights draws is noise, whose own steps from pixel to pixel are larger than any
between tiles. The steps that `studio.upscaling.seam_measure` reads are told as well.

With --script FOLDER, that of diffusers' own examples/community (fetched by you), its tile pipeline
`mod_controlnet_tile_sr_sdxl.py` takes theirs' place. It wants a ControlNetUnionModel, and gets one
with the same weights. It draws tiles of 1024 or 1280 pixels that overlap by 128 or more, blends
them at each step, and decodes the whole at once: give --result 1920 --tile 1024 --overlap 128. The
overhead is still measured over the bare pipeline.

Exit 1 where seconds a tile are above 1.05 of theirs, seams or memory are not below theirs, or the
overhead over the bare pipeline is above 10 % and 0.2 s a tile.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

LIMIT, SHARE, SECONDS = 1.05, 0.10, 0.2
SIDES = ("ours", "theirs", "script", "nothing")
PROMPT, NEGATIVE = "a castle on a hill, detailed painting", "blurry"
SEED, CONTROL, GUIDANCE = 7, 0.6, 7.0
CONTROL_FOLDER = "control"
SCRIPT = "mod_controlnet_tile_sr_sdxl.py"
TILE_PIPELINE = "StableDiffusionXLControlNetTileSRPipeline"
SCRIPT_TILES, SCRIPT_OVERLAP = (1024, 1280), 128  # it takes no others, and no smaller overlap


@dataclass(frozen=True)
class Asked:
    """One enlargement: sides of source, result and tiles in pixels; `clock` tells seconds."""

    source: int
    result: int
    tile: int
    overlap: int
    steps: int
    strength: float
    clock: Callable[[], float] = time.perf_counter


@dataclass(frozen=True)
class Done:
    """The result, how many tiles it took, and the seconds of all and of the pipeline's calls."""

    picture: Image.Image
    tiles: int
    seconds: float
    calls: float


Side = Callable[[Any, Any, Asked, Path], Done]


def picture(side: int) -> Image.Image:
    """Soft shapes of many colours, opaque."""
    small = np.random.default_rng(SEED).integers(0, 256, (12, 12, 3), np.uint8)
    soft = Image.fromarray(small, "RGB").resize((side, side), Image.Resampling.BICUBIC)
    return soft.filter(ImageFilter.GaussianBlur(side / 64))


def ours(model: Any, net: Any, asked: Asked, folder: Path) -> Done:
    """Through the studio: engine, tiles as files, blending, the PNG."""
    from studio import images
    from studio.diffusion.controls import Control
    from studio.upscaling import diffusion_engine, grid, passes
    from studio.upscaling.settings import Settings

    place = _saved(net, folder)
    weights = place / "diffusion_pytorch_model.safetensors"
    config = (place / "config.json").read_text("utf-8")
    settings = Settings(
        "diffusion",
        asked.result,
        asked.result,
        tile=asked.tile,
        overlap=asked.overlap,
        steps=asked.steps,
        strength=asked.strength,
        guidance=GUIDANCE,
        hold=0.0,
        prompt=PROMPT,
        negative=NEGATIVE,
        seed=SEED,
        base="small",
    )
    source = folder / "source.png"
    picture(asked.source).save(source)
    control = Control("tile", str(weights), CONTROL, config=config)
    engine = diffusion_engine.load(model, settings, control=control)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        began = asked.clock()
        found = passes.run(source, settings, engine, Path(work))
        seconds = asked.clock() - began
        result = images.open_result(found.file).convert("RGB")
    tiles = grid.spread(asked.result, asked.result, asked.tile, asked.overlap).tiles
    return Done(result, len(tiles), seconds, seconds)


def _saved(net: Any, folder: Path) -> Path:
    place = folder / CONTROL_FOLDER
    if not place.is_dir():
        net.save_pretrained(place)
    return place


def theirs(model: Any, net: Any, asked: Asked, folder: Path) -> Done:
    """Diffusers' own pipeline, called for each tile of the whole."""
    import torch
    from diffusers import StableDiffusionXLControlNetImg2ImgPipeline

    called: Any = StableDiffusionXLControlNetImg2ImgPipeline(
        **model.components, controlnet=net, add_watermarker=False
    )
    called.set_progress_bar_config(disable=True)
    began, calls = asked.clock(), 0.0
    whole = picture(asked.source).resize((asked.result,) * 2, Image.Resampling.LANCZOS)
    canvas, starts = whole.copy(), _starts(asked)
    for top in starts:
        for left in starts:
            tile = whole.crop((left, top, left + asked.tile, top + asked.tile))
            at = asked.clock()
            drawn = called(
                prompt=PROMPT,
                negative_prompt=NEGATIVE,
                image=tile,
                control_image=tile,
                strength=asked.strength,
                num_inference_steps=asked.steps,
                guidance_scale=GUIDANCE,
                controlnet_conditioning_scale=CONTROL,
                generator=torch.Generator().manual_seed(SEED),
            ).images[0]
            calls += asked.clock() - at
            canvas.paste(drawn, (left, top), _mask(asked, left, top))
    canvas.save(folder / "theirs.png")
    return Done(canvas, len(starts) ** 2, asked.clock() - began, calls)


def by_script(folder: Path, asked: Asked) -> Side:
    """The same by diffusers' community script, which draws all tiles in one call."""
    if asked.tile not in SCRIPT_TILES or asked.overlap < SCRIPT_OVERLAP:
        raise SystemExit(
            f"{SCRIPT} draws tiles of {' or '.join(map(str, SCRIPT_TILES))} pixels that overlap by "
            f"{SCRIPT_OVERLAP} or more."
        )
    script = folder / SCRIPT
    spec = importlib.util.spec_from_file_location("tile_script", script)
    if not script.is_file() or spec is None or spec.loader is None:
        raise SystemExit(f"There is no {script}.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    kind = getattr(module, TILE_PIPELINE)

    def draw(model: Any, net: Any, asked: Asked, folder: Path) -> Done:
        import torch

        from benchmarks import small_sdxl

        left_out = ("image_encoder", "feature_extractor")
        parts = {name: one for name, one in model.components.items() if name not in left_out}
        called = kind(**parts, controlnet=small_sdxl.union(net), add_watermarker=False)
        called.set_progress_bar_config(disable=True)
        began = asked.clock()
        whole = picture(asked.source).resize((asked.result,) * 2, Image.Resampling.LANCZOS)
        drawn = called(
            image=whole,
            control_image=whole,
            control_mode=[0],
            prompt=PROMPT,
            negative_prompt=NEGATIVE,
            height=asked.result,
            width=asked.result,
            max_tile_size=asked.tile,
            normal_tile_overlap=asked.overlap,
            border_tile_overlap=asked.overlap,
            num_inference_steps=asked.steps,
            strength=asked.strength,
            guidance_scale=GUIDANCE,
            controlnet_conditioning_scale=CONTROL,
            generator=torch.Generator().manual_seed(SEED),
        ).images[0]
        drawn.save(folder / "theirs.png")
        seconds = asked.clock() - began
        return Done(drawn, len(_starts(asked)) ** 2, seconds, seconds)

    return draw


def step(done: Done, asked: Asked) -> float:
    """The largest step over a line where tiles meet, in levels."""
    from studio.upscaling import grid, seam_measure

    before = picture(asked.source).resize((asked.result,) * 2, Image.Resampling.LANCZOS)
    tiles = grid.spread(asked.result, asked.result, asked.tile, asked.overlap)
    return seam_measure.step(np.asarray(before), np.asarray(done.picture), tiles)


def band(done: Done, asked: Asked) -> float:
    """How much fainter than elsewhere the result is where tiles overlap, as a share: two drawings
    that don't agree, laid over each other, leave a band. The worst of both axes; 0 is unseen."""
    grey = np.asarray(done.picture.convert("L"), np.float32)
    first, width = asked.tile - asked.overlap, asked.overlap // 4  # the middle of each overlap
    middles = [start + asked.overlap // 2 for start in range(first, asked.result - 1, first)]
    inside = np.zeros(asked.result, bool)
    for middle in middles[: (asked.result - asked.tile) // first]:
        inside[middle - width // 2 : middle + width // 2] = True
    worst = 0.0
    for axis in (0, 1):
        contrast = np.square(np.diff(grey, axis=axis, append=0)).mean(axis)[1:-1] ** 0.5
        within, beside = contrast[inside[1:-1]].mean(), contrast[~inside[1:-1]].mean()
        worst = max(worst, 1 - float(within / beside))
    return worst


def peak(side: str, words: list[str]) -> float:
    """MB at most of a process of its own that draws one side once."""
    command = [sys.executable, str(Path(__file__)), "--side", side, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout.splitlines()[-1])["peak"])


def measure(asked: Asked, rounds: int, words: list[str], script: Path | None) -> dict[str, Any]:
    """All sides in turns; one round before does not count."""
    from benchmarks import small_sdxl

    model = small_sdxl.pipeline(asked.tile)
    net = small_sdxl.control(model.unet)
    sides: dict[str, Side] = {"ours": ours, "theirs": theirs}
    if script:
        sides |= {"script": by_script(script, asked)}
    done: dict[str, list[Done]] = {side: [] for side in sides}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds + 1):
            for side, draw in sides.items():
                done[side].append(draw(model, net, asked, Path(folder)))
        words = [*words, "--folder", folder]
        rival = "script" if script else "theirs"
        nothing = peak("nothing", words)
        memory = peak("ours", words) - nothing, peak(rival, words) - nothing
    mine, other_side = done["ours"], done[rival]
    tiles = mine[0].tiles
    pairs = list(zip(mine[1:], other_side[1:], strict=True))
    ratio = statistics.median(a.seconds / b.seconds for a, b in pairs)
    own = statistics.median(one.seconds for one in mine[1:]) / tiles
    bare = statistics.median(one.calls for one in done["theirs"][1:]) / tiles
    seams = band(mine[0], asked), band(other_side[0], asked)
    steps = step(mine[0], asked), step(other_side[0], asked)
    met = {
        "time": ratio <= LIMIT,
        "overhead": own <= bare * (1 + SHARE) + SECONDS,
        "seams": seams[0] < seams[1],
        "memory": memory[0] < memory[1],
    }
    return {
        "schema": 1,
        "beside": SCRIPT if script else "StableDiffusionXLControlNetImg2ImgPipeline",
        "tiles": tiles,
        "rounds": rounds,
        "seconds a tile": [own, statistics.median(b.seconds for _, b in pairs) / tiles],
        "ratio": ratio,
        "bare": bare,
        "band": list(seams),
        "step": list(steps),
        "megabytes": list(memory),
        "met": met,
    }


def _starts(asked: Asked) -> list[int]:
    stride, last = asked.tile - asked.overlap, asked.result - asked.tile
    return [*range(0, last, stride), last]


def _mask(asked: Asked, left: int, top: int) -> Image.Image:
    """White within, fading over the overlaps with tiles before and behind."""
    side, room = asked.tile, asked.overlap
    ends = []
    for start in (left, top):
        last = start + side >= asked.result
        ends.append((room // 2 if start else -room, side + room if last else side - room // 2))
    (west, east), (north, south) = ends
    mask = Image.new("L", (side + 2 * room,) * 2, 0)
    mask.paste(255, (room + west, room + north, room + east, room + south))
    faded = mask.filter(ImageFilter.GaussianBlur(room / 4))
    return faded.crop((room, room, room + side, room + side))


def _fullest() -> float:
    """MB that this process held at its fullest; ru_maxrss would begin with its parent's."""
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("The kernel does not tell how much memory a process held.")


def main() -> int:
    """Measure, tell, and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--result", type=int, default=640, help="side of the result in pixels")
    parser.add_argument("--tile", type=int, default=256)
    parser.add_argument("--overlap", type=int, default=64)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--strength", type=float, default=0.5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--script",
        type=Path,
        metavar="FOLDER",
        help="diffusers' examples/community",
    )
    parser.add_argument(
        "--clock",
        choices=["wall", "cpu"],
        default="wall",
        help="cpu: on one core, where others work",
    )
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.rounds < 1:
        parser.error(f"--rounds is {given.rounds}: give at least 1")
    shape = (given.result, given.tile, given.overlap, given.steps, given.strength)
    clock = time.process_time if given.clock == "cpu" else time.perf_counter
    asked = Asked(given.result // 4, *shape, clock)
    if (given.result - given.overlap) % (given.tile - given.overlap) or given.result <= given.tile:
        parser.error("tiles are to end with the result, so that all sides draw the same ones")
    if given.clock == "cpu":  # threads that wait for others would count
        import torch

        torch.set_num_threads(1)
    if given.side:
        from benchmarks import small_sdxl

        model = small_sdxl.pipeline(asked.tile)
        from diffusers import ControlNetModel, StableDiffusionXLControlNetImg2ImgPipeline  # noqa: F401

        from studio.diffusion import control_pictures, img2img  # noqa: F401
        from studio.upscaling import diffusion_engine, passes  # noqa: F401

        # Ours loads it from its file, as the others have it.
        mine = given.side == "ours"
        net = None if mine else ControlNetModel.from_pretrained(given.folder / CONTROL_FOLDER)
        if given.side != "nothing":
            sides: dict[str, Side] = {"ours": ours, "theirs": theirs}
            draw = sides.get(given.side) or by_script(given.script, asked)
            draw(model, net, asked, given.folder)
        print(json.dumps({"peak": _fullest()}))
        return 0
    names = ("result", "tile", "overlap", "steps", "strength", "clock")
    words = [word for name in names for word in (f"--{name}", str(getattr(given, name)))]
    if given.script:
        words += ["--script", str(given.script)]
    found = measure(asked, given.rounds, words, given.script)
    if given.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:16} {value}")
    return 0 if all(found["met"].values()) else 1


if __name__ == "__main__":
    sys.exit(main())
