"""Animation sheets: frames, a cut sheet or one picture in motion, packed for an engine."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from studio import context
from studio.api.calls import Caller
from studio.api.mcp import once
from studio.api.mcp.answers import Asked
from studio.api.mcp.tool import Tool
from studio.api.mcp.tools.waiting import told
from studio.errors import StudioError
from studio.jobs import table
from studio.worker import submit
from studio.worker.payload import Counted, Payload, Text, Words
from studio.workflows import animation_sources

MOST = 256  # frames of one call


class MakeSheet(Payload):
    """Which frames, in which motion, and how they are packed."""

    pictures: list[Text] = Field(
        description="Ids of pictures in order, one a frame; a single one for a motion or a cut."
    )
    name: Words = Field(default="", description="What the sheet is called.")
    duration_ms: Counted = Field(
        default=100,
        description="How long each frame is shown; a motion has a setting of this name.",
    )
    motion: dict[str, Any] = Field(
        default_factory=dict,
        description="Of a single picture: {'motion': 'hover', 'frames': 8}. Motions: breathing, "
        "hover, blink, squash, flash, spin, dissolve; an unknown setting is answered with those "
        "that there are.",
    )
    cut: dict[str, Counted] = Field(
        default_factory=dict,
        description="Cut a single picture into frames: {'width': 32, 'height': 32}, or columns "
        "and rows, with spacing and margin.",
    )
    tags: list[dict[str, Any]] = Field(
        default_factory=list,
        description="{'name': 'walk', 'first': 0, 'last': 7, 'direction': 'forward'}; frames "
        "count from 0; reverse, pingpong, pingpong_reverse are the others.",
    )
    slices: list[dict[str, Any]] = Field(
        default_factory=list,
        description="Parts of the canvas: {'name': 'panel', 'box': [left, top, width, height], "
        "'borders': [left, top, right, bottom] of a nine-slice, 'pivot': [x, y]}.",
    )
    pivot: list[float] = Field(
        default_factory=list,
        description="x and y in pixels of the canvas; empty: the middle of the lower edge.",
    )
    drawn: Text = Field(
        default="straight",
        description="How the pictures are blended: straight, premultiplied, or black, as effects "
        "are often drawn.",
    )
    effect: Text = Field(
        default="straight", description="How the sheet is to be blended; as `drawn`."
    )
    packing: dict[str, Any] = Field(
        default_factory=dict,
        description="{'way': 'grid' or 'maxrects', 'padding': 2, 'extrude': 1, 'trim': true, "
        "'power_of_two': false}. A flipbook: grid, padding 0, extrude 0, trim and merge false.",
    )
    palette: Text = Field(
        default="",
        description="One palette for all frames, by its name (NAME or NAME@REVISION); own: the "
        "pictures' own colours.",
    )
    style: Text = Field(
        default="", description="A style, whose colours the frames get where no palette is named."
    )
    pad: bool = Field(default=False, description="Pad pictures of several sizes about their feet.")
    before: Text = Field(default="", description="A sheet whose frames keep their places.")
    idempotency_key: Text = Field(
        default="",
        description="A text of your own, 1 to 200 visible ASCII characters: for 24 hours the same "
        "call with it gives the first one's job and makes nothing anew.",
    )


def made(caller: Caller, asked: MakeSheet) -> Asked:
    """The job that makes it."""
    if len(asked.pictures) > MOST:
        raise StudioError(f"{len(asked.pictures):,} pictures are named.", f"Name at most {MOST}.")
    payload = asked.model_dump(exclude={"idempotency_key", "pictures", "cut"})
    payload["frames"] = [{"picture": one} for one in asked.pictures]
    if asked.cut:
        if len(asked.pictures) != 1:
            raise StudioError(
                f"{len(asked.pictures)} pictures are named, and a cut.", "Name the one to be cut."
            )
        _, payload["frames"] = animation_sources.cut_up(caller.studio, asked.pictures[0], asked.cut)

    def ask(mark: str | None) -> table.Job:
        return submit.ask(
            caller.studio, "sheet", payload, asked_by=caller.by, now=context.now(), key=mark
        )

    return told(caller, once.job(caller, "make_sheet", asked.idempotency_key, payload, ask))


MAKE_SHEET = Tool(
    name="make_sheet",
    title="Make an animation sheet",
    says="Packs pictures, the cells of a picture or one picture in motion into an animation sheet "
    "with durations, tags and a pivot, for Aseprite, Phaser, Pixi and other engines. Motions move "
    "the picture's own pixels and draw nothing new.",
    right="generate",
    takes=MakeSheet,
    gives=Asked,
    run=made,
    kind="sheet",
    changes=True,
    again=False,
)
