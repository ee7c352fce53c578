"""Drawing in a house style: pictures of one prompt, and lists of assets."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated, Any

from pydantic import Field

from studio import numbers
from studio.api import jobs
from studio.api.calls import Caller
from studio.api.mcp import once
from studio.api.mcp.answers import Asked, Checked
from studio.api.mcp.answers import Line as Told
from studio.api.mcp.tool import Tool
from studio.api.mcp.tools import waiting
from studio.api.mcp.tools.waiting import Wait
from studio.api.mcp.tools.where import WHERE, wish
from studio.errors import StudioError
from studio.generation import gallery_table, lists, start_pictures, start_room
from studio.generation.lists import PictureList
from studio.jobs.table import Job
from studio.worker.payload import Counted, Payload, Text, Words

TOLD = 10  # of what is wrong with a list
EACH = 4  # pictures of a line that says no count
OURS = {"idempotency_key", "wait", "where"}  # what is none of a job's payload

Seed = Annotated[int, Field(ge=0, le=numbers.SEEDS - 1)]


class Drawn(Payload):
    """How pictures are drawn; what is left out is as the studio has it."""

    style: Text = Field(description="A style that list_styles names.")
    version: Counted | None = Field(
        default=None, description="Another version than the one that draws for you."
    )
    negative: Words = Field(default="", description="What should not be in the picture.")
    steps: Counted = Field(default=20, description="Steps of denoising; more take longer.")
    guidance: float = Field(default=4.0, description="How strictly the prompt is followed.")
    strength: float | None = Field(
        default=None, description="Of the style, 1 as it was trained; left out: as is best."
    )
    width: Counted | None = Field(
        default=None, description="Pixels, 8 to 2048; left out: as the style learned it."
    )
    height: Counted | None = Field(default=None, description="As width.")
    seamless: Text = Field(
        default="", description="A texture that repeats: x, y or both; left out: none."
    )
    where: Text = WHERE
    idempotency_key: Text = Field(
        default="",
        description="A text of your own, 1 to 200 visible ASCII characters: for 24 hours the same "
        "call with it gives the first one's job and draws nothing anew.",
    )


class Generate(Drawn):
    """Pictures of one prompt, with the seeds seed, seed + 1, ..."""

    prompt: Words = Field(description="What is to be drawn; the style comes by itself.")
    seed: Seed = Field(default=0, description="Same seed, prompt and settings: the same picture.")
    count: Counted = Field(default=1, description="Pictures, at most 64.")
    lead: Text = Field(
        default="",
        description="The id of a picture of the gallery that leads, as a sketch, a line drawing, a "
        "pose or for its places: which, says the ControlNet.",
    )
    controlnet: Text = Field(
        default="", description="What it leads through; left out: the first for the style's base."
    )
    lead_scale: float = Field(default=0.6, description="How strongly it leads, 0 to 1.5.")
    reference: Text = Field(
        default="", description="The id of a picture of the gallery whose looks are taken."
    )
    reference_scale: float = Field(default=0.6, description="How strongly, 0 to 1.5.")
    wish: Text = Field(
        default="", description="The id of a wish that the pictures come of, with its prompt."
    )
    wait: Wait = 30


class Line(Payload):
    """One asset: `count` pictures of a prompt, called name_1.png, name_2.png, ..."""

    name: Text = Field(description="What the files are called: letters, digits, . - _ alone.")
    prompt: Words = Field(
        description="What is to be drawn. a {wood,iron} chest makes a line of each alternative."
    )
    count: Counted | None = Field(default=None, description="Pictures of it; left out: 4.")
    seed: Seed | None = Field(default=None, description="Left out: one that the name decides.")
    width: Counted | None = None
    height: Counted | None = None
    category: Text = Field(default="", description="The folder that its files belong in.")
    negative: Words = ""
    seamless: Text = Field(default="", description="x, y, both, or no where the list says another.")


class Lines(Payload):
    """A list of assets."""

    assets: list[Line] = Field(title="Line", description="At most 10,000 pictures in all.")


class DrawList(Lines, Drawn):
    """A list of assets, drawn with one style and the same settings."""

    set: Text = Field(default="", description="What the list is called.")
    wait: Wait = 0


def generated(caller: Caller, asked: Generate) -> Asked:
    """The job that draws the pictures."""
    payload = asked.model_dump(exclude={*OURS, "lead", "controlnet", "lead_scale"})
    payload["reference"] = _kept(caller, asked.reference)
    if asked.lead:
        lead = {"picture": _kept(caller, asked.lead), "scale": asked.lead_scale}
        payload["leads"] = [{**lead, "controlnet": asked.controlnet}]
    return _put_in(caller, "generate", asked, payload)


def checked(caller: Caller, asked: Lines) -> Checked:
    """What comes of a list."""
    found = _read(asked.assets)
    return Checked(
        lines=[Told(**asdict(line)) for line in found.lines],
        pictures=found.pictures,
        problems=list(found.problems),
    )


def list_drawn(caller: Caller, asked: DrawList) -> Asked:
    """The job that draws the list. StudioError names the lines that are wrong."""
    found = _read(asked.assets)
    if found.problems:
        more = len(found.problems) - TOLD
        said = [*found.problems[:TOLD], *([f"And {more:,} lines more."] if more > 0 else [])]
        raise StudioError("\n".join(said), "Mend these lines, then send the list again.")
    payload = asked.model_dump(exclude={*OURS, "assets"})
    return _put_in(
        caller, "batch", asked, {**payload, "assets": [asdict(line) for line in found.lines]}
    )


def _put_in(caller: Caller, kind: str, asked: Drawn, payload: dict[str, Any]) -> Asked:
    if not asked.style.strip():
        raise StudioError("No style is named.", "Name one that list_styles tells of.")

    def ask(mark: str | None) -> Job:
        return jobs.ask(replace(caller, mark=mark), kind, payload, where=asked.where)

    job = once.job(caller, kind, asked.idempotency_key, wish(payload, asked.where), ask)
    return waiting.told(caller, job)


def _kept(caller: Caller, id: str) -> str:
    """A picture of the gallery as one that a drawing is made from, by its hash; "" for none."""
    if not id:
        return ""
    start_room.check(caller.studio, caller.by)
    home = caller.studio.home
    picture = lists.open_picture(home, gallery_table.get(caller.studio.engine, id))
    return start_pictures.keep_picture(home, picture, by=caller.by)


def _read(lines: list[Line]) -> PictureList:
    """The lines as those of a table are read, so that both are checked alike."""
    rows = []
    for number, line in enumerate(lines, 1):
        said = line.model_dump()
        cells = ["" if said[name] is None else str(said[name]) for name in lists.COLUMNS]
        rows.append((number, [" ".join(cell.split()) for cell in cells]))
    return lists.of_rows(lists.COLUMNS, rows, EACH)


GENERATE = Tool(
    name="generate",
    title="Generate in the house style",
    says="Draws pictures of a prompt with the version that draws for you, finished as the style's "
    "recipe says, into the studio's gallery, where people judge them. Answers with the job and, "
    "once it is done, the ids of its pictures in `assets`, for get_picture.",
    right="generate",
    takes=Generate,
    gives=Asked,
    run=generated,
    kind="generate",
    changes=True,
    again=False,
)
CHECK_LIST = Tool(
    name="check_list",
    title="Check a list of assets",
    says="What comes of a list before anything is drawn: every line with its alternatives, how "
    "many pictures they are, and what is wrong with it.",
    right="look",
    takes=Lines,
    gives=Checked,
    run=checked,
)
DRAW_LIST = Tool(
    name="draw_list",
    title="Draw a list of assets",
    says="Draws a list of named assets as one job, in one style, into the gallery. Check it with "
    "check_list first and tell the person how many pictures it asks for: a list of hundreds takes "
    "the machine for hours.",
    right="generate",
    takes=DrawList,
    gives=Asked,
    run=list_drawn,
    kind="batch",
    changes=True,
    again=False,
)
