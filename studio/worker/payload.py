"""The base of what is asked of a kind of job, and how it is read: at the door, and years later."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from studio import numbers
from studio.errors import StudioError
from studio.text.decoding import cleaned

Lift = Callable[[dict[str, Any]], dict[str, Any]]


def _text(value: str) -> str:
    """A text that a database and a file can hold; half of a surrogate pair is none."""
    if any("\ud800" <= c <= "\udfff" or c == "\0" for c in value):
        raise ValueError("no text")
    return value


Text = Annotated[str, AfterValidator(_text)]
# What people type or paste; a name of a file stays as its system stores it.
Words = Annotated[str, AfterValidator(_text), AfterValidator(cleaned)]
# A row, a version, how many of something: what the database can count to.
Counted = Annotated[int, Field(ge=0, le=numbers.HIGHEST_ID)]


class Payload(BaseModel):
    """What is asked of a kind of job. Whole numbers count as numbers, nothing else is converted;
    the title of a field that is a list names one of its items."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


P = TypeVar("P", bound=Payload)


def read(shape: type[P], values: Mapping[str, Any]) -> P:
    """The values as a payload; StudioError that names what is unknown, missing or wrong."""
    try:
        return shape.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _refusal(shape, first) from error


def lifted(values: Mapping[str, Any], schema: int, lifts: Sequence[Lift]) -> dict[str, Any]:
    """A payload of the schema `schema`, counted from 1, as the newest has it: `lifts[0]` makes one
    of schema 2 of one of schema 1. StudioError for a schema that is newer than that."""
    if schema > len(lifts) + 1:
        raise StudioError(
            f"This was asked in a newer way (schema {schema}) than this program knows "
            f"({len(lifts) + 1}).",
            "Bring the program to the version of the others.",
        )
    found = dict(values)
    for lift in lifts[schema - 1 :]:
        found = lift(found)
    return found


def _refusal(shape: type[Payload], error: Any) -> StudioError:
    """pydantic's first complaint in people's words."""
    place, kind, value = list(error["loc"]), error["type"], error.get("input")
    where, names = "", list(shape.model_fields)
    if place and place[0] in shape.model_fields and len(place) > 1 and isinstance(place[1], int):
        field = shape.model_fields[place[0]]
        where = f"{field.title or place[0]} {place[1] + 1}: "
        if len(place) > 2:
            place = place[2:]
            names = list(getattr(_item(field.annotation), "model_fields", names))
    name = str(place[0]) if place else "What is asked"
    if kind == "extra_forbidden":
        return StudioError(
            f"{where}There is no setting {name!r} here.", f"Known: {', '.join(names)}."
        )
    if kind == "missing":
        return StudioError(f"{where}{name} is missing.", "Give it.")
    if kind == "value_error":
        return StudioError(f"{where}{name} holds characters that are no text.", "Type it anew.")
    if kind == "finite_number":
        return StudioError(f"{where}{name} is {value}.", "Give a finite number.")
    if kind in ("greater_than_equal", "less_than_equal"):
        end = error["ctx"].get("ge", error["ctx"].get("le"))
        side = "least" if kind.startswith("greater") else "most"
        return StudioError(f"{where}{name} is {numbers.shown(value)}.", f"Give at {side} {end}.")
    if kind in ("too_long", "too_short", "string_too_long", "string_too_short"):
        side, end = _bound(error["ctx"])
        unit = " characters" if isinstance(value, str) else ""
        count = f"{error['ctx'].get('actual_length', len(value)):,}"
        return StudioError(
            f"{where}{name} has {count}{unit or ' entries'}.", f"Give at {side} {end:,}{unit}."
        )
    wanted = next((text for start, text in _WANTED.items() if kind.startswith(start)), "another")
    return StudioError(f"{where}{name} is {numbers.shown(value)}.", f"Give {wanted}.")


def _bound(context: Mapping[str, Any]) -> tuple[str, int]:
    """Which end of a length was passed, and where it lies."""
    end = context.get("max_length")
    return ("most", int(end)) if end is not None else ("least", int(context["min_length"]))


def _item(annotation: Any) -> Any:
    return next(iter(getattr(annotation, "__args__", ())), None)


_WANTED = {
    "string": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "dict": "a table of names and values",
    "model": "a table of names and values",
    "list": "a list",
    "literal": "one of those that there are",
}
