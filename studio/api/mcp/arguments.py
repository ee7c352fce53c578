"""A tool's arguments as clients send them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from studio.api import json_bodies
from studio.worker import payload
from studio.worker.payload import P, Payload


def read(shape: type[P], given: Mapping[str, Any]) -> P:
    """The arguments as the tool's shape; StudioError that names what is unknown, missing or wrong.

    Some clients send a list or a table as a text, the JSON of it: it is taken for what it is.
    """
    schema = _properties(shape)
    found = {name: _whole(value, schema.get(name, {})) for name, value in given.items()}
    json_bodies.check_text(found)
    return payload.read(shape, found)


@cache
def _properties(shape: type[Payload]) -> dict[str, Any]:
    found: dict[str, Any] = shape.model_json_schema().get("properties", {})
    return found


def _whole(value: Any, schema: Mapping[str, Any]) -> Any:
    kinds = {one.get("type") for one in (schema, *schema.get("anyOf", ()))}
    if not isinstance(value, str) or not kinds & {"array", "object"}:
        return value
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return found if isinstance(found, list | dict) else value
