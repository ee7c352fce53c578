"""What addresses are made of, in every route alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Query

from studio import numbers
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.worker.payload import Text

Number = Annotated[int, Path(ge=1, le=numbers.HIGHEST_ID)]
Name = Annotated[str, Path(min_length=1, max_length=200)]
Said = Annotated[Text, Query(max_length=400)]
Counted = Annotated[int | None, Query(ge=1, le=numbers.HIGHEST_ID)]
Webhook = Annotated[
    Text, Query(max_length=2000, description="An address that is told, signed, of the job's end")
]
Where = Annotated[
    Text,
    Query(max_length=60, description="What computes it: here, a machine by its name, or cheapest"),
]
Wait = Annotated[
    float,
    Query(ge=0, le=60, allow_inf_nan=False, description="Seconds to wait for the job's end"),
]


def moment(name: str, text: str) -> str:
    """A moment as it stands in the database, "" for none; without a time zone it is UTC.
    StudioError for what is none."""
    if not text:
        return ""
    try:  # in an address, the + of a time zone is a space
        found = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        return stamp(found if found.tzinfo else found.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise StudioError(
            f"{name} is {numbers.shown(text)}.", "Write it as 2026-03-31T18:00:00Z."
        ) from error
