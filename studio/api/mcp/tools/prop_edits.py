"""Props edited and drawn back in 2D, and pictures made ready to become props."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from studio import context
from studio.api.calls import Caller
from studio.api.mcp import once
from studio.api.mcp.answers import Asked
from studio.api.mcp.tool import Tool
from studio.api.mcp.tools.waiting import told
from studio.api.mcp.tools.where import WHERE, wish
from studio.errors import StudioError
from studio.worker import submit
from studio.worker.payload import Payload, Text, Words

MOST = 20  # pictures of one call
KEY = Field(
    default="",
    description="A text of your own, 1 to 200 visible ASCII characters: for 24 hours the same call "
    "with it gives the first one's job and makes nothing anew.",
)


class EditProp(Payload):
    """Which prop, and what is done to it."""

    prop: Text = Field(description="Its id.")
    edits: list[dict[str, Any]] = Field(
        description="In this order, such as [{'edit': 'scale', 'height_m': 0.4}, {'edit': "
        "'decimate', 'triangles': 500}, {'edit': 'turn', 'axis': 'y', 'degrees': 90}]; also "
        "pivot, thickness and texture. An unknown one is answered with those that there are."
    )
    name: Words = Field(default="", description="What the new version is called.")
    where: Text = WHERE
    idempotency_key: Text = KEY


class DrawSheet(Payload):
    """Which prop, and how it is drawn."""

    prop: Text = Field(description="Its id.")
    directions: dict[str, Any] = Field(
        default_factory=dict,
        description="Such as {'count': 8, 'side': 32, 'elevation': 30}; what is left out is as the "
        "style has it. An unknown name is answered with those that there are.",
    )
    style: Text = Field(default="", description="Whose size and colours it has; else the prop's.")
    where: Text = WHERE
    idempotency_key: Text = KEY


class EditPictures(Payload):
    """Which pictures, and what is done to each."""

    pictures: list[Text] = Field(description="Ids of pictures, at most 20.")
    edits: list[dict[str, Any]] = Field(
        description="In this order, such as [{'edit': 'background', 'by': 'advised'}, {'edit': "
        "'trim'}]; also crop, colour and palette."
    )
    name: Words = ""
    where: Text = WHERE
    idempotency_key: Text = KEY


def edited(caller: Caller, asked: EditProp) -> Asked:
    """The job that edits it."""
    return _put_in(caller, "edit_prop", "prop_edit", asked)


def drawn(caller: Caller, asked: DrawSheet) -> Asked:
    """The job that draws it."""
    return _put_in(caller, "draw_prop_sheet", "prop_sheet", asked)


def made_ready(caller: Caller, asked: EditPictures) -> Asked:
    """The job that edits them."""
    if len(asked.pictures) > MOST:
        raise StudioError(f"{len(asked.pictures):,} pictures are named.", f"Name at most {MOST}.")
    return _put_in(caller, "edit_pictures", "picture_edit", asked)


def _put_in(
    caller: Caller, tool: str, kind: str, asked: EditProp | DrawSheet | EditPictures
) -> Asked:
    payload = asked.model_dump(exclude={"idempotency_key", "where"})

    def ask(mark: str | None) -> Any:
        return submit.ask(
            caller.studio,
            kind,
            payload,
            asked_by=caller.by,
            now=context.now(),
            key=mark,
            where=asked.where,
        )

    all_of_it = wish(payload, asked.where)
    return told(caller, once.job(caller, tool, asked.idempotency_key, all_of_it, ask))


EDIT_PROP = Tool(
    name="edit_prop",
    title="Edit a prop",
    says="Scales, turns, thins, decimates or retextures a prop, or sets its pivot: a new version "
    "beside the old one, which stays.",
    right="generate",
    takes=EditProp,
    gives=Asked,
    run=edited,
    kind="prop_edit",
    changes=True,
    again=False,
)
DRAW_PROP_SHEET = Tool(
    name="draw_prop_sheet",
    title="Draw a prop from several directions",
    says="Draws a prop from 1, 4 or 8 directions in the style's pixels and palette: a picture of "
    "the gallery for 2D games, with a normal map.",
    right="generate",
    takes=DrawSheet,
    gives=Asked,
    run=drawn,
    kind="prop_sheet",
    changes=True,
    again=False,
)
EDIT_PICTURES = Tool(
    name="edit_pictures",
    title="Edit pictures",
    says="Makes pictures ready to become props: background away, cut, recoloured, brought to a "
    "palette. Each result is a picture of its own; the old ones stay.",
    right="finish pictures",
    takes=EditPictures,
    gives=Asked,
    run=made_ready,
    kind="picture_edit",
    changes=True,
    again=False,
)
