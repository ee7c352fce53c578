"""What `sheet` takes as words: tags, slices, settings of a motion, and numbers with something
between them. On the command line frames count from 1."""

from __future__ import annotations

import argparse
from typing import Any

from studio import numbers
from studio.cli.number_flags import number
from studio.errors import StudioError

TAG = "NAME:FIRST:LAST[:DIRECTION[:TIMES]]"
SLICE = "NAME:LEFT,TOP,WIDTH,HEIGHT[:borders=L,T,R,B][:pivot=X,Y][:frame=N]"
PARTS = {"borders": 4, "pivot": 2, "frame": 1}  # of a slice, with how many numbers


def tag(said: str) -> dict[str, Any]:
    """A tag as the job `sheet` takes it. StudioError for what is none."""
    words = said.split(":")
    first, last = (numbers.counted(one) for one in [*words[1:3], "", ""][:2])
    if not 3 <= len(words) <= 5 or not first or not last:
        raise StudioError(
            f"{said[:80]!r} is no tag.", "Write it as NAME:FIRST:LAST: --tag walk:1:8:pingpong"
        )
    told: dict[str, Any] = {"name": words[0], "first": first - 1, "last": last - 1}
    for name, word in zip(("direction", "repeat"), words[3:], strict=False):
        told[name] = word
    return told


def slice_(said: str) -> dict[str, Any]:
    """A slice as the job `sheet` takes it. StudioError for what is none."""
    example = "--slice panel:2,2,20,20:borders=3,4,5,6"
    name, *words = said.split(":")
    told: dict[str, Any] = {"name": name, "box": whole_numbers((words or [""])[0], 4, example)}
    for word in words[1:]:
        part, _, value = word.partition("=")
        if part not in PARTS or part in told:
            raise StudioError(f"{said[:80]!r} is no slice.", f"Write it as {SLICE}.")
        told[part] = whole_numbers(value, PARTS[part], example)
    if "frame" in told:
        told["frame"] = told["frame"][0] - 1
    return told


def setting(said: str) -> tuple[str, str]:
    """A motion's setting and its value. StudioError for what is none."""
    name, equals, value = said.partition("=")
    if not equals:
        raise StudioError(f"{said[:80]!r} is no setting.", "Write it as NAME=N: --set frames=12")
    return name.strip(), value.strip()


def whole_numbers(said: str, count: int, example: str) -> list[int]:
    """So many whole numbers with commas between them. StudioError for anything else."""
    return [
        numbers.whole("it", one, -(2**31), 2**31 - 1) for one in some(said, ",", count, example)
    ]


def some(said: str, between: str, count: int, example: str) -> list[float]:
    """So many numbers with that between them. StudioError for anything else."""
    words = said.split(between)
    if len(words) != count:
        raise StudioError(f"{said[:80]!r} is not understood.", f"Write it as in {example}.")
    try:
        return [number(-1e6, 1e6)(word) for word in words]
    except argparse.ArgumentTypeError as error:
        raise StudioError(f"{said[:80]!r}: {error}", f"Write it as in {example}.") from error
