"""Rubrics: what a picture is rated by. YAML files that people edit, versioned by their content.

home/rubrics/<name>/<version>.yaml  each version as it was written, comments and all
home/rubrics/<name>/current         the version in use
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Engine

from studio import numbers, yaml_files
from studio.accounts.rights import check
from studio.database import recorded_files
from studio.database.engine import file_lock, home_of
from studio.errors import StudioError
from studio.store.publish import publish

LONGEST = 20_000  # characters of a file
ANCHOR = 80  # characters of what a number means
STANDARD = "standard"
TEXT = """\
# What a picture is rated by. Weights add up to 1; each criterion takes one number of the scale,
# or of a scale of its own (scale: [0, 1] beside its weight). Anchors say what a number means.
scale: [1, 5]
criteria:
  - name: style match
    weight: 0.3
    help: Could one of our own artists have made it? The style guide says what counts.
    anchors: {1: another game's, 3: related, 5: ours}
  - name: prompt accuracy
    weight: 0.25
    help: Is it what was asked for, all of it and nothing else?
    anchors: {1: something else, 3: most of it, 5: exactly that}
  - name: technical quality
    weight: 0.25
    help: Clean edges, readable shape, no stray pixels or smears.
    anchors: {1: broken, 3: to be mended, 5: flawless}
  - name: usability
    weight: 0.2
    help: How little work is left before it goes into the game?
    anchors: {1: drawn anew, 3: an hour, 5: none}
"""


@dataclass(frozen=True)
class Criterion:
    """One line of a rubric; weights of a rubric add up to 1. It takes a whole number from `low`
    to `high`; `anchors` say what some of these mean."""

    name: str
    weight: float
    help: str
    low: int = 1
    high: int = 5
    anchors: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Rubric:
    """A rubric; scores are from `low` to `high`, which is best. A criterion may have a scale of
    its own."""

    name: str
    version: str
    low: int
    high: int
    criteria: tuple[Criterion, ...]
    text: str

    @property
    def reference(self) -> str:
        """How a rating names it: name@version."""
        return f"{self.name}@{self.version}"


def parse(name: str, text: str) -> Rubric:
    """The rubric that a YAML text describes; StudioError names what is wrong with it."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", name):
        raise StudioError(f"{name!r} is no name for a rubric.", "Use a-z, 0-9, - and _.")
    if len(text) > LONGEST:
        raise StudioError(
            f"The rubric has {len(text):,} characters.", f"Keep it below {LONGEST:,}."
        )
    found = yaml_files.read(text, "The rubric", "Compare it with the standard one.")
    known = _table(found, "The rubric", {"scale", "criteria"})
    low, high = _scale(known.get("scale", [1, 5]))
    listed = known.get("criteria")
    if not isinstance(listed, list) or not 1 <= len(listed) <= 12:
        raise StudioError("The rubric needs 1 to 12 criteria.", "List them under criteria:.")
    criteria = tuple(_criterion(place, one, (low, high)) for place, one in enumerate(listed, 1))
    names = [one.name.casefold() for one in criteria]
    twice = sorted({one.name for one in criteria if names.count(one.name.casefold()) > 1})
    if twice:
        raise StudioError(
            f"{', '.join(twice)} is there twice.", "Give each criterion its own name."
        )
    total = math.fsum(one.weight for one in criteria)
    if abs(total - 1) > 1e-6:
        raise StudioError(
            f"The weights add up to {total:.4g}, not to 1.",
            f"They are {' + '.join(f'{one.weight:g}' for one in criteria)}; change one of them.",
        )
    told = []
    for one in criteria:
        row = asdict(one)
        scale = row.pop("low"), row.pop("high")
        if not one.anchors:  # of before there were any
            row.pop("anchors")
        told.append(row if scale == (low, high) else {**row, "scale": scale})
    content = json.dumps([low, high, told])
    version = hashlib.sha256(content.encode()).hexdigest()[:12]
    return Rubric(name, version, low, high, criteria, text)


def written(scale: tuple[int, int], criteria: Sequence[Criterion]) -> str:
    """The YAML text of a rubric with this scale; `parse` reads the same out of it, or says what is
    wrong."""
    listed = []
    for one in criteria:
        row: dict[str, Any] = {"name": one.name, "weight": one.weight, "help": one.help}
        if (one.low, one.high) != scale:
            row["scale"] = [one.low, one.high]
        if one.anchors:
            row["anchors"] = dict(one.anchors)
        listed.append(row)
    told = {"scale": list(scale), "criteria": listed}
    return yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=100)


def load(home: Path, name: str = STANDARD, version: str | None = None) -> Rubric:
    """A rubric, the current version unless another is named; the standard one is made if new."""
    folder = home / "rubrics" / parse(name, TEXT).name
    current = folder / "current"
    if name == STANDARD and not current.is_file():
        usual = parse(name, TEXT)
        _save(home, usual, None, lambda file: publish(file, f"{usual.version}\n"))
    try:
        wanted = version or current.read_text("utf-8").strip()
        if not re.fullmatch(r"[0-9a-f]{12}", wanted):
            raise FileNotFoundError(wanted)
        found = parse(name, (folder / f"{wanted}.yaml").read_text("utf-8"))
    except FileNotFoundError:
        raise StudioError(
            f"There is no rubric {name}{'@' + version if version else ''}.",
            f"There are: {', '.join(names(home))}.",
        ) from None
    if found.version != wanted:
        raise StudioError(
            f"Rubric {found.name}@{wanted} was changed after it was saved.",
            "Put the file back, and save changes on the page, which makes a new version.",
        )
    return found


@functools.lru_cache(maxsize=64)
def named(home: Path, reference: str) -> Rubric:
    """The rubric that a rating refers to, as name@version; a version never changes."""
    name, _, version = reference.partition("@")
    return load(home, name, version)


def names(home: Path) -> list[str]:
    """The rubrics there are, the standard one first."""
    kept = {file.parent.name for file in (home / "rubrics").glob("*/current")}
    return [STANDARD, *sorted(kept - {STANDARD})]


def save(
    engine: Engine, name: str, text: str, *, after: str | None, by: str, now: datetime
) -> Rubric:
    """Make the text the current version of a rubric.

    `after` is the version that was edited (None: a new rubric): StudioError if it is no longer
    the current one, lest another person's change get lost. Earlier versions stay.
    """
    check(by, "change rubrics")
    rubric = parse(name, text)

    def put(current: Path) -> None:
        recorded_files.publish(
            engine,
            current,
            f"{rubric.version}\n",
            at=now,
            actor=by,
            action="change rubric",
            reason=rubric.reference,
        )

    return _save(home_of(engine), rubric, after, put)


def _save(home: Path, rubric: Rubric, after: str | None, put: Callable[[Path], object]) -> Rubric:
    """`put` writes which version is the current one."""
    folder = home / "rubrics" / rubric.name
    folder.mkdir(parents=True, exist_ok=True)
    with file_lock(folder / ".lock"):
        current = folder / "current"
        before = current.read_text("utf-8").strip() if current.is_file() else None
        if before == rubric.version:
            return rubric  # nothing changed, or the same form was sent twice
        if before != after:
            raise StudioError(
                f"Rubric {rubric.name} was changed by somebody else meanwhile.",
                "Load the page again, and make your change to what is there now.",
            )
        file = folder / f"{rubric.version}.yaml"
        if not file.exists():
            publish(file, rubric.text.encode())
        put(current)
    return rubric


def weighted(rubric: Rubric, scores: Mapping[str, int]) -> float:
    """The weighted score on the rubric's scale; StudioError unless each criterion has a number."""
    for one in rubric.criteria:
        given = scores.get(one.name)
        if type(given) is not int or not one.low <= given <= one.high:
            raise StudioError(
                f"{one.name} is {'not rated' if given is None else repr(given)}.",
                f"Give it a whole number from {one.low} to {one.high}.",
            )
    unknown = sorted(set(scores) - {one.name for one in rubric.criteria})
    if unknown:
        raise StudioError(f"The rubric has no {', '.join(unknown)}.", "Load the page again.")
    return math.fsum(one.weight * _on(rubric, one, scores[one.name]) for one in rubric.criteria)


def _on(rubric: Rubric, one: Criterion, given: int) -> float:
    """A number of the criterion's scale on the rubric's."""
    if (one.low, one.high) == (rubric.low, rubric.high):
        return given
    share = (given - one.low) / (one.high - one.low)
    return rubric.low + share * (rubric.high - rubric.low)


def _table(found: Any, what: str, known: set[str]) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise StudioError(f"{what} is no table of names and values.", "Write `name: value` lines.")
    strange = sorted(str(name) for name in found if name not in known)
    if strange:
        raise StudioError(
            f"{what} has an unknown {', '.join(strange)}.", f"Known are {', '.join(sorted(known))}."
        )
    return found


def _scale(found: Any) -> tuple[int, int]:
    if isinstance(found, list) and len(found) == 2:
        # One key press a number, hence a single digit.
        low, high = (numbers.whole("The scale's end", end, 0, 9) for end in found)
        if low < high:
            return low, high
    raise StudioError(
        f"The scale is {numbers.shown(found)}.", "Write two numbers from 0 to 9: [1, 5]."
    )


def _criterion(place: int, found: Any, usual: tuple[int, int]) -> Criterion:
    known = _table(found, f"Criterion {place}", {"name", "weight", "help", "scale", "anchors"})
    name, weight, said = known.get("name"), known.get("weight"), known.get("help", "")
    low, high = _scale(known["scale"]) if "scale" in known else usual
    if not isinstance(name, str) or not name.strip() or len(name) > 60:
        raise StudioError(f"Criterion {place} has no name.", "Give it one of 1 to 60 characters.")
    share = numbers.number(f"The weight of {name}", weight, 0, 1)
    if not share:
        raise StudioError(f"The weight of {name} is 0.", "Give a number above 0, up to 1.")
    if not isinstance(said, str) or len(said) > 300:
        raise StudioError(f"The help of {name} is no text.", "Write up to 300 characters.")
    anchors = _anchors(name, known.get("anchors"), low, high)
    return Criterion(" ".join(name.split()), share, " ".join(said.split()), low, high, anchors)


def _anchors(name: str, found: Any, low: int, high: int) -> tuple[tuple[int, str], ...]:
    """What some numbers of a criterion's scale mean, the lowest first."""
    if found is None:
        return ()
    if not isinstance(found, dict):
        raise StudioError(f"The anchors of {name} are no table.", "Write {1: poor, 5: ours}.")
    read = []
    for number, text in found.items():
        at = numbers.whole(f"An anchor of {name}", number, low, high)
        if not isinstance(text, str) or not text.strip() or len(text) > ANCHOR:
            raise StudioError(
                f"What {at} of {name} means is no text.", f"Write 1 to {ANCHOR} characters."
            )
        read.append((at, " ".join(text.split())))
    return tuple(sorted(read))
