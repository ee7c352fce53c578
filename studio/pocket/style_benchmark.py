"""The proof that a style is learned: a LoRA trained as anybody trains one, and its pictures
measured against held-out real ones, the base's own pictures, and controls that learn nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PIL import Image

from studio import context, images
from studio.context import Report, Studio
from studio.datasets.folder_import import import_folder
from studio.datasets.manifests import Look
from studio.datasets.versions import open_version_pictures
from studio.diffusion import bundled_bases
from studio.errors import StudioError
from studio.evaluation import baselines, metrics
from studio.evaluation.features import GREY, Features, encode_views, pocket_features
from studio.generation.prompts import with_trigger
from studio.registry import models
from studio.settings import CHECKOUT, Settings
from studio.training.config import TrainConfig
from studio.workflows.train import train_style
from studio.workflows.version_loading import load_version

Record = dict[str, Any]
SAMPLE = "sample"
SPRITES_A_KIND = 80  # drawn by studio.pocket.sample to teach the namer of its kinds
CAPTIONS = 100  # that a picture's own is looked for among
GUIDANCE = 2.0  # of all that is drawn here: higher ones sharpen words and flatten a style's range
FIRST_SEED = 1_000_000  # far from the bundled sample's own


@dataclass(frozen=True)
class Style:
    """A style to learn: folders of pictures to train on, and of real ones never trained on."""

    name: str
    train: Path
    held_out: Path


@dataclass(frozen=True)
class Drawn:
    """What base and LoRA drew for the same prompts and seeds."""

    prompts: list[str]
    base: list[Image.Image]
    style: list[Image.Image]


@dataclass(frozen=True)
class Pictures:
    """A style's real pictures at the base's size, and the captions of both parts."""

    train: list[Image.Image]
    held_out: list[Image.Image]
    captions: list[str]  # of the held-out ones
    taught: list[str] = field(default_factory=list)  # of those trained on


def bundled_sample() -> Style:
    """The sample style that comes with the project."""
    folder = CHECKOUT / "sample"
    return Style(SAMPLE, folder / "train", folder / "held_out")


def split_style(name: str, folder: Path, work: Path) -> Style:
    """Copies a folder with metadata.jsonl into a part to train on and a quarter held out.

    The contents decide, by the rule that also keeps a practice base from the held-out things of
    another style: variants of one thing stay together.
    """
    from studio.pocket.corpus import read_corpus

    context.check_style(name)
    unseen = {s.file_name for s in read_corpus(folder, style=name) if s.held_out}
    listing = folder / "metadata.jsonl"
    style = Style(name, work / "train", work / "held_out")
    shutil.rmtree(work, ignore_errors=True)
    for part in (style.train, style.held_out):
        part.mkdir(parents=True)
    for line in listing.read_text("utf-8").splitlines():
        if line.strip():
            own = json.loads(line)["file_name"]
            part = style.held_out if own in unseen else style.train
            file = part / own
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes((folder / own).read_bytes())
            with (part / "metadata.jsonl").open("a", encoding="utf-8") as listed:
                listed.write(line + "\n")
    if not all((part / "metadata.jsonl").is_file() for part in (style.train, style.held_out)):
        raise StudioError(f"{folder} holds too few pictures.", "Give at least forty.")
    return style


def prove_style(
    settings: Settings,
    style: Style,
    config: TrainConfig,
    out: Path,
    report: Report,
    *,
    seed: int,
    count: int = 100,
) -> tuple[Record, Drawn]:
    """Trains `style` anew in a studio of its own under `out` and measures it.

    Prompts are the captions of the held-out pictures in turn; picture k has seed + k.
    """
    home = out / "studio"
    shutil.rmtree(home, ignore_errors=True)  # nothing cached: the time counts
    studio = context.open_studio(
        replace(settings, home=home, artifacts=home / "mlruns", mlflow_uri=None)
    )
    real = _import(studio, style)
    config = replace(config, held_out=0.0)  # what it is measured by is a dataset of its own
    began, worked = time.perf_counter(), time.process_time()
    version = train_style(studio, style.name, style.name, config, report)
    seconds, cpu = time.perf_counter() - began, time.process_time() - worked
    prompts = [real.captions[index % len(real.captions)] for index in range(count)]
    drawn = _draw(studio, version, prompts, seed, report)
    clip = Path(version.base) / "clip"
    seen = pocket_features(clip, GREY)
    judges = {seen.name: seen}
    for own in bundled_bases.present():
        judge = pocket_features(own.folder / "clip", GREY)
        judges.setdefault(judge.name, judge)
    record: Record = {
        "style": style.name,
        "features": seen.name,
        "matte": GREY,
        "seed": seed,
        "guidance": GUIDANCE,
        "pictures": count,
        "trained_on": len(real.train),
        "held_out": len(real.held_out),
        "training_seconds": seconds,
        "training_cpu_seconds": cpu,
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        **closeness(seen, drawn, real, seed),
        "words": {name: words(judge, drawn, real) for name, judge in judges.items()},
    }
    if style.name == SAMPLE:
        record["content"] = _content(studio, version, report, seed)
    return record, drawn


def closeness(seen: Features, drawn: Drawn, real: Pictures, seed: int) -> Record:
    """KID to the held-out real pictures of LoRA, base, controls and the pictures trained on."""
    target = seen.encode_pictures(real.held_out)
    ground = baselines.ground_of(real.train)
    figure = baselines.figure_of(real.train, ground)
    sets = {
        "base": drawn.base,
        "style": drawn.style,
        "trained_on": real.train,
        "silhouettes": baselines.silhouettes(drawn.base, figure, ground),
        "silhouettes_white": baselines.silhouettes(drawn.base, (255, 255, 255), ground),
        "silhouettes_black": baselines.silhouettes(drawn.base, (0, 0, 0), ground),
        "recoloured_moments": baselines.recoloured(drawn.base, real.train, whole_histogram=False),
        "recoloured_histogram": baselines.recoloured(drawn.base, real.train, whole_histogram=True),
    }
    kid: Record = {}
    for name, pictures in sets.items():
        found = metrics.kid_interval(seen.encode_pictures(pictures), target, seed=seed)
        kid[name] = {"value": found.value, "low": found.low, "high": found.high}
    base = kid["base"]["value"]
    trains = seen.encode_pictures(real.train)
    views = encode_views(seen, real.train)
    threshold = metrics.copy_threshold(trains)
    nearest = metrics.nearest(seen.encode_pictures(drawn.style), views)[1]
    held = metrics.nearest(target, views)[1]
    return {
        "kid": kid,
        "falls_by": {name: 1 - found["value"] / base for name, found in kid.items()},
        "nearest_training_picture": {
            "median": float(sorted(nearest)[len(nearest) // 2]),
            "held_out_median": float(sorted(held)[len(held) // 2]),
            "copies": int((nearest > threshold).sum()),
            "held_out_copies": int((held > threshold).sum()),
        },
    }


def _import(studio: Studio, style: Style) -> Pictures:
    """Both parts as datasets of the studio; pixel art stays crisp, larger pictures average."""
    parts: dict[str, list[Image.Image]] = {}
    captions: dict[str, list[str]] = {}
    for part, folder in (("", style.train), ("-held-out", style.held_out)):
        large = any(max(images.open_picture(file).size) > 32 for file in folder.rglob("*.png"))
        look = Look(filter="box" if large else "nearest")
        version = import_folder(
            studio.home,
            style.name + part,
            folder,
            look=look,
            now=context.now(),
            actor=studio.settings.user,
        ).version
        captions[part] = [picture.caption for picture in version.pictures]
        parts[part] = [
            images.scaled(picture, 32, look.filter)
            for _, picture in open_version_pictures(studio.home, version)
        ]
    return Pictures(parts[""], parts["-held-out"], captions["-held-out"], captions[""])


def _draw(
    studio: Studio, version: models.Version, prompts: list[str], seed: int, report: Report
) -> Drawn:
    from studio.diffusion import adapters, sampling

    loaded = load_version(studio, version)
    seeds = [seed + index for index in range(len(prompts))]
    how = sampling.Draw(guidance=GUIDANCE)

    def drawn(texts: list[str], strength: float, side: str) -> list[Image.Image]:
        adapters.set_strength(loaded.pipeline, strength)
        report(f"{side} draws {len(texts)} pictures.")
        return sampling.draw_pictures(loaded.pipeline, texts, seeds, how, captions=True)

    base = drawn(prompts, 0.0, "The base")
    asked = [with_trigger(prompt, version.trigger_word) for prompt in prompts]
    return Drawn(prompts, base, drawn(asked, version.strength, "The style"))


def words(seen: Features, drawn: Drawn, real: Pictures) -> Record:
    """How often a picture's own caption is the nearest, among three, or among five of a hundred
    captions: those of the held-out pictures, filled up with those of pictures trained on. `real`
    is what the held-out pictures themselves reach, by this CLIP."""
    assert seen.encode_texts is not None
    texts = list(dict.fromkeys([*real.captions, *drawn.prompts, *real.taught]))[:CAPTIONS]
    written = seen.encode_texts(texts)
    found: Record = {"features": seen.name, "captions": len(texts)}
    sides = (
        ("base", drawn.base, drawn.prompts),
        ("style", drawn.style, drawn.prompts),
        ("real", real.held_out, real.captions),
    )
    for side, pictures, said in sides:
        cosines = seen.encode_pictures(pictures) @ written.T
        own = [texts.index(caption) for caption in said]
        rank = [int((row >= row[k]).sum()) for row, k in zip(cosines, own, strict=True)]
        found[side] = {
            name: sum(place <= most for place in rank) / len(rank)
            for name, most in (("own_first", 1), ("own_in_three", 3), ("own_in_five", 5))
        }
    return found


def _content(studio: Studio, version: models.Version, report: Report, seed: int) -> Record:
    """How often a namer, taught by sprites of the sample style drawn with other seeds, names the
    kind that was asked for: ten pictures of each kind in several colours, base and LoRA."""
    from studio.pocket.namer import confusion, share_right, stacked, train_namer
    from studio.pocket.sample import COLOURS, KINDS, draw_sprite

    taught = [(kind, FIRST_SEED + turn) for turn in range(SPRITES_A_KIND) for kind in KINDS]
    pixels = stacked([draw_sprite(kind, number) for kind, number in taught])
    namer = train_namer(pixels, [kind for kind, _ in taught], seed=seed, epochs=12)
    unseen = [(kind, 2 * FIRST_SEED + turn) for turn in range(10) for kind in KINDS]
    real = namer.name_kinds(stacked([draw_sprite(kind, number) for kind, number in unseen]))
    asked = [(kind, COLOURS[turn % len(COLOURS)]) for turn in range(10) for kind in KINDS]
    kinds = [kind for kind, _ in asked]
    prompts = [f"a {colour} {kind}" for kind, colour in asked]
    drawn = _draw(studio, version, prompts, seed, report)
    before, after = (namer.name_kinds(stacked(side)) for side in (drawn.base, drawn.style))
    return {
        "kinds": len(KINDS),
        "pictures": len(asked),
        "real": share_right([kind for kind, _ in unseen], real),
        "base": share_right(kinds, before),
        "style": share_right(kinds, after),
        "base_named": confusion(kinds, before),
        "style_named": confusion(kinds, after),
    }
