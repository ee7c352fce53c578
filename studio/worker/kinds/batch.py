"""The job that draws a whole list with one style; cut off, it goes on with what is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import Field

from studio.context import Studio
from studio.diffusion.sampling import Draw, check_draw
from studio.errors import StudioError
from studio.generation import lists
from studio.generation.style_drawing import Wish
from studio.worker.context import Context
from studio.worker.kind import Kind, Needs, Work
from studio.worker.kinds import drawing
from studio.worker.kinds.drawing import Drawn, Wanted, check_between
from studio.worker.payload import Counted, Payload, Text, Words

ASSETS = 10_000  # pictures of one job


class ListLine(Payload):
    """One line of a list: `count` pictures of a prompt, named `name`. What it says of its negative
    prompt, width, height and seamless edges goes before what the list says for all."""

    prompt: Words
    name: Text = ""
    seed: int = 0
    count: Counted = 1
    negative: Words = ""
    width: Counted | None = None
    height: Counted | None = None
    category: Text = ""
    seamless: Text = ""


class Batch(Drawn):
    """A list, drawn with one style and the same settings; `set` is what the list is called: a
    version may be pinned for it."""

    style: Text
    assets: list[ListLine] = Field(title="Line")
    set: Text = ""


def check(studio: Studio, ask: Batch) -> Batch:
    """Every line of the list can be used; the first that can't is named by its number."""
    drawing.check_drawing(ask)
    for number, asset in enumerate(ask.assets, 1):
        try:
            drawing.check_prompt(asset.prompt, asset.seed)
            check_between("count", asset.count, 1, ASSETS)
            check_between("the category's length", len(asset.category), 0, 60)
            drawing.check_negative(asset.negative)
            check_draw(_draw(ask, asset))
        except StudioError as error:
            raise StudioError(f"Line {number}: {error.message}", error.remedy) from error
    check_between("the length of the list's name", len(ask.set), 0, 200)
    check_between("the number of pictures", sum(a.count for a in ask.assets), 1, ASSETS)
    ways = {_draw(ask, asset).seamless for asset in ask.assets}
    return drawing.with_versions(studio, ask, *(["seamless"] if any(ways) else []))


def prepare(context: Context, ask: Batch) -> Work:
    """Each line with each of its seeds; lines that are drawn alike stand together, so that they
    fill whole batches."""
    alike: dict[Draw, list[Wanted]] = {}
    for asset in ask.assets:
        draw = _draw(ask, asset)
        alike.setdefault(draw, []).extend(
            Wanted(Wish(asset.prompt, seed), draw, asset.name, k, asset.category)
            for k, seed in enumerate(drawing.seeds(asset.seed, asset.count), 1)
        )
    return drawing.work(context, ask, [one for part in alike.values() for one in part])


def _draw(ask: Batch, asset: ListLine) -> Draw:
    """How a line is drawn: as the list says, but for what the line says itself."""
    way = "" if asset.seamless == lists.NO else asset.seamless or ask.seamless
    return replace(
        drawing.draw_of(ask),
        negative=asset.negative or ask.negative,
        width=asset.width or ask.width,
        height=asset.height or ask.height,
        seamless=way,
        fill=ask.fill if way else "",
    )


def _own_seeds(asked: dict[str, Any]) -> dict[str, Any]:
    return {**asked, "assets": [drawing.own_seed(asset) for asset in asked["assets"]]}


KIND = Kind(
    name="batch",
    label="Drawing a list of {style}",
    payload=Batch,
    right="generate",
    lane="work",
    check=check,
    prepare=prepare,
    compute=drawing.compute,
    apply=drawing.apply,
    commit=drawing.commit,
    needs=Needs(device=True, memory_gb=2.0),
    resumable=True,
    lifts=(_own_seeds, drawing.two_sides, drawing.unfinished),
)
