"""Wishes: expanded into specifications, looked up, and edited field by field."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from pydantic import Field

from studio.api import jobs, paging, wishes
from studio.api.calls import Caller
from studio.api.mcp import once
from studio.api.mcp.answers import Asked, Wishes
from studio.api.mcp.tool import Tool
from studio.api.mcp.tools import waiting
from studio.api.mcp.tools.waiting import Wait
from studio.api.wishes import WishDetails
from studio.assets.search import Wanted
from studio.errors import StudioError
from studio.jobs.table import Job
from studio.worker.kinds import expand_wishes
from studio.worker.payload import Counted, Payload, Text, Words
from studio.workflows import wishes as kept

MOST = 50  # of one answer


class Expand(Payload):
    """Which wishes, for which style."""

    wishes: list[Words] = Field(title="Wish", description="At most 200, such as: a healing potion.")
    style: Text = Field(default="", description="A style that list_styles names.")
    variants: Counted = Field(default=1, description="Of each wish, at most 8.")
    by: Literal["", "chat", "rules"] = Field(
        default="",
        description="chat: the language model that the studio has, which may cost; rules: the "
        "style's own words, for nothing. Left out: the model where there is one.",
    )
    idempotency_key: Text = Field(
        default="",
        description="A text of your own, 1 to 200 visible ASCII characters: for 24 hours the same "
        "call with it gives the first one's job and expands nothing anew.",
    )
    wait: Wait = 30


class Searched(Payload):
    """Filters; what is left out asks for all."""

    style: Text = ""
    text: Words = Field(default="", description="Words of the wish; all must be there.")
    by: Text = Field(default="", description="Who wished.")
    job: Counted | None = None
    limit: Counted = Field(default=20, description="At most 50.")
    cursor: Text = Field(default="", description="`next` of the answer before.")


class Named(Payload):
    """Which wish."""

    wish: Text = Field(description="The id of a wish.")


class Edit(wishes.WishEdit):
    """Which wish, and its fields as they are to be; what is left out stays."""

    wish: Text = Field(description="The id of a wish.")


def expanded(caller: Caller, asked: Expand) -> Asked:
    """The job that expands them."""
    payload = asked.model_dump(exclude={"idempotency_key", "wait"})

    def ask(mark: str | None) -> Job:
        return jobs.ask(replace(caller, mark=mark), expand_wishes.KIND.name, payload)

    job = once.job(caller, "expand_wishes", asked.idempotency_key, payload, ask)
    return waiting.told(caller, job)


def found(caller: Caller, asked: Searched) -> Wishes:
    """A page of wishes, the newest first; a job's in the order in which it made them."""
    if not 1 <= asked.limit <= MOST:
        raise StudioError(f"limit is {asked.limit}.", f"Give 1 to {MOST}.")
    wanted = Wanted(style=asked.style, text=asked.text, by=asked.by, job=asked.job)
    place = paging.moment(paging.place_of(asked.cursor) if asked.cursor else None)
    listed = kept.listing(caller.studio.engine, wanted, asked.limit + 1, place)
    page = listed[: asked.limit]
    last = page[-1] if len(listed) > asked.limit else None
    return Wishes(
        items=[wishes.told(one) for one in page],
        next=paging.cursor_of((last.at, last.number)) if last else None,
    )


def one(caller: Caller, asked: Named) -> WishDetails:
    """A wish, and what came of it."""
    return wishes.details(caller, asked.wish)


def edited(caller: Caller, asked: Edit) -> wishes.Wish:
    """The wish with other fields, as a new one."""
    return wishes.edited(caller, asked.wish, asked.model_dump(exclude={"wish"}, exclude_none=True))


EXPAND_WISHES = Tool(
    name="expand_wishes",
    title="Expand wishes",
    says="Makes specifications of wishes: what is to be seen, colours, materials and features, in "
    "the style's own words. The job's `assets` are their ids. Show the person what came of it "
    "before you draw it with generate, whose `prompt` and `wish` you take from get_wish.",
    right=kept.RIGHT,
    takes=Expand,
    gives=Asked,
    run=expanded,
    kind=expand_wishes.KIND.name,
    changes=True,
    again=False,
)
SEARCH_WISHES = Tool(
    name="search_wishes",
    title="Search wishes",
    says="Wishes with their specifications, the newest first, by style, words, who wished, and the "
    "job that expanded them.",
    right="look",
    takes=Searched,
    gives=Wishes,
    run=found,
)
GET_WISH = Tool(
    name="get_wish",
    title="Look at a wish",
    says="One wish with its specification, its prompt for generate, and all that came of it.",
    right="look",
    takes=Named,
    gives=WishDetails,
    run=one,
)
EDIT_WISH = Tool(
    name="edit_wish",
    title="Edit a wish",
    says="Changes fields of a wish's specification: a new wish, whose parent the old one is, which "
    "stays. Only what the person asked for; the wish's own words never change.",
    right=kept.RIGHT,
    takes=Edit,
    gives=wishes.Wish,
    run=edited,
    changes=True,
)
