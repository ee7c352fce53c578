"""Props: made from pictures by a method that any machine can run, and found again."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from studio import context
from studio.api import props
from studio.api.calls import Caller
from studio.api.mcp import once
from studio.api.mcp.answers import Asked, Props
from studio.api.mcp.tool import Tool
from studio.api.mcp.tools.waiting import told
from studio.api.mcp.tools.where import WHERE, wish
from studio.errors import StudioError
from studio.jobs import table
from studio.worker import submit
from studio.worker.payload import Counted, Payload, Text, Words
from studio.workflows.prop_history import Filters

MOST = 20  # pictures of one call
SHOWN = 50  # of one answer


class MakeProps(Payload):
    """Which pictures, how, and how high."""

    pictures: list[Text] = Field(description="Ids of pictures, at most 20; one job makes all.")
    method: Text = Field(
        default="",
        description="card, contour, voxels, relief or planes; left out: what suits each picture.",
    )
    height_m: float | None = Field(default=None, description="How high in metres.")
    triangles: Counted | None = Field(
        default=None, description="Decimate each to about so many triangles."
    )
    settings: dict[str, Any] = Field(
        default_factory=dict,
        description="Any other settings by name, such as {'depth': 0.2, 'pivot': 'centre', "
        "'normal_y': 'down'}; an unknown name is answered with those that there are.",
    )
    name: Words = Field(default="", description="What the prop of a single picture is called.")
    where: Text = WHERE
    idempotency_key: Text = Field(
        default="",
        description="A text of your own, 1 to 200 visible ASCII characters: for 24 hours the same "
        "call with it gives the first one's job and makes nothing anew.",
    )


class ListProps(Payload):
    """Filters; what is left out asks for all."""

    kind: Literal["prop", "wish", "picture", ""] = Field(
        default="prop", description='Left out: props alone; "": everything that was made.'
    )
    style: Text = ""
    method: Text = Field(default="", description="Of props: card, contour, voxels ...")
    by: Text = Field(default="", description="Who asked for it.")
    verdict: Literal["", "approved", "edit", "rejected", "open"] = Field(
        default="", description="What people said of it; open: nothing yet."
    )
    cost: Literal["", "paid", "free"] = ""
    text: Words = Field(default="", description="Words of the prompt or name; all must be there.")
    page: Counted = Field(default=1, description="From 1.")
    size: Counted = Field(default=20, description="At most 50.")


def made(caller: Caller, asked: MakeProps) -> Asked:
    """The job that makes them."""
    if len(asked.pictures) > MOST:
        raise StudioError(f"{len(asked.pictures):,} pictures are named.", f"Name at most {MOST}.")
    said = {"method": asked.method or None, "height_m": asked.height_m}
    given = {**asked.settings, **{name: one for name, one in said.items() if one is not None}}
    edits = [] if asked.triangles is None else [{"edit": "decimate", "triangles": asked.triangles}]
    payload = {"pictures": asked.pictures, "settings": given, "edits": edits, "name": asked.name}

    def ask(mark: str | None) -> table.Job:
        return submit.ask(
            caller.studio,
            "prop",
            payload,
            asked_by=caller.by,
            now=context.now(),
            key=mark,
            where=asked.where,
        )

    all_of_it = wish(payload, asked.where)
    return told(caller, once.job(caller, "make_props", asked.idempotency_key, all_of_it, ask))


def listed(caller: Caller, asked: ListProps) -> Props:
    """A page of what was made, the newest first."""
    if not 1 <= asked.size <= SHOWN:
        raise StudioError(f"size is {asked.size}.", f"Give 1 to {SHOWN}.")
    names = ("kind", "style", "method", "by", "verdict", "cost", "text")
    filters = Filters(**{name: getattr(asked, name) for name in names})
    found = props.items(caller, filters, asked.page, asked.size)
    return Props(**found.model_dump())


MAKE_PROPS = Tool(
    name="make_props",
    title="Make props",
    says="Makes 3D props from pictures with transparency: extruded cards, voxels, puffed reliefs, "
    "crossed planes, with a normal map each, as GLB and OBJ for engines. Nothing is reconstructed: "
    "backs are mirrored fronts. No provider is asked.",
    right="generate",
    takes=MakeProps,
    gives=Asked,
    run=made,
    kind="prop",
    changes=True,
    again=False,
)
LIST_PROPS = Tool(
    name="list_props",
    title="List props",
    says="Props, or all that was made, by style, method, person, verdict, cost and words, the "
    "newest first, each with its triangles, its height and what was paid for it.",
    right="look",
    takes=ListProps,
    gives=Props,
    run=listed,
)
