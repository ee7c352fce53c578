"""What the sides of a ballot show for its prompts and seeds: of their sheets, drawn, or by hand.

What a version's sheet already holds of the prompt set is taken from there; the rest is drawn into
home/review/drawn, a picture at a time, so that a job that was cut off goes on where it stopped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from studio.context import Progress, Studio, check_style
from studio.errors import StudioError
from studio.evaluation.contact_sheet import folder_of, read_sheet
from studio.generation.prompts import with_trigger, without_trigger
from studio.registry import models
from studio.review.pictures import HAND, Drawn, Side
from studio.store.publish import publishing
from studio.worker.payload import Payload, Text
from studio.workflows import review_sources
from studio.workflows.model_kinds import table

Cell = tuple[str, int]
Report = Callable[[str], None]


class SideAsk(Payload):
    """A version of a style (0: its base); or, with `hand`, pictures that people made, by name."""

    style: Text
    version: int = 0
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
        table.check_takes(models.get(studio.client, ask.style, ask.version))
    elif not (found := models.list_versions(studio.client, ask.style)):
        raise StudioError(f"There is no style {ask.style}.", "Choose another one.")
    elif not any(map(table.has_base, found)):
        raise StudioError(f"No version of {ask.style} has a base.", "Choose versions alone.")
    return Side(ask.style, ask.version)


def draw(
    studio: Studio,
    ask: SideAsk,
    prompts: str,
    cells: Sequence[Cell],
    report: Report,
    step: Callable[[int, int], None],
) -> Drawn:
    """What one side shows for the cells: from its sheet, else drawn now, else by hand."""
    side = side_of(studio, ask)
    if ask.hand:
        return Drawn(side, "", review_sources.by_hand(studio.home, ask.hand, cells))
    found = _of_sheet(studio, side, prompts)
    folder = studio.home / "review" / "drawn" / side.style / str(side.number)
    files = {cell: found.get(cell) or folder / f"{_name(cell)}.png" for cell in cells}
    missing = [cell for cell in cells if not files[cell].is_file()]
    if missing:
        _draw(studio, side, missing, folder, report, step)
    return Drawn(side, prompts, files)


def _of_sheet(studio: Studio, side: Side, prompts: str) -> dict[Cell, Path]:
    """What the version's own sheet holds, or the newest one where the base is asked for."""
    numbers = [side.number] if side.number else [v.number for v in _on_a_base(studio, side.style)]
    for number in numbers:
        folder = folder_of(studio.home, side.style, number)
        sheet = read_sheet(folder)
        if sheet is not None and sheet.prompts == prompts:
            return {
                (cell.prompt, cell.seed): folder / (cell.version if side.number else cell.base)
                for cell in sheet.cells
            }
    return {}


def _draw(
    studio: Studio,
    side: Side,
    cells: Sequence[Cell],
    folder: Path,
    report: Report,
    step: Callable[[int, int], None],
) -> None:
    from studio.diffusion import sampling
    from studio.generation import style_drawing

    version = (
        models.get(studio.client, side.style, side.number)
        if side.number
        else _on_a_base(studio, side.style)[0]
    )
    report(f"Loading {side.style} {side.name}.")
    loaded = table.load(studio, version)
    strength = version.strength if side.number else 0.0
    drawing = sampling.Draw(size=loaded.size)
    folder.mkdir(parents=True, exist_ok=True)
    worded = with_trigger if side.number else without_trigger
    for first in range(0, len(cells), sampling.BATCH):
        part = cells[first : first + sampling.BATCH]
        texts = [worded(prompt, version.trigger_word) for prompt, _ in part]
        seeds = [seed for _, seed in part]
        made = style_drawing.pictures(loaded, texts, seeds, drawing, strength, step)
        for cell, picture in zip(part, made, strict=True):
            with publishing(folder / f"{_name(cell)}.png", flush=False) as aside:
                picture.save(aside, format="PNG")
        done, all = first + len(part), len(cells)
        line = f"{side.style} {side.name}: {done}/{all} pictures"
        report(Progress(line, done, all, "pictures", f"drawing {side.name}"))


def _on_a_base(studio: Studio, style: str) -> list[models.Version]:
    return [v for v in models.list_versions(studio.client, style) if table.has_base(v)]


def _name(cell: Cell) -> str:
    return hashlib.sha256(f"{cell[1]}\n{cell[0]}".encode()).hexdigest()[:24]
