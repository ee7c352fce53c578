"""What the sides of a ballot show for its prompts and seeds: of their sheets, drawn, or by hand.

What a version's sheet already holds of the prompt set is taken from there; the rest is drawn, and
each picture put into home/review/drawn as it comes: later ballots find it there, too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.context import Progress, Studio, check_style
from studio.errors import StudioError
from studio.evaluation.contact_sheet import folder_of, read_sheet
from studio.generation.prompts import with_trigger, without_trigger
from studio.generation.style_drawing import Loaded
from studio.jobs.emit import Answer, Emit, Event
from studio.registry import models as registry
from studio.registry.models import Version
from studio.review.pictures import HAND, Drawn, Side
from studio.store.publish import publishing, share
from studio.worker import steps
from studio.worker.context import Context, Models
from studio.worker.kind import Input, Outcome, Work
from studio.worker.payload import Counted, Payload, Text
from studio.workflows import review_sources
from studio.workflows.model_kinds import table
from studio.workflows.model_kinds.kind import Drawer

Cell = tuple[str, int]
DRAWN = Path("review", "drawn")


@dataclass(frozen=True)
class Missing:
    """What a side has to draw yet, and with what: `name` is what the drawer loads."""

    side: Side
    drawer: Drawer
    name: str
    cells: tuple[Cell, ...]


class SideAsk(Payload):
    """A version of a style (0: its base); or, with `hand`, pictures that people made, by name."""

    style: Text
    version: Counted = 0
    hand: Text = ""


def side_of(studio: Studio, ask: SideAsk) -> Side:
    """The side that is asked for; StudioError where there is none."""
    if ask.hand:
        review_sources.hand_folder(studio.home, ask.hand)
        name = " ".join(ask.style.split())
        if not 1 <= len(name) <= 40:
            raise StudioError("The pictures by hand have no name.", "Give 1 to 40 characters.")
        return Side(name, HAND)
    check_style(ask.style)
    if ask.version:
        table.check_takes(registry.get(studio.client, ask.style, ask.version))
    elif not (found := registry.list_versions(studio.client, ask.style)):
        raise StudioError(f"There is no style {ask.style}.", "Choose another one.")
    elif not any(map(table.has_base, found)):
        raise StudioError(f"No version of {ask.style} has a base.", "Choose versions alone.")
    return Side(ask.style, ask.version)


def shown(studio: Studio, ask: SideAsk, prompts: str, cells: Sequence[Cell]) -> Drawn:
    """What one side shows for the cells: of its sheet by the prompt set `prompts`, or by hand;
    else what is drawn for it, whether it is there yet or not."""
    side = side_of(studio, ask)
    if ask.hand:
        return Drawn(side, "", review_sources.by_hand(studio.home, ask.hand, cells))
    found, folder = _of_sheet(studio, side, prompts), studio.home / DRAWN / _folder(side)
    files = {cell: found.get(cell) or folder / _name(cell) for cell in cells}
    opened = review_sources.as_delivered(studio, _drawing(studio, side))
    return Drawn(side, prompts, files, opened)


def work(context: Context, sides: Sequence[Drawn]) -> Work:
    """What of the sides has to be drawn yet."""
    missing, inputs = [], dict[str, Input]()
    for one in sides:
        cells = tuple(cell for cell, file in one.files.items() if not file.is_file())
        if cells:
            version = _drawing(context.studio, one.side)
            name = f"{version.style} version {version.number}"
            drawer = table.drawer(context.studio, version)
            missing.append(Missing(one.side, drawer, name, cells))
            inputs |= {hash: Input(hash, file) for hash, file in drawer.files.items()}
    return Work(context.workdir, tuple(missing), inputs)


def compute(
    inputs: Mapping[str, Input],
    missing: tuple[Missing, ...],
    workdir: Path,
    models: Models,
    emit: Emit,
) -> Outcome:
    """Draw what the folder does not hold yet, and tell of each picture as it comes."""
    files: dict[str, str] = {}
    read = {hash: file.path for hash, file in inputs.items()}
    for one in missing:
        for name in _draw(one, read, workdir, models, emit):
            files[name] = steps.digest(workdir / name)
            emit("picture", name, {"file": name, "hash": files[name]})
    return Outcome(files=files)


def apply(context: Context, ask: Any, workdir: Path, event: Event) -> Answer:
    """Put a picture where ballots look for it, this one's and later ones'; one that is there
    stays."""
    name = str(event.body["file"])
    target = context.studio.home / DRAWN / name
    if not target.is_file():
        with publishing(target, flush=False) as aside:
            share(workdir / name, aside)
    return "go on"


def _draw(
    one: Missing, read: Mapping[str, Path], workdir: Path, models: Models, emit: Emit
) -> Iterator[str]:
    """Draw the cells, a part after the other; each picture's path in the folder once it is kept."""
    from studio.diffusion import sampling
    from studio.generation import style_drawing

    side = one.side

    def load() -> Loaded:
        emit.say(f"Loading {one.name}.")
        return one.drawer(read, models.device)

    worded = with_trigger if side.number else without_trigger
    for first in range(0, len(one.cells), sampling.BATCH):
        part = one.cells[first : first + sampling.BATCH]
        names = [f"{_folder(side)}/{_name(cell)}" for cell in part]
        # A part that was cut off is drawn whole: in batches of another shape pixels differ.
        if not all((workdir / name).is_file() for name in names):
            loaded = models.warm.get(one.name, load)
            texts = [worded(prompt, loaded.trigger_word) for prompt, _ in part]
            seeds, strength = [seed for _, seed in part], loaded.strength if side.number else 0.0
            drawing = sampling.Draw().sized(loaded.size)
            made = style_drawing.pictures(
                loaded, texts, seeds, drawing, strength, emit.step, captions=True
            )
            for name, picture in zip(names, made, strict=True):
                with publishing(workdir / name, flush=False) as aside:
                    picture.save(aside, format="PNG")
        yield from names
        done, wanted = first + len(part), len(one.cells)
        line = f"{side.style} {side.name}: {done}/{wanted} pictures"
        emit.say(Progress(line, done, wanted, "pictures", f"drawing {side.name}"))


def _drawing(studio: Studio, side: Side) -> Version:
    """The version that draws a side; a base draws with the newest on it."""
    if side.number:
        return registry.get(studio.client, side.style, side.number)
    return _on_a_base(studio, side.style)[0]


def _of_sheet(studio: Studio, side: Side, prompts: str) -> dict[Cell, Path]:
    """What the version's own sheet holds, or the newest one where the base is asked for."""
    numbers = [side.number] if side.number else [v.number for v in _on_a_base(studio, side.style)]
    for number in numbers:
        folder = folder_of(studio.home, side.style, number)
        sheet = read_sheet(folder)
        if sheet is not None and sheet.prompts == prompts:
            files = {
                (cell.prompt, cell.seed): folder / (cell.version if side.number else cell.base)
                for cell in sheet.cells
            }
            return {cell: file for cell, file in files.items() if file.is_file()}
    return {}


def _on_a_base(studio: Studio, style: str) -> list[Version]:
    return [v for v in registry.list_versions(studio.client, style) if table.has_base(v)]


def _folder(side: Side) -> str:
    return f"{side.style}/{side.number}"


def _name(cell: Cell) -> str:
    return hashlib.sha256(f"{cell[1]}\n{cell[0]}".encode()).hexdigest()[:24] + ".png"
