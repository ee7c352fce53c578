"""What tools answer: REST's models (docs/api.md), with what an assistant needs besides."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from studio.api import (
    assets,
    characters,
    exports,
    finishing,
    jobs,
    me,
    paging,
    props,
    report,
    styles,
    upscaling,
    wishes,
)


class UsualSize(BaseModel):
    """A size that most pictures of a style have, in pixels."""

    name: str
    width: int
    height: int


class Style(styles.Style):
    """A style with the version that draws for the caller, its kind and trigger word, which is put
    before prompts by itself."""

    yours: styles.Production
    kind: str
    trigger_word: str
    usual_sizes: list[UsualSize]


class Styles(BaseModel):
    """Every style, those with something in production first."""

    items: list[Style]


class Job(jobs.Job):
    """A job with how many are taken before it, and the ids of what it made, up to 200."""

    ahead: int
    assets: list[str]


class Asked(BaseModel):
    """The job that does what was asked."""

    job: Job | None


class Line(BaseModel):
    """A line of a list, as it is drawn."""

    name: str
    prompt: str
    count: int
    seed: int
    width: int | None
    height: int | None
    category: str
    negative: str
    seamless: str


class Checked(BaseModel):
    """What comes of a list: its lines, alternatives as lines of their own, how many pictures in
    all, and what is wrong with it, a sentence each."""

    lines: list[Line]
    pictures: int
    problems: list[str]


class Palette(BaseModel):
    """The newest revision of a palette; REST has its names and ramps, too."""

    name: str
    revision: int
    colours: list[str]
    source: str
    approved: bool
    locked: bool


class Palettes(BaseModel):
    """Every palette that is offered, by name."""

    items: list[Palette]


class Finished(Asked, finishing.Finished):
    """What was finished at once; else the job that does it."""


class Upscaled(BaseModel):
    """The jobs that enlarge, in the order of the pictures; wait_for_job waits for one."""

    jobs: list[Job]


class UpscaleChoices(BaseModel):
    """Methods by name with what people call them, models, and settings that were kept."""

    methods: dict[str, str]
    models: list[upscaling.UpscaleModel]
    saved: list[dict[str, Any]]


class Planned(exports.ExportPlan):
    """What an export would do, file by file."""


class Props(props.PropItems):
    """A page of the history: props, and with another kind what else was made."""


class Wishes(paging.Page[wishes.Wish]):
    """Some of the wishes that were found; `next` is the cursor of what comes after, null at the
    end."""


class Assets(paging.Page[assets.Asset]):
    """Some of what was found; `next` is the cursor of what comes after, null at the end."""


class Matrix(characters.CharacterMatrix):
    """A character, what is in its cells, and the figures of each row."""


class Success(report.SuccessReport):
    """A style's figures: what was promised, and whether it is met."""


class Part(BaseModel):
    """A part of the studio: whether it answers, and a sentence."""

    ok: bool
    says: str


class Waiting(BaseModel):
    """How many jobs of a lane wait and run."""

    queued: int
    running: int


class Status(me.Me):
    """Who calls, what is up, how many jobs wait and run by lane, and the caller's own that have
    not ended."""

    parts: dict[str, Part]
    lanes: dict[str, Waiting]
    jobs: list[int]
