"""`python -m studio pocket report`: every figure about the practice bases, taken again.

Each part's record is written to `out` as soon as it is there, in a folder for each base; a second
call takes what was measured on the same base, pictures, settings and seed from there, so the report
goes on where it stopped. Of several bases each is also held against the first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio import context
from studio.errors import StudioError
from studio.pocket import style_benchmark
from studio.pocket.style_benchmark import SAMPLE, Style
from studio.pocket.trials import bar
from studio.settings import Settings
from studio.store.publish import publish
from studio.training.config import TrainConfig, load_config

if TYPE_CHECKING:
    from studio.pocket.corpus import Sprite

Record = dict[str, Any]
Report = Callable[[str], None]

SPRITES = ("kind", "copying")  # parts that need the sprites the base was trained on
PARTS = ("sheet", "speed", "colour", "kind", "copying", "style")
SCHEMA = 2
# What only has to keep its own limit: a second more or less is no matter.
LIMITS_ALONE = (
    "seconds for 16 pictures, 20 steps",
    "seconds of training, all told",
    "held-out pictures that the base was taught",
    "picture k from seed + k, largest byte apart",
)


@dataclass(frozen=True)
class Request:
    """What to report on: bases, real sprites, other styles by name, where to, which parts."""

    bases: tuple[str, ...]
    sprites: Path | None
    styles: dict[str, Path]
    out: Path
    parts: tuple[str, ...] = PARTS
    seed: int = 0
    preset: str = "balanced"
    pictures: int = 100


def make_report(settings: Settings, request: Request, report: Report) -> Record:
    """Measures what is not measured yet. The answer's `exit` is 1 where a bar is missed.

    Raises StudioError for an unknown part, and for sprites that can't be read.
    """
    styles = [f"style-{name}" for name in (SAMPLE, *request.styles)]
    asked = [p for part in request.parts for p in (styles if part == "style" else [part])]
    for part in asked:
        if part not in (*PARTS, *styles):
            raise StudioError(
                f"There is no part {part}.", f"Parts: {', '.join([*PARTS, *styles])}."
            )
    names = [Path(name).name for name in request.bases]
    if len(set(names)) < len(names) or not names:
        raise StudioError("Each base needs a name of its own.", "Name them once: --base NAME.")
    measured: dict[str, dict[str, Record]] = {}
    for name in request.bases:
        one = replace(request, bases=(name,), out=request.out / Path(name).name)
        measured[Path(name).name] = _measure(settings, one, asked, styles, report)
    first, *others = names
    for name in others:
        measured[name]["beside"] = beside(first, measured[first], measured[name])
    missed: list[str] = []
    for name, parts in measured.items():
        report(f"{name}:")
        for part, record in parts.items():
            for line in record["bars"]:
                told = f"{line['measured']:.4g}"
                free = line["bar"] == "reported"
                met = "      " if free else "met   " if line["met"] else "MISSED"
                report(f"{met}  {part:18} {line['what']:62} {told:>8}  {line['bar']}")
                missed += [] if line["met"] else [f"{name}: {line['what']}"]
    answer = {"bases": measured, "missed": missed, "exit": int(bool(missed))}
    _write(request.out / "report.json", {"schema": SCHEMA, **answer})
    return answer


def _measure(
    settings: Settings, request: Request, asked: list[str], styles: list[str], report: Report
) -> dict[str, Record]:
    """The records of one base by part."""
    base = _Base(request.bases[0], settings)
    found: dict[str, Record] = {}
    for part in asked:
        if part in SPRITES and request.sprites is None:
            report(f"{part}: left out, since it needs the real sprites (--dcss DIR).")
        elif part in styles:
            name = part.removeprefix("style-")
            found[part] = _style(settings, base, request, name, report)
        else:
            measure = partial(_try, part, base, request, report)
            found[part] = _kept(request, part, _mark(request, base, part), report, measure)
    return found


def beside(first: str, old: dict[str, Record], new: dict[str, Record]) -> Record:
    """Each figure of a base against the same figure of the first one: none may be worse."""
    bars: list[Record] = []
    for part, record in old.items():
        mine = {line["what"]: line for line in new.get(part, {"bars": []})["bars"]}
        for line in record["bars"]:
            what, than = line["what"], line["measured"]
            if what not in mine or what in LIMITS_ALONE:
                continue
            more = line["better"] == "more"
            now = mine[what]["measured"]
            met = now >= than if more else now <= than
            bars.append(bar(f"{part}: {what}", now, f"{'>=' if more else '<='} {than:.4g}", met))
    return {"first": first, "bars": bars}


class _Base:
    """The base, loaded when the first part asks for it."""

    def __init__(self, name: str, settings: Settings) -> None:
        from studio.diffusion import bases

        self.found = bases.find_base(name)
        self.folder = Path(self.found.path)
        self.settings = settings
        self.pipeline: Any = None
        parts = sorted(self.folder.rglob("*.safetensors"))
        self.digest = hashlib.sha256(b"".join(p.read_bytes() for p in parts)).hexdigest()

    def split(self, sprites: Path) -> list[Sprite]:
        """The real sprites, held out and with their shadows as this base was taught."""
        from studio.pocket.corpus import read_corpus

        told = json.loads((self.folder / "split.json").read_text("utf-8"))
        held = set(told["held_out"])
        found = read_corpus(sprites, shadows=told.get("shadows") != "cut")
        return [replace(sprite, held_out=sprite.file_name in held) for sprite in found]

    def innocence(self, style: Style, folder: Path | None) -> Record:
        """Whether the base was taught none of the style's held-out pictures."""
        told = json.loads((self.folder / "split.json").read_text("utf-8"))
        taught = 0
        if folder and folder.name in told.get("folders", ()):
            unseen = {file.name for file in style.held_out.rglob("*.png")}
            taught = len(unseen - {Path(name).name for name in told["held_out"]})
        return bar("held-out pictures that the base was taught", taught, "== 0", taught == 0)

    def loaded(self) -> Any:
        from studio.diffusion import bases

        if self.pipeline is None:
            context.set_threads(self.settings)
            self.pipeline = bases.load_pipeline(self.found, bases.pick_device(self.settings.device))
        return self.pipeline


def _try(part: str, base: _Base, request: Request, report: Report) -> Record:
    """The record of a part that needs the base alone, or the base and its sprites."""
    from studio.pocket import trials
    from studio.pocket.sheet import draw_sheet

    report(f"{part}: measuring")
    if part == "sheet":
        draw_sheet(base.loaded(), request.out / "base.png")
        return {"bars": []}
    if part == "speed":
        return trials.try_speed(base.loaded(), base.folder, seed=request.seed)
    if part == "colour":
        return trials.try_colours(base.loaded(), seed=request.seed)
    assert request.sprites is not None
    sprites = base.split(request.sprites)
    if part == "kind":
        return trials.try_kinds(base.loaded(), sprites, seed=request.seed)
    return trials.try_copying(base.loaded(), base.folder / "clip", sprites, seed=request.seed)


def _style(settings: Settings, base: _Base, request: Request, name: str, report: Report) -> Record:
    config = load_config(request.preset, flags={"base": request.bases[0]})
    work = request.out / "work" / name
    folder = request.styles.get(name)
    style = (
        style_benchmark.split_style(name, folder, work / "pictures")
        if folder
        else style_benchmark.bundled_sample()
    )
    mark = _mark(request, base, "style") | {
        "config": asdict(config),
        "guidance": style_benchmark.GUIDANCE,
        "pictures": [request.pictures, _digest(style.train), _digest(style.held_out)],
    }

    def measured() -> Record:
        record = _prove(settings, request, style, config, work, report)
        return record | {"bars": [*record["bars"], base.innocence(style, folder)]}

    return _kept(request, f"style-{name}", mark, report, measured)


def _prove(
    settings: Settings,
    request: Request,
    style: Style,
    config: TrainConfig,
    work: Path,
    report: Report,
) -> Record:
    """A style's record with its bars; the sheet of before and after lies beside it."""
    from studio.pocket.sheet import before_and_after

    report(f"style-{style.name}: training with preset {request.preset}")
    quiet = _every(report, 50)
    record, drawn = style_benchmark.prove_style(
        settings, style, config, work, quiet, seed=request.seed, count=request.pictures
    )
    sheet = before_and_after(drawn.prompts[:24], drawn.base[:24], drawn.style[:24])
    sheet.save(request.out / f"style-{style.name}.png", optimize=True)
    kid = {name: found["value"] for name, found in record["kid"].items()}
    fall = record["falls_by"]["style"]
    bars = [bar("KID to held-out falls by", fall, ">= 0.60", fall >= 0.6)]
    for control in ("silhouettes", "recoloured"):
        best = min(value for name, value in kid.items() if name.startswith(control))
        share = kid["style"] / best if best > 0 else float("inf")
        bars.append(bar(f"KID beside the best control, {control}", share, "< 1", share < 1))
    if content := record.get("content"):
        lost = content["base"] - content["style"]
        bars.append(bar("kind named right, lost against the base", lost, "<= 0.10", lost <= 0.1))
    newest = record["words"][max(record["words"])]["style"]["own_in_five"]
    bars.append(bar("own caption among the five nearest of 100", newest, "reported", True))
    seconds = record["training_seconds"]
    bars.append(bar("seconds of training, all told", seconds, "<= 360", seconds <= 360))
    return record | {"bars": bars}


def _kept(
    request: Request, name: str, mark: Record, report: Report, measure: Callable[[], Record]
) -> Record:
    """The record `name` in `out` where it bears the same mark, else measured and written."""
    file = request.out / f"{name}.json"
    mark = json.loads(json.dumps(mark))
    if file.is_file():
        kept = json.loads(file.read_text("utf-8"))
        if kept.get("mark") == mark:
            report(f"{name}: measured before")
            return dict(kept)
    record = {**measure(), "mark": mark}
    _write(file, record)
    return record


def _mark(request: Request, base: _Base, part: str) -> Record:
    """What a record hangs on; another base, seed or picture makes it stale."""
    mark: Record = {"schema": SCHEMA, "base": base.digest, "seed": request.seed}
    if part in SPRITES and request.sprites:
        mark["sprites"] = _digest(request.sprites)
    return mark


def _digest(folder: Path) -> str:
    """A hash of the names and contents of the pictures and of their list."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            digest.update(str(file.relative_to(folder)).encode() + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _every(report: Report, lines: int) -> Report:
    """Passes on one line in `lines`: a training tells of every tenth step."""
    told = -1

    def say(line: str) -> None:
        nonlocal told
        told += 1
        if not line.startswith("step") or told % lines == 0:
            report(line)

    return say


def _write(file: Path, record: Record) -> None:
    publish(file, json.dumps(record, indent=1, default=str) + "\n")


def named_folders(texts: Sequence[str]) -> dict[str, Path]:
    """`NAME=DIR` texts as a table. Raises StudioError for one that is no such text."""
    found: dict[str, Path] = {}
    for text in texts:
        name, equals, folder = text.partition("=")
        if not equals or not Path(folder).is_dir():
            raise StudioError(f"--style {text} names no folder.", "Write --style NAME=DIR.")
        if context.check_style(name) == SAMPLE:
            raise StudioError(f"{SAMPLE} is the bundled style.", "Give the folder another name.")
        found[name] = Path(folder)
    return found
