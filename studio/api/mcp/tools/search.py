"""What people approved, found by filters."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from studio.api import assets, paging
from studio.api.calls import Caller
from studio.api.mcp.answers import Assets
from studio.api.mcp.tool import Tool
from studio.api.parts import moment
from studio.assets import catalogue
from studio.assets.search import Wanted
from studio.errors import StudioError
from studio.worker.payload import Counted, Payload, Text, Words

ALL = "all"
MOST = 50  # of one answer: each comes with its recipe


class Searched(Payload):
    """Filters; what is left out asks for all."""

    kind: Literal["picture", "tileset", "prop", "sheet"] = "picture"
    style: Text = ""
    version: Counted | None = None
    verdict: Literal["approved", "edit", "rejected", "open", "all"] = Field(
        default="approved", description="What people said of it; open: nothing yet."
    )
    category: Text = Field(default="", description="Of a list's line.")
    text: Words = Field(default="", description="Words of the prompt or name; all must be there.")
    by: Text = Field(default="", description="Who asked for it.")
    job: Counted | None = None
    since: Text = Field(
        default="",
        description="Made, judged or painted over since then: 2026-03-31T18:00:00Z. Take the "
        "largest changed_at that you know.",
    )
    limit: Counted = Field(default=20, description="At most 50.")
    cursor: Text = Field(default="", description="`next` of the answer before.")


def found(caller: Caller, asked: Searched) -> Assets:
    """A page of pictures, the newest first; a job's in the order in which it made them."""
    if not 1 <= asked.limit <= MOST:
        raise StudioError(f"limit is {asked.limit}.", f"Give 1 to {MOST}.")
    wanted = Wanted(
        kind=asked.kind,
        style=asked.style,
        version=asked.version,
        verdict="" if asked.verdict == ALL else asked.verdict,
        by=asked.by,
        text=asked.text,
        job=asked.job,
        category=asked.category,
        since=moment("since", asked.since),
    )
    place = paging.moment(paging.place_of(asked.cursor) if asked.cursor else None)
    entries = catalogue.after(caller.studio.engine, wanted, asked.limit + 1, place)
    page = entries[: asked.limit]
    last = page[-1].asset if len(entries) > asked.limit else None
    return Assets(
        items=[assets.told(one) for one in page],
        next=paging.cursor_of((last.at, last.number)) if last else None,
    )


SEARCH_PICTURES = Tool(
    name="search_pictures",
    title="Search approved pictures",
    says="Pictures that people approved, tilesets, props or sheets, the newest first, by style, "
    "category, words of the prompt and new since a moment; with `verdict` others too. Each with "
    "its recipe and the hash of its file, by which you see what changed.",
    right="look",
    takes=Searched,
    gives=Assets,
    run=found,
)
