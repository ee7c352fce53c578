r"""Alternatives in a prompt: `a {wood,iron} chest` stands for two prompts, several groups for each
of their combinations.

`\{`, `\}` and, within a group, `\,` are the plain signs. Braces without a comma in them are no
group and stay: `{style_token}`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from studio.errors import StudioError

_SIGNS = re.compile(r"\\(?P<escaped>[{},])|(?P<sign>[{},])|(?P<other>[^\\{},]+|\\)", re.DOTALL)
# What a prompt is made of: each part is one text, or the options of a group.
Parts = Sequence[tuple[str, ...]]


@dataclass(frozen=True)
class Alternative:
    """One of the prompts, and for each group what stands in a file's name for its choice; ""
    where nothing was chosen."""

    prompt: str
    marks: tuple[str, ...] = ()


def parts(prompt: str) -> Parts:
    """The prompt in parts; StudioError for braces that are not closed, or stand in others."""
    found: list[tuple[str, ...]] = []
    text, group = "", list[str]()
    for match in _SIGNS.finditer(prompt):
        sign, written = match["sign"], match["other"] or match["escaped"]
        if not group and match["escaped"] == ",":
            text += match[0]
        elif not sign:
            if group:
                group[-1] += written
            else:
                text += written
        elif sign == "{" and group:
            raise _wrong("a { stands within braces")
        elif sign == "{":
            group = [""]
        elif sign == "," and group:
            group.append("")
        elif sign == ",":
            text += sign
        elif not group:
            raise _wrong("a } has no {")
        elif len(group) == 1:
            text, group = f"{text}{{{group[0]}}}", []
        else:
            found += [(text,), tuple(group)]
            text, group = "", []
    if group:
        raise _wrong("a { is not closed")
    return [*found, (text,)]


def count(parts: Parts) -> int:
    """How many prompts they stand for."""
    return math.prod(map(len, parts))


def all_of(parts: Parts) -> Iterator[Alternative]:
    """Each of the prompts, the last group's options first."""
    marks = [_marks(part) if len(part) > 1 else ("",) for part in parts]
    for places in product(*(range(len(part)) for part in parts)):
        prompt = "".join(part[k] for part, k in zip(parts, places, strict=True))
        chosen = [
            own[k] for own, part, k in zip(marks, parts, places, strict=True) if len(part) > 1
        ]
        yield Alternative(" ".join(prompt.split()), tuple(chosen))


def is_open(text: str) -> bool:
    """Whether a group begins in the text and does not end in it."""
    signs = [match["sign"] for match in _SIGNS.finditer(text)]
    return signs.count("{") > signs.count("}")


def _marks(options: Sequence[str]) -> tuple[str, ...]:
    """For each option what stands in a file's name for it: its letters and digits, and a number
    where those do not tell it from the others."""
    plain = [re.sub(r"[^A-Za-z0-9.]+", "-", option).strip("-.").lower() for option in options]
    return tuple(
        mark
        if plain.count(mark) == 1 and (mark or not option.strip())
        else f"{mark}-{place}".strip("-")
        for place, (mark, option) in enumerate(zip(plain, options, strict=True), 1)
    )


def _wrong(what: str) -> StudioError:
    return StudioError(
        f"in prompt {what}.",
        r"Write alternatives as {wood,iron}; a plain brace is \{ or \}.",
    )
