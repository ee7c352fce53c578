"""A computation's parameters as JSON, for another process or another machine, and back.

What a kind hands to its `compute` are frozen records of plain values. Each record is written with
the name of its class, and only records of this program are read: nothing is unpickled, and nothing
is called but their constructors. Places on this machine, in texts and in paths, are written as
places below a root (the studio's folder, the program's, its packages), and read below the other
side's.

Not covered: what holds a secret (a field that is left out of its record's `repr`) stays here.
"""

from __future__ import annotations

import base64
import dataclasses
import importlib
import math
import sysconfig
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from studio.errors import StudioError
from studio.settings import CHECKOUT

ROOM = "studio."
TAG = "~"  # the key that says what a table stands for

Roots = Mapping[str, Path]


def roots_of(home: Path) -> Roots:
    """The roots of a studio, or a machine, that has its things in this folder."""
    packages = Path(sysconfig.get_paths()["purelib"])
    return {"home": home, "program": CHECKOUT, "packages": packages}


def written(value: Any, roots: Roots) -> Any:
    """The value as JSON. StudioError for what can't go to another machine."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {TAG: "float", "is": repr(value)}
    if isinstance(value, Path):
        return {TAG: "path", "is": _moved(str(value), roots)}
    if isinstance(value, str):
        return _moved(str(value), roots)
    if isinstance(value, bytes):
        return {TAG: "bytes", "is": base64.b64encode(value).decode()}
    if isinstance(value, datetime):
        return {TAG: "moment", "is": value.isoformat()}
    if isinstance(value, list):
        return [written(one, roots) for one in value]
    if isinstance(value, tuple):
        if hasattr(value, "_fields"):
            raise _stays(value)
        return {TAG: "tuple", "is": [written(one, roots) for one in value]}
    if isinstance(value, set | frozenset):
        kind = type(value).__name__
        return {TAG: kind, "is": [written(one, roots) for one in sorted(value, key=repr)]}
    if isinstance(value, Mapping):
        return _table(value, roots)
    return _record(value, roots)


def read(told: Any, roots: Roots) -> Any:
    """The value that was written. StudioError where it is none of this program."""
    if isinstance(told, list):
        return [read(one, roots) for one in told]
    if not isinstance(told, dict):
        return told
    if TAG not in told:
        return {name: read(one, roots) for name, one in told.items()}
    kind = told[TAG]
    try:
        if kind == "record":
            return _made(told, roots)
        if kind == "place":
            return _place(told, roots)
        return _BACK[kind](told["is"], roots)
    except (KeyError, TypeError, ValueError, AttributeError, ImportError) as error:
        raise StudioError(
            f"A value of another program was sent ({type(error).__name__}: {error}).",
            "Bring both machines to the same version of the studio.",
        ) from error


def _moved(text: str, roots: Roots) -> Any:
    """A text, or where it is a place below a root, which one and where."""
    for name, root in sorted(roots.items(), key=lambda one: len(str(one[1])), reverse=True):
        if text == str(root) or text.startswith(f"{root}/"):
            return {TAG: "place", "in": name, "is": text[len(str(root)) :]}
    return text


def _table(value: Mapping[Any, Any], roots: Roots) -> Any:
    names = all(isinstance(name, str) and name != TAG for name in value)
    if names and not any(isinstance(_moved(name, roots), dict) for name in value):
        return {name: written(one, roots) for name, one in value.items()}
    rows = [[written(name, roots), written(one, roots)] for name, one in value.items()]
    return {TAG: "table", "is": rows}


def _record(value: Any, roots: Roots) -> Any:
    shape = type(value)
    if not shape.__module__.startswith(ROOM):
        raise _stays(value)
    if isinstance(value, BaseModel):
        fields = {name: getattr(value, name) for name in shape.model_fields}
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for one in dataclasses.fields(value):
            if not one.repr and isinstance(getattr(value, one.name), str) and one.init:
                if getattr(value, one.name):
                    raise StudioError(
                        f"This needs a key ({shape.__name__}.{one.name}), which leaves this "
                        "machine for no other one.",
                        "Let it be done here.",
                    )
        named = [one.name for one in dataclasses.fields(value) if one.init]
        fields = {name: getattr(value, name) for name in named}
    else:
        raise _stays(value)
    own = {name: written(one, roots) for name, one in fields.items()}
    return {TAG: "record", "of": f"{shape.__module__}:{shape.__qualname__}", "is": own}


def _made(told: Mapping[str, Any], roots: Roots) -> Any:
    fields = {str(name): read(one, roots) for name, one in told["is"].items()}
    return _shape(str(told["of"]))(**fields)


@cache
def _shape(named: str) -> type:
    """The record's class; ValueError for anything else that has a name."""
    module, _, name = named.partition(":")
    if not module.startswith(ROOM) or "." in name:
        raise ValueError(f"{named[:80]!r} is no record")
    found = getattr(importlib.import_module(module), name)
    record = isinstance(found, type) and found.__module__ == module
    if not record or not (dataclasses.is_dataclass(found) or issubclass(found, BaseModel)):
        raise ValueError(f"{named[:80]!r} is no record")
    return found


def _place(told: Mapping[str, Any], roots: Roots) -> str:
    below = str(told["is"])
    if ".." in below.split("/") or below and not below.startswith("/"):
        raise ValueError(f"{below[:80]!r} leads out of its root")
    return f"{roots[str(told['in'])]}{below}"


def _text(told: Any, roots: Roots) -> str:
    return _place(told, roots) if isinstance(told, dict) else str(told)


_BACK: dict[str, Any] = {
    "float": lambda told, roots: float(told),
    "path": lambda told, roots: Path(_text(told, roots)),
    "bytes": lambda told, roots: base64.b64decode(told, validate=True),
    "moment": lambda told, roots: datetime.fromisoformat(told),
    "tuple": lambda told, roots: tuple(read(one, roots) for one in told),
    "set": lambda told, roots: {read(one, roots) for one in told},
    "frozenset": lambda told, roots: frozenset(read(one, roots) for one in told),
    "table": lambda told, roots: {read(k, roots): read(v, roots) for k, v in told},
}


def _stays(value: Any) -> StudioError:
    return StudioError(
        f"A {type(value).__module__}.{type(value).__qualname__} can't go to another machine.",
        "Let it be done here.",
    )
