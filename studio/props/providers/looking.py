"""Looks at a call that a provider has taken: how far it is, whether it is to end, and whether one
whose answer was lost is in the provider's list. None of it costs anything or begins anything."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from studio.errors import StudioError
from studio.props.providers import predictions, tables, tasks
from studio.props.providers.asking import Access, Answered, NotSent, Unclear, ask
from studio.props.providers.seen import Seen
from studio.props.providers.shapes import Offer, at

PAGES = 5  # of a provider's list
DEEPEST = 6  # of a row in it


class Away(Exception):
    """The look told nothing now; a later one may."""


class Gone(Exception):
    """The provider knows no such call, or not any more."""


def look(access: Access, offer: Offer, reference: str, follows: Mapping[str, str]) -> Seen:
    """How far a call is. `follows`: the addresses that the provider named for it. Away, or Gone."""
    provider = access.provider
    answered = _answered(
        access, _path(access, offer, provider.status, "status", reference, follows)
    )
    if provider.shape == "predictions":
        return predictions.seen(provider, offer, answered)
    seen = tasks.seen(provider, offer, answered)
    if seen.state != "done" or not provider.result:
        return seen
    path = _path(access, offer, provider.result, "result", reference, follows)
    further = _asked(access, "GET", path)
    if further.status in (408, 425, 429) or further.status >= 500 or _is_away(further):
        raise Away(further.said)
    if further.status in (404, 410):  # it may be a moment behind the state
        raise Gone(further.said)
    return tasks.result(provider, offer, further)


def can_cancel(access: Access, seen: Seen) -> bool:
    """Whether the provider ends a call in the state that it is in."""
    cancel = access.provider.cancel
    return cancel is not None and (not cancel.within or seen.word in cancel.within)


def cancel(access: Access, offer: Offer, reference: str, follows: Mapping[str, str]) -> None:
    """Ask the provider to end a call; a further look says what came of it. Away."""
    how = access.provider.cancel
    assert how is not None
    answered = _asked(
        access, how.method, _path(access, offer, how.path, "cancel", reference, follows)
    )
    if answered.status >= 500 or answered.status == 429:
        raise Away(answered.said)


def find(access: Access, marks: Collection[str], known: Collection[str]) -> str | None:
    """The number of the call in whose row of the provider's list one of the `marks` stands: our
    token, or the address of what was uploaded for it alone. `known` are numbers of other calls.
    None where the list has none such, or the provider has no list. Away."""
    provider = access.provider
    wanted = [mark for mark in marks if mark]
    path = provider.listing
    for _ in range(PAGES if wanted else 0):
        if not path:
            return None
        answered = _answered(access, path)
        rows = at(answered.found, provider.items)
        for row in rows if isinstance(rows, list) else ():
            reference = at(row, provider.reference)
            if isinstance(reference, str) and reference not in known and _holds(row, wanted):
                return reference
        following = at(answered.found, "next")
        path = following if isinstance(following, str) else ""
    return None


def newest_version(access: Access, offer: Offer) -> str:
    """The number of a model's newest version, where the provider wants it named; else "".
    StudioError where the provider does not tell it."""
    path, way = access.provider.version
    if not path:
        return ""
    try:
        found = at(_answered(access, path.format(model=offer.name)).found, way)
    except (Away, Gone) as error:
        raise StudioError(
            f"{access.provider.label} does not tell of {offer.name}: {error}",
            "Nothing was paid. Look at the model's page there, and try again later.",
        ) from error
    if not isinstance(found, str) or not found:
        raise StudioError(
            f"{access.provider.label} names no version of {offer.name}.",
            "Nothing was paid. Choose another model.",
        )
    return found


def _holds(row: Any, marks: Collection[str]) -> bool:
    """Whether one of the marks stands in a row, whole: up-1 is no part of up-12."""
    whole = re.compile("|".join(rf"(?<![\w-]){re.escape(mark)}(?![\w-])" for mark in marks))
    return any(whole.search(text) for text in _texts(row, DEEPEST))


def _texts(row: Any, deep: int) -> Iterator[str]:
    if isinstance(row, str):
        yield row
    elif deep and isinstance(row, list | dict):
        for one in row.values() if isinstance(row, dict) else row:
            yield from _texts(one, deep - 1)


def _path(
    access: Access,
    offer: Offer,
    form: str,
    what: str,
    reference: str,
    follows: Mapping[str, str],
) -> str:
    """Where it is asked: as the provider said, or as its documents say."""
    if what in follows:
        return follows[what]
    app = tables.app_of(offer.path)
    return form.format(id=quote(reference, safe=""), path=offer.path, app=app)


def _answered(access: Access, path: str) -> Answered:
    answered = _asked(access, "GET", path)
    if answered.status in (404, 410):
        raise Gone(answered.said)
    if not answered.fine:
        raise Away(answered.said)
    return answered


def _asked(access: Access, method: str, path: str) -> Answered:
    try:
        return ask(access, method, path)
    except (NotSent, Unclear) as error:
        raise Away(str(error)) from error


def _is_away(answered: Answered) -> bool:
    """Whether an answer is a page of something that stands between, and none of the provider's."""
    return answered.found is None or answered.status in (401, 403)
