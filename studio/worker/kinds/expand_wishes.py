"""The job that expands wishes into specifications: by a language model, or by rules.

All of it is done where the studio is, since a call may cost and is counted there. What a model said
is on the disk before it is used, so a job that is cut off asks for nothing a second time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from studio.assets import records
from studio.charges.calls import Meant
from studio.charges.money import Money
from studio.charges.prices import Quote
from studio.chat import endpoint, paid, structured
from studio.chat.answers import NoUse
from studio.chat.endpoint import Question, Refused, Said, Server
from studio.chat.paid import Till
from studio.chat.structured import Declined
from studio.context import Progress, Studio, now
from studio.database.availability import DatabaseAway
from studio.errors import StudioError
from studio.props import rules, specification
from studio.props.specification import Specification
from studio.worker.context import Context
from studio.worker.kind import Kind, Outcome
from studio.worker.payload import Counted, Payload, Text, Words
from studio.workflows import style_words, wishes
from studio.workflows.style_words import About

MOST = 200  # wishes of one job
CHAT, RULES = "chat", "rules"
STYLE_BYTES = 3_000  # of what a model is told of a style; more than any says


class ExpandWishes(Payload):
    """Specifications of wishes, `variants` of each, for a style ("": for none). `by` is "chat", the
    language model that is set, or "rules"; "": the model where one is set. The door fills it in."""

    wishes: list[Words] = Field(title="Wish", max_length=MOST)
    style: Text = ""
    variants: Counted = 1
    by: Text = ""


@dataclass
class Calls:
    """The calls for one wish: they are counted, so that each has a key of its own that is the same
    whenever the job is tried; what they took is added up."""

    context: Context
    ask: ExpandWishes
    server: Server
    place: int
    made: int = 0
    charges: list[int] = field(default_factory=list)
    tokens: dict[str, int] = field(default_factory=dict)

    def __call__(self, question: Question) -> Said:
        job, wish = self.context.job, self.ask.wishes[self.place - 1]
        self.made += 1
        meant = Meant(
            key=f"job {job.id}, wish {self.place}, call {self.made}",
            kind=job.kind,
            what=f"expanding “{wish[:80]}”",
            provider=self.server.host,
            person=job.asked_by,
            style=self.ask.style,
            job=job.id,
        )
        file = self.context.workdir / f"wish-{self.place}-{self.made}.json"
        till = till_of(self.context.studio)
        answered = paid.ask(self.server, question, file, till, meant, now)
        if answered.charge is not None:
            self.charges.append(answered.charge)
        said = answered.said
        for name, count in (("read", said.read), ("written", said.written)):
            if count is not None:
                self.tokens[name] = self.tokens.get(name, 0) + count
        return said


def check(studio: Studio, ask: ExpandWishes) -> ExpandWishes:
    """The wishes can be told, the style is there, and so is what expands them."""
    found = tuple(dict.fromkeys(specification.wish_of(one) for one in ask.wishes))
    if not found:
        raise StudioError("No wish is given.", "Say what you want, one wish a line.")
    if not 1 <= ask.variants <= specification.VARIANTS:
        raise StudioError(
            f"{ask.variants} variants are asked for.", f"Ask for 1 to {specification.VARIANTS}."
        )
    by = ask.by or (CHAT if endpoint.server_of(studio.settings) else RULES)
    if by not in (CHAT, RULES):
        raise StudioError(f"{by!r} expands no wish.", f"Use {CHAT} or {RULES}.")
    if by == CHAT:
        server(studio)
    if ask.style:
        style_words.versions(studio, ask.style)
    return ask.model_copy(update={"wishes": list(found), "by": by})


def server(studio: Studio) -> Server:
    """The language model that is set; StudioError where none is."""
    found = endpoint.server_of(studio.settings)
    if found is None:
        raise StudioError(
            "There is no language model to ask.",
            "Set STUDIO_CHAT_URL and STUDIO_CHAT_NAME, or expand by rules.",
        )
    return found


def till_of(studio: Studio) -> Till | None:
    """How calls of the language model are paid; None where they cost nothing."""
    name = studio.settings.chat_prices
    return Till(studio.engine, name) if name else None


def costs(studio: Studio, ask: ExpandWishes) -> Quote | None:
    """What the job may cost at most: all answers that may be asked for, each as long as may be.
    None where it costs nothing. StudioError where the model has no price."""
    till = till_of(studio)
    if till is None or ask.by == RULES or (not ask.by and not endpoint.server_of(studio.settings)):
        return None
    longest = max(ask.wishes, key=lambda one: len(one.encode()), default="") + "x" * STYLE_BYTES
    question = wishes.question(longest, About(), ask.variants)
    one = paid.most(till, server(studio), question, now())
    times = len(ask.wishes) * structured.MOST_ANSWERS
    total = Money(one.money.micros * times, one.money.currency)
    return Quote(total, one.price_list, one.version, one.item, one.quantity * times)


def commit(context: Context, ask: ExpandWishes, outcome: Outcome) -> dict[str, Any]:
    """Expand one wish after the other; each is there as soon as it is expanded. One that the model
    has no useful answer for is left out. Where the model can't be asked any more, or money is
    spent, all the rest are: it is not tried in vain with each, nor paid."""
    studio, job = context.studio, context.job
    about = style_words.about(studio, ask.style, job.asked_by)
    made: list[str] = []
    left: list[dict[str, str]] = []
    stopped: StudioError | None = None
    for place, wish in enumerate(ask.wishes, 1):
        try:
            if stopped is None:
                made += _expanded(context, ask, about, place)
        except DatabaseAway:
            raise
        except StudioError as error:
            if _is_of_this(error):
                left.append(_left(wish, error))
            else:
                stopped = error
        if stopped is not None:
            left.append(_left(wish, stopped))
        total = len(ask.wishes)
        context.report(Progress(f"Expanded {place}/{total}", place, total, "wishes", "expanding"))
    for one in left:
        context.report(f"“{one['wish'][:60]}” was left out: {one['error']}")
    if not made:
        raise StudioError(left[0]["error"], left[0]["remedy"])
    return {"wishes": made, "by": ask.by, "left": left}


def _expanded(context: Context, ask: ExpandWishes, about: About, place: int) -> list[str]:
    """The ids of a wish's variants, put in."""
    studio, job, wish = context.studio, context.job, ask.wishes[place - 1]
    calls = None
    if ask.by == CHAT:
        calls = Calls(context, ask, server(studio), place)
        found = _asked(calls, wish, about, ask.variants)
    else:
        found = rules.variants(wish, about.words, ask.variants)
    new = [
        wishes.new(
            f"wish {job.id}/{place}/{variant}",
            one,
            "chat" if calls else "rules",
            style=ask.style,
            version=about.number,
            variant=variant,
            model=calls.server.name if calls else "",
            tokens=calls.tokens if calls else {},
            charges=calls.charges if calls else (),
        )
        for variant, one in enumerate(found, 1)
    ]
    with context.visible():
        return records.put(studio.engine, new, by=job.asked_by, now=now(), job=job.id)


def _asked(calls: Calls, wish: str, about: About, count: int) -> tuple[Specification, ...]:
    def read(answer: Any) -> tuple[Specification, ...]:
        return specification.variants(answer, wish, count)

    return structured.structured(calls, wishes.question(wish, about, count), read)


def _is_of_this(error: StudioError) -> bool:
    """Whether it is the wish that comes to nothing, and another may do."""
    refused = isinstance(error, Refused) and error.status in structured.UNKNOWN
    return refused or isinstance(error, NoUse | Declined)


def _left(wish: str, error: StudioError) -> dict[str, str]:
    return {"wish": wish, "error": error.message, "remedy": error.remedy}


KIND = Kind(
    name="expand_wishes",
    label="Expanding wishes",
    payload=ExpandWishes,
    right=wishes.RIGHT,
    lane="short",
    commit=commit,
    check=check,
    costs=costs,
    resumable=True,
)
