"""Lists a page at a time: a cursor says after which item the next page begins.

A cursor is the place of the last item told, in the list's own order, so that what is added or goes
meanwhile moves nothing.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeAlias, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel

from studio import numbers
from studio.api import json_bodies
from studio.errors import StudioError

T = TypeVar("T")
Place: TypeAlias = tuple[str | int, ...]
USUAL, MOST = 50, 200
CURSOR = 400  # characters


class Page(BaseModel, Generic[T]):
    """A part of a list; `next` is the cursor of the part after it, null at the end."""

    items: list[T]
    next: str | None


@dataclass(frozen=True)
class Wish:
    """How many are asked for, after which place (None: from the beginning)."""

    limit: int
    after: Place | None
    request: Request
    response: Response

    @property
    def more(self) -> int:
        """How many to look for: one beyond tells that there is a next page."""
        return self.limit + 1


async def wish(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=MOST)] = USUAL,
    cursor: Annotated[str | None, Query(max_length=CURSOR)] = None,
) -> Wish:
    """What the query asks for. StudioError for a cursor that is none."""
    return Wish(limit, None if cursor is None else place_of(cursor), request, response)


Paged = Annotated[Wish, Depends(wish)]


def _itself(item: Any) -> Any:
    return item


def page(
    paged: Wish,
    found: Sequence[T],
    place: Callable[[T], Place],
    told: Callable[[T], Any] = _itself,
) -> Page[Any]:
    """A page of what was found, `paged.more` where there are so many, each as it is `told`. The
    answer gets a Link to the next page."""
    items = found[: paged.limit]
    cursor = None
    if len(found) > paged.limit:
        cursor = cursor_of(place(items[-1]))
        query = paged.request.scope["query_string"].decode("latin-1")
        kept = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != "cursor"]
        path = quote(paged.request.scope["path"])
        address = f"{path}?{urlencode([*kept, ('cursor', cursor)])}"
        paged.response.headers["Link"] = f'<{address}>; rel="next"'
    return Page[Any](items=[told(one) for one in items], next=cursor)


def of_all(
    paged: Wish,
    everything: Iterable[T],
    place: Callable[[T], Any],
    told: Callable[[T], Any] = _itself,
    *,
    falling: bool = False,
) -> Page[Any]:
    """The same of a list that is short enough to be had whole, in the order of its items' places: a
    text or a number of each, which no other has; the largest first where they are `falling`."""
    listed = sorted(everything, key=place, reverse=falling)
    if paged.after is not None:
        last, *more = paged.after
        if more or {type(place(one)) for one in listed} - {type(last)}:
            raise _none()
        listed = [one for one in listed if (place(one) < last if falling else place(one) > last)]
    return page(paged, listed[: paged.more], lambda one: (place(one),), told)


def row(after: Place | None) -> int | None:
    """The row that a cursor names; None from the beginning."""
    if after is None:
        return None
    if len(after) != 1 or not isinstance(after[0], int):
        raise _none()
    return after[0]


def moment(after: Place | None) -> tuple[str, int] | None:
    """The moment and the row that a cursor names; None from the beginning."""
    if after is None:
        return None
    if len(after) == 2:
        at, number = after
        if isinstance(at, str) and isinstance(number, int):
            return at, number
    raise _none()


def cursor_of(place: Place) -> str:
    """A place as it is handed out."""
    text = json.dumps(list(place), separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of(cursor: str) -> Place:
    """The place that a cursor names. StudioError for a cursor that is none."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        place = json.loads(text)
    except (ValueError, RecursionError):
        raise _none() from None
    if not isinstance(place, list) or not place or not all(map(_is_part, place)):
        raise _none()
    return tuple(place)


def _is_part(one: object) -> bool:
    if isinstance(one, str):
        return json_bodies.is_text(one)
    return type(one) is int and 0 <= one <= numbers.HIGHEST_ID


def _none() -> StudioError:
    return StudioError("The cursor is none of this list.", "Take `next` of the page before.")
