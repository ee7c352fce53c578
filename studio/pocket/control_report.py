"""`python -m studio pocket control-report`: whether a practice base's tile ControlNet holds its
promise, on sprites of several styles that no training saw.

Each sprite is reduced to half its side and drawn again at its own, beginning from the enlarged half
as an enlargement does: by the base alone, and led; each with and without its low frequencies put
back from the half ("keep source colours"). Beside them stands nearest, which draws nothing anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio import context
from studio.diffusion import bases, control_files
from studio.diffusion.controls import Control, Lead
from studio.diffusion.img2img import Start
from studio.diffusion.sampling import Draw, draw_pictures
from studio.errors import StudioError
from studio.pocket.corpus import Sprite, read_corpus
from studio.pocket.sheet import contact_sheet
from studio.pocket.style_benchmark import bundled_sample
from studio.pocket.trials import bar
from studio.settings import Settings
from studio.store.publish import publish

Pixels = NDArray[np.uint8]
Record = dict[str, Any]
BY = 2  # a sprite's half is what is enlarged
EACH = 8  # sprites of a style
STYLES = 3
NEAREST, BARE, LED, HELD = "nearest", "drawn", "led", ", colours kept"
WAYS = (NEAREST, BARE, BARE + HELD, LED, LED + HELD)
AMONG = 3  # nearest texts among which a sprite's own counts as recognised
SHARE = 0.75  # of the error of the base alone, that a ControlNet may leave at most


@dataclass(frozen=True)
class Request:
    """What to measure: a practice base, the folder of its ControlNet, folders of sprites by style,
    and where the report goes."""

    base: str
    control: Path
    styles: Mapping[str, Path]
    out: Path
    seed: int = 0
    change: float = 0.6
    scale: float = 1.0
    steps: int = 20


def make_report(settings: Settings, request: Request, report: Callable[[str], None]) -> Record:
    """Draw, measure, write report.json and sheet.png into `out`. The answer's `exit` is 1 where the
    ControlNet does not hold its promise. StudioError where there is none, or too few sprites."""
    from studio.evaluation.features import pocket_features

    found = bases.find_base(request.base)
    control = _control(request)
    styles, split = _styles(request), _split(Path(found.path))
    sprites = {name: _unseen(folder, name, split) for name, folder in styles.items()}
    all_of = [one for of_style in sprites.values() for one in of_style]
    if len(sprites) < STYLES:
        report(f"Only {len(sprites)} styles are given, not {STYLES}: --style NAME=DIR adds one.")
    report(f"{len(all_of)} sprites of {', '.join(sprites)}")
    context.set_threads(settings)
    pipeline = bases.load_pipeline(found, bases.pick_device(settings.device))
    true = np.stack([one.pixels for one in all_of])
    texts = [label(one) for one in all_of]
    drawn = _drawn(pipeline, control, true, texts, request)
    features = pocket_features(Path(found.path) / "clip")
    told = {way: _measured(drawn[way], true, texts, features) for way in WAYS}
    real = _measured(true, true, texts, features)
    bars = _bars(told)
    record = {
        "base": request.base,
        "control": str(request.control),
        "trained": _training(request.control),
        "sprites": [f"{one.style}: {one.file_name}" for one in all_of],
        "settings": {"change": request.change, "scale": request.scale, "steps": request.steps},
        "real": real,
        "ways": told,
        "bars": bars,
        "holds": all(line["met"] for line in bars),
    }
    _sheet(true, drawn, texts).save(_folder(request.out) / "sheet.png", optimize=True)
    publish(request.out / "report.json", json.dumps(record, indent=1) + "\n")
    for way, figures in {"real": real, **told}.items():
        line = ", ".join(f"{name} {value:.3g}" for name, value in figures.items())
        report(f"{way:24} {line}")
    for one in bars:
        met = "met   " if one["met"] else "MISSED"
        report(f"{met}  {one['what']:56} {one['measured']:.4g}  {one['bar']}")
    word = "It holds its promise" if record["holds"] else "It does not hold its promise yet"
    report(f"{word}. Look at {request.out / 'sheet.png'} as well.")
    return {**record, "exit": int(not record["holds"])}


def low_error(drawn: Pixels, true: Pixels, by: int = BY) -> float:
    """Mean difference of low frequencies in levels of 255: of [n, h, w, 4], colours as they are
    seen, both reduced by `by`."""
    return float(np.abs(_reduced(drawn, by) - _reduced(true, by)).mean())


def sharpness(drawn: Pixels, true: Pixels) -> float:
    """How strong the steps between neighbours are beside the true ones': 1 is as sharp."""
    return _steps(drawn) / max(_steps(true), 1e-6)


def held(drawn: Pixels, source: Pixels, by: int = BY) -> Pixels:
    """`drawn` [n, h, w, 4] with the low frequencies of `source`, of that size, in place of its
    own, in colours as they are seen."""
    seen, low = _seen(drawn), _reduced(source, by) - _reduced(drawn, by)
    put = seen + low.repeat(by, 1).repeat(by, 2)
    alpha = put[..., 3:].clip(0, 255)
    colours = np.where(alpha > 0.5, put[..., :3] * 255 / np.maximum(alpha, 0.5), 128)
    return np.rint(np.concatenate([colours.clip(0, 255), alpha], -1)).astype(np.uint8)


def label(sprite: Sprite) -> str:
    """What a sprite shows, in a few words."""
    return " ".join(sprite.subject.names[-3:]) or sprite.subject.kind


def halved(true: Pixels, by: int = BY) -> Pixels:
    """[n, h, w, 4] reduced by `by` and enlarged again by whole pixels."""
    small = _reduced(true, by)
    alpha = small[..., 3:]
    colours = np.where(alpha > 0, small[..., :3] * 255 / np.maximum(alpha, 1e-3), 128)
    plain = np.rint(np.concatenate([colours.clip(0, 255), alpha], -1)).astype(np.uint8)
    return plain.repeat(by, 1).repeat(by, 2)


def _control(request: Request) -> Control:
    config = request.control / "config.json"
    weights = sorted(request.control.glob("diffusion_pytorch_model*.safetensors"))
    if not config.is_file() or not weights:
        raise StudioError(
            f"{request.control} holds no ControlNet.",
            "Train it first: python -m studio pocket control",
        )
    text = config.read_text("utf-8")
    return Control(control_files.TILE, str(weights[0]), request.scale, config=text)


def _training(folder: Path) -> Record:
    try:
        return dict(json.loads((folder / "training.json").read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def _styles(request: Request) -> dict[str, Path]:
    sample = bundled_sample()
    return {sample.name: sample.held_out, **request.styles}


def _split(base: Path) -> Record:
    """What the base was taught, and what was held out."""
    try:
        return dict(json.loads((base / "split.json").read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def _unseen(folder: Path, style: str, split: Mapping[str, Any]) -> list[Sprite]:
    """The first EACH held-out sprites of a folder by the hash of their files, each of a label of
    its own; of the bundled sample, which no base was taught, any."""
    found = read_corpus(folder, style=style)
    if folder.name in split.get("folders", ()):
        found = [one for one in found if one.file_name in split["held_out"]]
    elif style != bundled_sample().name:
        found = [one for one in found if one.held_out]
    by_label = {label(one): one for one in sorted(found, key=lambda one: one.digest, reverse=True)}
    chosen = sorted(by_label.values(), key=lambda one: one.digest)[:EACH]
    if len(chosen) < EACH:
        raise StudioError(
            f"{folder} holds {len(chosen)} different sprites that no training saw.",
            f"Give a folder with {EACH}.",
        )
    return chosen


def _drawn(
    pipeline: Any, control: Control, true: Pixels, texts: Sequence[str], request: Request
) -> dict[str, Pixels]:
    coarse = halved(true)
    draw = Draw(steps=request.steps, width=true.shape[2], height=true.shape[1])
    found: dict[str, Pixels] = {NEAREST: coarse}
    for way in (BARE, LED):
        pictures: list[Image.Image] = []
        for number, (pixels, text) in enumerate(zip(coarse, texts, strict=True)):
            start = Image.fromarray(pixels, "RGBA")
            leads = [Lead(control, start)] if way == LED else []
            begin = Start(start, request.change, "#808080", "nearest")
            seeds = [request.seed + number]
            pictures += draw_pictures(pipeline, [text], seeds, draw, start=begin, leads=leads)
        found[way] = np.stack([np.asarray(one.convert("RGBA")) for one in pictures])
        found[way + HELD] = held(found[way], coarse)
    return found


def _measured(drawn: Pixels, true: Pixels, texts: Sequence[str], features: Any) -> Record:
    pictures = features.encode_pictures([Image.fromarray(one, "RGBA") for one in drawn])
    alike = pictures @ features.encode_texts(list(texts)).T
    own = np.diag(alike)[:, None]
    return {
        "low-frequency error": low_error(drawn, true),
        "recognised": float(((alike > own).sum(1) < AMONG).mean()),
        "sharpness": sharpness(drawn, true),
    }


def _bars(told: Mapping[str, Record]) -> list[Record]:
    """What a ControlNet promises: what is where stays, and it is still the thing."""
    low, seen = "low-frequency error", "recognised"
    share = told[LED][low] / max(told[BARE][low], 1e-6)
    gained = told[LED][seen] - told[BARE][seen]
    best = told[LED + HELD][low] - told[BARE + HELD][low]
    crisp = told[LED + HELD]["sharpness"] - told[NEAREST]["sharpness"]
    return [
        bar("led: low-frequency error beside the base alone", share, f"<= {SHARE}", share <= SHARE),
        bar("led: recognised, more than by the base alone", gained, ">= 0", gained >= 0),
        bar("colours kept: low-frequency error, more than alone", best, "<= 0.5", best <= 0.5),
        bar("led, colours kept: sharpness beside nearest", crisp, "reported", True),
    ]


def _seen(pixels: Pixels) -> NDArray[np.float64]:
    """Colours times alpha, and alpha, [n, h, w, 4] in 0 to 255."""
    floats = pixels.astype(np.float64)
    return np.concatenate([floats[..., :3] * floats[..., 3:] / 255, floats[..., 3:]], -1)


def _reduced(pixels: Pixels, by: int) -> NDArray[np.float64]:
    n, high, wide, c = pixels.shape
    return np.asarray(_seen(pixels).reshape(n, high // by, by, wide // by, by, c).mean((2, 4)))


def _steps(pixels: Pixels) -> float:
    seen = _seen(pixels)
    return float(np.abs(np.diff(seen, axis=1)).mean() + np.abs(np.diff(seen, axis=2)).mean())


def _sheet(true: Pixels, drawn: Mapping[str, Pixels], texts: Sequence[str]) -> Image.Image:
    """A row for each sprite: as it is, then each way."""
    pictures: list[Image.Image] = []
    captions: list[str] = []
    for number, text in enumerate(texts):
        for way, pixels in (("as it is", true), *((way, drawn[way]) for way in WAYS)):
            pictures.append(Image.fromarray(pixels[number], "RGBA"))
            captions.append(text if way == "as it is" else way)
    return contact_sheet(pictures, captions, columns=1 + len(WAYS), zoom=4)


def _folder(out: Path) -> Path:
    out.mkdir(parents=True, exist_ok=True)
    return out
