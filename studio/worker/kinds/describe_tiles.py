"""The job that says in words what each tile of a picture shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from studio import images
from studio.assets import thumbnails
from studio.context import Progress, Studio
from studio.datasets import versions as datasets
from studio.datasets.pictures import Picture
from studio.datasets.words import one_line
from studio.errors import StudioError
from studio.jobs.emit import Emit
from studio.store import local
from studio.upscaling import prompts
from studio.upscaling.grid import Tile
from studio.worker.context import Context, Models
from studio.worker.kind import Input, Kind, Needs, Outcome, Work
from studio.worker.kinds import describe, describing
from studio.worker.kinds.describing import Server
from studio.worker.kinds.upscale import size_of
from studio.worker.payload import Counted, Payload, Text
from studio.worker.steps import digest
from studio.workflows import tile_captions, upscale_sources, upscaling
from studio.workflows.upscaling import Wanted

SOURCE = "source"
AT_ONCE = 8  # tiles of one step; what was said is kept after each
MOST = 4_000  # tiles
PROMPT = (
    "Describe what this part of a game picture shows in one line of at most ten words: things, "
    "materials and colours. Do not describe the art style, and name nothing that is not there."
)


class DescribeTiles(Payload):
    """Words for the tiles that these settings give, or of them those that `keys` name. "words" are
    the pocket CLIP's, "vision" a model's on this machine, "endpoint" those of the server that is
    set. `locked` tiles are left out, and dark and empty ones get none."""

    picture: Text
    settings: dict[str, Any] = Field(default_factory=dict)
    factor: float | None = None
    long_side: Counted | None = None
    means: Text = "words"
    prompt: Text = PROMPT
    keys: list[Text] = Field(default_factory=list)
    name: Text = ""


@dataclass(frozen=True)
class Task:
    """The tiles of a result of `width` x `height`, and what says what each shows."""

    tiles: tuple[Tile, ...]
    width: int
    height: int
    describing: describing.Task


def check(studio: Studio, ask: DescribeTiles) -> DescribeTiles:
    """The picture is there, its tiles are, and so is what is to describe them."""
    describe.check_means(studio, ask.means, ask.prompt)
    asked = _wanted(studio, ask)
    tiles = _tiles(asked, ask.keys)
    if not tiles:
        raise StudioError(
            "There are no tiles to describe.", "Choose diffusion, or tiles that are not locked."
        )
    if len(tiles) > MOST:
        raise StudioError(f"There are {len(tiles):,} tiles.", f"Describe at most {MOST:,}.")
    told = {"settings": upscaling.as_json(asked.settings), "factor": None, "long_side": None}
    return ask.model_copy(
        update={**told, "prompt": ask.prompt.strip(), "name": ask.name or asked.source.about}
    )


def prepare(context: Context, ask: DescribeTiles) -> Work:
    """The picture, the smaller copy of a large one, and described pictures to learn words from."""
    studio, settings = context.studio, context.studio.settings
    asked = _wanted(studio, ask)
    described = _described(studio, asked) if ask.means == "words" else ()
    seen = local.present(thumbnails.seen_by(asked.source.path, thumbnails.SIDE))
    task = Task(
        tuple(_tiles(asked, ask.keys)),
        asked.settings.width,
        asked.settings.height,
        describing.Task(
            (),
            ask.means,
            False,
            ask.prompt,
            described,
            settings.caption_model,
            Server(settings.caption_url, settings.caption_key, settings.caption_name),
        ),
    )
    files = datasets.files_of(studio.home, [one.hash for one in described])
    inputs = {hash: Input(hash, path) for hash, path in files.items()}
    return Work(context.workdir, task, {**inputs, SOURCE: Input(digest(seen), seen)})


def compute(
    inputs: Mapping[str, Input], task: Task, workdir: Path, models: Models, emit: Emit
) -> Outcome:
    """Words for each tile, told a few at a time; cut off, it goes on with the rest."""
    picture = images.open_picture(inputs[SOURCE].path)
    told = {key for event in emit.of("words") for key in event.body["words"]}
    left = [tile for tile in task.tiles if tile.key not in told]
    files = {name: one.path for name, one in inputs.items() if name != SOURCE}
    step: describing.Step | None = None
    name = ""
    for start in range(0, len(left), AT_ONCE):
        part = left[start : start + AT_ONCE]
        shown = {
            tile.key: tile_captions.crop(picture, tile.box, task.width, task.height)
            for tile in part
        }
        words = dict.fromkeys(shown, "")
        seen = {key: one for key, one in shown.items() if not prompts.is_plain(one)}
        if seen and step is None:
            emit.say("Loading the model")
            name, step = describing.loaded(task.describing, files, models.device)
        if seen and step is not None:
            texts = step([(_as_picture(key, one.size), one) for key, one in seen.items()])
            words |= {
                key: one_line(text)[: tile_captions.LONGEST]
                for key, text in zip(seen, texts, strict=True)
            }
        emit("words", f"words {part[0].key}", {"model": name, "words": words})
        done, total = start + len(part), len(left)
        emit.say(Progress(f"Described {done}/{total}", done, total, "tiles", "describing"))
    said = [event.body for event in emit.of("words")]
    captions = {key: text for one in said for key, text in one["words"].items()}
    model = next((one["model"] for one in said if one["model"]), "")
    return Outcome({"captions": captions, "model": model})


def commit(context: Context, ask: DescribeTiles, outcome: Outcome) -> dict[str, Any]:
    """The words by the tiles' keys, "" for those that show hardly anything; whoever asked puts them
    into the settings (`tile_captions.merged`)."""
    return {"picture": ask.picture, **outcome.figures}


def _wanted(studio: Studio, ask: DescribeTiles) -> Wanted:
    source = upscale_sources.source(studio, ask.picture, ask.name)
    given = {"method": upscaling.DIFFUSION, **ask.settings}
    return upscaling.wanted(studio, source, given, size_of(ask))


def _tiles(asked: Wanted, keys: list[str]) -> list[Tile]:
    """Those of the first pass: the seams' lie between them and show the same."""
    locked = {one.key for one in asked.settings.tiles if one.locked}
    found = [tile for tile in upscaling.tiles_of(asked.settings) if tile.part != "seam"]
    return [tile for tile in found if tile.key not in locked and (not keys or tile.key in keys)]


def _described(studio: Studio, asked: Wanted) -> tuple[Picture, ...]:
    """The described pictures of the style's dataset; none where it has none any more."""
    version = asked.draws.version if asked.draws else None
    if version is None or not version.dataset:
        return ()
    try:
        pictures = datasets.load(studio.home, version.dataset).pictures
    except StudioError:
        return ()
    own = [p for p in pictures if p.caption and p.caption_by in ("file", "hand")]
    return tuple(own[:: len(own) // describe.COMPARED + 1])


def _as_picture(key: str, size: tuple[int, int]) -> Picture:
    return Picture(
        hash=key,
        file_name=key,
        caption="",
        category="",
        width=size[0],
        height=size[1],
        has_alpha=True,
        source="",
        author="",
        licence="",
        caption_by="",
    )


KIND = Kind(
    name="describe_tiles",
    label="Describing the tiles of {name}",
    payload=DescribeTiles,
    right="generate",
    lane="short",
    check=check,
    prepare=prepare,
    compute=compute,
    commit=commit,
    needs=Needs(memory_gb=1.0),
    resumable=True,
)
