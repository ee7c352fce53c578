"""Metrics as Prometheus reads them: its text format, version 0.0.4
(https://prometheus.io/docs/instrumenting/exposition_formats/)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

MEDIA_TYPE = "text/plain; version=0.0.4"


@dataclass(frozen=True)
class Family:
    """A metric: its name, what it is, and what it means."""

    name: str
    kind: Literal["gauge", "counter", "histogram"]
    help: str


@dataclass(frozen=True)
class Sample:
    """One value of a metric; `suffix` follows the name, as a histogram's parts have it."""

    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    suffix: str = ""


def text(found: Iterable[tuple[Family, Iterable[Sample]]]) -> str:
    """All of them, each with its help and kind; one without values is named all the same."""
    return "".join(f"{line}\n" for family, samples in found for line in _lines(family, samples))


def histogram(
    labels: Mapping[str, str], edges: Sequence[float], told: Iterable[tuple[float, int, float]]
) -> Iterator[Sample]:
    """The parts of a histogram with these upper `edges`. `told` has, of values that lie in one
    bucket, one of them, how many there are, and their sum."""
    counts, sum_of_all = [0] * (len(edges) + 1), 0.0
    for value, count, total in told:
        counts[bisect_left(edges, value)] += count
        sum_of_all += total
    below = 0
    for edge, count in zip([*edges, None], counts, strict=True):
        below += count
        le = "+Inf" if edge is None else f"{edge:g}"
        yield Sample(below, {**labels, "le": le}, "_bucket")
    yield Sample(sum_of_all, labels, "_sum")
    yield Sample(below, labels, "_count")


def _lines(family: Family, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {family.name} {_escaped(family.help)}"
    yield f"# TYPE {family.name} {family.kind}"
    for one in samples:
        pairs = ",".join(f'{name}="{_quoted(value)}"' for name, value in one.labels.items())
        labels = f"{{{pairs}}}" if pairs else ""
        yield f"{family.name}{one.suffix}{labels} {_number(one.value)}"


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")


def _quoted(value: str) -> str:
    return _escaped(value).replace('"', r"\"")
