"""Props by a provider: what is asked made whole before a job is put in, with the most that it may
cost, and the one post of each.

What is free comes before the money is reserved: the picture is made ready and brought where the
provider takes it from. Then `studio.charges.calling` reserves, notes and posts, once for ever; what
comes of the call is looked for by `studio.workflows.provider_results`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.assets import records
from studio.assets.records import Asset
from studio.charges import calling, prices
from studio.charges import calls as charge_calls
from studio.charges.calling import Unconfirmed
from studio.charges.calls import Meant
from studio.charges.charge import of_key
from studio.charges.limits import LimitReached
from studio.charges.money import Money
from studio.charges.prices import Quote
from studio.context import Report, Studio, now
from studio.database.availability import DatabaseAway
from studio.errors import StudioError
from studio.jobs.table import Job
from studio.props.providers import access as all_access
from studio.props.providers import asked as asking_for
from studio.props.providers import calls, looking, money, pictures, posting, tables
from studio.props.providers.asked import Asked
from studio.props.providers.asking import Access
from studio.props.providers.calls import Call, New
from studio.props.providers.shapes import Offer, Provider
from studio.workflows import provider_intake, upscale_sources
from studio.workflows.upscale_sources import Source

RIGHT = "generate"
MADE_BY = "prop_by_provider"  # the kind of job


@dataclass(frozen=True)
class Wanted:
    """A call as it is meant, complete: what is sent, out of which picture or prop (`mesh`), laid
    on which matte ("": none), and what it is called."""

    provider: Provider
    offer: Offer
    asked: Asked
    matte: str
    name: str
    source: Source | None = None
    mesh: Asset | None = None
    said: str = ""  # the style, where nothing that it is made from has one

    @property
    def parents(self) -> tuple[str, ...]:
        """What the prop is made from, by id."""
        own = (self.mesh.id,) if self.mesh else ()
        return (*(self.source.parents if self.source else ()), *own)

    @property
    def of(self) -> dict[str, Any]:
        """The picture that it is made from, as a recipe tells of it."""
        one = self.source
        if one is None:
            return {}
        return {"named": one.named, "hash": one.hash, "width": one.width, "height": one.height}

    @property
    def style(self) -> str:
        """The style of what it is made from."""
        asset = self.mesh or (self.source.asset if self.source else None)
        return (asset.style if asset else "") or self.said


def wanted(
    studio: Studio,
    provider: str,
    model: str = "",
    *,
    picture: str = "",
    prompt: str = "",
    mesh: str = "",
    parameters: Mapping[str, Any] | None = None,
    matte: str = "",
    name: str = "",
    style: str = "",
) -> Wanted:
    """What is asked, complete: of `provider` by its `model`, its first where none is named.
    `picture` is an asset's id or a kept picture's hash, `mesh` a prop's id, `parameters` by our
    names. StudioError for what can't be done, naming the value."""
    found = tables.provider(provider)
    offer = asking_for.offer_of(found, model)
    text = asking_for.checked_text(offer, prompt)
    source = _source(studio, offer, picture, name)
    prop = _mesh(studio, offer, mesh)
    stated = pictures.matte_of(offer, matte) if source else ""
    asked = Asked(
        found.name,
        offer.name,
        text,
        f"{source.hash} {stated}".strip() if source else "",
        provider_intake.model_of(studio, prop)[1] if prop else "",
        asking_for.complete(offer, parameters or {}),
    )
    called = name or (prop.name if prop else source.about if source else text[:60])
    return Wanted(found, offer, asked, stated, called, source, prop, style)


def check(studio: Studio, meant: Wanted) -> None:
    """StudioError where it is not to be sent: the provider has no key, or wants a public address
    that there is none for, or it refused this content before."""
    all_access.access(studio.settings, meant.provider.name)
    if meant.provider.sends == "link" and (meant.source or meant.mesh):
        provider_intake.bucket_for(studio, meant.provider)
    _check_content(studio, meant)


def _check_content(studio: Studio, meant: Wanted) -> None:
    """StudioError where the provider refused this picture and these words before."""
    before = calls.refused_before(studio.engine, meant.asked.fingerprint)
    if before is not None:
        raise StudioError(
            f"{meant.provider.label} refused this for its content on {before.made_at[:10]} (call "
            f"{before.id}): {before.note}",
            "It is not sent again. Change the picture or the words, or choose another way.",
        )


def estimate(studio: Studio, meant: Wanted) -> Quote:
    """The most that it may cost, by the price list in force. StudioError where there is none."""
    found = prices.in_force(studio.engine, meant.provider.name, now())
    return money.estimate(found, meant.offer)


def post(studio: Studio, job: Job, meant: Wanted, told: Mapping[str, Any], report: Report) -> Call:
    """Make the call of a job, once for all of its attempts; the call as it is then. `told` is what
    is kept with it. StudioError where nothing was taken: Unconfirmed where that is not known,
    LimitReached where a limit leaves too little."""
    engine, found = studio.engine, all_access.access(studio.settings, meant.provider.name)
    new = New(
        job.id,
        meant.provider.name,
        meant.offer.name,
        meant.name,
        meant.style,
        job.asked_by,
        told,
        meant.asked.fingerprint,
    )
    call = calls.begin(engine, new, now=now())
    if call.reference is not None and call.state != "known":
        return call  # it was taken before, and has ended
    if call.state in ("failed", "moderated") and not _is_open(studio, call):
        raise _refused(meant.provider, call)
    if call.state == "meant" and not _is_open(studio, call):
        call, body = _prepared(studio, found, meant, call)
    else:
        body = _never  # it was sent before, or noted as sent, and is only looked for
    charge_meant = Meant(
        call.charge_key,
        job.kind,
        meant.name,
        meant.provider.name,
        job.asked_by,
        meant.style,
        job=job.id,
    )
    way = _posting(studio, found, meant.offer, call, body)
    try:
        charge = calling.once(engine, charge_meant, estimate(studio, meant), way, now)
    except Unconfirmed as error:
        return _lost(studio, call, error)
    except LimitReached as error:
        call = calls.end(engine, call.id, "failed", error.message, now=now())
        provider_intake.take_away(studio, call)
        raise
    call = calls.get(engine, call.id)
    if call.reference is None and call.state in ("failed", "moderated"):
        provider_intake.take_away(studio, call)
        raise _refused(meant.provider, call)
    if call.state in calls.BEGUN:
        calls.lose(engine, call.id, f"Its charge is {charge.state}.", now=now())
        raise StudioError(
            f"“{meant.name}” was not sent: its charge {charge.id} is {charge.state}.",
            "Ask for it anew.",
        )
    report(
        f"{meant.provider.label} has it as {call.reference}. It may cost {charge.amount}; what "
        "comes of it is fetched by the watcher."
    )
    return call


def _prepared(
    studio: Studio, found: Access, meant: Wanted, call: Call
) -> tuple[Call, Callable[[str], dict[str, Any]]]:
    """The call with what is free done before it, and what makes its body of our token."""
    try:
        _check_content(studio, meant)  # it may be refused since the job was asked for
        what = provider_intake.data_of(studio, meant.source, meant.mesh, meant.matte)
        if what is not None:
            call = provider_intake.brought(studio, found, call, what)
        version = looking.newest_version(found, meant.offer)
    except DatabaseAway:
        raise
    except StudioError as error:
        calls.end(studio.engine, call.id, "failed", error.message, now=now())
        provider_intake.take_away(studio, calls.get(studio.engine, call.id))
        raise

    def body(token: str) -> dict[str, Any]:
        sent = ""
        if what is not None:
            sent = provider_intake.named(studio, meant.provider, call, what, token)
        return asking_for.body(meant.provider, meant.offer, meant.asked, sent, version)

    return call, body


def _is_open(studio: Studio, call: Call) -> bool:
    """Whether the money of a call that was refused is held still: a kill came between."""
    with studio.engine.connect() as connection:
        charge = of_key(connection, call.charge_key)
    return charge is not None and charge.state in ("sent", "unconfirmed")


def _never(token: str) -> dict[str, Any]:
    raise StudioError("This call was sent before.", "It is not sent again.")


def _posting(
    studio: Studio,
    found: Access,
    offer: Offer,
    call: Call,
    body: Callable[[str], dict[str, Any]],
) -> posting.Posting:
    engine, id = studio.engine, call.id

    def refused(said: str, moderated: bool) -> None:
        calls.end(engine, id, "moderated" if moderated else "failed", said, now=now())

    return posting.Posting(
        found,
        offer,
        body,
        sending=lambda: calls.sending(engine, id, now=now()).state == "sent",
        heard=lambda reference, named: calls.know(engine, id, reference, named, now=now()),
        refused=refused,
        known=lambda: calls.get(engine, id).reference,
        marks=lambda: (calls.get(engine, id).mark,),
        others=lambda: calls.references(engine, call.provider),
    )


def _lost(studio: Studio, call: Call, error: Unconfirmed) -> Call:
    """A call whose answer nobody has: a kill may have come after its refusal was noted."""
    engine = studio.engine
    call = calls.get(engine, call.id)
    if call.reference is None and call.state in ("failed", "moderated"):
        nothing = Money(0, error.charge.currency)
        charge_calls.fail(engine, error.charge.id, nothing, now=now(), note=call.note)
        raise _refused(tables.provider(call.provider), call) from error
    calls.lose(engine, call.id, error.charge.note, now=now())
    raise error


def _refused(provider: Provider, call: Call) -> StudioError:
    if call.state == "moderated":
        return StudioError(
            f"{provider.label} refused “{call.what}” for its content: {call.note}",
            "Nothing was paid, and it is not sent again. Change the picture or the words.",
        )
    return StudioError(
        f"{provider.label} did not take “{call.what}”: {call.note}",
        "Nothing was paid. Ask for it anew once that is mended.",
    )


def _source(studio: Studio, offer: Offer, named: str, name: str) -> Source | None:
    if offer.makes == "picture":
        return upscale_sources.source(studio, named, name)
    if named:
        raise StudioError(
            f"{offer.name} takes no picture.", "Leave it out, or choose a model from a picture."
        )
    return None


def _mesh(studio: Studio, offer: Offer, named: str) -> Asset | None:
    if offer.makes != "texture":
        if named:
            raise StudioError(f"{offer.name} takes no prop.", "Leave it out.")
        return None
    if not named:
        raise StudioError("No prop is named.", "Choose the one that is to get a texture.")
    return records.get(studio.engine, named)
