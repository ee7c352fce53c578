"""The JSON in what a language model says: alone, in a fence of backticks, or with prose around it.

What it says is only data: nothing in it is followed, run or looked up.
"""

from __future__ import annotations

import json
import re
from typing import Any

from studio.errors import StudioError

STARTS = 40  # braces and brackets of prose that are passed over
AGAIN = "Ask again, or ask another model."
_THOUGHTS = ("think", "thinking", "reasoning")  # what models say to themselves before
_FENCE = re.compile(r"```[a-zA-Z0-9_-]*[^\S\n]*\n(.*?)```", re.DOTALL)
_START = re.compile(r"[{\[]")


class NoUse(StudioError):
    """A model's answer that nothing can be made of; another one may do."""


def read(text: str) -> Any:
    """The first object or list that stands in the text; NoUse (StudioError) where there is none,
    it says one key twice, holds what is no number, or ends too early."""
    plain = _spoken(text.strip().lstrip("\ufeff"))
    if not plain:
        raise NoUse("The model's answer is empty.", AGAIN)
    fenced = _FENCE.search(plain)
    try:
        for part in (plain, fenced[1]) if fenced else (plain,):
            found = _whole(part.strip())
            if found is not None:
                return found
        found = _within(plain)
    except RecursionError:
        raise NoUse("The model's answer is nested too deeply.", AGAIN) from None
    if found is None:
        raise NoUse(f"The model's answer holds no whole JSON: {plain[:60]!r}.", AGAIN)
    return found


def _spoken(text: str) -> str:
    """What stands behind a model's thoughts, where it begins with any."""
    for name in _THOUGHTS:
        if text.startswith(f"<{name}>"):
            return text.rpartition(f"</{name}>")[2].strip()
    return text


def _whole(text: str) -> Any:
    try:
        found = _decoder().decode(text)
    except json.JSONDecodeError:
        return None
    except ValueError as error:  # a number of thousands of digits
        raise NoUse("The model's answer holds a number without end.", AGAIN) from error
    return found if isinstance(found, dict | list) else None


def _within(text: str) -> Any:
    """The first whole object or list with words around it. After one that is broken it is looked
    for behind the break, so that a part of something that was cut off is not taken for all."""
    decoder, place = _decoder(), 0
    for _ in range(STARTS):
        start = _START.search(text, place)
        if start is None:
            return None
        try:
            return decoder.raw_decode(text, start.start())[0]
        except json.JSONDecodeError as error:
            place = max(error.pos, start.end())
        except ValueError as error:
            raise NoUse("The model's answer holds a number without end.", AGAIN) from error
    return None


def _decoder() -> json.JSONDecoder:
    """Takes line breaks within texts, which models write; else strict."""
    return json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number, strict=False)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NoUse(f"The model's answer says {twice[:40]!r} twice.", AGAIN)
    return found


def _no_number(name: str) -> Any:
    raise NoUse(f"The model's answer holds {name}, which is no number.", AGAIN)
