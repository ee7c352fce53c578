"""Wishes: expanded into specifications, looked up with what came of them, edited field by field."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel

from studio import context
from studio.api import paging
from studio.api.calls import Asking, Call, Caller, Keeping, needs
from studio.api.jobs import asked, put, puts_in
from studio.api.paging import Page, Paged
from studio.api.parts import Counted, Name, Said, Wait, Webhook, moment
from studio.api.problems import looked_up
from studio.assets.records import Asset
from studio.assets.search import Wanted
from studio.charges import money
from studio.props.specification import Specification
from studio.worker.kinds import expand_wishes as kind
from studio.worker.kinds.expand_wishes import ExpandWishes
from studio.worker.payload import Payload, Words
from studio.workflows import wishes as kept
from studio.workflows.wishes import By

router = APIRouter(tags=["wishes"], route_class=Call)


class Wish(BaseModel):
    """A wish with its specification. `expanded_by`: chat, rules or hand; `model` is the language
    model's name; `tokens` and `charges` are those of all variants of one answer together. `prompt`
    is what POST /generate takes; the style's trigger word is put before it by itself."""

    id: str
    specification: Specification
    prompt: str
    expanded_by: By
    model: str
    style: str
    version: int
    variant: int
    tokens: dict[str, int]
    charges: list[int]
    by: str
    at: str
    job: int | None
    parent: str


class CameOf(BaseModel):
    """Something that came of a wish: GET /assets/{asset} tells more."""

    id: str
    kind: str
    name: str
    style: str
    at: str


class WishDetails(Wish):
    """A wish with the trigger word of the version that draws its style for the caller, and all that
    came of it, by age."""

    trigger_word: str
    came: list[CameOf]


class WishEdit(Payload):
    """Fields that are to be changed; null, or left out: they stay. The wish itself does not
    change."""

    expanded_prompt: Words | None = None
    style_keywords: list[Words] | None = None
    primary_colors: list[Words] | None = None
    materials: list[Words] | None = None
    key_features: list[Words] | None = None


class WishMeans(BaseModel):
    """What expands wishes: the language model that is set ("": none, so rules do), and what one
    wish may cost at most, an amount of `currency`, "" where it costs nothing."""

    model: str
    most: str
    currency: str


@router.post("/wishes", **puts_in(kept.RIGHT))
async def expand_wishes(
    asking: Keeping, body: ExpandWishes, wait: Wait = 0, webhook: Webhook = ""
) -> Response:
    """Expand wishes, one job for all; its result has the ids of what was made in `wishes`."""
    return await put(asking, asked(asking, kind.KIND.name, body, webhook), wait)


@router.get("/wishes", **needs("look"))
def wishes(
    asking: Asking,
    paged: Paged,
    style: Said = "",
    by: Said = "",
    text: Said = "",
    job: Counted = None,
    since: Said = "",
) -> Page[Wish]:
    """Wishes, the newest first; a job's as they were made."""
    since = moment("since", since)
    wanted = Wanted(style=style, by=by, text=text, job=job, since=since)
    found = kept.listing(asking.studio.engine, wanted, paged.more, paging.moment(paged.after))
    return paging.page(paged, found, lambda one: (one.at, one.number), told)


@router.get("/wishes/means", **needs("look"))
def wish_means(asking: Asking) -> WishMeans:
    """What expands wishes here, and what that may cost."""
    studio = asking.studio
    quote = kind.costs(studio, ExpandWishes(wishes=["a potion"]))
    return WishMeans(
        model=studio.settings.chat_name if studio.settings.chat_url else "",
        most=money.plain(quote.money.micros, quote.money.currency) if quote else "",
        currency=quote.money.currency if quote else "",
    )


@router.get("/wishes/{wish}", **needs("look"))
def wish(asking: Asking, wish: Name) -> WishDetails:
    """One wish, and what came of it."""
    return details(asking, wish)


@router.post("/wishes/{wish}/edits", status_code=201, **needs(kept.RIGHT))
def edit_wish(asking: Asking, wish: Name, body: WishEdit) -> Wish:
    """Change fields of a wish: a new one, whose parent it is."""
    return edited(asking, wish, body.model_dump(exclude_none=True))


def details(asking: Caller, id: str) -> WishDetails:
    """One wish, and what came of it. NotThere where there is none."""
    studio = asking.studio
    with looked_up():
        found = kept.get(studio.engine, id)
    return WishDetails(
        **told(found).model_dump(exclude={"specification"}),
        specification=found.specification,
        trigger_word=kept.trigger_word(studio, found.style, asking.by),
        came=[_came(one) for one in kept.came_of(studio.engine, id)],
    )


def edited(asking: Caller, id: str, changes: dict[str, Any]) -> Wish:
    """The new wish. NotThere where there is none to edit."""
    engine = asking.studio.engine
    with looked_up():
        kept.get(engine, id)
    return told(kept.edit(engine, id, changes, by=asking.by, now=context.now()))


def told(one: kept.Wish) -> Wish:
    """A wish as it is answered."""
    return Wish(
        id=one.id,
        specification=one.specification,
        prompt=one.prompt,
        expanded_by=one.by,
        model=one.model,
        style=one.style,
        version=one.version,
        variant=one.variant,
        tokens=one.tokens,
        charges=list(one.charges),
        by=one.person,
        at=one.at,
        job=one.job,
        parent=one.parent,
    )


def _came(one: Asset) -> CameOf:
    return CameOf(id=one.id, kind=one.kind, name=one.name, style=one.style, at=one.at)
