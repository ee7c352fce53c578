"""What comes of calls that a provider has taken: looked at until they have ended, their models kept
at once, their cost counted. Nothing here posts a call; all of it may be done twice.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from studio.accounts.rights import check, check_own
from studio.charges import calls as charge_calls
from studio.charges.charge import Charge, of_key
from studio.context import Studio, now
from studio.database.availability import DatabaseAway
from studio.database.engine import writing
from studio.errors import StudioError
from studio.jobs import queue
from studio.outbox import files as outbox
from studio.outbox import landing
from studio.props.providers import access as all_access
from studio.props.providers import calls, looking, money, posting, results, tables
from studio.props.providers.asking import Access
from studio.props.providers.calls import Call
from studio.props.providers.looking import Away, Gone
from studio.props.providers.results import NotThere
from studio.props.providers.seen import Seen
from studio.props.providers.shapes import Offer
from studio.store.publish import publish
from studio.workflows import provider_intake
from studio.workflows.provider_calls import RIGHT

logger = logging.getLogger(__name__)

FOLDER = "received"  # of the studio's folder: what came, by its hash
GONE_AFTER = 5  # looks in a row at which the provider knows no such call
NO_SUCH = "It knows no such call"  # as the note of such a look begins
LISTED_WITHIN = timedelta(minutes=30)  # that a lost call is looked for by itself
UNHEARD = ("sent", "unconfirmed", "settled")  # states of a charge that a number may be heard for
MOST = 8  # addresses of what was made that are tried in one look
GLB = b"glTF"  # as a model's file begins
CANCEL_OTHERS = "cancel others' jobs"


def look(studio: Studio, call: Call) -> Call:
    """Look at a known call once: the call as it is then. What went wrong stands in its note; it is
    looked at again later."""
    engine = studio.engine
    try:
        access = all_access.access(studio.settings, call.provider)
        offer = _offer(access, call)
    except StudioError as error:
        return calls.wait(engine, call, now=now(), note=error.message)
    assert call.reference is not None
    try:
        _accept(studio, call)
        seen = looking.look(access, offer, call.reference, call.addresses)
    except Away as error:
        return calls.wait(engine, call, now=now(), note=str(error))
    except Gone as error:
        return _gone(studio, call, access, str(error))
    except StudioError as error:  # the provider is at another address by now
        return calls.wait(engine, call, now=now(), note=error.message)
    if seen.state == "waiting":
        return _waiting(studio, call, access, offer, seen)
    _count(studio, call, access, offer, seen)
    if seen.state == "done":
        return _fetch(studio, call, seen)
    call = calls.end(engine, call.id, seen.state, seen.note, now=now())
    provider_intake.take_away(studio, call)
    return call


def settle_begun(studio: Studio) -> None:
    """Of calls that nothing is heard of and whose jobs have ended: those that the provider has all
    the same become known, the others unsure, or failed where they were never sent."""
    for call in calls.begun(studio.engine):
        with _alone(call):
            if queue.get(studio.engine, call.job).ended:
                _settle(studio, call)


def find_lost(studio: Studio) -> None:
    """Of calls whose answer was lost lately, and whose provider has a list: those that stand in it
    by now become known. A list may be behind what the provider has taken."""
    for call in calls.lost(studio.engine, now() - LISTED_WITHIN):
        known = tables.PROVIDERS.get(call.provider)
        charge = _charge(studio, call)
        if known is None or not known.listing or charge is None or charge.state not in UNHEARD:
            continue
        with _alone(call):
            if named := _found(studio, call, charge):
                charge_calls.accept(studio.engine, charge.id, named, now=now())
                calls.know(studio.engine, call.id, named, {}, now=now())


@contextmanager
def _alone(call: Call) -> Iterator[None]:
    """What is wrong with one call holds up no other."""
    try:
        yield
    except DatabaseAway:
        raise
    except StudioError as error:
        logger.warning("call %d could not be settled: %s", call.id, error.message)


def fetch_again(studio: Studio, id: int, *, by: str, reference: str = "") -> Call:
    """Have a call looked at again, without a post: one that is late, that ended without a model, or
    whose answer was lost. `reference` is the provider's number for it, by somebody who found it
    there. StudioError where nobody knows that number."""
    check(by, RIGHT)
    call = calls.get(studio.engine, id)
    if call.state not in calls.BEGUN:
        return calls.again(studio.engine, id, now=now())
    if call.state != "unsure":
        raise StudioError(
            f"Call {id} is being sent.", "Wait for its job to end, then look at it again."
        )
    charge = _charge(studio, call)
    named = _checked(studio, call, reference.strip())
    if not named and charge is not None:  # as where a kill came between the two below
        named = charge.reference or _found(studio, call, charge)
    if not named or charge is None:
        raise StudioError(
            f"{call.provider} does not say that it has call {id}.",
            f"Look for {charge.token if charge else 'it'} on the provider's pages and give its "
            "number, or let a producer settle its charge on the page Costs.",
        )
    charge_calls.accept(studio.engine, charge.id, named, now=now())
    return calls.know(studio.engine, id, named, {}, now=now())


def cancel(studio: Studio, id: int, *, by: str) -> Call:
    """Have a known call ended early, where its provider does that; what it costs is the provider's
    to say. StudioError where it does not, or the call has ended."""
    call = calls.get(studio.engine, id)
    check_own(by, call.person, CANCEL_OTHERS)
    provider = tables.provider(call.provider)
    if call.state != "known":
        raise StudioError(
            f"Call {id} is {call.state}.", "Only one that its provider is at can be cancelled."
        )
    if provider.cancel is None:
        raise StudioError(
            f"{provider.label}'s documents tell of no way to cancel.",
            "It comes by itself, and costs what it costs.",
        )
    return calls.ask_to_cancel(studio.engine, id, by)


def file_of(home: Path, hash: str) -> Path:
    """Where what came lies, by its hash."""
    return home / FOLDER / hash[:2] / f"{hash}.glb"


def _checked(studio: Studio, call: Call, named: str) -> str:
    """The number that somebody found for a call, "" for none. StudioError where it is none, or
    another call's: what that one cost would be counted twice."""
    if named and not posting.is_reference(named):
        raise StudioError(
            f"{named[:40]!r} is no number of {call.provider}'s.", "Copy it from its own pages."
        )
    if named and named in calls.references(studio.engine, call.provider):
        raise StudioError(
            f"{call.provider} has another call of the studio's as {named}.",
            "Look at the picture and the time of what stands on its pages.",
        )
    return named


def _offer(access: Access, call: Call) -> Offer:
    found = access.provider.offer(call.model)
    if found is None:
        raise StudioError(f"This program knows no {call.model} of {access.provider.label}.")
    return found


def _charge(studio: Studio, call: Call) -> Charge | None:
    with studio.engine.connect() as connection:
        return of_key(connection, call.charge_key)


def _accept(studio: Studio, call: Call) -> None:
    """Say to the charge what the row knows: a kill may have come between the two."""
    charge = _charge(studio, call)
    if charge is not None and charge.state in ("sent", "unconfirmed") and call.reference:
        charge_calls.accept(studio.engine, charge.id, call.reference, now=now())


def _waiting(studio: Studio, call: Call, access: Access, offer: Offer, seen: Seen) -> Call:
    again = not call.cancel_sent or call.note  # a note: the look before may have come to nothing
    if call.cancel_by and again and looking.can_cancel(access, seen):
        call = calls.cancelling(studio.engine, call.id)
        assert call.reference is not None
        try:
            looking.cancel(access, offer, call.reference, call.addresses)
        except Away as error:
            return calls.wait(studio.engine, call, now=now(), note=str(error))
    return calls.wait(studio.engine, call, now=now(), percent=seen.percent)


def _gone(studio: Studio, call: Call, access: Access, said: str) -> Call:
    """The provider knows no such call: it was cancelled, or it is no longer kept."""
    label = access.provider.label
    if call.cancel_sent:
        seen = Seen("cancelled", note=f"{label} ended it.")
        _count(studio, call, access, _offer(access, call), seen)
        call = calls.end(studio.engine, call.id, "cancelled", seen.note, now=now())
    else:
        # Looks that told nothing for another reason, while it was down say, do not count here.
        tries = 1 + (call.tries if call.note.startswith(NO_SUCH) else 0)
        if tries < GONE_AFTER:
            note = f"{NO_SUCH}: {said}"
            return calls.wait(studio.engine, call, now=now(), note=note, tries=tries)
        note = f"{label} knows no call {call.reference} (any more): {said}"
        call = calls.end(studio.engine, call.id, "failed", note, now=now())
    provider_intake.take_away(studio, call)
    return call


def _count(studio: Studio, call: Call, access: Access, offer: Offer, seen: Seen) -> None:
    """Count what an ended call cost. One of which nobody can tell stays accepted, and a producer
    settles it by the provider's bill."""
    charge = _charge(studio, call)
    if charge is None or charge.state in ("done", "failed", "released"):
        return
    found = money.actual(studio.engine, charge, access.provider, offer, seen)
    if found is None:
        return
    cost, quantity = found
    try:
        if seen.state == "done":
            charge_calls.finish(studio.engine, charge.id, cost, now=now(), measured=quantity)
        else:
            charge_calls.fail(studio.engine, charge.id, cost, now=now(), note=seen.note)
    except DatabaseAway:
        raise
    except StudioError as error:  # an amount beyond all bounds, say: what was made is kept first
        logger.warning("what call %d did cost is not counted: %s", call.id, error.message)


def _fetch(studio: Studio, call: Call, seen: Seen) -> Call:
    """Keep what came, at once. Of several addresses the first that gives a GLB counts, and what is
    none only where all of them gave something: a picture of the model is not taken for it while the
    model itself can't be had. A later look names new ones."""
    engine, later, never = studio.engine, "", ""
    other: bytes | None = None
    for address in seen.addresses[:MOST]:
        try:
            data = results.fetched(address, studio.settings.private_networks)
        except NotThere as error:
            later = later or f"What it made could not be fetched: {error}"
        except StudioError as error:
            never = never or error.message
        else:
            if data.startswith(GLB):
                other, later = data, ""
                break
            other = data if other is None else other
    if later or not seen.addresses:
        return calls.wait(engine, call, now=now(), note=later or "It names no model.")
    if other is not None:
        call = _keep(studio, call, other)
    else:
        call = calls.end(engine, call.id, "failed", never, now=now())
    provider_intake.take_away(studio, call)
    return call


def _keep(studio: Studio, call: Call, data: bytes) -> Call:
    hash = hashlib.sha256(data).hexdigest()
    file = file_of(studio.home, hash)
    if not file.is_file():
        publish(file, data)
    new = [outbox.New(file.relative_to(studio.home).as_posix(), hash, len(data))]
    up = landing.landed(studio.home, new)
    with writing(studio.engine) as connection:
        landing.note(connection, new, now(), up)
        return calls.keep(studio.engine, call.id, hash, len(data), now=now())


def _settle(studio: Studio, call: Call) -> None:
    engine, charge = studio.engine, _charge(studio, call)
    if charge is None or charge.state == "released":
        ended = calls.end(engine, call.id, "failed", "It was never sent.", now=now())
        provider_intake.take_away(studio, ended)
    elif charge.state == "accepted" and charge.reference:  # a kill came between the two
        calls.know(engine, call.id, charge.reference, {}, now=now())
    elif charge.state == "failed":
        calls.end(engine, call.id, "failed", charge.note or "It was not taken.", now=now())
    elif charge.state in ("sent", "unconfirmed"):
        named = _found(studio, call, charge)
        if named:
            charge_calls.accept(engine, charge.id, named, now=now())
            calls.know(engine, call.id, named, {}, now=now())
        else:
            note = f"{call.provider} does not say that it has it."
            charge_calls.lose(engine, charge.id, now=now(), note=note)
            calls.lose(engine, call.id, note, now=now())
    elif charge.state != "estimated":  # a person settled it
        calls.lose(engine, call.id, f"Its charge is {charge.state}.", now=now())


def _found(studio: Studio, call: Call, charge: Charge | None) -> str:
    """The provider's number for a call whose answer was lost; "" where it does not tell one."""
    if charge is None or charge.token is None:
        return ""
    try:
        access = all_access.access(studio.settings, call.provider)
        known = calls.references(studio.engine, call.provider)
        return looking.find(access, (charge.token, call.mark), known) or ""
    except DatabaseAway:
        raise
    except (Away, Gone, StudioError):
        return ""
