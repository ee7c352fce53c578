"""Versions side by side: each metric between the base and real art, called better only where the
intervals separate, and only where the same prompts were measured against the same pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from studio.errors import StudioError
from studio.evaluation import metric_meanings
from studio.evaluation.metric_meanings import Meaning
from studio.evaluation.prompt_sets import comparable

COPIES = "copies"


@dataclass(frozen=True)
class Mark:
    """One value with its interval; `low` and `high` are None where none is known."""

    label: str
    value: float
    low: float | None
    high: float | None
    kind: Literal["real", "version", "raw", "base"]


@dataclass(frozen=True)
class Row:
    """A metric of several versions. `marks`: real art, then the versions, each with what it drew
    before that was finished where that was measured, then the base; `says`
    is what may be concluded, in a sentence or two."""

    name: str
    meaning: Meaning
    marks: tuple[Mark, ...]
    says: str


def rows(figures: Mapping[str, Mapping[str, float]]) -> list[Row]:
    """The metrics that all versions (by label) have, those that decide first.

    Base and real art are the first version's: what is compared was measured alike, see `together`.
    """
    first = next(iter(figures.values()), {})
    names = [n for n in first if metric_meanings.stem(n) == n and n not in metric_meanings.COUNTS]
    common = [
        n for n in names if metric_meanings.of(n) and all(n in found for found in figures.values())
    ]
    return [_row(name, figures, first) for name in sorted(common, key=metric_meanings.order)]


def finished(finishing: str) -> str:
    """How pictures were measured, in words, by a sheet's `finishing`."""
    said = " and ".join(finishing.rsplit(", ", 1))
    return f"with {said}, as they are delivered" if finishing else "as the model drew them"


def conditions(tags: Mapping[str, str]) -> tuple[str, str, str]:
    """What `together` asks of a version, from its tags."""
    return tags.get("prompts", ""), tags.get("against", ""), tags.get("finishing", "")


def together(keys: Mapping[str, tuple[str, str, str]]) -> tuple[list[str], list[str]]:
    """Which versions may stand beside the first, and a sentence for each that may not.

    `keys` are, by label, the version of the prompt set, the pictures measured against, and the
    finishing of those that were measured.
    """
    if not keys:
        return [], []
    lead, (_, leads_against, leads_finishing) = next(iter(keys.items()))
    beside, said = [], []
    for label, (prompts, against, finishing) in keys.items():
        try:
            comparable(keys[lead][0], prompts)
        except StudioError:
            said.append(f"{label} was measured with other prompts than {lead}.")
            continue
        if against != leads_against:
            said.append(f"{label} was measured against {against}, {lead} against {leads_against}.")
            continue
        if finishing != leads_finishing:
            said.append(
                f"{label} was measured {finished(finishing)}, {lead} {finished(leads_finishing)}."
            )
            continue
        beside.append(label)
    return beside, said


def likest(prompt: str, captions: Mapping[str, str], count: int) -> list[str]:
    """The keys whose captions share most words with the prompt, the same each time; those alone
    that are near: they share its last word, which mostly names the thing and counts for two, or
    more than half of its words.

    On the bundled sample each of 112 pictures so chosen shows the thing asked for; where no picture
    shows it, none is chosen, and by the most shared words 112 others were.
    """
    words = _words(prompt)
    last = set(re.findall(r"\w+", prompt.lower())[-1:])
    shared = {key: (words & (told := _words(text)), last & told) for key, text in captions.items()}
    near = [key for key, (some, end) in shared.items() if end or 2 * len(some) > len(words)]
    return sorted(near, key=lambda key: (-len(shared[key][0]) - len(shared[key][1]), key))[:count]


def _row(name: str, figures: Mapping[str, Mapping[str, float]], first: Mapping[str, float]) -> Row:
    real = _mark("real art", first, f"real_{name}", "real")
    if name == COPIES:  # real art copies nothing
        twice = int(first.get(f"real_{name}", 0))
        real = None
    base = _mark("base", first, f"base_{name}", "base")
    versions, beside = list[Mark](), list[Mark]()
    for label, found in figures.items():
        own = _mark(label, found, name, "version")
        raw = _mark(f"{label}, raw", found, f"raw_{name}", "raw")
        versions += [own] if own else []
        beside += [mark for mark in (own, raw) if mark]
    known = metric_meanings.of(name)
    assert known is not None  # the caller chose names with a meaning
    marks = (*([real] if real else []), *beside, *([base] if base else []))
    says = _duplicates(twice) if name == COPIES else _says(known, versions, base, real)
    return Row(name, known, marks, says)


def _duplicates(count: int) -> str:
    if not count:
        return ""
    pictures = "1 picture" if count == 1 else f"{count} pictures"
    return (
        f"Real art has near-duplicates of its own: {pictures} that it did not learn from would "
        "count here too."
    )


def _mark(
    label: str,
    found: Mapping[str, float],
    name: str,
    kind: Literal["real", "version", "raw", "base"],
) -> Mark | None:
    if name not in found:
        return None
    return Mark(label, found[name], found.get(f"{name}_low"), found.get(f"{name}_high"), kind)


def _says(known: Meaning, versions: Sequence[Mark], base: Mark | None, real: Mark | None) -> str:
    if known.ranged:
        return _in_range(versions, real)
    if known.better not in ("lower", "higher"):
        return ""
    if not known.decides:
        return "Biased below 2,048 pictures; never gates."
    if any(mark.low is None or mark.high is None for mark in versions):
        return "No interval is known, so it calls nothing better."
    said = [_among(known, versions)] if len(versions) > 1 else []
    if base and real and _beats(known, base, real):
        said.append("Real art itself does worse than the base here, so the base is no measure.")
    elif base and base.low is not None:
        better = [m.label for m in versions if _beats(known, m, base)]
        worse = [m.label for m in versions if _beats(known, base, m)]
        if better:
            said.append(f"Better than the base: {listed(better)}.")
        if worse:
            said.append(f"Worse than the base: {listed(worse)}.")
        if not better and not worse:
            said.append("Can't be told apart from the base.")
    if real and real.low is not None:
        equal = [m.label for m in versions if not _beats(known, real, m)]
        if equal:
            said.append(f"Reaches into the range of real art: {listed(equal)}.")
    return " ".join(said)


def _in_range(versions: Sequence[Mark], real: Mark | None) -> str:
    """Which versions lie where four of five pictures by hand do."""
    if real is None or real.low is None or real.high is None:
        return ""
    inside = [mark.label for mark in versions if real.low <= mark.value <= real.high]
    beyond = [mark.label for mark in versions if mark.label not in inside]
    said = [f"Within real art's range: {listed(inside)}."] if inside else []
    if beyond:
        said.append(f"Outside of real art's range: {listed(beyond)}.")
    return " ".join(said)


def _among(known: Meaning, versions: Sequence[Mark]) -> str:
    way = 1 if known.better == "lower" else -1
    leader = min(versions, key=lambda mark: way * mark.value)
    others = [mark for mark in versions if mark is not leader]
    beaten = [mark.label for mark in others if _beats(known, leader, mark)]
    if not beaten:
        return "No version is better than the others: the intervals overlap."
    said = f"{leader.label[:1].upper()}{leader.label[1:]} is better than {listed(beaten)}"
    equal = [mark.label for mark in others if mark.label not in beaten]
    return f"{said}, and can't be told apart from {listed(equal)}." if equal else f"{said}."


def compared(known: Meaning, a: Mark, b: Mark) -> bool | None:
    """Whether `a` is better than `b`; None where they can't be told apart."""
    return True if _beats(known, a, b) else False if _beats(known, b, a) else None


def _beats(known: Meaning, a: Mark, b: Mark) -> bool:
    """Whether the intervals separate, with `a` on the better side."""
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return False
    return a.high < b.low if known.better == "lower" else a.low > b.high


def listed(labels: Sequence[str]) -> str:
    """Several as people say them: a, b and c."""
    return " and ".join([", ".join(labels[:-1]), labels[-1]] if len(labels) > 1 else labels)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower())) - {"a", "an", "the", "of", "with"}
