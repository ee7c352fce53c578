"""The whole of an enlargement: each pass' tiles drawn batch by batch, and the result written.

Killed at any time it goes on where it was: a batch of which a tile is missing is drawn again whole,
since how many blocks are drawn at once decides their bits. Nothing else is kept than the tiles'
files; the result is blended from them at the end.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.errors import StudioError
from studio.store.publish import publish, publishing
from studio.upscaling import hold, journal, marks, palette_lock, prompts
from studio.upscaling.composing import Canvas
from studio.upscaling.engine import Block, Engine
from studio.upscaling.grid import Box, Tile
from studio.upscaling.png_stream import PngStream
from studio.upscaling.settings import Settings, reseeded

RESULT, RECORD = "result.png", "result.json"
STRIP = 1_000_000  # pixels of the result that are blended at once
BLACK = 16  # levels: a source that is nowhere brighter may be drawn black
FAINT = 16  # of alpha: so little may be drawn as nothing

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Told:
    """How far it is: `done` of `total` tiles; `keys` are those in work, at `step` of `steps`, and
    where a batch was just kept `step` equals `steps`."""

    done: int
    total: int
    keys: tuple[str, ...]
    step: int
    steps: int


@dataclass(frozen=True)
class Result:
    """The result's file; `hash`, `bytes` and `pixels` as an asset's content has them. `drawn` tiles
    were drawn now, of `tiles`; `again` are the keys of those that needed full precision."""

    file: Path
    width: int
    height: int
    hash: str
    bytes: int
    pixels: str
    tiles: int
    drawn: int
    again: tuple[str, ...]


def run(
    source: Path,
    settings: Settings,
    engine: Engine,
    workdir: Path,
    *,
    told: Callable[[Told], None] = lambda told: None,
    first: Engine | None = None,
    text: dict[str, str] | None = None,
) -> Result:
    """Enlarges the picture in a file as `settings`, which were checked, say, and writes the result
    into `workdir`, where all that is drawn stays until the folder is taken away.

    `told` hears of each step; what it raises stops the work and loses nothing that was kept.
    `first` is the model that enlarges each block before diffusion draws it, where settings.first
    is "model". `text` stands in the PNG by keyword. StudioError naming the tile that stayed black
    or not finite, and where the disk refuses.
    """
    canvas = journal.begun(workdir, settings, source)
    if settings.palette_lock:
        palette_lock.of(
            canvas.source
        )  # a source without a palette is told before anything is drawn
    work = _Work(canvas, engine, first, told)
    for number, layer in enumerate(canvas.layers):
        for batch in _batches(layer.tiles, engine.batch):
            work.draw(batch, number)
    found = _written(canvas, workdir, text)
    canvas.files.sweep()
    return replace(found, drawn=work.drawn, again=tuple(work.again))


def redo(
    source: Path,
    settings: Settings,
    seeds: dict[str, int],
    engine: Engine,
    workdir: Path,
    *,
    told: Callable[[Told], None] = lambda told: None,
    first: Engine | None = None,
    text: dict[str, str] | None = None,
) -> Result:
    """Draws some tiles anew, by key with another seed each, and with them those of later passes
    that lie over them; all others stay. `settings` with these seeds, as `reseeded` gives them, are
    the recipe from then on."""
    again = reseeded(settings, seeds)
    return run(source, again, engine, workdir, told=told, first=first, text=text)


class _Work:
    """Draws batches and counts."""

    def __init__(
        self,
        canvas: Canvas,
        engine: Engine,
        first: Engine | None,
        told: Callable[[Told], None],
    ) -> None:
        self.canvas, self.engine, self.first, self._told = canvas, engine, first, told
        self.total = sum(len(layer.tiles) for layer in canvas.layers)
        self.done = self.drawn = 0
        self.again: list[str] = []
        if canvas.settings.first == "model" and canvas.settings.method == "diffusion":
            assert first is not None, "what enlarges first is to be given"

    def draw(self, batch: Sequence[Tile], number: int) -> None:
        """Draws a batch of pass `number` unless all of it is there, and keeps it."""
        # Read, not only looked for: after a power cut a file may be there and not whole.
        missing = [tile for tile in batch if self.canvas.files.read(tile) is None]
        if missing:
            self._draw(batch, missing, number)
            self.drawn += len(missing)
        self.done += len(batch)
        self._tell(tuple(tile.key for tile in batch), 1, 1)

    def _draw(self, batch: Sequence[Tile], missing: Sequence[Tile], number: int) -> None:
        before = {tile.key: self.canvas.before(tile) for tile in batch}
        seen = [tile for tile in batch if not self._is_empty(before[tile.key])]
        blocks = self._begun([self._block(tile, before[tile.key], number) for tile in seen])
        keys = tuple(tile.key for tile in seen)
        pictures = self._ask(blocks, keys) if blocks else []
        drawn = dict(zip(keys, zip(blocks, pictures, strict=True), strict=True))
        for tile in missing:
            if tile.key not in drawn:
                self._keep(tile, before[tile.key], before[tile.key])
                continue
            block, picture = drawn[tile.key]
            if _is_spoilt(picture, before[tile.key]):
                picture = self._redrawn(block, before[tile.key])
            assert picture is not None
            self._keep(tile, before[tile.key], picture)

    def _is_empty(self, before: Image.Image) -> bool:
        """Whether nothing of a tile will be seen, whatever is drawn."""
        if self.canvas.draws_alpha:
            return False
        return not np.asarray(before.getchannel("A")).any()

    def _block(self, tile: Tile, before: Image.Image, number: int) -> Block:
        settings = self.canvas.settings
        said = prompts.said(settings, tile, prompts.is_plain(before))
        own = None
        if number == 0 and "model" in (settings.method, settings.first):
            own = self.canvas.source.own(tile.box, self.canvas.target)
        return Block(
            tile.key,
            before,
            tile.box,
            said.prompt,
            said.negative,
            said.seed,
            marks.strength(settings, tile),
            own=own,
        )

    def _begun(self, blocks: list[Block]) -> list[Block]:
        """The blocks as they are drawn from: enlarged by the first engine where there is one."""
        if self.first is None or not blocks or blocks[0].own is None:
            return blocks
        keys = tuple(block.key for block in blocks)
        enlarged = self.first.draw(blocks, lambda step, steps: self._tell(keys, 0, 1))
        return [
            block if _is_spoilt(picture, block.picture) else _over(block, picture)
            for block, picture in zip(blocks, enlarged, strict=True)
        ]

    def _ask(self, blocks: Sequence[Block], keys: tuple[str, ...]) -> list[Image.Image | None]:
        found = self.engine.draw(blocks, lambda step, steps: self._tell(keys, step, steps + 1))
        for block, picture in zip(blocks, found, strict=True):
            if picture is not None and picture.size != block.picture.size:
                raise AssertionError(f"{block.key} is {picture.size}, not {block.picture.size}")
        return list(found)

    def _redrawn(self, block: Block, before: Image.Image) -> Image.Image:
        """A tile that was black or not finite, once more in full precision."""
        self.again.append(block.key)
        (picture,) = self._ask([replace(block, full_precision=True)], (block.key,))
        if picture is None or _is_spoilt(picture, before):
            what = "not finite" if picture is None else "black"
            self.canvas.files.fail(block.key, what)
            raise StudioError(
                f"The tile {block.key} came out {what}, in full precision too.",
                "Draw it with another seed, a lower strength or another VAE; the tiles before it "
                "are kept.",
            )
        return picture

    def _keep(self, tile: Tile, before: Image.Image, picture: Image.Image) -> None:
        """Keep what was drawn of a tile, its colours held as the settings say."""
        canvas, settings = self.canvas, self.canvas.settings
        rgba, found = np.asarray(before), np.asarray(picture.convert("RGBA"))
        colours = np.ascontiguousarray(found[..., :3])
        share = 1.0 if prompts.is_plain(before) else settings.hold
        unchanged = np.array_equal(colours, rgba[..., :3])
        if settings.method == "diffusion" and share > 0 and not unchanged:
            under = rgba
            if canvas.draws_alpha:  # what is drawn where nothing was is drawn for good
                under = np.dstack([rgba[..., :3], np.full(rgba.shape[:2], 255, np.uint8)])
            still = hold.held(colours, under, canvas.source, tile.box, canvas.target)
            colours = hold.kept(colours, still, share)
        if canvas.draws_alpha:
            colours = np.dstack([colours, found[..., 3]])
        canvas.files.save(tile.key, colours)

    def _tell(self, keys: tuple[str, ...], step: int, steps: int) -> None:
        self._told(Told(self.done, self.total, keys, step, steps))


def _batches(tiles: Sequence[Tile], count: int) -> Iterator[Sequence[Tile]]:
    for begin in range(0, len(tiles), max(1, count)):
        yield tiles[begin : begin + count]


def _over(block: Block, picture: Image.Image | None) -> Block:
    """The block with what was drawn first in place of its picture, under the same alpha."""
    assert picture is not None
    large = picture.convert("RGBA")
    large.putalpha(block.picture.getchannel("A"))
    return replace(block, picture=large)


def _is_spoilt(picture: Image.Image | None, before: Image.Image) -> bool:
    """Whether what was drawn is not finite, or black where the source is seen and is not."""
    if picture is None:
        return True
    if np.asarray(picture.convert("RGB")).any():
        return False
    rgba = np.asarray(before)
    seen = rgba[rgba[..., 3] > FAINT]
    return bool(len(seen) and seen[:, :3].max() > BLACK)


def _written(canvas: Canvas, workdir: Path, text: dict[str, str] | None) -> Result:
    """The result's file, unless it is there and was made of the same tiles."""
    settings, file = canvas.settings, workdir / RESULT
    mark = marks.of_result(settings, canvas.files.marks, text or {})
    tiles = len(canvas.files.marks)
    known = _known(workdir, mark)
    if known is not None:
        return known
    (workdir / RECORD).unlink(missing_ok=True)
    lock = palette_lock.of(canvas.source) if settings.palette_lock else None
    with publishing(file) as aside:
        with PngStream(aside, settings.width, settings.height, text) as stream:
            for strip in strips(canvas):
                if lock is not None:
                    lock.snap(strip)
                stream.write(strip)
    assert stream.written is not None
    found = Result(
        file,
        settings.width,
        settings.height,
        **asdict(stream.written),
        tiles=tiles,
        drawn=0,
        again=(),
    )
    said = {key: value for key, value in asdict(found).items() if key != "file"}
    publish(workdir / RECORD, json.dumps({"mark": mark, "result": said}))
    return found


def strips(canvas: Canvas) -> Iterator[Pixels]:
    """The result from the top down, RGBA [n, width, 4]; black where nothing is seen."""
    settings = canvas.settings
    high = max(1, STRIP // settings.width)
    for top in range(0, settings.height, high):
        rows = min(high, settings.height - top)
        strip = canvas.seen(Box(0, top, settings.width, rows))
        strip[strip[..., 3] == 0] = 0
        yield strip


def _known(workdir: Path, mark: str) -> Result | None:
    try:
        said = json.loads((workdir / RECORD).read_text("utf-8"))
        if said["mark"] != mark or not (workdir / RESULT).is_file():
            return None
        values = {**said["result"], "again": tuple(said["result"]["again"])}
        return Result(file=workdir / RESULT, **values)
    except (OSError, ValueError, KeyError, TypeError):
        return None
