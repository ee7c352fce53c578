"""What tools answer: plain values, named as REST's models name them (docs/api.md)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """Values by name."""

    model_config = ConfigDict(frozen=True)


class Production(Answer):
    """Which version of a style draws for a person, and why; None: there is none."""

    style: str
    person: str
    version: int | None
    why: str
    pinned: bool


class Promoted(Answer):
    """What is in production, and since when, by whom and why, where that is known."""

    version: int
    since: str | None
    by: str | None
    why: str | None


class Rollout(Answer):
    """A version that some of the people draw with first."""

    version: int
    against: int
    percent: float
    people: list[str]
    state: str


class UsualSize(Answer):
    """A size that most pictures of a style have, in pixels."""

    name: str
    width: int
    height: int


class Style(Answer):
    """A style: what is in production, what draws for the caller, and what its prompts need.

    `trigger_word` is put before prompts by itself; `kind` is what `yours` is: a LoRA, say.
    """

    style: str
    production: Promoted | None
    newest: int
    rollout: Rollout | None
    yours: Production
    kind: str
    trigger_word: str
    usual_sizes: list[UsualSize]


class Styles(Answer):
    """Every style, those with something in production first."""

    items: list[Style]


class Job(Answer):
    """A job, with how far it is: `done` of `total` of a `unit` in a `phase`; `ahead` are taken
    before it. `assets` are the ids of what it made, up to 200, as they come."""

    id: int
    kind: str
    title: str
    state: str
    asked_by: str
    asked_at: str
    started_at: str | None
    ended_at: str | None
    done: int
    total: int
    unit: str
    phase: str
    says: str
    error: str | None
    remedy: str | None
    cancel_by: str | None
    ahead: int
    assets: list[str]

    @property
    def ended(self) -> bool:
        """Done, failed or cancelled."""
        return self.ended_at is not None


class Asked(Answer):
    """The job that does what was asked; None where it was done at once."""

    job: Job | None


class Line(Answer):
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


class Checked(Answer):
    """What comes of a list: its lines, alternatives as lines of their own, how many pictures in
    all, and what is wrong with it, a sentence each."""

    lines: list[Line]
    pictures: int
    problems: list[str]


class Finished(Asked):
    """`assets`: ids of the finished pictures; `same`: those that the steps change nothing of;
    `left`: why others were left out, by id."""

    assets: list[str]
    same: list[str]
    left: dict[str, str]


class Asset(Answer):
    """Something that was made. `recipe` says how: prompt, steps, base, dataset and so on. Of the
    file to use, the painted-over one where there is one: width, height, `hash` (SHA-256), and
    `picture`, its address by REST; None where there is none, or it was not read yet."""

    id: str
    kind: str
    style: str
    version: int
    seed: int | None
    name: str
    variant: int
    category: str
    prompt: str
    by: str
    at: str
    job: int | None
    verdict: str | None
    changed_at: str
    width: int | None
    height: int | None
    hash: str | None
    picture: str | None
    recipe: dict[str, Any]


class AssetDetails(Asset):
    """With what it was made from and what was made from it, by id."""

    parents: list[str]
    children: list[str]


class Assets(Answer):
    """A page of assets; `next` is the cursor of the one after, None at the end."""

    items: list[Asset]
    next: str | None


class Part(Answer):
    """A part of the studio: whether it answers, and a sentence."""

    ok: bool
    says: str


class Waiting(Answer):
    """How many jobs of a lane wait and run."""

    queued: int
    running: int


class Status(Answer):
    """Who calls, with which role ("" without sign-in, where there is one person alone) and rights;
    what is up; how many jobs wait and run, by lane; the caller's own that have not ended."""

    name: str
    role: str
    rights: list[str]
    parts: dict[str, Part]
    lanes: dict[str, Waiting]
    jobs: list[int]
