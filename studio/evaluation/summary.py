"""What versions' metrics come to, in one sentence and three numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studio.evaluation import comparison
from studio.evaluation.comparison import Mark, Row

STYLE, PROMPTS = "kid_", "clip_score_"  # metrics by their names' begin


@dataclass(frozen=True)
class Number:
    """One number of a version: `beside` is what the base and real art have; `better` than the
    base, worse, or neither (None)."""

    label: str
    way: str
    value: str
    beside: str
    better: bool | None
    line: str


@dataclass(frozen=True)
class Summary:
    """`label` is the version that is told of: of several the one nearest to real art."""

    label: str
    says: str
    numbers: tuple[Number, ...]


def summary(rows: Sequence[Row]) -> Summary | None:
    """Of the rows of one or several versions; None where the style was not measured."""
    style, prompts = _row(rows, STYLE), _row(rows, PROMPTS)
    copies = _row(rows, comparison.COPIES)
    if style is None:
        return None
    label = min(_versions(style), key=lambda mark: mark.value).label
    said = [_style(style, label)]
    if prompts and (base := _of(prompts, "base")):
        way = {True: "better than", False: "worse than", None: "about as well as"}
        better = comparison.compared(prompts.meaning, _own(prompts, label), base)
        said.append(f"follows its prompts {way[better]} the base")
    if copies:
        count = int(_own(copies, label).value)
        outputs = "1 output that looks" if count == 1 else f"{count} outputs that look"
        said.append(f"has {outputs} like a copy" if count else "copies nothing")
    whole = ", ".join(said[:-1]) + f" and {said[-1]}" if len(said) > 1 else said[0]
    numbers = tuple(_number(row, label) for row in (style, prompts, copies) if row)
    return Summary(label, f"{label[:1].upper()}{label[1:]} {whole}.", numbers)


def _style(row: Row, label: str) -> str:
    own, others = _own(row, label), [m for m in row.marks if m.kind != "real" and m.label != label]
    against = {m.label: comparison.compared(row.meaning, own, m) for m in others}
    beaten = [_named(name) for name, better in against.items() if better]
    if beaten:
        return f"is closer to the style than {comparison.listed(beaten)}"
    if against.get("base") is False:
        return "is farther from the style than the base"
    if not others:
        return "was measured"
    return f"can't be told apart in style from {comparison.listed([_named(n) for n in against])}"


def _number(row: Row, label: str) -> Number:
    own, digits = _own(row, label), row.meaning.digits
    beside = [
        f"{_named(mark.label)} {mark.value:,.{digits}f}"
        for mark in (_of(row, "base"), _of(row, "real"))
        if mark
    ]
    base = _of(row, "base")
    better = comparison.compared(row.meaning, own, base) if base else None
    value = f"{own.value:,.{digits}f}"
    told = row.meaning
    return Number(told.label, told.way, value, ", ".join(beside), better, told.line)


def _row(rows: Sequence[Row], start: str) -> Row | None:
    return next((row for row in rows if row.name.startswith(start) and _versions(row)), None)


def _versions(row: Row) -> list[Mark]:
    return [mark for mark in row.marks if mark.kind == "version"]


def _own(row: Row, label: str) -> Mark:
    return next(mark for mark in _versions(row) if mark.label == label)


def _of(row: Row, kind: str) -> Mark | None:
    return next((mark for mark in row.marks if mark.kind == kind), None)


def _named(label: str) -> str:
    return "the base" if label == "base" else label
